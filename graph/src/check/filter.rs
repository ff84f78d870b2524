//! What a filter must not do, itself or in the functions that it calls: wait, draw, emit, act on the session (R6.2, R6.3).

use statewright_types::Diagnostic;

use super::codes;
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

/// Reports each node of the filter at `index` that does what a filter must not. `calls` are the graphs that each
/// graph's nodes call, by node; all graphs are in `rows`.
pub(crate) fn check(
    index: usize,
    rows: &[Rows<'_>],
    calls: &[Vec<(NodeIx, usize)>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let filter = &rows[index];
    for (node, row) in filter.rows.iter().enumerate() {
        let Some(row) = row else { continue };
        if let Some(effect) = forbidden(row) {
            let message = format!("a filter must not contain {}, which {}", row.name, effect.words());
            diagnostics.push(report(filter, node, message));
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
                let message = format!("a filter must not call `{name}`, whose {} {}", row.name, effect.words());
                diagnostics.push(report(filter, *node, message));
                break;
            }
            rest.extend(calls[at].iter().map(|(_, callee)| *callee));
        }
    }
}

fn report(filter: &Rows<'_>, node: NodeIx, message: String) -> Diagnostic {
    let help = "a filter only changes the viewer's copy of the state; do this in a handler, and keep what the filter needs in the state \
                or in its parameters";
    filter.at_node(node, Diagnostic::error(codes::IN_FILTER, filter.span(node), message).help(help))
}
