//! What filters and effects must not do, themselves or in the functions that they call: wait, draw, emit, act on the
//! session (R6.2, R6.3). They change a copy of the state, and nothing else.

use statewright_types::Diagnostic;

use super::codes;
use crate::document::GraphKind;
use crate::flow::{NodeIx, Rows};
use crate::node::{Effect, NodeRow};

/// What only handlers may do.
fn forbidden(row: &NodeRow) -> Option<Effect> {
    let is_forbidden = |effect: &&Effect| match effect {
        Effect::Emits | Effect::Draws | Effect::Suspends | Effect::ActsOnSession | Effect::ActsOnHost => true,
        Effect::ReadsState | Effect::WritesState | Effect::ReadsClock | Effect::ReadsSession | Effect::Calls => false,
    };
    row.effects.iter().find(is_forbidden).copied()
}

/// Reports each node of the filter or effect at `index` that does what it must not. `calls` are the graphs that each
/// graph's nodes call, by node; all graphs are in `rows`.
pub(crate) fn check(
    index: usize,
    rows: &[Rows<'_>],
    calls: &[Vec<(NodeIx, usize)>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let graph = &rows[index];
    let a_graph = match graph.graph.kind {
        GraphKind::Effect => "an effect",
        _ => "a filter",
    };
    for (node, row) in graph.rows.iter().enumerate() {
        let Some(row) = row else { continue };
        if let Some(effect) = forbidden(row) {
            let message = format!("{a_graph} must not contain {}, which {}", row.name, effect.words());
            diagnostics.push(report(graph, node, message));
        }
    }
    for (node, callee) in &calls[index] {
        let mut seen = vec![false; rows.len()];
        let mut rest = vec![*callee];
        while let Some(at) = rest.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let found = rows[at].rows.iter().flatten().find_map(|row| Some((row, forbidden(row)?)));
            if let Some((row, effect)) = found {
                let name = &rows[at].graph.name.text;
                let message = format!("{a_graph} must not call `{name}`, whose {} {}", row.name, effect.words());
                diagnostics.push(report(graph, *node, message));
                break;
            }
            rest.extend(calls[at].iter().map(|(_, callee)| *callee));
        }
    }
}

fn report(graph: &Rows<'_>, node: NodeIx, message: String) -> Diagnostic {
    let (code, help) = match graph.graph.kind {
        GraphKind::Effect => (
            codes::IN_EFFECT,
            "an effect only changes what is read of the state; do this in the handler that adds it, and keep what the effect needs in \
             the state or in its parameters",
        ),
        _ => (
            codes::IN_FILTER,
            "a filter only changes the viewer's copy of the state; do this in a handler, and keep what the filter needs in the state \
             or in its parameters",
        ),
    };
    graph.at_node(node, Diagnostic::error(code, graph.span(node), message).help(help))
}
