//! Versions of a file that git has. The `git` program is asked; nothing is changed.

use std::path::Path;
use std::process::Command;

/// A version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// What git calls it.
    pub hash: String,
    /// When and what it was about.
    pub title: String,
}

/// Versions that are listed.
const LISTED: &str = "-n50";

fn git(path: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.trim().trim_start_matches("fatal: ").to_owned())
}

fn name(path: &Path) -> Result<String, String> {
    let name = path.file_name().ok_or("the document has no file")?;
    Ok(format!("./{}", name.to_string_lossy()))
}

/// Versions of a file, the newest first.
///
/// # Errors
/// What git says: that this is no repository, that there is no git.
pub fn revisions(path: &Path) -> Result<Vec<Revision>, String> {
    let out = git(path, &["log", LISTED, "--format=%h%x09%ad  %s", "--date=short", "--", &name(path)?])?;
    let text = String::from_utf8_lossy(&out).into_owned();
    let revision = |line: &str| {
        let (hash, title) = line.split_once('\t')?;
        Some(Revision { hash: hash.to_owned(), title: title.to_owned() })
    };
    Ok(text.lines().filter_map(revision).collect())
}

/// The newest version that both a version and what is checked out come from.
///
/// # Errors
/// What git says: that they have none in common.
pub fn ancestor(path: &Path, revision: &str) -> Result<String, String> {
    if revision.starts_with('-') {
        return Err(format!("`{revision}` is no version"));
    }
    let out = git(path, &["merge-base", "HEAD", revision])?;
    Ok(String::from_utf8_lossy(&out).trim().to_owned())
}

/// What a file said in a version.
///
/// # Errors
/// What git says: that there is no such version, or no such file in it.
pub fn show(path: &Path, revision: &str) -> Result<String, String> {
    if revision.starts_with('-') {
        return Err(format!("`{revision}` is no version"));
    }
    let out = git(path, &["show", &format!("{revision}:{}", name(path)?)])?;
    let text = String::from_utf8(out).map_err(|_| "that version is no text in UTF-8".to_owned())?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
