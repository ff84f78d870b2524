//! The crates that a built program needs: those of a workspace on this machine, or an archive that the command carries.

use std::collections::BTreeSet;
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
    /// Files, one after the other, as cli/build.rs puts them.
    Archive(&'static [u8]),
}

/// The name of a version of the crates in an archive, and the folder below `cache` that they are unpacked in.
pub(super) fn place(archive: &[u8], cache: &Path) -> (PathBuf, String) {
    let name: String = hex(&Sha256::digest(archive)).chars().take(16).collect();
    (cache.join(format!("sources-{name}")), name)
}

/// Makes the folder hold exactly the files of an archive: what is missing or was changed is written again.
///
/// # Errors
/// A file that is not of the archive: cargo might take it for a part of the crates.
pub fn unpack(archive: &[u8], folder: &Path) -> Result<(), Fault> {
    let mut all = files(archive)?;
    // The crates' own build scripts look for it.
    all.push((".unpacked", b""));
    lay_out(folder, &all)
}

/// Makes a folder hold exactly these files.
pub(super) fn lay_out(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), Fault> {
    for (path, content) in files {
        write(&folder.join(path), content)?;
    }
    let known: BTreeSet<&Path> = files.iter().map(|(path, _)| Path::new(*path)).collect();
    let mut folders = vec![folder.to_owned()];
    while let Some(open) = folders.pop() {
        let entries = fs::read_dir(&open).map_err(|source| Fault::Read { path: open.clone(), source })?;
        for entry in entries.flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && path.strip_prefix(folder).is_ok_and(|path| known.contains(path)) => {}
                _ => {
                    let what = format!(
                        "{} is none of the files that are built: it was put there. Remove {} to have them written anew",
                        path.display(),
                        folder.display()
                    );
                    return Err(Fault::NotBuilt { what });
                }
            }
        }
    }
    Ok(())
}

/// The files of an archive. Each is a line with its path and its length in bytes, and then its content.
fn files(archive: &[u8]) -> Result<Vec<(&str, &[u8])>, Fault> {
    let broken = || Fault::NotBuilt { what: "the archive of sources in the command is broken".to_owned() };
    let mut rest = archive;
    let mut files = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
        let head = std::str::from_utf8(rest.get(..end).unwrap_or_default()).map_err(|_| broken())?;
        let (path, length) = head.rsplit_once(' ').ok_or_else(broken)?;
        let length: usize = length.parse().map_err(|_| broken())?;
        let content = rest.get(end + 1..).and_then(|rest| rest.get(..length)).ok_or_else(broken)?;
        if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(broken());
        }
        files.push((path, content));
        rest = rest.get(end + 1 + length..).unwrap_or_default();
    }
    Ok(files)
}

/// Writes a file and the folders that it is in, unless it has that content.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), Fault> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, content));
    written.map_err(|source| Fault::Write { path: path.to_owned(), source })
}
