//! What is wrong with a document, by where it is.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_types::diagnostic::Fix;
use statewright_types::{Diagnostic, Severity};

/// What is wrong with the texts of one revision of a document.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The revision.
    pub revision: u64,
    /// Of the document, in its order; spans and fixes are of the text of that revision.
    pub document: Vec<Diagnostic>,
    /// Of its schema.
    pub schema: Vec<Diagnostic>,
    /// Of its configuration.
    pub config: Vec<Diagnostic>,
    by_node: HashMap<(Arc<str>, Arc<str>), Vec<usize>>,
}

impl Findings {
    /// Diagnostics with an index by graph and node.
    pub fn new(revision: u64, document: Vec<Diagnostic>, schema: Vec<Diagnostic>, config: Vec<Diagnostic>) -> Findings {
        let mut by_node: HashMap<(Arc<str>, Arc<str>), Vec<usize>> = HashMap::new();
        for (index, diagnostic) in document.iter().enumerate() {
            if let (Some(graph), Some(node)) = (&diagnostic.place.handler, &diagnostic.place.node) {
                by_node.entry((graph.clone(), node.clone())).or_default().push(index);
            }
        }
        Findings { revision, document, schema, config, by_node }
    }

    /// What is wrong with a node of a graph, in document order.
    pub fn at(&self, graph: &Arc<str>, node: &Arc<str>) -> impl Iterator<Item = &Diagnostic> {
        let found = self.by_node.get(&(graph.clone(), node.clone()));
        found.into_iter().flatten().filter_map(|index| self.document.get(*index))
    }

    /// The nodes of a graph that something is wrong with.
    pub fn nodes(&self, graph: &Arc<str>) -> impl Iterator<Item = &Arc<str>> {
        self.by_node.keys().filter(move |(other, _)| other == graph).map(|(_, node)| node)
    }

    /// Everything, the document's first.
    pub fn all(&self) -> impl Iterator<Item = &Diagnostic> {
        self.document.iter().chain(&self.schema).chain(&self.config)
    }

    /// Numbers of errors and warnings.
    pub fn count(&self) -> (usize, usize) {
        let errors = self.all().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        (errors, self.all().count() - errors)
    }

    /// Fixes of the document that can be made at once.
    pub fn fixes(&self) -> Vec<Fix> {
        let mut taken: Vec<Fix> = Vec::new();
        for diagnostic in self.document.iter().filter(|diagnostic| !diagnostic.fix.is_empty()) {
            let is_apart = |fix: &Fix| {
                taken.iter().all(|other| fix.span.end < other.span.start || other.span.end < fix.span.start)
            };
            if diagnostic.fix.iter().all(is_apart) {
                taken.extend(diagnostic.fix.iter().cloned());
            }
        }
        taken
    }
}
