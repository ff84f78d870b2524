//! From documents, and what a run did, to pictures.

use std::sync::Arc;

use statewright_graph::document::{Document, Graph, Head, Input, InputKind, Node, Reference, Scheme, TemplatePart};
use statewright_graph::node::{self, NodeRow};
use statewright_types::host::HostDeclarations;
use statewright_types::{Value, json};

use crate::draw::{
    DataFrom, DataWire, FlowFrom, FlowTo, FlowWire, GraphPicture, NodePicture, Picture, PinKind, PinPicture,
};
use crate::trace::Trace;

/// What a picture shows of a run.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What happened.
    pub trace: &'a Trace,
    /// The node that stopped a handler, and why: handler, node, text.
    pub failure: Option<(&'a str, &'a str, &'a str)>,
}

/// How deep maps and lists of an input are drawn as pins of their own.
const NESTED: usize = 3;
/// Outputs that are drawn even if nobody reads them, where a node has no more than these.
const FEW: usize = 2;

/// All graphs of a document; with a run, only those in which something happened.
pub fn picture(title: &str, subtitle: &str, document: &Document, run: Option<Run<'_>>) -> Picture {
    picture_with(title, subtitle, document, &HostDeclarations::default(), run)
}

/// The same of a document that may use nodes of a host program.
pub fn picture_with(
    title: &str,
    subtitle: &str,
    document: &Document,
    hosts: &HostDeclarations,
    run: Option<Run<'_>>,
) -> Picture {
    let happened = |graph: &&Graph| {
        run.is_none_or(|run| graph.nodes.iter().any(|node| run.trace.visits(&graph.name.text, &node.id.text) > 0))
    };
    let draw = |graph| graph_picture(graph, &document.functions, hosts, run);
    let graphs = document.graphs().filter(happened).map(draw).collect();
    Picture { title: title.to_owned(), subtitle: subtitle.to_owned(), graphs }
}

/// One graph of a document that has these functions.
fn graph_picture(graph: &Graph, functions: &[Graph], hosts: &HostDeclarations, run: Option<Run<'_>>) -> GraphPicture {
    let mut canvas = Canvas { graph, functions, hosts, run, data: Vec::new() };
    let nodes: Vec<NodePicture> =
        graph.nodes.iter().enumerate().map(|(index, node)| canvas.node(index, node)).collect();
    let text = |name: &Option<statewright_graph::document::Name>| name.as_ref().map(|name| name.text.to_string());
    let parameters =
        graph.parameters.iter().map(|parameter| (parameter.name.text.to_string(), parameter.ty.text.to_string()));
    GraphPicture {
        name: graph.name.text.to_string(),
        kind: graph.kind.noun().to_owned(),
        event: text(&graph.event),
        description: text(&graph.description),
        parameters: parameters.collect(),
        nodes,
        flow: canvas.flow(),
        data: canvas.data,
    }
}

struct Canvas<'a> {
    graph: &'a Graph,
    functions: &'a [Graph],
    hosts: &'a HostDeclarations,
    run: Option<Run<'a>>,
    data: Vec<DataWire>,
}

