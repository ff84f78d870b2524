//! Nodes that become a function, with a call in their place.
//!
//! What the nodes read from outside becomes parameters, with the types that the checker found; the one output that is read
//! outside becomes the result. What a function cannot say is refused: two ways in or out, two results, a loop left from
//! within, a variable that lives on both sides.
//!
//! - [`expand`]: the other way round

pub mod expand;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_graph::document::{Edge, GraphAt, GraphKind, Head, Reference, Scheme};
use statewright_graph::node::{self, Exits};
use statewright_types::{Span, Type, Value, json};

use super::graphs::{check_graph_name, check_name};
use super::mentions::{Mention, Mentioned, of_graph, rewritten};
use super::place::{GraphView, free_name};
use super::{Aside, Context};
use crate::draft::Draft;
use crate::meta::position_value;
use crate::refused::Refused;
use crate::selection::Selection;
use crate::wires::{START, canonical_output};

/// A parameter of the new function: its name, its type's text, and what the call gives for it.
#[derive(Clone, Debug)]
struct Parameter {
    name: Arc<str>,
    ty: String,
    given: String,
}

/// What the nodes have to do with the rest of the graph.
#[derive(Debug, Default)]
struct Border {
    /// By what is read outside (`node:a:b`, `param:x`), as the call gives it.
    parameters: BTreeMap<String, Parameter>,
    /// The output that is read outside, with its type's text.
    result: Option<(Arc<str>, Arc<str>, String)>,
    /// Where the flow goes on.
    next: Option<Arc<str>>,
    /// The first node inside.
    first: Option<Arc<str>>,
}

pub(super) fn collapse(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    nodes: &[Arc<str>],
    name: &str,
) -> Result<Aside, Refused> {
    check_graph_name(draft, GraphKind::Function, name, None)?;
    check_name(name, "a function")?;
    if matches!(graph.kind, GraphKind::Filter | GraphKind::Effect) {
        let message = format!("nodes of a {} do not become a function", graph.kind.noun());
        return Err(Refused::new(message, "what they read of the viewer is nothing that functions know"));
    }
    let inside: BTreeSet<Arc<str>> = nodes.iter().cloned().collect();
    let view = GraphView::new(draft.source(), graph)?;
    inside.iter().try_for_each(|id| view.node(id).map(|_| ()))?;
    if inside.is_empty() {
        return Err(Refused::new("nothing is selected", "select the nodes that are to become a function"));
    }
    let mentions = of_graph(draft.source(), graph)?;
    let mut border = Border::default();
    flow(&view, &inside, &mut border)?;
    loops(&view, &inside)?;
    variables(&view, &inside, &mentions)?;
    data(&view, context, &inside, &mentions, &mut border)?;
    let call = view.free_id("call", &|name| draft.source().check_new_id(graph, name).is_err());
    let function = function(&view, &inside, &mentions, &border, name)?;
    let position = middle(&view, &inside);
    let (json, edges, gone) = outside(&view, &inside);
    let reads = rest(&view, &inside, mentions, &call, &border);
    draft.replace(reads);
    for (list, index) in gone {
        draft.remove_element(list, index);
    }
    for (edge, key) in edges {
        draft.put(edge, key, &Value::Str(call.clone()));
    }
    let mut inputs = vec![("function", Value::str(name))];
    if !border.parameters.is_empty() {
        let args =
            border.parameters.values().map(|parameter| (parameter.name.clone(), Value::str(parameter.given.as_str())));
        inputs.push(("args", Value::map(args)));
    }
    let mut node =
        vec![("id", Value::Str(call.clone())), ("type", Value::str("CallFunction")), ("inputs", Value::map(inputs))];
    node.extend(position.map(|at| ("_position", position_value(at))));
    draft.push(json, "nodes", Value::map(node));
    if let Some(next) = &border.next {
        draft.push(json, "flow", Value::map([("from", Value::Str(call.clone())), ("to", Value::Str(next.clone()))]));
    }
    draft.stage()?;
    let root = draft.tree().root();
    draft.push(root, GraphKind::Function.key(), function);
    Ok(Aside { select: Some(Selection::of_nodes(graph, [call])), ..Aside::default() })
}

