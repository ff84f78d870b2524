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
        (a.state, a.changes[0].what().as_str(), a.changes[0].after.clone()),
        (State::Changed, "inputs.a", Some(Value::Int(5)))
    );
    assert_eq!((graph.nodes["b"].state, graph.nodes["c"].state), (State::Removed, State::Added));
    assert_eq!((graph.added.len(), graph.removed.len(), graph.changes[0].what().as_str()), (1, 1, "event"));
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

/// `_editor` of H, and what both have.
fn annotated(editor: &str) -> SourceDocument {
    document(&[(r#""event": "E","#, &format!(r#""event": "E", "_editor": {editor},"#))])
}

const NOTED: &str = r#"{"frames": [{"id": "f", "title": "Turn", "rect": [0, 0, 10, 10]}],
    "notes": [{"id": "n", "text": "why", "rect": [0, 0, 10, 10]}], "bookmarks": [{"name": "top", "at": [0, 0], "zoom": 1}],
    "other": 1}"#;

#[test]
fn frames_notes_and_bookmarks_are_merged_one_by_one() {
    let base = annotated(NOTED);
    let ours = annotated(
        &NOTED
            .replace(r#""title": "Turn", "rect": [0, 0, 10, 10]"#, r#""title": "Turn", "rect": [5, 5, 10, 10]"#)
            .replace(r#""at": [0, 0]"#, r#""at": [7, 7]"#)
            .replace(r#"[{"id": "n""#, r#"[{"id": "mine", "text": "m", "rect": [0, 0, 1, 1]}, {"id": "n""#),
    );
    let theirs = annotated(
        &NOTED
            .replace(r#""title": "Turn", "rect": [0, 0, 10, 10]"#, r#""title": "Round", "rect": [9, 9, 10, 10]"#)
            .replace(r#"{"name": "top", "at": [0, 0], "zoom": 1}"#, r#"{"name": "end", "at": [1, 1], "zoom": 1}"#)
            .replace(
                r#"10]}], "bookmarks""#,
                r#"10]}, {"id": "yours", "text": "y", "rect": [0, 0, 1, 1]}], "bookmarks""#,
            )
            .replace(r#""other": 1"#, r#""other": 2"#),
    );
    let merged = merge(&base, &ours, &theirs).unwrap();
    assert_eq!(merged.conflicts, []);
    let text = merged.document.as_ref().unwrap().text();
    // Their title at our place; a bookmark that we moved goes with theirs that removed it; notes of both.
    for there in [r#""title": "Round", "rect": [5, 5, 10, 10]"#, "\"mine\"", "\"yours\"", "\"end\"", r#""other": 2"#] {
        assert!(text.contains(there), "{there} in {text}");
    }
    assert!(!text.contains("\"top\""), "{text}");
    // A text that both changed is asked about, and both answers are possible.
    let [ours, theirs] = ["mine", "yours"].map(|why| annotated(&NOTED.replace("why", why)));
    let merged = merge(&base, &ours, &theirs).unwrap();
    let words: Vec<String> = merged.conflicts.iter().map(|conflict| conflict.at.words()).collect();
    assert_eq!(words, ["note n in H"]);
    let taken = merged.conflicts[0].take_theirs().apply(&ours, &Context::default()).unwrap().document.unwrap();
    assert_eq!(items(&taken), items(&theirs));
    let back = merged.conflicts[0].take_ours().apply(&taken, &Context::default()).unwrap().document.unwrap();
    assert_eq!(items(&back), items(&ours));
}

#[test]
fn annotations_come_into_documents_that_have_none_and_go_again() {
    let (plain, noted) = (document(&[]), annotated(NOTED));
    let merged = merge(&plain, &plain, &noted).unwrap().document.unwrap();
    assert_eq!(items(&merged), items(&noted));
    let gone = merge(&noted, &noted, &plain).unwrap().document.unwrap();
    assert_eq!(items(&gone), items(&plain));
    // Without names, or with the same one twice, each is still a place of its own.
    let odd = annotated(r#"{"notes": [{"id": "n", "text": "1"}, {"id": "n", "text": "2"}, 3, 4], "frames": 5}"#);
    let same = annotated(r#"{"notes": [{"id": "n", "text": "1"}, {"id": "n", "text": "3"}, 3, 6], "frames": 5}"#);
    let diff = compare(&odd, &same);
    assert_eq!(diff.graph(GraphKind::Handler, "H").unwrap().changes.len(), 2);
    let merged = merge(&odd, &odd, &same).unwrap().document.unwrap();
    assert_eq!(items(&merged), items(&same));
}
