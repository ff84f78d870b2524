//! The client's side of a live session, without a network: bytes in, a copy of what the viewer sees, bytes out. For clients in
//! Rust, and for tests.
//!
//! ```
//! use statewright::client::{Client, Incoming};
//! use statewright::{LiveOptions, Options, Program, Session};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let program = Program::load(r#"{"handlers": []}"#, "@root(active) type Game {\n  Score int64\n}")?;
//! let mut live = Session::new(&program, Options::default()).into_live(1, LiveOptions::default());
//! let mut client = Client::new(program.schema().clone().into());
//!
//! let greeting = live.receive("ann", &client.hello()).map_err(|refused| refused.to_string())?;
//! for message in greeting.into_iter().flat_map(|greeting| greeting.messages) {
//!     client.receive(&message)?;
//! }
//! assert_eq!(client.replica().get("Score").and_then(|score| score.as_int()), Some(0));
//!
//! client.tell_changes(true);
//! live.emit("Fanfare", &3.into())?;
//! for message in live.tick().for_viewer("ann") {
//!     let incoming = client.receive(&message.to_vec())?;
//!     assert!(matches!(&incoming[..], [Incoming::Event(event)] if &*event.name == "Fanfare"));
//! }
//! # Ok(())
//! # }
//! ```

pub use statewright_runtime::replica::{Change, Client, Incoming, Item, Lost, Path, PathStep, Replica, What};
pub use statewright_runtime::wire::Event;
pub use statewright_runtime::wire::payload::{Payload, PayloadReader};
pub use statewright_runtime::wire::reader::Malformed;
