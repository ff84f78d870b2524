//! Wires: data by pin, flow by exit.

use std::collections::BTreeSet;

use statewright_graph::document::{GraphAt, Input, InputKind};
use statewright_graph::node::{self, Exits};
use statewright_types::Value;

use super::place::GraphView;
use super::{Aside, Context, inputs};
use crate::draft::Draft;
use crate::refused::Refused;
use crate::wires::{END, PinId, START, Side, Wire, is_node, wires};

/// The text of a reference to what an output gives.
pub fn reference_text(from: &PinId, path: &str) -> String {
    match &*from.node {
        START => format!("param:{}{path}", from.name),
        node => format!("node:{node}:{}{path}", from.name),
    }
}

pub(super) fn connect(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    from: &PinId,
    to: &PinId,
    path: &str,
) -> Result<Aside, Refused> {
    let (from, to) = if from.is_source() { (from, to) } else { (to, from) };
    match (from.side, to.side) {
        (Side::Output, Side::Input) => data(draft, context, graph, from, to, path),
        (Side::FlowOut, Side::FlowIn) => flow(draft, context, graph, from, to),
        (Side::Output | Side::Input, Side::Output | Side::Input) => {
            Err(Refused::new("a wire goes from an output to an input", "begin at one and end at the other"))
        }
        _ => Err(Refused::new(
            "flow and values have wires of their own",
            "connect flow with flow, and outputs with inputs",
        )),
    }
}

fn data(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    from: &PinId,
    to: &PinId,
    path: &str,
) -> Result<Aside, Refused> {
    let (json, steps) = {
        let view = GraphView::new(draft.source(), graph)?;
        if from.node == to.node {
            return Err(Refused::new("a node cannot read its own output", "connect it with another node"));
        }
        match &*from.node {
            START => {
                let known = view.graph.parameters.iter().any(|parameter| parameter.name.text == from.name);
                if !known && &*from.name != "senderID" {
                    let message = format!("the graph has no parameter `{}`", from.name);
                    return Err(Refused::new(message, "add the parameter first"));
                }
            }
            id => {
                view.node(id)?;
            }
        }
        inputs::place(&view, context, &to.node, &to.name)?
    };
    inputs::put(draft, json, &steps, &Value::str(reference_text(from, path)))?;
    Ok(Aside::default())
}

fn flow(draft: &mut Draft<'_>, context: &Context, graph: GraphAt, from: &PinId, to: &PinId) -> Result<Aside, Refused> {
    let (json, replaced, label) = {
        let view = GraphView::new(draft.source(), graph)?;
        let mut exits = Exits::Plain;
        if &*from.node != START {
            let (node, _) = view.node(&from.node)?;
            exits = node::lookup(&node.ty.text, &context.hosts).map_or(Exits::Cases, |row| row.exits);
        }
        if is_node(&to.node) {
            view.node(&to.node)?;
        } else if &*to.node == START {
            return Err(Refused::new("the flow never comes back to the start", "lead it to a node"));
        }
        check_label(exits, &from.name)?;
        let same = |edge: &&statewright_graph::document::Edge| {
            edge.from.text == from.node && edge.label.as_ref().map_or("", |label| &label.text) == &*from.name
        };
        let replaced: Vec<_> = view.graph.edges.iter().filter(same).collect();
        if let [only] = replaced.as_slice()
            && only.to.text == to.node
        {
            return Ok(Aside::default());
        }
        let replaced: Vec<_> = replaced.iter().filter_map(|edge| view.element("flow", edge.span.start)).collect();
        (view.json, replaced, from.name.clone())
    };
    // One exit leads to one place: an edge that is there leads elsewhere now.
    if let Some(((list, index), others)) = replaced.split_first() {
        if let Some(edge) = draft.tree().elements(*list).get(*index).copied() {
            draft.put(edge, "to", &Value::str(to.node.clone()));
        }
        others.iter().for_each(|(list, index)| draft.remove_element(*list, *index));
        return Ok(Aside::default());
    }
    let mut entries = vec![("from", Value::str(from.node.clone())), ("to", Value::str(to.node.clone()))];
    if !label.is_empty() {
        entries.push(("label", Value::str(label)));
    }
    draft.push(json, "flow", Value::map(entries));
    Ok(Aside::default())
}

