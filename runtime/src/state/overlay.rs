//! The overlay of effects (R5.7): what effects make of the state within a transaction, in a journal of its own, so that
//! it can be lifted before the base is written, and put on again.
//!
//! While it is on, every read sees the effective state. What effects add keeps its identity when the overlay is lifted
//! and put on again: records and containers are taken from those of the time before, in order of creation. Lifted,
//! such a record can still be read, and writing it is `stale_reference`. An overlay leaves no change marks, and it counts
//! versions of containers in their high halves, so that lifting it and putting it on again changes none.

use std::collections::{BTreeMap, BTreeSet};

use statewright_types::StructId;
use statewright_types::random::Streams;

use super::State;
use super::heap::Status;
use super::kinds::Kind;
use super::undo::{FieldUndo, Journal, Point, Undo};
use crate::memory::{BufferId, Owner, row_of};

/// Sets the draws of effects (`@auto(uuid)` of what they create) apart from those of handlers.
const SALT: u64 = 0x6566_6665_6374_7331;

/// What one effect wrote.
#[derive(Clone, Copy, Debug)]
struct Layer {
    /// Where it begins in the overlay's journal.
    start: Point,
    /// What it counts a change of membership as.
    step: i64,
}

/// Things that effects created in this transaction, in order, and how many of them are taken again.
#[derive(Clone, Debug)]
struct Created<T> {
    all: Vec<T>,
    taken: usize,
}

impl<T> Default for Created<T> {
    fn default() -> Self {
        Created { all: Vec::new(), taken: 0 }
    }
}

impl<T: Copy> Created<T> {
    fn take(&mut self) -> Option<T> {
        let next = self.all.get(self.taken).copied();
        self.taken += usize::from(next.is_some());
        next
    }

    /// Those that are taken.
    fn taken(&self) -> &[T] {
        self.all.get(..self.taken).unwrap_or(&[])
    }

    fn add(&mut self, thing: T) {
        self.all.push(thing);
        self.taken = self.all.len();
    }
}

/// The overlay of the running transaction.
#[derive(Clone, Debug, Default)]
pub(super) struct Overlay {
    /// Whether it was on in this transaction.
    used: bool,
    /// Whether the state is the effective one.
    on: bool,
    /// Whether it is, and no effect is writing.
    guards: bool,
    /// Whether an effect is writing, or being undone: the state's journal is the overlay's for that time.
    pub(super) writing: bool,
    /// The journal that is not the state's at the moment.
    other: Journal,
    layers: Vec<Layer>,
    rows: BTreeMap<StructId, Created<u32>>,
    containers: Created<u64>,
    /// What the effect that writes draws from.
    streams: Option<Streams>,
    salt: u64,
}

impl State {
    /// Whether effects are applied to the state: it is the effective one, and must be lifted before the base is written.
    #[inline]
    pub fn is_overlaid(&self) -> bool {
        self.overlay.guards
    }

    /// Whether effects created records or containers in this transaction.
    pub fn overlay_creates(&self) -> bool {
        !self.overlay.rows.is_empty() || !self.overlay.containers.all.is_empty()
    }

    /// Begins to put an overlay on, within a transaction. Layers follow.
    pub fn overlay_begin(&mut self) {
        debug_assert!(self.journal.active && !self.overlay.on, "an overlay is put on once, within a transaction");
        self.overlay.used = true;
        (self.overlay.on, self.overlay.guards) = (true, true);
        self.overlay.containers.taken = 0;
        self.overlay.rows.values_mut().for_each(|created| created.taken = 0);
    }

    /// An effect begins to write. `number` tells it from others: it enters into the versions of containers that the
    /// effect changes the membership of.
    pub fn overlay_layer(&mut self, number: u64) {
        self.swap_journals(true);
        self.journal.active = true;
        // Odd, so that up to 2³² changes never add up to nothing; mixed, so that other effects' changes count otherwise.
        let weight = (number.wrapping_mul(0x9e37_79b9) | 1) as u32;
        self.step = i64::from(weight) << 32;
        self.overlay.layers.push(Layer { start: self.journal.point(), step: self.step });
        (self.overlay.streams, self.overlay.salt) = (None, SALT.wrapping_add(number));
    }