/// The way in and the way out of the flow.
fn flow(view: &GraphView<'_>, inside: &BTreeSet<Arc<str>>, border: &mut Border) -> Result<(), Refused> {
    let edges = &view.graph.edges;
    let into: BTreeSet<&Arc<str>> = edges
        .iter()
        .filter(|edge| inside.contains(&edge.to.text) && !inside.contains(&edge.from.text))
        .map(|edge| &edge.to.text)
        .collect();
    let mut first = into.iter();
    border.first = first.next().map(|id| (*id).clone());
    if first.next().is_some() {
        return Err(Refused::new("the flow comes in at several nodes", "select nodes with one way in"));
    }
    if border.first.is_none() {
        let help = "select the node of the flow that reads them too: a function is called by the flow";
        return Err(Refused::new("the flow does not come to these nodes", help));
    }
    let out: BTreeSet<&Arc<str>> = edges
        .iter()
        .filter(|edge| inside.contains(&edge.from.text) && !inside.contains(&edge.to.text))
        .map(|edge| &edge.to.text)
        .collect();
    let mut next = out.into_iter();
    border.next = next.next().cloned();
    if next.next().is_some() {
        return Err(Refused::new("the flow goes on at several places", "select nodes with one way out"));
    }
    // A chain that just ends would go on behind the call.
    let ends = |id: &&Arc<str>| {
        let leaves = edges.iter().any(|edge| edge.from.text == **id);
        let is_reached = edges.iter().any(|edge| edge.to.text == **id);
        let row = view.find(id).and_then(|(node, _)| node::by_name(&node.ty.text));
        is_reached && !leaves && row.is_none_or(|row| row.exits != Exits::None)
    };
    let rejoins = inside.iter().any(|id| {
        let labels = edges.iter().filter(|edge| edge.from.text == *id);
        let (mut plain, mut labelled) = (false, false);
        for edge in labels {
            plain |= edge.label.is_none() || edge.label.as_ref().is_some_and(|label| &*label.text == "done");
            labelled |= edge.label.is_some();
        }
        plain && labelled
    });
    if border.next.is_some() && !rejoins && inside.iter().any(|id| ends(&id)) {
        let help = "lead all ends on to the same node first, or select it too";
        return Err(Refused::new("some of the flow ends here and some goes on", help));
    }
    Ok(())
}

