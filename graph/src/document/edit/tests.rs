//! Edits change what they say, and not a byte more.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};

use super::*;
use crate::document::sample::SAMPLE;

const HANDLER: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };
const FUNCTION: GraphAt = GraphAt { kind: GraphKind::Function, index: 0 };
const FILTER: GraphAt = GraphAt { kind: GraphKind::Filter, index: 0 };

fn read(text: &str) -> SourceDocument {
    let document = SourceDocument::parse(text).expect("the test is JSON");
    assert_eq!(document.diagnostics, []);
    document
}

/// Makes an edit of the sample. Shows the lines that are gone and those that are new.
fn check(edit: impl FnOnce(&mut SourceDocument) -> Result<(), EditError>, expected: Expect) -> SourceDocument {
    let mut document = read(SAMPLE);
    edit(&mut document).expect("the edit fits the sample");
    assert_eq!(document.diagnostics, []);
    let old: Vec<&str> = SAMPLE.lines().collect();
    let new: Vec<&str> = document.text().lines().collect();
    let (in_old, in_new): (BTreeSet<&str>, BTreeSet<&str>) =
        (old.iter().copied().collect(), new.iter().copied().collect());
    let mut changes = String::new();
    old.iter().filter(|line| !in_new.contains(*line)).for_each(|line| changes += &format!("-{line}\n"));
    new.iter().filter(|line| !in_old.contains(*line)).for_each(|line| changes += &format!("+{line}\n"));
    expected.assert_eq(&changes);
    document
}

#[test]
fn an_unedited_document_keeps_its_bytes() {
    let windows = SAMPLE.replace('\n', "\r\n");
    for text in [SAMPLE, windows.as_str(), " {} ", "{\"a\" :\t1}"] {
        assert_eq!(read(text).text(), text);
    }
}

