//! The runner of test files, `*.test.json` (docs/testing.md).
//!
//! - [`mod@file`]: what a test file says, [`steps`]: what is done in it; [`reader`] reads its shapes
//! - [`lookup`]: paths into exported state; [`compare`]: expected against found
//! - [`execute`]: runs one test; [`check`]: expectations on diagnostics
//! - [`discover`]: test files under a path; [`suite`]: all of them, in parallel; [`relay`]: suspended on one execution, resumed on another
//! - [`outcome`]: what came out; [`text`] for people, [`junit`] for CI
//! - [`transcript`]: what a session does, written down as a test
//! - [`coverage`]: which nodes and branches were reached; [`update`]: expectations rewritten
//! - [`watch`]: when to run again, and what is news

pub mod check;
pub mod compare;
pub mod coverage;
pub mod discover;
pub mod execute;
pub mod file;
pub mod junit;
pub mod lookup;
pub mod outcome;
pub mod reader;
mod relay;
pub mod steps;
pub mod suite;
pub mod text;
pub mod transcript;
pub mod update;
pub mod watch;

pub use outcome::{Rewrite, Summary, TestOutcome};
pub use suite::{Filter, Options, documents, run_paths};
