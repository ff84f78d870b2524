//! Reading and saving documents. A file that changed underneath is merged where the changes do not touch, and else asked
//! about; what cannot be read is said with what to do.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use statewright_graph::document::{SourceDocument, codes};
use statewright_harness::files::{Files, replace};
use statewright_harness::project::Fault;
use statewright_types::{Diagnostic, Limits, json};

use super::Open;
use crate::diff::lines::by_lines;
use crate::patch::Change;
use crate::refused::Refused;

/// The byte order mark that some programs begin UTF-8 files with.
const MARK: &str = "\u{feff}";

/// Why a file is not opened as a document. It stays as it is.
#[derive(Debug)]
pub enum Unreadable {
    /// It cannot be read, is too large, or is no text.
    File(Fault),
    /// It is no JSON, or JSON of another format. It can be shown as text.
    Foreign {
        /// What it says.
        text: Arc<str>,
        /// What is wrong with it, each with what to do.
        problems: Vec<Diagnostic>,
    },
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unreadable::File(fault) => fault.fmt(f),
            Unreadable::Foreign { problems, .. } => match problems.first() {
                Some(problem) => match &problem.help {
                    Some(help) => write!(f, "this is no document: {}; {help}", problem.message),
                    None => write!(f, "this is no document: {}", problem.message),
                },
                None => f.write_str("this is no document; open a JSON file with handlers or functions"),
            },
        }
    }
}

impl std::error::Error for Unreadable {}

/// What is on the disk, compared with what was last read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnDisk {
    /// The same.
    Same,
    /// No such file any more.
    Gone,
    /// Another text.
    Changed(Arc<str>),
}

/// What saving or looking at the disk came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Written, or nothing to do.
    Done,
    /// The file had changed: its changes are a step of the history now, besides one's own.
    Merged,
    /// The file had changed where the document did too. Nothing was done: see [`Open::settle`].
    Asks(Clash),
}

/// A file and a document that changed at the same places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// What both were.
    pub base: Arc<str>,
    /// What the document says.
    pub ours: Arc<str>,
    /// What the file says.
    pub theirs: Arc<str>,
}

/// What is to become of a clash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The document stays as it is; saving puts it in the place of the file.
    Ours,
    /// The document becomes what the file says; undoing brings it back.
    Theirs,
}

