//! The state as plain data that keeps identities: records and containers are numbered in the order in which a walk from
//! the roots meets them, which is the same for a state and for its copy.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use statewright_types::config::{Config, Values};
use statewright_types::random::{Generator, StreamState, Streams};
use statewright_types::{Limits, Schema, StructId, Type, Value};

use super::packed::unpacked;
use super::{Root, Saved, Settings, State};
use crate::memory::row_of;

/// A state as data, for [`State::from_saved`].
#[derive(Clone, Debug, PartialEq)]
pub struct SavedState {
    /// The schema's hash.
    pub schema_hash: [u8; 32],
    /// The type of the main root.
    pub main_root: Arc<str>,
    /// Every root that has a record, with its fields, inactive ones too.
    pub roots: Vec<SavedRoot>,
    /// How often the membership of each live list and map has changed, in the order of the walk.
    pub versions: Vec<u64>,
    /// Seed of the random streams.
    pub seed: u64,
    /// What they draw with.
    pub generator: Generator,
    /// Where those stand that were drawn from.
    pub streams: Vec<(Arc<str>, StreamState)>,
    /// Configured values that were given last; see [`Settings::given`].
    pub given: Values,
    /// Configured values that hold.
    pub config: Values,
    /// [`State::hash`] of it.
    pub hash: [u8; 32],
}

/// A root of a saved state.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedRoot {
    /// Its type's name.
    pub name: Arc<str>,
    /// Whether it is active.
    pub active: bool,
    /// All its fields.
    pub fields: SavedFields,
}

/// The fields of a saved root.
#[derive(Clone, Debug, PartialEq)]
pub enum SavedFields {
    /// As a map.
    Value(Value),
    /// As the canonical bytes of the record, which take far less memory.
    Packed(Arc<[u8]>),
}

impl SavedFields {
    /// As a map. `ty` is the root's type in `schema`.
    ///
    /// # Errors
    /// Says where packed bytes are not what they should be.
    pub fn to_value(&self, schema: &Schema, ty: StructId) -> Result<Value, String> {
        match self {
            SavedFields::Value(fields) => Ok(fields.clone()),
            SavedFields::Packed(bytes) => unpacked(schema, ty, bytes),
        }
    }
}

/// The live records of a state, by number and by reference.
pub(crate) struct Identities {
    /// Number 1 comes first.
    records: Vec<(StructId, u64)>,
    /// Made when a number is first asked for: most sessions that are saved wait for nothing.
    numbers: OnceCell<HashMap<(StructId, u64), u64>>,
    containers: Vec<u64>,
}

/// A reference that no record ever has: generations of references are odd.
const STALE: u64 = 2 << 32;

impl Identities {
    /// `saved` with numbers in the place of references; stale ones become 0.
    pub fn number(&self, saved: &Saved) -> Saved {
        let numbers = self.numbers.get_or_init(|| self.records.iter().copied().zip(1..).collect());
        self.mapped(saved, &|ty, record| (ty, numbers.get(&(ty, record)).copied().unwrap_or(0)))
    }

    /// `saved` with references in the place of numbers.
    pub fn refer(&self, saved: &Saved) -> Saved {
        self.mapped(saved, &|ty, number| {
            let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
            let record = at.and_then(|at| self.records.get(at)).filter(|(found, _)| *found == ty);
            (ty, record.map_or(STALE, |(_, record)| *record))
        })
    }

    fn mapped(&self, saved: &Saved, map: &dyn Fn(StructId, u64) -> (StructId, u64)) -> Saved {
        let all = |parts: &[Saved]| parts.iter().map(|part| self.mapped(part, map)).collect();
        match saved {
            Saved::Live { ty, record } => {
                let (ty, record) = map(*ty, *record);
                Saved::Live { ty, record }
            }
            Saved::Container { ty, record, field } => {
                let (ty, record) = map(*ty, *record);
                Saved::Container { ty, record, field: *field }
            }
            Saved::Some(inside) => Saved::Some(Box::new(self.mapped(inside, map))),
            Saved::List(parts) => Saved::List(all(parts)),
            Saved::Fields(parts) => Saved::Fields(all(parts)),
            Saved::Map(entries) => Saved::Map(
                entries.iter().map(|(key, value)| (self.mapped(key, map), self.mapped(value, map))).collect(),
            ),
            Saved::Null | Saved::Slot(_) | Saved::Text(_) | Saved::Bytes(_) => saved.clone(),
        }
    }
}

