//! What the command and the editor share: projects on disk, findings for people and programs, the test runner,
//! drawing.
//!
//! - [`project`]: from paths to a runnable program
//! - [`report`]: findings for a terminal and as JSON
//! - [`act`]: what is done to a session
//! - [`play`]: sessions for commands and tests; [`trace`]: what happened in them
//! - [`save`]: save files; [`record`]: recordings; [`files`]: files that survive crashes
//! - [`testing`]: test files; [`mod@bench`]: what handlers cost
//! - [`simulate`]: a script over many seeds, and odds
//! - [`node`]: emitted JavaScript as an execution, in a Node process
//! - [`debug`]: messages of a run, and a debugger
//! - [`execution`]: documents built as programs of their own
//! - [`draw`]: pictures of graphs; [`picture`]: from documents and traces to pictures
//! - [`ts_types`]: schemas as types of TypeScript
//! - [`mod@reference`]: the reference of node types

pub mod act;
pub mod bench;
pub mod debug;
pub mod draw;
pub mod execution;
pub mod files;
pub mod node;
pub mod operations;
pub mod picture;
pub mod play;
pub mod project;
pub mod record;
pub mod reference;
pub mod report;
pub mod save;
pub mod simulate;
pub mod testing;
pub mod trace;
pub mod ts_types;
