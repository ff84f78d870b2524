//! `cargo xtask hostile`: time and memory of each document of tests/robustness/hostile.rs, each in a process of its own,
//! built for release.
//!
//! A document that takes longer than a second or more than 64 MiB is a finding. Time is the processor's, memory the
//! highest that was seen while the process ran (Linux only), both with what the test needs to make the document. With `--on jit` documents
//! are compiled and run as machine code, with `--on rust` and `--on js` they are translated; each may then take 4 seconds and 192 MiB.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Fault, Verdict, repository};

/// What a document may take.
struct Most {
    time: Duration,
    kib: u64,
}

const INTERPRETED: Most = Most { time: Duration::from_secs(1), kib: 64 << 10 };
const COMPILED: Most = Most { time: Duration::from_secs(4), kib: 192 << 10 };
/// A process that runs for longer is stopped.
const PATIENCE: Duration = Duration::from_secs(60);
/// A test has fewer documents.
const DOCUMENTS: usize = 200;

/// What a document took.
struct Taken {
    time: Duration,
    kib: u64,
    /// Whether there was such a document.
    is_there: bool,
    /// How it ended, if badly.
    trouble: Option<String>,
}

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    let (on, args) = match args {
        [flag, on, rest @ ..] if flag == "--on" => match on.as_str() {
            "interpreter" | "jit" | "rust" | "js" => (on.as_str(), rest),
            _ => return Err(format!("hostile: `{on}` is no execution; name `interpreter`, `jit`, `rust` or `js`")),
        },
        args => ("interpreter", args),
    };
    let most = if on == "interpreter" { INTERPRETED } else { COMPILED };
    let (all, filter) = match args {
        [] => (false, ""),
        [flag] if flag == "--all" => (true, ""),
        [filter] => (true, filter.as_str()),
        _ => {
            let what = "hostile: it takes `--on EXECUTION`, and then `--all`, to print every document, or a part of a test's name";
            return Err(what.into());
        }
    };
    let root = repository::root()?;
    let tests = build(&root)?;
    let (mut met, mut above) = (0usize, 0usize);
    for name in names(&tests)?.iter().filter(|name| name.contains(filter)) {
        for document in 0..DOCUMENTS {
            let taken = measure(&tests, name, document, on)?;
            if !taken.is_there {
                break;
            }
            met += 1;
            let is_above = taken.time > most.time || taken.kib > most.kib || taken.trouble.is_some();
            above += usize::from(is_above);
            if is_above || all {
                let trouble = taken.trouble.unwrap_or_default();
                let (ms, mib) = (taken.time.as_millis(), taken.kib >> 10);
                println!("{ms:>7} ms {mib:>5} MiB  {name}, document {document} {trouble}");
            }
        }
    }
    println!("{met} documents, {above} above {} ms or {} MiB", most.time.as_millis(), most.kib >> 10);
    Ok(if above == 0 { Verdict::Fine } else { Verdict::Findings })
}

/// Builds the tests; where they are.
fn build(root: &Path) -> Result<PathBuf, Fault> {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--release", "--no-run", "--message-format", "json"])
        .args(["--package", "statewright-tests", "--test", "robustness"])
        .args(repository::UNIFIED)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut binaries = text.lines().filter(|line| line.contains("\"robustness\"")).filter_map(|line| {
        let (_, after) = line.split_once("\"executable\":\"")?;
        after.split_once('"').map(|(path, _)| PathBuf::from(path))
    });
    binaries
        .next_back()
        .ok_or_else(|| "the tests do not build; mend `cargo test --release -p statewright-tests`".into())
}

fn names(tests: &Path) -> Result<Vec<String>, Fault> {
    let output = Command::new(tests)
        .args(["hostile::", "--list"])
        .output()
        .map_err(|error| format!("cannot start {}: {error}", tests.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

fn measure(tests: &Path, name: &str, document: usize, on: &str) -> Result<Taken, Fault> {
    let start = Instant::now();
    let mut child = Command::new(tests)
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env("STATEWRIGHT_HOSTILE", document.to_string())
        .env("STATEWRIGHT_HOSTILE_ON", on)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot start {}: {error}", tests.display()))?;
    let (mut kib, mut time) = (0, Duration::ZERO);
    let status = loop {
        kib = kib.max(peak_kib(&child));
        time = time.max(busy(&child));
        match child.try_wait().map_err(|error| format!("cannot wait for {name}: {error}"))? {
            Some(status) => break Some(status),
            None if start.elapsed() > PATIENCE => {
                let _gone = child.kill().and_then(|()| child.wait());
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let mut said = String::new();
    if let Some(mut output) = child.stdout.take() {
        // What is not UTF-8 is none of ours.
        let _read = output.read_to_string(&mut said);
    }
    let trouble = match status {
        Some(status) if status.success() => None,
        Some(status) => Some(format!("({status})")),
        None => Some("(stopped)".to_owned()),
    };
    Ok(Taken { time, kib, is_there: said.contains("hostile: measured") || status.is_none(), trouble })
}

/// How long the process has run on a processor so far, in steps of 10 ms.
fn busy(child: &Child) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    // Behind the name, which may hold anything, the 12th and 13th are the ticks in the program and for it.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(10 * ticks)
}

/// The most memory that the process has held so far, or 0 where nobody says.
fn peak_kib(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
