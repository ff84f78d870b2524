//! What is above everything else, one at a time. A dialog is a value with what was entered so far; Escape closes it.
//!
//! - [`palette`]: what can be added to a graph; [`targets`]: what a pin can be connected with; [`prompt`]: a text that is needed

pub mod palette;
pub mod prompt;
pub mod targets;

use egui::Ui;

use crate::editor::Editor;

/// A dialog.
#[derive(Debug)]
pub enum Dialog {
    /// A question with answers, each of which does something.
    Ask(Ask),
    /// What can be added to a graph.
    Palette(palette::State),
    /// A text that is needed.
    Prompt(prompt::Prompt),
    /// What a pin can be connected with.
    Targets(targets::Targets),
}

/// A question.
#[derive(Debug)]
pub struct Ask {
    /// What the dialog is called.
    pub title: String,
    /// The question.
    pub text: String,
    /// What can be answered, and what is done then.
    pub answers: Vec<(String, Vec<crate::todo::Todo>)>,
}

/// Draws the dialog, if there is one.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let Some(mut dialog) = editor.dialog.take() else { return };
    let is_open = match &mut dialog {
        Dialog::Ask(ask) => show_ask(editor, ask, ui),
        Dialog::Palette(state) => palette::show(editor, state, ui),
        Dialog::Prompt(prompt) => prompt::show(editor, prompt, ui),
        Dialog::Targets(targets) => targets::show(editor, targets, ui),
    };
    if is_open && editor.dialog.is_none() {
        editor.dialog = Some(dialog);
    }
}

fn show_ask(editor: &mut Editor, ask: &mut Ask, ui: &mut Ui) -> bool {
    let shown = egui::Modal::new(egui::Id::new("ask")).show(ui.ctx(), |ui| {
        ui.set_width(420.0);
        ui.heading(&ask.title);
        ui.add_space(6.0);
        ui.label(&ask.text);
        ui.add_space(10.0);
        let mut chosen = None;
        ui.horizontal(|ui| {
            for (index, (answer, _)) in ask.answers.iter().enumerate() {
                if ui.button(answer).clicked() {
                    chosen = Some(index);
                }
            }
        });
        chosen
    });
    if let Some(index) = shown.inner {
        let (_, todo) = ask.answers.swap_remove(index);
        todo.into_iter().for_each(|todo| editor.push(todo));
        return false;
    }
    !shown.should_close()
}
