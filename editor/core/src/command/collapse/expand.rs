//! A call that becomes the nodes of its function.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use statewright_graph::document::{Edge, Graph, GraphAt, GraphKind, Head, Input, InputKind, Node, Reference, Scheme};
use statewright_graph::node::{self, Exits};
use statewright_types::{Value, json};

use super::renamed;
use crate::command::Aside;
use crate::command::mentions::{Mention, Mentioned, of_graph, rewritten};
use crate::command::place::{GraphView, free_name};
use crate::draft::Draft;
use crate::meta::position_value;
use crate::refused::Refused;
use crate::selection::Selection;
use crate::wires::{START, is_node};

/// What stands for a parameter or the result: a reference, to which steps are added.
type Given = BTreeMap<Arc<str>, Reference>;

/// New objects for the graph.
#[derive(Debug, Default)]
struct New {
    nodes: Vec<Value>,
    flow: Vec<Value>,
    ids: BTreeSet<Arc<str>>,
}

pub(crate) fn expand(draft: &mut Draft<'_>, graph: GraphAt, id: &str) -> Result<Aside, Refused> {
    let source = draft.source();
    let view = GraphView::new(source, graph)?;
    let (call, _) = view.node(id)?;
    let at = called(source, call)?;
    let inner = GraphView::new(source, at)?;
    if at == graph {
        return Err(Refused::new("the function calls itself here", "expand the call in another graph"));
    }
    let returned = returned(inner.graph)?;
    let ids = new_ids(draft, &view, &inner, graph);
    let mut new = New { ids: ids.values().cloned().collect(), ..New::default() };
    let given = arguments(&view, call, inner.graph, &mut new)?;
    let place = call.position.unwrap_or((0.0, 0.0));
    let dropped = returned.map(|node| &*node.id.text);
    copy(draft, at, &inner, &ids, &given, dropped, place, &mut new)?;
    let result = result(&inner, returned, &ids, &given, &mut new, place)?;
    let (next, exits) = around(&view, id);
    wire(&view, &inner, &ids, dropped, id, next.as_ref(), &mut new);
    let reads = outer(draft, graph, id, result.as_ref())?;
    let view = GraphView::new(draft.source(), graph)?;
    let (json, node) = (view.json, view.node(id)?.0.span.start);
    let element = view.element("nodes", node);
    draft.replace(reads);
    for (list, index) in element.into_iter().chain(exits) {
        draft.remove_element(list, index);
    }
    new.nodes.into_iter().for_each(|node| draft.push(json, "nodes", node));
    new.flow.into_iter().for_each(|edge| draft.push(json, "flow", edge));
    let select = Selection::of_nodes(graph, ids.values().cloned());
    Ok(Aside { select: Some(select), ..Aside::default() })
}

/// The function that a node calls.
fn called(source: &statewright_graph::document::SourceDocument, call: &Node) -> Result<GraphAt, Refused> {
    let name = call.inputs.iter().find_map(|(name, input)| match &input.kind {
        InputKind::Text(text) if &*name.text == "function" => Some(text),
        _ => None,
    });
    let name = name.filter(|_| &*call.ty.text == "CallFunction");
    let name = name.ok_or_else(|| Refused::new(format!("`{}` calls no function", call.id.text), "choose a call"))?;
    let index = source.document.functions.iter().position(|function| function.name.text == *name);
    let index = index.ok_or_else(|| Refused::new(format!("there is no function `{name}`"), "mend the call first"))?;
    Ok(GraphAt { kind: GraphKind::Function, index })
}

/// The Return of a function, which may have one, where nothing else ends it.
fn returned(function: &Graph) -> Result<Option<&Node>, Refused> {
    let mut all = function.nodes.iter().filter(|node| &*node.ty.text == "Return");
    let first = all.next();
    if all.next().is_some() {
        return Err(Refused::new(
            "the function returns at several places, which only a function can",
            "lead them to one Return first",
        ));
    }
    let in_loop = function.nodes.iter().any(|node| {
        node::by_name(&node.ty.text)
            .is_some_and(|row| matches!(row.exits, Exits::Loop | Exits::Bounded | Exits::Numbered))
    });
    let leaves = |edge: &Edge| edge.ends() || first.is_some_and(|node| node.id.text == edge.to.text);
    let count = function.edges.iter().filter(|edge| leaves(edge)).count();
    if in_loop && count > 1 {
        return Err(Refused::new(
            "the function ends from within a loop or a sequence, which only a function can",
            "leave the loop with Break, and end behind it",
        ));
    }
    Ok(first)
}