#[test]
fn inputs_are_replaced_and_added() {
    check(
        |document| document.set_input(HANDLER, "find", "playerID", &Value::from("param:senderID")),
        expect![[r#"
            -                    "inputs": {"playerID": "param:attacker"},
            +                    "inputs": {"playerID": "param:senderID"},
        "#]],
    );
    check(
        |document| document.set_input(HANDLER, "say", "delay", &Value::from(2.0)),
        expect![[r#"
        -                        }
        +                        },
        +                        "delay": 2.0
    "#]],
    );
    check(
        |document| document.set_input(HANDLER, "stop", "value", &Value::map([("constant", Value::Null)])),
        expect![[r#"
            -                {"id": "stop", "type": "Return", "inputs": null, "outputs": null}
            +                {"id": "stop", "type": "Return", "inputs": {"value": {"constant": null}}, "outputs": null}
        "#]],
    );
    check(
        |document| document.remove_input(HANDLER, "find", "playerID"),
        expect![[r#"
        -                    "inputs": {"playerID": "param:attacker"},
        +                    "inputs": {},
    "#]],
    );
}

#[test]
fn setting_what_is_there_changes_nothing() {
    let same = check(|document| document.set_input(HANDLER, "set", "value", &Value::from(7)), expect![[r#""#]]);
    assert_eq!(same.text(), SAMPLE);
    let same = check(|document| document.set_position(HANDLER, "find", (10.0, -2.5)), expect![[r#""#]]);
    assert_eq!(same.text(), SAMPLE);
}

#[test]
fn nodes_and_edges_come_and_go() {
    let node = NewNode {
        id: "wait".to_owned(),
        ty: "Wait".to_owned(),
        inputs: vec![("duration".to_owned(), Value::from(500))],
        position: Some((120.0, 0.5)),
    };
    check(
        |document| document.add_node(HANDLER, &node),
        expect![[r#"
        -                {"id": "stop", "type": "Return", "inputs": null, "outputs": null}
        +                {"id": "stop", "type": "Return", "inputs": null, "outputs": null},
        +                    "id": "wait",
        +                    "type": "Wait",
        +                    "inputs": {"duration": 500},
        +                    "_position": {"x": 120, "y": 0.5}
        +                }
    "#]],
    );
    check(
        |document| document.add_node(FILTER, &node),
        expect![[r#"
        -    "filters": [{"name": "Hide", "nodes": [], "flow": []}],
        +    "filters": [{"name": "Hide", "nodes": [
        +            "id": "wait",
        +            "type": "Wait",
        +            "inputs": {"duration": 500},
        +            "_position": {"x": 120, "y": 0.5}
        +    ], "flow": []}],
    "#]],
    );
    check(
        |document| document.add_edge(HANDLER, "set", "stop", None),
        expect![[r#"
        -                { "from": "set", "to": "end_ok", "label": "" }
        +                { "from": "set", "to": "end_ok", "label": "" },
        +                { "from": "set", "to": "stop" }
    "#]],
    );
    check(
        |document| document.add_edge(FILTER, "start", "end", Some("x")),
        expect![[r#"
        -    "filters": [{"name": "Hide", "nodes": [], "flow": []}],
        +    "filters": [{"name": "Hide", "nodes": [], "flow": [
        +        {"from": "start", "to": "end", "label": "x"}
        +    ]}],
    "#]],
    );
    check(
        |document| document.remove_edge(HANDLER, 4),
        expect![[r#"
        -                { "from": "each", "to": "set", "condition": "done", "metadata": {"colour": "red"} },
        -                { "from": "set", "to": "end_ok", "label": "" }
        +                { "from": "each", "to": "set", "condition": "done", "metadata": {"colour": "red"} }
    "#]],
    );
    check(
        |document| document.remove_node(HANDLER, "each"),
        expect![[r#"
        -                    "id": "each",
        -                    "type": "ForEach",
        -                    "inputs": { "array": {"source": "find:player.Hand"} }
        -                { "from": "find",   "to": "each" },
        -                { "from": "each", "to": "say", "label": "body" },
        -                { "from": "each", "to": "set", "condition": "done", "metadata": {"colour": "red"} },
    "#]],
    );
    check(
        |document| document.remove_node(FUNCTION, "sum"),
        expect![[r#"
        -         "nodes": [{"id": "sum", "type": "Add", "inputs": {"a": "param:x", "b": "param:x"}},
        -                   {"id": "back", "type": "Return", "inputs": {"value": "node:sum:result"}}],
        +         "nodes": [{"id": "back", "type": "Return", "inputs": {"value": "node:sum:result"}}],
    "#]],
    );
}

#[test]
fn nodes_move() {
    check(
        |document| document.set_position(HANDLER, "find", (11.0, -2.5)),
        expect![[r#"
        -                    "outputs": {"player": "hitter"},  "_position": {"x": 10, "y": -2.5}, "_comment": "who?"},
        +                    "outputs": {"player": "hitter"},  "_position": {"x": 11, "y": -2.5}, "_comment": "who?"},
    "#]],
    );
    check(
        |document| document.set_position(HANDLER, "each", (0.25, 4e3)),
        expect![[r#"
        -                    "inputs": { "array": {"source": "find:player.Hand"} }
        +                    "inputs": { "array": {"source": "find:player.Hand"} },
        +                    "_position": { "x": 0.25, "y": 4000 }
    "#]],
    );
}

#[test]
fn a_renamed_node_is_renamed_everywhere_in_its_graph() {
    let document = check(
        |document| document.rename_node(HANDLER, "find", "seek"),
        expect![[r#"
        -                {"id": "find", "type": "GetPlayer",
        -                    "inputs": { "array": {"source": "find:player.Hand"} }
        -                            "who": "node:find:player.ID",
        -                            "text": {"template": "{{ node:find:player.Name }} has {{loop:each:index}} {{{{find}}"},
        -                {"id":"set","type":"SetField","inputs":{"path":{"constant":"Players[node:find:player.ID:ID].Score"},"value":7}},
        -                { "from": "start",  "to": "find" },
        -                { "from": "find",   "to": "each" },
        +                {"id": "seek", "type": "GetPlayer",
        +                    "inputs": { "array": {"source": "seek:player.Hand"} }
        +                            "who": "node:seek:player.ID",
        +                            "text": {"template": "{{ node:seek:player.Name }} has {{loop:each:index}} {{{{find}}"},
        +                {"id":"set","type":"SetField","inputs":{"path":{"constant":"Players[node:seek:player.ID:ID].Score"},"value":7}},
        +                { "from": "start",  "to": "seek" },
        +                { "from": "seek",   "to": "each" },
    "#]],
    );
    assert!(document.text().contains("{{{{find}}"), "text stays text");
    check(
        |document| document.rename_node(HANDLER, "each", "loop over"),
        expect![[r#"
        -                    "id": "each",
        -                            "text": {"template": "{{ node:find:player.Name }} has {{loop:each:index}} {{{{find}}"},
        -                { "from": "find",   "to": "each" },
        -                { "from": "each", "to": "say", "label": "body" },
        -                { "from": "each", "to": "set", "condition": "done", "metadata": {"colour": "red"} },
        +                    "id": "loop over",
        +                            "text": {"template": "{{ node:find:player.Name }} has {{loop:loop over:index}} {{{{find}}"},
        +                { "from": "find",   "to": "loop over" },
        +                { "from": "loop over", "to": "say", "label": "body" },
        +                { "from": "loop over", "to": "set", "condition": "done", "metadata": {"colour": "red"} },
    "#]],
    );
}

#[test]
fn renaming_back_gives_the_same_bytes() {
    let mut document = read(SAMPLE);
    for (at, id) in [(HANDLER, "find"), (HANDLER, "each"), (HANDLER, "say"), (FUNCTION, "sum")] {
        document.rename_node(at, id, "other").expect("the name is free");
        assert_ne!(document.text(), SAMPLE);
        document.rename_node(at, "other", id).expect("the name is free");
        assert_eq!(document.text(), SAMPLE);
    }
}

#[test]
fn impossible_edits_say_why_and_change_nothing() {
    let mut document = read(SAMPLE);
    let nowhere = GraphAt { kind: GraphKind::Effect, index: 0 };
    let taken = NewNode { id: "find".to_owned(), ..NewNode::default() };
    let mut outcomes = vec![
        document.set_input(nowhere, "a", "b", &Value::Null),
        document.set_input(HANDLER, "nobody", "b", &Value::Null),
        document.remove_input(HANDLER, "find", "nothing"),
        document.add_node(HANDLER, &taken),
        document.add_node(HANDLER, &NewNode { id: "end".to_owned(), ..NewNode::default() }),
        document.remove_node(FUNCTION, "find"),
        document.remove_edge(HANDLER, 5),
        document.rename_node(HANDLER, "find", "each"),
        document.rename_node(HANDLER, "find", "a:b"),
        document.rename_node(HANDLER, "each", "item"),
    ];
    let messages: Vec<String> =
        outcomes.drain(..).map(|outcome| outcome.expect_err("impossible").to_string()).collect();
    expect![[r#"
        the document has no effect number 1
        the graph has no node "nobody"
        nothing is at `handlers[0].nodes[0].inputs.nothing`
        the graph has a node "find" already
        "end" cannot be a node's id: `start`, `end` and `end_…` are places of the flow; rename the node
        the graph has no node "find"
        the graph has no edge number 6
        the graph has a node "each" already
        "a:b" cannot be a node's id: no reference could name it; use letters, digits and `_`
        "item" as a node's id would be read as a loop's value in brackets; choose another id"#]]
    .assert_eq(&messages.join("\n"));
    assert_eq!(document.text(), SAMPLE);
}

/// Elements that are no graphs, nodes or edges are not in the model; edits must still find the right ones.
#[test]
fn edits_find_their_place_among_broken_elements() {
    let text = r#"{"handlers": [1, {"name": "A", "event": "E", "nodes": [2, {"id": "a", "type": "T"}], "flow": [3, {"from": "start", "to": "a"}]}]}"#;
    let mut document = SourceDocument::parse(text).expect("JSON");
    document.set_input(HANDLER, "a", "p", &Value::from(1)).expect("a is there");
    document.remove_edge(HANDLER, 0).expect("one edge is there");
    let expected = r#"{"handlers": [1, {"name": "A", "event": "E", "nodes": [2, {"id": "a", "type": "T", "inputs": {"p": 1}}], "flow": [3]}]}"#;
    assert_eq!(document.text(), expected);
}
