//! Wires can be followed: they go around cards, also while these are moved, and lie above what they cross when they are meant.

use egui::{PointerButton, vec2};
use egui_kittest::kittest::Queryable;
use statewright_editor_core::actions::Action;
use statewright_editor_core::meta::Rect;
use statewright_editor_core::scene::Route;

use super::NONE;
use crate::window::Window;

/// `wall` stands between `first` and `last`, where the flow from one to the other would go.
const BETWEEN: &str = r#"{
  "stateType": "Game",
  "handlers": [
    {
      "name": "Begin",
      "event": "Begin",
      "nodes": [
        {"id": "first", "type": "SetField", "inputs": {"path": "Score", "value": 1}, "_position": {"x": 260, "y": 60}},
        {"id": "wall", "type": "Add", "inputs": {"a": 1, "b": 2}, "_position": {"x": 560, "y": 60}},
        {"id": "last", "type": "SetField", "inputs": {"path": "Score", "value": "node:wall:result"}, "_position": {"x": 860, "y": 60}}
      ],
      "flow": [{"from": "start", "to": "first"}, {"from": "first", "to": "last"}]
    }
  ]
}
"#;

/// How the flow goes from `first` to `last`, and where `wall` stands.
fn seen(window: &mut Window) -> (Route, Rect) {
    let scene = window.here().scene;
    let wire = scene.wires.iter().find(|wire| wire.wire.is_flow() && &*wire.wire.to.node == "last").unwrap();
    (wire.route.clone(), scene.card("wall").unwrap().rect)
}

#[test]
fn a_wire_goes_around_a_card_and_straight_again_when_that_is_moved_away() {
    let mut window = Window::new("around", BETWEEN);
    let (before, wall) = seen(&mut window);
    assert!(!before.meets(&wall) && before.pieces.len() > 1, "{before:?} {wall:?}");
    let zoom = window.here().camera.zoom as f32;
    let head = window.harness.get_by_label("Add wall").rect().left_top() + vec2(60.0, 8.0) * zoom;
    window.drag(head, head + vec2(0.0, 300.0) * zoom);
    assert!(window.saved().contains(r#""_position": {"x": 560, "y": 360}"#), "{}", window.text());
    let (after, _) = seen(&mut window);
    assert_eq!(after.pieces.len(), 1, "nothing is in the way: {after:?}");
    window.act(Action::Undo);
    assert_eq!((window.text().as_str(), seen(&mut window)), (BETWEEN, (before, wall)));
}

#[test]
fn a_wire_is_selected_where_it_passes_a_card() {
    let mut window = Window::new("passing", BETWEEN);
    let (route, wall) = seen(&mut window);
    let beside = route.line().into_iter().find(|point| (wall.x + 40.0..wall.right()).contains(&point.0));
    // A level piece has points at its ends only.
    let level = route.pieces.iter().find(|piece| piece[0].1 == piece[3].1 && piece[0].1 != route.pieces[0][0].1);
    let at = beside.or(level.map(|piece| ((piece[0].0 + piece[3].0) / 2.0, piece[0].1))).unwrap();
    let here = window.here();
    window.click_at(here.camera.to_screen(here.view, at), PointerButton::Primary, NONE);
    let (document, _) = window.editor().active().unwrap();
    let selected: Vec<&str> = document.open.selection().wires.iter().map(|wire| &*wire.to.node).collect();
    assert_eq!(selected, ["last"]);
    window.act(Action::Delete);
    assert!(!window.saved().contains(r#"{"from": "first", "to": "last"}"#), "{}", window.text());
}
