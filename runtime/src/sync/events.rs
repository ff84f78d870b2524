//! Events on their way to viewers: encoded once, queued for each viewer that they are for.

use std::fmt;
use std::sync::Arc;

use statewright_types::Value;

use crate::wire::{payload, varint};

/// How many events may wait for one viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventLimits {
    /// Events. Default 4,096.
    pub count: usize,
    /// Bytes, names and payloads together. Default 1 MiB.
    pub bytes: usize,
}

impl Default for EventLimits {
    fn default() -> EventLimits {
        EventLimits { count: 4096, bytes: 1 << 20 }
    }
}

/// Why an event was not queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventError {
    /// No such viewer is connected, or away and expected back.
    UnknownViewer(Arc<str>),
    /// Too much waits for this viewer already. Other viewers were not kept from getting the event.
    QueueFull {
        /// The first of those whose queue is full.
        viewer: Arc<str>,
        /// What may wait.
        limits: EventLimits,
    },
    /// The payload cannot travel; the text says why.
    Payload(Arc<str>),
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventError::UnknownViewer(viewer) => {
                write!(f, "no viewer `{viewer}` is there to get the event: connect it first")
            }
            EventError::QueueFull { viewer, limits } => write!(
                f,
                "more than {} events or {} bytes would wait for `{viewer}`: tick more often, or disconnect the viewer",
                limits.count, limits.bytes
            ),
            EventError::Payload(why) => write!(f, "the payload of the event cannot be sent: {why}"),
        }
    }
}

impl std::error::Error for EventError {}

/// Events that wait for one viewer, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct EventQueue {
    events: Vec<Arc<[u8]>>,
    bytes: usize,
}

impl EventQueue {
    /// Whether one more fits, which is then in it.
    pub fn push(&mut self, event: &Arc<[u8]>, limits: EventLimits) -> bool {
        let fits = self.events.len() < limits.count && self.bytes.saturating_add(event.len()) <= limits.bytes;
        if fits {
            self.bytes += event.len();
            self.events.push(event.clone());
        }
        fits
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub fn clear(&mut self) {
        self.events.clear();
        self.bytes = 0;
    }

    /// The very same events as another's.
    pub fn is_same(&self, other: &[Arc<[u8]>]) -> bool {
        self.events.len() == other.len() && self.events.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other))
    }

    pub fn events(&self) -> &[Arc<[u8]>] {
        &self.events
    }

    /// The body of a message.
    pub fn body(&self) -> Arc<[u8]> {
        let mut out = Vec::with_capacity(self.bytes + 2);
        varint::put(&mut out, self.events.len() as u64);
        for event in &self.events {
            out.extend_from_slice(event);
        }
        out.into()
    }
}

/// An event as it travels.
pub(super) fn encode(kind: &str, value: &Value) -> Result<Arc<[u8]>, EventError> {
    let mut out = Vec::new();
    payload::put_event(&mut out, kind, value).map_err(|error| EventError::Payload(error.to_string().into()))?;
    Ok(out.into())
}

/// The same with a payload that is encoded already.
pub(super) fn encode_raw(kind: &str, bytes: &[u8]) -> Arc<[u8]> {
    let mut out = Vec::new();
    payload::put_raw_event(&mut out, kind, bytes);
    out.into()
}
