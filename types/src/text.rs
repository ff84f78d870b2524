//! The meaning of the operations on text, each in one place (LANGUAGE R3.5): positions count Unicode scalar values,
//! case is by the default full mappings, space is what has the property White_Space.
//!
//! What may grow beyond its operands takes the limit of a string's bytes and checks it before anything is built.

use std::borrow::Cow;

use crate::planted;
use crate::trap::TrapCode;

/// Decimal places that `%.Nf` may ask for.
const MAX_PLACES: usize = 100;

/// `count` characters from `start` on, as far as there are any. A negative start is 0, a negative count none.
pub fn slice(text: &str, start: i64, count: i64) -> &str {
    let start = usize::try_from(start.max(0)).unwrap_or(usize::MAX);
    let start = start.saturating_add(usize::from(planted::is(25)));
    let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
    let from = text.char_indices().nth(start).map_or(text.len(), |(at, _)| at);
    let rest = text.get(from..).unwrap_or("");
    let to = rest.char_indices().nth(count).map_or(rest.len(), |(at, _)| at);
    rest.get(..to).unwrap_or("")
}

/// Index of the first `part` in `whole`, or −1. The empty text is found at 0.
pub fn find(whole: &str, part: &str) -> i64 {
    let before = whole.find(part).and_then(|at| whole.get(..at));
    if planted::is(22) {
        return before.map_or(-1, |before| before.len() as i64);
    }
    before.map_or(-1, crate::scalar::text_len)
}

/// `whole` with every `old`, from left to right, replaced. An empty `old` stands before every character and at the end.
///
/// # Errors
/// `memory_limit`.
pub fn replace(whole: &str, old: &str, new: &str, limit: u64) -> Result<String, TrapCode> {
    let times = whole.matches(old).count() as u64;
    let removed = times.saturating_mul(old.len() as u64);
    let added = times.saturating_mul(new.len() as u64);
    within((whole.len() as u64).saturating_sub(removed).saturating_add(added), limit)?;
    Ok(whole.replace(old, new))
}

/// The parts of `text` between separators; with an empty one, its characters.
pub fn split<'a>(text: &'a str, separator: &'a str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    if separator.is_empty() {
        Box::new(text.char_indices().filter_map(|(at, c)| text.get(at..at + c.len_utf8())))
    } else {
        Box::new(text.split(separator))
    }
}

/// `text` that many times.
///
/// # Errors
/// `bad_argument` if that is negative; `memory_limit`.
pub fn repeat(text: &str, count: i64, limit: u64) -> Result<String, TrapCode> {
    let count = u64::try_from(count).map_err(|_| TrapCode::BadArgument)?;
    within((text.len() as u64).saturating_mul(count), limit)?;
    if text.is_empty() { Ok(String::new()) } else { Ok(text.repeat(usize::try_from(count).unwrap_or(0))) }
}

/// In upper case.
///
/// # Errors
/// `memory_limit`.
pub fn upper(text: &str, limit: u64) -> Result<String, TrapCode> {
    within(text.chars().flat_map(char::to_uppercase).map(|c| c.len_utf8() as u64).sum(), limit)?;
    Ok(if planted::is(23) { text.to_ascii_uppercase() } else { text.to_uppercase() })
}

/// In lower case; a capital sigma at the end of a word becomes a final one.
///
/// # Errors
/// `memory_limit`.
pub fn lower(text: &str, limit: u64) -> Result<String, TrapCode> {
    within(text.chars().flat_map(char::to_lowercase).map(|c| c.len_utf8() as u64).sum(), limit)?;
    Ok(text.to_lowercase())
}

/// Without the White_Space at both ends.
pub fn trim(text: &str) -> &str {
    if planted::is(24) { text.trim_ascii() } else { text.trim() }
}

/// The int64 that `text` spells: a sign if need be, then decimal digits.
pub fn parse_int(text: &str) -> Option<i64> {
    if planted::is(26) && text.starts_with('+') {
        return None;
    }
    text.parse().ok()
}

