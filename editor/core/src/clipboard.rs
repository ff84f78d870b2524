//! Copied nodes as text: pasted into any graph of any document.
//!
//! `{"statewright":"fragment","version":1,"nodes":[…],"flow":[…],"frames":[…],"notes":[…]}`. Wires among the nodes are kept;
//! wires to what was not copied stay as references where they hold at the place of pasting, and are told of where not.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use statewright_graph::document::{GraphAt, GraphKind, Head, Scheme, SourceDocument};
use statewright_types::Value;
use statewright_types::json::{self, NodeId, Tree};

use crate::command::mentions::{Mention, of_graph, rewritten};
use crate::command::place::{GraphView, free_name};
use crate::command::{Aside, canvas};
use crate::draft::Draft;
use crate::meta::{EDITOR, coordinate};
use crate::refused::Refused;
use crate::selection::Selection;
use crate::wires::START;

/// The graph in which a fragment is read.
const AT: GraphAt = GraphAt { kind: GraphKind::Function, index: 0 };

/// What is selected, as text.
///
/// # Errors
/// Nothing is selected.
pub fn copy(source: &SourceDocument, selection: &Selection) -> Result<String, Refused> {
    let nothing = || Refused::new("nothing is selected", "select nodes first");
    let view = GraphView::new(source, selection.graph.ok_or_else(nothing)?)?;
    if selection.nodes.is_empty() && selection.frames.is_empty() && selection.notes.is_empty() {
        return Err(nothing());
    }
    let tree = view.tree;
    let mut nodes = Vec::new();
    for node in view.graph.nodes.iter().filter(|node| selection.nodes.contains(&node.id.text)) {
        nodes.extend(view.find(&node.id.text).map(|(_, json)| tree.value(json)));
    }
    let among = |id: &Arc<str>| selection.nodes.contains(id);
    let edges = view.graph.edges.iter().filter(|edge| among(&edge.from.text) && among(&edge.to.text));
    let flow = edges.filter_map(|edge| {
        let (list, index) = view.element("flow", edge.span.start)?;
        Some(tree.value(*tree.elements(list).get(index)?))
    });
    let mut entries = vec![
        ("statewright", Value::str("fragment")),
        ("version", Value::Int(1)),
        ("nodes", Value::List(nodes)),
        ("flow", Value::List(flow.collect())),
    ];
    let editor = tree.get(view.json, EDITOR);
    for (key, ids) in [("frames", &selection.frames), ("notes", &selection.notes)] {
        let list = editor.and_then(|editor| tree.get(editor, key));
        let of =
            |node: &NodeId| tree.get(*node, "id").and_then(|id| tree.str(id)).is_some_and(|id| ids.contains(&**id));
        let chosen = list.map_or(&[][..], |list| tree.elements(list)).iter().copied().filter(of);
        entries.push((key, Value::List(chosen.map(|node| tree.value(node)).collect())));
    }
    Ok(json::to_string(&Value::map(entries)))
}

/// What a fragment's text says.
struct Fragment {
    source: SourceDocument,
    frames: Vec<Value>,
    notes: Vec<Value>,
}

fn read(text: &str) -> Result<Fragment, Refused> {
    let foreign = || Refused::new("the clipboard has no nodes", "copy nodes first");
    let tree = json::parse(text).map_err(|_| foreign())?;
    let root = tree.root();
    let is = |key: &str, wanted: &str| tree.get(root, key).is_some_and(|node| tree.value(node) == Value::str(wanted));
    if !is("statewright", "fragment") {
        return Err(foreign());
    }
    if tree.get(root, "version").map(|node| tree.value(node)) != Some(Value::Int(1)) {
        return Err(Refused::new("the clipboard is of a newer program", "copy with this one"));
    }
    let list = |key: &str| tree.get(root, key).map_or(Value::List(Vec::new()), |node| tree.value(node));
    let function = Value::map([("name", Value::str("fragment")), ("nodes", list("nodes")), ("flow", list("flow"))]);
    let document = Value::map([("functions", Value::List(vec![function]))]);
    let source = SourceDocument::parse(&json::to_string(&document)).map_err(|_| foreign())?;
    let elements = |value: Value| if let Value::List(elements) = value { elements } else { Vec::new() };
    Ok(Fragment { source, frames: elements(list("frames")), notes: elements(list("notes")) })
}

