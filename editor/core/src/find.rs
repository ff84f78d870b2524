//! Where something is used: in a document, and across those of a project.

use std::path::PathBuf;
use std::sync::Arc;

use statewright_graph::document::{GraphAt, Head, Scheme, SourceDocument};
use statewright_types::Span;

use crate::command::Named;
use crate::command::mentions::{Mention, calls, of_graph};
use crate::command::place::GraphView;
use crate::command::rename::all_graphs;
use crate::command::replace::{self, Query};
use crate::paths::Scope;
use crate::refused::Refused;

/// A place where something is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The graph.
    pub graph: GraphAt,
    /// Its name.
    pub name: Arc<str>,
    /// The node; "" if it is the graph itself.
    pub node: Arc<str>,
    /// The input, as written; "" if none.
    pub port: String,
    /// The text that names it.
    pub text: String,
    /// Where that stands in the document's text.
    pub span: Span,
}

/// Everything that mentions something. Fields need the schema.
///
/// # Errors
/// There is no such thing to look for.
pub fn uses(
    source: &SourceDocument,
    what: &Named,
    schema: Option<&statewright_types::Schema>,
) -> Result<Vec<Use>, Refused> {
    let mut found = Vec::new();
    let graphs = match what {
        Named::Node { graph, .. }
        | Named::Output { graph, .. }
        | Named::Variable { graph, .. }
        | Named::Parameter { graph, .. } => vec![*graph],
        Named::Graph { .. } | Named::Field { .. } => all_graphs(source),
    };
    for at in graphs {
        let view = GraphView::new(source, at)?;
        let scope = schema.and_then(|schema| Scope::new(schema, source.document.state_type.as_ref(), view.graph));
        for mut mentioned in of_graph(source, at)? {
            if mentions(&mut mentioned.mention, &mentioned.port, what, source, scope.as_ref()) {
                found.push(Use {
                    graph: at,
                    name: view.graph.name.text.clone(),
                    node: mentioned.node.clone(),
                    port: mentioned.port.clone(),
                    text: mentioned.mention.text(),
                    span: source.tree.span(mentioned.place),
                });
            }
        }
    }
    Ok(found)
}

fn mentions(
    mention: &mut Mention,
    port: &str,
    what: &Named,
    source: &SourceDocument,
    scope: Option<&Scope<'_>>,
) -> bool {
    let mut found = match (&*mention, what) {
        (Mention::Name(name), Named::Variable { name: wanted, .. }) => **name == **wanted && port == "name",
        (Mention::Path(path), Named::Variable { name, .. }) => *path.head == **name,
        (Mention::Name(name), Named::Graph { graph }) => {
            let wanted = source.graph(*graph).map(|graph| &graph.name.text);
            let is_named =
                ["function", "functions", "filterName", "effectName"].contains(&port.split('.').next().unwrap_or(""));
            Some(name) == wanted && is_named
        }
        (Mention::Path(path), Named::Field { ty, name }) => scope.is_some_and(|scope| {
            let is_root = &*scope.schema.get(scope.root).name == ty.as_str() && *path.head == **name;
            is_root || scope.head(&path.head).is_some_and(|head| through(scope, head, &path.steps, ty, name))
        }),
        _ => false,
    };
    mention.each(&mut |reference| {
        found |= match (what, &reference.head, reference.scheme) {
            (Named::Node { id, .. }, Head::Output { node, .. } | Head::Loop { node: Some(node), .. }, _) => {
                **node == **id
            }
            (Named::Output { node: id, port, .. }, Head::Output { node, output }, _) => {
                **node == **id && **output == **port
            }
            (Named::Variable { name, .. }, Head::Name(head), Scheme::Variable | Scheme::Bare) => **head == **name,
            (Named::Parameter { name, .. }, Head::Name(head), Scheme::Param | Scheme::Bare) => **head == **name,
            (Named::Field { ty, name }, head, scheme) => scope.is_some_and(|scope| {
                let is_root = matches!((scheme, head), (Scheme::State | Scheme::Base, Head::Name(head))
                    if **head == **name && &*scope.schema.get(scope.root).name == ty.as_str());
                let begins = scope.reference_head(reference);
                is_root || begins.is_some_and(|begins| through(scope, begins, &reference.steps, ty, name))
            }),
            _ => false,
        };
    });
    found
}

