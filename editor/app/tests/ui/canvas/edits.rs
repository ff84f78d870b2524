//! Edits on the canvas: frames, notes, comments, functions, places, values by type, pins that come with others.

use egui::{Key, Modifiers, PointerButton, vec2};
use egui_kittest::kittest::Queryable;
use statewright_editor::canvas::access::pin_name;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::selection::Selection;
use statewright_editor_core::wires::{PinId, Side};
use statewright_graph::document::{GraphAt, GraphKind};

use super::NONE;
use crate::window::{DOCUMENT, Window};

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };

/// The document with another node in the place of its sum.
fn with(node: &str) -> String {
    let sum =
        r#"{"id": "sum", "type": "Add", "inputs": {"a": "param:points", "b": 2}, "_position": {"x": 260, "y": 220}}"#;
    assert!(DOCUMENT.contains(sum));
    DOCUMENT.replace(sum, node).replace("node:sum:result", "param:points")
}

impl Window {
    /// Presses an input as a screen reader does.
    fn choose_pin(&mut self, node: &str, name: &str) {
        let here = self.here();
        self.choose(&pin_name(&here, &PinId::new(node, Side::Input, name)));
    }

    /// Presses an input as a screen reader does, and writes there.
    fn fill_pin(&mut self, node: &str, name: &str, text: &str) {
        self.choose_pin(node, name);
        self.type_text(text);
        self.press(NONE, Key::Enter);
    }
}

