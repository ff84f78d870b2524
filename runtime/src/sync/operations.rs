//! Operations on lists and maps as steps.

use super::emit::Emitter;
use super::tables::{Kind, KindId};
use super::tree::Node;
use crate::state::{ContainerChange, Operation};
use crate::wire::codes::{list, map};
use crate::wire::varint;

/// From so many values in a row on, they travel without a tag each.
const VALUES: usize = 4;

impl Emitter<'_> {
    /// What happened to a list; the trail leads to it.
    pub(super) fn list_operations(&mut self, node: &Node, element: KindId) {
        let changes = self.changes;
        let Some(change) = changes.containers.get((node.change as usize).wrapping_sub(1)) else { return };
        if change.operations.is_empty() {
            return;
        }
        self.arrive();
        if change.operations.last() == Some(&Operation::Replace) {
            self.stream.operation(list::REPLACE_ALL);
            let elements = self.whole.state.list_slots(node.slot);
            varint::put(&mut self.stream.bytes, elements.len() as u64);
            self.values(element, elements);
            return;
        }
        let mut at = 0;
        while at < change.operations.len() {
            at += self.run_of_operations(change, at, node.slot, element).max(1);
        }
        self.overwritten(change, node.slot, element);
    }

    /// Elements as a list has them after their number.
    fn values(&mut self, element: KindId, slots: &[u64]) {
        let (whole, out) = (self.whole, &mut self.stream.bytes);
        match whole.tables.kind(element) {
            Kind::Struct(ty) => whole.public_structs(out, ty, slots),
            _ => slots.iter().for_each(|slot| whole.public(out, element, *slot)),
        }
    }

    /// Insertions or removals next to each other; how many operations that was.
    fn run_of_operations(&mut self, change: &ContainerChange, at: usize, container: u64, element: KindId) -> usize {
        let rest = change.operations.get(at..).unwrap_or_default();
        match rest.first() {
            Some(Operation::Insert { at: first, .. }) => {
                let next = |(ahead, operation): (u32, &Operation)| matches!(operation, Operation::Insert { at, .. } if Some(*at) == first.checked_add(ahead));
                let run = (0..).zip(rest).take_while(|pair| next(*pair)).count();
                self.stream.operation(if run == 1 { list::INSERT } else { list::INSERT_MANY });
                varint::put(&mut self.stream.bytes, u64::from(*first));
                if run > 1 {
                    varint::put(&mut self.stream.bytes, run as u64);
                    if let Kind::Struct(ty) = self.whole.tables.kind(element) {
                        self.inserted_structs(change, at, run, ty);
                        return run;
                    }
                }
                for index in at..at + run {
                    let slot = self.inserted(change, index, container, element);
                    self.whole.public(&mut self.stream.bytes, element, slot);
                }
                run
            }
            Some(Operation::Remove { at: first, .. }) => {
                // From the same place on, or from one before the other.
                let position = |operation: &Operation| match operation {
                    Operation::Remove { at, .. } => Some(*at),
                    _ => None,
                };
                let ahead = rest.iter().take_while(|each| position(each) == Some(*first)).count();
                let back = (0..)
                    .zip(rest)
                    .take_while(|(by, each)| position(each).is_some_and(|at| Some(at) == first.checked_sub(*by)));
                let back = back.count();
                let (run, start) = if ahead >= back { (ahead, *first) } else { (back, first + 1 - back as u32) };
                self.stream.operation(if run == 1 { list::REMOVE } else { list::REMOVE_MANY });
                varint::put(&mut self.stream.bytes, u64::from(start));
                if run > 1 {
                    varint::put(&mut self.stream.bytes, run as u64);
                }
                run
            }
            _ => 1,
        }
    }

    fn inserted_structs(&mut self, change: &ContainerChange, at: usize, run: usize, ty: statewright_types::StructId) {
        let (whole, out) = (self.whole, &mut self.stream.bytes);
        let Some(shape) = whole.shape.ty(ty) else { return };
        varint::put(out, run as u64);
        out.extend_from_slice(&shape.absent);
        for operation in change.operations.iter().skip(at).take(run) {
            if let Operation::Insert { element, .. } = operation {
                whole.public_fields(out, ty, *element);
            }
        }
    }

    /// What an operation inserted, as it is now.
    fn inserted(&self, change: &ContainerChange, index: usize, container: u64, kind: KindId) -> u64 {
        match (change.operations.get(index), self.whole.tables.kind(kind)) {
            // What may be null may have been overwritten by another.
            (Some(Operation::Insert { element, .. }), Kind::Struct(_)) => *element,
            _ => {
                let place = change.position_now(index);
                place.and_then(|at| self.whole.state.list_get(container, i64::from(at)).ok()).unwrap_or(0)
            }
        }
    }

    /// Elements that were overwritten, by their places now.
    fn overwritten(&mut self, change: &ContainerChange, container: u64, element: KindId) {
        let is_set = |operation: &Operation| matches!(operation, Operation::Set { .. });
        if !change.operations.iter().any(is_set) {
            return;
        }
        let mut places = std::mem::take(self.places);
        places.clear();
        let operations = (0..).zip(&change.operations).filter(|(_, operation)| is_set(operation));
        places.extend(operations.filter_map(|(index, _)| change.position_now(index)));
        places.sort_unstable();
        places.dedup();
        // What was inserted went as it is now.
        if places.len() < change.operations.len() {
            let inserts = (0..).zip(&change.operations).filter(|(_, each)| matches!(each, Operation::Insert { .. }));
            for place in inserts.filter_map(|(index, _)| change.position_now(index)) {
                if let Ok(at) = places.binary_search(&place) {
                    places.remove(at);
                }
            }
        }
        let whole = self.whole;
        let slot = |at: u32| whole.state.list_get(container, i64::from(at)).unwrap_or(0);
        let is_deep = matches!(whole.tables.present(element), Kind::Struct(_) | Kind::List(_) | Kind::Map(..));
        let mut rest = &places[..];
        while let Some(first) = rest.first() {
            let run = (0..).zip(rest).take_while(|(by, at)| first.checked_add(*by) == Some(**at)).count().max(1);
            let (run, others) = rest.split_at(run.min(rest.len()));
            rest = others;
            if run.len() >= VALUES && !is_deep {
                self.stream.operation(list::VALUES);
                varint::put(&mut self.stream.bytes, u64::from(*first));
                varint::put(&mut self.stream.bytes, run.len() as u64);
            }
            for at in run {
                if is_deep {
                    self.stream.operation(list::REPLACE);
                    varint::put(&mut self.stream.bytes, u64::from(*at));
                } else if run.len() < VALUES {
                    self.stream.element(*at);
                }
                whole.public(&mut self.stream.bytes, element, slot(*at));
            }
        }
        *self.places = places;
    }

    /// What happened to a map; the trail leads to it.
    pub(super) fn map_operations(&mut self, node: &Node, value: KindId) {
        let changes = self.changes;
        let Some(change) = changes.containers.get((node.change as usize).wrapping_sub(1)) else { return };
        if change.operations.is_empty() {
            return;
        }
        self.arrive();
        let (whole, keys) = (self.whole, self.keys_of(node));
        for operation in &change.operations {
            match operation {
                Operation::Put { key, .. } => {
                    varint::put(&mut self.stream.bytes, map::PUT);
                    whole.map_key(&mut self.stream.bytes, keys, key);
                    let slot = whole.state.entry(node.slot, key).unwrap_or(0);
                    whole.public(&mut self.stream.bytes, value, slot);
                }
                Operation::Delete { key } => {
                    varint::put(&mut self.stream.bytes, map::DELETE);
                    whole.map_key(&mut self.stream.bytes, keys, key);
                }
                _ => {
                    varint::put(&mut self.stream.bytes, map::REPLACE_ALL);
                    whole.entries(&mut self.stream.bytes, keys, value, node.slot);
                }
            }
        }
    }
}
