//! States from JSON and values from outside: what fits, what is said of what does not.

use expect_test::{Expect, expect};
use statewright_types::json;
use statewright_types::random::Streams;
use statewright_types::{Limits, Span, StructId};

use super::fixture::*;
use crate::state::State;

fn check(text: &str, expected: Expect) -> State {
    let mut state = state();
    let tree = json::parse(text).expect("JSON");
    let mut shown = String::new();
    for diagnostic in state.load_json(&tree) {
        let span = diagnostic.span.unwrap_or_default();
        let (line, column) = Span::line_column(text, span.start);
        let help = diagnostic.help.unwrap_or_default();
        shown += &format!("{} {line}:{column} {} ({help})\n", diagnostic.code, diagnostic.message);
    }
    expected.assert_eq(&shown);
    super::audit::audit(&state);
    state
}

const GOOD: &str = r#"{
  "Round": 4, "Players": [{"ID": "a", "Hand": [{"ID": 1}], "Home": {"X": 2}}, {"ID": "b", "Nick": null}],
  "Scores": {"x": -1}, "ByNumber": {"-7": {"Name": "n"}}, "Grid": [[1, 2], []], "Center": {"Y": 1e3},
  "Limit": 5, "Tags": ["t"], "Ratio": "-Infinity", "Blob": "AQID", "Shop": {"Stock": {"s": 18446744073709551615}}
}"#;

#[test]
fn a_part_is_completed_with_defaults() {
    let state = check(GOOD, expect![""]);
    assert_eq!(show(&state, "Game.Title"), r#""game""#);
    assert_eq!(show(&state, "Game.Center"), r#"{"X":0.0,"Y":1000.0}"#);
    assert_eq!(show(&state, "Game.ByNumber"), r#"{"-7":{"ID":0,"Name":"n","Power":3}}"#);
    assert_eq!(show(&state, "Shop.Stock"), r#"{"s":18446744073709551615}"#, "given, hence active");
    assert_eq!(show(&state, "Shop.Closed"), "true");
    let again = json::to_string(&state.to_value());
    let copy = check(&again, expect![""]);
    assert_eq!(json::to_string(&copy.to_value()), again);
    assert_eq!(copy.canonical_bytes(), state.canonical_bytes());
    assert_eq!(copy.hash(), state.hash());
}

#[test]
fn what_does_not_fit_is_said_with_its_place() {
    check(
        r#"{"Rond": 1, "Round": 1.5, "Title": 3,
 "Players": [{"ID": "a", "Hnd": []}], "ByNumber": {"x": {}}, "Blob": "?", "Limit": 3000000000, "Shop": [],
 "Center": null, "Grid": [[70000]]}"#,
        expect![[r#"
            E201 1:2 Game has no field `Rond`, and no root is called so (did you mean `Round`?)
            E202 1:22 expected int32, found 1.5 (write an integer without point or exponent)
            E202 1:36 expected string, found 3 (write a string)
            E201 2:26 Player has no field `Hnd` (did you mean `Hand`?)
            E204 2:52 the key `x` is no int32 (write an integer from -2147483648 to 2147483647 as the key)
            E205 2:70 this text is not base64 (write bytes as base64 with padding: "AQID")
            E203 2:84 3000000000 is out of range for int32 (give an integer from -2147483648 to 2147483647)
            E202 2:104 expected Shop, found an array (write an object of fields)
            E202 3:12 expected Point, found null (write an object of fields)
            E203 3:28 70000 is out of range for int16 (give an integer from -32768 to 32767)
        "#]],
    );
    check(
        "[1]",
        expect![[r#"
        E202 1:1 a state is an object of fields, not an array (write the main root's fields: {"Field": value, …})
    "#]],
    );
}

#[test]
fn import_errors_name_path_expected_and_found() {
    let cases = [
        ("int64", "1.0", "expected int64, found the float 1"),
        ("uint8", "256", "expected uint8 (0 to 255), found 256"),
        ("bool", "null", "expected bool, found null"),
        ("[]Player", r#"[{},{"Hand":[{"ID":"x"}]}]"#, "`[1].Hand[0].ID`: expected int64, found the text \"x\""),
        ("Player", r#"{"Nme":1}"#, "expected a field of Player, found `Nme`"),
        ("map[int32]bool", r#"{"01":true}"#, "`[\"01\"]`: expected an integer as key, found \"01\""),
    ];
    let mut state = state();
    for (ty, text, message) in cases {
        let ty = state.schema().parse_type(ty).expect("a type");
        let tree = json::parse(text).expect("JSON");
        let error = state.import(&ty, &tree.value(tree.root())).expect_err("does not fit");
        assert_eq!(error.to_string(), message);
    }
    for (ty, text) in
        [("float64", "1"), ("float32", r#""NaN""#), ("*int32", "null"), ("uint64", "18446744073709551615")]
    {
        value(&mut state, ty, text);
    }
}

#[test]
fn damaged_states_never_panic() {
    let mut dice = Streams::new(3);
    let (mut parsed, mut loaded) = (0, 0);
    for round in 0..6000 {
        let mut bytes = GOOD.as_bytes().to_vec();
        match round % 3 {
            0 => bytes.truncate(dice.int("cut", 0, bytes.len() as i64) as usize),
            1 => {
                let at = dice.int("at", 0, bytes.len() as i64 - 1) as usize;
                bytes[at] ^= 1 << dice.int("bit", 0, 7);
            }
            _ => {
                let at = dice.int("at", 0, bytes.len() as i64 - 1) as usize;
                bytes[at] = b"0123456789-.eE\"[]{},:nulltrue"[dice.int("by", 0, 28) as usize];
            }
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let Ok(tree) = json::parse(text) else { continue };
        parsed += 1;
        let mut state = state();
        loaded += usize::from(state.load_json(&tree).is_empty());
        super::audit::audit(&state);
    }
    assert!(parsed > 300 && loaded > 50 && loaded < parsed, "{parsed} {loaded}");
}

/// A file has what many transactions made: no limit of one transaction holds for it.
#[test]
fn more_structs_are_loaded_than_one_transaction_adds() {
    let count = Limits::ADDED + 1;
    let text = format!("{{\"Players\": [{}{{}}]}}", "{},".repeat(count - 1));
    let mut state = state();
    let tree = json::parse(text).expect("JSON");
    assert_eq!(state.load_json(&tree), []);
    let root = state.root(StructId(0)).expect("the main root");
    let (players, count) = (load(&state, root, "Game.Players"), count as u64);
    assert_eq!(state.list_len(players), count);
    for saved in [state.to_saved(), state.to_packed()] {
        let again = State::from_saved(schema(), &saved, None, *state.limits()).expect("it fits");
        assert_eq!(again.hash(), state.hash());
    }
}
