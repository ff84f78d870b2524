//! Between the session and the Node process that runs emitted JavaScript for it: what hunts found there, at its smallest.

use statewright_differential::case::{Case, Step};
use statewright_differential::execution;
use statewright_differential::hunt::disagreement;
use statewright_harness::node::client;
use statewright_types::{Value, json};

/// A pet begins with a uuid that is drawn, and so does the reset of a game that has one.
const SCHEMA: &str = r#"{
  "package": "drawn",
  "types": [
    {"name": "Pet", "id": 1, "role": "helper", "fields": [
      {"name": "Name", "type": "string"},
      {"name": "P2", "type": "uuid", "autoGen": "uuid"}
    ]},
    {"name": "Player", "id": 2, "role": "helper", "fields": [{"name": "ID", "type": "string"}]},
    {"name": "Game", "id": 3, "role": "root", "defaultState": "active", "fields": [{"name": "Home", "type": "Pet"}]}
  ]
}"#;

/// Whatever a node of the host program draws for what it gives.
#[test]
fn what_host_nodes_draw_is_drawn_in_javascript_too() {
    if let Err(why) = client::runtime() {
        return println!("skipped: {why}");
    }
    let (reference, js) = (execution::reference(), execution::by_name("js").expect("it is one"));
    let mut pets = 0;
    for number in 0..20 {
        let rows = statewright_differential::hosts::rows();
        let name = format!("Host{number}");
        let Some(row) = rows.iter().flatten().find(|row| row.name == name) else { continue };
        pets += usize::from(row.outputs.iter().any(|port| port.ty.contains("Pet")));
        let inputs = row.inputs.iter().filter_map(|port| {
            let value = match port.ty {
                "bool" => "false",
                ty if ty.starts_with("[]") => "[]",
                ty if ty.starts_with("map") || ty == "Pet" || ty == "Player" => "{}",
                ty if ty.starts_with('*') => "null",
                "string" => "\"\"",
                "uuid" | "bytes" => return None,
                _ => "0",
            };
            Some(format!("\"{}\": {value}", port.name))
        });
        let inputs: Vec<String> = inputs.collect();
        let document = format!(
            r#"{{"version": "1.0", "handlers": [{{"name": "Go", "event": "Go", "parameters": [],
            "nodes": [{{"id": "h", "type": "{name}", "inputs": {{{}}}}}, {{"id": "r", "type": "ResetSchema", "inputs": {{"schemaName": "Game"}}}}],
            "flow": [{{"from": "start", "to": "h"}}, {{"from": "h", "to": "r"}}]}}]}}"#,
            inputs.join(", ")
        );
        let document = json::parse(document).expect("JSON");
        let event = Step::Event { event: "Go".into(), sender: String::new(), params: Value::Map(Vec::new()) };
        let case = Case {
            seed: 1,
            schema: SCHEMA.into(),
            document: document.value(document.root()),
            config: None,
            state: Value::Map(Vec::new()),
            session_seed: 7,
            now_ms: 10_000,
            players: Vec::new(),
            fuel: 2_000,
            memory_bytes: 50_000,
            steps: vec![event.clone(), event],
        };
        let found = disagreement(&case, &*reference, &*js, 0);
        assert!(found.is_none(), "{name}: {found:?}");
    }
    assert!(pets > 0, "none of them gives a pet");
}
