//! Reading string literals.

use std::borrow::Cow;

/// Why a string literal is none: bytes `start..end` of the text, what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StringError {
    /// First byte of what is wrong.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

fn error<T>(start: usize, end: usize, message: impl Into<String>, help: &'static str) -> Result<T, StringError> {
    Err(StringError { start, end, message: message.into(), help })
}

/// Reads the JSON string literal whose opening quote is at byte `start` of `text`. Returns what it says and the
/// offset behind its closing quote.
pub fn decode(text: &str, start: usize) -> Result<(Cow<'_, str>, usize), StringError> {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    let mut piece = at;
    let mut decoded: Option<String> = None;
    loop {
        at += plain_length(bytes.get(at..).unwrap_or(&[]));
        match bytes.get(at) {
            None => return error(start, text.len(), "a string is not closed", "add the closing `\"`"),
            Some(b'"') => {
                let rest = text.get(piece..at).unwrap_or("");
                let text = match decoded {
                    None => Cow::Borrowed(rest),
                    Some(text) => Cow::Owned(text + rest),
                };
                return Ok((text, at + 1));
            }
            Some(b'\\') => {
                let text_so_far = decoded.get_or_insert_default();
                text_so_far.push_str(text.get(piece..at).unwrap_or(""));
                let (character, end) = escape(text, at)?;
                text_so_far.push(character);
                at = end;
                piece = end;
            }
            Some(b'\n' | b'\r') => {
                return error(
                    start,
                    at,
                    "a string is not closed on its line",
                    "add the closing `\"`, or write a line break as `\\n`",
                );
            }
            Some(&byte @ ..0x20) => {
                let message = format!("a string has the control character U+{byte:04X}");
                return error(at, at + 1, message, "write it as an escape such as `\\t` or `\\u0001`");
            }
            Some(_) => at += 1,
        }
    }
}

/// How many bytes come before the first quote, backslash or control character: eight are looked at together.
#[inline]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x80 * EACH;
    // The highest bit of each byte that is less than `most`, which is at most 128; above the first of them others may have it too.
    let below = |word: u64, most: u64| word.wrapping_sub(EACH * most) & !word & HIGHEST;
    let mut length = 0;
    while let Some(chunk) = bytes.get(length..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let [quote, backslash] = [b'"', b'\\'].map(|byte| below(word ^ (EACH * u64::from(byte)), 1));
        let found = quote | backslash | below(word, 0x20);
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = bytes.get(length..).unwrap_or(&[]);
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    length + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// Reads the escape whose backslash is at `at`: the character, and where it ends.
fn escape(text: &str, at: usize) -> Result<(char, usize), StringError> {
    let character = match text.as_bytes().get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(text, at),
        _ => {
            let end = text.get(at + 1..).and_then(|rest| rest.chars().next()).map_or(1, |c| 1 + c.len_utf8());
            return error(
                at,
                at + end,
                "a string has an unknown escape",
                "the escapes are `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u` with four hex digits; write a backslash itself as `\\\\`",
            );
        }
    };
    Ok((character, at + 2))
}

/// Reads `\uXXXX`, or two of them that make one character.
fn unicode_escape(text: &str, at: usize) -> Result<(char, usize), StringError> {
    let high = hex(text, at)?;
    let lone = |end| {
        let help = "characters above U+FFFF are two escapes, `\\uD800`-`\\uDBFF` then `\\uDC00`-`\\uDFFF`; write the character itself instead";
        error(at, end, "a string has half of a surrogate pair", help)
    };
    match high {
        0xD800..=0xDBFF => {
            if text.get(at + 6..at + 8) != Some("\\u") {
                return lone(at + 6);
            }
            let low = hex(text, at + 6)?;
            if !(0xDC00..=0xDFFF).contains(&low) {
                return lone(at + 6);
            }
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            char::from_u32(code).map_or_else(|| lone(at + 12), |character| Ok((character, at + 12)))
        }
        code => char::from_u32(code).map_or_else(|| lone(at + 6), |character| Ok((character, at + 6))),
    }
}

/// The four hex digits of the `\u` at `at`.
fn hex(text: &str, at: usize) -> Result<u32, StringError> {
    let digits = text.get(at + 2..at + 6).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
        Some(code) => Ok(code),
        None => error(at, at + 2, "`\\u` lacks four hex digits", "write four hex digits, as in `\\u00e9`"),
    }
}

#[cfg(test)]
mod tests {
    use super::plain_length;

    #[test]
    fn plain_bytes_are_counted_up_to_the_first_that_is_not() {
        for around in [b'a', b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
            for length in 0..20 {
                assert_eq!(plain_length(&vec![around; length]), length);
                for at in 0..length {
                    for special in (0..0x20).chain([b'"', b'\\']) {
                        let mut bytes = vec![around; length];
                        bytes[at] = special;
                        assert_eq!(plain_length(&bytes), at, "{bytes:?}");
                        // What comes behind it does not count.
                        bytes[length - 1] = special;
                        assert_eq!(plain_length(&bytes), at, "{bytes:?}");
                    }
                }
            }
        }
    }
}
