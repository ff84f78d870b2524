//! Maps, by ascending key: one method per `map.*` operation, and the journaled steps they are made of.

use std::cmp::Ordering;

use statewright_types::{IntKind, TrapCode, Type, planted};

use super::State;
use super::changes::Operation;
use super::heap::{Shape, Status};
use super::kinds::{KeyKind, Kind, TypeId, key_kind};
use super::undo::Undo;
use crate::memory::{BufferId, Owner};

impl State {
    /// `map.new`: a map of the given type from keys and values in turn; a later key replaces an earlier.
    ///
    /// # Errors
    /// `memory_limit` above the limit of entries.
    pub fn map_new(&mut self, map: &Type, entries: &[u64]) -> Result<u64, TrapCode> {
        let (shape, element) = match map.non_null() {
            Type::Map(key, value) => (Shape::Map(key_kind(key)), self.types.shared_id(value)),
            _ => (Shape::Map(KeyKind::Text), TypeId::NONE),
        };
        let map = self.heap.add(shape, element, BufferId::default(), BufferId::default());
        for entry in entries.chunks_exact(2) {
            if let [key, value] = entry {
                self.map_put(map, *key, *value)?;
            }
        }
        Ok(map)
    }

    /// `map.len`
    pub fn map_len(&self, map: u64) -> u64 {
        self.heap.key_slots(map).len() as u64
    }

    /// `map.find`: position of a key, or −1. O(log n).
    pub fn map_find(&self, map: u64, key: u64) -> i64 {
        self.position(map, key).map_or(-1, |at| at as i64)
    }

