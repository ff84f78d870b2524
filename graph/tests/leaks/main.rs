//! Secrecy: planted leaks are found, and lookalikes that show nothing are not accused (R9).

use std::sync::Arc;

use statewright_graph::document::load::load;
use statewright_graph::{CompileOptions, compile};
use statewright_types::{Severity, json, schema};

mod ways;

const SCHEMA: &str = "package secrets
@helper
type Player {
    ID      string
    Name    string
    Team    string
    Hand    []int32         @view(owner)
    Gold    int64           @view(owner)
    Plan    string          @view(team)
    Note    string
    Shown   int64
    Mine    int64           @view(owner)
}
@root(active)
type Game {
    Players []Player        @key(ID)
    Deck    []int32         @view(none)
    Seed    int64           @view(admin)
    Salt    int64           @view(admin)
    Top     int32
    Log     []string
    Totals  map[string]int64
}
";

/// The nodes that W009 names, in order; anything else that is wrong fails the test.
fn leaking(nodes: &str, flow: &str, functions: &str) -> Vec<String> {
    let permissions = r#""permissions": {"playerParam": "me"}"#;
    let parameters = r#""parameters": [{"name": "me", "type": "string"}, {"name": "other", "type": "string"}]"#;
    let text = format!(
        r#"{{"handlers": [{{"name": "H", "event": "E", {permissions}, {parameters}, "nodes": [{nodes}], "flow": [{flow}]}}], "functions": [{functions}]}}"#
    );
    let tree = json::parse(text.as_str()).expect("the document is JSON");
    let (document, mut diagnostics) = load(&tree);
    let (schema, wrong) = schema::text::parse(SCHEMA);
    assert!(wrong.is_empty(), "{wrong:?}");
    let compiled = compile(&document, &Arc::new(schema.expect("a schema")), &CompileOptions::default());
    diagnostics.extend(compiled.diagnostics);
    let errors: Vec<_> = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let leaks = diagnostics.iter().filter(|diagnostic| diagnostic.code == "W009");
    leaks.map(|diagnostic| diagnostic.place.node.as_deref().unwrap_or("").to_owned()).collect()
}

const ME: &str =
    r#"{"id": "me", "type": "GetPlayer", "inputs": {"playerID": "param:me"}, "outputs": {"player": "hero"}}"#;
const OTHER: &str = r#"{"id": "other", "type": "GetPlayer", "inputs": {"playerID": "param:other"}}"#;

