//! IR text in, outcome out.

mod control;
mod dense;
mod joined;
mod lanes;
mod passes;
mod registers;
mod robustness;
mod rows;
mod suspension;
mod trace;
mod world;

/// What the tests run; those of the JIT are the same, with another one in this place.
mod under_test {
    pub use statewright_interpreter::Interpreter;
}
