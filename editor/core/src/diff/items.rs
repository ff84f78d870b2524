//! A document as values by place: what differs between two versions is what differs here.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};
use statewright_types::Value;

use super::annotations;
use crate::command::place::GraphView;
use crate::command::rename::all_graphs;
use crate::command::{Aside, inputs};
use crate::draft::Draft;
use crate::meta::EDITOR;
use crate::refused::Refused;

/// A graph by kind and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GraphName {
    /// The key of the document's list of them: `handlers`, …
    pub list: &'static str,
    /// Its name.
    pub name: Arc<str>,
}

impl GraphName {
    /// By kind and name.
    pub fn new(kind: GraphKind, name: &str) -> GraphName {
        GraphName { list: kind.key(), name: name.into() }
    }

    /// The kind.
    pub fn kind(&self) -> GraphKind {
        GraphKind::ALL.into_iter().find(|kind| kind.key() == self.list).unwrap_or(GraphKind::Handler)
    }

    /// Where it is in a document.
    pub fn find(&self, source: &SourceDocument) -> Option<GraphAt> {
        let kind = self.kind();
        let index = source.document.of_kind(kind).iter().position(|graph| graph.name.text == self.name)?;
        Some(GraphAt { kind, index })
    }
}

/// A place of a document that has a value: of the document, of a graph, or of a node. Inputs are `inputs`, port; edges are
/// `flow`, where they begin, label; frames, notes, bookmarks and points of wires `_editor`, list, name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct At {
    pub graph: Option<GraphName>,
    pub node: Option<Arc<str>>,
    /// Empty for the whole graph or node.
    pub key: Vec<String>,
}

impl At {
    /// In words: `input a of n in H`.
    pub fn words(&self) -> String {
        let what = match self.key.as_slice() {
            [editor, list, name] if editor == EDITOR && self.node.is_none() => annotations::words(list, name, None),
            [] => "all".to_owned(),
            [inputs, port] if inputs == "inputs" => format!("input {port}"),
            [flow, from, label] if flow == "flow" => {
                let label = label.split('\u{0}').next().unwrap_or("");
                format!("the flow from {from} {label}").trim_end().to_owned()
            }
            keys => keys.join("."),
        };
        let of = self.node.as_ref().map_or_else(String::new, |node| format!(" of {node}"));
        let within = self.graph.as_ref().map_or_else(String::new, |graph| format!(" in {}", graph.name));
        format!("{what}{of}{within}")
    }
}

/// Every value of a document by its place. Of two graphs of one name, or nodes of one id, the first counts.
pub fn items(source: &SourceDocument) -> BTreeMap<At, Value> {
    let tree = &source.tree;
    let mut items = BTreeMap::new();
    let lists = GraphKind::ALL.map(GraphKind::key);
    for entry in tree.entries(tree.root()).iter().filter(|entry| !lists.contains(&&*entry.key)) {
        items.insert(At { graph: None, node: None, key: vec![entry.key.to_string()] }, tree.value(entry.value));
    }
    for at in all_graphs(source) {
        let Ok(view) = GraphView::new(source, at) else { continue };
        let name = GraphName::new(at.kind, &view.graph.name.text);
        if name.find(source) == Some(at) {
            of_graph(&view, &name, &mut items);
        }
    }
    items
}

fn of_graph(view: &GraphView<'_>, name: &GraphName, items: &mut BTreeMap<At, Value>) {
    let tree = view.tree;
    let at = |node: Option<&Arc<str>>, key: Vec<String>| At { graph: Some(name.clone()), node: node.cloned(), key };
    for entry in tree.entries(view.json).iter().filter(|entry| !["nodes", "flow"].contains(&&*entry.key)) {
        if &*entry.key == EDITOR {
            items.extend(annotations::items(tree, entry.value).into_iter().map(|(key, value)| (at(None, key), value)));
            continue;
        }
        items.insert(at(None, vec![entry.key.to_string()]), tree.value(entry.value));
    }
    for node in &view.graph.nodes {
        let Some((first, json)) = view.find(&node.id.text) else { continue };
        if first.span != node.span {
            continue;
        }
        for entry in tree.entries(json) {
            if &*entry.key != "inputs" || tree.entries(entry.value).is_empty() {
                items.insert(at(Some(&node.id.text), vec![entry.key.to_string()]), tree.value(entry.value));
                continue;
            }
            for input in tree.entries(entry.value) {
                let key = vec![entry.key.to_string(), input.key.to_string()];
                items.insert(at(Some(&node.id.text), key), tree.value(input.value));
            }
        }
    }
    for edge in &view.graph.edges {
        let mut label = edge.label.as_ref().map_or_else(String::new, |label| label.text.to_string());
        // Two edges out of one exit are a mistake, and still two.
        while items.contains_key(&at(None, vec!["flow".into(), edge.from.text.to_string(), label.clone()])) {
            label.push('\u{0}');
        }
        items
            .insert(at(None, vec!["flow".into(), edge.from.text.to_string(), label]), Value::Str(edge.to.text.clone()));
    }
}