#[test]
fn frames_have_titles_and_colours() {
    let framed = DOCUMENT.replace(
        r#""flow": ["#,
        r#""_editor": {"frames": [{"id": "f", "title": "Both", "rect": [200, 20, 700, 420]}]}, "flow": ["#,
    );
    let mut window = Window::new("frames", &framed);
    let title = window.harness.get_by_label("Frame Both").rect().left_top() + vec2(30.0, 6.0);
    window.click_at(title, PointerButton::Secondary, NONE);
    window.click("Green");
    assert!(window.text().contains(r##""colour": "#3d8b5f""##), "{}", window.text());
    let title = window.harness.get_by_label("Frame Both").rect().left_top() + vec2(30.0, 6.0);
    window.double_click(title);
    window.press(Modifiers::COMMAND, Key::A);
    window.type_text("Points");
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""title": "Points""#), "{}", window.text());
}

#[test]
fn nodes_get_comments_and_notes_their_text() {
    let mut window = Window::new("comments", DOCUMENT);
    window.work(Todo::Select(Selection::of_nodes(AT, ["sum"])));
    window.act(Action::Comment);
    window.type_text("adds two");
    window.click("OK");
    assert!(window.text().contains(r#""_comment": "adds two""#), "{}", window.text());
    window.act(Action::SelectNone);
    window.act(Action::AddNote);
    let note = window.place("Note Note");
    window.double_click(note);
    window.press(Modifiers::COMMAND, Key::A);
    window.type_text("Why");
    window.click("OK");
    assert!(window.saved().contains(r#""text": "Why""#), "{}", window.text());
}

#[test]
fn a_function_is_made_of_nodes_and_taken_apart_again() {
    let mut window = Window::new("expanded", DOCUMENT);
    window.act(Action::SelectAll);
    window.act(Action::Collapse);
    window.type_text("Total");
    window.press(NONE, Key::Enter);
    let call = window.here().scene.cards.iter().find(|card| &*card.ty == "CallFunction").unwrap().id.clone();
    window.work(Todo::Select(Selection::of_nodes(AT, [call])));
    window.act(Action::Expand);
    let types: Vec<String> = window.here().scene.cards.iter().map(|card| card.ty.to_string()).collect();
    assert_eq!(types, ["", "Add", "SetField"], "{}", window.text());
    assert!(window.saved().contains("param:points"), "{}", window.text());
    let (document, _) = window.editor().active().unwrap();
    assert_eq!(document.checked.findings.count().0, 0, "{:?}", document.checked.findings);
}

#[test]
fn nodes_are_distributed_evenly() {
    let third = r#"{"id": "more", "type": "Add", "inputs": {"a": 1, "b": 1}, "_position": {"x": 300, "y": 900}},
        {"id": "set""#;
    let mut window = Window::new("distributed", &DOCUMENT.replace(r#"{"id": "set""#, third));
    window.act(Action::SelectAll);
    window.act(Action::DistributeColumn);
    let here = window.here();
    let rect = |id: &str| here.scene.card(id).unwrap().rect;
    let (first, second, third) = (rect("set"), rect("sum"), rect("more"));
    assert!((second.y - first.bottom() - (third.y - second.bottom())).abs() < 1.0, "{}", window.text());
    assert_eq!((first.y, third.y), (60.0, 900.0));
    assert_eq!(window.steps(), 1);
}

#[test]
fn a_file_without_places_is_laid_out_and_stays_as_it_is() {
    let bare = DOCUMENT
        .replace(r#", "_position": {"x": 260, "y": 220}"#, "")
        .replace(r#", "_position": {"x": 560, "y": 60}"#, "");
    let mut window = Window::new("bare", &bare);
    let here = window.here();
    let cards: Vec<_> = here.scene.cards.iter().map(|card| card.rect).collect();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        assert!(!cards[a].touches(&cards[b]), "{cards:?}");
    }
    assert_eq!(window.text(), bare);
    window.act(Action::Layout);
    assert_eq!(window.saved().matches("_position").count(), 2, "{}", window.text());
    let after = window.here().scene.cards.iter().map(|card| card.rect).collect::<Vec<_>>();
    assert_eq!(after, cards, "as it was shown");
}

#[test]
fn switches_texts_and_choices_are_edited_by_type() {
    let node = r#"{"id": "is", "type": "If", "inputs": {"condition": false}, "_position": {"x": 260, "y": 220}},
        {"id": "say", "type": "Trace", "inputs": {"text": "old"}, "_position": {"x": 260, "y": 420}},
        {"id": "cmp", "type": "Compare", "inputs": {"left": 1, "op": "==", "right": 2}, "_position": {"x": 260, "y": 620}}"#;
    let mut window = Window::new("by-type", &with(node));
    window.act(Action::FitAll);
    window.choose("is input condition bool, false");
    assert!(window.text().contains(r#""condition": true"#), "{}", window.text());
    window.fill_pin("say", "text", "new");
    assert!(window.text().contains(r#""text": "new""#), "{}", window.text());
    window.choose_pin("cmp", "op");
    window.press(NONE, Key::ArrowDown);
    window.press(NONE, Key::ArrowDown);
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""op": "!=""#), "{}", window.text());
}

#[test]
fn lists_grow_and_their_elements_are_edited() {
    let node = r#"{"id": "all", "type": "SetVariable", "inputs": {"name": "v", "value": [1, 2]}, "_position": {"x": 260, "y": 220}}"#;
    let mut window = Window::new("lists", &with(node));
    window.choose_pin("all", "value");
    assert!(window.text().contains("[1, 2, 0]"), "{}", window.text());
    window.fill_pin("all", "value.2", "7");
    assert!(window.saved().contains("[1, 2, 7]"), "{}", window.text());
}

#[test]
fn calls_structs_and_returns_have_pins_of_what_they_take() {
    let node = r#"{"id": "call", "type": "CallFunction", "inputs": {"function": "F"}, "_position": {"x": 260, "y": 220}},
        {"id": "make", "type": "CreateStruct", "inputs": {"type": "Player"}, "_position": {"x": 260, "y": 420}}"#;
    let function = r#"  "functions": [{"name": "F", "parameters": [{"name": "n", "type": "int"}], "returnType": "int",
    "nodes": [{"id": "back", "type": "Return", "inputs": {"value": 3}}], "flow": [{"from": "start", "to": "back"}]}],
  "handlers": ["#;
    let mut window = Window::new("dynamic", &with(node).replace("  \"handlers\": [", function));
    window.act(Action::FitAll);
    window.fill_pin("call", "args.n", "5");
    assert!(window.text().contains(r#""args": {"n": 5}"#), "{}", window.text());
    window.fill_pin("make", "fields.Score", "8");
    assert!(window.text().contains(r#""fields": {"Score": 8}"#), "{}", window.text());
    let document = window.here().document;
    window.work(Todo::ShowGraph(document, GraphAt { kind: GraphKind::Function, index: 0 }));
    window.fill_pin("back", "value", "4");
    assert!(window.saved().contains(r#""value": 4"#), "{}", window.text());
    // What the function gives back is no text.
    window.choose_pin("back", "value");
    window.type_text("x");
    window.press(NONE, Key::Enter);
    assert!(window.editor().canvas.editing.is_some() && window.text().contains(r#""value": 4"#));
}

#[test]
fn the_palette_leads_backwards_too_and_has_the_documents_functions() {
    let function = r#"  "functions": [{"name": "Twice", "parameters": [{"name": "n", "type": "int"}], "returnType": "int",
    "nodes": [{"id": "back", "type": "Return", "inputs": {"value": 3}}], "flow": [{"from": "start", "to": "back"}]}],
  "handlers": ["#;
    let mut window = Window::new("backwards", &DOCUMENT.replace("  \"handlers\": [", function));
    // From an input to the left: what gives a number, and it is connected.
    let to = window.place("sum input b number, 2");
    window.drag(to, to + vec2(-150.0, 130.0));
    assert!(window.editor().dialog.is_some());
    window.type_text("multiply");
    window.press(NONE, Key::Enter);
    assert!(window.text().contains(r#""type": "Multiply""#), "{}", window.text());
    assert!(window.text().contains(r#""b": "node:multiply:result""#), "{}", window.text());
    window.act(Action::SelectNone);
    window.press(NONE, Key::Space);
    window.type_text("Twice");
    window.press(NONE, Key::Enter);
    let text = window.saved();
    assert!(text.contains(r#""type": "CallFunction""#) && text.contains(r#""function": "Twice""#), "{text}");
}
