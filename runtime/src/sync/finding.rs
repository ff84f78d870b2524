//! How what changed is got to, for windows of which that is all that must be known: no tree is built.

use statewright_types::StructId;

use super::direct::Hop;
use super::encoder::Encoder;
use super::patches::PatchBuffer;
use super::tables::{Access, FieldTable, How};
use super::tree::Tree;
use super::whole::Whole;
use crate::memory::{Owner, row_of};
use crate::state::{Changes, ContainerChange, RecordChange, State};
use crate::wire::codes::{list, record};
use crate::wire::varint;

/// What a window is about, if that is so little that it needs no tree.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    /// Public fields of one record.
    Record,
    /// The same of elements of one list.
    Elements {
        /// Whether they stand next to each other, and changed in the same fields.
        is_run: bool,
    },
}

/// The few bytes of the steps to a record, put together from their end: in registers, for bytes that were just written one by
/// one and are then copied at once wait for each of them.
#[derive(Default)]
struct Steps {
    /// The first one lowest.
    bytes: u128,
    length: u32,
}

impl Steps {
    /// What needs more goes another way.
    const ROOM: u32 = 16;

    /// Puts a step before the others, if there is room.
    #[inline(always)]
    fn put(&mut self, tag: u64) -> Option<()> {
        let (bytes, length) = match tag {
            0..0x80 => (tag, 1),
            0x80..0x4000 => (tag & 0x7f | 0x80 | tag >> 7 << 8, 2),
            _ => return None,
        };
        (self.bytes, self.length) = (self.bytes << (8 * length) | u128::from(bytes), self.length + length);
        (self.length <= Steps::ROOM).then_some(())
    }

    #[inline(always)]
    fn append_to(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.length as usize;
        out.extend_from_slice(&self.bytes.to_le_bytes());
        out.truncate(end);
    }
}

impl Encoder {
    /// The shortest of all windows: one public field of one record, of which nothing is known from before, for viewers of one
    /// shape. The way is written as it is found. `None`, and nothing is done, if it is not such a window.
    #[inline]
    pub(super) fn lone_value(&mut self, state: &State, changes: &Changes, patches: &mut PatchBuffer) -> Option<()> {
        let change = changes.lone_record()?;
        let field = change.fields.only().filter(|_| !changes.has_old(change))?;
        let (tables, shape) = (&self.tables, self.shapes.get(self.shape as usize)?);
        if !tables.types.get(change.ty.index())?.plain.contains(field) {
            return None;
        }
        let cell = shape.ty(change.ty)?.cell(field)?;
        let slot = state.load_at(change.record, cell.place).ok()?;
        let mut steps = Steps::default();
        // Most numbers are short enough to go along.
        let is_told = match cell.how {
            How::Signed => steps.put(varint::zigzag(slot as i64)).is_some(),
            How::Unsigned => steps.put(slot).is_some(),
            _ => false,
        };
        steps.put(record::set(cell.id))?;
        let (mut ty, mut record, mut owner) = (change.ty, change.record, state.record_owner(change.ty, change.record));
        // As deep as data nests.
        loop {
            let holder = match owner {
                Owner::Root if ty == tables.main_root => break,
                Owner::Container(list) => {
                    let list = u64::from(*list);
                    steps.put(list::element(place_in(&mut self.tree, state, list, ty, record)?))?;
                    state.list_owner(list)?
                }
                owner => owner,
            };
            let Owner::Field { ty: outer, row, field } = *holder else { return None };
            // What a shape has is public.
            steps.put(record::change(shape.ty(outer)?.id(field)?))?;
            ty = outer;
            (record, owner) = state.record_in(ty, row);
        }
        if state.root(ty) != Ok(record) {
            return None;
        }
        patches.stream.begin();
        let out = &mut patches.stream.bytes;
        steps.append_to(out);
        if !is_told {
            Whole { tables, shape, state }.cell(out, cell, slot);
        }
        let body = patches.add_public(patches.stream.body());
        patches.give_all(Some(body));
        Some(())
    }

