//! The differential harness: draws documents and runs them on all executions, which must agree to the bit.
//!
//! - [`generate`]: draws cases from the node table
//! - [`case`]: what is drawn, as data

pub mod case;
pub mod chance;
pub mod generate;
