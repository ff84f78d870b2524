//! What a screen reader is told of the canvas: cards with their pins and wires as children, and where the keyboard is.

use std::collections::HashSet;

use egui::accesskit::{self, Action, Role};
use egui::{Id, Rect, Response, Sense, Ui, UiBuilder, vec2};
use statewright_editor_core::navigation::{Focus, spoken, spoken_wire};
use statewright_editor_core::scene::{Badge, Card, SceneWire};
use statewright_editor_core::selection::Selection;
use statewright_editor_core::wires::{PinId, Wire};

use super::pen::{Detail, Pen};
use super::{Here, fields, input, marks};
use crate::editor::Editor;
use crate::todo::Todo;

/// Bounds of a node, as the screen reader has them.
pub fn bounds(rect: Rect) -> accesskit::Rect {
    accesskit::Rect { x0: rect.min.x.into(), y0: rect.min.y.into(), x1: rect.max.x.into(), y1: rect.max.y.into() }
}

fn card_id(id: &str) -> Id {
    super::id().with(("card", id))
}

fn pin_id(pin: &PinId) -> Id {
    super::id().with(("pin", pin))
}

fn wire_id(wire: &Wire) -> Id {
    super::id().with(("wire", wire))
}

/// What a card is called: `Add sum, 1 error`.
pub fn name(card: &Card) -> String {
    if card.ty.is_empty() {
        return format!("Start {}", card.title);
    }
    let mut name = format!("{} {}", card.title, card.id);
    let all = || card.badges.iter().chain(card.pins.iter().flat_map(|pin| &pin.badges));
    let errors = all().filter(|badge: &&Badge| badge.is_error).count();
    for (count, one) in [(errors, "error"), (all().count() - errors, "warning")] {
        match count {
            0 => {}
            1 => name += &format!(", 1 {one}"),
            _ => name += &format!(", {count} {one}s"),
        }
    }
    name
}

/// What a pin is called: `sum input a int64, 2`.
pub fn pin_name(here: &Here, pin: &PinId) -> String {
    format!("{} {}", pin.node, spoken(&here.scene, &Focus::Pin(pin.clone())))
}

/// Tells it, if anybody listens, and does what they ask for.
pub fn show(editor: &mut Editor, ui: &mut Ui, here: &Here, response: &Response) {
    let focus = here.focus(editor);
    let said = focus.as_ref().map(|focus| spoken(&here.scene, focus)).unwrap_or_default();
    let active = focus.as_ref().map(|focus| match focus {
        Focus::Node(id) => card_id(id),
        Focus::Pin(pin) => pin_id(pin),
        Focus::Wire(wire) => wire_id(wire),
    });
    let name = format!("Graph {}", here.name.name);
    let listens = ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Canvas);
        node.set_label(name);
        node.set_value(said);
        node.set_bounds(bounds(here.view));
        node.add_action(Action::Focus);
    });
    if listens.is_none() {
        return;
    }
    let selected = input::selection(editor, here);
    let pen = Pen::new(ui.painter_at(here.view), here.view, here.camera, &editor.colours);
    let seen = here.scene.in_view(&here.camera.seen(here.view));
    let mut asked = Vec::new();
    let mut is_active_there = false;
    let mut told = HashSet::new();
    // Of two nodes of one id the first has the name.
    for card in seen.cards.iter().filter(|card| told.insert(&card.id)) {
        tell_card(ui, &pen, here, card, &selected, &mut asked);
    }
    if pen.detail() != Detail::Boxes {
        let mut told = HashSet::new();
        for wire in seen.wires.iter().filter(|wire| told.insert(&wire.wire)) {
            let id = wire_id(&wire.wire);
            let middle = Rect::from_center_size(pen.at(wire.route.middle()), vec2(12.0, 12.0));
            tell(ui, response.id, id, Role::ListItem, middle, spoken_wire(wire), wire_value(editor, here, wire));
            let focus = Focus::Wire(wire.wire.clone());
            asked.push((id, focus));
        }
    }
    for note in &seen.notes {
        tell(
            ui,
            response.id,
            super::id().with(("note", &note.id)),
            Role::Note,
            pen.rect(&note.rect),
            format!("Note {}", note.text),
            None,
        );
    }
    for frame in &seen.frames {
        tell(
            ui,
            response.id,
            super::id().with(("frame", &frame.id)),
            Role::Group,
            pen.rect(&frame.rect),
            format!("Frame {}", frame.title),
            None,
        );
    }
    let mut visited = None;
    for bookmark in &here.scene.bookmarks {
        let rect = marks::flag_rect(&pen, bookmark);
        if !here.view.intersects(rect) {
            continue;
        }
        let id = super::id().with(("bookmark", &bookmark.name));
        tell(ui, response.id, id, Role::Button, rect, format!("Bookmark {}", bookmark.name), None);
        if ui.input(|input| input.has_accesskit_action_request(id, Action::Click)) {
            visited = Some(bookmark);
        }
    }
    if let Some(bookmark) = visited {
        input::visit(editor, here, bookmark);
    }
    for (id, focus) in asked {
        is_active_there |= Some(id) == active;
        answer(editor, ui, here, response, id, focus);
    }
    if let Some(active) = active.filter(|_| is_active_there) {
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_active_descendant(active.accesskit_id()));
    }
}

