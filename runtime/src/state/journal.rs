//! Transactions: what was written since `begin`, in a form that can be taken back.

use statewright_types::StructId;

use super::State;
use super::heap::{Shape, Status};
use super::undo::{FieldUndo, Last, MARKED, Point, Undo};
use crate::memory::{Owner, row_of};

/// Takes an open transaction back, should a closure not come back.
struct Undoing<'a>(&'a mut State);

impl Drop for Undoing<'_> {
    fn drop(&mut self) {
        if self.0.in_transaction() {
            self.0.rollback();
        }
    }
}

impl State {
    /// Begins a transaction. They do not nest: a second `begin` is a programming error.
    pub fn begin(&mut self) {
        debug_assert!(!self.journal.active, "a transaction is running already");
        self.journal.active = true;
        self.journal.loads = false;
        self.journal.added = 0;
        self.heap.buffers.start_count();
        self.streams.begin();
    }

    /// Begins a transaction that may add any number of structs: what a file holds was made by many.
    pub(super) fn begin_load(&mut self) {
        self.begin();
        self.journal.loads = true;
    }

    /// Keeps what was written and frees what the transaction left unattached.
    pub fn commit(&mut self) {
        debug_assert!(self.journal.active, "no transaction is running");
        self.end_overlay();
        if std::mem::take(&mut self.journal.holds_buffers) {
            self.release_replaced();
        }
        self.journal.clear();
        self.journal.active = false;
        self.streams.commit();
        self.sweep();
        self.prune_changes();
    }

    /// Lets go of what was kept to be put back.
    #[inline(never)]
    fn release_replaced(&mut self) {
        for entry in &self.journal.entries {
            if let Undo::Replace { keys, values, .. } = *entry {
                self.heap.buffers.release(keys);
                self.heap.buffers.release(values);
            }
        }
    }

    /// Takes everything back that was written since `begin`: content, identity, change marks, random draws.
    pub fn rollback(&mut self) {
        debug_assert!(self.journal.active, "no transaction is running");
        self.end_overlay();
        self.journal.active = false;
        self.undo_to(Point::default(), State::undo);
        self.journal.clear_entries();
        self.streams.rollback();
        self.sweep();
    }

    /// Runs `change` as one transaction: kept if it gives `Ok`, undone as a whole if it gives `Err`, or panics.
    ///
    /// # Errors
    /// That of `change`.
    pub fn transaction<R, E>(&mut self, change: impl FnOnce(&mut State) -> Result<R, E>) -> Result<R, E> {
        self.begin();
        let guard = Undoing(self);
        let outcome = change(guard.0)?;
        if guard.0.in_transaction() {
            guard.0.commit();
        }
        Ok(outcome)
    }

    /// Whether a transaction is running.
    pub fn in_transaction(&self) -> bool {
        self.journal.active
    }

    #[inline]
    pub(super) fn log(&mut self, entry: Undo) {
        if self.journal.active {
            self.journal.holds_buffers |= matches!(entry, Undo::Replace { .. });
            self.journal.push(entry);
        } else if let Undo::Replace { keys, values, .. } = entry {
            self.heap.buffers.release(keys);
            self.heap.buffers.release(values);
        }
    }

    /// Frees rows, containers and leaves that are no part of the state.
    #[inline]
    fn sweep(&mut self) {
        if !self.retired.is_empty() {
            self.sweep_rows();
        }
        self.heap.sweep();
    }

    #[inline(never)]
    fn sweep_rows(&mut self) {
        while let Some((ty, row)) = self.retired.pop() {
            let Some(table) = self.tables.get_mut(ty.index()) else { continue };
            let garbage = match table.owner(row) {
                Owner::Free => false,
                Owner::Value | Owner::Lifted => true,
                Owner::Root | Owner::Field { .. } | Owner::Container(_) => !table.in_use(row),
            };
            if garbage {
                table.release(row);
            }
        }
    }

    /// Takes everything back that came after `point`; what is no field, by `undo`.
    pub(super) fn undo_to(&mut self, point: Point, undo: impl Fn(&mut State, Undo)) {
        while let Some(last) = self.journal.pop(point) {
            match last {
                Last::Field(entry) => self.undo_field(entry),
                Last::Entry(entry) => undo(self, entry),
            }
        }
    }

