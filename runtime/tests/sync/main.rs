//! Synchronisation: what viewers are sent, and when.

#[path = "../session/fake.rs"]
#[allow(dead_code)]
mod fake;

mod adding;
mod bugs;
mod bugs_encoding;
mod bugs_listed;
mod connecting;
mod debouncing;
mod differing;
mod emitting;
mod filtering;
mod game;
mod hooking;
mod large;
mod restarting;
mod sending;
mod sharing;
mod updating;
mod walks;
