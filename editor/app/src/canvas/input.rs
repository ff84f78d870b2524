//! The pointer on the canvas: panning, zooming, selecting, dragging, connecting.

use std::sync::Arc;

use egui::{CursorIcon, Key, Modifiers, PointerButton, Pos2, Rect, Response, Ui, Vec2, vec2};
use statewright_editor_core::command::Command;
use statewright_editor_core::meta::Bookmark;
use statewright_editor_core::scene::field::Editor as FieldEditor;
use statewright_editor_core::scene::pick::Hit;
use statewright_editor_core::scene::{Point, Scene};
use statewright_editor_core::selection::{Mode, Selection};
use statewright_editor_core::wires::{PinId, Side, Wire};

use super::camera::Camera;
use super::drags::{Drag, with_frames};
use super::pen::{Detail, Pen};
use super::{Here, fields, is_node, menu};
use crate::editor::Editor;
use crate::todo::Todo;

/// How near to the edge a drag moves the view, in points of the screen, and how far it goes in a frame.
const EDGE: f32 = 28.0;
const FASTEST: f32 = 14.0;

/// How a selection grows by what is held.
fn mode(held: Modifiers) -> Mode {
    match (held.shift, held.command || held.ctrl) {
        (_, true) => Mode::Toggle,
        (true, false) => Mode::Add,
        _ => Mode::Replace,
    }
}

/// What is under a point of the screen. Far out there are only boxes.
pub fn pick(here: &Here, at: Pos2) -> Option<Hit> {
    let zoom = here.camera.zoom;
    let hit = here.scene.pick(here.camera.to_canvas(here.view, at), (1.0 / zoom).min(2.5));
    match hit {
        Some(Hit::Pin(pin)) if zoom < 0.2 => Some(Hit::Node(pin.node)),
        other => other,
    }
}

/// Takes what the pointer did.
pub fn take(editor: &mut Editor, ui: &Ui, response: &Response, here: &mut Here, map: Option<Rect>) {
    let at = ui.input(|input| input.pointer.latest_pos());
    editor.canvas.pointer = response.hover_pos().map(|at| here.camera.to_canvas(here.view, at));
    if response.hovered() || response.contains_pointer() {
        wheel(ui, here.view, &mut here.camera);
        if editor.canvas.space.is_some() || matches!(editor.canvas.drag, Some(Drag::Pan)) {
            let is_pan = matches!(editor.canvas.drag, Some(Drag::Pan));
            ui.ctx().set_cursor_icon(if is_pan { CursorIcon::Grabbing } else { CursorIcon::Grab });
        }
    }
    if editor.canvas.space.is_some() && !ui.input(|input| input.key_down(Key::Space)) {
        // It was let go where nobody heard of it.
        editor.canvas.space = None;
    }
    if response.drag_started() {
        response.request_focus();
        begin(editor, ui, response, here, map);
    }
    if response.dragged()
        && let Some(at) = at
    {
        go_on(editor, ui, response, here, at, map);
    }
    if response.drag_stopped() {
        let held = ui.input(|input| input.modifiers);
        drop(editor, here, at, held);
    }
    if response.clicked() || response.secondary_clicked() {
        response.request_focus();
        editor.canvas.problems = None;
    }
    let Some(at) = response.interact_pointer_pos().or(at).filter(|at| here.view.contains(*at)) else { return };
    if map.is_some_and(|map| map.contains(at)) {
        if response.clicked() {
            super::minimap::go(editor, here, at);
        }
        return;
    }
    if response.secondary_clicked() {
        let hit = pick(here, at);
        select_for_menu(editor, here, hit.as_ref());
        editor.canvas.menu = Some(menu::Menu { at, hit, point: here.camera.to_canvas(here.view, at) });
    } else if response.double_clicked() {
        double_click(editor, here, at);
    } else if response.clicked() {
        let held = ui.input(|input| input.modifiers);
        click(editor, ui, here, at, held);
    }
}

/// Zooms and pans by wheel, pinch and two fingers.
pub fn wheel(ui: &Ui, view: Rect, camera: &mut Camera) {
    let (zoom, scroll, at) =
        ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta(), input.pointer.hover_pos()));
    let Some(at) = at.filter(|at| view.contains(*at)) else { return };
    if zoom != 1.0 {
        camera.zoom_at(view, at, f64::from(zoom));
    } else if scroll != Vec2::ZERO {
        camera.pan(scroll);
    }
}

