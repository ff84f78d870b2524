//! Values of inputs.

use std::sync::Arc;

use statewright_graph::document::{GraphAt, Node, SourceDocument};
use statewright_graph::node::{self, NodeRow};
use statewright_types::Value;
use statewright_types::json::{Kind, NodeId, Tree};

use super::place::GraphView;
use super::{Aside, Context};
use crate::draft::Draft;
use crate::refused::Refused;

/// The key by which a node's inputs have `port`: as the document writes it, or the canonical name.
pub(crate) fn written_port<'a>(row: Option<&NodeRow>, node: &'a Node, port: &'a str) -> &'a str {
    let canonical = |name: &str| row.and_then(|row| row.input(name)).map(|port| port.name);
    let same = |name: &str| name == port || canonical(name).is_some_and(|found| canonical(port) == Some(found));
    node.inputs.iter().map(|(name, _)| &*name.text).find(|name| same(name)).unwrap_or(port)
}

pub(super) fn set(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    nodes: &[Arc<str>],
    pin: &str,
    value: Option<&Value>,
) -> Result<Aside, Refused> {
    let places: Vec<(NodeId, Vec<String>)> = {
        let view = GraphView::new(draft.source(), graph)?;
        nodes.iter().map(|id| place(&view, context, id, pin)).collect::<Result<_, _>>()?
    };
    for (json, steps) in places {
        match value {
            Some(value) => put(draft, json, &steps, value)?,
            None => take(draft, json, &steps),
        }
    }
    Ok(Aside::default())
}

/// A node's object, and the way from its `inputs` to a pin: `payload.number` is `["payload", "number"]`.
pub(crate) fn place(
    view: &GraphView<'_>,
    context: &Context,
    id: &str,
    pin: &str,
) -> Result<(NodeId, Vec<String>), Refused> {
    let (node, json) = view.node(id)?;
    let row = node::lookup(&node.ty.text, &context.hosts);
    let mut steps = pin.split('.');
    let port = steps.next().unwrap_or("");
    if port.is_empty() {
        return Err(Refused::new("an input needs a name", "name one"));
    }
    let port = written_port(row, node, port).to_owned();
    Ok((json, [port].into_iter().chain(steps.map(str::to_owned)).collect()))
}

/// What an input is given, as it is written; `payload.number` is an entry of a map. `None` for nothing.
pub fn value(source: &SourceDocument, context: &Context, graph: GraphAt, id: &str, pin: &str) -> Option<Value> {
    let view = GraphView::new(source, graph).ok()?;
    let (json, steps) = place(&view, context, id, pin).ok()?;
    let at = steps.iter().try_fold(view.tree.get(json, "inputs")?, |at, key| child(view.tree, at, key))?;
    Some(view.tree.value(at))
}

/// Gives the input at `steps` of a node's object a value. Maps on the way are made where there is nothing.
pub(crate) fn put(draft: &mut Draft<'_>, node: NodeId, steps: &[String], value: &Value) -> Result<(), Refused> {
    let mut at = node;
    let keys = ["inputs"].into_iter().chain(steps.iter().map(String::as_str));
    let mut rest: Vec<&str> = keys.collect();
    rest.reverse();
    while let Some(key) = rest.pop() {
        let tree = draft.tree();
        match child(tree, at, key) {
            Some(found) if rest.is_empty() => {
                draft.set(found, value);
                return Ok(());
            }
            Some(found) if is_container(tree, found) => at = found,
            // What stands there now is no map: one with the entry takes its place.
            Some(found) => {
                draft.set(found, &wrapped(&rest, value));
                return Ok(());
            }
            None => {
                match tree.kind(at) {
                    Kind::Array => {
                        return Err(Refused::new(format!("the list has no element {key}"), "add it at the end"));
                    }
                    _ => draft.put(at, key, &wrapped(&rest, value)),
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Removes the input at `steps` of a node's object, if it is there.
pub(crate) fn take(draft: &mut Draft<'_>, node: NodeId, steps: &[String]) {
    let tree = draft.tree();
    let Some((last, way)) = steps.split_last() else { return };
    let container = way.iter().try_fold(tree.get(node, "inputs"), |at, key| Some(child(tree, at?, key)));
    let Some(Some(container)) = container else { return };
    match tree.kind(container) {
        Kind::Array => {
            if let Ok(index) = last.parse() {
                draft.remove_element(container, index);
            }
        }
        _ => draft.remove(container, last),
    }
}

fn wrapped(rest: &[&str], value: &Value) -> Value {
    rest.iter().fold(value.clone(), |value, key| Value::map([(*key, value)]))
}

fn child(tree: &Tree, at: NodeId, key: &str) -> Option<NodeId> {
    match tree.kind(at) {
        Kind::Array => tree.elements(at).get(key.parse::<usize>().ok()?).copied(),
        _ => tree.get(at, key),
    }
}

/// Whether entries of an input can be set one by one: not of a constant, a source or a template.
fn is_container(tree: &Tree, node: NodeId) -> bool {
    match tree.kind(node) {
        Kind::Array => true,
        Kind::Object => {
            !matches!(tree.entries(node), [entry] if ["constant", "source", "template"].contains(&&*entry.key))
        }
        _ => false,
    }
}

pub(super) fn rename_entry(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    id: &str,
    entry: &str,
    name: &str,
) -> Result<Aside, Refused> {
    if name.is_empty() || name.contains('.') {
        return Err(Refused::new(format!("`{name}` cannot be the name of an entry"), "use letters, digits and `_`"));
    }
    let (json, steps) = {
        let view = GraphView::new(draft.source(), graph)?;
        place(&view, context, id, entry)?
    };
    let missing = || Refused::new(format!("`{id}` has no entry `{entry}`"), "choose one that is there");
    let (last, way) = steps.split_last().filter(|(_, way)| !way.is_empty()).ok_or_else(missing)?;
    let tree = draft.tree();
    let mut at = tree.get(json, "inputs").ok_or_else(missing)?;
    for key in way {
        at = child(tree, at, key).ok_or_else(missing)?;
    }
    tree.get(at, last).ok_or_else(missing)?;
    if last != name && tree.get(at, name).is_some() {
        return Err(Refused::new(format!("there is an entry `{name}` already"), "choose another name"));
    }
    draft.rename_key(at, last, name);
    Ok(Aside::default())
}
