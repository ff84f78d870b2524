//! Lists, maps and anonymous records by number: what each container is and where its content stands.

use super::key_index::KeyIndex;
use super::kinds::{KeyKind, TypeId};
use crate::memory::{BufferId, Buffers, Leaves, Owner, Slots};

/// What a container is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Nothing.
    Free,
    /// A value, perhaps under construction.
    Value,
    /// A value made by `list.snapshot` or `map.snapshot`.
    Snapshot,
    /// Part of the state.
    Live,
    /// Was part of the state; freed when the transaction ends.
    Dead,
    /// Was added to the state by an effect, and is no part of it while effects are lifted.
    Lifted,
}

/// What a container holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    List,
    /// Keys ascend.
    Map(KeyKind),
    /// Fields of an anonymous record.
    Record,
}

/// A list, a map or an anonymous record.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) status: Status,
    pub(super) shape: Shape,
    /// Type of the elements, or of a map's values; of a record, its own type.
    pub(super) element: TypeId,
    pub(super) owner: Owner,
    pub(super) values: BufferId,
    /// Of a map.
    pub(super) keys: BufferId,
    /// Counts changes of membership; what undoing takes back it counts back.
    pub(super) version: u64,
    /// The span of changes in which it became part of the state.
    pub(super) born: u64,
    /// The number of its entry in the change set, from 1; 0 is none.
    pub(super) mark: u32,
    /// The position of the elements' key field, of a keyed list of structs.
    pub(super) key_field: Option<u32>,
    pub(super) index: Option<Box<KeyIndex>>,
}

/// All objects that slots refer to by number.
#[derive(Clone, Debug)]
pub(super) struct Heap {
    pub(super) leaves: Leaves,
    pub(super) buffers: Buffers,
    containers: Vec<Container>,
    free: Vec<u32>,
    candidates: Vec<u32>,
}

impl Default for Heap {
    fn default() -> Heap {
        let mut heap = Heap {
            leaves: Leaves::default(),
            buffers: Buffers::default(),
            containers: Vec::new(),
            free: Vec::new(),
            candidates: Vec::new(),
        };
        heap.containers.push(nothing());
        heap
    }
}

fn nothing() -> Container {
    Container {
        status: Status::Free,
        shape: Shape::List,
        element: TypeId::NONE,
        owner: Owner::Free,
        values: BufferId::default(),
        keys: BufferId::default(),
        version: 0,
        born: 0,
        mark: 0,
        key_field: None,
        index: None,
    }
}

impl Heap {
    /// A new container with this content; a value unless `owner` says otherwise. What is a value is freed when the
    /// transaction ends.
    pub(super) fn add(&mut self, shape: Shape, element: TypeId, keys: BufferId, values: BufferId) -> u64 {
        let container =
            Container { status: Status::Value, shape, element, owner: Owner::Value, keys, values, ..nothing() };
        let number = match self.free.pop() {
            Some(number) => {
                if let Some(entry) = self.containers.get_mut(number as usize) {
                    *entry = container;
                }
                number
            }
            None => {
                self.containers.push(container);
                (self.containers.len() - 1) as u32
            }
        };
        self.candidates.push(number);
        u64::from(number)
    }

    /// Gives a container that was one before other content; it is a value again.
    pub(super) fn renew(&mut self, number: u64, shape: Shape, element: TypeId, keys: BufferId, values: BufferId) {
        let container =
            Container { status: Status::Value, shape, element, owner: Owner::Value, keys, values, ..nothing() };
        let Some(entry) = self.containers.get_mut(number as usize) else { return };
        let before = std::mem::replace(entry, container);
        self.buffers.release(before.keys);
        self.buffers.release(before.values);
    }

    /// The container of that number, if it is one.
    #[inline]
    pub(super) fn get(&self, number: u64) -> Option<&Container> {
        self.containers.get(usize::try_from(number).ok()?).filter(|container| container.status != Status::Free)
    }

    /// The same for changing it.
    #[inline]
    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Container> {
        self.containers.get_mut(usize::try_from(number).ok()?).filter(|container| container.status != Status::Free)
    }

    /// Elements of a list, values of a map, fields of a record; none of anything else.
    #[inline]
    pub(super) fn values(&self, number: u64) -> &[u64] {
        // What is free has no values.
        match usize::try_from(number).ok().and_then(|number| self.containers.get(number)) {
            Some(container) => self.buffers.get(container.values),
            None => &[],
        }
    }

