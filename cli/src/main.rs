//! The `statewright` command.
//!
//! - [`args`]: what may be said on the command line
//! - [`commands`]: one module per subcommand
//! - [`exit`]: exit codes, and what ends a command early
//! - [`terminal`]: stdout and stderr, colours
//!
//! JSON and other products go to stdout, everything else to stderr.

use std::process::ExitCode;

use clap::Parser;

mod args;
mod commands;
mod exit;
mod sample;
mod terminal;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match commands::dispatch(&args) {
        Ok(exit) => exit.into(),
        Err(stop) => stop.report(),
    }
}
