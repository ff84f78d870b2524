//! Messages before they count as sent: what each viewer would get, and what is then known of it.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use statewright_types::random::fnv1a64;
use statewright_types::{Schema, StructId};

use super::turns::Turn;
use super::viewer::Viewer;
use crate::state::FixedHasher;
use crate::sync::broadcast::{Frozen, Kind, Message, NONE};
use crate::sync::hooks::{self, Hooks, Verdict};
use crate::sync::planted::{self, Leak};
use crate::sync::refused::RefusedCode;
use crate::wire::weighing::{weigh_changes, weigh_state};
use crate::wire::{Profile, ServerMessage};

/// What there is to tell a viewer, as segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Everything.
    State(u32),
    /// Changes in up to two parts; perhaps none.
    Patch([u32; 2]),
}

/// By what it is told how much a body makes a client count, and how much it may be.
#[derive(Clone, Copy)]
pub(super) struct Scale<'a> {
    pub schema: &'a Schema,
    pub main_root: StructId,
    pub most: u64,
}

/// Messages in the making.
#[derive(Default)]
pub(super) struct Draft {
    pub frozen: Frozen,
    /// Bodies that are there already, by the hash of their content.
    bodies: HashMap<u64, u32, BuildHasherDefault<FixedHasher>>,
    /// The events that were encoded last.
    events: Vec<Arc<[u8]>>,
    events_at: u32,
    /// How long bodies and events of a message may be.
    pub body_bytes: usize,
    /// What was weighed last: for whose clients, and how much it was.
    weighed: Option<(usize, Content, u64)>,
}

impl Draft {
    /// Begins anew, in the same memory.
    pub fn clear(&mut self) {
        self.frozen.clear();
        self.bodies.clear();
        self.events.clear();
        self.weighed = None;
    }

