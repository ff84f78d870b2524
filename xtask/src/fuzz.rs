//! `cargo xtask fuzz`: the differential harness ([docs/differential.md](../../docs/differential.md)), built and run.
//!
//! Hunts that last (`--minutes`) are built for release, short ones as tests are. `--planted` hunts planted faults, which only a
//! build of their own has.

use std::process::Command;

use crate::building::Program;
use crate::{Fault, Verdict, repository};

/// The package, and its program.
const PACKAGE: &str = "statewright-differential";

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let profile = if has("--minutes") { "release" } else { "quick" };
    let features: &[&str] = if has("--planted") { &["statewright-differential/planted"] } else { &[] };
    let root = repository::root()?;
    let binary = Program { package: PACKAGE, binary: PACKAGE, profile, features }.build(&root)?;
    let status = Command::new(&binary).current_dir(&root).args(args).status();
    let status = status.map_err(|error| format!("fuzz: cannot start {}: {error}", binary.display()))?;
    match status.code() {
        Some(0) => Ok(Verdict::Fine),
        Some(1) => Ok(Verdict::Findings),
        _ => Err("fuzz: the harness did not run to its end".into()),
    }
}
