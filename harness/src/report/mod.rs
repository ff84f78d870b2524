//! Findings for people and for programs.
//!
//! - [`terminal`]: with the source line, as compilers show them
//! - [`data`]: as JSON
//! - [`diff`]: what would change in a file

pub mod data;
pub mod diff;
pub mod terminal;

pub use data::{finding_value, findings_json};
pub use terminal::{Look, render, summary};
