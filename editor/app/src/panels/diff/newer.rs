//! The newer side of a comparison: the document of a tab, a file, or a version that git has, which gets a tab of its own.

use std::path::{Path, PathBuf};

use egui::Ui;
use statewright_editor_core::open::Open;
use statewright_graph::document::SourceDocument;

use super::git::{self, Revision};
use crate::act::files;
use crate::dialogs::files::Purpose;
use crate::document::{DocumentId, Version};
use crate::editor::Editor;
use crate::fields;
use crate::todo::Todo;

/// What becomes the newer side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Newer {
    /// A document that is open.
    Open(DocumentId),
    /// A file, which is opened.
    File(PathBuf),
    /// A version of the active document's file.
    Revision(String),
}

/// What the older version is compared with.
pub(super) fn choose(editor: &mut Editor, ui: &mut Ui, revisions: &[Revision]) {
    let Some((active, _)) = editor.active() else { return };
    let (active, name) = (active.id, active.name());
    let mut chosen = None;
    let shown = egui::ComboBox::from_id_salt("newer version").width(200.0).selected_text(name);
    let shown = shown.show_ui(ui, |ui| {
        for (id, document) in &editor.documents {
            if ui.selectable_label(*id == active, document.name()).clicked() {
                chosen = Some(Some(Newer::Open(*id)));
            }
        }
        if ui.selectable_label(false, "A file…").clicked() {
            chosen = Some(None);
        }
        for revision in revisions {
            if ui.selectable_label(false, format!("{}  {}", revision.hash, revision.title)).clicked() {
                chosen = Some(Some(Newer::Revision(revision.hash.clone())));
            }
        }
        if chosen.is_some() {
            // A screen reader's press closes nothing by itself.
            ui.close();
        }
    });
    fields::name(&shown.response, "Newer version");
    match chosen {
        Some(Some(newer)) => editor.push(Todo::Newer(newer)),
        Some(None) => crate::dialogs::files::open(editor, Purpose::Newer, None),
        None => {}
    }
}

/// Shows what was chosen, and compares it with what is compared now.
pub fn work(editor: &mut Editor, newer: &Newer) {
    let id = match newer {
        Newer::Open(id) => Some(*id),
        Newer::File(path) => {
            files::open(editor, path);
            editor.documents.values().find(|document| document.open.path() == Some(path)).map(|document| document.id)
        }
        Newer::Revision(hash) => version(editor, hash),
    };
    let Some(document) = id.and_then(|id| editor.documents.get(&id)) else { return };
    let id = document.id;
    let now = editor.tabs.get(editor.active).map(|tab| tab.name.clone());
    let same = now.and_then(|name| name.find(document.open.source()));
    let graph = same.or_else(|| document.graphs().next().map(|(at, _)| at));
    if let Some(at) = graph {
        editor.push(Todo::ShowGraph(id, at));
    }
    super::compare_again(editor, id);
}

/// A version of the active document's file, in a tab of its own; the one that it has already, if it has.
fn version(editor: &mut Editor, hash: &str) -> Option<DocumentId> {
    let (document, _) = editor.active()?;
    let (of, schema) = (document.file().map(Path::to_owned)?, document.schema.text.clone());
    let version = Version { of, hash: hash.to_owned() };
    let known = editor.documents.values().find(|document| document.version.as_ref() == Some(&version));
    if let Some(known) = known {
        return Some(known.id);
    }
    let read = git::show(&version.of, hash).and_then(|text| {
        SourceDocument::parse(&text).map_err(|problem| format!("{hash} is no document: {}", problem.message))
    });
    match read {
        Ok(source) => {
            let id = editor.add(Open::copy(source));
            if let Some(document) = editor.documents.get_mut(&id) {
                document.set_schema(&schema);
                document.version = Some(version);
            }
            Some(id)
        }
        Err(problem) => {
            editor.notices.error(problem, "choose another version");
            None
        }
    }
}
