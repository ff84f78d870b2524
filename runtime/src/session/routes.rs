//! Which handlers run for an event: found once for a program, looked up for every action.

use std::sync::Arc;

use super::RESERVED_EVENTS;
use crate::program::{Permissions, Program};
use crate::short::packed;

/// Handlers by their event. A name from outside is hashed, and compared with at most a few names of the program's own, and of
/// those that only the session sends.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// Positions in `events`, from 1, by hash; a power of two of them, at most half of them taken.
    slots: Vec<u32>,
    events: Vec<Route>,
    /// Position in `events`, from 1, of the one found last: the next event is often the same.
    last: u32,
    /// Whether the program has effects.
    pub(super) has_effects: bool,
}

#[derive(Debug)]
struct Route {
    event: Arc<str>,
    /// The name as a number, if it is short.
    short: Option<Short>,
    handlers: Vec<Routed>,
}

/// A handler, and what every event asks of it.
#[derive(Debug)]
pub(super) struct Routed {
    /// Its position in the program.
    pub(super) handler: usize,
    pub(super) name: Arc<str>,
    /// Whether everybody may send its event.
    pub(super) is_open: bool,
}

/// A name of at most 16 bytes: its length, and itself as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Short {
    length: usize,
    packed: u128,
}

impl Short {
    #[inline(always)]
    fn of(name: &str) -> Option<Short> {
        Some(Short { length: name.len(), packed: packed(name.as_bytes())? })
    }

    #[inline]
    fn hash(self) -> u64 {
        let Short { length, packed } = self;
        mix((packed >> 64) as u64 ^ length as u64, packed as u64) >> 32
    }
}

/// What there is for an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Position in `Routes::events`, from 1; 0 is none.
    route: u32,
    /// Whether only the session sends it.
    pub(super) is_reserved: bool,
}

impl Routes {
    /// Of that program.
    pub(super) fn new(program: &dyn Program) -> Routes {
        let names = RESERVED_EVENTS.len() + program.handlers().len();
        let (slots, has_effects) = (vec![0; (2 * names).next_power_of_two()], !program.effects().is_empty());
        let mut routes = Routes { slots, events: Vec::new(), last: 0, has_effects };
        // First, so that their numbers tell.
        for event in RESERVED_EVENTS {
            routes.handlers_of(&Arc::from(event));
        }
        for (handler, info) in program.handlers().iter().enumerate() {
            if let Some(handlers) = routes.handlers_of(&info.event) {
                let is_open = info.permissions == Permissions::default();
                handlers.push(Routed { handler, name: info.name.clone(), is_open });
            }
        }
        routes
    }

    /// The handlers of an event so far.
    fn handlers_of(&mut self, event: &Arc<str>) -> Option<&mut Vec<Routed>> {
        let at = self.slot(event, Short::of(event));
        let slot = self.slots.get_mut(at)?;
        if *slot == 0 {
            self.events.push(Route { event: event.clone(), short: Short::of(event), handlers: Vec::new() });
            *slot = self.events.len() as u32;
        }
        self.events.get_mut(*slot as usize - 1).map(|route| &mut route.handlers)
    }

    /// The slot of an event, or the free one that it would take.
    #[inline(always)]
    fn slot(&self, event: &str, short: Option<Short>) -> usize {
        let mask = self.slots.len().saturating_sub(1);
        let is_it = |route: &Route| match short {
            Some(_) => route.short == short,
            None => *route.event == *event,
        };
        let mut at = short.map_or_else(|| hash(event.as_bytes()), Short::hash) as usize & mask;
        // Ends: half of the slots are free.
        while let Some(taken) = self.slots.get(at).copied().filter(|taken| *taken != 0) {
            if self.events.get(taken as usize - 1).is_none_or(is_it) {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    /// What there is for an event.
    #[inline]
    pub(super) fn find(&mut self, event: &str) -> Found {
        let short = Short::of(event);
        let last = self.events.get((self.last as usize).wrapping_sub(1));
        if short.is_none() || last.is_none_or(|last| last.short != short) {
            self.last = self.look_up(event, short);
        }
        Found { route: self.last, is_reserved: self.last != 0 && self.last as usize <= RESERVED_EVENTS.len() }
    }

    #[inline(never)]
    fn look_up(&self, event: &str, short: Option<Short>) -> u32 {
        self.slots.get(self.slot(event, short)).copied().unwrap_or(0)
    }

    /// The handler at a position of those found, in document order.
    #[inline]
    pub(super) fn handler(&self, found: Found, at: usize) -> Option<&Routed> {
        self.events.get((found.route as usize).checked_sub(1)?)?.handlers.get(at)
    }
}

/// Of long names, eight bytes at a time; the names it must tell apart are the program's own.
fn hash(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let last = rest.iter().fold(0, |last, byte| last << 8 | u64::from(*byte));
    let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain([last]);
    words.fold(bytes.len() as u64, mix) >> 32
}

#[inline]
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::program::{HandlerInfo, Outcome, Suspension};

    struct Named(Vec<HandlerInfo>);

    impl Program for Named {
        fn document_hash(&self) -> [u8; 32] {
            [0; 32]
        }
        fn handlers(&self) -> &[HandlerInfo] {
            &self.0
        }
        fn run(&self, _: usize, _: &[u64], _: &mut Context<'_>) -> Outcome {
            Outcome::Done
        }
        fn resume(&self, _: &Suspension, _: &mut Context<'_>) -> Outcome {
            Outcome::Done
        }
    }

    fn named(events: impl Iterator<Item = String>) -> Named {
        let info = |event: String| HandlerInfo {
            name: event.as_str().into(),
            event: event.into(),
            params: Vec::new(),
            permissions: crate::program::Permissions::default(),
        };
        Named(events.map(info).collect())
    }

    /// As looking through all handlers would have it, whatever collides.
    #[test]
    fn every_event_finds_its_handlers_in_order() {
        let events = |count: usize| (0..count).map(|at| format!("{}{}", "Event".repeat(at % 4), at % 70));
        for count in [0, 1, 2, 3, 50, 300] {
            let program = named(events(count).chain(["Tick".to_owned()]));
            let mut routes = Routes::new(&program);
            // Each twice in a row: the second time it is the last one.
            let twice = |event: String| [event.clone(), event];
            for event in
                events(400).chain([String::new(), "Event".into(), "Tick".into(), "HostChanged".into()]).flat_map(twice)
            {
                let found = routes.find(&event);
                assert_eq!(found.is_reserved, RESERVED_EVENTS.contains(&&*event));
                let handlers: Vec<usize> = (0..).map_while(|at| Some(routes.handler(found, at)?.handler)).collect();
                let all = program.0.iter().enumerate().filter(|(_, info)| *info.event == *event);
                assert_eq!(handlers, all.map(|(at, _)| at).collect::<Vec<_>>(), "{event} of {count}");
            }
        }
    }
}
