//! Running a handler with what is entered.

use egui::Key;
use egui_kittest::kittest::Queryable;
use statewright_editor::panels::Panel;
use statewright_editor::panels::run::start::Begin;
use statewright_editor::todo::Todo;
use statewright_editor_core::command::Command;
use statewright_editor_core::run::breakpoints::Kept;
use statewright_types::Value;

use super::{click, enter, open, panel, press, settle, state, told};

#[test]
fn a_handler_runs_with_what_is_entered_and_shows_what_came_of_it() {
    let mut window = open("run-form");
    panel(&mut window, Panel::Run);
    enter(&mut window, "points", "7");
    enter(&mut window, "who", "ann");
    enter(&mut window, "Players", "ann, bob");
    enter(&mut window, "Sender", "ann");
    press(&mut window, Key::F5);
    let now = state(&mut window);
    assert_eq!((now.get("Score"), now.get("Name")), (Some(&Value::Int(7)), Some(&Value::str("ann"))));
    let session = window.editor().panels.run.session.as_ref().unwrap();
    let (_, moment) = session.live.done().pop().unwrap();
    assert_eq!((moment.label.as_str(), moment.events.len()), ("Win of ann", 1));
    assert_eq!(session.live.setting().setup.players.len(), 2);
    // Another event of the same session, and players that come and go.
    click(&mut window, "Send");
    assert_eq!(state(&mut window).get("Score"), Some(&Value::Int(14)));
    enter(&mut window, "Player", "cleo");
    click(&mut window, "Join");
    let session = window.editor().panels.run.session.as_ref().unwrap();
    assert_eq!(session.live.done().last().unwrap().1.label, "cleo joins");
    // A run from the start begins anew.
    press(&mut window, Key::F5);
    assert_eq!(state(&mut window).get("Score"), Some(&Value::Int(7)));
}

#[test]
fn what_was_entered_is_remembered_of_each_handler() {
    let mut window = open("run-remembered");
    panel(&mut window, Panel::Run);
    enter(&mut window, "who", "bob");
    window.editor().panels.run.start.handler = Some("Fail".into());
    settle(&mut window);
    window.editor().panels.run.start.handler = None;
    settle(&mut window);
    press(&mut window, Key::F5);
    assert_eq!(state(&mut window).get("Name"), Some(&Value::str("bob")));
    let kept = window.editor().settings.runs.values().next().map(Kept::from_value).unwrap();
    assert_eq!(kept.entered["Win"].params["who"], "bob");
    assert!(!kept.entered.contains_key("Fail"));
}

#[test]
fn a_run_begins_with_json_or_with_the_state_of_the_last_one() {
    let mut window = open("run-begin");
    panel(&mut window, Panel::Run);
    window.editor().panels.run.start.begin = Begin::Json;
    settle(&mut window);
    enter(&mut window, "State as JSON", r#"{"Score": 30}"#);
    enter(&mut window, "points", "2");
    press(&mut window, Key::F5);
    assert_eq!(state(&mut window).get("Score"), Some(&Value::Int(32)));
    window.editor().panels.run.start.begin = Begin::Last;
    press(&mut window, Key::F5);
    assert_eq!(state(&mut window).get("Score"), Some(&Value::Int(34)));
    window.editor().panels.run.start.begin = Begin::Json;
    window.editor().panels.run.start.json = "{\"Score\": true}".to_owned();
    press(&mut window, Key::F5);
    assert!(told(&mut window).contains("expected int64"), "{}", told(&mut window));
    assert!(!window.editor().situation().is_running);
}

#[test]
fn an_error_leads_to_its_node() {
    let mut window = open("run-error");
    panel(&mut window, Panel::Run);
    window.editor().panels.run.start.handler = Some("Fail".into());
    press(&mut window, Key::F5);
    click(&mut window, "Go to `find` of Fail");
    let (document, at) = window.editor().active().unwrap();
    assert_eq!(&*document.graph(at).unwrap().name.text, "Fail");
    assert!(document.open.selection().nodes.contains("find"));
    let overlay = window.editor().active_overlay().unwrap();
    assert_eq!(overlay.failed.as_ref().map(|(node, _)| &**node), Some("find"));
}

#[test]
fn an_edit_behind_a_run_is_told_of_until_it_is_run_again() {
    let mut window = open("run-old");
    press(&mut window, Key::F5);
    let (_, graph) = window.editor().active().unwrap();
    window.editor().push(Todo::Run(Command::SetEvent { graph, event: "Victory".to_owned() }, None));
    settle(&mut window);
    assert!(window.harness.query_by_label("the document has changed since").is_some());
    press(&mut window, Key::F5);
    assert!(window.harness.query_by_label("the document has changed since").is_none());
    let session = window.editor().panels.run.session.as_ref().unwrap();
    assert_eq!(session.live.done()[0].1.label, "Victory");
}

#[test]
fn the_state_is_searched() {
    let mut window = open("run-tree");
    panel(&mut window, Panel::Run);
    press(&mut window, Key::F5);
    enter(&mut window, "Search State", "scor");
    assert!(window.harness.query_by_label("Score: 0").is_some());
    assert!(window.harness.query_by_label("Ready: false").is_none());
    click(&mut window, "Score: 0");
    assert_eq!(window.editor().panels.run.tree.selected.as_ref().map(Vec::len), Some(1));
}
