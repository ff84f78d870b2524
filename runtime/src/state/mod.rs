//! Tracked state: typed records, lists and maps, with transactions, change marks, canonical bytes and a hash.
//!
//! Values are 64-bit slots whose static types the caller knows. A struct is a reference (generation in the high half,
//! row in the low); strings, bytes, boxes, lists, maps and anonymous records are numbers; 0 is null, and the empty
//! string, list or map where null cannot be. A slot must be used at the type it has; stale and zero slots give errors
//! or neutral values, and no slot whatsoever panics.
//!
//! What belongs to the state is *live*, everything else a *value* of the running transaction, freed when that ends.
//! Storing copies into the state ([`State::store`] and the container operations); reading gives references to what is
//! there. Writes outside a transaction are permanent; values made outside one live until the next one ends.
//!
//! - `roots`: roots, there or not. `records`: structs, anonymous records, boxes. `lists`, `matching`, `maps`, `keys`: containers, keyed lookup.
//! - `editing`: numbers written with the record looked up once. `copying`: what storing means. `journal`: transactions; `undo`: what they wrote. `overlay`: effects on top of the state; `shown`: what they show;
//!   `added`: what they add.
//! - `marks`, `changes`, `olds`, `course`, `compaction`, `merging`: what changed, what was before, and how spans become one.
//! - `values`: equality, zeros, sizes. `export`, `import`, `saved`, `load`: to and from values, suspensions, JSON.
//! - `saving`: the state as data that keeps identities; `packed`: its records as bytes. `looking`: what an encoder looks at besides.
//! - `mirror`: the state for an execution in another process.
//! - `direct`: what compiled code writes by itself.
//! - `settings`: the configuration. `writers`: who may write. `canonical`: bytes and hash. `kinds`, `heap`: types and objects by number.

use std::sync::Arc;

use statewright_types::random::Streams;
use statewright_types::schema::{Initial, Role};
use statewright_types::{Limits, Schema, StructId, TrapCode};

use crate::memory::{LeafData, Table, encode, row_of};

mod added;
mod canonical;
mod changes;
mod compaction;
mod copying;
mod course;
mod direct;
mod editing;
mod export;
mod heap;
mod import;
mod journal;
mod key_index;
mod keys;
mod kinds;
mod lists;
pub mod load;
mod looking;
mod maps;
mod marks;
mod matching;
mod merging;
mod mirror;
mod olds;
mod overlay;
mod packed;
mod places;
mod records;
mod roots;
mod saved;
mod saving;
mod settings;
mod shown;
mod undo;
mod values;
mod writers;

#[cfg(test)]
mod tests;

pub use crate::memory::{DenseRows, FieldPlace, FilledView, Rows, TableView, row_words};
pub use changes::{Changes, ContainerChange, FieldSet, MapKey, Operation, RecordChange, RootChange, Touched};
pub use course::{Course, Origin, Piece};
pub use direct::{PlainField, PlainFields, WriteView};
pub use editing::Edit;
pub use import::ImportError;
pub(crate) use keys::FixedHasher;
pub use mirror::put_int;
pub use olds::{OldEntry, OldValue};
pub use saved::Saved;
pub(crate) use saving::Identities;
pub use saving::{SavedFields, SavedRoot, SavedState};
pub use settings::Settings;
pub(crate) use shown::Shown;
pub use undo::{FieldUndo, MARKED};

use heap::Heap;
use kinds::{FieldInfo, StructInfo, Types};
use marks::Marks;
use overlay::Overlay;
use places::Places;
use undo::Journal;

/// How deep data nests at most, records and containers each counting one: what is stored can be written as JSON of
/// at most `Limits::JSON_DEPTH` levels. Going deeper is `memory_limit`.
pub const NESTING: usize = Limits::JSON_DEPTH - 4;

/// How deep values that are not stored may nest; static types bound it far below.
const VALUE_NESTING: usize = 4 * Limits::JSON_DEPTH;

#[derive(Clone, Debug)]
struct Root {
    ty: StructId,
    record: u64,
    active: bool,
}

/// How many objects there are, for tests and monitoring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Records in use.
    pub records: usize,
    /// Lists, maps and anonymous records in use.
    pub containers: usize,
    /// Arrays behind them that are not empty.
    pub buffers: usize,
    /// Strings, bytes and boxes in use, those of schema defaults included.
    pub leaves: usize,
}

/// The tracked state of a session.
#[derive(Clone, Debug)]
pub struct State {
    schema: Arc<Schema>,
    types: Types,
    structs: Vec<StructInfo>,
    tables: Vec<Table>,
    heap: Heap,
    roots: Vec<Root>,
    /// Where tables and roots are.
    places: Places,
    main_root: StructId,
    journal: Journal,
    /// Effects on top of the base, within a transaction.
    overlay: Overlay,
    /// What a change of membership adds to a container's version: 1, or more while an effect writes.
    step: i64,
    /// What happened to lists, maps and roots in the current span of changes; of records see `marks`.
    changes: Changes,
    marks: Marks,
    /// Memory of earlier spans' changes.
    spare: Vec<ContainerChange>,
    /// How many entries of `marks` and `changes` are of what was removed.
    gone_records: usize,
    gone_containers: usize,
    /// Number of the current span of changes.
    span: u64,
    /// Rows to look at when the transaction ends.
    retired: Vec<(StructId, u32)>,
    streams: Streams,
    limits: Limits,
    settings: Settings,
}