    pub(super) fn undo(&mut self, entry: Undo) {
        match entry {
            // Those are taken back one by one.
            Undo::Fields { .. } => {}
            Undo::RowNew { ty, row } => {
                self.hold_fields(ty, row, false);
                if let Some(table) = self.tables.get_mut(ty.index()) {
                    table.set_owner(row, Owner::Value);
                }
                self.retired.push((ty, row));
            }
            Undo::RowRemoved { ty, row } => {
                if let Some(table) = self.tables.get_mut(ty.index()) {
                    table.revive(row);
                }
                self.hold_fields(ty, row, true);
                self.point_record(ty, row, false);
            }
            Undo::ContainerNew { container } => {
                let container = u64::from(container);
                self.hold_content(container, false);
                self.set_status(container, Status::Value);
                self.heap.retire(container);
            }
            Undo::ContainerRemoved { container } => {
                let container = u64::from(container);
                self.set_status(container, Status::Live);
                self.hold_content(container, true);
                self.bump(container, -1);
                self.point_container(container, false);
            }
            Undo::Counted { container } => self.bump(u64::from(container), -1),
            Undo::Collapse { container } => {
                let operations = self.journal.collapsed.pop().unwrap_or_default();
                self.uncollapse(u64::from(container), operations);
            }
            Undo::Setting => {
                if let Some((path, was)) = self.journal.settings.pop() {
                    self.settings.put(path, was);
                }
            }
            Undo::Root { ty, was, marked } => {
                self.places.moved();
                match (was, self.roots.iter_mut().find(|root| root.ty == ty)) {
                    (Some(active), Some(root)) => root.active = active,
                    _ => self.roots.retain(|root| root.ty != ty),
                }
                if marked {
                    self.changes.roots.pop();
                }
            }
            Undo::ListInsert { .. }
            | Undo::ListRemove { .. }
            | Undo::ListSet { .. }
            | Undo::MapInsert { .. }
            | Undo::MapRemove { .. }
            | Undo::MapSet { .. }
            | Undo::Replace { .. } => self.undo_container(entry),
        }
    }

    fn undo_field(&mut self, FieldUndo { old, row, place }: FieldUndo) {
        let (ty, field) = super::direct::numbered(&self.structs, place & !MARKED);
        if place & MARKED != 0 {
            self.unmark_field(ty, row, field);
        }
        let Some(info) = self.field_info(ty, field) else { return };
        let current = self.read_raw(ty, row, field);
        if info.kind.is_leaf() {
            self.heap.leaves.hold(old);
            self.heap.leaves.unhold(current);
        }
        if info.is_key {
            self.forget_index_of_row(ty, row);
        }
        self.write_raw(ty, row, field, old);
    }

    fn undo_container(&mut self, entry: Undo) {
        let (container, marked) = match entry {
            Undo::ListInsert { list, at, marked } => {
                let list = u64::from(list);
                let gone = self.heap.remove_value(list, at as usize);
                self.hold_value(list, gone.unwrap_or(0), false);
                self.bump(list, -1);
                (list, marked)
            }
            Undo::ListRemove { list, at, old, marked } => {
                let list = u64::from(list);
                self.heap.insert_value(list, at as usize, old);
                self.hold_value(list, old, true);
                self.bump(list, -1);
                (list, marked)
            }
            Undo::ListSet { list: container, at, old, marked } | Undo::MapSet { map: container, at, old, marked } => {
                let container = u64::from(container);
                self.hold_value(container, old, true);
                let current = self.heap.set_value(container, at as usize, old);
                self.hold_value(container, current.unwrap_or(0), false);
                (container, marked)
            }
            Undo::MapInsert { map, at, marked } => {
                let map = u64::from(map);
                let gone = self.heap.remove_value(map, at as usize);
                let key = self.heap.remove_key(map, at as usize);
                self.hold_value(map, gone.unwrap_or(0), false);
                self.hold_key(map, key.unwrap_or(0), false);
                self.bump(map, -1);
                (map, marked)
            }
            Undo::MapRemove { map, at, old, marked } => {
                let (map, key) = (u64::from(map), self.journal.keys.pop().unwrap_or(0));
                self.heap.insert_value(map, at as usize, old);
                self.heap.insert_key(map, at as usize, key);
                self.hold_value(map, old, true);
                self.hold_key(map, key, true);
                self.bump(map, -1);
                (map, marked)
            }
            Undo::Replace { container, keys, values, marked } => {
                let container = u64::from(container);
                self.hold_content(container, false);
                if let Some(entry) = self.heap.get_mut(container) {
                    let now = (std::mem::replace(&mut entry.keys, keys), std::mem::replace(&mut entry.values, values));
                    self.heap.buffers.release(now.0);
                    self.heap.buffers.release(now.1);
                }
                self.hold_content(container, true);
                self.bump(container, -1);
                (container, marked)
            }
            _ => return,
        };
        if let Some(entry) = self.heap.get_mut(container) {
            entry.index = None;
        }
        if marked {
            self.unmark_container(container);
        }
    }

    /// Drops the key index of the list that owns a record; it is built again when somebody looks.
    fn forget_index_of_row(&mut self, ty: StructId, row: u32) {
        let owner = self.tables.get(ty.index()).map_or(Owner::Free, |table| table.owner(row));
        if let Owner::Container(list) = owner
            && let Some(list) = self.heap.get_mut(u64::from(list))
        {
            list.index = None;
        }
    }

