//! What other programs do to the files that are open: taken in where it goes together, else asked about.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_editor_core::open::file::{Choice, Clash, OnDisk, Outcome};
use statewright_editor_core::project::News;

use super::Job;
use crate::dialogs::Dialog;
use crate::dialogs::clash::Clashing;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::todo::Todo;

/// What was asked and told already, so that it is once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told(BTreeMap<DocumentId, Arc<str>>);

impl Told {
    /// Whether this is new of a document.
    fn is_new(&mut self, id: DocumentId, what: &str) -> bool {
        if self.0.get(&id).is_some_and(|told| **told == *what) {
            return false;
        }
        self.0.insert(id, what.into());
        true
    }
}

/// Looks at what changed on the disk: documents, what stands beside them, the folder.
pub fn look(editor: &mut Editor) {
    let ids: Vec<DocumentId> = editor.documents.keys().copied().collect();
    for id in ids {
        look_at(editor, id);
    }
    look_at_project(editor);
}

fn look_at(editor: &mut Editor, id: DocumentId) {
    let files = editor.host.files.clone();
    let Some(document) = editor.documents.get_mut(&id) else { return };
    let name = document.name();
    let was_there = matches!(document.open.look(&*files), Ok(OnDisk::Same | OnDisk::Changed(_)));
    let had_problem = document.schema.problem.is_some();
    document.look_beside(&editor.host);
    let schema = document.schema.problem.clone().filter(|_| !had_problem);
    match document.open.refresh(&*files) {
        Ok(Outcome::Done) if !was_there && editor.told.is_new(id, "gone") => {
            let message = format!("the file of {name} is gone");
            editor.notices.error(message, "the document is as it was: save it to write the file again");
        }
        Ok(Outcome::Done) => {}
        Ok(Outcome::Merged) => editor.notices.tell(format!("{name}: changes from the disk were taken in")),
        Ok(Outcome::Asks(clash)) => {
            if editor.told.is_new(id, &clash.theirs) {
                ask(editor, id, clash);
            }
        }
        Err(problem) => {
            let message = format!("{name} on the disk: {problem}");
            if editor.told.is_new(id, &message) {
                editor.notices.error(message, "the document is as it was: mend the file, or save over it");
            }
        }
    }
    if let Some(problem) = schema {
        let message = format!("the schema of {name} cannot be read: {problem}");
        editor
            .notices
            .error(message, "what it said last still holds: bring the file back, or choose another in Properties");
    }
}

/// Looks at the folder.
pub fn look_at_project(editor: &mut Editor) {
    let files = editor.host.files.clone();
    let Some(project) = &mut editor.project else { return };
    match project.look(&*files) {
        Ok(news) => {
            let changed = news.iter().any(|news| matches!(news, News::Changed(_) | News::Gone(_)));
            if changed {
                editor.panels.schema.look(&*files);
            }
        }
        Err(fault) => {
            editor.notices.error(fault.to_string(), "what was known of the folder is still shown; open it again");
        }
    }
}

/// Asks what is to become of a clash.
pub fn ask(editor: &mut Editor, id: DocumentId, clash: Clash) {
    editor.push(Todo::Dialog(Box::new(Dialog::Clash(Clashing { document: id, clash: Box::new(clash) }))));
}

/// Decides it.
pub fn settle(editor: &mut Editor, id: DocumentId, clash: &Clash, choice: Choice) {
    let Some(document) = editor.documents.get_mut(&id) else { return };
    if let Err(refused) = document.open.settle(clash, choice) {
        editor.notices.error(refused.message, refused.help);
    }
    super::recovery::restart(editor, id);
}

/// The work that decides a clash.
pub fn decided(id: DocumentId, clash: &Clash, choice: Choice) -> Todo {
    Todo::Files(Job::Settle(id, Box::new(clash.clone()), choice))
}
