//! Whether the books of a state agree with what can be reached from its roots: between transactions everything in use
//! is part of the state, is owned by the place that refers to it, and is counted as often as it is held.

use std::collections::{BTreeMap, HashMap};

use statewright_types::{StructId, Value};

use crate::memory::{BufferId, FieldPlace, Owner, row_of};
use crate::state::State;
use crate::state::heap::{Shape, Status};
use crate::state::kinds::{KeyKind, Kind, TypeId};

/// What is in a record or container, without what nested things contain: numbers and leaves by content, records and
/// containers by identity.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Picture {
    /// By type and reference.
    pub(super) records: BTreeMap<(StructId, u64), Vec<Value>>,
    /// By number: keys and values, and when it came to be.
    pub(super) containers: BTreeMap<u64, (Vec<Value>, Vec<Value>, u64)>,
}

#[derive(Default)]
struct Audit {
    picture: Picture,
    leaves: HashMap<u64, u32>,
    buffers: HashMap<BufferId, u32>,
}

/// Walks the state; panics where the books are wrong.
pub(super) fn audit(state: &State) -> Picture {
    let mut audit = Audit::default();
    for root in &state.roots {
        audit.record(state, root.ty, root.record, Owner::Root);
    }
    let statistics = state.statistics();
    assert_eq!(statistics.records, audit.picture.records.len(), "records in use and reachable");
    assert_eq!(statistics.containers, audit.picture.containers.len(), "containers in use and reachable");
    assert_eq!(state.heap.buffers.used(), audit.buffers.len(), "buffers in use and reachable");
    for (buffer, holders) in &audit.buffers {
        assert_eq!(state.heap.buffers.holders(*buffer), *holders, "holders of {buffer:?}");
    }
    for info in &state.structs {
        for field in info.fields.iter().filter(|field| field.kind.is_leaf()) {
            let word = info.template[field.slot.offset as usize / 8] >> (field.slot.offset % 8 * 8);
            audit.leaf(crate::memory::decode(word, field.slot.repr));
        }
    }
    assert_eq!(statistics.leaves, audit.leaves.len(), "leaves in use and reachable");
    for (leaf, holders) in &audit.leaves {
        assert_eq!(state.heap.leaves.holders(*leaf), *holders, "holders of leaf {leaf}");
    }
    audit.picture
}

/// What can be reached, in the middle of a transaction; panics where something is owned by another place than the one that
/// refers to it.
pub(super) fn picture(state: &State) -> Picture {
    let mut audit = Audit::default();
    for root in &state.roots {
        audit.record(state, root.ty, root.record, Owner::Root);
    }
    audit.picture
}

impl Audit {
    fn leaf(&mut self, leaf: u64) {
        if leaf > 1 {
            *self.leaves.entry(leaf).or_default() += 1;
        }
    }

    fn record(&mut self, state: &State, ty: StructId, record: u64, owner: Owner) {
        let row = row_of(record);
        let table = &state.tables[ty.index()];
        assert!(table.is_live(record), "a reachable record is live");
        assert_eq!(table.owner(row), owner);
        let fields = state.structs[ty.index()].fields.clone();
        let mut shown = Vec::new();
        for (at, info) in fields.iter().enumerate() {
            let slot = table.read(row, info.slot);
            shown.push(self.slot(state, info.kind, slot, Owner::Field { ty, row, field: at as u32 }));
        }
        assert!(self.picture.records.insert((ty, record), shown).is_none(), "reached once");
    }

    fn slot(&mut self, state: &State, kind: Kind, slot: u64, owner: Owner) -> Value {
        if kind.is_leaf() {
            self.leaf(slot);
        }
        let leaves = &state.heap.leaves;
        match kind {
            Kind::NullText | Kind::NullBytes | Kind::Boxed | Kind::NullStruct(_) if slot == 0 => Value::Null,
            Kind::NullList(_) | Kind::NullMap(..) if slot == 0 => Value::Null,
            Kind::Text | Kind::NullText => Value::Str(leaves.shared_text(slot)),
            Kind::Bytes | Kind::NullBytes => Value::Bytes(leaves.bytes(slot).into()),
            Kind::Boxed => Value::uint(leaves.boxed(slot)),
            Kind::Struct(ty) | Kind::NullStruct(ty) => {
                self.record(state, ty, slot, owner);
                Value::uint(slot)
            }
            Kind::List(element) | Kind::NullList(element) => self.container(state, Shape::List, element, slot, owner),
            Kind::Map(key, value) | Kind::NullMap(key, value) => {
                self.container(state, Shape::Map(key), value, slot, owner)
            }
            _ => Value::uint(slot),
        }
    }

    fn container(&mut self, state: &State, shape: Shape, element: TypeId, number: u64, owner: Owner) -> Value {
        let container = state.heap.get(number).expect("a reachable container exists");
        assert_eq!((container.status, container.shape, container.element), (Status::Live, shape, element));
        assert_eq!(container.owner, owner);
        for buffer in [container.keys, container.values] {
            if buffer != BufferId::default() {
                *self.buffers.entry(buffer).or_default() += 1;
            }
        }
        let kind = state.types.kind(element);
        let inner = Owner::Container(number as u32);
        let values = state.heap.values(number).to_vec();
        if let (Shape::List, Kind::Struct(ty)) = (shape, kind) {
            dense(state, ty, number, &values);
        }
        let values = values.into_iter().map(|slot| self.slot(state, kind, slot, inner)).collect();
        let key_kind = if shape == Shape::Map(KeyKind::Text) { Kind::Text } else { Kind::F64 };
        let keys = state.heap.keys(number).to_vec();
        let keys = keys.into_iter().map(|slot| self.slot(state, key_kind, slot, inner)).collect();
        let before = self.picture.containers.insert(number, (keys, values, container.born));
        assert!(before.is_none(), "reached once");
        Value::uint(number)
    }
}

/// What is said about the rows of a list is so, now and after whatever was said before.
fn dense(state: &State, ty: StructId, list: u64, elements: &[u64]) {
    let rows = elements.windows(2).all(|pair| row_of(pair[0]) + 1 == row_of(pair[1]));
    let Some(said) = state.dense(list) else { return assert!(!rows, "the rows of {elements:x?} stand in a row") };
    assert!(
        rows && said.words().len() == elements.len() * said.stride(),
        "{elements:x?} in {} words",
        said.words().len()
    );
    for (row, element) in said.words().chunks_exact(said.stride()).zip(elements) {
        for (field, info) in (0..).zip(&state.structs[ty.index()].fields) {
            let place = FieldPlace::at(ty, field, info.slot.offset, info.slot.repr);
            assert_eq!(state.load(*element, ty, field), Ok(place.of_row(row)), "field {field} of {element:x}");
        }
    }
}