    /// How many changes the effect that writes has made: what it costs to make them, and to take them back.
    pub fn overlay_written(&self) -> u64 {
        let start = self.overlay.layers.last().map_or(0, |layer| layer.start.written);
        self.journal.written().saturating_sub(start) as u64
    }

    /// The effect is done, and what it wrote stays.
    pub fn overlay_keep(&mut self) {
        self.swap_journals(false);
    }

    /// The effect failed, and what it wrote goes.
    pub fn overlay_drop(&mut self) {
        self.undo_layer();
        self.swap_journals(false);
    }

    /// Has an overlay on, without effects if there is none yet: for layers that are looked at and dropped again.
    pub(crate) fn overlay_ensure(&mut self) {
        if !self.overlay.on {
            self.overlay_begin();
        }
    }

    /// Runs `body` in a layer of its own and takes back what it wrote. What it added is used again by the next one.
    pub(crate) fn overlay_apart<R>(&mut self, body: impl FnOnce(&mut State) -> R) -> R {
        self.overlay_ensure();
        let rows: Vec<_> = self.overlay.rows.iter().map(|(ty, created)| (*ty, created.taken)).collect();
        let containers = self.overlay.containers.taken;
        self.heap.buffers.start_count();
        self.overlay_layer(u64::MAX);
        let result = body(self);
        self.overlay_drop();
        self.overlay.rows.values_mut().for_each(|created| created.taken = 0);
        for (ty, taken) in rows {
            if let Some(created) = self.overlay.rows.get_mut(&ty) {
                created.taken = taken;
            }
        }
        self.overlay.containers.taken = containers;
        result
    }

    /// Takes the overlay off: the state is the base again.
    pub fn overlay_lift(&mut self) {
        if !self.overlay.on {
            return;
        }
        self.swap_journals(true);
        while !self.overlay.layers.is_empty() {
            self.undo_layer();
        }
        self.swap_journals(false);
        (self.overlay.on, self.overlay.guards) = (false, false);
    }

    /// Makes what the overlay shows the base. For copies of the state: nothing of it is marked as changed.
    pub fn overlay_adopt(&mut self) {
        self.journal.take_over(&mut self.overlay.other);
        self.overlay.layers.clear();
        (self.overlay.on, self.overlay.guards) = (false, false);
    }

    /// At a transaction's end: takes the overlay off for good.
    #[inline]
    pub(super) fn end_overlay(&mut self) {
        if self.overlay.used {
            self.forget_overlay();
        }
    }

    #[cold]
    fn forget_overlay(&mut self) {
        if self.overlay.writing {
            self.overlay_drop();
        }
        self.overlay_lift();
        self.overlay.rows.clear();
        self.overlay.containers = Created::default();
        self.overlay.streams = None;
        self.overlay.used = false;
    }

    fn swap_journals(&mut self, writing: bool) {
        debug_assert_ne!(self.overlay.writing, writing, "one effect writes at a time");
        std::mem::swap(&mut self.journal, &mut self.overlay.other);
        self.overlay.writing = writing;
        self.overlay.guards = self.overlay.on && !writing;
        self.step = 1;
    }

    /// Takes back what the last layer wrote; the overlay's journal is the state's.
    fn undo_layer(&mut self) {
        let Some(Layer { start, step }) = self.overlay.layers.pop() else { return };
        self.step = step;
        self.undo_to(start, |state, entry| match entry {
            Undo::RowNew { ty, row } => {
                state.hold_fields(ty, row, false);
                if let Some(table) = state.tables.get_mut(ty.index()) {
                    table.set_owner(row, Owner::Lifted);
                }
            }
            Undo::ContainerNew { container } => {
                let container = u64::from(container);
                state.hold_content(container, false);
                state.set_status(container, Status::Lifted);
            }
            other => state.undo(other),
        });
    }

    /// A record for an effect to fill and add to the state: that of the time before, if there is one.
    pub(super) fn overlay_record(&mut self, ty: StructId) -> Option<u64> {
        let row = self.overlay.rows.get_mut(&ty)?.take()?;
        self.tables.get(ty.index()).map(|table| table.reference(row))
    }

