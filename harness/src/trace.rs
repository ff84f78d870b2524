//! What happened in a run: how often each node was reached and left, by which exit, and the last value of each port.
//! Coverage counts it, pictures show it.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_graph::document::{Edge, Graph};
use statewright_graph::node::{self, Exits};
use statewright_runtime::context::Tracer;
use statewright_runtime::session::{ActionReport, Status};
use statewright_types::Value;

/// A graph's name and a node's id.
type NodeKey = (Arc<str>, Arc<str>);
/// The same with a port or a label.
type PortKey = (Arc<str>, Arc<str>, Arc<str>);

/// How ports begin that tell by which edge a node was left.
const EXIT: &str = "exit:";

/// What happened in one run or in several.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// How often each node was reached.
    visits: HashMap<NodeKey, u32>,
    /// How often the flow went on from each node, or ended after it; resumptions not counted.
    left: HashMap<NodeKey, u32>,
    /// How often an activation was suspended in each node.
    waited: HashMap<NodeKey, u32>,
    /// How often each labelled exit was taken.
    exits: HashMap<PortKey, u32>,
    /// By port (`in:a`, `out:result`): the last value.
    values: HashMap<PortKey, Value>,
    /// The node reached last, by handler and graph.
    last: HashMap<NodeKey, Arc<str>>,
    /// Each text once.
    names: HashMap<Box<str>, Arc<str>>,
}

impl Trace {
    /// How often a node was reached.
    pub fn visits(&self, graph: &str, node: &str) -> u32 {
        self.visits.get(&(graph.into(), node.into())).copied().unwrap_or(0)
    }

    /// The last value of `port` (`in:NAME` or `out:NAME`) of a node.
    pub fn value(&self, graph: &str, node: &str, port: &str) -> Option<&Value> {
        self.values.get(&(graph.into(), node.into(), port.into()))
    }

    /// Whether a node had an output: true for a pure node that was evaluated outside of the flow.
    pub fn evaluated(&self, graph: &str, node: &str) -> bool {
        self.values.keys().any(|(in_graph, of, port)| &**in_graph == graph && &**of == node && port.starts_with("out:"))
    }

    /// Ends what the reported activations left open; to be called after each action.
    pub fn settle(&mut self, reports: &[ActionReport]) {
        let status = |handler: &Arc<str>| {
            let mut of = reports.iter().flat_map(|report| &report.activations);
            of.rfind(|activation| activation.handler == *handler).map(|activation| activation.status)
        };
        for ((handler, graph), node) in std::mem::take(&mut self.last) {
            match status(&handler) {
                // Several activations of a handler may wait, and nothing tells which one goes on.
                Some(Status::Waiting) => bump(&mut self.waited, (graph, node)),
                Some(Status::Done) => bump(&mut self.left, (graph, node)),
                Some(Status::Failed) | None => {}
            }
        }
    }

    /// Adds what happened in another run.
    pub fn merge(&mut self, other: Trace) {
        add(&mut self.visits, other.visits);
        add(&mut self.left, other.left);
        add(&mut self.waited, other.waited);
        add(&mut self.exits, other.exits);
        self.values.extend(other.values);
    }

    /// How often each flow edge of `graph` was passed, in document order. Exact for labelled edges and for those that
    /// alone lead to their node; where edges join behind a wait, what no other edge explains is counted.
    pub fn taken(&self, graph: &Graph) -> Vec<u32> {
        let name = &graph.name.text;
        let into =
            |edge: &Edge| graph.edges.iter().filter(|other| !other.ends() && other.to.text == edge.to.text).count();
        let known = |edge: &Edge| match &edge.label {
            // The branches of a Sequence are no choice, so that no exit is told.
            Some(label) if !Self::is_sequence(graph, &edge.from.text) => {
                Some(self.exit(name, &edge.from.text, &label.text))
            }
            _ if !edge.ends() && into(edge) == 1 => Some(self.visits(name, &edge.to.text)),
            Some(_) => None,
            None => self.passed(graph, edge),
        };
        let mut taken: Vec<Option<u32>> = graph.edges.iter().map(known).collect();
        for (index, edge) in graph.edges.iter().enumerate() {
            if taken.get(index).is_some_and(Option::is_none) {
                let same = graph.edges.iter().zip(&taken).filter(|(other, _)| other.to.text == edge.to.text);
                let others = same.filter_map(|(_, count)| *count).fold(0u32, u32::saturating_add);
                let rest = self.visits(name, &edge.to.text).saturating_sub(others);
                if let Some(count) = taken.get_mut(index) {
                    *count = Some(rest);
                }
            }
        }
        taken.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// Whether a node's labelled edges are run one after the other.
    fn is_sequence(graph: &Graph, id: &str) -> bool {
        let node = graph.nodes.iter().find(|node| &*node.id.text == id);
        let row = node.and_then(|node| node::by_name(&node.ty.text));
        row.is_some_and(|row| row.exits == Exits::Numbered)
    }

    /// How often an edge without a label was passed: it stands for all exits that no other edge is labelled for.
    /// `None` if only the visits of where it leads can tell.
    fn passed(&self, graph: &Graph, edge: &Edge) -> Option<u32> {
        let key = (graph.name.text.clone(), edge.from.text.clone());
        if &*edge.from.text == "start" || (self.waited.contains_key(&key) && !edge.ends()) {
            return None;
        }
        let siblings = graph.edges.iter().filter(|other| other.from.text == edge.from.text);
        let named: Vec<&str> = siblings.filter_map(|other| other.label.as_ref()).map(|label| &*label.text).collect();
        let exits = self.exits.iter().filter(|((graph, node, _), _)| *graph == key.0 && *node == key.1);
        let (mut branches, mut count) = (false, 0u32);
        for ((_, _, label), times) in exits {
            branches = true;
            count = count.saturating_add(if named.contains(&&**label) { 0 } else { *times });
        }
        Some(if branches { count } else { self.left.get(&key).copied().unwrap_or(0) })
    }

    fn exit(&self, graph: &Arc<str>, node: &Arc<str>, label: &Arc<str>) -> u32 {
        self.exits.get(&(graph.clone(), node.clone(), label.clone())).copied().unwrap_or(0)
    }

    fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        let name: Arc<str> = text.into();
        self.names.insert(text.into(), name.clone());
        name
    }
}

impl Tracer for Trace {
    fn sees_asides(&self) -> bool {
        true
    }

    fn enter(&mut self, handler: &str, function: &str, node: &str) {
        let (handler, graph, node) = (self.name(handler), self.name(function), self.name(node));
        bump(&mut self.visits, (graph.clone(), node.clone()));
        if let Some(before) = self.last.insert((handler, graph.clone()), node) {
            bump(&mut self.left, (graph, before));
        }
    }

    fn probe(&mut self, function: &str, node: &str, port: &str, value: Value) {
        let (graph, node) = (self.name(function), self.name(node));
        match port.strip_prefix(EXIT) {
            Some(label) => {
                let label = self.name(label);
                bump(&mut self.exits, (graph, node, label));
            }
            None => {
                let port = self.name(port);
                self.values.insert((graph, node, port), value);
            }
        }
    }
}

fn bump<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u32>, key: K) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

fn add<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u32>, more: HashMap<K, u32>) {
    for (key, count) in more {
        let total = counts.entry(key).or_default();
        *total = total.saturating_add(count);
    }
}
