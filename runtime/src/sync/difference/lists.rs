//! What happened to a list: elements with keys are followed by them, others by where they are.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use statewright_types::{Type, Value};

use super::{Writer, enterable};
use crate::access::struct_inside;
use crate::wire::codes::list;
use crate::wire::varint;

/// So many elements at most are moved one by one; it takes time in proportion to that and the length.
const MOVES: usize = 32;
/// From so many values in a row on, they travel without a tag each.
const VALUES: usize = 4;

/// A key that can be compared.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Text(Arc<str>),
    Int(i64),
    UInt(u64),
}

/// The keys of all elements, if each is there, and none twice.
fn keys(key: &str, elements: &[Value]) -> Option<(Vec<Key>, HashMap<Key, usize>)> {
    let read = |element: &Value| match element.get(key)? {
        Value::Str(text) => Some(Key::Text(text.clone())),
        Value::Int(number) => Some(Key::Int(*number)),
        Value::UInt(number) => Some(Key::UInt(*number)),
        _ => None,
    };
    let keys: Vec<Key> = elements.iter().map(read).collect::<Option<_>>()?;
    let places: HashMap<Key, usize> = keys.iter().cloned().zip(0..).collect();
    (places.len() == keys.len()).then_some((keys, places))
}

/// How a list became another: where each element now was before.
struct Course {
    /// By position now.
    origin: Vec<Option<usize>>,
    /// Positions before of what stays, in the order of now.
    kept: Vec<usize>,
    /// Positions before of what is gone, in ranges.
    gone: Vec<Range<usize>>,
    /// Positions now of what is new, in ranges.
    new: Vec<Range<usize>>,
}

impl Course {
    fn of(before: usize, origin: Vec<Option<usize>>) -> Course {
        let kept: Vec<usize> = origin.iter().flatten().copied().collect();
        let mut stays = vec![false; before];
        for at in &kept {
            if let Some(stays) = stays.get_mut(*at) {
                *stays = true;
            }
        }
        let gone = ranges(stays.iter().map(|stays| !stays));
        let new = ranges(origin.iter().map(Option::is_none));
        Course { origin, kept, gone, new }
    }
}

/// The ranges of positions that are marked.
fn ranges(marks: impl Iterator<Item = bool>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, _) in marks.enumerate().filter(|(_, marked)| *marked) {
        match ranges.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            _ => ranges.push(at..at + 1),
        }
    }
    ranges
}

