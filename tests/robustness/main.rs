//! Whatever the input, the way from texts to a run ends in diagnostics, traps or success: never in a panic, a hang or a
//! mistake of the compiler (`E099`).
//!
//! - [`seeds`]: good documents to damage; [`pipeline`]: the whole way, checked
//! - [`damage`]: cut, flipped and mutated texts; [`hostile`]: documents made to hurt

mod damage;
mod hostile;
mod mutate;
mod pipeline;
mod seeds;
