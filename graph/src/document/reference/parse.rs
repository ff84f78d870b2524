//! Text to references, paths and templates.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use statewright_types::json::decode_string;
use statewright_types::suggest::did_you_mean;
use statewright_types::{Help, Span};

use super::{
    BRACKET_DEPTH, Head, Index, KeyValue, LOOP_VALUES, Path, Reference, ReferenceError, Scheme, Step, VIEWER_VALUES,
};
use crate::document::model::TemplatePart;

type Parsed<T> = Result<T, ReferenceError>;
/// Makes the texts of what is read; those who read much let equal ones share memory.
pub(in crate::document) type Texts<'t> = &'t dyn Fn(&str) -> Arc<str>;

/// Every text has memory of its own.
const EACH: Texts<'static> = &|text| text.into();

/// Bytes that end a name; all of them are characters.
fn is_structural(byte: u8) -> bool {
    matches!(byte, b'.' | b'[' | b']' | b':' | b'"' | b'{' | b'}')
}

/// What comes before the first character that ends a name.
fn before_structure(text: &str) -> &str {
    let end = text.bytes().position(is_structural).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

/// Whether a text begins or ends with a space.
pub(in crate::document) fn is_spaced(text: &str) -> bool {
    text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace)
}

fn error<T>(offset: usize, message: impl Into<String>, help: impl Into<Help>) -> Parsed<T> {
    Err(ReferenceError { message: message.into(), help: help.into(), offset })
}

impl Reference {
    /// Reads a reference that begins with a scheme, such as `node:find:player.Hand[0]`. `span` is where the text
    /// stands in its document.
    pub fn parse(text: &str, span: Span) -> Parsed<Reference> {
        Reader::new(text, span, EACH).reference()
    }

    /// The same, with the scheme that [`Scheme::of`] has found, and texts that `texts` makes.
    pub(in crate::document) fn parse_with(
        text: &str,
        scheme: (Scheme, usize),
        span: Span,
        texts: Texts<'_>,
    ) -> Parsed<Reference> {
        Reader::new(text, span, texts).reference_of(scheme)
    }

    /// Reads the text of `{"source": "…"}`: a reference, or without a scheme the short form `ID:OUTPUT`.
    pub fn parse_source(text: &str, span: Span) -> Parsed<Reference> {
        if Scheme::of(text).is_some() {
            return Reference::parse(text, span);
        }
        let mut reader = Reader::new(text, span, EACH);
        if !text.split('[').next().is_some_and(|head| head.contains(':')) {
            return error(
                0,
                format!("`{text}` is no reference"),
                "begin it with `param:`, `node:`, `state:` or another scheme, or write `ID:OUTPUT` for a node's output",
            );
        }
        let head = reader.output()?;
        reader.finish(Scheme::Node, head)
    }
}

impl Path {
    /// Reads a state path, such as `Players[param:id:ID].Score`.
    pub fn parse(text: &str) -> Parsed<Path> {
        if let Some((scheme, length)) = Scheme::of(text) {
            let help = match scheme {
                Scheme::State | Scheme::Base => format!("write `{}`", text.get(length..).unwrap_or("")),
                _ => "begin the path with a root type, a field of the state, an alias or a variable".to_owned(),
            };
            return error(0, format!("a path has no scheme, but this one begins with `{}`", scheme.prefix()), help);
        }
        let mut reader = Reader::new(text, Span::default(), EACH);
        let head = reader.name("a path")?;
        let steps = reader.steps()?;
        Ok(Path { head, steps, text: text.into() })
    }
}

/// Reads a template: text with `{{reference}}` in it, `{{{{` for two braces.
pub fn parse_template(text: &str, span: Span) -> Parsed<Vec<TemplatePart>> {
    pieces(text)?
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => Ok(TemplatePart::Text(text.into())),
            Piece::Value(range) => {
                let mut reader = Reader::new(text.get(range.clone()).unwrap_or(""), span, EACH);
                reader.base = range.start;
                reader.reference_or_bare().map(TemplatePart::Value)
            }
        })
        .collect()
}

/// A piece of a template: literal text, or the bytes between the braces without the spaces around them.
pub(super) enum Piece {
    Text(String),
    Value(Range<usize>),
}

