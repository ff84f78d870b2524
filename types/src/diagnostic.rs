//! What is wrong with an input, as data: a stable code, a place, a message that says what is wrong and a help
//! that says what to do.

use std::fmt;
use std::sync::Arc;

use crate::repair::{Help, Repair};

/// Bytes `start..end` of a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets; offsets above 4 GiB saturate (inputs are capped far below).
    pub fn new(start: usize, end: usize) -> Span {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: clamp(start), end: clamp(end) }
    }

    /// The span as a range of indices.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Line and column of `offset` in `text`, both from 1; columns count Unicode scalar values.
    pub fn line_column(text: &str, offset: u32) -> (usize, usize) {
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// It runs, but probably not as meant.
    Warning,
    /// It does not run.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// Where in a document something is, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// Handler, function, filter or effect.
    pub handler: Option<Arc<str>>,
    /// Node id.
    pub node: Option<Arc<str>>,
    /// Port name.
    pub port: Option<Arc<str>>,
}

/// A replacement of text. Those of one diagnostic together mend the problem; they never overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What to replace.
    pub span: Span,
    /// What to put there.
    pub text: String,
}

/// One finding about one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `E…` or `W…`, stable.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where in the text.
    pub span: Option<Span>,
    /// Where in the graph.
    pub place: Place,
    /// What would mend it, before anybody looked at the text.
    pub repair: Option<Box<Repair>>,
    /// A mechanical repair of the text; empty if there is none.
    pub fix: Vec<Fix>,
}

/// `error[E020]: message`, and in a second line what to do.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: shortened(message.into()),
            help: None,
            span: Some(span),
            place: Place::default(),
            repair: None,
            fix: Vec::new(),
        }
    }

    /// A warning at `span`.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, message) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Help>) -> Diagnostic {
        let Help { text, repair } = help.into();
        self.help = Some(shortened(text));
        self.repair = repair.map(Box::new).or(self.repair);
        self
    }

    /// Adds a mechanical repair: a replacement, one of several perhaps.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fix.push(Fix { span, text: text.into() });
        self
    }

    /// Adds a mechanical repair for those who have the text to work out.
    #[must_use]
    pub fn repair(mut self, repair: Repair) -> Diagnostic {
        self.repair = Some(Box::new(repair));
        self
    }
}

/// Bytes of a message at most: what it quotes may be as long as a document.
const MESSAGE_BYTES: usize = 4_000;

/// A text without its middle, if it is too long.
fn shortened(text: String) -> String {
    if text.len() <= MESSAGE_BYTES {
        return text;
    }
    let boundary = |from: usize| (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let (head, tail) = (boundary(MESSAGE_BYTES / 2), boundary(text.len() - MESSAGE_BYTES / 4));
    format!("{} … {}", &text[..head], &text[tail..])
}

/// Whether any of `diagnostics` is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_quote_a_whole_document_are_cut() {
        let long = "ä".repeat(100_000);
        let found =
            Diagnostic::error("E000", Span::default(), format!("`{long}` is wrong")).help(format!("not `{long}`"));
        assert!(found.message.len() < MESSAGE_BYTES && found.message.ends_with("ä` is wrong"));
        assert!(found.help.is_some_and(|help| help.len() < MESSAGE_BYTES && help.starts_with("not `ä")));
    }
}
