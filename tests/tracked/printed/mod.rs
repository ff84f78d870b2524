//! What `statewright schema --target rust` printed.
#![allow(missing_docs, dead_code, non_snake_case)]

#[rustfmt::skip]
pub mod cards;
#[rustfmt::skip]
pub mod odd;
