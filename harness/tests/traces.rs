//! What traces say of flow edges, through pictures.

use std::sync::Arc;

use expect_test::{Expect, expect};
use statewright_harness::draw::{FlowFrom, FlowTo, GraphPicture};
use statewright_harness::picture::{Run, picture};
use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::trace::Trace;
use statewright_runtime::session::Action;
use statewright_types::Value;

const SCHEMA: &str = "@root(active)\ntype Game {\n    Round int64\n    Numbers []int64\n}\n";

fn text(name: &str, text: &str) -> Text {
    Text::whole(&Arc::new(Source::inline(name, text)))
}

/// Runs the event `E` twice and prints each graph's edges and nodes with how often they were passed and reached.
fn check(document: &str, advance_ms: i64, expected: Expect) {
    let loaded = Loaded::from_texts(text("document", document), text("schema", SCHEMA), true);
    let errors: Vec<&str> = loaded.findings.iter().map(|finding| finding.diagnostic.message.as_str()).collect();
    let program = loaded.program(Backend::Interpreter).expect("it exists").unwrap_or_else(|| panic!("{errors:?}"));
    let state = text("state", r#"{"Numbers": [4, 5, 6]}"#);
    let mut session = play::begin(&loaded, program, &Setup::default(), Some(&state)).expect("the state fits");
    let mut trace = Trace::default();
    for _ in 0..2 {
        let report = session.dispatch_traced(Action::own("E", Value::Null), &mut trace);
        trace.settle(&[report]);
    }
    let reports = session.advance_to_traced(advance_ms, &mut trace);
    trace.settle(&reports);
    let picture = picture("", "", &loaded.document, Some(Run { trace: &trace, failure: None }));
    expected.assert_eq(&picture.graphs.iter().map(shown).collect::<Vec<_>>().join("\n"));
}

fn shown(graph: &GraphPicture) -> String {
    let id = |index: usize| graph.nodes.get(index).map_or("?", |node| node.id.as_str());
    let mut lines = vec![graph.name.clone()];
    lines.extend(graph.nodes.iter().map(|node| format!("{} {}", node.id, node.visited.unwrap_or(99))));
    for wire in &graph.flow {
        let from = match wire.from {
            FlowFrom::Start => "start",
            FlowFrom::Node(index) => id(index),
        };
        let to = match wire.to {
            FlowTo::End => "end",
            FlowTo::Node(index) => id(index),
        };
        let label = wire.label.as_deref().unwrap_or("");
        lines.push(format!("{from} -{label}-> {to} {}", wire.taken.unwrap_or(99)));
    }
    lines.join("\n")
}

#[test]
fn loops_and_calls() {
    check(
        r#"{"handlers": [{"name": "H", "event": "E", "parameters": [], "nodes": [
             {"id": "each", "type": "ForEach", "inputs": {"array": "state:Numbers"}},
             {"id": "call", "type": "CallFunction", "inputs": {"function": "F", "args": {"x": "loop:item"}}},
             {"id": "after", "type": "EmitToAll", "inputs": {"eventType": "After"}}],
             "flow": [{"from": "start", "to": "each"}, {"from": "each", "to": "call", "label": "body"},
                      {"from": "each", "to": "after", "label": "done"}, {"from": "after", "to": "end"}]}],
            "functions": [{"name": "F", "parameters": [{"name": "x", "type": "int64"}], "nodes": [
             {"id": "big", "type": "Compare", "inputs": {"left": "param:x", "op": ">", "right": 5}},
             {"id": "if", "type": "If", "inputs": {"condition": "node:big:result"}},
             {"id": "tell", "type": "EmitToAll", "inputs": {"eventType": "Big"}}],
             "flow": [{"from": "start", "to": "if"}, {"from": "if", "to": "tell", "label": "true"},
                      {"from": "if", "to": "end", "label": "false"}]}]}"#,
        0,
        expect![[r#"
            H
            each 2
            call 6
            after 2
            start --> each 2
            each -body-> call 6
            each -done-> after 2
            after --> end 2
            F
            big 6
            if 6
            tell 2
            start --> if 6
            if -true-> tell 2
            if -false-> end 4"#]],
    );
}

#[test]
fn what_fails_or_waits_goes_no_further() {
    check(
        r#"{"handlers": [{"name": "Fails", "event": "E", "parameters": [], "nodes": [
             {"id": "a", "type": "Increment", "inputs": {"path": "Round"}},
             {"id": "b", "type": "SetField", "inputs": {"path": "Numbers[7]", "value": 1}},
             {"id": "c", "type": "Increment", "inputs": {"path": "Round"}}],
             "flow": [{"from": "start", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "c"}]},
            {"name": "Waits", "event": "E", "parameters": [], "nodes": [
             {"id": "w", "type": "Wait", "inputs": {"duration": 100}},
             {"id": "v", "type": "Wait", "inputs": {"duration": 100}},
             {"id": "c", "type": "Increment", "inputs": {"path": "Round"}}],
             "flow": [{"from": "start", "to": "w"}, {"from": "w", "to": "v"}, {"from": "v", "to": "c"}]}]}"#,
        100,
        expect![[r#"
            Fails
            a 2
            b 2
            c 0
            start --> a 2
            a --> b 2
            b --> c 0
            Waits
            w 2
            v 2
            c 0
            start --> w 2
            w --> v 2
            v --> c 0"#]],
    );
}

#[test]
fn branches_that_join() {
    check(
        r#"{"handlers": [{"name": "H", "event": "E", "parameters": [], "nodes": [
             {"id": "count", "type": "Increment", "inputs": {"path": "Round"}},
             {"id": "first", "type": "Compare", "inputs": {"left": "node:count:value", "op": "==", "right": 1}},
             {"id": "if", "type": "If", "inputs": {"condition": "node:first:result"}},
             {"id": "a", "type": "Wait", "inputs": {"duration": 10}},
             {"id": "b", "type": "EmitToAll", "inputs": {"eventType": "B"}},
             {"id": "c", "type": "EmitToAll", "inputs": {"eventType": "C"}}],
             "flow": [{"from": "start", "to": "count"}, {"from": "count", "to": "if"}, {"from": "if", "to": "a", "label": "true"},
                      {"from": "if", "to": "b"}, {"from": "a", "to": "c"}, {"from": "b", "to": "c"}]}]}"#,
        10,
        expect![[r#"
            H
            count 2
            first 2
            if 2
            a 1
            b 1
            c 2
            start --> count 2
            count --> if 2
            if -true-> a 1
            if --> b 1
            a --> c 1
            b --> c 1"#]],
    );
}
