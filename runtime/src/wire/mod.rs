//! The bytes that travel between server and clients, as docs/protocol.md has them.
//!
//! - [`codes`]: the numbers of messages and steps. [`varint`]: numbers and texts, written. [`reader`]: read.
//! - [`put`]: values, written. [`describe`]: schemas as the wire knows them, and what of one travels to clients of another.
//! - [`weighing`]: what a body makes a decoder make room for.
//! - [`message`]: messages as data. [`payload`]: what events carry.
//! - [`stream`]: steps along the state, written with as little addressing as they need.
//!
//! Writers write what they are given; readers trust nothing: see [`codes::limits`].

pub mod codes;
pub mod describe;
pub mod message;
pub mod payload;
pub mod put;
pub mod reader;
pub mod stream;
pub mod varint;
pub mod weighing;

pub use describe::{Description, Incompatible, Profile, WireField};
pub use message::{ClientMessage, ServerMessage};
pub use payload::{Event, Payload, PayloadEncoder, PayloadReader};
pub use reader::Malformed;
