//! Replacing in files that are not open: what would change is shown first, then written with the care that saving has.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_graph::document::SourceDocument;
use statewright_harness::files::Files;
use statewright_harness::project::Fault;
use statewright_types::json::{self, Kind as JsonKind, quote};

use crate::beside::Beside;
use crate::command::replace::{Query, matches, replaced};
use crate::command::{Command, Context};
use crate::open::file::Outcome;
use crate::patch::Change;
use crate::project::Kind;

/// A line that would be another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which, from 1.
    pub number: usize,
    /// What it says.
    pub before: String,
    /// What it would say.
    pub after: String,
}

/// What would become of a file.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Its lines that would be others.
    pub lines: Vec<Line>,
    beside: Beside,
    /// What the file said before it was written.
    was: Arc<str>,
}

/// The text of a file of a project with every match replaced; `None` if there is none, or if the file is none of a project's. Of
/// documents texts change, but no names; of other JSON texts only; of the rest everything.
pub fn text(path: &Path, text: &str, query: &Query, with: &str) -> Option<String> {
    let query = Query { graph: None, ..query.clone() };
    let name = path.file_name()?.to_string_lossy();
    match Kind::of_text(&name, text)? {
        Kind::Document => {
            let source = SourceDocument::parse(text).ok()?;
            let command = Command::Replace { query, with: with.to_owned() };
            command.apply(&source, &Context::default()).ok()?.change.apply(text)
        }
        Kind::Recording => None,
        _ if text.trim_start().starts_with('{') => {
            let tree = json::parse(text).ok()?;
            let strings = tree.descendants(tree.root()).filter(|node| tree.kind(*node) == JsonKind::String);
            let edits: Vec<_> = strings
                .filter_map(|node| Some((tree.span(node), quote(&replaced(tree.str(node)?, &query, with)?))))
                .collect();
            if edits.is_empty() { None } else { Change::of(text, edits)?.apply(text) }
        }
        _ => replaced(text, &query, with),
    }
}

/// Lines that two texts of as many lines have differently.
pub fn lines(before: &str, after: &str) -> Vec<Line> {
    let pairs = (1..).zip(before.lines().zip(after.lines()));
    let differs = pairs.filter(|(_, (before, after))| before != after);
    let line = |text: &str| text.trim().to_owned();
    differs.map(|(number, (before, after))| Line { number, before: line(before), after: line(after) }).collect()
}

impl Proposal {
    /// What replacing would make of a file; `None` if nothing.
    ///
    /// # Errors
    /// It cannot be read, or is no text.
    pub fn of(files: &dyn Files, path: &Path, query: &Query, with: &str) -> Result<Option<Proposal>, Fault> {
        let mut beside = Beside::read(files, path)?;
        let before = beside.text().clone();
        if query.text.is_empty()
            || matches(&before, &Query { graph: None, whole_word: false, ..query.clone() }).is_empty()
        {
            return Ok(None);
        }
        let after = text(path, &before, query, with).filter(|after| **after != *before);
        Ok(after.map(|after| {
            beside.set(&after, false);
            Proposal { lines: lines(&before, &after), beside, was: before }
        }))
    }

    /// Which file.
    pub fn path(&self) -> &Path {
        self.beside.path()
    }

    /// Writes it, as a whole or not at all. What another program wrote since the file was read is kept; [`Outcome::Asks`] where
    /// both changed the same place, and then the file is as it was.
    ///
    /// # Errors
    /// [`Fault::Write`]: the file is as it was.
    pub fn write(&mut self, files: &dyn Files) -> Result<Outcome, Fault> {
        let refreshed = self.beside.refresh(files)?;
        if let Outcome::Asks(_) = refreshed {
            return Ok(refreshed);
        }
        self.was = self.beside.on_disk().clone();
        let saved = self.beside.save(files)?;
        Ok(if saved == Outcome::Done { refreshed } else { saved })
    }

    /// Writes what was there before, with the same care.
    ///
    /// # Errors
    /// Those of [`Proposal::write`].
    pub fn take_back(&mut self, files: &dyn Files) -> Result<Outcome, Fault> {
        self.beside.set(&self.was.clone(), false);
        self.beside.save(files)
    }
}

