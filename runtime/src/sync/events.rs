//! Events on their way to viewers: encoded once, queued for each viewer that they are for.

use std::fmt;
use std::sync::Arc;

use statewright_types::Value;

use crate::wire::codes::payload;
use crate::wire::varint;

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
#[derive(Debug, Default)]
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
pub(super) fn encode(kind: &str, payload: &Value) -> Result<Arc<[u8]>, EventError> {
    let mut out = Vec::new();
    varint::put_bytes(&mut out, kind.as_bytes());
    put_payload(&mut out, payload, 0)?;
    Ok(out.into())
}

/// The same with a payload that is encoded already.
pub(super) fn encode_raw(kind: &str, payload: &[u8]) -> Arc<[u8]> {
    let mut out = Vec::new();
    varint::put_bytes(&mut out, kind.as_bytes());
    out.push(payload::RAW);
    varint::put_bytes(&mut out, payload);
    out.into()
}

/// Appends a payload; to be replaced by `wire::payload`.
fn put_payload(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), EventError> {
    if depth > crate::wire::codes::limits::PAYLOAD_NESTING {
        return Err(EventError::Payload("it nests too deep".into()));
    }
    match value {
        Value::Null => out.push(payload::NULL),
        Value::Bool(value) => out.push(if *value { payload::TRUE } else { payload::FALSE }),
        Value::Int(value) => {
            out.push(payload::INT);
            varint::put_signed(out, *value);
        }
        Value::UInt(value) => {
            out.push(payload::UINT);
            varint::put(out, *value);
        }
        Value::Float(value) => {
            out.push(payload::FLOAT);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Value::Str(text) => {
            out.push(payload::TEXT);
            varint::put_bytes(out, text.as_bytes());
        }
        Value::Bytes(bytes) => {
            out.push(payload::BYTES);
            varint::put_bytes(out, bytes);
        }
        Value::List(values) => {
            out.push(payload::LIST);
            varint::put(out, values.len() as u64);
            values.iter().try_for_each(|value| put_payload(out, value, depth + 1))?;
        }
        Value::Map(entries) => {
            out.push(payload::MAP);
            varint::put(out, entries.len() as u64);
            for (key, value) in entries {
                varint::put_bytes(out, key.as_bytes());
                put_payload(out, value, depth + 1)?;
            }
        }
    }
    Ok(())
}
