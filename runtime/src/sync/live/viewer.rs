//! What is known of a viewer.

use std::sync::Arc;

use statewright_types::Value;

use super::following::Follower;
use crate::sync::Sight;
use crate::sync::debounce::Pending;
use crate::sync::events::EventQueue;
use crate::sync::history::History;
use crate::wire::describe::Profile;

/// Whether somebody is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Yes.
    Connected,
    /// Not now. What would have been sent is remembered, as long as the history reaches back to this number.
    Away { since: u64 },
}

/// What a viewer has been sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Known {
    /// Nothing that holds any more: it must be sent everything.
    Nothing,
    /// This view: its next patch is the difference from it.
    View(Value),
    /// All that changed before the span with this number: its next patch is made from what changed since.
    Span(u64),
    /// What it saw through its filters when it was told last, as its [`Follower`] says.
    Filtered,
}

impl Known {
    pub fn is_nothing(&self) -> bool {
        *self == Known::Nothing
    }
}

/// What a viewer would have known when deadlines were set last, if that is more than it knows.
#[derive(Clone, Debug)]
pub(super) enum Noted {
    View(Value),
    /// As who it was told of a span.
    Sight(Box<Sight>),
    /// What its follower has with so many of the bodies that came since it was told last, or since a view was made.
    Waiting(usize),
}

/// One viewer; or what those of a cohort have in common.
#[derive(Debug)]
pub(super) struct Viewer {
    pub link: Link,
    pub profile: Arc<Profile>,
    /// The number of the message sent last.
    pub number: u64,
    /// The last one that the client says it has applied.
    pub acknowledged: u64,
    /// What it has.
    pub known: Known,
    /// Who it was when it was told of that.
    pub sight: Sight,
    /// The version of what `sight` is made from.
    pub sight_version: u64,
    pub noted: Option<Noted>,
    /// Whether it has filters, as of the last span.
    pub filters: bool,
    /// What it sees, if it has filters.
    pub follower: Option<Box<Follower>>,
    /// What `noted` becomes if the instant at hand ends like this, and the version of what that is made from.
    pub passing: Option<(Noted, u64)>,
    /// [`Session::stirs`](crate::session::Session::stirs) when it was told of that: nothing was done since if it is the same.
    pub looked: u64,
    pub events: EventQueue,
    pub history: History,
    /// Changes that were not sent, if there is a debounce; those of the instant at hand as they seem by now.
    pub pending: Option<Pending>,
    /// The same without the instant at hand, but for what is certain already: events, and that it must be sent something.
    pub settled: Option<Pending>,
    /// Why it is put out with the next broadcast.
    pub bye: Option<Arc<str>>,
    /// Messages and bytes so far.
    pub sent: (u64, u64),
    /// What its cohort's number and `sent` were when it joined that.
    pub joined: (u64, (u64, u64)),
}

impl Viewer {
    /// One that was never sent anything, but whose numbers go on after `number`.
    pub fn new(id: &str, profile: Arc<Profile>, number: u64) -> Viewer {
        Viewer {
            link: Link::Connected,
            sight: Sight::new(id, profile.clone()),
            sight_version: 0,
            profile,
            number,
            acknowledged: number,
            known: Known::Nothing,
            noted: None,
            filters: false,
            follower: None,
            passing: None,
            looked: 0,
            events: EventQueue::default(),
            history: History::default(),
            pending: None,
            settled: None,
            bye: None,
            sent: (0, 0),
            joined: (0, (0, 0)),
        }
    }

    /// Who it was when that was looked at last.
    pub fn latest(&self) -> &Sight {
        if let Some(Noted::Sight(noted)) = &self.noted { noted } else { &self.sight }
    }

    /// It must be sent something, whatever else happens.
    pub fn touch(&mut self, now_ms: i64) {
        Pending::touch(&mut self.pending, now_ms);
        Pending::touch(&mut self.settled, now_ms);
    }

    /// What is due if nothing was done in the instant at hand, but for what is certain.
    pub fn note_waiting(&mut self, now_ms: i64) {
        let waits = self.known.is_nothing() || !self.events.is_empty() || self.bye.is_some();
        if waits && self.settled.is_none() {
            self.touch(now_ms);
        }
        (self.pending, self.passing) = (self.settled, None);
    }

    /// What it has does not hold any more: it is sent everything, as who it is.
    pub fn lose_thread(&mut self) {
        self.known = Known::Nothing;
        if let Some(Noted::Sight(sight)) = self.noted.take() {
            self.sight = *sight;
        }
        self.passing = None;
    }

    /// Nothing waits for it any more.
    pub fn calm(&mut self) {
        (self.pending, self.settled, self.passing) = (None, None, None);
    }

    pub fn is_connected(&self) -> bool {
        self.link == Link::Connected
    }

    /// Whether nothing is special about it: it is there, and will be sent what changed, as the `sight_version` at hand has it.
    pub fn is_regular(&self, sight_version: u64) -> bool {
        self.is_connected()
            && matches!(self.known, Known::Span(_))
            && self.sight_version == sight_version
            && self.noted.is_none()
            && self.passing.is_none()
            && self.follower.is_none()
            && !self.filters
            && self.events.is_empty()
            && self.bye.is_none()
    }

    /// Whether it is, among those who are regular, at the same place as another.
    pub fn is_beside(&self, other: &Viewer) -> bool {
        self.known == other.known && (self.pending, self.settled) == (other.pending, other.settled)
    }

    /// Whether it is away, and what it missed is remembered no more.
    pub fn is_lost(&self) -> bool {
        match self.link {
            Link::Connected => false,
            Link::Away { since } => self.known.is_nothing() || !self.history.covers(since, self.number),
        }
    }
}

/// A viewer that is not there any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gone {
    /// The number of the last message: those of a next life go on from there.
    pub number: u64,
    /// Whether it was put out.
    pub put_out: bool,
}