impl State {
    /// The whole state as data, fields as values. To be called between transactions.
    pub fn to_saved(&self) -> SavedState {
        let fields = |root: &Root| self.export(&Type::Struct(root.ty), root.record).unwrap_or(Value::Null);
        self.saved_with(&|root| SavedFields::Value(fields(root)))
    }

    /// The same, fields as bytes.
    pub fn to_packed(&self) -> SavedState {
        self.saved_with(&|root| SavedFields::Packed(self.pack_record(root.ty, root.record)))
    }

    fn saved_with(&self, fields: &dyn Fn(&Root) -> SavedFields) -> SavedState {
        let name = |ty: StructId| self.schema.types().get(ty.index()).map(|def| def.name.clone()).unwrap_or_default();
        let root = |root: &Root| SavedRoot { name: name(root.ty), active: root.active, fields: fields(root) };
        let version = |container: &u64| self.heap.get(*container).map_or(0, |container| container.version);
        SavedState {
            schema_hash: *self.schema.hash(),
            main_root: name(self.main_root),
            roots: self.roots.iter().map(root).collect(),
            versions: self.identities().containers.iter().map(version).collect(),
            seed: self.streams.seed(),
            generator: self.streams.generator(),
            streams: self.streams.states().map(|(name, state)| (name.clone(), state)).collect(),
            given: self.settings.given().clone(),
            config: self.settings.values().clone(),
            hash: self.hash(),
        }
    }

    /// The state again: equal content, hash and streams, no change marks. `declared` is the configuration of the program
    /// that it was saved under, `limits` are those for the methods that build.
    ///
    /// # Errors
    /// Says what does not fit, if it was saved with another schema or is not what was saved.
    pub fn from_saved(
        schema: Arc<Schema>,
        saved: &SavedState,
        declared: Option<Arc<Config>>,
        limits: Limits,
    ) -> Result<State, String> {
        if saved.schema_hash != *schema.hash() {
            return Err("it was saved with another schema".to_owned());
        }
        let Some(main_root) = schema.by_name(&saved.main_root) else {
            return Err(format!("the schema has no type `{}`", saved.main_root));
        };
        let streams = Streams::with_generator(saved.seed, saved.generator);
        let mut state = State::filled(schema, main_root, saved, declared, limits, streams)?;
        let containers = state.identities().containers;
        if containers.len() != saved.versions.len() {
            return Err(format!("it has {} lists and maps, not {}", containers.len(), saved.versions.len()));
        }
        for (container, version) in containers.into_iter().zip(&saved.versions) {
            if let Some(container) = state.heap.get_mut(container) {
                container.version = *version;
            }
        }
        state.take_changes();
        state.streams = Streams::restore(saved.seed, saved.generator, saved.streams.iter().cloned());
        if state.hash() != saved.hash {
            return Err("the state does not have the hash that it was saved with".to_owned());
        }
        Ok(state)
    }

    /// A state of converted roots, under another schema. Identities and versions begin anew. With `draws`, defaults of new
    /// fields draw from the streams, which go on from there; else these stay where they were.
    pub(crate) fn migrated(
        schema: Arc<Schema>,
        main_root: StructId,
        saved: &SavedState,
        declared: Option<Arc<Config>>,
        limits: Limits,
        draws: bool,
    ) -> Result<State, String> {
        let streams = Streams::restore(saved.seed, saved.generator, saved.streams.iter().cloned());
        let mut state = State::filled(schema, main_root, saved, declared, limits, streams.clone())?;
        state.take_changes();
        if !draws {
            state.streams = streams;
        }
        Ok(state)
    }

