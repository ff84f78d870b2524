//! The matrix: node types against errors and against rules of the language. No cell that means anything is empty.
//!
//! [`rules`] says which cells mean something. [`cases`] makes the cases that follow from the rules alone, as test files,
//! of one use of each node type ([`instance`]) and of references that fail ([`probe`]). [`page`] makes
//! `docs/conformance.md`.

pub mod cases;
pub mod instance;
pub mod page;
pub mod probe;
pub mod rules;
