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
    let mut rows: Vec<(usize, String)> = vec![(0, "As it was opened".to_owned())];
    rows.extend(history.steps().iter().enumerate().map(|(index, step)| (index + 1, step.label.clone())));
    let first = rows.len().saturating_sub(LISTED).min(done.saturating_sub(1));
    for (number, label) in rows.into_iter().skip(first).take(LISTED) {
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