impl Canvas<'_> {
    fn node(&mut self, index: usize, node: &Node) -> NodePicture {
        let row = node::lookup(&node.ty.text, self.hosts);
        let (graph, id) = (&*self.graph.name.text, &*node.id.text);
        let in_flow = self.graph.edges.iter().any(|edge| &*edge.to.text == id || &*edge.from.text == id);
        let mut inputs = Vec::new();
        for (port, input) in &node.inputs {
            let declared = row.and_then(|row| row.input(&port.text));
            let name = declared.map_or(&*port.text, |port| port.name);
            let kind = declared.map_or(PinKind::Any, |port| port_kind(port.ty));
            let value = self.run.and_then(|run| run.trace.value(graph, id, &format!("in:{name}")));
            self.input(index, name, kind, input, value, 0, &mut inputs);
        }
        let visited = self.run.map(|run| match run.trace.visits(graph, id) {
            0 => u32::from(run.trace.evaluated(graph, id)),
            visits => visits,
        });
        let error =
            self.run.and_then(|run| run.failure).filter(|(handler, failed, _)| *handler == graph && *failed == id);
        NodePicture {
            id: id.to_owned(),
            type_name: node.ty.text.to_string(),
            title: String::new(),
            category: row.map_or("unknown", |row| row.category.title()).to_owned(),
            executing: in_flow,
            ends: row.is_some_and(|row| row.exits == node::Exits::None),
            inputs,
            outputs: self.outputs(node, row),
            comment: node.comment.as_ref().map(|comment| comment.text.to_string()),
            visited,
            error: error.map(|(_, _, text)| text.to_owned()),
            position: node.position,
        }
    }

    /// Pins of an input, and the wires to them. A map or list is several pins.
    #[allow(clippy::too_many_arguments)]
    fn input(
        &mut self,
        node: usize,
        name: &str,
        kind: PinKind,
        input: &Input,
        value: Option<&Value>,
        depth: usize,
        pins: &mut Vec<PinPicture>,
    ) {
        match &input.kind {
            InputKind::Map(entries) if depth < NESTED && !entries.is_empty() => {
                for (key, entry) in entries {
                    let name = format!("{name}.{}", key.text);
                    let value = value.and_then(|value| value.get(&key.text));
                    self.input(node, &name, PinKind::Any, entry, value, depth + 1, pins);
                }
            }
            InputKind::List(elements) if depth < NESTED && has_reference(input, 0) => {
                for (index, element) in elements.iter().enumerate() {
                    let value = value.and_then(|value| value.at(index));
                    self.input(node, &format!("{name}[{index}]"), PinKind::Any, element, value, depth + 1, pins);
                }
            }
            InputKind::Reference(reference) => match self.wire(node, name, kind, reference, value) {
                Some(wire) => {
                    pins.push(PinPicture { name: name.to_owned(), kind: wire.kind, literal: None, value: None });
                    self.data.push(wire);
                }
                None => pins.push(literal(name, kind, &reference.text, value)),
            },
            _ => {
                // A literal is its own value; only what is computed from references says more.
                let value = value.filter(|_| has_reference(input, 0));
                pins.push(literal(name, literal_kind(kind, input), &written(input, 0), value));
            }
        }
    }

    /// The wire that a reference is: from a parameter, or from an output of another node.
    fn wire(
        &self,
        node: usize,
        port: &str,
        kind: PinKind,
        reference: &Reference,
        value: Option<&Value>,
    ) -> Option<DataWire> {
        let (from, from_kind) = match (&reference.head, reference.scheme) {
            (Head::Name(name), Scheme::Param) => {
                let index = self.graph.parameters.iter().position(|parameter| parameter.name.text == *name)?;
                let parameter = self.graph.parameters.get(index)?;
                (DataFrom::Parameter(index), PinKind::of_type(&parameter.ty.text))
            }
            (Head::Output { node, output }, Scheme::Node) => {
                let index = self.graph.nodes.iter().position(|other| other.id.text == *node)?;
                let (port, kind) = output_of(self.graph.nodes.get(index)?, output, self.hosts);
                (DataFrom::Node { node: index, port }, kind)
            }
            _ => return None,
        };
        let path: String = reference.steps.iter().map(|step| step.to_string()).collect();
        let kind = match (path.is_empty(), kind) {
            (true, PinKind::Any) => from_kind,
            (true, _) if from_kind != PinKind::Any => from_kind,
            _ => kind,
        };
        let value = value.or_else(|| match (&from, self.run) {
            (DataFrom::Node { node, port }, Some(run)) if path.is_empty() => {
                let from = self.graph.nodes.get(*node)?;
                run.trace.value(&self.graph.name.text, &from.id.text, &format!("out:{port}"))
            }
            _ => None,
        });
        Some(DataWire { from, path, to: node, port: port.to_owned(), kind, value: value.map(json::to_string) })
    }

    /// Outputs that somebody reads or that have an alias; all of them where they are few.
    fn outputs(&self, node: &Node, row: Option<&NodeRow>) -> Vec<PinPicture> {
        let declared: Vec<(&str, PinKind)> =
            row.map(|row| row.outputs.iter().map(|port| (port.name, port_kind(port.ty))).collect()).unwrap_or_default();
        let read = |name: &str| {
            let mut read = false;
            let id = &node.id.text;
            let mut look = |reference: &Reference| match &reference.head {
                Head::Output { node: of, output } if of == id => read |= output_of(node, output, self.hosts).0 == name,
                _ => {}
            };
            for (_, input) in self.graph.nodes.iter().flat_map(|node| &node.inputs) {
                references(input, 0, &mut look);
            }
            read || node.outputs.iter().any(|output| output_of(node, &output.port.text, self.hosts).0 == name)
        };
        let few = declared.len() <= FEW && !self.calls_for_nothing(node);
        let (graph, id) = (&*self.graph.name.text, &*node.id.text);
        let shown = declared.iter().filter(|(name, _)| few || read(name));
        shown
            .map(|(name, kind)| PinPicture {
                name: (*name).to_owned(),
                kind: *kind,
                literal: None,
                value: self.run.and_then(|run| run.trace.value(graph, id, &format!("out:{name}"))).map(json::to_string),
            })
            .collect()
    }

    /// Whether a node calls a function that returns nothing.
    fn calls_for_nothing(&self, node: &Node) -> bool {
        let called = node.inputs.iter().find_map(|(port, input)| match &input.kind {
            InputKind::Text(name) if &*port.text == "function" => Some(name),
            _ => None,
        });
        let function = |name: &Arc<str>| self.functions.iter().find(|function| function.name.text == *name);
        called.and_then(function).is_some_and(|function| function.return_type.is_none())
    }

    fn flow(&self) -> Vec<FlowWire> {
        let taken = self.run.map(|run| run.trace.taken(self.graph));
        let position = |id: &str| self.graph.nodes.iter().position(|node| &*node.id.text == id);
        let wires = self.graph.edges.iter().enumerate().filter_map(|(index, edge)| {
            let from = match &*edge.from.text {
                "start" => FlowFrom::Start,
                id => FlowFrom::Node(position(id)?),
            };
            let to = if edge.ends() { FlowTo::End } else { FlowTo::Node(position(&edge.to.text)?) };
            let taken = taken.as_ref().and_then(|taken| taken.get(index)).copied();
            Some(FlowWire { from, to, label: edge.label.as_ref().map(|label| label.text.to_string()), taken })
        });
        wires.collect()
    }
}

