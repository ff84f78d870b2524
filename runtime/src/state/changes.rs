//! What changed since the changes were last taken: fields per record, operations per list and map, in order.
//!
//! Records and containers that came to be within the span bear no marks of their own: whoever encodes the operation
//! that brought them sends them whole. Those that were removed within the span leave none.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_types::StructId;

use super::added::Added;
use super::course::Course;
use super::olds::{OldValue, Olds};

/// A set of field positions.
#[derive(Clone, Debug, Default, Eq)]
pub struct FieldSet {
    low: u64,
    /// Of types with more than 64 fields, which are few: a word here, for there is a set for each record of a span.
    #[allow(clippy::box_collection)]
    high: Option<Box<Vec<u64>>>,
}

impl PartialEq for FieldSet {
    #[inline]
    fn eq(&self, other: &FieldSet) -> bool {
        self.low == other.low && (self.high.is_none() && other.high.is_none() || self.high() == other.high())
    }
}

impl FieldSet {
    /// Of positions as bits: the first 64, and the rest.
    #[inline]
    pub(super) fn of((low, high): (u64, Vec<u64>)) -> FieldSet {
        FieldSet { low, high: if high.is_empty() { None } else { Some(Box::new(high)) } }
    }

    #[inline]
    fn high(&self) -> &[u64] {
        self.high.as_ref().map_or(&[], |high| high)
    }

    /// As many words beyond the first as that, at least.
    fn high_mut(&mut self, words: usize) -> &mut Vec<u64> {
        let high = self.high.get_or_insert_default();
        if high.len() < words {
            high.resize(words, 0);
        }
        high
    }

    /// Whether `field` is in it.
    #[inline]
    pub fn contains(&self, field: u32) -> bool {
        self.word(field) >> (field % 64) & 1 == 1
    }

    /// The positions, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let mut rest = self.low;
        let mut high = self.high().iter();
        let mut start = 0;
        std::iter::from_fn(move || {
            while rest == 0 {
                rest = *high.next()?;
                start += 64;
            }
            let field = start + rest.trailing_zeros();
            rest &= rest - 1;
            Some(field)
        })
    }

    /// The position in it, if it is the only one.
    #[inline]
    pub fn only(&self) -> Option<u32> {
        (self.high.is_none() && self.low.is_power_of_two()).then(|| self.low.trailing_zeros())
    }

    /// Whether all of it is in another set, too.
    #[inline]
    pub fn is_within(&self, other: &FieldSet) -> bool {
        let word = |(word, more): (u32, &u64)| *more & !other.word(64 * word) == 0;
        self.low & !other.low == 0 && (self.high.is_none() || (1..).zip(self.high()).all(word))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.low == 0 && self.high().iter().all(|word| *word == 0)
    }

    fn word(&self, field: u32) -> u64 {
        match field / 64 {
            0 => self.low,
            word => self.high().get(word as usize - 1).copied().unwrap_or(0),
        }
    }

    fn word_mut(&mut self, field: u32) -> &mut u64 {
        let word = field as usize / 64;
        if word == 0 {
            return &mut self.low;
        }
        // There are so many, now.
        &mut self.high_mut(word)[word - 1]
    }

    /// Adds a position.
    #[inline]
    pub fn insert(&mut self, field: u32) {
        *self.word_mut(field) |= 1 << (field % 64);
    }

    /// Whether it has the same of the positions in `within` as another set.
    #[inline]
    pub fn is_same_within(&self, other: &FieldSet, within: &FieldSet) -> bool {
        if within.high.is_none() {
            return (self.low ^ other.low) & within.low == 0;
        }
        let words = 0..=within.high().len() as u32;
        words.map(|word| word * 64).all(|at| (self.word(at) ^ other.word(at)) & within.word(at) == 0)
    }

    /// Adds all positions of another set.
    pub fn insert_all(&mut self, other: &FieldSet) {
        self.low |= other.low;
        if other.high.is_some() {
            let more = other.high();
            self.high_mut(more.len()).iter_mut().zip(more).for_each(|(word, more)| *word |= more);
        }
    }

    pub(super) fn remove(&mut self, field: u32) {
        *self.word_mut(field) &= !(1 << (field % 64));
    }
}

/// A record of which fields were written in the running span. Which, its row knows. Compiled code adds such entries:
/// docs/architecture.md.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Touched {
    /// Its type.
    pub ty: StructId,
    /// The number of the first of its old values, from 1; 0 is none.
    pub olds: u32,
    /// The reference to it; 0 if it was removed since.
    pub record: u64,
}

