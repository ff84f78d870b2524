//! Text to tokens. Newlines are tokens: a field ends with its line.

use crate::{Diagnostic, Span};

use crate::schema::codes;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A run of other characters: a name, a type, a keyword.
    Word,
    /// `@name`, with or without `(…)` right behind it.
    Annotation,
    /// `// …` or `# …` to the end of the line.
    Comment,
    /// The end of a line; two in a row are a blank line.
    Newline,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `:`
    Colon,
    /// `,` or `;`
    Comma,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// Splits `text`. Every byte that is no white space belongs to one token.
pub(crate) fn tokens(text: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    if lexer.rest().starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while let Some(character) = lexer.peek() {
        let start = lexer.at;
        let kind = match character {
            '\n' => lexer.one(Kind::Newline),
            space if space.is_whitespace() => {
                lexer.at += space.len_utf8();
                continue;
            }
            '{' => lexer.one(Kind::Open),
            '}' => lexer.one(Kind::Close),
            ':' => lexer.one(Kind::Colon),
            ',' | ';' => lexer.one(Kind::Comma),
            '@' => lexer.annotation(diagnostics),
            _ if lexer.at_comment() => {
                lexer.skip_line();
                Kind::Comment
            }
            _ => lexer.word(),
        };
        tokens.push(Token { kind, span: Span::new(start, lexer.at) });
    }
    tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn at_comment(&self) -> bool {
        self.rest().starts_with("//") || self.rest().starts_with('#')
    }

    fn one(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or_default();
        self.at += line.strip_suffix('\r').unwrap_or(line).len();
    }

    fn word(&mut self) -> Kind {
        // The first character is no separator, else it would not be a word.
        self.at += self.peek().map_or(0, char::len_utf8);
        while let Some(character) = self.peek() {
            if character.is_whitespace() || "{}:,;@".contains(character) || self.at_comment() {
                break;
            }
            self.at += character.len_utf8();
        }
        Kind::Word
    }

    /// `@`, letters and digits, and `(…)` up to the parenthesis that closes it: quotes hide parentheses.
    fn annotation(&mut self, diagnostics: &mut Vec<Diagnostic>) -> Kind {
        let start = self.at;
        self.at += 1;
        while let Some(character) = self.peek().filter(|c| c.is_alphanumeric() || *c == '_') {
            self.at += character.len_utf8();
        }
        if self.peek() != Some('(') {
            return Kind::Annotation;
        }
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        let line_start = self.at;
        self.skip_line();
        let line = self.text.get(line_start..self.at).unwrap_or_default();
        for (offset, character) in line.char_indices() {
            match character {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => {
                    depth -= 1;
                    if depth == 0 {
                        self.at = line_start + offset + 1;
                        return Kind::Annotation;
                    }
                }
                _ => {}
            }
        }
        let what = if quoted { "a quote" } else { "a parenthesis" };
        let message = format!("{what} is not closed on its line");
        let help = if quoted { "add the closing `\"`" } else { "add the closing `)`" };
        diagnostics.push(Diagnostic::error(codes::SYNTAX, Span::new(start, self.at), message).help(help));
        Kind::Annotation
    }
}
