//! The built `statewright` command, asked as anybody would ask it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::Fault;
use crate::building::Program;

/// A `statewright` binary.
pub struct Statewright {
    binary: PathBuf,
}

impl Statewright {
    /// The binary at `path`, relative to the current folder.
    pub fn at(path: &Path) -> Result<Statewright, Fault> {
        let binary = path
            .canonicalize()
            .map_err(|error| format!("{}: {error}; name a built `statewright` binary", path.display()))?;
        Ok(Statewright { binary })
    }

    /// Builds the command in the repository at `root`, in the profile that the tests share.
    pub fn build(root: &Path) -> Result<Statewright, Fault> {
        let program = Program { package: "statewright-cli", binary: "statewright", profile: "quick", features: &[] };
        Statewright::at(&program.build(root)?)
    }

    /// Where the binary is; absolute.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Runs it in `folder` and waits.
    pub fn output<S: AsRef<OsStr>>(&self, folder: &Path, args: &[S]) -> Result<Output, Fault> {
        Command::new(&self.binary)
            .args(args)
            .current_dir(folder)
            .output()
            .map_err(|error| format!("cannot start {}: {error}", self.binary.display()))
    }
}