/// Left top of everything in a fragment, if anything in it has a place.
pub fn left_top(text: &str) -> Option<(f64, f64)> {
    let fragment = read(text).ok()?;
    let nodes = fragment.source.graph(AT)?.nodes.iter().filter_map(|node| node.position);
    let rects = fragment.frames.iter().chain(&fragment.notes).filter_map(rect);
    nodes.chain(rects).reduce(|least, at| (least.0.min(at.0), least.1.min(at.1)))
}

fn rect(value: &Value) -> Option<(f64, f64)> {
    let number = |index: usize| match value.get("rect")?.at(index)? {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    };
    Some((number(0)?, number(1)?))
}

pub(crate) fn paste(draft: &mut Draft<'_>, graph: GraphAt, text: &str, at: (f64, f64)) -> Result<Aside, Refused> {
    let from = left_top(text).unwrap_or(at);
    let Fragment { source, frames, notes } = read(text)?;
    let by = (at.0 - from.0, at.1 - from.1);
    let (json, ids) = {
        let view = GraphView::new(draft.source(), graph)?;
        (view.json, new_ids(draft.source(), &view, &source))
    };
    let (renamed, outside) = renamed(&source, &ids)?;
    let remarks = remarks(draft, graph, &outside)?;
    let (tree, root) = (&renamed.tree, renamed.graph_node(AT));
    let list = |key: &str| root.and_then(|root| tree.get(root, key)).map_or(&[][..], |list| tree.elements(list));
    for (index, node) in list("nodes").iter().enumerate() {
        draft.push(json, "nodes", moved(tree, *node, by, index, at));
    }
    for edge in list("flow") {
        draft.push(json, "flow", tree.value(*edge));
    }
    let mut select = Selection::of_nodes(graph, ids.values().cloned());
    for (key, elements) in [("frames", frames), ("notes", notes)] {
        for element in elements {
            let id = free_editor_id(draft, graph, key, &element)?;
            match key {
                "frames" => select.frames.insert(id.clone()),
                _ => select.notes.insert(id.clone()),
            };
            canvas::push(draft, graph, key, moved_rect(&element, &id, by))?;
            draft.stage()?;
        }
    }
    Ok(Aside { select: Some(select), remarks })
}

/// New ids for the nodes of a fragment, in document order.
fn new_ids(target: &SourceDocument, view: &GraphView<'_>, source: &SourceDocument) -> HashMap<Arc<str>, Arc<str>> {
    let mut ids = HashMap::new();
    let mut taken: BTreeSet<Arc<str>> = BTreeSet::new();
    for node in source.graph(AT).map_or(&[][..], |graph| &graph.nodes) {
        let is_taken = |name: &str| {
            taken.contains(name) || view.find(name).is_some() || target.check_new_id(view.at, name).is_err()
        };
        let id = free_name(&node.id.text, &is_taken);
        taken.insert(id.clone());
        ids.insert(node.id.text.clone(), id);
    }
    ids
}

/// A name of something outside of a fragment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outside {
    Node(Arc<str>),
    Parameter(Arc<str>),
}

