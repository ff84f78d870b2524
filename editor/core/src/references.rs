//! What an input can refer to, with types: for the reference picker.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_graph::document::{Graph, GraphAt, GraphKind, Input, InputKind, Name, SourceDocument};
use statewright_graph::node::{self, Exits};
use statewright_types::Type;

use crate::command::Context;
use crate::palette::fuzzy::score;
use crate::paths::{Fit, Scope, fits};

/// A group of the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Group {
    Parameters,
    Outputs,
    Variables,
    Loop,
    State,
    Config,
    Viewer,
}

impl Group {
    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Parameters => "Parameters",
            Group::Outputs => "Outputs",
            Group::Variables => "Variables",
            Group::Loop => "Loop",
            Group::State => "State",
            Group::Config => "Configuration",
            Group::Viewer => "Viewer",
        }
    }
}

/// Something to refer to.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Which group.
    pub group: Group,
    /// The reference: `node:sum:result`.
    pub text: String,
    /// Its type as documents write it; "" where it is not known.
    pub ty: String,
    /// Its type, where it is known.
    pub known: Option<Type>,
    /// What it is.
    pub docs: String,
}

/// What types in a graph are known by; `None` without a schema.
pub fn scope<'a>(source: &'a SourceDocument, graph: GraphAt, context: &'a Context) -> Option<Scope<'a>> {
    let model = source.graph(graph)?;
    let scope = Scope::new(context.schema.as_deref()?, source.document.state_type.as_ref(), model)?;
    Some(Scope { config: context.config.as_deref(), known: context.types.get(&model.name.text), ..scope })
}

/// The local variables of a graph: those that a node of it sets.
pub fn variables(graph: &Graph) -> BTreeSet<Arc<str>> {
    let sets = graph.nodes.iter().filter(|node| &*node.ty.text == "SetVariable");
    let name = |(name, input): &(Name, Input)| match &input.kind {
        InputKind::Text(text) if &*name.text == "name" => Some(text.clone()),
        _ => None,
    };
    sets.flat_map(|node| node.inputs.iter().filter_map(name)).collect()
}

/// Everything that a node's input can refer to, by group. Outputs of nodes that run only behind this one are left out, as far
/// as edges tell; those of the node itself too.
pub fn choices(source: &SourceDocument, graph: GraphAt, node: &str, context: &Context) -> Vec<Choice> {
    let Some(model) = source.graph(graph) else { return Vec::new() };
    let scope = scope(source, graph, context);
    let mut found = Vec::new();
    let mut add = |group, text: String, known: Option<Type>, ty: String, docs: &str| {
        let shown = match (&known, &scope) {
            (Some(known), Some(scope)) => scope.show(known),
            _ => ty,
        };
        found.push(Choice { group, text, ty: shown, known, docs: docs.to_owned() });
    };
    let schema = context.schema.as_deref();
    if graph.kind == GraphKind::Handler {
        add(
            Group::Parameters,
            "param:senderID".to_owned(),
            Some(Type::String),
            "string".to_owned(),
            "Who sent the event.",
        );
    }
    for parameter in &model.parameters {
        let known = schema.and_then(|schema| schema.parse_type(&parameter.ty.text).ok());
        add(Group::Parameters, format!("param:{}", parameter.name.text), known, parameter.ty.text.to_string(), "");
    }
    let later = behind(model, node);
    let known = |key: &str| context.types.get(&model.name.text).and_then(|types| types.get(key).cloned());
    for other in &model.nodes {
        let row = node::lookup(&other.ty.text, &context.hosts);
        if *other.id.text == *node || later.contains(&*other.id.text) {
            continue;
        }
        for port in row.map_or(&[][..], |row| row.outputs) {
            let alias = other.outputs.iter().find(|output| &*output.port.text == port.name);
            let name = alias.map_or(port.name, |output| &output.alias.text);
            let ty = known(&format!("{}:{}", other.id.text, port.name));
            add(Group::Outputs, format!("node:{}:{name}", other.id.text), ty, port.ty.to_owned(), port.docs);
        }
        if row.is_some_and(|row| row.exits == Exits::Loop) {
            for (what, docs) in [("item", "The element of this pass."), ("index", "Its position, from 0.")] {
                let ty = known(&format!("{}:{what}", other.id.text));
                add(Group::Loop, format!("loop:{}:{what}", other.id.text), ty, "any".to_owned(), docs);
            }
        }
    }
    for name in variables(model) {
        let ty = known(&format!("variable:{name}"));
        add(Group::Variables, format!("variable:{name}"), ty, "any".to_owned(), "");
    }
    if let Some(scope) = &scope {
        for field in &scope.schema.get(scope.root).fields {
            add(Group::State, format!("state:{}", field.name), Some(field.ty.clone()), String::new(), &field.docs);
        }
        let others = scope.schema.roots().into_iter().filter(|id| *id != scope.root);
        for (def, field) in others.flat_map(|id| {
            let def = scope.schema.get(id);
            def.fields.iter().map(move |field| (def, field))
        }) {
            let text = format!("state:{}.{}", def.name, field.name);
            add(Group::State, text, Some(field.ty.clone()), String::new(), &field.docs);
        }
    }
    for group in context.config.iter().flat_map(|config| config.groups()) {
        for field in &group.fields {
            let known = Type::scalar_by_name(&field.type_name());
            add(Group::Config, format!("config:{}.{}", group.name, field.name), known, field.type_name(), "");
        }
    }
    if matches!(graph.kind, GraphKind::Filter | GraphKind::Effect) {
        for (what, ty) in [("id", Type::String), ("team", Type::String), ("host", Type::Bool)] {
            add(Group::Viewer, format!("viewer:{what}"), Some(ty), String::new(), "Who looks.");
        }
    }
    found.sort_by_key(|choice| choice.group);
    found
}

