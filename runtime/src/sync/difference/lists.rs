//! What happened to a list: elements with keys are followed by them, others by where they are.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_types::{Type, Value};

use super::columns::Changed;
use super::{Writer, enterable};
use crate::access::struct_inside;
use crate::state::{Course, Origin};
use crate::sync::arranging::Plan;
use crate::wire::codes::list;
use crate::wire::varint;

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
        let origins = origin.iter().map(|at| at.map_or(Origin::New, |at| Origin::Kept(at as u32)));
        let course = Course::from_origins(before.len() as u32, origins);
        let plan = Plan::of(&course, usize::from(matches!(element, Type::Struct(_))));
        if plan.arranges {
            self.arrange(element, &origin, now);
        } else {
            self.operations(element, &plan, now);
        }
        let mut changed = Vec::new();
        for (at, (origin, now)) in origin.iter().zip(now).enumerate() {
            if let Some(before) = origin.and_then(|origin| before.get(origin))
                && before != now
            {
                changed.push((at, before, now));
            }
        }
        self.elements_changed(element, key, &changed);
    }

    fn arrange(&mut self, element: &Type, origin: &[Option<usize>], now: &[Value]) {
        self.close(false);
        self.put(list::ARRANGE);
        self.put(now.len() as u64);
        for (origin, value) in origin.iter().zip(now) {
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
    fn operations(&mut self, element: &Type, plan: &Plan, now: &[Value]) {
        for range in &plan.gone {
            self.close(false);
            self.put(if range.len() == 1 { list::REMOVE } else { list::REMOVE_MANY });
            self.put(u64::from(range.start));
            if range.len() > 1 {
                self.put(range.len() as u64);
            }
        }
        for (from, to) in &plan.moves {
            self.close(false);
            self.put(list::MOVE);
            self.put(u64::from(*from));
            self.put(u64::from(*to));
        }
        for range in &plan.new {
            let Some(values) = now.get(range.start as usize..range.end as usize) else { continue };
            self.close(false);
            if let [value] = values {
                self.put(list::INSERT);
                self.put(u64::from(range.start));
                self.value(element, value, None);
            } else {
                self.put(list::INSERT_MANY);
                self.put(u64::from(range.start));
                self.elements(element, values);
            }
        }
    }

    /// Elements that are other than before, by ascending position.
    fn elements_changed(&mut self, element: &Type, key: &str, changed: &[Changed<'_>]) {
        // Operations set it to 0, and so does entering the list.
        let mut mark = 0;
        if let Type::Struct(ty) = element {
            let mut rest = changed;
            while let Some((first, others)) = rest.split_first() {
                let run = self.run(*ty, rest);
                if run > 0 {
                    (rest, mark) = (rest.get(run..).unwrap_or_default(), 0);
                } else {
                    let (at, before, now) = first;
                    self.element((element, key), *at, (before, now), &mut mark);
                    rest = others;
                }
            }
            return;
        }
        let is_scalar = !matches!(element.non_null(), Type::List(_) | Type::Map(..) | Type::Struct(_));
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
