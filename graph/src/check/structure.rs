//! Checks that need no types: node types, ports, required inputs, what is never reached or read.

use statewright_types::hashing::HashMap;
use statewright_types::host::HostDeclarations;
use statewright_types::name::same;
use statewright_types::{Diagnostic, Repair, Span, json};

use super::{Suggestions, codes, suggest};
use crate::document::reference::KeyValue;
use crate::document::{Edge, Head, Index, Input, InputKind, Path, Reference, Scheme, Step, TemplatePart};
use crate::flow::{Flow, NodeIx, Rows};
use crate::migrate;
use crate::node::{self, Exits, NodeRow, Role};

/// So many unknown inputs of a node are reported one by one.
const MOST_UNKNOWN: usize = 100;

/// Looks up the row of each node; unknown types are reported.
pub(crate) fn rows<'a>(
    graph: &'a crate::document::Graph,
    hosts: &HostDeclarations,
    diagnostics: &mut Vec<Diagnostic>,
) -> Rows<'a> {
    let by_id = graph.nodes.iter().enumerate().map(|(index, node)| (&*node.id.text, index)).collect();
    let count = graph.nodes.len();
    let (rows, first_ports) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let ports = Vec::with_capacity(graph.nodes.iter().map(|node| node.inputs.len()).sum());
    let mut rows = Rows { graph, rows, ports, first_ports, by_id, suggestions: Suggestions::default() };
    for (index, node) in graph.nodes.iter().enumerate() {
        let row = node::lookup(&node.ty.text, hosts);
        rows.add(node, row);
        if let Some(row) = row.filter(|row| row.deprecated.is_some()) {
            let diagnostic = rows.at_node(index, deprecated(row, node, hosts));
            diagnostics.push(diagnostic);
        }
        if row.is_none() {
            let name = &*node.ty.text;
            let known = node::table().map(|row| row.name).chain(hosts.nodes().iter().map(|node| &*node.name));
            let help = rows.suggest(name, known).unwrap_or_else(|| {
                "`statewright docs` lists all node types; those of a host program must be declared".into()
            });
            let diagnostic =
                Diagnostic::error(codes::NODE_TYPE, node.ty.span, format!("there is no node type `{name}`")).help(help);
            diagnostics.push(rows.at_node(index, diagnostic));
        }
    }
    rows
}

/// Warns of a deprecated node type; where only its name changes, there is a fix.
fn deprecated(row: &NodeRow, node: &crate::document::Node, hosts: &HostDeclarations) -> Diagnostic {
    let since = row.deprecated.map(|since| format!(" since {since}")).unwrap_or_default();
    let message = format!("{} is deprecated{since}", row.name);
    let diagnostic = Diagnostic::warning(codes::DEPRECATED, node.ty.span, message);
    match migrate::replacement(row, hosts) {
        Some(new) if row.renamed_ports.is_empty() => {
            diagnostic.help(format!("use {}", new.name)).fix(node.ty.span, json::quote(new.name))
        }
        Some(new) => diagnostic.help(format!("use {}; `statewright fmt` rewrites it", new.name)),
        None => diagnostic.help("its documentation says what to do instead"),
    }
}

