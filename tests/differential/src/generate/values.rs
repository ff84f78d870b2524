//! Values: numbers at the edges of their types, texts with all kinds of characters, and whatever a type takes.

use std::sync::Arc;

use statewright_types::{IntKind, Schema, Type, Value};

use crate::chance::Chance;

const SMALL: [i64; 9] = [0, 1, 2, 3, 5, -1, -2, 7, 10];
const EDGES: [i64; 16] = [
    i64::MAX,
    i64::MIN,
    i64::MAX - 1,
    i64::MIN + 1,
    1 << 53,
    (1 << 53) + 1,
    (1 << 53) - 1,
    -(1 << 53) - 1,
    i32::MAX as i64,
    i32::MIN as i64,
    u32::MAX as i64,
    1 << 32,
    3_037_000_500,
    -3_037_000_500,
    255,
    -129,
];
const FLOATS: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    0.1,
    100.0,
    1e300,
    -1e300,
    5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    9007199254740992.0,
    9007199254740993.0,
    9223372036854775808.0,
    -9223372036854775808.0,
    16777217.0,
    3.4028235677973366e38,
    0.499_999_999_999_999_94,
    1e21,
];
const TEXTS: [&str; 26] = [
    "",
    "a",
    "ann",
    "bob",
    "eve",
    "lobby",
    "play",
    "red",
    "Ann",
    "été",
    "straße",
    "ΑΣ",
    "ﬁ",
    "😀",
    "a😀b",
    "\u{ffff}",
    "\u{10000}",
    "\u{a0} x\u{3000}",
    "İ",
    "42",
    "-7",
    "+5",
    "1.5e3",
    "NaN",
    "a,b,,c",
    "9223372036854775808",
];
/// Ids of players.
pub const IDS: [&str; 4] = ["ann", "bob", "eve", "zoë"];

/// An integer: mostly small, sometimes at an edge.
pub fn int(chance: &mut Chance) -> i64 {
    match chance.below(10) {
        0 => EDGES[chance.below(EDGES.len())],
        1 => chance.below(2000) as i64 - 1000,
        _ => SMALL[chance.below(SMALL.len())],
    }
}

/// An integer that its type holds, as JSON has it.
pub fn int_of(kind: IntKind, chance: &mut Chance) -> Value {
    let (least, most) = kind.range();
    let value = match chance.below(8) {
        0 => least,
        1 => most,
        2 => most - 1,
        _ => i128::from(int(chance)).clamp(least, most),
    };
    i64::try_from(value).map_or_else(|_| Value::uint(value as u64), Value::Int)
}

/// A finite float.
pub fn float(chance: &mut Chance) -> f64 {
    match chance.below(8) {
        0 => f64::from_bits(chance.bits() & !(1 << 62)),
        1 => (chance.below(2001) as f64 - 1000.0) / 8.0,
        2 => (chance.below(13) as f64 - 6.0) / 2.0,
        3 => [0.0, -0.0, -0.0][chance.below(3)],
        _ => FLOATS[chance.below(FLOATS.len())],
    }
}

/// A float where small differences show: zeros of both signs, halves, the first float that has no next integer.
pub fn edge_float(chance: &mut Chance) -> f64 {
    const EDGES: [f64; 12] = [0.0, -0.0, 0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 9_007_199_254_740_992.0, 1e300, -7.25];
    EDGES[chance.below(EDGES.len())]
}

/// A text.
pub fn text(chance: &mut Chance) -> String {
    let one = TEXTS[chance.below(TEXTS.len())];
    if chance.percent(12) { format!("{one}{}", TEXTS[chance.below(TEXTS.len())]) } else { one.to_owned() }
}

fn uuid(chance: &mut Chance) -> Value {
    let tail = chance.below(3);
    Value::from(format!("123e4567-e89b-42d3-a456-42661417400{tail}"))
}

/// Fields whose values name players.
const ID_FIELDS: [&str; 3] = ["ID", "Turn", "who"];

/// A value of a type as it comes from outside: in a state, in parameters.
pub fn outside(ty: &Type, schema: &Schema, depth: usize, chance: &mut Chance) -> Value {
    match ty {
        Type::Bool => Value::Bool(chance.percent(50)),
        Type::Int(kind) => int_of(*kind, chance),
        Type::Float32 => Value::Float(f64::from(float(chance) as f32)),
        Type::Float64 => match chance.below(9) {
            0 => "NaN".into(),
            1 => "Infinity".into(),
            2 => "-Infinity".into(),
            _ => Value::Float(float(chance)),
        },
        Type::String => text(chance).into(),
        Type::Uuid => uuid(chance),
        Type::Bytes => Value::from(["", "AA==", "AQID", "//8="][chance.below(4)]),
        Type::Nullable(inner) => match chance.percent(40) {
            true => Value::Null,
            false => outside(inner, schema, depth, chance),
        },
        Type::List(element) => {
            let most = if depth > 2 { 1 } else { 4 };
            let least = usize::from(!chance.percent(20));
            Value::List((0..chance.between(least, most)).map(|_| outside(element, schema, depth + 1, chance)).collect())
        }
        Type::Map(key, value) => {
            let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
            for number in 0..chance.below(4) {
                let name = match (&**key, number) {
                    (Type::String, 0) => "red".into(),
                    (Type::Int(_), 0) => "1".into(),
                    _ => key_text(key, chance),
                };
                if entries.iter().all(|(known, _)| *known != name) {
                    entries.push((name, outside(value, schema, depth + 1, chance)));
                }
            }
            Value::Map(entries)
        }
        Type::Struct(id) => {
            let mut entries = Vec::new();
            for field in &schema.get(*id).fields {
                if chance.percent(60) && depth < 4 {
                    let value = match ID_FIELDS.contains(&&*field.name) && field.ty == Type::String {
                        true => chance.word(&IDS).into(),
                        false => outside(&field.ty, schema, depth + 1, chance),
                    };
                    entries.push((field.name.clone(), value));
                }
            }
            Value::Map(entries)
        }
        Type::Record(_) => Value::Map(Vec::new()),
    }
}

/// The text of a map's key.
pub fn key_text(key: &Type, chance: &mut Chance) -> Arc<str> {
    match key {
        Type::Int(kind) => match int_of(*kind, chance) {
            Value::UInt(value) => value.to_string().into(),
            Value::Int(value) => value.to_string().into(),
            _ => "0".into(),
        },
        Type::Uuid => match uuid(chance) {
            Value::Str(text) => text,
            _ => "".into(),
        },
        _ => ["red", "blue", "ann", "", "été", "😀"][chance.below(6)].into(),
    }
}
