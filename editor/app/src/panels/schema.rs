//! Schema.

use egui::Ui;

use crate::editor::Editor;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let _ = (editor, ui);
}

impl State {
    /// Opens a file.
    pub fn open(&mut self, path: &std::path::Path) {
        let _ = path;
    }
    /// Looks at the disk.
    pub fn look(&mut self, files: &dyn statewright_harness::files::Files) {
        let _ = files;
    }
}
/// Renames a field.
pub fn rename_field(editor: &mut Editor, id: crate::document::DocumentId, ty: &str, old: &str, new: &str) {
    let _ = (editor, id, ty, old, new);
}
