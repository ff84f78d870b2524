//! What is above everything else, one at a time. A dialog is a value with what was entered so far; Escape closes it.
//!
//! - [`palette`]: what can be added to a graph; [`targets`]: what a pin can be connected with; [`prompt`]: a text that is needed
//! - [`files`]: choosing a file or folder; [`text`]: a file that is no document; [`clash`], [`recover`]: what became of files
//! - [`naming`]: another name, a new graph; [`pick`]: what an input refers to
//! - [`commands`]: every action by a few letters; [`settings`]; [`help`]: of a node, keys; [`tour`]

pub mod clash;
pub mod commands;
pub mod files;
pub mod help;
pub mod naming;
pub mod palette;
pub mod pick;
pub mod prompt;
pub mod recover;
pub mod settings;
pub mod targets;
pub mod text;
pub mod tour;

use egui::{Modal, Ui};

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
    /// A file or folder is chosen.
    Files(Box<files::Choosing>),
    /// A file that is no document.
    Foreign(text::Foreign),
    /// A document and its file changed at the same places.
    Clash(clash::Clashing),
    /// Documents that were left unsaved.
    Recover(Vec<recover::Left>),
    /// Something gets a name.
    Name(naming::Naming),
    /// What an input refers to.
    Pick(Box<pick::Picking>),
    /// Every action.
    Commands(commands::Commands),
    /// Settings.
    Settings(settings::Editing),
    /// Help for a node, or the list of keys.
    Help(help::Help),
    /// The tour.
    Tour(tour::Tour),
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
        Dialog::Files(choosing) => choosing.show(editor, ui),
        Dialog::Foreign(foreign) => foreign.show(editor, ui),
        Dialog::Clash(clashing) => clashing.show(editor, ui),
        Dialog::Recover(left) => recover::show(left, editor, ui),
        Dialog::Name(naming) => naming.show(editor, ui),
        Dialog::Pick(picking) => picking.show(editor, ui),
        Dialog::Commands(commands) => commands.show(editor, ui),
        Dialog::Settings(editing) => editing.show(editor, ui),
        Dialog::Help(help) => help.show(editor, ui),
        Dialog::Tour(tour) => tour.show(editor, ui),
    };
    if is_open && editor.dialog.is_none() {
        editor.dialog = Some(dialog);
    }
}

/// A window in the middle, above everything; what its content says, and whether it is to be closed.
pub fn modal<T>(ui: &Ui, title: &str, width: f32, content: impl FnOnce(&mut Ui) -> T) -> (T, bool) {
    let shown = Modal::new(egui::Id::new(("dialog", title))).show(ui.ctx(), |ui| {
        ui.set_width(width.min(ui.ctx().content_rect().width() - 48.0));
        ui.heading(title);
        ui.add_space(8.0);
        content(ui)
    });
    shown.response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Window, true, title));
    let closes = shown.should_close();
    (shown.inner, closes)
}

fn show_ask(editor: &mut Editor, ask: &mut Ask, ui: &mut Ui) -> bool {
    let (chosen, closes) = modal(ui, &ask.title, 440.0, |ui| {
        ui.add(egui::Label::new(&ask.text).wrap());
        ui.add_space(14.0);
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
    if let Some(index) = chosen.filter(|index| *index < ask.answers.len()) {
        let (_, todo) = ask.answers.swap_remove(index);
        todo.into_iter().for_each(|todo| editor.push(todo));
        return false;
    }
    !closes
}
