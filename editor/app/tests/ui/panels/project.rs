//! The folder's tree, replacing across its files, renaming across them, texts between programs.

use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::panels::Panel;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::selection::Selection;
use statewright_graph::document::{GraphAt, GraphKind};

use crate::window::{DOCUMENT, SCHEMA, Window};

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };
const CONFIG: &str = "package game\n\nconfig Rules {\n    Cards int64 @default(5)\n}\n";
const TEST: &str = "{\"tests\": [{\"name\": \"points\", \"document\": \"a.json\"}]}\n";

fn messages(window: &mut Window) -> String {
    window.editor().notices.all().iter().map(|notice| notice.message.clone()).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_kind_of_file_is_in_the_tree_and_opens_where_it_is_worked_on() {
    let files = [("a.json", DOCUMENT), ("a.test.json", TEST), ("game.schema", SCHEMA), ("rules.config", CONFIG)];
    let mut window = Window::with("tree", &files, &[""]);
    window.click("game.schema");
    assert_eq!(window.editor().panels.bottom, Some(Panel::Schema));
    let shown = |window: &mut Window| window.editor().panels.schema.beside().unwrap().path().to_owned();
    assert_eq!(shown(&mut window), window.folder().join("game.schema"));
    window.click("rules.config");
    assert_eq!(shown(&mut window), window.folder().join("rules.config"));
    window.click("a.test.json");
    assert_eq!(window.editor().panels.bottom, Some(Panel::Tests));
    window.press(Modifiers::NONE, Key::Escape);
    window.click("a.json");
    assert_eq!(window.text(), DOCUMENT);
    // What was opened lately is opened again from there.
    window.press(Modifiers::COMMAND, Key::W);
    assert!(window.editor().documents.is_empty());
    let name = window.folder().file_name().unwrap().to_string_lossy().into_owned();
    window.click(&format!("a.json in {name}"));
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn a_text_is_replaced_in_files_that_are_not_open_after_they_were_shown() {
    let other = DOCUMENT.replace("\"path\": \"Score\"", "\"path\": \"Name\"");
    let test = TEST.replace("points", "param:points");
    let files = [
        ("a.json", DOCUMENT),
        ("b.json", &*other),
        ("c.json", DOCUMENT),
        ("a.test.json", &*test),
        ("game.schema", SCHEMA),
    ];
    let mut window = Window::with("across", &files, &["a.json"]);
    window.work(Todo::Act(Action::FindInProject));
    window.enter("Find", "param:points");
    window.enter("Replace with", "param:gems");
    window.click("Replace all");
    for name in ["a.json", "b.json", "c.json", "a.test.json"] {
        assert!(!window.file(name).contains("gems"), "nothing is written before it was seen");
    }
    assert!(window.has("Replace in a.json (open), 1 line") && window.has("Replace in a.test.json, 1 line"));
    window.choose("Replace in c.json, 1 line");
    window.choose("Replace in 3 files");
    // The open one changed as by any command, the others are written, the one that was not ticked is as it was.
    assert!(window.text().contains("param:gems") && window.file("a.json") == DOCUMENT);
    assert_eq!(window.file("b.json"), other.replace("param:points", "param:gems"));
    assert_eq!(window.file("a.test.json"), test.replace("param:points", "param:gems"));
    assert_eq!(window.file("c.json"), DOCUMENT);
    window.work(Todo::Act(Action::Undo));
    assert_eq!(window.text(), DOCUMENT);
    window.choose("Take back 2 files");
    assert!(window.file("b.json") == other && window.file("a.test.json") == test);
}

#[test]
fn what_changed_meanwhile_is_kept_when_a_project_is_replaced_in() {
    let files = [("a.json", DOCUMENT), ("b.json", DOCUMENT), ("c.json", DOCUMENT), ("game.schema", SCHEMA)];
    let mut window = Window::with("across-meanwhile", &files, &["a.json"]);
    window.work(Todo::Act(Action::FindInProject));
    window.enter("Find", "param:points");
    window.enter("Replace with", "param:gems");
    window.click("Replace all");
    let elsewhere = DOCUMENT.replace("\"path\": \"Score\"", "\"path\": \"Name\"");
    let same = DOCUMENT.replace("param:points", "param:coins");
    std::fs::write(window.folder().join("b.json"), &elsewhere).unwrap();
    std::fs::write(window.folder().join("c.json"), &same).unwrap();
    window.choose("Replace in 3 files");
    assert_eq!(window.file("b.json"), elsewhere.replace("param:points", "param:gems"));
    assert_eq!(window.file("c.json"), same);
    assert!(messages(&mut window).contains("c.json changed meanwhile"));
}

#[test]
fn a_field_is_renamed_in_documents_of_the_folder_that_are_not_open() {
    let files =
        [("a.json", DOCUMENT), ("b.json", DOCUMENT), ("none.json", "{\"handlers\": []}"), ("game.schema", SCHEMA)];
    let mut window = Window::with("rename-across", &files, &["a.json"]);
    window.work(Todo::Act(Action::Schema));
    window.choose("Rename Score everywhere");
    window.write("Name", "Points");
    assert_eq!(window.editor().documents.len(), 2, "the one that has it is opened, the other is not");
    window.work(Todo::Act(Action::SaveAll));
    for name in ["a.json", "b.json"] {
        assert_eq!(window.file(name), DOCUMENT.replace("\"path\": \"Score\"", "\"path\": \"Points\""));
    }
}

/// What was put on the clipboard in the last frames.
fn copied(window: &mut Window, cut: bool) -> String {
    window.harness.event(if cut { egui::Event::Cut } else { egui::Event::Copy });
    let mut text = None;
    for _ in 0..4 {
        window.harness.step();
        let found = window.harness.output().platform_output.commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
        text = text.or(found);
    }
    window.settle();
    text.unwrap()
}

#[test]
fn nodes_are_copied_as_text_that_another_program_takes() {
    let mut first = Window::new("copied-from", DOCUMENT);
    first.work(Todo::Select(Selection::of_nodes(AT, ["sum", "set"])));
    let text = copied(&mut first, false);
    let tree = statewright_types::json::parse(text.as_str()).unwrap();
    let said = tree.get(tree.root(), "statewright").and_then(|node| tree.str(node)).map(|said| said.to_string());
    assert_eq!(said.as_deref(), Some("fragment"), "{text}");
    // Another program on another document: the text is all that goes over.
    let empty = DOCUMENT
        .replace("\"nodes\": [", "\"nodes\": [], \"_old\": [")
        .replace("\"flow\": [{\"from\": \"start\", \"to\": \"set\"}]", "\"flow\": []");
    let mut second = Window::new("copied-to", &empty);
    second.harness.event(egui::Event::Paste(text.clone()));
    second.settle();
    let pasted = second.text();
    assert!(pasted.contains("\"value\": \"node:sum:result\"") && pasted.contains("\"param:points\""), "{pasted}");
    assert_eq!(second.editor().active().unwrap().0.graph(AT).unwrap().nodes.len(), 2);
    assert_eq!(second.editor().active().unwrap().0.checked.findings.count().0, 0);
    // In the same one: with names of their own, the wire between them kept; one step.
    first.harness.event(egui::Event::Paste(text));
    first.settle();
    let (document, _) = first.editor().active().unwrap();
    let nodes: Vec<String> = document.graph(AT).unwrap().nodes.iter().map(|node| node.id.text.to_string()).collect();
    assert_eq!(nodes.len(), 4, "{nodes:?}");
    assert!(first.text().contains(&format!("\"node:{}:result\"", nodes[2])), "{}", first.text());
    first.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(first.text(), DOCUMENT);
    let text = copied(&mut first, true);
    assert!(text.contains("fragment") && !first.text().contains("\"sum\""), "a cut takes them away");
    // What is no fragment does nothing but say so.
    first.press(Modifiers::COMMAND, Key::Z);
    first.harness.event(egui::Event::Paste("hello".to_owned()));
    first.settle();
    assert_eq!(first.text(), DOCUMENT);
}

#[test]
fn ten_thousand_nodes_are_checked_while_the_window_goes_on() {
    let node = |index: usize| {
        format!("{{\"id\": \"n{index}\", \"type\": \"SetField\", \"inputs\": {{\"path\": \"Score\", \"value\": 1}}}}")
    };
    let nodes: Vec<String> = (0..10_000).map(node).collect();
    let edges: Vec<String> =
        (1..10_000).map(|index| format!("{{\"from\": \"n{}\", \"to\": \"n{index}\"}}", index - 1)).collect();
    let document = format!(
        "{{\"stateType\": \"Game\", \"handlers\": [{{\"name\": \"H\", \"event\": \"E\", \"nodes\": [{}], \"flow\": [{{\"from\": \"start\", \"to\": \"n0\"}},{}]}}]}}",
        nodes.join(",\n"),
        edges.join(",\n")
    );
    let mut window = Window::new("ten-thousand", &document);
    let count = |window: &mut Window| window.editor().active().unwrap().0.checked.findings.count().0;
    assert_eq!(count(&mut window), 0);
    let command = statewright_editor_core::command::Command::SetInput {
        graph: AT,
        nodes: vec![Arc::from("n9999")],
        port: "value".to_owned(),
        value: Some(statewright_types::Value::str("param:nobody")),
    };
    window.editor().push(Todo::Run(command, None));
    window.harness.step();
    // The frame that made the edit shows it, and has not waited for the checker.
    assert!(window.text().contains("param:nobody"));
    assert!(!window.editor().active().unwrap().0.is_checked());
    assert_eq!(count(&mut window), 0);
    window.settle();
    assert_eq!(count(&mut window), 1);
    window.press(Modifiers::NONE, Key::F8);
    assert!(window.editor().active().unwrap().0.open.selection().nodes.contains("n9999"));
}

#[test]
fn graphs_of_every_kind_have_tabs() {
    let mut window = Window::new("kinds", DOCUMENT);
    for kind in ["function", "filter", "effect"] {
        window.choose(&format!("Add {kind}"));
        window.write("Name", &format!("New{kind}"));
    }
    let kinds: Vec<GraphKind> = window.editor().tabs.iter().map(|tab| tab.name.kind()).collect();
    assert_eq!(kinds, [GraphKind::Handler, GraphKind::Function, GraphKind::Filter, GraphKind::Effect]);
    window.press(Modifiers::COMMAND, Key::S);
    let saved = window.file("game.json");
    for kind in ["function", "filter", "effect"] {
        assert!(saved.contains(&format!("\"New{kind}\"")), "{saved}");
    }
    window.harness.get_by_label("Tab Begin").click();
    window.settle();
    assert_eq!(window.editor().active().unwrap().1, AT);
}

#[test]
fn what_other_programs_write_is_noticed_by_itself() {
    let mut window = Window::new("noticed", DOCUMENT);
    let theirs = DOCUMENT.replace("\"b\": 2", "\"b\": 3");
    std::fs::write(window.folder().join("game.json"), &theirs).unwrap();
    std::fs::write(window.folder().join("new.json"), DOCUMENT).unwrap();
    let seconds = f64::from(window.editor().settings.autosave_seconds) + 1.0;
    let now = window.harness.input().time.unwrap_or_default();
    window.harness.input_mut().time = Some(now + seconds);
    window.settle();
    assert_eq!(window.text(), theirs);
    window.work(Todo::Panel(Panel::Project));
    window.click("new.json");
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn json_that_is_no_document_is_opened_where_it_belongs() {
    let files = [
        ("game.json", DOCUMENT),
        ("game.schema", SCHEMA),
        ("odds.json", r#"{"steps": [{"event": "Begin"}]}"#),
        ("state.json", r#"{"Score": 3}"#),
    ];
    let mut window = Window::with("other-json", &files, &["game.json"]);
    let open = |window: &mut Window, name: &str| {
        let path = window.folder().join(name);
        window.work(Todo::Open(path));
    };
    open(&mut window, "odds.json");
    assert_eq!(window.editor().panels.bottom, Some(Panel::Odds));
    let id = window.editor().active().unwrap().0.id;
    let chosen = window.editor().panels.odds.form(id).unwrap().to_value();
    let chosen = statewright_types::json::to_string(&chosen);
    assert!(chosen.contains("odds.json"), "{chosen}");
    open(&mut window, "state.json");
    assert!(window.editor().dialog.is_some());
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(window.editor().documents.len(), 1);
    assert_eq!((window.file("odds.json"), window.file("state.json")), (files[2].1.to_owned(), files[3].1.to_owned()));
}
