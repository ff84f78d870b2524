//! Properties.

use egui::Ui;

use crate::editor::Editor;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let _ = (editor, ui);
}
