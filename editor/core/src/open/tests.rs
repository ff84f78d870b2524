//! Files that change underneath, are foreign, or cannot be written; crashes.

use std::path::Path;

use super::file::{Choice, OnDisk, Outcome, Unreadable};
use super::recovery::{Journal, forget, recoverable};
use super::*;
use statewright_harness::files::Files;

use crate::command::NodeToAdd;
use crate::command::random::Memory;

const PATH: &str = "/p/a.json";
const TEXT: &str = "{\n  \"package\": \"x\",\n  \"handlers\": [\n    {\"name\": \"H\", \"event\": \"E\", \"nodes\": [], \"flow\": []}\n  ],\n  \"functions\": []\n}\n";

fn files(text: &str) -> Memory {
    let files = Memory::default();
    write(&files, text);
    files
}

fn write(files: &Memory, text: &str) {
    files.0.borrow_mut().insert(PATH.into(), text.as_bytes().to_vec());
}

fn on_disk(files: &Memory) -> String {
    String::from_utf8(files.0.borrow().get(Path::new(PATH)).unwrap().clone()).unwrap()
}

fn package(open: &mut Open, name: &str) {
    let command = Command::SetDocument { key: "package".into(), value: Some(name.into()) };
    open.run(&command, &Context::default(), None).unwrap();
}

#[test]
fn a_byte_order_mark_and_line_ends_stay() {
    let text = format!("\u{feff}{}", TEXT.replace('\n', "\r\n"));
    let files = files(&text);
    let mut open = Open::read(&files, Path::new(PATH)).unwrap();
    let graph =
        statewright_graph::document::GraphAt { kind: statewright_graph::document::GraphKind::Handler, index: 0 };
    let node = NodeToAdd { ty: "If".into(), ..NodeToAdd::default() };
    open.run(&Command::AddNode { graph, node }, &Context::default(), None).unwrap();
    open.save(&files).unwrap();
    let saved = on_disk(&files);
    assert!(saved.starts_with('\u{feff}') && !saved.replace("\r\n", "").contains('\n'), "{saved}");
    open.undo();
    open.save(&files).unwrap();
    assert_eq!(on_disk(&files), text);
}

#[test]
fn changes_on_the_disk_elsewhere_are_merged_as_a_step() {
    let files = files(TEXT);
    let mut open = Open::read(&files, Path::new(PATH)).unwrap();
    package(&mut open, "ours");
    write(&files, &TEXT.replace("\"E\"", "\"Theirs\""));
    assert!(matches!(open.look(&files).unwrap(), OnDisk::Changed(_)));
    assert_eq!(open.save(&files).unwrap(), Outcome::Merged);
    let both = TEXT.replace("\"E\"", "\"Theirs\"").replace("\"x\"", "\"ours\"");
    assert_eq!((on_disk(&files).as_str(), open.text()), (both.as_str(), both.as_str()));
    assert_eq!(open.undo().as_deref(), Some("Changes from the disk"));
    assert!(open.is_modified() && open.text().contains("ours") && open.text().contains("\"E\""));
}

#[test]
fn changes_at_the_same_place_are_asked_about_and_nothing_is_lost() {
    let files = files(TEXT);
    let mut open = Open::read(&files, Path::new(PATH)).unwrap();
    package(&mut open, "ours");
    let theirs = TEXT.replace("\"x\"", "\"theirs\"");
    write(&files, &theirs);
    let Outcome::Asks(clash) = open.save(&files).unwrap() else { panic!("it was not asked about") };
    assert_eq!((on_disk(&files), open.text().contains("ours")), (theirs.clone(), true));
    open.settle(&clash, Choice::Theirs).unwrap();
    assert_eq!((open.text(), open.is_modified()), (theirs.as_str(), false));
    open.undo();
    assert!(open.text().contains("ours") && open.is_modified());
    open.settle(&clash, Choice::Ours).unwrap();
    assert_eq!(open.save(&files).unwrap(), Outcome::Done);
    assert!(on_disk(&files).contains("ours"));
}

#[test]
fn an_unchanged_document_follows_the_disk_and_stays_unmodified() {
    let files = files(TEXT);
    let mut open = Open::read(&files, Path::new(PATH)).unwrap();
    write(&files, &TEXT.replace("\"x\"", "\"theirs\""));
    assert_eq!(open.refresh(&files).unwrap(), Outcome::Merged);
    assert!(open.text().contains("theirs") && !open.is_modified());
    files.0.borrow_mut().clear();
    assert_eq!((open.look(&files).unwrap(), open.refresh(&files).unwrap()), (OnDisk::Gone, Outcome::Done));
    assert!(open.is_modified());
    open.save(&files).unwrap();
    assert!(on_disk(&files).contains("theirs"));
}

