//! Sessions, on programs made of closures.

mod changes;
mod configuring;
mod dispatching;
mod effects;
mod fake;
mod filtering;
mod host_effects;
mod members;
mod migrating;
mod recording;
mod rehearsing;
mod replaying;
mod seeing;
mod viewing;
mod waiting;
