//! Files: opening, saving, closing, settings.
//!
//! - [`disk`]: what changed underneath; [`recovery`]: what is kept of what is not saved; [`starters`]: new schemas and configurations

pub mod disk;
pub mod recovery;
pub mod starters;

use std::path::{Path, PathBuf};

use egui::{Ui, ViewportCommand};
use statewright_editor_core::open::Open;
use statewright_editor_core::open::file::{Choice, Clash, Outcome, Unreadable, read_text};
use statewright_editor_core::project::{Kind, Project};
use statewright_editor_core::settings::Settings;
use statewright_harness::project::Fault;

use crate::dialogs::{Ask, Dialog, files::Purpose, text::Foreign};
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::host::Host;
use crate::notices::Notices;
use crate::panels::{Panel, odds};
use crate::todo::Todo;

use starters::Starter;

/// Something to be done with files.
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    /// A document is written to its file.
    Save(DocumentId),
    /// It is written to another file.
    SaveAs(DocumentId, PathBuf),
    /// It is closed, and what is not saved of it is gone.
    Discard(DocumentId),
    /// They are written and, where that goes, closed.
    SaveAndClose(Vec<DocumentId>),
    /// A clash with the file is decided.
    Settle(DocumentId, Box<Clash>, Choice),
    /// One that was left unsaved is opened again, by its journal.
    Recover(PathBuf),
    /// It is given up.
    Forget(PathBuf),
    /// The schema or configuration that is being edited is written; the first asks if documents break.
    AskToSaveBeside,
    /// Likewise, without asking.
    SaveBeside,
    /// A clash of it with its file is decided: whether the file's text is taken.
    SettleBeside(Box<Clash>, bool),
    /// A schema or configuration is made, and opened.
    Make(Starter, PathBuf),
    /// The folder is not shown any more.
    CloseProject,
    /// The window closes, unless something is not saved.
    Quit,
}

/// Does it.
pub fn work(editor: &mut Editor, job: Job) {
    match job {
        Job::Save(id) => {
            save(editor, id);
        }
        Job::SaveAs(id, path) => save_as(editor, id, &path),
        Job::Make(starter, path) => starters::make(editor, starter, &path),
        Job::Discard(id) => close(editor, id),
        Job::SaveAndClose(ids) => {
            for id in ids {
                if save(editor, id) {
                    close(editor, id);
                }
            }
        }
        Job::Settle(id, clash, choice) => disk::settle(editor, id, &clash, choice),
        Job::Recover(journal) => recovery::recover_one(editor, &journal),
        Job::Forget(journal) => recovery::forget_one(editor, &journal),
        Job::AskToSaveBeside => crate::panels::schema::ask_to_save(editor),
        Job::SaveBeside => crate::panels::schema::save(editor),
        Job::SettleBeside(clash, takes_theirs) => crate::panels::schema::settle(editor, &clash, takes_theirs),
        Job::CloseProject => editor.project = None,
        Job::Quit => quit(editor),
    }
}

/// Reads the settings; what is wrong with them is told, and the rest holds.
pub fn load_settings(host: &Host, notices: &mut Notices) -> Settings {
    let Some(path) = &host.settings else { return Settings::default() };
    let Ok(bytes) = host.files.read(path, 1 << 20) else { return Settings::default() };
    let (settings, problems) = Settings::from_json(&String::from_utf8_lossy(&bytes));
    for problem in problems {
        notices.error(problem, format!("change it in Settings, or in {}", path.display()));
    }
    settings
}

/// Writes the settings.
pub fn save_settings(editor: &mut Editor) {
    let Some(path) = editor.host.settings.clone() else { return };
    let text = editor.settings.to_json();
    if let Err(fault) = statewright_harness::files::replace(&*editor.host.files, &path, text.as_bytes(), 0) {
        editor.notices.error(format!("the settings are not kept: {fault}"), "make room, or allow writing there");
    }
}

/// Opens a file or folder, each kind where it is worked on.
pub fn open(editor: &mut Editor, path: &Path) {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if editor.host.files.names(&path).is_ok() {
        open_folder(editor, &path);
        return;
    }
    let text = read_text(&*editor.host.files, &path).map(|(text, _)| text).unwrap_or_default();
    let kind = path.file_name().and_then(|name| Kind::of_text(&name.to_string_lossy(), &text));
    match kind {
        Some(Kind::Schema | Kind::Config) => {
            editor.settings.opened(&path);
            editor.panels.schema.open(&path);
            editor.push(Todo::Panel(Panel::Schema));
        }
        Some(Kind::Test) => {
            editor.push(Todo::Panel(Panel::Tests));
            show_text(editor, &path, Vec::new());
        }
        Some(Kind::Recording) => editor.push(Todo::Panel(Panel::Timeline)),
        // It is about the document that is open.
        Some(Kind::Script) if odds::choose(editor, &path) => editor.push(Todo::Panel(Panel::Odds)),
        Some(Kind::Script | Kind::Data) => show_text(editor, &path, Vec::new()),
        _ => open_document(editor, &path),
    }
    beside(editor, &path);
}

