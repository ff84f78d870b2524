//! What a constant of a node may name: types, functions, filters, effects, variables, settings, and fields of what the node works on.

use statewright_graph::document::{Graph, GraphAt, InputKind, Node, Path, SourceDocument};
use statewright_graph::node::{self, NodeRow, Role};
use statewright_types::schema::FieldDef;
use statewright_types::{Schema, StructId, Type};

use crate::command::Context;
use crate::references::{scope, variables};

/// Ports that name a field of what the node works on.
const FIELDS: [&str; 6] = ["field", "setField", "whereField", "weightField", "xField", "yField"];

/// A name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As the document writes it.
    pub text: String,
    /// Its type or signature; "" where it has none.
    pub ty: String,
    /// What it is.
    pub docs: String,
}

/// The names that an input may be given, in the order of their declaration; none where that is not known. `None` for an input
/// that takes what is computed.
pub fn choices(
    source: &SourceDocument,
    graph: GraphAt,
    node: &str,
    port: &str,
    context: &Context,
) -> Option<Vec<Name>> {
    let model = source.graph(graph)?;
    let found = model.nodes.iter().find(|other| *other.id.text == *node)?;
    let row = node::lookup(&found.ty.text, &context.hosts)?;
    // An entry of a list of names is of that list's port.
    let (name, is_entry) = port.split_once('.').map_or((port, false), |(name, _)| (name, true));
    let port = row.input(name).filter(|port| port.role == Role::Constant)?;
    let schema = context.schema.as_deref();
    Some(match (port.name, &*found.ty.text) {
        ("functions", _) if !is_entry => Vec::new(),
        ("function" | "functions", _) => source.document.functions.iter().map(of_graph).collect(),
        ("filterName", _) => source.document.filters.iter().map(of_graph).collect(),
        ("effectName", _) => source.document.effects.iter().map(of_graph).collect(),
        ("type", _) => {
            schema.map_or_else(Vec::new, |schema| types(schema, schema.types().iter().map(|def| &*def.name)))
        }
        ("schemaName", _) => schema
            .map_or_else(Vec::new, |schema| types(schema, schema.roots().into_iter().map(|id| &*schema.get(id).name))),
        ("name", "GetConfig" | "SetConfig") => settings(context),
        ("name", _) => variables(model).iter().map(|name| plain(name, variable(model, name, context))).collect(),
        (name, _) if FIELDS.contains(&name) => fields(source, graph, found, row, context),
        _ => Vec::new(),
    })
}

fn plain(text: &str, ty: String) -> Name {
    Name { text: text.to_owned(), ty, docs: String::new() }
}

fn of_graph(graph: &Graph) -> Name {
    let parameters: Vec<String> =
        graph.parameters.iter().map(|parameter| format!("{} {}", parameter.name.text, parameter.ty.text)).collect();
    let docs = graph.description.as_ref().map_or_else(String::new, |text| text.text.to_string());
    Name { text: graph.name.text.to_string(), ty: format!("({})", parameters.join(", ")), docs }
}

fn types<'a>(schema: &Schema, names: impl Iterator<Item = &'a str>) -> Vec<Name> {
    let docs = |name: &str| schema.by_name(name).map_or_else(String::new, |id| schema.get(id).docs.clone());
    names.map(|name| Name { text: name.to_owned(), ty: String::new(), docs: docs(name) }).collect()
}

fn settings(context: &Context) -> Vec<Name> {
    let groups = context.config.iter().flat_map(|config| config.groups());
    groups
        .flat_map(|group| {
            group.fields.iter().map(|field| Name {
                text: format!("{}.{}", group.name, field.name),
                ty: field.type_name(),
                docs: field.docs.clone(),
            })
        })
        .collect()
}

fn variable(graph: &Graph, name: &str, context: &Context) -> String {
    let known = context.types.get(&graph.name.text).and_then(|types| types.get(&format!("variable:{name}")));
    match (known, context.schema.as_deref()) {
        (Some(known), Some(schema)) => schema.show(known).to_string(),
        _ => String::new(),
    }
}

/// Fields of the first of the node's inputs that is a struct, or a list or map of them.
fn fields(source: &SourceDocument, graph: GraphAt, node: &Node, row: &NodeRow, context: &Context) -> Vec<Name> {
    let Some(scope) = scope(source, graph, context) else { return Vec::new() };
    let of = node.inputs.iter().find_map(|(name, input)| {
        let role = row.input(&name.text)?.role;
        let ty = match (&input.kind, role) {
            (InputKind::Reference(reference), _) => scope.reference(reference),
            (InputKind::Text(text), Role::Path) => scope.path(&Path::parse(text).ok()?),
            _ => None,
        }?;
        elements(&ty)
    });
    let Some(of) = of else { return Vec::new() };
    let def = scope.schema.get(of);
    let name =
        |field: &FieldDef| Name { text: field.name.to_string(), ty: scope.show(&field.ty), docs: field.docs.clone() };
    def.fields.iter().map(name).collect()
}

fn elements(ty: &Type) -> Option<StructId> {
    match ty.non_null() {
        Type::Struct(id) => Some(*id),
        Type::List(element) => elements(element),
        Type::Map(_, value) => elements(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::GraphKind;
    use statewright_graph::node::EXAMPLE_SCHEMA;
    use statewright_types::schema;

    use super::*;

    #[test]
    fn constants_have_the_names_of_what_there_is() {
        let text = r#"{"stateType": "Game", "handlers": [{"name": "H", "event": "E", "nodes": [
            {"id": "s", "type": "Sum", "inputs": {"path": "Players", "field": "Score"}},
            {"id": "r", "type": "Sum", "inputs": {"array": "state:Players"}},
            {"id": "c", "type": "CreateStruct", "inputs": {}},
            {"id": "f", "type": "CallFunction", "inputs": {}},
            {"id": "v", "type": "SetVariable", "inputs": {"name": "w", "value": 1}},
            {"id": "g", "type": "GetVariable", "inputs": {}}]}],
            "functions": [{"name": "Best", "parameters": [{"name": "of", "type": "int32"}], "nodes": []}]}"#;
        let source = SourceDocument::parse(text).unwrap();
        let context = Context { schema: schema::parse(EXAMPLE_SCHEMA).0, ..Context::default() };
        let at = GraphAt { kind: GraphKind::Handler, index: 0 };
        let names = |node: &str, port: &str| -> Vec<String> {
            choices(&source, at, node, port, &context).unwrap_or_default().into_iter().map(|name| name.text).collect()
        };
        assert!(names("s", "field").contains(&"Score".to_owned()), "{:?}", names("s", "field"));
        assert_eq!(names("r", "field"), names("s", "field"));
        assert!(names("c", "type").contains(&"Player".to_owned()) && names("c", "type").contains(&"Game".to_owned()));
        assert_eq!((names("f", "function"), names("g", "name")), (vec!["Best".to_owned()], vec!["w".to_owned()]));
        assert_eq!(choices(&source, at, "f", "function", &context).unwrap()[0].ty, "(of int32)");
        // What is computed has none.
        assert_eq!(choices(&source, at, "v", "value", &context), None);
    }

    #[test]
    fn every_constant_of_the_language_is_known() {
        for row in node::table() {
            for port in row.inputs.iter().filter(|port| port.role == Role::Constant) {
                let is_known = FIELDS.contains(&port.name)
                    || ["op", "whereOp", "unit", "name", "type", "function", "functions"].contains(&port.name)
                    || ["filterName", "effectName", "schemaName"].contains(&port.name);
                assert!(is_known, "{} of {}", port.name, row.name);
            }
        }
    }
}
