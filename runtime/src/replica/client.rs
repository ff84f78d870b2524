//! The protocol around a replica, without a network: bytes in, what happened out, bytes to send in between.

use std::fmt;
use std::sync::Arc;

use statewright_types::Schema;

use super::change::Change;
use super::{Malformed, Replica};
use crate::wire::payload::read_events;
use crate::wire::reader::Reader;
use crate::wire::{ClientMessage, Description, Event, ServerMessage, varint};

/// First byte of a client that was saved.
const SAVED: u8 = 1;

/// The server's refusal that asks for a description of the schema.
const UNKNOWN_SCHEMA: u8 = 2;

/// A headless client. Whoever holds it moves the bytes: [`hello`](Client::hello) first, then every message of the server
/// to [`receive`](Client::receive), and what that says is to be sent back to the server.
#[derive(Clone, Debug)]
pub struct Client {
    replica: Replica,
    /// Whether patches tell their changes.
    telling: bool,
    phase: Phase,
    /// The epoch and the sequence number that the replica has.
    place: Option<(u64, u64)>,
    /// Whether the description of the schema was sent already.
    described: bool,
}

/// Where the conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not welcomed: at first, and again after [`Client::hello`].
    Outside,
    /// Welcomed to an epoch, and waiting for the state; or asked for it, for the thread was lost.
    Waiting(u64),
    /// Every message is the next one.
    Following,
    /// Refused, or out.
    Over,
}

/// Something that happened, in the order in which it did.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// The handshake is done.
    Welcome {
        /// Whether the client goes on where it was; else a state follows.
        resumed: bool,
        /// Whether the server has the very same schema. If not, fields may be absent that it does not have.
        same_schema: bool,
    },
    /// Everything is new.
    State,
    /// The state has changed.
    Patch {
        /// What, if the client [tells](Client::tell_changes) it.
        changes: Vec<Change>,
    },
    /// An event; it belongs to the state as it is after what came before.
    Event(Event),
    /// The server refuses.
    Refused {
        /// See the table of the protocol.
        code: u8,
        /// For people.
        text: String,
    },
    /// The viewer is out of the session.
    Bye {
        /// See the table of the protocol.
        code: u8,
        /// For people.
        text: String,
    },
    /// The copy is not what the viewer sees any more, until the next state.
    Lost(Lost),
    /// Send this to the server.
    Send(Vec<u8>),
}

/// How the thread was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// A message is missing, or came twice: the low 16 bits of the sequence numbers.
    Number {
        /// What should have come.
        expected: u16,
        /// What came.
        got: u16,
    },
    /// A body or events were malformed; the copy is as it was.
    Malformed(Malformed),
    /// The server goes on where the client is not.
    Place,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Number { expected, got } => write!(f, "message {got} came instead of {expected}"),
            Lost::Malformed(problem) => write!(f, "a message is malformed: {problem}"),
            Lost::Place => f.write_str("the server resumes at another place than the client's"),
        }
    }
}

impl Client {
    /// A client that has nothing yet.
    pub fn new(schema: Arc<Schema>) -> Client {
        Client::with_replica(Replica::new(schema), None)
    }

    /// A client that has a copy already, with the epoch and the sequence number that it is of, if it is any good.
    pub fn with_replica(replica: Replica, place: Option<(u64, u64)>) -> Client {
        let place = place.filter(|_| replica.has_state());
        Client { replica, telling: false, phase: Phase::Outside, place, described: false }
    }

    /// A client as [`save`](Client::save) left it, in another process perhaps: it will resume.
    ///
    /// # Errors
    /// If the bytes are no client's, or that of one with another schema; begin with [`Client::new`] then.
    pub fn restore(replica: Replica, saved: &[u8]) -> Result<Client, Malformed> {
        let mut replica = replica;
        let mut reader = Reader::new(saved)?;
        if reader.byte()? != SAVED || reader.array()? != *replica.schema().hash() {
            return Err(reader.fail(&"no client that was saved with this schema"));
        }
        let place = (u64::from_le_bytes(reader.array()?), reader.varint()?);
        replica.apply_full(reader.rest())?;
        Ok(Client::with_replica(replica, Some(place)))
    }

    /// The copy and its place as bytes, to go on from later. `None` before the first state.
    pub fn save(&self) -> Option<Vec<u8>> {
        let ((epoch, number), body) = (self.place?, self.replica.full_body()?);
        let mut out = vec![SAVED];
        out.extend_from_slice(self.replica.schema().hash());
        out.extend_from_slice(&epoch.to_le_bytes());
        varint::put(&mut out, number);
        out.extend_from_slice(&body);
        Some(out)
    }

    /// What the viewer sees, as far as it has come.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Epoch, and sequence number of the last message that was applied; `None` before the first state.
    pub fn place(&self) -> Option<(u64, u64)> {
        self.place
    }

    /// Whether the copy is what the viewer sees: welcomed, and no message missing.
    pub fn is_following(&self) -> bool {
        self.phase == Phase::Following
    }

    /// Sets whether [`Incoming::Patch`] tells what changed. Off at first: it costs some time.
    pub fn tell_changes(&mut self, telling: bool) {
        self.telling = telling;
    }

    /// The first message of a connection. It resumes, if there is something to go on from.
    pub fn hello(&mut self) -> Vec<u8> {
        self.phase = Phase::Outside;
        self.described = false;
        self.greeting(false)
    }

    /// The same with a description of the schema, for a server that may not know it.
    pub fn hello_described(&mut self) -> Vec<u8> {
        self.phase = Phase::Outside;
        self.described = true;
        self.greeting(true)
    }

