//! The debugger's socket: one client at a time, one message to a line.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use statewright_harness::debug::{Channel, Incoming, protocol};
use statewright_types::{Value, json};

use crate::exit::Stop;
use crate::terminal;

/// Messages that wait to be read; a client that sends more waits.
const QUEUE: usize = 64;
/// How long a client may take to read what it is sent.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a client may take to say its first word.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// The client that there is, if there is one, by number.
type Slot = Arc<Mutex<Option<(u64, TcpStream)>>>;

/// A listening socket as a debugger's channel.
pub struct Socket {
    incoming: Receiver<(u64, Incoming)>,
    slot: Slot,
    /// What clients up to this number sent does not count.
    dropped: u64,
}

/// The token that was given, or one that nobody guesses.
pub fn token(given: Option<&str>) -> Arc<str> {
    match given {
        Some(token) => token.into(),
        None => {
            // The standard library keys its hash maps with numbers from the operating system.
            let word = || RandomState::new().build_hasher().finish();
            let hashed = |word: u64| RandomState::new().hash_one(word);
            format!("{:016x}{:016x}", hashed(word()), hashed(word())).into()
        }
    }
}

/// Listens at `address`, and says where and with which token.
pub fn listen(address: &str, is_public: bool, token: &str) -> Result<Socket, Stop> {
    let bad = |why: String| Stop::option("--debug-listen", address, why);
    let mut found = address.to_socket_addrs().map_err(|error| bad(format!("{error}; give IP:PORT")))?;
    let Some(wanted) = found.next() else { return Err(bad("it is no address; give IP:PORT".to_owned())) };
    if !wanted.ip().is_loopback() && !is_public {
        let why = "other machines could reach it: give 127.0.0.1, or --debug-public if they are meant to";
        return Err(bad(why.to_owned()));
    }
    let listener = TcpListener::bind(wanted).map_err(|error| bad(error.to_string()))?;
    let at = listener.local_addr().map_err(|error| bad(error.to_string()))?;
    terminal::say(&format!("debugger: listening at {at}, token {token}"));
    let (sender, incoming) = sync_channel(QUEUE);
    let slot = Slot::default();
    let shared = slot.clone();
    std::thread::spawn(move || accept(&listener, &shared, &sender));
    Ok(Socket { incoming, slot, dropped: 0 })
}

fn lock(slot: &Slot) -> MutexGuard<'_, Option<(u64, TcpStream)>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, slot: &Slot, sender: &SyncSender<(u64, Incoming)>) {
    for (number, stream) in (1..).zip(listener.incoming()) {
        let Ok(mut stream) = stream else { continue };
        let timeouts = stream.set_write_timeout(Some(WRITE_TIMEOUT)).and(stream.set_read_timeout(Some(HELLO_TIMEOUT)));
        let (Ok(()), Ok(reader)) = (timeouts, stream.try_clone()) else { continue };
        let mut place = lock(slot);
        if place.is_some() {
            drop(place);
            let busy = Value::map([("event", Value::from("busy"))]);
            // Whoever it is goes away in any case.
            let _told = stream.write_all(format!("{}\n", json::to_string(&busy)).as_bytes());
            continue;
        }
        *place = Some((number, stream));
        drop(place);
        let (slot, sender) = (slot.clone(), sender.clone());
        std::thread::spawn(move || {
            let _ended = read(number, reader, &sender);
            // In this order: what the next client says comes after this.
            let _told = sender.send((number, Incoming::Gone));
            let mut place = lock(&slot);
            if place.as_ref().is_some_and(|(there, _)| *there == number) {
                *place = None;
            }
        });
    }
}

/// Hands on lines until there are no more. One that is too long is cut, which the protocol refuses, and ends it.
fn read(number: u64, stream: TcpStream, sender: &SyncSender<(u64, Incoming)>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        let limit = protocol::LINE_BYTES as u64 + 2;
        let is_cut =
            reader.by_ref().take(limit).read_until(b'\n', &mut line)? as u64 == limit && !line.ends_with(b"\n");
        if line.is_empty() {
            return Ok(());
        }
        reader.get_ref().set_read_timeout(None)?;
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if sender.send((number, Incoming::Line(text))).is_err() || is_cut {
            return Ok(());
        }
    }
}

impl Socket {
    fn counts(&self, (number, incoming): (u64, Incoming)) -> Option<Incoming> {
        (number > self.dropped).then_some(incoming)
    }
}

impl Channel for Socket {
    fn wait(&mut self) -> Incoming {
        loop {
            let Ok(incoming) = self.incoming.recv() else { return Incoming::Closed };
            if let Some(incoming) = self.counts(incoming) {
                return incoming;
            }
        }
    }

    fn poll(&mut self) -> Option<Incoming> {
        loop {
            let incoming = self.incoming.try_recv().ok()?;
            if let Some(incoming) = self.counts(incoming) {
                return Some(incoming);
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let mut place = lock(&self.slot);
        let Some((_, stream)) = place.as_mut() else { return };
        let line = format!("{}\n", json::to_string(message));
        if stream.write_all(line.as_bytes()).is_err() {
            // Its reader notices and tells.
            let _shut = stream.shutdown(Shutdown::Both);
        }
    }

    fn close(&mut self) {
        if let Some((number, stream)) = lock(&self.slot).take() {
            self.dropped = number;
            let _shut = stream.shutdown(Shutdown::Both);
        }
    }
}