    /// Keys of a map, ascending.
    #[inline]
    pub(super) fn keys(&self, number: u64) -> &[u64] {
        match self.get(number) {
            Some(container) => self.buffers.get(container.keys),
            None => &[],
        }
    }

    /// Element type and elements of a list that is a value and shares them with nobody.
    #[inline]
    pub(super) fn under_construction(&mut self, list: u64) -> Option<(TypeId, &mut Vec<u64>)> {
        let container = self.containers.get(usize::try_from(list).ok()?)?;
        let is_free = matches!(container.status, Status::Value | Status::Snapshot);
        let values = is_free.then(|| self.buffers.alone(container.values))??;
        Some((container.element, values))
    }

    /// Elements of a list or values of a map, one by one.
    #[inline]
    pub(super) fn slots(&self, number: u64) -> Slots<'_> {
        // What is free has none.
        let container = usize::try_from(number).ok().and_then(|number| self.containers.get(number));
        self.buffers.slots(container.map_or(BufferId::default(), |container| container.values))
    }

    /// Keys of a map, one by one.
    #[inline]
    pub(super) fn key_slots(&self, number: u64) -> Slots<'_> {
        let container = usize::try_from(number).ok().and_then(|number| self.containers.get(number));
        self.buffers.slots(container.map_or(BufferId::default(), |container| container.keys))
    }

    /// Inserts a value before `at`. Whoever writes has made sure that the container exists.
    pub(super) fn insert_value(&mut self, number: u64, at: usize, slot: u64) {
        if let Some(container) = usize::try_from(number).ok().and_then(|number| self.containers.get_mut(number)) {
            self.buffers.insert(&mut container.values, at, slot);
        }
    }

    /// The same for a key.
    pub(super) fn insert_key(&mut self, number: u64, at: usize, slot: u64) {
        if let Some(container) = usize::try_from(number).ok().and_then(|number| self.containers.get_mut(number)) {
            self.buffers.insert(&mut container.keys, at, slot);
        }
    }

    /// Removes the value at `at`, if there is one.
    pub(super) fn remove_value(&mut self, number: u64, at: usize) -> Option<u64> {
        let container = self.containers.get_mut(usize::try_from(number).ok()?)?;
        self.buffers.remove(&mut container.values, at)
    }

    /// The same for a key.
    pub(super) fn remove_key(&mut self, number: u64, at: usize) -> Option<u64> {
        let container = self.containers.get_mut(usize::try_from(number).ok()?)?;
        self.buffers.remove(&mut container.keys, at)
    }

    /// Overwrites the value at `at`, if there is one: what was there.
    pub(super) fn set_value(&mut self, number: u64, at: usize, slot: u64) -> Option<u64> {
        let container = self.containers.get_mut(usize::try_from(number).ok()?)?;
        self.buffers.set(&mut container.values, at, slot)
    }

    /// All values for writing. Whoever writes has made sure that the container exists.
    pub(super) fn edit_values(&mut self, number: u64) -> Option<&mut Vec<u64>> {
        let container = self.containers.get_mut(usize::try_from(number).ok()?)?;
        Some(self.buffers.edit(&mut container.values))
    }

    /// Has it looked at when the transaction ends.
    pub(super) fn retire(&mut self, number: u64) {
        self.candidates.push(number as u32);
    }

    /// Frees every container that was made or removed in the transaction and is not part of the state, and leaves.
    #[inline]
    pub(super) fn sweep(&mut self) {
        if !self.candidates.is_empty() || self.leaves.has_candidates() {
            self.sweep_all();
        }
    }

    #[inline(never)]
    fn sweep_all(&mut self) {
        while let Some(number) = self.candidates.pop() {
            let Some(container) = self.containers.get_mut(number as usize) else { continue };
            if matches!(container.status, Status::Live | Status::Free) {
                continue;
            }
            let (values, keys) = (container.values, container.keys);
            *container = nothing();
            self.buffers.release(values);
            self.buffers.release(keys);
            self.free.push(number);
        }
        self.leaves.sweep();
    }

    /// Containers in use or not.
    pub(super) fn numbers(&self) -> usize {
        self.containers.len()
    }

    /// Containers in use.
    pub(super) fn used(&self) -> usize {
        self.containers.len() - 1 - self.free.len()
    }
}
