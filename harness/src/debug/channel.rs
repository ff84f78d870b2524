//! Where a debugger's commands come from, and its replies go: a socket of the host program, or the same process.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use statewright_types::{Value, json};

/// What comes from the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A message: one line of JSON.
    Line(String),
    /// The client is gone; another one may come.
    Gone,
    /// No client can come any more.
    Closed,
}

/// A way to one client at a time.
pub trait Channel {
    /// The next message, waiting for it.
    fn wait(&mut self) -> Incoming;

    /// The next message, if there is one.
    fn poll(&mut self) -> Option<Incoming>;

    /// Sends a message. A client that cannot be reached will be gone.
    fn send(&mut self, message: &Value);

    /// Ends the connection with the client; what it sent is dropped, and it is not told of as gone.
    fn close(&mut self);
}

/// A channel within a process.
#[derive(Debug)]
pub struct Local {
    incoming: Receiver<String>,
    outgoing: Sender<String>,
    is_closed: bool,
}

/// The other end. Dropping it means that the client is gone.
#[derive(Debug)]
pub struct LocalClient {
    /// Takes commands, one line of JSON each.
    pub commands: Sender<String>,
    /// Gives replies and events, likewise.
    pub messages: Receiver<String>,
}

impl Local {
    /// Both ends of a new channel.
    pub fn pair() -> (Local, LocalClient) {
        let ((commands, incoming), (outgoing, messages)) = (channel(), channel());
        (Local { incoming, outgoing, is_closed: false }, LocalClient { commands, messages })
    }
}

impl Channel for Local {
    fn wait(&mut self) -> Incoming {
        match self.incoming.recv() {
            Ok(line) if !self.is_closed => Incoming::Line(line),
            _ => Incoming::Closed,
        }
    }

    fn poll(&mut self) -> Option<Incoming> {
        match self.incoming.try_recv() {
            _ if self.is_closed => None,
            Ok(line) => Some(Incoming::Line(line)),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.is_closed = true;
                Some(Incoming::Closed)
            }
        }
    }

    fn send(&mut self, message: &Value) {
        // A client that is gone reads nothing; the next `wait` or `poll` tells.
        let _gone = self.outgoing.send(json::to_string(message));
    }

    fn close(&mut self) {
        self.is_closed = true;
    }
}
