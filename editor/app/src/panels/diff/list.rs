//! What differs between two versions, one line each, and what it marks on the canvas.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_editor_core::command::Command;
use statewright_editor_core::diff::annotations;
use statewright_editor_core::diff::items::{At, GraphName, whole};
use statewright_editor_core::diff::sides::wire_changes;
use statewright_editor_core::diff::{Changed, DocumentDiff, EdgeKey, GraphDiff, State};
use statewright_editor_core::meta::EDITOR;
use statewright_editor_core::wires::Wire;
use statewright_graph::document::SourceDocument;
use statewright_types::{Value, json};

use crate::canvas::overlay::{Mark, Overlay};

/// Letters of a value that are shown.
const VALUE: usize = 60;

/// A difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What became of it.
    pub mark: Mark,
    /// In words.
    pub text: String,
    /// Where it is.
    pub graph: Option<GraphName>,
    /// At which node.
    pub node: Option<Arc<str>>,
    /// Where on the canvas, of what is no node.
    pub place: Option<(f64, f64)>,
    /// What brings back what was before; `None` where nothing does alone.
    pub back: Option<Command>,
}

/// A value in a few letters.
pub fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = json::to_string(value);
    if text.chars().count() <= VALUE {
        return text;
    }
    text.chars().take(VALUE).chain(['…']).collect()
}

/// The mark of a state.
pub fn mark_of(state: State) -> Option<Mark> {
    match state {
        State::Added => Some(Mark::Added),
        State::Removed => Some(Mark::Removed),
        State::Changed => Some(Mark::Changed),
        State::Moved => None,
    }
}

/// Everything that differs, in the order of the document.
pub fn items(before: &SourceDocument, diff: &DocumentDiff) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for changed in &diff.changes {
        items.push(value(None, None, changed, &changed.what()));
    }
    for (name, graph) in &diff.graphs {
        of_graph(before, name, graph, &mut items);
    }
    items
}

fn back(at: At, value: Option<Value>) -> Option<Command> {
    Some(Command::SetAt { at, value })
}

fn value(graph: Option<&GraphName>, node: Option<&Arc<str>>, changed: &Changed, label: &str) -> Item {
    let at = At { graph: graph.cloned(), node: node.cloned(), key: changed.key.clone() };
    Item {
        mark: Mark::Changed,
        text: format!("{label}: {} → {}", shown(changed.before.as_ref()), shown(changed.after.as_ref())),
        graph: graph.cloned(),
        node: node.cloned(),
        place: None,
        back: back(at, changed.before.clone()),
    }
}

fn of_graph(before: &SourceDocument, name: &GraphName, graph: &GraphDiff, items: &mut Vec<Item>) {
    let noun = name.kind().noun();
    if let Some(mark) = mark_of(graph.state).filter(|mark| *mark != Mark::Changed) {
        let at = At { graph: Some(name.clone()), node: None, key: Vec::new() };
        let value = whole(before, &at);
        let text = format!("{noun} {} {}", name.name, if mark == Mark::Added { "is new" } else { "is gone" });
        items.push(Item { mark, text, graph: Some(name.clone()), node: None, place: None, back: back(at, value) });
        return;
    }
    for changed in &graph.changes {
        if changed.key.first().is_some_and(|key| key == EDITOR) {
            items.extend(of_annotation(name, changed));
        } else {
            items.push(value(Some(name), None, changed, &format!("{} of {}", changed.what(), name.name)));
        }
    }
    for (id, node) in &graph.nodes {
        match node.state {
            State::Added | State::Removed => {
                let at = At { graph: Some(name.clone()), node: Some(id.clone()), key: Vec::new() };
                let is_new = node.state == State::Added;
                let value = whole(before, &at);
                items.push(Item {
                    mark: if is_new { Mark::Added } else { Mark::Removed },
                    text: format!("node {id} {}", if is_new { "is new" } else { "is gone" }),
                    graph: Some(name.clone()),
                    node: Some(id.clone()),
                    place: None,
                    back: back(at, value),
                });
            }
            State::Changed => {
                let changes = node.changes.iter().filter(|changed| changed.key != ["_position"]);
                items.extend(changes.map(|changed| {
                    let what = changed.what();
                    let what = what.strip_prefix("inputs.").unwrap_or(&what);
                    value(Some(name), Some(id), changed, &format!("{what} of {id}"))
                }));
            }
            State::Moved => {}
        }
    }
    for (edges, mark) in [(&graph.added, Mark::Added), (&graph.removed, Mark::Removed)] {
        items.extend(edges.iter().map(|edge| of_edge(name, edge, mark)));
    }
}

