//! Text to tree.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::codes;
use super::string;
use super::tree::{Entry, Kind, NodeData, NodeId, Tree};
use crate::interner::Interner;
use crate::name::same;
use crate::{Diagnostic, Limits, Span};

/// Numbers of this many bytes without an exponent fit binary64 (its largest has 309 digits).
const SURELY_FINITE_BYTES: usize = 300;
/// Bytes of text for a value, a key and a string that is not there yet, about: there is room for so many from the start.
const BYTES_A_NODE: usize = 12;
const BYTES_A_KEY: usize = 16;
const BYTES_A_NEW_STRING: usize = 48;
/// Objects up to this size are searched for duplicate keys by comparing all pairs.
const FEW_ENTRIES: usize = 8;

/// Reads a JSON text. The first thing that is wrong is the diagnostic.
pub fn parse(text: impl Into<Arc<str>>) -> Result<Tree, Diagnostic> {
    let text: Arc<str> = text.into();
    if text.len() > Limits::FILE_BYTES {
        let message = format!("the text has {} bytes, more than the {} allowed", text.len(), Limits::FILE_BYTES);
        return Err(Diagnostic::error(codes::SIZE, Span::default(), message).help("split it into smaller documents"));
    }
    if text.starts_with('\u{feff}') {
        let span = Span::new(0, '\u{feff}'.len_utf8());
        return Err(Diagnostic::error(codes::BYTE_ORDER_MARK, span, "the text begins with a byte order mark")
            .help("save the file as UTF-8 without a byte order mark (BOM)")
            .fix(span, ""));
    }
    let mut parser = Parser {
        text: &text,
        at: 0,
        depth: 0,
        nodes: Vec::with_capacity(text.len() / BYTES_A_NODE),
        elements: Vec::new(),
        entries: Vec::with_capacity(text.len() / BYTES_A_KEY),
        open_elements: Vec::new(),
        open_entries: Vec::new(),
        known: Interner::with_capacity(text.len() / BYTES_A_NEW_STRING),
    };
    parser.document()?;
    let Parser { nodes, elements, entries, known, .. } = parser;
    Ok(Tree { text, nodes, elements, entries, known })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    nodes: Vec<NodeData>,
    elements: Vec<NodeId>,
    entries: Vec<Entry>,
    /// Elements of the arrays that are not closed yet, outer before inner.
    open_elements: Vec<NodeId>,
    /// Entries of the objects that are not closed yet, outer before inner.
    open_entries: Vec<Entry>,
    /// Keys and strings, so that equal ones share memory.
    known: Interner,
}

type Parsed<T> = Result<T, Diagnostic>;

