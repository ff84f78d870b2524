//! Edits of a JSON text that leave everything else byte for byte and look like their surroundings.

use std::collections::BTreeSet;
use std::fmt;

use super::parse;
use super::style::{column, gap_after_comma, items, layout_near, line_indent, narrow};
use super::tree::{Kind, NodeId, Tree};
use super::write::{Layout, quote};
use crate::{Diagnostic, Span, Value};

/// One step of a path into a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The entry of an object.
    Key(&'a str),
    /// The element of an array.
    Index(usize),
}

impl<'a> From<&'a str> for Step<'a> {
    fn from(key: &'a str) -> Step<'a> {
        Step::Key(key)
    }
}

impl From<usize> for Step<'_> {
    fn from(index: usize) -> Self {
        Step::Index(index)
    }
}

/// Why an edit was not made. The text is as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum EditError {
    /// Nothing is at this path.
    Missing(String),
    /// What is at this path is no array or no object, as the edit needs.
    WrongKind {
        /// The path.
        path: String,
        /// What it would have to be.
        wanted: &'static str,
    },
    /// The object has this key already.
    KeyExists(String),
    /// An index behind the end.
    OutOfBounds {
        /// The index.
        index: usize,
        /// How many elements there are.
        length: usize,
    },
    /// The document itself can be replaced, but neither removed nor renamed.
    Root,
    /// Two replacements overlap, or one is outside of the text.
    BadSpan(Span),
    /// The edit would leave a text that is no JSON.
    Invalid(Box<Diagnostic>),
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditError::Missing(path) => write!(f, "nothing is at {path}"),
            EditError::WrongKind { path, wanted } => write!(f, "what is at {path} is not {wanted}"),
            EditError::KeyExists(key) => write!(f, "the key {} exists already", quote(key)),
            EditError::OutOfBounds { index, length } => write!(f, "no index {index}: the array has {length} elements"),
            EditError::Root => f.write_str("the document itself cannot be removed or renamed"),
            EditError::BadSpan(span) => write!(f, "the bytes {}..{} cannot be replaced", span.start, span.end),
            EditError::Invalid(diagnostic) => write!(f, "the text would be no JSON: {}", diagnostic.message),
        }
    }
}

impl std::error::Error for EditError {}

/// A tree that can be edited. Every edit parses the new text, so each costs time in proportion to the text; node
/// ids of the tree before are void.
#[derive(Clone, Debug)]
pub struct Editor {
    tree: Tree,
}

impl Editor {
    /// Edits `tree`.
    pub fn new(tree: Tree) -> Editor {
        Editor { tree }
    }

    /// The tree as it is now.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The tree after all edits.
    pub fn into_tree(self) -> Tree {
        self.tree
    }

