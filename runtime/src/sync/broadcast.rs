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

/// A message for one viewer, or for all of a cohort.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    /// The position of its id in the roster; or the number of a cohort, and [`COHORT`].
    pub viewer: u32,
    /// Its number; of a cohort, each viewer's is as many more as its [`Seat`] says.
    pub number: u64,
    pub kind: Kind,
    /// Segments: of changes up to two, of a state one; or of a message as a whole.
    pub body: [u32; 2],
    /// The segment of events.
    pub events: u32,
    /// Whether somebody is there to take it; else it is only remembered.
    pub present: bool,
}

/// Marks the number of a cohort where the position of a viewer may stand, too. Cohorts come last.
pub(super) const COHORT: u32 = 1 << 31;

/// Where a viewer belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    /// To which cohort, marked as such; none, if this is [`NONE`].
    pub cohort: u32,
    /// How much more its message numbers are than the cohort's, wrapping.
    pub base: u64,
}

impl Seat {
    /// In no cohort.
    pub const APART: Seat = Seat { cohort: NONE, base: 0 };
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
        self.assemble_as(message, message.number)
    }

    /// The same with that number.
    pub fn assemble_as(&self, message: &Message, number: u64) -> MessageRef<'_> {
        let [first, second] = message.body.map(|at| self.segment(at));
        let events = self.segment(message.events);
        let mut head = Head::default();
        let low = (number as u16).to_le_bytes();
        match message.kind {
            Kind::State => {
                head.push(&[message::STATE]);
                head.number(number);
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
pub(super) const HEAD: usize = 16;

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

    /// The same with another number, if that is where the kinds have it that cohorts are sent.
    fn with_number(mut self, number: u64) -> Self {
        if let Some(place) = self.head.get_mut(1..3) {
            place.copy_from_slice(&(number as u16).to_le_bytes());
        }
        self
    }

    /// Its pieces in order, for a vectored write; some may be empty.
    pub fn parts(&self) -> [&[u8]; 4] {
        let [first, second, events] = self.parts;
        [self.head.get(..self.head_bytes).unwrap_or_default(), first, second, events]
    }

    /// Appends it to `out`.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.reserve(self.len());
        for part in self.parts().into_iter().filter(|part| !part.is_empty()) {
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
    /// By position.
    pub(super) seats: Arc<Vec<Seat>>,
}

impl Broadcast {
    /// The messages to send now: those of one viewer in their order, viewers by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, MessageRef<'_>)> {
        let (own, shared) = self.parts();
        let rest = if shared.is_empty() { &[][..] } else { &self.seats };
        let last = shared.first().map(|message| (message, self.frozen.assemble(message)));
        Messages { frozen: &self.frozen, roster: &self.roster, own, shared, last, rest, at: 0, told: 0 }
    }

    /// The messages for one viewer, in order.
    pub fn for_viewer<'a>(&'a self, viewer: &str) -> impl Iterator<Item = MessageRef<'a>> + use<'a> {
        let (own, shared) = self.parts();
        let at = self.roster.binary_search_by(|id| (**id).cmp(viewer)).map_or(u32::MAX, |at| at as u32);
        let from = own.partition_point(|message| message.viewer < at);
        let to = own.partition_point(|message| message.viewer <= at);
        let own = own.get(from..to).unwrap_or_default();
        let own = own.iter().filter(|message| message.present).map(|message| self.frozen.assemble(message));
        let seat = self.seats.get(at as usize).copied().unwrap_or(Seat::APART);
        let shared = shared.iter().filter(move |message| message.viewer == seat.cohort);
        own.chain(shared.map(move |message| self.frozen.assemble_as(message, message.number.wrapping_add(seat.base))))
    }

    /// Whether nothing is to be sent to anybody.
    pub fn is_empty(&self) -> bool {
        let (own, shared) = self.parts();
        shared.is_empty() && !own.iter().any(|message| message.present)
    }

    /// How many bodies there are that differ: what was encoded, however many viewers take it.
    pub fn bodies(&self) -> usize {
        self.frozen.segments.len()
    }

    /// Messages for single viewers, and for cohorts.
    fn parts(&self) -> (&[Message], &[Message]) {
        let messages = &self.frozen.messages;
        messages.split_at(messages.partition_point(|message| message.viewer < COHORT))
    }
}

/// The messages of a broadcast on their way out.
struct Messages<'a> {
    frozen: &'a Frozen,
    roster: &'a Roster,
    /// For single viewers, by ascending position: those to come.
    own: &'a [Message],
    /// For cohorts.
    shared: &'a [Message],
    /// The one of them that was put together last, but for its number.
    last: Option<(&'a Message, MessageRef<'a>)>,
    /// Seats from position `at` on; none, if nothing is for cohorts.
    rest: &'a [Seat],
    at: u32,
    /// How many of `shared` the viewer at `at` has had.
    told: usize,
}

impl<'a> Iterator for Messages<'a> {
    type Item = (&'a str, MessageRef<'a>);

    fn next(&mut self) -> Option<(&'a str, MessageRef<'a>)> {
        loop {
            let seat = self.rest.first();
            if let Some((message, later)) = self.own.split_first()
                && (message.viewer <= self.at || seat.is_none())
            {
                self.own = later;
                if !message.present {
                    continue;
                }
                let id = self.roster.get(message.viewer as usize).map_or("", |id| id);
                return Some((id, self.frozen.assemble(message)));
            }
            let seat = seat?;
            if let Some(message) = self.shared.get(self.told) {
                self.told += 1;
                if message.viewer != seat.cohort {
                    continue;
                }
                let id = self.roster.get(self.at as usize).map_or("", |id| id);
                let last = self.last.filter(|(last, _)| std::ptr::eq(*last, message));
                let (_, assembled) = last.unwrap_or_else(|| (message, self.frozen.assemble(message)));
                self.last = Some((message, assembled));
                return Some((id, assembled.with_number(message.number.wrapping_add(seat.base))));
            }
            (self.rest, self.told) = (self.rest.get(1..).unwrap_or_default(), 0);
            self.at += 1;
        }
    }
}
