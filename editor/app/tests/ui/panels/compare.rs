//! Comparing versions and merging them.

use std::path::Path;
use std::process::Command as Process;

use statewright_editor::act::files::disk;
use statewright_editor::canvas::Here;
use statewright_editor::canvas::overlay::Mark;
use statewright_editor::panels::diff;
use statewright_editor::panels::diff::newer::Newer;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::diff::items::GraphName;
use statewright_graph::document::GraphKind;

use egui_kittest::kittest::Queryable;

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
fn notes_frames_and_bookmarks_are_compared_too() {
    let noted = |editor: &str| DOCUMENT.replacen("\"nodes\"", &format!("\"_editor\": {editor},\n      \"nodes\""), 1);
    let new = noted(
        r#"{"notes": [{"id": "n", "text": "Ask Ann", "rect": [900, 700, 100, 50]}],
          "frames": [{"id": "f", "title": "Sums", "rect": [5, 5, 300, 200]}]}"#,
    );
    let old = noted(
        r#"{"bookmarks": [{"name": "top", "at": [0, 0], "zoom": 1}],
          "frames": [{"id": "f", "title": "Sum", "rect": [0, 0, 300, 200]}]}"#,
    );
    let files = [("game.json", new.as_str()), ("old.json", old.as_str()), ("game.schema", SCHEMA)];
    let mut window = Window::with("compare-notes", &files, &["game.json"]);
    let path = window.folder().join("old.json");
    window.work(Todo::Compare(path));
    let texts: Vec<String> = window.editor().panels.diff.items().iter().map(|item| item.text.clone()).collect();
    let changed = r#"frame f: {"id":"f","title":"Sum"} → {"id":"f","title":"Sums"}"#;
    assert_eq!(texts, ["bookmark top is gone", changed, "note “Ask Ann” is new"]);
    window.click("note “Ask Ann” is new in Begin");
    let middle = Here::of(window.editor()).unwrap().camera.centre;
    assert_eq!(middle, (950.0, 725.0));
    for text in texts {
        window.choose(&format!("Take back {text}"));
    }
    assert!(window.editor().panels.diff.items().is_empty());
    let text = window.text();
    assert!(text.contains("\"top\"") && text.contains("\"Sum\", \"rect\": [5, 5") && !text.contains("Ann"), "{text}");
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
    window.choose("Open the other version");
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

#[test]
fn both_versions_are_chosen_freely() {
    let other = DOCUMENT.replace("\"b\": 2", "\"b\": 9");
    let files = [("game.json", DOCUMENT), ("other.json", &*other), ("game.schema", SCHEMA)];
    let mut window = Window::with("compare-freely", &files, &["game.json"]);
    let folder = window.folder().to_owned();
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-qm", "First"]);
    std::fs::write(folder.join("game.json"), DOCUMENT.replace("\"b\": 2", "\"b\": 3")).unwrap();
    git(&folder, &["commit", "-qam", "Second"]);
    std::fs::write(folder.join("game.json"), DOCUMENT.replace("\"b\": 2", "\"b\": 4")).unwrap();
    disk::look(window.editor());
    window.settle();
    let now = window.text();
    let revisions = diff::git::revisions(&folder.join("game.json")).unwrap();
    let texts = |window: &mut Window| -> Vec<String> {
        window.editor().panels.diff.items().iter().map(|item| item.text.clone()).collect()
    };
    diff::with_revision(window.editor(), &revisions[1].hash);
    window.settle();
    assert_eq!(texts(&mut window), ["b of sum: 2 → 4"]);
    // Two versions that are both of the past.
    window.choose("Newer version");
    window.choose(&format!("{}  {}", revisions[0].hash, revisions[0].title));
    assert_eq!(texts(&mut window), ["b of sum: 2 → 3"]);
    let (name, is_modified) =
        window.editor().active().map(|(shown, _)| (shown.name(), shown.open.is_modified())).unwrap();
    assert_eq!((name, is_modified), (format!("game.json at {}", revisions[0].hash), false));
    assert_eq!(marks(&mut window), [("sum".to_owned(), Mark::Changed)]);
    // A file, then the first document once more.
    window.work(Todo::Newer(Newer::File(folder.join("other.json"))));
    assert_eq!(texts(&mut window), ["b of sum: 2 → 9"]);
    window.choose("Newer version");
    window.choose("game.json");
    assert_eq!(texts(&mut window), ["b of sum: 2 → 4"]);
    assert_eq!((window.text(), window.editor().documents.len()), (now, 3));
}

