//! The forms of an input (LANGUAGE §2).

use std::sync::Arc;

use statewright_types::diagnostic::Fix;
use statewright_types::json::{Kind, NodeId};
use statewright_types::{Diagnostic, Span, Value};

use super::Loader;
use crate::document::codes;
use crate::document::model::{Input, InputKind};
use crate::document::reference::{Reference, ReferenceError, Scheme, parse_template};

impl Loader<'_> {
    /// A value given to a port, or a part of one. Nests as deep as JSON does.
    pub(super) fn input(&mut self, node: NodeId) -> Input {
        let tree = self.tree;
        let span = tree.span(node);
        let kind = match tree.kind(node) {
            Kind::Object => return self.object(node),
            Kind::String => match tree.str(node).map(|text| (text, Scheme::of(text))) {
                Some((text, Some(scheme))) => {
                    let parsed = Reference::parse_with(text, scheme, span, &|text| self.shared(text));
                    self.reference(node, parsed)
                }
                Some((text, None)) => InputKind::Text(text.clone()),
                None => InputKind::Invalid,
            },
            Kind::Array => InputKind::List(tree.elements(node).iter().map(|&element| self.input(element)).collect()),
            Kind::Null | Kind::Bool(_) | Kind::Number => literal(&tree.value(node)),
        };
        Input { kind, span, constant: false }
    }

    /// The text, with the memory of an equal one of the document.
    fn shared(&self, text: &str) -> Arc<str> {
        self.tree.known(text).cloned().unwrap_or_else(|| self.names.borrow_mut().shared(text))
    }

    fn object(&mut self, node: NodeId) -> Input {
        let (entries, span) = (self.tree.entries(node), self.tree.span(node));
        let wrapper = if let [entry] = entries { Some((&*entry.key, entry.value)) } else { None };
        let kind = match wrapper {
            Some(("constant", value)) => return Input { span, ..self.constant(value) },
            Some(("source", value)) => self.source(value),
            Some(("template", value)) => self.template(value),
            _ => InputKind::Map(entries.iter().map(|entry| (self.key_name(entry), self.input(entry.value))).collect()),
        };
        Input { kind, span, constant: false }
    }

    /// Inside `{"constant": …}`, where nothing is a reference.
    fn constant(&self, node: NodeId) -> Input {
        let tree = self.tree;
        let kind = match tree.kind(node) {
            Kind::Array => InputKind::List(tree.elements(node).iter().map(|&element| self.constant(element)).collect()),
            Kind::Object => {
                let entries = tree.entries(node).iter();
                InputKind::Map(entries.map(|entry| (self.key_name(entry), self.constant(entry.value))).collect())
            }
            _ => literal(&tree.value(node)),
        };
        Input { kind, span: tree.span(node), constant: true }
    }

    fn source(&mut self, node: NodeId) -> InputKind {
        match self.string(node, "`source`") {
            Some(source) => self.reference(node, Reference::parse_source(&source.text, source.span)),
            None => InputKind::Invalid,
        }
    }

    fn template(&mut self, node: NodeId) -> InputKind {
        let Some(template) = self.string(node, "`template`") else { return InputKind::Invalid };
        match parse_template(&template.text, template.span) {
            Ok(parts) => InputKind::Template(parts),
            Err(error) => {
                self.unreadable(codes::TEMPLATE, node, error);
                InputKind::Invalid
            }
        }
    }

    fn reference(&mut self, node: NodeId, parsed: Result<Reference, ReferenceError>) -> InputKind {
        match parsed {
            Ok(reference) => InputKind::Reference(Box::new(reference)),
            Err(mut error) => {
                let prose = self.tree.str(node).filter(|text| text.contains(": "));
                if prose.is_some() {
                    error.help.text.push_str("; if this is meant as text, write `{\"constant\": \"…\"}`");
                }
                self.unreadable(codes::REFERENCE, node, error);
                // Several words are text; one word with a space before it may be either.
                if prose.is_some_and(|text| text.split_whitespace().count() > 2) {
                    let constant = format!("{{\"constant\": {}}}", self.tree.text(node));
                    if let Some(diagnostic) = self.diagnostics.last_mut() {
                        diagnostic.fix = vec![Fix { span: self.tree.span(node), text: constant }];
                    }
                }
                InputKind::Invalid
            }
        }
    }

    /// Points into the string where it has no escapes, else at the whole of it.
    fn unreadable(&mut self, code: &'static str, node: NodeId, error: ReferenceError) {
        let mut span = self.tree.span(node);
        let decoded = self.tree.str(node).map_or(0, |text| text.len());
        if self.tree.text(node).len() == decoded + 2 {
            let start = span.start as usize + 1 + error.offset;
            span = Span::new(start, span.end as usize - 1);
            if span.start == span.end {
                span.end += 1;
            }
        }
        self.report(Diagnostic::error(code, span, error.message).help(error.help));
    }
}

/// A scalar.
fn literal(value: &Value) -> InputKind {
    match value {
        Value::Null => InputKind::Null,
        Value::Bool(value) => InputKind::Bool(*value),
        Value::Int(value) => InputKind::Int(*value),
        Value::UInt(value) => InputKind::UInt(*value),
        Value::Float(value) => InputKind::Float(*value),
        Value::Str(text) => InputKind::Text(text.clone()),
        Value::Bytes(_) | Value::List(_) | Value::Map(_) => InputKind::Invalid,
    }
}
