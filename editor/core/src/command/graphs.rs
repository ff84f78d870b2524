//! Handlers, functions, filters and effects themselves: what they are called and take, and who may use them.

use std::sync::Arc;

use statewright_graph::document::{Graph, GraphAt, GraphKind};
use statewright_types::json::NodeId;
use statewright_types::{Value, schema};

use super::place::GraphView;
use super::{Aside, Context};
use crate::draft::Draft;
use crate::refused::Refused;
use crate::selection::Selection;

/// Who may send a handler's event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Only the host.
    pub host_only: bool,
    /// The parameter that must equal the sender.
    pub player_param: Option<String>,
    /// Only these; an empty list allows nobody.
    pub players: Option<Vec<String>>,
}

fn json(draft: &Draft<'_>, graph: GraphAt) -> Result<NodeId, Refused> {
    Ok(GraphView::new(draft.source(), graph)?.json)
}

/// Whether a text can name a parameter, function or variable.
pub(crate) fn check_name(name: &str, what: &str) -> Result<(), Refused> {
    let first = name.chars().next().is_some_and(|letter| letter.is_alphabetic() || letter == '_');
    if first && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
        return Ok(());
    }
    Err(Refused::new(
        format!("`{name}` cannot be the name of {what}"),
        "begin with a letter; use letters, digits and `_`",
    ))
}

/// What a graph says of itself, without what is in it.
pub fn head(graph: &Graph) -> Graph {
    Graph {
        kind: graph.kind,
        name: graph.name.clone(),
        event: graph.event.clone(),
        description: graph.description.clone(),
        permissions: graph.permissions.clone(),
        parameters: graph.parameters.clone(),
        return_type: graph.return_type.clone(),
        nodes: Vec::new(),
        edges: Vec::new(),
        span: graph.span,
    }
}

pub(super) fn add(draft: &mut Draft<'_>, kind: GraphKind, name: &str, event: Option<&str>) -> Result<Aside, Refused> {
    check_graph_name(draft, kind, name, None)?;
    let mut entries = vec![("name", Value::str(name))];
    if kind == GraphKind::Handler {
        entries.push(("event", Value::str(event.unwrap_or(name))));
    }
    entries.push(("parameters", Value::List(Vec::new())));
    entries.push(("nodes", Value::List(Vec::new())));
    entries.push(("flow", Value::List(Vec::new())));
    let index = draft.source().document.of_kind(kind).len();
    let root = draft.tree().root();
    draft.push(root, kind.key(), Value::map(entries));
    let select = Selection { graph: Some(GraphAt { kind, index }), ..Selection::default() };
    Ok(Aside { select: Some(select), ..Aside::default() })
}

/// Whether a graph of `kind` can be called `name`.
pub(crate) fn check_graph_name(
    draft: &Draft<'_>,
    kind: GraphKind,
    name: &str,
    except: Option<usize>,
) -> Result<(), Refused> {
    let noun = kind.noun();
    if name.trim().is_empty() || name.trim() != name {
        return Err(Refused::new(
            format!("`{name}` cannot be the name of a {noun}"),
            "write a name without spaces around it",
        ));
    }
    let graphs = draft.source().document.of_kind(kind).iter().enumerate();
    if graphs.into_iter().any(|(index, graph)| Some(index) != except && &*graph.name.text == name) {
        return Err(Refused::new(format!("there is a {noun} `{name}` already"), "choose another name"));
    }
    Ok(())
}

pub(super) fn remove(draft: &mut Draft<'_>, graph: GraphAt) -> Result<Aside, Refused> {
    let name = GraphView::new(draft.source(), graph)?.graph.name.text.clone();
    let uses = match graph.kind {
        GraphKind::Function => super::mentions::calls(&draft.source().document, &name),
        _ => Vec::new(),
    };
    let tree = draft.tree();
    let node = json(draft, graph)?;
    let list = tree.get(tree.root(), graph.kind.key());
    let found = list.and_then(|list| Some((list, tree.elements(list).iter().position(|element| *element == node)?)));
    if let Some((list, index)) = found {
        draft.remove_element(list, index);
    }
    let remarks = match uses.len() {
        0 => Vec::new(),
        count => vec![format!("`{name}` is still called at {count} places: undo, or change those")],
    };
    Ok(Aside { select: Some(Selection::default()), remarks })
}

pub(super) fn set_event(draft: &mut Draft<'_>, graph: GraphAt, event: &str) -> Result<Aside, Refused> {
    if graph.kind != GraphKind::Handler {
        return Err(Refused::new(format!("a {} handles no event", graph.kind.noun()), "choose a handler"));
    }
    if event.is_empty() {
        return Err(Refused::new("a handler needs an event", "name the event that it handles"));
    }
    set_text(draft, graph, "event", Some(event))
}

pub(super) fn set_text(draft: &mut Draft<'_>, graph: GraphAt, key: &str, text: Option<&str>) -> Result<Aside, Refused> {
    let json = json(draft, graph)?;
    match text.filter(|text| !text.is_empty()) {
        Some(text) => draft.put(json, key, &Value::str(text)),
        None => draft.remove(json, key),
    }
    Ok(Aside::default())
}

