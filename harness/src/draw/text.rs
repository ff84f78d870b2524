//! Text in pictures: how wide it will be, shortened to a width, broken into lines, escaped.

/// A font of the picture: which widths its letters have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Font {
    /// The sans-serif one.
    Sans,
    /// The sans-serif one, bold.
    Bold,
    /// The one for ids and values.
    Mono,
}

/// Estimated width of `text` at `size` pixels. The estimate leans to the wide side, as the viewer's font is not known.
pub(super) fn width(text: &str, font: Font, size: f64) -> f64 {
    text.chars().map(|letter| glyph(letter, font)).sum::<f64>() * size
}

/// Average width of a letter, in ems.
fn glyph(letter: char, font: Font) -> f64 {
    let code = u32::from(letter);
    let combining = matches!(code, 0x300..=0x36F | 0x200B..=0x200F | 0x20D0..=0x20FF | 0xFE00..=0xFE0F);
    let wide = matches!(code, 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0x1F000..);
    if combining {
        return 0.0;
    }
    if wide {
        return 1.05;
    }
    let sans = match letter {
        'i' | 'j' | 'l' | '|' | '\'' | '.' | ',' | ':' | ';' | '!' => 0.28,
        ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' | '`' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' => 0.90,
        'A'..='Z' | '<' | '>' | '=' | '+' | '&' | '#' | '~' => 0.69,
        'a'..='z' | '0'..='9' | '_' | '"' | '$' | '?' | '*' | '{' | '}' => 0.565,
        _ => 0.68,
    };
    match font {
        Font::Sans => sans,
        Font::Bold => sans * 1.07,
        Font::Mono => 0.61,
    }
}

/// `text` on one line, cut to `limit` pixels with an ellipsis at its end.
pub(super) fn fit(text: &str, font: Font, size: f64, limit: f64) -> String {
    let line = one_line(text);
    if width(&line, font, size) <= limit {
        return line;
    }
    let mut room = limit - width("…", font, size);
    let mut cut = String::new();
    for letter in line.chars() {
        room -= glyph(letter, font) * size;
        if room < 0.0 {
            break;
        }
        cut.push(letter);
    }
    let mut cut = cut.trim_end().to_owned();
    cut.push('…');
    cut
}

/// `text` cut to `limit` letters, the ellipsis among them.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= limit {
        return line;
    }
    let mut cut: String = line.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Control characters and runs of white space become single spaces.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for letter in text.trim().chars() {
        if !letter.is_whitespace() && !letter.is_control() {
            line.push(letter);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

/// `text` in at most `lines` lines of `limit` pixels; the last one is cut.
pub(super) fn wrap(text: &str, font: Font, size: f64, limit: f64, lines: usize) -> Vec<String> {
    let line = one_line(text);
    let mut words = line.split(' ').peekable();
    let mut wrapped = Vec::new();
    while wrapped.len() + 1 < lines && words.peek().is_some() {
        let mut current = String::new();
        while let Some(word) = words.peek() {
            let longer = if current.is_empty() { (*word).to_owned() } else { format!("{current} {word}") };
            if !current.is_empty() && width(&longer, font, size) > limit {
                break;
            }
            current = longer;
            words.next();
        }
        wrapped.push(fit(&current, font, size, limit));
    }
    let rest: Vec<&str> = words.collect();
    if !rest.is_empty() {
        wrapped.push(fit(&rest.join(" "), font, size, limit));
    }
    wrapped
}

/// `text` as character data or attribute value of XML 1.0; characters that XML forbids become U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' => escaped.push(letter),
            '\r' => escaped.push_str("&#13;"),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_markup_and_forbidden_characters() {
        assert_eq!(escape("<a b=\"c\">&'\u{0}\u{FFFF}é"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;\u{FFFD}\u{FFFD}é");
    }

    #[test]
    fn fits_the_width_it_was_given() {
        for text in ["", "short", "a rather longer text that cannot fit", "ずっと長い日本語の題名です", "a\n\tb"]
        {
            for limit in [20.0, 60.0, 100.0] {
                let fitted = fit(text, Font::Sans, 12.0, limit);
                assert!(width(&fitted, Font::Sans, 12.0) <= limit, "{fitted:?} is wider than {limit}");
            }
        }
        assert_eq!(fit("short", Font::Sans, 12.0, 100.0), "short");
        assert_eq!(fit("abcdefgh", Font::Mono, 10.0, 25.0), "abc…");
    }

    #[test]
    fn shortens_by_letters() {
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("äbcdefg", 6), "äbcde…");
    }

    #[test]
    fn wraps_at_words_and_cuts_the_last_line() {
        assert_eq!(wrap("one two three four", Font::Mono, 10.0, 50.0, 2), ["one two", "three f…"]);
        assert_eq!(wrap("one", Font::Mono, 10.0, 50.0, 3), ["one"]);
        assert!(wrap("", Font::Mono, 10.0, 50.0, 3).iter().all(String::is_empty));
    }
}
