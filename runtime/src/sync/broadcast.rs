//! What one broadcast sends: messages put together from segments that all viewers share.

use std::fmt;
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
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub viewer: Arc<str>,
    pub number: u64,
    pub kind: Kind,
    /// Segments: of changes up to two, of a state one; or of a message as a whole.
    pub body: [u32; 2],
    /// The segment of events.
    pub events: u32,
    /// Whether somebody is there to take it; else it is only remembered.
    pub present: bool,
}

/// Segments and messages that do not change any more.
#[derive(Debug, Default)]
pub(super) struct Frozen {
    pub segments: Vec<Arc<[u8]>>,
    pub messages: Vec<Message>,
}

impl Frozen {
    fn segment(&self, at: u32) -> &[u8] {
        self.segments.get(at as usize).map_or(&[], |segment| segment)
    }

    /// A message with the segments that it is made of.
    pub fn keep(&self, message: &Message) -> KeptMessage {
        let MessageRef { head, head_bytes, .. } = self.assemble(message);
        let [first, second] = message.body;
        let parts = [first, second, message.events].map(|at| self.segments.get(at as usize).cloned());
        KeptMessage { head, head_bytes, parts }
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

/// A message apart from its broadcast, to be kept: nothing else is kept with it.
#[derive(Clone, Debug)]
pub(super) struct KeptMessage {
    head: [u8; HEAD],
    head_bytes: usize,
    parts: [Option<Arc<[u8]>>; 3],
}

impl KeptMessage {
    /// In one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        let part = |part: &'_ Option<Arc<[u8]>>| part.as_ref().map_or(&[][..], |part| part).to_vec();
        let [first, second, events] = self.parts.each_ref().map(part);
        [self.head.get(..self.head_bytes).unwrap_or_default(), &first, &second, &events].concat()
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
}

impl Broadcast {
    /// The messages to send now: those of one viewer in their order, viewers by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, MessageRef<'_>)> {
        let present = self.frozen.messages.iter().filter(|message| message.present);
        present.map(|message| (&*message.viewer, self.frozen.assemble(message)))
    }

    /// The messages for one viewer, in order.
    pub fn for_viewer<'a>(&'a self, viewer: &str) -> impl Iterator<Item = MessageRef<'a>> + use<'a> {
        let messages = &self.frozen.messages;
        let from = messages.partition_point(|message| &*message.viewer < viewer);
        let to = messages.partition_point(|message| &*message.viewer <= viewer);
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
