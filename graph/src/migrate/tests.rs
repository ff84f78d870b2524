//! Deprecated nodes and what becomes of them.

use statewright_types::host::HostNode;

use super::*;

fn hosts() -> HostDeclarations {
    let mut hosts = HostDeclarations::default();
    let old = HostNode::pure("Blend", "")
        .input("a", "float64", "")
        .input("share", "float64", "")
        .output("mix", "float64", "");
    hosts.add(old.deprecated("2").replaced_by("Mixed", &[("share", "t"), ("mix", "result")])).unwrap();
    let mixed =
        HostNode::pure("Mixed", "").input("a", "float64", "").input("t", "float64", "").output("result", "float64", "");
    hosts.add(mixed.deprecated("3").replaced_by("Newest", &[])).unwrap();
    hosts
        .add(
            HostNode::pure("Newest", "")
                .input("a", "float64", "")
                .input("t", "float64", "")
                .output("result", "float64", ""),
        )
        .unwrap();
    hosts.add(HostNode::pure("Gone", "").deprecated("3")).unwrap();
    hosts.add(HostNode::pure("Loop", "").deprecated("3").replaced_by("Loop", &[])).unwrap();
    hosts
}

fn migrated(nodes: &str) -> String {
    let text =
        format!(r#"{{"handlers": [{{"name": "H", "event": "H", "parameters": [], "nodes": [{nodes}], "flow": []}}]}}"#);
    let mut source = SourceDocument::parse(&text).expect("it is JSON");
    migrate(&mut source, &hosts()).expect("it is a document");
    let text = source.tree.source();
    let start = text.find("\"nodes\": [").map_or(0, |at| at + 10);
    let end = text.find(", \"flow\"").unwrap_or(text.len());
    text[start..end - 1].to_owned()
}

#[test]
fn types_ports_and_references_are_renamed_and_nothing_else() {
    let nodes = r#"{"id":"b",  "type": "Blend", "inputs": {"share": 0.5, "a": "node:b2:mix"}, "outputs": {"mix": "mix"}},
{"id": "b2", "type": "Blend", "inputs": {"a": {"template": "{{node:b:mix}} and {{ node:b:mixer }} of mix"}, "share": {"source": "b:mix"}}},
{"id": "s", "type": "SetField", "inputs": {"path": "Players[node:b:mix:ID].Score", "value": ["node:b:mix", "mix", "variable:mix"]}}"#;
    expect_test::expect![[r#"
        {"id":"b",  "type": "Newest", "inputs": {"t": 0.5, "a": "node:b2:result"}, "outputs": {"result": "mix"}},
        {"id": "b2", "type": "Newest", "inputs": {"a": {"template": "{{node:b:result}} and {{ node:b:mixer }} of mix"}, "t": {"source": "b:result"}}},
        {"id": "s", "type": "SetField", "inputs": {"path": "Players[node:b:result:ID].Score", "value": ["node:b:result", "mix", "variable:mix"]}}"#]]
    .assert_eq(&migrated(nodes));
}

#[test]
fn what_has_no_replacement_stays() {
    let nodes = r#"{"id": "g", "type": "Gone", "inputs": {}}, {"id": "u", "type": "Unheard", "inputs": {"share": 1}}"#;
    assert_eq!(migrated(nodes), nodes);
}

#[test]
fn a_node_that_replaces_itself_ends() {
    let nodes = r#"{"id": "l", "type": "Loop", "inputs": {}}"#;
    assert_eq!(migrated(nodes), nodes);
}
