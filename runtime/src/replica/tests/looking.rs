//! Looking into a replica by path, and what a body says it changed.

use std::sync::Arc;

use statewright_types::{Schema, StructId, Value};

use crate::replica::{Change, Replica, What};
use crate::sync::difference::{difference, full_body};
use crate::wire::Profile;

const SCHEMA: &str = "
package test
@root(active)
type Game {
    Round int32
    Players []Player
    Scores map[string]int64
    ByNumber map[int16]Player
    Speed float32 @quantize(0.5)
    Note *string
}
type Player {
    ID uuid
    Score uint64
    Hand []int32
}
@root(inactive)
type Shop {
    Closed bool
}
";

fn schema() -> Arc<Schema> {
    statewright_types::schema::parse(SCHEMA).0.expect("a schema")
}

fn view(json: &str) -> Value {
    let Value::Map(mut top) = json.parse().expect("JSON") else { panic!("an object") };
    // JSON has no floats that look like integers.
    for (name, value) in &mut top {
        if let (true, Value::Int(number)) = (&**name == "Speed", &value) {
            *value = Value::Float(*number as f64);
        }
    }
    Value::Map(top)
}

const BEFORE: &str = r#"{"Round":1,
    "Players":[{"ID":"123e4567-e89b-42d3-a456-426614174000","Score":5,"Hand":[1,2,3]},{"ID":"","Hand":[]},{"ID":"x","Score":0,"Hand":[]}],
    "Scores":{"a.b":1,"c\"]":2},"ByNumber":{"-3":{"ID":"","Score":1,"Hand":[7]}},"Speed":2.5,"Note":null,"Shop":{"Closed":true}}"#;

fn replica(view: &Value) -> Replica {
    let profile = Profile::same(&schema(), StructId(0));
    let mut replica = Replica::new(schema());
    replica.apply_full(&full_body(&profile, &schema(), StructId(0), view)).expect("a state");
    replica
}

#[test]
fn paths_lead_to_items() {
    let replica = replica(&view(BEFORE));
    let get = |path: &str| replica.get(path);
    assert_eq!(get("Round").and_then(|item| item.as_int()), Some(1));
    assert_eq!(get("Players").map(|item| item.len()), Some(3));
    assert_eq!(get("Players[0].Score").and_then(|item| item.as_uint()), Some(5));
    assert_eq!(get("Players[0].Hand[2]").and_then(|item| item.as_int()), Some(3));
    let id = get("Players[0].ID").and_then(|item| item.as_text());
    assert_eq!(id.as_deref(), Some("123e4567-e89b-42d3-a456-426614174000"));
    assert_eq!(get("Players[2].ID").and_then(|item| item.as_text()).as_deref(), Some("x"));
    assert_eq!(get("Scores[a.b]").and_then(|item| item.as_int()), Some(1));
    assert_eq!(get("Scores[\"a.b\"]").and_then(|item| item.as_int()), Some(1));
    assert_eq!(get("ByNumber[-3].Hand[0]").and_then(|item| item.as_int()), Some(7));
    assert_eq!(get("Speed").and_then(|item| item.as_float()), Some(2.5));
    assert_eq!(get("Shop.Closed").and_then(|item| item.as_bool()), Some(true));
    assert!(get("Note").is_some_and(|item| item.is_null()));
    assert!(get("Players[1].Score").is_some_and(|item| item.is_hidden() && item.as_int().is_none()));
    for nowhere in
        ["", "X", "Players[3]", "Players[x]", "Players[0", "Players.Score", "Scores[z]", "Shop.X", "Round.", "Round[0]"]
    {
        assert!(get(nowhere).is_none(), "{nowhere}");
    }
    let names: Vec<_> =
        get("Scores").expect("a map").entries().map(|(key, item)| (key.to_string(), item.as_int())).collect();
    assert_eq!(names, [("a.b".to_owned(), Some(1)), ("c\"]".to_owned(), Some(2))]);
}

/// What a patch from `BEFORE` to another view says it changed.
fn told(after: &str) -> Vec<String> {
    let profile = Profile::same(&schema(), StructId(0));
    let body = difference(&profile, &schema(), StructId(0), &view(BEFORE), &view(after));
    let mut replica = replica(&view(BEFORE));
    let mut changes: Vec<Change> = Vec::new();
    replica.apply(&body, Some(&mut changes)).expect("a patch");
    assert_eq!(replica.to_value(), view(after));
    changes.iter().map(|Change { path, what }| format!("{path} {what:?}")).collect()
}

#[test]
fn changes_are_told_by_name() {
    let with = |from: &str, to: &str| {
        assert!(BEFORE.contains(from), "{from}");
        told(&BEFORE.replacen(from, to, 1))
    };
    assert_eq!(with(r#""Round":1"#, r#""Round":2"#), ["Round Set"]);
    assert_eq!(with(r#""Score":5,"#, r#""Score":6,"#), ["Players[0].Score Set"]);
    assert_eq!(with(r#""Score":5,"#, ""), ["Players[0].Score Hidden"]);
    assert_eq!(with(r#""ID":"","Hand""#, r#""ID":"","Score":1,"Hand""#), ["Players[1].Score Set"]);
    assert_eq!(with("[1,2,3]", "[1,3]"), ["Players[0].Hand[1] Removed(1)"]);
    assert_eq!(with(r#""a.b":1"#, r#""a.b":9"#), [r#"Scores["a.b"] Set"#]);
    assert_eq!(with(r#""a.b":1,"#, ""), [r#"Scores["a.b"] Deleted"#]);
    assert_eq!(with(r#"[7]"#, "[7,8]"), ["ByNumber[-3].Hand[1] Inserted(1)"]);
    assert_eq!(with("true", "false"), ["Shop.Closed Set"]);
    assert_eq!(with(r#","Shop":{"Closed":true}"#, ""), ["Shop Gone"]);
}

#[test]
fn a_replica_without_a_state_takes_no_changes() {
    let mut replica = Replica::new(schema());
    assert!(!replica.has_state());
    assert!(replica.apply(&[8, 2], None).is_err());
    assert_eq!(replica.apply(&[], None), Ok(()));
    assert_eq!(replica.to_value(), Value::Map(Vec::new()));
    assert!(replica.get("Round").is_none());
    assert_eq!(What::Set, What::Set);
}
