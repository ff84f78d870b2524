//! JSON to the model. Every wrong shape is a diagnostic, and loading goes on without what is wrong. Keys that the
//! format does not have are left alone.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_types::interner::Interner;
use statewright_types::json::{Entry, Kind, NodeId, Tree, quote};
use statewright_types::{Diagnostic, Help, Place, Span};

use super::codes;
use super::model::{Document, Graph, GraphKind, Name};

mod graph;
mod input;
#[cfg(test)]
mod tests;

pub(super) use graph::id_problem;

/// Builds the model of a document, and says what is wrong with its shape (codes `E010`…`E018`, `W010`). A document
/// of another format gives an empty model.
pub fn load(tree: &Tree) -> (Document, Vec<Diagnostic>) {
    let mut loader =
        Loader { tree, diagnostics: Vec::new(), place: Place::default(), port: None, names: RefCell::default() };
    let document = loader.document();
    (document, loader.diagnostics)
}

struct Loader<'a> {
    tree: &'a Tree,
    diagnostics: Vec<Diagnostic>,
    /// Where loading is, and at which port; goes into every diagnostic.
    place: Place,
    port: Option<&'a Arc<str>>,
    /// Parts of the tree's texts that are none of its texts themselves.
    names: RefCell<Interner>,
}

impl<'a> Loader<'a> {
    fn document(&mut self) -> Document {
        let tree = self.tree;
        let root = tree.root();
        if self.other_format(root) {
            return Document::default();
        }
        if tree.kind(root) != Kind::Object {
            self.wrong_shape(root, "a document", "an object with `handlers`, `functions`, `filters` or `effects`");
            return Document::default();
        }
        self.version(root);
        self.strings(root, "imports");
        Document {
            package: self.text(root, "package"),
            schema_path: self.text(root, "schemaPath"),
            state_type: self.text(root, "stateType"),
            config: self.text(root, "config"),
            handlers: self.graphs(root, GraphKind::Handler),
            functions: self.graphs(root, GraphKind::Function),
            filters: self.graphs(root, GraphKind::Filter),
            effects: self.graphs(root, GraphKind::Effect),
        }
    }

    /// Recognises the rule format: a set of rules or of its filters, one rule, or an array of them. Whatever has handlers
    /// is none.
    fn other_format(&mut self, root: NodeId) -> bool {
        let tree = self.tree;
        let is_list = |node| matches!(tree.kind(node), Kind::Array | Kind::Object);
        let is_rule = |node| {
            let parts = ["effects", "views", "selector"];
            let whole = parts.iter().any(|part| tree.get(node, part).is_some_and(is_list));
            let typed = tree.get(node, "trigger").is_some_and(|trigger| tree.get(trigger, "type").is_some());
            tree.get(node, "nodes").is_none() && tree.get(node, "trigger").is_some() && (whole || typed)
        };
        let is_rule_filter = |node| tree.get(node, "operations").is_some() && tree.get(node, "nodes").is_none();
        let all = |list: NodeId, is: &dyn Fn(NodeId) -> bool| {
            !tree.elements(list).is_empty() && tree.elements(list).iter().all(|&element| is(element))
        };
        let keys = || {
            let rules = tree.entry(root, "rules").filter(|entry| is_list(entry.value));
            rules.or_else(|| tree.entry(root, "filters").filter(|entry| all(entry.value, &is_rule_filter)))
        };
        let found = if tree.get(root, "handlers").is_some() { None } else { keys() };
        let (span, count) = match found {
            Some(entry) => (entry.key_span, tree.elements(entry.value).len().max(tree.entries(entry.value).len())),
            None if is_rule(root) || all(root, &is_rule) => {
                let span = tree.span(root);
                (Span { start: span.start, end: span.start + 1 }, tree.elements(root).len().max(1))
            }
            None => return false,
        };
        let (noun, with) = match found.map(|entry| &*entry.key) {
            Some("filters") => ("filter", "operations"),
            _ => ("rule", "trigger, views and effects"),
        };
        let plural = if count == 1 { "" } else { "s" };
        let message = format!(
            "this file is in the rule format of the original tool's later versions ({count} {noun}{plural} with {with}), which is \
             another one than node graphs"
        );
        self.report(Diagnostic::error(codes::OTHER_FORMAT, span, message).help(
            "it cannot be read; draw each rule as a handler: the trigger becomes the handler's `event` (`Tick` for OnTick and Timer), \
             views and effects become `nodes` and `flow`. The versions of that tool that drew node graphs wrote files that load as they are",
        ));
        true
    }