/// What replacing would make of files, and those that cannot be read.
pub fn propose(
    files: &dyn Files,
    paths: impl IntoIterator<Item = PathBuf>,
    query: &Query,
    with: &str,
) -> (Vec<Proposal>, Vec<Fault>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for path in paths {
        match Proposal::of(files, &path, query, with) {
            Ok(proposal) => found.extend(proposal),
            Err(fault) => faults.push(fault),
        }
    }
    (found, faults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::random::Memory;

    fn query(text: &str) -> Query {
        Query { text: text.into(), match_case: true, ..Query::default() }
    }

    #[test]
    fn each_kind_of_file_is_replaced_in_as_it_is_written() {
        let document = "{\"handlers\": [{\"name\": \"Gold\", \"event\": \"Gold\",\n  \"nodes\": [{\"id\": \"Gold\", \"type\": \"Trace\", \"inputs\": {\"text\": \"Gold!\"}}]}]}";
        let after = text(Path::new("a.json"), document, &query("Gold"), "G\"em").unwrap();
        assert_eq!(
            after,
            document.replace("\"Gold!\"", r#""G\"em!""#).replace("\"event\": \"Gold\"", r#""event": "G\"em""#)
        );
        let test = "{\"handler\": \"Gold\", \"Gold\": [1, \"xGold\"]}";
        let after = text(Path::new("a.test.json"), test, &query("Gold"), "Gem").unwrap();
        assert_eq!(after, "{\"handler\": \"Gem\", \"Gold\": [1, \"xGem\"]}", "keys stay");
        let schema = "package p\n\ntype Game {\n    Gold int64 // Gold\n}\n";
        assert_eq!(text(Path::new("a.schema"), schema, &query("Gold"), "Gem").unwrap(), schema.replace("Gold", "Gem"));
        for name in ["a.rec", "a.txt", "package.json"] {
            assert_eq!(text(Path::new(name), test, &query("Gold"), "Gem"), None, "{name}");
        }
        assert_eq!(text(Path::new("a.json"), "{oops Gold", &query("Gold"), "Gem"), None, "what is no document stays");
    }

    #[test]
    fn files_are_written_beside_what_others_wrote_and_taken_back() {
        let files = Memory::default();
        let path = Path::new("/p/x.schema");
        let put = |text: &str| files.0.borrow_mut().insert(path.to_owned(), text.as_bytes().to_vec());
        let said = || String::from_utf8(files.0.borrow()[path].clone()).unwrap();
        put("\u{feff}Gold\nb\nc\n");
        let (mut found, faults) =
            propose(&files, ["/p/x.schema", "/p/none.schema"].map(PathBuf::from), &query("Gold"), "Gem");
        assert_eq!((found.len(), faults.len()), (1, 1));
        let proposal = &mut found[0];
        assert_eq!(proposal.lines, [Line { number: 1, before: "Gold".into(), after: "Gem".into() }]);
        put("\u{feff}Gold\nb\nC\n");
        assert_eq!(proposal.write(&files).unwrap(), Outcome::Merged);
        assert_eq!(said(), "\u{feff}Gem\nb\nC\n");
        put("\u{feff}Gem\nB\nC\n");
        assert!(proposal.take_back(&files).is_ok());
        assert_eq!(said(), "\u{feff}Gold\nB\nC\n");
        // At the same place: nothing is written.
        let mut proposal = Proposal::of(&files, path, &query("Gold"), "Gem").unwrap().unwrap();
        put("\u{feff}Silver\nB\nC\n");
        assert!(matches!(proposal.write(&files).unwrap(), Outcome::Asks(_)));
        assert_eq!(said(), "\u{feff}Silver\nB\nC\n");
        // And on a full disk neither.
        put("Gold\n");
        let mut proposal = Proposal::of(&files, path, &query("Gold"), "Gem").unwrap().unwrap();
        *files.1.borrow_mut() = true;
        assert!(matches!(proposal.write(&files), Err(Fault::Write { .. })));
        assert_eq!(said(), "Gold\n");
    }
}
