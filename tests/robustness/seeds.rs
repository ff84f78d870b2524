//! Good documents: two written by hand, and one made of the examples of all node types.

use statewright::Value;
use statewright_graph::node::{
    self, EXAMPLE_EFFECT, EXAMPLE_FILTER, EXAMPLE_FUNCTIONS, EXAMPLE_SCHEMA, EXAMPLE_STATE, Example, NodeRow,
};

/// A document with what it needs to run.
#[derive(Clone, Debug)]
pub struct Seed {
    pub document: String,
    pub schema: &'static str,
    pub state: &'static str,
}

/// Loops, functions, waits, aliases, templates, computed paths.
pub fn arena() -> Seed {
    Seed {
        document: include_str!("arena.json").to_owned(),
        schema: include_str!("arena.schema"),
        state: r#"{"Players": [{"ID": "ann", "Score": 30, "Hand": [4, 1], "Weapon": {"Damage": 9}, "Rival": {"ID": "bob"}},
            {"ID": "bob", "Score": 3, "Bag": {"x": 1}}], "Scores": {"ann": 1}, "Grid": [[1], []], "Places": {"7": {"X": 1}}}"#,
    }
}

/// One handler for the example of each node type.
pub fn examples() -> Vec<Seed> {
    node::table().filter_map(example).collect()
}

/// All examples in one document.
pub fn all_examples() -> Seed {
    let seeds = examples();
    let handlers = seeds.iter().enumerate().flat_map(|(index, seed)| {
        let document: Value = seed.document.parse().expect("examples are JSON");
        let Some(Value::List(handlers)) = document.get("handlers").cloned() else { panic!("no handlers") };
        handlers.into_iter().map(move |handler| renamed(handler, index))
    });
    let functions: Value = format!("[{EXAMPLE_FUNCTIONS}]").parse().expect("JSON");
    let filters: Value = format!("[{EXAMPLE_FILTER}]").parse().expect("JSON");
    let effects: Value = format!("[{EXAMPLE_EFFECT}]").parse().expect("JSON");
    let document = Value::map([
        ("handlers", Value::List(handlers.collect())),
        ("functions", functions),
        ("filters", filters),
        ("effects", effects),
    ]);
    Seed { document: document.to_string(), schema: EXAMPLE_SCHEMA, state: EXAMPLE_STATE }
}

fn renamed(handler: Value, index: usize) -> Value {
    let Value::Map(mut entries) = handler else { panic!("a handler is an object") };
    for (key, value) in &mut entries {
        if matches!(&**key, "name" | "event") {
            *value = Value::str(format!("E{index}"));
        }
    }
    Value::Map(entries)
}

fn example(row: &NodeRow) -> Option<Seed> {
    let (nodes, flow) = match row.example {
        Example::Outputs { inputs: "{}", outputs: "{}" } => return None,
        Example::Outputs { inputs, .. } => {
            let payload = row.outputs.iter().map(|port| format!(r#""{0}": "node:n:{0}""#, port.name));
            let payload = payload.collect::<Vec<_>>().join(", ");
            let nodes = format!(
                r#"[{{"id": "n", "type": "{}", "inputs": {inputs}}},
                {{"id": "e", "type": "EmitToAll", "inputs": {{"eventType": "Out", "payload": {{{payload}}}}}}}]"#,
                row.name
            );
            let flow = match row.executing() {
                true => r#"[{"from": "start", "to": "n"}, {"from": "n", "to": "e"}]"#,
                false => r#"[{"from": "start", "to": "e"}]"#,
            };
            (nodes, flow.to_owned())
        }
        Example::Handler { nodes, flow, .. } => (nodes.to_owned(), flow.to_owned()),
    };
    let document = format!(
        r#"{{"handlers": [{{"name": "H", "event": "H", "parameters": [], "nodes": {nodes}, "flow": {flow}}}], "functions": [{EXAMPLE_FUNCTIONS}], "filters": [{EXAMPLE_FILTER}], "effects": [{EXAMPLE_EFFECT}]}}"#
    );
    Some(Seed { document, schema: EXAMPLE_SCHEMA, state: EXAMPLE_STATE })
}
