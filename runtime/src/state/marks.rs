//! Marks: what is written is noted in the [`Changes`] of the span, and taken back with the transaction.

use std::sync::Arc;

use statewright_types::{StructId, planted};

use super::State;
use super::changes::{Changes, ContainerChange, FieldSet, MapKey, Operation, RootChange, Touched};
use super::course::Course;
use super::heap::{Shape, Status};
use super::kinds::{FieldInfo, Kind};
use super::olds::{OldValue, Olds};
use super::undo::Undo;
use crate::memory::{Filled, Leaves, Owner, Table, row_of};

/// As change sets keep what a field of that kind held.
fn old_value(leaves: &Leaves, kind: Kind, old: u64) -> OldValue<'_> {
    let text = || leaves.text_object(old).map_or(OldValue::Null, OldValue::Text);
    match kind {
        _ if kind.is_number() => OldValue::Number(old),
        Kind::Text => text(),
        _ if old == 0 => OldValue::Null,
        Kind::NullText => text(),
        Kind::Boxed => OldValue::Number(leaves.boxed(old)),
        _ => OldValue::Null,
    }
}

fn count(gone: &mut usize, removed: bool) {
    *gone = if removed { *gone + 1 } else { gone.saturating_sub(1) };
}

/// So many entries of what was removed are of no concern.
const FEW: usize = 64;

/// So many operations at least are kept apart before a map counts as replaced, or a list's become one.
const OPERATIONS: usize = 64;

/// Whether a map that has `length` entries after another operation, with `written` before it, counts as replaced.
pub(super) fn is_full(written: usize, length: usize) -> bool {
    // The keys of a map are not told with its length, so half as many are as long as the whole.
    written >= OPERATIONS.max(length / 2)
}

/// What the operations of a container become, with another one, if they are too many: then `length` elements or entries are in it.
fn summed_up(operations: &[Operation], last: &Operation, length: usize) -> Option<Operation> {
    let written = operations.len();
    match last {
        Operation::Replace => Some(Operation::Replace),
        Operation::Put { .. } | Operation::Delete { .. } => is_full(written, length).then_some(Operation::Replace),
        _ => {
            // As many again as the course has pieces, so that summing up costs each operation the same.
            let pieces = match operations.first() {
                Some(Operation::Arrange(course)) => course.pieces().len(),
                _ => 0,
            };
            let before = match last {
                Operation::Insert(_) => length - 1,
                Operation::Remove(_) => length + 1,
                Operation::Arrange(course) => course.before() as usize,
                _ => length,
            };
            (written >= OPERATIONS.max(pieces)).then(|| {
                let mut course = Course::default();
                course.retrace(operations, before as u32);
                Operation::Arrange(Arc::new(course))
            })
        }
    }
}

/// The records of which fields were written in the running span, and what was in those before.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// In the order in which they were first written.
    pub(super) records: Filled<Touched>,
    pub(super) olds: Olds,
}

impl Marks {
    /// Enters a field whose change bit was just set, with what it held, if that is kept. `mark` is that of its row.
    #[inline(always)]
    pub(super) fn enter(&mut self, mark: &mut u32, (ty, record): (StructId, u64), old: Option<(u32, OldValue<'_>)>) {
        if *mark == 0 {
            self.records.push(Touched { ty, olds: 0, record });
            *mark = self.records.len() as u32;
        }
        if let Some((field, value)) = old
            && let Some(touched) = self.records.at_mut(*mark as usize - 1)
        {
            touched.olds = self.olds.push(touched.olds, field, value);
        }
    }

    /// Takes that back; `is_last` of its record.
    fn leave(&mut self, table: &mut Table, row: u32, field: u32, is_last: bool) {
        let Some(at) = (table.mark(row) as usize).checked_sub(1) else { return };
        if let Some(touched) = self.records.as_mut_slice().get_mut(at) {
            touched.olds = self.olds.pop(touched.olds, field);
        }
        if is_last {
            debug_assert_eq!(at + 1, self.records.len(), "marks are undone in reverse");
            self.records.pop();
            table.set_mark(row, 0);
        }
    }
}

impl State {
    /// A copy of what changed since [`State::take_changes`], or since the state was made. Entries of removed records and
    /// containers have a reference or number of 0.
    pub fn changes(&self) -> Changes {
        let mut changes = self.changes.clone();
        for touched in self.marks.records.as_slice() {
            let table = self.tables.get(touched.ty.index()).filter(|_| touched.record != 0);
            let (low, high) = table.map_or((0, &[][..]), |table| table.dirty(row_of(touched.record)));
            changes.records.push(touched.with(FieldSet::of((low, high.to_vec()))));
        }
        changes.olds = self.marks.olds.clone();
        changes
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
        // Most spans have nothing of most of these.
        if !self.changes.containers.is_empty() {
            std::mem::swap(&mut self.changes.containers, &mut changes.containers);
        }
        if !self.changes.roots.is_empty() {
            std::mem::swap(&mut self.changes.roots, &mut changes.roots);
        }
        if !self.marks.olds.is_empty() {
            std::mem::swap(&mut self.marks.olds, &mut changes.olds);
        }
        let tables = &mut self.tables;
        let take = |touched: &Touched| {
            let table = tables.get_mut(touched.ty.index());
            touched
                .with(table.map_or(FieldSet::default(), |table| FieldSet::of(table.take_dirty(row_of(touched.record)))))
        };
        let touched = self.marks.records.as_slice().iter();
        // If their number is known beforehand, room is made for all at once.
        match self.gone_records {
            0 => changes.records.extend(touched.map(take)),
            _ => changes.records.extend(touched.filter(|touched| touched.record != 0).map(take)),
        }
        self.marks.records.clear();
        for change in &mut changes.containers {
            if let Some(container) = self.heap.get_mut(change.container) {
                container.mark = 0;
            }
            if change.container != 0 {
                change.finish(self.heap.slots(change.container).len());
            }
        }
        changes.since = self.span;
        self.span += 1;
        if self.gone_containers > 0 {
            changes.containers.retain(|change| change.container != 0);
        }
        (self.gone_records, self.gone_containers) = (0, 0);
        if !changes.roots.is_empty() {
            let there = |ty| self.roots.iter().any(|root| root.ty == ty && root.active);
            changes.roots.retain(|change| change.was != there(change.ty));
            changes.roots.sort_by_key(|change| change.ty);
        }
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
        let value = info.keeps.then(|| old_value(&self.heap.leaves, info.kind, old));
        let Some(table) = self.tables.get_mut(ty.index()) else { return false };
        let record = table.reference(row);
        if let Some(mark) = table.mark_mut(row) {
            self.marks.enter(mark, (ty, record), value.map(|value| (field, value)));
        }
        true
    }

