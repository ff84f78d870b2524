//! Every example of the node table, run as a test file.

mod support;

use statewright_graph::node::{self, EXAMPLE_FILTER, EXAMPLE_SCHEMA, EXAMPLE_STATE, Example, NodeRow};
use statewright_harness::report::Look;
use statewright_harness::testing::{Options, run_paths, text};
use statewright_types::{Value, json};
use support::Folder;

/// The function that the example of `CallFunction` calls.
const TWICE: &str = r#"{"name": "Twice", "parameters": [{"name": "x", "type": "int64"}], "returnType": "int64",
  "nodes": [{"id": "double", "type": "Multiply", "inputs": {"a": "param:x", "b": 2}},
            {"id": "give", "type": "Return", "inputs": {"value": "node:double:result"}}],
  "flow": [{"from": "start", "to": "give"}]}"#;

fn read(row: &NodeRow, text: &str) -> Value {
    let tree = json::parse(text).unwrap_or_else(|error| panic!("the example of {}: {}", row.name, error.message));
    tree.value(tree.root())
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries)
}

/// Nodes, flow and the expectation of the step that runs them.
fn handler(row: &NodeRow) -> (Value, Value, Value) {
    match row.example {
        Example::Handler { nodes, flow, expect } => (read(row, nodes), read(row, flow), read(row, expect)),
        Example::Outputs { inputs, outputs } => {
            let outputs = read(row, outputs);
            let Value::Map(ports) = &outputs else { panic!("the example of {} has no outputs", row.name) };
            let payload = ports.iter().map(|(port, _)| (port.clone(), Value::from(format!("node:n:{port}"))));
            let node = object([("id", "n".into()), ("type", row.name.into()), ("inputs", read(row, inputs))]);
            let emit = object([
                ("id", "emit".into()),
                ("type", "EmitToAll".into()),
                ("inputs", object([("eventType", "Out".into()), ("payload", Value::map(payload))])),
            ]);
            let edge = |from: &str, to: &str| object([("from", from.into()), ("to", to.into())]);
            let events = object([("type", "Out".into()), ("payload", outputs)]);
            (
                Value::List(vec![node, emit]),
                Value::List(vec![edge("start", "n"), edge("n", "emit")]),
                object([("events", Value::List(vec![events])), ("error", Value::Null)]),
            )
        }
    }
}

#[test]
fn every_example_does_what_it_says() {
    let folder = Folder::new();
    folder.put("example.schema", EXAMPLE_SCHEMA);
    let mut files = Vec::new();
    for row in node::table() {
        let (nodes, flow, expect) = handler(row);
        let run = object([
            ("name", "Example".into()),
            ("event", "Run".into()),
            ("parameters", Value::List(Vec::new())),
            ("nodes", nodes),
            ("flow", flow),
        ]);
        let step = object([("event", "Run".into()), ("sender", "ann".into()), ("expect", expect)]);
        let test = object([
            ("name", row.name.into()),
            ("seed", Value::Int(1)),
            ("players", Value::List(vec!["ann".into(), "bob".into()])),
            ("state", read(row, EXAMPLE_STATE)),
            ("steps", Value::List(vec![step])),
        ]);
        let file = object([
            (
                "graph",
                object([
                    ("handlers", Value::List(vec![run])),
                    ("functions", Value::List(vec![read(row, TWICE)])),
                    ("filters", Value::List(vec![read(row, EXAMPLE_FILTER)])),
                ]),
            ),
            ("schema", "example.schema".into()),
            ("tests", Value::List(vec![test])),
        ]);
        files.push(folder.put(&format!("{}.test.json", row.name), &json::to_pretty(&file)));
    }
    assert!(files.len() > 50, "the table has rows");
    let summary = run_paths(&files, &Options::default());
    assert!(summary.ok(), "{}", text::summary_text(&summary, Look::default()));
}
