//! Tests beside the graph.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::panels::Panel;
use statewright_editor::panels::run::start::Begin;
use statewright_editor::panels::tests;
use statewright_editor::todo::Todo;
use statewright_editor_core::command::Command;
use statewright_types::{Value, json};

use super::{GAME, click, enter, open, panel, press, settle, state, told};
use crate::window::{SCHEMA, Window};

const TESTS: &str = r#"{
  "graph": "game.json",
  "schema": "game.schema",
  "tests": [
    {"name": "adds up", "state": {"Score": 4}, "steps": [
      {"event": "Win", "params": {"points": 1, "who": "ann"}, "expect": {"state": {"Score": 5}}}]},
    {"name": "is wrong", "steps": [
      {"event": "Win", "params": {"points": 1, "who": "ann"}, "expect": {"state": {"Score": 99}}}]}
  ]
}
"#;

fn tested(name: &str) -> Window {
    let files = [("game.json", GAME), ("game.schema", SCHEMA), ("game.test.json", TESTS)];
    let mut window = Window::with(name, &files, &["game.json"]);
    panel(&mut window, Panel::Tests);
    window
}

fn done(window: &mut Window) {
    tests::wait(window.editor());
    settle(window);
}

#[test]
fn tests_run_and_show_what_was_expected_and_found_and_reached() {
    let mut window = tested("tests-run");
    window.press(Modifiers::COMMAND, Key::T);
    done(&mut window);
    assert!(window.harness.query_by_label("1 failed, 1 passed").is_some());
    click(&mut window, "is wrong: failed");
    assert!(window.harness.query_by_label("99").is_some(), "what was expected is shown");
    assert!(window.harness.query_by_label("1").is_some(), "what was found is shown");
    click(&mut window, "Coverage");
    let (nodes, wires) = window.editor().active_overlay().unwrap().covered.clone().unwrap();
    assert!(nodes.contains("tell") && nodes.contains("sum"));
    assert!(wires.iter().any(|wire| wire.is_flow() && &*wire.to.node == "tell"));
    let id = window.editor().active().unwrap().0.id;
    let fail = window.editor().overlays.iter().find(|((of, graph), _)| *of == id && &*graph.name == "Fail").unwrap().1;
    assert!(fail.covered.as_ref().unwrap().0.is_empty(), "nothing tests it");
    click(&mut window, "adds up: passed");
    click(&mut window, "Run selected");
    done(&mut window);
    assert!(window.harness.query_by_label("1 failed, 1 passed").is_some());
}

#[test]
fn tests_run_what_is_edited_and_again_after_each_edit() {
    let mut window = tested("tests-watch");
    click(&mut window, "Again after each edit");
    done(&mut window);
    assert!(window.harness.query_by_label("1 failed, 1 passed").is_some());
    // 98 more are won than said: what was wrong is right, and the other way round. Nothing is saved.
    let (_, graph) = window.editor().active().unwrap();
    let value = Some(Value::str("node:sum:result"));
    let more = Command::SetInput { graph, nodes: vec!["sum".into()], port: "b".into(), value: Some(Value::Int(98)) };
    window.editor().push(Todo::Run(more, None));
    settle(&mut window);
    done(&mut window);
    assert!(window.file("game.json").contains("state:Score\"}}") && !window.text().contains("\"b\": \"state:Score\""));
    assert!(window.has("is wrong: passed") && window.has("adds up: failed"));
    let other = Command::SetInput { graph, nodes: vec!["set".into()], port: "value".into(), value };
    window.editor().push(Todo::Run(other, None));
    window.press(Modifiers::COMMAND, Key::Z);
    settle(&mut window);
    done(&mut window);
    assert!(window.has("is wrong: failed") && window.has("adds up: passed"));
}

#[test]
fn tests_run_with_the_schema_as_it_is_edited() {
    let mut window = tested("tests-schema");
    let path = window.folder().join("game.schema");
    window.editor().panels.schema.open(&path);
    panel(&mut window, Panel::Schema);
    let text = SCHEMA.replace("Score int64\n    Name", "Points int64\n    Name");
    window.editor().push(Todo::Schema(statewright_editor::panels::schema::Edit::Text(text, false)));
    settle(&mut window);
    window.press(Modifiers::COMMAND, Key::T);
    done(&mut window);
    assert!(window.file("game.schema").contains("Score int64\n    Name"), "it is not saved");
    assert!(window.has("2 failed, 0 passed"), "the field is gone");
}

#[test]
fn a_run_begins_with_what_a_test_begins_with() {
    let mut window = tested("tests-begin");
    let (path, name) = tests::cases(window.editor()).remove(0);
    panel(&mut window, Panel::Run);
    window.editor().panels.run.start.begin = Begin::Test(path, name);
    enter(&mut window, "points", "2");
    press(&mut window, Key::F5);
    assert_eq!(state(&mut window).get("Score"), Some(&Value::Int(6)));
}

