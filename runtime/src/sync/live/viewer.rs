//! What is known of a viewer.

use std::sync::Arc;

use statewright_types::Value;

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

/// One viewer.
#[derive(Debug)]
pub(super) struct Viewer {
    pub link: Link,
    pub profile: Arc<Profile>,
    /// The number of the message sent last.
    pub number: u64,
    /// The last one that the client says it has applied.
    pub acknowledged: u64,
    /// What it was sent last, `None` if it must be sent everything.
    pub view: Option<Value>,
    /// What it would have seen when deadlines were set last, if that is another view.
    pub noted: Option<Value>,
    pub events: EventQueue,
    pub history: History,
    /// Changes that were not sent, if there is a debounce.
    pub pending: Option<Pending>,
    /// Why it is put out with the next broadcast.
    pub bye: Option<Arc<str>>,
    /// Bytes and messages so far.
    pub sent: (u64, u64),
}

impl Viewer {
    /// One that was never sent anything, but whose numbers go on after `number`.
    pub fn new(profile: Arc<Profile>, number: u64) -> Viewer {
        Viewer {
            link: Link::Connected,
            profile,
            number,
            acknowledged: number,
            view: None,
            noted: None,
            events: EventQueue::default(),
            history: History::default(),
            pending: None,
            bye: None,
            sent: (0, 0),
        }
    }

    pub fn is_connected(&self) -> bool {
        self.link == Link::Connected
    }

    /// Whether it is away, and what it missed is remembered no more.
    pub fn is_lost(&self) -> bool {
        match self.link {
            Link::Connected => false,
            Link::Away { since } => self.view.is_none() || !self.history.covers(since, self.number),
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
