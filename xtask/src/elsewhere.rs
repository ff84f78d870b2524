//! `cargo xtask elsewhere`: the command away from the repository: a copy of it in a temporary folder, with a home of its own, builds a new
//! project's documents as Rust, runs them, finds them again, and refuses what was changed.
//!
//! The first build compiles all crates that the command carries the sources of, so it takes minutes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::statewright::Statewright;
use crate::{Fault, Verdict, repository};

/// The temporary folder.
struct Away {
    folder: PathBuf,
    binary: PathBuf,
}

/// Where cargo and rustup keep what they have, which is not what is tried here.
fn kept(variable: &'static str, folder: &str) -> Option<(&'static str, OsString)> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(folder).into_os_string());
    std::env::var_os(variable).or(home).map(|value| (variable, value))
}

impl Away {
    fn new(binary: &Path) -> Result<Away, Fault> {
        // Not below the repository, where cargo would find its workspace.
        let folder = std::env::temp_dir().join(format!("statewright-elsewhere-{}", std::process::id()));
        let copy = folder.join(binary.file_name().unwrap_or_default());
        std::fs::create_dir_all(folder.join("home"))
            .and_then(|()| std::fs::copy(binary, &copy))
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Away { folder, binary: copy })
    }

    fn run(&self, args: &[&str], variables: &[(&str, &str)]) -> Result<Output, Fault> {
        let mut command = Command::new(&self.binary);
        command.args(args).current_dir(&self.folder);
        // What this build sets is none of its business.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO") || text.starts_with("STATEWRIGHT") || text.starts_with("XDG_") {
                command.env_remove(&name);
            }
        }
        command.envs(kept("CARGO_HOME", ".cargo")).envs(kept("RUSTUP_HOME", ".rustup"));
        command.env("HOME", self.folder.join("home")).envs(variables.iter().copied());
        command.output().map_err(|error| format!("cannot start {}: {error}", self.binary.display()))
    }

    /// Runs it and expects an exit code and a text, on either stream.
    fn expect(&self, args: &[&str], variables: &[(&str, &str)], code: i32, wanted: &str) -> Result<String, Fault> {
        let output = self.run(args, variables)?;
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        if output.status.code() == Some(code) && said.contains(wanted) {
            println!("ok: statewright {}", args.join(" "));
            return Ok(said);
        }
        Err(format!(
            "`statewright {}` ended with {}, not {code} and `{wanted}`:\n{said}",
            args.join(" "),
            output.status
        ))
    }

    /// The programs that were built.
    fn programs(&self) -> Result<Vec<PathBuf>, Fault> {
        let cache = self.folder.join("home/.cache/statewright");
        let entries = std::fs::read_dir(&cache).map_err(|error| format!("{}: {error}", cache.display()))?;
        Ok(entries.flatten().map(|entry| entry.path().join("program")).filter(|path| path.exists()).collect())
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        // What cannot be removed is in a folder for temporary files.
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    if let Some(unknown) = args.first() {
        return Err(format!("elsewhere: unknown argument `{unknown}`; it takes none"));
    }
    let root = repository::root()?;
    let statewright = Statewright::build(&root)?;
    let away = Away::new(statewright.binary())?;
    match tried(&away) {
        Ok(()) => Ok(Verdict::Fine),
        Err(what) => {
            eprintln!("{what}");
            Ok(Verdict::Findings)
        }
    }
}

fn tried(away: &Away) -> Result<(), Fault> {
    let test = ["test", "game", "--backend", "rust"];
    let nowhere = [("PATH", "/nonexistent")];
    away.expect(&["new", "game"], &[], 0, "")?;
    away.expect(&test, &nowhere, 2, "cargo is needed")?;
    away.expect(&["test", "game", "--backend", "js"], &nowhere, 2, "needs Node.js")?;
    away.expect(&test, &[], 0, "4 tests passed")?;
    // What was built needs no cargo any more.
    away.expect(&test, &nowhere, 0, "4 tests passed")?;
    let bench = ["bench", "game/game.json", "--backend", "interpreter,rust", "--seconds", "0", "--json"];
    away.expect(&bench, &[], 0, "\"missing\": []")?;
    let params = r#"{"playerID": "ann"}"#;
    let play = ["run", "game/game.json", "--event", "PlayerConnect", "--params", params, "--backend", "rust"];
    away.expect(&play, &nowhere, 0, "\"artefact\": \"")?;
    for program in away.programs()? {
        let said = |error: std::io::Error| format!("{}: {error}", program.display());
        let mut bytes = std::fs::read(&program).map_err(said)?;
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        std::fs::write(&program, bytes).map_err(said)?;
    }
    away.expect(&play, &[], 2, "it has changed since")?;
    Ok(())
}
