//! Holding a run up, here and in another process.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::panels::Panel;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::command::{Command, Named};
use statewright_editor_core::run::breakpoints::Kept;
use statewright_editor_core::run::live::Phase;
use statewright_editor_core::wires::{PinId, Side};
use statewright_types::Value;

use super::{GAME, click, enter, held_up, open, panel, press, select, settle, state, told};
use crate::window::{SCHEMA, Window};

#[test]
fn a_breakpoint_holds_the_run_up_and_steps_lead_through_functions() {
    let mut window = open("debug-steps");
    panel(&mut window, Panel::Run);
    enter(&mut window, "points", "3");
    select(&mut window, "name");
    press(&mut window, Key::B);
    assert!(window.editor().active_overlay().unwrap().breakpoints.contains_key("name"));
    press(&mut window, Key::F5);
    assert_eq!(held_up(&mut window).as_deref(), Some("name"));
    let overlay = window.editor().active_overlay().unwrap();
    assert_eq!(overlay.paused_at.as_deref(), Some("name"));
    assert_eq!(overlay.values[&PinId::new("sum", Side::Output, "result")], "3");
    assert_eq!(overlay.visits.as_ref().unwrap().get("set"), Some(&1));
    press(&mut window, Key::F11);
    assert_eq!(held_up(&mut window).as_deref(), Some("put"));
    let session = window.editor().panels.run.session.as_ref().unwrap();
    assert_eq!(session.live.client.frames().len(), 2);
    window.press(Modifiers::SHIFT, Key::F11);
    settle(&mut window);
    assert_eq!(held_up(&mut window).as_deref(), Some("tell"));
    window.press(Modifiers::ALT, Key::F10);
    settle(&mut window);
    assert_eq!(held_up(&mut window).as_deref(), Some("put"));
    press(&mut window, Key::F10);
    press(&mut window, Key::F9);
    assert_eq!(held_up(&mut window), None);
    assert_eq!(state(&mut window).get("Score"), Some(&Value::Int(3)));
}

#[test]
fn the_way_is_lit_and_the_state_is_that_of_where_it_is_held_up() {
    let mut window = open("debug-way");
    panel(&mut window, Panel::Run);
    enter(&mut window, "points", "3");
    select(&mut window, "tell");
    window.press(Modifiers::COMMAND, Key::F10);
    settle(&mut window);
    assert_eq!(held_up(&mut window).as_deref(), Some("tell"), "{}", told(&mut window));
    let overlay = window.editor().active_overlay().unwrap();
    let went: Vec<&str> = overlay.went.iter().map(|wire| &*wire.to.node).collect();
    assert_eq!(went.len(), 3, "{went:?}");
    assert!(["set", "name", "tell"].iter().all(|node| went.contains(node)), "{went:?}");
    // It has not begun.
    assert!(!overlay.visits.as_ref().unwrap().contains_key("tell"));
    // The action is not done: nothing is in the timeline, but the state has what was written.
    let session = window.editor().panels.run.session.as_ref().unwrap();
    assert!(session.live.timeline.as_ref().unwrap().moments().is_empty());
    assert!(window.has("Score: 3"));
}

#[test]
fn a_breakpoint_goes_with_its_node() {
    let mut window = open("debug-renamed");
    panel(&mut window, Panel::Run);
    select(&mut window, "set");
    press(&mut window, Key::B);
    enter(&mut window, "Condition at set of Win", "points > 5");
    enter(&mut window, "points", "6");
    let (_, graph) = window.editor().active().unwrap();
    let what = Named::Node { graph, id: "set".to_owned() };
    window.editor().push(Todo::Run(Command::Rename { what, to: "write".to_owned() }, None));
    settle(&mut window);
    press(&mut window, Key::F5);
    assert_eq!(held_up(&mut window).as_deref(), Some("write"), "{}", told(&mut window));
    press(&mut window, Key::F9);
    select(&mut window, "write");
    press(&mut window, Key::Delete);
    assert!(!window.text().contains("\"write\"") && !window.has("Breakpoint at write of Win"));
    assert!(window.editor().active_overlay().unwrap().breakpoints.is_empty());
    window.press(Modifiers::COMMAND, Key::Z);
    settle(&mut window);
    assert!(window.editor().active_overlay().unwrap().breakpoints.contains_key("write"));
    window.press(Modifiers::COMMAND, Key::Z);
    settle(&mut window);
    let overlay = window.editor().active_overlay().unwrap();
    assert_eq!(overlay.breakpoints["set"].condition, "points > 5");
    let kept = window.editor().settings.runs.values().next().map(Kept::from_value).unwrap();
    assert_eq!(kept.breakpoints.keys().map(|(_, node)| &**node).collect::<Vec<_>>(), ["set"]);
}