/// Whether steps go through a field of a type.
fn through(
    scope: &Scope<'_>,
    head: statewright_types::Type,
    steps: &[statewright_graph::document::Step],
    ty: &str,
    name: &str,
) -> bool {
    use statewright_graph::document::{Index, Step};
    use statewright_types::Type;
    let mut at = head;
    for step in steps {
        let owner = match (step, at.non_null()) {
            (Step::Index(_), Type::List(element) | Type::Map(_, element)) => element.non_null().clone(),
            (_, owner) => owner.clone(),
        };
        let is_it = matches!(step, Step::Field(field) | Step::Index(Index::Key { field, .. }) if **field == *name);
        if is_it && matches!(owner, Type::Struct(id) if &*scope.schema.get(id).name == ty) {
            return true;
        }
        match scope.step(&at, step) {
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

/// Calls of a function: graph and node of each.
pub fn callers(source: &SourceDocument, function: &str) -> Vec<(Arc<str>, Arc<str>)> {
    calls(&source.document, function)
}

/// A text that was found in a file of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFile {
    /// The file.
    pub path: PathBuf,
    /// Line and column, from 1.
    pub at: (usize, usize),
    /// The line, without the spaces around it.
    pub line: String,
}

/// Lines of texts that have what is looked for, at most `most`.
pub fn in_files<'a>(files: impl IntoIterator<Item = (PathBuf, &'a str)>, query: &Query, most: usize) -> Vec<InFile> {
    let mut found = Vec::new();
    if query.text.is_empty() {
        return found;
    }
    for (path, text) in files {
        for (number, line) in (1..).zip(text.lines()) {
            for (start, _) in replace::matches(line, query) {
                if found.len() >= most {
                    return found;
                }
                let column = line.get(..start).map_or(0, |before| before.chars().count()) + 1;
                found.push(InFile { path: path.clone(), at: (number, column), line: line.trim().to_owned() });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use statewright_graph::document::GraphKind;
    use statewright_graph::node::EXAMPLE_SCHEMA;
    use statewright_types::schema;

    use super::*;

    #[test]
    fn uses_of_everything_that_has_a_name() {
        let text = r#"{"stateType": "Game", "handlers": [{"name": "H", "event": "E", "parameters": [{"name": "p", "type": "Player"}], "nodes": [
            {"id": "a", "type": "Add", "inputs": {"a": "param:p.Score", "b": "state:Players[p.ID:ID].Score"}},
            {"id": "b", "type": "SetField", "inputs": {"path": "Players[0].Score", "value": "node:a:result"}},
            {"id": "c", "type": "CallFunction", "inputs": {"function": "F"}},
            {"id": "d", "type": "SetVariable", "inputs": {"name": "x", "value": {"template": "{{x}} {{node:a:result}}"}}}]}],
            "functions": [{"name": "F", "nodes": []}]}"#;
        let source = SourceDocument::parse(text).unwrap();
        let schema = schema::parse(EXAMPLE_SCHEMA).0.unwrap();
        let graph = GraphAt { kind: GraphKind::Handler, index: 0 };
        let check = |what: Named, expected: &str| {
            let found = uses(&source, &what, Some(&schema)).unwrap();
            let shown: Vec<String> = found.iter().map(|found| format!("{}.{}", found.node, found.port)).collect();
            assert_eq!(shown.join(" "), expected, "{what:?}");
        };
        check(Named::Node { graph, id: "a".into() }, "b.value d.value");
        check(Named::Parameter { graph, name: "p".into() }, "a.a a.b");
        check(Named::Variable { graph, name: "x".into() }, "d.name d.value");
        check(Named::Graph { graph: GraphAt { kind: GraphKind::Function, index: 0 } }, "c.function");
        check(Named::Field { ty: "Player".into(), name: "Score".into() }, "a.a a.b b.path");
        check(Named::Field { ty: "Player".into(), name: "ID".into() }, "a.b");
        assert_eq!(callers(&source, "F").len(), 1);
    }

    #[test]
    fn lines_of_files_are_found_with_their_places() {
        let query = Query { text: "äB".into(), ..Query::default() };
        let found = in_files([("a".into(), "x\n  öÄbäb"), ("b".into(), "äb")], &query, 2);
        assert_eq!(found.iter().map(|found| found.at).collect::<Vec<_>>(), [(2, 4), (2, 6)]);
        assert_eq!(found[0].line, "öÄbäb");
    }
}
