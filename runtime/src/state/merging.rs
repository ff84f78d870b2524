//! Spans that follow each other become one: exactly what a single span over both would have been, so that nobody can tell
//! from a change set where it was cut.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use statewright_types::StructId;

use super::State;
use super::added::Added;
use super::changes::{Changes, ContainerChange, Operation};
use super::course::{Course, Origin};
use super::heap::Status;
use super::keys::FixedHasher;
use super::marks::is_full;
use crate::memory::row_of;
use crate::sync::planted::{self, Leak};

type Positions<K> = HashMap<K, usize, BuildHasherDefault<FixedHasher>>;

impl Changes {
    /// Adds the changes of the next span. `state` is as it was at the end of that, or of a still later one whose
    /// changes will be added too.
    ///
    /// What came to be in the first of the spans bears no marks of the next, and of what is gone nothing is left. Takes time in
    /// proportion to all changes of both.
    pub fn merge(&mut self, later: Changes, state: &State) {
        self.merge_all(std::iter::once(later), state);
    }

    /// The same with many spans, in their order, of which `state` is at the end of the last one, or later: in time in proportion to
    /// all changes of all of them.
    pub fn merge_all(&mut self, later: impl IntoIterator<Item = Changes>, state: &State) {
        let mut later = later.into_iter().peekable();
        while self.since == 0
            && let Some(first) = later.next()
        {
            *self = first;
        }
        if later.peek().is_none() {
            return;
        }
        let mut known = Known::of(self);
        let mut hidden = std::mem::take(&mut self.hidden);
        for mut later in later {
            self.merge_added(later.added.take(), state);
            self.merge_records(&later, &mut known.records);
            hidden.extend(&later.hidden);
            self.merge_containers(later.containers, &mut known.containers);
            for change in later.roots {
                // Coming and going in turns: the second note of a root takes the first one back.
                match self.roots.iter().position(|mine| mine.ty == change.ty) {
                    Some(at) => _ = self.roots.remove(at),
                    None => self.roots.push(change),
                }
            }
        }
        self.drop_gone(state);
        self.roots.sort_by_key(|change| change.ty);
        self.drop_hidden(&hidden);
        self.hidden = hidden;
    }

    fn merge_added(&mut self, later: Option<Box<Added>>, state: &State) {
        if later.is_none() && self.added.is_none() {
            return;
        }
        let mut added = self.added.take().unwrap_or_default();
        let containers = &self.containers;
        let course = |list: u64| containers.iter().find(|change| change.container == list).map(|change| &change.course);
        added.merge(later.map_or_else(Added::default, |later| *later), course);
        // What came to be in these spans is told as a whole.
        let since = self.since;
        let is_old = |ty: StructId, record: u64| {
            let table = state.tables.get(ty.index());
            table.is_some_and(|table| table.is_live(record) && table.born(row_of(record)) < since)
        };
        added.retain(is_old, |container| state.heap.get(container).is_some_and(|entry| entry.born < since));
        self.added = Some(added).filter(|added| !added.is_empty());
    }

    fn merge_records(&mut self, later: &Changes, known: &mut Positions<(StructId, u64)>) {
        for change in &later.records {
            let at = *known.entry((change.ty, change.record)).or_insert_with(|| {
                self.records.push(super::RecordChange::new(change.ty, change.record));
                self.records.len() - 1
            });
            for field in change.fields.iter() {
                if planted::is(Leak::CutFloats)
                    && let Some(old) = later.old_of(change, field)
                {
                    // The first one that is found counts.
                    self.push_old(at, field, old);
                }
                let Some(mine) = self.records.get_mut(at).filter(|mine| !mine.fields.contains(field)) else { continue };
                mine.fields.insert(field);
                if let Some(old) = later.old_of(change, field) {
                    self.push_old(at, field, old);
                }
            }
        }
    }

    fn merge_containers(&mut self, later: Vec<ContainerChange>, known: &mut Positions<u64>) {
        for change in later {
            match known.get(&change.container).and_then(|at| self.containers.get_mut(*at)) {
                Some(mine) => mine.append(change),
                None => {
                    known.insert(change.container, self.containers.len());
                    self.containers.push(change);
                }
            }
        }
    }

    /// Drops what is gone, and what came to be in these spans.
    fn drop_gone(&mut self, state: &State) {
        let (since, before) = (self.since, self.records.len());
        self.records.retain(|change| {
            let table = state.tables.get(change.ty.index());
            table.is_some_and(|table| table.is_live(change.record) && table.born(row_of(change.record)) < since)
        });
        if self.records.len() < before {
            self.sweep_olds();
        }
        self.containers.retain(|change| {
            let container = state.heap.get(change.container);
            container.is_some_and(|container| container.status == Status::Live && container.born < since)
        });
    }
}

/// Where in a change set records and containers are.
struct Known {
    records: Positions<(StructId, u64)>,
    containers: Positions<u64>,
}

impl Known {
    fn of(changes: &Changes) -> Known {
        let records = changes.records.iter().enumerate().map(|(at, change)| ((change.ty, change.record), at));
        let containers = changes.containers.iter().enumerate().map(|(at, change)| (change.container, at));
        Known { records: records.collect(), containers: containers.collect() }
    }
}

impl ContainerChange {
    /// Adds the operations of the next span.
    fn append(&mut self, later: ContainerChange) {
        if self.is_list() && later.is_list() {
            self.length = later.length;
            self.course = self.course.then(&later.course);
            if planted::is(Leak::CutOperations) {
                let anew = std::iter::repeat_n(Origin::New, later.length);
                self.course = Course::from_origins(self.course.before(), anew);
            }
            return;
        }
        if planted::is(Leak::CutOperations) {
            self.length = later.length;
            self.operations.extend_from_slice(&later.operations);
            return;
        }
        let mut all = if self.written.is_empty() {
            std::mem::take(&mut self.operations)
        } else {
            std::mem::take(&mut self.written)
        };
        self.length = later.length;
        let added = later.written();
        // One span would have summed them up if there had been too many for the length at any moment.
        let mut length = later.length;
        let replaced = all.last() == Some(&Operation::Replace)
            || added.last() == Some(&Operation::Replace)
            || added.iter().enumerate().rev().any(|(at, operation)| {
                let is_full = is_full(all.len() + at, length);
                length = match operation {
                    Operation::Put { new: true, .. } => length.saturating_sub(1),
                    Operation::Delete { .. } => length + 1,
                    _ => length,
                };
                is_full
            });
        if replaced {
            all.clear();
            all.push(Operation::Replace);
        } else {
            all.extend_from_slice(added);
        }
        self.operations = all;
        self.compact();
    }
}