/// What leaves a loop or the handler leaves the function only.
fn loops(view: &GraphView<'_>, inside: &BTreeSet<Arc<str>>) -> Result<(), Refused> {
    let of = |id: &Arc<str>| view.find(id).map(|(node, _)| node);
    let has_loop = inside
        .iter()
        .filter_map(of)
        .any(|node| node::by_name(&node.ty.text).is_some_and(|row| matches!(row.exits, Exits::Loop | Exits::Bounded)));
    for node in inside.iter().filter_map(of) {
        match &*node.ty.text {
            "Return" => {
                return Err(Refused::new("Return would end the function only", "leave it out of the selection"));
            }
            "Break" | "Continue" if !has_loop => {
                let message = format!("{} would have no loop in the function", node.ty.text);
                return Err(Refused::new(message, "select the loop too, or leave it out"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Variables live in one graph: those of the nodes may not be used outside, unless nobody outside cares.
fn variables(view: &GraphView<'_>, inside: &BTreeSet<Arc<str>>, mentions: &[Mentioned]) -> Result<(), Refused> {
    let mut used: [BTreeSet<Arc<str>>; 2] = Default::default();
    for mentioned in mentions {
        let side = usize::from(inside.contains(&mentioned.node));
        let Some(names) = used.get_mut(side) else { continue };
        let ty = view.find(&mentioned.node).map_or("", |(node, _)| &node.ty.text);
        if let (Mention::Name(name), "SetVariable" | "GetVariable", "name") =
            (&mentioned.mention, ty, mentioned.port.as_str())
        {
            names.insert(name.clone());
        }
        let mut mention = mentioned.mention.clone();
        mention.each(&mut |reference| {
            if let (Scheme::Variable, Head::Name(name)) = (reference.scheme, &reference.head) {
                names.insert(name.clone());
            }
        });
    }
    let [outside, within] = used;
    match outside.intersection(&within).next() {
        Some(name) => Err(Refused::new(
            format!("the variable `{name}` is used inside and outside"),
            "select everything that uses it, or pass its value by an output",
        )),
        None => Ok(()),
    }
}

/// What is read across the border.
fn data(
    view: &GraphView<'_>,
    context: &Context,
    inside: &BTreeSet<Arc<str>>,
    mentions: &[Mentioned],
    border: &mut Border,
) -> Result<(), Refused> {
    let mut results: BTreeSet<(Arc<str>, Arc<str>)> = BTreeSet::new();
    for mentioned in mentions {
        let is_inside = inside.contains(&mentioned.node);
        let mut problem = None;
        let mut mention = mentioned.mention.clone();
        mention.each(&mut |reference| {
            let crossed = if is_inside { inward(view, context, inside, reference, border) } else { Ok(()) };
            problem = problem.take().or(crossed.err());
            if let (false, Head::Output { node, output }) = (is_inside, &reference.head)
                && inside.contains(node)
            {
                let canonical =
                    view.find(node).map_or_else(|| output.clone(), |(node, _)| canonical_output(node, output));
                results.insert((node.clone(), canonical));
            }
            if let (false, Head::Loop { node: Some(node), .. }) = (is_inside, &reference.head)
                && inside.contains(node)
            {
                problem = Some(Refused::new(
                    format!("values of the loop `{node}` are read outside of it"),
                    "select what reads them too",
                ));
            }
        });
        if let Some(problem) = problem {
            return Err(problem);
        }
    }
    let mut results = results.into_iter();
    if let Some((node, output)) = results.next() {
        if let Some((other, port)) = results.next() {
            return Err(Refused::new(
                format!(
                    "`{node}:{output}` and `{other}:{port}` are both read outside, and a function returns one value"
                ),
                "select what reads one of them too",
            ));
        }
        if avoids(view, inside, &node, border) {
            return Err(Refused::new(
                format!("`{node}:{output}` is read outside and computed not on every way through the nodes"),
                "select what reads it too, or set a variable on every way",
            ));
        }
        let ty =
            type_of(view, context, &format!("{node}:{output}")).ok_or_else(|| unknown(&format!("{node}:{output}")))?;
        border.result = Some((node, output, ty));
    }
    Ok(())
}

/// Whether the flow can come through the nodes without passing `node`. Pure nodes are evaluated where they are read.
fn avoids(view: &GraphView<'_>, inside: &BTreeSet<Arc<str>>, node: &Arc<str>, border: &Border) -> bool {
    let edges = &view.graph.edges;
    if !edges.iter().any(|edge| edge.from.text == *node || edge.to.text == *node) {
        return false;
    }
    let mut open: Vec<&Arc<str>> = border.first.iter().filter(|first| *first != node).collect();
    let mut reached: BTreeSet<&Arc<str>> = open.iter().copied().collect();
    while let Some(at) = open.pop() {
        for edge in edges.iter().filter(|edge| edge.from.text == *at && edge.to.text != *node) {
            if !inside.contains(&edge.to.text) {
                return true;
            }
            if reached.insert(&edge.to.text) {
                open.push(&edge.to.text);
            }
        }
    }
    false
}

fn type_of(view: &GraphView<'_>, context: &Context, key: &str) -> Option<String> {
    let ty: &Type = context.types.get(&view.graph.name.text)?.get(key)?;
    Some(context.schema.as_ref()?.show(ty).to_string())
}

fn unknown(what: &str) -> Refused {
    Refused::new(format!("the type of `{what}` is not known"), "mend the document's errors first: types are known then")
}

/// A reference of an inner node to something outside becomes a parameter.
fn inward(
    view: &GraphView<'_>,
    context: &Context,
    inside: &BTreeSet<Arc<str>>,
    reference: &Reference,
    border: &mut Border,
) -> Result<(), Refused> {
    let Some(key) = crossing(view, inside, reference) else { return Ok(()) };
    if border.parameters.contains_key(&key) {
        return Ok(());
    }
    let (wanted, ty) = match (reference.scheme, &reference.head) {
        (Scheme::Param | Scheme::Bare, Head::Name(name)) if &**name == "senderID" => {
            ("sender".into(), Some("string".to_owned()))
        }
        (Scheme::Param | Scheme::Bare, Head::Name(name)) => {
            let parameter = view.graph.parameters.iter().find(|parameter| parameter.name.text == *name);
            (name.clone(), parameter.map(|parameter| parameter.ty.text.to_string()))
        }
        (_, Head::Output { node, output }) => {
            let port = view.find(node).map_or_else(|| output.clone(), |(node, _)| canonical_output(node, output));
            (node.clone(), type_of(view, context, &format!("{node}:{port}")))
        }
        (_, Head::Loop { node: Some(node), what }) => (what.clone(), type_of(view, context, &format!("{node}:{what}"))),
        (_, Head::Loop { node: None, what }) => {
            let message = format!("`loop:{what}` does not say of which loop");
            return Err(Refused::new(message, format!("write `loop:ID:{what}` with the loop's id")));
        }
        _ => return Ok(()),
    };
    let ty = ty.ok_or_else(|| unknown(&key))?;
    let is_taken = |name: &str| border.parameters.values().any(|parameter| &*parameter.name == name);
    let base: String = wanted.chars().filter(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    let name = free_name(if base.is_empty() { "value" } else { &base }, &is_taken);
    border.parameters.insert(key.clone(), Parameter { name, ty, given: key });
    Ok(())
}

/// What a reference of an inner node reads outside, as a reference without steps; `None` if it stays inside, or means the same
/// everywhere.
fn crossing(view: &GraphView<'_>, inside: &BTreeSet<Arc<str>>, reference: &Reference) -> Option<String> {
    let is_parameter = |name: &str| view.graph.parameters.iter().any(|parameter| &*parameter.name.text == name);
    match (reference.scheme, &reference.head) {
        (Scheme::Param, Head::Name(name)) => Some(format!("param:{name}")),
        (Scheme::Bare, Head::Name(name)) if is_parameter(name) => Some(format!("param:{name}")),
        (_, Head::Output { node, output }) if !inside.contains(node) => Some(format!("node:{node}:{output}")),
        (_, Head::Loop { node: Some(node), what }) if !inside.contains(node) => Some(format!("loop:{node}:{what}")),
        (_, Head::Loop { node: None, what }) => {
            // Within a loop of their own it is that loop's.
            let is_loop = |id: &Arc<str>| {
                let row = view.find(id).and_then(|(node, _)| node::by_name(&node.ty.text));
                row.is_some_and(|row| {
                    row.exits == Exits::Loop || row.inputs.iter().any(|port| port.role == node::Role::Lambda)
                })
            };
            (!inside.iter().any(is_loop)).then(|| format!("loop:{what}"))
        }
        _ => None,
    }
}

/// The function's object.
fn function(
    view: &GraphView<'_>,
    inside: &BTreeSet<Arc<str>>,
    mentions: &[Mentioned],
    border: &Border,
    name: &str,
) -> Result<Value, Refused> {
    let inner: Vec<Mentioned> = mentions.iter().filter(|mentioned| inside.contains(&mentioned.node)).cloned().collect();
    let replacements = rewritten(view.tree, inner, &mut |_, mention| {
        let mut changed = false;
        mention.each(&mut |reference| {
            let parameter = crossing(view, inside, reference).and_then(|key| border.parameters.get(&key));
            if let Some(parameter) = parameter {
                (reference.scheme, reference.head) = (Scheme::Param, Head::Name(parameter.name.clone()));
                changed = true;
            }
        });
        changed
    });
    let nodes = copied(view, inside, &replacements)?;
    let end: Arc<str> = match &border.result {
        Some(_) => free_name("return", &|name| inside.contains(name)),
        None => "end".into(),
    };
    let mut flow = vec![edge(START, border.first.as_deref().unwrap_or("end"), None)];
    for inner in view.graph.edges.iter().filter(|edge| inside.contains(&edge.from.text)) {
        let to = if inside.contains(&inner.to.text) { &inner.to.text } else { &end };
        flow.push(edge(&inner.from.text, to, inner.label.as_ref().map(|label| &*label.text)));
    }
    let mut nodes = nodes;
    if let Some((node, output, _)) = &border.result {
        if border.next.is_none() {
            let help = "lead the flow on to what reads it";
            return Err(Refused::new(format!("`{node}:{output}` is read where the flow does not come to"), help));
        }
        let value = Value::map([("value", Value::str(format!("node:{node}:{output}")))]);
        nodes.push(Value::map([("id", Value::Str(end)), ("type", Value::str("Return")), ("inputs", value)]));
    }
    let parameter = |parameter: &Parameter| {
        Value::map([("name", Value::Str(parameter.name.clone())), ("type", Value::str(parameter.ty.as_str()))])
    };
    let mut entries = vec![
        ("name", Value::str(name)),
        ("parameters", Value::List(border.parameters.values().map(parameter).collect())),
    ];
    entries.extend(border.result.as_ref().map(|(.., ty)| ("returnType", Value::str(ty.as_str()))));
    entries.push(("nodes", Value::List(nodes)));
    entries.push(("flow", Value::List(flow)));
    Ok(Value::map(entries))
}

fn edge(from: &str, to: &str, label: Option<&str>) -> Value {
    let label = label.map(|label| ("label", Value::str(label)));
    Value::map([("from", Value::str(from)), ("to", Value::str(to))].into_iter().chain(label))
}

/// The objects of some nodes, in document order, with replacements made in them.
fn copied(
    view: &GraphView<'_>,
    inside: &BTreeSet<Arc<str>>,
    replacements: &[(Span, String)],
) -> Result<Vec<Value>, Refused> {
    let mut nodes = Vec::new();
    let chosen = view.graph.nodes.iter().filter(|node| inside.contains(&node.id.text));
    for (_, json) in chosen.filter_map(|node| view.find(&node.id.text)) {
        nodes.push(renamed(view, json, replacements)?);
    }
    Ok(nodes)
}

/// A node's object with replacements of the document's text made in it.
pub(super) fn renamed(
    view: &GraphView<'_>,
    json: json::NodeId,
    replacements: &[(Span, String)],
) -> Result<Value, Refused> {
    let span = view.tree.span(json);
    let within = replacements.iter().filter(|(place, _)| place.start >= span.start && place.end <= span.end);
    let moved = within
        .map(|(place, text)| (Span { start: place.start - span.start, end: place.end - span.start }, text.clone()));
    let text = view.tree.text(json);
    let confused = || Refused::new("the nodes cannot be copied", "undo, and report this to the makers of Statewright");
    let change = crate::patch::Change::of(text, moved.collect()).ok_or_else(confused)?;
    let tree = json::parse(change.apply(text).ok_or_else(confused)?).map_err(|_| confused())?;
    Ok(tree.value(tree.root()))
}

/// The centre of what the nodes cover.
fn middle(view: &GraphView<'_>, inside: &BTreeSet<Arc<str>>) -> Option<(f64, f64)> {
    let places: Vec<(f64, f64)> =
        inside.iter().filter_map(|id| view.find(id)).filter_map(|(node, _)| node.position).collect();
    let count = places.len() as f64;
    let sum = places.iter().fold((0.0, 0.0), |sum, place| (sum.0 + place.0, sum.1 + place.1));
    (count > 0.0).then(|| ((sum.0 / count).round(), (sum.1 / count).round()))
}

/// The graph's object, edges that lead to the call now, and nodes and edges that go.
#[allow(clippy::type_complexity)]
fn outside(
    view: &GraphView<'_>,
    inside: &BTreeSet<Arc<str>>,
) -> (json::NodeId, Vec<(json::NodeId, &'static str)>, Vec<(json::NodeId, usize)>) {
    let mut gone = Vec::new();
    let mut led = Vec::new();
    for id in inside {
        gone.extend(view.find(id).and_then(|(node, _)| view.element("nodes", node.span.start)));
    }
    let place = |edge: &Edge| view.element("flow", edge.span.start);
    for edge in &view.graph.edges {
        match (inside.contains(&edge.from.text), inside.contains(&edge.to.text)) {
            (false, true) => {
                let object = place(edge).and_then(|(list, index)| view.tree.elements(list).get(index).copied());
                led.extend(object.map(|object| (object, "to")));
            }
            (true, _) => gone.extend(place(edge)),
            (false, false) => {}
        }
    }
    (view.json, led, gone)
}

/// What the other nodes read of the result.
fn rest(
    view: &GraphView<'_>,
    inside: &BTreeSet<Arc<str>>,
    mentions: Vec<Mentioned>,
    call: &Arc<str>,
    border: &Border,
) -> Vec<(Span, String)> {
    let Some((result, ..)) = &border.result else { return Vec::new() };
    let outer: Vec<Mentioned> = mentions.into_iter().filter(|mentioned| !inside.contains(&mentioned.node)).collect();
    rewritten(view.tree, outer, &mut |_, mention| {
        let mut changed = false;
        mention.each(&mut |reference| {
            if let Head::Output { node, .. } = &reference.head
                && node == result
            {
                reference.head = Head::Output { node: call.clone(), output: "result".into() };
                changed = true;
            }
        });
        changed
    })
}
