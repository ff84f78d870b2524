//! Whatever the input, the way from texts to a run ends in diagnostics, traps or success: never in a panic, a hang or a
//! mistake of the compiler (`E099`).
//!
//! - [`seeds`]: good documents to damage; [`pipeline`]: the whole way, checked
//! - [`damage`]: cut, flipped and mutated texts; [`hostile`]: documents made to hurt
//! - [`compiled`]: some of these as machine code, Rust and JavaScript
//! - [`found`]: what these tests have found, in its smallest form

mod compiled;
mod damage;
mod found;
mod hostile;
mod mutate;
mod pipeline;
mod seeds;
