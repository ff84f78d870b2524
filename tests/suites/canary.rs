//! The harness can fail: expectations that are wrong on purpose are found to be wrong.

use std::path::Path;

use statewright_tests::{corpus, example};

/// A document whose handler sets the round to 4, sends `Out {x: 1}`, and uses 2 fuel.
fn file(expect: &str, check: &str) -> String {
    format!(
        r#"{{"graph": {{"handlers": [{{"name": "H", "event": "E", "nodes": [
  {{"id": "a", "type": "SetField", "inputs": {{"path": "Round", "value": 4}}}},
  {{"id": "b", "type": "EmitToAll", "inputs": {{"eventType": "Out", "payload": {{"x": 1}}}}}}],
  "flow": [{{"from": "start", "to": "a"}}, {{"from": "a", "to": "b"}}]}}]}},
"schema": "{}",
"tests": [{{"name": "canary", "check": {check}, "steps": [{{"event": "E", "expect": {expect}}}]}}]}}"#,
        example::SCHEMA_FILE
    )
}

fn holds(name: &str, expect: &str, check: &str) -> bool {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("canary").join(name);
    std::fs::create_dir_all(&folder).expect("the folder is made");
    std::fs::write(folder.join(example::SCHEMA_FILE), example::SCHEMA).expect("the schema is written");
    std::fs::write(folder.join("canary.test.json"), file(expect, check)).expect("the file is written");
    corpus::run(&folder).ok()
}

#[test]
fn what_is_right_passes() {
    let right = r#"{"state": {"Round": 4}, "events": [{"type": "Out", "to": "all", "payload": {"x": 1}}],
"error": null, "fuel": 2, "waiting": 0, "view": {"ann": {"Round": 4}}}"#;
    assert!(holds("right", right, "[]"));
}

#[test]
fn a_wrong_expectation_fails_the_harness() {
    let wrong = [
        r#"{"state": {"Round": 5}}"#,
        r#"{"state": {"Round": 4.0}}"#,
        r#"{"state": {"Nowhere": 4}}"#,
        r#"{"effective": {"Round": 3}}"#,
        r#"{"full_state": {"Round": 4}}"#,
        r#"{"events": []}"#,
        r#"{"events": [{"type": "Out"}, {"type": "Out"}]}"#,
        r#"{"events": [{"type": "Out", "payload": {"x": 2}}]}"#,
        r#"{"events": [{"type": "Out", "payload": {}}]}"#,
        r#"{"events": [{"type": "Out", "to": ["ann"]}]}"#,
        r#"{"error": "overflow"}"#,
        r#"{"fuel": 3}"#,
        r#"{"waiting": 1}"#,
        r#"{"view": {"ann": {"Round": 5}}}"#,
        r#"{"view": {"ann": {"Round": {"hidden": true}}}}"#,
        r#"{}"#,
    ];
    for (index, expect) in wrong.iter().enumerate() {
        // An empty list of diagnostics is an expectation too, so leave `check` to the right one elsewhere.
        let check = if *expect == "{}" { r#"[{"code": "E020"}]"# } else { "[]" };
        assert!(!holds(&format!("wrong{index}"), expect, check), "this passed: {expect}");
    }
}
