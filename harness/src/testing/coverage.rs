//! Which nodes and branches of each graph the tests reached.

use std::collections::BTreeMap;

use statewright_graph::document::{Document, Graph};
use statewright_types::Value;

use crate::trace::Trace;

/// Coverage of documents, by the name of their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Graphs in document order, by document.
    pub documents: BTreeMap<String, Vec<GraphCoverage>>,
}

/// One handler, function, filter or effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphCoverage {
    /// `handler`, `function`, …
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Nodes in document order, with how often each was reached.
    pub nodes: Vec<(String, u32)>,
    /// Labelled flow edges in document order.
    pub branches: Vec<Branch>,
}

/// A labelled flow edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Node that it leaves.
    pub from: String,
    /// Its label.
    pub label: String,
    /// Node that it leads to, or `end`.
    pub to: String,
    /// How often it was passed.
    pub taken: u32,
}

/// Reached, and how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    /// Reached.
    pub reached: usize,
    /// All.
    pub all: usize,
}

impl Ratio {
    fn of(counts: impl Iterator<Item = u32>) -> Ratio {
        counts.fold(Ratio::default(), |ratio, count| Ratio {
            reached: ratio.reached + usize::from(count > 0),
            all: ratio.all + 1,
        })
    }

    fn value(self) -> Value {
        Value::map([("reached", Value::uint(self.reached as u64)), ("all", Value::uint(self.all as u64))])
    }

    /// Rounded down; 100 of nothing.
    pub fn percent(self) -> usize {
        (self.reached * 100).checked_div(self.all).unwrap_or(100)
    }
}

impl GraphCoverage {
    /// What `trace` reached of `graph`.
    pub fn of(graph: &Graph, trace: &Trace) -> GraphCoverage {
        let name = &graph.name.text;
        let visits = |node: &str| match trace.visits(name, node) {
            0 => u32::from(trace.evaluated(name, node)),
            visits => visits,
        };
        let branches = graph.edges.iter().zip(trace.taken(graph)).filter_map(|(edge, taken)| {
            let label = edge.label.as_ref()?.text.to_string();
            let to = if edge.ends() { "end".to_owned() } else { edge.to.text.to_string() };
            Some(Branch { from: edge.from.text.to_string(), label, to, taken })
        });
        GraphCoverage {
            kind: graph.kind.noun(),
            name: name.to_string(),
            nodes: graph.nodes.iter().map(|node| (node.id.text.to_string(), visits(&node.id.text))).collect(),
            branches: branches.collect(),
        }
    }

    /// Of its nodes.
    pub fn node_ratio(&self) -> Ratio {
        Ratio::of(self.nodes.iter().map(|(_, count)| *count))
    }

    /// Of its labelled edges.
    pub fn branch_ratio(&self) -> Ratio {
        Ratio::of(self.branches.iter().map(|branch| branch.taken))
    }
}

impl Coverage {
    /// Sets what `trace` reached of the document in file `name`.
    pub fn set(&mut self, name: &str, document: &Document, trace: &Trace) {
        let graphs = document.graphs().map(|graph| GraphCoverage::of(graph, trace)).collect();
        self.documents.insert(name.to_owned(), graphs);
    }

    /// A table for people, with what was missed.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (document, graphs) in &self.documents {
            out.push_str(&format!("coverage of {document}\n"));
            for graph in graphs {
                let (nodes, branches) = (graph.node_ratio(), graph.branch_ratio());
                out.push_str(&format!(
                    "  {} {}: nodes {}/{} ({}%), branches {}/{} ({}%)\n",
                    graph.kind,
                    graph.name,
                    nodes.reached,
                    nodes.all,
                    nodes.percent(),
                    branches.reached,
                    branches.all,
                    branches.percent(),
                ));
                let missed: Vec<&str> =
                    graph.nodes.iter().filter(|(_, count)| *count == 0).map(|(id, _)| id.as_str()).collect();
                if nodes.reached > 0 && !missed.is_empty() {
                    out.push_str(&format!("    never reached: {}\n", missed.join(", ")));
                }
                for branch in graph.branches.iter().filter(|branch| nodes.reached > 0 && branch.taken == 0) {
                    let Branch { from, label, to, .. } = branch;
                    out.push_str(&format!("    never taken: {from} --{label}--> {to}\n"));
                }
            }
        }
        out
    }

    /// `{"nodes":{"reached","all"},"branches":{…},"documents":[{"file","graphs":[{"kind","name","nodes":[{"id","visits"}],
    /// "branches":[{"from","label","to","taken"}]}]}]}`
    pub fn value(&self) -> Value {
        let graphs = || self.documents.values().flatten();
        let nodes = Ratio::of(graphs().flat_map(|graph| &graph.nodes).map(|(_, count)| *count));
        let branches = Ratio::of(graphs().flat_map(|graph| &graph.branches).map(|branch| branch.taken));
        let documents = self.documents.iter().map(|(file, graphs)| {
            let graphs = graphs.iter().map(GraphCoverage::value).collect();
            Value::map([("file", Value::from(file.as_str())), ("graphs", Value::List(graphs))])
        });
        Value::map([
            ("nodes", nodes.value()),
            ("branches", branches.value()),
            ("documents", Value::List(documents.collect())),
        ])
    }
}

impl GraphCoverage {
    fn value(&self) -> Value {
        let nodes = self.nodes.iter().map(|(id, visits)| {
            Value::map([("id", Value::from(id.as_str())), ("visits", Value::Int(i64::from(*visits)))])
        });
        let branches = self.branches.iter().map(|branch| {
            Value::map([
                ("from", Value::from(branch.from.as_str())),
                ("label", Value::from(branch.label.as_str())),
                ("to", Value::from(branch.to.as_str())),
                ("taken", Value::Int(i64::from(branch.taken))),
            ])
        });
        Value::map([
            ("kind", Value::from(self.kind)),
            ("name", Value::from(self.name.as_str())),
            ("nodes", Value::List(nodes.collect())),
            ("branches", Value::List(branches.collect())),
        ])
    }
}
