//! What storing means: copying a value, or a live struct of another place, into objects that a place owns.

use statewright_types::{Limits, StructId, TrapCode};

use super::heap::{Shape, Status};
use super::kinds::{Kind, TypeId};
use super::undo::Undo;
use super::{NESTING, State};
use crate::memory::{BufferId, Owner, row_of};

impl State {
    /// A copy of `slot` for the place `owner`, at `depth` levels below the root; a value for `Owner::Value`. Leaves
    /// and numbers are as they are; whoever puts a leaf into the place counts it.
    pub(super) fn copy_in(&mut self, kind: Kind, slot: u64, owner: Owner, depth: usize) -> Result<u64, TrapCode> {
        match kind {
            Kind::Struct(ty) => self.copy_record(ty, slot, owner, depth),
            Kind::NullStruct(ty) if slot != 0 => self.copy_record(ty, slot, owner, depth),
            Kind::List(element) => self.copy_container(Shape::List, element, slot, owner, depth),
            Kind::NullList(element) if slot != 0 => self.copy_container(Shape::List, element, slot, owner, depth),
            Kind::Map(key, value) => self.copy_container(Shape::Map(key), value, slot, owner, depth),
            Kind::NullMap(key, value) if slot != 0 => self.copy_container(Shape::Map(key), value, slot, owner, depth),
            Kind::NullStruct(_) | Kind::NullList(_) | Kind::NullMap(..) => Ok(0),
            scalar => Ok(scalar.normalise(slot)),
        }
    }

    /// A deep copy of a record.
    pub(super) fn copy_record(
        &mut self,
        ty: StructId,
        source: u64,
        owner: Owner,
        depth: usize,
    ) -> Result<u64, TrapCode> {
        if depth > NESTING {
            return Err(TrapCode::MemoryLimit);
        }
        let from = self.live_row(source, ty)?;
        // What effects add is counted by them.
        if owner != Owner::Value && self.journal.active && !self.overlay.writing {
            self.journal.added += 1;
            if self.journal.added > Limits::ADDED && !self.journal.loads {
                return Err(TrapCode::MemoryLimit);
            }
        }
        let (copy, flat, count) = self.record_for(ty, owner, depth)?;
        let row = row_of(copy);
        if let Some(table) = self.tables.get_mut(ty.index()) {
            table.copy(from, row);
        }
        if !flat {
            for field in 0..count {
                let Some(info) = self.field_info(ty, field).filter(|info| info.kind.is_deep()) else { continue };
                // Until it is copied the field must not seem to own what the source owns.
                self.write_raw(ty, row, field, 0);
                let place = if owner == Owner::Value { owner } else { Owner::Field { ty, row, field } };
                let slot = self.copy_in(info.kind, self.read_raw(ty, from, field), place, depth + 1)?;
                self.write_raw(ty, row, field, slot);
            }
        }
        if owner != Owner::Value {
            if let Some(table) = self.tables.get_mut(ty.index()) {
                table.set_owner(row, owner);
            }
            self.hold_fields(ty, row, true);
            self.log(Undo::RowNew { ty, row });
        }
        Ok(copy)
    }

    /// As [`Self::blank_record`], for a copy that `owner` will own: what an effect adds keeps its identity.
    fn record_for(&mut self, ty: StructId, owner: Owner, depth: usize) -> Result<(u64, bool, u32), TrapCode> {
        if !self.overlay.writing || owner == Owner::Value {
            return self.blank_record(ty, depth);
        }
        if let Some(record) = self.overlay_record(ty) {
            let info = self.structs.get(ty.index()).ok_or(TrapCode::StaleReference)?;
            return Ok((record, info.flat, info.fields.len() as u32));
        }
        let blank = self.blank_record(ty, depth)?;
        self.overlay_created(ty, blank.0);
        Ok(blank)
    }

    /// As [`Heap::add`](super::heap::Heap::add), for a copy that `owner` will own.
    fn container_for(
        &mut self,
        shape: Shape,
        element: TypeId,
        (keys, values): (BufferId, BufferId),
        owner: Owner,
    ) -> u64 {
        if !self.overlay.writing || owner == Owner::Value {
            return self.heap.add(shape, element, keys, values);
        }
        if let Some(container) = self.overlay_container() {
            self.heap.renew(container, shape, element, keys, values);
            return container;
        }
        let container = self.heap.add(shape, element, keys, values);
        self.overlay_created_container(container);
        container
    }

