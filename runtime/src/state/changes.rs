//! What changed since the changes were last taken: fields per record, operations per list and map, in order.
//!
//! Records and containers that came to be within the span bear no marks of their own: whoever encodes the operation
//! that brought them sends them whole. Those that were removed within the span leave none.

use std::sync::Arc;

use statewright_types::StructId;

use super::State;
use super::heap::{Shape, Status};
use super::journal::Undo;
use crate::memory::{Owner, row_of};

/// A set of field positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSet {
    low: u64,
    high: Vec<u64>,
}

impl FieldSet {
    /// Whether `field` is in it.
    pub fn contains(&self, field: u32) -> bool {
        self.word(field) >> (field % 64) & 1 == 1
    }

    /// The positions, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..64 * (1 + self.high.len() as u32)).filter(|field| self.contains(*field))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.low == 0 && self.high.iter().all(|word| *word == 0)
    }

    fn word(&self, field: u32) -> u64 {
        match field / 64 {
            0 => self.low,
            word => self.high.get(word as usize - 1).copied().unwrap_or(0),
        }
    }

    fn word_mut(&mut self, field: u32) -> &mut u64 {
        let word = field as usize / 64;
        if word == 0 {
            return &mut self.low;
        }
        if self.high.len() < word {
            self.high.resize(word, 0);
        }
        // Resized just now.
        &mut self.high[word - 1]
    }

    fn insert(&mut self, field: u32) {
        *self.word_mut(field) |= 1 << (field % 64);
    }

    fn remove(&mut self, field: u32) {
        *self.word_mut(field) &= !(1 << (field % 64));
    }
}

/// Fields of a record that were written.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordChange {
    /// The record's type.
    pub ty: StructId,
    /// The reference to it; 0 if it was removed since (never in what [`State::take_changes`] gives).
    pub record: u64,
    /// Which fields. Nested structs, lists and maps bear marks of their own; the field of a nullable one is marked
    /// when it becomes null or stops being null.
    pub fields: FieldSet,
}

/// A map's key, independent of the state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MapKey {
    /// A string or uuid.
    Text(Arc<str>),
    /// An integer as a slot.
    Int(u64),
}

/// One operation on a list or map. Positions are those at the moment of the operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A list gained an element before `at`.
    Insert {
        /// Its position.
        at: u32,
        /// The reference to the element, if it is a struct; else 0.
        element: u64,
    },
    /// A list lost the element at `at`.
    Remove {
        /// Its position.
        at: u32,
        /// The (now stale) reference to the element, if it was a struct; else 0.
        element: u64,
    },
    /// The element of a list that is no struct was overwritten.
    Set {
        /// Its position.
        at: u32,
    },
    /// A map's entry was inserted or overwritten.
    Put {
        /// The key.
        key: MapKey,
        /// Whether the key was not there before.
        new: bool,
    },
    /// A map's entry was removed.
    Delete {
        /// The key.
        key: MapKey,
    },
    /// The whole content was replaced; of the elements, those that existed before kept their identity. No other
    /// operation follows, and none before it counts.
    Replace,
}

/// What happened to a list or map.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerChange {
    /// Its number; 0 if it was removed since (never in what [`State::take_changes`] gives).
    pub container: u64,
    /// In order.
    pub operations: Vec<Operation>,
}

/// Everything that changed in a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// In the order in which they were first written.
    pub records: Vec<RecordChange>,
    /// In the order in which they were first changed.
    pub containers: Vec<ContainerChange>,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.records.iter().all(|change| change.record == 0)
            && self.containers.iter().all(|change| change.container == 0)
    }
}

fn count(gone: &mut usize, removed: bool) {
    *gone = if removed { *gone + 1 } else { gone.saturating_sub(1) };
}

/// So many operations at least are kept apart before a container counts as replaced.
const OPERATIONS: usize = 64;
/// So many on a list at most: working out where its elements have gone takes time in proportion to the square.
const MOST_OPERATIONS: usize = 4096;

