//! Another name for something, everywhere it is used.

use statewright_graph::document::{GraphAt, GraphKind, Head, Reference, Scheme};
use statewright_types::Value;
use statewright_types::json::{Kind, NodeId};

use super::graphs::{check_graph_name, check_name, check_parameter_name, parameter};
use super::mentions::{Mention, Mentioned, is_parameter, of_graph, rewritten};
use super::place::GraphView;
use super::{Aside, Context, Named};
use crate::draft::Draft;
use crate::paths::fields;
use crate::refused::Refused;

pub(super) fn rename(draft: &mut Draft<'_>, context: &Context, what: &Named, to: &str) -> Result<Aside, Refused> {
    match what {
        Named::Node { graph, id } => node(draft, *graph, id, to),
        Named::Output { graph, node, port } => output(draft, *graph, node, port, to),
        Named::Variable { graph, name } => variable(draft, *graph, name, to),
        Named::Parameter { graph, name } => rename_parameter(draft, *graph, name, to),
        Named::Graph { graph } => rename_graph(draft, *graph, to),
        Named::Field { ty, name } => field(draft, context, ty, name, to),
    }
}

fn node(draft: &mut Draft<'_>, graph: GraphAt, old: &str, new: &str) -> Result<Aside, Refused> {
    let replacements = draft.source().renaming(graph, old, new)?;
    draft.replace(replacements);
    let select = crate::selection::Selection::of_nodes(graph, [new]);
    Ok(Aside { select: Some(select), ..Aside::default() })
}

/// An alias for an output, in `outputs` of the node; the port's own name takes the alias away.
fn output(draft: &mut Draft<'_>, graph: GraphAt, id: &str, port: &str, new: &str) -> Result<Aside, Refused> {
    check_name(new, "an output")?;
    let (json, written, old) = {
        let (node, json) = GraphView::new(draft.source(), graph)?.node(id)?;
        let entry = node.outputs.iter().find(|entry| *entry.port.text == *port || *entry.alias.text == *port);
        if node.outputs.iter().any(|other| *other.alias.text == *new && *other.port.text != *port) {
            return Err(Refused::new(format!("`{id}` has an output `{new}` already"), "choose another name"));
        }
        let names = entry.map(|entry| (entry.port.text.to_string(), entry.alias.text.to_string()));
        (json, names.as_ref().map_or(port.to_owned(), |(port, _)| port.clone()), names.map(|(_, alias)| alias))
    };
    let mut replacements = Vec::new();
    for old in old.iter().map(String::as_str).chain([written.as_str()]) {
        replacements.extend(draft.source().renaming_output(graph, id, old, new)?);
    }
    replacements.sort();
    replacements.dedup_by(|a, b| a.0 == b.0);
    draft.replace(replacements);
    let outputs = draft.tree().get(json, "outputs").filter(|outputs| draft.tree().kind(*outputs) == Kind::Object);
    match outputs {
        Some(outputs) if written == new => draft.remove(outputs, &written),
        Some(outputs) => draft.put(outputs, &written, &Value::str(new)),
        None if written == new => {}
        None => draft.put(json, "outputs", &Value::map([(written.as_str(), Value::str(new))])),
    }
    Ok(Aside::default())
}

fn is_variable(reference: &Reference, name: &str, is_shadowed: bool) -> bool {
    let by_scheme = reference.scheme == Scheme::Variable || (reference.scheme == Scheme::Bare && !is_shadowed);
    by_scheme && matches!(&reference.head, Head::Name(head) if **head == *name)
}

