//! What the command and the editor share: projects on disk, findings for people and programs, the test runner,
//! drawing.

pub mod play;
pub mod project;
pub mod report;
pub mod testing;
pub mod trace;
