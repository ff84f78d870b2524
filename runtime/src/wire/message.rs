//! Messages as data, both ways: docs/protocol.md, "Handshake".

use super::codes::{VERSION, hello, limits, message};
use super::describe::Description;
use super::reader::{Malformed, Reader};
use super::varint;

/// What a server says. Bodies and events are bytes still; [`Replica`](crate::replica::Replica) and
/// [`payload`](super::payload) read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerMessage<'a> {
    /// The handshake is done.
    Welcome {
        /// One life of the session on one server.
        epoch: u64,
        /// Hash of the server's schema.
        hash: [u8; 32],
        /// Whether missed messages follow, and not the state.
        resumed: bool,
        /// The sequence number that the client is at, or that of the state that follows.
        number: u64,
    },
    /// A refusal.
    Refused {
        /// See the table of the protocol.
        code: u8,
        /// For people.
        text: &'a str,
    },
    /// The whole view.
    State {
        /// Its sequence number.
        number: u64,
        /// A full state.
        body: &'a [u8],
    },
    /// Changes.
    Patch {
        /// The low 16 bits of the sequence number.
        number: u16,
        /// Steps.
        body: &'a [u8],
    },
    /// Events.
    Events {
        /// The low 16 bits of the sequence number.
        number: u16,
        /// Their number and themselves.
        events: &'a [u8],
    },
    /// Changes, and events that belong to the state after them.
    PatchEvents {
        /// The low 16 bits of the sequence number.
        number: u16,
        /// Steps.
        body: &'a [u8],
        /// Their number and themselves.
        events: &'a [u8],
    },
    /// The viewer is out of the session.
    Bye {
        /// See the table of the protocol.
        code: u8,
        /// For people.
        text: &'a str,
    },
    /// Several messages, none of them a batch.
    Batch(Batch<'a>),
}

/// Messages with their lengths, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch<'a>(&'a [u8]);

impl<'a> Batch<'a> {
    /// The messages, in order.
    pub fn messages(self) -> impl Iterator<Item = &'a [u8]> {
        let mut reader = Reader::new(self.0).ok();
        std::iter::from_fn(move || reader.as_mut()?.sized().ok())
    }
}

impl<'a> ServerMessage<'a> {
    /// Reads a message, which is all that `bytes` are.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(bytes: &'a [u8]) -> Result<ServerMessage<'a>, Malformed> {
        let mut reader = Reader::new(bytes)?;
        let read = match reader.byte()? {
            message::WELCOME => {
                if reader.byte()? != VERSION {
                    return Err(reader.fail(&"the server speaks another version"));
                }
                ServerMessage::Welcome {
                    epoch: u64::from_le_bytes(reader.array()?),
                    hash: reader.array()?,
                    resumed: reader.flag()?,
                    number: reader.varint()?,
                }
            }
            message::REFUSED => ServerMessage::Refused { code: reader.byte()?, text: reader.text()? },
            message::BYE => ServerMessage::Bye { code: reader.byte()?, text: reader.text()? },
            message::STATE => ServerMessage::State { number: reader.varint()?, body: reader.rest() },
            message::PATCH => ServerMessage::Patch { number: low(&mut reader)?, body: reader.rest() },
            message::EVENTS => ServerMessage::Events { number: low(&mut reader)?, events: reader.rest() },
            message::PATCH_EVENTS => {
                ServerMessage::PatchEvents { number: low(&mut reader)?, body: reader.sized()?, events: reader.rest() }
            }
            message::BATCH => ServerMessage::Batch(batch(&mut reader)?),
            _ => return Err(reader.fail(&"there is no such message of a server")),
        };
        reader.end()?;
        Ok(read)
    }

    /// Appends its bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        match *self {
            ServerMessage::Welcome { epoch, hash, resumed, number } => {
                out.extend_from_slice(&[message::WELCOME, VERSION]);
                out.extend_from_slice(&epoch.to_le_bytes());
                out.extend_from_slice(&hash);
                out.push(u8::from(resumed));
                varint::put(out, number);
            }
            ServerMessage::Refused { code, text } => {
                out.extend_from_slice(&[message::REFUSED, code]);
                varint::put_bytes(out, text.as_bytes());
            }
            ServerMessage::Bye { code, text } => {
                out.extend_from_slice(&[message::BYE, code]);
                varint::put_bytes(out, text.as_bytes());
            }
            ServerMessage::State { number, body } => {
                out.push(message::STATE);
                varint::put(out, number);
                out.extend_from_slice(body);
            }
            ServerMessage::Patch { number, body } => {
                out.push(message::PATCH);
                out.extend_from_slice(&number.to_le_bytes());
                out.extend_from_slice(body);
            }
            ServerMessage::Events { number, events } => {
                out.push(message::EVENTS);
                out.extend_from_slice(&number.to_le_bytes());
                out.extend_from_slice(events);
            }
            ServerMessage::PatchEvents { number, body, events } => {
                out.push(message::PATCH_EVENTS);
                out.extend_from_slice(&number.to_le_bytes());
                varint::put_bytes(out, body);
                out.extend_from_slice(events);
            }
            ServerMessage::Batch(batch) => {
                out.push(message::BATCH);
                varint::put(out, batch.messages().count() as u64);
                out.extend_from_slice(batch.0);
            }
        }
    }
}

