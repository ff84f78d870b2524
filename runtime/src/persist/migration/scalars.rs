//! Numbers, texts and bools of one type as those of another, where nothing is lost.

use statewright_types::number;
use statewright_types::{Schema, Type, Value};

/// `value`, which is of type `from`, as one of type `to`. Both are scalars.
///
/// # Errors
/// Says of the value that it cannot be one, or that there is no way at all.
pub(super) fn convert(schema: &Schema, value: Value, from: &Type, to: &Type) -> Result<Value, String> {
    if from == to {
        return Ok(value);
    }
    let converted = match (&value, to) {
        (Value::Bool(bit), Type::Int(_)) => Some(Value::Int(i64::from(*bit))),
        (Value::Int(number), Type::Bool) => matches!(number, 0 | 1).then_some(Value::Bool(*number == 1)),
        (Value::Int(number), Type::Int(_)) => int(i128::from(*number), to),
        (Value::UInt(number), Type::Int(_)) => int(i128::from(*number), to),
        (Value::Int(number), Type::Float32 | Type::Float64) => float_of(i128::from(*number), to),
        (Value::UInt(number), Type::Float32 | Type::Float64) => float_of(i128::from(*number), to),
        (Value::Float(number), Type::Float32 | Type::Float64) => float(*number, to),
        (Value::Float(number), Type::Int(_)) => whole(*number).and_then(|number| int(number, to)),
        (Value::Bool(bit), Type::String) => Some(Value::from(if *bit { "true" } else { "false" })),
        (Value::Int(_) | Value::UInt(_), Type::String) => Some(Value::str(value.to_string())),
        (Value::Float(number), Type::String) => Some(Value::str(float_text(*number))),
        (Value::Str(_), Type::String) => Some(value.clone()),
        (Value::Str(text), Type::Uuid) => is_uuid(text).then(|| value.clone()),
        (Value::Str(text), Type::Bool) => match &**text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        (Value::Str(text), Type::Int(_)) => {
            // Only how an integer is written: what a number becomes as text comes back from it.
            let number: Option<i128> = text.parse().ok().filter(|number: &i128| number.to_string() == **text);
            number.and_then(|number| int(number, to))
        }
        (Value::Str(text), Type::Float32 | Type::Float64) => float_in(text).and_then(|number| float(number, to)),
        _ => return Err(no_way(schema, from, to)),
    };
    let range = match to {
        Type::Int(kind) => format!(" ({} to {})", kind.range().0, kind.range().1),
        _ => String::new(),
    };
    converted.ok_or_else(|| format!("{} cannot be a value of {}{range} without loss", shown(&value), schema.show(to)))
}

/// That there is no way from one type to another.
pub(super) fn no_way(schema: &Schema, from: &Type, to: &Type) -> String {
    format!("{} cannot become {} by itself: give a conversion", schema.show(from), schema.show(to))
}

fn int(number: i128, to: &Type) -> Option<Value> {
    let Type::Int(kind) = to else { return None };
    let (low, high) = kind.range();
    let fits = (low..=high).contains(&number);
    let wide = || i64::try_from(number).map(Value::Int).or_else(|_| u64::try_from(number).map(Value::UInt)).ok();
    if fits { wide() } else { None }
}

fn float_of(number: i128, to: &Type) -> Option<Value> {
    let float = number as f64;
    // Comparing as integers: a float that was rounded up to 2^64 is none of ours.
    if float as i128 == number { self::float(float, to) } else { None }
}

fn float(number: f64, to: &Type) -> Option<Value> {
    let exact = *to == Type::Float64 || number.is_nan() || f64::from(number as f32) == number;
    exact.then_some(Value::Float(number))
}

/// A float as text that reads back as it: -0 has its sign.
fn float_text(number: f64) -> String {
    if number.to_bits() == (-0.0_f64).to_bits() { "-0.0".to_owned() } else { number::float_text(number) }
}

/// The float that a text spells without loss: as it is written, or with so few digits that they come back.
fn float_in(text: &str) -> Option<f64> {
    if let Some(named) = number::non_finite(text) {
        return Some(named);
    }
    let float = number::parse(text)?.as_float();
    let digits = text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit).count();
    let spelled = float_text(float) == text || digits <= 15 && (float != 0.0 || !text.starts_with('-'));
    // What is too small for a float has become zero.
    let vanished = float == 0.0
        && text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).any(|byte| (b'1'..=b'9').contains(&byte));
    (spelled && !vanished).then_some(float)
}

