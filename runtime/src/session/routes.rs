//! Which handlers run for an event: found once for a program, looked up for every action.

use std::sync::Arc;

use crate::program::Program;

/// Handlers by their event. A name from outside is hashed, and compared with at most a few names of the program's own.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// Positions in `events`, from 1, by hash; a power of two of them, at most half of them taken.
    slots: Vec<u32>,
    events: Vec<(Arc<str>, Vec<usize>)>,
}

impl Routes {
    /// Of that program.
    pub(super) fn new(program: &dyn Program) -> Routes {
        let slots = vec![0; (2 * program.handlers().len()).next_power_of_two().max(2)];
        let mut routes = Routes { slots, events: Vec::new() };
        for (handler, info) in program.handlers().iter().enumerate() {
            let at = routes.slot(&info.event);
            let Some(slot) = routes.slots.get_mut(at) else { continue };
            match (*slot as usize).checked_sub(1).and_then(|event| routes.events.get_mut(event)) {
                Some((_, handlers)) => handlers.push(handler),
                None => {
                    routes.events.push((info.event.clone(), vec![handler]));
                    *slot = routes.events.len() as u32;
                }
            }
        }
        routes
    }

    /// The slot of an event, or the free one that it would take.
    fn slot(&self, event: &str) -> usize {
        let mask = self.slots.len().saturating_sub(1);
        let mut at = hash(event.as_bytes()) as usize & mask;
        // Ends: half of the slots are free.
        while let Some(taken) = self.slots.get(at).copied().filter(|taken| *taken != 0) {
            if self.events.get(taken as usize - 1).is_none_or(|(name, _)| &**name == event) {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    /// The handlers of an event, in document order: what [`Routes::handler`] takes.
    pub(super) fn find(&self, event: &str) -> Option<usize> {
        let taken = self.slots.get(self.slot(event)).copied().unwrap_or(0);
        (taken as usize).checked_sub(1)
    }

    /// The handler at a position of those found.
    pub(super) fn handler(&self, found: Option<usize>, at: usize) -> Option<usize> {
        self.events.get(found?)?.1.get(at).copied()
    }
}

/// Eight bytes at a time; the names it must tell apart are the program's own.
fn hash(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    let (words, rest) = bytes.as_chunks();
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    for word in words.iter().chain([&last]) {
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    hash >> 32
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
            let program = named(events(count));
            let routes = Routes::new(&program);
            for event in events(400).chain([String::new(), "Event".into()]) {
                let found = routes.find(&event);
                let handlers: Vec<usize> = (0..).map_while(|at| routes.handler(found, at)).collect();
                let all = program.0.iter().enumerate().filter(|(_, info)| *info.event == *event);
                assert_eq!(handlers, all.map(|(at, _)| at).collect::<Vec<_>>(), "{event} of {count}");
            }
        }
    }
}