impl Default for Touched {
    fn default() -> Touched {
        Touched { ty: StructId(0), olds: 0, record: 0 }
    }
}

impl Touched {
    #[inline]
    pub(super) fn with(self, fields: FieldSet) -> RecordChange {
        let Touched { ty, olds, record } = self;
        RecordChange { ty, record, fields, olds }
    }
}

/// Fields of a record that were written.
#[derive(Clone, Debug)]
pub struct RecordChange {
    /// The record's type.
    pub ty: StructId,
    /// The reference to it.
    pub record: u64,
    /// Which fields. Nested structs, lists and maps bear marks of their own; the field of a nullable one is marked
    /// when it becomes null or stops being null.
    pub fields: FieldSet,
    /// The number of the first of its old values, from 1; 0 is none.
    pub(super) olds: u32,
}

impl RecordChange {
    /// Of a record that has no old values (yet).
    pub fn new(ty: StructId, record: u64) -> RecordChange {
        RecordChange { ty, record, fields: FieldSet::default(), olds: 0 }
    }
}

/// A root that came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootChange {
    /// Its type.
    pub ty: StructId,
    /// Whether it was there when the span began. It is not, now, if it was; and the other way round.
    pub was: bool,
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
    /// A list gained an element before that position.
    Insert(u32),
    /// A list lost the element at that position.
    Remove(u32),
    /// The element of a list that is no struct was overwritten.
    Set(u32),
    /// A list became another; or several operations, in one.
    Arrange(Arc<Course>),
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
    /// The whole content of a map was replaced. No other operation follows, and none before it counts.
    Replace,
}

/// What happened to a list or map.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerChange {
    /// Its number; 0 if it was removed since (never in what [`State::take_changes`](super::State::take_changes) gives).
    pub container: u64,
    /// Of a map, in order, without those that cancel out: none, if all did. Of a list none, once the changes are taken.
    pub operations: Vec<Operation>,
    /// Of a list, once the changes are taken: how it became what it is at the end of the span.
    pub course: Course,
    /// All of a map's as they were written, if that is more.
    pub(super) written: Vec<Operation>,
    /// How many elements or entries it had at the end of the span.
    pub(super) length: usize,
}

impl ContainerChange {
    /// Of a map that has `length` entries now.
    pub fn of_map(container: u64, operations: Vec<Operation>, length: usize) -> ContainerChange {
        ContainerChange { container, operations, length, course: Course::default(), written: Vec::new() }
    }

    /// Of a list.
    pub fn of_list(container: u64, course: Course) -> ContainerChange {
        let length = course.now() as usize;
        ContainerChange { container, course, length, operations: Vec::new(), written: Vec::new() }
    }

    /// Whether nothing happened after all.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.course.is_still()
    }
}

/// Everything that changed in a span.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// In the order in which they were first written.
    pub records: Vec<RecordChange>,
    /// In the order in which they were first changed.
    pub containers: Vec<ContainerChange>,
    /// In the order of their types.
    pub roots: Vec<RootChange>,
    pub(super) olds: Olds,
    /// What effects hid at some time.
    pub(super) hidden: Hidden,
    /// What effects added, where something hidden of it changed.
    pub(super) added: Option<Box<Added>>,
    /// The first of the spans that this one is made of.
    pub(super) since: u64,
}

/// Records and containers that were not to be seen at some time. What comes back is told as a whole by whoever holds it: of what
/// happened inside, before and after, nothing is.
#[derive(Clone, Debug, Default)]
pub(super) struct Hidden {
    pub(super) records: BTreeSet<(StructId, u64)>,
    pub(super) containers: BTreeSet<u64>,
}

impl Hidden {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.containers.is_empty()
    }

    /// Adds another one.
    pub(super) fn extend(&mut self, other: &Hidden) {
        self.records.extend(&other.records);
        self.containers.extend(&other.containers);
    }
}

