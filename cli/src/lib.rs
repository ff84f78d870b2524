//! The `statewright` command, for itself and for programs that documents are built into.
//!
//! - [`args`]: what may be said on the command line
//! - [`built`]: documents built as programs of their own, and run
//! - [`commands`]: one module per subcommand
//! - [`exit`]: exit codes, and what ends a command early
//! - [`terminal`]: stdout and stderr, colours
//!
//! JSON and other products go to stdout, everything else to stderr.

use std::process::ExitCode;

use clap::Parser;
use statewright_harness::execution::{Registered, register};

mod args;
mod built;
mod commands;
mod exit;
mod sample;
mod terminal;

/// The command.
pub fn main() -> ExitCode {
    let args = args::Args::parse();
    match commands::dispatch(&args) {
        Ok(exit) => exit.into(),
        Err(stop) => stop.report(),
    }
}

/// The command with documents that were built into it.
pub fn main_with(programs: &'static [Registered]) -> ExitCode {
    register(programs);
    main()
}