/// The float64 nearest to what `text` spells in decimal (a point and an exponent as need be), or `NaN`, `Infinity`,
/// `-Infinity`. Nothing if it is beyond the greatest float.
pub fn parse_float(text: &str) -> Option<f64> {
    if let Some(value) = crate::number::non_finite(text) {
        return Some(value);
    }
    // Rust reads `inf` and `nan` too, which are no numbers here.
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    if !text.chars().all(numeric) {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// What an argument of [`format`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Float,
    Other,
}

/// Fills placeholders: `{}` and `%s`, `%v`, `%d`, `%f`, `%.2f` take the next argument, `{0}` the one at that position,
/// `{name}` the one of that name; `%%` is a percent sign, and what is no placeholder stays as it is. `texts` are the
/// arguments as text, `names` their names (none if they have none). `kinds` says what each is, `i` integer, `f` float,
/// else other; the last letter counts for all that follow. Decimal places are rounded from the exact value, ties to even.
///
/// # Errors
/// `bad_argument` if there is no such argument, if `%d` is given no integer, `%f` no number, or more than 100 places are
/// asked for; `memory_limit`.
pub fn format<'a>(
    template: &'a str,
    names: &[&'a str],
    texts: &[&'a str],
    kinds: &str,
    limit: u64,
) -> Result<String, TrapCode> {
    let mut out = String::new();
    let mut next = 0;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '%']) {
        let (before, tail) = rest.split_at(at);
        push(&mut out, before, limit)?;
        let (piece, length) = match placeholder(tail) {
            None => (Cow::Borrowed(tail.get(..1).unwrap_or("")), 1),
            Some((Placeholder::Percent, length)) => (Cow::Borrowed("%"), length),
            Some((placeholder, length)) => {
                let position = match &placeholder {
                    Placeholder::At(position) => *position,
                    Placeholder::Named(name) => {
                        names.iter().position(|other| other == name).ok_or(TrapCode::BadArgument)?
                    }
                    _ => {
                        next += 1;
                        next - 1
                    }
                };
                let text = texts.get(position).copied().ok_or(TrapCode::BadArgument)?;
                (shown(&placeholder, text, kind_at(kinds, position))?, length)
            }
        };
        push(&mut out, &piece, limit)?;
        rest = tail.get(length..).unwrap_or("");
    }
    push(&mut out, rest, limit)?;
    Ok(out)
}

enum Placeholder<'a> {
    Percent,
    Next,
    At(usize),
    Named(&'a str),
    Integer,
    Fixed(usize),
}

/// The placeholder that `text` begins with, and its length in bytes.
fn placeholder(text: &str) -> Option<(Placeholder<'_>, usize)> {
    if let Some(rest) = text.strip_prefix('{') {
        let end = rest.find('}')?;
        let inside = rest.get(..end)?;
        let length = end + 2;
        if inside.is_empty() {
            return Some((Placeholder::Next, length));
        }
        if inside.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some((Placeholder::At(inside.parse().unwrap_or(usize::MAX)), length));
        }
        let is_name = !inside.starts_with(|c: char| c.is_ascii_digit())
            && inside.chars().all(|c| c.is_alphanumeric() || c == '_');
        return is_name.then_some((Placeholder::Named(inside), length));
    }
    let rest = text.strip_prefix('%')?;
    match rest.bytes().next()? {
        b'%' => Some((Placeholder::Percent, 2)),
        b's' | b'v' => Some((Placeholder::Next, 2)),
        b'd' => Some((Placeholder::Integer, 2)),
        b'f' => Some((Placeholder::Fixed(6), 2)),
        b'.' => {
            let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
            let places = rest.get(1..1 + digits)?;
            rest.get(1 + digits..)?.strip_prefix('f')?;
            let places = if places.is_empty() { 0 } else { places.parse().unwrap_or(usize::MAX) };
            Some((Placeholder::Fixed(places), digits + 3))
        }
        _ => None,
    }
}

fn kind_at(kinds: &str, position: usize) -> Kind {
    match kinds.as_bytes().get(position).or(kinds.as_bytes().last()) {
        Some(b'i') => Kind::Int,
        Some(b'f') => Kind::Float,
        _ => Kind::Other,
    }
}

fn shown<'a>(placeholder: &Placeholder<'_>, text: &'a str, kind: Kind) -> Result<Cow<'a, str>, TrapCode> {
    match placeholder {
        Placeholder::Integer if kind != Kind::Int => Err(TrapCode::BadArgument),
        Placeholder::Fixed(places) => fixed(text, kind, *places).map(Cow::Owned),
        _ => Ok(Cow::Borrowed(text)),
    }
}