    fn version(&mut self, root: NodeId) {
        let Some(version) = self.text(root, "version") else { return };
        if &*version.text != "1.0" {
            let message = format!("version {} is not supported", quote(&version.text));
            self.report(
                Diagnostic::error(codes::VERSION, version.span, message)
                    .help("this program reads version \"1.0\"; a newer document needs a newer program"),
            );
        }
    }

    fn graphs(&mut self, root: NodeId, kind: GraphKind) -> Vec<Graph> {
        let mut names = BTreeSet::new();
        let mut graphs = Vec::new();
        for node in self.objects(root, kind.key()) {
            let graph = self.graph(node, kind);
            if !graph.name.text.is_empty() && !names.insert(graph.name.text.clone()) {
                self.place.handler = Some(graph.name.text.clone());
                self.duplicate(&graph.name, &format!("a {}", kind.noun()));
            }
            self.place.handler = None;
            graphs.push(graph);
        }
        graphs
    }
}

/// Diagnostics.
impl Loader<'_> {
    fn report(&mut self, mut diagnostic: Diagnostic) {
        diagnostic.place = Place { port: self.port.cloned(), ..self.place.clone() };
        self.diagnostics.push(diagnostic);
    }

    /// `what` at `node` should be `wanted`.
    fn wrong_shape(&mut self, node: NodeId, what: &str, wanted: &str) {
        let found = self.tree.kind(node).noun();
        self.report(
            Diagnostic::error(codes::SHAPE, self.tree.span(node), format!("{what} is {found}"))
                .help(format!("it must be {wanted}")),
        );
    }

    /// As [`Self::wrong_shape`] for what only editors read: it does not stop the document from running.
    fn wrong_metadata(&mut self, node: NodeId, key: &str, wanted: &str) {
        let found = self.tree.kind(node).noun();
        let message = format!("`{key}` is {found} and is ignored");
        let diagnostic = Diagnostic::warning(codes::METADATA, self.tree.span(node), message);
        self.report(diagnostic.help(format!("it should be {wanted}")));
    }

    /// Points at the opening brace only: the object may be long.
    fn missing(&mut self, object: NodeId, message: impl Into<String>, help: impl Into<Help>) {
        let span = nameless(self.tree, object).span;
        self.report(Diagnostic::error(codes::MISSING, span, message).help(help));
    }

    fn duplicate(&mut self, name: &Name, what: &str) {
        let message = format!("{what} called {} exists already", quote(&name.text));
        self.report(Diagnostic::error(codes::DUPLICATE, name.span, message).help("rename one of the two"));
    }
}

