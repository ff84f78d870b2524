//! The copy of the sources that the faults are planted in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::list::Planted;
use super::plant::{Lost, plant};
use super::text_of;
use crate::Fault;

/// Where the function that tells the chosen fault is added, and that function.
const CHOOSER_FILE: &str = "types/src/lib.rs";
const CHOOSER: &str = r#"
#[doc(hidden)]
#[allow(missing_docs)]
pub mod fault {
    static CHOSEN: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
        std::env::var("STATEWRIGHT_FAULT").ok().and_then(|number| number.parse().ok()).unwrap_or(0)
    });
    pub fn planted(number: u32) -> bool {
        *CHOSEN == number
    }
}
"#;

/// How planting went.
#[derive(Debug, Default)]
pub struct Planting {
    /// Numbers of the faults that are in the copy.
    pub placed: BTreeSet<u32>,
    /// Those that are not.
    pub lost: Vec<Lost>,
}

/// Brings the copy of the sources at `to` up to date. Files that stay the same are not written, so that only what
/// changed is built.
pub fn make(root: &Path, to: &Path, files: &[String], faults: &[Planted]) -> Result<Planting, Fault> {
    let mut by_file: BTreeMap<&str, Vec<&Planted>> = BTreeMap::new();
    for fault in faults {
        by_file.entry(&fault.file).or_default().push(fault);
    }
    let mut planting = Planting::default();
    for (file, faults) in &by_file {
        if !files.iter().any(|other| other == file) {
            let why = format!("there is no file {file} any more; mend the entry");
            planting.lost.extend(faults.iter().map(|fault| Lost { number: fault.number, why: why.clone() }));
        }
    }
    let copied: BTreeSet<&str> =
        files.iter().map(String::as_str).filter(|file| !file.starts_with("tests/conformance/")).collect();
    clear(to, &copied)?;
    for file in copied {
        let mut bytes = std::fs::read(root.join(file)).map_err(|error| format!("cannot read {file}: {error}"))?;
        if let Some(faults) = by_file.get(file) {
            let text = text_of(&root.join(file))?;
            let (text, lost) = plant(&text, chooser_path(file), faults);
            planting.placed.extend(faults.iter().map(|fault| fault.number));
            planting.lost.extend(lost);
            bytes = text.into_bytes();
        }
        if file == CHOOSER_FILE {
            bytes.extend(CHOOSER.as_bytes());
        }
        put(&to.join(file), &bytes)?;
    }
    for lost in &planting.lost {
        planting.placed.remove(&lost.number);
    }
    planting.lost.sort_by_key(|lost| lost.number);
    Ok(planting)
}

/// Removes what the copy at `to` has besides `files`: an earlier version's files would be built too.
fn clear(to: &Path, files: &BTreeSet<&str>) -> Result<(), Fault> {
    let mut folders = vec![to.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if !belongs(&path, to, files) {
                std::fs::remove_file(&path).map_err(|error| format!("cannot remove {}: {error}", path.display()))?;
            }
        }
    }
    Ok(())
}

fn belongs(path: &Path, to: &Path, files: &BTreeSet<&str>) -> bool {
    let Ok(inner) = path.strip_prefix(to) else { return false };
    let steps: Vec<_> = inner.iter().map(|step| step.to_string_lossy()).collect();
    files.contains(steps.join("/").as_str())
}

fn chooser_path(file: &str) -> &'static str {
    if file.starts_with("types/") { "crate::fault::planted" } else { "::statewright_types::fault::planted" }
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    if std::fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, bytes))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_longer_there_leaves_the_copy() {
        let folder = std::env::temp_dir().join(format!("statewright-copy-{}", std::process::id()));
        let (root, to) = (folder.join("root"), folder.join("copy"));
        put(&root.join("a/kept.rs"), b"kept").unwrap();
        put(&to.join("a/kept.rs"), b"old").unwrap();
        put(&to.join("a/gone.rs"), b"gone").unwrap();
        make(&root, &to, &["a/kept.rs".to_owned()], &[]).unwrap();
        assert_eq!(text_of(&to.join("a/kept.rs")).unwrap(), "kept");
        assert!(!to.join("a/gone.rs").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
