//! Collapsing and expanding again: what a session does stays the same.

use std::collections::BTreeSet;

use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};
use statewright_graph::node::EXAMPLE_SCHEMA;
use statewright_harness::play::{self, Setup};
use statewright_harness::project::Backend;
use statewright_runtime::host::HostNodes;
use statewright_runtime::session::Action;
use statewright_types::Value;

use crate::checker::{Request, check};
use crate::command::{Command, Context};

const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };

const TEXT: &str = r#"{"stateType": "Game", "handlers": [{"name": "Up", "event": "Up", "parameters": [{"name": "by", "type": "int"}], "nodes": [
  {"id": "sum", "type": "Add", "inputs": {"a": "param:by", "b": 2}},
  {"id": "is", "type": "If", "inputs": {"condition": "node:more:result"}},
  {"id": "more", "type": "Compare", "inputs": {"left": "node:sum:result", "op": ">", "right": 4}},
  {"id": "add", "type": "Increment", "inputs": {"path": "Round", "by": "node:sum:result"}},
  {"id": "name", "type": "SetField", "inputs": {"path": "Phase", "value": {"template": "{{by}} {{node:sum:result}}"}}},
  {"id": "say", "type": "EmitToAll", "inputs": {"eventType": "Did", "payload": {"n": "node:sum:result", "by": "param:by"}}}],
 "flow": [{"from": "start", "to": "is"}, {"from": "is", "to": "add", "label": "true"}, {"from": "is", "to": "name"}, {"from": "name", "to": "say"}]}]}"#;

fn context(text: &str) -> Context {
    let request = Request { document: text.into(), schema: EXAMPLE_SCHEMA.into(), ..Request::default() };
    let checked = check(&request);
    assert_eq!(checked.findings.count().0, 0, "{:?}\n{text}", checked.findings.document);
    checked.context()
}

/// The state and what was sent after a few events.
fn did(text: &str) -> (Value, Vec<Value>) {
    let loaded = crate::code::loaded("x.json".as_ref(), text, EXAMPLE_SCHEMA, None, false, HostNodes::default());
    let program =
        loaded.program(Backend::Interpreter).unwrap().unwrap_or_else(|| panic!("{:?}\n{text}", loaded.findings));
    let mut session = play::begin(&loaded, program, &Setup::default(), None).unwrap();
    let mut events = Vec::new();
    for by in [1, 5, -2, 9] {
        let report = session.dispatch(Action::own("Up", Value::map([("by", Value::Int(by))])));
        events.extend(report.events.iter().map(play::event_value));
    }
    (session.state().to_value(), events)
}

fn applied(text: &str, command: &Command) -> String {
    let source = SourceDocument::parse(text).unwrap();
    let outcome = command.apply(&source, &context(text)).unwrap_or_else(|refused| panic!("{refused}\n{text}"));
    outcome.change.apply(text).unwrap()
}

fn collapse(nodes: &[&str]) -> Command {
    Command::Collapse { graph: AT, nodes: nodes.iter().map(|id| (*id).into()).collect(), name: "Part".into() }
}

#[test]
fn a_session_does_the_same_after_collapsing_and_after_expanding_again() {
    let before = did(TEXT);
    for nodes in [
        &["add", "is"][..],
        &["is", "add", "more", "name"],
        &["name"],
        &["is", "add", "more", "name", "say"],
        &["is", "add", "more", "sum", "name", "say"],
        &["name", "say"],
    ] {
        let text = applied(TEXT, &collapse(nodes));
        assert_eq!(did(&text), before, "{nodes:?}\n{text}");
        let source = SourceDocument::parse(&text).unwrap();
        let function = &source.document.functions[0];
        let call = &source.document.handlers[0].nodes.last().unwrap().id.text;
        assert!(function.nodes.len() >= nodes.len());
        let back = applied(&text, &Command::Expand { graph: AT, node: call.to_string() });
        assert_eq!(did(&back), before, "{nodes:?}\n{back}");
        let ids = |text: &str| -> BTreeSet<String> {
            let source = SourceDocument::parse(text).unwrap();
            source.document.handlers[0].nodes.iter().map(|node| node.id.text.to_string()).collect()
        };
        assert_eq!(ids(&back), ids(TEXT), "{nodes:?}");
    }
}

#[test]
fn the_one_output_that_is_read_outside_is_the_result() {
    let text = TEXT.replace("{\"from\": \"name\", \"to\": \"say\"}", "{\"from\": \"name\", \"to\": \"set\"}, {\"from\": \"set\", \"to\": \"say\"}").replace(
        "{\"id\": \"say\"",
        "{\"id\": \"set\", \"type\": \"SetVariable\", \"inputs\": {\"name\": \"v\", \"value\": \"param:by\"}}, {\"id\": \"say\"",
    ).replace("\"n\": \"node:sum:result\"", "\"n\": \"node:set:value\"");
    let before = did(&text);
    let collapsed = applied(&text, &collapse(&["set"]));
    assert!(collapsed.contains("\"returnType\": \"int64\"") && collapsed.contains("node:call:result"), "{collapsed}");
    assert_eq!(did(&collapsed), before);
    let back = applied(&collapsed, &Command::Expand { graph: AT, node: "call".into() });
    assert_eq!(did(&back), before, "{back}");
}

#[test]
fn what_a_function_cannot_say_is_refused() {
    let source = SourceDocument::parse(TEXT).unwrap();
    let context = context(TEXT);
    let refused = |nodes: &[&str]| collapse(nodes).apply(&source, &context).unwrap_err().to_string();
    assert!(refused(&["sum"]).contains("the flow does not come"), "{}", refused(&["sum"]));
    assert!(refused(&[]).contains("nothing is selected"));
    assert!(refused(&["add", "say"]).contains("several nodes"), "{}", refused(&["add", "say"]));
    // What is set on one way only is nothing that a function can return.
    let text = TEXT.replace("\"n\": \"node:sum:result\"", "\"n\": \"node:add:value\"");
    let partly = collapse(&["is", "add", "name"]).apply(&SourceDocument::parse(&text).unwrap(), &context).unwrap_err();
    assert!(partly.to_string().contains("not on every way"), "{partly}");
    let mut ignorant = context.clone();
    ignorant.types = Default::default();
    let unknown = collapse(&["add", "is"]).apply(&source, &ignorant).unwrap_err().to_string();
    assert!(unknown.contains("is not known"), "{unknown}");
    let other = Command::Expand { graph: AT, node: "sum".into() }.apply(&source, &context).unwrap_err();
    assert!(other.to_string().contains("calls no function"));
}
