//! Reading declarations from JSON.

use super::{DECLARATION, HostDeclarations, HostInput, HostNeed, HostNode, HostOutput, Replacement};
use crate::json::{Kind, NodeId, Tree, parse};
use crate::suggest;
use crate::{Diagnostic, TrapCode};

const KEYS: &[&str] =
    &["name", "category", "summary", "docs", "kind", "inputs", "outputs", "errors", "deprecated", "replaced_by"];
const INPUT_KEYS: &[&str] = &["name", "type", "docs", "optional", "default"];
const OUTPUT_KEYS: &[&str] = &["name", "type", "docs"];

/// Reads `{"nodes": [{"name", "category", "summary", "docs", "kind": "pure" or "executing", "inputs": [{"name", "type",
/// "docs", "optional", "default"}], "outputs": [{"name", "type", "docs"}], "errors": […], "deprecated", "replaced_by":
/// {"node", "ports": {old: new}}}]}`, and says what is wrong with it. Nodes with mistakes are left out.
pub fn read(text: &str) -> (HostDeclarations, Vec<Diagnostic>) {
    let mut declarations = HostDeclarations::default();
    let tree = match parse(text) {
        Ok(tree) => tree,
        Err(error) => return (declarations, vec![error]),
    };
    let mut reader = Reader { tree: &tree, diagnostics: Vec::new() };
    let root = tree.root();
    reader.keys(root, &["nodes"]);
    for &node in reader.list(root, "nodes", true) {
        let before = reader.diagnostics.len();
        let declared = reader.node(node);
        if reader.diagnostics.len() == before
            && let Err(diagnostic) = declarations.add_at(declared, tree.span(node))
        {
            reader.diagnostics.push(diagnostic);
        }
    }
    (declarations, reader.diagnostics)
}

struct Reader<'a> {
    tree: &'a Tree,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn error(&mut self, at: NodeId, message: String, help: String) {
        self.diagnostics.push(Diagnostic::error(DECLARATION, self.tree.span(at), message).help(help));
    }

    /// Reports keys that mean nothing here.
    fn keys(&mut self, object: NodeId, known: &[&'static str]) {
        if self.tree.kind(object) != Kind::Object {
            let message = format!("this must be an object, and it is {}", self.tree.kind(object).noun());
            return self.error(object, message, format!("its keys are {}", known.join(", ")));
        }
        for entry in self.tree.entries(object) {
            if !known.contains(&&*entry.key) {
                let help = suggest::help(&entry.key, known.iter().copied());
                let diagnostic = Diagnostic::error(
                    DECLARATION,
                    entry.key_span,
                    format!("the key `{}` means nothing here", entry.key),
                );
                self.diagnostics.push(diagnostic.help(help));
            }
        }
    }

    fn text(&mut self, object: NodeId, key: &str, required: bool) -> String {
        match self.tree.get(object, key) {
            Some(node) => match self.tree.str(node) {
                Some(text) => return text.to_string(),
                None => self.error(node, format!("`{key}` must be a string"), "write it in quotes".into()),
            },
            None if required => self.error(object, format!("this lacks `{key}`"), format!("add `\"{key}\": \"…\"`")),
            None => {}
        }
        String::new()
    }

    fn list(&mut self, object: NodeId, key: &str, required: bool) -> &'a [NodeId] {
        let tree = self.tree;
        match tree.get(object, key) {
            Some(node) if tree.kind(node) == Kind::Array => tree.elements(node),
            Some(node) => {
                self.error(node, format!("`{key}` must be an array"), "write `[…]`".into());
                &[]
            }
            None if required => {
                self.error(object, format!("this lacks `{key}`"), format!("add `\"{key}\": […]`"));
                &[]
            }
            None => &[],
        }
    }

    fn node(&mut self, node: NodeId) -> HostNode {
        self.keys(node, KEYS);
        let name = self.text(node, "name", true);
        let summary = self.text(node, "summary", false);
        let mut read = HostNode::pure(&name, &summary);
        let category = self.text(node, "category", false);
        if !category.is_empty() {
            read.category = category;
        }
        read.docs = self.text(node, "docs", false);
        read.executing = match (&*self.text(node, "kind", false), self.tree.get(node, "kind")) {
            ("executing", _) => true,
            ("pure", _) | (_, None) => false,
            (_, Some(at)) => {
                self.error(
                    at,
                    "`kind` must be `pure` or `executing`".into(),
                    "an executing node runs in the flow only".into(),
                );
                false
            }
        };
        for &port in self.list(node, "inputs", false) {
            let input = self.input(port);
            read.inputs.push(input);
        }
        for &port in self.list(node, "outputs", false) {
            self.keys(port, OUTPUT_KEYS);
            let [name, ty] = ["name", "type"].map(|key| self.text(port, key, true));
            read.outputs.push(HostOutput { name, ty, docs: self.text(port, "docs", false) });
        }
        for &error in self.list(node, "errors", false) {
            match self.tree.str(error).and_then(|code| TrapCode::by_code(code)) {
                Some(code) => read.errors.push(code),
                None => self.error(
                    error,
                    "this is no error's code".into(),
                    "such as `bad_argument`, `not_found`, `custom`".into(),
                ),
            }
        }
        read.deprecated = Some(self.text(node, "deprecated", false)).filter(|since| !since.is_empty());
        if let Some(at) = self.tree.get(node, "replaced_by") {
            read.replaced_by = Some(self.replacement(at));
        }
        read
    }

    fn input(&mut self, port: NodeId) -> HostInput {
        self.keys(port, INPUT_KEYS);
        let [name, ty] = ["name", "type"].map(|key| self.text(port, key, true));
        let docs = self.text(port, "docs", false);
        let optional = self.tree.get(port, "optional").map(|node| (node, self.tree.kind(node)));
        let need = match (self.tree.get(port, "default"), optional) {
            (Some(default), _) => HostNeed::Default(self.tree.text(default).to_owned()),
            (None, Some((_, Kind::Bool(true)))) => HostNeed::Optional,
            (None, None | Some((_, Kind::Bool(false)))) => HostNeed::Required,
            (None, Some((at, _))) => {
                self.error(
                    at,
                    "`optional` must be true or false".into(),
                    "leave it away if the input must be given".into(),
                );
                HostNeed::Required
            }
        };
        HostInput { name, ty, need, docs }
    }

    fn replacement(&mut self, at: NodeId) -> Replacement {
        self.keys(at, &["node", "ports"]);
        let node = self.text(at, "node", true);
        let mut ports = Vec::new();
        if let Some(renamed) = self.tree.get(at, "ports") {
            for entry in self.tree.entries(renamed) {
                match self.tree.str(entry.value) {
                    Some(new) => ports.push((entry.key.to_string(), new.to_string())),
                    None => self.error(
                        entry.value,
                        "a port's new name must be a string".into(),
                        "write it in quotes".into(),
                    ),
                }
            }
        }
        Replacement { node, ports }
    }
}
