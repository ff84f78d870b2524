//! Edges by node: which label leads where, with everything wrong about single edges reported.

use std::sync::Arc;

use statewright_types::{Diagnostic, Help, Repair};

use super::{NodeIx, Rows};
use crate::check::codes;
use crate::document::Edge;
use crate::node::Exits;

/// Where an edge leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    Node(NodeIx),
    End,
}

/// The edges out of one node.
#[derive(Clone, Debug, Default)]
pub(super) struct Out {
    /// By label, in document order.
    pub(super) labelled: Vec<(Arc<str>, To, usize)>,
    /// Without a label.
    pub(super) plain: Option<(To, usize)>,
}

impl Out {
    /// The edge labelled `label`.
    pub(super) fn label(&self, label: &str) -> Option<(To, usize)> {
        self.labelled.iter().find(|(name, ..)| &**name == label).map(|(_, to, edge)| (*to, *edge))
    }
}

/// All edges of a graph.
pub(super) struct Edges {
    /// By node.
    pub(super) out: Vec<Out>,
    /// Start edges in document order.
    pub(super) starts: Vec<(To, usize)>,
}

/// Sorts the edges of a graph by node.
pub(super) fn collect(rows: &Rows<'_>, diagnostics: &mut Vec<Diagnostic>) -> Edges {
    let mut edges = Edges { out: vec![Out::default(); rows.graph.nodes.len()], starts: Vec::new() };
    for (index, edge) in rows.graph.edges.iter().enumerate() {
        let to = if edge.ends() { Some(To::End) } else { rows.by_id.get(&*edge.to.text).map(|node| To::Node(*node)) };
        let Some(to) = to else {
            diagnostics.push(unknown_node(rows, &edge.to.text, edge.to.span));
            continue;
        };
        if &*edge.from.text == "start" {
            edges.starts.push((to, index));
            continue;
        }
        let Some(from) = rows.by_id.get(&*edge.from.text).copied() else {
            diagnostics.push(unknown_node(rows, &edge.from.text, edge.from.span));
            continue;
        };
        add(rows, &mut edges.out[from], from, to, index, edge, diagnostics);
    }
    for (row, out) in rows.rows.iter().zip(&mut edges.out) {
        if row.is_some_and(|row| row.exits == Exits::Numbered) {
            out.labelled.sort_by_key(|(label, ..)| number(label));
        }
    }
    edges
}

/// The number that labels a branch of a Sequence: from 1 up, written plainly.
fn number(label: &str) -> Option<u32> {
    label.parse().ok().filter(|number: &u32| *number > 0 && number.to_string() == label)
}

fn unknown_node(rows: &Rows<'_>, name: &str, span: statewright_types::Span) -> Diagnostic {
    let ids = ["start", "end"].into_iter().chain(rows.graph.nodes.iter().map(|node| &*node.id.text));
    let help = rows
        .suggest(name, ids)
        .unwrap_or_else(|| "edges lead from `start` or a node's id to a node's id or `end`".into());
    rows.in_graph(
        Diagnostic::error(codes::EDGE_NODE, span, format!("there is no node `{name}` in this graph")).help(help),
    )
}

fn add(
    rows: &Rows<'_>,
    out: &mut Out,
    from: NodeIx,
    to: To,
    index: usize,
    edge: &Edge,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let exits = rows.rows[from].map_or(Exits::Plain, |row| row.exits);
    let span = edge.label.as_ref().map_or(edge.from.span, |label| label.span);
    let label = edge.label.as_ref().map(|label| label.text.clone()).filter(|label| !label.is_empty());
    let known = match (&label, exits) {
        (None, Exits::None) => false,
        (None, _) | (Some(_), Exits::Cases) => true,
        // Inside a body further `body` labels are plain sequence.
        (Some(label), Exits::Plain) => &**label == "body",
        (Some(label), Exits::Optional(name)) => &**label == "body" || &**label == name,
        (Some(label), Exits::Branch(labels)) => labels.contains(&&**label),
        (Some(label), Exits::Loop) => matches!(&**label, "body" | "done"),
        (Some(label), Exits::Bounded) => matches!(&**label, "body" | "done" | "timeout"),
        (Some(label), Exits::Numbered) => number(label).is_some(),
        (Some(_), Exits::None) => false,
    };
    let id = rows.id(from);
    if !known {
        let ty = rows.rows[from].map_or("", |row| row.name);
        let (message, help) = match (&label, exits) {
            (_, Exits::None) => {
                let help = Help::from("remove this edge").and(Repair::Remove(vec![edge.span]));
                (format!("nothing can follow `{id}`: the flow ends at a {ty}"), help)
            }
            (Some(label), Exits::Branch(labels)) => (
                format!("`{label}` is no way out of `{id}` ({ty})"),
                rows.suggest(label, labels.iter().copied()).unwrap_or_else(|| {
                    let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
                    format!("its labels are {}", labels.join(", ")).into()
                }),
            ),
            (Some(label), Exits::Loop) => (
                format!("`{label}` is no way out of `{id}` ({ty})"),
                rows.suggest(label, ["body", "done"]).unwrap_or_else(|| "its labels are `body` and `done`".into()),
            ),
            (Some(label), Exits::Bounded) => (
                format!("`{label}` is no way out of `{id}` ({ty})"),
                rows.suggest(label, ["body", "done", "timeout"])
                    .unwrap_or_else(|| "its labels are `body`, `done` and `timeout`".into()),
            ),
            (Some(label), Exits::Numbered) => {
                (format!("`{label}` is no way out of `{id}` ({ty})"), "its labels are `1`, `2`, …".into())
            }
            (label, _) => (
                format!("`{}` is no way out of `{id}` ({ty})", label.as_deref().unwrap_or("")),
                Help::from("leave the label away").and(Repair::Remove(vec![span])),
            ),
        };
        diagnostics.push(rows.at_node(from, Diagnostic::error(codes::EDGE_LABEL, span, message).help(help)));
        return;
    }
    let plain = match (&label, exits) {
        (None, _) => true,
        (Some(label), Exits::Plain | Exits::Optional(_)) => &**label == "body",
        _ => false,
    };
    let taken = if plain {
        out.plain.replace((to, index))
    } else {
        let label = label.clone().unwrap_or_else(|| Arc::from(""));
        let taken = out.label(&label);
        out.labelled.push((label, to, index));
        taken
    };
    if let Some((other, _)) = taken {
        let label = label.map_or("without a label".to_owned(), |label| format!("labelled `{label}`"));
        let message = format!("two edges {label} lead out of `{id}`");
        let help = "a node goes on at one place for each label; join the two, or put one after the other";
        let mut diagnostic = Diagnostic::error(codes::EDGE_TWICE, span, message).help(help);
        if other == to {
            diagnostic = diagnostic.repair(Repair::Remove(vec![edge.span]));
        }
        diagnostics.push(rows.at_node(from, diagnostic));
    }
}