/// The selection of a graph, begun anew where something of another graph is selected.
pub fn selection(editor: &Editor, here: &Here) -> Selection {
    let selected = editor.active().map(|(document, _)| document.open.selection().clone()).unwrap_or_default();
    if selected.graph == Some(here.at) { selected } else { Selection { graph: Some(here.at), ..Selection::default() } }
}

/// What is selected by choosing what was hit.
pub fn chosen(here: &Here, hit: &Hit) -> Selection {
    let mut chosen = Selection { graph: Some(here.at), ..Selection::default() };
    match hit {
        Hit::Node(id) if is_node(id) => _ = chosen.nodes.insert(id.clone()),
        Hit::Pin(pin) if is_node(&pin.node) => _ = chosen.nodes.insert(pin.node.clone()),
        Hit::Wire(wire) | Hit::Reroute(wire, _) => _ = chosen.wires.insert(wire.clone()),
        Hit::Frame(id) | Hit::Corner { frame: true, id } => _ = chosen.frames.insert(id.clone()),
        Hit::Note(id) | Hit::Corner { frame: false, id } => _ = chosen.notes.insert(id.clone()),
        Hit::Node(_) | Hit::Pin(_) => {}
    }
    chosen
}

fn holds(selection: &Selection, chosen: &Selection) -> bool {
    !chosen.is_empty()
        && chosen.nodes.is_subset(&selection.nodes)
        && chosen.wires.is_subset(&selection.wires)
        && chosen.frames.is_subset(&selection.frames)
        && chosen.notes.is_subset(&selection.notes)
}

fn select_for_menu(editor: &mut Editor, here: &Here, hit: Option<&Hit>) {
    let Some(hit) = hit else { return };
    let chosen = chosen(here, hit);
    if !holds(&selection(editor, here), &chosen) {
        editor.push(Todo::Select(chosen));
    }
}

fn begin(editor: &mut Editor, ui: &Ui, response: &Response, here: &Here, map: Option<Rect>) {
    let Some(at) = ui.input(|input| input.pointer.press_origin()) else { return };
    let held = ui.input(|input| input.modifiers);
    if map.is_some_and(|map| map.contains(at)) {
        editor.canvas.drag = Some(Drag::Map);
        return;
    }
    if let Some(was_dragged) = &mut editor.canvas.space {
        *was_dragged = true;
        editor.canvas.drag = Some(Drag::Pan);
        return;
    }
    if !response.drag_started_by(PointerButton::Primary) {
        editor.canvas.drag = Some(Drag::Pan);
        return;
    }
    let point = here.camera.to_canvas(here.view, at);
    let hit = pick(here, at);
    let drag = match &hit {
        None => Drag::Band { from: point, to: point, mode: mode(held) },
        Some(Hit::Pin(pin)) => wire_from(&here.scene, pin, point),
        Some(Hit::Wire(wire)) => end_of(here, wire, point),
        Some(Hit::Reroute(wire, index)) => {
            let points = here.scene.wires.iter().find(|other| other.wire == *wire).map(|other| other.points.clone());
            Drag::Reroute { wire: wire.clone(), points: points.unwrap_or_default(), index: *index }
        }
        Some(Hit::Corner { frame, id }) => {
            let frames = here.scene.frames.iter().map(|frame| (&frame.id, frame.rect));
            let notes = here.scene.notes.iter().map(|note| (&note.id, note.rect));
            let found = if *frame { frames.clone().find(|(other, _)| *other == id) } else { None };
            let found = found.or_else(|| notes.clone().find(|(other, _)| *other == id));
            Drag::Size { is_frame: *frame, id: id.clone(), rect: found.map(|(_, rect)| rect).unwrap_or_default() }
        }
        Some(Hit::Node(id)) if !is_node(id) => Drag::Pan,
        Some(hit) => match number_at(editor, ui, here, at) {
            Some(drag) => drag,
            None => move_of(editor, here, hit, point, held),
        },
    };
    editor.canvas.drag = Some(drag);
}

/// A wire from a pin; from an input that has one, the end of that.
fn wire_from(scene: &Scene, pin: &PinId, to: Point) -> Drag {
    let at_input = (pin.side == Side::Input).then(|| scene.wires_at(pin).next()).flatten();
    match at_input.filter(|wire| scene.pin(&wire.wire.from).is_some()) {
        Some(wire) => Drag::Wire { from: wire.wire.from.clone(), moved: Some(wire.wire.clone()), to },
        None => Drag::Wire { from: pin.clone(), moved: None, to },
    }
}

