//! Two versions of a document: what was added, removed, changed and moved; and three that become one.
//!
//! - [`mod@items`]: a document as values by place; [`annotations`]: frames, notes, bookmarks and points of wires among them
//! - [`merge`]: three-way merging, with conflicts as data
//! - [`sides`]: both versions of a graph as scenes; [`lines`]: texts line by line

pub mod annotations;
pub mod items;
pub mod lines;
pub mod merge;
pub mod sides;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_graph::document::{GraphKind, SourceDocument};
use statewright_types::Value;

pub use items::{At, GraphName, items};

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum State {
    Added,
    Removed,
    Changed,
    /// Only its place on the canvas.
    Moved,
}

/// A value of a node or graph that is another.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Which: `type`, `inputs` and `a`, `event`, the key of [`At`].
    pub key: Vec<String>,
    /// `None` if it was not there.
    pub before: Option<Value>,
    /// `None` if it is not there any more.
    pub after: Option<Value>,
}

impl Changed {
    /// Which, in one word: `inputs.a`.
    pub fn what(&self) -> String {
        self.key.join(".")
    }
}

/// What became of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeDiff {
    /// What.
    pub state: State,
    /// Each value that differs; empty of nodes that were added or removed.
    pub changes: Vec<Changed>,
}

/// An edge of the flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct EdgeKey {
    pub from: Arc<str>,
    pub label: Arc<str>,
    pub to: Arc<str>,
}

/// What became of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphDiff {
    /// What; never moved.
    pub state: State,
    /// Nodes that differ, by id.
    pub nodes: BTreeMap<Arc<str>, NodeDiff>,
    /// Edges that came.
    pub added: BTreeSet<EdgeKey>,
    /// Edges that went.
    pub removed: BTreeSet<EdgeKey>,
    /// Its own values that differ: event, parameters, permissions, frames and notes.
    pub changes: Vec<Changed>,
}

/// What became of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DocumentDiff {
    /// Graphs that differ, by kind and name.
    pub graphs: BTreeMap<GraphName, GraphDiff>,
    /// The document's own values that differ.
    pub changes: Vec<Changed>,
}

impl DocumentDiff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.graphs.is_empty() && self.changes.is_empty()
    }

    /// What became of a graph, if it differs.
    pub fn graph(&self, kind: GraphKind, name: &str) -> Option<&GraphDiff> {
        self.graphs.get(&GraphName::new(kind, name))
    }
}

/// Compares two versions. Graphs go by kind and name, nodes by id, edges by what they join. Linear but for sorting.
pub fn compare(before: &SourceDocument, after: &SourceDocument) -> DocumentDiff {
    let (old, new) = (items(before), items(after));
    let mut diff = DocumentDiff::default();
    let all: BTreeSet<&At> = old.keys().chain(new.keys()).collect();
    let (old_graphs, new_graphs) = (graphs(&old), graphs(&new));
    let (old_nodes, new_nodes) = (nodes(&old), nodes(&new));
    for at in all {
        let (was, is) = (old.get(at), new.get(at));
        if was == is {
            continue;
        }
        let changed = || Changed { key: at.key.clone(), before: was.cloned(), after: is.cloned() };
        let Some(name) = &at.graph else {
            diff.changes.push(changed());
            continue;
        };
        let state = state(old_graphs.contains(name), new_graphs.contains(name));
        let graph = diff.graphs.entry(name.clone()).or_insert_with(|| GraphDiff {
            state,
            nodes: BTreeMap::new(),
            added: BTreeSet::new(),
            removed: BTreeSet::new(),
            changes: Vec::new(),
        });
        if let Some(id) = &at.node {
            let key = (name, id);
            node(graph, id, self::state(old_nodes.contains(&key), new_nodes.contains(&key)), changed());
        } else if let [list, from, label] = at.key.as_slice()
            && list == "flow"
        {
            let edge = |to: &Value| match to {
                Value::Str(to) => {
                    let label = label.split('\u{0}').next().unwrap_or("");
                    Some(EdgeKey { from: from.as_str().into(), label: label.into(), to: to.clone() })
                }
                _ => None,
            };
            graph.removed.extend(was.and_then(edge));
            graph.added.extend(is.and_then(edge));
        } else if state == State::Changed {
            graph.changes.push(changed());
        }
    }
    diff
}

fn state(was: bool, is: bool) -> State {
    match (was, is) {
        (false, _) => State::Added,
        (_, false) => State::Removed,
        _ => State::Changed,
    }
}

fn node(graph: &mut GraphDiff, id: &Arc<str>, state: State, changed: Changed) {
    let is_place = changed.key == ["_position"];
    let state = if state == State::Changed && is_place { State::Moved } else { state };
    let entry = graph.nodes.entry(id.clone()).or_insert_with(|| NodeDiff { state, changes: Vec::new() });
    if entry.state == State::Moved && !is_place {
        entry.state = State::Changed;
    }
    if matches!(entry.state, State::Changed | State::Moved) {
        entry.changes.push(changed);
    }
}

fn graphs(items: &BTreeMap<At, Value>) -> BTreeSet<GraphName> {
    items.keys().filter_map(|at| at.graph.clone()).collect()
}

fn nodes(items: &BTreeMap<At, Value>) -> BTreeSet<(&GraphName, &Arc<str>)> {
    items.keys().filter_map(|at| Some((at.graph.as_ref()?, at.node.as_ref()?))).collect()
}
