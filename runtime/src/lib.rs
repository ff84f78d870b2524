//! What a server runs on: tracked state in typed memory, transactions, visibility, sessions.
//!
//! Invariant: knows no graphs (handlers come as a [`Program`](program::Program)), does no I/O, reads no clock, draws
//! no entropy: actions carry their time, sessions their seed.

pub mod access;
pub mod context;
pub mod effects;
pub mod emitted;
pub mod host;
pub mod host_effects;
pub mod ledger;
pub mod memory;
pub mod persist;
pub mod program;
pub mod replica;
pub mod session;
mod short;
pub mod state;
pub mod sync;
pub mod tracer;
pub mod visibility;
pub mod wire;
