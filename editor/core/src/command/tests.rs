//! What commands make of a document, as the part of the text that changes.

use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};
use statewright_graph::node::EXAMPLE_SCHEMA;
use statewright_types::{Value, schema};

use super::replace::Query;
use super::*;
use crate::wires::{START, Side};

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };
const DOUBLE: GraphAt = GraphAt { kind: GraphKind::Function, index: 0 };

/// A document with one node a line.
const TEXT: &str = r#"{
  "stateType": "Game",
  "handlers": [{
    "name": "H", "event": "E", "parameters": [{"name": "id", "type": "string"}],
    "nodes": [
      {"id": "sum", "type": "Add", "inputs": {"a": 1, "b": "state:Players[param:id:ID].Score"}},
      {"id": "set", "type": "SetField", "inputs": {"path": "Players[id:ID].Score", "value": "node:sum:result"}},
      {"id": "say", "type": "EmitToAll", "inputs": {"event": {"template": "S {{node:sum:result}} {{x}}"}, "data": {"n": "variable:x"}}},
      {"id": "call", "type": "CallFunction", "inputs": {"function": "Double", "args": {"v": 3}}},
      {"id": "var", "type": "SetVariable", "inputs": {"name": "x", "value": "param:id"}}
    ],
    "flow": [{"from": "start", "to": "var"}, {"from": "var", "to": "set"}, {"from": "set", "to": "say"}]
  }],
  "functions": [{"name": "Double", "parameters": [{"name": "v", "type": "int"}], "returnType": "int", "nodes": [
    {"id": "r", "type": "Return", "inputs": {"value": "param:v"}}], "flow": [{"from": "start", "to": "r"}]}]
}
"#;

fn context() -> Context {
    Context { schema: schema::parse(EXAMPLE_SCHEMA).0, ..Context::default() }
}

/// The lines that a command changes: those that go with `-`, those that come with `+`, without indentation.
fn changed(command: Command) -> String {
    let source = SourceDocument::parse(TEXT).unwrap();
    let outcome = command.apply(&source, &context()).unwrap();
    let after = outcome.change.apply(TEXT).unwrap();
    let mut shown = Vec::new();
    for line in statewright_harness::report::diff::lines(TEXT, &after) {
        use statewright_harness::report::diff::Line;
        match line {
            Line::Gone(text) => shown.push(format!("-{}", text.trim())),
            Line::New(text) => shown.push(format!("+{}", text.trim())),
            Line::Same(_) => {}
        }
    }
    shown.extend(outcome.remarks);
    shown.join("\n")
}

fn check(command: Command, expected: &str) {
    let found = changed(command);
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    assert_eq!(found, expected.join("\n"));
}

fn refused(command: Command) -> String {
    let source = SourceDocument::parse(TEXT).unwrap();
    command.apply(&source, &context()).unwrap_err().to_string()
}

fn rename(what: Named, to: &str) -> Command {
    Command::Rename { what, to: to.to_owned() }
}

#[test]
fn a_node_dragged_from_an_exit_goes_between() {
    let connect = Some((PinId::new("var", Side::FlowOut, ""), String::new()));
    let node = NodeToAdd { ty: "Trace".into(), position: (10.0, 20.5), connect, ..NodeToAdd::default() };
    check(
        Command::AddNode { graph: AT, node },
        r#"
        -{"id": "var", "type": "SetVariable", "inputs": {"name": "x", "value": "param:id"}}
        +{"id": "var", "type": "SetVariable", "inputs": {"name": "x", "value": "param:id"}},
        +{"id": "trace", "type": "Trace", "inputs": {}, "_position": {"x": 10, "y": 20.5}}
        -"flow": [{"from": "start", "to": "var"}, {"from": "var", "to": "set"}, {"from": "set", "to": "say"}]
        +"flow": [{"from": "start", "to": "var"}, {"from": "var", "to": "trace"}, {"from": "set", "to": "say"}, {"from": "trace", "to": "set"}]
        "#,
    );
}