fn new_ids(
    draft: &Draft<'_>,
    view: &GraphView<'_>,
    inner: &GraphView<'_>,
    graph: GraphAt,
) -> HashMap<Arc<str>, Arc<str>> {
    let mut ids: HashMap<Arc<str>, Arc<str>> = HashMap::new();
    let mut taken: BTreeSet<Arc<str>> = BTreeSet::new();
    for node in inner.graph.nodes.iter().filter(|node| &*node.ty.text != "Return") {
        let is_taken = |name: &str| {
            taken.contains(name) || view.find(name).is_some() || draft.source().check_new_id(graph, name).is_err()
        };
        let id = free_name(&node.id.text, &is_taken);
        taken.insert(id.clone());
        ids.insert(node.id.text.clone(), id);
    }
    ids
}

/// What stands for each parameter. A value that is no reference gets a Constant node of its own.
fn arguments(view: &GraphView<'_>, call: &Node, function: &Graph, new: &mut New) -> Result<Given, Refused> {
    let args = call.inputs.iter().find(|(name, _)| &*name.text == "args").map(|(_, input)| &input.kind);
    let entries: &[(_, Input)] = match args {
        Some(InputKind::Map(entries)) => entries,
        None | Some(InputKind::Null) => &[],
        Some(_) => return Err(Refused::new("the arguments are not written out", "write them as an object first")),
    };
    let mut given = Given::new();
    for parameter in &function.parameters {
        let name = &parameter.name.text;
        let input = entries.iter().find(|(key, _)| key.text == *name).map(|(_, input)| input);
        if let Some(InputKind::Reference(reference)) = input.map(|input| &input.kind) {
            given.insert(name.clone(), (**reference).clone());
            continue;
        }
        let value = match input {
            Some(input) => view.tree.slice(input.span).parse::<Value>().unwrap_or(Value::Null),
            None => zero(&parameter.ty.text)?,
        };
        let reference = constant(view, name, value, call.position.unwrap_or((0.0, 0.0)), new)?;
        given.insert(name.clone(), reference);
    }
    Ok(given)
}

/// What an argument is that is not given.
fn zero(ty: &str) -> Result<Value, Refused> {
    Ok(match ty {
        "bool" => Value::Bool(false),
        "string" | "uuid" => Value::str(""),
        ty if ty.starts_with('*') => Value::Null,
        ty if ty.starts_with("[]") => Value::List(Vec::new()),
        ty if ty.starts_with("float") => Value::Float(0.0),
        ty if ty.starts_with("int") || ty.starts_with("uint") => Value::Int(0),
        ty => return Err(Refused::new(format!("an argument of type {ty} is not given"), "give it first")),
    })
}

/// A Constant node, and the reference to what it gives.
fn constant(
    view: &GraphView<'_>,
    name: &str,
    value: Value,
    (x, y): (f64, f64),
    new: &mut New,
) -> Result<Reference, Refused> {
    let id = free_name(name, &|name| view.find(name).is_some() || new.ids.contains(name) || !is_node(name));
    new.ids.insert(id.clone());
    let lower = y + 140.0 + 80.0 * new.nodes.len() as f64;
    new.nodes.push(Value::map([
        ("id", Value::Str(id.clone())),
        ("type", Value::str("Constant")),
        ("inputs", Value::map([("value", value)])),
        ("_position", position_value((x - 220.0, lower))),
    ]));
    reference(&format!("node:{id}:value"))
}

fn reference(text: &str) -> Result<Reference, Refused> {
    Reference::parse(text, statewright_types::Span::default())
        .map_err(|error| Refused::new(error.message, error.help.text))
}

