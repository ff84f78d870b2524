//! Executions that have to be built first: a document as a program of its own.
//!
//! - [`registry`]: programs that are linked into this process, by the hash of their document
//! - [`crates`]: documents as a crate that cargo builds, cached by content
//! - [`building`]: cargo, for so long and no longer
//! - [`sources`]: where the crates come from that such a crate needs
//!
//! A crate's `main` may be the command itself, with the documents registered: so what runs on emitted Rust is everything that runs on
//! the interpreter, in one process, and nothing is translated.

pub mod building;
pub mod crates;
pub mod registry;
pub mod sources;

pub use crates::{Artefact, Module, ProgramCrate, cargo_build};
pub use registry::{Registered, register};
pub use sources::Sources;
