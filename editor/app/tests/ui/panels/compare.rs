//! Comparing versions and merging them.

use std::path::Path;
use std::process::Command as Process;

use statewright_editor::act::files::disk;
use statewright_editor::canvas::overlay::Mark;
use statewright_editor::panels::diff;
use statewright_editor::todo::Todo;
use statewright_editor_core::diff::items::GraphName;
use statewright_graph::document::GraphKind;

use crate::window::{DOCUMENT, SCHEMA, Window};

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
    let done = Process::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn marks(window: &mut Window) -> Vec<(String, Mark)> {
    let id = window.editor().active().unwrap().0.id;
    let name = GraphName::new(GraphKind::Handler, "Begin");
    let marks = window.editor().overlays.get(&(id, name)).map(|overlay| overlay.marks.clone()).unwrap_or_default();
    let mut marks: Vec<(String, Mark)> = marks.into_iter().map(|(node, mark)| (node.to_string(), mark)).collect();
    marks.sort_by(|a, b| a.0.cmp(&b.0));
    marks
}

#[test]
fn two_files_are_compared_marked_and_taken_back() {
    let old = DOCUMENT.replace("\"b\": 2", "\"b\": 1");
    let old = old.replace(
        "{\"id\": \"set\"",
        "{\"id\": \"gone\", \"type\": \"Add\", \"inputs\": {}},\n        {\"id\": \"set\"",
    );
    let mut window = Window::with(
        "compare",
        &[("game.json", DOCUMENT), ("old.json", &old), ("game.schema", SCHEMA)],
        &["game.json"],
    );
    let path = window.folder().join("old.json");
    window.work(Todo::Compare(path));
    assert_eq!(window.editor().panels.diff.items().len(), 2);
    assert_eq!(marks(&mut window), [("gone".to_owned(), Mark::Removed), ("sum".to_owned(), Mark::Changed)]);
    window.click("b of sum: 1 → 2 in Begin");
    assert!(window.editor().active().unwrap().0.open.selection().nodes.contains("sum"));
    window.choose("Take back b of sum: 1 → 2");
    window.choose("Take back node gone is gone");
    assert!(window.text().contains("\"b\": 1") && window.text().contains("\"gone\""), "{}", window.text());
    assert!(window.editor().panels.diff.items().is_empty());
    assert_eq!(window.file("game.json"), DOCUMENT);
}

#[test]
fn a_version_in_git_is_compared() {
    let mut window = Window::new("compare-git", DOCUMENT);
    let folder = window.folder().to_owned();
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-qm", "First"]);
    std::fs::write(folder.join("game.json"), DOCUMENT.replace("\"b\": 2", "\"b\": 3")).unwrap();
    git(&folder, &["commit", "-qam", "Second"]);
    disk::look(window.editor());
    window.settle();
    let revisions = diff::git::revisions(&folder.join("game.json")).unwrap();
    assert!(revisions[0].title.ends_with("Second") && revisions[1].title.ends_with("First"));
    diff::with_revision(window.editor(), &revisions[1].hash);
    window.settle();
    assert_eq!(marks(&mut window), [("sum".to_owned(), Mark::Changed)]);
    window.choose("Open the other version beside");
    assert_eq!(window.text(), DOCUMENT);
    assert_eq!(marks(&mut window), [("sum".to_owned(), Mark::Changed)]);
    window.choose("End");
    assert_eq!(window.editor().documents.len(), 1);
    assert_eq!(marks(&mut window), []);
}

#[test]
fn a_clash_with_the_file_is_merged_and_conflicts_are_decided() {
    let mut window = Window::new("merge", DOCUMENT);
    window.work(Todo::Select(statewright_editor_core::selection::Selection::of_nodes(
        statewright_graph::document::GraphAt { kind: GraphKind::Handler, index: 0 },
        ["sum"],
    )));
    window.write("b", "5");
    window.write("Node comment", "Ours.");
    let theirs =
        DOCUMENT.replace("\"b\": 2", "\"b\": 7").replace("\"path\": \"Score\"", "\"path\": \"Score\", \"op\": \"set\"");
    let path = window.folder().join("game.json");
    std::fs::write(&path, &theirs).unwrap();
    disk::look(window.editor());
    window.settle();
    window.click("Merge…");
    let text = window.text();
    assert!(text.contains("\"b\": 5") && text.contains("\"op\"") && text.contains("Ours."), "{text}");
    assert_eq!(marks(&mut window), [("sum".to_owned(), Mark::Conflict)]);
    window.choose("Theirs for input b of sum in Begin");
    let text = window.text();
    assert!(text.contains("\"b\": 7") && text.contains("Ours."), "{text}");
    assert_eq!(marks(&mut window), []);
    window.press(egui::Modifiers::COMMAND, egui::Key::S);
    assert_eq!(window.file("game.json"), window.text());
}