/// A fragment with its nodes called otherwise, and what it mentions besides them.
fn renamed(
    source: &SourceDocument,
    ids: &HashMap<Arc<str>, Arc<str>>,
) -> Result<(SourceDocument, BTreeSet<Outside>), Refused> {
    let mut outside = BTreeSet::new();
    let mut replacements = rewritten(&source.tree, of_graph(source, AT)?, &mut |_, mention: &mut Mention| {
        let mut changed = false;
        mention.each(&mut |reference| match (&mut reference.head, reference.scheme) {
            (Head::Output { node, .. } | Head::Loop { node: Some(node), .. }, _) => match ids.get(node) {
                Some(new) => {
                    changed |= *new != *node;
                    *node = new.clone();
                }
                None => {
                    outside.insert(Outside::Node(node.clone()));
                }
            },
            (Head::Name(name), Scheme::Param) if &**name != "senderID" => {
                outside.insert(Outside::Parameter(name.clone()));
            }
            _ => {}
        });
        changed
    });
    let graph = source.graph(AT);
    for name in graph.iter().flat_map(|graph| graph.nodes.iter().map(|node| &node.id).chain(ends(graph))) {
        if let Some(new) = ids.get(&name.text).filter(|new| **new != name.text) {
            replacements.push((name.span, json::quote(new)));
        }
    }
    let mut renamed = source.clone();
    renamed.replace(replacements)?;
    Ok((renamed, outside))
}

fn ends(graph: &statewright_graph::document::Graph) -> impl Iterator<Item = &statewright_graph::document::Name> {
    graph.edges.iter().flat_map(|edge| [&edge.from, &edge.to])
}

/// What a fragment mentions and the graph does not have.
fn remarks(draft: &Draft<'_>, graph: GraphAt, outside: &BTreeSet<Outside>) -> Result<Vec<String>, Refused> {
    let view = GraphView::new(draft.source(), graph)?;
    let is_missing = |name: &&Outside| match name {
        Outside::Node(id) => &**id != START && view.find(id).is_none(),
        Outside::Parameter(name) => !view.graph.parameters.iter().any(|parameter| parameter.name.text == *name),
    };
    let told = |name: &Outside| match name {
        Outside::Node(id) => {
            format!("the pasted nodes read `{id}`, which is not here: connect them with something else")
        }
        Outside::Parameter(name) => format!("the pasted nodes read the parameter `{name}`, which is not here: add it"),
    };
    Ok(outside.iter().filter(is_missing).map(told).collect())
}

/// A node's value at its new place; one without a place stands at `at`, lower the later it comes.
fn moved(tree: &Tree, node: NodeId, by: (f64, f64), index: usize, at: (f64, f64)) -> Value {
    let value = tree.value(node);
    let number = |key: &str| match value.get("_position")?.get(key)? {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    };
    let place = match (number("x"), number("y")) {
        (Some(x), Some(y)) => (x + by.0, y + by.1),
        _ => (at.0, at.1 + 120.0 * index as f64),
    };
    let position = crate::meta::position_value(place);
    let Value::Map(mut entries) = value else { return value };
    match entries.iter_mut().find(|(key, _)| &**key == "_position") {
        Some(entry) => entry.1 = position,
        None => entries.push(("_position".into(), position)),
    }
    Value::Map(entries)
}

fn moved_rect(element: &Value, id: &str, by: (f64, f64)) -> Value {
    let Value::Map(entries) = element else { return element.clone() };
    let entry = |(key, value): &(Arc<str>, Value)| {
        let value = match (&**key, value) {
            ("id", _) => Value::str(id),
            ("rect", Value::List(numbers)) => {
                let moved = numbers.iter().enumerate().map(|(index, number)| {
                    let number = match number {
                        Value::Int(value) => *value as f64,
                        Value::Float(value) => *value,
                        _ => 0.0,
                    };
                    coordinate(number + [by.0, by.1].get(index).copied().unwrap_or(0.0))
                });
                Value::List(moved.collect())
            }
            _ => value.clone(),
        };
        (key.clone(), value)
    };
    Value::Map(entries.iter().map(entry).collect())
}

fn free_editor_id(draft: &Draft<'_>, graph: GraphAt, key: &str, element: &Value) -> Result<String, Refused> {
    let wanted = match element.get("id") {
        Some(Value::Str(id)) => id.clone(),
        _ => "frame".into(),
    };
    let mut id = wanted.to_string();
    // As many tries as there may be of them.
    for number in 2u32.. {
        if canvas::find(draft, graph, key, "id", &id)?.is_none() {
            break;
        }
        id = format!("{wanted}{number}");
    }
    Ok(id)
}