/// Dragging at a wire near one of its ends takes that end; elsewhere it makes a point.
fn end_of(here: &Here, wire: &Wire, at: Point) -> Drag {
    const NEAR: f64 = 34.0;
    let away = |pin: &PinId| {
        let (x, y) = here.scene.pin_at(pin)?;
        Some((x - at.0).abs() + (y - at.1).abs()).filter(|away| *away < NEAR)
    };
    if away(&wire.to).is_some() && here.scene.pin(&wire.from).is_some() {
        return Drag::Wire { from: wire.from.clone(), moved: Some(wire.clone()), to: at };
    }
    if away(&wire.from).is_some() && here.scene.pin(&wire.to).is_some() {
        return Drag::Wire { from: wire.to.clone(), moved: Some(wire.clone()), to: at };
    }
    reroute_at(here, wire, at)
}

fn move_of(editor: &mut Editor, here: &Here, hit: &Hit, from: Point, held: Modifiers) -> Drag {
    let chosen = chosen(here, hit);
    let mut selected = selection(editor, here);
    if !holds(&selected, &chosen) {
        selected = selected.with(&chosen, if held.shift || held.command { Mode::Add } else { Mode::Replace });
        editor.push(Todo::Select(selected.clone()));
    }
    let what = with_frames(&here.scene, &selected);
    let corner = here.scene.around(&chosen).map_or(from, |rect| (rect.x, rect.y));
    Drag::Move { what, corner, from, by: (0.0, 0.0) }
}

/// A drag that changes the number whose field is at a place.
fn number_at(editor: &mut Editor, ui: &Ui, here: &Here, at: Pos2) -> Option<Drag> {
    let pin = field_at(editor, ui, here, at)?;
    let field = here.scene.pin(&pin)?.field.clone()?;
    let (step, range) = match field.editor {
        FieldEditor::Whole { min, max } => (0.2, Some((min, max))),
        FieldEditor::Number { .. } if field.text.parse::<i64>().is_ok() => {
            (0.2, Some((i64::MIN.into(), i64::MAX.into())))
        }
        FieldEditor::Number { step } => (step / 5.0, None),
        _ => return None,
    };
    let before = if field.text.is_empty() { 0.0 } else { field.text.parse().ok()? };
    Some(Drag::Number { pin, before, step, range, by: 0.0, gesture: editor.canvas.gesture() })
}

/// The pin whose field is at a place.
pub fn field_at(editor: &Editor, ui: &Ui, here: &Here, at: Pos2) -> Option<PinId> {
    let pen = Pen::new(ui.painter_at(here.view), here.view, here.camera, &editor.colours);
    if pen.detail() != Detail::Full || here.camera.zoom < super::pen::FIELDS {
        return None;
    }
    let Some(Hit::Node(id)) = pick(here, at) else { return None };
    let card = here.scene.card(&id)?;
    let found = card.pins.iter().find(|pin| {
        let rect = super::cards::field_rect(&pen, card, pen.at(card.place_of(pin)), pin);
        rect.is_some_and(|rect| rect.contains(at))
    });
    found.map(|pin| pin.id.clone())
}

fn go_on(editor: &mut Editor, ui: &Ui, response: &Response, here: &mut Here, at: Pos2, map: Option<Rect>) {
    let Some(mut drag) = editor.canvas.drag.take() else { return };
    match &mut drag {
        Drag::Pan => here.camera.pan(response.drag_delta()),
        Drag::Map => {
            if map.is_some() {
                super::minimap::go(editor, here, at);
            }
        }
        Drag::Number { by, .. } => {
            *by += f64::from(response.drag_delta().x);
            if let Some(command) = number(here, &drag) {
                let gesture = if let Drag::Number { gesture, .. } = &drag { Some(*gesture) } else { None };
                editor.push(Todo::Run(command, gesture));
            }
        }
        _ => {
            at_edges(ui, here, at);
            let step = if editor.settings.snap && !ui.input(|input| input.modifiers.alt) {
                editor.settings.grid_step
            } else {
                0.0
            };
            drag.go(here.camera.to_canvas(here.view, at), step);
        }
    }
    editor.canvas.drag = Some(drag);
}

fn number(here: &Here, drag: &Drag) -> Option<Command> {
    let Drag::Number { pin, before, step, range, by, .. } = drag else { return None };
    let value = before + by * step;
    let value = match range {
        Some((min, max)) => fields::whole((value.round() as i128).clamp(*min, *max)),
        None => statewright_types::Value::Float((value * 1000.0).round() / 1000.0),
    };
    Some(fields::set(here, pin, value))
}