impl State {
    /// What changed since [`State::take_changes`], or since the state was made. Entries of removed records and
    /// containers have a reference or number of 0.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// What changed, without what was removed since; begins a new span. Not within a transaction.
    pub fn take_changes(&mut self) -> Changes {
        debug_assert!(!self.journal.active, "changes are taken between transactions");
        let mut changes = std::mem::take(&mut self.changes);
        for change in changes.records.iter().filter(|change| change.record != 0) {
            if let Some(table) = self.tables.get_mut(change.ty.index()) {
                table.clear_dirty(row_of(change.record));
                table.set_mark(row_of(change.record), 0);
            }
        }
        for change in &changes.containers {
            if let Some(container) = self.heap.get_mut(change.container) {
                container.mark = 0;
            }
        }
        self.span += 1;
        (self.gone_records, self.gone_containers) = (0, 0);
        changes.records.retain(|change| change.record != 0);
        changes.containers.retain(|change| change.container != 0);
        for change in &mut changes.containers {
            super::compaction::compact(&mut change.operations);
        }
        changes.containers.retain(|change| !change.operations.is_empty());
        changes
    }

    /// Who owns a list or map that is part of the state: the field of a record, or a list or map around it.
    pub fn owner(&self, container: u64) -> Option<Owner> {
        self.heap.get(container).filter(|container| container.status == Status::Live).map(|container| container.owner)
    }

    /// Marks a field as written.
    #[inline]
    pub(super) fn mark_field(&mut self, ty: StructId, row: u32, field: u32) {
        // What effects write changes nothing in the base.
        if self.overlay.writing {
            return;
        }
        let span = self.span;
        let table = self.tables.get_mut(ty.index());
        if table.is_some_and(|table| table.born(row) != span && table.set_dirty(row, field)) {
            self.mark_record(ty, row, field);
        }
    }

    /// Enters a field whose change bit was just set.
    pub(super) fn mark_record(&mut self, ty: StructId, row: u32, field: u32) {
        let Some(table) = self.tables.get_mut(ty.index()) else { return };
        let mut mark = table.mark(row);
        if mark == 0 {
            let record = table.reference(row);
            self.changes.records.push(RecordChange { ty, record, fields: FieldSet::default() });
            mark = self.changes.records.len() as u32;
            table.set_mark(row, mark);
        }
        if let Some(change) = self.changes.records.get_mut(mark as usize - 1) {
            change.fields.insert(field);
        }
        self.log(Undo::Mark { ty, row, field });
    }

    pub(super) fn unmark_field(&mut self, ty: StructId, row: u32, field: u32) {
        let Some(table) = self.tables.get_mut(ty.index()) else { return };
        table.unset_dirty(row, field);
        let mark = table.mark(row);
        let Some(change) = (mark as usize).checked_sub(1).and_then(|at| self.changes.records.get_mut(at)) else {
            return;
        };
        change.fields.remove(field);
        if change.fields.is_empty() {
            debug_assert_eq!(mark as usize, self.changes.records.len(), "marks are undone in reverse");
            self.changes.records.pop();
            table.set_mark(row, 0);
        }
    }

