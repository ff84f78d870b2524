//! Handlers, functions, filters, effects, and what they are made of.

use std::collections::BTreeSet;

use statewright_types::Diagnostic;
use statewright_types::hashing::HashSet;
use statewright_types::json::{Kind, NodeId, quote};

use super::{Loader, nameless};
use crate::document::codes;
use crate::document::model::{Edge, Graph, GraphKind, Name, Node, Output, Parameter, Permissions};
use crate::document::reference::is_spaced;

/// Why a text cannot be the id of a node, and what to do; `None` if it can.
pub(in crate::document) fn id_problem(id: &str) -> Option<(String, &'static str)> {
    if matches!(id, "start" | "end") || id.starts_with("end_") {
        let message = format!("{} cannot be a node's id: `start`, `end` and `end_…` are places of the flow", quote(id));
        return Some((message, "rename the node"));
    }
    if id.bytes().any(|byte| matches!(byte, b':' | b'[' | b']' | b'"')) || is_spaced(id) || id.is_empty() {
        let message = format!("{} cannot be a node's id: no reference could name it", quote(id));
        return Some((message, "use letters, digits and `_`"));
    }
    None
}

impl Loader<'_> {
    pub(super) fn graph(&mut self, object: NodeId, kind: GraphKind) -> Graph {
        let noun = kind.noun();
        let owner = format!("a {noun}");
        let name = self.called(object, "name", &owner, &format!("give the {noun} a name"));
        let name = name.unwrap_or_else(|| nameless(self.tree, object));
        if !name.text.is_empty() {
            self.place.handler = Some(name.text.clone());
        }
        let is_handler = kind == GraphKind::Handler;
        let event =
            is_handler.then(|| self.called(object, "event", &owner, "name the event that it handles")).flatten();
        let graph = Graph {
            kind,
            event,
            description: self.text(object, "description"),
            permissions: is_handler.then(|| self.permissions(object)).flatten(),
            parameters: self.parameters(object),
            return_type: (kind == GraphKind::Function).then(|| self.text(object, "returnType")).flatten(),
            nodes: self.nodes(object),
            edges: self.edges(object),
            span: self.tree.span(object),
            name,
        };
        self.place.handler = None;
        graph
    }

    fn permissions(&mut self, object: NodeId) -> Option<Permissions> {
        let node = self.optional(object, "permissions")?;
        if self.tree.kind(node) != Kind::Object {
            self.wrong_shape(node, "`permissions`", "an object with `hostOnly`, `playerParam` or `allowedPlayers`");
            return None;
        }
        Some(Permissions {
            host_only: self.flag(node, "hostOnly"),
            player_param: self.text(node, "playerParam"),
            allowed_players: self.strings(node, "allowedPlayers"),
            span: self.tree.span(node),
        })
    }

    fn parameters(&mut self, object: NodeId) -> Vec<Parameter> {
        let mut names = BTreeSet::new();
        let mut parameters = Vec::new();
        for node in self.objects(object, "parameters") {
            let name = self.called(node, "name", "a parameter", "name the parameter");
            let ty = self.required(
                node,
                "type",
                "a parameter",
                "give its type, such as `int`, `string` or a struct of the schema",
            );
            let Some(name) = name else { continue };
            if &*name.text == "senderID" {
                self.report(
                    Diagnostic::error(codes::RESERVED, name.span, "no parameter may be called `senderID`").help(
                        "every handler has `param:senderID`, who sent the event; remove or rename this parameter",
                    ),
                );
                continue;
            }
            if !names.insert(name.text.clone()) {
                self.duplicate(&name, "a parameter");
                continue;
            }
            let ty = ty.unwrap_or_else(|| nameless(self.tree, node));
            parameters.push(Parameter { name, ty });
        }
        parameters
    }

    fn nodes(&mut self, object: NodeId) -> Vec<Node> {
        let objects = self.objects(object, "nodes");
        let mut ids = HashSet::with_capacity_and_hasher(objects.len(), Default::default());
        let mut nodes = Vec::with_capacity(objects.len());
        for node in objects {
            let Some(id) = self.called(node, "id", "a node", "give the node an id, unique in its graph") else {
                continue;
            };
            self.place.node = Some(id.text.clone());
            if let Some((message, help)) = id_problem(&id.text) {
                self.report(Diagnostic::error(codes::RESERVED, id.span, message).help(help));
            }
            if !ids.insert(id.text.clone()) {
                self.duplicate(&id, "a node");
            }
            nodes.push(self.node(node, id));
            self.place.node = None;
        }
        nodes
    }

    fn node(&mut self, object: NodeId, id: Name) -> Node {
        let ty = self.required(object, "type", "a node", "name its type, such as `SetField`");
        let entries = self.entries(object, "inputs");
        let mut inputs = Vec::with_capacity(entries.len());
        for entry in entries {
            self.port = Some(&entry.key);
            inputs.push((self.key_name(entry), self.input(entry.value)));
            self.port = None;
        }
        let entries = self.entries(object, "outputs");
        let mut outputs = Vec::with_capacity(entries.len());
        for entry in entries {
            self.port = Some(&entry.key);
            if self.tree.kind(entry.value) != Kind::Null
                && let Some(alias) = self.string(entry.value, "an output's alias")
            {
                outputs.push(Output { port: self.key_name(entry), alias });
            }
            self.port = None;
        }
        Node {
            id,
            ty: ty.unwrap_or_else(|| nameless(self.tree, object)),
            inputs,
            outputs,
            position: self.position(object),
            comment: self.metadata_text(object, "_comment"),
            group: self.metadata_text(object, "_group"),
            span: self.tree.span(object),
        }
    }

    fn position(&mut self, object: NodeId) -> Option<(f64, f64)> {
        let node = self.optional(object, "_position")?;
        let coordinate = |key| self.tree.number(self.tree.get(node, key)?)?.parse::<f64>().ok();
        match (coordinate("x"), coordinate("y")) {
            (Some(x), Some(y)) => Some((x, y)),
            _ => {
                self.wrong_metadata(node, "_position", "an object with the numbers `x` and `y`");
                None
            }
        }
    }

    fn metadata_text(&mut self, object: NodeId, key: &str) -> Option<Name> {
        let node = self.optional(object, key)?;
        match self.tree.str(node) {
            Some(text) => Some(Name { text: text.clone(), span: self.tree.span(node) }),
            None => {
                self.wrong_metadata(node, key, "a string");
                None
            }
        }
    }

    fn edges(&mut self, object: NodeId) -> Vec<Edge> {
        let objects = self.objects(object, "flow");
        let mut edges = Vec::with_capacity(objects.len());
        for node in objects {
            let from = self.required(node, "from", "an edge", "name the node it comes from, or `start`");
            let to = self.required(node, "to", "an edge", "name the node it leads to, or `end`");
            let label = self.label(node);
            for entry in self.entries(node, "metadata") {
                if self.tree.kind(entry.value) != Kind::Null {
                    self.string(entry.value, "an entry of an edge's `metadata`");
                }
            }
            if let (Some(from), Some(to)) = (from, to) {
                edges.push(Edge { from, to, label, span: self.tree.span(node) });
            }
        }
        edges
    }

    /// `label` or its synonym `condition`; both may be given if they say the same.
    fn label(&mut self, object: NodeId) -> Option<Name> {
        let label = self.text(object, "label");
        let condition = self.text(object, "condition");
        if let (Some(label), Some(condition)) = (&label, &condition)
            && label.text != condition.text
        {
            let message =
                format!("an edge has the label {} and the condition {}", quote(&label.text), quote(&condition.text));
            self.report(
                Diagnostic::error(codes::LABELS, condition.span, message)
                    .help("`condition` is another spelling of `label`; remove one of the two"),
            );
        }
        label.or(condition)
    }
}
