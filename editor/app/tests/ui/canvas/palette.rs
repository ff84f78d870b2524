//! What the palette offers besides the nodes of the language: those of the host program, and the document's functions.

use egui::{Key, vec2};
use statewright_editor::panels::{Panel, code};
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;

use super::NONE;
use crate::window::{SCHEMA, Window};

const CALLING: &str = r#"{
  "stateType": "Game",
  "handlers": [
    {
      "name": "Begin",
      "event": "Begin",
      "parameters": [{"name": "points", "type": "int64"}],
      "nodes": [
        {"id": "set", "type": "SetField", "inputs": {"path": "Score", "value": 1}, "_position": {"x": 260, "y": 60}}
      ],
      "flow": [{"from": "start", "to": "set"}]
    }
  ],
  "functions": [
    {
      "name": "DoubleScore",
      "parameters": [{"name": "by", "type": "int64"}],
      "nodes": [
        {"id": "set", "type": "SetField", "inputs": {"path": "Score", "value": "param:by"}, "_position": {"x": 260, "y": 60}}
      ],
      "flow": [{"from": "start", "to": "set"}]
    }
  ]
}
"#;

const NODES: &str = r#"{
  "nodes": [
    {
      "name": "Terrain",
      "category": "Island",
      "summary": "How high the ground is at a place.",
      "docs": "",
      "kind": "pure",
      "inputs": [{"name": "x", "type": "int64", "docs": "East of the middle."}],
      "outputs": [{"name": "height", "type": "float64", "docs": "Metres above the sea."}],
      "errors": []
    }
  ]
}
"#;

fn window(name: &str) -> Window {
    let files = [("game.json", CALLING), ("game.schema", SCHEMA), ("nodes.json", NODES)];
    Window::with(name, &files, &["game.json"])
}

/// What is wrong with the document.
fn wrong(window: &mut Window) -> (usize, usize) {
    window.editor().active().unwrap().0.checked.findings.count()
}

#[test]
fn nodes_that_the_project_s_host_program_declares_are_placed_and_checked() {
    let mut window = window("host-nodes");
    // Dropped on nothing, the wire asks for what takes it.
    let from = window.place("start output points int64");
    window.drag(from, from + vec2(60.0, 220.0));
    window.type_text("ground");
    window.press(NONE, Key::Enter);
    let text = window.saved();
    assert!(text.contains(r#""type": "Terrain""#) && text.contains(r#""x": "param:points""#), "{text}");
    let scene = window.here().scene;
    let card = scene.cards.iter().find(|card| &*card.ty == "Terrain").unwrap();
    assert!(card.is_known && card.severity != Some(statewright_types::Severity::Error), "{card:?}");
    assert_eq!(card.pins.iter().map(|pin| &*pin.id.name).collect::<Vec<_>>(), ["x", "height"]);
    assert_eq!(wrong(&mut window).0, 0, "{}", window.text());
    // What knows the document otherwise knows them, too.
    window.work(Todo::Panel(Panel::Code));
    window.click("Rust");
    code::wait(window.editor());
    assert!(window.editor().panels.code.text().is_some_and(|text| text.contains("fn ")));
    window.act(Action::Undo);
    assert_eq!(window.text(), CALLING);
}

#[test]
fn declarations_that_change_on_the_disk_are_taken_in_unless_they_have_mistakes() {
    let mut window = window("host-nodes-change");
    window.press(NONE, Key::Space);
    window.type_text("terrain");
    window.press(NONE, Key::Enter);
    assert!(window.text().contains(r#""type": "Terrain""#), "{}", window.text());
    let look = |window: &mut Window, text: &str| {
        std::fs::write(window.folder().join("nodes.json"), text).unwrap();
        statewright_editor::act::files::disk::look(window.editor());
        window.settle();
        let scene = window.here().scene;
        let card = scene.cards.iter().find(|card| &*card.ty == "Terrain").unwrap();
        card.is_known
    };
    assert!(look(&mut window, "{\"nodes\": [{"), "what has mistakes takes nothing away");
    assert!(window.has("nodes.json has mistakes"));
    assert!(!look(&mut window, "{\"nodes\": []}"));
    assert!(look(&mut window, NODES));
    // Without the file nothing is declared. What is placed lacks its input all along.
    assert_eq!(wrong(&mut window).0, 1);
    let file = window.folder().join("nodes.json");
    std::fs::remove_file(&file).unwrap();
    statewright_editor::act::files::disk::look(window.editor());
    window.settle();
    assert!(!window.here().scene.cards.iter().any(|card| &*card.ty == "Terrain" && card.is_known));
    assert!(!window.has("nodes.json has mistakes"));
    assert!(look(&mut window, NODES));
    assert_eq!(wrong(&mut window).0, 1);
}

#[test]
fn declarations_that_the_editor_was_told_of_hold_for_all_documents() {
    let mut window =
        Window::with("host-nodes-told", &[("game.json", CALLING), ("game.schema", SCHEMA)], &["game.json"]);
    let elsewhere = window.folder().join("host.json");
    std::fs::write(&elsewhere, NODES).unwrap();
    window.editor().host.declared = Some(elsewhere.clone());
    statewright_editor::act::files::disk::look(window.editor());
    window.settle();
    window.press(NONE, Key::Space);
    window.type_text("terrain");
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""type": "Terrain""#));
    let is_known =
        |window: &mut Window| window.here().scene.cards.iter().any(|card| &*card.ty == "Terrain" && card.is_known);
    assert!(is_known(&mut window));
    // While it is not there, what it said holds.
    std::fs::remove_file(&elsewhere).unwrap();
    statewright_editor::act::files::disk::look(window.editor());
    window.settle();
    assert!(is_known(&mut window));
    assert!(window.has("host.json cannot be read"));
}

#[test]
fn functions_of_the_document_are_placed_as_calls() {
    let mut window = window("functions-placed");
    window.press(NONE, Key::Space);
    window.type_text("doublesc");
    window.press(NONE, Key::Enter);
    let text = window.saved();
    assert!(text.contains(r#""type": "CallFunction""#) && text.contains(r#""function": "DoubleScore""#), "{text}");
}