/// Nodes that the flow reaches from `node`, and that do not lead back to it.
fn behind<'a>(graph: &'a statewright_graph::document::Graph, node: &str) -> BTreeSet<&'a str> {
    let reach = |from: &str| {
        let mut reached: BTreeSet<&'a str> = BTreeSet::new();
        let mut open: Vec<&str> = vec![from];
        let mut next: std::collections::HashMap<&str, Vec<&'a str>> = std::collections::HashMap::new();
        for edge in &graph.edges {
            next.entry(&edge.from.text).or_default().push(&edge.to.text);
        }
        while let Some(at) = open.pop() {
            for to in next.get(at).into_iter().flatten() {
                if reached.insert(to) {
                    open.push(to);
                }
            }
        }
        reached
    };
    let after = reach(node);
    if after.contains(node) {
        // In a loop what comes later has run in an earlier pass.
        return BTreeSet::new();
    }
    after
}

/// Choices that go with what was typed and with a type, best first.
pub fn search<'a>(choices: &'a [Choice], typed: &str, wanted: Option<&Type>) -> Vec<&'a Choice> {
    let mut found: Vec<(i32, &Choice)> = choices
        .iter()
        .filter_map(|choice| {
            let name = choice.text.split_once(':').map_or(choice.text.as_str(), |(_, name)| name);
            let by_name = score(typed, name).map(|(score, _)| score + 2);
            let by_text = score(typed, &choice.text).map(|(score, _)| score);
            let score = by_name.max(by_text)?;
            let fit = match (wanted, &choice.known) {
                (Some(wanted), Some(known)) => match fits(known, wanted) {
                    Fit::Same => 30,
                    Fit::Converted => 15,
                    Fit::Broken => -30,
                },
                _ => 0,
            };
            Some((score + fit, choice))
        })
        .collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, choice)| choice).collect()
}

#[cfg(test)]
mod tests {
    use statewright_graph::node::EXAMPLE_SCHEMA;
    use statewright_types::schema;

    use super::*;

    #[test]
    fn what_runs_before_and_what_fits_is_offered() {
        let text = r#"{"stateType": "Game", "handlers": [{"name": "H", "event": "E", "parameters": [{"name": "who", "type": "string"}], "nodes": [
            {"id": "a", "type": "Length", "inputs": {}}, {"id": "b", "type": "SetVariable", "inputs": {"name": "v", "value": 1}},
            {"id": "c", "type": "CreateStruct", "inputs": {}}, {"id": "d", "type": "SetVariable", "inputs": {"name": "w", "value": 1}}],
            "flow": [{"from": "start", "to": "b"}, {"from": "b", "to": "d"}]}]}"#;
        let source = SourceDocument::parse(text).unwrap();
        let context = Context { schema: schema::parse(EXAMPLE_SCHEMA).0, ..Context::default() };
        let at = GraphAt { kind: GraphKind::Handler, index: 0 };
        let all = choices(&source, at, "b", &context);
        let has = |text: &str| all.iter().any(|choice| choice.text == text);
        assert!(
            has("param:who")
                && has("param:senderID")
                && has("node:c:result")
                && has("variable:w")
                && has("state:Players")
        );
        assert!(has("state:Bonus.Points") && !has("node:d:value") && !has("node:b:value") && !has("viewer:id"));
        let found = search(&all, "o", Some(&Type::INT));
        assert_eq!(found[0].ty, "int32", "{:?}", found[0]);
        let phase = search(&all, "phase", None);
        assert_eq!((phase[0].text.as_str(), phase[0].ty.as_str()), ("state:Phase", "string"));
    }
}
