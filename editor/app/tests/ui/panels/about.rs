//! Problems, history, find and replace, commands, settings, help, and moving about by keyboard.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::Host;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_editor_core::command::Command;
use statewright_editor_core::keys::Chord;
use statewright_editor_core::selection::Selection;
use statewright_editor_core::settings::Theme;
use statewright_graph::document::{GraphAt, GraphKind};

use crate::window::{DOCUMENT, SCHEMA, Window};

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };

#[test]
fn problems_are_gone_to_and_fixed_one_or_all() {
    let extra = "{\"id\": \"get\", \"type\": \"SetField\", \"inputs\": {\"path\": \"Name\", \"value\": \"x\"}},\n        {\"id\": \"set\"";
    let flow = "{\"from\": \"start\", \"to\": \"get\"}, {\"from\": \"get\", \"to\": \"set\"}";
    let whole = DOCUMENT.replace("{\"id\": \"set\"", extra).replace("{\"from\": \"start\", \"to\": \"set\"}", flow);
    let broken = whole.replace("\"path\": \"Score\"", "\"path\": \"Scor\"").replace("\"Name\"", "\"Nmae\"");
    let mut window = Window::new("problems", &broken);
    let count = |window: &mut Window| window.editor().active().unwrap().0.checked.findings.count().0;
    assert!(count(&mut window) >= 2);
    window.press(Modifiers::NONE, Key::F8);
    let first = window.editor().active().unwrap().0.open.selection().clone();
    assert_eq!(first.nodes.len(), 1);
    window.press(Modifiers::NONE, Key::F8);
    assert_ne!(window.editor().active().unwrap().0.open.selection(), &first);
    window.press(Modifiers::SHIFT, Key::F8);
    assert_eq!(window.editor().active().unwrap().0.open.selection(), &first);
    let fix = window.harness.query_all_by_label_contains("Fix all").next().unwrap();
    fix.click();
    window.settle();
    // What a fix lays bare is fixed with the next.
    if count(&mut window) > 0 {
        window.harness.query_all_by_label_contains("Fix all").next().unwrap().click();
        window.settle();
    }
    assert_eq!(window.text(), whole);
    assert_eq!(count(&mut window), 0);
}

#[test]
fn the_history_leads_back_to_any_step() {
    let mut window = Window::new("history", DOCUMENT);
    for text in ["one", "two", "three"] {
        window.work(Todo::Run(Command::SetDescription { graph: AT, text: Some(text.into()) }, None));
    }
    let last = window.text();
    window.work(Todo::Act(Action::History));
    window.harness.get_all_by_label("Describe").next().unwrap().click();
    window.settle();
    assert!(window.text().contains("\"one\""), "{}", window.text());
    window.click("As it was opened saved");
    assert_eq!(window.text(), DOCUMENT);
    window.harness.get_all_by_label("Describe").last().unwrap().click();
    window.settle();
    assert_eq!(window.text(), last);
}

#[test]
fn text_is_found_and_replaced_as_one_step() {
    let mut window = Window::new("find", DOCUMENT);
    window.press(Modifiers::COMMAND, Key::F);
    window.enter("Find", "score");
    window.enter("Replace with", "Name");
    assert!(window.has("1 place"));
    window.click("Replace all");
    assert_eq!(window.text(), DOCUMENT.replace("\"path\": \"Score\"", "\"path\": \"Name\""));
    window.press(Modifiers::COMMAND, Key::Z);
    window.work(Todo::Act(Action::Undo));
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn other_files_of_the_project_are_searched_and_opened() {
    let files = [("a.json", DOCUMENT), ("b.json", &*DOCUMENT.replace("points", "gems")), ("game.schema", SCHEMA)];
    let mut window = Window::with("find-project", &files, &["a.json"]);
    window.work(Todo::Act(Action::FindInProject));
    window.enter("Find", "param:gems");
    window.harness.query_all_by_label_contains("b.json, line").next().unwrap().click();
    window.settle();
    assert_eq!(window.text(), window.file("b.json"));
}

#[test]
fn uses_of_a_node_are_listed_and_lead_there() {
    let mut window = Window::new("uses", DOCUMENT);
    window.work(Todo::Select(Selection::of_nodes(AT, ["sum"])));
    window.press(Modifiers::SHIFT, Key::F12);
    assert!(window.has("1 use of sum"));
    window.click("node:sum:result value of set in Begin");
    let selection = window.editor().active().unwrap().0.open.selection().clone();
    assert_eq!(selection, Selection::of_nodes(AT, ["set"]));
}

#[test]
fn every_action_is_found_by_a_few_letters() {
    let mut window = Window::new("commands", DOCUMENT);
    window.work(Todo::Run(Command::SetDescription { graph: AT, text: Some("x".into()) }, None));
    window.press(Modifiers::COMMAND, Key::K);
    window.harness.event(egui::Event::Text("undo".into()));
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.text(), DOCUMENT);
    assert!(window.editor().dialog.is_none());
}

