//! What one broadcast sends: messages put together from segments that all viewers share.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::wire::codes::message;
use crate::wire::varint;

/// No segment.
pub(super) const NONE: u32 = u32::MAX;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    State,
    Patch,
    Events,
    PatchEvents,
    Bye,
    /// As a hook left it: the first segment is all of it.
    Rewritten,
}

/// A message for one viewer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    /// The position of its id in the roster.
    pub viewer: u32,
    pub number: u64,
    pub kind: Kind,
    /// Segments: of changes up to two, of a state one; or of a message as a whole.
    pub body: [u32; 2],
    /// The segment of events.
    pub events: u32,
    /// Whether somebody is there to take it; else it is only remembered.
    pub present: bool,
}

/// Bytes of segments that a broadcast keeps room for.
const ROOM: usize = 1 << 16;

/// Ids of viewers, ascending.
pub(super) type Roster = Vec<Arc<str>>;

/// Segments and messages that do not change any more.
#[derive(Debug, Default)]
pub(super) struct Frozen {
    bytes: Vec<u8>,
    segments: Vec<Range<usize>>,
    pub messages: Vec<Message>,
}

impl Frozen {
    /// A segment; nothing if there is none.
    pub fn segment(&self, at: u32) -> &[u8] {
        self.segments.get(at as usize).and_then(|range| self.bytes.get(range.clone())).unwrap_or_default()
    }

    /// Adds a segment and says which it is.
    pub fn add(&mut self, segment: &[u8]) -> u32 {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(segment);
        self.segments.push(start..self.bytes.len());
        self.segments.len() as u32 - 1
    }

    /// Begins anew, in the same memory.
    pub fn clear(&mut self) {
        // What whole states took is not needed for changes.
        self.bytes.shrink_to(ROOM.max(self.bytes.len() * 4));
        self.bytes.clear();
        self.segments.clear();
        self.messages.clear();
    }

    /// A message, put together lazily.
    pub fn assemble(&self, message: &Message) -> MessageRef<'_> {
        let [first, second] = message.body.map(|at| self.segment(at));
        let events = self.segment(message.events);
        let mut head = Head::default();
        let low = (message.number as u16).to_le_bytes();
        match message.kind {
            Kind::State => {
                head.push(&[message::STATE]);
                head.number(message.number);
            }
            Kind::Patch => head.push(&[message::PATCH, low[0], low[1]]),
            Kind::Events => head.push(&[message::EVENTS, low[0], low[1]]),
            Kind::PatchEvents => {
                head.push(&[message::PATCH_EVENTS, low[0], low[1]]);
                head.number((first.len() + second.len()) as u64);
            }
            // A segment holds all of it.
            Kind::Bye | Kind::Rewritten => {}
        }
        MessageRef { head: head.bytes, head_bytes: head.used, parts: [first, second, events] }
    }
}

/// Room for a message's first byte and its numbers.
const HEAD: usize = 16;

#[derive(Default)]
struct Head {
    bytes: [u8; HEAD],
    used: usize,
}

impl Head {
    fn push(&mut self, bytes: &[u8]) {
        for (place, byte) in self.bytes.iter_mut().skip(self.used).zip(bytes) {
            *place = *byte;
        }
        self.used += bytes.len();
    }

    fn number(&mut self, number: u64) {
        varint::bytes(number, |byte| self.push(&[byte]));
    }
}

/// A message of a broadcast, not yet in one piece.
#[derive(Clone, Copy)]
pub struct MessageRef<'a> {
    head: [u8; HEAD],
    head_bytes: usize,
    parts: [&'a [u8]; 3],
}

impl MessageRef<'_> {
    /// Its length in bytes.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.head_bytes + self.parts.iter().map(|part| part.len()).sum::<usize>()
    }

    /// Its pieces in order, for a vectored write; some may be empty.
    pub fn parts(&self) -> [&[u8]; 4] {
        let [first, second, events] = self.parts;
        [self.head.get(..self.head_bytes).unwrap_or_default(), first, second, events]
    }

    /// Appends it to `out`.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        for part in self.parts() {
            out.extend_from_slice(part);
        }
    }

    /// In one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len());
        self.write_to(&mut out);
        out
    }
}

impl fmt::Debug for MessageRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MessageRef").field(&self.to_vec()).finish()
    }
}

/// The messages of one broadcast, by viewer. Cheap to clone; putting messages together takes no lock and changes nothing, so
/// threads may share one.
#[derive(Clone, Debug, Default)]
pub struct Broadcast {
    pub(super) frozen: Arc<Frozen>,
    pub(super) roster: Arc<Roster>,
}

impl Broadcast {
    /// The messages to send now: those of one viewer in their order, viewers by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, MessageRef<'_>)> {
        let present = self.frozen.messages.iter().filter(|message| message.present);
        let id = |message: &Message| self.roster.get(message.viewer as usize).map_or("", |id| id);
        present.map(move |message| (id(message), self.frozen.assemble(message)))
    }

    /// The messages for one viewer, in order.
    pub fn for_viewer<'a>(&'a self, viewer: &str) -> impl Iterator<Item = MessageRef<'a>> + use<'a> {
        let messages = &self.frozen.messages;
        let at = self.roster.binary_search_by(|id| (**id).cmp(viewer)).map_or(u32::MAX, |at| at as u32);
        let from = messages.partition_point(|message| message.viewer < at);
        let to = messages.partition_point(|message| message.viewer <= at);
        let own = messages.get(from..to).unwrap_or_default();
        own.iter().filter(|message| message.present).map(|message| self.frozen.assemble(message))
    }

    /// Whether nothing is to be sent to anybody.
    pub fn is_empty(&self) -> bool {
        !self.frozen.messages.iter().any(|message| message.present)
    }

    /// How many bodies there are that differ: what was encoded, however many viewers take it.
    pub fn bodies(&self) -> usize {
        self.frozen.segments.len()
    }
}
