//! Pins and wires of a graph, by name: what they mean stays the same whatever is added before them.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_graph::document::{
    Edge, Graph, Head, Index, Input, InputKind, KeyValue, Node, Reference, Scheme, Step, TemplatePart,
};
use statewright_graph::node;

/// The id that stands for the beginning of the flow, which has the parameters as its outputs.
pub const START: &str = "start";
/// The end of the flow.
pub const END: &str = "end";

/// A side of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Where the flow comes in.
    FlowIn,
    /// An exit of the flow; its name is the label, "" for the plain one.
    FlowOut,
    /// An input.
    Input,
    /// An output.
    Output,
}

/// A pin: never a position.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PinId {
    /// The node's id, [`START`], [`END`] or `end_…`.
    pub node: Arc<str>,
    /// Which side.
    pub side: Side,
    /// The port's canonical name; `payload.number` is the entry of a map, `values.0` the element of a list.
    pub name: Arc<str>,
}

impl PinId {
    /// A pin by its parts.
    pub fn new(node: impl Into<Arc<str>>, side: Side, name: impl Into<Arc<str>>) -> PinId {
        PinId { node: node.into(), side, name: name.into() }
    }

    /// Whether it is a pin of the flow.
    pub fn is_flow(&self) -> bool {
        matches!(self.side, Side::FlowIn | Side::FlowOut)
    }

    /// Whether wires begin here.
    pub fn is_source(&self) -> bool {
        matches!(self.side, Side::FlowOut | Side::Output)
    }

    /// The port without what follows for an entry or element of it.
    pub fn port(&self) -> &str {
        self.name.split('.').next().unwrap_or("")
    }

    /// The text by which what the document keeps of a wire names the pin where the wire ends.
    pub fn key(&self) -> String {
        match self.side {
            Side::FlowIn | Side::FlowOut => format!("flow:{}:{}", self.node, self.name),
            Side::Input | Side::Output => format!("{}:{}", self.node, self.name),
        }
    }
}

/// A wire: from an output or exit to an input or node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wire {
    /// Where it begins.
    pub from: PinId,
    /// Where it ends.
    pub to: PinId,
}

impl Wire {
    /// Whether it is of the flow.
    pub fn is_flow(&self) -> bool {
        self.from.is_flow()
    }

    /// The node where it begins, if it is one.
    pub fn from_node(&self) -> Option<&Arc<str>> {
        Some(&self.from.node).filter(|id| is_node(id))
    }

    /// The node where it ends, if it is one.
    pub fn to_node(&self) -> Option<&Arc<str>> {
        Some(&self.to.node).filter(|id| is_node(id))
    }

    /// What names it in `_editor.reroutes`: data wires by where they end, flow wires by both ends.
    pub fn key(&self) -> String {
        match self.is_flow() {
            true => format!("{}>{}", self.from.key(), self.to.node),
            false => format!("{}<{}", self.to.key(), self.from.key()),
        }
    }
}

/// Whether an end of an edge is a node.
pub fn is_node(id: &str) -> bool {
    id != START && id != END && !id.starts_with("end_")
}

/// Data and flow wires of a graph. Wires from nodes that do not exist are there too: they are broken, and seen to be.
pub fn wires(graph: &Graph) -> Vec<Wire> {
    let nodes: HashMap<&str, &Node> = graph.nodes.iter().rev().map(|node| (&*node.id.text, node)).collect();
    let mut wires = Vec::new();
    for node in &graph.nodes {
        data_wires(node, &|id| nodes.get(id).copied(), graph, &mut wires);
    }
    wires.extend(graph.edges.iter().map(flow_wire));
    wires
}

/// Adds the data wires that lead to a node. `find` knows the graph's nodes by their ids.
pub fn data_wires<'g>(
    node: &'g Node,
    find: &dyn Fn(&str) -> Option<&'g Node>,
    graph: &'g Graph,
    wires: &mut Vec<Wire>,
) {
    let row = node::by_name(&node.ty.text);
    for (port, input) in &node.inputs {
        let name = row.and_then(|row| row.input(&port.text)).map_or(&*port.text, |port| port.name);
        let first = wires.len();
        each_reference(input, name, &mut |pin, reference| {
            let Some(from) = source(reference, find, graph) else { return };
            let wire = Wire { from, to: PinId::new(node.id.text.clone(), Side::Input, pin) };
            if !wires.get(first..).unwrap_or(&[]).contains(&wire) {
                wires.push(wire);
            }
        });
    }
}

/// The wire that an edge of the flow is.
pub fn flow_wire(edge: &Edge) -> Wire {
    let label = edge.label.as_ref().map_or_else(|| Arc::from(""), |label| label.text.clone());
    Wire {
        from: PinId { node: edge.from.text.clone(), side: Side::FlowOut, name: label },
        to: PinId::new(edge.to.text.clone(), Side::FlowIn, ""),
    }
}

