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
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--profile", "quick", "--package", "statewright-cli"])
            .current_dir(folder.join("source"))
            .env("CARGO_TARGET_DIR", &target)
            // A faulty form may leave something unused.
            .env("RUSTFLAGS", "--cap-lints=allow")
            .status()
            .map_err(|error| format!("cannot start cargo: {error}"))?;
        if !status.success() {
            return Err(
                "the copy with the faults does not build; mend the `faulty` forms that the compiler names".into()
            );
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
