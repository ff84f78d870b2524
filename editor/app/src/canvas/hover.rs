//! What the pointer is on: after a moment its type, what it is for, its last value. Problems of a node or pin, with their fixes.

use egui::{Area, Frame, Id, Key, Order, Pos2, Rect, Response, RichText, Tooltip, Ui, vec2};
use statewright_editor_core::command::Command;
use statewright_editor_core::navigation::Focus;
use statewright_editor_core::paths::Fit;
use statewright_editor_core::scene::pick::Hit;
use statewright_editor_core::scene::{Badge, Card};
use statewright_editor_core::wires::PinId;

use super::pen::{Detail, Pen};
use super::{Here, cards, input, marks};
use crate::editor::Editor;
use crate::todo::Todo;

/// Seconds until the pointer is taken to rest.
const MOMENT: f32 = 0.45;

/// What the pointer is on; nothing while something else is above the canvas.
pub fn hit(editor: &Editor, ui: &Ui, response: &Response, here: &Here) -> Option<Hit> {
    let is_free =
        response.hovered() || response.dragged() || matches!(editor.canvas.drag, Some(super::Drag::Wire { .. }));
    let at = ui.input(|input| input.pointer.latest_pos()).filter(|at| is_free && here.view.contains(*at))?;
    input::pick(here, at)
}

/// The node or pin whose badge is at a place.
pub fn badge_at(editor: &Editor, ui: &Ui, here: &Here, at: Pos2) -> Option<Focus> {
    let pen = Pen::new(ui.painter_at(here.view), here.view, here.camera, &editor.colours);
    if pen.detail() == Detail::Boxes {
        return None;
    }
    let point = here.camera.to_canvas(here.view, at);
    let around = statewright_editor_core::meta::Rect::new(point.0, point.1, 0.0, 0.0).grown(30.0);
    for card in here.scene.in_view(&around).cards.iter().rev() {
        let rect = pen.rect(&card.rect);
        for pin in card.pins.iter().filter(|pin| !pin.badges.is_empty()) {
            let badge = cards::pin_badge(&pen, pen.at(card.place_of(pin)), pin.id.is_source());
            if (badge - at).length() <= pen.width(8.0, 5.0) {
                return Some(Focus::Pin(pin.id.clone()));
            }
        }
        if card.severity.is_some() && cards::badge_rect(&pen, rect).contains(at) {
            return Some(Focus::Node(card.id.clone()));
        }
    }
    None
}

/// Shows what the pointer rests on.
pub fn show(editor: &Editor, ui: &Ui, response: &Response, here: &Here) {
    let state = &editor.canvas;
    if !response.hovered()
        || editor.dialog.is_some()
        || state.drag.is_some()
        || state.menu.is_some()
        || state.editing.is_some()
        || state.problems.is_some()
    {
        return;
    }
    let Some(hit) = hit(editor, ui, response, here) else { return };
    let rested = ui.input(|input| input.pointer.time_since_last_movement());
    if rested < MOMENT {
        ui.ctx().request_repaint_after_secs(MOMENT - rested + 0.01);
        return;
    }
    let lines = words(editor, here, &hit);
    if lines.is_empty() {
        return;
    }
    let colours = editor.colours;
    let tooltip =
        Tooltip::always_open(ui.ctx().clone(), response.layer_id, Id::new("canvas hover"), egui::PopupAnchor::Pointer);
    tooltip.gap(14.0).show(|ui| {
        ui.set_max_width(340.0);
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                ui.label(RichText::new(line).strong());
            } else {
                ui.label(crate::fields::prose(ui, line, colours.soft, colours.text));
            }
        }
    });
}

