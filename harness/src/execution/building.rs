//! Cargo at work: one build in a folder at a time, each for so long and no longer.

use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::project::Fault;

/// How long a build may take, unless `STATEWRIGHT_BUILD_SECONDS` says otherwise. The first one builds all crates.
const MOST_SECONDS: u64 = 1800;
/// How often it is looked whether a build has ended.
const POLL: Duration = Duration::from_millis(20);

/// Holds a folder's lock until it is dropped. Says so if it must wait for another process.
pub(super) fn hold(lock: &Path, tell: fn(&str)) -> Result<File, Fault> {
    let fault = |source| Fault::Write { path: lock.to_owned(), source };
    let file = File::create(lock).map_err(fault)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => tell(&format!("waiting for another build, which holds {}", lock.display())),
        Err(TryLockError::Error(_)) => {}
    }
    // Where files cannot be locked, cargo has a lock of its own.
    let _held = file.lock();
    Ok(file)
}

/// How long a build may take.
///
/// # Errors
/// The environment says something that is no number of seconds.
pub fn most_time(set: Option<&str>) -> Result<Duration, Fault> {
    let Some(set) = set.filter(|set| !set.is_empty()) else { return Ok(Duration::from_secs(MOST_SECONDS)) };
    match set.parse() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => {
            let what = format!("STATEWRIGHT_BUILD_SECONDS is {set:?}: give a whole number of seconds, such as 600");
            Err(Fault::NotBuilt { what })
        }
    }
}

/// Runs cargo. Whether it succeeded, and what it said.
pub(super) fn run(command: Command) -> Result<(bool, String), Fault> {
    let most = most_time(std::env::var("STATEWRIGHT_BUILD_SECONDS").ok().as_deref())?;
    run_within(command, most)
}

/// The same with that much time: what takes longer is ended, with all that it started.
///
/// # Errors
/// It cannot be started, or takes too long.
pub fn run_within(mut command: Command, most: Duration) -> Result<(bool, String), Fault> {
    let failed = |error: std::io::Error| Fault::NotBuilt {
        what: format!(
            "cargo is needed to build it, and cannot be started ({error}): install Rust, or use another backend"
        ),
    };
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(failed)?;
    let mut errors = child.stderr.take();
    // A pipe that nobody reads would hold it up.
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        // What cannot be read is not told.
        let _read = errors.as_mut().map(|errors| errors.read_to_end(&mut said));
        String::from_utf8_lossy(&said).into_owned()
    });
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None if start.elapsed() > most => {
                end(&mut child);
                let what = format!(
                    "building it took more than {} seconds and was ended: split the document's largest handlers into functions, use another \
                     backend, or give it longer with STATEWRIGHT_BUILD_SECONDS",
                    most.as_secs()
                );
                return Err(Fault::NotBuilt { what });
            }
            None => std::thread::sleep(POLL),
        }
    };
    Ok((status.success(), reader.join().unwrap_or_default()))
}

/// Ends it and the compilers that it started, which would go on without it.
fn end(child: &mut Child) {
    let started = descendants(child.id());
    let _gone = child.kill().and_then(|()| child.wait());
    if !started.is_empty() {
        let started = started.iter().map(u32::to_string);
        let _ended = Command::new("kill").arg("-KILL").args(started).stderr(Stdio::null()).status();
    }
}

/// All that a process started, and what that did; none where nobody tells.
fn descendants(of: u32) -> Vec<u32> {
    let Ok(listed) = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output() else { return Vec::new() };
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let pair = |line: &str| {
        let (own, parent) = line.trim().split_once(char::is_whitespace)?;
        Some((own.parse::<u32>().ok()?, parent.trim().parse::<u32>().ok()?))
    };
    let all: Vec<(u32, u32)> = text.lines().filter_map(pair).collect();
    let (mut found, mut next) = (vec![of], 0);
    while let Some(parent) = found.get(next).copied() {
        found.extend(all.iter().filter(|(_, of)| *of == parent).map(|(own, _)| *own));
        next += 1;
    }
    found.split_off(1)
}
