//! The grammar that schemas and configurations share: `package NAME`, and blocks `keyword Name { … }` of one field a line, with
//! annotations and comments.
//!
//! Reading never fails in the middle: what is wrong is reported and skipped.

use std::sync::Arc;

use crate::schema::check::MAX_FINDINGS;
use crate::schema::codes;
use crate::schema::raw::{Name, RawDefault};
use crate::{Diagnostic, Help, Span, json, suggest};

mod annotation;
mod format;
mod lexer;

pub(crate) use annotation::{Annotation, twice};
pub(crate) use format::format;
pub(crate) use lexer::{Kind, Token, tokens};

/// A file that is being read.
pub(crate) struct Blocks<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    pub(crate) at: usize,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) package: Arc<str>,
    /// What declarations with braces begin with.
    blocks: &'static [&'static str],
    /// What lines begin with, besides `package`.
    lines: &'static [&'static str],
    /// Comment lines since the last blank line: docs of what comes next.
    docs: Vec<&'a str>,
    /// Annotations of what comes next.
    annotations: Vec<Annotation<'a>>,
}

/// A declaration with fields, as written.
pub(crate) struct BlockText<'a> {
    pub(crate) docs: String,
    pub(crate) annotations: Vec<Annotation<'a>>,
    pub(crate) name: Name,
    pub(crate) fields: Vec<FieldText<'a>>,
}

/// A field, as written.
pub(crate) struct FieldText<'a> {
    pub(crate) docs: String,
    pub(crate) name: Name,
    pub(crate) ty: Name,
    pub(crate) annotations: Vec<Annotation<'a>>,
}

impl<'a> Blocks<'a> {
    pub(crate) fn new(text: &'a str, blocks: &'static [&'static str], lines: &'static [&'static str]) -> Blocks<'a> {
        let mut diagnostics = Vec::new();
        let tokens = tokens(text, &mut diagnostics);
        let (docs, annotations) = (Vec::new(), Vec::new());
        Blocks { text, tokens, at: 0, diagnostics, package: "".into(), blocks, lines, docs, annotations }
    }

    pub(crate) fn kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    /// The text of the token that many ahead; "" at the end.
    pub(crate) fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    /// Where the token that many ahead stands; at the end, the end.
    pub(crate) fn span(&self, ahead: usize) -> Span {
        let end = Span::new(self.text.len(), self.text.len());
        self.tokens.get(self.at + ahead).map_or(end, |token| token.span)
    }

    pub(crate) fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<Help>) {
        self.diagnostics.push(Diagnostic::error(codes::SYNTAX, span, message).help(help));
    }

    fn too_many(&mut self) -> bool {
        let too_many = self.diagnostics.len() >= MAX_FINDINGS;
        if too_many {
            let message = format!("reading stopped after {MAX_FINDINGS} findings");
            let finding = Diagnostic::error(codes::TOO_MUCH, self.span(0), message);
            self.diagnostics.push(finding.help("mend those first"));
        }
        too_many
    }

    /// Reads the whole file: `declare` reads what begins with one of the keywords.
    pub(crate) fn file(&mut self, mut declare: impl FnMut(&mut Self, &str)) {
        while let Some(kind) = self.kind(0) {
            match kind {
                Kind::Newline | Kind::Comment => self.line_or_comment(),
                Kind::Annotation => self.annotation(),
                Kind::Word => match self.text(0) {
                    "package" => self.package(),
                    word if self.blocks.contains(&word) || self.lines.contains(&word) => declare(self, word),
                    word => {
                        let declarations =
                            || std::iter::once("package").chain(self.lines.iter().chain(self.blocks).copied());
                        let help = suggest::did_you_mean(word, declarations()).unwrap_or_else(|| {
                            format!("a line begins with {} here", alternatives(declarations())).into()
                        });
                        self.error(self.span(0), format!("`{word}` begins no declaration"), help);
                        self.skip_declaration();
                    }
                },
                Kind::Open | Kind::Close | Kind::Colon | Kind::Comma => {
                    let message = format!("`{}` stands outside of a {}", self.text(0), self.blocks.join(" or "));
                    self.error(self.span(0), message, "remove it, or check the braces above");
                    self.at += 1;
                }
            }
            if self.too_many() {
                return;
            }
        }
        self.leftover_annotations();
    }

    /// A comment line becomes docs; a blank line ends them. A comment behind a brace says nothing of what follows.
    fn line_or_comment(&mut self) {
        if self.kind(0) == Some(Kind::Comment) {
            let before = self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).map(|token| token.kind);
            if matches!(before, None | Some(Kind::Newline | Kind::Annotation)) {
                self.docs.push(comment_text(self.text(0)));
            }
            self.at += 1;
            self.at += usize::from(self.kind(0) == Some(Kind::Newline));
        } else {
            self.docs.clear();
            self.at += 1;
        }
    }

    /// An annotation in front of something, and the end of its line if it stands last.
    fn annotation(&mut self) {
        self.annotations.push(Annotation::read(self.text, self.span(0)));
        self.at += 1;
        if self.kind(0) == Some(Kind::Newline) {
            self.at += 1;
        }
    }

    pub(crate) fn leftover_annotations(&mut self) {
        if let Some(first) = self.annotations.first() {
            let span = first.span;
            self.error(span, "an annotation stands in front of nothing", "put it before a `type`, or behind a field");
        }
        self.annotations.clear();
    }

    fn package(&mut self) {
        self.leftover_annotations();
        self.at += 1;
        if self.kind(0) == Some(Kind::Word) {
            self.package = self.text(0).into();
            self.at += 1;
        } else {
            self.error(self.span(0), "`package` lacks its name", "write `package main`");
        }
        self.docs.clear();
        self.line_end("the package");
    }

    /// A declaration with fields: `keyword Name { … }`.
    pub(crate) fn block(&mut self, keyword: &str) -> Option<BlockText<'a>> {
        let (docs, annotations) = (self.take_docs(), std::mem::take(&mut self.annotations));
        self.at += 1;
        let name = self.declared_name(keyword)?;
        let fields = if self.open() { self.fields(&name) } else { Vec::new() };
        Some(BlockText { docs, annotations, name, fields })
    }