#[test]
fn a_node_dragged_from_an_output_reads_it() {
    let connect = Some((PinId::new("sum", Side::Output, "result"), "a".to_owned()));
    let node = NodeToAdd { ty: "Add".into(), connect, ..NodeToAdd::default() };
    let found = changed(Command::AddNode { graph: AT, node });
    assert!(found.contains(r#""id": "add""#) && found.contains(r#""inputs": {"a": "node:sum:result"}"#), "{found}");
}

#[test]
fn deleting_bridges_the_flow_only_if_asked() {
    let selection = crate::selection::Selection::of_nodes(AT, ["set"]);
    let found = changed(Command::Remove { selection: selection.clone(), bridge: true });
    assert!(found.contains(r#"+"flow": [{"from": "start", "to": "var"}, {"from": "var", "to": "say"}]"#), "{found}");
    let found = changed(Command::Remove { selection, bridge: false });
    assert!(found.contains(r#"+"flow": [{"from": "start", "to": "var"}]"#), "{found}");
}

#[test]
fn wires_come_and_go() {
    let graph = AT;
    check(
        Command::Connect {
            graph,
            from: PinId::new(START, Side::Output, "id"),
            to: PinId::new("say", Side::Input, "payload.who"),
            path: String::new(),
        },
        r#"
        -{"id": "say", "type": "EmitToAll", "inputs": {"event": {"template": "S {{node:sum:result}} {{x}}"}, "data": {"n": "variable:x"}}},
        +{"id": "say", "type": "EmitToAll", "inputs": {"event": {"template": "S {{node:sum:result}} {{x}}"}, "data": {"n": "variable:x", "who": "param:id"}}},
        "#,
    );
    let (from, to) = (PinId::new("sum", Side::Output, "result"), PinId::new("set", Side::Input, "value"));
    check(
        Command::Disconnect { graph, wires: vec![Wire { from: from.clone(), to }] },
        r#"
        -{"id": "set", "type": "SetField", "inputs": {"path": "Players[id:ID].Score", "value": "node:sum:result"}},
        +{"id": "set", "type": "SetField", "inputs": {"path": "Players[id:ID].Score"}},
        "#,
    );
    let template = PinId::new("say", Side::Input, "eventType");
    let text = refused(Command::Disconnect { graph, wires: vec![Wire { from, to: template }] });
    assert!(text.contains("within a larger text"), "{text}");
    let (from, to) = (PinId::new("say", Side::FlowOut, "true"), PinId::new("set", Side::FlowIn, ""));
    assert!(refused(Command::Connect { graph, from, to, path: String::new() }).contains("one exit"));
}

#[test]
fn names_change_wherever_they_are_used() {
    check(
        rename(Named::Parameter { graph: AT, name: "id".into() }, "who"),
        r#"
        -"name": "H", "event": "E", "parameters": [{"name": "id", "type": "string"}],
        +"name": "H", "event": "E", "parameters": [{"name": "who", "type": "string"}],
        -{"id": "sum", "type": "Add", "inputs": {"a": 1, "b": "state:Players[param:id:ID].Score"}},
        -{"id": "set", "type": "SetField", "inputs": {"path": "Players[id:ID].Score", "value": "node:sum:result"}},
        +{"id": "sum", "type": "Add", "inputs": {"a": 1, "b": "state:Players[param:who:ID].Score"}},
        +{"id": "set", "type": "SetField", "inputs": {"path": "Players[who:ID].Score", "value": "node:sum:result"}},
        -{"id": "var", "type": "SetVariable", "inputs": {"name": "x", "value": "param:id"}}
        +{"id": "var", "type": "SetVariable", "inputs": {"name": "x", "value": "param:who"}}
        "#,
    );
    check(
        rename(Named::Variable { graph: AT, name: "x".into() }, "y"),
        r#"
        -{"id": "say", "type": "EmitToAll", "inputs": {"event": {"template": "S {{node:sum:result}} {{x}}"}, "data": {"n": "variable:x"}}},
        +{"id": "say", "type": "EmitToAll", "inputs": {"event": {"template": "S {{node:sum:result}} {{y}}"}, "data": {"n": "variable:y"}}},
        -{"id": "var", "type": "SetVariable", "inputs": {"name": "x", "value": "param:id"}}
        +{"id": "var", "type": "SetVariable", "inputs": {"name": "y", "value": "param:id"}}
        "#,
    );
    check(
        rename(Named::Parameter { graph: DOUBLE, name: "v".into() }, "w"),
        r#"
        -{"id": "call", "type": "CallFunction", "inputs": {"function": "Double", "args": {"v": 3}}},
        +{"id": "call", "type": "CallFunction", "inputs": {"function": "Double", "args": {"w": 3}}},
        -"functions": [{"name": "Double", "parameters": [{"name": "v", "type": "int"}], "returnType": "int", "nodes": [
        -{"id": "r", "type": "Return", "inputs": {"value": "param:v"}}], "flow": [{"from": "start", "to": "r"}]}]
        +"functions": [{"name": "Double", "parameters": [{"name": "w", "type": "int"}], "returnType": "int", "nodes": [
        +{"id": "r", "type": "Return", "inputs": {"value": "param:w"}}], "flow": [{"from": "start", "to": "r"}]}]
        "#,
    );
    let found = changed(rename(Named::Graph { graph: DOUBLE }, "Twice"));
    assert!(found.contains(r#"+{"id": "call", "type": "CallFunction", "inputs": {"function": "Twice""#), "{found}");
    let found = changed(rename(Named::Field { ty: "Player".into(), name: "Score".into() }, "Points"));
    assert!(found.contains("[param:id:ID].Points") && found.contains("Players[id:ID].Points"), "{found}");
    let found = changed(rename(Named::Node { graph: AT, id: "sum".into() }, "total"));
    assert!(found.contains("{{node:total:result}}") && found.contains("\"node:total:result\""), "{found}");
    check(
        rename(Named::Output { graph: AT, node: "sum".into(), port: "result".into() }, "total"),
        r#"
        -{"id": "sum", "type": "Add", "inputs": {"a": 1, "b": "state:Players[param:id:ID].Score"}},
        -{"id": "set", "type": "SetField", "inputs": {"path": "Players[id:ID].Score", "value": "node:sum:result"}},
        -{"id": "say", "type": "EmitToAll", "inputs": {"event": {"template": "S {{node:sum:result}} {{x}}"}, "data": {"n": "variable:x"}}},
        +{"id": "sum", "type": "Add", "inputs": {"a": 1, "b": "state:Players[param:id:ID].Score"}, "outputs": {"result": "total"}},
        +{"id": "set", "type": "SetField", "inputs": {"path": "Players[id:ID].Score", "value": "node:sum:total"}},
        +{"id": "say", "type": "EmitToAll", "inputs": {"event": {"template": "S {{node:sum:total}} {{x}}"}, "data": {"n": "variable:x"}}},
        "#,
    );
}

#[test]
fn names_that_are_taken_or_impossible_are_refused() {
    assert!(refused(rename(Named::Node { graph: AT, id: "sum".into() }, "set")).contains("already"));
    assert!(refused(rename(Named::Node { graph: AT, id: "sum".into() }, "end_x")).contains("places of the flow"));
    assert!(refused(rename(Named::Parameter { graph: AT, name: "id".into() }, "senderID")).contains("already"));
    assert!(refused(rename(Named::Variable { graph: AT, name: "no".into() }, "y")).contains("no variable"));
    assert!(refused(Command::AddParameter { graph: AT, name: "q".into(), ty: "Nobody".into() }).contains("Nobody"));
}

#[test]
fn pasted_nodes_keep_their_wires_and_tell_of_those_that_are_lost() {
    let source = SourceDocument::parse(TEXT).unwrap();
    let selection = crate::selection::Selection::of_nodes(AT, ["sum", "set"]);
    let text = crate::clipboard::copy(&source, &selection).unwrap();
    let found = changed(Command::Paste { graph: AT, text: text.clone(), at: (100.0, 50.0) });
    assert!(found.contains(r#""id": "set2""#) && found.contains(r#""value": "node:sum2:result""#), "{found}");
    let found = changed(Command::Paste { graph: DOUBLE, text, at: (0.0, 0.0) });
    assert!(found.contains(r#""id": "set""#) && found.contains("the parameter `id`, which is not here"), "{found}");
    assert!(refused(Command::Paste { graph: AT, text: "hello".into(), at: (0.0, 0.0) }).contains("copy nodes first"));
}

#[test]
fn text_is_replaced_in_values_only() {
    let query = Query { text: "SCORE".into(), ..Query::default() };
    let found = changed(Command::Replace { query, with: "Points".into() });
    assert!(found.contains("[param:id:ID].Points") && found.ends_with("2 texts changed"), "{found}");
    let whole = Query { text: "e".into(), match_case: true, whole_word: true, graph: None };
    assert!(refused(Command::Replace { query: whole, with: "z".into() }).contains("nowhere"));
}

#[test]
fn inputs_of_several_nodes_are_set_at_once() {
    let nodes = vec!["sum".into(), "call".into()];
    check(
        Command::SetInput { graph: AT, nodes, port: "a".into(), value: Some(Value::Int(7)) },
        r#"
        -{"id": "sum", "type": "Add", "inputs": {"a": 1, "b": "state:Players[param:id:ID].Score"}},
        +{"id": "sum", "type": "Add", "inputs": {"a": 7, "b": "state:Players[param:id:ID].Score"}},
        -{"id": "call", "type": "CallFunction", "inputs": {"function": "Double", "args": {"v": 3}}},
        +{"id": "call", "type": "CallFunction", "inputs": {"function": "Double", "args": {"v": 3}, "a": 7}},
        "#,
    );
}

#[test]
fn the_automatic_layout_places_every_node() {
    let source = SourceDocument::parse(TEXT).unwrap();
    let outcome = Command::Layout { graph: AT, nodes: Vec::new() }.apply(&source, &context()).unwrap();
    let document = outcome.document.unwrap();
    let nodes = &document.graph(AT).unwrap().nodes;
    assert!(nodes.iter().all(|node| node.position.is_some()));
    let x = |id: &str| nodes.iter().find(|node| &*node.id.text == id).unwrap().position.unwrap().0;
    assert!(x("var") < x("set") && x("set") < x("say"));
}