/// Near the edges the view goes along.
fn at_edges(ui: &Ui, here: &mut Here, at: Pos2) {
    let inner = here.view.shrink(EDGE);
    let beyond = at - at.clamp(inner.min, inner.max);
    if beyond != Vec2::ZERO {
        let by = vec2(beyond.x.clamp(-EDGE, EDGE), beyond.y.clamp(-EDGE, EDGE)) / EDGE * FASTEST;
        here.camera.pan(-by);
        ui.ctx().request_repaint();
    }
}

fn drop(editor: &mut Editor, here: &Here, at: Option<Pos2>, held: Modifiers) {
    let Some(drag) = editor.canvas.drag.take() else { return };
    if let Some(command) = drag.dropped(here.at, &here.scene) {
        editor.push(Todo::Run(command, None));
        return;
    }
    match drag {
        Drag::Band { from, to, mode } => {
            let band = here.scene.band(&statewright_editor_core::meta::Rect::between(from, to));
            let mode = if held.shift && mode == Mode::Replace { Mode::Add } else { mode };
            let selected = selection(editor, here).with(&band, mode);
            editor.push(Todo::Select(selected));
        }
        Drag::Number { .. } => editor.push(Todo::EndGesture),
        Drag::Wire { from, moved, to } => {
            let hit = at.and_then(|at| pick(here, at));
            connect(editor, here, &from, moved, to, hit);
        }
        _ => {}
    }
}

/// A wire from a pin was dropped: on a pin, on a node, or where nothing is.
fn connect(editor: &mut Editor, here: &Here, from: &PinId, moved: Option<Wire>, to: Point, hit: Option<Hit>) {
    let Some(pin) = here.scene.pin(from) else { return };
    let target = match &hit {
        Some(Hit::Pin(other)) if other == from => return,
        Some(Hit::Pin(other)) => Some(other.clone()),
        Some(Hit::Node(id)) => match here.scene.partner_at(pin, id) {
            Some(found) => Some(found),
            None if **id == *from.node => return,
            None => {
                editor.notices.tell(format!(
                    "nothing of `{id}` takes {}",
                    if from.is_flow() { "the flow" } else { "this value" }
                ));
                return;
            }
        },
        _ => None,
    };
    let graph = here.at;
    match (moved, target) {
        (moved, Some(target)) => {
            if moved.as_ref().is_some_and(|wire| wire.to == target || wire.from == target) {
                return;
            }
            let connect = join(here, from, &target, moved.as_ref());
            let command = match moved {
                Some(wire) => Command::All {
                    label: "Move wire".to_owned(),
                    commands: vec![Command::Disconnect { graph, wires: vec![wire] }, connect],
                },
                None => connect,
            };
            editor.push(Todo::Run(command, None));
        }
        (Some(wire), None) => editor.push(Todo::Run(Command::Disconnect { graph, wires: vec![wire] }, None)),
        (None, None) => editor.push(crate::dialogs::palette::open(to, Some(from.clone()))),
    }
}

/// The command that joins two pins; a moved wire goes on as it did (`.Name`).
pub fn join(here: &Here, one: &PinId, other: &PinId, moved: Option<&Wire>) -> Command {
    let (from, to) = if one.is_source() { (one, other) } else { (other, one) };
    let before = moved.filter(|wire| !wire.is_flow() && wire.from == *from);
    let scene_wire = before.and_then(|wire| here.scene.wires.iter().find(|found| found.wire == *wire));
    let path = scene_wire.map(|wire| wire.label.clone()).unwrap_or_default();
    Command::Connect { graph: here.at, from: from.clone(), to: to.clone(), path }
}

fn click(editor: &mut Editor, ui: &Ui, here: &Here, at: Pos2, held: Modifiers) {
    if let Some(bookmark) = bookmark_at(editor, ui, here, at) {
        visit(editor, here, &bookmark);
        return;
    }
    let hit = pick(here, at);
    if let Some(Hit::Pin(pin)) = &hit
        && (held.alt || held.command || held.ctrl)
    {
        disconnect(editor, here, pin);
        return;
    }
    if let Some(focus) = super::hover::badge_at(editor, ui, here, at) {
        editor.canvas.problems = Some(focus);
        return;
    }
    if mode(held) == Mode::Replace
        && let Some(pin) = field_at(editor, ui, here, at)
    {
        editor.push(Todo::Select(Selection::of_nodes(here.at, [pin.node.clone()])));
        fields::begin(editor, here, &pin);
        return;
    }
    let chosen = match &hit {
        Some(hit) => chosen(here, hit),
        None => Selection { graph: Some(here.at), ..Selection::default() },
    };
    let focus = match hit {
        Some(Hit::Node(id)) => Some(statewright_editor_core::navigation::Focus::Node(id)),
        Some(Hit::Pin(pin)) => Some(statewright_editor_core::navigation::Focus::Pin(pin)),
        Some(Hit::Wire(wire)) => Some(statewright_editor_core::navigation::Focus::Wire(wire)),
        _ => None,
    };
    here.set_focus(editor, focus);
    let selected = selection(editor, here).with(&chosen, mode(held));
    editor.push(Todo::Select(selected));
}

