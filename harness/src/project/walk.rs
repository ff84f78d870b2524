//! Files under a path.

use std::path::{Path, PathBuf};

use super::fault::Fault;

/// How deep folders are searched.
const DEPTH: usize = 32;

/// A file as it is, whatever it is called; of a folder all files in it and below whose names are `wanted`, in the order of
/// their paths, but not in hidden folders, `target` and `node_modules`. Links to folders are not followed.
pub fn files(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, Fault> {
    let metadata = std::fs::metadata(path).map_err(|source| Fault::Read { path: path.to_owned(), source })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|source| Fault::Read { path: folder.clone(), source })?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && depth < DEPTH && !name.starts_with('.') && name != "target" && name != "node_modules" {
                folders.push((entry.path(), depth + 1));
            } else if !kind.is_dir() && wanted(&name) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