/// Cuts a template.
pub(super) fn pieces(text: &str) -> Parsed<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(open) = rest.find("{{") else {
            literal.push_str(rest);
            break;
        };
        literal.push_str(rest.get(..open).unwrap_or(""));
        at += open;
        if text.get(at..at + 4) == Some("{{{{") {
            literal.push_str("{{");
            at += 4;
            continue;
        }
        let close = closing_braces(text, at + 2).ok_or_else(|| ReferenceError {
            message: "`{{` is not closed".to_owned(),
            help: "close it with `}}`, or write `{{{{` for two braces as text".into(),
            offset: at,
        })?;
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        let inside = text.get(at + 2..close).unwrap_or("");
        let start = close - inside.trim_start().len();
        pieces.push(Piece::Value(start..start + inside.trim().len()));
        at = close + 2;
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

/// Where the `}}` is that ends what begins at `from`; those in brackets do not count.
fn closing_braces(text: &str, from: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = from;
    loop {
        match text.as_bytes().get(at)? {
            b'"' if depth > 0 => at = decode_string(text, at).ok()?.1,
            b'[' => {
                depth += 1;
                at += 1;
            }
            b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'}' if depth == 0 && text.as_bytes().get(at + 1) == Some(&b'}') => return Some(at),
            _ => at += 1,
        }
    }
}

