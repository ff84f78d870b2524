//! Edits of a document as edits of its text: what an edit does not touch keeps every byte.

use std::fmt;

use statewright_types::json::{self, Editor, NodeId, Step, Tree, quote};
use statewright_types::{Diagnostic, Span, Value};

use super::load::{id_problem, load};
use super::model::{Document, Graph, GraphKind, Node};
use super::reference::{LOOP_VALUES, Renamed};

mod rename;
#[cfg(test)]
mod tests;

/// A document with the text it was read from.
#[derive(Clone, Debug)]
pub struct SourceDocument {
    /// The text's structure.
    pub tree: Tree,
    /// The model.
    pub document: Document,
    /// What is wrong with its shape.
    pub diagnostics: Vec<Diagnostic>,
}

/// A graph of a document: its kind, and its position among the graphs of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GraphAt {
    /// The kind.
    pub kind: GraphKind,
    /// The position in [`Document::of_kind`].
    pub index: usize,
}

/// A node to add.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewNode {
    /// Its id, unique in the graph.
    pub id: String,
    /// Its type's name.
    pub ty: String,
    /// Port and value, as JSON.
    pub inputs: Vec<(String, Value)>,
    /// Where the editor shows it.
    pub position: Option<(f64, f64)>,
}

/// Why an edit was not made. The document is as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum EditError {
    /// The document has no such graph.
    NoGraph(GraphAt),
    /// The graph has no node of this id.
    NoNode(String),
    /// The graph has no edge at this position.
    NoEdge(usize),
    /// The graph has a node of this id already.
    IdTaken(String),
    /// This cannot be the id of a node; what to do.
    BadId(String, &'static str),
    /// The text cannot be changed so.
    Text(json::EditError),
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditError::NoGraph(at) => write!(f, "the document has no {} number {}", at.kind.noun(), at.index + 1),
            EditError::NoNode(id) => write!(f, "the graph has no node {}", quote(id)),
            EditError::NoEdge(index) => write!(f, "the graph has no edge number {}", index + 1),
            EditError::IdTaken(id) => write!(f, "the graph has a node {} already", quote(id)),
            EditError::BadId(message, help) => write!(f, "{message}; {help}"),
            EditError::Text(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EditError {}

impl From<json::EditError> for EditError {
    fn from(error: json::EditError) -> EditError {
        EditError::Text(error)
    }
}

impl SourceDocument {
    /// Reads a document. The error says why `text` is no JSON; everything else that is wrong is in `diagnostics`.
    pub fn parse(text: &str) -> Result<SourceDocument, Diagnostic> {
        Ok(SourceDocument::of(json::parse(text)?))
    }

    fn of(tree: Tree) -> SourceDocument {
        let (document, diagnostics) = load(&tree);
        SourceDocument { tree, document, diagnostics }
    }

    /// The text, byte for byte as read and edited.
    pub fn text(&self) -> &str {
        self.tree.source()
    }

    /// The graph at `at`.
    pub fn graph(&self, at: GraphAt) -> Option<&Graph> {
        self.document.of_kind(at.kind).get(at.index)
    }

    /// Gives the input `port` of a node a value (as JSON: `"node:a:b"` is a reference). Replaces the entry of that
    /// very name, or adds it at the end.
    pub fn set_input(&mut self, at: GraphAt, node: &str, port: &str, value: &Value) -> Result<(), EditError> {
        let place = self.place_of(at, node)?;
        let mut editor = self.editor();
        let inputs = || Value::map([(port, value.clone())]);
        match self.tree.get(place.node, "inputs").map(|inputs| self.tree.kind(inputs)) {
            None => editor.insert_entry(&place.path(&[]), self.behind_type(place.node), "inputs", &inputs())?,
            Some(json::Kind::Null) => editor.set(&place.path(&["inputs".into()]), &inputs())?,
            Some(_) => editor.set(&place.path(&["inputs".into(), port.into()]), value)?,
        }
        self.accept(editor);
        Ok(())
    }

    /// Removes the input `port` of a node.
    pub fn remove_input(&mut self, at: GraphAt, node: &str, port: &str) -> Result<(), EditError> {
        let place = self.place_of(at, node)?;
        let mut editor = self.editor();
        editor.remove(&place.path(&["inputs".into(), port.into()]))?;
        self.accept(editor);
        Ok(())
    }

    /// Adds a node at the end of a graph.
    pub fn add_node(&mut self, at: GraphAt, node: &NewNode) -> Result<(), EditError> {
        let place = self.graph_place(at)?;
        self.check_new_id(at, &node.id)?;
        let mut entries = vec![("id", Value::from(node.id.as_str())), ("type", Value::from(node.ty.as_str()))];
        entries.push(("inputs", Value::map(node.inputs.iter().map(|(port, value)| (port.as_str(), value.clone())))));
        if let Some(position) = node.position {
            entries.push(("_position", position_value(position)));
        }
        self.append(&place, "nodes", &Value::map(entries))
    }

    /// Removes a node and the edges from and to it. References to it stay, for the checker to report.
    pub fn remove_node(&mut self, at: GraphAt, node: &str) -> Result<(), EditError> {
        let place = self.place_of(at, node)?;
        let graph_place = self.graph_place(at)?;
        let graph = self.graph(at).ok_or(EditError::NoGraph(at))?;
        let edges: Vec<usize> = graph
            .edges
            .iter()
            .filter(|edge| &*edge.from.text == node || &*edge.to.text == node)
            .filter_map(|edge| self.position_in(graph_place.node, "flow", edge.span))
            .collect();
        let mut editor = self.editor();
        editor.remove(&place.path(&[]))?;
        if !edges.is_empty() {
            editor.remove_elements(&graph_place.path(&["flow".into()]), &edges)?;
        }
        self.accept(editor);
        Ok(())
    }

    /// Adds a flow edge at the end of a graph.
    pub fn add_edge(&mut self, at: GraphAt, from: &str, to: &str, label: Option<&str>) -> Result<(), EditError> {
        let place = self.graph_place(at)?;
        let mut entries = vec![("from", Value::from(from)), ("to", Value::from(to))];
        entries.extend(label.map(|label| ("label", Value::from(label))));
        self.append(&place, "flow", &Value::map(entries))
    }

    /// Removes the edge at `index` of [`Graph::edges`].
    pub fn remove_edge(&mut self, at: GraphAt, index: usize) -> Result<(), EditError> {
        let place = self.graph_place(at)?;
        let edge = self.graph(at).and_then(|graph| graph.edges.get(index)).ok_or(EditError::NoEdge(index))?;
        let element = self.position_in(place.node, "flow", edge.span).ok_or(EditError::NoEdge(index))?;
        let mut editor = self.editor();
        editor.remove(&place.path(&["flow".into(), element.into()]))?;
        self.accept(editor);
        Ok(())
    }

    /// Moves a node on the canvas.
    pub fn set_position(&mut self, at: GraphAt, node: &str, position: (f64, f64)) -> Result<(), EditError> {
        let place = self.place_of(at, node)?;
        let mut editor = self.editor();
        match self.tree.get(place.node, "_position").map(|old| self.tree.kind(old)) {
            Some(json::Kind::Object) => {
                editor.set(&place.path(&["_position".into(), "x".into()]), &coordinate(position.0))?;
                editor.set(&place.path(&["_position".into(), "y".into()]), &coordinate(position.1))?;
            }
            _ => editor.set(&place.path(&["_position".into()]), &position_value(position))?,
        }
        self.accept(editor);
        Ok(())
    }

    /// Gives a node another id, and says so wherever its graph mentions it: edges, references, paths, templates.
    pub fn rename_node(&mut self, at: GraphAt, old: &str, new: &str) -> Result<(), EditError> {
        let replacements = self.renaming(at, old, new)?;
        self.replace(replacements)
    }

    /// What [`Self::rename_node`] replaces.
    pub fn renaming(&self, at: GraphAt, old: &str, new: &str) -> Result<Vec<(Span, String)>, EditError> {
        if old == new {
            return Ok(Vec::new());
        }
        self.place_of(at, old)?;
        self.check_new_id(at, new)?;
        let graph = self.graph(at).ok_or(EditError::NoGraph(at))?;
        Ok(rename::replacements(&self.tree, self.graph_place(at)?.node, graph, old, new))
    }

    /// Calls an output of a node otherwise wherever its graph mentions it.
    pub fn rename_output(&mut self, at: GraphAt, id: &str, old: &str, new: &str) -> Result<(), EditError> {
        let replacements = self.renaming_output(at, id, old, new)?;
        self.replace(replacements)
    }

    /// What [`Self::rename_output`] replaces.
    pub fn renaming_output(
        &self,
        at: GraphAt,
        id: &str,
        old: &str,
        new: &str,
    ) -> Result<Vec<(Span, String)>, EditError> {
        let place = self.graph_place(at)?.node;
        Ok(rename::mentions(&self.tree, place, id, Renamed::Output(old, new)))
    }

    /// Replaces parts of the text, which must not overlap.
    pub fn replace(&mut self, replacements: Vec<(Span, String)>) -> Result<(), EditError> {
        let mut editor = self.editor();
        editor.replace_all(replacements)?;
        self.accept(editor);
        Ok(())
    }

    /// Why no node of the graph can be called `id`.
    pub fn check_new_id(&self, at: GraphAt, id: &str) -> Result<(), EditError> {
        if let Some((message, help)) = id_problem(id) {
            return Err(EditError::BadId(message, help));
        }
        if LOOP_VALUES.contains(&id) {
            let message = format!("{} as a node's id would be read as a loop's value in brackets", quote(id));
            return Err(EditError::BadId(message, "choose another id"));
        }
        match self.graph(at).and_then(|graph| find(graph, id)) {
            Some(_) => Err(EditError::IdTaken(id.to_owned())),
            None => Ok(()),
        }
    }

    /// Where the graph at `at` is in the tree.
    pub fn graph_node(&self, at: GraphAt) -> Option<NodeId> {
        self.graph_place(at).ok().map(|place| place.node)
    }

    /// A document as read from `tree`.
    pub fn from_tree(tree: Tree) -> SourceDocument {
        SourceDocument::of(tree)
    }

    fn editor(&self) -> Editor {
        Editor::new(self.tree.clone())
    }

    fn accept(&mut self, editor: Editor) {
        *self = SourceDocument::of(editor.into_tree());
    }

    /// Adds to the array `key` of a graph, which may be absent or null.
    fn append(&mut self, place: &GraphPlace, key: &str, value: &Value) -> Result<(), EditError> {
        let mut editor = self.editor();
        match self.tree.get(place.node, key).map(|list| self.tree.kind(list)) {
            Some(json::Kind::Array) => editor.insert_element(&place.path(&[key.into()]), usize::MAX, value)?,
            _ => editor.set(&place.path(&[key.into()]), &Value::List(vec![value.clone()]))?,
        }
        self.accept(editor);
        Ok(())
    }

    fn graph_place(&self, at: GraphAt) -> Result<GraphPlace, EditError> {
        let graph = self.graph(at).ok_or(EditError::NoGraph(at))?;
        let list = self.tree.get(self.tree.root(), at.kind.key()).ok_or(EditError::NoGraph(at))?;
        let mut elements = self.tree.elements(list).iter().enumerate();
        let found = elements.find(|(_, element)| self.tree.span(**element) == graph.span);
        let (element, &node) = found.ok_or(EditError::NoGraph(at))?;
        Ok(GraphPlace { key: at.kind.key(), element, node })
    }

    /// Where the first node called `id` stands.
    fn place_of(&self, at: GraphAt, id: &str) -> Result<NodePlace, EditError> {
        let graph = self.graph_place(at)?;
        let no_node = || EditError::NoNode(id.to_owned());
        let node = self.graph(at).and_then(|graph| find(graph, id)).ok_or_else(no_node)?;
        let element = self.position_in(graph.node, "nodes", node.span).ok_or_else(no_node)?;
        let list = self.tree.get(graph.node, "nodes").ok_or_else(no_node)?;
        let node = self.tree.elements(list).get(element).copied().ok_or_else(no_node)?;
        Ok(NodePlace { graph, element, node })
    }

    /// Which element of the array `key` stands at `span`.
    fn position_in(&self, object: NodeId, key: &str, span: Span) -> Option<usize> {
        let list = self.tree.get(object, key)?;
        self.tree.elements(list).iter().position(|&element| self.tree.span(element) == span)
    }

    fn behind_type(&self, node: NodeId) -> usize {
        self.tree.entries(node).iter().position(|entry| &*entry.key == "type").map_or(usize::MAX, |index| index + 1)
    }
}

/// A graph in the tree.
struct GraphPlace {
    key: &'static str,
    element: usize,
    node: NodeId,
}

impl GraphPlace {
    fn path<'a>(&self, rest: &[Step<'a>]) -> Vec<Step<'a>> {
        [Step::Key(self.key), Step::Index(self.element)].into_iter().chain(rest.iter().copied()).collect()
    }
}

/// A node in the tree.
struct NodePlace {
    graph: GraphPlace,
    element: usize,
    node: NodeId,
}

impl NodePlace {
    fn path<'a>(&self, rest: &[Step<'a>]) -> Vec<Step<'a>> {
        let here = [Step::Key("nodes"), Step::Index(self.element)];
        let inside: Vec<Step<'a>> = here.into_iter().chain(rest.iter().copied()).collect();
        self.graph.path(&inside)
    }
}

fn find<'a>(graph: &'a Graph, id: &str) -> Option<&'a Node> {
    graph.nodes.iter().find(|node| &*node.id.text == id)
}

fn position_value(position: (f64, f64)) -> Value {
    Value::map([("x", coordinate(position.0)), ("y", coordinate(position.1))])
}

/// Whole numbers up to 2^53 are written without a point; what is not finite becomes 0.
fn coordinate(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if !value.is_finite() {
        return Value::Int(0);
    }
    let whole = value as i64;
    if value.abs() < EXACT && whole as f64 == value { Value::Int(whole) } else { Value::Float(value) }
}