impl Writer<'_> {
    /// The steps in a list; `key` names the field by which structs in it are known.
    pub(super) fn list(&mut self, element: &Type, key: &str, before: &[Value], now: &[Value]) {
        let origin = by_key(element, key, before, now).unwrap_or_else(|| {
            // Elements are compared as a whole.
            self.is_local &= struct_inside(element).is_none();
            by_place(before, now)
        });
        if let Type::Struct(ty) = element {
            let def = self.schema.get(*ty);
            let key = def.field(key).and_then(|key| def.fields.get(key));
            self.is_local &= key.is_none_or(|key| key.audience.is_empty());
        }
        let course = Course::of(before.len(), origin);
        let moved = moved(&course.kept);
        let operations = course.gone.len() + course.new.len() + moved.len();
        let arrange = moved.len() > MOVES || (operations > MOVES && operations > now.len() / 4);
        if arrange {
            self.arrange(element, &course, now);
        } else {
            self.operations(element, &course, &moved, now);
        }
        let mut changed = Vec::new();
        for (at, (origin, now)) in course.origin.iter().zip(now).enumerate() {
            if let Some(before) = origin.and_then(|origin| before.get(origin))
                && before != now
            {
                changed.push((at, before, now));
            }
        }
        self.elements_changed(element, key, &changed);
    }

    fn arrange(&mut self, element: &Type, course: &Course, now: &[Value]) {
        self.close(false);
        self.put(list::ARRANGE);
        self.put(now.len() as u64);
        for (origin, value) in course.origin.iter().zip(now) {
            match origin {
                Some(origin) => self.put(*origin as u64 + 1),
                None => {
                    self.put(0);
                    self.value(element, value, None);
                }
            }
        }
    }

    /// Removes, moves, then inserts.
    fn operations(&mut self, element: &Type, course: &Course, moved: &[usize], now: &[Value]) {
        for range in course.gone.iter().rev() {
            self.close(false);
            if range.len() == 1 {
                self.put(list::REMOVE);
                self.put(range.start as u64);
            } else {
                self.put(list::REMOVE_MANY);
                self.put(range.start as u64);
                self.put(range.len() as u64);
            }
        }
        self.moves(&course.kept, moved);
        for range in &course.new {
            let Some(values) = now.get(range.clone()) else { continue };
            self.close(false);
            if let [value] = values {
                self.put(list::INSERT);
                self.put(range.start as u64);
                self.value(element, value, None);
            } else {
                self.put(list::INSERT_MANY);
                self.put(range.start as u64);
                self.elements(element, values);
            }
        }
    }

    /// Brings what is kept into its order: whatever has to move goes behind what comes before it.
    fn moves(&mut self, kept: &[usize], moved: &[usize]) {
        if moved.is_empty() {
            return;
        }
        let mut order = kept.to_vec();
        order.sort_unstable();
        let mut previous = None;
        for at in kept {
            if moved.contains(at)
                && let Some(from) = order.iter().position(|each| each == at)
            {
                order.remove(from);
                let behind = previous.and_then(|previous| order.iter().position(|each| *each == previous));
                let to = behind.map_or(0, |behind| behind + 1);
                order.insert(to, *at);
                if from != to {
                    self.close(false);
                    self.put(list::MOVE);
                    self.put(from as u64);
                    self.put(to as u64);
                }
            }
            previous = Some(*at);
        }
    }

    /// Elements that are other than before, by ascending position.
    fn elements_changed(&mut self, element: &Type, key: &str, changed: &[(usize, &Value, &Value)]) {
        // Operations set it to 0, and so does entering the list.
        let mut mark = 0;
        let is_scalar = !matches!(element.non_null(), Type::Struct(_) | Type::List(_) | Type::Map(..));
        for run in changed.chunk_by(|(one, ..), (other, ..)| is_scalar && other - one == 1) {
            if let [(first, ..), ..] = run
                && run.len() >= VALUES
            {
                self.close(false);
                self.put(list::VALUES);
                self.put(*first as u64);
                self.put(run.len() as u64);
                for (_, _, now) in run {
                    self.value(element, now, None);
                }
                mark = 0;
                continue;
            }
            for (at, before, now) in run {
                self.element((element, key), *at, (before, now), &mut mark);
            }
        }
    }

    fn element(&mut self, (ty, key): (&Type, &str), at: usize, (before, now): (&Value, &Value), mark: &mut usize) {
        self.close(false);
        let tag = list::element(at.saturating_sub(*mark) as u32);
        if let Some(place) = enterable(ty, before, now) {
            let address = |out: &mut Vec<u8>| varint::put(out, tag);
            if self.entered(place, address, |writer| writer.steps(ty, before, now, key)) {
                *mark = at + 1;
            }
        } else if matches!(ty.non_null(), Type::Struct(_) | Type::List(_) | Type::Map(..)) {
            // It was null, or is now.
            self.put(list::REPLACE);
            self.put(at as u64);
            self.value(ty, now, None);
            *mark = 0;
        } else {
            self.put(tag);
            self.value(ty, now, None);
            *mark = at + 1;
        }
    }
}

/// Where structs with keys were before.
fn by_key(element: &Type, key: &str, before: &[Value], now: &[Value]) -> Option<Vec<Option<usize>>> {
    if !matches!(element, Type::Struct(_)) {
        return None;
    }
    let (_, places) = keys(key, before)?;
    let (keys, _) = keys(key, now)?;
    Some(keys.iter().map(|key| places.get(key).copied()).collect())
}

/// Where elements were before if what is equal at both ends stayed, and the rest was overwritten as far as it goes.
fn by_place(before: &[Value], now: &[Value]) -> Vec<Option<usize>> {
    let head = before.iter().zip(now).take_while(|(before, now)| before == now).count();
    let most = before.len().min(now.len()) - head;
    let ends = before.iter().rev().zip(now.iter().rev());
    let tail = ends.take(most).take_while(|(before, now)| before == now).count();
    let overwritten = head + (before.len().min(now.len()) - head - tail);
    (0..now.len())
        .map(|at| match at {
            at if at < overwritten => Some(at),
            at if at >= now.len() - tail => Some(at + before.len() - now.len()),
            _ => None,
        })
        .collect()
}

/// The elements that have to move, so that as many as possible stay: all but a longest ascending sequence.
fn moved(kept: &[usize]) -> Vec<usize> {
    if kept.is_sorted() {
        return Vec::new();
    }
    // The index of the smallest last element of an ascending sequence, by its length; and who came before whom.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(kept.len());
    for (index, value) in kept.iter().enumerate() {
        let length = ends.partition_point(|end| kept.get(*end).is_some_and(|last| last < value));
        before.push(length.checked_sub(1).and_then(|at| ends.get(at)).copied());
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut stays = vec![false; kept.len()];
    let mut next = ends.last().copied();
    while let Some(index) = next {
        if let Some(stays) = stays.get_mut(index) {
            *stays = true;
        }
        next = before.get(index).copied().flatten();
    }
    kept.iter().zip(stays).filter(|(_, stays)| !stays).map(|(value, _)| *value).collect()
}