/// Checks the ports of every node, reached or not.
pub(crate) fn ports(rows: &Rows<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut given: Vec<(&str, &str)> = Vec::new();
    for (index, node) in rows.graph.nodes.iter().enumerate() {
        let Some(row) = rows.rows[index] else { continue };
        let mut unknown = 0;
        given.clear();
        for (name, _, port) in rows.inputs(index) {
            let Some(port) = port else {
                unknown += 1;
                if unknown > MOST_UNKNOWN {
                    continue;
                }
                let names: Vec<&str> = row.inputs.iter().map(|port| port.name).collect();
                let help = rows.suggest(&name.text, names.iter().copied()).unwrap_or_else(|| match names.is_empty() {
                    true => format!("a {} takes no inputs", row.name).into(),
                    false => format!("its inputs are {}", names.join(", ")).into(),
                });
                let message = format!("{} has no input `{}`", row.name, name.text);
                push(
                    rows,
                    diagnostics,
                    index,
                    Some(&name.text),
                    Diagnostic::error(codes::PORT, name.span, message).help(help),
                );
                continue;
            };
            if let Some((_, other)) = given.iter_mut().find(|(known, _)| same(known, port.name)) {
                let other = std::mem::replace(other, &name.text);
                let message = format!("`{other}` and `{}` are the same input of {}", name.text, row.name);
                let diagnostic = Diagnostic::error(codes::PORT, name.span, message).help("give one of them");
                push(rows, diagnostics, index, Some(port.name), diagnostic);
            } else {
                given.push((port.name, &name.text));
            }
        }
        if unknown > MOST_UNKNOWN {
            let message = format!("{} more inputs of `{}` are unknown", unknown - MOST_UNKNOWN, node.id.text);
            let diagnostic = Diagnostic::error(codes::PORT, node.id.span, message).help("remove them");
            push(rows, diagnostics, index, None, diagnostic);
        }
        for port in rows.lacking(index) {
            let message = format!("`{}` ({}) lacks its input `{}`", node.id.text, row.name, port.name);
            let help = format!("{}: {}", port.name, port.docs);
            let diagnostic = Diagnostic::error(codes::MISSING_INPUT, node.id.span, message).help(help);
            push(rows, diagnostics, index, Some(port.name), diagnostic);
        }
        for output in &node.outputs {
            if row.output(&output.port.text).is_none() {
                let names: Vec<&str> = row.outputs.iter().map(|port| port.name).collect();
                let help =
                    rows.suggest(&output.port.text, names.iter().copied()).unwrap_or_else(|| match names.is_empty() {
                        true => format!("a {} has no outputs", row.name).into(),
                        false => format!("its outputs are {}", names.join(", ")).into(),
                    });
                let message = format!("{} has no output `{}`", row.name, output.port.text);
                let diagnostic = Diagnostic::error(codes::PORT, output.port.span, message).help(help);
                push(rows, diagnostics, index, Some(&output.port.text), diagnostic);
            }
        }
    }
}

fn push(rows: &Rows<'_>, diagnostics: &mut Vec<Diagnostic>, node: NodeIx, port: Option<&str>, diagnostic: Diagnostic) {
    let mut diagnostic = rows.at_node(node, diagnostic);
    diagnostic.place.port = port.map(std::sync::Arc::from);
    diagnostics.push(diagnostic);
}

/// Warns of nodes that never run and of values that nobody reads; `read` are the nodes that something names.
pub(crate) fn reach(rows: &Rows<'_>, flow: &Flow, read: &[bool], diagnostics: &mut Vec<Diagnostic>) {
    for (index, node) in rows.graph.nodes.iter().enumerate() {
        let Some(row) = rows.rows[index] else { continue };
        if row.executing() && flow.instances_of(index).next().is_none() {
            let message = format!("`{}` is never reached", node.id.text);
            let mut diagnostic = Diagnostic::warning(codes::UNREACHABLE, node.id.span, message)
                .help("lead a flow edge to it, or remove it");
            if !read[index] {
                diagnostic = diagnostic.repair(without(rows, index));
            }
            push(rows, diagnostics, index, None, diagnostic);
        }
        // A marker computes nothing that could be read.
        let computes = !row.executing() && !row.outputs.is_empty();
        if computes && !read[index] && !chooses(rows, index) {
            let message = format!("nobody reads what `{}` ({}) computes", node.id.text, row.name);
            let mut diagnostic =
                Diagnostic::warning(codes::UNUSED, node.id.span, message).help("use one of its outputs, or remove it");
            // One that stands in the flow leads on to others.
            if edges_of(rows, index).next().is_none() {
                diagnostic = diagnostic.repair(without(rows, index));
            }
            push(rows, diagnostics, index, None, diagnostic);
        }
    }
}

/// The flow edges from and to a node.
fn edges_of<'r>(rows: &'r Rows<'_>, index: NodeIx) -> impl Iterator<Item = &'r Edge> {
    let id = rows.graph.nodes[index].id.text.clone();
    rows.graph.edges.iter().filter(move |edge| edge.from.text == id || edge.to.text == id)
}

/// The node and its edges removed.
fn without(rows: &Rows<'_>, index: NodeIx) -> Repair {
    let node = std::iter::once(rows.graph.nodes[index].span);
    Repair::Remove(node.chain(edges_of(rows, index).map(|edge| edge.span)).collect())
}

/// Whether the edge that a node may have besides leads on: then its answer is used, though nobody reads an output.
fn chooses(rows: &Rows<'_>, index: NodeIx) -> bool {
    let Some(Exits::Optional(label)) = rows.rows[index].map(|row| row.exits) else { return false };
    let id = &rows.graph.nodes[index].id.text;
    let leads = |edge: &Edge| edge.from.text == *id && edge.label.as_ref().is_some_and(|name| &*name.text == label);
    rows.graph.edges.iter().any(leads)
}

