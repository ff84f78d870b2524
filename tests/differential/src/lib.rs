//! The differential harness: draws documents and runs them on all executions, which must agree to the bit.
//!
//! - [`generate`]: draws cases from the node table; [`case`]: a case as data
//! - [`execution`]: the executions; [`watched`]: their programs, watched; [`needed`]: what of them a case needs
//! - [`outcome`]: everything that may be observed; [`compare`]: what tells two outcomes apart
//! - [`hosts`]: nodes of a host program that documents may have
//! - [`hunt`]: many cases on all cores; [`linked`]: the same where programs are built first; [`reach`]: what they reach
//! - [`shrink`]: a disagreement made small; [`report`]: and written down
//! - [`faults`]: the planted faults, which must all be found

pub mod case;
pub mod chance;
pub mod compare;
pub mod execution;
pub mod faults;
pub mod generate;
pub mod hosts;
pub mod hunt;
pub mod linked;
pub mod needed;
pub mod outcome;
pub mod reach;
pub mod report;
pub mod shrink;
pub mod watched;
