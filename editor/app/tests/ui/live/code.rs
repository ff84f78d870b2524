//! The document as code.

use egui_kittest::kittest::Queryable;
use statewright_editor::panels::{Panel, code};
use statewright_editor::todo::Todo;
use statewright_editor_core::command::Command;
use statewright_editor_core::selection::Selection;
use statewright_graph::document::{GraphAt, GraphKind};

use super::{GAME, open, select, settle};
use crate::window::{SCHEMA, Window};

fn coded(name: &str) -> Window {
    let mut window = open(name);
    window.editor().push(Todo::Panel(Panel::Code));
    shown(&mut window);
    window
}

fn shown(window: &mut Window) {
    settle(window);
    code::wait(window.editor());
    settle(window);
}

/// What the first line with a text in it is called.
fn line(window: &mut Window, part: &str) -> String {
    let text = window.editor().panels.code.text().unwrap().to_owned();
    let (index, line) = text.lines().enumerate().find(|(_, line)| line.contains(part)).unwrap();
    format!("Line {}: {}", index + 1, line.trim())
}

#[test]
fn every_language_is_shown_and_lines_lead_to_nodes() {
    let mut window = coded("code-lines");
    let text = window.text();
    assert_eq!(window.editor().panels.code.text(), Some(&*text));
    let line = line(&mut window, "\"id\": \"tell\"");
    window.harness.get_by_label(&line).click();
    settle(&mut window);
    let (document, _) = window.editor().active().unwrap();
    assert!(document.open.selection().nodes.contains("tell"));
    window.harness.get_by_label(&line).hover();
    window.harness.run_ok();
    assert!(window.editor().active_overlay().unwrap().pointed.contains("tell"));
    for (language, part) in [("IR", "handler \"Win\""), ("Rust", "fn "), ("JavaScript", "function")] {
        window.click(language);
        shown(&mut window);
        let text = window.editor().panels.code.text().unwrap().to_owned();
        assert!(text.contains(part), "{language}: {text}");
    }
}

#[test]
fn selecting_and_pointing_go_both_ways_in_every_language() {
    let mut window = coded("code-links");
    for language in ["JSON", "IR", "Rust", "JavaScript"] {
        window.click(language);
        shown(&mut window);
        let first = window.editor().panels.code.line_of("Win", "tell").unwrap_or_else(|| panic!("{language}"));
        let text = window.editor().panels.code.text().unwrap().lines().nth(first).unwrap().to_owned();
        let line = format!("Line {}: {}", first + 1, text.trim());
        // A node that is selected leads to its lines.
        select(&mut window, "tell");
        assert!(window.has(&line), "{language}: {line} is not in view");
        window.harness.get_by_label(&line).hover();
        window.harness.run_ok();
        assert!(window.editor().active_overlay().unwrap().pointed.contains("tell"), "{language}");
        window.work(Todo::Select(Selection::default()));
        window.harness.get_by_label(&line).click();
        settle(&mut window);
        let (document, _) = window.editor().active().unwrap();
        assert!(document.open.selection().nodes.contains("tell"), "{language}: the line leads to its node");
        // A node that is pointed at lights its lines.
        window.harness.get_by_label_contains("EmitToAll tell").hover();
        window.harness.run_ok();
        assert_eq!(window.editor().panels.code.lit().map(|origin| &*origin.node), Some("tell"), "{language}");
        window.harness.get_by_label_contains("SetField set").hover();
        window.harness.run_ok();
        assert_eq!(window.editor().panels.code.lit().map(|origin| &*origin.node), Some("set"), "{language}");
    }
}

#[test]
fn a_node_that_is_selected_is_scrolled_to() {
    let nodes: String = (0..80)
        .map(|index| format!("{{\"id\": \"n{index}\", \"type\": \"SetField\", \"inputs\": {{\"path\": \"Score\", \"value\": {index}}}}},\n"))
        .collect();
    let text = GAME.replace("{\"id\": \"sum\"", &format!("{nodes}{{\"id\": \"sum\""));
    let mut window = Window::with("code-scroll", &[("game.json", &text), ("game.schema", SCHEMA)], &["game.json"]);
    window.editor().push(Todo::Panel(Panel::Code));
    shown(&mut window);
    select(&mut window, "tell");
    let sent = line(&mut window, "\"id\": \"tell\"");
    assert!(window.harness.query_by_label(&sent).is_some(), "{sent} is not drawn");
    select(&mut window, "n1");
    assert!(window.harness.query_by_label(&sent).is_none(), "{sent} is still drawn");
    // Letting go of a node moves nothing; another graph's tab shows where that begins.
    select(&mut window, "tell");
    window.work(Todo::Select(Selection::default()));
    assert!(window.harness.query_by_label(&sent).is_some(), "{sent} is gone");
    let (id, [win, fail]) = (
        window.editor().active().unwrap().0.id,
        ["Win", "Fail"].map(|name| line(&mut window, &format!("\"name\": \"{name}\""))),
    );
    assert!(window.harness.query_by_label(&win).is_none());
    let at = |index| GraphAt { kind: GraphKind::Handler, index };
    window.work(Todo::ShowGraph(id, at(1)));
    assert!(window.harness.query_by_label(&fail).is_some(), "{fail} is not drawn");
    window.work(Todo::ShowGraph(id, at(0)));
    assert!(window.harness.query_by_label(&win).is_some(), "{win} is not drawn");
}

#[test]
fn code_follows_edits() {
    let mut window = coded("code-edits");
    let before = window.text();
    let (_, graph) = window.editor().active().unwrap();
    window.editor().push(Todo::Run(Command::SetEvent { graph, event: "Victory".to_owned() }, None));
    shown(&mut window);
    let text = window.text();
    assert_ne!(text, before);
    assert_eq!(window.editor().panels.code.text(), Some(&*text));
}
