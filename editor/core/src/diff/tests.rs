//! Versions of one small document.

use statewright_graph::document::SourceDocument;

use super::merge::merge;
use super::*;
use crate::command::Context;

const TEXT: &str = r#"{
  "package": "p",
  "handlers": [
    {"name": "H", "event": "E", "nodes": [
      {"id": "a", "type": "Add", "inputs": {"a": 1, "b": 2}, "_position": {"x": 0, "y": 0}},
      {"id": "b", "type": "Trace", "inputs": {"text": "x"}}
    ], "flow": [
      {"from": "start", "to": "b"}
    ]}
  ]
}"#;

fn document(replaced: &[(&str, &str)]) -> SourceDocument {
    let text = replaced.iter().fold(TEXT.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    SourceDocument::parse(&text).unwrap()
}

#[test]
fn what_was_added_removed_changed_and_moved_is_told() {
    let after = document(&[
        (r#""a": 1"#, r#""a": 5"#),
        (r#"{"id": "b", "type": "Trace", "inputs": {"text": "x"}}"#, r#"{"id": "c", "type": "Trace"}"#),
        (r#""to": "b""#, r#""to": "c""#),
        (r#""event": "E""#, r#""event": "F""#),
        (r#""package": "p""#, r#""stateType": "G""#),
    ]);
    let diff = compare(&document(&[]), &after);
    let graph = diff.graph(GraphKind::Handler, "H").unwrap();
    assert_eq!((graph.state, graph.nodes.len(), diff.changes.len()), (State::Changed, 3, 2));
    let a = &graph.nodes["a"];
    assert_eq!(
        (a.state, a.changes[0].what.as_str(), a.changes[0].after.clone()),
        (State::Changed, "inputs.a", Some(Value::Int(5)))
    );
    assert_eq!((graph.nodes["b"].state, graph.nodes["c"].state), (State::Removed, State::Added));
    assert_eq!((graph.added.len(), graph.removed.len(), graph.changes[0].what.as_str()), (1, 1, "event"));
    let moved = compare(&document(&[]), &document(&[(r#""x": 0"#, r#""x": 40"#)]));
    assert_eq!(moved.graph(GraphKind::Handler, "H").unwrap().nodes["a"].state, State::Moved);
    assert!(compare(&document(&[]), &document(&[("\n", "\n ")])).is_empty());
}

#[test]
fn what_one_side_changed_is_taken() {
    let base = document(&[]);
    let ours = document(&[(r#""a": 1"#, r#""a": 5"#), (r#""to": "b""#, r#""to": "a""#)]);
    let theirs = document(&[
        (r#""b": 2"#, r#""b": 7"#),
        (r#"{"text": "x"}}"#, r#"{"text": "x"}},{"id": "n", "type": "If"}"#),
        (r#""event": "E""#, r#""event": "F""#),
    ]);
    let merged = merge(&base, &ours, &theirs).unwrap();
    assert_eq!(merged.conflicts, []);
    let document = merged.document.unwrap();
    assert_eq!(merged.change.apply(ours.text()).as_deref(), Some(document.text()));
    let both = compare(&ours, &document);
    let graph = both.graph(GraphKind::Handler, "H").unwrap();
    assert_eq!(graph.nodes.keys().map(|id| &**id).collect::<Vec<_>>(), ["a", "n"]);
    assert!(document.text().contains(r#"{"a": 5, "b": 7}"#) && document.text().contains(r#""event": "F""#));
    // The other way round the same values come out.
    let other = merge(&base, &theirs, &ours).unwrap().document.unwrap();
    assert_eq!(items(&other), items(&document));
}

#[test]
fn conflicts_are_decided_by_commands() {
    let base = document(&[]);
    let ours = document(&[(r#""a": 1"#, r#""a": 5"#), (r#""text": "x""#, r#""text": "mine""#)]);
    let theirs = document(&[
        (r#""a": 1"#, r#""a": 6"#),
        (",\n      {\"id\": \"b\", \"type\": \"Trace\", \"inputs\": {\"text\": \"x\"}}", ""),
        (r#"{"from": "start", "to": "b"}"#, ""),
    ]);
    let merged = merge(&base, &ours, &theirs).unwrap();
    let words: Vec<String> = merged.conflicts.iter().map(|conflict| conflict.at.words()).collect();
    assert_eq!(words, ["all of b in H", "input a of a in H"]);
    let mut document = merged.document.unwrap();
    for conflict in &merged.conflicts {
        let outcome = conflict.take_theirs().apply(&document, &Context::default()).unwrap();
        document = outcome.document.unwrap();
    }
    assert_eq!(items(&document), items(&theirs));
    for conflict in &merged.conflicts {
        let outcome = conflict.take_ours().apply(&document, &Context::default()).unwrap();
        document = outcome.document.unwrap();
    }
    assert!(document.text().contains("mine") && document.text().contains("\"a\": 5"));
}

#[test]
fn whole_graphs_come_and_go() {
    let base = document(&[]);
    let function = r#"}],"functions": [{"name": "F", "nodes": [{"id": "r", "type": "Return"}]}]}"#;
    let theirs = SourceDocument::parse(&TEXT.replace("}\n  ]\n}", function)).unwrap();
    let merged = merge(&base, &base, &theirs).unwrap();
    assert_eq!(items(merged.document.as_ref().unwrap()), items(&theirs));
    let back = merge(&theirs, &theirs, &base).unwrap().document.unwrap();
    assert!(back.document.functions.is_empty());
}