fn open_folder(editor: &mut Editor, path: &Path) {
    match Project::open(&*editor.host.files, path) {
        Ok(project) => {
            editor.settings.opened(path);
            editor.project = Some(project);
            editor.push(Todo::Panel(Panel::Project));
        }
        Err(fault) => editor.notices.error(fault.to_string(), "open a folder that is there and may be read"),
    }
}

/// Without a folder open, the files beside one that was opened are the project.
fn beside(editor: &mut Editor, path: &Path) {
    if editor.project.is_none()
        && let Some(folder) = path.parent()
    {
        editor.project = Some(Project::beside(&*editor.host.files, folder));
    }
}

fn open_document(editor: &mut Editor, path: &Path) {
    match editor.open_file(path) {
        Ok(_) => {}
        Err(Unreadable::Foreign { text, problems }) => {
            let file = path.to_owned();
            editor.push(Todo::Dialog(Box::new(Dialog::Foreign(Foreign::new(file, text, problems)))));
        }
        Err(problem) => unreadable(editor, path, &problem),
    }
}

/// Says why a file is not opened.
fn unreadable(editor: &mut Editor, path: &Path, problem: &Unreadable) {
    let help = match problem {
        Unreadable::File(Fault::TooLarge { .. }) => "split it, or raise nothing: larger documents are not edited",
        Unreadable::File(Fault::NotText { .. }) => "open a JSON file in UTF-8",
        Unreadable::File(_) => "see that it is there and may be read, and open it again",
        Unreadable::Foreign { .. } => "open it as text to see what is wrong",
    };
    editor.settings.recent.retain(|other| other != path);
    editor.notices.error(problem.to_string(), help);
}

/// Shows a file that is no document as text.
fn show_text(editor: &mut Editor, path: &Path, problems: Vec<statewright_types::Diagnostic>) {
    match read_text(&*editor.host.files, path) {
        Ok((text, _)) => {
            let file = path.to_owned();
            editor.push(Todo::Dialog(Box::new(Dialog::Foreign(Foreign::new(file, text, problems)))));
        }
        Err(fault) => unreadable(editor, path, &Unreadable::File(fault)),
    }
}

/// Files that were dropped on the window.
pub fn dropped(editor: &mut Editor, ui: &Ui) {
    let files = ui.input(|input| input.raw.dropped_files.clone());
    for path in files.iter().map(|file| file.path().to_owned()) {
        editor.push(Todo::Open(path));
    }
}

/// Asks for the file that the document of the active tab is written to.
pub fn ask_where(editor: &mut Editor) {
    let Some((document, _)) = editor.active() else { return };
    let (id, path) = (document.id, document.open.path().map(Path::to_owned));
    crate::dialogs::files::open(editor, Purpose::SaveAs(id), path.as_deref());
}

/// Writes a document to its file; whether it is there now.
pub fn save(editor: &mut Editor, id: DocumentId) -> bool {
    let files = editor.host.files.clone();
    let Some(document) = editor.documents.get_mut(&id) else { return false };
    if document.open.path().is_none() {
        crate::dialogs::files::open(editor, Purpose::SaveAs(id), None);
        return false;
    }
    match document.open.save(&*files) {
        Ok(Outcome::Done) => {
            recovery::restart(editor, id);
            true
        }
        Ok(Outcome::Merged) => {
            let name = document.name();
            editor.notices.tell(format!("{name} had changed on the disk: its changes were taken in, and it is saved"));
            recovery::restart(editor, id);
            true
        }
        Ok(Outcome::Asks(clash)) => {
            disk::ask(editor, id, clash);
            false
        }
        Err(problem) => {
            not_saved(editor, id, &problem);
            false
        }
    }
}

fn save_as(editor: &mut Editor, id: DocumentId, path: &Path) {
    let files = editor.host.files.clone();
    let Some(document) = editor.documents.get_mut(&id) else { return };
    match document.open.save_as(&*files, path) {
        Ok(()) => {
            document.look_beside(&editor.host);
            editor.settings.opened(path);
            recovery::restart(editor, id);
            disk::look_at_project(editor);
            beside(editor, path);
        }
        Err(problem) => not_saved(editor, id, &problem),
    }
}

