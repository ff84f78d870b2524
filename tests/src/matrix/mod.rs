//! The matrix: node types against errors and against rules of the language. No cell that means anything is empty.
//!
//! - [`rules`]: which cells mean something
//! - [`instance`]: one use of each node type; [`probe`]: references that fail
//! - [`cases`]: the cases that follow from the rules alone, as test files
//! - [`page`]: `docs/conformance.md`

pub mod cases;
pub mod instance;
pub mod page;
pub mod probe;
pub mod rules;
