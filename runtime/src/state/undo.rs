//! What a transaction wrote, in order, in a form that can be taken back.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_types::{StructId, Value};

use super::changes::Operation;
use crate::memory::{BufferId, Filled};

/// Set in [`FieldUndo::place`] of a field that had no change mark before.
pub const MARKED: u32 = 1 << 31;

/// How to take the most frequent write of all back, in two words. Compiled code adds such entries: docs/architecture.md.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct FieldUndo {
    /// What the field held, as a slot.
    pub old: u64,
    /// The record's row.
    pub row: u32,
    /// Which field of all types it is (`PlainField::number`), and [`MARKED`].
    pub place: u32,
}

/// How to take one other write back. Containers are named by 32 bits, as everywhere where there are many.
#[derive(Clone, Copy, Debug)]
pub(super) enum Undo {
    /// Fields were overwritten: those of `Journal::fields` from `before` on, up to what the next such entry says.
    Fields { before: u32 },
    /// A record became part of the state.
    RowNew { ty: StructId, row: u32 },
    /// A record was removed from the state.
    RowRemoved { ty: StructId, row: u32 },
    /// A container became part of the state.
    ContainerNew { container: u32 },
    /// A container was removed from the state.
    ContainerRemoved { container: u32 },
    /// A list gained an element.
    ListInsert { list: u32, at: u32, marked: bool },
    /// A list lost one.
    ListRemove { list: u32, at: u32, old: u64, marked: bool },
    /// An element was overwritten.
    ListSet { list: u32, at: u32, old: u64, marked: bool },
    /// A map gained an entry.
    MapInsert { map: u32, at: u32, marked: bool },
    /// A map lost one; its key is the last of `Journal::keys`.
    MapRemove { map: u32, at: u32, old: u64, marked: bool },
    /// An entry's value was overwritten.
    MapSet { map: u32, at: u32, old: u64, marked: bool },
    /// A container's content was replaced.
    Replace { container: u32, keys: BufferId, values: BufferId, marked: bool },
    /// An assignment that only overwrote was counted as a change of membership.
    Counted { container: u32 },
    /// A container's operations were summed up; what they were is the last of `Journal::collapsed`.
    Collapse { container: u32 },
    /// A root was active (or not), or did not exist.
    Root { ty: StructId, was: Option<bool>, marked: bool },
    /// A value of the configuration was set; what it was is the last of `Journal::settings`.
    Setting,
}

/// What was written last.
pub(super) enum Last {
    /// A field.
    Field(FieldUndo),
    /// Something else.
    Entry(Undo),
}

/// How far a journal was at some time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Point {
    entries: usize,
    /// How many writes there were.
    pub(super) written: usize,
}

/// The running transaction.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    pub(super) active: bool,
    /// Fields that were overwritten, in order.
    pub(super) fields: Filled<FieldUndo>,
    /// How many of them an `Undo::Fields` says the place of. The others came after all entries.
    placed: u32,
    /// All else, in order.
    pub(super) entries: Vec<Undo>,
    /// How many of the entries are `Undo::Fields`.
    places: u32,
    /// How many structs were added to the state.
    pub(super) added: usize,
    /// Whether a state is being loaded, which may have been made by any number of transactions.
    pub(super) loads: bool,
    /// Of each `Undo::Collapse`, what was summed up.
    pub(super) collapsed: Vec<Vec<Operation>>,
    /// The containers of those: what is written to them afterwards goes with it, and is not taken back by itself.
    pub(super) summed: BTreeSet<u32>,
    /// Of each `Undo::MapRemove`, the key.
    pub(super) keys: Vec<u64>,
    /// Of each `Undo::Setting`, which value it was and what it was before.
    pub(super) settings: Vec<(Arc<str>, Option<Value>)>,
    /// Whether an entry holds buffers.
    pub(super) holds_buffers: bool,
}

impl Journal {
    /// A field was overwritten, the most frequent write of all; `marked` if its change bit was set with that. Nothing, outside of
    /// a transaction.
    #[inline(always)]
    pub(super) fn log_field(&mut self, row: u32, number: u32, old: u64, marked: bool) {
        if self.active {
            self.fields.push(FieldUndo { old, row, place: number | if marked { MARKED } else { 0 } });
        }
    }

    /// How many writes there are in it.
    pub(super) fn written(&self) -> usize {
        self.entries.len() - self.places as usize + self.fields.len()
    }

    /// A point to come back to.
    pub(super) fn point(&mut self) -> Point {
        self.place_fields();
        Point { entries: self.entries.len(), written: self.written() }
    }

    /// Says where among the entries the fields stand that were overwritten last.
    #[inline]
    fn place_fields(&mut self) {
        let fields = self.fields.len() as u32;
        if self.placed != fields {
            self.entries.push(Undo::Fields { before: self.placed });
            (self.placed, self.places) = (fields, self.places + 1);
        }
    }

