//! Finding an element by its key: an index from the hash of a key to its element, for lists that are keyed by a field.
//!
//! The index knows how many elements share a hash. One: it is the element or there is none. More: the list is
//! searched in order, so that the first of several with one key is found and a collision costs time, not truth.

use std::hash::Hasher;

use statewright_types::{StructId, TrapCode, planted};

use super::State;
use super::heap::Status;
use super::key_index::KeyIndex;
use super::kinds::Kind;
use crate::memory::{FieldPlace, Owner, Slots, row_of};

/// A hasher without a random seed: FNV-1a, then mixed.
#[derive(Default)]
pub(crate) struct FixedHasher(u64);

impl Hasher for FixedHasher {
    fn finish(&self) -> u64 {
        mix(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = self.0.rotate_left(23) ^ word;
    }
}

/// The finaliser of splitmix64: every bit of the result depends on every bit of `word`.
#[inline]
fn mix(word: u64) -> u64 {
    let word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ word >> 31
}

/// The hash of a key that is a number, by the golden ratio (Knuth, The Art of Computer Programming, volume 3, 6.4): no two numbers
/// have the same, its highest bits depend on all of the key, and numbers one after the other are far from each other.
#[inline]
fn hash_of_number(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The hash of a key that is a text, eight bytes at a time.
#[inline]
fn hash_of_text(text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks();
    let last = rest.iter().fold(0, |last, byte| last << 8 | u64::from(*byte));
    let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain([last]);
    words.fold(text.len() as u64, |hash, word| fold(hash.rotate_left(32) ^ word, 0xbf58_476d_1ce4_e5b9))
}

#[inline]
fn fold(word: u64, by: u64) -> u64 {
    let product = u128::from(word) * u128::from(by);
    (product >> 64) as u64 ^ product as u64
}

/// Lists shorter than this are searched without an index.
const INDEXED_LENGTH: usize = 16;

impl State {
    /// `list.find_key`: the index of the first struct of `list` whose `field` (a string, uuid or integer) equals
    /// `key`, or −1. O(1) on average on a live list whose `@key` that field is; else O(length).
    ///
    /// # Errors
    /// `stale_reference` if an element that had to be looked at was removed.
    #[inline]
    pub fn list_find_key(&mut self, list: u64, ty: StructId, field: u32, key: u64) -> Result<i64, TrapCode> {
        match self.find_by_index(list, ty, field, key) {
            Some((at, _)) => Ok(at as i64),
            None => self.find_otherwise(list, ty, field, key),
        }
    }

    /// The same, with the element; 0 if there is none.
    ///
    /// # Errors
    /// As [`State::list_find_key`].
    #[inline]
    pub fn list_find_element(&mut self, list: u64, ty: StructId, field: u32, key: u64) -> Result<(i64, u64), TrapCode> {
        match self.find_by_index(list, ty, field, key) {
            Some((at, element)) => Ok((at as i64, element)),
            None => self.find_element_otherwise(list, ty, field, key),
        }
    }

    /// The element alone, of a field whose place is known and that is a number; `None` if the list has no index that can tell.
    #[inline]
    pub fn list_element_of(&self, list: u64, place: FieldPlace, key: u64) -> Option<u64> {
        let container = self.heap.get(list)?;
        let index = container.index.as_deref()?;
        if container.status != Status::Live || container.key_field != Some(place.field) {
            return None;
        }
        let element = index.only(hash_of_number(key))?;
        let table = self.tables.get(place.ty.index())?;
        (table.read_at(row_of(element), place) == key).then_some(element)
    }

    /// The same for a field whose place is known and that is a number.
    ///
    /// # Errors
    /// As [`State::list_find_key`].
    #[inline]
    pub fn list_find_number(&mut self, list: u64, place: FieldPlace, key: u64) -> Result<(i64, u64), TrapCode> {
        match self.find_number_by_index(list, place, key) {
            Some((at, element)) => Ok((at as i64, element)),
            None => self.find_element_otherwise(list, place.ty, place.field, key),
        }
    }

    #[inline(never)]
    fn find_element_otherwise(
        &mut self,
        list: u64,
        ty: StructId,
        field: u32,
        key: u64,
    ) -> Result<(i64, u64), TrapCode> {
        let at = self.find_otherwise(list, ty, field, key)?;
        Ok((at, if at < 0 { 0 } else { self.list_get(list, at)? }))
    }

    /// An element that the index knows as the only one with its hash, and that stands where its row says, as most do.
    #[inline]
    fn find_by_index(&self, list: u64, ty: StructId, field: u32, key: u64) -> Option<(usize, u64)> {
        let (index, slots) = self.indexed(list, field)?;
        let info = self.field_info(ty, field)?;
        let element = index.only(self.key_hash(info.kind, key))?;
        let (table, row) = (self.tables.get(ty.index())?, row_of(element));
        let at = table.place(row);
        let is_it = self.same_key(info.kind, table.read(row, info.slot), key) && slots.get(at) == Some(element);
        is_it.then_some((at, element))
    }

    #[inline]
    fn find_number_by_index(&self, list: u64, place: FieldPlace, key: u64) -> Option<(usize, u64)> {
        let (index, slots) = self.indexed(list, place.field)?;
        let element = index.only(hash_of_number(key))?;
        let (table, row) = (self.tables.get(place.ty.index())?, row_of(element));
        let at = table.place(row);
        let is_it = table.read_at(row, place) == key && slots.get(at) == Some(element);
        is_it.then_some((at, element))
    }

    /// The index of a list that is found by a field and has one, and the list's slots.
    #[inline]
    fn indexed(&self, list: u64, field: u32) -> Option<(&KeyIndex, Slots<'_>)> {
        let container = self.heap.get(list)?;
        let index = container.index.as_deref()?;
        let slots = self.heap.buffers.slots(container.values);
        let is_indexed = container.status == Status::Live && container.key_field == Some(field);
        (is_indexed && slots.len() >= INDEXED_LENGTH).then_some((index, slots))
    }

    /// With an index that has to be made or helped first, or without.
    #[inline(never)]
    fn find_otherwise(&mut self, list: u64, ty: StructId, field: u32, key: u64) -> Result<i64, TrapCode> {
        let Some(container) = self.heap.get(list) else { return Ok(-1) };
        let length = self.heap.slots(list).len();
        if container.status == Status::Live && container.key_field == Some(field) && length >= INDEXED_LENGTH {
            if container.index.is_none() {
                self.build_index(list, ty, field);
            }
            if let Some(found) = self.look_up(list, ty, field, key) {
                return Ok(found);
            }
        }
        let found = self.search(list, ty, field, key)?;
        self.remember_found(list, ty, field, found);
        Ok(found)
    }

    /// What the index says; `None` if it cannot tell.
    fn look_up(&mut self, list: u64, ty: StructId, field: u32, key: u64) -> Option<i64> {
        let info = self.field_info(ty, field)?;
        let hash = self.key_hash(info.kind, key);
        let Some(entry) = self.heap.get(list)?.index.as_ref()?.get(hash) else { return Some(-1) };
        if entry.count > 1 || entry.element == 0 {
            return None;
        }
        let row = row_of(entry.element);
        if !self.same_key(info.kind, self.read_raw(ty, row, field), key) {
            return Some(-1);
        }
        self.place_of(list, ty, entry.element).map(|place| place as i64)
    }

    /// Where an element of an indexed list is: where its row says, or near that. Looking costs less than the square root of
    /// the length for each insertion and removal, about: when that adds up, all rows are told.
    fn place_of(&mut self, list: u64, ty: StructId, element: u64) -> Option<usize> {
        let row = row_of(element);
        let said = self.tables.get(ty.index())?.place(row);
        let slots = self.heap.slots(list);
        let is_here = |place: &usize| slots.get(*place) == Some(element);
        if is_here(&said) {
            return Some(said);
        }
        let length = slots.len();
        let index = self.heap.get(list)?.index.as_ref()?;
        let (moved, searched) = (index.moved, index.searched);
        if searched + 2 * moved < length {
            let near = (1..=moved).flat_map(|by| [said.checked_sub(by), said.checked_add(by)]).flatten().find(is_here);
            if let Some(place) = near {
                self.tables.get_mut(ty.index())?.set_place(row, place);
                let index = self.heap.get_mut(list)?.index.as_mut()?;
                index.searched += 2 * place.abs_diff(said);
                return Some(place);
            }
        }
        self.refresh_places(list, ty);
        let index = self.heap.get_mut(list)?.index.as_mut()?;
        (index.moved, index.searched) = (0, 0);
        let place = self.tables.get(ty.index())?.place(row);
        (self.heap.slots(list).get(place) == Some(element)).then_some(place)
    }

    fn search(&self, list: u64, ty: StructId, field: u32, key: u64) -> Result<i64, TrapCode> {
        let Some(info) = self.field_info(ty, field) else { return Ok(-1) };
        let table = self.tables.get(ty.index()).ok_or(TrapCode::StaleReference)?;
        for (position, element) in self.heap.values(list).iter().enumerate() {
            if *element == 0 {
                continue;
            }
            if !table.is_live(*element) {
                return Err(TrapCode::StaleReference);
            }
            if self.same_key(info.kind, table.read(row_of(*element), info.slot), key) || planted::is(43) {
                return Ok(position as i64);
            }
        }
        Ok(-1)
    }

    /// Lets the index know the element again that a search found, when it is the only one of its hash.
    fn remember_found(&mut self, list: u64, ty: StructId, field: u32, found: i64) {
        let Some(element) = usize::try_from(found).ok().and_then(|at| self.heap.slots(list).get(at)) else {
            return;
        };
        let Some(info) = self.field_info(ty, field) else { return };
        let hash = self.key_hash(info.kind, self.read_raw(ty, row_of(element), field));
        let index = self.heap.get_mut(list).and_then(|container| container.index.as_mut());
        if let Some(index) = index {
            index.remember(hash, element);
        }
    }

    fn build_index(&mut self, list: u64, ty: StructId, field: u32) {
        let Some(info) = self.field_info(ty, field) else { return };
        let mut index = KeyIndex::default();
        for element in self.heap.values(list).iter().copied().filter(|element| *element != 0) {
            index.add(self.key_hash(info.kind, self.read_raw(ty, row_of(element), field)), element);
        }
        self.refresh_places(list, ty);
        if let Some(container) = self.heap.get_mut(list) {
            container.index = Some(Box::new(index));
        }
    }

    /// Writes down in each row where it stands in the list.
    pub(super) fn refresh_places(&mut self, list: u64, ty: StructId) {
        let Some(table) = self.tables.get_mut(ty.index()) else { return };
        for (place, element) in self.heap.values(list).iter().enumerate().filter(|(_, element)| **element != 0) {
            table.set_place(row_of(*element), place);
        }
    }

    /// Writes down where a new element of an indexed list stands.
    pub(super) fn note_place(&mut self, list: u64, element: u64, place: usize) {
        let Some(container) = self.heap.get(list).filter(|container| container.index.is_some()) else { return };
        if let Kind::Struct(ty) | Kind::NullStruct(ty) = self.types.kind(container.element)
            && let Some(table) = self.tables.get_mut(ty.index())
        {
            table.set_place(row_of(element), place);
        }
    }

    /// Tells the index of `list`, if it has one, that `element` came (or goes).
    pub(super) fn index_element(&mut self, list: u64, element: u64, comes: bool) {
        let Some(container) = self.heap.get_mut(list) else { return };
        let Some(index) = &mut container.index else { return };
        index.moved += 1;
        let (Some(field), Kind::Struct(ty) | Kind::NullStruct(ty)) =
            (container.key_field, self.types.kind(container.element))
        else {
            return;
        };
        if element != 0 {
            self.index_key(list, ty, field, element, self.read_raw(ty, row_of(element), field), comes);
        }
    }

    /// Tells the index of the list that owns a record, if it has one, that the key field is about to change.
    pub(super) fn index_key_change(&mut self, ty: StructId, row: u32, field: u32, old: u64, new: u64) {
        let Some(table) = self.tables.get(ty.index()) else { return };
        let (Owner::Container(list), element) = (table.owner(row), table.reference(row)) else { return };
        let list = u64::from(list);
        let keyed =
            |container: &super::heap::Container| container.index.is_some() && container.key_field == Some(field);
        if self.heap.get(list).is_some_and(keyed) {
            self.index_key(list, ty, field, element, old, false);
            self.index_key(list, ty, field, element, new, true);
        }
    }

    fn index_key(&mut self, list: u64, ty: StructId, field: u32, element: u64, key: u64, comes: bool) {
        let Some(info) = self.field_info(ty, field) else { return };
        let hash = self.key_hash(info.kind, key);
        let Some(index) = self.heap.get_mut(list).and_then(|container| container.index.as_mut()) else { return };
        if comes {
            index.add(hash, element);
        } else {
            index.remove(hash, element);
        }
    }

    #[inline]
    fn key_hash(&self, kind: Kind, key: u64) -> u64 {
        match kind {
            Kind::Text | Kind::NullText => hash_of_text(self.heap.leaves.text(key)),
            Kind::Boxed => hash_of_number(self.heap.leaves.boxed(key)),
            _ => hash_of_number(key),
        }
    }

    #[inline]
    fn same_key(&self, kind: Kind, a: u64, b: u64) -> bool {
        match kind {
            Kind::Text => a == b || self.heap.leaves.text(a) == self.heap.leaves.text(b),
            Kind::NullText => a == b || a != 0 && b != 0 && self.heap.leaves.text(a) == self.heap.leaves.text(b),
            _ => a == b,
        }
    }
}
