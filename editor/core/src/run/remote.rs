//! A process at the end of a socket, with a debugger that listens there (`statewright run --debug-listen`).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use statewright_harness::debug::protocol::LINE_BYTES;

use super::{Ear, Teller, Told};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the other side may take to read what it is sent.
const WRITE: Duration = Duration::from_secs(5);

/// What is done to the connection from outside.
#[derive(Debug, Default)]
struct Slot {
    stream: Option<TcpStream>,
    is_over: bool,
}

/// A connection. It ends with this value, and the process goes on.
#[derive(Debug)]
pub struct Remote {
    commands: Sender<String>,
    slot: Arc<Mutex<Slot>>,
    ear: Ear,
}

impl Remote {
    /// Connects to `address`, `IP:PORT`, on threads of its own; `wake` is called there when there is something to hear. An
    /// address where nobody listens is told as [`Told::Gone`].
    pub fn connect(address: &str, wake: impl Fn() + Send + Sync + 'static) -> Remote {
        let (teller, ear) = Teller::pair(wake);
        let (commands, commanded) = channel::<String>();
        let slot = Arc::new(Mutex::new(Slot::default()));
        let (shared, address) = (slot.clone(), address.trim().to_owned());
        thread::spawn(move || {
            let why = match connected(&address, &shared) {
                Ok(stream) => converse(stream, commanded, &teller),
                Err(what) => format!("`{address}` cannot be reached: {what}"),
            };
            teller.tell(Told::Gone(why));
        });
        Remote { commands, slot, ear }
    }

    /// Sends a command: one line of JSON.
    pub fn command(&self, line: &str) {
        // One that is gone hears nothing; it was told.
        let _ = self.commands.send(line.to_owned());
    }

    /// The next that it tells, if there is anything.
    pub fn told(&self) -> Option<Told> {
        self.ear.next()
    }

    /// The next that it tells, waiting for it; `None` once it is over.
    pub fn wait(&self) -> Option<Told> {
        self.ear.wait()
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.is_over = true;
        if let Some(stream) = &slot.stream {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn connected(address: &str, slot: &Mutex<Slot>) -> Result<TcpStream, String> {
    let mut found = address.to_socket_addrs().map_err(|error| error.to_string())?;
    let at = found.next().ok_or("it is no address; write it like 127.0.0.1:4000")?;
    let stream = TcpStream::connect_timeout(&at, CONNECT).map_err(|error| error.to_string())?;
    stream.set_write_timeout(Some(WRITE)).map_err(|error| error.to_string())?;
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if slot.is_over {
        return Err("nobody wants it any more".to_owned());
    }
    slot.stream = Some(stream.try_clone().map_err(|error| error.to_string())?);
    Ok(stream)
}

/// Sends and hands on lines until the other side is gone; why it is.
fn converse(stream: TcpStream, commanded: Receiver<String>, teller: &Teller) -> String {
    let mut writer = match stream.try_clone() {
        Ok(writer) => writer,
        Err(error) => return error.to_string(),
    };
    thread::spawn(move || {
        for line in commanded {
            if writer.write_all(format!("{line}\n").as_bytes()).is_err() {
                break;
            }
        }
        // Its reader notices and tells.
        let _ = writer.shutdown(Shutdown::Both);
    });
    read(stream, teller)
}

/// Hands on lines until there are no more; why there are no more.
fn read(stream: TcpStream, teller: &Teller) -> String {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        let limit = LINE_BYTES as u64 * 8;
        match reader.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(0) => return "it closed the connection".to_owned(),
            Ok(_) if !line.ends_with(b"\n") => return "what it sent was cut off".to_owned(),
            Ok(_) => {}
            Err(error) => return error.to_string(),
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if !teller.tell(Told::Message(text)) {
            return String::new();
        }
    }
}
