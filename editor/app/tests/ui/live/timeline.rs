//! Time travel.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::panels::Panel;
use statewright_editor::panels::timeline::recording;
use statewright_editor::todo::Todo;
use statewright_types::Value;

use super::{click, enter, held_up, open, panel, press, settle, state, told};

/// A session that won three points twice, once as ann and once as bob.
fn played(name: &str) -> crate::window::Window {
    let mut window = open(name);
    panel(&mut window, Panel::Run);
    enter(&mut window, "points", "3");
    enter(&mut window, "who", "ann");
    press(&mut window, Key::F5);
    enter(&mut window, "who", "bob");
    click(&mut window, "Send");
    panel(&mut window, Panel::Timeline);
    window
}

#[test]
fn any_action_is_looked_at_and_who_wrote_is_found() {
    let mut window = played("timeline-scrub");
    assert!(window.harness.query_by_label("Score: 6").is_some());
    click(&mut window, "1. Win");
    assert!(window.harness.query_by_label("Score: 3").is_some());
    click(&mut window, "Previous action");
    assert!(window.harness.query_by_label("Score: 0").is_some());
    click(&mut window, "Next action");
    click(&mut window, "Name: \"ann\"");
    click(&mut window, "What wrote this last");
    let (document, at) = window.editor().active().unwrap();
    assert_eq!(&*document.graph(at).unwrap().name.text, "Rename");
    assert!(document.open.selection().nodes.contains("put"));
    assert!(told(&mut window).contains("`put` of Rename"));
}

#[test]
fn an_action_is_done_again_and_held_up_and_stepped_back_from() {
    let mut window = played("timeline-again");
    click(&mut window, "1. Win");
    click(&mut window, "Debug this");
    assert_eq!(held_up(&mut window).as_deref(), Some("set"));
    press(&mut window, Key::F9);
    assert_eq!(state(&mut window).get("Score"), Some(&Value::Int(6)));
    window.press(Modifiers::ALT, Key::F10);
    settle(&mut window);
    assert_eq!(held_up(&mut window).as_deref(), Some("tell"));
}

#[test]
fn a_recording_is_saved_opened_and_looked_at() {
    let mut window = played("timeline-recording");
    enter(&mut window, "Recording", "play.rec");
    click(&mut window, "Save recording");
    assert!(told(&mut window).contains("saved"), "{}", told(&mut window));
    press(&mut window, Key::F5);
    panel(&mut window, Panel::Timeline);
    click(&mut window, "Open recording");
    recording::wait(window.editor());
    settle(&mut window);
    click(&mut window, "2. Win");
    assert!(window.harness.query_by_label("Score: 6").is_some());
    click(&mut window, "Name: \"bob\"");
    click(&mut window, "What wrote this last");
    let (document, _) = window.editor().active().unwrap();
    assert!(document.open.selection().nodes.contains("put"));
    click(&mut window, "Back to the session");
    assert!(window.harness.query_by_label("1 of 1").is_some());
    let path = window.editor().active().unwrap().0.open.path().unwrap().with_file_name("play.rec");
    window.editor().push(Todo::Open(path));
    settle(&mut window);
    recording::wait(window.editor());
    settle(&mut window);
    assert!(window.harness.query_by_label("2 of 2").is_some());
    enter(&mut window, "Recording", "none.rec");
    click(&mut window, "Open recording");
    assert!(told(&mut window).contains("none.rec"));
}

#[test]
fn a_viewer_sees_what_a_viewer_sees() {
    let schema = crate::window::SCHEMA.replace("    Ready bool", "    Ready bool @view(admin)");
    let mut window = crate::window::Window::with(
        "timeline-viewer",
        &[("game.json", super::GAME), ("game.schema", &schema)],
        &["game.json"],
    );
    panel(&mut window, Panel::Run);
    enter(&mut window, "Players", "ann");
    press(&mut window, Key::F5);
    panel(&mut window, Panel::Timeline);
    assert!(window.harness.query_by_label("Ready: false").is_some());
    window.harness.get_by_label("Seen by").click();
    settle(&mut window);
    click(&mut window, "ann");
    settle(&mut window);
    assert!(window.harness.query_by_label("Ready: false").is_none());
    assert!(window.harness.query_by_label("Score: 0").is_some());
}