pub(super) fn set_permissions(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    allowed: Option<&Allowed>,
) -> Result<Aside, Refused> {
    if graph.kind != GraphKind::Handler {
        return Err(Refused::new(format!("a {} has no permissions", graph.kind.noun()), "choose a handler"));
    }
    let json = json(draft, graph)?;
    let Some(allowed) = allowed else {
        draft.remove(json, "permissions");
        return Ok(Aside::default());
    };
    let mut entries = Vec::new();
    if allowed.host_only {
        entries.push(("hostOnly", Value::Bool(true)));
    }
    entries.extend(allowed.player_param.as_deref().map(|name| ("playerParam", Value::str(name))));
    let list = |players: &Vec<String>| Value::List(players.iter().map(|player| Value::str(player.as_str())).collect());
    entries.extend(allowed.players.as_ref().map(|players| ("allowedPlayers", list(players))));
    draft.put(json, "permissions", &Value::map(entries));
    Ok(Aside::default())
}

/// A type's text as the schema reads it.
fn check_type(context: &Context, ty: &str) -> Result<(), Refused> {
    let read = match &context.schema {
        Some(schema) => schema.parse_type(ty),
        // Without a schema any name may be one of its types.
        None => schema::parse_type(ty, &|_| Some(statewright_types::StructId(0))),
    };
    let help = "write a type such as `int`, `string`, `[]Card`, `map[string]int` or `*Player`";
    read.map(|_| ()).map_err(|message| Refused::new(message, help))
}

/// The object of a parameter, its list and its position there.
pub(crate) fn parameter(draft: &Draft<'_>, graph: GraphAt, name: &str) -> Result<(NodeId, usize, NodeId), Refused> {
    let tree = draft.tree();
    let list = tree.get(json(draft, graph)?, "parameters");
    let is_it =
        |node: NodeId| tree.get(node, "name").and_then(|name| tree.str(name)).is_some_and(|text| **text == *name);
    let found = list.and_then(|list| {
        let elements = tree.elements(list).iter().copied().enumerate();
        elements.into_iter().find(|(_, node)| is_it(*node)).map(|(index, node)| (list, index, node))
    });
    found.ok_or_else(|| Refused::new(format!("the graph has no parameter `{name}`"), "choose one that is there"))
}

pub(super) fn add_parameter(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    name: &str,
    ty: &str,
) -> Result<Aside, Refused> {
    check_parameter_name(draft, graph, name)?;
    check_type(context, ty)?;
    let json = json(draft, graph)?;
    draft.push(json, "parameters", Value::map([("name", Value::str(name)), ("type", Value::str(ty))]));
    Ok(Aside::default())
}

/// Whether a new parameter can be called `name`.
pub(crate) fn check_parameter_name(draft: &Draft<'_>, graph: GraphAt, name: &str) -> Result<(), Refused> {
    check_name(name, "a parameter")?;
    if name == "senderID" {
        return Err(Refused::new("every handler has `param:senderID` already", "choose another name"));
    }
    if parameter(draft, graph, name).is_ok() {
        return Err(Refused::new(format!("there is a parameter `{name}` already"), "choose another name"));
    }
    Ok(())
}

pub(super) fn remove_parameter(draft: &mut Draft<'_>, graph: GraphAt, name: &str) -> Result<Aside, Refused> {
    let (list, index, _) = parameter(draft, graph, name)?;
    let uses = super::mentions::of_parameter(draft.source(), graph, name)?;
    draft.remove_element(list, index);
    if graph.kind == GraphKind::Function {
        let function = GraphView::new(draft.source(), graph)?.graph.name.text.clone();
        super::rename::arguments(draft, &function, name, None)?;
    }
    let remarks = match uses {
        0 => Vec::new(),
        count => vec![format!("`{name}` is still read at {count} places: change those, or undo")],
    };
    Ok(Aside { select: None, remarks })
}

pub(super) fn set_parameter_type(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    name: &str,
    ty: &str,
) -> Result<Aside, Refused> {
    check_type(context, ty)?;
    let (.., node) = parameter(draft, graph, name)?;
    draft.put(node, "type", &Value::str(ty));
    Ok(Aside::default())
}

pub(super) fn move_parameter(draft: &mut Draft<'_>, graph: GraphAt, name: &str, to: usize) -> Result<Aside, Refused> {
    let (list, index, _) = parameter(draft, graph, name)?;
    let tree = draft.tree();
    let elements = tree.elements(list);
    let mut order: Vec<usize> = (0..elements.len()).collect();
    let moved = order.remove(index);
    order.insert(to.min(order.len()), moved);
    // What stands at each place is what changes; the layout around it stays.
    let texts: Vec<_> = elements
        .iter()
        .zip(&order)
        .filter_map(|(place, from)| Some((tree.span(*place), tree.text(elements.get(*from).copied()?).to_owned())))
        .collect();
    draft.replace(texts);
    Ok(Aside::default())
}

pub(super) fn set_return_type(
    draft: &mut Draft<'_>,
    context: &Context,
    graph: GraphAt,
    ty: Option<&str>,
) -> Result<Aside, Refused> {
    if graph.kind != GraphKind::Function {
        return Err(Refused::new(format!("a {} returns nothing", graph.kind.noun()), "choose a function"));
    }
    if let Some(ty) = ty.filter(|ty| !ty.is_empty()) {
        check_type(context, ty)?;
    }
    set_text(draft, graph, "returnType", ty)
}

pub(super) fn set_document(draft: &mut Draft<'_>, key: &str, value: Option<&str>) -> Result<Aside, Refused> {
    if !["package", "schemaPath", "stateType", "config"].contains(&key) {
        let message = format!("`{key}` is nothing that a document says of itself");
        return Err(Refused::new(message, "set `package`, `schemaPath`, `stateType` or `config`"));
    }
    let root = draft.tree().root();
    match value.filter(|value| !value.is_empty()) {
        Some(value) => draft.put(root, key, &Value::Str(Arc::from(value))),
        None => draft.remove(root, key),
    }
    Ok(Aside::default())
}