    /// Adds what a viewer is to be sent, and notes in its turn what it knows then.
    pub fn add(
        &mut self,
        turn: &mut Turn,
        (id, viewer): (&Arc<str>, &Viewer),
        (hooks, scale): (&mut [Box<dyn Hooks>], Scale<'_>),
    ) {
        turn.number = viewer.number;
        turn.held = turn.content.is_none();
        if let Some(content) = turn.content {
            turn.held = self.write((id, viewer), content, (hooks, scale), turn).is_none();
            // Who was not sent any changes, though nothing was held back, had nothing to be told of.
            turn.told |= !turn.held;
        }
    }

    /// `None` if a hook held something back; `told` says whether changes were sent nevertheless.
    fn write(
        &mut self,
        (id, viewer): (&Arc<str>, &Viewer),
        content: Content,
        (hooks, scale): (&mut [Box<dyn Hooks>], Scale<'_>),
        turn: &mut Turn,
    ) -> Option<()> {
        let has_events = !viewer.events.is_empty();
        let nothing = content == Content::Patch([NONE; 2]);
        if nothing && !has_events && viewer.bye.is_none() {
            return Some(());
        }
        if !hooks.is_empty() {
            sends(hooks::ask(hooks, |hook| hook.before_encode(id)))?;
        }
        let events = if has_events { self.events(viewer) } else { NONE };
        let length = |at: u32| self.frozen.segment(at).len();
        let (events_bytes, limit) = (length(events), self.body_bytes);
        let bytes = match content {
            Content::State(body) => length(body),
            Content::Patch([first, second]) => length(first) + length(second),
        };
        let entries = self.weight(content, bytes, (&viewer.profile, !hooks.is_empty()), scale);
        match content {
            Content::State(_) if bytes > limit || entries > scale.most => {
                turn.excess = Some((bytes, entries));
                turn.told = true;
                let reason = "what you see is more than fits into a message: tell the people of the game";
                return self.bye((id, viewer), hooks, turn, (RefusedCode::TooLarge, reason));
            }
            Content::Patch(_) if bytes > limit || entries > scale.most => {
                // It is sent everything instead.
                turn.excess = Some((bytes, entries));
                return None;
            }
            Content::State(body) => self.message((id, viewer), hooks, turn, (Kind::State, [body, NONE], NONE))?,
            Content::Patch(_) if nothing => {}
            Content::Patch(body) => {
                // Each entry of an event takes a byte at least.
                let fits = bytes + events_bytes <= limit && entries + events_bytes as u64 <= scale.most;
                let is_one = has_events && fits;
                let (kind, events) = if is_one { (Kind::PatchEvents, events) } else { (Kind::Patch, NONE) };
                self.message((id, viewer), hooks, turn, (kind, body, events))?;
                turn.events = is_one;
            }
        }
        turn.told = true;
        if has_events && !turn.events {
            self.message((id, viewer), hooks, turn, (Kind::Events, [NONE; 2], events))?;
            turn.events = true;
        }
        match &viewer.bye {
            Some(reason) => self.bye((id, viewer), hooks, turn, (RefusedCode::PutOut, reason)),
            None => Some(()),
        }
    }

    /// How much a body makes a client count: exactly if that could be too much, else 0. What hooks have changed may be anything.
    fn weight(&mut self, content: Content, bytes: usize, (profile, is_any): (&Profile, bool), scale: Scale<'_>) -> u64 {
        let at_most = profile.per_byte().filter(|_| !is_any).map(|per_byte| per_byte.saturating_mul(bytes as u64));
        if at_most.is_some_and(|at_most| at_most <= scale.most) || bytes == 0 {
            return 0;
        }
        let client = std::ptr::from_ref(profile).addr();
        if let Some((known, weighed, weight)) = self.weighed
            && (known, weighed) == (client, content)
        {
            return weight;
        }
        let Scale { schema, main_root, .. } = scale;
        let weighed = match content {
            Content::State(body) => weigh_state(profile, schema, main_root, self.frozen.segment(body)),
            Content::Patch(body) => {
                let body = body.map(|at| self.frozen.segment(at)).concat();
                weigh_changes(profile, schema, main_root, &body)
            }
        };
        // What was encoded can be read: tests of the encoder see to it.
        let weight = weighed.unwrap_or(0);
        self.weighed = Some((client, content, weight));
        weight
    }

    /// Tells a viewer that it is out.
    fn bye(
        &mut self,
        (id, viewer): (&Arc<str>, &Viewer),
        hooks: &mut [Box<dyn Hooks>],
        turn: &mut Turn,
        (code, reason): (RefusedCode, &str),
    ) -> Option<()> {
        let mut bye = Vec::new();
        ServerMessage::Bye { code: code as u8, text: reason }.write(&mut bye);
        let body = [self.body(&bye), NONE];
        self.message((id, viewer), hooks, turn, (Kind::Bye, body, NONE))?;
        turn.out = true;
        Some(())
    }

    /// Adds a message, unless a hook holds it back.
    fn message(
        &mut self,
        (id, viewer): (&Arc<str>, &Viewer),
        hooks: &mut [Box<dyn Hooks>],
        turn: &mut Turn,
        (kind, body, events): (Kind, [u32; 2], u32),
    ) -> Option<()> {
        let number = turn.number + u64::from(kind != Kind::Bye);
        let number = if planted::is(Leak::SharedNumbers) { number + self.frozen.messages.len() as u64 } else { number };
        let present = viewer.is_connected();
        let mut message = Message { viewer: turn.at, number, kind, body, events, present };
        if hooks.iter().any(|hook| hook.wants_messages()) {
            let before = self.frozen.assemble(&message).to_vec();
            let mut bytes = before.clone();
            sends(hooks::ask(hooks, |hook| hook.after_encode(id, &mut bytes)))?;
            if bytes != before {
                // The end of a session is not remembered, in whatever form.
                let kind = if kind == Kind::Bye { Kind::Bye } else { Kind::Rewritten };
                message = Message { kind, body: [self.body(&bytes), NONE], events: NONE, ..message };
            }
        }
        turn.number = number;
        self.frozen.messages.push(message);
        Some(())
    }

    /// The segment of a body; equal ones are one, and none is needed for an empty one.
    pub fn body(&mut self, body: &[u8]) -> u32 {
        if body.is_empty() {
            return NONE;
        }
        let mut hash = fnv1a64(body);
        loop {
            match self.bodies.get(&hash) {
                Some(known) if self.frozen.segment(*known) == body => return *known,
                // Another one with the same hash.
                Some(_) => hash = hash.wrapping_add(1),
                None => {
                    let at = self.frozen.add(body);
                    self.bodies.insert(hash, at);
                    return at;
                }
            }
        }
    }

    /// The segment of the events that wait for a viewer; most often the same as for the viewer before.
    fn events(&mut self, viewer: &Viewer) -> u32 {
        if !viewer.events.is_same(&self.events) || self.events.is_empty() {
            self.events = viewer.events.events().to_vec();
            self.events_at = self.body(&viewer.events.body());
        }
        self.events_at
    }
}

fn sends(verdict: Verdict) -> Option<()> {
    (verdict == Verdict::Send).then_some(())
}