/// An older version: `b` of `sum` is another, `gone` is not there any more, `set` goes another way.
fn older() -> String {
    let gone = "{\"id\": \"gone\", \"type\": \"Add\", \"inputs\": {\"a\": \"node:sum:result\"}, \"_position\": {\"x\": 560, \"y\": 420}},\n        {\"id\": \"set\"";
    DOCUMENT.replace("\"b\": 2", "\"b\": 1").replace("{\"id\": \"set\"", gone)
}

fn comparing(name: &str) -> Window {
    let older = older();
    let files = [("game.json", DOCUMENT), ("old.json", &*older), ("game.schema", SCHEMA)];
    let mut window = Window::with(name, &files, &["game.json"]);
    let path = window.folder().join("old.json");
    window.work(Todo::Compare(path));
    window
}

#[test]
fn two_versions_are_side_by_side_with_one_camera_and_changes_marked() {
    let mut window = comparing("beside");
    window.choose("Side by side");
    let (layout, graph, before) = window.editor().panels.diff.shown().map(|(l, g, c)| (l, g.cloned(), c)).unwrap();
    assert_eq!((layout, &*graph.unwrap().name), (diff::Layout::Beside, "Begin"));
    // What is gone is in the older one only; what changed is in both, at the same place of each half.
    let rect = |window: &Window, label: &str| window.harness.query_by_label(label).map(|node| node.rect());
    assert!(rect(&window, "gone removed in the older version").is_some());
    assert!(rect(&window, "gone removed in the newer version").is_none());
    let pair = |window: &Window| {
        ["older", "newer"].map(|side| rect(window, &format!("sum changed in the {side} version")).unwrap())
    };
    let [left, right] = pair(&window);
    let half = window.editor().canvas.view.width() / 2.0;
    assert!((right.left() - left.left() - half).abs() < 4.0 && (right.top() - left.top()).abs() < 1.0);
    // Zooming on one side zooms both, and dragging moves both.
    window.harness.hover_at(left.center());
    window.harness.event(egui::Event::Zoom(0.8));
    window.settle();
    let [zoomed, other] = pair(&window);
    assert!(zoomed.width() < left.width() * 0.9 && (other.width() - zoomed.width()).abs() < 0.5);
    let from = egui::pos2(left.left() - 30.0, left.top() - 60.0);
    window.harness.drag_at(from);
    window.harness.run_ok();
    window.harness.hover_at(from + egui::vec2(40.0, 25.0));
    window.harness.run_ok();
    window.harness.drop_at(from + egui::vec2(40.0, 25.0));
    window.settle();
    let [moved, other_moved] = pair(&window);
    assert!((moved.left() - zoomed.left() - 40.0).abs() < 8.0, "{zoomed} {moved}");
    assert!((other_moved.left() - other.left() - (moved.left() - zoomed.left())).abs() < 0.5);
    assert_ne!(window.editor().panels.diff.shown().unwrap().2, before);
    // By keyboard: arrows, zooming, fitting; nothing is edited.
    window.press(egui::Modifiers::NONE, egui::Key::F);
    window.press(egui::Modifiers::COMMAND, egui::Key::A);
    window.press(egui::Modifiers::NONE, egui::Key::Delete);
    assert_eq!(window.text(), DOCUMENT);
    // A changed node leads to its line, and is selected for Properties.
    window.choose("sum changed in the newer version");
    assert!(window.editor().active().unwrap().0.open.selection().nodes.contains("sum"));
    // What is taken back is the same in both then.
    window.choose("Take back b of sum: 1 → 2");
    assert!(!window.has("sum changed in the newer version") && window.has("gone removed in the older version"));
    window.press(egui::Modifiers::COMMAND, egui::Key::S);
    assert_eq!(window.file("game.json"), DOCUMENT.replace("\"b\": 2", "\"b\": 1"));
}

