//! Breakpoints, watches and what handlers are run with: of each document that is open, kept in the settings.

use std::collections::HashMap;
use std::sync::Arc;

use statewright_editor_core::run::breakpoints::{Breakpoint, Kept, Names, Spot};

use crate::canvas::overlay;
use crate::document::{Document, DocumentId};
use crate::editor::Editor;

/// What is kept, by document.
#[derive(Debug, Default)]
pub struct Books {
    by_document: HashMap<DocumentId, Kept>,
    /// The names in each document, at a revision of it.
    names: HashMap<DocumentId, (u64, Names)>,
    /// Whether overlays and settings say something else.
    is_new: bool,
}

impl Books {
    /// What is kept of a document.
    pub fn of(&self, document: DocumentId) -> Option<&Kept> {
        self.by_document.get(&document)
    }

    /// The same, without breakpoints at nodes that are not there now.
    pub fn there(&self, document: DocumentId) -> Option<Kept> {
        let kept = self.of(document)?;
        Some(self.names.get(&document).map_or_else(|| kept.clone(), |(_, names)| kept.at_nodes(names)))
    }

    /// Follows what was renamed in a document.
    fn look(&mut self, document: &Document) {
        let revision = document.open.revision();
        if self.names.get(&document.id).is_some_and(|(known, _)| *known == revision) {
            return;
        }
        let names = Names::of(&document.open.source().document);
        let before = self.names.insert(document.id, (revision, names));
        if let (Some(kept), Some((_, before)), Some((_, after))) =
            (self.by_document.get_mut(&document.id), before, self.names.get(&document.id))
            && !kept.breakpoints.is_empty()
            && before != *after
        {
            kept.follow(&before, after);
            self.is_new = true;
        }
    }

    /// The same, to change it.
    pub fn change(&mut self, document: DocumentId) -> &mut Kept {
        self.is_new = true;
        self.by_document.entry(document).or_default()
    }
}

/// Reads what was kept of documents that were opened, forgets those that were closed, and keeps what changed.
pub fn follow(editor: &mut Editor) {
    let books = &mut editor.panels.run.kept;
    for (id, document) in &editor.documents {
        if !books.by_document.contains_key(id) {
            let known = document.open.path().and_then(|path| editor.settings.runs.get(&*path.to_string_lossy()));
            books.by_document.insert(*id, known.map_or_else(Kept::default, Kept::from_value));
            books.is_new = true;
        }
    }
    books.by_document.retain(|id, _| editor.documents.contains_key(id));
    books.names.retain(|id, _| editor.documents.contains_key(id));
    editor.documents.values().for_each(|document| books.look(document));
    if !std::mem::take(&mut books.is_new) {
        return;
    }
    for id in books.by_document.keys() {
        let (Some(document), Some(kept)) = (editor.documents.get(id), books.there(*id)) else { continue };
        if let Some(path) = document.open.path() {
            editor.settings.keep_run(path, (!kept.is_empty()).then(|| kept.to_value()));
        }
        for (at, graph) in document.graphs() {
            let Some(name) = document.graph_name(at) else { continue };
            let here = kept.breakpoints.iter().filter(|((of, _), _)| *of == graph.name.text);
            let shown = |(spot, breakpoint): (&Spot, &Breakpoint)| {
                let Breakpoint { is_enabled, condition } = breakpoint.clone();
                (spot.1.clone(), overlay::Breakpoint { is_enabled, condition })
            };
            editor.overlays.entry((*id, name)).or_default().breakpoints = here.map(shown).collect();
        }
    }
    if let Some(session) = &mut editor.panels.run.session
        && let Some(kept) = books.by_document.get(&session.document)
    {
        // What runs may have other names than the document has by now.
        session.live.stop_at(kept.at_nodes(&session.names).enabled());
        session.live.watch(&kept.watches);
    }
}

/// Sets a breakpoint, or takes it away.
pub fn toggle(editor: &mut Editor, document: DocumentId, graph: &Arc<str>, node: &Arc<str>) {
    let breakpoints = &mut editor.panels.run.kept.change(document).breakpoints;
    let spot = (graph.clone(), node.clone());
    if breakpoints.remove(&spot).is_none() {
        breakpoints.insert(spot, Breakpoint::default());
    }
}