/// The integer that a float is; a negative zero is none.
fn whole(number: f64) -> Option<i128> {
    let whole = number.is_finite() && number.fract() == 0.0 && number.abs() < 18_446_744_073_709_551_616.0;
    let integer = number as i128;
    (whole && (integer as f64).to_bits() == number.to_bits()).then_some(integer)
}

/// Empty, or the usual form: digits in lower case, as `@auto(uuid)` draws them, or in upper case.
fn is_uuid(text: &str) -> bool {
    let form = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.is_empty() || (text.len() == 36 && text.bytes().enumerate().all(form))
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 40 { text } else { format!("{}…", text.chars().take(39).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use statewright_types::schema;

    use super::*;

    const SCHEMA: &str = "@root(active) type Game {\n  A int64\n}";

    /// `from value -> to`: the new value, or `-` if it would lose something, or `x` if there is no way.
    fn check(from: &str, value: &str, to: &str) -> String {
        let schema = schema::parse(SCHEMA).0.expect("a schema");
        let (from, to) = (schema.parse_type(from).expect("a type"), schema.parse_type(to).expect("a type"));
        match convert(&schema, value.parse().expect("JSON"), &from, &to) {
            Ok(value) => value.to_string(),
            Err(why) if why.contains("by itself") => "x".to_owned(),
            Err(why) => {
                assert!(why.contains(" cannot be a value of "), "{why}");
                "-".to_owned()
            }
        }
    }

    #[test]
    fn integers_keep_their_value_or_are_refused() {
        assert_eq!(check("int64", "127", "int8"), "127");
        assert_eq!(check("int64", "128", "int8"), "-");
        assert_eq!(check("int64", "-1", "uint64"), "-");
        assert_eq!(check("uint64", "18446744073709551615", "int64"), "-");
        assert_eq!(check("int64", "9007199254740992", "float64"), "9007199254740992.0");
        assert_eq!(check("int64", "9007199254740993", "float64"), "-");
        assert_eq!(check("uint64", "18446744073709551615", "float64"), "-");
        assert_eq!(check("int32", "16777217", "float32"), "-");
        assert_eq!(check("int8", "1", "bool"), "true");
        assert_eq!(check("int8", "2", "bool"), "-");
        assert_eq!(check("bool", "true", "uint8"), "1");
    }

    #[test]
    fn floats_become_what_they_are_exactly() {
        assert_eq!(check("float64", "2.0", "int32"), "2");
        assert_eq!(check("float64", "2.5", "int32"), "-");
        assert_eq!(check("float64", "-0.0", "int32"), "-");
        assert_eq!(check("float64", "1e300", "int64"), "-");
        assert_eq!(check("float64", "18446744073709551616.0", "uint64"), "-");
        assert_eq!(check("float64", "0.5", "float32"), "0.5");
        assert_eq!(check("float64", "0.1", "float32"), "-");
        assert_eq!(check("float32", "0.5", "float64"), "0.5");
    }

    #[test]
    fn numbers_and_texts_are_each_other() {
        assert_eq!(check("int64", "-5", "string"), "\"-5\"");
        assert_eq!(check("float64", "2.5", "string"), "\"2.5\"");
        assert_eq!(check("float64", "-0.0", "string"), "\"-0.0\"");
        assert_eq!(check("bool", "false", "string"), "\"false\"");
        assert_eq!(check("string", "\"42\"", "int8"), "42");
        for text in ["\"300\"", "\"04\"", "\"+4\"", "\" 4\"", "\"four\"", "\"\""] {
            assert_eq!(check("string", text, "int8"), "-", "{text}");
        }
        assert_eq!(check("string", "\"2.50\"", "float64"), "2.5");
        assert_eq!(check("string", "\"-0.0\"", "float64"), "-0.0");
        assert_eq!(check("string", "\"Infinity\"", "float64"), "\"Infinity\"");
        for text in ["\"1e400\"", "\"1e-400\"", "\"0.12345678901234567890123\"", "\"x\""] {
            assert_eq!(check("string", text, "float64"), "-", "{text}");
        }
        assert_eq!(check("string", "\"no\"", "bool"), "-");
        assert_eq!(
            check("string", "\"00000000-0000-4000-8000-00000000000a\"", "uuid"),
            "\"00000000-0000-4000-8000-00000000000a\""
        );
        assert_eq!(check("string", "\"a\"", "uuid"), "-");
        assert_eq!(check("uuid", "\"\"", "string"), "\"\"");
        assert_eq!(check("string", "\"a\"", "bytes"), "x");
        assert_eq!(check("float64", "1.0", "bool"), "x");
    }
}
