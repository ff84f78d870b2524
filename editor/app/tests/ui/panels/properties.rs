//! Properties of nodes and graphs, and what inputs refer to.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::todo::Todo;
use statewright_editor_core::selection::Selection;
use statewright_graph::document::{GraphAt, GraphKind};

use crate::window::{DOCUMENT, Window};

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };

fn select(window: &mut Window, nodes: &[&str]) {
    window.work(Todo::Select(Selection::of_nodes(AT, nodes.iter().copied())));
}

#[test]
fn a_node_is_renamed_wherever_it_is_named() {
    let mut window = Window::new("rename-node", DOCUMENT);
    select(&mut window, &["sum"]);
    window.write("Node name", "total");
    let text = window.text();
    assert!(
        text.contains("\"id\": \"total\"") && text.contains("node:total:result") && !text.contains("sum"),
        "{text}"
    );
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn inputs_are_edited_by_type_and_of_several_nodes_at_once() {
    let document = DOCUMENT.replace(
        "{\"id\": \"set\"",
        "{\"id\": \"other\", \"type\": \"Add\", \"inputs\": {\"a\": 5, \"b\": 6}},\n        {\"id\": \"set\"",
    );
    let mut window = Window::new("inputs", &document);
    select(&mut window, &["sum"]);
    window.write("b", "7");
    assert_eq!(window.text(), document.replace("\"b\": 2", "\"b\": 7"));
    select(&mut window, &["sum", "other"]);
    window.click("Clear b");
    let text = window.text();
    assert!(!text.contains("\"b\""), "{text}");
    window.write("b", "9");
    assert_eq!(window.text().matches("\"b\": 9").count(), 2, "{}", window.text());
}

#[test]
fn a_comment_that_is_being_written_is_kept_when_something_else_is_selected() {
    let mut window = Window::new("left", DOCUMENT);
    select(&mut window, &["sum"]);
    window.harness.get_by_label("Node comment").focus();
    window.settle();
    window.harness.event(egui::Event::Text("Adds up.".into()));
    window.settle();
    select(&mut window, &["set"]);
    assert!(window.text().contains("\"_comment\": \"Adds up.\""), "{}", window.text());
    let node = window.text().find("\"sum\"").unwrap();
    assert!(window.text().find("Adds up.").unwrap() - node < 200);
}

#[test]
fn what_an_input_refers_to_is_picked_and_goes_on_into_its_parts() {
    let mut window = Window::new("picked", DOCUMENT);
    select(&mut window, &["set"]);
    window.click("Refer value");
    window.harness.get_by_label("Reference").focus();
    window.settle();
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(egui::Event::Text("points".into()));
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.text().contains("\"value\": \"param:points\""), "{}", window.text());
    window.click("Refer path");
    window.harness.get_by_label("Reference").focus();
    window.settle();
    window.press(Modifiers::COMMAND, Key::A);
    for text in ["Players.", "Players[param:id:ID]."] {
        window.press(Modifiers::COMMAND, Key::A);
        window.harness.event(egui::Event::Text(text.into()));
        window.settle();
    }
    assert!(window.has(".Score int64"));
    window.click(".Score int64");
    assert!(window.text().contains("\"path\": \"Players[param:id:ID].Score\""), "{}", window.text());
}

#[test]
fn a_graph_has_parameters_permissions_and_an_event() {
    let mut window = Window::new("graph", DOCUMENT);
    window.write("Event", "Start");
    window.write("Parameter points", "score");
    let text = window.text();
    assert!(text.contains("\"event\": \"Start\"") && text.contains("param:score"), "{text}");
    window.write("Type of score", "nonsense");
    assert_eq!(window.text(), text, "a type that does not exist is refused");
    window.write("Type of score", "int32");
    window.harness.get_by_label("New parameter").focus();
    window.settle();
    window.harness.event(egui::Event::Text("who".into()));
    window.settle();
    window.harness.get_by_label("Type of new parameter").focus();
    window.settle();
    window.harness.event(egui::Event::Text("string".into()));
    window.settle();
    window.click("Add");
    window.click("Move up who");
    window.click("Only the host");
    window.write("Only these players", "ann, bob");
    let text = window.text();
    let (who, score) = (text.find("\"who\"").unwrap(), text.find("\"score\"").unwrap());
    assert!(who < score && text.contains("\"int32\""), "{text}");
    assert!(text.contains("\"hostOnly\": true") && text.contains("\"bob\""), "{text}");
    window.click("Remove parameter who");
    assert!(!window.text().contains("\"who\""));
}
