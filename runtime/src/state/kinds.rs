//! Static types by number, and what each means for storing: the form in which the state's inner loops know types.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use statewright_types::layout::{FieldSlot, Repr};
use statewright_types::scalar::{canonical_nan, fround32};
use statewright_types::schema::Initial;
use statewright_types::{IntKind, Schema, StructId, Type};

use super::keys::FixedHasher;
use crate::memory::{Table, decode, encode};
use crate::visibility::scope_fields;

/// A type of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TypeId(u32);

impl TypeId {
    /// Of a container that is none.
    pub(super) const NONE: TypeId = TypeId(u32::MAX);
}

/// How keys of a map compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// By code point.
    Text,
    /// As numbers.
    Int(IntKind),
}

/// What a type means for storing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int(IntKind),
    F32,
    F64,
    /// String or uuid; 0 is the empty one.
    Text,
    /// The same, but 0 is null.
    NullText,
    Bytes,
    NullBytes,
    /// A nullable number or bool.
    Boxed,
    Struct(StructId),
    NullStruct(StructId),
    List(TypeId),
    NullList(TypeId),
    Map(KeyKind, TypeId),
    NullMap(KeyKind, TypeId),
    /// Anonymous: never in the state.
    Record,
}

impl Kind {
    /// A number or bool, held in the slot itself.
    #[inline]
    pub(super) fn is_number(self) -> bool {
        matches!(self, Kind::Bool | Kind::Int(_) | Kind::F32 | Kind::F64)
    }

    /// Whether its objects are counted leaves.
    pub(super) fn is_leaf(self) -> bool {
        matches!(self, Kind::Text | Kind::NullText | Kind::Bytes | Kind::NullBytes | Kind::Boxed)
    }

    /// Whether it is stored by copying records or containers.
    pub(super) fn is_deep(self) -> bool {
        self.is_container() || matches!(self, Kind::Struct(_) | Kind::NullStruct(_))
    }

    /// List or map, nullable or not.
    pub(super) fn is_container(self) -> bool {
        matches!(self, Kind::List(_) | Kind::NullList(_) | Kind::Map(..) | Kind::NullMap(..))
    }

    /// A number or bool as it reads back after a store: narrow, rounded, the canonical NaN.
    #[inline]
    pub(super) fn normalise(self, slot: u64) -> u64 {
        match self {
            Kind::Bool => u64::from(slot != 0),
            Kind::Int(kind) => {
                let repr = Repr::of(&Type::Int(kind));
                decode(encode(slot, repr), repr)
            }
            Kind::F32 => canonical_nan(fround32(f64::from_bits(slot))).to_bits(),
            Kind::F64 => canonical_nan(f64::from_bits(slot)).to_bits(),
            _ => slot,
        }
    }
}

/// All types that were met, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Types {
    types: Vec<Type>,
    kinds: Vec<Kind>,
    numbers: HashMap<Type, TypeId, BuildHasherDefault<FixedHasher>>,
    /// The last types asked for, by where they stand in memory: the same instruction asks with the same one.
    recent: [Option<(Arc<Type>, TypeId)>; 8],
}

impl Types {
    /// The number of `ty`.
    pub(super) fn id(&mut self, ty: &Type) -> TypeId {
        if let Some(id) = self.numbers.get(ty) {
            return *id;
        }
        let kind = self.kind_of(ty);
        let id = TypeId(self.types.len() as u32);
        self.types.push(ty.clone());
        self.kinds.push(kind);
        self.numbers.insert(ty.clone(), id);
        id
    }

    /// The number of a type that is shared. Fast for the few that were asked for last.
    pub(super) fn shared_id(&mut self, ty: &Arc<Type>) -> TypeId {
        let place = Arc::as_ptr(ty) as usize / 16 % self.recent.len();
        if let Some(Some((known, id))) = self.recent.get(place)
            && Arc::ptr_eq(known, ty)
        {
            return *id;
        }
        let id = self.id(ty);
        if let Some(entry) = self.recent.get_mut(place) {
            *entry = Some((ty.clone(), id));
        }
        id
    }

    fn kind_of(&mut self, ty: &Type) -> Kind {
        match ty {
            Type::Bool => Kind::Bool,
            Type::Int(kind) => Kind::Int(*kind),
            Type::Float32 => Kind::F32,
            Type::Float64 => Kind::F64,
            Type::String | Type::Uuid => Kind::Text,
            Type::Bytes => Kind::Bytes,
            Type::List(element) => Kind::List(self.id(element)),
            Type::Map(key, value) => Kind::Map(key_kind(key), self.id(value)),
            Type::Struct(id) => Kind::Struct(*id),
            Type::Record(_) => Kind::Record,
            Type::Nullable(inner) => match self.kind_of(inner) {
                Kind::Bool | Kind::Int(_) | Kind::F32 | Kind::F64 => Kind::Boxed,
                Kind::Text => Kind::NullText,
                Kind::Bytes => Kind::NullBytes,
                Kind::Struct(id) => Kind::NullStruct(id),
                Kind::List(element) => Kind::NullList(element),
                Kind::Map(key, value) => Kind::NullMap(key, value),
                already => already,
            },
        }
    }

