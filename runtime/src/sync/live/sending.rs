//! Broadcasts: ticks, polls and peeks, and when the next is due.

use std::sync::Arc;

use super::LiveSession;
use super::draft::{Draft, Next, World};
use super::viewer::Viewer;
use crate::sync::broadcast::{Broadcast, Kind};
use crate::sync::debounce::Pending;
use crate::sync::hooks::{self, Verdict};

/// Figures of a live session, from its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiveStatistics {
    /// Broadcasts in which something was sent.
    pub broadcasts: u64,
    /// Messages sent to viewers that were there.
    pub messages: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// How many different bodies were encoded for them.
    pub bodies: u64,
    /// Different bodies in the last broadcast.
    pub last_bodies: u64,
    /// Nanoseconds spent on finding out what to send, if there is a stopwatch.
    pub encode_ns: u64,
    /// Those of the last broadcast.
    pub last_encode_ns: u64,
}

/// Figures of one viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewerStatistics {
    /// The sequence number of the message sent last.
    pub number: u64,
    /// That of the last message that the client says it has applied.
    pub acknowledged: u64,
    /// Messages sent.
    pub messages: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Bytes kept, should it have to resume.
    pub history_bytes: usize,
}

impl LiveSession {
    /// Sends every viewer what it does not know yet: changes, events, or the whole state. Who has missed nothing is sent nothing.
    pub fn tick(&mut self) -> Broadcast {
        self.send(&|_, _| true)
    }

    /// What [`LiveSession::tick`] would send, which does not count as sent.
    pub fn broadcast(&mut self) -> Broadcast {
        self.prepare(&|_, _| true).map(|(broadcast, _)| broadcast).unwrap_or_default()
    }

    /// Tells the time of the host's clock, in milliseconds: what is done from here on is done then. Nothing else comes of it, and
    /// session time stays. The clock never goes back.
    pub fn at(&mut self, now_ms: i64) {
        if now_ms > self.clock_ms {
            self.note();
            self.clock_ms = now_ms;
        }
    }

    /// When [`LiveSession::poll`] has something to send, in milliseconds of the host's clock, with all that was done until now. Always
    /// `None` without a debounce.
    pub fn next_deadline(&mut self) -> Option<i64> {
        self.note();
        let debounce = self.options.debounce?;
        self.viewers.values().filter_map(|viewer| viewer.pending).map(|pending| debounce.deadline(pending)).min()
    }

    /// Tells the time, as [`LiveSession::at`], and sends those viewers what they do not know yet whose time has come.
    pub fn poll(&mut self, now_ms: i64) -> Broadcast {
        self.at(now_ms);
        self.note();
        let Some(debounce) = self.options.debounce else { return Broadcast::default() };
        let clock_ms = self.clock_ms;
        let is_due = |viewer: &Viewer| viewer.pending.is_some_and(|pending| debounce.deadline(pending) <= clock_ms);
        if !self.viewers.values().any(is_due) {
            return Broadcast::default();
        }
        self.send(&|_, viewer| is_due(viewer))
    }

    /// Figures from the beginning.
    pub fn statistics(&self) -> LiveStatistics {
        self.statistics
    }

    /// Figures of a viewer that is connected, or away and expected back.
    pub fn viewer_statistics(&self, viewer: &str) -> Option<ViewerStatistics> {
        let Viewer { number, acknowledged, sent: (messages, bytes), history, .. } = self.viewers.get(viewer)?;
        Some(ViewerStatistics {
            number: *number,
            acknowledged: *acknowledged,
            messages: *messages,
            bytes: *bytes,
            history_bytes: history.bytes(),
        })
    }

    /// Something was done that viewers may see.
    pub(super) fn changed(&mut self) {
        self.is_dirty = true;
    }

    /// A viewer must be sent something.
    pub(super) fn touch(&mut self, viewer: &str) {
        let clock_ms = self.clock_ms;
        if self.options.debounce.is_some()
            && let Some(viewer) = self.viewers.get_mut(viewer)
        {
            Pending::touch(&mut viewer.pending, clock_ms);
        }
    }

    /// Starts and moves the deadlines of those viewers who see what was done since this was last called. What a viewer does not see
    /// must not do it: when a message comes would tell of it.
    pub(super) fn note(&mut self) {
        if !std::mem::take(&mut self.is_dirty) || self.options.debounce.is_none() {
            return;
        }
        for (id, viewer) in &mut self.viewers {
            let waits = viewer.view.is_none() || !viewer.events.is_empty() || viewer.bye.is_some();
            if waits && viewer.pending.is_none() {
                Pending::touch(&mut viewer.pending, self.clock_ms);
            }
            let now = self.session.view(id);
            if viewer.noted.as_ref().or(viewer.view.as_ref()).is_some_and(|known| *known != now) {
                Pending::touch(&mut viewer.pending, self.clock_ms);
                viewer.noted = Some(now);
            }
        }
    }

