//! Structs, records, lists and maps: one method per operation of the IR, named after it.

use statewright_types::{StructId, Type};

use super::exit::{At, Flow};
use super::run::{Bits, Run, Slot};
use super::texts;
use crate::memory::Rows;
use crate::state::FieldPlace;

impl Run<'_, '_> {
    /// `root`
    #[inline]
    pub fn root(&self, ty: StructId, node: &str) -> Flow<Slot> {
        self.cx.state.root(ty).at(node)
    }

    /// `root.activate`
    pub fn root_activate(&mut self, ty: StructId, node: &str) -> Flow<bool> {
        self.cx.root_activate(ty).at(node)
    }

    /// `root.deactivate`
    pub fn root_deactivate(&mut self, ty: StructId, node: &str) -> Flow<bool> {
        self.cx.root_deactivate(ty).at(node)
    }

    /// `root.is_active`
    pub fn root_is_active(&self, ty: StructId) -> bool {
        self.cx.state.root_is_active(ty)
    }

    /// `root.reset`
    pub fn root_reset(&mut self, ty: StructId, node: &str) -> Flow<()> {
        self.cx.root_reset(ty).at(node)
    }

    /// `load`
    #[inline(always)]
    pub fn load<T: Bits>(&self, record: Slot, field: FieldPlace, node: &str) -> Flow<T> {
        self.cx.state.load_at(record, field).map(T::of).at(node)
    }

    /// `load.known`
    #[inline(always)]
    pub fn load_known<T: Bits>(&self, record: Slot, field: FieldPlace) -> T {
        T::of(self.cx.state.load_at(record, field).unwrap_or(0))
    }

