//! Tokens to raw definitions.

use super::annotation::{self, Annotation};
use super::lexer::{Kind, Token, tokens};
use crate::schema::check::MAX_FINDINGS;
use crate::schema::codes;
use crate::schema::raw::{Name, RawField, RawSchema, RawType, RawView};
use crate::{Diagnostic, Help, Span, suggest};

/// What a line may begin with.
const DECLARATIONS: &[&str] = &["package", "type", "view"];

/// Reads `text`, and goes on after what is wrong.
pub(super) fn parse(text: &str) -> (RawSchema, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let tokens = tokens(text, &mut diagnostics);
    let schema = RawSchema { span: Span::new(0, text.len().min(1)), ..RawSchema::default() };
    let (docs, annotations) = (Vec::new(), Vec::new());
    let mut parser = Parser { text, tokens, at: 0, diagnostics, schema, docs, annotations };
    parser.file();
    (parser.schema, parser.diagnostics)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    diagnostics: Vec<Diagnostic>,
    schema: RawSchema,
    /// Comment lines since the last blank line: docs of what comes next.
    docs: Vec<&'a str>,
    /// Annotations of what comes next.
    annotations: Vec<Annotation<'a>>,
}

impl<'a> Parser<'a> {
    fn kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    /// The text of the token that many ahead; "" at the end.
    fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    /// Where the token that many ahead stands; at the end, the end.
    fn span(&self, ahead: usize) -> Span {
        let end = Span::new(self.text.len(), self.text.len());
        self.tokens.get(self.at + ahead).map_or(end, |token| token.span)
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<Help>) {
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

    fn file(&mut self) {
        while let Some(kind) = self.kind(0) {
            match kind {
                Kind::Newline | Kind::Comment => self.line_or_comment(),
                Kind::Annotation => self.annotation(),
                Kind::Word => match self.text(0) {
                    "package" => self.package(),
                    "type" => self.ty(),
                    "view" => self.view(),
                    word => {
                        let help = suggest::did_you_mean(word, DECLARATIONS.iter().copied())
                            .unwrap_or_else(|| "a line begins with `package`, `type` or `view` here".into());
                        self.error(self.span(0), format!("`{word}` begins no declaration"), help);
                        self.skip_declaration();
                    }
                },
                Kind::Open | Kind::Close | Kind::Colon | Kind::Comma => {
                    let message = format!("`{}` stands outside of a type or view", self.text(0));
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

    fn leftover_annotations(&mut self) {
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
            self.schema.package = self.text(0).into();
            self.at += 1;
        } else {
            self.error(self.span(0), "`package` lacks its name", "write `package main`");
        }
        self.docs.clear();
        self.line_end("the package");
    }

    fn ty(&mut self) {
        let mut ty = RawType { docs: self.take_docs(), ..RawType::default() };
        let annotations = std::mem::take(&mut self.annotations);
        annotation::twice(&annotations, &mut self.diagnostics);
        for annotation in &annotations {
            annotation::on_type(annotation, &mut ty, &mut self.diagnostics);
        }
        self.at += 1;
        let Some(name) = self.declared_name("type") else { return };
        ty.name = name;
        if self.open() {
            self.fields(&mut ty);
        }
        self.schema.types.push(ty);
    }

    /// The name behind `type` or `view`; without one, skips the declaration.
    fn declared_name(&mut self, what: &str) -> Option<Name> {
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
    fn open(&mut self) -> bool {
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
    fn fields(&mut self, ty: &mut RawType) {
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
                    return;
                }
                Some(Kind::Word) if self.begins_declaration() => {
                    self.error(
                        ty.name.span,
                        format!("the `}}` of `{}` is missing", ty.name.text),
                        "add it behind the last field",
                    );
                    return;
                }
                Some(Kind::Word) => self.field(ty),
                Some(Kind::Open | Kind::Colon) => {
                    let message = format!("`{}` cannot stand here", self.text(0));
                    self.error(self.span(0), message, "write one field a line: `Name Type @annotations`");
                    self.skip_line();
                }
                None => {
                    self.leftover_annotations();
                    self.error(
                        ty.name.span,
                        format!("the `}}` of `{}` is missing", ty.name.text),
                        "add it behind the last field",
                    );
                    return;
                }
            }
            if self.diagnostics.len() >= MAX_FINDINGS {
                return;
            }
        }
    }

    /// Whether `type X {` or `view X {` begins here, which no field looks like.
    fn begins_declaration(&self) -> bool {
        let after_name = if self.kind(2) == Some(Kind::Newline) { 3 } else { 2 };
        matches!(self.text(0), "type" | "view")
            && self.kind(1) == Some(Kind::Word)
            && self.kind(after_name) == Some(Kind::Open)
    }

    fn field(&mut self, ty: &mut RawType) {
        let mut field = RawField { docs: self.take_docs(), ..RawField::default() };
        field.name = Name::new(self.text(0), self.span(0));
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
            let message = format!("the field `{}` lacks its type", field.name.text);
            self.error(field.name.span, message, "write `Name Type`, such as `Score int32`");
            self.annotations.clear();
            self.skip_line();
            return;
        }
        field.ty = Name::new(self.text(0), self.span(0));
        self.at += 1;
        while let Some(kind @ (Kind::Annotation | Kind::Word | Kind::Colon)) = self.kind(0) {
            if kind == Kind::Annotation {
                self.annotations.push(Annotation::read(self.text, self.span(0)));
            } else {
                self.ignored("the field's type");
            }
            self.at += 1;
        }
        let annotations = std::mem::take(&mut self.annotations);
        annotation::twice(&annotations, &mut self.diagnostics);
        for annotation in &annotations {
            annotation::on_field(annotation, &mut field, &mut self.diagnostics);
        }
        if self.kind(0) == Some(Kind::Comma) {
            self.at += 1;
        }
        if self.kind(0) == Some(Kind::Comment) {
            if !field.docs.is_empty() {
                field.docs.push('\n');
            }
            field.docs.push_str(comment_text(self.text(0)));
            self.at += 1;
        }
        if self.kind(0) == Some(Kind::Newline) {
            self.at += 1;
        }
        ty.fields.push(field);
    }

    fn view(&mut self) {
        self.leftover_annotations();
        self.docs.clear();
        self.at += 1;
        let Some(name) = self.declared_name("view") else { return };
        let mut view = RawView { name, includes: Vec::new() };
        if self.open() {
            self.includes(&mut view);
        }
        self.schema.views.push(view);
    }

    /// `includes: a, b` and the `}`, over as many lines as wanted.
    fn includes(&mut self, view: &mut RawView) {
        let mut listing = false;
        loop {
            match self.kind(0) {
                Some(Kind::Newline | Kind::Comment | Kind::Comma) => {}
                Some(Kind::Close) => {
                    self.at += 1;
                    return;
                }
                Some(Kind::Word) if self.begins_declaration() => {
                    self.error(view.name.span, format!("the `}}` of `{}` is missing", view.name.text), "add it");
                    return;
                }
                Some(Kind::Word) if self.text(0) == "includes" && self.kind(1) == Some(Kind::Colon) => {
                    listing = true;
                    self.at += 1;
                }
                Some(Kind::Word) if listing => view.includes.push(Name::new(self.text(0), self.span(0))),
                Some(_) => {
                    let message = format!("`{}` cannot stand in a view", self.text(0));
                    self.error(self.span(0), message, "write `includes: a, b`");
                    self.skip_line();
                    continue;
                }
                None => {
                    self.error(view.name.span, format!("the `}}` of `{}` is missing", view.name.text), "add it");
                    return;
                }
            }
            self.at += 1;
            if self.diagnostics.len() >= MAX_FINDINGS {
                return;
            }
        }
    }

    fn take_docs(&mut self) -> String {
        std::mem::take(&mut self.docs).join("\n")
    }

    /// Warns about the token here.
    fn ignored(&mut self, behind: &str) {
        let message = format!("`{}` behind {behind} has no effect", self.text(0));
        let finding = Diagnostic::warning(codes::IGNORED, self.span(0), message);
        self.diagnostics.push(finding.help("remove it, or put it into a `//` comment"));
    }

    /// The rest of the line, where nothing but a comment belongs.
    fn line_end(&mut self, behind: &str) {
        if !matches!(self.kind(0), None | Some(Kind::Newline | Kind::Comment)) {
            self.ignored(behind);
        }
        self.skip_line();
    }

    /// To the next line, or to a `}` on this one.
    fn skip_line(&mut self) {
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

/// A comment without its marks and the space behind them.
fn comment_text(comment: &str) -> &str {
    let text = match comment.strip_prefix("//") {
        Some(text) => text.trim_start_matches('/'),
        None => comment.trim_start_matches('#'),
    };
    text.strip_prefix(' ').unwrap_or(text).trim_end()
}
