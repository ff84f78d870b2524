//! Expected against found, leaf by leaf.
//!
//! What is expected comes from JSON, what is found is exported state. An integer may stand for a float of the same
//! value (`1` for 1.0), never the other way round: `1.0` is not the integer 1. Floats are equal when their bits are,
//! so 0 is not −0; those that are not finite are the strings "NaN", "Infinity" and "-Infinity". Bytes are base64.
//! Entries of objects may stand in any order; there may be no other ones.

use statewright_types::{Value, json};

/// Two values that should be equal and are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where, below what was compared: `.Score`, `[2]`; empty for the whole.
    pub at: String,
    /// What was expected, as JSON, or `nothing`.
    pub expected: String,
    /// What was found, as JSON, or `nothing`.
    pub found: String,
}

/// Differences that are listed at most; one more says how many there are.
const LISTED: usize = 20;
/// How deep values are compared; JSON does not nest deeper.
const DEPTH: usize = statewright_types::Limits::JSON_DEPTH + 8;

/// All places where `found` is not as `expected`, in order of the expected value; empty if they are equal.
pub fn compare(expected: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    walk("", expected, found, 0, &mut differences);
    differences
}

/// The longest value that is kept whole for a report, in characters.
const KEPT: usize = 20_000;

/// `value` as compact JSON; a very long one is cut.
pub fn shown(value: &Value) -> String {
    let text = json::to_string(value);
    match text.char_indices().nth(KEPT) {
        Some((end, _)) => format!("{}… ({} bytes)", text.get(..end).unwrap_or(""), text.len()),
        None => text,
    }
}

fn walk(at: &str, expected: &Value, found: &Value, depth: usize, differences: &mut Vec<Difference>) {
    if differences.len() > LISTED {
        return;
    }
    match (expected, found) {
        _ if depth > DEPTH => differ(at, Some(expected), Some(found), differences),
        (Value::List(wanted), Value::List(there)) => {
            for index in 0..wanted.len().max(there.len()) {
                let at = format!("{at}[{index}]");
                match (wanted.get(index), there.get(index)) {
                    (Some(wanted), Some(there)) => walk(&at, wanted, there, depth + 1, differences),
                    (wanted, there) => differ(&at, wanted, there, differences),
                }
            }
        }
        (Value::Map(wanted), Value::Map(there)) => {
            for (key, wanted) in wanted {
                let at = format!("{at}{}", step(key));
                match found.get(key) {
                    Some(there) => walk(&at, wanted, there, depth + 1, differences),
                    None => differ(&at, Some(wanted), None, differences),
                }
            }
            for (key, there) in there.iter().filter(|(key, _)| expected.get(key).is_none()) {
                differ(&format!("{at}{}", step(key)), None, Some(there), differences);
            }
        }
        _ if same(expected, found) => {}
        _ => differ(at, Some(expected), Some(found), differences),
    }
}

/// Scalars, and kinds that do not go together.
fn same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Int(wanted), Value::Float(there)) => {
            // Exact: what an integer beyond 2^53 rounds to is another number.
            there.to_bits() == (*wanted as f64).to_bits() && (*wanted as f64) as i128 == i128::from(*wanted)
        }
        (Value::UInt(wanted), Value::Float(there)) => {
            there.to_bits() == (*wanted as f64).to_bits() && (*wanted as f64) as i128 == i128::from(*wanted)
        }
        (Value::Str(wanted), Value::Float(there)) if !there.is_finite() => {
            json::float_text(*there) == format!("\"{wanted}\"")
        }
        (Value::Str(wanted), Value::Bytes(there)) => json::base64_encode(there) == **wanted,
        _ => expected == found,
    }
}

fn differ(at: &str, expected: Option<&Value>, found: Option<&Value>, differences: &mut Vec<Difference>) {
    let text = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), shown);
    if differences.len() < LISTED {
        differences.push(Difference { at: at.to_owned(), expected: text(expected), found: text(found) });
    } else if differences.len() == LISTED {
        let more = "more differences, not listed".to_owned();
        differences.push(Difference { at: "…".to_owned(), expected: "equal values".to_owned(), found: more });
    }
}

/// `.Name` for what looks like a name, else `["key"]`.
fn step(key: &str) -> String {
    let plain = key.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if plain { format!(".{key}") } else { format!("[{}]", json::quote(key)) }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn value(text: &str) -> Value {
        let tree = json::parse(text).expect("test data is JSON");
        tree.value(tree.root())
    }

    fn check(expected: &str, found: Value, differences: Expect) {
        let lines: Vec<String> = compare(&value(expected), &found)
            .iter()
            .map(|difference| format!("{}: {} / {}", difference.at, difference.expected, difference.found))
            .collect();
        differences.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn integers_stand_for_floats_of_the_same_value_only() {
        check("[1, 1.0, 0.5]", Value::List(vec![1.0.into(), 1.0.into(), 0.5.into()]), expect![""]);
        check("[1.0]", Value::List(vec![1i64.into()]), expect!["[0]: 1.0 / 1"]);
        check("0", Value::Float(-0.0), expect![": 0 / -0.0"]);
        check(
            "9007199254740993",
            Value::Float(9_007_199_254_740_992.0),
            expect![": 9007199254740993 / 9007199254740992.0"],
        );
        check("18446744073709551615", Value::UInt(u64::MAX), expect![""]);
    }

    #[test]
    fn what_json_lacks_is_text() {
        check(r#"["NaN", "-Infinity"]"#, Value::List(vec![f64::NAN.into(), f64::NEG_INFINITY.into()]), expect![""]);
        check(r#""Infinity""#, Value::Float(f64::NEG_INFINITY), expect![[r#": "Infinity" / "-Infinity""#]]);
        check(r#""AQI=""#, Value::Bytes([1, 2].as_slice().into()), expect![""]);
        check(r#""AQM=""#, Value::Bytes([1, 2].as_slice().into()), expect![[r#": "AQM=" / "AQI=""#]]);
    }

    #[test]
    fn objects_compare_by_key_and_completely() {
        check(r#"{"b": 1, "a": 2}"#, value(r#"{"a": 2, "b": 1}"#), expect![""]);
        check(
            r#"{"a": 1, "x y": [1, 2]}"#,
            value(r#"{"x y": [1, 3, 4], "c": null}"#),
            expect![[r#"
            .a: 1 / nothing
            ["x y"][1]: 2 / 3
            ["x y"][2]: nothing / 4
            .c: nothing / null"#]],
        );
    }

    #[test]
    fn kinds_do_not_mix() {
        check(
            r#"{"a": null, "b": false, "c": "1"}"#,
            value(r#"{"a": 0, "b": null, "c": 1}"#),
            expect![[r#"
            .a: null / 0
            .b: false / null
            .c: "1" / 1"#]],
        );
    }

    #[test]
    fn the_list_of_differences_is_bounded() {
        let many = Value::List((0..1000).map(Value::Int).collect());
        assert_eq!(compare(&Value::List(Vec::new()), &many).len(), LISTED + 1);
    }
}
