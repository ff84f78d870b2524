//! A text that something needs: a name, a title, a comment.

use egui::{Key, Modal, RichText, TextEdit, Ui};
use statewright_editor_core::command::Command;
use statewright_editor_core::wires::PinId;
use statewright_graph::document::GraphAt;
use statewright_types::Value;
use std::sync::Arc;

use super::Dialog;
use crate::canvas::menu;
use crate::editor::Editor;
use crate::todo::Todo;

/// What the text is for.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Purpose {
    /// Nodes become a function of that name.
    Collapse {
        graph: GraphAt,
        nodes: Vec<Arc<str>>,
    },
    Comment {
        graph: GraphAt,
        node: String,
    },
    Frame {
        graph: GraphAt,
        id: String,
        colour: Option<String>,
    },
    Note {
        graph: GraphAt,
        id: String,
    },
    Bookmark {
        graph: GraphAt,
        at: (f64, f64),
        zoom: f64,
    },
    /// A new entry of a map.
    Entry {
        graph: GraphAt,
        pin: PinId,
    },
    RenameEntry {
        graph: GraphAt,
        pin: PinId,
    },
    /// A new case of a Switch.
    Case {
        graph: GraphAt,
        node: String,
    },
    RenameCase {
        graph: GraphAt,
        node: String,
        old: String,
    },
}

impl Purpose {
    /// The command that the text makes; `None` for a text that is none.
    fn command(&self, text: &str) -> Option<Command> {
        let trimmed = text.trim();
        let name = (!trimmed.is_empty()).then(|| trimmed.to_owned());
        Some(match self.clone() {
            Purpose::Collapse { graph, nodes } => Command::Collapse { graph, nodes, name: name? },
            Purpose::Comment { graph, node } => Command::Comment { graph, node, text: name },
            Purpose::Frame { graph, id, colour } => Command::EditFrame { graph, id, title: trimmed.to_owned(), colour },
            Purpose::Note { graph, id } => Command::EditNote { graph, id, text: text.to_owned() },
            Purpose::Bookmark { graph, at, zoom } => Command::Bookmark { graph, name: name?, at, zoom },
            Purpose::Entry { graph, pin } => {
                let port = format!("{}.{}", pin.name, name?);
                Command::SetInput { graph, nodes: vec![pin.node], port, value: Some(Value::Int(0)) }
            }
            Purpose::RenameEntry { graph, pin } => {
                Command::RenameEntry { graph, node: pin.node.to_string(), entry: pin.name.to_string(), name: name? }
            }
            Purpose::Case { graph, node } => menu::add_case(graph, &node, &name?),
            Purpose::RenameCase { graph, node, old } => Command::RenameExit { graph, node, old, new: name? },
        })
    }

    fn has_lines(&self) -> bool {
        matches!(self, Purpose::Note { .. } | Purpose::Comment { .. })
    }
}

/// The dialog.
#[derive(Clone, Debug)]
pub struct Prompt {
    title: String,
    label: String,
    text: String,
    choices: Vec<String>,
    purpose: Purpose,
    was_shown: bool,
}

/// Asks for a text. `choices` are offered besides.
pub fn ask(title: &str, label: &str, text: &str, choices: Vec<String>, purpose: Purpose) -> Todo {
    let (title, label, text) = (title.to_owned(), label.to_owned(), text.to_owned());
    Todo::Dialog(Box::new(Dialog::Prompt(Prompt { title, label, text, choices, purpose, was_shown: false })))
}

/// Draws it; whether it stays.
pub fn show(editor: &mut Editor, prompt: &mut Prompt, ui: &mut Ui) -> bool {
    let colours = editor.colours;
    let mut done = false;
    let shown = Modal::new(egui::Id::new("prompt")).show(ui.ctx(), |ui| {
        ui.set_width(380.0);
        ui.heading(&prompt.title);
        ui.add_space(6.0);
        let label = ui.label(RichText::new(&prompt.label).color(colours.soft));
        let has_lines = prompt.purpose.has_lines();
        let edit = if has_lines {
            TextEdit::multiline(&mut prompt.text).desired_rows(4)
        } else {
            TextEdit::singleline(&mut prompt.text)
        };
        let response = ui.add(edit.desired_width(f32::INFINITY)).labelled_by(label.id);
        if !prompt.was_shown {
            response.request_focus();
            prompt.was_shown = true;
        }
        let entered = ui.input(|input| input.key_pressed(Key::Enter) && (!has_lines || input.modifiers.command));
        done |= entered && (response.lost_focus() || response.has_focus());
        if !prompt.choices.is_empty() {
            ui.add_space(4.0);
            ui.horizontal_wrapped(|ui| {
                for choice in prompt.choices.clone() {
                    if ui.button(&choice).clicked() {
                        prompt.text = choice;
                        done = true;
                    }
                }
            });
        }
        ui.add_space(10.0);
        let mut cancelled = false;
        ui.horizontal(|ui| {
            done |= ui.button("OK").clicked();
            cancelled = ui.button("Cancel").clicked();
        });
        cancelled
    });
    if done {
        match prompt.purpose.command(&prompt.text) {
            Some(command) => editor.push(Todo::Run(command, None)),
            None => return true,
        }
        return false;
    }
    !shown.inner && !shown.should_close()
}