/// A number with that many decimal places.
fn fixed(text: &str, kind: Kind, places: usize) -> Result<String, TrapCode> {
    if places > MAX_PLACES {
        return Err(TrapCode::BadArgument);
    }
    match kind {
        // An integer beyond 2^53 is no float: its digits stay as they are.
        Kind::Int if places == 0 => Ok(text.to_owned()),
        Kind::Int => Ok(format!("{text}.{:0<places$}", "")),
        Kind::Float => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(format!("{value:.places$}")),
            _ => Ok(text.to_owned()),
        },
        Kind::Other => Err(TrapCode::BadArgument),
    }
}

fn push(out: &mut String, piece: &str, limit: u64) -> Result<(), TrapCode> {
    within((out.len() + piece.len()) as u64, limit)?;
    out.push_str(piece);
    Ok(())
}

fn within(bytes: u64, limit: u64) -> Result<(), TrapCode> {
    if bytes > limit { Err(TrapCode::MemoryLimit) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 1_000;

    #[test]
    fn slices_are_clamped_and_count_characters() {
        let turtle = "żółw\u{1f422}";
        for (start, count, expected) in [
            (0, 2, "żó"),
            (1, 3, "ółw"),
            (3, i64::MAX, "w\u{1f422}"),
            (-2, 1, "ż"),
            (5, 1, ""),
            (i64::MAX, i64::MAX, ""),
            (i64::MIN, i64::MIN, ""),
        ] {
            assert_eq!(slice(turtle, start, count), expected, "{start} {count}");
        }
    }

    #[test]
    fn finding_counts_characters() {
        assert_eq!(find("żółw", "łw"), 2);
        assert_eq!(find("żółw", ""), 0);
        assert_eq!(find("", ""), 0);
        assert_eq!(find("żółw", "x"), -1);
    }

    #[test]
    fn replacing_checks_the_length_that_results() {
        assert_eq!(replace("aaa", "aa", "b", LIMIT), Ok("ba".into()));
        assert_eq!(replace("aé", "", "-", LIMIT), Ok("-a-é-".into()));
        assert_eq!(replace("abc", "b", "", 2), Ok("ac".into()));
        assert_eq!(replace("abab", "b", "ccc", 7), Err(TrapCode::MemoryLimit));
        assert_eq!(replace("abab", "b", "ccc", 8), Ok("acccaccc".into()));
    }

    #[test]
    fn splitting_keeps_empty_parts() {
        let parts = |text, separator| split(text, separator).collect::<Vec<_>>();
        assert_eq!(parts(",a,,b,", ","), ["", "a", "", "b", ""]);
        assert_eq!(parts("", ","), [""]);
        assert_eq!(parts("aé\u{1f600}", ""), ["a", "é", "\u{1f600}"]);
        assert!(parts("", "").is_empty());
    }

    #[test]
    fn repeating_checks_count_and_length() {
        assert_eq!(repeat("ab", 3, 6), Ok("ababab".into()));
        assert_eq!(repeat("ab", 0, 6), Ok(String::new()));
        assert_eq!(repeat("", i64::MAX, 6), Ok(String::new()));
        assert_eq!(repeat("ab", -1, 6), Err(TrapCode::BadArgument));
        assert_eq!(repeat("ab", 4, 7), Err(TrapCode::MemoryLimit));
        assert_eq!(repeat("ab", i64::MAX, 7), Err(TrapCode::MemoryLimit));
    }

    #[test]
    fn case_is_by_the_full_mappings() {
        assert_eq!(upper("straße ŉ ﬁ", LIMIT), Ok("STRASSE ʼN FI".into()));
        assert_eq!(lower("ΟΔΟΣ İ", LIMIT), Ok("οδος i\u{307}".into()));
        assert_eq!(upper("ΐ", 5), Err(TrapCode::MemoryLimit));
        assert_eq!(lower("İ", 2), Err(TrapCode::MemoryLimit));
    }

    #[test]
    fn trimming_removes_white_space_only() {
        assert_eq!(trim("\u{85}\u{a0}\t a b\u{2003}\n\u{3000}"), "a b");
        // A byte-order mark and a zero-width space have no White_Space property.
        assert_eq!(trim("\u{feff}a\u{200b}"), "\u{feff}a\u{200b}");
    }

    #[test]
    fn integers_are_read_strictly() {
        for (text, expected) in [
            ("42", Some(42)),
            ("-7", Some(-7)),
            ("+7", Some(7)),
            ("007", Some(7)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("", None),
            ("-", None),
            (" 1", None),
            ("1.0", None),
            ("1_000", None),
            ("٣", None),
        ] {
            assert_eq!(parse_int(text), expected, "{text:?}");
        }
    }

    #[test]
    fn floats_are_read_strictly() {
        for (text, expected) in [
            ("1.5", Some(1.5)),
            ("-2", Some(-2.0)),
            ("+.5e1", Some(5.0)),
            ("1.", Some(1.0)),
            ("1e-400", Some(0.0)),
            ("0.1", Some(0.1)),
            ("Infinity", Some(f64::INFINITY)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("1e400", None),
            ("inf", None),
            ("nan", None),
            ("", None),
            (".", None),
            ("1,5", None),
            (" 1", None),
            ("0x10", None),
        ] {
            assert_eq!(parse_float(text), expected, "{text:?}");
        }
        assert!(parse_float("NaN").is_some_and(f64::is_nan));
    }

    fn formatted(template: &str, texts: &[&str], kinds: &str) -> Result<String, TrapCode> {
        format(template, &[], texts, kinds, LIMIT)
    }

    #[test]
    fn placeholders_take_arguments_in_turn_by_position_and_by_name() {
        assert_eq!(formatted("{} of {1}, {0}, {}", &["a", "b"], "o"), Ok("a of b, a, b".into()));
        assert_eq!(formatted("%s %v {}%%", &["a", "b", "c"], "o"), Ok("a b c%".into()));
        assert_eq!(format("{who}: {n}", &["n", "who"], &["5", "ann"], "io", LIMIT), Ok("ann: 5".into()));
        assert_eq!(formatted("{", &[], ""), Ok("{".into()));
        assert_eq!(formatted("{\"a\": 1} 100% sure %", &[], ""), Ok("{\"a\": 1} 100% sure %".into()));
        for template in ["{}", "{3}", "{who}", "%d", "{99999999999999999999999}"] {
            assert_eq!(formatted(template, &[], ""), Err(TrapCode::BadArgument), "{template}");
        }
    }

    #[test]
    fn decimal_places_are_rounded_from_the_exact_value_ties_to_even() {
        for (template, text, kind, expected) in [
            ("%.0f", "0.5", "f", "0"),
            ("%.0f", "1.5", "f", "2"),
            ("%.0f", "2.5", "f", "2"),
            ("%.1f", "0.25", "f", "0.2"),
            ("%.1f", "0.35", "f", "0.3"),
            ("%.2f", "2.675", "f", "2.67"),
            ("%.2f", "0.125", "f", "0.12"),
            ("%f", "1.5", "f", "1.500000"),
            ("%.2f", "9007199254740993", "i", "9007199254740993.00"),
            ("%f", "-3", "i", "-3.000000"),
            ("%.0f", "7", "i", "7"),
            ("%.0f", "123456789012345680000", "f", "123456789012345683968"),
            ("%.1f", "NaN", "f", "NaN"),
            ("%.1f", "-Infinity", "f", "-Infinity"),
        ] {
            assert_eq!(formatted(template, &[text], kind), Ok(expected.into()), "{template} {text}");
        }
        assert_eq!(formatted("%.101f", &["1"], "i"), Err(TrapCode::BadArgument));
        assert_eq!(formatted("%f", &["1"], "o"), Err(TrapCode::BadArgument));
        assert_eq!(formatted("%d", &["1.5"], "f"), Err(TrapCode::BadArgument));
    }

    #[test]
    fn formatting_stops_at_the_limit() {
        assert_eq!(format("{}{}", &[], &["abc", "def"], "o", 5), Err(TrapCode::MemoryLimit));
        assert_eq!(format("{}{}", &[], &["abc", "def"], "o", 6), Ok("abcdef".into()));
    }
}