/// Appends a batch of messages, none of which may be one.
pub fn put_batch(out: &mut Vec<u8>, messages: &[&[u8]]) {
    out.push(message::BATCH);
    varint::put(out, messages.len() as u64);
    messages.iter().for_each(|message| varint::put_bytes(out, message));
}

fn low(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    Ok(u16::from_le_bytes(reader.array()?))
}

fn batch<'a>(reader: &mut Reader<'a>) -> Result<Batch<'a>, Malformed> {
    let count = reader.count()?;
    let messages = reader.clone().rest();
    for _ in 0..count {
        if matches!(reader.sized()?.first(), None | Some(&message::BATCH)) {
            return Err(reader.fail(&"an empty message or a batch in a batch"));
        }
    }
    reader.end()?;
    Ok(Batch(messages))
}

/// What a client says.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientMessage {
    /// The handshake.
    Hello {
        /// Hash of the client's schema.
        hash: [u8; 32],
        /// To resume: the epoch, and the sequence number of the last message that it has applied.
        resume: Option<(u64, u64)>,
        /// The client's schema, for a server that does not know the hash.
        description: Option<Description>,
    },
    /// The handshake of a version that this is not; what follows has a form of its own.
    Foreign {
        /// Which.
        version: u8,
    },
    /// What the client has applied.
    Ack {
        /// Sequence number of the last message.
        number: u64,
    },
    /// The client asks for the whole view.
    Resync,
}

impl ClientMessage {
    /// Reads a message, which is all that `bytes` are: at most 1 MiB.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(bytes: &[u8]) -> Result<ClientMessage, Malformed> {
        if bytes.len() > limits::CLIENT_MESSAGE_BYTES {
            return Err(Malformed::new(&"more than 1 MiB"));
        }
        let mut reader = Reader::new(bytes)?;
        let read = match reader.byte()? {
            message::HELLO => match reader.byte()? {
                VERSION => greeting(&mut reader)?,
                version => return Ok(ClientMessage::Foreign { version }),
            },
            message::ACK => ClientMessage::Ack { number: reader.varint()? },
            message::RESYNC => ClientMessage::Resync,
            _ => return Err(reader.fail(&"there is no such message of a client")),
        };
        reader.end()?;
        Ok(read)
    }

    /// Appends its bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            ClientMessage::Hello { hash, resume, description } => {
                out.extend_from_slice(&[message::HELLO, VERSION]);
                out.extend_from_slice(hash);
                let resumes = if resume.is_some() { hello::RESUME } else { 0 };
                out.push(resumes | if description.is_some() { hello::DESCRIPTION } else { 0 });
                if let Some((epoch, number)) = resume {
                    out.extend_from_slice(&epoch.to_le_bytes());
                    varint::put(out, *number);
                }
                if let Some(description) = description {
                    description.write(out);
                }
            }
            ClientMessage::Foreign { version } => out.extend_from_slice(&[message::HELLO, *version]),
            ClientMessage::Ack { number } => {
                out.push(message::ACK);
                varint::put(out, *number);
            }
            ClientMessage::Resync => out.push(message::RESYNC),
        }
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

