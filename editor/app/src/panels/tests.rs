//! Tests.

use egui::Ui;

use crate::editor::Editor;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let _ = (editor, ui);
}

/// Takes what happened meanwhile. To be called once a frame.
pub fn poll(editor: &mut Editor) {
    let _ = editor;
}