/// The pin that a reference reads, if it reads one.
fn source<'g>(reference: &Reference, find: &dyn Fn(&str) -> Option<&'g Node>, graph: &'g Graph) -> Option<PinId> {
    let is_parameter = |name: &str| graph.parameters.iter().any(|parameter| &*parameter.name.text == name);
    match (&reference.scheme, &reference.head) {
        (Scheme::Node, Head::Output { node, output }) => {
            let name = find(node).map_or_else(|| output.clone(), |found| canonical_output(found, output));
            Some(PinId { node: node.clone(), side: Side::Output, name })
        }
        (Scheme::Loop, Head::Loop { node: Some(node), what }) => {
            Some(PinId { node: node.clone(), side: Side::Output, name: what.clone() })
        }
        (Scheme::Param, Head::Name(name)) => Some(PinId { node: START.into(), side: Side::Output, name: name.clone() }),
        (Scheme::Bare, Head::Name(name)) if is_parameter(name) => {
            Some(PinId { node: START.into(), side: Side::Output, name: name.clone() })
        }
        _ => None,
    }
}

/// Whether a reference reads, at its beginning, the pin where a wire begins.
pub fn reads(reference: &Reference, wire: &Wire, graph: &Graph) -> bool {
    let find = |id: &str| graph.nodes.iter().find(|node| *node.id.text == *id);
    source(reference, &find, graph).as_ref() == Some(&wire.from)
}

/// The canonical name of what a reference calls `output`: a port, a synonym of one, or an alias.
pub fn canonical_output(node: &Node, output: &Arc<str>) -> Arc<str> {
    let port = node.outputs.iter().find(|entry| entry.alias.text == *output).map_or(output, |entry| &entry.port.text);
    let row = node::by_name(&node.ty.text);
    let known = row.and_then(|row| row.output(port).and_then(|index| row.outputs.get(index)));
    known.map_or_else(|| port.clone(), |port| Arc::from(port.name))
}

/// Calls `visit` with every reference of an input, also those in brackets of others, and the pin that it belongs to.
pub fn each_reference<'a>(input: &'a Input, pin: &str, visit: &mut dyn FnMut(&str, &'a Reference)) {
    // As deep as the JSON may nest, without recursion.
    let mut open = vec![(pin.to_owned(), input)];
    while let Some((pin, input)) = open.pop() {
        match &input.kind {
            InputKind::Reference(reference) => with_inner(reference, &mut |inner| visit(&pin, inner)),
            InputKind::Template(parts) => {
                for part in parts {
                    if let TemplatePart::Value(reference) = part {
                        with_inner(reference, &mut |inner| visit(&pin, inner));
                    }
                }
            }
            InputKind::List(elements) => {
                open.extend(
                    elements.iter().enumerate().rev().map(|(index, element)| (format!("{pin}.{index}"), element)),
                );
            }
            InputKind::Map(entries) => {
                open.extend(entries.iter().rev().map(|(key, value)| (format!("{pin}.{}", key.text), value)));
            }
            InputKind::Null
            | InputKind::Bool(_)
            | InputKind::Int(_)
            | InputKind::UInt(_)
            | InputKind::Float(_)
            | InputKind::Text(_)
            | InputKind::Invalid => {}
        }
    }
}

/// A reference, and those in its brackets.
pub fn with_inner<'a>(reference: &'a Reference, visit: &mut dyn FnMut(&'a Reference)) {
    let mut open = vec![reference];
    while let Some(reference) = open.pop() {
        visit(reference);
        open.extend(reference.steps.iter().filter_map(in_brackets));
    }
}

/// The reference in the brackets of a step.
pub fn in_brackets(step: &Step) -> Option<&Reference> {
    match step {
        Step::Index(Index::Reference(inner) | Index::Key { value: KeyValue::Reference(inner), .. }) => Some(inner),
        Step::Field(_) | Step::Index(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};

    use super::*;

    #[test]
    fn wires_of_references_templates_maps_brackets_and_flow() {
        let text = r#"{"handlers": [{"name": "h", "event": "E", "parameters": [{"name": "i", "type": "int"}], "nodes": [
            {"id": "f", "type": "FindInArray", "inputs": {}, "outputs": {"found": "hit"}},
            {"id": "e", "type": "EmitToAll", "inputs": {"event": {"template": "{{i}} {{node:f:hit}}"},
             "data": {"x": ["param:i", "state:A[node:f:index].B"], "y": 3}}}],
            "flow": [{"from": "start", "to": "e"}, {"from": "e", "to": "end", "label": "x"}]}]}"#;
        let source = SourceDocument::parse(text).unwrap();
        let graph = source.graph(GraphAt { kind: GraphKind::Handler, index: 0 }).unwrap();
        let shown: Vec<String> = wires(graph)
            .iter()
            .map(|wire| format!("{}:{}>{}:{}", wire.from.node, wire.from.name, wire.to.node, wire.to.name))
            .collect();
        let expected = ["start:i>e:eventType", "f:found>e:eventType", "start:i>e:payload.x.0", "f:index>e:payload.x.1"];
        assert_eq!(shown[..4], expected);
        assert_eq!(shown[4..], ["start:>e:", "e:x>end:"]);
    }
}
