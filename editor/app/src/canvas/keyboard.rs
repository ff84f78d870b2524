//! The canvas without a pointer: going between nodes, pins and wires, editing, connecting, moving.

use egui::{EventFilter, Key, Modifiers, Response, Ui};
use statewright_editor_core::navigation::{self, Focus, Way};
use statewright_editor_core::scene::pick::Hit;
use statewright_editor_core::selection::{Mode, Selection};
use statewright_editor_core::wires::{PinId, Side};

use super::drags::{moved, with_frames};
use super::{Here, fields, input, is_node, menu};
use crate::editor::Editor;
use crate::todo::Todo;

const ARROWS: [(Key, Way, (f64, f64)); 4] = [
    (Key::ArrowLeft, Way::Left, (-1.0, 0.0)),
    (Key::ArrowRight, Way::Right, (1.0, 0.0)),
    (Key::ArrowUp, Way::Up, (0.0, -1.0)),
    (Key::ArrowDown, Way::Down, (0.0, 1.0)),
];

/// Takes the keys that are the canvas's own.
pub fn take(editor: &mut Editor, ui: &Ui, response: &Response, here: &mut Here) {
    let ctx = ui.ctx();
    let is_free = editor.dialog.is_none() && editor.canvas.editing.is_none() && editor.canvas.menu.is_none();
    if is_free && ctx.memory(egui::Memory::focused).is_none() {
        // What was pressed in this frame was still for whoever had the keyboard.
        response.request_focus();
        end_moving(editor);
        return;
    }
    // A list or menu that the pointer opened has the arrows.
    if !response.has_focus() || !is_free || egui::Popup::is_any_open(ctx) {
        end_moving(editor);
        return;
    }
    // Arrows move on the canvas, not between widgets; Tab is an action's.
    let filter = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
    ctx.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    if !ui.input(|input| input.modifiers.command || input.modifiers.ctrl) {
        end_moving(editor);
    }
    let pressed = |modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
    for (key, way, by) in ARROWS {
        if pressed(Modifiers::COMMAND, key) || pressed(Modifiers::CTRL, key) {
            nudge(editor, here, by);
        } else if pressed(Modifiers::SHIFT, key) {
            go(editor, here, way, Mode::Add);
        } else if pressed(Modifiers::NONE, key) {
            go(editor, here, way, Mode::Replace);
        }
    }
    if pressed(Modifiers::SHIFT, Key::F10) {
        open_menu(editor, here);
    } else if pressed(Modifiers::NONE, Key::Enter) {
        enter(editor, here);
    }
    for (key, way) in [(Key::PageDown, Way::Next), (Key::PageUp, Way::Previous)] {
        if pressed(Modifiers::NONE, key) {
            go(editor, here, way, Mode::Replace);
        }
    }
}

fn end_moving(editor: &mut Editor) {
    if editor.canvas.keys.take().is_some() {
        editor.push(Todo::EndGesture);
    }
}

/// The keyboard goes to a place, which is selected and brought into view.
pub fn arrive(editor: &mut Editor, here: &Here, focus: Focus) {
    arrive_with(editor, here, focus, Mode::Replace);
}

fn arrive_with(editor: &mut Editor, here: &Here, focus: Focus, mode: Mode) {
    let hit = match &focus {
        Focus::Node(id) => Hit::Node(id.clone()),
        Focus::Pin(pin) => Hit::Node(pin.node.clone()),
        Focus::Wire(wire) => Hit::Wire(wire.clone()),
    };
    let selected = input::selection(editor, here).with(&input::chosen(here, &hit), mode);
    editor.push(Todo::Select(selected));
    if let Focus::Node(id) | Focus::Pin(PinId { node: id, .. }) = &focus {
        editor.canvas.reveal = Some(id.clone());
    }
    here.set_focus(editor, Some(focus));
}

/// Where the keyboard is; the selected node, or the start, if it was nowhere.
pub fn at(editor: &mut Editor, here: &Here) -> Option<Focus> {
    let exists = |focus: &Focus| match focus {
        Focus::Node(id) => here.scene.card(id).is_some(),
        Focus::Pin(pin) => here.scene.pin(pin).is_some(),
        Focus::Wire(wire) => here.scene.wires.iter().any(|other| other.wire == *wire),
    };
    here.focus(editor).filter(exists)
}