    /// Whether a window has but one record, or elements of one list in their order, of which only public fields changed:
    /// then the way to that is all that a tree would tell. The way is noted, and where the elements stand.
    pub(super) fn find_way(&mut self, state: &State, changes: &Changes) -> Option<Told> {
        let first = changes.records.first()?;
        let is_all = changes.roots.is_empty() && changes.containers.iter().all(ContainerChange::is_empty);
        self.tables.types.get(first.ty.index()).filter(|table| is_all && first.fields.is_within(&table.plain))?;
        self.way.clear();
        let owner = state.record_owner(first.ty, first.record);
        if changes.records.len() == 1 {
            return self.find_root(state, first.ty, first.record, owner).then_some(Told::Record);
        }
        let Owner::Container(list) = *owner else { return None };
        let is_run = self.find_elements(state, u64::from(list), changes)?;
        self.find_list(state, u64::from(list)).then_some(Told::Elements { is_run })
    }

    /// Where in a list all records stand that changed, if that is in their order, and only public fields of them changed. Whether
    /// they stand next to each other and changed in the same fields.
    fn find_elements(&mut self, state: &State, list: u64, changes: &Changes) -> Option<bool> {
        let records = &*changes.records;
        let first = records.first()?;
        let start = place_in(&mut self.tree, state, list, first.ty, first.record)?;
        let slots = state.slots(list).in_one_piece().get(start as usize..).unwrap_or_default();
        let is_next = |(change, slot): (&RecordChange, &u64)| {
            change.record == *slot && change.ty == first.ty && change.fields == first.fields
        };
        // The first may be in one of several pieces.
        let run = records.iter().zip(slots).take_while(|each| is_next(*each)).count().max(1);
        self.standing.clear();
        self.standing.extend(start..start + run as u32);
        if run == records.len() {
            return Some(true);
        }
        let plain = &self.tables.types.get(first.ty.index())?.plain;
        let mut next = start + run as u32;
        for change in records.get(run..)? {
            let place = place_in(&mut self.tree, state, list, change.ty, change.record)?;
            // Whatever is in the list belongs to it.
            if place < next || change.ty != first.ty || !change.fields.is_within(plain) {
                return None;
            }
            next = place + 1;
            self.standing.push(place);
        }
        Some(false)
    }

    /// The way from an element of a list, if all of it is public.
    fn find_list(&mut self, state: &State, list: u64) -> bool {
        match state.list_owner(list).copied() {
            Some(Owner::Field { ty, row, field }) => self.find_holder(state, (ty, row), field, true),
            _ => false,
        }
    }

    /// The way from what is in a field.
    fn find_holder(&mut self, state: &State, (ty, row): (StructId, u32), field: u32, in_list: bool) -> bool {
        self.enter_field(ty, field, in_list) && {
            let (record, owner) = state.record_in(ty, row);
            self.find_root(state, ty, record, owner)
        }
    }

    #[inline]
    fn enter_field(&mut self, ty: StructId, field: u32, in_list: bool) -> bool {
        let is_public = |field: &FieldTable| matches!(field.access, Access::Public);
        self.way.push(Hop::Field { ty, field, in_list });
        self.tables.field(ty, field).is_some_and(is_public)
    }

    /// The way from a record.
    fn find_root<'s>(&mut self, state: &'s State, mut ty: StructId, mut record: u64, mut owner: &'s Owner) -> bool {
        // As deep as data nests.
        loop {
            let (holder, in_list) = match *owner {
                Owner::Root => {
                    self.way.push(Hop::Root(ty));
                    return state.root(ty) == Ok(record);
                }
                Owner::Field { .. } => (Some(owner), false),
                Owner::Container(list) => {
                    let Some(place) = place_in(&mut self.tree, state, u64::from(list), ty, record) else {
                        return false;
                    };
                    self.way.push(Hop::Element(place));
                    (state.list_owner(u64::from(list)), true)
                }
                Owner::Free | Owner::Value | Owner::Lifted => return false,
            };
            let Some(&Owner::Field { ty: outer, row, field }) = holder else { return false };
            if !self.enter_field(outer, field, in_list) {
                return false;
            }
            ty = outer;
            (record, owner) = state.record_in(ty, row);
        }
    }
}

/// Where an element is that stands near the place where it was.
#[inline(always)]
fn place_in(tree: &mut Tree, state: &State, list: u64, ty: StructId, record: u64) -> Option<u32> {
    let hint = tree.hint(ty, row_of(record));
    match state.slots(list).get(hint) == Some(record) {
        true => Some(hint as u32),
        false => place_near(tree, state, list, ty, record),
    }
}

#[cold]
fn place_near(tree: &mut Tree, state: &State, list: u64, ty: StructId, record: u64) -> Option<u32> {
    let place = state.find_near(list, record, tree.hint(ty, row_of(record)))?;
    tree.set_hint(state, ty, row_of(record), place as u32);
    Some(place as u32)
}
