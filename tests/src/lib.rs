//! What the suites of the conformance corpus share.
//!
//! - [`corpus`]: where test files are
//! - [`example`]: the example of each node row as a test file
//! - [`reached`]: which node types and errors the corpus reaches

pub mod chapter;
pub mod corpus;
pub mod example;
pub mod reached;
