//! The editor as a program: `statewright-editor [--host-nodes FILE] [--sample | FILE | FOLDER]…`.

use std::path::PathBuf;
use std::process::ExitCode;

use statewright_editor::window::{self, Begin};
use statewright_editor::{Host, sample};

fn main() -> ExitCode {
    let mut host = Host::machine();
    let (mut paths, mut is_sample) = (Vec::new(), false);
    let mut args = std::env::args_os().skip(1);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--sample") => is_sample = true,
            Some("--host-nodes") => match args.next() {
                Some(file) => host.declared = Some(PathBuf::from(file)),
                None => return failed("--host-nodes needs a file, in which the host program's nodes are declared"),
            },
            _ => paths.push(PathBuf::from(arg)),
        }
    }
    let begin = if is_sample { sample::begin() } else { Begin::Paths(paths) };
    match window::run(host, begin) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => failed(&problem.to_string()),
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("error: {why}");
    ExitCode::FAILURE
}
