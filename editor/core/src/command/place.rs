//! Where graphs and nodes stand in the tree.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_graph::document::{Graph, GraphAt, Node, SourceDocument};
use statewright_types::json::{NodeId, Tree};

use crate::refused::Refused;

/// A graph, and where it and its nodes stand in the tree.
#[derive(Debug)]
pub struct GraphView<'a> {
    /// Which graph.
    pub at: GraphAt,
    /// The model.
    pub graph: &'a Graph,
    /// The document's tree.
    pub tree: &'a Tree,
    /// The graph's object.
    pub json: NodeId,
    /// Position and object of each node, the first of each id.
    nodes: HashMap<&'a str, (usize, NodeId)>,
}

impl<'a> GraphView<'a> {
    /// The graph at `at`. Linear in its nodes.
    ///
    /// # Errors
    /// The document has no such graph.
    pub fn new(source: &'a SourceDocument, at: GraphAt) -> Result<GraphView<'a>, Refused> {
        let none = || {
            let noun = at.kind.noun();
            Refused::new(
                format!("the document has no {noun} number {}", at.index + 1),
                format!("choose a {noun} that is there"),
            )
        };
        let graph = source.graph(at).ok_or_else(none)?;
        let json = source.graph_node(at).ok_or_else(none)?;
        let list = source.tree.get(json, "nodes");
        let elements = list.map_or(&[][..], |list| source.tree.elements(list));
        let by_start: HashMap<u32, NodeId> =
            elements.iter().map(|element| (source.tree.span(*element).start, *element)).collect();
        let mut nodes = HashMap::with_capacity(graph.nodes.len());
        for (index, node) in graph.nodes.iter().enumerate() {
            if let Some(json) = by_start.get(&node.span.start) {
                nodes.entry(&*node.id.text).or_insert((index, *json));
            }
        }
        Ok(GraphView { at, graph, tree: &source.tree, json, nodes })
    }

    /// The node called `id` and its object.
    ///
    /// # Errors
    /// There is none.
    pub fn node(&self, id: &str) -> Result<(&'a Node, NodeId), Refused> {
        let found = self.find(id);
        found.ok_or_else(|| Refused::new(format!("the graph has no node `{id}`"), "choose a node that is there"))
    }

    /// The node called `id` and its object, if there is one.
    pub fn find(&self, id: &str) -> Option<(&'a Node, NodeId)> {
        let (index, json) = self.nodes.get(id)?;
        Some((self.graph.nodes.get(*index)?, *json))
    }

    /// The array `key` of the graph's object, and which of its elements begins at `start`.
    pub fn element(&self, key: &str, start: u32) -> Option<(NodeId, usize)> {
        let list = self.tree.get(self.json, key)?;
        let index = self.tree.elements(list).binary_search_by_key(&start, |element| self.tree.span(*element).start);
        Some((list, index.ok()?))
    }

    /// An id that no node of the graph has, like `wanted`, nor any of `taken`.
    pub fn free_id(&self, wanted: &str, taken: &dyn Fn(&str) -> bool) -> Arc<str> {
        free_name(wanted, &|name| self.nodes.contains_key(name) || taken(name))
    }
}

/// `wanted`, or `wanted` with the lowest number behind it that makes it free.
pub fn free_name(wanted: &str, is_taken: &dyn Fn(&str) -> bool) -> Arc<str> {
    if !is_taken(wanted) {
        return wanted.into();
    }
    let stem = wanted.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let stem = if stem.is_empty() { wanted } else { stem };
    let free = (2u64..).map(|number| format!("{stem}{number}")).find(|name| !is_taken(name));
    free.map_or_else(|| wanted.into(), Into::into)
}

/// The id that a new node of a type gets: its name with a small first letter.
pub fn id_of_type(ty: &str) -> String {
    let mut letters = ty.chars();
    match letters.next() {
        Some(first) => {
            let rest: String = letters.filter(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            format!("{}{rest}", first.to_ascii_lowercase())
        }
        None => "node".to_owned(),
    }
}
