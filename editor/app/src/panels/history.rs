//! What was done to the document, step by step; a click goes back to any step, or forward again.

use egui::{Key, Ui};

use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::todo::Todo;

/// Steps that are listed; older ones are a click on the oldest away.
const LISTED: usize = 400;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let Some((document, _)) = editor.active() else {
        fields::hint(ui, &colours, "No document is open.");
        return;
    };
    let history = document.open.history();
    let (done, saved) = (history.done(), history.saved());
    let count = history.steps().len() + 1;
    let first = count.saturating_sub(LISTED).min(done.saturating_sub(1));
    let label = |number: usize| {
        let step = number.checked_sub(1).and_then(|index| history.steps().get(index));
        step.map_or("As it was opened".to_owned(), |step| step.label.clone())
    };
    let rows: Vec<(usize, String)> = (first..count.min(first + LISTED)).map(|number| (number, label(number))).collect();
    for (number, label) in rows {
        let row = Row {
            text: &label,
            soft: if saved == Some(number) { "saved" } else { "" },
            is_selected: number == done,
            colour: (number > done).then_some(colours.soft),
            ..Row::default()
        };
        let shown = fields::row(ui, &colours, &row);
        let entered = shown.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if shown.clicked() || entered {
            editor.push(Todo::Jump(number));
        }
    }
}