/// The bookmark whose flag is at a place, where nothing else is.
fn bookmark_at(editor: &Editor, ui: &Ui, here: &Here, at: Pos2) -> Option<Bookmark> {
    let pen = Pen::new(ui.painter_at(here.view), here.view, here.camera, &editor.colours);
    let found = here.scene.bookmarks.iter().find(|bookmark| super::marks::flag_rect(&pen, bookmark).contains(at))?;
    Some(found.clone())
}

/// Looks at the place of a bookmark, as it was when that was made.
pub fn visit(editor: &mut Editor, here: &Here, bookmark: &Bookmark) {
    let zoom = bookmark.zoom.clamp(super::camera::LEAST, super::camera::MOST);
    editor.push(Todo::Look(here.document, here.name.clone(), bookmark.at, zoom));
}

/// Takes all wires from a pin.
pub fn disconnect(editor: &mut Editor, here: &Here, pin: &PinId) {
    let wires: Vec<Wire> = here.scene.wires_at(pin).map(|wire| wire.wire.clone()).collect();
    if !wires.is_empty() {
        editor.push(Todo::Run(Command::Disconnect { graph: here.at, wires }, None));
    }
}

fn double_click(editor: &mut Editor, here: &Here, at: Pos2) {
    let point = here.camera.to_canvas(here.view, at);
    match pick(here, at) {
        Some(Hit::Wire(wire)) => {
            let Drag::Reroute { wire, points, .. } = reroute_at(here, &wire, point) else { return };
            editor.push(Todo::Run(Command::Reroute { graph: here.at, wire, points }, None));
        }
        Some(Hit::Reroute(wire, index)) => remove_point(editor, here, &wire, index),
        Some(Hit::Node(id)) => open_node(editor, here, &id),
        Some(Hit::Frame(id)) => editor.push(menu::name_frame(here, &id)),
        Some(Hit::Note(id)) => editor.push(menu::write_note(here, &id)),
        Some(Hit::Pin(_) | Hit::Corner { .. }) => {}
        None => editor.push(crate::dialogs::palette::open(point, None)),
    }
}

/// A further point of a wire, where it goes now.
fn reroute_at(here: &Here, wire: &Wire, at: Point) -> Drag {
    let found = here.scene.wires.iter().find(|other| other.wire == *wire);
    let mut points = found.map(|found| found.points.clone()).unwrap_or_default();
    let index = found.map_or(0, |found| found.route.place_of(at)).min(points.len());
    points.insert(index, at);
    Drag::Reroute { wire: wire.clone(), points, index }
}

/// Takes a point of a wire away.
pub fn remove_point(editor: &mut Editor, here: &Here, wire: &Wire, index: usize) {
    let Some(found) = here.scene.wires.iter().find(|other| other.wire == *wire) else { return };
    let points =
        found.points.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, point)| *point).collect();
    editor.push(Todo::Run(Command::Reroute { graph: here.at, wire: wire.clone(), points }, None));
}

/// Opens what a node stands for: the function that it calls; else its comment.
pub fn open_node(editor: &mut Editor, here: &Here, id: &Arc<str>) {
    match function_of(editor, here, id) {
        Some(at) => editor.push(Todo::ShowGraph(here.document, at)),
        None if is_node(id) => editor.push(menu::comment(here, id)),
        None => {}
    }
}

/// The function that a node calls.
pub fn function_of(editor: &Editor, here: &Here, id: &str) -> Option<statewright_graph::document::GraphAt> {
    let card = here.scene.card(id)?;
    if &*card.ty != "CallFunction" {
        return None;
    }
    let name = &card.pin(Side::Input, "function")?.field.as_ref()?.text;
    let document = editor.documents.get(&here.document)?;
    document
        .graphs()
        .find(|(at, graph)| at.kind == statewright_graph::document::GraphKind::Function && *graph.name.text == **name)
        .map(|(at, _)| at)
}
