//! Files: opening, saving, what changed underneath, what is kept of what is not saved, settings.

use std::path::Path;

use egui::Ui;
use statewright_editor_core::settings::Settings;

use crate::editor::Editor;
use crate::host::Host;
use crate::notices::Notices;
use crate::todo::Todo;

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

/// Opens a file or folder.
pub fn open(editor: &mut Editor, path: &Path) {
    if let Err(problem) = editor.open_file(path) {
        editor.notices.error(format!("{}: {problem}", path.display()), "");
    }
}

/// Files that were dropped on the window.
pub fn dropped(editor: &mut Editor, ui: &Ui) {
    let files = ui.input(|input| input.raw.dropped_files.clone());
    for path in files.iter().map(|file| file.path().to_owned()) {
        editor.push(Todo::Open(path));
    }
}

/// Saves the document of the active tab.
pub fn save(editor: &mut Editor) {
    let files = editor.host.files.clone();
    let Some((document, _)) = editor.active_mut() else { return };
    if let Err(problem) = document.open.save(&*files) {
        editor.notices.error(problem.to_string(), "");
    }
}

/// Closes a tab.
pub fn close_tab(editor: &mut Editor, index: usize) {
    if index < editor.tabs.len() {
        editor.tabs.remove(index);
    }
}

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

/// Looks at what changed on the disk.
pub fn look_at_disk(editor: &mut Editor) {
    let _ = editor;
}

/// Offers what was left unsaved.
pub fn recover(editor: &mut Editor) {
    let _ = editor;
}
