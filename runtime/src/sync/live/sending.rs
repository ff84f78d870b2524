//! Broadcasts: ticks, polls and peeks.

use std::sync::Arc;

use super::LiveSession;
use super::draft::{Draft, Next};
use super::turns::Teller;
use super::viewer::{Noted, Viewer};
use crate::sync::broadcast::{Broadcast, Kind};
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
        if std::mem::replace(&mut self.is_settled, true) {
            return Broadcast::default();
        }
        self.send(&|_, _| true)
    }

    /// What [`LiveSession::tick`] would send, which does not count as sent.
    pub fn broadcast(&mut self) -> Broadcast {
        self.prepare(&|_, _| true).map(|(broadcast, _)| broadcast).unwrap_or_default()
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
        let (broadcast, next) = match prepared {
            Ok(prepared) => prepared,
            Err(held) => {
                held.iter().for_each(|viewer| self.postpone(viewer));
                return Broadcast::default();
            }
        };
        self.count(&broadcast);
        self.remember(&broadcast, next);
        self.tidy();
        for hook in &mut self.hooks {
            hook.after_broadcast(&broadcast);
        }
        broadcast
    }

    /// The messages for those whose turn it is, and what is then known of them; only their ids if a hook holds everything back.
    fn prepare(&mut self, due: &dyn Fn(&Arc<str>, &Viewer) -> bool) -> Result<(Broadcast, Vec<Next>), Vec<Arc<str>>> {
        if let Some(changes) = self.cut() {
            self.windows.keep(changes);
        }
        let mut hooks = std::mem::take(&mut self.hooks);
        let mut draft = Draft::default();
        let wants_views = hooks.iter().any(|hook| hook.wants_views());
        let mut teller = Teller {
            session: &mut self.session,
            schema: &self.schema,
            main_root: self.main_root,
            windows: &mut self.windows,
            sight_version: self.sight_version,
            hooks: &mut hooks,
            wants_views,
        };
        let viewers = self.viewers.iter().filter(|(id, viewer)| due(id, viewer));
        let turns = teller.turns(viewers, &mut draft);
        for turn in turns {
            draft.add(turn, &mut hooks);
        }
        let Draft { frozen, next, .. } = draft;
        let broadcast = Broadcast { frozen: Arc::new(frozen) };
        let held = !broadcast.frozen.messages.is_empty()
            && hooks::ask(&mut hooks, |hook| hook.before_broadcast(&broadcast)) == Verdict::Hold;
        self.hooks = hooks;
        if held { Err(next.into_iter().map(|next| next.viewer).collect()) } else { Ok((broadcast, next)) }
    }

    fn count(&mut self, broadcast: &Broadcast) {
        self.statistics.last_bodies = broadcast.bodies() as u64;
        self.statistics.bodies += broadcast.bodies() as u64;
        self.statistics.broadcasts += u64::from(!broadcast.is_empty());
    }

    /// What was held back is tried again, later.
    fn postpone(&mut self, viewer: &str) {
        if let Some(viewer) = self.viewers.get_mut(viewer) {
            viewer.calm();
        }
        self.touch(viewer);
    }

    /// From here on what a broadcast says counts as sent.
    fn remember(&mut self, broadcast: &Broadcast, next: Vec<Next>) {
        let mut messages = broadcast.frozen.messages.iter().peekable();
        let mut over = Vec::new();
        let (history, sight_version, stirs) = (self.options.history, self.sight_version, self.session.stirs());
        // Both are in the order of ids.
        let mut viewers = self.viewers.iter_mut();
        for Next { viewer: id, told, events, number, out, held } in next {
            let Some((_, viewer)) = viewers.find(|(other, _)| **other == id) else { break };
            if told.is_some() && viewer.known.is_nothing() {
                // Nothing before the whole state is of use any more.
                viewer.history.clear();
            }
            while let Some(message) = messages.next_if(|message| message.viewer == id) {
                let bytes = broadcast.frozen.assemble(message).len();
                if message.present {
                    self.statistics.messages += 1;
                    self.statistics.bytes += bytes as u64;
                    viewer.sent = (viewer.sent.0 + 1, viewer.sent.1 + bytes as u64);
                }
                if message.kind != Kind::Bye {
                    viewer.history.push(message, &broadcast.frozen, bytes, history);
                }
            }
            viewer.number = number;
            viewer.calm();
            if let Some((known, sight, seen)) = told {
                if let Some(Noted::Sight(noted)) = viewer.noted.take() {
                    viewer.sight = *noted;
                }
                if let Some(sight) = sight {
                    (viewer.sight, viewer.sight_version) = (*sight, sight_version);
                }
                viewer.noted = seen.map(|seen| Noted::View(*seen));
                viewer.known = known;
                viewer.looked = stirs;
            }
            if events {
                viewer.events.clear();
            }
            if held || out || viewer.is_lost() {
                over.push((id, held));
            }
        }
        for (id, held) in over {
            if held {
                self.postpone(&id);
            } else {
                self.forget(&id);
            }
        }
    }
}
