//! The list of faults.

use std::path::Path;

use toml_edit::{Document, Table};

use super::text_of;
use crate::Fault;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// Its number, from 1: the order of the list.
    pub number: u32,
    /// The file, from the root.
    pub file: String,
    /// What goes wrong.
    pub what: String,
    /// Text before the place, if `original` stands in its file more than once: the first one after it is meant.
    pub after: Option<String>,
    /// The expression, or the statements with their `;`, as they stand there. White space may differ.
    pub original: String,
    /// What takes its place.
    pub faulty: String,
}

/// Reads the list at `path`, called `name` in messages.
pub fn read(path: &Path, name: &str) -> Result<Vec<Planted>, Fault> {
    parse(&text_of(path)?).map_err(|why| format!("{name}: {why}"))
}

fn parse(text: &str) -> Result<Vec<Planted>, Fault> {
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let table = document.as_table();
    if let Some((key, _)) = table.iter().find(|(key, _)| *key != "fault") {
        return Err(format!("unknown key `{key}`; every entry begins with [[fault]]"));
    }
    let entries = table.get("fault").and_then(|item| item.as_array_of_tables()).into_iter().flatten();
    (1..).zip(entries).map(|(number, entry)| fault(number, entry)).collect()
}

fn fault(number: u32, entry: &Table) -> Result<Planted, Fault> {
    let known = ["file", "what", "after", "original", "faulty"];
    if let Some((key, _)) = entry.iter().find(|(key, _)| !known.contains(key)) {
        return Err(format!("fault {number}: unknown key `{key}`; the keys are {}", known.join(", ")));
    }
    let given = |key: &str| entry.get(key).and_then(|item| item.as_str()).map(str::to_owned);
    let needed = |key: &str| given(key).ok_or_else(|| format!("fault {number} has no text under `{key}`"));
    Ok(Planted {
        number,
        file: needed("file")?,
        what: needed("what")?,
        after: given("after"),
        original: needed("original")?,
        faulty: needed("faulty")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_numbered_in_order() {
        let entry = "[[fault]]\nfile = 'a.rs'\nwhat = 'w'\noriginal = 'a + b'\nfaulty = 'b'\n";
        let faults = parse(&entry.repeat(2)).unwrap();
        assert_eq!(faults.iter().map(|fault| fault.number).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(faults[1].original, "a + b");
    }

    #[test]
    fn what_is_missing_or_unknown_is_said() {
        assert!(parse("[[fault]]\nfile = 'a.rs'\n").unwrap_err().contains("`what`"));
        assert!(parse("[[fault]]\nfill = 'a.rs'\n").unwrap_err().contains("`fill`"));
        assert!(parse("[fault\n").is_err());
    }
}
