//! `cargo xtask editor-smoke [--pictures FOLDER]`: a session in a real window, on a display of its own, operated by mouse
//! and keyboard. It ends with a document on the disk that passes its tests.
//!
//! - [`desk`]: the display, the window, what is on it; [`script`]: what is done

mod desk;
mod script;

use std::path::PathBuf;

use crate::building::Program;
use crate::{Fault, Verdict, repository};

/// What it needs besides the repository.
const PROGRAMS: [&str; 3] = ["Xvfb", "xdotool", "import"];

/// Plays the script.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    let pictures = match args {
        [] => None,
        [option, folder] if option == "--pictures" => Some(PathBuf::from(folder)),
        _ => return Err("usage: cargo xtask editor-smoke [--pictures FOLDER]".into()),
    };
    let missing: Vec<&str> = PROGRAMS.into_iter().filter(|program| !is_there(program)).collect();
    if !missing.is_empty() {
        println!("skipped: there is no {}; install xvfb, xdotool and imagemagick", missing.join(", "));
        return Ok(Verdict::Fine);
    }
    let root = repository::root()?;
    for (package, binary) in [("statewright-editor", "statewright-editor"), ("statewright-cli", "statewright")] {
        Program { package, binary, profile: "quick", features: &[] }.build(&root)?;
    }
    // Window systems lose an event now and then on a machine that is busy; what fails twice is the editor's.
    for is_last in [false, true] {
        let mut desk = desk::Desk::new(&root, pictures.clone())?;
        let Err(what) = script::play(&mut desk) else { return Ok(Verdict::Fine) };
        let picture = desk.keep_picture("editor-smoke-failed");
        println!("{}: {what}", if is_last { "finding" } else { "failed once, and is tried again" });
        println!("  the window as it was is in {picture}; what was on it:");
        for line in desk.told() {
            println!("  {line}");
        }
    }
    Ok(Verdict::Findings)
}

fn is_there(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}
