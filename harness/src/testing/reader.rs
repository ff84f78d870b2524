//! Reading shapes out of a JSON tree: what is not as it must be is a diagnostic, and reading goes on.

use std::sync::Arc;

use statewright_types::json::{Entry, Kind, NodeId, Tree};
use statewright_types::{Diagnostic, Help, Value, suggest};

/// A value has the wrong shape.
pub const WRONG_SHAPE: &str = "E301";
/// A key that means nothing here.
pub const UNKNOWN_KEY: &str = "E302";
/// A key that must be given.
pub const MISSING_KEY: &str = "E303";
/// The text of a path cannot be read.
pub const BAD_PATH: &str = "E304";
/// A name that stands for nothing: an error code, a view, a random generator.
pub const UNKNOWN_NAME: &str = "E305";

/// Every code with one sentence about it, in order.
pub const CODES: &[(&str, &str)] = &[
    (WRONG_SHAPE, "A value has the wrong shape."),
    (UNKNOWN_KEY, "A key means nothing here."),
    (MISSING_KEY, "A key is missing."),
    (BAD_PATH, "The text of a path cannot be read."),
    (UNKNOWN_NAME, "A name stands for nothing: an error code, a view, a random generator."),
];

/// A tree and what was wrong in it so far.
pub struct Reader<'t> {
    /// What is read.
    pub tree: &'t Tree,
    /// What was wrong.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'t> Reader<'t> {
    /// Reads `tree`.
    pub fn new(tree: &'t Tree) -> Reader<'t> {
        Reader { tree, diagnostics: Vec::new() }
    }

    /// Reports `message` at `node`.
    pub fn error(&mut self, code: &'static str, node: NodeId, message: impl Into<String>, help: impl Into<Help>) {
        let span = self.tree.span(node);
        self.diagnostics.push(Diagnostic::error(code, span, message).help(help));
    }

    /// The entries of an object whose keys are all among `known`; empty for everything else.
    pub fn object(&mut self, node: NodeId, what: &str, known: &[&str]) -> &'t [Entry] {
        let entries = self.entries(node, what);
        for entry in entries.iter().filter(|entry| !known.contains(&&*entry.key)) {
            let help = suggest::help(&entry.key, known.iter().copied());
            let message = format!("`{}` is no key of {what}", entry.key);
            self.diagnostics.push(Diagnostic::error(UNKNOWN_KEY, entry.key_span, message).help(help));
        }
        entries
    }

    /// The entries of an object with keys of any name.
    pub fn entries(&mut self, node: NodeId, what: &str) -> &'t [Entry] {
        if self.tree.kind(node) != Kind::Object {
            self.wrong(node, what, "an object");
        }
        self.tree.entries(node)
    }

    /// The elements of an array.
    pub fn list(&mut self, node: NodeId, what: &str) -> &'t [NodeId] {
        if self.tree.kind(node) != Kind::Array {
            self.wrong(node, what, "an array");
        }
        self.tree.elements(node)
    }

    /// A string.
    pub fn text(&mut self, node: NodeId, what: &str) -> Option<Arc<str>> {
        let text = self.tree.str(node).cloned();
        if text.is_none() {
            self.wrong(node, what, "a string");
        }
        text
    }

    /// An array of strings.
    pub fn texts(&mut self, node: NodeId, what: &str) -> Vec<Arc<str>> {
        let elements = self.list(node, what);
        elements.iter().filter_map(|element| self.text(*element, &format!("each of {what}"))).collect()
    }

    /// An integer of 64 bits.
    pub fn int(&mut self, node: NodeId, what: &str) -> Option<i64> {
        match self.tree.value(node) {
            Value::Int(number) => Some(number),
            _ => {
                self.wrong(node, what, "an integer");
                None
            }
        }
    }

    /// An integer of 64 bits that is not negative.
    pub fn uint(&mut self, node: NodeId, what: &str) -> Option<u64> {
        match self.tree.value(node) {
            Value::UInt(number) => Some(number),
            Value::Int(number) if number >= 0 => Some(number.unsigned_abs()),
            _ => {
                self.wrong(node, what, "an integer from 0 on");
                None
            }
        }
    }

    /// `what` must be `wanted` and is something else.
    pub fn wrong(&mut self, node: NodeId, what: &str, wanted: &str) {
        // A number that is wrong says more than its kind.
        let found = self.tree.number(node).unwrap_or(self.tree.kind(node).noun());
        self.error(WRONG_SHAPE, node, format!("{what} must be {wanted}, not {found}"), format!("write {wanted} here"));
    }
}
