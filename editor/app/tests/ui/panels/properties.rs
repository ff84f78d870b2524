//! Properties of nodes and graphs, and what inputs refer to.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use statewright_editor::todo::Todo;
use statewright_editor_core::selection::Selection;
use statewright_graph::document::{GraphAt, GraphKind};

use crate::window::{DOCUMENT, Window};

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };

fn select(window: &mut Window, nodes: &[&str]) {
    window.work(Todo::Select(Selection::of_nodes(AT, nodes.iter().copied())));
}

#[test]
fn a_node_is_renamed_wherever_it_is_named() {
    let mut window = Window::new("rename-node", DOCUMENT);
    select(&mut window, &["sum"]);
    window.write("Node name", "total");
    let text = window.text();
    assert!(
        text.contains("\"id\": \"total\"") && text.contains("node:total:result") && !text.contains("sum"),
        "{text}"
    );
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.text(), DOCUMENT);
}

#[test]
fn inputs_are_edited_by_type_and_of_several_nodes_at_once() {
    let document = DOCUMENT.replace(
        "{\"id\": \"set\"",
        "{\"id\": \"other\", \"type\": \"Add\", \"inputs\": {\"a\": 5, \"b\": 6}},\n        {\"id\": \"set\"",
    );
    let mut window = Window::new("inputs", &document);
    select(&mut window, &["sum"]);
    window.write("b", "7");
    assert_eq!(window.text(), document.replace("\"b\": 2", "\"b\": 7"));
    select(&mut window, &["sum", "other"]);
    window.click("Clear b");
    let text = window.text();
    assert!(!text.contains("\"b\""), "{text}");
    window.write("b", "9");
    assert_eq!(window.text().matches("\"b\": 9").count(), 2, "{}", window.text());
}

