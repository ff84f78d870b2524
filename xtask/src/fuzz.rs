//! `cargo xtask fuzz`: the differential harness ([docs/differential.md](../../docs/differential.md)), built and run.
//!
//! Hunts that last (`--minutes`) are built for release, short ones as tests are. `--planted` hunts planted faults, which only a
//! build of their own has.

use std::process::Command;

use crate::{Fault, Verdict, repository};

/// The package, and its command.
const PACKAGE: &str = "statewright-differential";

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let profile = if has("--minutes") { "release" } else { "quick" };
    let mut cargo = Command::new("cargo");
    cargo.current_dir(repository::root()?).args(["run", "--quiet", "--profile", profile, "--package", PACKAGE]);
    if has("--planted") {
        cargo.args(["--features", "planted"]);
    }
    let status = cargo.arg("--").args(args).status().map_err(|error| format!("fuzz: cannot run cargo: {error}"))?;
    match status.code() {
        Some(0) => Ok(Verdict::Fine),
        Some(1) => Ok(Verdict::Findings),
        _ => Err("fuzz: the harness did not build or run".into()),
    }
}
