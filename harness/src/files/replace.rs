//! A file's content, replaced as a whole: whatever happens in between, the old content or the new is there.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Files, Writer};
use crate::project::Fault;

/// What follows the file's name in the name of one that is being written; numbers and this come after it.
const TEMPORARY: &str = ".tmp";
/// What the name of an older file ends with, after the file's name and a number.
const OLDER: &str = ".old";
/// How many names are tried for a temporary file.
const TRIES: usize = 100;

/// Gives `path` the content `bytes`, by a temporary file in the same folder: written, synchronised, renamed, and the folder
/// synchronised. A crash at any point leaves the old content or the new, whole; what it leaves besides is removed by the next
/// call. With `keep` above 0 the old content stays beside it as `NAME.N.old`, N counting up; the latest `keep` of them are kept.
///
/// # Errors
/// [`Fault::Write`]. The old content is still there then, unless the very last step failed: then either may be there after
/// a crash.
pub fn replace(files: &dyn Files, path: &Path, bytes: &[u8], keep: usize) -> Result<(), Fault> {
    let place = Place::of(path).map_err(|source| fault(path, source))?;
    place.clean(files);
    // The writer lives until the file has its name, so that nobody else takes it for abandoned.
    let (temporary, writer) = place.write(files, bytes).map_err(|source| fault(path, source))?;
    let put = place.put(files, &temporary, keep);
    if put.is_err() {
        // If this fails too, the next call cleans up.
        let _ = files.remove(&temporary);
    }
    drop(writer);
    put.map_err(|source| fault(path, source))?;
    files.sync_folder(place.folder).map_err(|source| fault(path, source))?;
    if keep > 0 {
        place.forget(files, keep);
    }
    Ok(())
}

/// Older contents of `path` that [`replace`] kept, the latest first.
///
/// # Errors
/// [`Fault::Read`] of the folder.
pub fn older(files: &dyn Files, path: &Path) -> Result<Vec<PathBuf>, Fault> {
    let read = |source| Fault::Read { path: path.to_owned(), source };
    let place = Place::of(path).map_err(read)?;
    let mut numbers = place.older(files).map_err(read)?;
    numbers.reverse();
    Ok(numbers.into_iter().map(|number| place.old(number)).collect())
}

fn fault(path: &Path, source: io::Error) -> Fault {
    Fault::Write { path: path.to_owned(), source }
}

/// A file by its folder and its name in it.
struct Place<'a> {
    path: &'a Path,
    folder: &'a Path,
    name: &'a str,
}

impl<'a> Place<'a> {
    fn of(path: &'a Path) -> io::Result<Place<'a>> {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name else {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it names no file, or not in UTF-8"));
        };
        Ok(Place { path, folder: path.parent().unwrap_or(Path::new("")), name })
    }

    fn old(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{}.{number}{OLDER}", self.name))
    }

    /// Numbers of older contents, ascending.
    fn older(&self, files: &dyn Files) -> io::Result<Vec<u64>> {
        let number = |name: String| {
            let number = name.strip_prefix(self.name)?.strip_prefix('.')?.strip_suffix(OLDER)?;
            number.parse().ok().filter(|parsed: &u64| parsed.to_string() == number)
        };
        let mut numbers: Vec<u64> = files.names(self.folder)?.into_iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Removes what earlier calls left in the middle. What cannot be removed does no harm.
    fn clean(&self, files: &dyn Files) {
        let prefix = format!(".{}.", self.name);
        for name in files.names(self.folder).unwrap_or_default() {
            let middle = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(TEMPORARY));
            let ours = middle.is_some_and(|middle| middle.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
            let path = self.folder.join(&name);
            if ours && files.is_abandoned(&path).unwrap_or(false) {
                let _ = files.remove(&path);
            }
        }
    }

    /// The content in a temporary file, on the disk.
    fn write(&self, files: &dyn Files, bytes: &[u8]) -> io::Result<(PathBuf, Box<dyn Writer>)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut tries = 0;
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!(".{}.{}-{number}{TEMPORARY}", self.name, std::process::id());
            let path = self.folder.join(name);
            let mut writer = match files.create(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists && tries < TRIES => {
                    tries += 1;
                    continue;
                }
                created => created?,
            };
            if let Err(error) = writer.write(bytes).and_then(|()| writer.sync()) {
                let _ = files.remove(&path);
                return Err(error);
            }
            return Ok((path, writer));
        }
    }

    /// The temporary file in the place of the file, whose content gets another name if it is to be kept.
    fn put(&self, files: &dyn Files, temporary: &Path, keep: usize) -> io::Result<()> {
        if keep > 0 {
            let last = self.older(files)?.last().copied().unwrap_or(0);
            match files.link(self.path, &self.old(last.saturating_add(1))) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                linked => linked?,
            }
        }
        files.rename(temporary, self.path)
    }

    /// Removes all older contents but the latest. What cannot be removed now is removed by the next call.
    fn forget(&self, files: &dyn Files, keep: usize) {
        let numbers = self.older(files).unwrap_or_default();
        let many = numbers.len().saturating_sub(keep);
        for number in numbers.into_iter().take(many) {
            let _ = files.remove(&self.old(number));
        }
    }
}