    /// Adds an entry that is no field's.
    #[inline]
    pub(super) fn push(&mut self, entry: Undo) {
        self.place_fields();
        self.entries.push(entry);
    }

    /// The last write of those after `point`, which is not among the entries any more.
    pub(super) fn pop(&mut self, point: Point) -> Option<Last> {
        loop {
            if self.fields.len() > self.placed as usize {
                return self.fields.pop().map(Last::Field);
            }
            if self.entries.len() <= point.entries {
                return None;
            }
            match self.entries.pop()? {
                Undo::Fields { before } => (self.placed, self.places) = (before, self.places.saturating_sub(1)),
                entry => return Some(Last::Entry(entry)),
            }
        }
    }

    /// Forgets everything but its memory. Most transactions overwrite fields only, if anything.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.fields.clear();
        if !self.entries.is_empty() {
            self.clear_entries();
        }
    }

    pub(super) fn clear_entries(&mut self) {
        self.entries.clear();
        (self.placed, self.places) = (0, 0);
        self.collapsed.clear();
        self.keys.clear();
        self.settings.clear();
        self.summed.clear();
        self.holds_buffers = false;
    }

    /// Makes the entries of another one, which came later, its own.
    pub(super) fn take_over(&mut self, later: &mut Journal) {
        self.place_fields();
        let before = self.placed;
        for field in later.fields.as_slice() {
            self.fields.push(*field);
        }
        for entry in later.entries.drain(..) {
            self.entries.push(match entry {
                Undo::Fields { before: within } => Undo::Fields { before: before + within },
                other => other,
            });
        }
        (self.placed, self.places) = (before + later.placed, self.places + later.places);
        (later.placed, later.places) = (0, 0);
        later.fields.clear();
        self.collapsed.append(&mut later.collapsed);
        self.summed.append(&mut later.summed);
        self.keys.append(&mut later.keys);
        self.holds_buffers |= std::mem::take(&mut later.holds_buffers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(n: u32) -> FieldUndo {
        FieldUndo { old: u64::from(n), row: n, place: 0 }
    }

    fn new(n: u32) -> Undo {
        Undo::ContainerNew { container: n }
    }

    /// What comes back, fields as they are and others from 100 on.
    fn popped(journal: &mut Journal, point: Point) -> Vec<u32> {
        let last = |last| match last {
            Last::Field(field) => field.row,
            Last::Entry(Undo::ContainerNew { container }) => 100 + container,
            Last::Entry(other) => panic!("{other:?}"),
        };
        std::iter::from_fn(|| journal.pop(point)).map(last).collect()
    }

    fn journal(writes: &[u32]) -> Journal {
        let mut journal = Journal::default();
        for write in writes {
            match write.checked_sub(100) {
                Some(container) => journal.push(new(container)),
                None => journal.fields.push(field(*write)),
            }
        }
        journal
    }

    #[test]
    fn everything_comes_back_in_reverse_order() {
        for writes in [&[][..], &[1], &[101], &[1, 2, 101, 102, 3, 103, 4, 5], &[101, 1, 102, 2], &[1, 101, 2]] {
            let mut journal = journal(writes);
            assert_eq!(journal.written(), writes.len());
            let back: Vec<u32> = writes.iter().rev().copied().collect();
            assert_eq!(popped(&mut journal, Point::default()), back);
            assert_eq!((journal.written(), journal.placed, journal.places), (0, 0, 0));
        }
    }

    #[test]
    fn a_point_is_as_far_as_it_goes() {
        for before in [&[][..], &[1], &[101], &[1, 101], &[101, 1]] {
            let mut journal = journal(before);
            let point = journal.point();
            assert_eq!(point.written, before.len());
            journal.fields.push(field(7));
            journal.push(new(8));
            journal.fields.push(field(9));
            assert_eq!((journal.written(), popped(&mut journal, point)), (before.len() + 3, vec![9, 108, 7]));
            assert_eq!(popped(&mut journal, Point::default()), before.iter().rev().copied().collect::<Vec<_>>());
        }
    }

    #[test]
    fn another_journal_comes_behind() {
        for (one, other) in [(&[1, 101, 2][..], &[3, 102, 4][..]), (&[], &[1, 101]), (&[101], &[1]), (&[1], &[])] {
            let (mut journal, mut later) = (journal(one), journal(other));
            journal.take_over(&mut later);
            let all = [one, other].concat();
            assert_eq!((journal.written(), later.written()), (all.len(), 0));
            assert_eq!(popped(&mut journal, Point::default()), all.into_iter().rev().collect::<Vec<_>>());
        }
    }
}
