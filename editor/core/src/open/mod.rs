//! A document that is open: its text, its history, its file.
//!
//! - [`mod@file`]: reading and saving; files that changed underneath
//! - [`recovery`]: what was not saved, kept in a folder of the host's

pub mod file;
pub mod recovery;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_graph::document::SourceDocument;

use crate::command::{Command, Context};
use crate::history::{Gesture, History, Step};
use crate::patch::Change;
use crate::refused::Refused;
use crate::selection::Selection;

/// What was not written to the recovery folder yet.
type Unkept = Option<Change>;

/// A document that is open. Its text changes by [`Open::run`], [`Open::undo`] and their like only, and [`Open::revision`]
/// grows with every change.
#[derive(Debug)]
pub struct Open {
    path: Option<PathBuf>,
    /// Whether the file begins with a byte order mark, which stays outside of the text.
    has_mark: bool,
    source: SourceDocument,
    history: History,
    selection: Selection,
    revision: u64,
    /// What the file said when it was last read or written, or what a copy is of; `None` for what never was kept.
    on_disk: Option<Arc<str>>,
    unkept: Unkept,
}

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Whether the document changed.
    pub changed: bool,
    /// What the user should know: what could not be kept, and why.
    pub remarks: Vec<String>,
}

impl Open {
    /// A document that is no file yet.
    pub fn new(source: SourceDocument) -> Open {
        Open {
            path: None,
            has_mark: false,
            source,
            history: History::new(),
            selection: Selection::default(),
            revision: 0,
            on_disk: None,
            unkept: None,
        }
    }

    /// A copy of what is kept elsewhere, such as a version that git has: there is nothing to save before it is changed.
    pub fn copy(source: SourceDocument) -> Open {
        Open { on_disk: Some(source.text().into()), ..Open::new(source) }
    }

    /// An empty document: what "New" opens.
    pub fn empty() -> Open {
        let text = "{\n  \"version\": \"1.0\",\n  \"handlers\": [],\n  \"functions\": []\n}\n";
        Open::new(SourceDocument::parse(text).unwrap_or_else(|_| unreachable!("the text above is JSON")))
    }

    /// The document and its text.
    pub fn source(&self) -> &SourceDocument {
        &self.source
    }

    /// The text without a byte order mark.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// Its file, if it has one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What was done.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What is selected.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Selects something. Selections alone are no steps.
    pub fn select(&mut self, selection: Selection) {
        self.selection = selection;
    }

    /// Counts changes.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether there is something to save.
    pub fn is_modified(&self) -> bool {
        !self.history.is_saved() || self.on_disk.is_none()
    }

    /// Whether something changed that is not in the recovery folder yet.
    pub fn is_unkept(&self) -> bool {
        self.unkept.is_some()
    }

    /// Does a command, as one step; with a gesture it may go on with the last one.
    ///
    /// # Errors
    /// Why it cannot be done. Nothing changed then.
    pub fn run(&mut self, command: &Command, context: &Context, gesture: Option<Gesture>) -> Result<Done, Refused> {
        let outcome = command.apply(&self.source, context)?;
        let Some(document) = outcome.document.filter(|_| !outcome.change.is_empty()) else {
            if let Some(selection) = outcome.select {
                self.selection = selection;
            }
            return Ok(Done { changed: false, remarks: outcome.remarks });
        };
        let after = outcome.select.unwrap_or_else(|| self.kept_selection(&document));
        self.step(outcome.label, outcome.change, document, gesture, after);
        Ok(Done { changed: true, remarks: outcome.remarks })
    }

    /// Makes a change as one step: what the JSON view, fixes and merges do.
    ///
    /// # Errors
    /// Where the change is of another text, or the text would be no JSON any more.
    pub fn change(&mut self, label: &str, change: Change, gesture: Option<Gesture>) -> Result<Done, Refused> {
        if change.is_empty() {
            return Ok(Done { changed: false, remarks: Vec::new() });
        }
        let document = changed(&self.source, &change)?;
        let after = self.kept_selection(&document);
        self.step(label.to_owned(), change, document, gesture, after);
        Ok(Done { changed: true, remarks: Vec::new() })
    }

    /// Takes the last step back. Says what it was; `None` if there is none.
    pub fn undo(&mut self) -> Option<String> {
        let label = self.history.undoable()?.label.clone();
        self.jump(self.history.done().checked_sub(1)?).then_some(label)
    }

    /// Makes the next step again. Says what it is; `None` if there is none.
    pub fn redo(&mut self) -> Option<String> {
        let label = self.history.redoable()?.label.clone();
        self.jump(self.history.done() + 1).then_some(label)
    }

    /// Goes to where `done` steps of the history are done; says whether there is such a place.
    pub fn jump(&mut self, done: usize) -> bool {
        let Some((way, selection)) = self.history.way_to(done) else { return false };
        if !way.is_empty() {
            let Ok(document) = changed(&self.source, &way) else { return false };
            self.take(&way, document);
        }
        self.history.arrive(done);
        self.selection = selection;
        true
    }

    /// The gesture is over: the next command is a step of its own.
    pub fn end_gesture(&mut self) {
        self.history.end_gesture();
    }

    fn kept_selection(&self, document: &SourceDocument) -> Selection {
        match self.selection.graph.and_then(|at| document.graph(at)) {
            Some(graph) => self.selection.kept(graph),
            None => Selection::default(),
        }
    }

    fn step(
        &mut self,
        label: String,
        change: Change,
        document: SourceDocument,
        gesture: Option<Gesture>,
        after: Selection,
    ) {
        let before = std::mem::replace(&mut self.selection, after.clone());
        self.take(&change, document);
        self.history.add(Step { label, change, gesture, before, after });
    }

    fn take(&mut self, change: &Change, document: SourceDocument) {
        self.source = document;
        self.revision += 1;
        self.unkept = Some(match self.unkept.take() {
            Some(unkept) => unkept.then(change),
            None => change.clone(),
        });
    }
}

/// The document after a change.
fn changed(source: &SourceDocument, change: &Change) -> Result<SourceDocument, Refused> {
    let text = change
        .apply(source.text())
        .ok_or_else(|| Refused::new("the document changed meanwhile", "look at it again, and repeat what you did"))?;
    SourceDocument::parse(&text).map_err(|diagnostic| {
        let help = diagnostic.help.unwrap_or_else(|| "mend the text first".to_owned());
        Refused::new(format!("the text would be no JSON: {}", diagnostic.message), help)
    })
}
