//! What goes into a session and what it tells: actions, reports, log entries.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use statewright_types::config::Values;
pub use statewright_types::handler::RESERVED_EVENTS;
use statewright_types::{TrapCode, Value};

use crate::context::Event;
use crate::program::Trap;
use crate::session::effects::NewEffect;
use crate::session::refusal::Refusal;

/// An incoming event.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The event's name.
    pub event: Arc<str>,
    /// Who sent it: a player's id, or "" for the session itself. Need not have joined.
    pub sender: Arc<str>,
    /// Parameters by name: a `Value::Map`, or `Value::Null` for none.
    pub params: Value,
}

impl Action {
    /// An event from `sender`.
    pub fn new(event: &str, sender: &str, params: Value) -> Action {
        Action { event: event.into(), sender: sender.into(), params }
    }

    /// An event from the session itself, which passes every permission.
    pub fn own(event: &str, params: Value) -> Action {
        Action::new(event, "", params)
    }

    /// Whether the event is one that only the session may send.
    pub fn is_reserved(&self) -> bool {
        RESERVED_EVENTS.contains(&&*self.event)
    }
}

/// How an activation, or its segment, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// To the end.
    Done,
    /// With an error; all that the segment did is undone.
    Failed,
    /// At a wait; it goes on when session time comes there.
    Waiting,
}

impl Status {
    /// The word for it in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Failed => "failed",
            Status::Waiting => "waiting",
        }
    }
}

/// One activation from its start, or from its resumption, to its end or its next wait.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivationReport {
    /// The handler.
    pub handler: Arc<str>,
    /// The activation's number, from 1 in the order of starting; a resumed one keeps it.
    pub id: u64,
    /// How it ended.
    pub status: Status,
    /// Why, exactly if it failed.
    pub error: Option<Box<Trap>>,
    /// Fuel used by this segment alone.
    pub fuel: u64,
}

/// Reports of activations, in order; reads as a slice. One, which is usual, needs no memory of its own.
#[derive(Clone, Default)]
pub struct Activations {
    /// The only one; or, as long as there is none, one of before, whose name is likely to be that of the next.
    first: Option<ActivationReport>,
    /// All of them, if they are several, which is rare: reports of waits by the thousand are kept at once.
    #[allow(clippy::box_collection)]
    many: Option<Box<Vec<ActivationReport>>>,
    has_one: bool,
}

impl Activations {
    /// Appends one that begins.
    #[inline]
    pub(super) fn begin(&mut self, handler: &Arc<str>, id: u64) {
        if self.has_one || self.is_several() {
            let handler = handler.clone();
            return self.push(ActivationReport { handler, id, status: Status::Done, error: None, fuel: 0 });
        }
        self.has_one = true;
        match &mut self.first {
            Some(first) if Arc::ptr_eq(&first.handler, handler) => {
                first.id = id;
                (first.status, first.fuel) = (Status::Done, 0);
                if first.error.is_some() {
                    first.error = None;
                }
            }
            first => {
                let handler = handler.clone();
                *first = Some(ActivationReport { handler, id, status: Status::Done, error: None, fuel: 0 });
            }
        }
    }

    /// Forgets all of them, but for a name.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.has_one = false;
        if let Some(many) = &mut self.many {
            many.clear();
        }
    }

    fn is_several(&self) -> bool {
        self.many.as_ref().is_some_and(|many| !many.is_empty())
    }

    #[inline]
    fn last_mut(&mut self) -> Option<&mut ActivationReport> {
        match self.has_one {
            true => self.first.as_mut(),
            false => self.many.as_mut().and_then(|many| many.last_mut()),
        }
    }

    /// Says how the last one ended.
    #[inline]
    pub(super) fn end_last(&mut self, status: Status, fuel: u64) {
        if let Some(last) = self.last_mut() {
            (last.status, last.fuel) = (status, fuel);
        }
    }

    /// The last one failed.
    #[cold]
    pub(super) fn fail_last(&mut self, error: Trap, fuel: u64) {
        if let Some(last) = self.last_mut() {
            (last.status, last.fuel, last.error) = (Status::Failed, fuel, Some(Box::new(error)));
        }
    }

    /// Appends one.
    #[inline(never)]
    fn push(&mut self, report: ActivationReport) {
        if !self.has_one && !self.is_several() {
            (self.first, self.has_one) = (Some(report), true);
            return;
        }
        let first = self.first.take().filter(|_| self.has_one);
        self.has_one = false;
        self.many.get_or_insert_default().extend(first.into_iter().chain([report]));
    }

    /// Appends those of another report.
    pub(super) fn append(&mut self, other: Activations) {
        let first = other.first.filter(|_| other.has_one);
        let many = other.many.into_iter().flat_map(|many| *many);
        first.into_iter().chain(many).for_each(|report| self.push(report));
    }
}

