//! The editor without its window.
//!
//! - [`patch`], [`history`], [`open`]: a document that is open, and what was done to it
//! - [`draft`], [`command`]: everything that can be done to it
//! - [`wires`], [`meta`], [`selection`], [`clipboard`]: pins and wires by name, what the editor keeps in documents
//! - [`scene`], [`findings`]: what is on the canvas of a graph, and what is wrong with it
//! - [`paths`]: types of references and paths, completion
//! - [`mod@diff`]: two versions of a text or document
//!
//! Invariant: nothing here draws or knows a window; files are read and written through `harness::files::Files` only.

pub mod clipboard;
pub mod command;
pub mod diff;
pub mod draft;
pub mod findings;
pub mod history;
pub mod meta;
pub mod open;
pub mod patch;
pub mod paths;
pub mod refused;
pub mod scene;
pub mod selection;
pub mod wires;