/// The type of a wire, and what went along it last.
fn wire_value(editor: &Editor, here: &Here, wire: &SceneWire) -> Option<String> {
    let overlay = editor.overlays.get(&(here.document, here.name.clone()));
    let last = overlay.and_then(|overlay| marks::wire_value(overlay, wire)).map(|value| format!("last value {value}"));
    let parts: Vec<String> = Some(wire.ty.clone()).filter(|ty| !ty.is_empty()).into_iter().chain(last).collect();
    Some(parts.join(", ")).filter(|value| !value.is_empty())
}

/// A node of the tree below another.
fn tell(ui: &mut Ui, parent: Id, id: Id, role: Role, rect: Rect, name: String, value: Option<String>) {
    let builder = UiBuilder::new().id(id).max_rect(rect).accessibility_parent(parent).sense(Sense::hover());
    let child = ui.new_child(builder);
    ui.ctx().accesskit_node_builder(child.unique_id(), |node| {
        node.set_role(role);
        node.set_label(name);
        node.set_bounds(bounds(rect));
        node.add_action(Action::Focus);
        node.add_action(Action::Click);
        if let Some(value) = value {
            node.set_value(value);
        }
    });
}

fn tell_card(ui: &mut Ui, pen: &Pen<'_>, here: &Here, card: &Card, selected: &Selection, asked: &mut Vec<(Id, Focus)>) {
    let rect = pen.rect(&card.rect);
    let id = card_id(&card.id);
    tell(ui, super::id(), id, Role::Group, rect, name(card), None);
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_selected(selected.nodes.contains(&card.id));
        node.set_description(card.summary);
    });
    asked.push((id, Focus::Node(card.id.clone())));
    if pen.detail() != Detail::Full {
        return;
    }
    for pin in &card.pins {
        let at = Rect::from_center_size(pen.at(card.place_of(pin)), vec2(1.0, 1.0) * pen.width(14.0, 6.0));
        let value = pin.field.as_ref().map(|field| field.text.clone()).filter(|text| !text.is_empty());
        tell(ui, id, pin_id(&pin.id), Role::ListItem, at, pin_name(here, &pin.id), value);
        asked.push((pin_id(&pin.id), Focus::Pin(pin.id.clone())));
    }
}

/// Does what a screen reader asks for: to go there, or to press it.
fn answer(editor: &mut Editor, ui: &Ui, here: &Here, response: &Response, id: Id, focus: Focus) {
    let asks = |action| ui.input(|input| input.has_accesskit_action_request(id, action));
    let (goes, presses) = (asks(Action::Focus), asks(Action::Click));
    if !goes && !presses {
        return;
    }
    response.request_focus();
    super::keyboard::arrive(editor, here, focus.clone());
    if presses {
        match &focus {
            Focus::Pin(pin) => fields::begin(editor, here, pin),
            Focus::Node(_) | Focus::Wire(_) => editor.push(Todo::EndGesture),
        }
    }
}
