//! Files: lossless saving, closing, changes underneath, full disks, crashes.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use egui::{Key, Modifiers};
use statewright_editor::Host;
use statewright_editor::act::files::starters::Starter;
use statewright_editor::act::files::{Job, disk};
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::command::Command;
use statewright_graph::document::{GraphAt, GraphKind};

use super::faulty::Faulty;
use crate::window::{DOCUMENT, SCHEMA, Window};

/// A file that is dropped on the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }
    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody reads it here".to_owned())
    }
}

fn describe(window: &mut Window, text: &str) {
    let graph = GraphAt { kind: GraphKind::Handler, index: 0 };
    window.work(Todo::Run(Command::SetDescription { graph, text: Some(text.to_owned()) }, None));
}

fn messages(window: &mut Window) -> String {
    let all = window.editor().notices.all().iter();
    all.map(|notice| format!("{}; {}", notice.message, notice.help)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_saved_edit_changes_nothing_else_of_the_file() {
    let mut window = Window::new("saved", DOCUMENT);
    describe(&mut window, "Begins.");
    assert!(window.editor().title().starts_with("• game.json"));
    window.press(Modifiers::COMMAND, Key::S);
    let saved = window.file("game.json");
    assert_eq!(saved, window.text());
    let without: String = saved.lines().filter(|line| !line.contains("description")).collect::<Vec<_>>().join("\n");
    let kept = DOCUMENT.lines().filter(|line| without.contains(*line)).count();
    assert!(kept + 1 >= DOCUMENT.lines().count(), "{saved}");
    assert!(window.editor().title().starts_with("game.json"));
}

#[test]
fn a_folder_is_a_tree_whose_files_open() {
    let files = [("a.json", DOCUMENT), ("game.schema", SCHEMA), ("b.json", "{\"handlers\": []}")];
    let mut window = Window::with("folder", &files, &[""]);
    assert!(window.editor().documents.is_empty());
    window.click("a.json");
    assert_eq!(window.text(), window.file("a.json"));
    let path = window.folder().join("b.json");
    window.harness.input_mut().dropped_files.push(Arc::new(Dropped(path)));
    window.settle();
    assert_eq!(window.text(), window.file("b.json"));
    assert_eq!(window.editor().settings.recent.len(), 3);
}

#[test]
fn closing_what_is_not_saved_asks() {
    let mut window = Window::new("closing", DOCUMENT);
    describe(&mut window, "New.");
    window.press(Modifiers::COMMAND, Key::W);
    window.click("Cancel");
    assert!(window.text().contains("New."));
    window.press(Modifiers::COMMAND, Key::W);
    window.click("Discard changes");
    assert!(window.editor().documents.is_empty());
    assert_eq!(window.file("game.json"), DOCUMENT);
    let path = window.folder().join("game.json");
    window.work(Todo::Open(path));
    describe(&mut window, "Newer.");
    window.press(Modifiers::COMMAND, Key::W);
    window.click("Save");
    assert!(window.editor().documents.is_empty());
    assert!(window.file("game.json").contains("Newer."));
}

#[test]
fn a_new_document_gets_a_graph_and_a_file() {
    let mut window = Window::with("new", &[("game.schema", SCHEMA)], &[]);
    window.press(Modifiers::COMMAND, Key::N);
    window.click("Add handler…");
    window.write("Name", "Begin");
    assert!(window.text().contains("\"event\": \"Begin\""), "{}", window.text());
    let (document, at) = window.editor().active().unwrap();
    let id = document.id;
    assert_eq!(document.graph(at).unwrap().name.text.as_ref(), "Begin");
    let path = window.folder().join("new.json");
    window.work(Todo::Files(Job::SaveAs(id, path)));
    assert_eq!(window.file("new.json"), window.text());
    assert!(window.editor().title().starts_with("new.json"));
}

#[test]
fn a_project_begins_with_a_schema_and_a_configuration_made_here() {
    let mut window = Window::with("begin", &[], &[]);
    let folder = window.folder().to_owned();
    window.work(Todo::Open(folder.clone()));
    window.press(Modifiers::COMMAND, Key::N);
    window.click("Add handler…");
    window.write("Name", "Begin");
    let findings = |window: &mut Window| {
        let id = window.editor().active().unwrap().0.id;
        let editor = window.editor();
        let host = editor.host.clone();
        let document = editor.documents.get_mut(&id).unwrap();
        document.check_now(&host);
        document.checked.findings.all().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(findings(&mut window), ["the document has no schema yet"]);
    // The document finds the only schema of its folder by itself, also before it is saved; a configuration is named.
    window.work(Todo::Files(Job::Make(Starter::Schema, folder.join("game"))));
    assert_eq!(findings(&mut window), [""; 0]);
    assert!(window.file("game.schema").contains("@root(active)") && window.has("Save schema"));
    window.work(Todo::Files(Job::Make(Starter::Config, folder.join("rules.config"))));
    assert!(window.text().contains("\"config\": \"rules.config\""), "{}", window.text());
    assert_eq!(findings(&mut window), [""; 0]);
    // What is there is not written over.
    std::fs::write(folder.join("game.schema"), SCHEMA).unwrap();
    window.work(Todo::Files(Job::Make(Starter::Schema, folder.join("game.schema"))));
    assert_eq!(window.file("game.schema"), SCHEMA);
    // Another of several is named, relative to the document.
    let id = window.editor().active().unwrap().0.id;
    window.work(Todo::Files(Job::SaveAs(id, folder.join("begin.json"))));
    window.work(Todo::Files(Job::Make(Starter::Schema, folder.join("other.schema"))));
    assert!(window.text().contains("\"schemaPath\": \"other.schema\""), "{}", window.text());
}

#[test]
fn a_file_that_changed_is_taken_in_merged_or_asked_about() {
    let mut window = Window::new("underneath", DOCUMENT);
    let path = window.folder().join("game.json");
    // Nothing of ours: silently.
    let theirs = DOCUMENT.replace("\"b\": 2", "\"b\": 3");
    std::fs::write(&path, &theirs).unwrap();
    disk::look(window.editor());
    window.settle();
    assert_eq!(window.text(), theirs);
    assert!(!window.editor().active().unwrap().0.open.is_modified());
    // Elsewhere: both.
    describe(&mut window, "Ours.");
    let theirs = theirs.replace("\"path\": \"Score\"", "\"path\": \"Score\", \"_comment\": \"Theirs.\"");
    std::fs::write(&path, &theirs).unwrap();
    disk::look(window.editor());
    window.settle();
    assert!(window.text().contains("Ours.") && window.text().contains("Theirs."));
    // At the same place: asked, once.
    window.press(Modifiers::COMMAND, Key::S);
    let (ours, theirs) =
        (window.file("game.json").replace("Ours.", "Mine."), window.file("game.json").replace("Ours.", "Yours."));
    describe(&mut window, "Mine.");
    std::fs::write(&path, &theirs).unwrap();
    disk::look(window.editor());
    window.settle();
    window.click("Take the file's");
    assert_eq!(window.text(), theirs);
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.text(), ours);
    assert_eq!(window.file("game.json"), theirs);
}

#[test]
fn a_file_or_schema_that_vanishes_is_told_and_nothing_is_lost() {
    let mut window = Window::new("vanishing", DOCUMENT);
    std::fs::remove_file(window.folder().join("game.json")).unwrap();
    std::fs::remove_file(window.folder().join("game.schema")).unwrap();
    disk::look(window.editor());
    window.settle();
    let said = messages(&mut window);
    assert!(said.contains("game.json is gone") && said.contains("schema"), "{said}");
    assert_eq!(window.text(), DOCUMENT);
    let (document, _) = window.editor().active().unwrap();
    assert_eq!(document.checked.findings.count(), (0, 0), "what the schema said still holds");
    window.press(Modifiers::COMMAND, Key::S);
    assert_eq!(window.file("game.json"), DOCUMENT);
}

#[test]
fn foreign_and_unreadable_files_are_told() {
    let files = [("notes.json", "{\"handlers\": [\n  oops"), ("bytes.json", "")];
    let mut window = Window::with("foreign", &files, &["notes.json"]);
    assert!(window.editor().documents.is_empty());
    assert!(window.has("Text of the file"));
    window.click("Close");
    let path = window.folder().join("bytes.json");
    std::fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    window.work(Todo::Open(path));
    let path = window.folder().join("missing.json");
    window.work(Todo::Open(path));
    let said = messages(&mut window);
    assert!(said.contains("bytes.json") && said.contains("missing.json"), "{said}");
    assert!(window.editor().documents.is_empty());
}

#[test]
fn a_full_disk_loses_nothing_and_saving_goes_on_when_there_is_room() {
    let mut first = Window::new("full", DOCUMENT);
    let folder = first.folder().to_owned();
    let disk = Rc::new(Faulty::default());
    drop(std::mem::replace(&mut first, Window::on(folder, &["game.json"], disk.host())));
    let mut window = first;
    describe(&mut window, "Kept.");
    disk.writing.set(Some(io::ErrorKind::StorageFull));
    window.press(Modifiers::COMMAND, Key::S);
    let said = messages(&mut window);
    assert!(said.contains("game.json is not saved") && said.contains("make room"), "{said}");
    assert_eq!(window.file("game.json"), DOCUMENT);
    assert!(window.text().contains("Kept.") && window.editor().active().unwrap().0.open.is_modified());
    disk.writing.set(None);
    window.press(Modifiers::COMMAND, Key::S);
    assert!(window.file("game.json").contains("Kept."));
}

#[test]
fn what_a_crash_left_is_recovered_or_discarded() {
    let window = Window::new("crashed", DOCUMENT);
    let folder = window.folder().to_owned();
    drop(window);
    let kept = folder.join("recovery");
    std::fs::create_dir_all(&kept).unwrap();
    let host = || Host { recovery: Some(kept.clone()), ..Host::without_traces() };
    for (answer, has_it) in [("Recover game.json", true), ("Discard game.json", false)] {
        let mut window = Window::on(folder.clone(), &["game.json"], host());
        describe(&mut window, "Not saved.");
        statewright_editor::act::files::recovery::keep(window.editor());
        // The program ends without closing anything.
        drop(window);
        let mut window = Window::on(folder.clone(), &[], host());
        window.click(answer);
        let found = window.editor().active().map(|(document, _)| document.open.text().contains("Not saved."));
        assert_eq!(found.unwrap_or(false), has_it);
        assert_eq!(window.file("game.json"), DOCUMENT);
        for id in window.editor().documents.keys().copied().collect::<Vec<_>>() {
            window.work(Todo::Files(Job::Discard(id)));
        }
        let again = Window::on(folder.clone(), &[], host());
        assert!(!again.has("Recover unsaved changes"));
    }
}

#[test]
fn saving_all_writes_every_document() {
    let mut window = Window::with(
        "all",
        &[("a.json", DOCUMENT), ("b.json", DOCUMENT), ("game.schema", SCHEMA)],
        &["a.json", "b.json"],
    );
    describe(&mut window, "B.");
    window.work(Todo::ShowTab(0));
    describe(&mut window, "A.");
    window.work(Todo::Act(Action::SaveAll));
    assert!(window.file("a.json").contains("A.") && window.file("b.json").contains("B."));
}

#[test]
fn a_file_that_is_too_large_is_told_and_not_read() {
    let mut window = Window::new("huge", DOCUMENT);
    let path = window.folder().join("huge.json");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(statewright_types::Limits::FILE_BYTES as u64 + 1).unwrap();
    window.work(Todo::Open(path));
    let said = messages(&mut window);
    assert!(said.contains("huge.json"), "{said}");
    assert_eq!(window.editor().documents.len(), 1);
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn closing_the_window_asks_about_what_is_not_saved() {
    let mut window = Window::new("quitting", DOCUMENT);
    describe(&mut window, "New.");
    let close = |window: &mut Window| {
        let root = window.harness.input_mut().viewports.entry(egui::ViewportId::ROOT).or_default();
        root.events.push(egui::ViewportEvent::Close);
        window.harness.step();
        let output = window.harness.output().viewport_output[&egui::ViewportId::ROOT].commands.clone();
        window.settle();
        output.contains(&egui::ViewportCommand::CancelClose)
    };
    assert!(close(&mut window));
    window.click("Cancel");
    assert!(!window.editor().is_quitting);
    assert!(close(&mut window));
    window.click("Save all");
    assert!(window.editor().is_quitting && window.file("game.json").contains("New."));
    assert!(!close(&mut window));
}
