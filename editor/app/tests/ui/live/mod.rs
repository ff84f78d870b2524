//! Running, debugging, tests, code.
//!
//! - [`run`], [`debug`], [`timeline`], [`tests`], [`code`]: by panel
//! - [`process`]: another process, and what is done to it

mod code;
mod debug;
mod process;
mod run;
mod tests;
mod timeline;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::panels::run::session;
use statewright_editor::panels::{Panel, timeline as timeline_panel};
use statewright_editor::todo::Todo;
use statewright_editor_core::selection::Selection;
use statewright_types::Value;

use crate::window::{SCHEMA, Window};

/// A document whose handler runs a function, sends something, and may fail.
const GAME: &str = r#"{
  "version": "1.0",
  "stateType": "Game",
  "handlers": [
    {
      "name": "Win",
      "event": "Win",
      "parameters": [{"name": "points", "type": "int64"}, {"name": "who", "type": "string"}],
      "nodes": [
        {"id": "sum", "type": "Add", "inputs": {"a": "param:points", "b": "state:Score"}},
        {"id": "set", "type": "SetField", "inputs": {"path": "Score", "value": "node:sum:result"}},
        {"id": "name", "type": "CallFunction", "inputs": {"function": "Rename", "args": {"to": "param:who"}}},
        {"id": "tell", "type": "EmitToAll", "inputs": {"eventType": "Won", "payload": {"score": "state:Score"}}}
      ],
      "flow": [{"from": "start", "to": "set"}, {"from": "set", "to": "name"}, {"from": "name", "to": "tell"}]
    },
    {
      "name": "Fail",
      "event": "Fail",
      "nodes": [{"id": "find", "type": "SetField", "inputs": {"path": "Players[7].Score", "value": 1}}],
      "flow": [{"from": "start", "to": "find"}]
    }
  ],
  "functions": [
    {
      "name": "Rename",
      "parameters": [{"name": "to", "type": "string"}],
      "nodes": [{"id": "put", "type": "SetField", "inputs": {"path": "Name", "value": "param:to"}}],
      "flow": [{"from": "start", "to": "put"}]
    }
  ]
}
"#;

fn open(name: &str) -> Window {
    Window::with(name, &[("game.json", GAME), ("game.schema", SCHEMA)], &["game.json"])
}

/// Waits for the session, and draws what came of it.
fn settle(window: &mut Window) {
    for _ in 0..3 {
        window.settle();
        session::wait(window.editor());
        timeline_panel::wait(window.editor());
    }
    window.settle();
}

fn press(window: &mut Window, key: Key) {
    window.press(Modifiers::NONE, key);
    settle(window);
}

fn click(window: &mut Window, label: &str) {
    window.harness.get_by_label(label).scroll_to_me();
    window.harness.run_ok();
    window.click(label);
    settle(window);
}

/// Types into what has a label, in place of what is there.
fn enter(window: &mut Window, label: &str, text: &str) {
    window.harness.get_by_label(label).focus();
    window.harness.run_ok();
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.harness.run_ok();
    window.harness.get_by_label(label).type_text(text);
    window.harness.run_ok();
    window.harness.key_press(Key::Enter);
    settle(window);
}

fn panel(window: &mut Window, panel: Panel) {
    window.editor().push(Todo::Panel(panel));
    settle(window);
}

/// Selects a node of the graph that is shown.
fn select(window: &mut Window, node: &str) {
    let (_, at) = window.editor().active().unwrap();
    window.editor().push(Todo::Select(Selection::of_nodes(at, [node])));
    settle(window);
}

/// The state as the session has it now.
fn state(window: &mut Window) -> Value {
    let session = window.editor().panels.run.session.as_mut().unwrap();
    session.state_at(usize::MAX).unwrap().as_ref().clone()
}

/// Where the session is held up.
fn held_up(window: &mut Window) -> Option<String> {
    let session = window.editor().panels.run.session.as_ref()?;
    session.live.client.stopped().map(|stopped| stopped.node.to_string())
}

/// Messages that are shown.
fn told(window: &mut Window) -> String {
    let notices = window.editor().notices.all();
    notices.iter().map(|notice| format!("{} {}", notice.message, notice.help)).collect::<Vec<_>>().join("\n")
}
