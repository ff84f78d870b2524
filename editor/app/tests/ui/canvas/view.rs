//! What is seen of a graph: zoom, bookmarks, what the pointer rests on, values of a run; what costs no frame.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use statewright_editor::Host;
use statewright_editor::canvas::overlay::Overlay;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::command::Command;
use statewright_editor_core::selection::Selection;
use statewright_editor_core::settings::Theme;
use statewright_editor_core::wires::{PinId, Side};
use statewright_graph::document::{GraphAt, GraphKind};

use super::NONE;
use crate::window::{DOCUMENT, Window};

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };

fn space(window: &mut Window, pressed: bool) {
    let (key, modifiers) = (Key::Space, NONE);
    window.harness.event(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers });
    window.harness.step();
}

/// Rests the pointer at a place until what is there is told.
fn rest(window: &mut Window, at: Pos2) {
    window.harness.event(Event::PointerMoved(at));
    for _ in 0..6 {
        window.harness.step();
    }
}

#[test]
fn keys_zoom_and_fit_what_is_selected() {
    let mut window = Window::new("zoomed", DOCUMENT);
    window.press(Modifiers::COMMAND, Key::Num0);
    assert_eq!(window.here().camera.zoom, 1.0);
    window.press(Modifiers::COMMAND, Key::Plus);
    assert_eq!(window.here().camera.zoom, 1.25);
    window.press(Modifiers::COMMAND, Key::Minus);
    window.press(Modifiers::COMMAND, Key::Minus);
    assert_eq!(window.here().camera.zoom, 0.8);
    window.work(Todo::Select(Selection::of_nodes(AT, ["set"])));
    window.press(Modifiers::SHIFT, Key::F);
    let here = window.here();
    let card = here.scene.card("set").unwrap().rect;
    let (centre, middle) = (here.camera.centre, card.centre());
    assert!((centre.0 - middle.0).abs() < 1.0 && (centre.1 - middle.1).abs() < 1.0, "{centre:?} {middle:?}");
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn fingers_and_wheel_move_and_pinch_the_view() {
    let mut window = Window::new("fingers", DOCUMENT);
    window.act(Action::ZoomReset);
    let here = window.here();
    let at = here.view.center();
    window.harness.event(Event::PointerMoved(at));
    let (unit, phase) = (egui::MouseWheelUnit::Point, egui::TouchPhase::Move);
    window.harness.event(Event::MouseWheel { unit, delta: vec2(30.0, -50.0), phase, modifiers: NONE });
    for _ in 0..20 {
        window.harness.step();
    }
    let after = window.here().camera;
    let moved = (here.camera.centre.0 - after.centre.0, here.camera.centre.1 - after.centre.1);
    assert!((moved.0 - 30.0).abs() < 1.0 && (moved.1 + 50.0).abs() < 1.0, "{moved:?}");
    window.harness.event(Event::Zoom(0.5));
    window.settle();
    assert!((window.here().camera.zoom - 0.5).abs() < 1e-3);
}

#[test]
fn space_with_a_drag_moves_the_view_and_alone_opens_the_palette() {
    let mut window = Window::new("space", DOCUMENT);
    let sum = window.harness.get_by_label("Add sum").rect();
    let at = sum.left_top() + vec2(40.0, 6.0);
    let before = window.here().camera;
    space(&mut window, true);
    window.drag(at, at + vec2(-80.0, 40.0));
    space(&mut window, false);
    window.settle();
    let after = window.here().camera;
    let moved = ((before.centre.0 - after.centre.0) * before.zoom, (before.centre.1 - after.centre.1) * before.zoom);
    assert!((moved.0 + 80.0).abs() < 1.0 && (moved.1 - 40.0).abs() < 1.0, "{moved:?}");
    assert!(window.editor().dialog.is_none());
    assert_eq!((window.text().as_str(), window.selected().as_str()), (DOCUMENT, ""), "the node stays where it is");
    space(&mut window, true);
    assert!(window.editor().dialog.is_none(), "not before it is let go");
    space(&mut window, false);
    window.settle();
    assert!(window.editor().dialog.is_some());
}

#[test]
fn a_drag_with_alt_leaves_the_grid() {
    let mut window = Window::new("off-grid", DOCUMENT);
    window.act(Action::ZoomReset);
    let at = window.harness.get_by_label("Add sum").rect().left_top() + vec2(60.0, 8.0);
    window.drag_with(at, at + vec2(87.0, 43.0), PointerButton::Primary, Modifiers::ALT);
    assert!(window.saved().contains(r#""_position": {"x": 347, "y": 263}"#), "{}", window.text());
}

#[test]
fn bookmarks_are_flags_that_lead_back() {
    let mut window = Window::new("bookmark", DOCUMENT);
    window.act(Action::ZoomReset);
    let there = window.here().camera;
    window.press(Modifiers::COMMAND, Key::B);
    window.type_text("Scores");
    window.press(NONE, Key::Enter);
    assert!(window.saved().contains(r#""bookmarks": [{"name": "Scores""#), "{}", window.text());
    // Elsewhere, and back by a click on the flag.
    window.act(Action::ZoomOut);
    let at = window.here().view.center() + vec2(250.0, 100.0);
    window.drag_with(at, at + vec2(-120.0, -60.0), PointerButton::Middle, NONE);
    assert_ne!(window.here().camera, there);
    let flag = window.place("Bookmark Scores");
    window.click_at(flag, PointerButton::Primary, NONE);
    let here = window.here();
    assert!((here.camera.zoom - there.zoom).abs() < 1e-6, "{:?}", here.camera);
    let away = (here.camera.centre.0 - there.centre.0).abs() + (here.camera.centre.1 - there.centre.1).abs();
    assert!(away < 0.1, "{:?} {there:?}", here.camera);
    // And as a screen reader presses it.
    window.drag_with(at, at + vec2(90.0, 30.0), PointerButton::Middle, NONE);
    window.choose("Bookmark Scores");
    let here = window.here();
    assert!((here.camera.centre.0 - there.centre.0).abs() < 0.1, "{:?} {there:?}", here.camera);
}

#[test]
fn what_the_pointer_rests_on_is_told_with_its_type_what_it_is_for_and_its_last_value() {
    let mut window = Window::new("hover", DOCUMENT);
    let here = window.here();
    let from = PinId::new("sum", Side::Output, "result");
    let overlay = Overlay { values: [(from.clone(), "7".to_owned())].into(), ..Overlay::default() };
    window.editor().overlays.insert((here.document, here.name.clone()), overlay);
    let at = here.camera.to_screen(here.view, here.scene.pin_at(&from).unwrap());
    rest(&mut window, at);
    let pin = here.scene.pin(&from).unwrap().clone();
    assert!(!pin.docs.is_empty());
    assert!(window.has(&format!("result: {}", pin.ty)) && window.has(pin.docs) && window.has("Last value: 7"));
    let wire = here.scene.wires.iter().find(|wire| wire.wire.from == from).unwrap().clone();
    rest(&mut window, here.camera.to_screen(here.view, wire.route.middle()));
    assert!(window.has(&wire.ty) && window.has("Last value: 7"), "{}", wire.ty);
    // A screen reader has both with the wire.
    let told = window.harness.get_by_label("Wire from sum result to set value").accesskit_node().value();
    assert_eq!(told, Some(format!("{}, last value 7", wire.ty)));
}

#[test]
fn wires_that_convert_or_do_not_fit_are_told_of() {
    let text = DOCUMENT.replace(r#""value": "node:sum:result""#, r#""value": "param:points""#);
    let text = text.replace(r#""path": "Score""#, r#""path": "Name""#).replace(r#""b": 2"#, r#""b": "node:gone:x""#);
    let window = Window::new("misfits", &text);
    assert!(window.has("Wire from gone x to sum b, does not fit"));
    assert!(window.has("Wire from start points to set value, converted"));
}

#[test]
fn what_is_not_saved_is_kept_and_then_no_frame_is_drawn() {
    let folder = Window::new("kept", DOCUMENT).folder().to_owned();
    let recovery = folder.join("recovery");
    std::fs::create_dir_all(&recovery).unwrap();
    let host = Host { recovery: Some(recovery.clone()), ..Host::without_traces() };
    let mut window = Window::on(folder, &["game.json"], host);
    window.work(Todo::Run(Command::SetDescription { graph: AT, text: Some("kept?".into()) }, None));
    for _ in 0..60 {
        window.harness.step();
    }
    let kept = std::fs::read_dir(&recovery).unwrap().filter_map(Result::ok);
    let texts: Vec<String> = kept.filter_map(|entry| std::fs::read_to_string(entry.path()).ok()).collect();
    assert!(texts.iter().any(|text| text.contains("kept?")), "{texts:?}");
    let (document, _) = window.editor().active().unwrap();
    assert!(document.open.is_modified());
    let delays: Vec<_> = window.harness.output().viewport_output.values().map(|output| output.repaint_delay).collect();
    assert!(delays.iter().all(|delay| *delay > std::time::Duration::from_secs(3600)), "{delays:?}");
}

#[test]
fn every_theme_draws_the_same_graph() {
    let mut window = Window::new("themes", &DOCUMENT.replace(r#""b": 2"#, r#""b": "node:gone:x""#));
    for theme in Theme::ALL {
        window.editor().settings.theme = theme;
        window.settle();
        assert_eq!(window.editor().colours.is_high_contrast, theme == Theme::HighContrast);
        assert!(window.has("Add sum, 1 error"), "{theme:?}");
    }
    window.editor().settings.scale = 2.0;
    window.settle();
    assert!((window.harness.ctx.zoom_factor() - 2.0).abs() < 1e-3);
}
