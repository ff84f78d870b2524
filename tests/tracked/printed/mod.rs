//! What `statewright schema --target rust` printed.
#![allow(missing_docs, dead_code, non_snake_case)]

pub mod cards;
pub mod odd;
