//! A session and its viewers: who is connected, what each was sent, and what comes next.
//!
//! - `viewer`: what is known of each viewer; `table`: all of them, in cohorts of those who are in step. `connecting`: how they come, go and come back. `profiles`: schemas of clients.
//! - `acting`: what is done to the session. `emitting`: events.
//! - `sending`: ticks, polls, peeks. `noting`: when they are due.
//! - `following`: viewers with filters. `bodies`: what waits for them.
//! - `turns`: what is new to each viewer. `windows`: from change marks. `draft`: as messages, before they count as sent.
//!
//! Nothing here does I/O or reads a clock: bytes go in and come out, time is told.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use statewright_types::{Schema, StructId};

use super::broadcast::{Broadcast, HEAD};
use super::debounce::Debounce;
use super::events::{EventError, EventLimits};
use super::filtered::FilteredViewers;
use super::history::HistoryLimits;
use super::hooks::Hooks;
use super::patches::PatchOf;
use crate::replica::Replica;
use crate::session::Session;
use crate::state::FixedHasher;
use crate::wire::codes::limits::{ENTRIES, MESSAGE_BYTES};

mod acting;
mod bodies;
mod connecting;
mod draft;
mod emitting;
mod following;
mod noting;
mod profiles;
mod sending;
mod table;
mod turns;
mod viewer;
mod windows;

pub use connecting::{ClientSchema, ConnectOptions, Greeting, Resume};
pub use sending::{LiveStatistics, TooLarge, ViewerStatistics};

use bodies::{Bodies, Body};
use draft::Draft;
use profiles::Profiles;
use table::Viewers;
use turns::Turns;
use viewer::{Gone, Viewer};
use windows::Windows;

/// What a live session begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOptions {
    /// How much of what was sent is kept for those who come back.
    pub history: HistoryLimits,
    /// How many events may wait.
    pub events: EventLimits,
    /// When [`LiveSession::poll`] sends what changed; `None`: never, the host program calls [`LiveSession::tick`].
    pub debounce: Option<Debounce>,
    /// How long messages may be, in bytes, before hooks see them. Default 16 MiB, which is what the protocol allows: more counts as that.
    pub message_bytes: usize,
    /// How many elements, entries, fields and steps a message may have, as the protocol counts them. Default 4,194,304, which is what it allows: more
    /// counts as that.
    pub message_entries: u64,
}

impl Default for LiveOptions {
    fn default() -> LiveOptions {
        LiveOptions {
            history: HistoryLimits::default(),
            events: EventLimits::default(),
            debounce: None,
            message_bytes: MESSAGE_BYTES,
            message_entries: ENTRIES,
        }
    }
}

impl LiveOptions {
    /// How long bodies and events of a message may be.
    fn body_bytes(&self) -> usize {
        self.message_bytes.min(MESSAGE_BYTES).saturating_sub(HEAD)
    }

    /// How much a body may make a client count.
    fn entries(&self) -> u64 {
        self.message_entries.min(ENTRIES)
    }

    /// How many bytes of events may go into a message: each entry of theirs takes a byte at least.
    fn event_bytes(&self) -> usize {
        self.body_bytes().min(usize::try_from(self.entries()).unwrap_or(usize::MAX))
    }
}

/// A session and its viewers.
///
/// A *viewer* is somebody who is sent what it may see; a *player* takes part in the game. One id may be either or both:
/// [`LiveSession::connect`] makes a viewer, [`LiveSession::join`] a player.
///
/// Whatever is done to the session reaches viewers with the next [`LiveSession::tick`], or [`LiveSession::poll`] when it is time.
pub struct LiveSession {
    session: Session,
    schema: Arc<Schema>,
    main_root: StructId,
    epoch: u64,
    options: LiveOptions,
    profiles: Profiles,
    windows: Windows,
    filtered: FilteredViewers,
    /// Memory for the places of those who are sent what everybody is.
    sharing: Vec<u32>,
    /// What those are sent, by what of the encoder's they get.
    shared: HashMap<PatchOf, Arc<Body>, BuildHasherDefault<FixedHasher>>,
    bodies: Bodies,
    /// A client of the session's own schema that has nothing yet.
    blank: Replica,
    /// Memory for cohorts whose deadlines are set.
    noting: Vec<u32>,
    /// Counts changes of what viewers may see by what they are: grants, and what views are.
    sight_version: u64,
    /// That of the effects in use when last looked at.
    effects_version: u64,
    viewers: Viewers,
    /// Memory for the next broadcast.
    turns: Turns,
    draft: Draft,
    /// What is sent to nobody.
    nothing: Broadcast,
    /// Viewers that are not there any more, and might say that they are.
    gone: BTreeMap<Arc<str>, Gone>,
    /// The session's players when last looked at.
    players: Vec<Arc<str>>,
    hooks: Vec<Box<dyn Hooks>>,
    /// Time of the host's clock when last told.
    clock_ms: i64,
    /// Where the spans of the instant at hand begin: of what was done at that time of the clock. Before, if there was no debounce.
    instant: u64,
    /// Whether anything was done since deadlines were set.
    is_dirty: bool,
    /// Whether the last tick told everybody everything, and nothing was done since.
    is_settled: bool,
    /// Handlers' events that did not find room.
    lost_events: Vec<EventError>,
    /// Messages that would have been too large.
    too_large: Vec<TooLarge>,
    statistics: LiveStatistics,
    stopwatch: Option<Arc<dyn Fn() -> u64 + Send + Sync>>,
}