fn variable(draft: &mut Draft<'_>, graph: GraphAt, old: &str, new: &str) -> Result<Aside, Refused> {
    check_name(new, "a variable")?;
    let view = GraphView::new(draft.source(), graph)?;
    let is_shadowed = view.graph.parameters.iter().any(|parameter| *parameter.name.text == *old);
    let sets = |mentioned: &Mentioned| {
        let node = view.find(&mentioned.node).map(|(node, _)| &*node.ty.text);
        mentioned.port == "name" && matches!(node, Some("SetVariable" | "GetVariable"))
    };
    let mentions = of_graph(draft.source(), graph)?;
    let names = |mentioned: &&Mentioned| matches!(&mentioned.mention, Mention::Name(name) if **name == *new);
    if old != new && mentions.iter().filter(names).any(&sets) {
        return Err(Refused::new(format!("there is a variable `{new}` already"), "choose another name"));
    }
    let replacements = rewritten(draft.tree(), mentions, &mut |mentioned, mention| {
        let mut changed = false;
        match mention {
            Mention::Name(name) if **name == *old && sets(mentioned) => {
                *name = new.into();
                changed = true;
            }
            Mention::Path(path) if *path.head == *old => {
                path.head = new.into();
                changed = true;
            }
            _ => {}
        }
        mention.each(&mut |reference| {
            if is_variable(reference, old, is_shadowed) {
                reference.head = Head::Name(new.into());
                changed = true;
            }
        });
        changed
    });
    if replacements.is_empty() {
        return Err(Refused::new(format!("the graph has no variable `{old}`"), "choose one that is there"));
    }
    draft.replace(replacements);
    Ok(Aside::default())
}

fn rename_parameter(draft: &mut Draft<'_>, graph: GraphAt, old: &str, new: &str) -> Result<Aside, Refused> {
    if old == new {
        return Ok(Aside::default());
    }
    check_parameter_name(draft, graph, new)?;
    let (.., json) = parameter(draft, graph, old)?;
    let replacements = rewritten(draft.tree(), of_graph(draft.source(), graph)?, &mut |_, mention| {
        let mut changed = false;
        mention.each(&mut |reference| {
            if is_parameter(reference, old) {
                reference.head = Head::Name(new.into());
                changed = true;
            }
        });
        changed
    });
    draft.replace(replacements);
    draft.put(json, "name", &Value::str(new));
    let view = GraphView::new(draft.source(), graph)?;
    let permissions = view.tree.get(view.json, "permissions");
    let named = view.graph.permissions.as_ref().and_then(|permissions| permissions.player_param.as_ref());
    let is_named = named.is_some_and(|name| *name.text == *old);
    let function = view.graph.name.text.clone();
    if let Some(permissions) = permissions.filter(|_| is_named) {
        draft.put(permissions, "playerParam", &Value::str(new));
    }
    if graph.kind == GraphKind::Function {
        arguments(draft, &function, old, Some(new))?;
    }
    Ok(Aside::default())
}

/// Every graph of a document, by its place.
pub(crate) fn all_graphs(source: &statewright_graph::document::SourceDocument) -> Vec<GraphAt> {
    let of = |kind: GraphKind| (0..source.document.of_kind(kind).len()).map(move |index| GraphAt { kind, index });
    GraphKind::ALL.into_iter().flat_map(of).collect()
}

/// The objects with the inputs of the nodes that `wanted` picks, in all graphs.
fn inputs_of(
    draft: &Draft<'_>,
    wanted: &dyn Fn(&statewright_graph::document::Node) -> bool,
) -> Result<Vec<NodeId>, Refused> {
    let mut found = Vec::new();
    for at in all_graphs(draft.source()) {
        let view = GraphView::new(draft.source(), at)?;
        for node in view.graph.nodes.iter().filter(|node| wanted(node)) {
            let json = view.find(&node.id.text).and_then(|(_, json)| view.tree.get(json, "inputs"));
            found.extend(json);
        }
    }
    Ok(found)
}

