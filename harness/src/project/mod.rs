//! From paths to something that runs: reading files, finding a document's schema, checking and compiling.
//!
//! - [`source`]: texts with the name that people know them by, and what was found wrong in them
//! - [`fault`]: what can go wrong with files
//! - [`schema`]: which schema belongs to a document
//! - [`mend`]: mechanical repairs of documents and schemas
//! - [`walk`]: files under a path
//! - [`strict`]: warnings that count as errors
//! - [`machine`]: what compiled code looks like; [`perf`]: its names for a profiler
//! - [`backend`]: the executions by name
//! - [`loaded`]: [`Loaded`], the one way from paths to a runnable program

pub mod backend;
pub mod fault;
pub mod loaded;
#[cfg(feature = "jit")]
pub mod machine;
pub mod mend;
#[cfg(feature = "jit")]
pub mod perf;
pub mod schema;
pub mod source;
pub mod strict;
pub mod walk;

pub use backend::{Backend, script_source, url_path};
pub use fault::Fault;
pub use loaded::{LoadOptions, Loaded};
pub use source::{Finding, Source};
