//! Debugging: what a traced run tells, and a debugger that holds it up (docs/debugging.md).
//!
//! - [`story`]: a run as messages; [`outline`]: what is known of documents beforehand
//! - [`stack`]: functions that run, with the values seen in them
//! - [`debugger`]: breakpoints, steps, commands; [`channel`]: where those come from
//! - [`protocol`]: commands and replies as JSON; `inspect`: what replies are made of
//! - [`breakpoints`]: where to stop, and when
//! - [`expression`]: conditions; [`place`]: references in them, and places in the state
//! - [`moment`]: what a session did, act by act; [`history`]: tells clients of it
//! - [`profile`]: what nodes cost; [`watched`]: a debugger with that beside it, and a way to end what runs
//!
//! Invariant: no sockets, threads or clocks of its own; the host program gives a channel and a clock.

pub mod breakpoints;
pub mod channel;
pub mod debugger;
pub mod expression;
pub mod history;
mod inspect;
pub mod moment;
pub mod outline;
pub mod place;
pub mod profile;
pub mod protocol;
pub mod stack;
pub mod story;
pub mod watched;

pub use channel::{Channel, Incoming, Local, LocalClient};
pub use debugger::{Change, Debugger, Options};
pub use history::History;
pub use outline::Outline;
pub use story::{Clock, Recorder};
pub use watched::{Stop, Watched};
