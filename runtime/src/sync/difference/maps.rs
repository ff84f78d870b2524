//! What happened to a map.

use std::cmp::Ordering;
use std::sync::Arc;

use statewright_types::{IntKind, Type, Value};

use super::{Writer, enterable};
use crate::wire::codes::map;
use crate::wire::put;
use crate::wire::varint;

/// A key, in the order in which keys travel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'v> {
    Text(&'v str),
    Int(i128, IntKind),
}

impl Key<'_> {
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Key::Text(text) => varint::put_bytes(out, text.as_bytes()),
            Key::Int(number, kind) => put::int(out, *kind, *number as u64),
        }
    }
}

/// The entries of a map by ascending key.
pub(super) fn sorted<'v>(key: &Type, entries: &'v [(Arc<str>, Value)]) -> Vec<(Key<'v>, &'v Value)> {
    let read = |text: &'v str| match key {
        // The text of an integer, as the state wrote it.
        Type::Int(kind) => Key::Int(text.parse().unwrap_or(0), *kind),
        _ => Key::Text(text),
    };
    let mut entries: Vec<_> = entries.iter().map(|(text, value)| (read(text), value)).collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

impl Writer<'_> {
    /// The steps in a map; `key` is that of lists and maps of structs inside.
    pub(super) fn map(
        &mut self,
        (key_type, ty): (&Type, &Type),
        key: &str,
        before: &[(Arc<str>, Value)],
        now: &[(Arc<str>, Value)],
    ) {
        let (before, now) = (sorted(key_type, before), sorted(key_type, now));
        let (mut old, mut new) = (before.iter().peekable(), now.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((old, _)), Some((new, _))) => old.cmp(new),
            };
            let gone = if order.is_le() { old.next() } else { None };
            let there = if order.is_ge() { new.next() } else { None };
            match (gone, there) {
                (Some((at, _)), None) => {
                    self.close(false);
                    self.put(map::DELETE);
                    at.write(&mut self.out);
                }
                (Some((at, before)), Some((_, now))) => {
                    if before != now {
                        self.entry(at, ty, key, before, now);
                    }
                }
                (None, Some((at, now))) => self.put_entry(at, ty, now),
                (None, None) => return,
            }
        }
    }

    fn put_entry(&mut self, at: &Key<'_>, ty: &Type, now: &Value) {
        self.close(false);
        self.put(map::PUT);
        at.write(&mut self.out);
        self.value(ty, now, None);
    }

    fn entry(&mut self, at: &Key<'_>, ty: &Type, key: &str, before: &Value, now: &Value) {
        let Some(place) = enterable(ty, before, now) else { return self.put_entry(at, ty, now) };
        self.close(false);
        let address = |out: &mut Vec<u8>| {
            varint::put(out, map::ENTER);
            at.write(out);
        };
        self.entered(place, address, |writer| writer.steps(ty, before, now, key));
    }
}
