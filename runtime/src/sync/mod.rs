//! Synchronisation: how a session's state reaches viewers. docs/architecture.md has the way of the data, docs/protocol.md the bytes.
//!
//! - [`difference`]: from one view to another, plainly.

pub mod difference;
