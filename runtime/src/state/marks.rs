//! Marks: what is written is noted in the [`Changes`] of the span, and taken back with the transaction.

use statewright_types::{StructId, planted};

use super::State;
use super::changes::{Changes, ContainerChange, MapKey, OldValue, Operation, RecordChange, RootChange};
use super::heap::{Shape, Status};
use super::journal::Undo;
use super::kinds::{FieldInfo, Kind};
use crate::memory::{Owner, Table, row_of};

fn count(gone: &mut usize, removed: bool) {
    *gone = if removed { *gone + 1 } else { gone.saturating_sub(1) };
}

/// So many operations at least are kept apart before a container counts as replaced.
const OPERATIONS: usize = 64;
/// So many on a list at most: working out where its elements have gone takes time in proportion to the square.
const MOST_OPERATIONS: usize = 4096;

/// Whether a container that has `length` elements after another operation, with `written` before it, counts as replaced.
pub(super) fn is_full(written: usize, length: usize, is_list: bool) -> bool {
    // The keys of a map are not told with its length, so half as many are as long as the whole.
    written >= OPERATIONS.max(if is_list { length.min(MOST_OPERATIONS) } else { length / 2 })
}

impl Changes {
    /// Enters a field whose change bit was just set, with what it held, if that is kept.
    #[inline]
    pub(super) fn mark(&mut self, table: &mut Table, ty: StructId, row: u32, field: u32, old: Option<OldValue>) {
        let mut mark = table.mark(row);
        if mark == 0 {
            self.records.push(RecordChange::new(ty, table.reference(row)));
            mark = self.records.len() as u32;
            table.set_mark(row, mark);
        }
        let Some(change) = self.records.get_mut(mark as usize - 1) else { return };
        change.fields.insert(field);
        if let Some(value) = old {
            self.push_old(mark as usize - 1, field, value);
        }
    }
}

impl State {
    /// What changed since [`State::take_changes`], or since the state was made. Entries of removed records and
    /// containers have a reference or number of 0.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// What changed, without what was removed since; begins a new span. Not within a transaction.
    pub fn take_changes(&mut self) -> Changes {
        let mut changes = Changes::default();
        self.take_changes_into(&mut changes);
        changes
    }

    /// The same; the memory of what is in `changes` is used for the next span, so that nothing need be allocated.
    pub fn take_changes_into(&mut self, changes: &mut Changes) {
        debug_assert!(!self.journal.active, "changes are taken between transactions");
        changes.clear(&mut self.spare);
        std::mem::swap(&mut self.changes, changes);
        for change in changes.records.iter().filter(|change| change.record != 0) {
            if let Some(table) = self.tables.get_mut(change.ty.index()) {
                table.clear_dirty(row_of(change.record));
                table.set_mark(row_of(change.record), 0);
            }
        }
        for change in &mut changes.containers {
            if let Some(container) = self.heap.get_mut(change.container) {
                container.mark = 0;
            }
            change.length = self.heap.slots(change.container).len();
        }
        changes.since = self.span;
        self.span += 1;
        if self.gone_records > 0 {
            changes.records.retain(|change| change.record != 0);
        }
        changes.containers.retain(|change| change.container != 0);
        (self.gone_records, self.gone_containers) = (0, 0);
        changes.containers.iter_mut().for_each(ContainerChange::compact);
        let there = |ty| self.roots.iter().any(|root| root.ty == ty && root.active);
        changes.roots.retain(|change| change.was != there(change.ty));
        changes.roots.sort_by_key(|change| change.ty);
    }

    /// Who owns a list or map that is part of the state: the field of a record, or a list or map around it.
    pub fn owner(&self, container: u64) -> Option<Owner> {
        self.heap.get(container).filter(|container| container.status == Status::Live).map(|container| container.owner)
    }

    /// Marks a field as written that held `old`; whether it was not marked yet.
    #[inline]
    pub(super) fn mark_field(&mut self, ty: StructId, row: u32, field: u32, info: FieldInfo, old: u64) -> bool {
        // What effects write changes nothing in the base.
        if self.overlay.writing || planted::is(32) {
            return false;
        }
        let table = self.tables.get_mut(ty.index());
        if !table.is_some_and(|table| table.born(row) != self.span && table.set_dirty(row, field)) {
            return false;
        }
        let value = info.keeps.then(|| self.old_value(info.kind, old));
        if let Some(table) = self.tables.get_mut(ty.index()) {
            self.changes.mark(table, ty, row, field, value);
        }
        true
    }

    #[inline]
    fn old_value(&self, kind: Kind, old: u64) -> OldValue {
        match kind {
            _ if kind.is_number() => OldValue::Number(old),
            Kind::Text => OldValue::Text(self.heap.leaves.shared_text(old)),
            _ if old == 0 => OldValue::Null,
            Kind::NullText => OldValue::Text(self.heap.leaves.shared_text(old)),
            Kind::Boxed => OldValue::Number(self.heap.leaves.boxed(old)),
            _ => OldValue::Null,
        }
    }

    pub(super) fn unmark_field(&mut self, ty: StructId, row: u32, field: u32) {
        let Some(table) = self.tables.get_mut(ty.index()) else { return };
        table.unset_dirty(row, field);
        let mark = table.mark(row);
        if mark != 0 {
            self.changes.pop_old(mark as usize - 1, field);
        }
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
        if container.born == self.span || self.overlay.writing || planted::is(33) {
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
            let mut operations = self.spare.pop().unwrap_or_default();
            operations.push(operation);
            self.changes.containers.push(ContainerChange::new(number, operations, 0));
            let mark = self.changes.containers.len() as u32;
            if let Some(container) = self.heap.get_mut(number) {
                container.mark = mark;
            }
            return true;
        }
        let length = self.heap.slots(number).len();
        let full = operation == Operation::Replace || is_full(written, length, shape == Shape::List);
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
            self.spare.extend(self.changes.containers.pop().map(|change| change.operations));
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
        let Changes { records, containers, .. } = &mut self.changes;
        let mut swept = false;
        let many = |total: usize, gone: usize| gone > 64 && gone * 2 > total;
        if many(records.len(), self.gone_records) {
            self.gone_records = 0;
            records.retain(|change| change.record != 0);
            for (at, change) in records.iter().enumerate() {
                if let Some(table) = self.tables.get_mut(change.ty.index()) {
                    table.set_mark(row_of(change.record), at as u32 + 1);
                }
            }
            swept = true;
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
        if swept {
            self.changes.sweep_olds();
        }
    }

    /// Notes that a root comes or goes that was there, or was not; whether that is the first note of it.
    pub(super) fn mark_root(&mut self, ty: StructId, was: bool) -> bool {
        let first = !self.overlay.writing && self.changes.roots.iter().all(|change| change.ty != ty);
        if first {
            self.changes.roots.push(RootChange { ty, was });
        }
        first
    }

    /// A key that stays valid whatever happens to the state.
    pub(super) fn map_key(&self, map: u64, key: u64) -> MapKey {
        match self.heap.get(map).map(|container| container.shape) {
            Some(Shape::Map(super::kinds::KeyKind::Text)) => MapKey::Text(self.heap.leaves.shared_text(key)),
            _ => MapKey::Int(key),
        }
    }
}
