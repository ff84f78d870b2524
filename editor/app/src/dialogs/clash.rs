//! A document and its file that changed at the same places: both are shown, and one or a merge is taken.

use egui::{RichText, ScrollArea, Ui};
use statewright_editor_core::open::file::{Choice, Clash};
use statewright_harness::report::diff::{Line, lines};

use crate::act::files::disk::decided;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::todo::Todo;

/// Lines around a change.
const AROUND: usize = 2;

/// A clash to be decided.
#[derive(Debug)]
pub struct Clashing {
    /// Of which document.
    pub document: DocumentId,
    /// What both say.
    pub clash: Box<Clash>,
}

impl Clashing {
    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        let Some(name) = editor.documents.get(&self.document).map(crate::document::Document::name) else {
            return false;
        };
        let colours = editor.colours;
        let (answer, closes) = super::modal(ui, &format!("{name} changed on the disk"), 720.0, |ui| {
            ui.label("The document and its file changed at the same places.");
            ui.add_space(6.0);
            ScrollArea::both().max_height(320.0).auto_shrink([false, true]).show(ui, |ui| {
                ui.horizontal_top(|ui| {
                    for (title, text) in [("Yours", &self.clash.ours), ("In the file", &self.clash.theirs)] {
                        ui.vertical(|ui| {
                            ui.set_width(330.0);
                            ui.label(RichText::new(title).strong());
                            changes(ui, &colours, &self.clash.base, text);
                        });
                    }
                });
            });
            ui.add_space(10.0);
            ui.horizontal(|ui| {
                let mine = ui.button("Keep mine").on_hover_text("Saving puts it in the place of the file");
                let theirs = ui.button("Take the file's").on_hover_text("Undoing brings yours back");
                let merge = ui.button("Merge…").on_hover_text("Both, and each conflict is decided");
                let later = ui.button("Later");
                [mine, theirs, merge, later].iter().position(egui::Response::clicked)
            })
            .inner
        });
        match answer {
            Some(0) => editor.push(decided(self.document, &self.clash, Choice::Ours)),
            Some(1) => editor.push(decided(self.document, &self.clash, Choice::Theirs)),
            Some(2) => editor.push(Todo::Merge(self.document, self.clash.clone())),
            Some(_) => {}
            None => return !closes,
        }
        false
    }
}

/// The lines that differ, with a few around them.
fn changes(ui: &mut Ui, colours: &crate::theme::Colours, before: &str, after: &str) {
    let all = lines(before, after);
    let is_near = |at: usize| {
        let mut near = all.iter().skip(at.saturating_sub(AROUND)).take(2 * AROUND + 1);
        near.any(|line| !matches!(line, Line::Same(_)))
    };
    for (_, line) in all.iter().enumerate().take(20_000).filter(|(at, _)| is_near(*at)).take(200) {
        let (mark, text, colour) = match line {
            Line::Gone(text) => ("−", text, colours.removed),
            Line::New(text) => ("+", text, colours.added),
            Line::Same(text) => (" ", text, colours.soft),
        };
        ui.label(RichText::new(format!("{mark} {}", text.trim_end())).monospace().color(colour));
    }
}