#[test]
fn two_versions_are_in_one_with_ghosts_of_what_is_gone() {
    let mut window = comparing("together");
    window.work(Todo::Act(Action::CompareLayout));
    window.work(Todo::Act(Action::CompareLayout));
    assert!(window.has("gone removed") && window.has("sum changed"));
    window.choose("Next difference");
    window.press(egui::Modifiers::NONE, egui::Key::F4);
    assert!(window.has("2 of 2"));
    window.choose("Take back node gone is gone");
    assert!(!window.has("gone removed"));
    assert!(window.text().contains("\"gone\""));
    // With nothing left that differs, the way back to the canvas is still there.
    window.choose("Take back b of sum: 1 → 2");
    assert!(window.editor().panels.diff.items().is_empty());
    window.choose("On the canvas");
    assert!(window.has("Graph Begin"));
    window.choose("Both in one");
    window.choose("End");
    assert!(window.editor().panels.diff.shown().is_none() && window.has("Graph Begin"));
}

#[test]
fn a_graph_that_is_gone_is_looked_at_too() {
    let handler = DOCUMENT.replace("\"name\": \"Begin\"", "\"name\": \"Other\"");
    let list = &handler[handler.find("    {\n      \"name\"").unwrap()..handler.rfind("\n  ]").unwrap()];
    let older = DOCUMENT.replace("\n  ]\n}", &format!(",\n{list}\n  ]\n}}"));
    let files = [("game.json", DOCUMENT), ("old.json", &*older), ("game.schema", SCHEMA)];
    let mut window = Window::with("compare-gone", &files, &["game.json"]);
    let path = window.folder().join("old.json");
    window.work(Todo::Compare(path));
    window.choose("Side by side");
    assert!(window.has("sum removed in the older version") && !window.has("sum removed in the newer version"));
    window.choose("Take back handler Other is gone");
    assert!(window.text().contains("\"name\": \"Other\""), "{}", window.text());
    assert!(window.editor().panels.diff.items().is_empty());
}

/// A document that was changed at the places where the file was changed too, merged as far as it goes.
fn merging(name: &str) -> Window {
    let mut window = Window::new(name, DOCUMENT);
    let ours = DOCUMENT.replace("\"b\": 2", "\"b\": 5").replace("\"path\": \"Score\"", "\"path\": \"Name\"");
    let theirs = DOCUMENT.replace("\"b\": 2", "\"b\": 7").replace("\"path\": \"Score\"", "\"path\": \"Ready\"");
    let path = window.folder().join("game.json");
    let clash = statewright_editor_core::open::file::Clash {
        base: DOCUMENT.into(),
        ours: ours.as_str().into(),
        theirs: theirs.as_str().into(),
    };
    std::fs::write(&path, &ours).unwrap();
    disk::look(window.editor());
    window.settle();
    std::fs::write(&path, &theirs).unwrap();
    let id = window.editor().active().unwrap().0.id;
    window.work(Todo::Merge(id, Box::new(clash)));
    window
}

