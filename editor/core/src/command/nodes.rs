//! Nodes: adding, removing, copying, commenting.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_graph::document::{Edge, GraphAt};
use statewright_graph::node;
use statewright_types::Value;
use statewright_types::json::NodeId;

use super::connect::reference_text;
use super::place::{GraphView, id_of_type};
use super::{Aside, Command, Context, NodeToAdd, canvas};
use crate::clipboard;
use crate::draft::Draft;
use crate::meta::position_value;
use crate::refused::Refused;
use crate::selection::Selection;
use crate::wires::{PinId, Side};

pub(super) fn add(draft: &mut Draft<'_>, context: &Context, graph: GraphAt, new: &NodeToAdd) -> Result<Aside, Refused> {
    let (json, id) = {
        let view = GraphView::new(draft.source(), graph)?;
        let id: Arc<str> = match &new.id {
            Some(id) => {
                draft.source().check_new_id(graph, id)?;
                id.as_str().into()
            }
            None => {
                let wanted = id_of_type(&new.ty);
                view.free_id(&wanted, &|name| draft.source().check_new_id(graph, name).is_err())
            }
        };
        (view.json, id)
    };
    if new.ty.is_empty() {
        return Err(Refused::new("a node needs a type", "choose one from the palette"));
    }
    let mut inputs: Vec<(String, Value)> = new.inputs.clone();
    let mut later = None;
    if let Some((pin, port)) = &new.connect {
        match pin.side {
            Side::Output => {
                inputs.retain(|(name, _)| name != port);
                inputs.push((port.clone(), Value::str(reference_text(pin, ""))));
            }
            Side::Input => later = Some((PinId::new(id.clone(), Side::Output, port.as_str()), pin.clone())),
            Side::FlowOut => later = Some((pin.clone(), PinId::new(id.clone(), Side::FlowIn, ""))),
            Side::FlowIn => later = Some((PinId::new(id.clone(), Side::FlowOut, port.as_str()), pin.clone())),
        }
    }
    let node = Value::map([
        ("id", Value::str(id.clone())),
        ("type", Value::str(new.ty.as_str())),
        ("inputs", Value::map(inputs.iter().map(|(port, value)| (port.as_str(), value.clone())))),
        ("_position", position_value(new.position)),
    ]);
    draft.push(json, "nodes", node);
    if let Some((from, to)) = later {
        draft.stage()?;
        let connect = Command::Connect { graph, from: from.clone(), to, path: String::new() };
        splice(draft, context, graph, &from, &id)?;
        connect.edit(draft, context)?;
    }
    Ok(Aside { select: Some(Selection::of_nodes(graph, [id])), ..Aside::default() })
}

/// A node put behind an exit that leads somewhere goes between: its own plain exit leads there.
fn splice(draft: &mut Draft<'_>, context: &Context, graph: GraphAt, from: &PinId, id: &str) -> Result<(), Refused> {
    if from.side != Side::FlowOut || *from.node == *id {
        return Ok(());
    }
    let next = {
        let view = GraphView::new(draft.source(), graph)?;
        let leads = |edge: &&Edge| {
            edge.from.text == from.node && edge.label.as_ref().map_or("", |label| &label.text) == &*from.name
        };
        let (node, _) = view.node(id)?;
        let exits = node::lookup(&node.ty.text, &context.hosts).map(|row| row.exits);
        let plain = matches!(exits, Some(node::Exits::Plain | node::Exits::Optional(_)));
        view.graph.edges.iter().find(leads).map(|edge| edge.to.text.clone()).filter(|_| plain)
    };
    if let Some(next) = next {
        let from = PinId::new(id, Side::FlowOut, "");
        let go_on = Command::Connect { graph, from, to: PinId::new(next, Side::FlowIn, ""), path: String::new() };
        go_on.edit(draft, context)?;
    }
    Ok(())
}

/// Where the flow goes on behind removed nodes that have one way on.
fn behind<'a>(edges: &'a [Edge], gone: &BTreeSet<Arc<str>>, first: &'a Arc<str>) -> Option<&'a Arc<str>> {
    let mut at = first;
    // No way is longer than there are edges; a circle ends nowhere.
    for _ in 0..=edges.len() {
        if !gone.contains(at) {
            return Some(at);
        }
        let mut ways = edges.iter().filter(|edge| edge.from.text == *at);
        at = match (ways.next(), ways.next()) {
            (Some(only), None) => &only.to.text,
            _ => return None,
        };
    }
    None
}

