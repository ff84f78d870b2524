//! Every action, found by a few letters.

use egui::{Key, Modifiers, ScrollArea, Ui};
use statewright_editor_core::actions::Action;

use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::todo::Todo;

/// What was typed, and which of the actions found is chosen.
#[derive(Clone, Debug, Default)]
pub struct Commands {
    typed: String,
    chosen: usize,
    is_there: bool,
}

/// Takes Up and Down, which move in a list while its text field has the keyboard.
pub fn moved(ui: &Ui, chosen: usize, count: usize) -> usize {
    let down = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown));
    let up = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowUp));
    let next = (chosen + usize::from(down)).saturating_sub(usize::from(up));
    next.min(count.saturating_sub(1))
}

impl Commands {
    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        let situation = editor.situation();
        let colours = editor.colours;
        let found = Action::search(&self.typed, &situation);
        let (done, closes) = super::modal(ui, "All commands", 520.0, |ui| {
            let before = self.chosen;
            self.chosen = moved(ui, self.chosen, found.len());
            let field = fields::text(ui, "Find a command", &mut self.typed, f32::INFINITY);
            if !std::mem::replace(&mut self.is_there, true) {
                field.request_focus();
            }
            if field.changed() {
                self.chosen = 0;
            }
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let mut done = found.get(self.chosen).copied().filter(|_| entered);
            ui.add_space(4.0);
            ScrollArea::vertical().max_height(380.0).auto_shrink([false, false]).show(ui, |ui| {
                for (index, action) in found.iter().copied().enumerate() {
                    let keys: Vec<String> = editor.settings.keys.keys(action).iter().map(ToString::to_string).collect();
                    let can = action.when().holds(&situation);
                    let row = Row {
                        text: action.title(),
                        soft: &keys.join(", "),
                        is_selected: index == self.chosen,
                        colour: Some(if can { colours.text } else { colours.soft }),
                        ..Row::default()
                    };
                    let shown = fields::row(ui, &colours, &row);
                    if index == self.chosen && before != index {
                        shown.scroll_to_me(None);
                    }
                    if shown.clicked() {
                        done = Some(action);
                    }
                }
            });
            done
        });
        match done {
            Some(action) if action.when().holds(&situation) => {
                editor.push(Todo::Act(action));
                false
            }
            _ => !closes,
        }
    }
}
