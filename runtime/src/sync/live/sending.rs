//! Broadcasts: ticks, polls and peeks.

use std::sync::Arc;

use super::LiveSession;
use super::draft::Scale;
use super::following::{Views, views};
use super::turns::{Due, Teller, Then, Told, Turns};
use super::viewer::{Known, Noted, Viewer};
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

/// A message that was longer than a message may be, or had more in it, and so was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// For whom it was.
    pub viewer: Arc<str>,
    /// How many bytes it would have had, without its head.
    pub bytes: usize,
    /// How many elements, entries, fields and steps, as the protocol counts them; 0 if they were not counted, as they cannot have been too many.
    pub entries: u64,
    /// Whether that was the whole state, so that the viewer was put out; if it was changes, it is sent the whole state next.
    pub is_out: bool,
}

/// So many of them are remembered.
const TOO_LARGE: usize = 100;

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
            return self.nothing.clone();
        }
        self.send(Due::All)
    }

    /// What [`LiveSession::tick`] would send, which does not count as sent.
    pub fn broadcast(&mut self) -> Broadcast {
        let mut turns = std::mem::take(&mut self.turns);
        let broadcast = self.prepare(Due::All, &mut turns);
        self.turns = turns;
        broadcast.unwrap_or_else(|| self.nothing.clone())
    }

    /// Tells the time, as [`LiveSession::at`], and sends those viewers what they do not know yet whose time has come.
    pub fn poll(&mut self, now_ms: i64) -> Broadcast {
        self.at(now_ms);
        self.note();
        let Some(debounce) = self.options.debounce else { return self.nothing.clone() };
        let due = Due::By(debounce, self.clock_ms);
        if !self.viewers.standing().any(|(_, id, viewer)| due.is(id, viewer)) {
            return self.nothing.clone();
        }
        self.send(due)
    }

    /// Messages that were too long to be sent ([`LiveOptions::message_bytes`](super::LiveOptions::message_bytes),
    /// [`LiveOptions::message_entries`](super::LiveOptions::message_entries)), since this was asked last: at most the first 100. Changes that are too long are not sent as such: the viewer gets the whole state with the next broadcast. If that is too
    /// long it is put out, with the code 9.
    pub fn take_too_large(&mut self) -> Vec<TooLarge> {
        std::mem::take(&mut self.too_large)
    }

    /// Figures from the beginning.
    pub fn statistics(&self) -> LiveStatistics {
        self.statistics
    }

    /// Figures of a viewer that is connected, or away and expected back.
    pub fn viewer_statistics(&self, viewer: &str) -> Option<ViewerStatistics> {
        let acknowledged = self.viewers.own(viewer)?.acknowledged;
        let number = self.viewers.number(viewer)?;
        let ((messages, bytes), history_bytes) = self.viewers.sent(viewer)?;
        Some(ViewerStatistics { number, acknowledged, messages, bytes, history_bytes })
    }

    /// Takes those out of their cohorts who are not like others any more.
    pub(super) fn part(&mut self) {
        if !self.hooks.is_empty() {
            return self.viewers.part_all();
        }
        let (session, teams) = (&mut self.session, &self.windows.teams);
        self.viewers.part_changed(self.sight_version, |id, sight| {
            session.viewer(id).grants != sight.grants
                || teams.get(id) != sight.team.as_ref()
                || *session.seen(id) != sight.seen
        });
    }

    /// Sends one viewer what it does not know yet.
    pub(super) fn send_to(&mut self, viewer: &str) -> Broadcast {
        self.send(Due::One(viewer))
    }

    fn send(&mut self, due: Due<'_>) -> Broadcast {
        let watch = self.stopwatch.clone();
        let started = watch.as_ref().map_or(0, |watch| watch());
        let mut turns = std::mem::take(&mut self.turns);
        let prepared = self.prepare(due, &mut turns);
        let encode_ns = watch.map_or(0, |watch| watch().saturating_sub(started));
        self.statistics.encode_ns += encode_ns;
        self.statistics.last_encode_ns = encode_ns;
        let Some(broadcast) = prepared else {
            let id = |turn: &super::turns::Turn| self.viewers.at(turn.at).map(|(id, _)| id.clone());
            let held: Vec<Arc<str>> = turns.all.iter().filter_map(id).collect();
            held.iter().for_each(|viewer| self.postpone(viewer));
            self.turns = turns;
            return self.nothing.clone();
        };
        self.count(&broadcast);
        self.remember(&broadcast, &mut turns);
        self.turns = turns;
        self.tidy();
        for hook in &mut self.hooks {
            hook.after_broadcast(&broadcast);
        }
        broadcast
    }

    /// The messages for those whose turn it is, and in `turns` what is then known of them; nothing if a hook holds everything back.
    fn prepare(&mut self, due: Due<'_>, turns: &mut Turns) -> Option<Broadcast> {
        if let Some(changes) = self.cut() {
            self.windows.keep(changes);
        }
        self.part();
        if self.hooks.is_empty() {
            self.viewers.gather(self.sight_version);
        }
        let mut hooks = std::mem::take(&mut self.hooks);
        let wants_views = hooks.iter().any(|hook| hook.wants_views());
        let draft = &mut self.draft;
        draft.clear();
        draft.body_bytes = self.options.body_bytes();
        let scale = Scale { schema: &self.schema, main_root: self.main_root, most: self.options.entries() };
        let mut teller = Teller {
            session: &mut self.session,
            schema: &self.schema,
            main_root: self.main_root,
            windows: &mut self.windows,
            sight_version: self.sight_version,
            hooks: &mut hooks,
            wants_views,
            views: views!(self),
        };
        teller.turns(&mut self.viewers, due, turns, draft);
        for turn in &mut turns.all {
            if let Some(viewer) = self.viewers.at(turn.at) {
                draft.add(turn, viewer, (&mut hooks, scale));
            }
        }
        let mut broadcast = self.nothing.clone();
        let mut held = false;
        if !draft.frozen.messages.is_empty() {
            let frozen = self.viewers.archive.freeze(&mut draft.frozen);
            let (roster, seats) = (self.viewers.roster().clone(), self.viewers.seats().clone());
            broadcast = Broadcast { frozen, roster, seats };
            held = hooks::ask(&mut hooks, |hook| hook.before_broadcast(&broadcast)) == Verdict::Hold;
        }
        self.hooks = hooks;
        (!held).then_some(broadcast)
    }

    fn count(&mut self, broadcast: &Broadcast) {
        self.statistics.last_bodies = broadcast.bodies() as u64;
        self.statistics.bodies += broadcast.bodies() as u64;
        self.statistics.broadcasts += u64::from(!broadcast.is_empty());
    }

    /// What was held back is tried again, later: as if it had changed now, but never at the same time of the clock, or whoever polls while
    /// something is due would try for ever.
    fn postpone(&mut self, viewer: &str) {
        let Some(debounce) = self.options.debounce else {
            self.is_settled = false;
            return;
        };
        let now = Pending { first_ms: self.clock_ms, last_ms: self.clock_ms };
        let pause_ms = i64::from(debounce.deadline(now) <= self.clock_ms);
        if let Some(viewer) = self.viewers.get_mut(viewer) {
            viewer.calm();
            viewer.touch(self.clock_ms.saturating_add(pause_ms));
        }
        self.is_settled = false;
    }

    /// Messages that were too long are told to the host program, and viewers get everything instead of changes.
    fn tell_all_instead(&mut self, at: u32, (bytes, entries): (usize, u64), is_out: bool) {
        for id in self.viewers.part_cohort(at) {
            if self.too_large.len() < TOO_LARGE {
                self.too_large.push(TooLarge { viewer: id.clone(), bytes, entries, is_out });
            }
            if let Some(viewer) = self.viewers.get_mut(&id).filter(|_| !is_out) {
                viewer.lose_thread();
                self.postpone(&id);
            }
        }
    }

    /// From here on what a broadcast says counts as sent.
    fn remember(&mut self, broadcast: &Broadcast, turns: &mut Turns) {
        let mut messages = (0..).zip(&broadcast.frozen.messages).peekable();
        let slot = messages.peek().is_some().then(|| self.viewers.archive.open(&broadcast.frozen));
        let (history, sight_version, stirs) = (self.options.history, self.sight_version, self.session.stirs());
        let (end, views) = (self.windows.end(), views!(self));
        let (mut over, mut large) = (Vec::new(), Vec::new());
        for turn in &mut turns.all {
            let Some((viewer, count, archive)) = self.viewers.at_mut(turn.at) else { break };
            if turn.told && viewer.known.is_nothing() {
                // Nothing before the whole state is of use any more.
                viewer.history.clear(archive);
            }
            while let Some((at, message)) = messages.next_if(|(_, message)| message.viewer == turn.at) {
                let bytes = broadcast.frozen.assemble(message).len();
                if message.present {
                    self.statistics.messages += u64::from(count);
                    self.statistics.bytes += bytes as u64 * u64::from(count);
                    viewer.sent = (viewer.sent.0 + 1, viewer.sent.1 + bytes as u64);
                }
                if let Some(slot) = slot.filter(|_| message.kind != Kind::Bye) {
                    viewer.history.push((message.number, bytes), (slot, at), history, archive);
                }
            }
            viewer.number = turn.number;
            viewer.calm();
            if turn.events {
                viewer.events.clear();
            }
            if turn.told {
                learn(viewer, std::mem::take(&mut turn.then), (end, sight_version, stirs), &views);
            }
            if let Some(excess) = turn.excess {
                large.push((turn.at, excess, turn.out));
            }
            if turn.held && turn.excess.is_none() || turn.out || viewer.is_lost() {
                over.push((turn.at, turn.held));
            }
        }
        if let Some(slot) = slot {
            self.viewers.archive.release(slot);
            self.viewers.sweep();
        }
        for (at, excess, is_out) in large {
            self.tell_all_instead(at, excess, is_out);
        }
        let id = |(at, held): (u32, bool)| Some((self.viewers.at(at)?.0.clone(), held));
        let over: Vec<(Arc<str>, bool)> = over.into_iter().filter_map(id).collect();
        for (id, held) in over {
            if held {
                self.postpone(&id);
            } else {
                self.forget(&id);
            }
        }
    }
}

/// What a viewer knows that was told.
fn learn(viewer: &mut Viewer, then: Then, (end, sight_version, stirs): (u64, u64, u64), views: &Views<'_>) {
    if let Some(Noted::Sight(noted)) = viewer.noted.take() {
        viewer.sight = *noted;
    }
    let mut view = None;
    match then {
        Then::Span => viewer.known = Known::Span(end),
        Then::Same => {}
        Then::Other(told) => {
            let Told { known, sight, seen, view: seen_now } = *told;
            if let Some(sight) = sight {
                (viewer.sight, viewer.sight_version) = (sight, sight_version);
            }
            viewer.noted = seen.map(Noted::View);
            viewer.known = known;
            view = seen_now;
        }
    }
    viewer.looked = stirs;
    match &mut viewer.follower {
        // It has no filters any more.
        follower @ Some(_) if matches!(viewer.known, Known::Span(_)) => *follower = None,
        Some(follower) => follower.advance(view, views),
        None => {}
    }
}
