//! Test files under a path.

use std::path::{Path, PathBuf};

use crate::project::{Fault, walk};

/// How test files end.
const SUFFIX: &str = ".test.json";

/// A file as it is; of a folder all `*.test.json` in it and below (see [`walk::files`]), at least one.
pub fn discover(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    let found = walk::files(path, |name| name.ends_with(SUFFIX))?;
    if found.is_empty() {
        return Err(Fault::NoTests { path: path.to_owned() });
    }
    Ok(found)
}