    /// What it means for storing.
    #[inline]
    pub(super) fn kind(&self, id: TypeId) -> Kind {
        self.kinds.get(id.0 as usize).copied().unwrap_or(Kind::Bool)
    }

    /// The type.
    pub(super) fn get(&self, id: TypeId) -> &Type {
        self.types.get(id.0 as usize).unwrap_or(&Type::Bool)
    }
}

/// How keys of type `key` compare.
pub(super) fn key_kind(key: &Type) -> KeyKind {
    match key {
        Type::Int(kind) => KeyKind::Int(*kind),
        _ => KeyKind::Text,
    }
}

/// What the state needs to know of a field.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldInfo {
    pub(super) slot: FieldSlot,
    pub(super) kind: Kind,
    /// Which of all types' fields it is.
    pub(super) number: u32,
    /// Of a list of structs with `@key`: the position of that field in the element.
    pub(super) key: Option<u32>,
    /// Whether some list is keyed by this field.
    pub(super) is_key: bool,
    /// Whether change sets keep what it held before.
    pub(super) keeps: bool,
}

impl FieldInfo {
    /// Whether overwriting it, the field `at` that position, is writing its bits, a mark and an undo entry: a number that no
    /// list is keyed by, whose change bit is in the head.
    pub(super) fn is_plain(&self, at: u32) -> bool {
        self.kind.is_number() && !self.is_key && at < 64
    }
}

/// What the state needs to know of a struct type.
#[derive(Clone, Debug)]
pub(super) struct StructInfo {
    pub(super) fields: Vec<FieldInfo>,
    /// The number of its first field, or of the next one of all types.
    pub(super) first: u32,
    /// Whether it has neither structs nor containers, so that copying words copies it.
    pub(super) flat: bool,
    /// Whether it has leaves, which must be counted.
    pub(super) leaves: bool,
    /// Its defaults, as far as words can hold them: numbers, bools, texts (pinned by the state).
    pub(super) template: Vec<u64>,
    /// Fields whose default is drawn or built for each record: `@auto(uuid)` and defaults of containers and structs.
    pub(super) dynamic: Vec<(u32, Initial)>,
}

/// The tables, which now know of which fields nothing but the bits need be written.
pub(super) fn plain_fields(structs: &[StructInfo], mut tables: Vec<Table>) -> Vec<Table> {
    for (info, table) in structs.iter().zip(&mut tables) {
        for (at, field) in (0..).zip(&info.fields).filter(|(at, field)| field.is_plain(*at)) {
            table.set_plain(at, field.number, field.keeps);
        }
    }
    tables
}

/// Everything of `schema`, by struct; templates are still zero.
pub(super) fn describe(schema: &Arc<Schema>, types: &mut Types) -> Vec<StructInfo> {
    let mut structs: Vec<StructInfo> = Vec::with_capacity(schema.types().len());
    let mut keyed = Vec::new();
    let mut number = 0;
    for (index, def) in schema.types().iter().enumerate() {
        let layout = schema.layout(StructId(index as u32));
        let (first, mut fields) = (number, Vec::with_capacity(def.fields.len()));
        for (field, slot) in def.fields.iter().zip(&layout.fields) {
            let id = types.id(&field.ty);
            let element = match field.ty.non_null() {
                Type::List(element) => match element.non_null() {
                    Type::Struct(id) => Some(*id),
                    _ => None,
                },
                _ => None,
            };
            let key = element.zip(field.key.as_deref()).and_then(|(element, name)| {
                let position = schema.types().get(element.index())?.field(name)? as u32;
                keyed.push((element, position));
                Some(position)
            });
            fields.push(FieldInfo { slot: *slot, kind: types.kind(id), number, key, is_key: false, keeps: false });
            number += 1;
        }
        let flat = !fields.iter().any(|field| field.kind.is_deep());
        let leaves = fields.iter().any(|field| field.kind.is_leaf());
        let template = vec![0; layout.stride as usize / 8];
        structs.push(StructInfo { fields, first, flat, leaves, template, dynamic: Vec::new() });
    }
    for (element, position) in keyed {
        let field = structs.get_mut(element.index()).and_then(|info| info.fields.get_mut(position as usize));
        if let Some(field) = field {
            field.is_key = true;
        }
    }
    let floats = structs.iter_mut().flat_map(|info| &mut info.fields);
    floats.for_each(|field| field.keeps = matches!(field.kind, Kind::F32 | Kind::F64));
    for (ty, position) in scope_fields(schema) {
        let field = structs.get_mut(ty.index()).and_then(|info| info.fields.get_mut(position));
        if let Some(field) = field {
            field.keeps = true;
        }
    }
    structs
}
