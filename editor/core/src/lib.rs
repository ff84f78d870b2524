//! The editor without its window.
//!
//! - [`patch`], [`history`], [`open`]: a document that is open, and what was done to it
//! - [`draft`], [`command`]: everything that can be done to it
//! - [`wires`], [`meta`], [`selection`], [`clipboard`]: pins and wires by name, what the editor keeps in documents
//! - [`scene`], [`findings`]: what is on the canvas of a graph, and what is wrong with it
//! - [`checker`]: checking as one types
//! - [`palette`], [`references`], [`names`], [`find`]: what can be added, referred to, named, and where it is used; [`across`]: replacing in files
//! - [`actions`], [`keys`], [`settings`], [`navigation`]: what the user does, and how
//! - [`paths`]: types of references and paths, completion
//! - [`project`]: a folder of files; [`beside`]: schemas and configurations that are edited; [`schema_form`]: edits of them,
//!   in either spelling: [`schema_text`], [`schema_json`]
//! - [`code`], [`run`], [`testing`], [`odds`]: a document as code, running, tested, and run many times
//! - [`mod@diff`]: two versions of a text or document
//!
//! Invariant: nothing here draws or knows a window; files are read and written through `harness::files::Files` only.

pub mod across;
pub mod actions;
pub mod beside;
pub mod checker;
pub mod clipboard;
pub mod code;
pub mod command;
pub mod diff;
pub mod draft;
pub mod find;
pub mod findings;
pub mod history;
pub mod keys;
pub mod meta;
pub mod names;
pub mod navigation;
pub mod odds;
pub mod open;
pub mod palette;
pub mod patch;
pub mod paths;
pub mod project;
pub mod references;
pub mod refused;
pub mod run;
pub mod scene;
pub mod schema_form;
pub mod schema_json;
pub mod schema_text;
pub mod selection;
pub mod settings;
pub mod testing;
pub mod wires;
