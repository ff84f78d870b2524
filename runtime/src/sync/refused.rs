//! What a client is told when the protocol itself goes wrong: the codes of docs/protocol.md, each with what to do.

use std::fmt;
use std::sync::Arc;

use crate::wire::ServerMessage;

/// Why a client is turned away, or is put out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RefusedCode {
    /// The server does not speak this version of the protocol.
    Version = 1,
    /// The server does not know this schema: say `Hello` again with its description.
    UnknownSchema = 2,
    /// The schema is not compatible with the server's.
    Incompatible = 3,
    /// The viewer is unknown: say `Hello` first.
    UnknownViewer = 4,
    /// The viewer is connected already.
    Connected = 5,
    /// The message is malformed.
    Malformed = 6,
    /// A sequence number that was never sent.
    NeverSent = 7,
    /// The viewer was put out of the session.
    PutOut = 8,
    /// What the viewer sees is more than fits into a message.
    TooLarge = 9,
    /// A sequence number below one that was acknowledged before.
    Stale = 10,
}

/// A refusal of the protocol, for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The code, stable.
    pub code: RefusedCode,
    /// One sentence, with what to do.
    pub message: Arc<str>,
}

impl Refused {
    pub(super) fn new(code: RefusedCode, message: impl Into<Arc<str>>) -> Refused {
        Refused { code, message: message.into() }
    }

    pub(super) fn unknown_viewer(viewer: &str) -> Refused {
        Refused::new(RefusedCode::UnknownViewer, format!("no viewer `{viewer}` is connected: say Hello first"))
    }

    /// The message `Refused`, to be sent to the client.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        ServerMessage::Refused { code: self.code as u8, text: &self.message }.write(&mut out);
        out
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused ({}): {}", self.code as u8, self.message)
    }
}

impl std::error::Error for Refused {}