/// The canonical name and kind of an output that a reference names by port, synonym or alias.
fn output_of(node: &Node, output: &str, hosts: &HostDeclarations) -> (String, PinKind) {
    let row = node::lookup(&node.ty.text, hosts);
    let port = |name: &str| row.and_then(|row| row.outputs.get(row.output(name)?));
    let found = port(output).or_else(|| {
        let alias = node.outputs.iter().find(|known| &*known.alias.text == output)?;
        port(&alias.port.text)
    });
    found.map_or((output.to_owned(), PinKind::Any), |port| (port.name.to_owned(), port_kind(port.ty)))
}

/// The kind of a port's type as the node table says it for people.
pub fn port_kind(ty: &str) -> PinKind {
    match ty {
        "number" | "float" => PinKind::Float,
        "text" | "path" => PinKind::Text,
        "struct" => PinKind::Struct,
        "array" | "list" => PinKind::List,
        "map" => PinKind::Map,
        "any" | "T" | "scalar" => PinKind::Any,
        other => match PinKind::of_type(other) {
            // What is no name of a type is a description.
            PinKind::Struct => PinKind::Any,
            kind => kind,
        },
    }
}

fn literal(name: &str, kind: PinKind, text: &str, value: Option<&Value>) -> PinPicture {
    PinPicture { name: name.to_owned(), kind, literal: Some(text.to_owned()), value: value.map(json::to_string) }
}

fn literal_kind(kind: PinKind, input: &Input) -> PinKind {
    match (&input.kind, kind) {
        (_, kind) if kind != PinKind::Any => kind,
        (InputKind::Bool(_), _) => PinKind::Bool,
        (InputKind::Int(_) | InputKind::UInt(_), _) => PinKind::Int,
        (InputKind::Float(_), _) => PinKind::Float,
        (InputKind::Text(_) | InputKind::Template(_), _) => PinKind::Text,
        (InputKind::List(_), _) => PinKind::List,
        (InputKind::Map(_), _) => PinKind::Map,
        _ => kind,
    }
}

/// A literal as people read it: text without quotes.
pub fn written(input: &Input, depth: usize) -> String {
    let several = |parts: Vec<String>| parts.join(", ");
    match &input.kind {
        _ if depth > statewright_types::Limits::JSON_DEPTH => "…".to_owned(),
        InputKind::Null => "null".to_owned(),
        InputKind::Bool(value) => value.to_string(),
        InputKind::Int(value) => value.to_string(),
        InputKind::UInt(value) => value.to_string(),
        InputKind::Float(value) => json::float_text(*value),
        InputKind::Text(text) if depth == 0 && !text.is_empty() => text.to_string(),
        InputKind::Text(text) => json::quote(text),
        InputKind::Reference(reference) => reference.text.to_string(),
        InputKind::Template(parts) => parts
            .iter()
            .map(|part| match part {
                TemplatePart::Text(text) => text.to_string(),
                TemplatePart::Value(reference) => format!("{{{{{}}}}}", reference.text),
            })
            .collect(),
        InputKind::List(elements) => {
            format!("[{}]", several(elements.iter().map(|element| written(element, depth + 1)).collect()))
        }
        InputKind::Map(entries) => {
            let entry = |(key, entry): &(statewright_graph::document::Name, Input)| {
                format!("{}: {}", key.text, written(entry, depth + 1))
            };
            format!("{{{}}}", several(entries.iter().map(entry).collect()))
        }
        InputKind::Invalid => "?".to_owned(),
    }
}

fn has_reference(input: &Input, depth: usize) -> bool {
    let mut found = false;
    references(input, depth, &mut |_| found = true);
    found
}

/// Every reference in an input.
fn references(input: &Input, depth: usize, look: &mut impl FnMut(&Reference)) {
    if depth > statewright_types::Limits::JSON_DEPTH {
        return;
    }
    match &input.kind {
        InputKind::Reference(reference) => look(reference),
        InputKind::Template(parts) => {
            for part in parts {
                if let TemplatePart::Value(reference) = part {
                    look(reference);
                }
            }
        }
        InputKind::List(elements) => elements.iter().for_each(|element| references(element, depth + 1, look)),
        InputKind::Map(entries) => entries.iter().for_each(|(_, entry)| references(entry, depth + 1, look)),
        _ => {}
    }
}
