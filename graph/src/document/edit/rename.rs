//! Where a graph mentions a node.

use statewright_types::Span;
use statewright_types::json::{Kind, NodeId, Tree, quote};

use crate::document::model::Graph;
use crate::document::reference::{Form, Renamed, Scheme, rename};

/// The ports whose constant text is a state path, in which brackets may hold references.
const PATH_PORTS: [&str; 1] = ["path"];

/// What to replace so that the node `old` of `graph`, at `node` of the tree, is called `new`.
pub(super) fn replacements(tree: &Tree, node: NodeId, graph: &Graph, old: &str, new: &str) -> Vec<(Span, String)> {
    let ids = graph.nodes.iter().map(|node| &node.id).filter(|id| &*id.text == old).take(1);
    let ends = graph.edges.iter().flat_map(|edge| [&edge.from, &edge.to]).filter(|end| &*end.text == old);
    let mut replacements: Vec<_> = ids.chain(ends).map(|name| (name.span, quote(new))).collect();
    replacements.extend(mentions(tree, node, old, Renamed::Node(new)));
    replacements
}

/// What to replace in the inputs of the graph at `node`, where they mention the node `id`.
pub(super) fn mentions(tree: &Tree, node: NodeId, id: &str, to: Renamed<'_>) -> Vec<(Span, String)> {
    let mut renaming = Renaming { tree, id, to, replacements: Vec::new() };
    let nodes = tree.get(node, "nodes").map_or(&[][..], |nodes| tree.elements(nodes));
    for inputs in nodes.iter().filter_map(|&node| tree.get(node, "inputs")) {
        for entry in tree.entries(inputs) {
            renaming.input(entry.value, PATH_PORTS.contains(&&*entry.key));
        }
    }
    renaming.replacements
}

struct Renaming<'a> {
    tree: &'a Tree,
    id: &'a str,
    to: Renamed<'a>,
    replacements: Vec<(Span, String)>,
}

impl Renaming<'_> {
    /// Nests as deep as JSON does. `is_path`: literal text here is a state path.
    fn input(&mut self, node: NodeId, is_path: bool) {
        match self.tree.kind(node) {
            Kind::String => {
                if is_path || self.tree.str(node).is_some_and(|text| Scheme::of(text).is_some()) {
                    self.text(node, Form::Reference);
                }
            }
            Kind::Array => self.tree.elements(node).iter().for_each(|&element| self.input(element, false)),
            Kind::Object => match self.tree.entries(node) {
                [entry] if &*entry.key == "constant" => {
                    if is_path {
                        self.text(entry.value, Form::Reference);
                    }
                }
                [entry] if &*entry.key == "source" => self.text(entry.value, Form::Source),
                [entry] if &*entry.key == "template" => self.text(entry.value, Form::Template),
                entries => entries.iter().for_each(|entry| self.input(entry.value, false)),
            },
            Kind::Null | Kind::Bool(_) | Kind::Number => {}
        }
    }

    fn text(&mut self, node: NodeId, form: Form) {
        let renamed = self.tree.str(node).and_then(|text| rename(text, form, self.id, self.to));
        self.replacements.extend(renamed.map(|text| (self.tree.span(node), quote(&text))));
    }
}