/// The value of a whole graph or node as it is written, of a place without a key.
pub fn whole(source: &SourceDocument, at: &At) -> Option<Value> {
    let graph = at.graph.as_ref()?.find(source)?;
    let view = GraphView::new(source, graph).ok()?;
    let json = match &at.node {
        Some(node) => view.find(node)?.1,
        None => view.json,
    };
    Some(source.tree.value(json))
}

/// Gives a place a value, or takes it away.
pub(crate) fn put(draft: &mut Draft<'_>, at: &At, value: Option<&Value>) -> Result<Aside, Refused> {
    let root = draft.tree().root();
    let Some(name) = &at.graph else {
        if let [key] = at.key.as_slice() {
            put_entry(draft, root, key, value);
        }
        return Ok(Aside::default());
    };
    let found = name.find(draft.source());
    match (found, at.node.as_ref(), at.key.as_slice()) {
        (None, None, []) => {
            if let Some(value) = value {
                draft.push(root, name.list, value.clone());
            }
        }
        (None, ..) => {
            let message = format!("there is no {} `{}` any more", name.kind().noun(), name.name);
            return Err(Refused::new(message, "bring it back first"));
        }
        (Some(graph), None, []) => {
            let list = draft.tree().get(root, name.list);
            let json = GraphView::new(draft.source(), graph)?.json;
            let index = list.and_then(|list| draft.tree().elements(list).iter().position(|element| *element == json));
            match (value, list.zip(index)) {
                (Some(value), _) => draft.set(json, value),
                (None, Some((list, index))) => draft.remove_element(list, index),
                (None, None) => {}
            }
        }
        (Some(graph), None, [flow, from, label]) if flow == "flow" => put_edge(draft, graph, from, label, value)?,
        (Some(graph), None, [editor, keys @ ..]) if editor == EDITOR => annotations::put(draft, graph, keys, value)?,
        (Some(graph), None, [key, ..]) => {
            let json = GraphView::new(draft.source(), graph)?.json;
            put_entry(draft, json, key, value);
        }
        (Some(graph), Some(node), keys) => put_node(draft, graph, node, keys, value)?,
    }
    Ok(Aside::default())
}

fn put_entry(draft: &mut Draft<'_>, object: statewright_types::json::NodeId, key: &str, value: Option<&Value>) {
    match value {
        Some(value) => draft.put(object, key, value),
        None => draft.remove(object, key),
    }
}

fn put_node(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    node: &Arc<str>,
    keys: &[String],
    value: Option<&Value>,
) -> Result<(), Refused> {
    let view = GraphView::new(draft.source(), graph)?;
    let (graph_json, found) = (view.json, view.find(node));
    let element = found.and_then(|(node, _)| view.element("nodes", node.span.start));
    let json = found.map(|(_, json)| json);
    match (json, keys, value) {
        (None, [], Some(value)) => draft.push(graph_json, "nodes", value.clone()),
        (Some(json), [], Some(value)) => draft.set(json, value),
        (Some(_), [], None) => {
            if let Some((list, index)) = element {
                draft.remove_element(list, index);
            }
        }
        (None, [], None) => {}
        (Some(json), [inputs, port], Some(value)) if inputs == "inputs" => {
            let is_new = draft.tree().get(json, "inputs").is_none();
            inputs::put(draft, json, std::slice::from_ref(port), value)?;
            if is_new {
                draft.stage()?;
            }
        }
        (Some(json), [inputs, port], None) if inputs == "inputs" => {
            inputs::take(draft, json, std::slice::from_ref(port))
        }
        (Some(json), [key, ..], value) => put_entry(draft, json, key, value),
        (None, [_, ..], _) => {
            return Err(Refused::new(format!("there is no node `{node}` any more"), "bring it back first"));
        }
    }
    Ok(())
}

fn put_edge(
    draft: &mut Draft<'_>,
    graph: GraphAt,
    from: &str,
    label: &str,
    value: Option<&Value>,
) -> Result<(), Refused> {
    let view = GraphView::new(draft.source(), graph)?;
    let skipped = label.matches('\u{0}').count();
    let label = label.trim_end_matches('\u{0}');
    let mut same = view
        .graph
        .edges
        .iter()
        .filter(|edge| &*edge.from.text == from && edge.label.as_ref().map_or("", |label| &label.text) == label);
    let found = same.nth(skipped).and_then(|edge| view.element("flow", edge.span.start));
    let (json, edge) = (view.json, found.and_then(|(list, index)| view.tree.elements(list).get(index).copied()));
    match (value, found, edge) {
        (Some(to), _, Some(edge)) => draft.put(edge, "to", to),
        (None, Some((list, index)), _) => draft.remove_element(list, index),
        (Some(to), ..) => {
            let mut entries = vec![("from", Value::str(from)), ("to", to.clone())];
            if !label.is_empty() {
                entries.push(("label", Value::str(label)));
            }
            draft.push(json, "flow", Value::map(entries));
        }
        (None, ..) => {}
    }
    Ok(())
}
