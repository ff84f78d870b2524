//! One node, or what several have in common.

use std::sync::Arc;

use egui::{Label, RichText, Ui};
use statewright_editor_core::command::{Command, Named};
use statewright_editor_core::scene::{Badge, Card, Pin};
use statewright_editor_core::wires::Side;
use statewright_graph::document::GraphAt;

use super::input;
use crate::dialogs::Dialog;
use crate::dialogs::help::Help;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields;
use crate::todo::Todo;

/// Draws them.
pub fn show(editor: &mut Editor, ui: &mut Ui, id: DocumentId, at: GraphAt, nodes: &[Arc<str>]) {
    let Some(scene) = editor.documents.get_mut(&id).and_then(|document| document.scene(at)) else { return };
    let cards: Vec<&Card> = nodes.iter().filter_map(|node| scene.card(node)).collect();
    let Some(first) = cards.first() else { return };
    match cards.as_slice() {
        [card] => one(editor, ui, id, at, card),
        _ => {
            fields::heading(ui, &format!("{} nodes", cards.len()));
            fields::hint(ui, &editor.colours, "What is changed here is changed in all of them.");
        }
    }
    let is_common = |pin: &Pin| cards.iter().all(|card| card.pin(Side::Input, &pin.id.name).is_some());
    let pins: Vec<&Pin> = first.pins.iter().filter(|pin| pin.id.side == Side::Input && is_common(pin)).collect();
    if !pins.is_empty() {
        fields::heading(ui, "Inputs");
    }
    for pin in pins {
        let of = input::Of { document: id, graph: at, nodes };
        ui.push_id((nodes, &pin.id.name), |ui| input::show(editor, ui, &of, pin));
    }
    if let [card] = cards.as_slice() {
        outputs(editor, ui, id, at, card);
    }
}

fn one(editor: &mut Editor, ui: &mut Ui, id: DocumentId, at: GraphAt, card: &Card) {
    let colours = editor.colours;
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, 22.0), egui::Sense::hover());
        ui.painter().rect_filled(rect, 3.0, colours.category(card.category));
        ui.label(RichText::new(&*card.title).heading());
        if !card.ty.is_empty() && fields::sign(ui, "?", &format!("Help for {}", card.ty)).clicked() {
            editor.push(Todo::Dialog(Box::new(Dialog::Help(Help::Node(card.ty.to_string())))));
        }
    });
    fields::hint(ui, &colours, card.summary);
    badges(editor, ui, id, &card.badges);
    if card.ty.is_empty() {
        return;
    }
    let node = card.id.to_string();
    ui.label("Name");
    let old = node.clone();
    editor.typing.line(ui, ("node id", id, &node), "Node name", &node, move |to| {
        Todo::RunIn(id, Command::Rename { what: Named::Node { graph: at, id: old.clone() }, to: to.trim().to_owned() })
    });
    ui.label("Type");
    let of = node.clone();
    editor.typing.line(ui, ("node type", id, &node), "Node type", &card.ty, move |ty| {
        Todo::RunIn(id, Command::SetType { graph: at, node: of.clone(), ty: ty.trim().to_owned() })
    });
    ui.label("Comment");
    let comment = card.comment.clone().unwrap_or_default();
    let of = node.clone();
    editor.typing.lines(ui, ("node comment", id, &node), "Node comment", &comment, move |text| {
        let text = Some(text).filter(|text| !text.trim().is_empty());
        Todo::RunIn(id, Command::Comment { graph: at, node: of.clone(), text })
    });
    if ui.button("Find uses").clicked() {
        editor.push(Todo::Uses(id, Named::Node { graph: at, id: node }));
    }
}

/// What is wrong, with the fix beside it.
pub fn badges(editor: &mut Editor, ui: &mut Ui, id: DocumentId, badges: &[Badge]) {
    let colours = editor.colours;
    for badge in badges {
        let colour = if badge.is_error { colours.error } else { colours.warning };
        ui.add(Label::new(RichText::new(&badge.message).color(colour)).wrap());
        if !badge.help.is_empty() {
            fields::hint(ui, &colours, &badge.help);
        }
        if !badge.fixes.is_empty() {
            let button = ui.small_button("Fix");
            fields::name(&button, &format!("Fix here: {}", badge.message));
            if button.clicked() {
                editor.push(Todo::RunIn(id, Command::Fix { fixes: badge.fixes.clone() }));
            }
        }
    }
}

fn outputs(editor: &mut Editor, ui: &mut Ui, id: DocumentId, at: GraphAt, card: &Card) {
    let colours = editor.colours;
    let pins: Vec<&Pin> = card.pins.iter().filter(|pin| pin.id.side == Side::Output).collect();
    if pins.is_empty() || card.ty.is_empty() {
        return;
    }
    fields::heading(ui, "Outputs");
    for pin in pins {
        ui.horizontal(|ui| {
            let (node, port) = (card.id.to_string(), pin.id.name.to_string());
            let (of, old) = (node.clone(), port.clone());
            editor.typing.short(ui, ("output", id, &node, &port), &format!("Output {port}"), &port, 120.0, move |to| {
                let what = Named::Output { graph: at, node: of.clone(), port: old.clone() };
                Todo::RunIn(id, Command::Rename { what, to: to.trim().to_owned() })
            });
            ui.add(Label::new(RichText::new(&pin.ty).color(colours.soft)).truncate()).on_hover_text(pin.docs);
            let uses = ui.small_button("Uses");
            fields::name(&uses, &format!("Find uses of {port}"));
            if uses.clicked() {
                editor.push(Todo::Uses(id, Named::Output { graph: at, node, port }));
            }
        });
    }
}
