//! Text of numbers (LANGUAGE R3.5) and the reading of JSON numbers: one spelling in every back end.

/// The text of a float as ECMAScript's `Number::toString`: shortest that reads back, `NaN`, `Infinity`,
/// `-Infinity`; −0 is `0`.
pub fn float_text(value: f64) -> String {
    ryu_js::Buffer::new().format(value).to_owned()
}

/// The float that a JSON string stands for, where a float is wanted: `NaN`, `Infinity`, `-Infinity`.
pub fn non_finite(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A JSON number by what its spelling says it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// No point, no exponent, fits 64 signed bits. `-0` is 0.
    Int(i64),
    /// No point, no exponent, above `i64::MAX`.
    UInt(u64),
    /// A point or an exponent, or an integer beyond 64 bits. Always finite.
    Float(f64),
}

impl Number {
    /// The nearest float.
    pub fn as_float(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::UInt(value) => value as f64,
            Number::Float(value) => value,
        }
    }

    /// The number as a value.
    pub fn as_value(self) -> crate::Value {
        match self {
            Number::Int(value) => crate::Value::Int(value),
            Number::UInt(value) => crate::Value::UInt(value),
            Number::Float(value) => crate::Value::Float(value),
        }
    }
}

/// Reads a number spelled as RFC 8259 has it. `None` if it is not, or if its magnitude is beyond binary64.
pub fn parse(text: &str) -> Option<Number> {
    if !is_json_number(text) {
        return None;
    }
    if !text.contains(['.', 'e', 'E']) {
        if let Ok(value) = text.parse::<i64>() {
            return Some(Number::Int(value));
        }
        if let Ok(value) = text.parse::<u64>() {
            return Some(Number::UInt(value));
        }
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(Number::Float)
}

/// Whether `text` is `-? int frac? exp?` of RFC 8259.
pub fn is_json_number(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let after_int = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let int = &rest[..rest.len() - after_int.len()];
    if int.is_empty() || (int.len() > 1 && int.starts_with('0')) {
        return false;
    }
    let after_frac = match after_int.strip_prefix('.') {
        Some(digits) => match skip_digits(digits) {
            Some(rest) => rest,
            None => return false,
        },
        None => after_int,
    };
    match after_frac.strip_prefix(['e', 'E']) {
        Some(exponent) => skip_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) == Some(""),
        None => after_frac.is_empty(),
    }
}

/// What follows one or more digits.
fn skip_digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_spelled_as_ecmascript_does() {
        // ECMA-262, Number::toString: the borders between plain and exponent form.
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::from(0.1_f32), "0.10000000149011612"),
        ];
        for (value, text) in cases {
            assert_eq!(float_text(value), text);
        }
    }

    #[test]
    fn numbers_are_what_their_spelling_says() {
        assert_eq!(parse("0"), Some(Number::Int(0)));
        assert_eq!(parse("-0"), Some(Number::Int(0)));
        assert_eq!(parse("-9223372036854775808"), Some(Number::Int(i64::MIN)));
        assert_eq!(parse("9223372036854775808"), Some(Number::UInt(1 << 63)));
        assert_eq!(parse("18446744073709551616"), Some(Number::Float(18_446_744_073_709_551_616.0)));
        assert_eq!(parse("1.0"), Some(Number::Float(1.0)));
        assert_eq!(parse("1e2"), Some(Number::Float(100.0)));
        assert_eq!(parse("1E-2"), Some(Number::Float(0.01)));
        assert!(matches!(parse("-0.0"), Some(Number::Float(zero)) if zero.is_sign_negative()));
    }

    #[test]
    fn what_is_no_json_number_is_refused() {
        for text in ["", "-", "+1", "01", ".5", "1.", "1e", "1e+", "0x1", "NaN", "1 ", " 1", "1e999", "--1", "1.e1"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_finite_float_reads_back() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..10_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(bits);
            if value.is_finite() {
                let back = parse(&float_text(value)).map(Number::as_float);
                assert_eq!(back.map(f64::to_bits), Some(value.to_bits()), "{value:?}");
            }
        }
    }
}
