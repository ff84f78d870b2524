//! The suites of the conformance corpus.

mod canary;
mod client;
mod conformance;
mod coverage;
mod deadlines;
mod effects;
mod language;
mod passes;
mod samples;
mod stories;
mod twins;
