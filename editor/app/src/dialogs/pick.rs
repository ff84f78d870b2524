//! What an input refers to.
use crate::editor::Editor;
use egui::Ui;
/// Picking.
#[derive(Debug)]
pub struct Picking {}
impl Picking {
    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        let _ = (editor, ui);
        false
    }
}
