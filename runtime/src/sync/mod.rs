//! Synchronisation: how a session's state reaches viewers. docs/architecture.md has the way of the data, docs/protocol.md the bytes.
//!
//! - [`live`]: a session and its viewers. [`shared`]: the same for many threads. [`driver`]: a thread that broadcasts when it is time.
//! - [`broadcast`]: what is sent. [`events`]: events on their way. `history`: what was sent. `debounce`: when. [`hooks`]: where the
//!   host program comes in. [`refused`]: what a client is told that cannot be served.
//! - [`difference`]: from one view to another, plainly.

pub mod broadcast;
mod debounce;
pub mod difference;
pub mod driver;
pub mod events;
mod history;
pub mod hooks;
pub mod live;
pub mod refused;
pub mod shared;

pub use broadcast::{Broadcast, MessageRef};
pub use debounce::Debounce;
pub use driver::{Bell, Clock, Driver};
pub use events::{EventError, EventLimits};
pub use history::HistoryLimits;
pub use hooks::{Hooks, Verdict};
pub use live::{
    ClientSchema, ConnectOptions, Greeting, LiveOptions, LiveSession, LiveStatistics, Resume, ViewerStatistics,
};
pub use refused::{Refused, RefusedCode};
pub use shared::SharedSession;
