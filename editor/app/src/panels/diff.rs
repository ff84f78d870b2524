//! Compare.

use egui::Ui;

use crate::editor::Editor;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let _ = (editor, ui);
}
/// Begins.
pub fn begin(editor: &mut Editor) {
    let _ = editor;
}
/// With a file.
pub fn with_file(editor: &mut Editor, path: &std::path::Path) {
    let _ = (editor, path);
}
/// Merges.
pub fn merge(editor: &mut Editor, id: crate::document::DocumentId, clash: &statewright_editor_core::open::file::Clash) {
    let _ = (editor, id, clash);
}