fn go(editor: &mut Editor, here: &Here, way: Way, mode: Mode) {
    let to = match at(editor, here) {
        Some(focus) => navigation::step(&here.scene, &focus, way),
        None => {
            let selected = input::selection(editor, here).nodes.first().cloned().map(Focus::Node);
            let Some(first) = selected.or_else(|| navigation::first(&here.scene)) else { return };
            first
        }
    };
    arrive_with(editor, here, to, mode);
}

/// Into a node; on a pin its value is edited, or the way goes along its wire.
fn enter(editor: &mut Editor, here: &Here) {
    let Some(focus) = at(editor, here) else {
        go(editor, here, Way::In, Mode::Replace);
        return;
    };
    if let Focus::Pin(pin) = &focus
        && here.scene.pin(pin).is_some_and(|pin| pin.field.is_some())
    {
        fields::begin(editor, here, pin);
        return;
    }
    go(editor, here, Way::In, Mode::Replace);
}

/// Escape: from a pin to its node, from a wire to where it begins; from a node nowhere, and then nothing is selected.
pub fn leave(editor: &mut Editor) {
    let Some(here) = Here::of(editor) else { return };
    match at(editor, &here) {
        Some(focus @ (Focus::Pin(_) | Focus::Wire(_))) => {
            let to = navigation::step(&here.scene, &focus, Way::Out);
            arrive(editor, &here, to);
        }
        _ => {
            here.set_focus(editor, None);
            editor.push(Todo::Select(Selection { graph: Some(here.at), ..Selection::default() }));
        }
    }
}

/// Moves what is selected by a step of the grid, all in one gesture while the key is held.
fn nudge(editor: &mut Editor, here: &Here, (x, y): (f64, f64)) {
    let selected = input::selection(editor, here);
    let what = with_frames(&here.scene, &selected);
    if what.nodes.is_empty() && what.frames.is_empty() && what.notes.is_empty() {
        return;
    }
    let known = editor.canvas.keys.clone().filter(|(_, before)| *before == selected).map(|(gesture, _)| gesture);
    let gesture = known.unwrap_or_else(|| editor.canvas.gesture());
    editor.canvas.keys = Some((gesture, selected));
    let step = if editor.settings.snap { editor.settings.grid_step } else { 4.0 };
    let command = moved(here.at, &here.scene, &what, (x * step, y * step));
    editor.push(Todo::Run(command, Some(gesture)));
}

fn open_menu(editor: &mut Editor, here: &Here) {
    let focus = at(editor, here);
    let (hit, point) = match &focus {
        Some(Focus::Node(id)) => {
            (Some(Hit::Node(id.clone())), here.scene.card(id).map_or(here.camera.centre, |card| card.rect.centre()))
        }
        Some(Focus::Pin(pin)) => (Some(Hit::Pin(pin.clone())), here.scene.pin_at(pin).unwrap_or(here.camera.centre)),
        Some(Focus::Wire(wire)) => {
            let found = here.scene.wires.iter().find(|other| other.wire == *wire);
            (Some(Hit::Wire(wire.clone())), found.map_or(here.camera.centre, |wire| wire.route.middle()))
        }
        None => (None, here.camera.centre),
    };
    let at = here.camera.to_screen(here.view, point).clamp(here.view.min, here.view.max);
    editor.canvas.menu = Some(menu::Menu { at, hit, point });
}

/// The pin that a wire is begun from by keyboard: where the keyboard is, else the first free exit or output of a node.
pub fn pin_to_connect(editor: &mut Editor, here: &Here) -> Option<PinId> {
    let node = match at(editor, here) {
        Some(Focus::Pin(pin)) => return Some(pin),
        Some(Focus::Node(id)) => id,
        _ => input::selection(editor, here).nodes.first().cloned().filter(|id| is_node(id))?,
    };
    let card = here.scene.card(&node)?;
    let sources = || card.pins.iter().filter(|pin| pin.id.is_source());
    let free = sources().find(|pin| !pin.is_connected);
    let found = free.or_else(|| sources().find(|pin| pin.id.side == Side::Output)).or_else(|| sources().next());
    found.map(|pin| pin.id.clone())
}
