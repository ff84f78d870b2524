//! What was not saved, in a folder that the host chooses: the text that a document was opened with, and every change since.
//!
//! A journal is lines of JSON: the first says of which file it is and what that said, each other one is a change. A line that a
//! crash cut off is left out. A journal that its program ended is removed; one that nobody has open is to be recovered.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use statewright_graph::document::SourceDocument;
use statewright_harness::files::{Files, Writer};
use statewright_harness::project::Fault;
use statewright_types::{Limits, Value, json};

use super::Open;
use crate::patch::{Change, Patch};

/// What names of journals end with.
const ENDING: &str = ".recovery";
/// A journal with more changes than this begins anew, with the text as it is then.
const CHANGES: usize = 2_000;

/// The journal of one open document.
pub struct Journal {
    folder: PathBuf,
    path: PathBuf,
    writer: Box<dyn Writer>,
    changes: usize,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("path", &self.path).field("changes", &self.changes).finish_non_exhaustive()
    }
}

/// A document that was not saved when its program ended.
#[derive(Debug)]
pub struct Recovered {
    /// The journal, to be removed when the user has decided.
    pub journal: PathBuf,
    /// The document, with its unsaved changes as one step of its history.
    pub open: Open,
}

impl Journal {
    /// Begins a journal of a document.
    ///
    /// # Errors
    /// [`Fault::Write`]. Editing goes on without.
    pub fn begin(files: &dyn Files, folder: &Path, open: &mut Open) -> Result<Journal, Fault> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{}-{number}{ENDING}", std::process::id()));
        let failed = |source| Fault::Write { path: path.clone(), source };
        let mut writer = files.create(&path).map_err(failed)?;
        let file = open.path.as_ref().map_or(Value::Null, |path| Value::str(path.to_string_lossy().as_ref()));
        // The disk's text is what a recovered document is compared with.
        let disk = open.on_disk.clone().map_or(Value::Null, Value::Str);
        let head = Value::map([
            ("statewright", Value::str("recovery")),
            ("version", Value::Int(1)),
            ("file", file),
            ("mark", Value::Bool(open.has_mark)),
            ("disk", disk),
            ("text", Value::str(open.text())),
        ]);
        let line = format!("{}\n", json::to_string(&head));
        writer.write(line.as_bytes()).and_then(|()| writer.sync()).map_err(failed)?;
        open.unkept = None;
        Ok(Journal { folder: folder.to_owned(), path, writer, changes: 0 })
    }

    /// Writes what changed since the last call. To be called every few seconds; costs nothing if nothing changed.
    ///
    /// # Errors
    /// [`Fault::Write`] (a full disk): the next call tries again.
    pub fn keep(&mut self, files: &dyn Files, open: &mut Open) -> Result<(), Fault> {
        let Some(change) = &open.unkept else { return Ok(()) };
        if self.changes >= CHANGES {
            return self.restart(files, open);
        }
        let line = format!("{}\n", json::to_string(&to_value(change)));
        let written = self.writer.write(line.as_bytes()).and_then(|()| self.writer.sync());
        if let Err(source) = written {
            // Half a line may be there: what follows in this journal could not be read.
            self.changes = CHANGES;
            return Err(Fault::Write { path: self.path.clone(), source });
        }
        self.changes += 1;
        open.unkept = None;
        Ok(())
    }

    /// Begins anew, from the document as it is: after saving.
    ///
    /// # Errors
    /// [`Fault::Write`]. The old journal is still there then.
    pub fn restart(&mut self, files: &dyn Files, open: &mut Open) -> Result<(), Fault> {
        let unkept = open.unkept.clone();
        match Journal::begin(files, &self.folder.clone(), open) {
            Ok(new) => {
                let old = std::mem::replace(self, new);
                old.end(files);
                Ok(())
            }
            Err(fault) => {
                open.unkept = unkept;
                Err(fault)
            }
        }
    }

    /// The document was closed: there is nothing to recover.
    pub fn end(self, files: &dyn Files) {
        drop(self.writer);
        // If it stays, the next start asks about it: nothing is lost.
        let _ = files.remove(&self.path);
    }
}

/// Documents whose programs ended without closing them. Journals that cannot be read are left alone.
pub fn recoverable(files: &dyn Files, folder: &Path) -> Vec<Recovered> {
    let mut names = files.names(folder).unwrap_or_default();
    names.retain(|name| name.ends_with(ENDING));
    names.sort();
    let paths = names.into_iter().map(|name| folder.join(name));
    let abandoned = paths.filter(|path| files.is_abandoned(path).unwrap_or(false));
    abandoned.filter_map(|journal| Some(Recovered { open: recover(files, &journal)?, journal })).collect()
}

/// Removes the journal of a recovered document.
pub fn forget(files: &dyn Files, recovered: &Path) {
    let _ = files.remove(recovered);
}

fn recover(files: &dyn Files, path: &Path) -> Option<Open> {
    // The texts are escaped, and there are many changes.
    let bytes = files.read(path, Limits::FILE_BYTES as u64 * 16).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    let head = parsed(lines.next()?)?;
    if head.get("statewright") != Some(&Value::str("recovery")) || head.get("version") != Some(&Value::Int(1)) {
        return None;
    }
    let string = |key: &str| match head.get(key) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let first = string("text")?;
    let mut now = first.to_string();
    for change in lines.map_while(|line| from_value(&parsed(line)?)) {
        let Some(next) = change.apply(&now) else { break };
        now = next;
    }
    let disk = string("disk");
    // With a file behind it, all that is not in the file is one step, which can be undone.
    let base = disk.clone().unwrap_or(first);
    let mut open = Open::new(SourceDocument::parse(&base).or_else(|_| SourceDocument::parse(&now)).ok()?);
    let change = Change::between(open.text(), &now);
    open.path = string("file").map(|path| PathBuf::from(&*path));
    open.has_mark = head.get("mark") == Some(&Value::Bool(true));
    open.on_disk = disk;
    open.change("Recovered changes", change, None).ok()?;
    Some(open)
}

fn parsed(line: &str) -> Option<Value> {
    let tree = json::parse(Arc::<str>::from(line)).ok()?;
    Some(tree.value(tree.root()))
}

fn to_value(change: &Change) -> Value {
    let patch = |patch: &Patch| {
        let at = i64::try_from(patch.at).unwrap_or(i64::MAX);
        Value::List(vec![Value::Int(at), Value::str(patch.old.as_str()), Value::str(patch.new.as_str())])
    };
    Value::List(change.patches().iter().map(patch).collect())
}

fn from_value(value: &Value) -> Option<Change> {
    let Value::List(patches) = value else { return None };
    let patch = |value: &Value| match (value.at(0)?, value.at(1)?, value.at(2)?) {
        (Value::Int(at), Value::Str(old), Value::Str(new)) => {
            Some(Patch { at: usize::try_from(*at).ok()?, old: old.to_string(), new: new.to_string() })
        }
        _ => None,
    };
    Change::from_patches(patches.iter().map(patch).collect::<Option<Vec<_>>>()?)
}