    pub(super) fn unmark_field(&mut self, ty: StructId, row: u32, field: u32) {
        let Some(table) = self.tables.get_mut(ty.index()) else { return };
        let is_last = table.unset_dirty(row, field);
        self.marks.leave(table, row, field, is_last);
    }

    /// Writes an operation down; whether it did, for the journal.
    pub(super) fn mark_container(&mut self, number: u64, operation: impl FnOnce(&State) -> Operation) -> bool {
        let Some(container) = self.heap.get(number) else { return false };
        if container.born == self.span || self.overlay.writing || planted::is(33) {
            return false;
        }
        let mark = container.mark as usize;
        let known = mark.checked_sub(1).and_then(|at| self.changes.containers.get(at));
        if known.is_some_and(|change| change.operations.last() == Some(&Operation::Replace)) {
            return false;
        }
        let operation = operation(self);
        if mark == 0 {
            let spare = self.spare.pop();
            let mut change = spare.unwrap_or_else(|| ContainerChange::of_list(0, Course::default()));
            change.container = number;
            change.operations.push(operation);
            self.changes.containers.push(change);
            let mark = self.changes.containers.len() as u32;
            if let Some(container) = self.heap.get_mut(number) {
                container.mark = mark;
            }
            return true;
        }
        let length = self.heap.slots(number).len();
        let Some(change) = self.changes.containers.get_mut(mark - 1) else { return false };
        if let Some(sum) = summed_up(&change.operations, &operation, length) {
            let goes_on = sum != Operation::Replace;
            let operations = std::mem::replace(&mut change.operations, vec![sum]);
            // Once in a transaction is enough to take all of it back.
            if self.journal.active && self.journal.summed.insert(number as u32) {
                self.journal.collapsed.push(operations);
                self.log(Undo::Collapse { container: number as u32 });
            }
            if !goes_on {
                return false;
            }
        }
        if let Some(change) = self.changes.containers.get_mut(mark - 1) {
            change.operations.push(operation);
        }
        !(self.journal.active && self.journal.summed.contains(&(number as u32)))
    }

    pub(super) fn unmark_container(&mut self, number: u64) {
        let Some(container) = self.heap.get_mut(number) else { return };
        let mark = container.mark as usize;
        let Some(change) = mark.checked_sub(1).and_then(|at| self.changes.containers.get_mut(at)) else { return };
        change.operations.pop();
        if change.operations.is_empty() {
            container.mark = 0;
            debug_assert_eq!(mark, self.changes.containers.len(), "marks are undone in reverse");
            if let Some(mut change) = self.changes.containers.pop() {
                change.forget();
                self.spare.push(change);
            }
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
        if let Some(touched) = mark.checked_sub(1).and_then(|at| self.marks.records.as_mut_slice().get_mut(at)) {
            touched.record = reference;
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
    #[inline]
    pub(super) fn prune_changes(&mut self) {
        if self.gone_records.max(self.gone_containers) > FEW {
            self.prune_gone();
        }
    }

    #[inline(never)]
    fn prune_gone(&mut self) {
        let (Marks { records, olds }, containers) = (&mut self.marks, &mut self.changes.containers);
        let many = |total: usize, gone: usize| gone > FEW && gone * 2 > total;
        if many(records.len(), self.gone_records) {
            self.gone_records = 0;
            records.retain(|change| change.record != 0);
            for (at, touched) in records.as_slice().iter().enumerate() {
                if let Some(table) = self.tables.get_mut(touched.ty.index()) {
                    table.set_mark(row_of(touched.record), at as u32 + 1);
                }
            }
            let before = std::mem::take(olds);
            for touched in records.as_mut_slice() {
                touched.olds = olds.take_over(&before, touched.olds);
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
