//! A run in which effects and filters act is held up.

use statewright_runtime::session::Action;
use statewright_types::Value;

use crate::world::{Debugged, debug_document, traced};

/// `Go` puts an effect to use that adds 100 to the total, and a filter that fails; then writes the total to the round.
const DOCUMENT: &str = r#"{"handlers": [{"name": "OnGo", "event": "Go", "parameters": [], "nodes": [
  {"id": "total", "type": "SetField", "inputs": {"path": "Total", "value": 1}},
  {"id": "effect", "type": "AddEffect", "inputs": {"effectId": "p", "effectName": "Plus"}},
  {"id": "filter", "type": "AddFilter", "inputs": {"viewerID": "ann", "filterID": "f", "filterName": "Bad"}},
  {"id": "write", "type": "SetField", "inputs": {"path": "Round", "value": "state:Total"}}],
  "flow": [{"from": "start", "to": "total"}, {"from": "total", "to": "effect"}, {"from": "effect", "to": "filter"},
   {"from": "filter", "to": "write"}]}],
 "effects": [{"name": "Plus", "parameters": [], "nodes": [
  {"id": "plus", "type": "Increment", "inputs": {"path": "Total", "by": 100}}], "flow": [{"from": "start", "to": "plus"}]}],
 "filters": [{"name": "Bad", "parameters": [], "nodes": [
  {"id": "zero", "type": "SetField", "inputs": {"path": "Round", "value": 0}},
  {"id": "fail", "type": "SetField", "inputs": {"path": "Players[9].Score", "value": 1}}],
  "flow": [{"from": "start", "to": "zero"}, {"from": "zero", "to": "fail"}]}]}"#;

fn debug(lines: &[&str]) -> Debugged {
    let hello = r#"{"id": 0, "command": "hello", "version": 1, "token": "secret"}"#;
    let lines: Vec<&str> = std::iter::once(hello).chain(lines.iter().copied()).collect();
    debug_document(&traced(DOCUMENT), Action::own("Go", Value::Null), &lines)
}

const AT_WRITE: &str = r#"{"command": "runTo", "graph": "OnGo", "node": "write"}"#;

/// The value in the reply to the command with that id.
fn read(debugged: &Debugged, id: &str) -> Value {
    let reply: Value = debugged.after(id)[0].parse().expect("JSON");
    let value = reply.get("result").and_then(|result| result.get("value")).cloned();
    value.unwrap_or_else(|| panic!("{reply}"))
}

#[test]
fn effective_values_are_shown_and_the_base_is_set() {
    let debugged = debug(&[
        AT_WRITE,
        r#"{"id": "before", "command": "read", "path": "Total"}"#,
        r#"{"id": "set", "command": "set", "target": "state:Total", "value": 5}"#,
        r#"{"id": "after", "command": "read", "path": "Total"}"#,
        r#"{"id": "condition", "command": "evaluate", "expression": "state:Total == 105"}"#,
        r#"{"id": "score", "command": "set", "target": "state:Players[0].Score", "value": 3}"#,
        r#"{"command": "continue"}"#,
    ]);
    assert_eq!((read(&debugged, "before"), read(&debugged, "after")), (Value::Int(101), Value::Int(105)));
    assert_eq!(read(&debugged, "condition"), Value::Bool(true));
    let (base, effective) = (debugged.session.state().to_value(), debugged.session.effective().to_value());
    assert_eq!((base.get("Total"), effective.get("Total")), (Some(&Value::Int(5)), Some(&Value::Int(105))));
    assert_eq!(base.get("Round"), Some(&Value::Int(105)), "the handler read what the effect made of the new value");
    let score = base.get("Players").and_then(|players| players.at(0)).and_then(|ann| ann.get("Score"));
    assert_eq!(score, Some(&Value::Int(3)));
}

#[test]
fn effects_and_filters_are_not_held_up_and_make_no_messages() {
    let debugged = debug(&[
        r#"{"command": "setBreakpoint", "graph": "Plus", "node": "plus"}"#,
        r#"{"command": "setBreakpoint", "graph": "Bad", "node": "zero"}"#,
        r#"{"command": "trace", "on": true}"#,
        AT_WRITE,
        r#"{"id": "stack", "command": "stack"}"#,
        r#"{"command": "stepIn"}"#,
        r#"{"command": "pause"}"#,
    ]);
    let stops: Vec<&String> = debugged.heard.iter().filter(|line| line.contains(r#""event":"stopped""#)).collect();
    assert_eq!(stops.len(), 1, "{stops:#?}");
    assert_eq!(debugged.after(r#""stack""#)[0].matches(r#""graph""#).count(), 1);
    let aside = |line: &&String| line.contains(r#""nodeId":"plus""#) || line.contains(r#""nodeId":"zero""#);
    assert_eq!(debugged.heard.iter().filter(aside).count(), 0);
    assert_eq!(debugged.session.filter_faults().count(), 1, "the filter ran, and failed");
}
