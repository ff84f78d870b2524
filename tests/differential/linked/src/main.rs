//! The differential harness with documents built in; which, `STATEWRIGHT_BATCH` says when it is built.

use std::process::ExitCode;

use statewright_harness::execution::Registered;

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

fn main() -> ExitCode {
    statewright_differential::linked::main_with(PROGRAMS)
}
