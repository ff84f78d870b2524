//! What happened in a run: how often each node was reached, from where, and the last value of each port. Coverage
//! counts it, pictures show it.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_graph::document::{Edge, Graph};
use statewright_runtime::context::Tracer;
use statewright_runtime::session::{ActionReport, Status};
use statewright_types::Value;

/// A graph's name and a node's id.
type NodeKey = (Arc<str>, Arc<str>);

/// The end of a graph, as a target of passes.
const END: &str = "";

/// What happened in one run or in several.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// How often each node was reached.
    visits: HashMap<NodeKey, u32>,
    /// By graph, node and the node reached next in that graph ([`END`]: none): how often.
    passes: HashMap<(Arc<str>, Arc<str>, Arc<str>), u32>,
    /// By graph, node and port (`in:a`, `out:result`): the last value.
    values: HashMap<(Arc<str>, Arc<str>, Arc<str>), Value>,
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
        let waiting: Vec<&Arc<str>> = reports
            .iter()
            .flat_map(|report| &report.activations)
            .filter(|activation| activation.status == Status::Waiting)
            .map(|activation| &activation.handler)
            .collect();
        let failed: Vec<&Arc<str>> = reports
            .iter()
            .flat_map(|report| &report.activations)
            .filter(|activation| activation.status == Status::Failed)
            .map(|activation| &activation.handler)
            .collect();
        let end = self.name(END);
        for ((handler, graph), node) in std::mem::take(&mut self.last) {
            if waiting.contains(&&handler) {
                self.last.insert((handler, graph), node);
            } else if !failed.contains(&&handler) {
                bump(&mut self.passes, (graph, node, end.clone()));
            }
        }
    }

    /// Adds what happened in another run.
    pub fn merge(&mut self, other: Trace) {
        for (key, count) in other.visits {
            let total = self.visits.entry(key).or_default();
            *total = total.saturating_add(count);
        }
        for (key, count) in other.passes {
            let total = self.passes.entry(key).or_default();
            *total = total.saturating_add(count);
        }
        self.values.extend(other.values);
    }

    /// How often each flow edge of `graph` was passed, in document order. An edge between two nodes was passed when
    /// the one was reached right after the other. What was reached without such an edge was reached on the way on
    /// from a branch or a loop that encloses it: the edge of the nearest node before it that leads there.
    pub fn taken(&self, graph: &Graph) -> Vec<u32> {
        let mut taken = vec![0u32; graph.edges.len()];
        let mut reached: HashMap<&str, u32> = HashMap::new();
        for ((in_graph, from, to), passes) in &self.passes {
            if *in_graph == graph.name.text
                && let Some(index) = edge_taken(&graph.edges, from, to)
                && let Some(count) = taken.get_mut(index)
            {
                *count = count.saturating_add(*passes);
                *reached.entry(to).or_default() += *passes;
            }
        }
        // What no edge between nodes explains came from the start.
        for (edge, count) in graph.edges.iter().zip(&mut taken).filter(|(edge, _)| &*edge.from.text == "start") {
            let others = reached.get(&*edge.to.text).copied().unwrap_or(0);
            *count = self.visits(&graph.name.text, &edge.to.text).saturating_sub(others);
        }
        taken
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
    fn enter(&mut self, handler: &str, function: &str, node: &str) {
        let (handler, graph, node) = (self.name(handler), self.name(function), self.name(node));
        bump(&mut self.visits, (graph.clone(), node.clone()));
        if let Some(before) = self.last.insert((handler, graph.clone()), node.clone()) {
            bump(&mut self.passes, (graph, before, node));
        }
    }

    fn probe(&mut self, function: &str, node: &str, port: &str, value: Value) {
        let key = (self.name(function), self.name(node), self.name(port));
        self.values.insert(key, value);
    }
}

fn bump<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, u32>, key: K) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

/// Position of the edge by which `to` was reached when `from` was the node before.
fn edge_taken(edges: &[Edge], from: &str, to: &str) -> Option<usize> {
    let leads = |edge: &Edge| if to == END { edge.ends() } else { &*edge.to.text == to };
    let mut seen: Vec<&str> = Vec::new();
    let mut level: Vec<&str> = vec![from];
    while !level.is_empty() {
        for node in &level {
            let found = edges.iter().position(|edge| &*edge.from.text == *node && leads(edge));
            if found.is_some() {
                return found;
            }
        }
        seen.extend(&level);
        // One step back along the flow, towards the branch or loop that `from` lies in.
        let back = edges.iter().filter(|edge| level.iter().any(|node| *node == &*edge.to.text));
        let mut next: Vec<&str> = Vec::new();
        for edge in back {
            if !seen.contains(&&*edge.from.text) && !next.contains(&&*edge.from.text) {
                next.push(&edge.from.text);
            }
        }
        level = next;
    }
    None
}
