//! Where the texts of inputs mention names, and other texts in their places.

use std::sync::Arc;

use statewright_graph::document::reference::parse_template;
use statewright_graph::document::{
    Document, Graph, GraphAt, Head, InputKind, Path, Reference, Scheme, SourceDocument, Step, TemplatePart,
};
use statewright_graph::node::{self, Role};
use statewright_types::Span;
use statewright_types::json::{Kind, NodeId, Tree, quote};

use super::place::GraphView;
use crate::refused::Refused;

/// A text of an input that refers to something, read.
#[derive(Clone, Debug, PartialEq)]
pub enum Mention {
    /// `param:x.Name`
    Reference(Reference),
    /// `x:output`, short for `node:x:output`.
    Source(Reference),
    /// `Players[0].Name`
    Path(Path),
    /// `Hello {{name}}`
    Template(Vec<TemplatePart>),
    /// A text that names something by itself: a variable, a function.
    Name(Arc<str>),
}

/// A mention, and where it stands.
#[derive(Clone, Debug)]
pub struct Mentioned {
    /// The node.
    pub node: Arc<str>,
    /// Its input, as written; entries of maps behind dots.
    pub port: String,
    /// The string in the tree.
    pub place: NodeId,
    /// What it says.
    pub mention: Mention,
}

impl Mention {
    /// Every reference in it, also those in brackets, to be changed. `Path` heads are not references.
    pub fn each(&mut self, visit: &mut dyn FnMut(&mut Reference)) {
        match self {
            Mention::Reference(reference) | Mention::Source(reference) => each(reference, visit),
            Mention::Path(path) => each_step(&mut path.steps, visit),
            Mention::Template(parts) => {
                for part in parts {
                    if let TemplatePart::Value(reference) = part {
                        each(reference, visit);
                    }
                }
            }
            Mention::Name(_) => {}
        }
    }

    /// As it is written.
    pub fn text(&self) -> String {
        match self {
            Mention::Reference(reference) => reference.to_string(),
            Mention::Source(reference) => {
                let text = reference.to_string();
                text.strip_prefix(Scheme::Node.prefix()).map_or(text.clone(), str::to_owned)
            }
            Mention::Path(path) => path.to_string(),
            Mention::Template(parts) => parts.iter().map(part_text).collect(),
            Mention::Name(name) => name.to_string(),
        }
    }
}

fn part_text(part: &TemplatePart) -> String {
    match part {
        TemplatePart::Text(text) => text.replace("{{", "{{{{"),
        TemplatePart::Value(reference) => format!("{{{{{reference}}}}}"),
    }
}

/// Nests no deeper than brackets do.
fn each(reference: &mut Reference, visit: &mut dyn FnMut(&mut Reference)) {
    visit(reference);
    each_step(&mut reference.steps, visit);
}

fn each_step(steps: &mut [Step], visit: &mut dyn FnMut(&mut Reference)) {
    use statewright_graph::document::{Index, KeyValue};
    for step in steps {
        if let Step::Index(Index::Reference(inner) | Index::Key { value: KeyValue::Reference(inner), .. }) = step {
            each(inner, visit);
        }
    }
}

/// Everything that the inputs of a graph mention, in document order.
///
/// # Errors
/// There is no such graph.
pub fn of_graph(source: &SourceDocument, graph: GraphAt) -> Result<Vec<Mentioned>, Refused> {
    let view = GraphView::new(source, graph)?;
    let mut found = Vec::new();
    for node in &view.graph.nodes {
        let Some((_, json)) = view.find(&node.id.text) else { continue };
        let Some(inputs) = view.tree.get(json, "inputs") else { continue };
        let row = node::by_name(&node.ty.text);
        for entry in view.tree.entries(inputs) {
            let role = row.and_then(|row| row.input(&entry.key)).map_or(Role::Value, |port| port.role);
            in_input(view.tree, &node.id.text, &entry.key, entry.value, role, &mut found);
        }
    }
    Ok(found)
}

