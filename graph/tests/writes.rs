//! Who may write (R9): handlers that fail for every client, or for all but one, are named; those that may be right are not.

use std::sync::Arc;

use statewright_graph::document::load::load;
use statewright_graph::{CompileOptions, compile};
use statewright_types::{Severity, json, schema};

const SCHEMA: &str = "package writers
@helper
type Player {
    ID      string
    Name    string          @write(owner)
    Bag     []string        @write(owner)
    Score   int64           @write(server)
    Note    string
}
@helper @owner(Who)
type Stall {
    Number  int32
    Who     string
    Sign    string          @write(owner)
}
@root(active)
type Game {
    Players []Player        @key(ID)
    Stalls  []Stall         @key(Number)
    Round   int64           @write(server)
    Log     []string        @write(server)
    Totals  map[string]int64
}
";

/// Code and node of each warning about writing, in order. `handler` is what a handler has besides name, parameters, nodes and flow.
fn warnings(event: &str, handler: &str, nodes: &str, flow: &str, more: &str) -> Vec<String> {
    let parameters = r#""parameters": [{"name": "me", "type": "string"}, {"name": "n", "type": "int32"}]"#;
    let text = format!(
        r#"{{"handlers": [{{"name": "H", "event": "{event}", {handler} {parameters}, "nodes": [{nodes}], "flow": [{flow}]}}] {more}}}"#
    );
    let tree = json::parse(text.as_str()).expect("the document is JSON");
    let (document, mut diagnostics) = load(&tree);
    let (schema, wrong) = schema::text::parse(SCHEMA);
    assert!(wrong.is_empty(), "{wrong:?}");
    let compiled = compile(&document, &Arc::new(schema.expect("a schema")), &CompileOptions::default());
    diagnostics.extend(compiled.diagnostics);
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning), "{diagnostics:?}");
    let about = diagnostics.iter().filter(|diagnostic| ["W020", "W021"].contains(&diagnostic.code));
    about.map(|diagnostic| format!("{} {}", diagnostic.code, diagnostic.place.node.as_deref().unwrap_or(""))).collect()
}

