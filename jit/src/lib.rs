//! Compiles verified IR to machine code with Cranelift, as a [`Program`](statewright_runtime::program::Program).
//!
//! - [`Jit`]: a compiled module. `compile`: the code generator. `memory`: machine code in memory.
//! - `calls`: what compiled code calls, its helpers: the context's methods that the interpreter calls, in one table. `run`: what both share.
//! - `sites`: what code refers to by number. `artefact`: listings and object files from the same generator.
//!
//! Invariant: whatever may be observed is as under the interpreter: results, errors with their nodes, fuel, memory, order of
//! draws and events, suspensions. No operation falls back to it. `unsafe` stands in this crate only.

#![allow(unsafe_code)]

mod artefact;
mod calls;
mod compile;
mod error;
mod memory;
mod program;
mod run;
mod sites;

pub use artefact::{listing, object, opened};
pub use compile::{Listing, MOST_OF_FUNCTION, MOST_OF_MODULE, MOST_STACK};
pub use error::JitError;
pub use program::{Calls, Entry, Jit};
