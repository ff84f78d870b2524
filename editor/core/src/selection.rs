//! What is selected on the canvas of one graph.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_graph::document::{Graph, GraphAt};

use crate::wires::{Wire, wires};

/// How a selection grows when something is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Instead of what was selected.
    Replace,
    /// Besides.
    Add,
    /// What was selected is not any more, and the other way round.
    Toggle,
    /// Not any more.
    Remove,
}

/// Nodes, wires, frames and notes of one graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The graph, if anything of one is selected.
    pub graph: Option<GraphAt>,
    /// Ids of nodes.
    pub nodes: BTreeSet<Arc<str>>,
    /// Wires.
    pub wires: BTreeSet<Wire>,
    /// Ids of frames.
    pub frames: BTreeSet<String>,
    /// Ids of notes.
    pub notes: BTreeSet<String>,
}

impl Selection {
    /// Nodes only.
    pub fn of_nodes<T: Into<Arc<str>>>(graph: GraphAt, nodes: impl IntoIterator<Item = T>) -> Selection {
        Selection { graph: Some(graph), nodes: nodes.into_iter().map(Into::into).collect(), ..Selection::default() }
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.wires.is_empty() && self.frames.is_empty() && self.notes.is_empty()
    }

    /// How many things are selected.
    pub fn len(&self) -> usize {
        self.nodes.len() + self.wires.len() + self.frames.len() + self.notes.len()
    }

    /// This selection after `chosen` was chosen. In another graph it begins anew.
    #[must_use]
    pub fn with(&self, chosen: &Selection, mode: Mode) -> Selection {
        if mode == Mode::Replace || (self.graph != chosen.graph && chosen.graph.is_some()) {
            return if mode == Mode::Remove { Selection::default() } else { chosen.clone() };
        }
        Selection {
            graph: self.graph,
            nodes: joined(&self.nodes, &chosen.nodes, mode),
            wires: joined(&self.wires, &chosen.wires, mode),
            frames: joined(&self.frames, &chosen.frames, mode),
            notes: joined(&self.notes, &chosen.notes, mode),
        }
    }

    /// Everything in `graph`, the graph at `at`.
    pub fn all(at: GraphAt, graph: &Graph) -> Selection {
        Selection::of_nodes(at, graph.nodes.iter().map(|node| node.id.text.clone()))
    }

    /// The nodes, and all that wires connect to them, at any distance.
    #[must_use]
    pub fn connected(&self, graph: &Graph) -> Selection {
        let wires = wires(graph);
        let mut reached = self.nodes.clone();
        loop {
            let before = reached.len();
            for wire in &wires {
                let (from, to) = (wire.from_node(), wire.to_node());
                if let (Some(from), Some(to)) = (from, to)
                    && (reached.contains(from) || reached.contains(to))
                {
                    reached.insert(from.clone());
                    reached.insert(to.clone());
                }
            }
            if reached.len() == before {
                return Selection { nodes: reached, ..self.clone() };
            }
        }
    }

    /// All nodes of the types that are selected.
    #[must_use]
    pub fn similar(&self, graph: &Graph) -> Selection {
        let chosen = graph.nodes.iter().filter(|node| self.nodes.contains(&node.id.text));
        let types: BTreeSet<&str> = chosen.map(|node| &*node.ty.text).collect();
        let alike = graph.nodes.iter().filter(|node| types.contains(&*node.ty.text));
        Selection { nodes: alike.map(|node| node.id.text.clone()).collect(), ..self.clone() }
    }

    /// Without what `graph` does not have any more.
    #[must_use]
    pub fn kept(&self, graph: &Graph) -> Selection {
        // Of few ids each is looked for among the nodes; a set of all of these costs more than that.
        let ids: BTreeSet<&Arc<str>> = match self.nodes.len() {
            0 => BTreeSet::new(),
            1..=8 => graph.nodes.iter().map(|node| &node.id.text).filter(|id| self.nodes.contains(*id)).collect(),
            _ => graph.nodes.iter().map(|node| &node.id.text).collect(),
        };
        let there: BTreeSet<Wire> =
            if self.wires.is_empty() { BTreeSet::new() } else { wires(graph).into_iter().collect() };
        Selection {
            graph: self.graph,
            nodes: self.nodes.iter().filter(|id| ids.contains(id)).cloned().collect(),
            wires: self.wires.intersection(&there).cloned().collect(),
            frames: self.frames.clone(),
            notes: self.notes.clone(),
        }
    }
}

fn joined<T: Ord + Clone>(old: &BTreeSet<T>, chosen: &BTreeSet<T>, mode: Mode) -> BTreeSet<T> {
    match mode {
        Mode::Replace => chosen.clone(),
        Mode::Add => old.union(chosen).cloned().collect(),
        Mode::Toggle => old.symmetric_difference(chosen).cloned().collect(),
        Mode::Remove => old.difference(chosen).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::{GraphKind, SourceDocument};

    use super::*;

    const AT: GraphAt = GraphAt { kind: GraphKind::Handler, index: 0 };

    fn source() -> SourceDocument {
        let text = r#"{"handlers": [{"name": "h", "event": "E", "nodes": [
            {"id": "a", "type": "Add", "inputs": {"a": 1, "b": 2}},
            {"id": "b", "type": "Add", "inputs": {"a": "node:a:result", "b": 2}},
            {"id": "c", "type": "Trace", "inputs": {"text": {"template": "{{node:b:result}}"}}},
            {"id": "d", "type": "Trace", "inputs": {}}], "flow": [{"from": "start", "to": "c"}]}]}"#;
        SourceDocument::parse(text).unwrap()
    }

    fn ids(selection: &Selection) -> String {
        selection.nodes.iter().map(|id| &**id).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn selections_grow_by_mode_wires_and_type() {
        let source = source();
        let graph = source.graph(AT).unwrap();
        let a = Selection::of_nodes(AT, ["a"]);
        let ab = Selection::of_nodes(AT, ["a", "b"]);
        assert_eq!(ids(&a.with(&ab, Mode::Toggle)), "b");
        assert_eq!(ids(&ab.with(&a, Mode::Remove)), "b");
        assert_eq!(ids(&a.with(&Selection::of_nodes(AT, ["c"]), Mode::Add)), "a c");
        assert_eq!(ids(&a.connected(graph)), "a b c");
        assert_eq!(ids(&a.similar(graph)), "a b");
        assert_eq!(ids(&Selection::of_nodes(AT, ["a", "gone"]).kept(graph)), "a");
        assert_eq!(Selection::all(AT, graph).len(), 4);
    }
}
