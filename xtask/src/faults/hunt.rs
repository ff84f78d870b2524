//! Running the corpus on a command that has a fault.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::list::Planted;
use super::text_of;
use crate::Fault;

/// How long a run may take until it counts as one that never ends: the corpus itself takes about a second.
const PATIENCE: Duration = Duration::from_secs(90);
/// The corpus, from the root.
const CORPUS: &str = "tests/conformance";
/// How often a run is looked at.
const POLL: Duration = Duration::from_millis(10);

/// Whether the corpus catches a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// By this.
    Caught(String),
    /// By nothing.
    Missed,
}

/// The built command, and where it runs.
pub struct Hunt {
    binary: PathBuf,
    root: PathBuf,
    output: PathBuf,
}

impl Hunt {
    /// Builds the command of the copy of `root` that lies in `folder`.
    pub fn build(root: &Path, folder: &Path) -> Result<Hunt, Fault> {
        let target = folder.join("target");
        take_foreign(&root.join("target").join("quick"), &target.join("quick"));
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--profile", "quick", "--package", "statewright-cli"])
            .args(crate::repository::UNIFIED)
            .current_dir(folder.join("source"))
            .env("CARGO_TARGET_DIR", &target)
            // A faulty form may leave something unused, which is said but does no harm.
            .stderr(Stdio::null())
            .status()
            .map_err(|error| format!("cannot start cargo: {error}"))?;
        if !status.success() {
            return Err(format!(
                "the copy with the faults does not build; see `cargo build --profile quick -p statewright-cli` in {} and \
                     mend the `faulty` forms that it names",
                folder.join("source").display()
            ));
        }
        let binary = target.join("quick").join(format!("statewright{}", std::env::consts::EXE_SUFFIX));
        let output = folder.join("output");
        std::fs::create_dir_all(&output).map_err(|error| format!("cannot make {}: {error}", output.display()))?;
        Ok(Hunt { binary, root: root.to_owned(), output })
    }

    /// Shows that the corpus passes where no fault is chosen.
    pub fn healthy(&self) -> Result<(), Fault> {
        match self.one(0)? {
            Verdict::Missed => Ok(()),
            Verdict::Caught(by) => Err(format!("the corpus fails without any fault: {by}; mend that first")),
        }
    }

    /// Hunts each of `faults`, as many at a time as there are cores.
    pub fn all(&self, faults: &[&Planted]) -> Result<Vec<Verdict>, Fault> {
        let next = AtomicUsize::new(0);
        let found = Mutex::new(vec![None; faults.len()]);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(fault) = faults.get(index) else { break };
                        let verdict = self.one(fault.number);
                        if let Some(place) = found.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index) {
                            *place = Some(verdict);
                        }
                    }
                });
            }
        });
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.into_iter().map(|verdict| verdict.unwrap_or(Ok(Verdict::Missed))).collect()
    }

    fn one(&self, number: u32) -> Result<Verdict, Fault> {
        let output = self.output.join(format!("{number}.txt"));
        let open = || File::create(&output).map_err(|error| format!("cannot write {}: {error}", output.display()));
        let file = open()?;
        let errors = file.try_clone().map_err(|error| format!("cannot write {}: {error}", output.display()))?;
        let mut child = Command::new(&self.binary)
            .args(["test", "--fail-fast", "--jobs", "1", CORPUS])
            .current_dir(&self.root)
            .env("STATEWRIGHT_FAULT", number.to_string())
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", self.binary.display()))?;
        let begun = Instant::now();
        loop {
            match child.try_wait().map_err(|error| format!("cannot wait for a run: {error}"))? {
                Some(status) => return Ok(verdict(status, &text_of(&output).unwrap_or_default())),
                None if begun.elapsed() > PATIENCE => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Ok(Verdict::Caught(format!("a run that did not end within {} s", PATIENCE.as_secs())));
                }
                None => std::thread::sleep(POLL),
            }
        }
    }
}

/// Copies what was built of foreign crates for this repository, where that is there and the copy has nothing yet: it is the
/// same for the copy, and takes longest. What cannot be copied is built.
fn take_foreign(from: &Path, to: &Path) {
    if to.exists() {
        return;
    }
    let mut folders: Vec<PathBuf> = ["build", "deps", ".fingerprint"].map(PathBuf::from).into();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(from.join(&folder)) else { continue };
        if std::fs::create_dir_all(to.join(&folder)).is_err() {
            return;
        }
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let plain = name.to_string_lossy().replace('_', "-");
            if plain.trim_start_matches("lib").starts_with("statewright") {
                continue;
            }
            let below = folder.join(&name);
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(below);
            } else if std::fs::copy(entry.path(), to.join(&below)).is_ok()
                && let Ok(modified) = entry.metadata().and_then(|data| data.modified())
            {
                // By its time cargo knows whether it is up to date.
                let set = std::fs::File::options().append(true).open(to.join(&below));
                let _ = set.and_then(|file| file.set_modified(modified));
            }
        }
    }
}

/// What a run's end and its output say.
fn verdict(status: ExitStatus, output: &str) -> Verdict {
    if status.success() {
        return Verdict::Missed;
    }
    let line = |begin: &str| output.lines().find_map(|line| Some(line.strip_prefix(begin)?.trim().to_owned()));
    let panicked =
        || output.lines().find(|line| line.contains("panicked at")).map(|line| format!("a crash: {}", line.trim()));
    let by = line("FAILED ").or_else(panicked).or_else(|| line("error:"));
    Verdict::Caught(by.unwrap_or_else(|| format!("a run that ended with {status}")))
}