fn check_label(exits: Exits, label: &str) -> Result<(), Refused> {
    let (fits, help) = match exits {
        Exits::None => {
            return Err(Refused::new("nothing can follow this node", "lead another node to what comes next"));
        }
        Exits::Plain => (label.is_empty(), "this node has one exit without a label".to_owned()),
        Exits::Optional(other) => {
            (label.is_empty() || label == other, format!("its exits are the plain one and `{other}`"))
        }
        Exits::Branch(labels) => {
            (label.is_empty() || labels.contains(&label), format!("its exits are {}", labels.join(", ")))
        }
        Exits::Loop => (["", "body", "done"].contains(&label), "its exits are `body` and `done`".to_owned()),
        Exits::Bounded => {
            (["", "body", "done", "timeout"].contains(&label), "its exits are `body`, `done` and `timeout`".to_owned())
        }
        Exits::Numbered => (
            label.is_empty() || label.parse::<u32>().is_ok_and(|number| number > 0),
            "its exits are numbers from 1".to_owned(),
        ),
        Exits::Cases => (true, String::new()),
    };
    if fits { Ok(()) } else { Err(Refused::new(format!("the node has no exit `{label}`"), help)) }
}

pub(super) fn disconnect(draft: &mut Draft<'_>, graph: GraphAt, gone: &[Wire]) -> Result<Aside, Refused> {
    let gone: BTreeSet<&Wire> = gone.iter().collect();
    let mut aside = Aside::default();
    let mut taken = Vec::new();
    let mut edges = Vec::new();
    {
        let view = GraphView::new(draft.source(), graph)?;
        let there: BTreeSet<Wire> = wires(view.graph).into_iter().collect();
        for wire in gone.iter().filter(|wire| there.contains(**wire)) {
            if wire.is_flow() {
                for edge in &view.graph.edges {
                    let label = edge.label.as_ref().map_or("", |label| &label.text);
                    if edge.from.text == wire.from.node && edge.to.text == wire.to.node && label == &*wire.from.name {
                        edges.extend(view.element("flow", edge.span.start));
                    }
                }
                continue;
            }
            let (node, json) = view.node(&wire.to.node)?;
            let row = node::by_name(&node.ty.text);
            let mut steps = wire.to.name.split('.');
            let port = inputs::written_port(row, node, steps.next().unwrap_or("")).to_owned();
            let steps: Vec<String> = [port].into_iter().chain(steps.map(str::to_owned)).collect();
            match value_at(node, &steps) {
                // A reference that reads another node in its brackets only is more than the wire.
                Some(InputKind::Reference(reference)) if crate::wires::reads(reference, wire, view.graph) => {
                    taken.push((json, steps));
                }
                _ => aside.remarks.push(format!(
                    "`{}` of `{}` mentions `{}` within a larger text: edit that instead",
                    wire.to.name, wire.to.node, wire.from.node
                )),
            }
        }
    }
    taken.iter().for_each(|(json, steps)| inputs::take(draft, *json, steps));
    edges.iter().for_each(|(list, index)| draft.remove_element(*list, *index));
    if taken.is_empty()
        && edges.is_empty()
        && let Some(remark) = aside.remarks.pop()
    {
        return Err(Refused::new("the wire cannot be removed by itself", remark));
    }
    Ok(aside)
}

fn value_at<'a>(node: &'a statewright_graph::document::Node, steps: &[String]) -> Option<&'a InputKind> {
    let (port, rest) = steps.split_first()?;
    let mut input: &Input = node.inputs.iter().find(|(name, _)| *name.text == **port).map(|(_, input)| input)?;
    for step in rest {
        input = match &input.kind {
            InputKind::Map(entries) => &entries.iter().find(|(key, _)| *key.text == **step)?.1,
            InputKind::List(elements) => elements.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(&input.kind)
}

pub(super) fn rename_exit(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    node: &str,
    old: &str,
    new: &str,
) -> Result<Aside, Refused> {
    let view = GraphView::new(draft.source(), graph)?;
    view.node(node)?;
    let label =
        |edge: &statewright_graph::document::Edge| edge.label.as_ref().map_or("", |label| &label.text).to_owned();
    let mut edges = view.graph.edges.iter().filter(|edge| &*edge.from.text == node);
    if old != new && edges.clone().any(|edge| label(edge) == new) {
        return Err(Refused::new(format!("`{node}` has an exit `{new}` already"), "choose another label"));
    }
    let Some(edge) = edges.find(|edge| label(edge) == old) else {
        return Err(Refused::new(format!("`{node}` has no exit `{old}`"), "connect it first"));
    };
    let element = view.element("flow", edge.span.start);
    let Some(object) = element.and_then(|(list, index)| view.tree.elements(list).get(index).copied()) else {
        return Ok(Aside::default());
    };
    let key = if view.tree.get(object, "condition").is_some() { "condition" } else { "label" };
    if new.is_empty() {
        draft.remove(object, key);
    } else {
        draft.put(object, key, &Value::str(new));
    }
    Ok(Aside::default())
}

/// Whether an end of the flow is `end` or `end_…`.
pub fn is_end(id: &str) -> bool {
    id == END || id.starts_with("end_")
}