#[test]
fn types_functions_and_fields_are_chosen_by_name() {
    let document = DOCUMENT
        .replace(
            "{\"id\": \"set\"",
            "{\"id\": \"sort\", \"type\": \"Sum\", \"inputs\": {\"path\": \"Players\", \"field\": \"ID\"}},\n        \
             {\"id\": \"make\", \"type\": \"CreateStruct\", \"inputs\": {}},\n        \
             {\"id\": \"call\", \"type\": \"CallFunction\", \"inputs\": {}},\n        {\"id\": \"set\"",
        )
        .replace("  ]\n}\n", "  ],\n  \"functions\": [{\"name\": \"Best\", \"nodes\": []}]\n}\n");
    let mut window = Window::new("names", &document);
    for (node, menu, name, written) in [
        ("make", "Choose: type", "Player", r#""inputs": {"type": "Player""#),
        ("call", "Choose: function", "Best", r#""inputs": {"function": "Best""#),
        ("sort", "Choose: field", "Score", r#""field": "Score""#),
    ] {
        select(&mut window, &[node]);
        // What takes a name takes no reference.
        assert!(!window.has(&format!("Refer {}", menu.trim_start_matches("Choose: "))));
        window.choose(menu);
        // What was opened last is the last of that name.
        window.harness.get_all_by_label(name).last().unwrap().click_accesskit();
        window.settle();
        assert!(window.text().contains(written), "{written} in {}", window.text());
    }
}

#[test]
fn a_comment_that_is_being_written_is_kept_when_something_else_is_selected() {
    let mut window = Window::new("left", DOCUMENT);
    select(&mut window, &["sum"]);
    window.harness.get_by_label("Node comment").focus();
    window.settle();
    window.harness.event(egui::Event::Text("Adds up.".into()));
    window.settle();
    select(&mut window, &["set"]);
    assert!(window.text().contains("\"_comment\": \"Adds up.\""), "{}", window.text());
    let node = window.text().find("\"sum\"").unwrap();
    assert!(window.text().find("Adds up.").unwrap() - node < 200);
}

#[test]
fn what_an_input_refers_to_is_picked_and_goes_on_into_its_parts() {
    let mut window = Window::new("picked", DOCUMENT);
    select(&mut window, &["set"]);
    window.click("Refer value");
    window.harness.get_by_label("Reference").focus();
    window.settle();
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(egui::Event::Text("points".into()));
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.text().contains("\"value\": \"param:points\""), "{}", window.text());
    window.click("Refer path");
    window.harness.get_by_label("Reference").focus();
    window.settle();
    window.press(Modifiers::COMMAND, Key::A);
    for text in ["Players.", "Players[param:id:ID]."] {
        window.press(Modifiers::COMMAND, Key::A);
        window.harness.event(egui::Event::Text(text.into()));
        window.settle();
    }
    assert!(window.has(".Score int64"));
    window.click(".Score int64");
    assert!(window.text().contains("\"path\": \"Players[param:id:ID].Score\""), "{}", window.text());
}

#[test]
fn a_graph_has_parameters_permissions_and_an_event() {
    let mut window = Window::new("graph", DOCUMENT);
    window.write("Event", "Start");
    window.write("Parameter points", "score");
    let text = window.text();
    assert!(text.contains("\"event\": \"Start\"") && text.contains("param:score"), "{text}");
    window.write("Type of score", "nonsense");
    assert_eq!(window.text(), text, "a type that does not exist is refused");
    window.write("Type of score", "int32");
    window.harness.get_by_label("New parameter").focus();
    window.settle();
    window.harness.event(egui::Event::Text("who".into()));
    window.settle();
    window.harness.get_by_label("Type of new parameter").focus();
    window.settle();
    window.harness.event(egui::Event::Text("string".into()));
    window.settle();
    window.click("Add");
    window.click("Move up who");
    window.click("Only the host");
    window.write("Only these players", "ann, bob");
    let text = window.text();
    let (who, score) = (text.find("\"who\"").unwrap(), text.find("\"score\"").unwrap());
    assert!(who < score && text.contains("\"int32\""), "{text}");
    assert!(text.contains("\"hostOnly\": true") && text.contains("\"bob\""), "{text}");
    window.click("Remove parameter who");
    assert!(!window.text().contains("\"who\""));
}

/// A function with a parameter, its call, and a variable that is set and read in a text.
fn signatures() -> String {
    DOCUMENT
        .replace(
            "{\"id\": \"set\"",
            "{\"id\": \"call\", \"type\": \"CallFunction\", \"inputs\": {\"function\": \"Total\", \"args\": {\"base\": 1}}},\n        {\"id\": \"keep\", \"type\": \"SetVariable\", \"inputs\": {\"name\": \"best\", \"value\": \"node:sum:result\"}},\n        {\"id\": \"set\"",
        )
        .replace("\"value\": \"node:sum:result\"}, \"_position\": {\"x\": 560", "\"value\": \"variable:best\"}, \"_position\": {\"x\": 560")
        .replace(
            "\n  ]\n}",
            ",\n    {\"name\": \"Other\", \"event\": \"Other\", \"nodes\": [], \"flow\": []}\n  ],\n  \"functions\": [\n    {\"name\": \"Total\", \"parameters\": [{\"name\": \"base\", \"type\": \"int64\"}], \"returnType\": \"int64\", \"nodes\": [{\"id\": \"r\", \"type\": \"Return\", \"inputs\": {\"value\": \"param:base\"}}], \"flow\": [{\"from\": \"start\", \"to\": \"r\"}]}\n  ]\n}",
        )
}

#[test]
fn a_signature_is_renamed_with_every_call() {
    let document = signatures();
    let mut window = Window::new("signature", &document);
    let id = window.editor().active().unwrap().0.id;
    window.work(Todo::ShowGraph(id, GraphAt { kind: GraphKind::Function, index: 0 }));
    window.work(Todo::Select(Selection::default()));
    window.write("Parameter base", "first");
    let expected = document
        .replace("{\"base\": 1}", "{\"first\": 1}")
        .replace("\"name\": \"base\"", "\"name\": \"first\"")
        .replace("param:base", "param:first");
    assert_eq!(window.text(), expected);
    window.write("Graph name", "Sum");
    let expected = expected.replace("\"Total\"", "\"Sum\"");
    assert_eq!(window.text(), expected);
    window.write("Return type", "int32");
    assert_eq!(window.text(), expected.replace("\"returnType\": \"int64\"", "\"returnType\": \"int32\""));
    window.click("Find uses");
    assert!(window.has("1 use of Sum"));
    window.harness.query_all_by_label_contains("function of call in Begin").next().unwrap().click();
    window.settle();
    assert!(window.editor().active().unwrap().0.open.selection().nodes.contains("call"));
    window.press(Modifiers::COMMAND, Key::S);
    assert_eq!(window.file("game.json"), window.text());
}

#[test]
fn a_variable_is_renamed_wherever_it_is_named_and_its_uses_are_listed() {
    let document = signatures();
    let mut window = Window::new("variable", &document);
    window.work(Todo::Select(Selection::default()));
    window.write("Variable best", "most");
    let expected =
        document.replace("\"name\": \"best\"", "\"name\": \"most\"").replace("variable:best", "variable:most");
    assert_eq!(window.text(), expected);
    window.choose("Find uses of most");
    assert!(window.has("2 uses of most"));
    window.work(Todo::Select(Selection::default()));
    window.choose("Find uses of points");
    assert!(window.has("1 use of points"));
}

#[test]
fn the_picker_has_every_kind_of_reference() {
    let config = "package game\n\nconfig Rules {\n    Cards int64 @default(5)\n}\n";
    let document = DOCUMENT
        .replace("\"stateType\"", "\"config\": \"rules.config\",\n  \"stateType\"")
        .replace(
            "{\"id\": \"set\"",
            "{\"id\": \"each\", \"type\": \"ForEach\", \"inputs\": {\"array\": \"state:Players\"}},\n        {\"id\": \"keep\", \"type\": \"SetVariable\", \"inputs\": {\"name\": \"best\", \"value\": 1}},\n        {\"id\": \"set\"",
        );
    let files = [("game.json", &*document), ("game.schema", crate::window::SCHEMA), ("rules.config", config)];
    let mut window = Window::with("references", &files, &["game.json"]);
    for (typed, text) in [
        ("points", "param:points"),
        ("sum", "node:sum:result"),
        ("state:Score", "state:Score"),
        ("Cards", "config:Rules.Cards"),
        ("best", "variable:best"),
        ("loop:each:index", "loop:each:index"),
    ] {
        select(&mut window, &["set"]);
        window.click("Refer value");
        if window.has("Only what fits int64") {
            window.click("Only what fits int64");
        }
        window.enter("Reference", typed);
        window.press(Modifiers::NONE, Key::Enter);
        let now = window.text();
        assert!(now.contains(&format!("\"value\": \"{text}")), "{typed}: {now}");
    }
    // Who looks is known in filters and effects only.
    let graph = GraphAt { kind: GraphKind::Filter, index: 0 };
    window.choose("Add filter");
    window.write("Name", "Mask");
    let node = statewright_editor_core::command::NodeToAdd {
        ty: "SetField".into(),
        id: Some("hide".into()),
        inputs: vec![("path".into(), statewright_types::Value::str("Name"))],
        ..Default::default()
    };
    window.work(Todo::Run(statewright_editor_core::command::Command::AddNode { graph, node }, None));
    window.work(Todo::Select(Selection::of_nodes(graph, ["hide"])));
    window.click("Refer value");
    window.enter("Reference", "viewer");
    window.press(Modifiers::NONE, Key::Enter);
    let now = window.text();
    assert!(now.contains("\"value\": \"viewer:id\""), "{now}");
}
