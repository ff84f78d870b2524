//! The layout, and that it is only layout.

use expect_test::expect;
use proptest::prelude::*;

use statewright_types::Value;
use statewright_types::json::{parse, to_pretty, to_string};

use super::*;
use crate::document::sample::SAMPLE;

fn formatted(text: &str) -> String {
    format(text).expect("the test is JSON")
}

#[test]
fn the_sample_in_canonical_layout() {
    expect![[r#"
        {
          "version": "1.0",
          "package": "arena",
          "schemaPath": "arena.schema",
          "stateType": "Arena",
          "config": null,
          "imports": ["fmt"],
          "_editor": {"x": 1e2, "zoom": 1.50},
          "handlers": [
            {
              "name": "OnHit",
              "event": "Hit",
              "description": "Someone was hit \u2694",
              "permissions": {"hostOnly": false, "playerParam": "attacker", "allowedPlayers": []},
              "parameters": [
                {"name": "attacker", "type": "string"},
                {"name": "damage", "type": "int32"}
              ],
              "x-note": ["kept", {"as": "it is"}],
              "nodes": [
                {
                  "id": "find",
                  "type": "GetPlayer",
                  "inputs": {"playerID": "param:attacker"},
                  "outputs": {"player": "hitter"},
                  "_position": {"x": 10, "y": -2.5},
                  "_comment": "who?"
                },
                {"id": "each", "type": "ForEach", "inputs": {"array": {"source": "find:player.Hand"}}},
                {
                  "id": "say",
                  "type": "EmitToAll",
                  "_group": "output",
                  "inputs": {
                    "eventType": {"constant": "node:find:player"},
                    "payload": {
                      "who": "node:find:player.ID",
                      "text": {
                        "template": "{{ node:find:player.Name }} has {{loop:each:index}} {{{{find}}"
                      },
                      "nested": [
                        1,
                        2.0,
                        true,
                        null,
                        ["loop:item"],
                        {"constant": 1, "source": "plain"}
                      ],
                      "big": 18446744073709551615
                    }
                  }
                },
                {
                  "id": "set",
                  "type": "SetField",
                  "inputs": {"path": {"constant": "Players[node:find:player.ID:ID].Score"}, "value": 7}
                },
                {"id": "stop", "type": "Return", "inputs": null, "outputs": null}
              ],
              "flow": [
                {"from": "start", "to": "find"},
                {"from": "find", "to": "each"},
                {"from": "each", "to": "say", "label": "body"},
                {"from": "each", "to": "set", "condition": "done", "metadata": {"colour": "red"}},
                {"from": "set", "to": "end_ok", "label": ""}
              ]
            }
          ],
          "functions": [
            {
              "name": "Double",
              "parameters": [
                {"name": "x", "type": "int"}
              ],
              "returnType": "int",
              "nodes": [
                {"id": "sum", "type": "Add", "inputs": {"a": "param:x", "b": "param:x"}},
                {"id": "back", "type": "Return", "inputs": {"value": "node:sum:result"}}
              ],
              "flow": [
                {"from": "start", "to": "back"}
              ]
            }
          ],
          "filters": [
            {"name": "Hide", "nodes": [], "flow": []}
          ],
          "effects": null
        }
    "#]]
    .assert_eq(&formatted(SAMPLE));
}

#[test]
fn scalars_and_empty_documents() {
    for (text, expected) in [
        ("  1.50 ", "1.50\n"),
        ("{ }", "{}\n"),
        ("[\n]", "[]\n"),
        ("\"\\u00e9\"", "\"\\u00e9\"\n"),
        ("{\"a\":1}", "{\n  \"a\": 1\n}\n"),
    ] {
        assert_eq!(formatted(text), expected);
    }
    assert_eq!(format("{").expect_err("no JSON").code, "E001");
}

#[test]
fn a_line_has_at_most_100_columns() {
    let text = |length: usize| format!("{{\"k\": [\"{}\", {{}}]}}", "é".repeat(length));
    let widest = |text: &str| formatted(text).lines().map(|line| line.chars().count()).max();
    let longest = (0..100).rev().find(|&length| formatted(&text(length)).lines().count() == 3).expect("some fit");
    assert_eq!(widest(&text(longest)), Some(99), "the hundredth column is for a comma");
    assert_eq!(formatted(&text(longest + 1)).lines().count(), 6);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Value::Float),
        ".{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            prop::collection::btree_map("[a-zé\"]{1,9}", inner, 0..6).prop_map(Value::map),
        ]
    })
}

proptest! {
    #[test]
    fn formatting_keeps_the_tree_and_is_idempotent(value in any_value()) {
        let text = formatted(&to_string(&value));
        prop_assert_eq!(&formatted(&text), &text);
        prop_assert_eq!(&formatted(&to_pretty(&value)), &text);
        let tree = parse(text.as_str()).expect("formatted text is JSON");
        prop_assert_eq!(tree.value(tree.root()), value);
        prop_assert!(text.ends_with('\n') && !text.ends_with("\n\n") && !text.contains('\r'));
    }
}