/// What is said of something: what it is first.
fn words(editor: &Editor, here: &Here, hit: &Hit) -> Vec<String> {
    let scene = &here.scene;
    let overlay = editor.overlays.get(&(here.document, here.name.clone()));
    let value = |pin: &PinId| {
        let value = overlay.and_then(|overlay| marks::value(overlay, scene, pin));
        value.map(|value| format!("Last value: {value}"))
    };
    match hit {
        Hit::Pin(id) => {
            let Some(pin) = scene.pin(id) else { return Vec::new() };
            let name = if pin.label.is_empty() { "flow" } else { &pin.label };
            let ty = if pin.id.is_flow() { String::new() } else { format!(": {}", pin.ty) };
            let mut lines = vec![format!("{name}{ty}")];
            lines.extend((!pin.docs.is_empty()).then(|| pin.docs.to_owned()));
            lines.extend(pin.is_lambda.then(|| "λ: evaluated anew for each element or turn".to_owned()));
            lines.extend((pin.is_required && !pin.is_connected).then(|| "Required".to_owned()));
            lines.extend(value(id));
            lines.extend(pin.badges.iter().map(|badge| badge.message.clone()));
            lines
        }
        Hit::Node(id) => {
            let Some(card) = scene.card(id) else { return Vec::new() };
            let mut lines =
                vec![if card.ty.is_empty() { card.title.clone() } else { format!("{} {}", card.title, card.id) }];
            lines.push(card.summary.to_owned());
            lines.extend(card.comment.clone());
            lines.extend(overlay.and_then(|overlay| overlay.heat.get(id)).map(|heat| heat.text.clone()));
            lines.extend(problems_of(card).map(|badge| badge.message.clone()));
            lines
        }
        Hit::Wire(wire) | Hit::Reroute(wire, _) => {
            let Some(found) = scene.wires.iter().find(|other| other.wire == *wire) else { return Vec::new() };
            let what = match (wire.is_flow(), found.ty.is_empty()) {
                (true, _) => "flow".to_owned(),
                (false, true) => "a value".to_owned(),
                (false, false) => found.ty.clone(),
            };
            let mut lines =
                vec![what, format!("{} {} → {} {}", wire.from.node, wire.from.name, wire.to.node, wire.to.name)];
            lines.extend(match found.fit {
                Fit::Same => None,
                Fit::Converted => {
                    let to = scene.pin(&wire.to).map_or("", |pin| &pin.ty);
                    Some(format!("Converted to {to} on its way"))
                }
                Fit::Broken => Some("Does not fit where it leads".to_owned()),
            });
            let value = overlay.and_then(|overlay| marks::wire_value(overlay, found));
            lines.extend(value.map(|value| format!("Last value: {value}")));
            lines
        }
        Hit::Note(_) | Hit::Corner { .. } | Hit::Frame(_) => Vec::new(),
    }
}

fn problems_of(card: &Card) -> impl Iterator<Item = &Badge> {
    card.badges.iter().chain(card.pins.iter().flat_map(|pin| &pin.badges))
}

/// Shows the problems of what was asked for, each with its fix.
pub fn problems(editor: &mut Editor, ui: &mut Ui, here: &Here) {
    let Some(focus) = editor.canvas.problems.clone() else { return };
    let pen = Pen::new(ui.painter_at(here.view), here.view, here.camera, &editor.colours);
    let (node, badges): (_, Vec<Badge>) = match &focus {
        Focus::Node(id) => {
            (id.clone(), here.scene.card(id).map(|card| problems_of(card).cloned().collect()).unwrap_or_default())
        }
        Focus::Pin(id) => (id.node.clone(), here.scene.pin(id).map(|pin| pin.badges.clone()).unwrap_or_default()),
        Focus::Wire(_) => return,
    };
    let Some(card) = here.scene.card(&node).filter(|_| !badges.is_empty()) else {
        editor.canvas.problems = None;
        return;
    };
    let rect: Rect = pen.rect(&card.rect);
    let at = match &focus {
        Focus::Pin(id) => here.scene.pin_at(id).map_or(rect.left_bottom(), |at| pen.at(at) + vec2(0.0, 12.0)),
        _ => rect.left_bottom() + vec2(0.0, 6.0),
    };
    let colours = editor.colours;
    let mut todo = None;
    let area = Area::new(Id::new("canvas problems")).order(Order::Foreground).fixed_pos(at).constrain_to(here.view);
    area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).show(ui, |ui| {
            ui.set_max_width(360.0);
            for badge in &badges {
                let colour = if badge.is_error { colours.error } else { colours.warning };
                ui.label(RichText::new(&badge.message).color(colour).strong());
                if !badge.help.is_empty() {
                    ui.label(RichText::new(&badge.help).color(colours.soft));
                }
                if !badge.fixes.is_empty() {
                    let shown = badge.fixes.first().map_or("", |fix| fix.text.as_str());
                    let name =
                        if shown.len() <= 40 && !shown.is_empty() { format!("Fix: {shown}") } else { "Fix".to_owned() };
                    let button = ui.button(name);
                    // The keyboard goes to the first thing that mends it.
                    if ui.ctx().memory(|memory| memory.has_focus(super::id())) {
                        button.request_focus();
                    }
                    if button.clicked() {
                        todo = Some(Todo::Run(Command::Fix { fixes: badge.fixes.clone() }, None));
                    }
                }
            }
        });
    });
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        editor.canvas.problems = None;
    }
    if let Some(todo) = todo {
        editor.push(todo);
        editor.canvas.problems = None;
    }
}