impl State {
    /// Active roots with their defaults; `@auto(uuid)` is drawn. Defaults from a configuration are zero.
    /// `main_root` is active whatever its role is.
    pub fn new(schema: Arc<Schema>, main_root: StructId, seed: u64) -> State {
        State::with_settings(schema, main_root, Streams::new(seed), Settings::default())
    }

    /// The same with the given random streams and configuration; a `config:` default that is missing there, or does not
    /// fit its field, is zero.
    pub fn with_settings(schema: Arc<Schema>, main_root: StructId, streams: Streams, settings: Settings) -> State {
        let mut types = Types::default();
        let structs = kinds::describe(&schema, &mut types);
        let ids = (0..structs.len()).map(|index| StructId(index as u32));
        let tables = ids.map(|id| Table::new(schema.layout(id))).collect();
        let tables = kinds::plain_fields(&structs, tables);
        let mut state = State {
            schema,
            types,
            structs,
            tables,
            heap: Heap::default(),
            roots: Vec::new(),
            places: Places::default(),
            main_root,
            journal: Journal::default(),
            overlay: Overlay::default(),
            step: 1,
            changes: Changes::default(),
            marks: Marks::default(),
            spare: Vec::new(),
            gone_records: 0,
            gone_containers: 0,
            span: 1,
            retired: Vec::new(),
            streams,
            limits: Limits::default(),
            settings,
        };
        state.set_defaults();
        state.begin();
        let schema = state.schema.clone();
        for (index, def) in schema.types().iter().enumerate() {
            let ty = StructId(index as u32);
            if def.role == Role::ActiveRoot || ty == main_root {
                state.root_activate(ty);
            }
        }
        state.commit();
        state.take_changes();
        state
    }

    /// Puts the defaults of the schema into the templates of new records.
    fn set_defaults(&mut self) {
        let schema = self.schema.clone();
        for (index, def) in schema.types().iter().enumerate() {
            for (position, field) in def.fields.iter().enumerate() {
                let value = match &field.default {
                    Initial::Zero => continue,
                    Initial::Literal(value) => value.clone(),
                    initial @ (Initial::Config(_) | Initial::AutoUuid) => {
                        self.structs[index].dynamic.push((position as u32, initial.clone()));
                        continue;
                    }
                };
                let info = self.structs[index].fields[position];
                if info.kind.is_deep() {
                    self.structs[index].dynamic.push((position as u32, Initial::Literal(value)));
                } else if let Ok(slot) = self.import(&field.ty, &value) {
                    if info.kind.is_leaf() {
                        self.heap.leaves.hold(slot);
                    }
                    let word = &mut self.structs[index].template[info.slot.offset as usize / 8];
                    *word |= encode(slot, info.slot.repr) << (info.slot.offset % 8 * 8);
                }
            }
        }
    }

    /// The schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The type of the main root (LANGUAGE R1.2).
    pub fn main_root(&self) -> StructId {
        self.main_root
    }

    /// Random streams, rolled back with the state.
    pub fn streams(&mut self) -> &mut Streams {
        self.drawing()
    }

    /// Sets how long strings and how large collections may become.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// How long strings and how large collections may become.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many objects there are.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            records: self.tables.iter().map(Table::used).sum(),
            containers: self.heap.used(),
            buffers: self.heap.buffers.filled(),
            leaves: self.heap.leaves.used(),
        }
    }

    // Text and bytes.

    /// A string. Lengths are for the caller to check.
    pub fn string(&mut self, text: &str) -> u64 {
        if text.is_empty() {
            crate::memory::Leaves::EMPTY
        } else {
            self.heap.leaves.add(LeafData::Text(Arc::from(text)))
        }
    }

    /// The same of a text that is shared already, which spares a copy.
    pub fn string_of(&mut self, text: &Arc<str>) -> u64 {
        if text.is_empty() { crate::memory::Leaves::EMPTY } else { self.heap.leaves.add(LeafData::Text(text.clone())) }
    }

    /// The text of a string or uuid; "" for 0.
    #[inline]
    pub fn str(&self, slot: u64) -> &str {
        self.heap.leaves.text(slot)
    }

    /// The same, shared.
    pub fn shared_str(&self, slot: u64) -> Arc<str> {
        self.heap.leaves.shared_text(slot)
    }

    /// A bytes object.
    pub fn bytes(&mut self, data: &[u8]) -> u64 {
        self.heap.leaves.add(LeafData::Bytes(Arc::from(data)))
    }

    /// The bytes of a bytes object; none for 0.
    pub fn get_bytes(&self, slot: u64) -> &[u8] {
        self.heap.leaves.bytes(slot)
    }

    // Access by row, for the modules of the state.

    #[inline]
    fn field_info(&self, ty: StructId, field: u32) -> Option<FieldInfo> {
        self.structs.get(ty.index())?.fields.get(field as usize).copied()
    }

    /// The row of a reference that is not stale.
    #[inline]
    fn live_row(&self, record: u64, ty: StructId) -> Result<u32, TrapCode> {
        match self.tables.get(ty.index()) {
            Some(table) if table.is_live(record) => Ok(row_of(record)),
            _ => Err(TrapCode::StaleReference),
        }
    }

    #[inline]
    fn read_raw(&self, ty: StructId, row: u32, field: u32) -> u64 {
        match (self.field_info(ty, field), self.tables.get(ty.index())) {
            (Some(info), Some(table)) => table.read(row, info.slot),
            _ => 0,
        }
    }

    #[inline]
    fn write_raw(&mut self, ty: StructId, row: u32, field: u32, slot: u64) {
        if let (Some(info), Some(table)) = (self.field_info(ty, field), self.tables.get_mut(ty.index())) {
            table.write(row, info.slot, slot);
        }
    }
}