    pub(super) fn set_status(&mut self, container: u64, status: Status) {
        if let Some(container) = self.heap.get_mut(container) {
            container.status = status;
        }
    }

    /// Counts a change of membership (or back).
    pub(super) fn bump(&mut self, container: u64, by: i64) {
        let step = self.step;
        if let Some(container) = self.heap.get_mut(container) {
            container.version = container.version.wrapping_add_signed(by.wrapping_mul(step));
        }
    }

    /// What [`Self::count_assignment`] compares with: writes so far, and the container's version.
    pub(super) fn before_assignment(&self, container: u64) -> (usize, u64) {
        (self.journal.written(), self.heap.get(container).map_or(0, |container| container.version))
    }

    /// An assignment that wrote anything is a change of membership, also where it kept the number of elements (R5.2).
    pub(super) fn count_assignment(&mut self, container: u64, before: (usize, u64)) {
        let now = self.before_assignment(container);
        if now.0 > before.0 && now.1 == before.1 {
            self.bump(container, 1);
            self.log(Undo::Counted { container: container as u32 });
        }
    }

    /// Counts the places that hold an element or value of a container.
    pub(super) fn hold_value(&mut self, container: u64, slot: u64, held: bool) {
        let element = self.heap.get(container).map(|container| container.element);
        if element.is_some_and(|element| self.types.kind(element).is_leaf()) {
            self.heap.leaves.count(slot, held);
        }
    }

    /// The same for a map's key.
    pub(super) fn hold_key(&mut self, map: u64, key: u64, held: bool) {
        if self.heap.get(map).is_some_and(|map| map.shape == Shape::Map(super::kinds::KeyKind::Text)) {
            self.heap.leaves.count(key, held);
        }
    }

    /// The same for everything directly in a container.
    pub(super) fn hold_content(&mut self, container: u64, held: bool) {
        let Some(entry) = self.heap.get(container) else { return };
        let (keys, values) = (entry.keys, entry.values);
        let values = if self.types.kind(entry.element).is_leaf() { self.heap.buffers.get(values) } else { &[] };
        let keys = match entry.shape {
            Shape::Map(super::kinds::KeyKind::Text) => self.heap.buffers.get(keys),
            _ => &[],
        };
        for slot in values.iter().chain(keys) {
            self.heap.leaves.count(*slot, held);
        }
    }

    /// The same for the leaf fields of a record.
    pub(super) fn hold_fields(&mut self, ty: StructId, row: u32, held: bool) {
        let (Some(info), Some(table)) = (self.structs.get(ty.index()), self.tables.get(ty.index())) else { return };
        if !info.leaves {
            return;
        }
        for field in info.fields.iter().filter(|field| field.kind.is_leaf()) {
            self.heap.leaves.count(table.read(row, field.slot), held);
        }
    }

    /// Removes a record from the state, and all that it owns: references to it are stale from now on.
    pub(super) fn detach_record(&mut self, ty: StructId, record: u64) {
        let row = row_of(record);
        if !self.tables.get(ty.index()).is_some_and(|table| table.is_live(record)) {
            return;
        }
        let fields = self.structs.get(ty.index()).map_or(0, |info| if info.flat { 0 } else { info.fields.len() });
        for field in 0..fields as u32 {
            if let Some(info) = self.field_info(ty, field).filter(|info| info.kind.is_deep()) {
                self.detach(info.kind, self.read_raw(ty, row, field));
            }
        }
        self.hold_fields(ty, row, false);
        self.point_record(ty, row, true);
        if let Some(table) = self.tables.get_mut(ty.index()) {
            table.retire(row);
        }
        self.retired.push((ty, row));
        self.log(Undo::RowRemoved { ty, row });
    }

    /// Removes what a field, element or entry of `kind` owns.
    pub(super) fn detach(&mut self, kind: super::kinds::Kind, slot: u64) {
        use super::kinds::Kind;
        match kind {
            Kind::Struct(ty) | Kind::NullStruct(ty) => self.detach_record(ty, slot),
            Kind::List(_) | Kind::NullList(_) | Kind::Map(..) | Kind::NullMap(..) => self.detach_container(slot),
            _ => {}
        }
    }

    fn detach_container(&mut self, container: u64) {
        let Some(entry) = self.heap.get(container).filter(|entry| entry.status == Status::Live) else { return };
        let kind = self.types.kind(entry.element);
        if kind.is_deep() {
            let values = self.heap.buffers.share(entry.values);
            for at in 0..self.heap.buffers.slots(values).len() {
                let slot = self.heap.buffers.slots(values).get(at).unwrap_or(0);
                self.detach(kind, slot);
            }
            self.heap.buffers.release(values);
        }
        self.hold_content(container, false);
        self.point_container(container, true);
        self.set_status(container, Status::Dead);
        self.bump(container, 1);
        self.heap.retire(container);
        self.log(Undo::ContainerRemoved { container: container as u32 });
    }
}