fn not_saved(editor: &mut Editor, id: DocumentId, problem: &Unreadable) {
    let name = editor.documents.get(&id).map(crate::document::Document::name).unwrap_or_default();
    let help = match problem {
        Unreadable::File(Fault::Write { .. }) => {
            "nothing is lost: make room or allow writing there and save again, or use \"Save as\" for another place"
        }
        _ => "nothing is lost: use \"Save as\" for another place, and look at the file",
    };
    editor.notices.error(format!("{name} is not saved: {problem}"), help);
}

/// Writes every document that is not.
pub fn save_all(editor: &mut Editor) {
    let ids: Vec<DocumentId> = unsaved(editor);
    for id in ids {
        save(editor, id);
    }
    if editor.panels.schema.is_modified() {
        editor.push(Todo::Files(Job::AskToSaveBeside));
    }
}

/// Documents with something to save. An empty new one has nothing.
pub fn unsaved(editor: &Editor) -> Vec<DocumentId> {
    let is_empty_new = |open: &Open| open.path().is_none() && open.history().steps().is_empty();
    let unsaved =
        editor.documents.values().filter(|document| document.open.is_modified() && !is_empty_new(&document.open));
    unsaved.map(|document| document.id).collect()
}

/// Closes a tab; with the last one of a document the document, which asks where something is not saved.
pub fn close_tab(editor: &mut Editor, index: usize) {
    let Some(tab) = editor.tabs.get(index) else { return };
    let id = tab.document;
    if editor.tabs.iter().filter(|tab| tab.document == id).count() > 1 {
        editor.tabs.remove(index);
        if index < editor.active || editor.active >= editor.tabs.len() {
            editor.active = editor.active.saturating_sub(1);
        }
        return;
    }
    if !unsaved(editor).contains(&id) {
        close(editor, id);
        return;
    }
    let name = editor.documents.get(&id).map(crate::document::Document::name).unwrap_or_default();
    let ask = Ask {
        title: format!("Save {name}?"),
        text: "It has changes that are in no file.".to_owned(),
        answers: vec![
            ("Save".to_owned(), vec![Todo::Files(Job::SaveAndClose(vec![id]))]),
            ("Discard changes".to_owned(), vec![Todo::Files(Job::Discard(id))]),
            ("Cancel".to_owned(), Vec::new()),
        ],
    };
    editor.push(Todo::Dialog(Box::new(Dialog::Ask(ask))));
}

fn close(editor: &mut Editor, id: DocumentId) {
    if let Some(mut document) = editor.documents.remove(&id)
        && let Some(journal) = document.journal.take()
    {
        journal.end(&*editor.host.files);
    }
    let before = editor.tabs.iter().take(editor.active).filter(|tab| tab.document == id).count();
    editor.tabs.retain(|tab| tab.document != id);
    editor.overlays.retain(|(document, _), _| *document != id);
    editor.active = editor.active.saturating_sub(before).min(editor.tabs.len().saturating_sub(1));
}

/// The window is to be closed: it is not while something is unsaved and nobody was asked.
pub fn closing(editor: &mut Editor, ui: &Ui) {
    if !ui.input(|input| input.viewport().close_requested()) || editor.is_quitting {
        return;
    }
    let unsaved = unsaved(editor);
    let is_beside = editor.panels.schema.is_modified();
    if unsaved.is_empty() && !is_beside {
        return;
    }
    ui.ctx().send_viewport_cmd(ViewportCommand::CancelClose);
    let mut names: Vec<String> =
        unsaved.iter().filter_map(|id| editor.documents.get(id)).map(crate::document::Document::name).collect();
    let beside = editor.panels.schema.beside().filter(|_| is_beside).and_then(|beside| beside.path().file_name());
    names.extend(beside.map(|name| name.to_string_lossy().into_owned()));
    let discard = unsaved.iter().map(|id| Todo::Files(Job::Discard(*id))).chain([Todo::Files(Job::Quit)]);
    let ask = Ask {
        title: "Save before closing?".to_owned(),
        text: format!("Not saved: {}.", names.join(", ")),
        answers: vec![
            (
                "Save all".to_owned(),
                vec![
                    Todo::Files(Job::SaveBeside),
                    Todo::Files(Job::SaveAndClose(unsaved.clone())),
                    Todo::Files(Job::Quit),
                ],
            ),
            ("Discard changes".to_owned(), discard.collect()),
            ("Cancel".to_owned(), Vec::new()),
        ],
    };
    editor.push(Todo::Dialog(Box::new(Dialog::Ask(ask))));
}

fn quit(editor: &mut Editor) {
    // What could not be saved keeps the window open.
    if unsaved(editor).is_empty() {
        editor.is_quitting = true;
        editor.ctx().send_viewport_cmd(ViewportCommand::Close);
    }
}