/// Nodes, one after the other in the flow, are checked; functions may be added.
fn chain(nodes: &[&str], functions: &str) -> Vec<String> {
    let ids: Vec<&str> = nodes.iter().filter_map(|node| node.split('"').nth(3)).collect();
    let mut flow = vec![format!(r#"{{"from": "start", "to": "{}"}}"#, ids[0])];
    flow.extend(ids.windows(2).map(|pair| format!(r#"{{"from": "{}", "to": "{}"}}"#, pair[0], pair[1])));
    leaking(&nodes.join(", "), &flow.join(", "), functions)
}

fn emit(kind: &str, payload: &str) -> String {
    format!(r#"{{"id": "out", "type": "EmitToAll", "inputs": {{"eventType": "{kind}", "payload": {payload}}}}}"#)
}

fn emit_to(id: &str, payload: &str) -> String {
    format!(
        r#"{{"id": "out", "type": "EmitToPlayer", "inputs": {{"playerID": "{id}", "eventType": "X", "payload": {payload}}}}}"#
    )
}

const SUM: &str = r#"{"name": "Total", "parameters": [{"name": "p", "type": "Player"}], "returnType": "int", "nodes": [
{"id": "s", "type": "Sum", "inputs": {"array": "param:p.Hand"}}, {"id": "r", "type": "Return", "inputs": {"value": "node:s:result"}}],
"flow": [{"from": "start", "to": "r"}]}"#;
const TELL: &str = r#"{"name": "Tell", "parameters": [{"name": "to", "type": "string"}, {"name": "x", "type": "int"}], "nodes": [
{"id": "e", "type": "EmitToPlayer", "inputs": {"playerID": "param:to", "eventType": "X", "payload": {"x": "param:x"}}}],
"flow": [{"from": "start", "to": "e"}]}"#;

#[test]
fn planted_leaks_are_found() {
    let call = |function: &str, args: &str| {
        format!(r#"{{"id": "call", "type": "CallFunction", "inputs": {{"function": "{function}", "args": {args}}}}}"#)
    };
    let cases: Vec<(&str, Vec<String>, &str)> = vec![
        ("a field in a payload", vec![ME.into(), emit("X", r#"{"gold": "node:me:player.Gold"}"#)], ""),
        ("a whole struct", vec![ME.into(), emit("X", r#"{"who": "node:me:player"}"#)], ""),
        ("an array of structs", vec![emit("X", r#"{"all": "state:Players"}"#)], ""),
        ("the whole state", vec![r#"{"id": "s", "type": "GetCurrentState", "inputs": {}}"#.into(), emit("X", r#"{"s": "node:s:state"}"#)], ""),
        ("a length", vec![ME.into(), emit("X", r#"{"n": "node:me:player.Hand.length"}"#)], ""),
        ("an element", vec![ME.into(), emit("X", r#"{"n": "node:me:player.Hand[0]"}"#)], ""),
        ("arithmetic", vec![ME.into(), r#"{"id": "a", "type": "Add", "inputs": {"a": "node:me:player.Gold", "b": 1}}"#.into(), emit("X", r#"{"n": "node:a:result"}"#)], ""),
        ("a comparison", vec![ME.into(), r#"{"id": "c", "type": "Compare", "inputs": {"left": "node:me:player.Gold", "op": ">", "right": 5}}"#.into(), emit("X", r#"{"rich": "node:c:result"}"#)], ""),
        ("a template", vec![ME.into(), emit("X", r#"{"t": {"template": "has {{node:me:player.Gold}}"}}"#)], ""),
        ("an event's type", vec![ME.into(), r#"{"id": "v", "type": "SetVariable", "inputs": {"name": "g", "value": "node:me:player.Gold"}}"#.into(), emit("X", r#"{"g": "variable:g"}"#)], ""),
        ("a template's alias", vec![ME.into(), emit("X", r#"{"t": {"template": "{{hero.Plan}}"}}"#)], ""),
        ("an array node", vec![ME.into(), r#"{"id": "f", "type": "FilterArray", "inputs": {"array": "node:me:player.Hand", "predicate": true}}"#.into(), emit("X", r#"{"h": "node:f:result"}"#)], ""),
        ("a sum", vec![ME.into(), r#"{"id": "f", "type": "Sum", "inputs": {"array": "node:me:player.Hand"}}"#.into(), emit("X", r#"{"h": "node:f:result"}"#)], ""),
        ("a function's result", vec![ME.into(), call("Total", r#"{"p": "node:me:player"}"#), emit("X", r#"{"h": "node:call:result"}"#)], SUM),
        ("a function that sends", vec![ME.into(), call("Tell", r#"{"to": "param:other", "x": "node:me:player.Gold"}"#)], TELL),
        ("to another player", vec![ME.into(), emit_to("param:other", r#"{"g": "node:me:player.Gold"}"#)], ""),
        ("to the wrong owner", vec![ME.into(), OTHER.into(), emit_to("node:other:player.ID", r#"{"g": "node:me:player.Gold"}"#)], ""),
        ("to many", vec![ME.into(), r#"{"id": "out", "type": "EmitToMany", "inputs": {"playerIDs": ["param:me"], "eventType": "X", "payload": {"g": "node:me:player.Gold"}}}"#.into()], ""),
        ("what nobody sees", vec![emit_to("param:me", r#"{"top": "state:Deck[0]"}"#)], ""),
        ("an admin's field", vec![emit("X", r#"{"s": "state:Seed"}"#)], ""),
        ("into a public field", vec![ME.into(), r#"{"id": "out", "type": "SetField", "inputs": {"path": "hero.Shown", "value": "node:me:player.Gold"}}"#.into()], ""),
        ("into a public root field", vec![r#"{"id": "out", "type": "SetField", "inputs": {"path": "Top", "value": "state:Deck[0]"}}"#.into()], ""),
        ("into a public array", vec![ME.into(), r#"{"id": "out", "type": "ArrayAppend", "inputs": {"path": "Log", "item": "hero.Plan"}}"#.replace("\"hero.Plan\"", "\"node:me:player.Plan\"")], ""),
        ("into a public map", vec![ME.into(), r#"{"id": "out", "type": "SetMapValue", "inputs": {"path": "Totals", "key": "param:me", "value": "node:me:player.Gold"}}"#.into()], ""),
        ("as a map's key", vec![ME.into(), r#"{"id": "out", "type": "SetMapValue", "inputs": {"path": "Totals", "key": "node:me:player.Plan", "value": 1}}"#.into()], ""),
        ("by UpdateStruct", vec![ME.into(), r#"{"id": "out", "type": "UpdateStruct", "inputs": {"object": "node:me:player", "fields": {"Shown": "node:me:player.Gold"}}}"#.into()], ""),
        ("by UpdateWhere", vec![r#"{"id": "out", "type": "UpdateWhere", "inputs": {"path": "Players", "whereField": "ID", "whereOp": "==", "whereValue": "param:me", "setField": "Shown", "setValue": "state:Seed"}}"#.into()], ""),
        ("in a new struct", vec![ME.into(), r#"{"id": "out", "type": "ArrayAppend", "inputs": {"path": "Players", "item": {"ID": "x", "Note": "node:me:player.Plan"}}}"#.into()], ""),
        ("a secret from one player into another's", vec![ME.into(), OTHER.into(), r#"{"id": "out", "type": "SetStructField", "inputs": {"object": "node:other:player", "field": "Gold", "value": "node:me:player.Gold"}}"#.into()], ""),
        ("into a wider view", vec![ME.into(), r#"{"id": "out", "type": "SetStructField", "inputs": {"object": "node:me:player", "field": "Plan", "value": {"template": "{{node:me:player.Gold}}"}}}"#.into()], ""),
        ("in groups", vec![r#"{"id": "m", "type": "MapArray", "inputs": {"array": "state:Players", "field": "Gold"}}"#.into(), r#"{"id": "n", "type": "GroupBy", "inputs": {"array": "node:m:result", "key": "loop:index"}}"#.into(), emit("X", r#"{"v": "node:n:result"}"#)], ""),
        ("sorted", vec![r#"{"id": "m", "type": "MapArray", "inputs": {"array": "state:Players", "field": "Gold"}}"#.into(), r#"{"id": "n", "type": "SortBy", "inputs": {"array": "node:m:result", "key": "loop:item"}}"#.into(), emit("X", r#"{"v": "node:n:result"}"#)], ""),
        ("reduced", vec![r#"{"id": "m", "type": "MapArray", "inputs": {"array": "state:Players", "field": "Gold"}}"#.into(), r#"{"id": "n", "type": "Reduce", "inputs": {"array": "node:m:result", "initial": 0, "value": "loop:item"}}"#.into(), emit("X", r#"{"v": "node:n:result"}"#)], ""),
        ("formatted", vec![r#"{"id": "m", "type": "MapArray", "inputs": {"array": "state:Players", "field": "Gold"}}"#.into(), r#"{"id": "n", "type": "Format", "inputs": {"format": "{}", "args": ["node:m:result[0]"]}}"#.into(), emit("X", r#"{"v": "node:n:result"}"#)], ""),
    ];
    assert!(cases.len() >= 30);
    for (name, nodes, functions) in cases {
        let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
        assert!(!chain(&nodes, functions).is_empty(), "not found: {name}");
    }
}

#[test]
fn lookalikes_are_not_accused() {
    let call = |function: &str, args: &str| {
        format!(r#"{{"id": "call", "type": "CallFunction", "inputs": {{"function": "{function}", "args": {args}}}}}"#)
    };
    let reveal = r#"{"id": "rev", "type": "Reveal", "inputs": {"value": "node:me:player.Hand.length"}}"#;
    let found = r#"{"id": "me", "type": "FindWhere", "inputs": {"array": "state:Players", "field": "ID", "op": "==", "value": "param:me"}}"#;
    let cases: Vec<(&str, Vec<String>, &str)> = vec![
        ("a public field", vec![ME.into(), emit("X", r#"{"n": "node:me:player.Name"}"#)], ""),
        ("to the owner by the id it was found by", vec![ME.into(), emit_to("param:me", r#"{"g": "node:me:player.Gold"}"#)], ""),
        ("to the owner by its key", vec![ME.into(), emit_to("node:me:player.ID", r#"{"g": "node:me:player.Gold"}"#)], ""),
        ("to the owner by path", vec![emit_to("param:me", r#"{"g": "state:Players[param:me:ID].Gold"}"#)], ""),
        ("to the sender, who is the owner", vec![ME.into(), emit_to("param:senderID", r#"{"h": "node:me:player.Hand"}"#)], ""),
        ("the owner's whole hand", vec![ME.into(), emit_to("param:me", r#"{"h": "node:me:player.Hand", "n": "node:me:player.Hand.length"}"#)], ""),
        ("revealed", vec![ME.into(), reveal.into(), emit("X", r#"{"n": "node:rev:value"}"#)], ""),
        ("a struct's public fields", vec![ME.into(), emit("X", r#"{"id": "node:me:player.ID", "team": "node:me:player.Team"}"#)], ""),
        ("how many players", vec![emit("X", r#"{"n": "state:Players.length"}"#)], ""),
        ("into the same field", vec![ME.into(), r#"{"id": "a", "type": "Add", "inputs": {"a": "node:me:player.Gold", "b": 1}}"#.into(), r#"{"id": "out", "type": "SetField", "inputs": {"path": "hero.Gold", "value": "node:a:result"}}"#.into()], ""),
        ("into the owner's other secret", vec![ME.into(), r#"{"id": "out", "type": "SetField", "inputs": {"path": "hero.Mine", "value": "node:me:player.Gold"}}"#.into()], ""),
        ("within the same hand", vec![ME.into(), r#"{"id": "out", "type": "ArrayAppend", "inputs": {"path": "hero.Hand", "item": "node:me:player.Hand[0]"}}"#.into()], ""),
        ("into what nobody sees", vec![ME.into(), r#"{"id": "out", "type": "ArrayAppend", "inputs": {"path": "Deck", "item": "node:me:player.Hand[0]"}}"#.into()], ""),
        ("between an admin's fields", vec![r#"{"id": "out", "type": "SetField", "inputs": {"path": "Salt", "value": "state:Seed"}}"#.into()], ""),
        ("a public value into a secret", vec![ME.into(), r#"{"id": "out", "type": "SetField", "inputs": {"path": "hero.Gold", "value": "node:me:player.Shown"}}"#.into()], ""),
        ("a parameter", vec![emit("X", r#"{"me": "param:me", "other": "param:other"}"#)], ""),
        ("a function on public values", vec![ME.into(), call("Tell", r#"{"to": "param:other", "x": "node:me:player.Shown"}"#)], TELL),
        ("a function that sends to the owner", vec![ME.into(), call("Tell", r#"{"to": "param:me", "x": "node:me:player.Gold"}"#)], TELL),
        ("a function whose result stays", vec![ME.into(), call("Total", r#"{"p": "node:me:player"}"#), r#"{"id": "out", "type": "SetField", "inputs": {"path": "hero.Mine", "value": 1}}"#.into()], SUM),
        ("a constant", vec![emit("X", r#"{"n": 1, "t": "Gold"}"#)], ""),
        ("a random number", vec![r#"{"id": "r", "type": "RandomInt", "inputs": {"min": 1, "max": 6}}"#.into(), emit("X", r#"{"n": "node:r:value"}"#)], ""),
        ("the time", vec![r#"{"id": "t", "type": "GetCurrentTime", "inputs": {}}"#.into(), emit("X", r#"{"n": "node:t:timestamp"}"#)], ""),
        ("whether one was found", vec![found.into(), emit("X", r#"{"f": "node:me:found"}"#)], ""),
        ("a public field of one found", vec![found.into(), r#"{"id": "e", "type": "GetStructField", "inputs": {"object": "node:me:item", "field": "Name"}}"#.into(), emit("X", r#"{"f": "node:e:value"}"#)], ""),
        ("a new player", vec![r#"{"id": "out", "type": "ArrayAppend", "inputs": {"path": "Players", "item": {"ID": "param:other", "Gold": 5, "Hand": [1, 2]}}}"#.into()], ""),
        ("a secret into a new player's secret nobody else sees", vec![r#"{"id": "out", "type": "ArrayAppend", "inputs": {"path": "Deck", "item": "state:Deck[0]"}}"#.into()], ""),
        ("a log of names", vec![ME.into(), r#"{"id": "out", "type": "ArrayAppend", "inputs": {"path": "Log", "item": {"template": "{{hero.Name}} joined"}}}"#.into()], ""),
        ("choosing by a secret", vec![ME.into(), r#"{"id": "c", "type": "Compare", "inputs": {"left": "node:me:player.Gold", "op": ">", "right": 5}}"#.into(), r#"{"id": "s", "type": "Select", "inputs": {"condition": "node:c:result", "a": "state:Top", "b": 2}}"#.into(), emit("X", r#"{"n": "node:s:result"}"#)], ""),
        ("counting by a public field", vec![r#"{"id": "n", "type": "CountWhere", "inputs": {"array": "state:Players", "field": "Team", "op": "==", "value": "red"}}"#.into(), emit("X", r#"{"n": "node:n:count"}"#)], ""),
        ("names sorted by a secret", vec![r#"{"id": "s", "type": "SortBy", "inputs": {"array": "state:Players", "field": "Gold"}}"#.into(), r#"{"id": "n", "type": "MapArray", "inputs": {"array": "node:s:result", "field": "Name"}}"#.into(), emit("X", r#"{"n": "node:n:result"}"#)], ""),
        ("everybody's names", vec![r#"{"id": "n", "type": "MapArray", "inputs": {"array": "state:Players", "field": "Name"}}"#.into(), emit("X", r#"{"n": "node:n:result"}"#)], ""),
    ];
    assert!(cases.len() >= 30);
    for (name, nodes, functions) in cases {
        let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
        assert_eq!(chain(&nodes, functions), Vec::<String>::new(), "accused: {name}");
    }
}