/// Reads one reference or path. `text` may be a part of a longer one that begins `base` bytes before it.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    base: usize,
    span: Span,
    depth: usize,
    texts: Texts<'a>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, span: Span, texts: Texts<'a>) -> Reader<'a> {
        Reader { text, at: 0, base: 0, span, depth: 0, texts }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn error<T>(&self, message: impl Into<String>, help: impl Into<Help>) -> Parsed<T> {
        error(self.base + self.at, message, help)
    }

    fn finish(&mut self, scheme: Scheme, head: Head) -> Parsed<Reference> {
        let steps = self.steps()?;
        Ok(Reference { scheme, head, steps, span: self.span, text: (self.texts)(self.text) })
    }

    /// A reference with a scheme, to the end of the text.
    fn reference(&mut self) -> Parsed<Reference> {
        let Some((scheme, length)) = Scheme::of(self.text) else {
            return self.error(format!("`{}` begins with no known scheme", self.text), schemes_help());
        };
        self.reference_of((scheme, length))
    }

    /// What follows the scheme, whose prefix takes so many bytes.
    fn reference_of(&mut self, (scheme, length): (Scheme, usize)) -> Parsed<Reference> {
        self.at = length;
        let head = match scheme {
            Scheme::Node => self.output()?,
            Scheme::Loop => self.loop_head()?,
            Scheme::Viewer => {
                let offset = self.at;
                let name = self.name("`viewer:`")?;
                if !VIEWER_VALUES.contains(&&*name) {
                    return error(
                        self.base + offset,
                        format!("`viewer:{name}` does not exist"),
                        did_you_mean(&name, VIEWER_VALUES)
                            .unwrap_or_else(|| "write `viewer:id`, `viewer:team` or `viewer:host`".into()),
                    );
                }
                Head::Name(name)
            }
            Scheme::Config => {
                let group = self.name("`config:`")?;
                if !self.rest().starts_with('.') {
                    return self.error("a config reference lacks its field", "write `config:GROUP.FIELD`");
                }
                self.at += 1;
                Head::Config { group, field: self.name("`config:GROUP.`")? }
            }
            _ => Head::Name(self.name(format_args!("`{}`", scheme.prefix()))?),
        };
        self.finish(scheme, head)
    }

    /// A reference with a scheme, or a bare name with steps.
    fn reference_or_bare(&mut self) -> Parsed<Reference> {
        if Scheme::of(self.text).is_some() {
            return self.reference();
        }
        let head = Head::Name(self.name("a reference")?);
        if self.rest().starts_with(':') {
            let word = self.text.get(..self.at).unwrap_or("");
            return error(self.base, format!("`{word}:` is no known scheme"), schemes_help());
        }
        self.finish(Scheme::Bare, head)
    }

    /// Where the next colon is, if no bracket comes before it.
    fn colon(&self) -> Option<usize> {
        let rest = self.rest().as_bytes();
        rest.iter().position(|byte| matches!(byte, b':' | b'[')).filter(|at| rest.get(*at) == Some(&b':'))
    }

    /// `ID:OUTPUT`
    fn output(&mut self) -> Parsed<Head> {
        let Some(colon) = self.colon() else {
            return self.error("a reference to a node lacks the output", "write `node:ID:OUTPUT`");
        };
        let node = self.id(colon)?;
        let output = self.name(format_args!("`node:{node}:`"))?;
        Ok(Head::Output { node, output })
    }

    /// `item`, or `ID:item`
    fn loop_head(&mut self) -> Parsed<Head> {
        let node = self.colon().map(|colon| self.id(colon)).transpose()?;
        let offset = self.at;
        let what = self.name("`loop:`")?;
        if !LOOP_VALUES.contains(&&*what) {
            return error(
                self.base + offset,
                format!("a loop has no value `{what}`"),
                did_you_mean(&what, LOOP_VALUES).unwrap_or_else(|| LOOPS_HELP.into()),
            );
        }
        Ok(Head::Loop { node, what })
    }

    /// A node id of `length` bytes, and the colon behind it.
    fn id(&mut self, length: usize) -> Parsed<Arc<str>> {
        let id = self.rest().get(..length).unwrap_or("");
        if id.is_empty() || is_spaced(id) {
            return self
                .error("a node id is missing before the colon", "write `node:ID:OUTPUT` without spaces around the id");
        }
        self.at += length + 1;
        Ok((self.texts)(id))
    }

    /// A name: everything up to a character that means something.
    fn name(&mut self, after: impl fmt::Display) -> Parsed<Arc<str>> {
        let rest = self.rest();
        let name = before_structure(rest);
        if name.is_empty() {
            let found = rest.chars().next().map_or("the end".to_owned(), |character| format!("`{character}`"));
            return self.error(
                format!("a name is missing: {found} stands where the name in {after} should be"),
                "a name has no dots, brackets, braces, colons or quotes; write other keys as `[\"key\"]`",
            );
        }
        if is_spaced(name) {
            return self.error(
                format!("the name `{name}` begins or ends with a space"),
                "remove the space; if this is meant as text, write `{\"constant\": \"…\"}`",
            );
        }
        self.at += name.len();
        Ok((self.texts)(name))
    }

    /// Everything up to the end: `.Field` and `[…]`.
    fn steps(&mut self) -> Parsed<Vec<Step>> {
        let mut steps = Vec::new();
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'.' => {
                    self.at += 1;
                    steps.push(Step::Field(self.name("`.Field`")?));
                }
                b'[' => steps.push(Step::Index(self.brackets()?)),
                b':' => {
                    return self.error(
                        "a colon stands where the reference should go on with `.Field` or `[…]`",
                        "a key lookup goes in brackets: `Players[param:id:ID]`",
                    );
                }
                _ => {
                    let found = self.rest().chars().next().unwrap_or(' ');
                    return self.error(
                        format!("`{found}` is in the wrong place"),
                        "a reference goes on with `.Field` or `[…]`",
                    );
                }
            }
        }
        Ok(steps)
    }

    /// The brackets that begin here.
    fn brackets(&mut self) -> Parsed<Index> {
        if self.depth == BRACKET_DEPTH {
            return self.error(
                format!("brackets nest more than {BRACKET_DEPTH} deep"),
                "compute the inner value with a node and refer to its output",
            );
        }
        let open = self.at;
        let mut colons = Vec::new();
        let mut depth = 0usize;
        self.at += 1;
        let start = self.at;
        loop {
            match self.text.as_bytes().get(self.at) {
                None => return error(self.base + open, "`[` is not closed", "close it with `]`"),
                Some(b'"') => {
                    self.at = decode_string(self.text, self.at)
                        .map_or_else(|bad| error(self.base + bad.start, bad.message, bad.help), |(_, end)| Ok(end))?;
                    continue;
                }
                Some(b'[') => depth += 1,
                Some(b']') if depth == 0 => break,
                Some(b']') => depth -= 1,
                Some(b':') if depth == 0 => colons.push(self.at - start),
                Some(_) => {}
            }
            self.at += 1;
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        self.at += 1;
        let inside =
            Inside { text, colons, base: self.base + start, span: self.span, depth: self.depth + 1, texts: self.texts };
        inside.index()
    }
}

/// What stands between brackets.
struct Inside<'a> {
    text: &'a str,
    /// Where colons stand that are in no inner brackets and no quotes.
    colons: Vec<usize>,
    base: usize,
    span: Span,
    depth: usize,
    texts: Texts<'a>,
}

