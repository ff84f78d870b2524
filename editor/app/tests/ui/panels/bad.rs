//! Files and disks that are not as they should be: what to do is said, and nothing is lost.

use std::io::ErrorKind;
use std::rc::Rc;

use egui::{Key, Modifiers};
use statewright_editor::act::files::{Job, disk};
use statewright_editor::panels::Panel;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::command::Command;
use statewright_graph::document::{GraphAt, GraphKind};

use super::faulty::Faulty;
use crate::window::{DOCUMENT, SCHEMA, Window};

/// An editor on `game.json`, and its disk.
fn on_faulty(name: &str) -> (Window, Rc<Faulty>) {
    let folder = Window::new(name, DOCUMENT).folder().to_owned();
    let disk = Rc::new(Faulty::default());
    (Window::on(folder, &["game.json"], disk.host()), disk)
}

fn describe(window: &mut Window, text: &str) {
    let graph = GraphAt { kind: GraphKind::Handler, index: 0 };
    window.work(Todo::Run(Command::SetDescription { graph, text: Some(text.to_owned()) }, None));
}

/// Every message with what to do.
fn said(window: &mut Window) -> String {
    let all = window.editor().notices.all().iter();
    all.map(|notice| format!("{}; {}", notice.message, notice.help)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_file_that_is_no_text_is_told_and_what_is_open_stays() {
    let mut window = Window::new("no-text", DOCUMENT);
    let path = window.folder().join("picture.json");
    std::fs::write(&path, [0x89, b'P', b'N', b'G', 0xff, 0xfe]).unwrap();
    describe(&mut window, "Kept.");
    window.work(Todo::Open(path.clone()));
    let messages = said(&mut window);
    assert!(messages.contains("picture.json") && messages.contains("UTF-8"), "{messages}");
    assert!(window.text().contains("Kept.") && window.editor().documents.len() == 1);
    assert!(!window.editor().settings.recent.contains(&path), "it is not offered again");
}

#[test]
fn a_file_that_may_not_be_read_is_told() {
    let (mut window, disk) = on_faulty("denied");
    let path = window.folder().join("secret.json");
    std::fs::write(&path, DOCUMENT).unwrap();
    disk.reading.borrow_mut().push((path.clone(), ErrorKind::PermissionDenied));
    window.work(Todo::Open(path.clone()));
    let messages = said(&mut window);
    assert!(messages.contains("secret.json") && messages.contains("may be read"), "{messages}");
    assert_eq!(window.editor().documents.len(), 1);
    // It may be read now: it opens.
    disk.reading.borrow_mut().clear();
    window.work(Todo::Open(path));
    assert_eq!(window.editor().documents.len(), 2);
}

#[test]
fn files_of_other_programs_are_shown_as_text_with_what_is_wrong() {
    let files = [("list.json", "[1, 2, 3]\n"), ("half.json", "{\"handlers\": [{\"name\": \"H\"")];
    let mut window = Window::with("others", &files, &[]);
    for (name, text) in files {
        let path = window.folder().join(name);
        window.work(Todo::Open(path));
        assert!(window.has("Text of the file"), "{name}");
        assert!(window.editor().documents.is_empty());
        window.click("Close");
        assert_eq!(window.file(name), text, "it is not touched");
    }
}

#[test]
fn a_recording_or_schema_that_is_none_is_told() {
    let mut window = Window::new("none-of-ours", DOCUMENT);
    let path = window.folder().join("broken.rec");
    std::fs::write(&path, "no recording").unwrap();
    window.work(Todo::Open(path));
    assert!(said(&mut window).contains("broken.rec"), "{}", said(&mut window));
    let path = window.folder().join("broken.schema");
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    window.work(Todo::Open(path));
    assert!(said(&mut window).contains("broken.schema"), "{}", said(&mut window));
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn a_folder_that_may_not_be_written_keeps_the_document_for_another_place() {
    let (mut window, disk) = on_faulty("read-only");
    describe(&mut window, "Kept.");
    disk.writing.set(Some(ErrorKind::PermissionDenied));
    window.press(Modifiers::COMMAND, Key::S);
    let messages = said(&mut window);
    assert!(messages.contains("game.json is not saved") && messages.contains("Save as"), "{messages}");
    let (document, _) = window.editor().active().unwrap();
    assert!(document.open.is_modified());
    let id = document.id;
    assert_eq!(window.file("game.json"), DOCUMENT);
    let leftovers = std::fs::read_dir(window.folder()).unwrap().count();
    assert_eq!(leftovers, 2, "no temporary files are left");
    // Elsewhere it goes.
    disk.writing.set(None);
    let path = window.folder().join("elsewhere.json");
    window.work(Todo::Files(Job::SaveAs(id, path)));
    assert!(window.file("elsewhere.json").contains("Kept."));
    assert_eq!(window.file("game.json"), DOCUMENT);
}

#[test]
fn a_full_disk_keeps_the_window_open_and_the_schema_as_it_was_edited() {
    let (mut window, disk) = on_faulty("full-schema");
    window.work(Todo::Act(Action::Schema));
    window.write("Comment of Name", "who leads");
    disk.writing.set(Some(ErrorKind::StorageFull));
    window.click("Save schema");
    let messages = said(&mut window);
    assert!(messages.contains("game.schema is not saved") && messages.contains("make room"), "{messages}");
    assert!(window.editor().panels.schema.is_modified() && window.file("game.schema") == SCHEMA);
    describe(&mut window, "Kept.");
    window.work(Todo::Files(Job::SaveAndClose(vec![statewright_editor::document::DocumentId(0)])));
    window.work(Todo::Files(Job::Quit));
    assert!(!window.editor().is_quitting && window.text().contains("Kept."));
    disk.writing.set(None);
    window.click("Save schema");
    assert!(window.file("game.schema").contains("// who leads"));
}

#[test]
fn what_is_not_saved_is_still_there_when_it_cannot_be_kept_either() {
    let folder = Window::new("full-journal", DOCUMENT).folder().to_owned();
    let disk = Rc::new(Faulty::default());
    disk.writing.set(Some(ErrorKind::StorageFull));
    let recovery = folder.join("recovery");
    let settings = folder.join("editor.json");
    let host = statewright_editor::Host { recovery: Some(recovery), settings: Some(settings), ..disk.host() };
    let mut window = Window::on(folder, &["game.json"], host);
    let messages = said(&mut window);
    assert!(messages.contains("what is not saved is not kept") && messages.contains("save often"), "{messages}");
    describe(&mut window, "Kept.");
    assert!(window.text().contains("Kept."));
    disk.writing.set(None);
    window.press(Modifiers::COMMAND, Key::S);
    assert!(window.file("game.json").contains("Kept."));
}

#[test]
fn a_schema_that_vanishes_while_it_is_edited_is_written_again() {
    let mut window = Window::new("schema-gone", DOCUMENT);
    window.work(Todo::Act(Action::Schema));
    window.write("Comment of Name", "who leads");
    std::fs::remove_file(window.folder().join("game.schema")).unwrap();
    disk::look(window.editor());
    window.settle();
    let messages = said(&mut window);
    assert!(
        messages.contains("the schema of game.json cannot be read") && messages.contains("still holds"),
        "{messages}"
    );
    assert_eq!(window.editor().active().unwrap().0.checked.findings.count(), (0, 0));
    window.work(Todo::Panel(Panel::Schema));
    window.click("Save schema");
    assert!(window.file("game.schema").contains("// who leads"));
    assert!(window.editor().active().unwrap().0.schema.problem.is_none());
}

#[test]
fn a_folder_that_vanishes_is_told_and_what_is_open_stays() {
    let files = [("a.json", DOCUMENT), ("game.schema", SCHEMA)];
    let mut window = Window::with("folder-gone", &files, &["", "a.json"]);
    describe(&mut window, "Kept.");
    let folder = window.folder().to_owned();
    std::fs::remove_dir_all(&folder).unwrap();
    disk::look(window.editor());
    window.settle();
    let messages = said(&mut window);
    assert!(messages.contains("a.json is gone") && messages.contains("open it again"), "{messages}");
    assert!(window.text().contains("Kept."));
    std::fs::create_dir_all(&folder).unwrap();
    window.press(Modifiers::COMMAND, Key::S);
    assert!(window.file("a.json").contains("Kept."));
}
