//! Lists: one method per `list.*` operation, and the journaled steps they are made of.

use std::sync::Arc;

use statewright_types::{StructId, TrapCode, Type, planted};

use super::State;
use super::changes::Operation;
use super::course::{Course, Origin};
use super::heap::{Shape, Status};
use super::kinds::{Kind, TypeId};
use super::undo::Undo;
use crate::memory::{BufferId, DenseRows, Owner, Slots};

/// Slots of lists and maps that one transaction may copy because snapshots hold them: 32 MiB.
const MOST_COPIED: u64 = 4 << 20;

impl State {
    /// `list.new`: a list of the given type from its elements.
    ///
    /// # Errors
    /// `memory_limit` above the limit of entries.
    pub fn list_new(&mut self, list: &Type, elements: &[u64]) -> Result<u64, TrapCode> {
        self.check_entries(elements.len())?;
        let element = match list.non_null() {
            Type::List(element) => self.types.shared_id(element),
            _ => TypeId::NONE,
        };
        let kind = self.types.kind(element);
        let values = self.heap.buffers.add(elements);
        let list = self.heap.add(Shape::List, element, BufferId::default(), values);
        if matches!(kind, Kind::F32 | Kind::F64)
            && let Some(values) = self.heap.edit_values(list)
        {
            values.iter_mut().for_each(|slot| *slot = kind.normalise(*slot));
        }
        Ok(list)
    }

    pub(super) fn check_entries(&self, entries: usize) -> Result<(), TrapCode> {
        if entries as u64 > self.limits.entries { Err(TrapCode::MemoryLimit) } else { self.check_copies() }
    }

    /// Snapshots are free, but a write to what a snapshot holds copies it: that has a limit of its own.
    pub(super) fn check_copies(&self) -> Result<(), TrapCode> {
        if self.heap.buffers.copied() > MOST_COPIED { Err(TrapCode::MemoryLimit) } else { Ok(()) }
    }

    /// `list.len`
    #[inline]
    pub fn list_len(&self, list: u64) -> u64 {
        self.heap.slots(list).len() as u64
    }

    /// `list.get`: an element, loaded.
    ///
    /// # Errors
    /// `index_out_of_range`.
    #[inline]
    pub fn list_get(&self, list: u64, index: i64) -> Result<u64, TrapCode> {
        let values = self.heap.slots(list);
        usize::try_from(index).ok().and_then(|at| values.get(at)).ok_or(TrapCode::IndexOutOfRange)
    }

    /// All elements, loaded.
    pub fn list_slots(&self, list: u64) -> &[u64] {
        self.heap.values(list)
    }

    /// `list.push`: appends to a list under construction; to a live list, a copy.
    ///
    /// # Errors
    /// `memory_limit` above the limit of entries; on a live list as [`State::list_insert`].
    #[inline]
    pub fn list_push(&mut self, list: u64, value: u64) -> Result<(), TrapCode> {
        if self.heap.buffers.copied() <= MOST_COPIED
            && let Some((element, values)) = self.heap.under_construction(list)
            && (values.len() as u64) < self.limits.entries
        {
            values.push(self.types.kind(element).normalise(value));
            return Ok(());
        }
        let length = self.heap.slots(list).len();
        self.list_insert(list, length as i64, value)
    }

    /// How many elements [`State::list_extend`] may append: 0 unless the list is under construction.
    pub fn list_room(&mut self, list: u64) -> u64 {
        let (entries, copied) = (self.limits.entries, self.heap.buffers.copied());
        match self.heap.under_construction(list) {
            Some((_, values)) if copied <= MOST_COPIED => entries.saturating_sub(values.len() as u64),
            _ => 0,
        }
    }

    /// As [`State::list_push`] of each, for no more of them than [`State::list_room`] told.
    pub fn list_extend(&mut self, list: u64, slots: &[u64]) {
        if let Some((element, values)) = self.heap.under_construction(list) {
            let kind = self.types.kind(element);
            values.extend(slots.iter().map(|slot| kind.normalise(*slot)));
        }
    }

    /// `list.snapshot`: the list as it is now, as a value. O(1), except that lists and maps inside are taken one by one.
    pub fn list_snapshot(&mut self, list: u64) -> u64 {
        self.snapshot(list, 0)
    }

