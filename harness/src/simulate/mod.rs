//! What a script comes to over many seeds: numbers with how sure they are, and whether declared odds hold.
//!
//! - [`script`]: script files; [`metric`]: what is measured; [`law`]: distributions that may be declared
//! - [`runs`]: the runs, on several threads; [`timeline`]: one of them, step by step
//! - [`summary`]: what observations come to; [`intervals`]: how sure that is; [`fit`]: tests of odds
//! - [`mod@report`]: all of it, put together; [`text`], [`value`], [`plot`]: for people, for programs, as pictures; [`saved`]: as files

pub mod fit;
pub mod intervals;
pub mod law;
pub mod metric;
pub mod plot;
pub mod report;
pub mod runs;
pub mod saved;
pub mod script;
pub mod summary;
pub mod text;
pub mod timeline;
pub mod value;

pub use fit::Verdict;
pub use metric::Metric;
pub use report::{Report, Setting, report};
pub use runs::{Control, Plan, Refused, Runs, play};
pub use script::{Expectation, Script};
pub use summary::Wanted;