impl PartialEq for Changes {
    /// Whether they say the same.
    fn eq(&self, other: &Changes) -> bool {
        let same = |(a, b): (&RecordChange, &RecordChange)| {
            let olds = || a.fields.iter().all(|field| self.old_of(a, field) == other.old_of(b, field));
            (a.ty, a.record) == (b.ty, b.record) && a.fields == b.fields && olds()
        };
        self.records.len() == other.records.len()
            && self.records.iter().zip(&other.records).all(same)
            && self.containers == other.containers
            && self.roots == other.roots
            && self.added == other.added
    }
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.records.iter().all(|change| change.record == 0)
            && self.containers.iter().all(|change| change.container == 0 || change.is_empty())
            && self.roots.is_empty()
            && self.added.is_none()
    }

    /// The record that changed, if nothing else did.
    #[inline]
    pub(crate) fn lone_record(&self) -> Option<&RecordChange> {
        let ([change], [], []) = (&*self.records, &*self.containers, &*self.roots) else { return None };
        if self.added.is_some() { None } else { Some(change) }
    }

    /// What a field of a record held before, if that was kept. Looks through all records: see [`Changes::old_of`].
    pub fn old(&self, ty: StructId, record: u64, field: u32) -> Option<OldValue<'_>> {
        let change = self.records.iter().find(|change| change.ty == ty && change.record == record)?;
        self.old_of(change, field)
    }

    /// The same for one of the `records`.
    #[inline]
    pub fn old_of(&self, change: &RecordChange, field: u32) -> Option<OldValue<'_>> {
        self.olds.get(change.olds, field)
    }

    /// Whether anything is known of what fields of one of the `records` held before.
    #[inline]
    pub(crate) fn has_old(&self, change: &RecordChange) -> bool {
        change.olds != 0
    }

    /// The number that a field of one of the `records` held before, if that was kept and is one.
    #[inline]
    pub(crate) fn old_number(&self, change: &RecordChange, field: u32) -> Option<u64> {
        self.olds.number(change.olds, field)
    }

    pub(super) fn push_old(&mut self, record: usize, field: u32, value: OldValue<'_>) {
        let Some(change) = self.records.get_mut(record) else { return };
        change.olds = self.olds.push(change.olds, field, value);
    }

    /// Drops what happened inside of what was hidden.
    pub(super) fn drop_hidden(&mut self, hidden: &Hidden) {
        if hidden.is_empty() {
            return;
        }
        let before = self.records.len();
        self.records.retain(|change| !hidden.records.contains(&(change.ty, change.record)));
        self.containers.retain(|change| !hidden.containers.contains(&change.container));
        if let Some(added) = &mut self.added {
            let is_seen = |ty, record| !hidden.records.contains(&(ty, record));
            added.retain(is_seen, |container| !hidden.containers.contains(&container));
            self.added = self.added.take().filter(|added| !added.is_empty());
        }
        if self.records.len() < before {
            self.sweep_olds();
        }
    }

    /// Drops the old values of records that are not listed any more.
    pub(super) fn sweep_olds(&mut self) {
        let olds = std::mem::take(&mut self.olds);
        for change in &mut self.records {
            change.olds = self.olds.take_over(&olds, change.olds);
        }
    }

    /// Forgets everything but its memory; that of containers goes to `spare`.
    #[inline]
    pub(super) fn clear(&mut self, spare: &mut Vec<ContainerChange>) {
        self.records.clear();
        self.olds.clear();
        self.roots.clear();
        if !self.hidden.is_empty() {
            self.hidden = Hidden::default();
        }
        self.added = None;
        if self.containers.is_empty() {
            return;
        }
        for mut change in self.containers.drain(..) {
            if spare.len() < SPARE {
                change.forget();
                spare.push(change);
            }
        }
    }
}

impl ContainerChange {
    /// Forgets everything but some memory.
    pub(super) fn forget(&mut self) {
        self.operations.clear();
        self.operations.shrink_to(SPARE_OPERATIONS);
        self.written = Vec::new();
        self.course.forget();
    }
}

/// How many changes of containers are kept for later, and room for how many operations in each.
const SPARE: usize = 1024;
pub(super) const SPARE_OPERATIONS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn set(fields: &[u32]) -> FieldSet {
        let mut set = FieldSet::default();
        fields.iter().for_each(|field| set.insert(*field));
        set
    }

    #[test]
    fn sets_of_any_width_give_back_what_is_in_them() {
        for fields in [&[][..], &[0], &[63], &[64], &[0, 5, 63], &[3, 64, 127, 128], &[130, 200]] {
            assert_eq!(set(fields).iter().collect::<Vec<_>>(), fields);
        }
        assert_eq!((set(&[5]).only(), set(&[5, 6]).only(), set(&[]).only()), (Some(5), None, None));
        assert!(set(&[1, 70]).is_within(&set(&[1, 2, 70])) && set(&[]).is_within(&set(&[])));
        assert!(!set(&[1, 70]).is_within(&set(&[1, 2])) && !set(&[1]).is_within(&set(&[2, 70])));
    }
}
