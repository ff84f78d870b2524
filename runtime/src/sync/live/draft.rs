//! Messages before they count as sent: what each viewer would get, and what is then known of it.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_types::Value;

use super::turns::Turn;
use super::viewer::{Known, Viewer};
use crate::sync::Sight;
use crate::sync::broadcast::{Frozen, Kind, Message, NONE};
use crate::sync::hooks::{self, Hooks, Verdict};
use crate::sync::planted::{self, Leak};
use crate::sync::refused::RefusedCode;
use crate::wire::ServerMessage;

/// What there is to tell a viewer, as segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Everything.
    State(u32),
    /// Changes in up to two parts; perhaps none.
    Patch([u32; 2]),
}

/// What is known of a viewer once its messages count as sent.
#[derive(Debug)]
pub(super) struct Next {
    pub viewer: Arc<str>,
    /// What it will have, and as whom it was told; and what it sees, if hooks made something else of that. `None` if it was not told.
    pub told: Option<(Known, Option<Box<Sight>>, Option<Box<Value>>)>,
    /// Whether it has the events that waited.
    pub events: bool,
    /// The number of its last message.
    pub number: u64,
    /// Whether it was told that it is out.
    pub out: bool,
    /// Whether a hook held something back.
    pub held: bool,
}

/// Messages in the making.
#[derive(Default)]
pub(super) struct Draft {
    pub frozen: Frozen,
    pub next: Vec<Next>,
    /// Bodies that are there already, by content.
    bodies: HashMap<Arc<[u8]>, u32>,
    /// The events that were encoded last.
    events: Vec<Arc<[u8]>>,
    events_at: u32,
}

impl Draft {
    /// Adds what a viewer is to be sent.
    pub fn add(&mut self, turn: Turn<'_>, hooks: &mut [Box<dyn Hooks>]) {
        let Turn { id, viewer, content, known, sight, seen } = turn;
        let mut next = Next {
            viewer: id.clone(),
            told: None,
            events: false,
            number: viewer.number,
            out: false,
            held: content.is_none(),
        };
        if let Some(content) = content {
            let mut told = false;
            next.held = self.write(viewer, content, hooks, &mut next, &mut told).is_none();
            // Who was not sent any changes, though nothing was held back, had nothing to be told of.
            next.told = (told || !next.held).then_some((known, sight, seen));
        }
        self.next.push(next);
    }

    /// `None` if a hook held something back; `told` says whether changes were sent nevertheless.
    fn write(
        &mut self,
        viewer: &Viewer,
        content: Content,
        hooks: &mut [Box<dyn Hooks>],
        next: &mut Next,
        told: &mut bool,
    ) -> Option<()> {
        let has_events = !viewer.events.is_empty();
        let nothing = content == Content::Patch([NONE; 2]);
        if nothing && !has_events && viewer.bye.is_none() {
            return Some(());
        }
        if !hooks.is_empty() {
            let id = next.viewer.clone();
            sends(hooks::ask(hooks, |hook| hook.before_encode(&id)))?;
        }
        let events = if has_events { self.events(viewer) } else { NONE };
        match content {
            Content::State(body) => self.message(viewer, hooks, next, (Kind::State, [body, NONE], NONE))?,
            Content::Patch(_) if nothing => {}
            Content::Patch(body) => {
                let kind = if has_events { Kind::PatchEvents } else { Kind::Patch };
                self.message(viewer, hooks, next, (kind, body, events))?;
                next.events = has_events;
            }
        }
        *told = true;
        if has_events && !next.events {
            self.message(viewer, hooks, next, (Kind::Events, [NONE; 2], events))?;
            next.events = true;
        }
        if let Some(reason) = &viewer.bye {
            let mut bye = Vec::new();
            ServerMessage::Bye { code: RefusedCode::PutOut as u8, text: reason }.write(&mut bye);
            let body = [self.body(bye), NONE];
            self.message(viewer, hooks, next, (Kind::Bye, body, NONE))?;
            next.out = true;
        }
        Some(())
    }

    /// Adds a message, unless a hook holds it back.
    fn message(
        &mut self,
        viewer: &Viewer,
        hooks: &mut [Box<dyn Hooks>],
        next: &mut Next,
        (kind, body, events): (Kind, [u32; 2], u32),
    ) -> Option<()> {
        let number = next.number + u64::from(kind != Kind::Bye);
        let number = if planted::is(Leak::SharedNumbers) { number + self.frozen.messages.len() as u64 } else { number };
        let present = viewer.is_connected();
        let mut message = Message { viewer: next.viewer.clone(), number, kind, body, events, present };
        if hooks.iter().any(|hook| hook.wants_messages()) {
            let before = self.frozen.assemble(&message).to_vec();
            let mut bytes = before.clone();
            sends(hooks::ask(hooks, |hook| hook.after_encode(&message.viewer, &mut bytes)))?;
            if bytes != before {
                // The end of a session is not remembered, in whatever form.
                let kind = if kind == Kind::Bye { Kind::Bye } else { Kind::Rewritten };
                message = Message { kind, body: [self.body(bytes), NONE], events: NONE, ..message };
            }
        }
        next.number = number;
        self.frozen.messages.push(message);
        Some(())
    }

    /// The segment of a body; equal ones are one, and none is needed for an empty one.
    pub fn body(&mut self, body: Vec<u8>) -> u32 {
        if body.is_empty() {
            return NONE;
        }
        let body: Arc<[u8]> = body.into();
        let at = self.frozen.segments.len() as u32;
        *self.bodies.entry(body).or_insert_with_key(|body| {
            self.frozen.segments.push(body.clone());
            at
        })
    }

    /// The segment of the events that wait for a viewer; most often the same as for the viewer before.
    fn events(&mut self, viewer: &Viewer) -> u32 {
        if !viewer.events.is_same(&self.events) || self.events.is_empty() {
            self.events = viewer.events.events().to_vec();
            self.events_at = self.frozen.segments.len() as u32;
            self.frozen.segments.push(viewer.events.body());
        }
        self.events_at
    }
}

fn sends(verdict: Verdict) -> Option<()> {
    (verdict == Verdict::Send).then_some(())
}
