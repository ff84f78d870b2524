//! Synchronisation: how a session's state reaches viewers. docs/architecture.md has the way of the data, docs/protocol.md the bytes.
//!
//! - [`difference`]: from one view to another, plainly.
//! - [`encoder`]: from the changes of a window to everybody's bytes, fast. `tables`: what it knows of a schema. `tree`, `build`:
//!   what changed, from the roots down. `emit`, `operations`, `whole`: as bytes. `sight`, `viewers`: who sees it.
//! - [`filtered`]: viewers with filters.

mod build;
pub mod difference;
mod emit;
pub mod encoder;
pub mod filtered;
mod operations;
mod sight;
mod tables;
mod tree;
mod viewers;
mod whole;

#[cfg(test)]
mod tests;

pub use encoder::{Concerns, Encoder, EncoderOptions, PatchBuffer, PatchOf, Patches};
pub use filtered::{FilteredViewers, Refreshed};
pub use sight::{Sight, ViewerSights};
