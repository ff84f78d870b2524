//! How a text is laid out, so that what is inserted looks like its surroundings.

use super::tree::{Kind, NodeId, Tree};
use super::write::Layout;
use crate::Span;

/// How wide a line may become before an inserted container is broken, in characters.
const EDIT_COLUMNS: usize = 100;
/// How many nodes are looked at for a layout: many edits of a text that shows none would take long otherwise.
const LOOKED_AT: usize = 4_000;

/// The layout used in and around `near`: what it does not show is taken from the whole text, and what that does
/// not show is the default.
pub(super) fn layout_near(tree: &Tree, near: NodeId) -> Layout {
    let mut found = Found::default();
    let everywhere = tree.descendants(near).chain(tree.nodes()).take(LOOKED_AT);
    for node in everywhere {
        found.look_at(tree, node);
        if found.complete() {
            break;
        }
    }
    let default = Layout::default();
    let multi_line = tree.source().contains('\n');
    Layout {
        newline: newline(tree.source()),
        indent: found.indent.unwrap_or(default.indent),
        colon: found.colon.unwrap_or(default.colon),
        comma: found.comma.unwrap_or(default.comma),
        padding: found.padding.unwrap_or(default.padding),
        columns: if multi_line { EDIT_COLUMNS } else { usize::MAX },
    }
}

/// The line ending of `source`: that of its first line.
fn newline(source: &str) -> &'static str {
    match source.find('\n') {
        Some(at) if source.get(..at).is_some_and(|before| before.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// The whitespace that begins the line of byte `offset`.
pub(super) fn line_indent(source: &str, offset: usize) -> &str {
    let line = line_start(source, offset);
    let rest = source.get(line..).unwrap_or("");
    let width = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    rest.get(..width).unwrap_or("")
}

/// How many characters stand before byte `offset` on its line.
pub(super) fn column(source: &str, offset: usize) -> usize {
    source.get(line_start(source, offset)..offset).map_or(0, |before| before.chars().count())
}

fn line_start(source: &str, offset: usize) -> usize {
    source.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// Where each item of a container stands: an element, or a key with its value.
pub(super) fn items(tree: &Tree, container: NodeId) -> Vec<Span> {
    match tree.kind(container) {
        Kind::Object => tree
            .entries(container)
            .iter()
            .map(|entry| Span { start: entry.key_span.start, end: tree.span(entry.value).end })
            .collect(),
        _ => tree.elements(container).iter().map(|&element| tree.span(element)).collect(),
    }
}

/// The whitespace behind the comma between two neighbouring items.
pub(super) fn gap_after_comma(tree: &Tree, left: Span, right: Span) -> &str {
    let between = tree.slice(Span { start: left.end, end: right.start });
    between.split_once(',').map_or("", |(_, gap)| gap)
}

/// `spacing` with one space where it has several: those align columns that a new item is no part of.
pub(super) fn narrow(spacing: &str) -> String {
    let mut text = String::new();
    for character in spacing.chars() {
        let character = if character.is_whitespace() { ' ' } else { character };
        if character != ' ' || !text.ends_with(' ') {
            text.push(character);
        }
    }
    text
}

#[derive(Default)]
struct Found {
    indent: Option<String>,
    colon: Option<String>,
    comma: Option<String>,
    padding: Option<String>,
}

impl Found {
    fn complete(&self) -> bool {
        self.indent.is_some() && self.colon.is_some() && self.comma.is_some() && self.padding.is_some()
    }

    fn look_at(&mut self, tree: &Tree, node: NodeId) {
        let kind = tree.kind(node);
        if !matches!(kind, Kind::Array | Kind::Object) {
            return;
        }
        if self.colon.is_none() {
            self.colon = tree.entries(node).first().and_then(|entry| {
                let colon = tree.slice(Span { start: entry.key_span.end, end: tree.span(entry.value).start });
                (!colon.contains('\n')).then(|| narrow(colon))
            });
        }
        let items = items(tree, node);
        let Some(first) = items.first() else { return };
        let span = tree.span(node);
        let opening = tree.slice(Span { start: span.start + 1, end: first.start });
        if opening.contains('\n') {
            self.look_at_indent(tree.source(), span, *first);
            return;
        }
        if self.padding.is_none() && kind == Kind::Object {
            self.padding = Some(narrow(opening));
        }
        if self.comma.is_none()
            && let [left, right, ..] = items.as_slice()
        {
            let gap = gap_after_comma(tree, *left, *right);
            self.comma = (!gap.contains('\n')).then(|| format!(",{}", narrow(gap)));
        }
    }

    fn look_at_indent(&mut self, source: &str, container: Span, first: Span) {
        if self.indent.is_some() {
            return;
        }
        let outer = line_indent(source, container.start as usize);
        let inner = line_indent(source, first.start as usize);
        self.indent = inner.strip_prefix(outer).filter(|unit| !unit.is_empty()).map(str::to_owned);
    }
}
