//! The suites of the conformance corpus.

mod canary;
mod conformance;
mod coverage;
mod deadlines;
mod effects;
mod language;
mod samples;
mod stories;
mod twins;
