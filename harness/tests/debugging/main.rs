//! The debugger and the messages of a run, in process.

mod commands;
mod effects;
mod messages;
mod world;