impl LiveSession {
    /// Makes a session live. What was done to it before is no change for anybody. `epoch` names this life of it: whoever starts or restores a session gives a number that it never had
    /// before (a counter that is stored, or the time of the start), so that a client of an earlier life is not taken for one of this.
    pub fn new(mut session: Session, epoch: u64, options: LiveOptions) -> LiveSession {
        session.keep_views(false);
        session.take_changes();
        let schema = session.state().schema().clone();
        let main_root = session.state().main_root();
        let mut windows = Windows::new(&schema, main_root);
        session.read_effective(|state| windows.teams.learn(state));
        LiveSession {
            profiles: Profiles::new(&schema, main_root),
            windows,
            filtered: FilteredViewers::new(),
            sharing: Vec::new(),
            shared: HashMap::default(),
            bodies: Bodies::default(),
            blank: Replica::with_root(schema.clone(), main_root),
            noting: Vec::new(),
            sight_version: 1,
            effects_version: session.ledger().effects_version(),
            players: session.players().to_vec(),
            session,
            schema,
            main_root,
            epoch,
            viewers: Viewers::new(options.history),
            options,
            turns: Turns::default(),
            draft: Draft::default(),
            nothing: Broadcast::default(),
            gone: BTreeMap::new(),
            hooks: Vec::new(),
            clock_ms: 0,
            instant: 0,
            is_dirty: false,
            is_settled: false,
            lost_events: Vec::new(),
            too_large: Vec::new(),
            statistics: LiveStatistics::default(),
            stopwatch: None,
        }
    }

    /// The session: its state, players, host, effects, log.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session again, without its viewers.
    pub fn into_session(mut self) -> Session {
        self.session.keep_views(true);
        self.session
    }

    /// The number that names this life of the session.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What it began with, or was told since.
    pub fn options(&self) -> &LiveOptions {
        &self.options
    }

    /// Sets when [`LiveSession::poll`] sends what changed: `quiet_ms` after the last change that a viewer sees, but at most
    /// `max_wait_ms` after the first. From then on; what waits already is due by the new rule.
    pub fn set_debounce(&mut self, quiet_ms: i64, max_wait_ms: i64) {
        // What was done until now happened under the old rule, or none.
        self.note();
        self.options.debounce = Some(Debounce { quiet_ms, max_wait_ms });
        self.is_dirty = true;
        self.note();
    }

    /// Has all viewers be looked after one by one, though they are in step.
    #[cfg(test)]
    pub(crate) fn keep_apart(&mut self) {
        self.viewers.part_all();
        self.viewers.keep_apart = true;
    }

    /// Adds hooks, called after those that are there.
    pub fn add_hooks(&mut self, hooks: impl Hooks + 'static) {
        self.hooks.push(Box::new(hooks));
    }

    /// Takes all hooks out.
    pub fn clear_hooks(&mut self) {
        self.hooks.clear();
        self.is_settled = false;
    }

    /// Has [`LiveStatistics::encode_ns`] measured, with a function that gives the host's time in nanoseconds from anywhere on.
    pub fn set_stopwatch(&mut self, stopwatch: impl Fn() -> u64 + Send + Sync + 'static) {
        self.stopwatch = Some(Arc::new(stopwatch));
    }
}