impl Parser<'_> {
    fn document(&mut self) -> Parsed<()> {
        self.skip_whitespace();
        if self.peek().is_none() {
            return Err(self
                .error(codes::SYNTAX, "the text is empty")
                .help("a JSON document is one value, such as `{}`"));
        }
        self.value()?;
        self.skip_whitespace();
        match self.peek() {
            None => Ok(()),
            Some(b'/') => Err(self.comment()),
            Some(_) => Err(self
                .error(codes::TRAILING, format!("{} follows the end of the document", self.found()))
                .help("a JSON document is one value; remove what follows it, or check for a bracket closed too early")),
        }
    }

    fn value(&mut self) -> Parsed<NodeId> {
        match self.peek() {
            Some(b'{') => self.container::<true>(),
            Some(b'[') => self.container::<false>(),
            Some(b'"') => {
                let start = self.at;
                let number = self.string()?;
                Ok(self.leaf(Kind::String, start, number))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => self.word(),
            _ => Err(self.no_value()),
        }
    }

    #[inline]
    fn leaf(&mut self, kind: Kind, start: usize, first: u32) -> NodeId {
        let id = NodeId(count(self.nodes.len()));
        self.nodes.push(NodeData { kind, span: Span::new(start, self.at), first, count: 0 });
        id
    }

    /// An array or object: brackets, commas, and what stands between them.
    fn container<const IS_OBJECT: bool>(&mut self) -> Parsed<NodeId> {
        let (kind, close) = if IS_OBJECT { (Kind::Object, b'}') } else { (Kind::Array, b']') };
        let start = self.at;
        if self.depth == Limits::JSON_DEPTH {
            let message = format!("arrays and objects nest more than {} deep", Limits::JSON_DEPTH);
            return Err(self.error(codes::DEPTH, message).help("flatten the structure"));
        }
        self.depth += 1;
        self.at += 1;
        let id = self.leaf(kind, start, 0);
        let (elements, entries) = (self.open_elements.len(), self.open_entries.len());
        self.skip_whitespace();
        if self.peek() == Some(close) {
            self.at += 1;
        } else {
            loop {
                if IS_OBJECT {
                    self.entry()?;
                } else {
                    self.element()?;
                }
                self.skip_whitespace();
                match self.peek() {
                    Some(b',') => {
                        let comma = self.at;
                        self.at += 1;
                        self.skip_whitespace();
                        if self.peek() == Some(close) {
                            let span = Span::new(comma, comma + 1);
                            return Err(Diagnostic::error(
                                codes::NOT_JSON,
                                span,
                                format!("a comma before `{}`", close as char),
                            )
                            .help("remove the comma; JSON has no trailing commas")
                            .fix(span, ""));
                        }
                    }
                    Some(byte) if byte == close => {
                        self.at += 1;
                        break;
                    }
                    _ => return Err(self.no_separator(kind, start, close)),
                }
            }
        }
        self.depth -= 1;
        self.close(id, start, elements, entries)?;
        Ok(id)
    }

    /// Moves the items above `elements` and `entries` to where the tree keeps them.
    fn close(&mut self, id: NodeId, start: usize, elements: usize, entries: usize) -> Parsed<()> {
        let span = Span::new(start, self.at);
        let Some(node) = self.nodes.get_mut(id.0 as usize) else { return Ok(()) };
        node.span = span;
        match node.kind {
            Kind::Object => {
                node.first = count(self.entries.len());
                node.count = count(self.open_entries.len() - entries);
                self.entries.extend(self.open_entries.drain(entries..));
                let added = self.entries.get(node.first as usize..).unwrap_or(&[]);
                if let Some(entry) = duplicate(added) {
                    let message = format!("the key {} occurs twice in this object", super::quote(&entry.key));
                    return Err(Diagnostic::error(codes::DUPLICATE_KEY, entry.key_span, message)
                        .help("remove or rename one of the two"));
                }
            }
            _ => {
                node.first = count(self.elements.len());
                node.count = count(self.open_elements.len() - elements);
                self.elements.extend_from_slice(self.open_elements.get(elements..).unwrap_or(&[]));
                self.open_elements.truncate(elements);
            }
        }
        Ok(())
    }

    #[inline]
    fn element(&mut self) -> Parsed<()> {
        if self.peek() == Some(b',') {
            return Err(self.stray_comma("a value"));
        }
        let value = self.value()?;
        self.open_elements.push(value);
        Ok(())
    }

    #[inline]
    fn entry(&mut self) -> Parsed<()> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {}
            Some(b'\'') => return Err(self.single_quote()),
            Some(b'/') => return Err(self.comment()),
            Some(b',') => return Err(self.stray_comma("a key")),
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' => return Err(self.bare_key()),
            _ => {
                return Err(self
                    .error(codes::SYNTAX, format!("{} stands where a key should be", self.found()))
                    .help("an object is a list of `\"key\": value` entries with commas between them"));
            }
        }
        let key = self.string()?;
        let key = self.known.text(key).cloned().unwrap_or_default();
        let key_span = Span::new(start, self.at);
        self.skip_whitespace();
        if self.peek() != Some(b':') {
            return Err(self
                .error(codes::SYNTAX, format!("{} stands where the colon after a key should be", self.found()))
                .help(format!("write `:` and a value after {}", super::quote(&key))));
        }
        self.at += 1;
        self.skip_whitespace();
        let value = self.value()?;
        self.open_entries.push(Entry { key, key_span, value });
        Ok(())
    }

    /// The number of the string that begins here.
    #[inline]
    fn string(&mut self) -> Parsed<u32> {
        // Most have no escapes.
        let start = self.at + 1;
        let end = start + string::plain_length(self.text.as_bytes().get(start..).unwrap_or(&[]));
        match (self.text.as_bytes().get(end), self.text.get(start..end)) {
            (Some(b'"'), Some(text)) => {
                self.at = end + 1;
                Ok(self.known.number(text))
            }
            _ => self.escaped_string(),
        }
    }

    /// One with escapes, or none.
    #[cold]
    #[inline(never)]
    fn escaped_string(&mut self) -> Parsed<u32> {
        match string::decode(self.text, self.at) {
            Ok((text, end)) => {
                self.at = end;
                Ok(self.known.number(&text))
            }
            Err(error) => {
                let (start, end) = (error.start, error.end);
                let quote = self.closing_quote(end).filter(|_| start == self.at);
                let diagnostic =
                    Diagnostic::error(codes::STRING, Span::new(start, end), error.message).help(error.help);
                Err(quote.into_iter().fold(diagnostic, |diagnostic, at| diagnostic.fix(at, "\"")))
            }
        }
    }

    fn number(&mut self) -> Parsed<NodeId> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let leading = self.at;
        let whole = self.digits();
        if whole == 0 {
            return Err(self.bad_number(start, "a number lacks its digits"));
        }
        if whole > 1 && self.text.as_bytes().get(leading) == Some(&b'0') {
            let digits = self.text.get(leading..self.at).unwrap_or("");
            let zeros = digits.len() - digits.trim_start_matches('0').len();
            let zeros = Span::new(leading, leading + zeros.min(whole - 1));
            return Err(self.bad_number(start, "a number begins with 0").fix(zeros, ""));
        }
        let mut exponent = false;
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.bad_number(start, "a number lacks digits after its point"));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            exponent = true;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.bad_number(start, "a number lacks digits in its exponent"));
            }
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(self.bad_number(start, "letters follow a number"));
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        let sure = !exponent && text.len() <= SURELY_FINITE_BYTES;
        if !sure && !text.parse::<f64>().is_ok_and(f64::is_finite) {
            let span = Span::new(start, self.at);
            return Err(Diagnostic::error(codes::NUMBER, span, "the number is too large")
                .help("the largest number is about 1.8e308; write it as a string if it is no quantity"));
        }
        Ok(self.leaf(Kind::Number, start, 0))
    }

    /// Skips digits and counts them.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self) -> Parsed<NodeId> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or("");
        let kind = match word {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ => {
                let span = Span::new(start, self.at);
                let diagnostic = Diagnostic::error(codes::NOT_JSON, span, format!("`{word}` is no JSON value"));
                let right = match word {
                    "True" | "TRUE" => "true",
                    "False" | "FALSE" => "false",
                    "None" | "nil" | "NULL" | "Null" | "undefined" => "null",
                    _ => {
                        return Err(
                            diagnostic.help("put text in double quotes; the words of JSON are true, false and null")
                        );
                    }
                };
                return Err(diagnostic.help(format!("write `{right}`")).fix(span, right));
            }
        };
        Ok(self.leaf(kind, start, 0))
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}

