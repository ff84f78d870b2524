//! What an encoder looks at besides the values: who owns what, keys of maps, where elements stand, whole rows.

use statewright_types::StructId;

use super::State;
use super::changes::MapKey;
use super::heap::{Container, Shape, Status};
use super::kinds::KeyKind;
use crate::memory::{Owner, Row, Slots, row_of};

impl State {
    /// Who owns a record; nobody (`Owner::Free`) owns what is stale. By reference, as here everywhere: an owner that is handed
    /// on through memory is waited for.
    #[inline]
    pub(crate) fn record_owner(&self, ty: StructId, record: u64) -> &Owner {
        match self.tables.get(ty.index()) {
            Some(table) if table.is_live(record) => table.owner_ref(row_of(record)),
            _ => &Owner::Free,
        }
    }

    /// The reference to the record that is in a row now, and who owns it.
    #[inline]
    pub(crate) fn record_in(&self, ty: StructId, row: u32) -> (u64, &Owner) {
        let table = self.tables.get(ty.index()).filter(|table| table.in_use(row));
        table.map_or((0, &Owner::Free), |table| (table.reference(row), table.owner_ref(row)))
    }

    /// The reference to the record that is in a row now.
    #[inline]
    pub(crate) fn record_at(&self, ty: StructId, row: u32) -> u64 {
        self.tables.get(ty.index()).map_or(0, |table| table.reference(row))
    }

    /// How many rows a type has, in use or not.
    pub(crate) fn row_count(&self, ty: StructId) -> usize {
        self.tables.get(ty.index()).map_or(0, crate::memory::Table::row_count)
    }

    /// How many containers there are, in use or not.
    pub(crate) fn containers(&self) -> usize {
        self.heap.numbers()
    }

    /// All fields of a record at once.
    #[inline]
    pub(crate) fn row(&self, ty: StructId, record: u64) -> Option<Row<'_>> {
        self.tables.get(ty.index())?.row(record)
    }

    /// The number in a box.
    #[inline]
    pub(crate) fn boxed(&self, slot: u64) -> u64 {
        self.heap.leaves.boxed(slot)
    }

    /// Keys of a map, ascending.
    pub(crate) fn map_keys(&self, map: u64) -> &[u64] {
        self.heap.keys(map)
    }

    /// What a list or map holds, one by one.
    #[inline]
    pub(crate) fn slots(&self, container: u64) -> Slots<'_> {
        self.heap.slots(container)
    }

    /// Who owns a list that is part of the state.
    #[inline]
    pub(crate) fn list_owner(&self, list: u64) -> Option<&Owner> {
        let is_it = |entry: &&Container| entry.status == Status::Live && entry.shape == Shape::List;
        self.heap.get(list).filter(is_it).map(|entry| &entry.owner)
    }

    /// Whether the keys of a container are texts: it is a map.
    pub(crate) fn has_text_keys(&self, container: u64) -> bool {
        self.heap.get(container).is_some_and(|entry| entry.shape == Shape::Map(KeyKind::Text))
    }

    /// The key of a map's entry at a position.
    pub(crate) fn key_at(&self, map: u64, position: usize) -> Option<MapKey> {
        let key = self.heap.key_slots(map).get(position)?;
        Some(self.map_key(map, key))
    }

    /// The value under a key of a map.
    pub(crate) fn entry(&self, map: u64, key: &MapKey) -> Option<u64> {
        let at = match key {
            MapKey::Text(text) => {
                let keys = self.heap.keys(map);
                keys.binary_search_by(|slot| self.heap.leaves.text(*slot).cmp(text)).ok()?
            }
            MapKey::Int(number) => usize::try_from(self.map_find(map, *number)).ok()?,
        };
        self.heap.slots(map).get(at)
    }

    /// Where in its list or map an element stands that was at `hint` when somebody last looked: there, or near that.
    #[inline]
    pub(crate) fn find_near(&self, container: u64, element: u64, hint: usize) -> Option<usize> {
        let slots = self.heap.slots(container);
        if slots.get(hint) == Some(element) {
            return Some(hint);
        }
        let near = (1..=NEAR).flat_map(|by| [hint.checked_sub(by), hint.checked_add(by)]).flatten();
        near.into_iter().find(|place| slots.get(*place) == Some(element))
    }
}

/// So far from where it was an element is looked for before all are.
const NEAR: usize = 64;