/// Reads a text file: without its byte order mark, and whether it had one.
///
/// # Errors
/// [`Fault::Read`], [`Fault::TooLarge`], [`Fault::NotText`].
pub fn read_text(files: &dyn Files, path: &Path) -> Result<(Arc<str>, bool), Fault> {
    let limit = Limits::FILE_BYTES;
    let bytes = files.read(path, limit as u64).map_err(|source| match source.kind() {
        ErrorKind::FileTooLarge => Fault::TooLarge { path: path.to_owned(), limit },
        _ => Fault::Read { path: path.to_owned(), source },
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Fault::NotText { path: path.to_owned(), offset: error.utf8_error().valid_up_to() })?;
    match text.strip_prefix(MARK) {
        Some(rest) => Ok((Arc::from(rest), true)),
        None => Ok((Arc::from(text), false)),
    }
}

/// A text as a document, unless it is none.
fn document(text: &Arc<str>) -> Result<SourceDocument, Unreadable> {
    let foreign = |problems| Unreadable::Foreign { text: text.clone(), problems };
    let source = SourceDocument::parse(text).map_err(|_| foreign(json::problems(text)))?;
    let is_other = |diagnostic: &&Diagnostic| diagnostic.code == codes::OTHER_FORMAT;
    match source.diagnostics.iter().find(is_other) {
        Some(other) => Err(foreign(vec![other.clone()])),
        None if source.tree.kind(source.tree.root()) != json::Kind::Object => Err(foreign(source.diagnostics)),
        None => Ok(source),
    }
}

impl Open {
    /// Opens a file.
    ///
    /// # Errors
    /// Why it is no document, and what to do.
    pub fn read(files: &dyn Files, path: &Path) -> Result<Open, Unreadable> {
        let (text, has_mark) = read_text(files, path).map_err(Unreadable::File)?;
        let source = document(&text)?;
        Ok(Open { path: Some(path.to_owned()), has_mark, on_disk: Some(text), ..Open::new(source) })
    }

    /// Looks whether the file changed.
    ///
    /// # Errors
    /// [`Fault`] if it is there and cannot be read.
    pub fn look(&self, files: &dyn Files) -> Result<OnDisk, Fault> {
        let (Some(path), Some(known)) = (&self.path, &self.on_disk) else { return Ok(OnDisk::Same) };
        match read_text(files, path) {
            Ok((text, _)) if text == *known => Ok(OnDisk::Same),
            Ok((text, _)) => Ok(OnDisk::Changed(text)),
            Err(Fault::Read { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(OnDisk::Gone),
            Err(fault) => Err(fault),
        }
    }

    /// Takes in what another program wrote, as a step of the history. A file that is gone changes nothing but that there is
    /// something to save.
    ///
    /// # Errors
    /// The file is there and no document any more: what to do. The document is as it was.
    pub fn refresh(&mut self, files: &dyn Files) -> Result<Outcome, Unreadable> {
        match self.look(files).map_err(Unreadable::File)? {
            OnDisk::Same => Ok(Outcome::Done),
            OnDisk::Gone => {
                self.on_disk = None;
                self.history.mark_unsaved();
                Ok(Outcome::Done)
            }
            OnDisk::Changed(theirs) => self.merge(theirs),
        }
    }

    fn merge(&mut self, theirs: Arc<str>) -> Result<Outcome, Unreadable> {
        document(&theirs)?;
        let base = self.on_disk.clone().unwrap_or_default();
        let ours: Arc<str> = Arc::from(self.text());
        let was_modified = self.is_modified();
        let clash = Clash { base: base.clone(), ours: ours.clone(), theirs: theirs.clone() };
        let their_change = by_lines(&base, &theirs);
        let Some(change) = their_change.beside(&by_lines(&base, &ours)) else { return Ok(Outcome::Asks(clash)) };
        let before = self.source.diagnostics.len();
        match super::changed(&self.source, &change) {
            // Two sides that each add a node of one id touch nowhere and still do not go together.
            Ok(document) if document.diagnostics.len() <= before => {}
            _ => return Ok(Outcome::Asks(clash)),
        }
        if self.change("Changes from the disk", change, None).is_err() {
            return Ok(Outcome::Asks(clash));
        }
        self.on_disk = Some(theirs);
        match was_modified {
            true => self.history.mark_unsaved(),
            false => self.history.mark_saved(),
        }
        Ok(Outcome::Merged)
    }

    /// Decides a clash.
    ///
    /// # Errors
    /// The file's text is no JSON, so that it cannot be taken.
    pub fn settle(&mut self, clash: &Clash, choice: Choice) -> Result<(), Refused> {
        if choice == Choice::Theirs {
            self.change("Take the version on the disk", Change::between(self.text(), &clash.theirs), None)?;
        }
        self.on_disk = Some(clash.theirs.clone());
        match choice {
            Choice::Ours => self.history.mark_unsaved(),
            Choice::Theirs => self.history.mark_saved(),
        }
        Ok(())
    }

    /// Writes the document to its file, as a whole or not at all. Where the file changed meanwhile, its changes are taken in
    /// first, or asked about.
    ///
    /// # Errors
    /// [`Unreadable::File`] if it cannot be written (a full disk, no right to): the file is as it was, and so is the document.
    pub fn save(&mut self, files: &dyn Files) -> Result<Outcome, Unreadable> {
        let Some(path) = self.path.clone() else {
            let source =
                std::io::Error::new(ErrorKind::InvalidInput, "it has no file yet; choose one with \"Save as\"");
            return Err(Unreadable::File(Fault::Write { path: "the document".into(), source }));
        };
        let merged = match self.look(files).map_err(Unreadable::File)? {
            OnDisk::Changed(theirs) if *theirs == *self.text() => {
                self.on_disk = Some(theirs);
                Outcome::Done
            }
            OnDisk::Changed(theirs) => match self.merge(theirs)? {
                Outcome::Asks(clash) => return Ok(Outcome::Asks(clash)),
                outcome => outcome,
            },
            OnDisk::Same | OnDisk::Gone => Outcome::Done,
        };
        self.write(files, &path)?;
        Ok(merged)
    }

    /// Writes the document to another file, in the place of whatever is there, which is its file from then on.
    ///
    /// # Errors
    /// Those of [`Open::save`].
    pub fn save_as(&mut self, files: &dyn Files, path: &Path) -> Result<(), Unreadable> {
        self.write(files, path)?;
        self.path = Some(path.to_owned());
        Ok(())
    }

    fn write(&mut self, files: &dyn Files, path: &Path) -> Result<(), Unreadable> {
        let mark = if self.has_mark { MARK } else { "" };
        let bytes = format!("{mark}{}", self.text()).into_bytes();
        replace(files, path, &bytes, 0).map_err(Unreadable::File)?;
        self.on_disk = Some(Arc::from(self.text()));
        self.history.mark_saved();
        Ok(())
    }
}