    /// The name behind `type` or `view`; without one, skips the declaration.
    pub(crate) fn declared_name(&mut self, what: &str) -> Option<Name> {
        if self.kind(0) != Some(Kind::Word) {
            self.error(self.span(0), format!("`{what}` lacks its name"), format!("write `{what} Name {{`"));
            self.skip_declaration();
            return None;
        }
        let name = Name::new(self.text(0), self.span(0));
        self.at += 1;
        Some(name)
    }

    /// The `{`, on this line or a following one; comments may come before it.
    pub(crate) fn open(&mut self) -> bool {
        let ahead = (0..).find(|ahead| !matches!(self.kind(*ahead), Some(Kind::Newline | Kind::Comment))).unwrap_or(0);
        if self.kind(ahead) == Some(Kind::Open) {
            self.at += ahead + 1;
            return true;
        }
        self.error(self.span(0), "a `{` is missing", "write `{` behind the name");
        self.skip_declaration();
        false
    }

    /// Fields up to the `}`.
    fn fields(&mut self, owner: &Name) -> Vec<FieldText<'a>> {
        let mut fields = Vec::new();
        self.docs.clear();
        loop {
            match self.kind(0) {
                Some(Kind::Newline | Kind::Comment) => self.line_or_comment(),
                Some(Kind::Annotation) => self.annotation(),
                Some(Kind::Comma) => self.at += 1,
                Some(Kind::Close) => {
                    self.leftover_annotations();
                    self.docs.clear();
                    self.at += 1;
                    return fields;
                }
                Some(Kind::Word) if self.begins_declaration() => {
                    self.error(
                        owner.span,
                        format!("the `}}` of `{}` is missing", owner.text),
                        "add it behind the last field",
                    );
                    return fields;
                }
                Some(Kind::Word) => fields.extend(self.field()),
                Some(Kind::Open | Kind::Colon) => {
                    let message = format!("`{}` cannot stand here", self.text(0));
                    self.error(self.span(0), message, "write one field a line: `Name Type @annotations`");
                    self.skip_line();
                }
                None => {
                    self.leftover_annotations();
                    self.error(
                        owner.span,
                        format!("the `}}` of `{}` is missing", owner.text),
                        "add it behind the last field",
                    );
                    return fields;
                }
            }
            if self.diagnostics.len() >= MAX_FINDINGS {
                return fields;
            }
        }
    }

    /// Whether a declaration, `keyword X {`, begins here, which no field looks like.
    pub(crate) fn begins_declaration(&self) -> bool {
        let after_name = if self.kind(2) == Some(Kind::Newline) { 3 } else { 2 };
        self.blocks.contains(&self.text(0))
            && self.kind(1) == Some(Kind::Word)
            && self.kind(after_name) == Some(Kind::Open)
    }

    fn field(&mut self) -> Option<FieldText<'a>> {
        let mut docs = self.take_docs();
        let name = Name::new(self.text(0), self.span(0));
        self.at += 1;
        if self.kind(0) == Some(Kind::Colon) && self.kind(1) == Some(Kind::Word) {
            self.error(
                self.span(0),
                "a `:` stands between name and type",
                "write `Name Type`, with a space between them",
            );
            self.at += 1;
        }
        if self.kind(0) != Some(Kind::Word) {
            let message = format!("the field `{}` lacks its type", name.text);
            self.error(name.span, message, "write `Name Type`, such as `Score int32`");
            self.annotations.clear();
            self.skip_line();
            return None;
        }
        let ty = Name::new(self.text(0), self.span(0));
        self.at += 1;
        while let Some(kind @ (Kind::Annotation | Kind::Word | Kind::Colon)) = self.kind(0) {
            match kind {
                Kind::Annotation => self.annotations.push(Annotation::read(self.text, self.span(0))),
                // What looks like another field must not get lost.
                Kind::Word if self.kind(1) == Some(Kind::Word) => {
                    let message = format!("`{}` stands behind the field `{}`", self.text(0), name.text);
                    self.error(
                        self.span(0),
                        message,
                        "write one field a line; what is no field belongs into a `//` comment",
                    );
                    self.skip_words();
                    continue;
                }
                _ => self.ignored("the field's type"),
            }
            self.at += 1;
        }
        let annotations = std::mem::take(&mut self.annotations);
        if self.kind(0) == Some(Kind::Comma) {
            self.at += 1;
        }
        if self.kind(0) == Some(Kind::Comment) {
            if !docs.is_empty() {
                docs.push('\n');
            }
            docs.push_str(comment_text(self.text(0)));
            self.at += 1;
        }
        if self.kind(0) == Some(Kind::Newline) {
            self.at += 1;
        }
        Some(FieldText { docs, name, ty, annotations })
    }

    pub(crate) fn take_docs(&mut self) -> String {
        std::mem::take(&mut self.docs).join("\n")
    }

    /// Warns about the token here.
    fn ignored(&mut self, behind: &str) {
        let message = format!("`{}` behind {behind} has no effect", self.text(0));
        let finding = Diagnostic::warning(codes::IGNORED, self.span(0), message);
        self.diagnostics.push(finding.help("remove it, or put it into a `//` comment"));
    }

    /// The rest of the line, where nothing but a comment belongs.
    pub(crate) fn line_end(&mut self, behind: &str) {
        if !matches!(self.kind(0), None | Some(Kind::Newline | Kind::Comment)) {
            self.ignored(behind);
        }
        self.skip_line();
    }

    /// Past words, which have been reported.
    fn skip_words(&mut self) {
        while matches!(self.kind(0), Some(Kind::Word | Kind::Colon)) {
            self.at += 1;
        }
    }

    /// To the next line, or to a `}` on this one.
    pub(crate) fn skip_line(&mut self) {
        while let Some(kind) = self.kind(0) {
            match kind {
                Kind::Newline => {
                    self.at += 1;
                    return;
                }
                Kind::Close => return,
                _ => self.at += 1,
            }
        }
    }

    /// Past the line, and past the block if it opens one.
    fn skip_declaration(&mut self) {
        self.annotations.clear();
        self.docs.clear();
        let mut depth = 0_usize;
        while let Some(kind) = self.kind(0) {
            match kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Word if depth > 0 && self.begins_declaration() => return,
                _ => {}
            }
            self.at += 1;
            if depth == 0 && matches!(kind, Kind::Newline | Kind::Close) {
                return;
            }
        }
    }
}

/// "`a`, `b` or `c`"
fn alternatives<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match (names.pop(), names.is_empty()) {
        (Some(last), false) => format!("{} or {last}", names.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}

/// A value between parentheses: JSON if it looks so, else text that its type says how to read. What is no JSON is reported under `code`.
pub(crate) fn literal(value: &Name, code: &'static str, diagnostics: &mut Vec<Diagnostic>) -> RawDefault {
    if !value.text.starts_with(['"', '[', '{']) {
        return RawDefault::Text(value.text.clone());
    }
    match json::parse(value.text.clone()) {
        Ok(tree) => RawDefault::Value(tree.value(tree.root())),
        Err(mut problem) => {
            let shift = value.span.start;
            problem.span = problem.span.map(|span| Span { start: span.start + shift, end: span.end + shift });
            problem.code = code;
            problem.fix.clear();
            diagnostics.push(problem);
            RawDefault::Zero
        }
    }
}

/// A comment without its marks and the space behind them.
fn comment_text(comment: &str) -> &str {
    let text = match comment.strip_prefix("//") {
        Some(text) => text.trim_start_matches('/'),
        None => comment.trim_start_matches('#'),
    };
    text.strip_prefix(' ').unwrap_or(text).trim_end()
}
