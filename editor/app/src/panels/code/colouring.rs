//! Which words of a line of code are what: enough for light colours, line by line.

use egui::Color32;
use statewright_editor_core::code::Language;

use crate::theme::Colours;

/// What a part of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Anything else.
    Plain,
    /// A word of the language.
    Keyword,
    /// Text in quotes.
    Text,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// A key of JSON.
    Key,
}

impl Word {
    /// Its colour.
    pub fn colour(self, colours: &Colours) -> Color32 {
        match self {
            Word::Plain => colours.text,
            Word::Keyword => colours.accent,
            Word::Text => colours.added,
            Word::Number => colours.changed,
            Word::Comment => colours.soft,
            Word::Key => colours.accent,
        }
    }
}

const RUST: &[&str] = &[
    "as", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if", "impl", "in", "let", "loop",
    "match", "mod", "move", "mut", "None", "Ok", "Err", "pub", "ref", "return", "self", "Self", "Some", "static",
    "struct", "true", "type", "use", "where", "while",
];
const JAVASCRIPT: &[&str] = &[
    "break",
    "case",
    "class",
    "const",
    "continue",
    "default",
    "else",
    "export",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "new",
    "null",
    "of",
    "return",
    "switch",
    "this",
    "throw",
    "true",
    "undefined",
    "while",
];
const IR: &[&str] = &[
    "handler", "function", "filter", "effect", "module", "jump", "branch", "return", "param", "schema", "true",
    "false", "null", "switch", "trap",
];
const JSON: &[&str] = &["true", "false", "null"];

/// The parts of a line, in order; together they are the line.
pub fn parts(line: &str, language: Language) -> Vec<(Word, &str)> {
    let (keywords, comment) = match language {
        Language::Json => (JSON, None),
        Language::Ir => (IR, Some(";")),
        Language::Rust => (RUST, Some("//")),
        Language::JavaScript => (JAVASCRIPT, Some("//")),
    };
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (word, length) = if comment.is_some_and(|comment| rest.starts_with(comment)) {
            (Word::Comment, rest.len())
        } else if first == '"' || (first == '\'' && language == Language::JavaScript) {
            let length = quoted(rest, first);
            let is_key = language == Language::Json
                && rest.get(length..).is_some_and(|behind| behind.trim_start().starts_with(':'));
            (if is_key { Word::Key } else { Word::Text }, length)
        } else if first.is_ascii_digit() {
            (Word::Number, run(rest, |letter| letter.is_ascii_alphanumeric() || letter == '.' || letter == '_'))
        } else if first.is_alphabetic() || first == '_' {
            let length = run(rest, |letter| letter.is_alphanumeric() || letter == '_');
            let is_keyword = rest.get(..length).is_some_and(|word| keywords.contains(&word));
            (if is_keyword { Word::Keyword } else { Word::Plain }, length)
        } else {
            let is_other = |letter: char| {
                !letter.is_alphanumeric()
                    && letter != '_'
                    && letter != '"'
                    && letter != '\''
                    && letter != '/'
                    && letter != ';'
            };
            (Word::Plain, run(rest, is_other).max(first.len_utf8()))
        };
        let (part, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        parts.push((word, part));
        rest = behind;
    }
    parts
}

/// Bytes of what is in quotes, with them.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if letter == quote => return at + letter.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Bytes until the first letter that is something else.
fn run(text: &str, is_in: impl Fn(char) -> bool) -> usize {
    text.char_indices().find(|(_, letter)| !is_in(*letter)).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_and_nothing_is_lost() {
        let kinds = |line: &str, language| {
            let parts = parts(line, language);
            assert_eq!(parts.iter().map(|(_, part)| *part).collect::<String>(), line);
            parts.into_iter().filter(|(word, _)| *word != Word::Plain).map(|(word, _)| word).collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(r#"  {"a\"b": "x", "n": -1.5e3, "t": true}"#, Language::Json),
            [Word::Key, Word::Text, Word::Key, Word::Number, Word::Key, Word::Keyword]
        );
        assert_eq!(kinds("let x = \"// no\"; // yes", Language::Rust), [Word::Keyword, Word::Text, Word::Comment]);
        assert_eq!(kinds("const s = 'it';", Language::JavaScript), [Word::Keyword, Word::Text]);
        for line in ["\"open", "é/ö\"", "", "'", "/", "\\", ";;"] {
            for language in Language::ALL {
                kinds(line, language);
            }
        }
    }
}