    /// Sends one viewer what it does not know yet.
    pub(super) fn send_to(&mut self, viewer: &str) -> Broadcast {
        self.send(&|id, _| &**id == viewer)
    }

    fn send(&mut self, due: &dyn Fn(&Arc<str>, &Viewer) -> bool) -> Broadcast {
        let watch = self.stopwatch.clone();
        let started = watch.as_ref().map_or(0, |watch| watch());
        let prepared = self.prepare(due);
        let encode_ns = watch.map_or(0, |watch| watch().saturating_sub(started));
        self.statistics.encode_ns += encode_ns;
        self.statistics.last_encode_ns = encode_ns;
        for viewer in self.viewers.iter_mut().filter(|(id, viewer)| due(id, viewer)).map(|(_, viewer)| viewer) {
            (viewer.pending, viewer.noted) = (None, None);
        }
        let (broadcast, next) = match prepared {
            Ok(prepared) => prepared,
            Err(held) => {
                held.iter().for_each(|viewer| self.touch(viewer));
                return Broadcast::default();
            }
        };
        self.count(&broadcast);
        self.remember(&broadcast, next);
        for hook in &mut self.hooks {
            hook.after_broadcast(&broadcast);
        }
        broadcast
    }

    /// The messages for those whose turn it is, and what is then known of them; only their ids if a hook holds everything back.
    fn prepare(&mut self, due: &dyn Fn(&Arc<str>, &Viewer) -> bool) -> Result<(Broadcast, Vec<Next>), Vec<Arc<str>>> {
        let mut hooks = std::mem::take(&mut self.hooks);
        let world = World { session: &self.session, schema: &self.schema, main_root: self.main_root };
        let mut draft = Draft::default();
        for (id, viewer) in self.viewers.iter().filter(|(id, viewer)| due(id, viewer)) {
            draft.add(&world, id, viewer, &mut hooks);
        }
        let Draft { frozen, next, .. } = draft;
        let broadcast = Broadcast { frozen: Arc::new(frozen) };
        let held =
            !next.is_empty() && hooks::ask(&mut hooks, |hook| hook.before_broadcast(&broadcast)) == Verdict::Hold;
        self.hooks = hooks;
        if held { Err(next.into_iter().map(|next| next.viewer).collect()) } else { Ok((broadcast, next)) }
    }

    fn count(&mut self, broadcast: &Broadcast) {
        self.statistics.last_bodies = broadcast.bodies() as u64;
        self.statistics.bodies += broadcast.bodies() as u64;
        self.statistics.broadcasts += u64::from(!broadcast.is_empty());
        for message in broadcast.frozen.messages.iter().filter(|message| message.present) {
            let bytes = broadcast.frozen.assemble(message).len() as u64;
            self.statistics.messages += 1;
            self.statistics.bytes += bytes;
            if let Some(viewer) = self.viewers.get_mut(&message.viewer) {
                viewer.sent = (viewer.sent.0 + 1, viewer.sent.1 + bytes);
            }
        }
    }

    /// From here on what a broadcast says counts as sent.
    fn remember(&mut self, broadcast: &Broadcast, next: Vec<Next>) {
        for next in next.iter().filter(|next| next.view.is_some()) {
            if let Some(viewer) = self.viewers.get_mut(&next.viewer).filter(|viewer| viewer.view.is_none()) {
                // Nothing before the whole state is of use any more.
                viewer.history.clear();
            }
        }
        for (index, message) in (0..).zip(&broadcast.frozen.messages) {
            if let Some(viewer) = self.viewers.get_mut(&message.viewer)
                && message.kind != Kind::Bye
            {
                viewer.history.push(message.number, &broadcast.frozen, index, self.options.history);
            }
        }
        for Next { viewer: id, view, events, number, out, held } in next {
            let Some(viewer) = self.viewers.get_mut(&id) else { continue };
            viewer.number = number;
            if let Some((view, noted)) = view {
                (viewer.view, viewer.noted) = (Some(view), noted);
            }
            if events {
                viewer.events.clear();
            }
            if held {
                self.touch(&id);
            } else if out || viewer.is_lost() {
                self.forget(&id);
            }
        }
    }
}