    /// A snapshot of a list or map.
    pub(super) fn snapshot(&mut self, container: u64, depth: usize) -> u64 {
        let Some(entry) = self.heap.get(container) else { return container };
        if depth > super::VALUE_NESTING || !matches!(entry.status, Status::Live | Status::Dead | Status::Lifted) {
            return container;
        }
        let (shape, element, keys, values) = (entry.shape, entry.element, entry.keys, entry.values);
        let (keys, values) = (self.heap.buffers.share(keys), self.heap.buffers.share(values));
        let copy = self.heap.add(shape, element, keys, values);
        self.set_status(copy, Status::Snapshot);
        if self.types.kind(element).is_container() {
            for at in 0..self.heap.slots(copy).len() {
                let inner = self.heap.slots(copy).get(at).unwrap_or(0);
                let inner = self.snapshot(inner, depth + 1);
                self.heap.set_value(copy, at, inner);
            }
        }
        copy
    }

    /// `list.find`: index of the first element equal to `value`, or −1.
    ///
    /// # Errors
    /// `stale_reference`.
    pub fn list_find(&self, list: u64, value: u64) -> Result<i64, TrapCode> {
        let Some(container) = self.heap.get(list) else { return Ok(-1) };
        let element = self.types.get(container.element);
        for (at, slot) in self.heap.values(list).iter().enumerate() {
            if self.equal(element, *slot, value)? {
                return Ok(at as i64);
            }
        }
        Ok(-1)
    }

    /// `list.insert`: inserts a copy before an index, or at the end, of a live list. (The value itself, into a list
    /// under construction.)
    ///
    /// # Errors
    /// `index_out_of_range`, `memory_limit`, `stale_reference` (also of a list whose record was removed).
    pub fn list_insert(&mut self, list: u64, index: i64, value: u64) -> Result<(), TrapCode> {
        let (status, element) = self.status(list)?;
        let length = self.heap.slots(list).len();
        let at = usize::try_from(index).ok().filter(|at| *at <= length);
        let at = at.or(planted::is(35).then_some(length)).ok_or(TrapCode::IndexOutOfRange)?;
        self.check_entries(length + 1)?;
        let kind = self.types.kind(element);
        if status == Status::Live {
            let slot = self.copy_to(kind, value, Owner::Container(list as u32))?;
            self.raw_insert(list, at, slot);
        } else {
            self.heap.insert_value(list, at, kind.normalise(value));
        }
        Ok(())
    }

    /// `list.set`: overwrites an element of a live list; a struct, list or map in place.
    ///
    /// # Errors
    /// `index_out_of_range`, `stale_reference`; `memory_limit` if the value nests too deep, or if too much was copied.
    pub fn list_set(&mut self, list: u64, index: i64, value: u64) -> Result<(), TrapCode> {
        let (status, element) = self.status(list)?;
        let old = self.list_get(list, index)?;
        self.check_copies()?;
        let at = index as usize;
        let kind = self.types.kind(element);
        if status != Status::Live {
            self.heap.set_value(list, at, kind.normalise(value));
            return Ok(());
        }
        if let Some(slot) = self.assign_slot(kind, old, value, Owner::Container(list as u32))? {
            self.raw_set(list, at, slot);
        }
        Ok(())
    }

    /// Writes an element or a map's value: the new slot if the place must change, else what is there was overwritten or
    /// is equal.
    pub(super) fn assign_slot(
        &mut self,
        kind: Kind,
        old: u64,
        value: u64,
        owner: Owner,
    ) -> Result<Option<u64>, TrapCode> {
        match kind {
            Kind::Struct(ty) => self.assign_record(ty, old, value).map(|()| None),
            Kind::List(_) => self.list_assign(old, value).map(|()| None),
            Kind::Map(..) => self.map_assign(old, value).map(|()| None),
            nullable if nullable.is_deep() => self.assign_nullable(nullable, old, value, owner),
            leaf if leaf.is_leaf() && planted::is(36) => Ok(Some(value)),
            leaf if leaf.is_leaf() => Ok((!self.same_leaf(leaf, old, value)).then_some(value)),
            scalar => {
                let value = scalar.normalise(value);
                Ok((value != old).then_some(value))
            }
        }
    }

