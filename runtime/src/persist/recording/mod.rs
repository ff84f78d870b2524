//! Recordings: what was done to a session from some moment on, as bytes that can be replayed and verified (docs/saving.md
//! has the format).
//!
//! - `frames`: records with checksums, and where they end
//! - `entries`: entries of the log as bytes
//! - `recorder`: from a session to bytes; `reading`: and back
//! - `replay`: a session from a recording

mod entries;
mod frames;
mod reading;
mod recorder;
mod replay;

pub use reading::{Checkpoint, Recording, RecordingError, Torn};
pub use recorder::{RecordError, RecordOptions, Recorder};
pub use replay::{Replayed, VerifyError};
