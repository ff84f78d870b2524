//! Synchronisation: how a session's state reaches viewers. docs/architecture.md has the way of the data, docs/protocol.md the bytes.
//!
//! - [`live`]: a session and its viewers. [`shared`]: the same for many threads. [`driver`]: a thread that broadcasts when it is time.
//! - [`broadcast`]: what is sent. [`events`]: events on their way. `history`: what was sent. `debounce`: when. [`hooks`]: where the
//!   host program comes in. [`refused`]: what a client is told that cannot be served.
//! - [`difference`]: from one view to another, plainly.
//! - [`encoder`]: from the changes of a window to everybody's bytes, fast. [`patches`]: what it makes. `tables`: what it knows of a
//!   schema. `tree`, `build`: what changed, from the roots down. `finding`: ways that need none. `emit`, `direct`, `columns`, `operations`, `arranging`, `whole`, `rows`: as bytes.
//!   `onlookers`: for whom; `sight`, `viewers`: who sees it.
//! - [`filtered`]: viewers with filters. `planted`: leaks that tests must find.

mod arranging;
pub mod broadcast;
mod build;
mod columns;
mod debounce;
pub mod difference;
mod direct;
pub mod driver;
mod emit;
pub mod encoder;
pub mod events;
pub mod filtered;
mod finding;
mod history;
pub mod hooks;
pub mod live;
mod onlookers;
mod operations;
pub mod patches;
pub(crate) mod planted;
pub mod refused;
mod rows;
pub mod shared;
mod sight;
mod tables;
mod tree;
mod viewers;
mod whole;

#[cfg(test)]
mod tests;

pub use broadcast::{Broadcast, MessageRef};
pub use debounce::Debounce;
pub use driver::{Bell, Clock, Driver, NoThread};
pub use encoder::{Encoder, EncoderOptions};
pub use events::{EventError, EventLimits};
pub use filtered::{FilteredViewers, Refreshed};
pub use history::HistoryLimits;
pub use hooks::{Hooks, Verdict};
pub use live::{
    ClientSchema, ConnectOptions, Greeting, LiveOptions, LiveSession, LiveStatistics, Resume, TooLarge,
    ViewerStatistics,
};
pub use onlookers::{Onlookers, Sights};
pub use patches::{Concerns, PatchBuffer, PatchOf, Patches};
pub use refused::{Refused, RefusedCode};
pub use shared::SharedSession;
pub use sight::{Sight, ViewerSights};