/// Messages.
impl Parser<'_> {
    /// An error at the next character.
    fn error(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        let width = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Diagnostic::error(code, Span::new(self.at, self.at + width), message)
    }

    /// The next character, for messages.
    fn found(&self) -> String {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => "the end of the text".to_owned(),
            // A quote would be shown escaped.
            Some('"') => "`\"`".to_owned(),
            Some(character) => format!("`{}`", character.escape_debug()),
        }
    }

    fn bad_number(&self, start: usize, message: &str) -> Diagnostic {
        let end = (self.at + 1).min(self.text.len());
        let end = (end..=self.text.len()).find(|&end| self.text.is_char_boundary(end)).unwrap_or(start);
        Diagnostic::error(codes::NUMBER, Span::new(start, end), message)
            .help("numbers look like `12`, `-0.5` or `1e9`; put anything else in double quotes")
    }

    fn single_quote(&self) -> Diagnostic {
        let diagnostic = self.error(codes::NOT_JSON, "a single quote").help("JSON strings have double quotes");
        let rest = self.text.get(self.at + 1..).unwrap_or("");
        match rest.find(['\'', '"', '\\', '\n', '\r']) {
            Some(length) if rest.as_bytes().get(length) == Some(&b'\'') => {
                let span = Span::new(self.at, self.at + length + 2);
                diagnostic.fix(span, super::quote(rest.get(..length).unwrap_or("")))
            }
            _ => diagnostic,
        }
    }

    fn bare_key(&self) -> Diagnostic {
        let rest = self.text.get(self.at..).unwrap_or("");
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-');
        let length = rest.bytes().take_while(|byte| inside(*byte)).count();
        let diagnostic = self.error(codes::NOT_JSON, "a key without quotes").help("put the key in double quotes");
        if !rest.get(length..).is_some_and(|rest| rest.trim_start().starts_with(':')) {
            return diagnostic;
        }
        let key = super::quote(rest.get(..length).unwrap_or(""));
        diagnostic.fix(Span::new(self.at, self.at + length), key)
    }

    fn stray_comma(&self, wanted: &str) -> Diagnostic {
        self.error(codes::SYNTAX, format!("`,` stands where {wanted} should be"))
            .help("remove the comma, or what is missing before it")
            .fix(Span::new(self.at, self.at + 1), "")
    }

    /// An unclosed string's fix: a quote before the comma at the end of the line.
    fn closing_quote(&self, end: usize) -> Option<Span> {
        let rest = self.text.get(end..)?;
        let line = self.text.get(self.at + 1..end)?.trim_end();
        let comma = line.strip_suffix(',').filter(|text| rest.starts_with(['\n', '\r']) && !text.ends_with('\\'))?;
        let at = self.at + 1 + comma.len();
        Some(Span::new(at, at))
    }

    fn comment(&self) -> Diagnostic {
        match self.text.as_bytes().get(self.at + 1) {
            Some(b'/' | b'*') => self
                .error(codes::NOT_JSON, "a comment")
                .help("JSON has no comments; a node may carry its comment as `\"_comment\"`"),
            _ => self.error(codes::SYNTAX, "`/` stands where a value should be").help("remove it"),
        }
    }

    fn no_value(&self) -> Diagnostic {
        match self.peek() {
            Some(b'\'') => self.single_quote(),
            Some(b'/') => self.comment(),
            _ => self
                .error(codes::SYNTAX, format!("{} stands where a value should be", self.found()))
                .help("a value is a string, a number, true, false, null, `[…]` or `{…}`"),
        }
    }

    /// Whether another item surely begins here: an entry's key and colon, or a value.
    fn at_item(&self, kind: Kind) -> bool {
        let behind = || {
            let (_, end) = string::decode(self.text, self.at).ok()?;
            self.text.get(end..).map(str::trim_start)
        };
        match self.peek() {
            Some(b'"') if kind == Kind::Object => behind().is_some_and(|rest| rest.starts_with(':')),
            Some(b'"') => behind().is_some_and(|rest| rest.starts_with([',', ']', '"'])),
            Some(b'{' | b'[' | b'-' | b'0'..=b'9') => kind == Kind::Array,
            _ => false,
        }
    }

    fn no_separator(&self, kind: Kind, start: usize, close: u8) -> Diagnostic {
        if self.peek() == Some(b'/') {
            return self.comment();
        }
        let close = close as char;
        if self.peek().is_none() {
            let (line, column) = Span::line_column(self.text, count(start));
            let message = format!("the text ends inside {}", kind.noun());
            return self
                .error(codes::SYNTAX, message)
                .help(format!("close the bracket opened at line {line}, column {column} with `{close}`"));
        }
        let diagnostic = self
            .error(codes::SYNTAX, format!("{} stands where `,` or `{close}` should be", self.found()))
            .help(format!("put `,` between the items of {}, or close it with `{close}`", kind.noun()));
        if !self.at_item(kind) {
            return diagnostic;
        }
        let end = self.text.get(..self.at).map_or(self.at, |before| before.trim_end().len());
        diagnostic.fix(Span::new(end, end), ",")
    }
}

/// The second of the first two entries with the same key.
fn duplicate(entries: &[Entry]) -> Option<&Entry> {
    if entries.len() <= FEW_ENTRIES {
        let earlier = |index: usize| entries.iter().take(index);
        return entries
            .iter()
            .enumerate()
            .find(|(index, entry)| earlier(*index).any(|other| same(&other.key, &entry.key)))
            .map(|(_, entry)| entry);
    }
    let mut seen = BTreeSet::new();
    entries.iter().find(|entry| !seen.insert(&*entry.key))
}

/// Everything counted here is at most the text's length, far below 4 GiB.
fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
