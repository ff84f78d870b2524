//! A file that is no document, as text, with what is wrong.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{RichText, ScrollArea, TextEdit, Ui};
use statewright_types::{Diagnostic, Span};

use crate::editor::Editor;
use crate::fields;

/// Letters of a file that are shown.
const SHOWN: usize = 200_000;

/// A file that is no document.
#[derive(Debug)]
pub struct Foreign {
    path: PathBuf,
    text: Arc<str>,
    shown: String,
    problems: Vec<Diagnostic>,
}

impl Foreign {
    /// A file's text and what is wrong with it.
    pub fn new(path: PathBuf, text: Arc<str>, problems: Vec<Diagnostic>) -> Foreign {
        let shown = text.chars().take(SHOWN).collect();
        Foreign { path, text, shown, problems }
    }

    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        let colours = editor.colours;
        let title = self.path.file_name().map_or("Text".to_owned(), |name| name.to_string_lossy().into_owned());
        let (is_done, closes) = super::modal(ui, &title, 720.0, |ui| {
            if !self.problems.is_empty() {
                ui.label("This file is no document of Statewright; it stays as it is.");
            } else {
                fields::hint(ui, &colours, "This is shown here, and edited by other programs.");
            }
            for problem in self.problems.iter().take(8) {
                let (line, column) = Span::line_column(&self.text, problem.span.unwrap_or_default().start);
                let text = format!("line {line}, column {column}: {}", problem.message);
                ui.add(egui::Label::new(RichText::new(text).color(colours.error)).wrap());
                if let Some(help) = &problem.help {
                    fields::hint(ui, &colours, help);
                }
            }
            ui.add_space(6.0);
            ScrollArea::both().max_height(360.0).auto_shrink([false, true]).show(ui, |ui| {
                let mut text = self.shown.as_str();
                let shown = ui.add(TextEdit::multiline(&mut text).code_editor().desired_width(f32::INFINITY));
                fields::name(&shown, "Text of the file");
            });
            ui.add_space(8.0);
            ui.button("Close").clicked()
        });
        !is_done && !closes
    }
}