/// One node that is reached.
fn one(event: &str, handler: &str, ty: &str, inputs: &str) -> Vec<String> {
    let nodes = format!(r#"{{"id": "w", "type": "{ty}", "inputs": {inputs}}}"#);
    warnings(event, handler, &nodes, r#"{"from": "start", "to": "w"}"#, "")
}

const ROUND: &str = r#"{"path": "Round", "value": 1}"#;
const HOST: &str = r#""permissions": {"hostOnly": true},"#;
const MINE: &str = r#""permissions": {"playerParam": "me"},"#;
const NOBODY: &str = r#""permissions": {"allowedPlayers": []},"#;

/// Calls a function that writes `Round`.
fn by_function(event: &str, handler: &str) -> Vec<String> {
    let function = r#", "functions": [{"name": "F", "parameters": [], "nodes": [{"id": "s", "type": "SetField", "inputs": {"path": "Round", "value": 2}}],
        "flow": [{"from": "start", "to": "s"}]}]"#;
    let nodes = r#"{"id": "w", "type": "CallFunction", "inputs": {"function": "F"}}"#;
    warnings(event, handler, nodes, r#"{"from": "start", "to": "w"}"#, function)
}

#[test]
fn what_fails_is_named() {
    let server: [Vec<String>; 7] = [
        one("Hit", "", "SetField", ROUND),
        one("Hit", HOST, "SetField", ROUND),
        one("Hit", MINE, "Increment", r#"{"path": "Players[param:me].Score"}"#),
        one("Hit", "", "AddToArray", r#"{"path": "Log", "element": "hit"}"#),
        one("Hit", "", "ClearArray", r#"{"path": "Log"}"#),
        one("Hit", r#""permissions": {"allowedPlayers": ["ann"]},"#, "SetField", ROUND),
        by_function("Hit", ""),
    ];
    for (index, found) in server.iter().enumerate() {
        assert_eq!(*found, ["W020 w"], "case {index}");
    }
    let owner: [Vec<String>; 5] = [
        one("Rename", "", "SetField", r#"{"path": "Players[param:me].Name", "value": "x"}"#),
        one("Rename", "", "SetField", r#"{"path": "Players[param:me:ID].Name", "value": "x"}"#),
        one("Rename", HOST, "AddToArray", r#"{"path": "Players[param:me].Bag", "element": "axe"}"#),
        one("Rename", "", "SetField", r#"{"path": "Stalls[param:me:Who].Sign", "value": "x"}"#),
        warnings(
            "Rename",
            "",
            r#"{"id": "p", "type": "GetPlayer", "inputs": {"playerID": "param:me"}},
               {"id": "w", "type": "SetStructField", "inputs": {"object": "node:p:player", "field": "Name", "value": "x"}}"#,
            r#"{"from": "start", "to": "w"}"#,
            "",
        ),
    ];
    for (index, found) in owner.iter().enumerate() {
        assert_eq!(*found, ["W021 w"], "case {index}");
    }
}

#[test]
fn what_may_be_right_is_not() {
    let asks = |condition: &str| {
        warnings(
            "Hit",
            "",
            &format!(
                r#"{{"id": "own", "type": "Compare", "inputs": {condition}}},
                   {{"id": "if", "type": "If", "inputs": {{"condition": "node:own:result"}}}},
                   {{"id": "w", "type": "SetField", "inputs": {ROUND}}}"#
            ),
            r#"{"from": "start", "to": "if"}, {"from": "if", "to": "w", "label": "true"}"#,
            "",
        )
    };
    let scheduled = r#", "functions": [{"name": "F", "parameters": [], "nodes": [{"id": "s", "type": "Schedule", "inputs": {"eventType": "Hit", "delay": 5}}],
        "flow": [{"from": "start", "to": "s"}]}]"#;
    let fine: [Vec<String>; 13] = [
        one("Tick", "", "SetField", ROUND),
        one("PlayerConnect", "", "SetField", ROUND),
        one("Hit", NOBODY, "SetField", ROUND),
        by_function("SessionStart", ""),
        by_function("Hit", NOBODY),
        warnings(
            "Hit",
            "",
            &format!(r#"{{"id": "w", "type": "SetField", "inputs": {ROUND}}}"#),
            r#"{"from": "start", "to": "w"}"#,
            scheduled,
        ),
        asks(r#"{"a": "param:senderID", "b": "", "op": "=="}"#),
        one("Hit", "", "SetMapValue", r#"{"path": "Totals", "key": "a", "value": 1}"#),
        one("Hit", "", "SetField", r#"{"path": "Players[param:me].Note", "value": "x"}"#),
        one("Rename", MINE, "SetField", r#"{"path": "Players[param:me].Name", "value": "x"}"#),
        one("Rename", "", "SetField", r#"{"path": "Players[param:senderID].Name", "value": "x"}"#),
        one("Rename", "", "SetField", r#"{"path": "Stalls[param:n].Sign", "value": "x"}"#),
        one("PlayerConnect", "", "SetField", r#"{"path": "Players[param:me].Name", "value": "x"}"#),
    ];
    for (index, found) in fine.iter().enumerate() {
        assert!(found.is_empty(), "case {index}: {found:?}");
    }
}

/// The checks that stand in the handler with one node, as IR text.
fn checks(ty: &str, inputs: &str) -> Vec<String> {
    let text = format!(
        r#"{{"handlers": [{{"name": "H", "event": "E", "parameters": [{{"name": "me", "type": "string"}}],
        "nodes": [{{"id": "w", "type": "{ty}", "inputs": {inputs}}}], "flow": [{{"from": "start", "to": "w"}}]}}]}}"#
    );
    let tree = json::parse(text.as_str()).expect("the document is JSON");
    let schema = Arc::new(schema::text::parse(SCHEMA).0.expect("a schema"));
    let compiled = compile(&load(&tree).0, &schema, &CompileOptions::default());
    let module = compiled.module.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    let printed = statewright_graph::ir::text::print(&module);
    let words = printed.lines().filter_map(|line| line.split_once("write.check")).map(|(_, rest)| {
        let rest = rest.split('@').next().unwrap_or_default();
        // Which values they are does not matter.
        rest.split_whitespace().map(|word| if word.starts_with('v') { "v" } else { word }).collect::<Vec<_>>().join(" ")
    });
    words.collect()
}

#[test]
fn checks_stand_only_where_they_are_needed() {
    let none: [&str; 0] = [];
    assert_eq!(checks("SetField", r#"{"path": "Players[param:me].Note", "value": "x"}"#), none);
    assert_eq!(checks("SetMapValue", r#"{"path": "Totals", "key": "a", "value": 1}"#), none);
    assert_eq!(checks("AddToArray", r#"{"path": "Players", "element": {"ID": "x"}}"#), none);
    assert_eq!(checks("RemoveFromArray", r#"{"path": "Players", "index": 0}"#), none);
    assert_eq!(checks("SetField", r#"{"path": "Players[param:me].Name", "value": "x"}"#), ["Player.Name v"]);
    assert_eq!(checks("SetField", r#"{"path": "Players[0]", "value": {"ID": "x"}}"#), [".in v v"]);
    assert_eq!(checks("AddToArray", r#"{"path": "Players[0].Bag", "element": "x"}"#), [".in v"]);
    assert_eq!(checks("SetField", r#"{"path": "Log[0]", "value": "x"}"#), [".in v"]);
    assert_eq!(checks("SetField", r#"{"path": "Log", "value": ["x"]}"#), ["Game.Log v"]);
}