/// Keys. `null` is the same as an absent key.
impl<'a> Loader<'a> {
    fn entry(&self, object: NodeId, key: &str) -> Option<&'a Entry> {
        self.tree.entry(object, key).filter(|entry| self.tree.kind(entry.value) != Kind::Null)
    }

    fn optional(&self, object: NodeId, key: &str) -> Option<NodeId> {
        self.entry(object, key).map(|entry| entry.value)
    }

    /// A string that may be absent; `""` is absent too.
    fn text(&mut self, object: NodeId, key: &str) -> Option<Name> {
        let node = self.optional(object, key)?;
        match self.tree.str(node) {
            Some(text) if text.is_empty() => None,
            Some(text) => Some(Name { text: text.clone(), span: self.tree.span(node) }),
            None => {
                self.wrong_shape(node, &format!("`{key}`"), "a string");
                None
            }
        }
    }

    /// A string that must be there and have a character.
    fn required(&mut self, object: NodeId, key: &str, owner: &str, help: &str) -> Option<Name> {
        let before = self.diagnostics.len();
        let name = self.text(object, key);
        if name.is_none() && self.diagnostics.len() == before {
            self.missing(object, format!("{owner} has no `{key}`"), help);
        }
        name
    }

    /// As [`Self::required`], of what is called so: names are shown in messages, listings and emitted source, each on one line.
    fn called(&mut self, object: NodeId, key: &str, owner: &str, help: &str) -> Option<Name> {
        let name = self.required(object, key, owner, help)?;
        let breaks = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
        if let Some(character) = name.text.chars().find(|character| breaks(*character)) {
            let message = format!(
                "{owner}'s `{key}` {} has the control character U+{:04X}",
                quote(&name.text),
                u32::from(character)
            );
            let help = "take it out: names are one line of characters that can be seen";
            self.report(Diagnostic::error(codes::UNPRINTABLE, name.span, message).help(help));
        }
        Some(name)
    }

    fn string(&mut self, node: NodeId, what: &str) -> Option<Name> {
        match self.tree.str(node) {
            Some(text) => Some(Name { text: text.clone(), span: self.tree.span(node) }),
            None => {
                self.wrong_shape(node, what, "a string");
                None
            }
        }
    }

    fn key_name(&self, entry: &Entry) -> Name {
        Name { text: entry.key.clone(), span: entry.key_span }
    }

    /// The elements of an array that may be absent.
    fn elements(&mut self, object: NodeId, key: &str) -> Option<&'a [NodeId]> {
        let tree = self.tree;
        let node = self.optional(object, key)?;
        if tree.kind(node) == Kind::Array {
            return Some(tree.elements(node));
        }
        self.wrong_shape(node, &format!("`{key}`"), "an array");
        None
    }

    /// The objects of an array; what is no object is reported and left out.
    fn objects(&mut self, object: NodeId, key: &str) -> Vec<NodeId> {
        let tree = self.tree;
        let mut objects = Vec::new();
        for &element in self.elements(object, key).unwrap_or(&[]) {
            if tree.kind(element) == Kind::Object {
                objects.push(element);
            } else {
                self.wrong_shape(element, &format!("an element of `{key}`"), "an object");
            }
        }
        objects
    }

    /// The strings of an array that may be absent.
    fn strings(&mut self, object: NodeId, key: &str) -> Option<Vec<Name>> {
        let elements = self.elements(object, key)?;
        let what = format!("an element of `{key}`");
        Some(elements.iter().filter_map(|&element| self.string(element, &what)).collect())
    }

    /// The entries of an object that may be absent.
    fn entries(&mut self, object: NodeId, key: &str) -> &'a [Entry] {
        let tree = self.tree;
        let Some(node) = self.optional(object, key) else { return &[] };
        if tree.kind(node) != Kind::Object {
            self.wrong_shape(node, &format!("`{key}`"), "an object");
        }
        tree.entries(node)
    }

    fn flag(&mut self, object: NodeId, key: &str) -> bool {
        match self.optional(object, key).map(|node| (node, self.tree.kind(node))) {
            None => false,
            Some((_, Kind::Bool(value))) => value,
            Some((node, _)) => {
                self.wrong_shape(node, &format!("`{key}`"), "true or false");
                false
            }
        }
    }
}

/// An empty name at the start of `object`, where a required one is missing.
fn nameless(tree: &Tree, object: NodeId) -> Name {
    let start = tree.span(object).start;
    Name { text: Arc::from(""), span: Span { start, end: start + 1 } }
}