#[test]
fn conflicts_are_decided_at_their_nodes_on_the_canvas() {
    let mut window = merging("conflicts");
    assert_eq!(marks(&mut window), [("set".to_owned(), Mark::Conflict), ("sum".to_owned(), Mark::Conflict)]);
    assert!(window.has("2 of 2 conflicts to decide"));
    // The first one is gone to; the next and the one before are found by buttons.
    let selected = |window: &mut Window| window.editor().active().unwrap().0.open.selection().nodes.clone();
    let first = selected(&mut window);
    window.press(egui::Modifiers::NONE, egui::Key::F4);
    let second = selected(&mut window);
    assert_ne!(first, second);
    window.click("Previous conflict");
    assert_eq!(selected(&mut window), first);
    // Each stands below its node.
    let node = window.harness.get_by_label("Add sum").rect();
    let button = window.harness.get_by_label("Take theirs for input b of sum in Begin").rect();
    assert!(button.top() > node.bottom() && (button.left() - node.left()).abs() < 200.0, "{node} {button}");
    window.click("Take theirs for input b of sum in Begin");
    assert!(window.text().contains("\"b\": 7") && window.text().contains("\"Name\""), "{}", window.text());
    assert_eq!(marks(&mut window), [("set".to_owned(), Mark::Conflict)]);
    // Undoing takes the decision back, redoing makes it again.
    window.press(egui::Modifiers::COMMAND, egui::Key::Z);
    assert_eq!(marks(&mut window).len(), 2);
    window.press(egui::Modifiers::COMMAND, egui::Key::Y);
    assert_eq!(marks(&mut window).len(), 1);
    window.click("Take ours for input path of set in Begin");
    assert_eq!(marks(&mut window), []);
    window.click("Finish merging");
    assert!(window.editor().panels.diff.conflicts().is_empty());
    window.press(egui::Modifiers::COMMAND, egui::Key::S);
    let saved = window.file("game.json");
    assert!(saved == window.text() && saved.contains("\"b\": 7") && saved.contains("\"path\": \"Name\""), "{saved}");
}

#[test]
fn all_conflicts_are_decided_for_one_side_at_once() {
    let mut window = merging("conflicts-all");
    window.click("Take ours for input b of sum in Begin");
    window.click("All theirs");
    let text = window.text();
    assert!(text.contains("\"b\": 5") && text.contains("\"path\": \"Ready\""), "what was decided stays: {text}");
}

#[test]
fn a_version_in_git_is_merged_in_since_what_both_come_from() {
    let mut window = Window::new("merge-git", DOCUMENT);
    let folder = window.folder().to_owned();
    let write = |text: &str| std::fs::write(folder.join("game.json"), text).unwrap();
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-qm", "Base"]);
    git(&folder, &["checkout", "-qb", "theirs"]);
    write(&DOCUMENT.replace("\"b\": 2", "\"b\": 9"));
    git(&folder, &["commit", "-qam", "Theirs"]);
    git(&folder, &["checkout", "-q", "main"]);
    let ours = DOCUMENT.replace("\"path\": \"Score\"", "\"path\": \"Name\"");
    write(&ours);
    git(&folder, &["commit", "-qam", "Ours"]);
    disk::look(window.editor());
    window.settle();
    diff::with_revision(window.editor(), "theirs");
    window.settle();
    window.choose("Merge it in");
    assert_eq!(window.text(), ours.replace("\"b\": 2", "\"b\": 9"), "both changes, and nothing to decide");
    assert!(window.editor().panels.diff.conflicts().is_empty());
    window.press(egui::Modifiers::COMMAND, egui::Key::S);
    assert_eq!(window.file("game.json"), window.text());
}

#[test]
fn a_file_is_merged_in_and_every_difference_is_a_question() {
    let mut window = comparing("merge-file");
    window.work(Todo::Act(Action::MergeIn));
    let conflicts = window.editor().panels.diff.conflicts();
    assert_eq!(conflicts, [("input b of sum in Begin".to_owned(), None)]);
    assert!(window.text().contains("\"gone\""), "what only they have comes: {}", window.text());
    window.choose("Take theirs for input b of sum in Begin");
    assert!(window.text().contains("\"b\": 1"));
    // Since a third file, which has no node `gone` either: it is theirs alone, and comes again without a question.
    let mut window = comparing("merge-since");
    let path = window.folder().join("base.json");
    std::fs::write(&path, DOCUMENT).unwrap();
    window.work(Todo::MergeSince(path));
    assert!(window.text().contains("\"gone\"") && window.text().contains("\"b\": 1"), "{}", window.text());
    assert!(window.editor().panels.diff.conflicts().is_empty());
}