pub(super) fn remove(draft: &mut Draft<'_>, selection: &Selection, bridge: bool) -> Result<Aside, Refused> {
    let Some(graph) = selection.graph else { return Ok(Aside::default()) };
    let mut aside = Aside::default();
    let (elements, redirected) = {
        let view = GraphView::new(draft.source(), graph)?;
        let gone = &selection.nodes;
        let mut elements: Vec<(NodeId, usize)> = Vec::new();
        for id in gone {
            let (node, _) = view.node(id)?;
            elements.extend(view.element("nodes", node.span.start));
        }
        let mut redirected = Vec::new();
        for edge in &view.graph.edges {
            let (from, to) = (gone.contains(&edge.from.text), gone.contains(&edge.to.text));
            let next = behind(&view.graph.edges, gone, &edge.to.text).filter(|_| bridge && !from && to);
            match next {
                Some(next) => {
                    redirected.extend(view.element("flow", edge.span.start).map(|place| (place, next.clone())))
                }
                None if from || to => elements.extend(view.element("flow", edge.span.start)),
                None => {}
            }
        }
        (elements, redirected)
    };
    for ((list, index), next) in redirected {
        if let Some(edge) = draft.tree().elements(list).get(index).copied() {
            draft.put(edge, "to", &Value::str(next));
        }
    }
    let wires: Vec<_> = selection
        .wires
        .iter()
        .filter(|wire| !selection.nodes.contains(&wire.from.node) && !selection.nodes.contains(&wire.to.node))
        .cloned()
        .collect();
    for (key, ids) in [("frames", &selection.frames), ("notes", &selection.notes)] {
        for id in ids {
            if let Some((list, index, _)) = canvas::find(draft, graph, key, "id", id)? {
                draft.remove_element(list, index);
            }
        }
    }
    elements.iter().for_each(|(list, index)| draft.remove_element(*list, *index));
    if !wires.is_empty() {
        let found = super::connect::disconnect(draft, graph, &wires)?;
        aside.remarks = found.remarks;
    }
    aside.select = Some(Selection { graph: Some(graph), ..Selection::default() });
    Ok(aside)
}

pub(super) fn duplicate(draft: &mut Draft<'_>, selection: &Selection, by: (f64, f64)) -> Result<Aside, Refused> {
    let Some(graph) = selection.graph else { return Err(Refused::new("nothing is selected", "select nodes first")) };
    let fragment = clipboard::copy(draft.source(), selection)?;
    let at = clipboard::left_top(&fragment).unwrap_or((0.0, 0.0));
    clipboard::paste(draft, graph, &fragment, (at.0 + by.0, at.1 + by.1))
}

pub(super) fn comment(draft: &mut Draft<'_>, graph: GraphAt, id: &str, text: Option<&str>) -> Result<Aside, Refused> {
    let (_, json) = GraphView::new(draft.source(), graph)?.node(id)?;
    match text.filter(|text| !text.is_empty()) {
        Some(text) => draft.put(json, "_comment", &Value::str(text)),
        None => draft.remove(json, "_comment"),
    }
    Ok(Aside::default())
}

pub(super) fn set_type(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    id: &str,
    ty: &str,
) -> Result<Aside, Refused> {
    let row = node::lookup(ty, &context.hosts)
        .ok_or_else(|| Refused::new(format!("there is no node type `{ty}`"), "choose one from the palette"))?;
    let (json, gone) = {
        let (node, json) = GraphView::new(draft.source(), graph)?.node(id)?;
        let old = node::lookup(&node.ty.text, &context.hosts);
        let mut gone = BTreeMap::new();
        for (port, _) in &node.inputs {
            let canonical = old.and_then(|old| old.input(&port.text)).map_or(&*port.text, |port| port.name);
            if row.input(canonical).is_none() {
                gone.insert(port.text.clone(), canonical.to_owned());
            }
        }
        (json, gone)
    };
    draft.put(json, "type", &Value::str(ty));
    if let Some(inputs) = draft.tree().get(json, "inputs") {
        gone.keys().for_each(|port| draft.remove(inputs, port));
    }
    let remark = |port: &String| format!("{ty} has no input `{port}`: its value went");
    Ok(Aside { select: None, remarks: gone.values().map(remark).collect() })
}
