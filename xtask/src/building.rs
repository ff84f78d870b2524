//! Programs of this repository, built so that what they share is built once.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Fault;
use crate::repository::UNIFIED;

/// A program to build.
pub struct Program<'a> {
    /// The package that it is of.
    pub package: &'a str,
    /// Its name.
    pub binary: &'a str,
    /// How it is built: `quick` as tests are, `release` to be measured.
    pub profile: &'a str,
    /// Features beside the default ones, as `package/feature`.
    pub features: &'a [&'a str],
}

impl Program<'_> {
    /// Builds it in the repository at `root`; where it is.
    pub fn build(&self, root: &Path) -> Result<PathBuf, Fault> {
        let Program { package, binary, profile, features } = self;
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--profile", profile, "--package", package]).args(UNIFIED).current_dir(root);
        for feature in *features {
            cargo.args(["--features", feature]);
        }
        let status = cargo.status().map_err(|error| format!("cannot start cargo: {error}"))?;
        if !status.success() {
            return Err(format!("{binary} does not build; mend `cargo build --profile {profile} -p {package}`"));
        }
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Ok(root.join(target).join(profile).join(format!("{binary}{}", std::env::consts::EXE_SUFFIX)))
    }
}