#[test]
fn stop_ends_a_handler_that_runs_for_ever() {
    let text = r#"{"stateType": "Game", "handlers": [{"name": "Spin", "event": "Spin", "nodes": [
        {"id": "on", "type": "While", "inputs": {"condition": true}},
        {"id": "set", "type": "SetField", "inputs": {"path": "Score", "value": 3}}],
        "flow": [{"from": "start", "to": "on"}, {"from": "on", "to": "set", "label": "body"}]}]}"#;
    let mut window = Window::with("debug-stop", &[("game.json", text), ("game.schema", SCHEMA)], &["game.json"]);
    press(&mut window, Key::F5);
    // Its fuel ends sometime; what is told is that.
    assert!(window.editor().situation().is_running);
    window.work(Todo::Act(Action::Stop));
    assert!(!window.editor().situation().is_running);
    let session = window.editor().panels.run.session.as_ref().unwrap();
    assert_eq!(*session.live.phase(), Phase::Over("it was stopped".to_owned()));
}

#[test]
fn conditions_are_entered_and_kept_and_breakpoints_switched_off() {
    let mut window = open("debug-conditions");
    panel(&mut window, Panel::Run);
    select(&mut window, "set");
    press(&mut window, Key::B);
    press(&mut window, Key::F5);
    assert_eq!(held_up(&mut window).as_deref(), Some("set"));
    enter(&mut window, "Condition at set of Win", "points > 5");
    press(&mut window, Key::F9);
    press(&mut window, Key::F5);
    assert_eq!(held_up(&mut window), None);
    enter(&mut window, "points", "6");
    press(&mut window, Key::F5);
    assert_eq!(held_up(&mut window).as_deref(), Some("set"));
    let kept = window.editor().settings.runs.values().next().map(Kept::from_value).unwrap();
    assert_eq!(kept.breakpoints.values().next().unwrap().condition, "points > 5");
    click(&mut window, "Breakpoint at set of Win");
    press(&mut window, Key::F9);
    press(&mut window, Key::F5);
    assert_eq!(held_up(&mut window), None);
    assert_eq!(window.text(), window.file("game.json"), "breakpoints are not in the document");
}

#[test]
fn values_are_watched_and_changed_while_the_run_is_held_up() {
    let mut window = open("debug-values");
    panel(&mut window, Panel::Run);
    select(&mut window, "set");
    window.press(Modifiers::COMMAND, Key::F10);
    settle(&mut window);
    assert_eq!(held_up(&mut window).as_deref(), Some("set"), "{}", told(&mut window));
    enter(&mut window, "New watch", "state:Score");
    let session = window.editor().panels.run.session.as_ref().unwrap();
    assert_eq!(session.live.client.watches()[0].value, Some(Ok(Value::Int(0))));
    window.harness.get_by_label("Change who").click();
    settle(&mut window);
    enter(&mut window, "New value of who", "\"dora\"");
    press(&mut window, Key::F9);
    assert_eq!(state(&mut window).get("Name"), Some(&Value::str("dora")));
}