    /// A state with the fields of saved roots.
    fn filled(
        schema: Arc<Schema>,
        main_root: StructId,
        saved: &SavedState,
        declared: Option<Arc<Config>>,
        limits: Limits,
        streams: Streams,
    ) -> Result<State, String> {
        let settings = Settings::restore(declared, &saved.given, &saved.config);
        let mut state = State::with_settings(schema.clone(), main_root, streams, settings);
        state.set_limits(limits);
        state.begin_load();
        let mut filled = Ok(());
        for root in &saved.roots {
            let ty = schema.by_name(&root.name).ok_or_else(|| format!("the schema has no type `{}`", root.name));
            filled = filled.and_then(|()| state.fill_root(ty?, root));
        }
        state.commit();
        filled.map(|()| state)
    }

    fn fill_root(&mut self, ty: StructId, saved: &SavedRoot) -> Result<(), String> {
        if ty != self.main_root && !self.schema.roots().contains(&ty) {
            return Err(format!("`{}` is no root", saved.name));
        }
        self.root_activate(ty);
        let record = self.root(ty).map_err(|trap| trap.message().to_owned())?;
        match &saved.fields {
            SavedFields::Packed(bytes) => self.unpack_record(ty, record, bytes)?,
            SavedFields::Value(Value::Map(fields)) => self.fill_fields(ty, record, fields)?,
            SavedFields::Value(_) => return Err(format!("the root `{}` has no fields", saved.name)),
        }
        if let Some(root) = self.roots.iter_mut().find(|root| root.ty == ty) {
            // The main root is always there.
            root.active = saved.active || ty == self.main_root;
        }
        Ok(())
    }

    fn fill_fields(&mut self, ty: StructId, record: u64, fields: &[(Arc<str>, Value)]) -> Result<(), String> {
        let schema = self.schema.clone();
        let Some(def) = schema.types().get(ty.index()) else { return Ok(()) };
        for (name, value) in fields {
            let field = def.field(name).and_then(|at| Some((at, def.fields.get(at)?)));
            let Some((at, field)) = field else { return Err(format!("`{}` has no field `{name}`", def.name)) };
            let slot = self.import(&field.ty, value).map_err(|error| format!("`{name}`: {error}"))?;
            self.store(record, ty, at as u32, slot).map_err(|trap| format!("`{name}`: {}", trap.message()))?;
        }
        Ok(())
    }

    /// Numbers everything that is part of the state.
    pub(crate) fn identities(&self) -> Identities {
        let mut found = Identities { records: Vec::new(), numbers: OnceCell::new(), containers: Vec::new() };
        for root in &self.roots {
            self.walk_record(root.ty, root.record, &mut found);
        }
        found
    }

    // These recurse on data, which nests at most `NESTING` deep.

    fn walk_record(&self, ty: StructId, record: u64, found: &mut Identities) {
        let Some(def) = self.schema.types().get(ty.index()) else { return };
        found.records.push((ty, record));
        for (at, field) in def.fields.iter().enumerate() {
            self.walk_value(&field.ty, self.read_raw(ty, row_of(record), at as u32), found);
        }
    }

    fn walk_value(&self, ty: &Type, slot: u64, found: &mut Identities) {
        match ty {
            Type::Nullable(_) if slot == 0 => {}
            Type::Nullable(inner) => self.walk_value(inner, self.inside(inner, slot), found),
            Type::Struct(id) => self.walk_record(*id, slot, found),
            Type::List(element) | Type::Map(_, element) => {
                found.containers.push(slot);
                if matches!(**element, Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 | Type::String) {
                    return;
                }
                for slot in self.heap.values(slot) {
                    self.walk_value(element, *slot, found);
                }
            }
            Type::Bool
            | Type::Int(_)
            | Type::Float32
            | Type::Float64
            | Type::String
            | Type::Uuid
            | Type::Bytes
            | Type::Record(_) => {}
        }
    }
}
