//! The debugger and the messages of a run, in process.

mod commands;
mod costs;
mod effects;
mod messages;
mod world;
