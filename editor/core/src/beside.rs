//! A file beside documents that is being edited: a schema or configuration, with undo, and with the care that documents have for
//! what other programs write.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_harness::files::{Files, replace};
use statewright_harness::project::Fault;

use crate::diff::lines::by_lines;
use crate::open::file::{Clash, Outcome, read_text};

/// The file, and what is to be written to it.
#[derive(Clone, Debug)]
pub struct Beside {
    path: PathBuf,
    /// What the file said last.
    on_disk: Arc<str>,
    has_mark: bool,
    steps: Vec<Arc<str>>,
    at: usize,
}

impl Beside {
    /// Reads a file.
    ///
    /// # Errors
    /// Those of [`read_text`].
    pub fn read(files: &dyn Files, path: &Path) -> Result<Beside, Fault> {
        let (text, has_mark) = read_text(files, path)?;
        Ok(Beside { path: path.to_owned(), on_disk: text.clone(), has_mark, steps: vec![text], at: 0 })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text as edited.
    pub fn text(&self) -> &Arc<str> {
        self.steps.get(self.at).unwrap_or(&self.on_disk)
    }

    /// What the file said when it was last read or written.
    pub fn on_disk(&self) -> &Arc<str> {
        &self.on_disk
    }

    /// Whether there is something to save.
    pub fn is_modified(&self) -> bool {
        self.text() != &self.on_disk
    }

    /// Another text, as a step; one that goes on with typing takes the place of the last.
    pub fn set(&mut self, text: &str, goes_on: bool) {
        if **self.text() == *text {
            return;
        }
        self.steps.truncate(self.at + 1);
        if goes_on && self.at > 0 {
            self.steps.truncate(self.at);
        }
        self.steps.push(text.into());
        self.at = self.steps.len() - 1;
    }

    /// Takes the last step back; whether there was one.
    pub fn undo(&mut self) -> bool {
        let can = self.at > 0;
        self.at -= usize::from(can);
        can
    }

    /// Makes the next step again; whether there is one.
    pub fn redo(&mut self) -> bool {
        let can = self.at + 1 < self.steps.len();
        self.at += usize::from(can);
        can
    }

    /// Takes in what another program wrote, where it goes together with what was edited.
    ///
    /// # Errors
    /// The file cannot be read: what is known of it stays.
    pub fn refresh(&mut self, files: &dyn Files) -> Result<Outcome, Fault> {
        let (theirs, _) = read_text(files, &self.path)?;
        if theirs == self.on_disk {
            return Ok(Outcome::Done);
        }
        let ours = self.text().clone();
        let (mine, change) = (by_lines(&self.on_disk, &ours), by_lines(&self.on_disk, &theirs));
        let merged = if ours == theirs {
            Some(theirs.to_string())
        } else {
            change.beside(&mine).and_then(|change| change.apply(&ours))
        };
        match merged {
            Some(text) => {
                self.on_disk = theirs;
                self.set(&text, false);
                Ok(Outcome::Merged)
            }
            None => Ok(Outcome::Asks(Clash { base: self.on_disk.clone(), ours, theirs })),
        }
    }

    /// What the file says is known: saving puts the text in its place, or the text becomes what the file says.
    pub fn settle(&mut self, clash: &Clash, takes_theirs: bool) {
        self.on_disk = clash.theirs.clone();
        if takes_theirs {
            self.set(&clash.theirs, false);
        }
    }

    /// Writes the text, as a whole or not at all. What another program wrote meanwhile is taken in first, or asked about.
    ///
    /// # Errors
    /// [`Fault::Write`]: the file is as it was.
    pub fn save(&mut self, files: &dyn Files) -> Result<Outcome, Fault> {
        let outcome = match self.refresh(files) {
            Ok(Outcome::Asks(clash)) => return Ok(Outcome::Asks(clash)),
            Ok(outcome) => outcome,
            // One that is gone is written again.
            Err(_) => Outcome::Done,
        };
        let mark = if self.has_mark { "\u{feff}" } else { "" };
        let text = self.text().clone();
        replace(files, &self.path, format!("{mark}{text}").as_bytes(), 0)?;
        self.on_disk = text;
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::random::Memory;

    #[test]
    fn what_others_write_is_kept_and_steps_go_back() {
        let files = Memory::default();
        let path = Path::new("/p/x.schema");
        let put = |text: &str| files.0.borrow_mut().insert(path.to_owned(), text.as_bytes().to_vec());
        let said = || String::from_utf8(files.0.borrow()[path].clone()).unwrap();
        put("a\nb\nc\nd\n");
        let mut beside = Beside::read(&files, path).unwrap();
        beside.set("A\nb\nc\nd\n", false);
        put("a\nb\nc\nD\n");
        assert_eq!(beside.save(&files).unwrap(), Outcome::Merged);
        assert_eq!(said(), "A\nb\nc\nD\n");
        beside.set("mine\nb\nc\nD\n", false);
        put("yours\nb\nc\nD\n");
        let Outcome::Asks(clash) = beside.save(&files).unwrap() else { panic!("it asks") };
        assert_eq!(said(), "yours\nb\nc\nD\n");
        beside.settle(&clash, false);
        assert_eq!(beside.save(&files).unwrap(), Outcome::Done);
        assert_eq!(said(), "mine\nb\nc\nD\n");
        assert!(beside.undo() && beside.is_modified() && beside.redo() && !beside.is_modified() && !beside.redo());
    }
}
