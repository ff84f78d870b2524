//! Spans that follow each other become one: exactly what a single span over both would have been, so that nobody can tell
//! from a change set where it was cut.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

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
    pub fn merge(&mut self, mut later: Changes, state: &State) {
        if self.since == 0 {
            *self = later;
            return;
        }
        self.merge_added(std::mem::take(&mut later.added), state);
        self.merge_records(&later, state);
        self.merge_containers(later.containers, state);
        for change in later.roots {
            // Coming and going in turns: the second note of a root takes the first one back.
            match self.roots.iter().position(|mine| mine.ty == change.ty) {
                Some(at) => _ = self.roots.remove(at),
                None => self.roots.push(change),
            }
        }
        self.roots.sort_by_key(|change| change.ty);
        let mut hidden = std::mem::take(&mut self.hidden);
        hidden.extend(&later.hidden);
        self.drop_hidden(&hidden);
        self.hidden = hidden;
    }

    fn merge_added(&mut self, later: Added, state: &State) {
        if later.is_empty() && self.added.is_empty() {
            return;
        }
        let containers = &self.containers;
        let course = |list: u64| containers.iter().find(|change| change.container == list).map(|change| &change.course);
        self.added.merge(later, course);
        // What came to be in these spans is told as a whole.
        let since = self.since;
        let is_old = |container: u64| state.heap.get(container).is_some_and(|entry| entry.born < since);
        self.added.lists.retain(|list, _| is_old(*list));
        self.added.maps.retain(|map, _| is_old(*map));
        self.added.fields.retain(|(ty, record, _), _| {
            let table = state.tables.get(ty.index());
            table.is_some_and(|table| table.is_live(*record) && table.born(row_of(*record)) < since)
        });
    }

    fn merge_records(&mut self, later: &Changes, state: &State) {
        let known = self.records.iter().enumerate().map(|(at, change)| ((change.ty, change.record), at));
        let known: Positions<_> = known.collect();
        for change in &later.records {
            let at = known.get(&(change.ty, change.record)).copied().unwrap_or_else(|| {
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
        let (since, before) = (self.since, self.records.len());
        self.records.retain(|change| {
            let table = state.tables.get(change.ty.index());
            table.is_some_and(|table| table.is_live(change.record) && table.born(row_of(change.record)) < since)
        });
        if self.records.len() < before {
            self.sweep_olds();
        }
    }

    fn merge_containers(&mut self, later: Vec<ContainerChange>, state: &State) {
        let known = self.containers.iter().enumerate().map(|(at, change)| (change.container, at));
        let known: Positions<_> = known.collect();
        for change in later {
            match known.get(&change.container).and_then(|at| self.containers.get_mut(*at)) {
                Some(mine) => mine.append(change),
                None => self.containers.push(change),
            }
        }
        let since = self.since;
        self.containers.retain(|change| {
            let container = state.heap.get(change.container);
            container.is_some_and(|container| container.status == Status::Live && container.born < since)
        });
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