#[test]
fn a_changed_value_is_done_again_after_going_back_and_another_takes_its_place() {
    let mut window = open("debug-redo");
    panel(&mut window, Panel::Run);
    let to = |window: &mut Window, node: &str| {
        select(window, node);
        window.press(Modifiers::COMMAND, Key::F10);
        settle(window);
        assert_eq!(held_up(window).as_deref(), Some(node), "{}", told(window));
    };
    let change = |window: &mut Window, value: &str| {
        window.harness.get_by_label("Change who").click();
        settle(window);
        enter(window, "New value of who", value);
    };
    let back = |window: &mut Window| {
        for node in ["put", "name", "sum", "set"] {
            window.press(Modifiers::ALT, Key::F10);
            settle(window);
            assert_eq!(held_up(window).as_deref(), Some(node), "{}", told(window));
        }
    };
    to(&mut window, "name");
    change(&mut window, "\"dora\"");
    to(&mut window, "tell");
    assert!(window.has("Name: \"dora\""));
    back(&mut window);
    assert!(!window.has("Name: \"dora\""));
    to(&mut window, "tell");
    assert!(window.has("Name: \"dora\""), "it is done again");
    back(&mut window);
    change(&mut window, "\"eve\"");
    press(&mut window, Key::F9);
    assert_eq!(state(&mut window).get("Name"), Some(&Value::str("eve")), "what was undone is forgotten");
}

/// A process with a debugger: it is held up before `set` of `Win`, and then goes away.
fn server() -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = Vec::new();
        for line in BufReader::new(stream.try_clone().unwrap()).lines() {
            let line: Value = line.unwrap().parse().unwrap();
            let Some(Value::Str(command)) = line.get("command").cloned() else { panic!("{line:?}") };
            let id = statewright_types::json::to_string(line.get("id").unwrap());
            let result = match &*command {
                "stack" => r#"{"frames": [{"frame": 0, "graph": "Win", "node": "set", "nodeType": "SetField"}]}"#,
                "scopes" => {
                    r#"{"graph": "Win", "parameters": {"points": 41}, "variables": {}, "loops": {}, "nodes": {}}"#
                }
                _ => "{}",
            };
            writeln!(stream, r#"{{"id": {id}, "ok": true, "result": {result}}}"#).unwrap();
            if &*command == "continue" {
                let stop =
                    r#"{"event": "stopped", "reason": "breakpoint", "handler": "Win", "graph": "Win", "node": "set"}"#;
                writeln!(stream, "{stop}").unwrap();
            }
            heard.push(command.to_string());
            if &*command == "stepOver" {
                break;
            }
        }
        heard
    });
    (address, thread)
}

#[test]
fn another_process_is_debugged_in_the_same_way_and_nothing_is_lost_when_it_goes() {
    let mut window = Window::with("debug-attach", &[("game.json", GAME), ("game.schema", SCHEMA)], &["game.json"]);
    panel(&mut window, Panel::Run);
    select(&mut window, "set");
    press(&mut window, Key::B);
    let (address, thread) = server();
    window.editor().push(statewright_editor::todo::Todo::Act(Action::Attach));
    settle(&mut window);
    enter(&mut window, "Address", &address);
    enter(&mut window, "Token", "secret");
    click(&mut window, "Attach");
    assert!(window.editor().situation().is_paused, "{}", told(&mut window));
    press(&mut window, Key::F9);
    assert_eq!(held_up(&mut window).as_deref(), Some("set"));
    let overlay = window.editor().active_overlay().unwrap();
    assert_eq!(overlay.values[&PinId::new("start", Side::Output, "points")], "41");
    press(&mut window, Key::F10);
    let told = told(&mut window);
    assert!(told.contains("the process is gone") && told.contains("--debug-listen"), "{told}");
    assert!(!window.editor().situation().is_running);
    assert!(window.editor().active_overlay().unwrap().breakpoints.contains_key("set"));
    let heard = thread.join().unwrap();
    assert_eq!(heard[..2], ["hello", "trace"]);
    assert!(heard.contains(&"setBreakpoint".to_owned()), "{heard:?}");
}
