//! What the suites of the conformance corpus share.
//!
//! - [`corpus`]: where test files are
//! - [`example`]: the example of each node row as a test file
//! - [`matrix`]: node types against rules and errors, and the cases that follow from the rules alone
//! - [`reached`]: which node types, rules and errors test files reach

pub mod chapter;
pub mod corpus;
pub mod example;
pub mod matrix;
pub mod reached;