#[test]
fn settings_are_kept_and_keys_can_be_others() {
    let folder = Window::new("settings", DOCUMENT).folder().to_owned();
    let host = || Host { settings: Some(folder.join("editor.json")), ..Host::without_traces() };
    let mut window = Window::on(folder.clone(), &["game.json"], host());
    window.press(Modifiers::COMMAND, Key::Comma);
    window.click("High contrast");
    window.click("Keys");
    window.enter("Find an action", "Save as");
    window.click("Add keys to Save as…");
    // Taken already: told, and nothing changes.
    window.press(Modifiers::COMMAND, Key::S);
    assert_eq!(window.editor().settings.keys.action(&Chord::parse("Ctrl+S").unwrap()), Some(Action::Save));
    assert!(window.harness.query_all_by_label_contains("Ctrl+S is \"Save\"").next().is_some());
    window.click("Add keys to Save as…");
    window.press(Modifiers::NONE, Key::F7);
    window.click("Done");
    let again = Window::on(folder.clone(), &["game.json"], host()).editor().settings.clone();
    assert_eq!(again.theme, Theme::HighContrast);
    assert_eq!(again.keys.action(&Chord::parse("F7").unwrap()), Some(Action::SaveAs));
    assert!(again.keys.keys(Action::SaveAs).len() == 2);
}

#[test]
fn f6_moves_the_keyboard_between_the_parts_of_the_window() {
    let mut window = Window::new("regions", DOCUMENT);
    let mut seen = Vec::new();
    for _ in 0..7 {
        window.press(Modifiers::NONE, Key::F6);
        let ctx = window.harness.ctx.clone();
        seen.push(window.editor().regions.focused(&ctx));
    }
    let mut all = seen.clone();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 7, "{seen:?}");
    window.press(Modifiers::SHIFT, Key::F6);
    let ctx = window.harness.ctx.clone();
    assert_eq!(window.editor().regions.focused(&ctx), seen[5]);
}

#[test]
fn the_first_start_shows_the_tour_once_and_help_is_there() {
    let folder = Window::new("tour", DOCUMENT).folder().to_owned();
    let host = || Host { settings: Some(folder.join("editor.json")), ..Host::without_traces() };
    let mut window = Window::on(folder.clone(), &[], host());
    assert!(window.text().contains("OnCardPlayed"));
    window.click("Next");
    window.click("Skip");
    assert!(window.editor().dialog.is_none());
    let mut again = Window::on(folder.clone(), &["game.json"], host());
    assert!(again.editor().dialog.is_none());
    again.work(Todo::Select(Selection::of_nodes(AT, ["sum"])));
    again.press(Modifiers::NONE, Key::F1);
    assert!(again.has("Outputs") && again.has("Fuel"));
    again.press(Modifiers::NONE, Key::Escape);
    assert!(again.editor().dialog.is_none());
    assert_eq!(again.text(), DOCUMENT);
}

#[test]
fn there_is_help_for_every_node() {
    let mut window = Window::new("node-help", DOCUMENT);
    for row in statewright_graph::node::table() {
        window.editor().dialog = Some(statewright_editor::dialogs::Dialog::Help(
            statewright_editor::dialogs::help::Help::Node(row.name.to_owned()),
        ));
        window.harness.step();
        let says = |text: &str| window.harness.query_all_by_label_contains(&text.replace('`', "")).next().is_some();
        assert!(!row.summary.is_empty() && says(row.summary), "{}", row.name);
        let ports = row.inputs.iter().map(|port| (port.name, port.docs));
        for (name, docs) in ports.chain(row.outputs.iter().map(|port| (port.name, port.docs))) {
            assert!(says(name) && (docs.is_empty() || says(docs)), "{} {name}", row.name);
        }
    }
}

#[test]
fn everything_is_drawn_larger_and_remembered() {
    let folder = Window::new("scale", DOCUMENT).folder().to_owned();
    let host = || Host { settings: Some(folder.join("editor.json")), ..Host::without_traces() };
    let mut window = Window::on(folder.clone(), &["game.json"], host());
    window.press(Modifiers::COMMAND, Key::Comma);
    window.click("150 %");
    window.click("Done");
    assert_eq!(window.harness.ctx.zoom_factor(), 1.5);
    let again = Window::on(folder.clone(), &["game.json"], host()).editor().settings.scale;
    assert_eq!(again, 1.5);
}
