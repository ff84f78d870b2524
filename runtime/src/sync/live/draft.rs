//! Messages before they count as sent: what each viewer would get, and what is then known of it.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_types::{Schema, StructId, Value};

use super::viewer::Viewer;
use crate::session::Session;
use crate::sync::broadcast::{Frozen, Kind, Message, NONE};
use crate::sync::difference::{difference, full_body};
use crate::sync::hooks::{self, Hooks, Verdict};
use crate::sync::refused::RefusedCode;
use crate::wire::ServerMessage;

/// What is encoded.
pub(super) struct World<'a> {
    pub session: &'a Session,
    pub schema: &'a Schema,
    pub main_root: StructId,
}

/// What is known of a viewer once its messages count as sent.
#[derive(Debug, Default)]
pub(super) struct Next {
    pub viewer: Arc<str>,
    /// What it will have been sent, if that is new; and what it sees, if hooks made something else of that.
    pub view: Option<(Value, Option<Value>)>,
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
    pub fn add(&mut self, world: &World<'_>, id: &Arc<str>, viewer: &Viewer, hooks: &mut [Box<dyn Hooks>]) {
        let mut next = Next { viewer: id.clone(), number: viewer.number, ..Next::default() };
        next.held = self.write(world, viewer, hooks, &mut next).is_none();
        if next.held || next.view.is_some() || next.events || next.out {
            self.next.push(next);
        }
    }

    /// `None` if a hook held something back.
    fn write(
        &mut self,
        world: &World<'_>,
        viewer: &Viewer,
        hooks: &mut [Box<dyn Hooks>],
        next: &mut Next,
    ) -> Option<()> {
        let id = next.viewer.clone();
        sends(hooks::ask(hooks, |hook| hook.before_filter(&id)))?;
        let (now, seen) = filtered(world, &id, hooks)?;
        let (kind, body) = match &viewer.view {
            None => (Kind::State, full_body(&viewer.profile, world.schema, world.main_root, &now)),
            Some(before) if *before == now => (Kind::Patch, Vec::new()),
            Some(before) => (Kind::Patch, difference(&viewer.profile, world.schema, world.main_root, before, &now)),
        };
        let (has_events, has_body) = (!viewer.events.is_empty(), !body.is_empty());
        if !has_body && !has_events && viewer.bye.is_none() {
            return Some(());
        }
        sends(hooks::ask(hooks, |hook| hook.before_encode(&id)))?;
        let body = if has_body { self.body(body) } else { NONE };
        let events = if has_events { self.events(viewer) } else { NONE };
        let together = match (kind, has_body, has_events) {
            (Kind::State, ..) => Some((Kind::State, NONE)),
            (_, true, true) => Some((Kind::PatchEvents, events)),
            (_, true, false) => Some((Kind::Patch, NONE)),
            (_, false, _) => None,
        };
        if let Some((kind, with)) = together {
            self.message(viewer, hooks, next, (kind, body, with))?;
            next.view = Some((now, seen));
            next.events = with != NONE;
        }
        if has_events && !next.events {
            self.message(viewer, hooks, next, (Kind::Events, NONE, events))?;
            next.events = true;
        }
        if let Some(reason) = &viewer.bye {
            let mut bye = Vec::new();
            ServerMessage::Bye { code: RefusedCode::PutOut as u8, text: reason }.write(&mut bye);
            let body = self.body(bye);
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
        (kind, body, events): (Kind, u32, u32),
    ) -> Option<()> {
        let number = next.number + u64::from(kind != Kind::Bye);
        let viewer_id = next.viewer.clone();
        let present = viewer.is_connected();
        let mut message = Message { viewer: viewer_id, number, kind, body: [body, NONE], events, present };
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

    /// The segment of a body; equal ones are one.
    fn body(&mut self, body: Vec<u8>) -> u32 {
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

/// A viewer's view as it shall be sent; and as it is, if hooks made something else of it.
fn filtered(world: &World<'_>, id: &str, hooks: &mut [Box<dyn Hooks>]) -> Option<(Value, Option<Value>)> {
    let view = world.session.view(id);
    if !hooks.iter().any(|hook| hook.wants_views()) {
        return Some((view, None));
    }
    let mut now = view.clone();
    let ask = |hook: &mut dyn Hooks| if hook.wants_views() { hook.after_filter(id, &mut now) } else { Verdict::Send };
    sends(hooks::ask(hooks, ask))?;
    let seen = (now != view).then_some(view);
    Some((now, seen))
}