    /// `list.remove`: removes an element of a live list; references to it are stale from now on.
    ///
    /// # Errors
    /// `index_out_of_range`.
    pub fn list_remove(&mut self, list: u64, index: i64) -> Result<(), TrapCode> {
        let element = self.list_get(list, index)?;
        let (status, ty) = self.status(list).map_err(|_| TrapCode::IndexOutOfRange)?;
        self.check_copies()?;
        if status == Status::Live {
            self.raw_remove(list, index as usize);
            self.detach(self.types.kind(ty), element);
        } else {
            self.heap.remove_value(list, index as usize);
        }
        Ok(())
    }

    /// `list.clear`: empties a live list.
    pub fn list_clear(&mut self, list: u64) {
        // A list whose record was removed stays as it is: nobody can see it.
        let _emptied = self.list_assign(list, 0);
    }

    /// `list.version`: a number that changes whenever the live list gains, loses or is given elements; 0 of a value.
    #[inline]
    pub fn list_version(&self, list: u64) -> u64 {
        self.heap.get(list).map_or(0, |container| if planted::is(42) { 0 } else { container.version })
    }

    /// `list.version`, and the elements, in one look.
    #[inline]
    pub fn list_head(&self, list: u64) -> (u64, Slots<'_>) {
        let list = self.heap.get(list);
        let values = list.map_or(BufferId::default(), |list| list.values);
        (list.map_or(0, |list| list.version), self.heap.buffers.slots(values))
    }

