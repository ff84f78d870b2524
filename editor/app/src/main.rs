//! The editor as a program of its own: `statewright-editor [FILE|FOLDER]…`.

use std::path::PathBuf;
use std::process::ExitCode;

use statewright_editor::{Host, window};

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match window::run(Host::machine(), &paths) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}