/// A reference of the function's as the graph has to say it.
fn translate(reference: &mut Reference, ids: &HashMap<Arc<str>, Arc<str>>, given: &Given) -> bool {
    match (&mut reference.head, reference.scheme) {
        (Head::Output { node, .. } | Head::Loop { node: Some(node), .. }, _) => match ids.get(node) {
            Some(new) if new != node => {
                *node = new.clone();
                true
            }
            _ => false,
        },
        (Head::Name(name), Scheme::Param | Scheme::Bare) => match given.get(name) {
            Some(argument) => {
                let rest = std::mem::take(&mut reference.steps);
                let mut steps = argument.steps.clone();
                steps.extend(rest);
                (reference.scheme, reference.head, reference.steps) = (argument.scheme, argument.head.clone(), steps);
                true
            }
            None => false,
        },
        _ => false,
    }
}

/// The function's nodes, but for its Return.
#[allow(clippy::too_many_arguments)]
fn copy(
    draft: &Draft<'_>,
    at: GraphAt,
    inner: &GraphView<'_>,
    ids: &HashMap<Arc<str>, Arc<str>>,
    given: &Given,
    dropped: Option<&str>,
    place: (f64, f64),
    new: &mut New,
) -> Result<(), Refused> {
    let mentions: Vec<Mentioned> =
        of_graph(draft.source(), at)?.into_iter().filter(|mentioned| Some(&*mentioned.node) != dropped).collect();
    let mut replacements = rewritten(inner.tree, mentions, &mut |_, mention| {
        let mut changed = false;
        mention.each(&mut |reference| changed |= translate(reference, ids, given));
        changed
    });
    let places = inner.graph.nodes.iter().filter_map(|node| node.position);
    let corner = places.reduce(|least, at| (least.0.min(at.0), least.1.min(at.1))).unwrap_or((0.0, 0.0));
    for node in inner.graph.nodes.iter().filter(|node| Some(&*node.id.text) != dropped) {
        if let Some(id) = ids.get(&node.id.text).filter(|id| **id != node.id.text) {
            replacements.push((node.id.span, json::quote(id)));
        }
    }
    for (index, node) in inner.graph.nodes.iter().filter(|node| Some(&*node.id.text) != dropped).enumerate() {
        let Some((_, json)) = inner.find(&node.id.text) else { continue };
        let Value::Map(mut entries) = renamed(inner, json, &replacements)? else { continue };
        let beside = (corner.0 + 240.0 * index as f64, corner.1);
        let old = node.position.unwrap_or(beside);
        let position = position_value((place.0 + old.0 - corner.0, place.1 + old.1 - corner.1));
        match entries.iter_mut().find(|(key, _)| &**key == "_position") {
            Some(entry) => entry.1 = position,
            None => entries.push(("_position".into(), position)),
        }
        new.nodes.push(Value::Map(entries));
    }
    Ok(())
}

/// What stands for the call's result.
fn result(
    inner: &GraphView<'_>,
    returned: Option<&Node>,
    ids: &HashMap<Arc<str>, Arc<str>>,
    given: &Given,
    new: &mut New,
    place: (f64, f64),
) -> Result<Option<Reference>, Refused> {
    let value = returned.and_then(|node| node.inputs.iter().find(|(name, _)| &*name.text == "value"));
    match value.map(|(_, input)| (&input.kind, input.span)) {
        None | Some((InputKind::Null, _)) => Ok(None),
        Some((InputKind::Reference(reference), _)) => {
            let mut reference = (**reference).clone();
            translate(&mut reference, ids, given);
            Ok(Some(reference))
        }
        Some((_, span)) => {
            let value = inner.tree.slice(span).parse::<Value>().unwrap_or(Value::Null);
            constant(inner, "result", value, place, new).map(Some)
        }
    }
}

/// Where the flow goes on behind the call, and the edges from and to it that go.
fn around(view: &GraphView<'_>, id: &str) -> (Option<Arc<str>>, Vec<(json::NodeId, usize)>) {
    let touches = |edge: &&Edge| &*edge.from.text == id || &*edge.to.text == id;
    let next = view.graph.edges.iter().find(|edge| &*edge.from.text == id).map(|edge| edge.to.text.clone());
    let gone = view.graph.edges.iter().filter(touches).filter_map(|edge| view.element("flow", edge.span.start));
    (next, gone.collect())
}

