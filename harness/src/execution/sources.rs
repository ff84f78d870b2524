//! The crates that a built program needs: those of a workspace on this machine, or an archive that the command carries.

use std::fs;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::play::hex;
use crate::project::Fault;

/// Where the crates come from.
#[derive(Clone, Debug)]
pub enum Sources {
    /// This repository at a folder: a package of its workspace that is made for it, `tests/batch`, so that nothing is compiled twice.
    Workspace(PathBuf),
    /// Files, one after the other; see [`unpack`].
    Archive(&'static [u8]),
}

/// The folder of the crates in an archive, unpacked below `cache` unless it is there, and a name for this version of them.
pub(super) fn unpacked(archive: &[u8], cache: &Path) -> Result<(PathBuf, String), Fault> {
    let name: String = hex(&Sha256::digest(archive)).chars().take(16).collect();
    let folder = cache.join(format!("sources-{name}"));
    let done = folder.join(".unpacked");
    if !done.exists() {
        unpack(archive, &folder)?;
        write(&done, b"")?;
    }
    Ok((folder, name))
}

/// Writes the files of an archive. Each is a line with its path and its length in bytes, and then its content.
pub fn unpack(archive: &[u8], folder: &Path) -> Result<(), Fault> {
    let broken = || Fault::NotBuilt { what: "the archive of sources in the command is broken".to_owned() };
    let mut rest = archive;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
        let head = std::str::from_utf8(rest.get(..end).unwrap_or_default()).map_err(|_| broken())?;
        let (path, length) = head.rsplit_once(' ').ok_or_else(broken)?;
        let length: usize = length.parse().map_err(|_| broken())?;
        let content = rest.get(end + 1..).and_then(|rest| rest.get(..length)).ok_or_else(broken)?;
        let is_inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if !is_inside {
            return Err(broken());
        }
        write(&folder.join(path), content)?;
        rest = rest.get(end + 1 + length..).unwrap_or_default();
    }
    Ok(())
}

/// Writes a file and the folders that it is in, unless it has that content.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), Fault> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, content));
    written.map_err(|source| Fault::Write { path: path.to_owned(), source })
}
