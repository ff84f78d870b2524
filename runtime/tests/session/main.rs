//! Sessions, on programs made of closures.

mod changes;
mod configuring;
mod dispatching;
mod effects;
mod fake;
mod filtering;
mod members;
mod replaying;
mod seeing;
mod viewing;
mod waiting;