#[test]
fn what_was_done_becomes_a_test_in_a_new_file_and_then_in_that() {
    let mut window = open("tests-made");
    panel(&mut window, Panel::Run);
    enter(&mut window, "points", "7");
    press(&mut window, Key::F5);
    panel(&mut window, Panel::Timeline);
    enter(&mut window, "Test name", "wins seven");
    click(&mut window, "Make a test");
    assert!(window.file("game.test.json").contains("wins seven"), "{}", told(&mut window));
    panel(&mut window, Panel::Timeline);
    enter(&mut window, "Test name", "wins again");
    click(&mut window, "Make a test");
    window.press(Modifiers::COMMAND, Key::T);
    done(&mut window);
    assert!(window.harness.query_by_label("2 passed").is_some(), "{}", window.file("game.test.json"));
}

/// A session that won four points three times.
fn won(name: &str) -> crate::window::Window {
    let mut window = open(name);
    panel(&mut window, Panel::Run);
    enter(&mut window, "points", "4");
    press(&mut window, Key::F5);
    click(&mut window, "Send");
    click(&mut window, "Send");
    panel(&mut window, Panel::Timeline);
    window
}

/// The steps of the last test in the document's file that expect something, of how many.
fn steps(window: &mut crate::window::Window) -> (usize, usize) {
    let text = window.file("game.test.json");
    let tree = json::parse(text).unwrap();
    let test = tree.elements(tree.get(tree.root(), "tests").unwrap()).last().copied().unwrap();
    let steps = tree.elements(tree.get(test, "steps").unwrap());
    (steps.iter().filter(|step| tree.get(**step, "expect").is_some()).count(), steps.len())
}

#[test]
fn the_action_that_is_looked_at_or_any_range_becomes_a_test() {
    let mut window = won("tests-range");
    click(&mut window, "2. Win");
    enter(&mut window, "Test name", "the second");
    click(&mut window, "Make a test");
    assert_eq!(steps(&mut window), (1, 1), "{}", told(&mut window));
    assert!(
        window.file("game.test.json").contains("\"Score\": 4")
            && window.file("game.test.json").contains("\"Score\": 8")
    );
    for (name, part, count) in [("up to it", "actions 1 to 2", 2), ("all", "all 3 actions", 3)] {
        panel(&mut window, Panel::Timeline);
        enter(&mut window, "Test name", name);
        click(&mut window, "Test of");
        click(&mut window, part);
        click(&mut window, "Make a test");
        assert_eq!(steps(&mut window), (count, count), "{name}: {}", told(&mut window));
    }
    panel(&mut window, Panel::Timeline);
    enter(&mut window, "Test name", "some");
    click(&mut window, "Test of");
    click(&mut window, "some actions");
    enter(&mut window, "First action", "2");
    click(&mut window, "Make a test");
    assert_eq!(steps(&mut window), (2, 2), "{}", told(&mut window));
    window.press(Modifiers::COMMAND, Key::T);
    done(&mut window);
    assert!(window.has("4 passed"), "{}", window.file("game.test.json"));
}

#[test]
fn an_action_of_a_recording_becomes_a_test_that_draws_the_same_numbers() {
    let text = super::GAME.replace(
        r#"{"id": "sum", "type": "Add", "inputs": {"a": "param:points", "b": "state:Score"}}"#,
        r#"{"id": "sum", "type": "RandomInt", "inputs": {"min": 1, "max": 1000000000}}"#,
    );
    let text = text.replace("node:sum:result", "node:sum:value");
    let files = [("game.json", text.as_str()), ("game.schema", crate::window::SCHEMA)];
    let mut window = crate::window::Window::with("tests-recorded", &files, &["game.json"]);
    panel(&mut window, Panel::Run);
    press(&mut window, Key::F5);
    click(&mut window, "Send");
    click(&mut window, "Send");
    let score = state(&mut window).get("Score").cloned().unwrap();
    panel(&mut window, Panel::Timeline);
    enter(&mut window, "Recording", "play.rec");
    click(&mut window, "Save recording");
    window.work(Todo::Act(statewright_editor_core::actions::Action::Stop));
    let path = window.folder().join("play.rec");
    window.editor().push(Todo::Open(path));
    settle(&mut window);
    statewright_editor::panels::timeline::recording::wait(window.editor());
    settle(&mut window);
    click(&mut window, "2. Win");
    click(&mut window, "Next action");
    enter(&mut window, "Test name", "the third");
    click(&mut window, "Test of");
    click(&mut window, "action 3");
    click(&mut window, "Make a test");
    assert_eq!(steps(&mut window), (1, 1), "{}", told(&mut window));
    let file = window.file("game.test.json");
    assert!(file.contains(&json::to_string(&score)) && file.contains("\"streams\""), "{file}");
    window.press(Modifiers::COMMAND, Key::T);
    done(&mut window);
    assert!(window.has("1 passed"), "{file}");
}

#[test]
fn costs_are_listed_and_drawn() {
    let mut window = tested("tests-costs");
    panel(&mut window, Panel::Run);
    press(&mut window, Key::F5);
    panel(&mut window, Panel::Tests);
    click(&mut window, "Costs");
    let heat = &window.editor().active_overlay().unwrap().heat;
    assert!(heat["set"].share > 0.0, "{heat:?}");
    let text = &heat["set"].text;
    assert!(text.contains("1 call") && text.contains(" fuel"), "{heat:?}");
    assert!(text.ends_with(" µs") || text.ends_with(" ms"), "{heat:?}");
    let dearest = window.editor().panels.run.session.as_ref().unwrap().live.profile.dearest()[0].1.clone();
    assert!(!dearest.is_empty());
}
