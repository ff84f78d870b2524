//! What is in the middle while nothing is open, and of a document without graphs.

use egui::{Button, RichText, ScrollArea, Ui, vec2};
use statewright_editor_core::actions::Action;
use statewright_graph::document::GraphKind;

use crate::dialogs::Dialog;
use crate::dialogs::naming::Naming;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::todo::Todo;

/// Recent files that are listed.
const RECENT: usize = 8;

/// Nothing is open: what to begin with.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space((ui.available_height() * 0.14).max(16.0));
            ui.label(RichText::new("Statewright").size(30.0).strong());
            ui.label(RichText::new("Logic graphs for multiplayer servers").color(colours.soft));
            ui.add_space(22.0);
            for action in [Action::New, Action::OpenFile, Action::OpenFolder, Action::Tour] {
                let keys = editor.settings.keys.keys(action).first().map(ToString::to_string).unwrap_or_default();
                let button = Button::new(action.title()).shortcut_text(keys).min_size(vec2(300.0, 32.0));
                if ui.add(button).clicked() {
                    editor.push(Todo::Act(action));
                }
            }
            if !editor.settings.recent.is_empty() {
                ui.add_space(22.0);
                ui.label(RichText::new("Recent").strong());
            }
            let recent: Vec<_> = editor.settings.recent.iter().take(RECENT).cloned().collect();
            for path in recent {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let link = ui.link(name).on_hover_text(path.display().to_string());
                if link.clicked() {
                    editor.push(Todo::Open(path));
                }
            }
            ui.add_space(18.0);
            ui.label(RichText::new("or drop a file or folder here").color(colours.soft));
        });
    });
}

/// A document without graphs: what to add.
pub fn without_graphs(editor: &mut Editor, id: DocumentId, ui: &mut Ui) {
    let colours = editor.colours;
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.25).max(16.0));
        ui.label(RichText::new("This document has no graph yet").size(20.0).strong());
        ui.label(RichText::new("A handler does something when an event comes in.").color(colours.soft));
        ui.add_space(16.0);
        for kind in GraphKind::ALL {
            let button = Button::new(format!("Add {}…", kind.noun())).min_size(vec2(220.0, 30.0));
            if ui.add(button).clicked() {
                editor.push(Todo::Dialog(Box::new(Dialog::Name(Naming::new_graph(id, kind)))));
            }
        }
    });
}
