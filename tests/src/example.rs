//! The example of a node row as a test file.

use statewright_graph::node::{
    EXAMPLE_CONFIG, EXAMPLE_EFFECT, EXAMPLE_FILTER, EXAMPLE_FUNCTIONS, EXAMPLE_SCHEMA, EXAMPLE_STATE, Example, NodeRow,
};

/// The node that is the example, in documents made here.
pub const NODE: &str = "example";

/// The test file that runs the row's example. The schema stands beside it, as [`SCHEMA_FILE`].
///
/// A pure node stands outside the flow, and its outputs are sent as an event's payload.
pub fn test_file(row: &NodeRow) -> String {
    let (nodes, flow, expect) = match row.example {
        Example::Handler { nodes, flow, expect } => (nodes.to_owned(), flow.to_owned(), expect.to_owned()),
        Example::Outputs { inputs, outputs } => outputs_example(row, inputs, outputs),
    };
    let name = row.name;
    let handler =
        format!(r#"{{"name": "Example", "event": "Example", "parameters": [], "nodes": {nodes}, "flow": {flow}}}"#);
    let test = format!(
        r#"{{"name": "R10 the example of {name}", "players": ["ann", "bob"], "state": {EXAMPLE_STATE},
  "steps": [{{"event": "Example", "expect": {expect}}}]}}"#
    );
    file(&handler, "", SCHEMA_FILE, &test)
}

/// A test file about a document with these handlers, and what examples refer to. `filters` begins with a comma if there
/// are any.
pub fn file(handlers: &str, filters: &str, schema_file: &str, tests: &str) -> String {
    format!(
        r#"{{"graph": {{"version": "1.0",
"handlers": [{handlers}],
"functions": [{EXAMPLE_FUNCTIONS}],
"filters": [{EXAMPLE_FILTER}{filters}], "effects": [{EXAMPLE_EFFECT}]}},
"schema": "{schema_file}", "config": {EXAMPLE_CONFIG},
"tests": [{tests}]}}
"#
    )
}

/// Where documents made here look for [`EXAMPLE_SCHEMA`].
pub const SCHEMA_FILE: &str = "example.schema";

/// Its text.
pub const SCHEMA: &str = EXAMPLE_SCHEMA;

fn outputs_example(row: &NodeRow, inputs: &str, outputs: &str) -> (String, String, String) {
    // Only the ports that are compared are sent: others may be null or have nothing to say.
    let ports: Vec<&str> = row.outputs.iter().map(|port| port.name).filter(|name| named(outputs, name)).collect();
    let payload: Vec<String> = ports.iter().map(|port| format!(r#""{port}": "node:{NODE}:{port}""#)).collect();
    let nodes = format!(
        r#"[{{"id": "{NODE}", "type": "{}", "inputs": {inputs}}},
  {{"id": "emit", "type": "EmitToAll", "inputs": {{"eventType": "Outputs", "payload": {{{}}}}}}}]"#,
        row.name,
        payload.join(", ")
    );
    let flow = r#"[{"from": "start", "to": "emit"}]"#.to_owned();
    let expect = format!(r#"{{"error": null, "events": [{{"type": "Outputs", "payload": {outputs}}}]}}"#);
    (nodes, flow, expect)
}

/// Whether the JSON object `outputs` has the key `name`.
fn named(outputs: &str, name: &str) -> bool {
    let Ok(tree) = statewright_types::json::parse(outputs) else { return false };
    tree.get(tree.root(), name).is_some()
}
