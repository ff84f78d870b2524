//! What is selected, with everything that can be said of it; of the graph where nothing is.
//!
//! - [`node`]: one node or several; [`input`]: values of inputs; [`graph`]: the graph itself

mod graph;
mod input;
mod node;

use egui::Ui;
use statewright_editor_core::command::Command;
use statewright_editor_core::meta::Meta;
use statewright_graph::document::GraphAt;

use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields;
use crate::todo::Todo;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    /// Names of what is to be added.
    new_parameter: (String, String),
    new_entry: String,
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let Some((document, at)) = editor.active().filter(|(document, at)| document.graph(*at).is_some()) else {
        fields::hint(ui, &colours, "Nothing is open.");
        return;
    };
    let id = document.id;
    let selection = document.open.selection().clone();
    if selection.is_empty() || selection.graph != Some(at) {
        graph::show(editor, ui, id, at);
        return;
    }
    if !selection.nodes.is_empty() {
        node::show(editor, ui, id, at, &selection.nodes.iter().cloned().collect::<Vec<_>>());
        return;
    }
    if !selection.wires.is_empty() {
        fields::heading(ui, if selection.wires.len() == 1 { "Wire" } else { "Wires" });
        for wire in &selection.wires {
            ui.label(format!("{} {} → {} {}", wire.from.node, wire.from.name, wire.to.node, wire.to.name));
        }
        if ui.button("Disconnect").clicked() {
            let wires = selection.wires.iter().cloned().collect();
            editor.push(Todo::RunIn(id, Command::Disconnect { graph: at, wires }));
        }
        return;
    }
    marks(editor, ui, id, at, &selection);
}

/// Frames and notes.
fn marks(
    editor: &mut Editor,
    ui: &mut Ui,
    id: DocumentId,
    at: GraphAt,
    selection: &statewright_editor_core::selection::Selection,
) {
    let Some(document) = editor.documents.get(&id) else { return };
    let source = document.open.source();
    let Some(meta) = source.graph_node(at).map(|node| Meta::read(&source.tree, node)) else { return };
    for frame in meta.frames.into_iter().filter(|frame| selection.frames.contains(&frame.id)) {
        fields::heading(ui, "Frame");
        ui.label("Title");
        let (key, colour) = (frame.id.clone(), frame.colour.clone());
        editor.typing.line(ui, ("frame", id, &frame.id), "Frame title", &frame.title, move |title| {
            Todo::RunIn(id, Command::EditFrame { graph: at, id: key.clone(), title, colour: colour.clone() })
        });
        ui.label("Colour");
        let (key, title) = (frame.id.clone(), frame.title.clone());
        let now = frame.colour.clone().unwrap_or_default();
        editor.typing.line(ui, ("frame colour", id, &frame.id), "Frame colour", &now, move |text| {
            let colour = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            Todo::RunIn(id, Command::EditFrame { graph: at, id: key.clone(), title: title.clone(), colour })
        });
        ui.horizontal(|ui| {
            for colour in ["#4a6fa5", "#57a05a", "#b8862b", "#a5506f", "#6a5aa5"] {
                let (rect, swatch) = ui.allocate_exact_size(egui::vec2(24.0, 20.0), egui::Sense::click());
                ui.painter().rect_filled(rect, 4.0, crate::theme::parse(colour));
                swatch.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::WidgetType::Button, true, format!("Colour {colour}"))
                });
                if swatch.clicked() {
                    let (key, title) = (frame.id.clone(), frame.title.clone());
                    let command = Command::EditFrame { graph: at, id: key, title, colour: Some(colour.to_owned()) };
                    editor.push(Todo::RunIn(id, command));
                }
            }
        });
    }
    for note in meta.notes.into_iter().filter(|note| selection.notes.contains(&note.id)) {
        fields::heading(ui, "Note");
        let key = note.id.clone();
        editor.typing.lines(ui, ("note", id, &note.id), "Note text", &note.text, move |text| {
            Todo::RunIn(id, Command::EditNote { graph: at, id: key.clone(), text })
        });
    }
}