    /// A record of zeros that is a value, whether its type is flat, and how many fields it has.
    pub(super) fn blank_record(&mut self, ty: StructId, depth: usize) -> Result<(u64, bool, u32), TrapCode> {
        let (Some(info), Some(table)) = (self.structs.get(ty.index()), self.tables.get_mut(ty.index())) else {
            return Err(TrapCode::StaleReference);
        };
        if depth > NESTING {
            return Err(TrapCode::MemoryLimit);
        }
        let count = table.count();
        let record = table.allocate(&[], Owner::Value, self.span);
        if table.count() != count {
            self.places.moved();
        }
        self.retired.push((ty, row_of(record)));
        Ok((record, info.flat, info.fields.len() as u32))
    }

    /// A copy of a list or map; of 0, an empty one.
    pub(super) fn copy_container(
        &mut self,
        shape: Shape,
        element: TypeId,
        source: u64,
        owner: Owner,
        depth: usize,
    ) -> Result<u64, TrapCode> {
        if depth > NESTING {
            return Err(TrapCode::MemoryLimit);
        }
        let kind = self.types.kind(element);
        let (keys, values, same) = match self.heap.get(source) {
            Some(container) => (container.keys, container.values, container.element == element),
            None => (BufferId::default(), BufferId::default(), true),
        };
        let (keys, values) = (self.heap.buffers.share(keys), self.heap.buffers.share(values));
        let copy = self.container_for(shape, element, (keys, values), owner);
        let narrow = !same && kind.is_number();
        if kind.is_deep() || narrow {
            let place = if owner == Owner::Value { owner } else { Owner::Container(copy as u32) };
            let source = self.heap.buffers.share(values);
            let result = self.copy_elements(copy, kind, source, place, depth);
            self.heap.buffers.release(source);
            result?;
        }
        if owner != Owner::Value {
            self.attach_container(copy, owner);
        }
        Ok(copy)
    }

    fn copy_elements(
        &mut self,
        copy: u64,
        kind: Kind,
        source: BufferId,
        place: Owner,
        depth: usize,
    ) -> Result<(), TrapCode> {
        for at in 0..self.heap.buffers.slots(source).len() {
            let slot = self.heap.buffers.slots(source).get(at).unwrap_or(0);
            let slot = self.copy_in(kind, slot, place, depth + 1)?;
            self.heap.set_value(copy, at, slot);
        }
        Ok(())
    }

    /// Makes a container part of the state.
    fn attach_container(&mut self, number: u64, owner: Owner) {
        let key_field = match owner {
            Owner::Field { ty, field, .. } => self.field_info(ty, field).and_then(|info| info.key),
            _ => None,
        };
        let span = self.span;
        if let Some(container) = self.heap.get_mut(number) {
            container.status = Status::Live;
            container.owner = owner;
            container.key_field = key_field;
            container.born = span;
            container.version = 1;
        }
        self.hold_content(number, true);
        self.log(Undo::ContainerNew { container: number as u32 });
    }

    /// How many records and containers are around a place.
    pub(super) fn depth(&self, mut owner: Owner) -> usize {
        let mut depth = 0;
        while depth <= NESTING {
            owner = match owner {
                Owner::Field { ty, row, .. } => {
                    self.tables.get(ty.index()).map_or(Owner::Free, |table| table.owner(row))
                }
                Owner::Container(number) => {
                    self.heap.get(u64::from(number)).map_or(Owner::Free, |container| container.owner)
                }
                Owner::Free | Owner::Value | Owner::Lifted | Owner::Root => break,
            };
            depth += 1;
        }
        depth
    }

    /// A copy of `slot` for the place `owner` of the state.
    pub(super) fn copy_to(&mut self, kind: Kind, slot: u64, owner: Owner) -> Result<u64, TrapCode> {
        let depth = if kind.is_deep() { self.depth(owner) } else { 0 };
        self.copy_in(kind, slot, owner, depth)
    }
}
