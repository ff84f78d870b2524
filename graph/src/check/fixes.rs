//! From what would mend a problem to replacements in the document's text.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_types::diagnostic::Fix;
use statewright_types::json::{self, Kind, NodeId, Tree, quote, removed};
use statewright_types::repair::spell;
use statewright_types::{Diagnostic, Repair, Span};

use crate::document::{Document, Graph, Input, InputKind, Node};

/// Turns the repairs of `diagnostics` into fixes of the text that `document` was read from. What is not clear there comes
/// to nothing.
pub(crate) fn settle(text: &Arc<str>, document: &Document, diagnostics: &mut [Diagnostic]) {
    spell(text, diagnostics);
    if diagnostics.iter().all(|diagnostic| diagnostic.repair.is_none()) {
        return;
    }
    let Ok(tree) = json::parse(text.clone()) else { return };
    let places = Places::of(&tree);
    for diagnostic in diagnostics {
        let (Some(repair), Some(span)) = (diagnostic.repair.take(), diagnostic.span) else { continue };
        let fix = match &*repair {
            Repair::Remove(spans) => places.remove(spans),
            Repair::AsText(value) => places.as_text(document, span, value),
            Repair::Through { ty, value } => places.through(document, span, ty, value),
            Repair::Spell { .. } => None,
        };
        diagnostic.fix = fix.unwrap_or_default();
    }
}

/// Where everything stands.
struct Places<'t> {
    tree: &'t Tree,
    values: HashMap<Span, NodeId>,
    /// The array or object that holds a value, and the value's position in it.
    holders: HashMap<Span, (NodeId, usize)>,
}

impl<'t> Places<'t> {
    fn of(tree: &'t Tree) -> Places<'t> {
        let mut places = Places { tree, values: HashMap::new(), holders: HashMap::new() };
        for node in tree.nodes() {
            places.values.insert(tree.span(node), node);
            let entries = tree.entries(node).iter().map(|entry| entry.value);
            let inside = tree.elements(node).iter().copied().chain(entries);
            places.holders.extend(inside.enumerate().map(|(index, value)| (tree.span(value), (node, index))));
        }
        places
    }

    fn remove(&self, spans: &[Span]) -> Option<Vec<Fix>> {
        let mut by_holder: Vec<(NodeId, Vec<usize>)> = Vec::new();
        for span in spans {
            let (holder, index) = *self.holders.get(span)?;
            match by_holder.iter_mut().find(|(other, _)| *other == holder) {
                Some((_, indices)) => indices.push(index),
                None => by_holder.push((holder, vec![index])),
            }
        }
        let gone = by_holder.iter().flat_map(|(holder, indices)| removed(self.tree, *holder, indices));
        Some(gone.map(|span| Fix { span, text: String::new() }).collect())
    }

    /// The JSON text of the reference at `span`, without its quotes, if `value` is what it says.
    fn reference(&self, input: &Input, value: &str) -> Option<&'t str> {
        let InputKind::Reference(reference) = &input.kind else { return None };
        let text = self.tree.slice(reference.span);
        (*reference.text == *value).then(|| text.get(1..text.len() - 1)).flatten()
    }

    fn as_text(&self, document: &Document, span: Span, value: &str) -> Option<Vec<Fix>> {
        let (_, _, input) = input_at(document, span)?;
        let text = match self.tree.kind(*self.values.get(&span)?) {
            Kind::Bool(_) => quote(self.tree.slice(span)),
            Kind::Number if matches!(input.kind, InputKind::Int(_) | InputKind::UInt(_)) => {
                quote(self.tree.slice(span))
            }
            _ => format!("{{\"template\": \"{{{{{}}}}}\"}}", self.reference(input, value)?),
        };
        Some(vec![Fix { span, text }])
    }

    fn through(&self, document: &Document, span: Span, ty: &str, value: &str) -> Option<Vec<Fix>> {
        let (graph, node, input) = input_at(document, span)?;
        if let InputKind::Float(number) = input.kind {
            let whole = number.trunc() == number && number.abs() < 1e15;
            return whole.then(|| vec![Fix { span, text: format!("{number:.0}") }]);
        }
        self.reference(input, value)?;
        let id = new_id(graph, ty);
        let (before, given) = (node.span.start as usize, self.tree.slice(span));
        let node_text = format!(
            "{{\"id\": {}, \"type\": {}, \"inputs\": {{\"value\": {given}}}}},{}",
            quote(&id),
            quote(ty),
            gap_before(self.tree.source(), before)
        );
        let insertion = Fix { span: Span::new(before, before), text: node_text };
        Some(vec![insertion, Fix { span, text: quote(&format!("node:{id}:result")) }])
    }
}

/// The input, or the part of one, that stands at `span`.
fn input_at(document: &Document, span: Span) -> Option<(&Graph, &Node, &Input)> {
    let around = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    let graph = document.graphs().find(|graph| around(graph.span))?;
    let node = graph.nodes.iter().find(|node| around(node.span))?;
    let mut input = node.inputs.iter().map(|(_, input)| input).find(|input| around(input.span))?;
    // Ends: every round goes one level down.
    while input.span != span {
        input = match &input.kind {
            InputKind::List(elements) => elements.iter().find(|element| around(element.span))?,
            InputKind::Map(entries) => entries.iter().map(|(_, value)| value).find(|value| around(value.span))?,
            _ => return None,
        };
    }
    Some((graph, node, input))
}

/// An id for a new node: its type's name in camelCase, with a number if it is taken.
fn new_id(graph: &Graph, ty: &str) -> String {
    let mut letters = ty.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
    let name = format!("{first}{}", letters.as_str());
    let taken = |id: &str| graph.nodes.iter().any(|node| &*node.id.text == id);
    let numbered = (2..).map(|number: usize| format!("{name}{number}"));
    std::iter::once(name.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or_default()
}

/// What stands between two items where one begins at byte `at`: a line break with the same indent, or a space.
fn gap_before(source: &str, at: usize) -> String {
    let before = source.get(..at).unwrap_or("");
    let indent = before.len() - before.trim_end_matches([' ', '\t']).len();
    let (line, indent) = before.split_at(before.len() - indent);
    if line.ends_with('\n') {
        format!("{}{indent}", if line.ends_with("\r\n") { "\r\n" } else { "\n" })
    } else {
        " ".to_owned()
    }
}