    /// An effect created a record.
    pub(super) fn overlay_created(&mut self, ty: StructId, record: u64) {
        self.overlay.rows.entry(ty).or_default().add(row_of(record));
    }

    /// A container for an effect to fill and add to the state.
    pub(super) fn overlay_container(&mut self) -> Option<u64> {
        self.overlay.containers.take()
    }

    /// An effect created a container.
    pub(super) fn overlay_created_container(&mut self, container: u64) {
        self.overlay.containers.add(container);
    }

    /// What draws: the session's streams, or the effect's own, which begin anew each time, so that what an effect creates is
    /// always the same.
    pub(super) fn drawing(&mut self) -> &mut Streams {
        if !self.overlay.writing {
            return &mut self.streams;
        }
        let (seed, generator) = (self.streams.seed() ^ self.overlay.salt, self.streams.generator());
        self.overlay.streams.get_or_insert_with(|| Streams::with_generator(seed, generator))
    }

    // What the overlay did, for whoever tells what effects show.

    /// Its journal, while it is on and no effect writes: fields, and all else.
    pub(super) fn overlay_entries(&self) -> (&[FieldUndo], &[Undo]) {
        let Overlay { guards, other, .. } = &self.overlay;
        if *guards { (other.fields.as_slice(), &other.entries) } else { (&[], &[]) }
    }

    /// The rows of records that it added.
    pub(super) fn overlay_rows(&self) -> impl Iterator<Item = (StructId, &u32)> {
        self.overlay.rows.iter().flat_map(|(ty, created)| created.taken().iter().map(|row| (*ty, row)))
    }

    /// The lists and maps that it added.
    pub(super) fn overlay_containers(&self) -> &[u64] {
        self.overlay.containers.taken()
    }

    // What writing the base under effects asks for.

    /// Whether a list or map belongs to the state.
    pub fn is_live(&self, container: u64) -> bool {
        self.heap.get(container).is_some_and(|container| container.status == Status::Live)
    }

    /// Whether a field holds no struct, list or map.
    pub(crate) fn is_plain(&self, ty: StructId, field: u32) -> bool {
        self.field_info(ty, field).is_some_and(|info| !info.kind.is_deep())
    }

    /// The struct at `index` of a list of structs: its position in the base may be another. `None` for anything else.
    pub(crate) fn struct_at(&self, list: u64, index: i64) -> Option<u64> {
        let element = self.heap.get(list).map(|entry| self.types.kind(entry.element))?;
        let is_struct = matches!(element, Kind::Struct(_) | Kind::NullStruct(_));
        let slot = usize::try_from(index).ok().and_then(|at| self.heap.values(list).get(at)).copied()?;
        (is_struct && slot != 0).then_some(slot)
    }

    /// A list without those structs of `shown` that only effects add; the list itself, if it has none of them.
    pub(crate) fn without_lifted(&mut self, list: u64, shown: &[u64]) -> u64 {
        let Some(entry) = self.heap.get(list) else { return list };
        let (shape, element, values) = (entry.shape, entry.element, entry.values);
        let (Kind::Struct(ty) | Kind::NullStruct(ty)) = self.types.kind(element) else { return list };
        let table = self.tables.get(ty.index());
        let lifted = |slot: &u64| table.is_some_and(|table| table.owner(row_of(*slot)) == Owner::Lifted);
        let added: BTreeSet<u64> = shown.iter().copied().filter(lifted).collect();
        let values = self.heap.buffers.get(values);
        if !values.iter().any(|slot| added.contains(slot)) {
            return list;
        }
        let rest: Vec<u64> = values.iter().copied().filter(|slot| !added.contains(slot)).collect();
        let rest = self.heap.buffers.add(&rest);
        self.heap.add(shape, element, BufferId::default(), rest)
    }

    /// The index of a struct in a list, by identity.
    pub(crate) fn index_of(&self, list: u64, record: u64) -> Option<i64> {
        let at = self.heap.values(list).iter().position(|slot| *slot == record)?;
        i64::try_from(at).ok()
    }
}
