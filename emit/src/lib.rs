//! Writes a verified [`ir::Module`](statewright_graph::ir::Module) as source code of other languages.
//!
//! [`mod@structure`] turns a function's blocks into nested loops and branches, [`fold`] says which values are written where they
//! are used, [`merge`] which share a variable, [`names`] what they are called, [`mod@escape`] how texts of documents stand in source, [`writer`] keeps lines, indentation and which node a line came from. The languages build
//! on these; [`mod@rust`] is one. [`rust_structs`] writes schemas as plain structs.
//!
//! Invariant: knows no runtime. What is written calls one; nothing here runs anything or does I/O.

pub mod escape;
pub mod fold;
pub mod js;
pub mod merge;
pub mod names;
pub mod rust;
pub mod rust_structs;
pub mod structure;
pub mod writer;
