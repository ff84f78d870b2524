//! What is kept of what is not saved, and what a program that ended without saving left.

use std::path::Path;

use statewright_editor_core::open::recovery::{forget, recoverable};

use crate::dialogs::Dialog;
use crate::dialogs::recover::Left;
use crate::document::DocumentId;
use crate::editor::Editor;

/// Keeps what is not saved.
pub fn keep(editor: &mut Editor) {
    for document in editor.documents.values_mut() {
        if let Some(journal) = &mut document.journal
            && let Err(fault) = journal.keep(&*editor.host.files, &mut document.open)
        {
            editor.notices.error(format!("what is not saved is not kept: {fault}"), "save, or make room on the disk");
        }
    }
}

/// A document's journal begins anew: it was saved.
pub fn restart(editor: &mut Editor, id: DocumentId) {
    let Some(document) = editor.documents.get_mut(&id) else { return };
    if let Some(journal) = &mut document.journal
        && let Err(fault) = journal.restart(&*editor.host.files, &mut document.open)
    {
        editor.notices.error(format!("what is not saved is not kept: {fault}"), "save often, or make room on the disk");
    }
}

/// Offers what was left unsaved.
pub fn recover(editor: &mut Editor) {
    let Some(folder) = editor.host.recovery.clone() else { return };
    let files = editor.host.files.clone();
    let mut left = Vec::new();
    for found in recoverable(&*files, &folder) {
        if found.open.is_modified() && !found.open.history().steps().is_empty() {
            left.push(Left::of(&found));
        } else {
            // It says what its file says: there is nothing to decide.
            forget(&*files, &found.journal);
        }
    }
    if !left.is_empty() {
        editor.dialog = Some(Dialog::Recover(left));
    }
}

/// Opens one of them.
pub fn recover_one(editor: &mut Editor, journal: &Path) {
    let Some(folder) = editor.host.recovery.clone() else { return };
    let files = editor.host.files.clone();
    let found = recoverable(&*files, &folder).into_iter().find(|found| found.journal == journal);
    let Some(found) = found else {
        editor.notices.error("what was not saved cannot be read any more", "look into the folder of recovery files");
        return;
    };
    // One of the same file that is open without changes gives way.
    let same = editor.documents.values().find(|other| {
        other.open.path().is_some() && other.open.path() == found.open.path() && !other.open.is_modified()
    });
    if let Some(id) = same.map(|document| document.id) {
        super::work(editor, super::Job::Discard(id));
    }
    let id = editor.add(found.open);
    // Its new journal has all of it: only then the old one goes.
    if editor.documents.get(&id).is_some_and(|document| document.journal.is_some()) {
        forget(&*files, journal);
    }
}

/// Gives one up.
pub fn forget_one(editor: &mut Editor, journal: &Path) {
    forget(&*editor.host.files, journal);
}