    /// Where a key is, or where it would be.
    fn position(&self, map: u64, key: u64) -> Result<usize, usize> {
        let Some(Shape::Map(kind)) = self.heap.get(map).map(|entry| entry.shape) else { return Err(0) };
        let keys = self.heap.key_slots(map);
        let (mut low, mut high) = (0, keys.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.compare_keys(kind, keys.get(middle).unwrap_or(0), key) {
                Ordering::Equal => return Ok(middle),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    fn compare_keys(&self, kind: KeyKind, a: u64, b: u64) -> Ordering {
        match kind {
            KeyKind::Text => self.heap.leaves.text(a).cmp(self.heap.leaves.text(b)),
            KeyKind::Int(IntKind::U64) => a.cmp(&b),
            KeyKind::Int(_) => (a as i64).cmp(&(b as i64)),
        }
    }

    /// `map.key_at`: the key at a position.
    ///
    /// # Errors
    /// `index_out_of_range`.
    pub fn map_key_at(&self, map: u64, position: i64) -> Result<u64, TrapCode> {
        let at = usize::try_from(position).ok();
        at.and_then(|at| self.heap.key_slots(map).get(at)).ok_or(TrapCode::IndexOutOfRange)
    }

    /// `map.value_at`: the value at a position, loaded.
    ///
    /// # Errors
    /// `index_out_of_range`.
    pub fn map_value_at(&self, map: u64, position: i64) -> Result<u64, TrapCode> {
        self.list_get(map, position)
    }

    /// `map.put`: inserts or overwrites (a struct in place) an entry. Into a live map, a copy; into a map under
    /// construction, the value itself.
    ///
    /// # Errors
    /// `memory_limit`, `stale_reference` (also of a map whose record was removed).
    pub fn map_put(&mut self, map: u64, key: u64, value: u64) -> Result<(), TrapCode> {
        let (status, element) = self.status(map)?;
        self.check_copies()?;
        let kind = self.types.kind(element);
        match (self.position(map, key), status == Status::Live) {
            (Ok(_), true) if planted::is(34) => {}
            (Ok(at), true) => {
                let old = self.heap.slots(map).get(at).unwrap_or(0);
                if let Some(slot) = self.assign_slot(kind, old, value, Owner::Container(map as u32))? {
                    self.raw_overwrite(map, at, slot);
                }
            }
            (Err(at), true) => {
                self.check_entries(self.heap.key_slots(map).len() + 1)?;
                let slot = self.copy_to(kind, value, Owner::Container(map as u32))?;
                self.raw_put(map, at, key, slot);
            }
            (Ok(at), false) => {
                self.heap.set_value(map, at, kind.normalise(value));
            }
            (Err(at), false) => {
                self.check_entries(self.heap.key_slots(map).len() + 1)?;
                self.heap.insert_key(map, at, key);
                self.heap.insert_value(map, at, kind.normalise(value));
            }
        }
        Ok(())
    }

    /// `map.remove`: removes an entry; whether there was one.
    pub fn map_remove(&mut self, map: u64, key: u64) -> bool {
        let (Ok(at), Ok((status, element))) = (self.position(map, key), self.status(map)) else { return false };
        if status == Status::Live {
            self.take_entry(map, at, self.types.kind(element));
        } else {
            self.heap.remove_value(map, at);
            self.heap.remove_key(map, at);
        }
        true
    }

    /// `map.snapshot`: the map as it is now, as a value.
    pub fn map_snapshot(&mut self, map: u64) -> u64 {
        self.snapshot(map, 0)
    }

    /// `map.assign`: replaces a live map's content; what is under a key that stays is overwritten in place.
    ///
    /// # Errors
    /// `stale_reference`, `memory_limit`.
    pub fn map_assign(&mut self, map: u64, source: u64) -> Result<(), TrapCode> {
        let (status, element) = self.status(map)?;
        if map == source {
            return Ok(());
        }
        let kind = self.types.kind(element);
        let source = if status == Status::Live && kind.is_deep() { self.detached_copy(source)? } else { source };
        let parts = self.heap.get(source).map_or_else(Default::default, |source| (source.keys, source.values));
        let (keys, values) = (self.heap.buffers.share(parts.0), self.heap.buffers.share(parts.1));
        let before = self.before_assignment(map);
        let result = self.assign_entries(map, kind, source, keys, values);
        self.count_assignment(map, before);
        self.heap.buffers.release(keys);
        self.heap.buffers.release(values);
        result
    }

    fn assign_entries(
        &mut self,
        map: u64,
        kind: Kind,
        source: u64,
        keys: BufferId,
        values: BufferId,
    ) -> Result<(), TrapCode> {
        self.check_entries(self.heap.buffers.slots(keys).len())?;
        for at in (0..self.heap.key_slots(map).len()).rev() {
            let key = self.heap.key_slots(map).get(at).unwrap_or(0);
            let stays = self.heap.get(source).is_some() && self.position(source, key).is_ok();
            if !stays {
                self.take_entry(map, at, kind);
            }
        }
        for at in 0..self.heap.buffers.slots(keys).len() {
            let key = self.heap.buffers.slots(keys).get(at).unwrap_or(0);
            let value = self.heap.buffers.slots(values).get(at).unwrap_or(0);
            self.map_put(map, key, value)?;
        }
        Ok(())
    }

    /// A value with the same content that no change of the state can reach, for assigning from.
    fn detached_copy(&mut self, source: u64) -> Result<u64, TrapCode> {
        let Some((shape, element)) = self.heap.get(source).map(|entry| (entry.shape, entry.element)) else {
            return Ok(0);
        };
        self.copy_container(shape, element, source, Owner::Value, 0)
    }

    /// `map.clear`: empties a live map.
    pub fn map_clear(&mut self, map: u64) {
        // A map whose record was removed stays as it is: nobody can see it.
        let _emptied = self.map_assign(map, 0);
    }

    /// `map.version`: as [`State::list_version`].
    pub fn map_version(&self, map: u64) -> u64 {
        self.list_version(map)
    }

    // The steps: each writes, counts, journals and marks one thing.

    fn raw_put(&mut self, map: u64, at: usize, key: u64, slot: u64) {
        self.heap.insert_key(map, at, key);
        self.heap.insert_value(map, at, slot);
        self.hold_key(map, key, true);
        self.hold_value(map, slot, true);
        self.bump(map, 1);
        let marked = self.mark_container(map, |state| Operation::Put { key: state.map_key(map, key), new: true });
        self.log(Undo::MapInsert { map: map as u32, at: at as u32, marked });
    }

    fn raw_overwrite(&mut self, map: u64, at: usize, slot: u64) {
        let Some(old) = self.heap.set_value(map, at, slot) else { return };
        self.hold_value(map, slot, true);
        self.hold_value(map, old, false);
        let key = self.heap.key_slots(map).get(at).unwrap_or(0);
        let marked = self.mark_container(map, |state| Operation::Put { key: state.map_key(map, key), new: false });
        self.log(Undo::MapSet { map: map as u32, at: at as u32, old, marked });
    }

    /// Removes a live map's entry and what it owns.
    fn take_entry(&mut self, map: u64, at: usize, kind: Kind) {
        let (Some(key), Some(old)) = (self.heap.remove_key(map, at), self.heap.remove_value(map, at)) else {
            return;
        };
        let marked = self.mark_container(map, |state| Operation::Delete { key: state.map_key(map, key) });
        self.hold_key(map, key, false);
        self.hold_value(map, old, false);
        self.bump(map, 1);
        if self.journal.active {
            self.journal.keys.push(key);
        }
        self.log(Undo::MapRemove { map: map as u32, at: at as u32, old, marked });
        self.detach(kind, old);
    }
}