fn greeting(reader: &mut Reader<'_>) -> Result<ClientMessage, Malformed> {
    let hash = reader.array()?;
    let flags = reader.byte()?;
    if flags & !(hello::RESUME | hello::DESCRIPTION) != 0 {
        return Err(reader.fail(&"there is no such flag"));
    }
    let resume = match flags & hello::RESUME {
        0 => None,
        _ => Some((u64::from_le_bytes(reader.array()?), reader.varint()?)),
    };
    let description = match flags & hello::DESCRIPTION {
        0 => None,
        _ => Some(Description::read(reader)?),
    };
    Ok(ClientMessage::Hello { hash, resume, description })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: [u8; 32] = [7; 32];

    fn description() -> Description {
        let types = vec![super::super::describe::TypeShape { id: 3, fields: Vec::new() }];
        Description { types, main_root: 3, other_roots: Vec::new() }
    }

    #[test]
    fn messages_of_a_server_read_back() {
        let parts: [&[u8]; 2] = [&[message::EVENTS, 2, 0, 1, 0, 0], &[message::PATCH, 1, 0]];
        let mut batch = Vec::new();
        put_batch(&mut batch, &parts);
        for message in [
            ServerMessage::Welcome { epoch: 5, hash: HASH, resumed: true, number: 300 },
            ServerMessage::Refused { code: 2, text: "é" },
            ServerMessage::State { number: 1 << 40, body: &[1, 2] },
            ServerMessage::Patch { number: 0xfffe, body: &[] },
            ServerMessage::Events { number: 1, events: &[1, 0, 0] },
            ServerMessage::PatchEvents { number: 1, body: &[8, 2], events: &[1, 0, 0] },
            ServerMessage::Bye { code: 8, text: "" },
            ServerMessage::read(&batch).expect("a batch"),
        ] {
            let mut bytes = Vec::new();
            message.write(&mut bytes);
            assert_eq!(ServerMessage::read(&bytes), Ok(message));
        }
        let ServerMessage::Batch(read) = ServerMessage::read(&batch).expect("a batch") else { panic!("no batch") };
        assert_eq!(read.messages().collect::<Vec<_>>(), parts);
        let bytes = |message: ServerMessage<'_>| {
            let mut out = Vec::new();
            message.write(&mut out);
            out
        };
        assert_eq!(bytes(ServerMessage::Patch { number: 0x102, body: &[9] }), [4, 2, 1, 9]);
        assert_eq!(bytes(ServerMessage::State { number: 200, body: &[9] }), [3, 200, 1, 9]);
        assert_eq!(bytes(ServerMessage::PatchEvents { number: 1, body: &[9], events: &[1] }), [6, 1, 0, 1, 9, 1]);
    }

    #[test]
    fn what_no_server_says_is_refused() {
        for bad in [
            &[][..],
            &[0],
            &[9],
            &[message::HELLO],
            &[message::WELCOME, 2],
            &[message::REFUSED, 1, 0, 0],
            &[message::PATCH, 1],
            &[message::PATCH_EVENTS, 1, 0, 2, 0],
            &[message::BATCH, 1],
            &[message::BATCH, 1, 0],
            &[message::BATCH, 1, 2, message::BATCH, 0],
            &[message::BATCH, 0, 0],
            &[message::BATCH, 2, 1, 4],
            &[message::BATCH, 0xff, 0xff, 0xff, 0xff, 0xf],
        ] {
            assert!(ServerMessage::read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn messages_of_a_client_read_back() {
        for message in [
            ClientMessage::Hello { hash: HASH, resume: None, description: None },
            ClientMessage::Hello { hash: HASH, resume: Some((9, 1 << 20)), description: None },
            ClientMessage::Hello { hash: HASH, resume: Some((9, 1)), description: Some(description()) },
            ClientMessage::Ack { number: 70_000 },
            ClientMessage::Resync,
            ClientMessage::Foreign { version: 2 },
        ] {
            let bytes = message.to_bytes();
            assert_eq!(ClientMessage::read(&bytes), Ok(message.clone()));
            for cut in 0..bytes.len() {
                let read = ClientMessage::read(&bytes[..cut]);
                assert!(read.is_err(), "{message:?} cut at {cut}");
            }
            assert!(ClientMessage::read(&[&bytes[..], &[0]].concat()).is_err() || bytes == [message::HELLO, 2]);
        }
        assert!(ClientMessage::read(&[&[message::HELLO, 1][..], &HASH, &[4]].concat()).is_err(), "no such flag");
        assert!(ClientMessage::read(&vec![message::ACK; (1 << 20) + 1]).is_err());
    }
}