/// A frame, note or bookmark that came, went, or says something else. Where they stand is not listed, as with nodes.
fn of_annotation(graph: &GraphName, changed: &Changed) -> Option<Item> {
    let at = At { graph: Some(graph.clone()), node: None, key: changed.key.clone() };
    let (list, name) = at.annotation().filter(|(list, _)| *list != "reroutes")?;
    let (mark, text) = match (&changed.before, &changed.after) {
        (Some(before), Some(after)) if annotations::same_but_place(before, after) => return None,
        (Some(before), Some(after)) => {
            let texts = [before, after].map(|value| shown(Some(&annotations::content(value))));
            (Mark::Changed, format!("{}: {} → {}", annotations::words(list, name, None), texts[0], texts[1]))
        }
        (None, after) => (Mark::Added, format!("{} is new", annotations::words(list, name, after.as_ref()))),
        (before, None) => (Mark::Removed, format!("{} is gone", annotations::words(list, name, before.as_ref()))),
    };
    let place = changed.after.as_ref().or(changed.before.as_ref()).and_then(annotations::place);
    let before = changed.before.as_ref();
    let before = before.map(|before| {
        changed.after.as_ref().map_or_else(|| before.clone(), |after| annotations::at_the_place_of(before, after))
    });
    let back = back(at.clone(), before);
    Some(Item { mark, text, graph: Some(graph.clone()), node: None, place, back })
}

fn of_edge(name: &GraphName, edge: &EdgeKey, mark: Mark) -> Item {
    let key = vec!["flow".to_owned(), edge.from.to_string(), edge.label.to_string()];
    let at = At { graph: Some(name.clone()), node: None, key };
    let value = Some(Value::Str(edge.to.clone())).filter(|_| mark == Mark::Removed);
    let label = if edge.label.is_empty() { String::new() } else { format!(" ({})", edge.label) };
    Item {
        mark,
        text: format!(
            "flow {} → {}{label} {}",
            edge.from,
            edge.to,
            if mark == Mark::Added { "is new" } else { "is gone" }
        ),
        graph: Some(name.clone()),
        node: Some(edge.from.clone()).filter(|from| &**from != "start"),
        place: None,
        back: back(at, value),
    }
}

/// What is marked on a canvas. `shown` says which states are: a side has only what is there.
pub fn marks(
    graph: Option<&GraphDiff>,
    wires: impl IntoIterator<Item = (Wire, State)>,
    shown: impl Fn(State) -> bool,
) -> Overlay {
    let mut overlay = Overlay::default();
    let nodes = graph.iter().flat_map(|graph| &graph.nodes).filter(|(_, node)| shown(node.state));
    overlay.marks = nodes.filter_map(|(id, node)| Some((id.clone(), mark_of(node.state)?))).collect();
    let wires = wires.into_iter().filter(|(_, state)| shown(*state));
    overlay.wire_marks = wires.filter_map(|(wire, state)| Some((wire, mark_of(state)?))).collect();
    overlay
}

/// What is marked on the canvases of a version, by graph. `is_before` has the marks of the older one, where what is gone still is.
pub fn all_marks(
    before: &SourceDocument,
    after: &SourceDocument,
    diff: &DocumentDiff,
    is_before: bool,
) -> BTreeMap<GraphName, Overlay> {
    let gone = if is_before { State::Added } else { State::Removed };
    let of = |(name, graph): (&GraphName, &GraphDiff)| {
        let wires = wire_changes(before, after, name);
        let mut overlay = marks(Some(graph), wires, |_| true);
        overlay.wire_marks.retain(|_, mark| Some(*mark) != mark_of(gone));
        (name.clone(), overlay)
    };
    diff.graphs.iter().map(of).collect()
}