#[test]
fn a_full_disk_leaves_the_file_and_the_document() {
    let files = files(TEXT);
    let mut open = Open::read(&files, Path::new(PATH)).unwrap();
    package(&mut open, "ours");
    *files.1.borrow_mut() = true;
    let error = open.save(&files).unwrap_err();
    assert!(error.to_string().contains("cannot write"), "{error}");
    assert_eq!((on_disk(&files).as_str(), open.is_modified()), (TEXT, true));
    *files.1.borrow_mut() = false;
    open.save(&files).unwrap();
    assert!(!open.is_modified() && on_disk(&files).contains("ours"));
}

#[test]
fn what_is_no_document_says_what_to_do_and_keeps_its_text() {
    for (text, wanted) in [
        ("{\"handlers\": [,]}", "this is no document"),
        ("[1, 2]", "must be an object"),
        ("{\"rules\": [{\"id\": \"a\", \"trigger\": {\"type\": \"OnTick\"}, \"effects\": []}]}", "rule format"),
    ] {
        let files = files(text);
        let error = Open::read(&files, Path::new(PATH)).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(matches!(&error, Unreadable::Foreign { text: kept, .. } if **kept == *text));
    }
    let files = files("");
    files.0.borrow_mut().insert(PATH.into(), vec![b'{', 0xff]);
    assert!(Open::read(&files, Path::new(PATH)).unwrap_err().to_string().contains("UTF-8"));
    assert!(Open::read(&files, Path::new("/no")).unwrap_err().to_string().contains("no such file"));
}

#[test]
fn a_crash_loses_nothing_that_was_kept() {
    let files = files(TEXT);
    let folder = Path::new("/recovery");
    let mut open = Open::read(&files, Path::new(PATH)).unwrap();
    let mut journal = Journal::begin(&files, folder, &mut open).unwrap();
    package(&mut open, "one");
    journal.keep(&files, &mut open).unwrap();
    package(&mut open, "two");
    open.undo();
    package(&mut open, "thrée");
    journal.keep(&files, &mut open).unwrap();
    let expected = open.text().to_owned();
    drop((journal, open));
    // The end of the last line never reached the disk; what was written before it did.
    for cut in [0, 5] {
        let name = files.names(folder).unwrap().remove(0);
        let bytes = files.0.borrow().get(&folder.join(&name)).unwrap().clone();
        files.0.borrow_mut().insert(folder.join(&name), bytes[..bytes.len() - cut].to_vec());
        let mut found = recoverable(&files, folder);
        let recovered = found.pop().unwrap();
        let text = if cut == 0 { expected.clone() } else { TEXT.replace("\"x\"", "\"one\"") };
        assert_eq!((recovered.open.text(), recovered.open.is_modified()), (text.as_str(), true));
        let mut open = recovered.open;
        assert_eq!(open.undo().as_deref(), Some("Recovered changes"));
        assert_eq!(open.text(), TEXT);
        if cut > 0 {
            forget(&files, &recovered.journal);
        }
    }
    assert!(recoverable(&files, folder).is_empty());
}

#[test]
fn a_journal_goes_on_after_saving_and_a_full_disk() {
    let files = files(TEXT);
    let folder = Path::new("/recovery");
    let mut open = Open::read(&files, Path::new(PATH)).unwrap();
    let mut journal = Journal::begin(&files, folder, &mut open).unwrap();
    package(&mut open, "one");
    *files.1.borrow_mut() = true;
    assert!(journal.keep(&files, &mut open).is_err());
    *files.1.borrow_mut() = false;
    package(&mut open, "two");
    journal.keep(&files, &mut open).unwrap();
    assert!(recoverable(&files, folder).iter().any(|found| found.open.text().contains("two")));
    open.save(&files).unwrap();
    journal.restart(&files, &mut open).unwrap();
    package(&mut open, "three");
    journal.keep(&files, &mut open).unwrap();
    let found = recoverable(&files, folder).pop().unwrap();
    assert!(found.open.text().contains("three") && found.open.path() == Some(Path::new(PATH)));
    journal.end(&files);
    assert!(recoverable(&files, folder).is_empty());
}
