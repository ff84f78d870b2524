//! One test: what was expected and what was found, and its text.

use egui::{RichText, TextEdit, Ui, WidgetType};
use statewright_harness::testing::TestOutcome;
use statewright_harness::testing::outcome::Failure;

use super::{empty, heading, named, outcome};
use crate::editor::Editor;
use crate::theme::Colours;

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let state = &editor.panels.tests;
    let Some(test) = &state.selected else {
        empty(ui, &colours, "Select a test to see what was expected and what was found.");
        return;
    };
    heading(ui, &*test.1);
    match outcome(&state.outcomes, test) {
        Some(outcome) => found(outcome, &colours, ui),
        None => empty(ui, &colours, "It was not run yet."),
    }
    let Some(file) = state.files.iter().find(|file| file.path == test.0) else { return };
    let span = file.cases.iter().find(|case| case.name == test.1).map(|case| case.span);
    let text = span.and_then(|span| file.text.get(span.start as usize..span.end as usize));
    let Some(text) = text else { return };
    let line = span.map_or(1, |span| file.text.get(..span.start as usize).unwrap_or("").lines().count().max(1));
    ui.add_space(6.0);
    ui.label(RichText::new(format!("{}, line {line}", file.path.display())).color(colours.soft));
    let mut text = text;
    let edit = ui.add(TextEdit::multiline(&mut text).code_editor().desired_width(f32::INFINITY).desired_rows(4));
    named(&edit, WidgetType::TextEdit, "Text of the test");
}

fn found(outcome: &TestOutcome, colours: &Colours, ui: &mut Ui) {
    if outcome.passed() {
        let text = format!("passed: {} expectations", outcome.expectations);
        ui.label(RichText::new(text).color(colours.added));
        return;
    }
    for finding in &outcome.findings {
        ui.add(egui::Label::new(RichText::new(finding.diagnostic.to_string()).color(colours.error)).wrap());
    }
    for failure in &outcome.failures {
        differences(failure, colours, ui);
    }
}

/// Expected against found, as a tree of paths.
fn differences(failure: &Failure, colours: &Colours, ui: &mut Ui) {
    let action = if failure.action.is_empty() { String::new() } else { format!(", {}", failure.action) };
    ui.add_space(4.0);
    ui.label(RichText::new(format!("{}{action}: {}", failure.at, failure.what)).color(colours.error).strong());
    ui.indent((&failure.at, &failure.what), |ui| {
        for difference in &failure.differences {
            let place = if difference.at.is_empty() { "the whole" } else { difference.at.as_str() };
            ui.label(RichText::new(place).monospace().color(colours.soft));
            egui::Grid::new((&failure.at, &failure.what, &difference.at)).num_columns(2).show(ui, |ui| {
                for (word, text, colour) in
                    [("expected", &difference.expected, colours.removed), ("found", &difference.found, colours.added)]
                {
                    ui.label(RichText::new(word).color(colours.soft));
                    ui.add(egui::Label::new(RichText::new(text).monospace().color(colour)).wrap());
                    ui.end_row();
                }
            });
        }
        for note in &failure.notes {
            ui.add(egui::Label::new(RichText::new(note).color(colours.soft)).wrap());
        }
    });
}