    fn greeting(&self, described: bool) -> Vec<u8> {
        let schema = self.replica.schema();
        let description = described.then(|| Description::of(schema, self.replica.main_root()));
        ClientMessage::Hello { hash: *schema.hash(), resume: self.place, description }.to_bytes()
    }

    /// A message that says what was applied, so that the server need not remember it. `None` before the first state.
    pub fn ack(&self) -> Option<Vec<u8>> {
        let (_, number) = self.place.filter(|_| self.is_following())?;
        Some(ClientMessage::Ack { number }.to_bytes())
    }

    /// A message that asks for the whole state. Until it comes, patches and events are passed over.
    pub fn resync(&mut self) -> Vec<u8> {
        if let (Phase::Following, Some((epoch, _))) = (self.phase, self.place) {
            self.phase = Phase::Waiting(epoch);
        }
        ClientMessage::Resync.to_bytes()
    }

    /// Takes a message of the server.
    ///
    /// # Errors
    /// If it is none, or stands where it cannot: nothing of it, be it a batch, has happened then. The connection is good for
    /// nothing any more.
    pub fn receive(&mut self, message: &[u8]) -> Result<Vec<Incoming>, Malformed> {
        let mut incoming = Vec::new();
        match ServerMessage::read(message)? {
            ServerMessage::Batch(batch) => {
                let read = batch.messages().map(ServerMessage::read).collect::<Result<Vec<_>, _>>()?;
                let mut phase = self.phase;
                read.iter().try_for_each(|message| follow(&mut phase, message))?;
                read.into_iter().for_each(|message| self.take(message, &mut incoming));
            }
            message => {
                follow(&mut self.phase.clone(), &message)?;
                self.take(message, &mut incoming);
            }
        }
        Ok(incoming)
    }

    fn take(&mut self, message: ServerMessage<'_>, incoming: &mut Vec<Incoming>) {
        match message {
            ServerMessage::Welcome { epoch, hash, resumed, number } => {
                let same_schema = hash == *self.replica.schema().hash();
                incoming.push(Incoming::Welcome { resumed, same_schema });
                self.phase = if resumed { Phase::Following } else { Phase::Waiting(epoch) };
                if resumed && self.place != Some((epoch, number)) {
                    self.phase = Phase::Waiting(epoch);
                    self.lose(Lost::Place, incoming);
                }
            }
            ServerMessage::State { number, body } => match self.replica.apply_full(body) {
                Ok(()) => {
                    let epoch = match self.phase {
                        Phase::Waiting(epoch) => epoch,
                        _ => self.place.map_or(0, |(epoch, _)| epoch),
                    };
                    self.place = Some((epoch, number));
                    self.phase = Phase::Following;
                    incoming.push(Incoming::State);
                }
                Err(problem) => self.lose(Lost::Malformed(problem), incoming),
            },
            ServerMessage::Patch { number, body } => self.step(number, Some(body), None, incoming),
            ServerMessage::Events { number, events } => self.step(number, None, Some(events), incoming),
            ServerMessage::PatchEvents { number, body, events } => {
                self.step(number, Some(body), Some(events), incoming);
            }
            ServerMessage::Refused { code: UNKNOWN_SCHEMA, .. } if !self.described && self.phase == Phase::Outside => {
                incoming.push(Incoming::Send(self.hello_described()));
            }
            ServerMessage::Refused { code, text } => {
                // Once welcomed, a refusal is of one message, such as an acknowledgement.
                if self.phase == Phase::Outside {
                    self.phase = Phase::Over;
                }
                incoming.push(Incoming::Refused { code, text: text.to_owned() });
            }
            ServerMessage::Bye { code, text } => {
                self.phase = Phase::Over;
                incoming.push(Incoming::Bye { code, text: text.to_owned() });
            }
            // Never inside of one.
            ServerMessage::Batch(_) => {}
        }
    }

    /// A message that has a number: changes, events, or both.
    fn step(&mut self, got: u16, body: Option<&[u8]>, events: Option<&[u8]>, incoming: &mut Vec<Incoming>) {
        let (Phase::Following, Some((epoch, number))) = (self.phase, self.place) else { return };
        let next = number.wrapping_add(1);
        if got != next as u16 {
            return self.lose(Lost::Number { expected: next as u16, got }, incoming);
        }
        let mut changes = Vec::new();
        let events = events.map_or(Ok(Vec::new()), read_events);
        let taken = events.and_then(|events| {
            if let Some(body) = body {
                self.replica.apply(body, self.telling.then_some(&mut changes))?;
            }
            Ok(events)
        });
        match taken {
            Ok(events) => {
                self.place = Some((epoch, next));
                incoming.extend(body.map(|_| Incoming::Patch { changes }));
                incoming.extend(events.into_iter().map(Incoming::Event));
            }
            Err(problem) => self.lose(Lost::Malformed(problem), incoming),
        }
    }

    fn lose(&mut self, lost: Lost, incoming: &mut Vec<Incoming>) {
        incoming.extend([Incoming::Lost(lost), Incoming::Send(self.resync())]);
    }
}

/// Where the conversation is after a message, if that may come now.
fn follow(phase: &mut Phase, message: &ServerMessage<'_>) -> Result<(), Malformed> {
    *phase = match (*phase, message) {
        (Phase::Outside, ServerMessage::Welcome { epoch, .. }) => Phase::Waiting(*epoch),
        (Phase::Outside, ServerMessage::Refused { .. }) => Phase::Outside,
        (Phase::Outside, _) => return Err(Malformed::new(&"a message before Welcome")),
        (Phase::Over, _) => return Err(Malformed::new(&"a message after the end")),
        (_, ServerMessage::Welcome { .. }) => return Err(Malformed::new(&"a second Welcome")),
        (_, ServerMessage::Bye { .. }) => Phase::Over,
        (phase, _) => phase,
    };
    Ok(())
}
