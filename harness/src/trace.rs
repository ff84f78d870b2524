//! What happened in a run: how often each node was reached and left, by which exit, and the last value of each port.
//! Coverage counts it, pictures show it.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_graph::document::{Edge, Graph};
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
    /// How often the flow went on from each node, or ended after it.
    left: HashMap<NodeKey, u32>,
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
                Some(Status::Waiting) | None => {
                    self.last.insert((handler, graph), node);
                }
                Some(Status::Failed) => {}
                Some(Status::Done) => bump(&mut self.left, (graph, node)),
            }
        }
    }

    /// Adds what happened in another run.
    pub fn merge(&mut self, other: Trace) {
        add(&mut self.visits, other.visits);
        add(&mut self.left, other.left);
        add(&mut self.exits, other.exits);
        self.values.extend(other.values);
    }

    /// How often each flow edge of `graph` was passed, in document order.
    pub fn taken(&self, graph: &Graph) -> Vec<u32> {
        let mut taken: Vec<u32> = graph.edges.iter().map(|edge| self.passed(graph, edge)).collect();
        // What was reached and no other edge explains was reached from the start.
        for (index, edge) in graph.edges.iter().enumerate().filter(|(_, edge)| &*edge.from.text == "start") {
            let edges = graph.edges.iter().zip(&taken);
            let others = edges.filter(|(other, _)| other.to.text == edge.to.text).map(|(_, count)| *count);
            let others = others.fold(0u32, u32::saturating_add);
            let from_start = self.visits(&graph.name.text, &edge.to.text).saturating_sub(others);
            if let Some(count) = taken.get_mut(index) {
                *count = from_start;
            }
        }
        taken
    }

    /// How often an edge out of a node was passed. An edge without a label stands for all exits that have none.
    fn passed(&self, graph: &Graph, edge: &Edge) -> u32 {
        let (name, from) = (&graph.name.text, &edge.from.text);
        if let Some(label) = &edge.label {
            return self.exits.get(&(name.clone(), from.clone(), label.text.clone())).copied().unwrap_or(0);
        }
        let siblings = graph.edges.iter().filter(|other| other.from.text == *from);
        let named: Vec<&str> = siblings.filter_map(|other| other.label.as_ref()).map(|label| &*label.text).collect();
        let mut branches = false;
        let mut count = 0u32;
        for ((in_graph, node, label), times) in &self.exits {
            if in_graph == name && node == from {
                branches = true;
                count = count.saturating_add(if named.contains(&&**label) { 0 } else { *times });
            }
        }
        if branches { count } else { self.left.get(&(name.clone(), from.clone())).copied().unwrap_or(0) }
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
