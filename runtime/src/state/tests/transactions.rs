//! Commit keeps, rollback restores, and neither leaks.

use super::fixture::*;

#[test]
fn rollback_restores_every_kind_of_field() {
    let mut state = state();
    state.begin();
    for (name, ty, json) in CONTENT {
        let slot = value(&mut state, ty, json);
        store(&mut state, 0, name, slot);
    }
    state.commit();
    let (before, statistics) = (state.canonical_bytes(), state.statistics());
    let shown = state.to_value();
    for (name, ty, json) in OTHER {
        state.begin();
        let slot = value(&mut state, ty, json);
        store(&mut state, 0, name, slot);
        assert_ne!(state.canonical_bytes(), before, "{name} changes");
        state.rollback();
        assert_eq!(state.to_value(), shown, "{name}");
        assert_eq!(state.statistics(), statistics, "{name}");
    }
    assert_eq!(state.canonical_bytes(), before);
}

const CONTENT: &[(&str, &str, &str)] = &[
    ("Game.Round", "int32", "5"),
    ("Game.Title", "string", r#""five""#),
    ("Game.Players", "[]Player", r#"[{"ID":"a","Hand":[{"ID":1},{"ID":2,"Name":"two"}]},{"ID":"b","Nick":"bee"}]"#),
    ("Game.Scores", "map[string]int64", r#"{"b":2,"a":1}"#),
    ("Game.ByNumber", "map[int32]Card", r#"{"-3":{"Name":"minus"},"10":{"Name":"ten"}}"#),
    ("Game.Grid", "[][]int16", "[[1,2],[3]]"),
    ("Game.Names", "[]string", r#"["x","y"]"#),
    ("Game.Center", "Point", r#"{"X":1.5,"Y":-2}"#),
    ("Game.Best", "*Player", r#"{"ID":"a"}"#),
    ("Game.Limit", "*int32", "9"),
    ("Game.Note", "*string", r#""""#),
    ("Game.Tags", "*[]string", r#"["t"]"#),
    ("Game.Ratio", "float32", "0.1"),
    ("Game.Weight", "float64", r#""NaN""#),
    ("Game.Blob", "bytes", r#""AQID""#),
    ("Game.Tree", "Node", r#"{"Label":"r","Children":[{"Label":"c","Children":[{"Label":"d"}]}]}"#),
];

const OTHER: &[(&str, &str, &str)] = &[
    ("Game.Round", "int32", "6"),
    ("Game.Title", "string", r#""six""#),
    ("Game.Players", "[]Player", r#"[{"ID":"b"},{"ID":"c","Hand":[{"ID":4}]},{"ID":"d"}]"#),
    ("Game.Scores", "map[string]int64", r#"{"c":2,"a":3}"#),
    ("Game.ByNumber", "map[int32]Card", r#"{"-3":{"Name":"other"},"11":{"Name":"ten"}}"#),
    ("Game.Grid", "[][]int16", "[[1,2,3],[],[4]]"),
    ("Game.Names", "[]string", r#"["x","z","y"]"#),
    ("Game.Center", "Point", r#"{"X":2.5,"Y":-2}"#),
    ("Game.Best", "*Player", "null"),
    ("Game.Best", "*Player", r#"{"ID":"b","Hand":[{"ID":1}]}"#),
    ("Game.Limit", "*int32", "null"),
    ("Game.Limit", "*int32", "0"),
    ("Game.Note", "*string", "null"),
    ("Game.Tags", "*[]string", "null"),
    ("Game.Tags", "*[]string", r#"[]"#),
    ("Game.Ratio", "float32", "0.2"),
    ("Game.Weight", "float64", "0"),
    ("Game.Blob", "bytes", r#""AQIE""#),
    ("Game.Open", "bool", "true"),
    ("Game.Tree", "Node", r#"{"Label":"r","Children":[]}"#),
];