fn edge(from: &str, to: &str, label: Option<&str>) -> Value {
    let label = label.filter(|label| !label.is_empty()).map(|label| ("label", Value::str(label)));
    Value::map([("from", Value::str(from)), ("to", Value::str(to))].into_iter().chain(label))
}

/// Edges of the function in the graph: from what led to the call, and on to what followed it.
fn wire(
    view: &GraphView<'_>,
    inner: &GraphView<'_>,
    ids: &HashMap<Arc<str>, Arc<str>>,
    dropped: Option<&str>,
    call: &str,
    next: Option<&Arc<str>>,
    new: &mut New,
) {
    let edges = &inner.graph.edges;
    let leaves = |to: &str| !is_node(to) || Some(to) == dropped;
    let first = edges.iter().find(|edge| &*edge.from.text == START).map(|edge| &edge.to.text);
    let entry = first.filter(|to| !leaves(to)).and_then(|to| ids.get(to)).or(next);
    for before in view.graph.edges.iter().filter(|edge| &*edge.to.text == call && &*edge.from.text != call) {
        let label = before.label.as_ref().map(|label| &*label.text);
        if let Some(entry) = entry {
            new.flow.push(edge(&before.from.text, entry, label));
        }
    }
    for inner_edge in edges.iter().filter(|edge| &*edge.from.text != START) {
        let Some(from) = ids.get(&inner_edge.from.text) else { continue };
        let to = if leaves(&inner_edge.to.text) { next } else { ids.get(&inner_edge.to.text) };
        let label = inner_edge.label.as_ref().map(|label| &*label.text);
        if let Some(to) = to {
            new.flow.push(edge(from, to, label));
        }
    }
    if let (Some(next), Some(last)) = (next, last(inner.graph, dropped)) {
        let row = node::by_name(&last.ty.text);
        let label = row.filter(|row| matches!(row.exits, Exits::Loop | Exits::Bounded)).map(|_| "done");
        if let Some(from) = ids.get(&last.id.text) {
            new.flow.push(edge(from, next, label));
        }
    }
}

/// The node at which the main chain of a function just ends: what follows the call follows it.
fn last<'a>(function: &'a Graph, dropped: Option<&str>) -> Option<&'a Node> {
    let mut at = function.edges.iter().find(|edge| &*edge.from.text == START)?.to.text.clone();
    for _ in 0..=function.edges.len() {
        if Some(&*at) == dropped {
            return None;
        }
        let node = function.nodes.iter().find(|node| node.id.text == at)?;
        let mut on = function.edges.iter().filter(|edge| edge.from.text == at);
        let plain = on.find(|edge| edge.label.as_ref().is_none_or(|label| &*label.text == "done"));
        match plain {
            Some(edge) => at = edge.to.text.clone(),
            None => return node::by_name(&node.ty.text).is_none_or(|row| row.exits != Exits::None).then_some(node),
        }
    }
    None
}

/// What else in the graph reads the call's result.
fn outer(
    draft: &Draft<'_>,
    graph: GraphAt,
    call: &str,
    result: Option<&Reference>,
) -> Result<Vec<(statewright_types::Span, String)>, Refused> {
    let mut lost = false;
    let mentions = of_graph(draft.source(), graph)?;
    let others: Vec<Mentioned> = mentions.into_iter().filter(|mentioned| &*mentioned.node != call).collect();
    let replacements = rewritten(draft.tree(), others, &mut |_, mention: &mut Mention| {
        let mut changed = false;
        mention.each(&mut |reference| {
            if !matches!(&reference.head, Head::Output { node, .. } if &**node == call) {
                return;
            }
            match result {
                Some(result) => {
                    let mut steps = result.steps.clone();
                    steps.append(&mut reference.steps);
                    (reference.scheme, reference.head, reference.steps) = (result.scheme, result.head.clone(), steps);
                    changed = true;
                }
                None => lost = true,
            }
        });
        changed
    });
    if lost {
        return Err(Refused::new("the call's result is read, and the function gives none", "disconnect it first"));
    }
    Ok(replacements)
}