impl<'a> Inside<'a> {
    fn error<T>(&self, message: impl Into<String>) -> Parsed<T> {
        let help = "brackets hold an index `[3]`, a key `[\"text\"]`, a reference `[param:x]`, or a lookup by key field `[param:x:ID]`";
        error(self.base, message, help)
    }

    /// A reader of the first `end` bytes.
    fn reader(&self, end: usize) -> Reader<'a> {
        let text = self.text.get(..end).unwrap_or("");
        Reader { text, at: 0, base: self.base, span: self.span, depth: self.depth, texts: self.texts }
    }

    /// The key field behind the colon at `colon`.
    fn key_field(&self, colon: usize) -> Parsed<Arc<str>> {
        let mut reader = self.reader(self.text.len());
        reader.at = colon + 1;
        let field = reader.name("a lookup by key field")?;
        if reader.rest().is_empty() {
            Ok(field)
        } else {
            reader.error(
                "something follows the key field",
                "write `[param:x:KeyField]`, and what comes next behind the bracket",
            )
        }
    }

    fn index(&self) -> Parsed<Index> {
        match self.text.as_bytes().first() {
            None => self.error("the brackets are empty"),
            Some(b'"') => self.text_index(),
            Some(b'-' | b'0'..=b'9') => self.int_index(),
            Some(_) => self.reference_index(),
        }
    }

    fn text_index(&self) -> Parsed<Index> {
        let (text, end) = match decode_string(self.text, 0) {
            Ok(decoded) => decoded,
            Err(bad) => return error(self.base + bad.start, bad.message, bad.help),
        };
        let text: Arc<str> = text.into();
        match self.text.as_bytes().get(end) {
            None => Ok(Index::Text(text)),
            Some(b':') => Ok(Index::Key { value: KeyValue::Text(text), field: self.key_field(end)? }),
            Some(_) => self.error("something follows the text in the brackets"),
        }
    }

    fn int_index(&self) -> Parsed<Index> {
        let end = self.colons.first().copied().unwrap_or(self.text.len());
        let digits = self.text.get(..end).unwrap_or("");
        let Ok(value) = digits.parse::<i64>() else {
            return self.error(format!("`{digits}` is no index"));
        };
        match self.colons.first() {
            None => Ok(Index::Int(value)),
            Some(&colon) => Ok(Index::Key { value: KeyValue::Int(value), field: self.key_field(colon)? }),
        }
    }

    /// A reference, or with one colon more than it needs a lookup by the field behind the last one.
    fn reference_index(&self) -> Parsed<Index> {
        let needed = match Scheme::of(self.text) {
            None => 0,
            Some((Scheme::Node, _)) => 2,
            Some((Scheme::Loop, length)) if !self.names_loop_value(length) => 2,
            Some(_) => 1,
        };
        let count = self.colons.len();
        match self.colons.last() {
            Some(&colon) if count == needed + 1 => {
                let reference = self.reader(colon).reference_or_bare()?;
                Ok(Index::Key { value: KeyValue::Reference(Box::new(reference)), field: self.key_field(colon)? })
            }
            _ if count > needed + 1 && needed > 0 => self.error(format!("`{}` has too many colons", self.text)),
            _ => {
                self.reader(self.text.len()).reference_or_bare().map(|reference| Index::Reference(Box::new(reference)))
            }
        }
    }

    /// Whether what follows `loop:` is a value and no node id: `[loop:item:ID]` is a lookup by ID, and
    /// `[loop:each:item]` the item of the loop `each`.
    fn names_loop_value(&self, length: usize) -> bool {
        let rest = self.text.get(length..).unwrap_or("");
        LOOP_VALUES.contains(&before_structure(rest))
    }
}

const LOOPS_HELP: &str =
    "write `loop:item`, `loop:index`, `loop:key`, `loop:value` or `loop:acc`, for an outer loop `loop:NODEID:item`";

fn schemes_help() -> String {
    let prefixes: Vec<String> = Scheme::PREFIXES
        .iter()
        .filter(|(prefix, scheme)| scheme.prefix() == *prefix)
        .map(|(prefix, _)| format!("`{prefix}`"))
        .collect();
    format!("the schemes are {}", prefixes.join(", "))
}
