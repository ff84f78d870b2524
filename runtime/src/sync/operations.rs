//! Operations on lists and maps as steps.

use std::ops::Range;

use super::emit::Emitter;
use super::tables::{Kind, KindId};
use super::tree::Node;
use crate::state::{Course, Operation, Origin, Piece};
use crate::wire::codes::{list as tags, map};
use crate::wire::varint;

/// From so many values in a row on, they travel without a tag each.
const VALUES: usize = 4;

impl Emitter<'_> {
    /// What happened to a list; the trail leads to it. A struct, list or map in it that stays is never told as a whole: what viewers
    /// see of it may differ.
    pub(super) fn list_operations(&mut self, node: &Node, element: KindId) {
        let changes = self.changes;
        let Some(change) = changes.containers.get((node.change as usize).wrapping_sub(1)) else { return };
        if change.is_empty() {
            return;
        }
        self.arrive();
        let course = &change.course;
        let list = node.slot;
        let is_known = course.pieces().iter().any(|piece| piece.origin.before().is_some());
        let is_first = course.before() == 0 && course.now() == 1;
        if !is_known && !is_first {
            return self.replaced(list, element);
        }
        let start = self.stream.bytes.len();
        self.rearranged(course, list, element);
        let is_over = |piece: &Piece| matches!(piece.origin, Origin::Overwritten(_));
        let over = course.places().filter(|(_, piece)| is_over(piece)).map(|(at, piece)| at..at + piece.count);
        self.overwritten(over, list, element);
        if self.is_deep(element) {
            return;
        }
        // Numbers and texts may be shorter themselves than where they were.
        let elsewhere = course.places().filter(|(at, piece)| piece.origin != Origin::Kept(*at));
        let written = |emitter: &Self| emitter.stream.bytes.len() - start;
        if course.before() == course.now()
            && elsewhere.clone().map(|(_, piece)| piece.count as usize).sum::<usize>() < written(self)
        {
            let places = elsewhere.map(|(at, piece)| at..at + piece.count);
            self.if_shorter(start, |emitter| emitter.overwritten(places, list, element));
        }
        if (course.now() as usize) < written(self) {
            self.if_shorter(start, |emitter| emitter.replaced(list, element));
        }
    }

    /// Puts what is written in the place of everything from `start` on, if it is shorter.
    fn if_shorter(&mut self, start: usize, write: impl FnOnce(&mut Self)) {
        let middle = self.stream.bytes.len();
        write(self);
        let bytes = &mut self.stream.bytes;
        if bytes.len() - middle < middle - start {
            bytes.drain(start..middle);
        } else {
            bytes.truncate(middle);
        }
    }

    fn is_deep(&self, element: KindId) -> bool {
        matches!(self.whole.tables.present(element), Kind::Struct(_) | Kind::List(_) | Kind::Map(..))
    }

    /// All elements anew.
    fn replaced(&mut self, list: u64, element: KindId) {
        self.stream.operation(tags::REPLACE_ALL);
        self.values(element, self.whole.state.list_slots(list));
    }

    /// An element of a list. A long list that was changed is not in one piece: nobody asks for all of it who needs a few.
    fn slot(&self, list: u64, at: u32) -> u64 {
        self.whole.state.list_get(list, i64::from(at)).unwrap_or(0)
    }

    /// Elements as a list's value has them.
    fn values(&mut self, element: KindId, slots: &[u64]) {
        let (whole, out) = (self.whole, &mut self.stream.bytes);
        varint::put(out, slots.len() as u64);
        match whole.tables.kind(element) {
            Kind::Struct(ty) => whole.public_structs(out, ty, slots),
            _ => slots.iter().for_each(|slot| whole.public(out, element, *slot)),
        }
    }

    /// Elements that went, moved and came.
    fn rearranged(&mut self, course: &Course, list: u64, element: KindId) {
        let whole = self.whole;
        let absent = match whole.tables.kind(element) {
            Kind::Struct(ty) => whole.shape.ty(ty).map_or(0, |shape| shape.absent.len()),
            _ => 0,
        };
        let mut plan = std::mem::take(self.plan);
        plan.remake(course, absent);
        if plan.arranges {
            self.stream.operation(tags::ARRANGE);
            let out = &mut self.stream.bytes;
            varint::put(out, u64::from(course.now()));
            let origins = course.pieces().iter().flat_map(|piece| (0..piece.count).map(|by| piece.origin.ahead(by)));
            for (origin, slot) in origins.zip(whole.state.list_slots(list)) {
                varint::put(out, origin.before().map_or(0, |from| u64::from(from) + 1));
                if origin == Origin::New {
                    whole.public(out, element, *slot);
                }
            }
        }
        for range in &plan.gone {
            let several = range.len() > 1;
            self.stream.operation(if several { tags::REMOVE_MANY } else { tags::REMOVE });
            varint::put(&mut self.stream.bytes, u64::from(range.start));
            if several {
                varint::put(&mut self.stream.bytes, range.len() as u64);
            }
        }
        for (from, to) in &plan.moves {
            self.stream.operation(tags::MOVE);
            varint::put(&mut self.stream.bytes, u64::from(*from));
            varint::put(&mut self.stream.bytes, u64::from(*to));
        }
        for range in &plan.new {
            let several = range.len() > 1;
            self.stream.operation(if several { tags::INSERT_MANY } else { tags::INSERT });
            varint::put(&mut self.stream.bytes, u64::from(range.start));
            if several {
                let mut slots = std::mem::take(self.bits);
                slots.clear();
                slots.extend(range.clone().map(|at| self.slot(list, at)));
                self.values(element, &slots);
                *self.bits = slots;
            } else {
                let slot = self.slot(list, range.start);
                whole.public(&mut self.stream.bytes, element, slot);
            }
        }
        *self.plan = plan;
    }

    /// Elements in the places of others, by ascending ranges.
    fn overwritten(&mut self, ranges: impl Iterator<Item = Range<u32>>, list: u64, element: KindId) {
        let mut run: Range<u32> = 0..0;
        for range in ranges {
            if run.end == range.start {
                run.end = range.end;
            } else {
                self.overwritten_run(run, list, element);
                run = range;
            }
        }
        self.overwritten_run(run, list, element);
    }

    fn overwritten_run(&mut self, run: Range<u32>, list: u64, element: KindId) {
        let (whole, is_deep) = (self.whole, self.is_deep(element));
        let is_many = run.len() >= VALUES && !is_deep;
        if is_many {
            self.stream.operation(tags::VALUES);
            varint::put(&mut self.stream.bytes, u64::from(run.start));
            varint::put(&mut self.stream.bytes, run.len() as u64);
        }
        for at in run {
            if is_deep {
                self.stream.operation(tags::REPLACE);
                varint::put(&mut self.stream.bytes, u64::from(at));
            } else if !is_many {
                self.stream.element(at);
            }
            let slot = self.slot(list, at);
            whole.public(&mut self.stream.bytes, element, slot);
        }
    }

    /// What happened to a map; the trail leads to it.
    pub(super) fn map_operations(&mut self, node: &Node, value: KindId) {
        let changes = self.changes;
        let Some(change) = changes.containers.get((node.change as usize).wrapping_sub(1)) else { return };
        if change.operations.is_empty() {
            return;
        }
        self.arrive();
        let (whole, keys) = (self.whole, self.keys_of(node));
        for operation in &change.operations {
            match operation {
                Operation::Put { key, .. } => {
                    varint::put(&mut self.stream.bytes, map::PUT);
                    whole.map_key(&mut self.stream.bytes, keys, key);
                    let slot = whole.state.entry(node.slot, key).unwrap_or(0);
                    whole.public(&mut self.stream.bytes, value, slot);
                }
                Operation::Delete { key } => {
                    varint::put(&mut self.stream.bytes, map::DELETE);
                    whole.map_key(&mut self.stream.bytes, keys, key);
                }
                _ => {
                    varint::put(&mut self.stream.bytes, map::REPLACE_ALL);
                    whole.entries(&mut self.stream.bytes, keys, value, node.slot);
                }
            }
        }
    }
}