    /// The rows of a list's elements, in their order, if it is a list of structs that is part of the state and its elements
    /// stand one behind the other in their table. What is part of the state is not stale, so that its fields may be read
    /// without a look at generations, until something is written that is not a field.
    #[inline]
    pub fn dense(&self, list: u64) -> Option<DenseRows<'_>> {
        let container = self.heap.get(list).filter(|container| container.status == Status::Live)?;
        let Kind::Struct(ty) = self.types.kind(container.element) else { return None };
        let slots = self.heap.buffers.dense(container.values)?;
        self.tables.get(ty.index())?.dense(slots.first().copied().unwrap_or(0), slots.len())
    }

    /// Status and element type of a container that may be written.
    pub(super) fn status(&self, container: u64) -> Result<(Status, TypeId), TrapCode> {
        match self.heap.get(container) {
            Some(entry) if !matches!(entry.status, Status::Dead | Status::Lifted) => Ok((entry.status, entry.element)),
            _ => Err(TrapCode::StaleReference),
        }
    }

    /// `list.assign`: replaces a live list's content by copies of `source`'s elements; those that were in it keep their
    /// identity (listed twice: the first), the others that were in it are removed.
    ///
    /// # Errors
    /// `stale_reference`, `memory_limit`.
    pub fn list_assign(&mut self, list: u64, source: u64) -> Result<(), TrapCode> {
        let (status, element) = self.status(list)?;
        if list == source {
            return Ok(());
        }
        let from = self.heap.get(source).map_or(BufferId::default(), |source| source.values);
        let to = self.heap.get(list).map_or(BufferId::default(), |list| list.values);
        if from == to {
            return Ok(());
        }
        self.check_entries(self.heap.buffers.slots(from).len())?;
        let from = self.heap.buffers.share(from);
        let before = self.before_assignment(list);
        let result = match (status, self.types.kind(element)) {
            (Status::Live, Kind::Struct(ty) | Kind::NullStruct(ty)) => self.assign_structs(list, ty, from),
            (Status::Live, kind) if kind.is_container() => self.assign_containers(list, kind, source),
            (Status::Live, kind) => {
                self.assign_scalars(list, kind, from);
                Ok(())
            }
            (_, kind) => {
                let slots = self.heap.buffers.get(from).to_vec();
                if let Some(values) = self.heap.edit_values(list) {
                    values.clear();
                    values.extend(slots.iter().map(|slot| kind.normalise(*slot)));
                }
                Ok(())
            }
        };
        self.heap.buffers.release(from);
        self.count_assignment(list, before);
        result
    }

    /// New content of numbers or leaves: what both have at the beginning and at the end stays.
    fn assign_scalars(&mut self, list: u64, kind: Kind, from: BufferId) {
        let same = |state: &State, a: u64, b: u64| {
            if kind.is_leaf() { state.same_leaf(kind, a, b) } else { a == kind.normalise(b) }
        };
        let (old, new) = (self.heap.values(list), self.heap.buffers.get(from));
        let head = old.iter().zip(new).take_while(|(a, b)| same(self, **a, **b)).count();
        let (old_rest, new_rest) = (old.get(head..).unwrap_or(&[]), new.get(head..).unwrap_or(&[]));
        let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| same(self, **a, **b)).count();
        let (removed, added) = (old_rest.len() - tail, new_rest.len() - tail);
        let course = (removed.min(added) > 0 && removed + added > 2).then(|| self.course_by_content(kind, old, new));
        if removed + added <= STEPS && !course.as_ref().is_some_and(|(_, moves)| *moves) {
            let added: Vec<u64> = new_rest.iter().take(added).map(|slot| kind.normalise(*slot)).collect();
            let overwritten = removed.min(added.len());
            for (at, slot) in added.iter().enumerate() {
                if at >= overwritten {
                    self.raw_insert(list, head + at, *slot);
                } else if !same(self, self.heap.slots(list).get(head + at).unwrap_or(0), *slot) {
                    self.raw_set(list, head + at, *slot);
                }
            }
            for at in (overwritten..removed).rev() {
                self.raw_remove(list, head + at);
            }
            return;
        }
        let slots: Vec<u64> = new.iter().map(|slot| kind.normalise(*slot)).collect();
        let (course, _) = course.unwrap_or_else(|| self.course_by_content(kind, old, new));
        self.raw_arrange(list, &slots, course);
    }

    /// New content of lists or maps: overwritten in place, position by position.
    fn assign_containers(&mut self, list: u64, kind: Kind, source: u64) -> Result<(), TrapCode> {
        // What comes may be parts of this very list: they are taken as they are now, before anything is written.
        let new: Vec<u64> = self.heap.values(source).to_vec();
        let new: Vec<u64> = new.into_iter().map(|slot| self.snapshot(slot, 0)).collect();
        let old = self.heap.slots(list).len();
        for (at, slot) in new.iter().enumerate() {
            if at < old { self.list_set(list, at as i64, *slot)? } else { self.list_insert(list, at as i64, *slot)? }
        }
        for at in (new.len()..old).rev() {
            let slot = self.heap.slots(list).get(at).unwrap_or(0);
            self.raw_remove(list, at);
            self.detach(kind, slot);
        }
        Ok(())
    }

    /// New content of structs: elements of the list keep their identity, others are copied.
    fn assign_structs(&mut self, list: u64, ty: StructId, from: BufferId) -> Result<(), TrapCode> {
        self.refresh_places(list, ty);
        let kind = self.heap.get(list).map_or(Kind::Bool, |entry| self.types.kind(entry.element));
        let owner = Owner::Container(list as u32);
        let mut kept = vec![false; self.heap.slots(list).len()];
        let mut slots = Vec::with_capacity(self.heap.buffers.slots(from).len());
        let mut last = None;
        let (mut ordered, mut added) = (true, 0);
        let mut origins = Vec::with_capacity(slots.capacity());
        // Those that are null are told apart by their order.
        let nulls: Vec<u32> =
            (0..).zip(self.heap.values(list)).filter(|(_, slot)| **slot == 0).map(|(at, _)| at).collect();
        let mut nulls = nulls.into_iter();
        for at in 0..self.heap.buffers.slots(from).len() {
            let slot = self.heap.buffers.slots(from).get(at).unwrap_or(0);
            if slot == 0 && kind == Kind::NullStruct(ty) {
                (ordered, added) = (false, added + 1);
                slots.push(0);
                origins.push(nulls.next().map_or(Origin::New, Origin::Kept));
                continue;
            }
            let row = self.live_row(slot, ty)?;
            let table = self.tables.get(ty.index()).ok_or(TrapCode::StaleReference)?;
            let place = table.place(row);
            match kept.get_mut(place) {
                Some(kept) if table.owner(row) == owner && !*kept => {
                    *kept = true;
                    ordered &= last.is_none_or(|last| last < place);
                    last = Some(place);
                    slots.push(slot);
                    origins.push(Origin::Kept(place as u32));
                }
                _ => {
                    added += 1;
                    slots.push(self.copy_to(kind, slot, owner)?);
                    origins.push(Origin::New);
                }
            }
        }
        let old = self.heap.values(list).to_vec();
        if old == slots {
            return Ok(());
        }
        let removed: Vec<usize> = (0..old.len()).filter(|at| kept.get(*at) == Some(&false)).collect();
        let has_null = old.contains(&0);
        if ordered && !has_null && removed.len() + added <= STEPS.max(old.len() / 8) {
            for at in removed.iter().rev() {
                self.raw_remove(list, *at);
            }
            for (at, slot) in slots.iter().enumerate() {
                if self.heap.slots(list).get(at) != Some(*slot) {
                    self.raw_insert(list, at, *slot);
                }
            }
        } else {
            let course = Course::from_origins(old.len() as u32, origins);
            self.raw_arrange(list, &slots, course);
        }
        for slot in removed.iter().filter_map(|at| old.get(*at)) {
            self.detach(kind, *slot);
        }
        Ok(())
    }

    // The steps: each writes, counts, journals and marks one thing.

    pub(super) fn raw_insert(&mut self, list: u64, at: usize, slot: u64) {
        self.heap.insert_value(list, at, slot);
        self.hold_value(list, slot, true);
        self.bump(list, 1);
        self.index_element(list, slot, true);
        self.note_place(list, slot, at);
        let at = at as u32;
        let marked = self.mark_container(list, |_| Operation::Insert(at));
        self.log(Undo::ListInsert { list: list as u32, at, marked });
    }

    pub(super) fn raw_remove(&mut self, list: u64, at: usize) {
        let Some(old) = self.heap.remove_value(list, at) else { return };
        self.index_element(list, old, false);
        self.hold_value(list, old, false);
        self.bump(list, 1);
        let at = at as u32;
        let marked = self.mark_container(list, |_| Operation::Remove(at));
        self.log(Undo::ListRemove { list: list as u32, at, old, marked });
    }

    pub(super) fn raw_set(&mut self, list: u64, at: usize, slot: u64) {
        let Some(old) = self.heap.set_value(list, at, slot) else { return };
        self.hold_value(list, slot, true);
        self.hold_value(list, old, false);
        let at = at as u32;
        let marked = self.mark_container(list, |_| Operation::Set(at));
        self.log(Undo::ListSet { list: list as u32, at, old, marked });
    }

    fn raw_arrange(&mut self, list: u64, values: &[u64], course: Course) {
        let values = self.heap.buffers.add(values);
        let Some(entry) = self.heap.get_mut(list) else {
            self.heap.buffers.release(values);
            return;
        };
        entry.index = None;
        let old = (entry.keys, std::mem::replace(&mut entry.values, values));
        self.hold_content(list, true);
        self.release_content(list, old.0, old.1);
        self.bump(list, 1);
        let marked = self.mark_container(list, |_| Operation::Arrange(Arc::new(course)));
        self.log(Undo::Replace { container: list as u32, keys: old.0, values: old.1, marked });
    }

    /// Uncounts the leaves of a content that is no longer the container's.
    fn release_content(&mut self, container: u64, keys: BufferId, values: BufferId) {
        let Some(entry) = self.heap.get_mut(container) else { return };
        let now = (std::mem::replace(&mut entry.keys, keys), std::mem::replace(&mut entry.values, values));
        self.hold_content(container, false);
        if let Some(entry) = self.heap.get_mut(container) {
            (entry.keys, entry.values) = now;
        }
    }

    /// Whether `record` refers to no record of type `ty`: it was removed, or never was one.
    pub fn is_stale(&self, record: u64, ty: StructId) -> bool {
        !self.tables.get(ty.index()).is_some_and(|table| table.is_live(record))
    }
}

/// An assignment that needs at most so many insertions and removals is marked as those, else as a replacement.
const STEPS: usize = 16;
