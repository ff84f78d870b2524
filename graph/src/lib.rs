//! Documents and what they mean: the document model, the node table, the checker, the typed IR and the lowering.
//!
//! Invariant: nothing here executes a handler, and nothing does I/O.

pub mod build;
pub mod check;
pub mod compile;
pub mod document;
pub mod dominators;
pub mod flow;
pub mod ir;
mod lower;
pub mod migrate;
pub mod node;
pub mod passes;
pub mod ranges;

pub use build::{Built, build};
pub use compile::{CompileOptions, Compiled, compile};
