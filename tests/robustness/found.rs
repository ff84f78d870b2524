//! What damaged, mutated and hostile documents have found, each in its smallest form.

use statewright::{Options, Program, Session, Value};
use statewright_graph::build::build;
use statewright_graph::compile::CompileOptions;

const SCHEMA: &str = "@helper\ntype Player {\n  ID string\n}\n@root(active)\ntype Game {\n  N int64\n  L []int64\n  Players []Player @key(ID)\n}\n";

fn session(document: &str) -> Session {
    let program = Program::load(document, SCHEMA).unwrap_or_else(|error| panic!("{error}"));
    Session::new(&program, Options::default())
}

/// The callee was called as one that suspends, for a Wait that nothing leads to (E099).
#[test]
fn a_function_whose_wait_is_never_reached_does_not_suspend() {
    let mut session = session(
        r#"{"handlers": [{"name": "H", "event": "H", "parameters": [],
            "nodes": [{"id": "c", "type": "CallFunction", "inputs": {"function": "F"}}], "flow": [{"from": "start", "to": "c"}]}],
        "functions": [{"name": "F", "parameters": [],
            "nodes": [{"id": "w", "type": "Wait", "inputs": {"duration": 1}}, {"id": "i", "type": "Increment", "inputs": {"path": "N"}}],
            "flow": [{"from": "start", "to": "i"}]}]}"#,
    );
    session.dispatch("H", "", Value::Null).expect("it runs to its end");
    assert_eq!(session.state().get("N"), Some(&Value::Int(1)));
}

/// Each took a round of its own to get a type, and there were six rounds.
#[test]
fn many_variables_may_follow_from_one_another() {
    let nodes = (0..20).map(|n| match n {
        0 => r#"{"id": "n0", "type": "SetVariable", "inputs": {"name": "v0", "value": 7}}"#.to_owned(),
        n => format!(
            r#"{{"id": "n{n}", "type": "SetVariable", "inputs": {{"name": "v{n}", "value": "variable:v{}"}}}}"#,
            n - 1
        ),
    });
    let nodes: Vec<String> = nodes.collect();
    let edges: Vec<String> = (1..20).map(|n| format!(r#"{{"from": "n{}", "to": "n{n}"}}"#, n - 1)).collect();
    let mut session = session(&format!(
        r#"{{"handlers": [{{"name": "H", "event": "H", "parameters": [],
            "nodes": [{}, {{"id": "s", "type": "SetField", "inputs": {{"path": "N", "value": "variable:v19"}}}}],
            "flow": [{{"from": "start", "to": "n0"}}, {}, {{"from": "n19", "to": "s"}}]}}]}}"#,
        nodes.join(", "),
        edges.join(", ")
    ));
    session.dispatch("H", "", Value::Null).expect("it runs");
    assert_eq!(session.state().get("N"), Some(&Value::Int(7)));
}

/// Its output was kept as a snapshot, so that each round of a loop copied the whole array.
#[test]
fn adding_to_an_array_copies_nothing_if_nobody_reads_the_result() {
    let text = |outputs: &str| {
        let document = format!(
            r#"{{"handlers": [{{"name": "H", "event": "H", "parameters": [],
                "nodes": [{{"id": "a", "type": "AddToArray", "inputs": {{"path": "L", "element": 1}}, "outputs": {{"result": "all"}}}},
                    {{"id": "s", "type": "SetField", "inputs": {{"path": "N", "value": {outputs}}}}}],
                "flow": [{{"from": "start", "to": "a"}}, {{"from": "a", "to": "s"}}]}}]}}"#
        );
        let built = build(&document.into(), SCHEMA, &CompileOptions::default());
        built.module.unwrap_or_else(|| panic!("{:?}", built.document_diagnostics)).to_string()
    };
    assert!(!text("1").contains("snapshot"));
    for read in [r#""node:a:result.length""#, r#""node:a:all.length""#, r#""state:all.length""#] {
        assert!(text(read).contains("snapshot"), "{read}");
    }
}

/// Only references by id counted as reading `found`, so a player that is not there stopped the handler (R5.3).
#[test]
fn found_is_read_by_its_alias_too() {
    let mut session = session(
        r#"{"handlers": [{"name": "H", "event": "H", "parameters": [],
            "nodes": [{"id": "g", "type": "GetPlayer", "inputs": {"playerID": "nobody"}, "outputs": {"found": "there"}},
                {"id": "e", "type": "EmitToAll", "inputs": {"eventType": "E", "payload": {"there": {"template": "{{there}}"}}}}],
            "flow": [{"from": "start", "to": "g"}, {"from": "g", "to": "e"}]}]}"#,
    );
    let report = session.dispatch("H", "", Value::Null).expect("no error: the graph looks whether it was found");
    assert_eq!(report.events[0].payload.to_string(), r#"{"there":"false"}"#);
}
