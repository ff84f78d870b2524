//! R8, word by word: each thing that the checker has to say, with the code by which it says it.

use statewright_harness::project::strict::STRICT;
use statewright_types::{Diagnostic, Severity};

use super::examples::{EXAMPLES, SCHEMA};
use super::{document, look};

/// What R8 says, then nodes and flow of a handler with the parameter `id`, a string; then the code.
const ERRORS: &[(&str, &str, &str, &str)] = &[
    ("unknown type", r#"{"id": "a", "type": "Nothing"}"#, "", "E020"),
    ("unknown port, in", r#"{"id": "a", "type": "Negate", "inputs": {"value": 1, "other": 2}}"#, "", "E021"),
    (
        "unknown port, out",
        r#"{"id": "a", "type": "Negate", "inputs": {"value": 1}, "outputs": {"other": "x"}}"#,
        "",
        "E021",
    ),
    (
        "unknown reference: node",
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:b:result"}}"#,
        "a",
        "E023",
    ),
    (
        "unknown reference: output",
        r#"{"id": "b", "type": "Increment", "inputs": {"path": "Round"}}, {"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:b:other"}}"#,
        "b a",
        "E023",
    ),
    ("unknown path", r#"{"id": "a", "type": "SetField", "inputs": {"path": "Nowhere.X", "value": 1}}"#, "a", "E024"),
    (
        "unknown parameter",
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": "param:other"}}"#,
        "a",
        "E023",
    ),
    ("unknown function", r#"{"id": "a", "type": "CallFunction", "inputs": {"function": "F"}}"#, "a", "E036"),
    (
        "unknown filter",
        r#"{"id": "a", "type": "AddFilter", "inputs": {"viewerID": "v", "filterID": "f", "filterName": "F"}}"#,
        "a",
        "E036",
    ),
    ("unknown label", r#"{"id": "a", "type": "If", "inputs": {"condition": true}}"#, "a maybe>end", "E030"),
    (
        "unknown operator",
        r#"{"id": "x", "type": "Compare", "inputs": {"left": 1, "op": "like", "right": 2}}, {"id": "a", "type": "If", "inputs": {"condition": "node:x:result"}}"#,
        "a",
        "E039",
    ),
    ("a missing required input", r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round"}}"#, "a", "E022"),
    (
        "a missing group: AddToArray's path or array",
        r#"{"id": "a", "type": "AddToArray", "inputs": {"item": 1}}"#,
        "a",
        "E022",
    ),
    (
        "a missing group: Concat's strings or a and b",
        r#"{"id": "x", "type": "Concat", "inputs": {"a": "1"}}, {"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": "node:x:result"}}"#,
        "a",
        "E022",
    ),
    (
        "a missing group: UpdateWhere's updates, or setField and setValue",
        r#"{"id": "a", "type": "UpdateWhere", "inputs": {"path": "Players", "whereField": "ID", "whereOp": "==", "whereValue": "x", "setField": "Score"}}"#,
        "a",
        "E022",
    ),
    ("type mismatch", r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "text"}}"#, "a", "E025"),
    ("duplicate id", r#"{"id": "a", "type": "Break"}, {"id": "a", "type": "Break"}"#, "", "E014"),
    (
        "illegal cycle",
        r#"{"id": "a", "type": "Increment", "inputs": {"path": "Round"}}, {"id": "b", "type": "Increment", "inputs": {"path": "Round"}}"#,
        "a b a",
        "E028",
    ),
    (
        "illegal cycle of values",
        r#"{"id": "x", "type": "Negate", "inputs": {"value": "node:x:result"}}, {"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:x:result"}}"#,
        "a",
        "E029",
    ),
    ("illegal edge: twice", r#"{"id": "a", "type": "Increment", "inputs": {"path": "Round"}}"#, "a end|a end", "E031"),
    (
        "illegal edge: into a body",
        r#"{"id": "l", "type": "Repeat", "inputs": {"count": 2}}, {"id": "a", "type": "Increment", "inputs": {"path": "Round"}}"#,
        "l body>a|l done>a",
        "E032",
    ),
    ("illegal edge: to nothing", "", "nowhere", "E033"),
    ("illegal edge: Break outside a loop", r#"{"id": "a", "type": "Break"}"#, "a", "E034"),
    (
        "non-dominating read",
        r#"{"id": "i", "type": "If", "inputs": {"condition": true}}, {"id": "b", "type": "Increment", "inputs": {"path": "Round"}}, {"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:b:value"}}"#,
        "i true>b a|i false>a",
        "E027",
    ),
    (
        "an async node in a lambda",
        r#"{"id": "w", "type": "Wait", "inputs": {"duration": 1}, "outputs": {}}, {"id": "u", "type": "WaitUntil", "inputs": {"condition": true}}, {"id": "x", "type": "Any", "inputs": {"array": "state:Players", "predicate": "node:u:completed"}}, {"id": "a", "type": "If", "inputs": {"condition": "node:x:result"}}"#,
        "a",
        "E044",
    ),
    (
        "a constant zero divisor",
        r#"{"id": "x", "type": "Modulo", "inputs": {"a": 1, "b": 0}}, {"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "node:x:result"}}"#,
        "a",
        "E041",
    ),
    (
        "a negative index",
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Players[-2].Score", "value": 1}}"#,
        "a",
        "E042",
    ),
    (
        "a variable never set",
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": "variable:v"}}"#,
        "a",
        "E046",
    ),
];

const WARNINGS: &[(&str, &str, &str, &str)] = &[
    ("unreachable node", r#"{"id": "a", "type": "Increment", "inputs": {"path": "Round"}}"#, "", "W001"),
    ("pure node whose outputs nobody reads", r#"{"id": "a", "type": "Negate", "inputs": {"value": 1}}"#, "", "W002"),
    (
        "unchecked null",
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Leader.Score", "value": 1}}"#,
        "a",
        "W003",
    ),
    (
        "lossy conversion",
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Speed", "value": 9007199254740993}}"#,
        "a",
        "W011",
    ),
    (
        "implicit conversion",
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Phase", "value": true}}"#,
        "a",
        "W004",
    ),
    (
        "variable read before set",
        r#"{"id": "a", "type": "SetField", "inputs": {"path": "Round", "value": "variable:n"}}, {"id": "b", "type": "SetVariable", "inputs": {"name": "n", "value": 1}}"#,
        "a b",
        "W006",
    ),
    (
        "shadowed alias",
        r#"{"id": "a", "type": "GetPlayer", "inputs": {"playerID": "param:id"}, "outputs": {"player": "Leader"}}"#,
        "a",
        "W007",
    ),
    (
        "visibility leak",
        r#"{"id": "a", "type": "EmitToAll", "inputs": {"eventType": "E", "payload": {"h": "state:Players"}}}"#,
        "a",
        "W009",
    ),
];

/// What R8 says of whole documents.
const DOCUMENTS: &[(&str, &str, &str)] = &[
    (
        "duplicate name",
        r#"{"functions": [{"name": "F", "nodes": [], "flow": []}, {"name": "F", "nodes": [], "flow": []}]}"#,
        "E014",
    ),
    (
        "recursion",
        r#"{"functions": [
 {"name": "F", "nodes": [{"id": "c", "type": "CallFunction", "inputs": {"function": "G"}}], "flow": [{"from": "start", "to": "c"}]},
 {"name": "G", "nodes": [{"id": "c", "type": "CallFunction", "inputs": {"function": "F"}}], "flow": [{"from": "start", "to": "c"}]}]}"#,
        "E035",
    ),
    (
        "an async node in a filter",
        r#"{"filters": [{"name": "F", "nodes": [{"id": "w", "type": "Wait", "inputs": {"duration": 1}}], "flow": [{"from": "start", "to": "w"}]}]}"#,
        "E053",
    ),
    (
        "an async node in a function that a filter calls",
        r#"{"functions": [{"name": "G", "nodes": [{"id": "w", "type": "Wait", "inputs": {"duration": 1}}], "flow": [{"from": "start", "to": "w"}]}],
 "filters": [{"name": "F", "nodes": [{"id": "c", "type": "CallFunction", "inputs": {"function": "G"}}], "flow": [{"from": "start", "to": "c"}]}]}"#,
        "E053",
    ),
    (
        "Return without its value",
        r#"{"functions": [{"name": "F", "returnType": "int", "nodes": [{"id": "r", "type": "Return"}], "flow": [{"from": "start", "to": "r"}]}]}"#,
        "E038",
    ),
    (
        "permissions naming an unknown parameter",
        r#"{"handlers": [{"name": "H", "event": "E", "permissions": {"playerParam": "who"}, "nodes": [], "flow": []}]}"#,
        "E047",
    ),
    (
        "missing argument",
        r#"{"handlers": [{"name": "H", "event": "E", "nodes": [{"id": "c", "type": "CallFunction", "inputs": {"function": "F"}}], "flow": [{"from": "start", "to": "c"}]}],
 "functions": [{"name": "F", "parameters": [{"name": "x", "type": "int"}], "nodes": [], "flow": []}]}"#,
        "W008",
    ),
];

/// `a label>b c|a d` as flow edges; the first chain begins at `start`.
fn flow(text: &str) -> String {
    let mut edges = Vec::new();
    for (index, chain) in text.split('|').filter(|chain| !chain.is_empty()).enumerate() {
        let mut from = if index == 0 { Some("start") } else { None };
        for step in chain.split(' ') {
            let (label, to) = step.split_once('>').map_or((None, step), |(label, to)| (Some(label), to));
            let label = label.map_or(String::new(), |label| format!(r#", "label": "{label}""#));
            edges.extend(from.map(|from| format!(r#"{{"from": "{from}", "to": "{to}"{label}}}"#)));
            from = Some(to);
        }
    }
    edges.join(", ")
}

fn complain(what: &str, code: &str, severity: Severity, found: &[Diagnostic], wrong: &mut Vec<String>) {
    let said = found.iter().find(|diagnostic| diagnostic.code == code && diagnostic.severity == severity);
    match said {
        None => wrong.push(format!(
            "{what}: {code} is not among {:?}",
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        )),
        Some(said) if said.place.handler.is_none() && code != "E014" => {
            wrong.push(format!("{what}: no graph is named"))
        }
        Some(_) => {}
    }
}

#[test]
fn all_that_r8_names_is_said() {
    let mut wrong = Vec::new();
    for (table, severity) in [(ERRORS, Severity::Error), (WARNINGS, Severity::Warning)] {
        for (what, nodes, edges, code) in table {
            let found = look(&document(nodes, &flow(edges)), SCHEMA);
            complain(what, code, severity, &found, &mut wrong);
            let named = found.iter().any(|diagnostic| diagnostic.code == *code && diagnostic.place.node.is_some());
            if !named && *what != "illegal edge: to nothing" {
                wrong.push(format!("{what}: no node is named"));
            }
        }
    }
    for (what, text, code) in DOCUMENTS {
        let severity = if code.starts_with('W') { Severity::Warning } else { Severity::Error };
        complain(what, code, severity, &look(text, SCHEMA), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn strict_covers_leaks_and_conversions() {
    for (what, _, _, code) in WARNINGS {
        let wanted = ["lossy conversion", "implicit conversion", "visibility leak"].contains(what);
        assert_eq!(STRICT.contains(code), wanted, "{what}");
    }
}

/// Whatever is found says what to do.
#[test]
fn every_example_comes_with_help() {
    for (code, example) in EXAMPLES {
        let found = super::found(*example);
        let helpless: Vec<_> =
            found.iter().filter(|diagnostic| diagnostic.help.as_ref().is_none_or(String::is_empty)).collect();
        assert!(helpless.is_empty(), "{code}: {helpless:?}");
    }
}
