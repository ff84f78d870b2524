//! What filters, effects and views must not do, themselves or in the functions that they call: wait, draw, emit, act on the
//! session (R6.2, R6.3). Filters and effects change a copy of the state, and nothing else; a view only looks.

use statewright_types::Diagnostic;

use super::codes;
use crate::flow::{NodeIx, Rows};
use crate::node::{Effect, NodeRow};

/// What may not do all that handlers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Filter,
    Effect,
    View,
}

impl Bound {
    /// With its article.
    fn noun(self) -> &'static str {
        match self {
            Bound::Filter => "a filter",
            Bound::Effect => "an effect",
            Bound::View => "a view",
        }
    }
}

/// What only handlers may do.
fn forbidden(row: &NodeRow, bound: Bound) -> Option<Effect> {
    let is_forbidden = |effect: &&Effect| match effect {
        Effect::WritesState => bound == Bound::View,
        Effect::Emits | Effect::Draws | Effect::Suspends | Effect::ActsOnSession | Effect::ActsOnHost => true,
        Effect::ReadsState | Effect::ReadsClock | Effect::ReadsSession | Effect::Calls => false,
    };
    row.effects.iter().find(is_forbidden).copied()
}

/// Reports each node of the filter, effect or view at `index` that does what it must not. `calls` are the graphs that each
/// graph's nodes call, by node; all graphs are in `rows`.
pub(crate) fn check(
    (index, bound): (usize, Bound),
    rows: &[Rows<'_>],
    calls: &[Vec<(NodeIx, usize)>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let graph = &rows[index];
    let a_graph = bound.noun();
    for (node, row) in graph.rows.iter().enumerate() {
        let Some(row) = row else { continue };
        if let Some(effect) = forbidden(row, bound) {
            let message = format!("{a_graph} must not contain {}, which {}", row.name, effect.words());
            diagnostics.push(report(graph, node, bound, message));
        }
    }
    for (node, callee) in &calls[index] {
        let mut seen = vec![false; rows.len()];
        let mut rest = vec![*callee];
        while let Some(at) = rest.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let found = rows[at].rows.iter().flatten().find_map(|row| Some((row, forbidden(row, bound)?)));
            if let Some((row, effect)) = found {
                let name = &rows[at].graph.name.text;
                let message = format!("{a_graph} must not call `{name}`, whose {} {}", row.name, effect.words());
                diagnostics.push(report(graph, *node, bound, message));
                break;
            }
            rest.extend(calls[at].iter().map(|(_, callee)| *callee));
        }
    }
}

fn report(graph: &Rows<'_>, node: NodeIx, bound: Bound, message: String) -> Diagnostic {
    let (code, help) = match bound {
        Bound::Effect => (
            codes::IN_EFFECT,
            "an effect only changes what is read of the state; do this in the handler that adds it, and keep what the effect needs in \
             the state or in its parameters",
        ),
        Bound::Filter => (
            codes::IN_FILTER,
            "a filter only changes the viewer's copy of the state; do this in a handler, and keep what the filter needs in the state \
             or in its parameters",
        ),
        Bound::View => (
            codes::IN_VIEW,
            "a view only says whether a viewer sees a record; do this in a handler, and keep what the view needs in the state",
        ),
    };
    graph.at_node(node, Diagnostic::error(code, graph.span(node), message).help(help))
}
