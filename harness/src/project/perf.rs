//! Names of compiled code for the profiler `perf`: it reads them from one file for each process, `/tmp/perf-PID.map`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::fault::Fault;

/// Where names go, if they are wanted: there is one such file for a process, whatever is compiled in it.
static MAP: Mutex<Option<(PathBuf, File)>> = Mutex::new(None);

/// From now on what is compiled is entered into the file, whose path comes back.
///
/// # Errors
/// The file cannot be made.
pub fn begin() -> Result<PathBuf, Fault> {
    let path = PathBuf::from(format!("/tmp/perf-{}.map", std::process::id()));
    let failed = |source| Fault::Write { path: path.clone(), source };
    // One that a process of the same number left. Everybody may write into that folder, so the new one must not be somebody else's link.
    match fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(failed(source)),
        _ => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
    *MAP.lock().unwrap_or_else(PoisonError::into_inner) = Some((path.clone(), file));
    Ok(path)
}

/// Enters the functions of a program, if anybody wants that.
pub(super) fn add<'l>(lines: impl FnOnce() -> &'l str) -> Result<(), Fault> {
    match &mut *MAP.lock().unwrap_or_else(PoisonError::into_inner) {
        Some((path, file)) => {
            file.write_all(lines().as_bytes()).map_err(|source| Fault::Write { path: path.clone(), source })
        }
        None => Ok(()),
    }
}
