//! Documents that a program left unsaved when it ended.

use std::path::PathBuf;

use egui::{RichText, Ui};
use statewright_editor_core::open::recovery::Recovered;

use crate::act::files::Job;
use crate::editor::Editor;
use crate::todo::Todo;

/// A document that was left unsaved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    journal: PathBuf,
    name: String,
    place: String,
}

impl Left {
    /// What is to be said of one.
    pub fn of(found: &Recovered) -> Left {
        let path = found.open.path();
        let name = path.and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
        Left {
            journal: found.journal.clone(),
            name: name.unwrap_or_else(|| "untitled".to_owned()),
            place: path.map_or("never saved to a file".to_owned(), |path| path.display().to_string()),
        }
    }
}

/// Draws the list; whether it stays open.
pub fn show(left: &mut Vec<Left>, editor: &mut Editor, ui: &mut Ui) -> bool {
    let colours = editor.colours;
    let (decided, closes) = super::modal(ui, "Recover unsaved changes", 560.0, |ui| {
        ui.label("The editor ended without saving these. What is recovered can be looked at, undone and saved.");
        ui.add_space(8.0);
        let mut decided = None;
        for (index, one) in left.iter().enumerate() {
            ui.horizontal(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(340.0);
                    ui.label(RichText::new(&one.name).strong());
                    ui.add(egui::Label::new(RichText::new(&one.place).color(colours.soft)).truncate());
                });
                for (answer, is_kept) in [("Recover", true), ("Discard", false)] {
                    let button = ui.button(answer);
                    crate::fields::name(&button, &format!("{answer} {}", one.name));
                    if button.clicked() {
                        decided = Some((index, is_kept));
                    }
                }
            });
            ui.separator();
        }
        let later = ui.button("Decide later").on_hover_text("The next start asks again").clicked();
        (decided, later)
    });
    if let Some((index, is_kept)) = decided.0.filter(|(index, _)| *index < left.len()) {
        let one = left.remove(index);
        editor.push(Todo::Files(if is_kept { Job::Recover(one.journal) } else { Job::Forget(one.journal) }));
    }
    !left.is_empty() && !decided.1 && !closes
}