fn in_input(tree: &Tree, node: &Arc<str>, port: &str, value: NodeId, role: Role, found: &mut Vec<Mentioned>) {
    let mut open = vec![(port.to_owned(), value, role)];
    while let Some((port, place, role)) = open.pop() {
        let mut add = |place: NodeId, mention: Option<Mention>| {
            found.extend(mention.map(|mention| Mentioned { node: node.clone(), port: port.clone(), place, mention }));
        };
        let text = |place: NodeId| tree.str(place).map_or("", |text| text);
        match tree.kind(place) {
            Kind::String => add(place, literal(text(place), role)),
            Kind::Array => {
                let elements = tree.elements(place).iter().enumerate().rev();
                open.extend(elements.map(|(index, element)| (format!("{port}.{index}"), *element, element_role(role))));
            }
            Kind::Object => match tree.entries(place) {
                [entry] if &*entry.key == "constant" => {
                    if role == Role::Path || role == Role::Constant {
                        add(entry.value, literal(text(entry.value), role));
                    }
                }
                [entry] if &*entry.key == "source" => {
                    let parsed = Reference::parse_source(text(entry.value), Span::default()).ok();
                    let has_scheme = Scheme::of(text(entry.value)).is_some();
                    add(entry.value, parsed.map(if has_scheme { Mention::Reference } else { Mention::Source }));
                }
                [entry] if &*entry.key == "template" => {
                    let parts = parse_template(text(entry.value), Span::default()).ok();
                    add(entry.value, parts.map(Mention::Template));
                }
                entries => {
                    let entries = entries.iter().rev();
                    open.extend(entries.map(|entry| (format!("{port}.{}", entry.key), entry.value, Role::Value)));
                }
            },
            Kind::Null | Kind::Bool(_) | Kind::Number => {}
        }
    }
}

/// Lists of names (of functions) are lists of constants.
fn element_role(role: Role) -> Role {
    if role == Role::Constant { Role::Constant } else { Role::Value }
}

fn literal(text: &str, role: Role) -> Option<Mention> {
    if Scheme::of(text).is_some() && role != Role::Path {
        return Reference::parse(text, Span::default()).ok().map(Mention::Reference);
    }
    match role {
        Role::Path => Path::parse(text).ok().map(Mention::Path),
        Role::Constant => Some(Mention::Name(text.into())),
        Role::Value | Role::Lambda => None,
    }
}

/// Replacements that write mentions anew where `change` says that it changed one.
pub(crate) fn rewritten(
    tree: &Tree,
    mentions: Vec<Mentioned>,
    change: &mut dyn FnMut(&Mentioned, &mut Mention) -> bool,
) -> Vec<(Span, String)> {
    let mut replacements = Vec::new();
    for mentioned in mentions {
        let mut mention = mentioned.mention.clone();
        if change(&mentioned, &mut mention) {
            replacements.push((tree.span(mentioned.place), quote(&mention.text())));
        }
    }
    replacements
}

/// Whether a reference names a parameter: with its scheme, or as a bare name, which means a parameter first.
pub(crate) fn is_parameter(reference: &Reference, name: &str) -> bool {
    matches!((reference.scheme, &reference.head), (Scheme::Param | Scheme::Bare, Head::Name(head)) if **head == *name)
}

/// How many references name a parameter.
pub(crate) fn of_parameter(source: &SourceDocument, graph: GraphAt, name: &str) -> Result<usize, Refused> {
    let mut count = 0;
    for mut mentioned in of_graph(source, graph)? {
        mentioned.mention.each(&mut |reference| count += usize::from(is_parameter(reference, name)));
    }
    Ok(count)
}

/// The calls of a function: graph and node.
pub fn calls(document: &Document, function: &str) -> Vec<(Arc<str>, Arc<str>)> {
    let in_graph = |graph: &Graph| -> Vec<(Arc<str>, Arc<str>)> {
        let calling = graph.nodes.iter().filter(|node| {
            let is_call = matches!(&*node.ty.text, "CallFunction" | "FirstOf");
            is_call && node.inputs.iter().any(|(_, input)| names(&input.kind, function))
        });
        calling.map(|node| (graph.name.text.clone(), node.id.text.clone())).collect()
    };
    document.graphs().flat_map(in_graph).collect()
}

fn names(input: &InputKind, name: &str) -> bool {
    match input {
        InputKind::Text(text) => **text == *name,
        InputKind::List(elements) => {
            elements.iter().any(|element| matches!(&element.kind, InputKind::Text(text) if **text == *name))
        }
        _ => false,
    }
}
