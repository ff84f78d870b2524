//! The editor as a program: `statewright-editor [--sample | FILE | FOLDER]…`.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::ExitCode;

use statewright_editor::window::{self, Begin};
use statewright_editor::{Host, sample};

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let begin = if args.iter().any(|arg| arg == OsStr::new("--sample")) {
        sample::begin()
    } else {
        Begin::Paths(args.into_iter().map(PathBuf::from).collect())
    };
    match window::run(Host::machine(), begin) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}