/// Warns of aliases that another one, or a name that paths prefer, hides (R2.3).
pub(crate) fn aliases(rows: &Rows<'_>, root: &statewright_types::schema::StructDef, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, NodeIx> = HashMap::default();
    for (index, node) in rows.graph.nodes.iter().enumerate() {
        for output in &node.outputs {
            let alias = &*output.alias.text;
            let hidden = match seen.insert(alias, index) {
                Some(other) if other != index => Some(format!(
                    "`{}` uses the alias `{alias}` too; where both precede, the nearer one counts",
                    rows.id(other)
                )),
                _ if root.field(alias).is_some() => {
                    Some(format!("paths that begin with `{alias}` mean the field of `{}`, not this alias", root.name))
                }
                _ => None,
            };
            if let Some(message) = hidden {
                let diagnostic =
                    Diagnostic::warning(codes::SHADOWED, output.alias.span, message).help("give it another name");
                push(rows, diagnostics, index, Some(&output.port.text), diagnostic);
            }
        }
    }
}

/// Something that an input names.
pub(crate) enum Named<'r> {
    /// An output of a node, by the node's id.
    Output { node: &'r str, output: &'r str },
    /// What may be an alias.
    Name(&'r str),
}

/// Calls `visit` for everything that the inputs of a node name: in references, templates and paths, and in their brackets.
pub(crate) fn each_name(rows: &Rows<'_>, node: NodeIx, visit: &mut dyn FnMut(Named<'_>)) {
    for (_, input, port) in rows.inputs(node) {
        match (port.map(|port| port.role), &input.kind) {
            (Some(Role::Path), InputKind::Text(text)) => {
                if let Ok(path) = Path::parse(text) {
                    visit(Named::Name(&path.head));
                    path.steps.iter().for_each(|step| each_in_step(step, visit));
                }
            }
            _ => each_in_input(input, visit),
        }
    }
}

fn each_in_input(input: &Input, visit: &mut dyn FnMut(Named<'_>)) {
    match &input.kind {
        InputKind::Reference(reference) => each_in_reference(reference, visit),
        InputKind::Template(parts) => {
            for part in parts {
                if let TemplatePart::Value(reference) = part {
                    each_in_reference(reference, visit);
                }
            }
        }
        InputKind::List(elements) => elements.iter().for_each(|element| each_in_input(element, visit)),
        InputKind::Map(entries) => entries.iter().for_each(|(_, input)| each_in_input(input, visit)),
        InputKind::Text(_)
        | InputKind::Null
        | InputKind::Bool(_)
        | InputKind::Int(_)
        | InputKind::UInt(_)
        | InputKind::Float(_)
        | InputKind::Invalid => {}
    }
}

fn each_in_reference(reference: &Reference, visit: &mut dyn FnMut(Named<'_>)) {
    match (&reference.head, reference.scheme) {
        (Head::Output { node, output }, _) => visit(Named::Output { node, output }),
        (Head::Name(name), Scheme::Bare | Scheme::State | Scheme::Base) => visit(Named::Name(name)),
        (Head::Name(_) | Head::Loop { .. } | Head::Config { .. }, _) => {}
    }
    reference.steps.iter().for_each(|step| each_in_step(step, visit));
}

fn each_in_step(step: &Step, visit: &mut dyn FnMut(Named<'_>)) {
    match step {
        Step::Index(Index::Reference(inner) | Index::Key { value: KeyValue::Reference(inner), .. }) => {
            each_in_reference(inner, visit);
        }
        Step::Field(_) | Step::Index(_) => {}
    }
}

/// Checks what permissions name (R7.5).
pub(crate) fn permissions(graph: &crate::document::Graph, diagnostics: &mut Vec<Diagnostic>) {
    let Some(name) = graph.permissions.as_ref().and_then(|permissions| permissions.player_param.as_ref()) else {
        return;
    };
    let parameter = graph.parameters.iter().find(|parameter| parameter.name.text == name.text);
    let wrong: Option<(String, Span)> = match parameter {
        None => {
            Some((format!("`playerParam` names `{}`, which is no parameter of this handler", name.text), name.span))
        }
        Some(parameter) if !matches!(&*parameter.ty.text, "string" | "uuid") => Some((
            format!("`playerParam` names `{}`, which is {} and no player's id", name.text, parameter.ty.text),
            name.span,
        )),
        Some(_) => None,
    };
    if let Some((message, span)) = wrong {
        let names: Vec<&str> = graph.parameters.iter().map(|parameter| &*parameter.name.text).collect();
        let help = suggest(&name.text, names).unwrap_or_else(|| "name a parameter of type string".into());
        let mut diagnostic = Diagnostic::error(codes::PERMISSION, span, message).help(help);
        diagnostic.place.handler = Some(graph.name.text.clone());
        diagnostics.push(diagnostic);
    }
}
