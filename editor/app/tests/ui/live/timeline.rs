//! Time travel.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::panels::Panel;
use statewright_editor::panels::timeline::recording;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::command::Command;
use statewright_editor_core::wires::{PinId, Side};
use statewright_types::Value;

use super::{click, enter, held_up, open, panel, press, select, settle, state, told};

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
fn a_recording_is_debugged_and_stepped_back_in() {
    let mut window = played("timeline-debugged");
    enter(&mut window, "Recording", "play.rec");
    click(&mut window, "Save recording");
    window.work(Todo::Act(Action::Stop));
    let path = window.folder().join("play.rec");
    window.editor().push(Todo::Open(path));
    settle(&mut window);
    recording::wait(window.editor());
    settle(&mut window);
    assert!(window.has("2 of 2"));
    select(&mut window, "tell");
    press(&mut window, Key::B);
    click(&mut window, "1. Win");
    click(&mut window, "Debug this");
    assert_eq!(held_up(&mut window).as_deref(), Some("set"), "{}", told(&mut window));
    press(&mut window, Key::F11);
    assert_eq!(held_up(&mut window).as_deref(), Some("sum"), "what it needs");
    press(&mut window, Key::F10);
    assert_eq!(held_up(&mut window).as_deref(), Some("name"));
    // A breakpoint of this action, and then of the next.
    for done in [0, 1] {
        press(&mut window, Key::F9);
        let session = window.editor().panels.run.session.as_ref().unwrap();
        let moments = session.live.timeline.as_ref().unwrap().moments().len();
        assert_eq!((held_up(&mut window).as_deref(), moments), (Some("tell"), done));
    }
    assert_eq!(window.editor().active_overlay().unwrap().values[&PinId::new("sum", Side::Output, "result")], "6");
    // Back within the second action, and into the first.
    for node in ["put", "name", "sum", "set", "tell"] {
        window.press(Modifiers::ALT, Key::F10);
        settle(&mut window);
        assert_eq!(held_up(&mut window).as_deref(), Some(node));
    }
    select(&mut window, "tell");
    press(&mut window, Key::B);
    press(&mut window, Key::F9);
    assert_eq!(state(&mut window).get("Score"), Some(&Value::Int(6)));
    assert!(window.has("2 of 2"));
}

#[test]
fn a_recording_of_another_version_says_so() {
    let mut window = played("timeline-version");
    enter(&mut window, "Recording", "play.rec");
    click(&mut window, "Save recording");
    let (_, graph) = window.editor().active().unwrap();
    window.work(Todo::Run(Command::SetDescription { graph, text: Some("new".to_owned()) }, None));
    click(&mut window, "Open recording");
    recording::wait(window.editor());
    settle(&mut window);
    click(&mut window, "Debug this");
    assert!(told(&mut window).contains("another version of game.json"), "{}", told(&mut window));
    assert_eq!(held_up(&mut window).as_deref(), Some("set"));
}

#[test]
fn what_was_sent_and_changed_is_listed_for_each_viewer() {
    let text = super::GAME.replace(
        r#"{"id": "tell", "type": "EmitToAll", "inputs": {"eventType": "Won""#,
        r#"{"id": "tell", "type": "EmitToPlayer", "inputs": {"playerID": "param:who", "eventType": "Won""#,
    );
    let files = [("game.json", text.as_str()), ("game.schema", crate::window::SCHEMA)];
    let mut window = crate::window::Window::with("timeline-events", &files, &["game.json"]);
    panel(&mut window, Panel::Run);
    enter(&mut window, "points", "3");
    enter(&mut window, "Players", "ann, bob");
    enter(&mut window, "who", "ann");
    press(&mut window, Key::F5);
    panel(&mut window, Panel::Timeline);
    assert!(window.has("Changes (2)") && window.has("Events (1)") && window.has("to ann"));
    window.harness.get_by_label("Seen by").click();
    settle(&mut window);
    click(&mut window, "bob");
    assert!(window.has("Events (0)") && !window.has("to ann"));
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

#[test]
fn whoever_is_known_may_look_and_whoever_is_entered() {
    // A view is granted by the host program, a filter given to somebody who has done nothing.
    let schema = crate::window::SCHEMA.replace("    Ready bool", "    Ready bool @view(admin)");
    let game = super::GAME.replace(
        r#""functions": ["#,
        r#""filters": [{"name": "Blind", "nodes": [{"id": "hide", "type": "SetField", "inputs": {"path": "Score", "value": 99}}],
      "flow": [{"from": "start", "to": "hide"}]}],
  "functions": ["#,
    );
    let game = game.replace(
        r#"{"id": "tell","#,
        r#"{"id": "blind", "type": "AddFilter", "inputs": {"viewerID": "zoe", "filterID": "b", "filterName": "Blind"}},
        {"id": "tell","#,
    );
    let game = game.replace(
        r#"{"from": "name", "to": "tell"}"#,
        r#"{"from": "name", "to": "blind"}, {"from": "blind", "to": "tell"}"#,
    );
    let mut window = crate::window::Window::with(
        "timeline-viewers",
        &[("game.json", &*game), ("game.schema", &*schema)],
        &["game.json"],
    );
    panel(&mut window, Panel::Run);
    press(&mut window, Key::F5);
    panel(&mut window, Panel::Timeline);
    window.harness.get_by_label("Seen by").click();
    settle(&mut window);
    click(&mut window, "zoe");
    settle(&mut window);
    assert!(window.has("Score: 99"), "as the filter shows it");
    enter(&mut window, "Another viewer", "nobody-knows");
    settle(&mut window);
    assert!(window.has("Score: 0") && window.harness.query_by_label("Ready: false").is_none());
}
