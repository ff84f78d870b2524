//! Synchronisation: how a session's state reaches viewers. docs/architecture.md has the way of the data, docs/protocol.md the bytes.
//!
//! - [`difference`]: from one view to another, plainly.
//! - [`filtered`]: viewers with filters.

pub mod difference;
pub mod filtered;

pub use filtered::{FilteredViewers, Refreshed};
