//! Sessions, on programs made of closures.

mod dispatching;
mod effects;
mod fake;
mod members;
mod replaying;
mod seeing;
mod waiting;