    /// The node at `path`; the document itself for an empty one.
    pub fn find(&self, path: &[Step<'_>]) -> Option<NodeId> {
        path.iter().try_fold(self.tree.root(), |node, step| match step {
            Step::Key(key) => self.tree.get(node, key),
            Step::Index(index) => self.tree.elements(node).get(*index).copied(),
        })
    }

    /// Puts `value` at `path`. Replaces what is there (an equal value stays as it is written), or adds the entry at
    /// the end of its object.
    pub fn set(&mut self, path: &[Step<'_>], value: &Value) -> Result<(), EditError> {
        if let Some(node) = self.find(path) {
            return match written(&self.tree, node, value) {
                Some((span, text)) => self.replace(span, &text),
                None => Ok(()),
            };
        }
        match path.split_last() {
            Some((Step::Key(key), parent)) => self.insert_entry(parent, usize::MAX, key, value),
            Some((Step::Index(index), parent)) => {
                let node = self.container(parent, Kind::Array)?;
                Err(EditError::OutOfBounds { index: *index, length: self.tree.elements(node).len() })
            }
            None => Err(EditError::Root),
        }
    }

    /// Adds an element to the array at `path`, before the one at `index`, at most at the end.
    pub fn insert_element(&mut self, path: &[Step<'_>], index: usize, value: &Value) -> Result<(), EditError> {
        let array = self.container(path, Kind::Array)?;
        self.insert_item(array, index, None, value)
    }

    /// Adds an entry to the object at `path`, before the one at `index`, at most at the end.
    pub fn insert_entry(&mut self, path: &[Step<'_>], index: usize, key: &str, value: &Value) -> Result<(), EditError> {
        let object = self.container(path, Kind::Object)?;
        if self.tree.get(object, key).is_some() {
            return Err(EditError::KeyExists(key.to_owned()));
        }
        self.insert_item(object, index, Some(key), value)
    }

    /// Removes the entry or element at `path`.
    pub fn remove(&mut self, path: &[Step<'_>]) -> Result<(), EditError> {
        let (container, index) = self.item(path)?;
        self.remove_items(container, &[index])
    }

    /// Removes several elements of the array at `path`; indices behind its end are ignored.
    pub fn remove_elements(&mut self, path: &[Step<'_>], indices: &[usize]) -> Result<(), EditError> {
        let array = self.container(path, Kind::Array)?;
        self.remove_items(array, indices)
    }

    /// Renames the entry at `path`.
    pub fn rename_key(&mut self, path: &[Step<'_>], key: &str) -> Result<(), EditError> {
        let (object, index) = self.item(path)?;
        let Some(entry) = self.tree.entries(object).get(index) else {
            return Err(EditError::WrongKind { path: path_text(path), wanted: "an entry of an object" });
        };
        if &*entry.key == key {
            return Ok(());
        }
        if self.tree.get(object, key).is_some() {
            return Err(EditError::KeyExists(key.to_owned()));
        }
        self.replace(entry.key_span, &quote(key))
    }

    /// Puts `text` in the place of `span`.
    pub fn replace(&mut self, span: Span, text: &str) -> Result<(), EditError> {
        self.replace_all(vec![(span, text.to_owned())])
    }

    /// Makes several replacements at once, in any order. Spans are of the text as it is, and may not overlap.
    pub fn replace_all(&mut self, mut replacements: Vec<(Span, String)>) -> Result<(), EditError> {
        if replacements.is_empty() {
            return Ok(());
        }
        replacements.sort_by_key(|(span, _)| *span);
        let source = self.tree.source();
        let mut text = String::with_capacity(source.len());
        let mut done = 0;
        for (span, replacement) in &replacements {
            let range = span.range();
            let untouched = source.get(done..range.start).filter(|_| range.start <= range.end);
            text.push_str(untouched.ok_or(EditError::BadSpan(*span))?);
            text.push_str(replacement);
            done = range.end;
        }
        let last = replacements.last().map_or(Span::default(), |(span, _)| *span);
        text.push_str(source.get(done..).ok_or(EditError::BadSpan(last))?);
        self.tree = parse(text).map_err(|diagnostic| EditError::Invalid(Box::new(diagnostic)))?;
        Ok(())
    }

    fn container(&self, path: &[Step<'_>], kind: Kind) -> Result<NodeId, EditError> {
        let node = self.find(path).ok_or_else(|| EditError::Missing(path_text(path)))?;
        if self.tree.kind(node) == kind {
            Ok(node)
        } else {
            Err(EditError::WrongKind { path: path_text(path), wanted: kind.noun() })
        }
    }

    /// The container of what is at `path`, and its position there.
    fn item(&self, path: &[Step<'_>]) -> Result<(NodeId, usize), EditError> {
        let (last, parent) = path.split_last().ok_or(EditError::Root)?;
        let found = self.find(parent).and_then(|container| {
            let index = match last {
                Step::Key(key) => self.tree.entries(container).iter().position(|entry| &*entry.key == *key),
                Step::Index(index) => Some(*index).filter(|index| *index < self.tree.elements(container).len()),
            };
            index.map(|index| (container, index))
        });
        found.ok_or_else(|| EditError::Missing(path_text(path)))
    }

    fn insert_item(
        &mut self,
        container: NodeId,
        index: usize,
        key: Option<&str>,
        value: &Value,
    ) -> Result<(), EditError> {
        let (span, text) = inserted(&self.tree, container, index, &[(key, value.clone())]);
        self.replace(span, &text)
    }

    fn remove_items(&mut self, container: NodeId, indices: &[usize]) -> Result<(), EditError> {
        let removed = removed(&self.tree, container, indices);
        self.replace_all(removed.into_iter().map(|span| (span, String::new())).collect())
    }
}

/// What to replace, and with what, so that `value` stands where `node` does; `None` if an equal one does.
pub fn written(tree: &Tree, node: NodeId, value: &Value) -> Option<(Span, String)> {
    if tree.value(node) == *value {
        return None;
    }
    let span = tree.span(node);
    let start = span.start as usize;
    let mut text = String::new();
    let source = tree.source();
    layout_near(tree, node).write(value, line_indent(source, start), column(source, start), 1, &mut text);
    Some((span, text))
}

/// What to replace, and with what, so that new items stand before the one at `index` of an array or object, at most at its
/// end. Items of an object have keys, which nothing else there may have; those of an array have none.
pub fn inserted(tree: &Tree, container: NodeId, index: usize, new: &[(Option<&str>, Value)]) -> (Span, String) {
    let layout = layout_near(tree, container);
    let new: Vec<Insertion<'_>> =
        new.iter().map(|(key, value)| Insertion { tree, layout: &layout, key: *key, value }).collect();
    let there = items(tree, container);
    let index = index.min(there.len());
    let Some(gap) = new.first().map(|first| first.gap(container, &there, index)) else {
        return (Span::default(), String::new());
    };
    match (there.get(index), there.last()) {
        (Some(next), _) => {
            let at = next.start as usize;
            (Span::new(at, at), new.iter().map(|item| format!("{},{gap}", item.item(&gap, at))).collect())
        }
        (None, Some(last)) => {
            let at = last.end as usize;
            (Span::new(at, at), new.iter().map(|item| format!(",{gap}{}", item.item(&gap, at))).collect())
        }
        (None, None) => all_of(&layout, &new, tree.span(container), tree.kind(container)),
    }
}

/// What replaces the inside of the empty container at `span`.
fn all_of(layout: &Layout, new: &[Insertion<'_>], span: Span, kind: Kind) -> (Span, String) {
    let inside = Span { start: span.start + 1, end: span.end - 1 };
    let Some(source) = new.first().map(|first| first.tree.source()) else { return (inside, String::new()) };
    let outer = line_indent(source, span.start as usize);
    if source.contains('\n') && new.iter().any(Insertion::is_nested) {
        let inner = format!("{outer}{}", layout.indent);
        let newline = layout.newline;
        let texts: Vec<String> = new.iter().map(|item| item.text(&inner, inner.chars().count())).collect();
        let between = format!(",{newline}{inner}");
        return (inside, format!("{newline}{inner}{}{newline}{outer}", texts.join(&between)));
    }
    let padding = if kind == Kind::Object { layout.padding.as_str() } else { "" };
    let at = column(source, inside.start as usize);
    let texts: Vec<String> = new.iter().map(|item| item.text(outer, at)).collect();
    let comma = if layout.comma.contains('\n') { ", " } else { &layout.comma };
    (inside, format!("{padding}{}{padding}", texts.join(comma)))
}

/// What goes with the items at `indices` of an array or object: one comma each, the one behind, or for those at the end
/// the one before.
pub fn removed(tree: &Tree, container: NodeId, indices: &[usize]) -> Vec<Span> {
    let items = items(tree, container);
    let indices: BTreeSet<usize> = indices.iter().copied().collect();
    let gone = |index: usize| indices.contains(&index);
    let Some(last_kept) = (0..items.len()).rev().find(|&index| !gone(index)) else {
        let span = tree.span(container);
        return vec![Span { start: span.start + 1, end: span.end - 1 }];
    };
    let mut spans = Vec::new();
    for (index, window) in items.windows(2).enumerate() {
        if let [item, next] = window {
            if index < last_kept && gone(index) {
                spans.push(Span { start: item.start, end: next.start });
            } else if index >= last_kept {
                spans.push(Span { start: item.end, end: next.end });
            }
        }
    }
    spans
}

/// An item on its way into a container.
struct Insertion<'a> {
    tree: &'a Tree,
    layout: &'a Layout,
    key: Option<&'a str>,
    value: &'a Value,
}

impl Insertion<'_> {
    /// The whitespace between the new item and its neighbour, as between the neighbours that are there.
    fn gap(&self, container: NodeId, items: &[Span], index: usize) -> String {
        let pair = index.clamp(1, items.len().saturating_sub(1).max(1));
        let between = match (items.get(pair - 1), items.get(pair)) {
            (Some(left), Some(right)) => Some(gap_after_comma(self.tree, *left, *right)),
            (Some(only), None) => {
                let opening = Span { start: self.tree.span(container).start + 1, end: only.start };
                Some(self.tree.slice(opening)).filter(|opening| opening.contains('\n'))
            }
            _ => None,
        };
        let gap = between.or(self.layout.comma.strip_prefix(',')).unwrap_or(" ");
        match gap.rsplit_once('\n') {
            Some((_, indent)) => format!("{}{indent}", self.layout.newline),
            None => narrow(gap),
        }
    }

    /// The item's text behind `gap`, or for a gap without a line break at byte `at`.
    fn item(&self, gap: &str, at: usize) -> String {
        let source = self.tree.source();
        match gap.rsplit_once('\n') {
            Some((_, indent)) => self.text(indent, indent.chars().count()),
            // A line that is long already is no reason to break what is added to it.
            None => {
                let indent = line_indent(source, at);
                self.text(indent, indent.chars().count())
            }
        }
    }

    fn is_nested(&self) -> bool {
        matches!(self.value, Value::Map(entries) if !entries.is_empty())
            || matches!(self.value, Value::List(elements) if !elements.is_empty())
    }

    fn text(&self, indent: &str, column: usize) -> String {
        let mut text = String::new();
        if let Some(key) = self.key {
            text.push_str(&quote(key));
            text.push_str(&self.layout.colon);
        }
        let before = text.chars().count();
        self.layout.write(self.value, indent, column + before, 1, &mut text);
        text
    }
}

fn path_text(path: &[Step<'_>]) -> String {
    if path.is_empty() {
        return "the document".to_owned();
    }
    let mut text = String::from("`");
    for step in path {
        match step {
            Step::Key(key) if text.len() > 1 => text.push_str(&format!(".{key}")),
            Step::Key(key) => text.push_str(key),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text.push('`');
    text
}
