//! The outline and tabs.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_graph::document::{GraphAt, GraphKind};

use crate::window::{DOCUMENT, Window};

#[test]
fn graphs_are_added_renamed_with_their_calls_and_removed() {
    let mut window = Window::new("graphs", DOCUMENT);
    window.click("Add function");
    window.write("Name", "Total");
    assert!(window.text().contains("\"name\": \"Total\""));
    assert_eq!(window.editor().tabs.len(), 2);
    let graph = GraphAt { kind: GraphKind::Handler, index: 0 };
    let node = statewright_editor_core::command::NodeToAdd {
        ty: "CallFunction".into(),
        id: Some("call".into()),
        inputs: vec![("function".into(), statewright_types::Value::str("Total"))],
        ..Default::default()
    };
    window.work(Todo::Run(statewright_editor_core::command::Command::AddNode { graph, node }, None));
    window.work(Todo::Select(Default::default()));
    window.press(Modifiers::NONE, Key::F2);
    window.write("Name", "Sum");
    let text = window.text();
    assert!(
        text.contains("\"name\": \"Sum\"") && text.contains("\"function\": \"Sum\"") && !text.contains("Total"),
        "{text}"
    );
    window.press(Modifiers::COMMAND, Key::Z);
    window.press(Modifiers::COMMAND, Key::Z);
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.text(), DOCUMENT);
    assert_eq!(window.editor().tabs.len(), 1);
}

#[test]
fn the_document_says_which_root_and_files_it_is_of() {
    let mut window = Window::new("document", DOCUMENT);
    window.write("Package", "games");
    window.write("Schema file", "other.schema");
    let text = window.text();
    assert!(text.contains("\"package\": \"games\"") && text.contains("\"schemaPath\": \"other.schema\""), "{text}");
    let (document, _) = window.editor().active().unwrap();
    assert!(document.schema.problem.is_some());
    window.write("Package", "");
    assert!(!window.text().contains("games"));
}

#[test]
fn back_goes_where_one_was() {
    let mut window = Window::new("trail", DOCUMENT);
    window.click("Add function");
    window.write("Name", "Total");
    let name = |window: &mut Window| {
        let editor = window.editor();
        editor.tabs[editor.active].name.name.to_string()
    };
    assert_eq!(name(&mut window), "Total");
    window.work(Todo::Act(Action::Back));
    assert_eq!(name(&mut window), "Begin");
    window.work(Todo::Act(Action::Forward));
    assert_eq!(name(&mut window), "Total");
    window.press(Modifiers::COMMAND, Key::PageUp);
    assert_eq!(name(&mut window), "Begin");
    window.harness.get_by_label("Close tab Total").click();
    window.settle();
    assert_eq!(window.editor().tabs.len(), 1);
}