impl Deref for Activations {
    type Target = [ActivationReport];
    #[inline]
    fn deref(&self) -> &[ActivationReport] {
        match self.has_one {
            true => self.first.as_slice(),
            false => self.many.as_ref().map_or(&[], |many| many),
        }
    }
}

impl PartialEq for Activations {
    fn eq(&self, other: &Activations) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Activations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for &'a Activations {
    type Item = &'a ActivationReport;
    type IntoIter = std::slice::Iter<'a, ActivationReport>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What became of an action, or of a resumption.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActionReport {
    /// The log entry that it belongs to.
    pub sequence: u64,
    /// Session time at which it happened, milliseconds.
    pub time_ms: i64,
    /// Why no handler was looked for at all (a reserved or an unknown event, an impossible player id).
    pub refused: Option<Box<Trap>>,
    /// The handlers that ran, in order.
    pub activations: Activations,
    /// What the successful ones emitted, in order.
    pub events: Vec<Event>,
}

impl ActionReport {
    /// Makes it one of nothing; its memory is kept.
    #[inline]
    pub(super) fn restart(&mut self, sequence: u64, time_ms: i64) {
        (self.sequence, self.time_ms) = (sequence, time_ms);
        if self.refused.is_some() {
            self.refused = None;
        }
        self.activations.clear();
        if !self.events.is_empty() {
            self.events.clear();
        }
    }

    /// Takes what one more activation emitted.
    pub(super) fn take_events(&mut self, mut events: Vec<Event>) {
        match self.events.is_empty() {
            true => self.events = events,
            false => self.events.append(&mut events),
        }
    }

    /// The first error, in the order of activations.
    pub fn trap(&self) -> Option<&Trap> {
        let failed = || self.activations.iter().find_map(|activation| activation.error.as_deref());
        self.refused.as_deref().or_else(failed)
    }

    /// The first error's code.
    pub fn error(&self) -> Option<TrapCode> {
        self.trap().map(|trap| trap.code)
    }

    /// What the sender is told, if anything failed.
    pub fn refusal(&self) -> Option<Refusal> {
        self.trap().map(Refusal::of)
    }

    /// Fuel used by all activations together.
    pub fn fuel(&self) -> u64 {
        self.activations.iter().fold(0, |sum, activation| sum.saturating_add(activation.fuel))
    }
}

/// What was done to a session; together with seed, schema and programs these determine its state.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// An event was dispatched.
    Event(Action),
    /// A player joined; silently means without `PlayerConnect`.
    Join {
        /// The player's id.
        player: Arc<str>,
        /// Whether handlers were not told.
        silent: bool,
    },
    /// A player left.
    Leave {
        /// The player's id.
        player: Arc<str>,
    },
    /// The host program named a host, or none.
    SetHost {
        /// The new host's id.
        player: Option<Arc<str>>,
    },
    /// The host program put an effect to use.
    AddEffect(Box<NewEffect>),
    /// The host program took an effect away.
    RemoveEffect {
        /// Its id.
        id: Arc<str>,
    },
    /// The host program changed the state itself; see [`Session::update`](crate::session::Session::update).
    Update {
        /// What it calls the change.
        name: Arc<str>,
        /// What the change depended on.
        params: Value,
    },
    /// Time advanced to the entry's time, effects ended and activations resumed. Advances that do nothing are not
    /// logged: the next entry's time says as much.
    Advance,
    /// The host program gave another configuration: all of its values.
    Config(Values),
    /// From here on new activations run on this version of the document.
    Program {
        /// `Program::document_hash` of it.
        document_hash: [u8; 32],
    },
}

/// One entry of the action log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// From 1, without gaps.
    pub sequence: u64,
    /// Session time, milliseconds; never falls.
    pub time_ms: i64,
    /// What was done.
    pub input: Input,
}
