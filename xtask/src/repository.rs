//! Where the repository is, and which files belong to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Fault;

/// What is built beside the command or the editor: the package that asks for the features of all, so that nothing foreign is built
/// again that the tests have built.
pub const UNIFIED: [&str; 2] = ["--package", "statewright-unified"];

/// The root of this repository.
pub fn root() -> Result<PathBuf, Fault> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).ok_or_else(|| format!("{} has no parent folder", here.display()))
}

/// Every file that is tracked, or new and not ignored: paths from `root` with `/`, sorted.
pub fn files(root: &Path) -> Result<Vec<String>, Fault> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot list the repository's files: git: {error}; install git"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cannot list the repository's files: {}; work in a git clone", reason.trim()));
    }
    let listing = String::from_utf8_lossy(&output.stdout);
    let mut files: Vec<String> =
        listing.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}