    /// Writes an operation down; whether it did, for the journal.
    pub(super) fn mark_container(&mut self, number: u64, operation: impl FnOnce(&State) -> Operation) -> bool {
        let Some(container) = self.heap.get(number) else { return false };
        if container.born == self.span || self.overlay.writing {
            return false;
        }
        let mark = container.mark as usize;
        let known = mark.checked_sub(1).and_then(|at| self.changes.containers.get(at));
        let written = known.map_or(0, |change| change.operations.len());
        if known.is_some_and(|change| change.operations.last() == Some(&Operation::Replace)) {
            return false;
        }
        let shape = container.shape;
        let operation = operation(self);
        if mark == 0 {
            self.changes.containers.push(ContainerChange { container: number, operations: vec![operation] });
            let mark = self.changes.containers.len() as u32;
            if let Some(container) = self.heap.get_mut(number) {
                container.mark = mark;
            }
            return true;
        }
        let length = self.heap.slots(number).len();
        // The keys of a map are not told with its length, so half as many are as long as the whole.
        let most = if shape == Shape::List { length.min(MOST_OPERATIONS) } else { length / 2 };
        let full = operation == Operation::Replace || written >= OPERATIONS.max(most);
        let Some(change) = self.changes.containers.get_mut(mark - 1) else { return false };
        if full {
            let operations = std::mem::replace(&mut change.operations, vec![Operation::Replace]);
            if self.journal.active {
                self.journal.collapsed.push(operations);
                self.log(Undo::Collapse { container: number as u32 });
            }
            return false;
        }
        change.operations.push(operation);
        true
    }

    pub(super) fn unmark_container(&mut self, number: u64) {
        let Some(container) = self.heap.get_mut(number) else { return };
        let mark = container.mark as usize;
        let Some(change) = mark.checked_sub(1).and_then(|at| self.changes.containers.get_mut(at)) else { return };
        change.operations.pop();
        if change.operations.is_empty() {
            container.mark = 0;
            debug_assert_eq!(mark, self.changes.containers.len(), "marks are undone in reverse");
            self.changes.containers.pop();
        }
    }

    pub(super) fn uncollapse(&mut self, number: u64, operations: Vec<Operation>) {
        let mark = self.heap.get(number).map_or(0, |container| container.mark as usize);
        if let Some(change) = mark.checked_sub(1).and_then(|at| self.changes.containers.get_mut(at)) {
            change.operations = operations;
        }
    }

    /// Lets the change entry of a record point at it (or, removed, at nothing).
    pub(super) fn point_record(&mut self, ty: StructId, row: u32, removed: bool) {
        let Some(table) = self.tables.get(ty.index()) else { return };
        let reference = if removed { 0 } else { table.reference(row) };
        let mark = table.mark(row) as usize;
        if let Some(change) = mark.checked_sub(1).and_then(|at| self.changes.records.get_mut(at)) {
            change.record = reference;
            count(&mut self.gone_records, removed);
        }
    }

    /// The same for a container.
    pub(super) fn point_container(&mut self, number: u64, removed: bool) {
        let mark = self.heap.get(number).map_or(0, |container| container.mark as usize);
        if let Some(change) = mark.checked_sub(1).and_then(|at| self.changes.containers.get_mut(at)) {
            change.container = if removed { 0 } else { number };
            count(&mut self.gone_containers, removed);
        }
    }

    /// Drops the entries of what was removed, once they are many and most, so that a state whose changes nobody takes stays
    /// small. Between transactions only.
    pub(super) fn prune_changes(&mut self) {
        let Changes { records, containers } = &mut self.changes;
        let many = |total: usize, gone: usize| gone > 64 && gone * 2 > total;
        if many(records.len(), self.gone_records) {
            self.gone_records = 0;
            records.retain(|change| change.record != 0);
            for (at, change) in records.iter().enumerate() {
                if let Some(table) = self.tables.get_mut(change.ty.index()) {
                    table.set_mark(row_of(change.record), at as u32 + 1);
                }
            }
        }
        if many(containers.len(), self.gone_containers) {
            self.gone_containers = 0;
            containers.retain(|change| change.container != 0);
            for (at, change) in containers.iter().enumerate() {
                if let Some(container) = self.heap.get_mut(change.container) {
                    container.mark = at as u32 + 1;
                }
            }
        }
    }

    /// A key that stays valid whatever happens to the state.
    pub(super) fn map_key(&self, map: u64, key: u64) -> MapKey {
        match self.heap.get(map).map(|container| container.shape) {
            Some(Shape::Map(super::kinds::KeyKind::Text)) => MapKey::Text(self.heap.leaves.shared_text(key)),
            _ => MapKey::Int(key),
        }
    }
}