    /// The rows of a type, for loops that write nothing.
    #[inline]
    pub fn rows(&self, ty: StructId) -> Rows<'_> {
        self.cx.state.rows(ty).unwrap_or_default()
    }

    /// The rows of a list's elements, `N` words each, in the list's order, if they stand one behind the other: for loops that
    /// write nothing.
    #[inline]
    pub fn dense<const N: usize>(&self, list: Slot) -> Option<&[[u64; N]]> {
        self.cx.state.dense(list)?.rows()
    }

    /// The elements of a list, for loops that write nothing.
    #[inline]
    pub fn slots(&self, list: Slot) -> &[u64] {
        self.cx.state.list_slots(list)
    }

    /// `store`
    #[inline(always)]
    pub fn store(&mut self, record: Slot, field: FieldPlace, value: impl Bits, node: &str) -> Flow<()> {
        self.cx.store_at(record, field, value.bits()).at(node)
    }

    /// `write.check`
    pub fn check_write(&self, record: Slot, field: FieldPlace, node: &str) -> Flow<()> {
        self.cx.check_write(record, field.ty, field.field).at(node)
    }

    /// `write.check.in`
    pub fn check_write_in(&self, container: Slot, at: Option<u64>, node: &str) -> Flow<()> {
        self.cx.check_write_in(container, at).at(node)
    }

    /// `struct.new`
    pub fn struct_new(&mut self, ty: StructId) -> Slot {
        self.cx.state.struct_new(ty)
    }

    /// `struct.init`
    pub fn struct_init(&mut self, record: Slot, field: FieldPlace, value: impl Bits, node: &str) -> Flow<()> {
        self.cx.state.struct_init(record, field.ty, field.field, value.bits()).at(node)
    }

    /// `struct.copy`
    pub fn struct_copy(&mut self, record: Slot, ty: StructId, node: &str) -> Flow<Slot> {
        self.cx.state.struct_copy(record, ty).at(node)
    }

    /// `struct.attached`
    pub fn struct_attached(&self, record: Slot, ty: StructId, node: &str) -> Flow<bool> {
        self.cx.state.struct_attached(record, ty).at(node)
    }

    /// `record.new`
    pub fn record_new(&mut self, ty: &Type, fields: &[u64]) -> Slot {
        match ty {
            Type::Record(record) => self.cx.state.record_new(record, fields),
            _ => 0,
        }
    }

    /// `record.get`
    #[inline]
    pub fn record_get<T: Bits>(&self, record: Slot, index: u32) -> T {
        T::of(self.cx.state.record_get(record, index))
    }

    /// `list.new`
    pub fn list_new(&mut self, ty: &Type, elements: &[u64], node: &str) -> Flow<Slot> {
        self.cx.state.list_new(ty, elements).at(node)
    }

    /// `list.len`
    #[inline]
    pub fn list_len(&self, list: Slot) -> i64 {
        self.cx.state.list_len(list) as i64
    }

    /// `list.get`
    #[inline(always)]
    pub fn list_get<T: Bits>(&self, list: Slot, index: i64, node: &str) -> Flow<T> {
        self.cx.state.list_get(list, index).map(T::of).at(node)
    }

    /// `list.at`
    #[inline(always)]
    pub fn list_at<T: Bits>(&self, list: Slot, index: i64) -> T {
        T::of(self.cx.state.list_get(list, index).unwrap_or(0))
    }

    /// `list.push`
    #[inline]
    pub fn list_push(&mut self, list: Slot, value: impl Bits, node: &str) -> Flow<()> {
        self.cx.list_push(list, value.bits()).at(node)
    }

    /// `list.snapshot`
    pub fn list_snapshot(&mut self, list: Slot) -> Slot {
        self.cx.state.list_snapshot(list)
    }

    /// `list.find`
    pub fn list_find(&self, list: Slot, value: impl Bits, node: &str) -> Flow<i64> {
        self.cx.state.list_find(list, value.bits()).at(node)
    }

    /// `list.find_key`
    #[inline]
    pub fn list_find_key(&mut self, list: Slot, field: FieldPlace, key: impl Bits, node: &str) -> Flow<i64> {
        self.cx.state.list_find_key(list, field.ty, field.field, key.bits()).at(node)
    }

    /// The same, with the element; 0 if there is none.
    #[inline]
    pub fn list_find_element(
        &mut self,
        list: Slot,
        field: FieldPlace,
        key: impl Bits,
        node: &str,
    ) -> Flow<(i64, Slot)> {
        let found = if field.is_number {
            self.cx.state.list_find_number(list, field, key.bits())
        } else {
            self.cx.state.list_find_element(list, field.ty, field.field, key.bits())
        };
        found.at(node)
    }

    /// The same, of which only the element and whether there is one are wanted: the index is 0 or −1.
    #[inline]
    pub fn list_find_alone(&mut self, list: Slot, field: FieldPlace, key: impl Bits, node: &str) -> Flow<(i64, Slot)> {
        if field.is_number
            && let Some(element) = self.cx.state.list_element_of(list, field, key.bits())
        {
            return Ok((0, element));
        }
        let (at, element) = self.cx.state.list_find_element(list, field.ty, field.field, key.bits()).at(node)?;
        Ok((at.min(0), element))
    }

    /// `list.order`, for elements of that type.
    pub fn list_order(&mut self, element: &Type, list: Slot, descending: bool) -> Slot {
        texts::order(self.cx, element, list, descending)
    }

    /// `list.insert`
    pub fn list_insert(&mut self, list: Slot, index: i64, value: impl Bits, node: &str) -> Flow<()> {
        self.cx.list_insert(list, index, value.bits()).at(node)
    }

    /// `list.set`
    pub fn list_set(&mut self, list: Slot, index: i64, value: impl Bits, node: &str) -> Flow<()> {
        self.cx.list_set(list, index, value.bits()).at(node)
    }

    /// `list.remove`
    pub fn list_remove(&mut self, list: Slot, index: i64, node: &str) -> Flow<()> {
        self.cx.list_remove(list, index).at(node)
    }

    /// `list.assign`
    pub fn list_assign(&mut self, list: Slot, source: Slot, node: &str) -> Flow<()> {
        self.cx.list_assign(list, source).at(node)
    }

    /// `list.clear`
    pub fn list_clear(&mut self, list: Slot, node: &str) -> Flow<()> {
        self.cx.list_clear(list).at(node)
    }

    /// `list.version`
    #[inline]
    pub fn list_version(&self, list: Slot) -> i64 {
        self.cx.state.list_version(list) as i64
    }

    /// `map.new`
    pub fn map_new(&mut self, ty: &Type, entries: &[u64], node: &str) -> Flow<Slot> {
        self.cx.state.map_new(ty, entries).at(node)
    }

    /// `map.len`
    pub fn map_len(&self, map: Slot) -> i64 {
        self.cx.state.map_len(map) as i64
    }

    /// `map.find`
    pub fn map_find(&self, map: Slot, key: impl Bits) -> i64 {
        self.cx.state.map_find(map, key.bits())
    }

    /// `map.key_at`
    pub fn map_key_at<T: Bits>(&self, map: Slot, position: i64, node: &str) -> Flow<T> {
        self.cx.state.map_key_at(map, position).map(T::of).at(node)
    }

    /// `map.value_at`
    pub fn map_value_at<T: Bits>(&self, map: Slot, position: i64, node: &str) -> Flow<T> {
        self.cx.state.map_value_at(map, position).map(T::of).at(node)
    }

    /// `map.put`
    pub fn map_put(&mut self, map: Slot, key: impl Bits, value: impl Bits, node: &str) -> Flow<()> {
        self.cx.map_put(map, key.bits(), value.bits()).at(node)
    }

    /// `map.remove`
    pub fn map_remove(&mut self, map: Slot, key: impl Bits, node: &str) -> Flow<bool> {
        self.cx.map_remove(map, key.bits()).at(node)
    }

    /// `map.snapshot`
    pub fn map_snapshot(&mut self, map: Slot) -> Slot {
        self.cx.state.map_snapshot(map)
    }

    /// `map.assign`
    pub fn map_assign(&mut self, map: Slot, source: Slot, node: &str) -> Flow<()> {
        self.cx.map_assign(map, source).at(node)
    }

    /// `map.clear`
    pub fn map_clear(&mut self, map: Slot, node: &str) -> Flow<()> {
        self.cx.map_clear(map).at(node)
    }

    /// `map.version`
    pub fn map_version(&self, map: Slot) -> i64 {
        self.cx.state.map_version(map) as i64
    }
}