/// Calls an argument of every call of a function otherwise, or leaves it out.
pub(super) fn arguments(draft: &mut Draft<'_>, function: &str, old: &str, new: Option<&str>) -> Result<(), Refused> {
    let calls = inputs_of(draft, &|node| &*node.ty.text == "CallFunction")?;
    for inputs in calls {
        let tree = draft.tree();
        let text = |node: NodeId| {
            let constant = tree.get(node, "constant").unwrap_or(node);
            tree.str(constant).map(|text| text.to_string())
        };
        let is_it = tree.get(inputs, "function").and_then(text).is_some_and(|name| name == function);
        let Some(args) = tree.get(inputs, "args").filter(|_| is_it) else { continue };
        match new {
            Some(new) if tree.get(args, new).is_none() => draft.rename_key(args, old, new),
            Some(_) => {}
            None => draft.remove(args, old),
        }
    }
    Ok(())
}

fn rename_graph(draft: &mut Draft<'_>, graph: GraphAt, new: &str) -> Result<Aside, Refused> {
    check_graph_name(draft, graph.kind, new, Some(graph.index))?;
    let view = GraphView::new(draft.source(), graph)?;
    let (json, old) = (view.json, view.graph.name.text.clone());
    draft.put(json, "name", &Value::str(new));
    let ports: &[(&str, &str)] = match graph.kind {
        GraphKind::Handler => return Ok(Aside::default()),
        GraphKind::Function => &[("CallFunction", "function"), ("FirstOf", "functions")],
        GraphKind::Filter => &[("", "filterName")],
        GraphKind::Effect => &[("", "effectName")],
    };
    for at in all_graphs(draft.source()) {
        let view = GraphView::new(draft.source(), at)?;
        let uses = |mentioned: &Mentioned| {
            let ty = view.find(&mentioned.node).map_or("", |(node, _)| &node.ty.text);
            let port = mentioned.port.split('.').next().unwrap_or("");
            ports.iter().any(|(wanted, name)| (wanted.is_empty() || *wanted == ty) && *name == port)
        };
        let replacements = rewritten(draft.tree(), of_graph(draft.source(), at)?, &mut |mentioned, mention| {
            let is_it = matches!(mention, Mention::Name(name) if *name == old) && uses(mentioned);
            if is_it {
                *mention = Mention::Name(new.into());
            }
            is_it
        });
        draft.replace(replacements);
    }
    Ok(Aside::default())
}

fn field(draft: &mut Draft<'_>, context: &Context, ty: &str, old: &str, new: &str) -> Result<Aside, Refused> {
    check_name(new, "a field")?;
    let schema = context.schema.as_ref();
    let schema = schema.ok_or_else(|| Refused::new("there is no schema without errors", "mend the schema first"))?;
    let unknown = || Refused::new(format!("the schema has no `{ty}.{old}`"), "choose a field that is there");
    let id = schema.by_name(ty).filter(|id| schema.get(*id).field(old).is_some()).ok_or_else(unknown)?;
    let state_type = draft.source().document.state_type.clone();
    let renamer = fields::Renamer::new(schema, id, old, new, state_type.as_ref());
    let mut unsure = 0;
    for at in all_graphs(draft.source()) {
        let view = GraphView::new(draft.source(), at)?;
        let replacements = rewritten(draft.tree(), of_graph(draft.source(), at)?, &mut |mentioned, mention| {
            let (changed, left) = renamer.rename(&view, mentioned, mention);
            unsure += usize::from(left);
            changed
        });
        draft.replace(replacements);
    }
    // Structs that are made by their fields' names.
    let creates = inputs_of(draft, &|node| matches!(&*node.ty.text, "CreateStruct" | "UpdateStruct"))?;
    for inputs in creates {
        let tree = draft.tree();
        let is_it = tree.get(inputs, "type").and_then(|ty| tree.str(ty)).is_some_and(|text| **text == *ty);
        if let Some(entries) = tree.get(inputs, "fields").filter(|_| is_it) {
            draft.rename_key(entries, old, new);
        }
    }
    let remarks = match unsure {
        0 => Vec::new(),
        count => vec![format!("{count} places name a field `{old}` of a type that cannot be told: check those")],
    };
    Ok(Aside { select: None, remarks })
}
