//! Context menus: what can be done with a node, a pin, a wire, a frame, a note, the canvas.

use std::sync::Arc;

use egui::{Id, PopupCloseBehavior, PopupKind, Pos2, Ui};
use statewright_editor_core::actions::Action;
use statewright_editor_core::command::Command;
use statewright_editor_core::navigation::Focus;
use statewright_editor_core::scene::pick::Hit;
use statewright_editor_core::scene::{Pin, Point};
use statewright_editor_core::wires::{END, PinId, Side, Wire};

use super::{Here, fields, input};
use crate::dialogs::prompt::{self, Purpose};
use crate::dialogs::targets;
use crate::editor::Editor;
use crate::todo::Todo;

/// A menu that is open.
#[derive(Clone, Debug)]
pub struct Menu {
    /// Where on the screen.
    pub at: Pos2,
    /// Of what; the canvas for nothing.
    pub hit: Option<Hit>,
    /// Where on the canvas.
    pub point: Point,
}

/// Colours that a frame can have, with what they are called.
const COLOURS: &[(&str, &str)] = &[
    ("Blue", "#3b6fb6"),
    ("Green", "#3d8b5f"),
    ("Amber", "#b07d2b"),
    ("Red", "#b5483c"),
    ("Violet", "#7a5bb5"),
    ("Grey", "#6b7684"),
];

/// Draws the menu that is open.
pub fn show(editor: &mut Editor, ui: &Ui, here: &Here) {
    let Some(menu) = editor.canvas.menu.clone() else { return };
    let mut is_open = true;
    let before = editor.waiting();
    let popup = egui::Popup::new(Id::new("canvas menu"), ui.ctx().clone(), menu.at, ui.layer_id());
    popup.kind(PopupKind::Menu).open_bool(&mut is_open).close_behavior(PopupCloseBehavior::CloseOnClick).show(|ui| {
        ui.set_min_width(220.0);
        anchor(ui);
        problems(editor, here, menu.hit.as_ref(), ui);
        match &menu.hit {
            Some(Hit::Node(id)) => of_node(editor, here, id, ui),
            Some(Hit::Pin(pin)) => of_pin(editor, here, pin, ui),
            Some(Hit::Wire(wire)) => of_wire(editor, here, wire, menu.point, ui),
            Some(Hit::Reroute(wire, index)) => {
                if ui.button("Remove point").clicked() {
                    input::remove_point(editor, here, wire, *index);
                }
                of_wire(editor, here, wire, menu.point, ui);
            }
            Some(Hit::Frame(id) | Hit::Corner { frame: true, id }) => of_frame(editor, here, id, ui),
            Some(Hit::Note(id) | Hit::Corner { frame: false, id }) => {
                if ui.button("Edit note…").clicked() {
                    editor.push(write_note(here, id));
                }
                actions(editor, ui, &[Action::Copy, Action::Cut, Action::Duplicate, Action::Delete]);
            }
            None => of_canvas(editor, here, menu.point, ui),
        }
    });
    // What was chosen by keys is no click.
    let is_chosen = editor.waiting() > before || editor.canvas.editing.is_some() || editor.canvas.problems.is_some();
    if !is_open || is_chosen {
        editor.canvas.menu = None;
    }
}

/// Where the keyboard is when a menu opens: arrows go on from here.
fn anchor(ui: &mut Ui) {
    let rect = egui::Rect::from_min_size(ui.cursor().min, egui::vec2(ui.available_width(), 0.0));
    let id = Id::new("canvas menu anchor");
    let response = ui.interact(rect, id, egui::Sense::focusable_noninteractive());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Label, true, "Menu"));
    if ui.ctx().memory(|memory| memory.focused().is_none() || memory.has_focus(super::id())) {
        response.request_focus();
    }
}

/// The way to problems without a pointer.
fn problems(editor: &mut Editor, here: &Here, hit: Option<&Hit>, ui: &mut Ui) {
    let focus = match hit {
        Some(Hit::Node(id)) if here.scene.card(id).is_some_and(|card| card.severity.is_some()) => {
            Focus::Node(id.clone())
        }
        Some(Hit::Pin(id)) if here.scene.pin(id).is_some_and(|pin| !pin.badges.is_empty()) => Focus::Pin(id.clone()),
        _ => return,
    };
    if ui.button("Show problems").clicked() {
        editor.canvas.problems = Some(focus);
    }
    ui.separator();
}

/// Entries of actions, with their keys; those that cannot be done now are grey.
fn actions(editor: &mut Editor, ui: &mut Ui, actions: &[Action]) {
    let situation = editor.situation();
    for action in actions {
        let keys = editor.settings.keys.keys(*action).first().map(ToString::to_string).unwrap_or_default();
        let button = egui::Button::new(action.title()).shortcut_text(keys);
        if ui.add_enabled(action.when().holds(&situation), button).clicked() {
            editor.push(Todo::Act(*action));
        }
    }
}

fn of_node(editor: &mut Editor, here: &Here, id: &Arc<str>, ui: &mut Ui) {
    let Some(card) = here.scene.card(id) else { return };
    if card.ty.is_empty() {
        actions(editor, ui, &[Action::AddNode, Action::Connect, Action::Layout]);
        return;
    }
    if input::function_of(editor, here, id).is_some() {
        if ui.button("Open function").clicked() {
            input::open_node(editor, here, id);
        }
        actions(editor, ui, &[Action::Expand]);
        ui.separator();
    }
    let switches = card.pins.iter().any(|pin| pin.id.side == Side::FlowOut && &*pin.id.name == "default");
    if switches && ui.button("Add case…").clicked() {
        let purpose = Purpose::Case { graph: here.at, node: id.to_string() };
        editor.push(prompt::ask("Add case", "Value of the case", "", Vec::new(), purpose));
    }
    for pin in card.pins.iter().filter(|pin| fields::has_entries(pin)) {
        if ui.button(format!("Add to {}…", pin.label)).clicked() {
            fields::add_entry(editor, here, pin);
        }
    }
    actions(editor, ui, &[Action::Rename, Action::Comment, Action::Connect]);
    ui.separator();
    actions(editor, ui, &[Action::Cut, Action::Copy, Action::Duplicate, Action::Delete, Action::DeleteBridge]);
    ui.separator();
    actions(editor, ui, &[Action::Collapse, Action::AddFrame, Action::SelectConnected, Action::SelectSimilar]);
    ui.separator();
    actions(editor, ui, &[Action::Breakpoint, Action::RunToNode, Action::FindUses, Action::NodeHelp]);
}

fn of_pin(editor: &mut Editor, here: &Here, id: &PinId, ui: &mut Ui) {
    let Some(pin) = here.scene.pin(id) else { return };
    if ui.button("Connect…").clicked() {
        editor.push(targets::open(id.clone()));
    }
    if ui.button("Add node here…").clicked() {
        let (x, y) = here.scene.pin_at(id).unwrap_or_default();
        let at = if id.is_source() { (x + 120.0, y - 20.0) } else { (x - 320.0, y - 20.0) };
        editor.push(crate::dialogs::palette::open(at, Some(id.clone())));
    }
    if ui.add_enabled(pin.is_connected, egui::Button::new("Disconnect")).clicked() {
        input::disconnect(editor, here, id);
    }
    if pin.field.is_some() && id.side == Side::Input && ui.button("Edit value").clicked() {
        fields::begin(editor, here, id);
    }
    let is_given = pin.field.as_ref().is_some_and(|field| !field.text.is_empty() && !field.is_default);
    if is_given && !pin.is_dynamic && ui.button("Clear value").clicked() {
        editor.push(Todo::Run(clear(here, id), None));
    }
    dynamic(editor, here, pin, ui);
}

fn clear(here: &Here, pin: &PinId) -> Command {
    Command::SetInput { graph: here.at, nodes: vec![pin.node.clone()], port: pin.name.to_string(), value: None }
}

/// What can be done with pins that the author made: entries, elements, cases.
fn dynamic(editor: &mut Editor, here: &Here, pin: &Pin, ui: &mut Ui) {
    let id = &pin.id;
    if fields::has_entries(pin) && ui.button("Add entry…").clicked() {
        fields::add_entry(editor, here, pin);
    }
    if !pin.is_dynamic || &*id.node == statewright_editor_core::wires::START {
        return;
    }
    ui.separator();
    let graph = here.at;
    match id.side {
        Side::Input => {
            let name = fields::entry_name(id);
            if name.parse::<usize>().is_err() && ui.button("Rename entry…").clicked() {
                let purpose = Purpose::RenameEntry { graph, pin: id.clone() };
                editor.push(prompt::ask("Rename entry", "Name of the entry", &name, Vec::new(), purpose));
            }
            if ui.button("Remove entry").clicked() {
                editor.push(Todo::Run(clear(here, id), None));
            }
        }
        Side::FlowOut => {
            if ui.button("Rename case…").clicked() {
                let purpose = Purpose::RenameCase { graph, node: id.node.to_string(), old: id.name.to_string() };
                editor.push(prompt::ask("Rename case", "Value of the case", &id.name, Vec::new(), purpose));
            }
            if ui.button("Remove case").clicked() {
                input::disconnect(editor, here, id);
            }
        }
        Side::FlowIn | Side::Output => {}
    }
}

/// The command that adds a case to a Switch: it leads to the end until it is led elsewhere.
pub fn add_case(graph: statewright_graph::document::GraphAt, node: &str, case: &str) -> Command {
    let (from, to) = (PinId::new(node, Side::FlowOut, case), PinId::new(END, Side::FlowIn, ""));
    Command::Connect { graph, from, to, path: String::new() }
}

fn of_wire(editor: &mut Editor, here: &Here, wire: &Wire, at: Point, ui: &mut Ui) {
    let graph = here.at;
    if ui.button("Add reroute point").clicked()
        && let Some(found) = here.scene.wires.iter().find(|other| other.wire == *wire)
    {
        let mut points = found.points.clone();
        points.insert(found.route.place_of(at).min(points.len()), at);
        editor.push(Todo::Run(Command::Reroute { graph, wire: wire.clone(), points }, None));
    }
    if ui.button("Make straight").clicked() {
        editor.push(Todo::Run(Command::Reroute { graph, wire: wire.clone(), points: Vec::new() }, None));
    }
    for (name, end) in [("Go to where it begins", &wire.from), ("Go to where it ends", &wire.to)] {
        if ui.add_enabled(here.scene.card(&end.node).is_some(), egui::Button::new(name)).clicked() {
            super::keyboard::arrive(editor, here, Focus::Pin(end.clone()));
        }
    }
    ui.separator();
    if ui.button("Disconnect").clicked() {
        editor.push(Todo::Run(Command::Disconnect { graph, wires: vec![wire.clone()] }, None));
    }
}

fn of_frame(editor: &mut Editor, here: &Here, id: &str, ui: &mut Ui) {
    if ui.button("Frame title…").clicked() {
        editor.push(name_frame(here, id));
    }
    if let Some(frame) = here.scene.frames.iter().find(|frame| frame.id == id) {
        ui.horizontal(|ui| {
            ui.label("Colour");
            for (name, colour) in COLOURS {
                let is_it = frame.colour.as_deref() == Some(*colour);
                if swatch(ui, &editor.colours, name, colour, is_it).clicked() {
                    let (title, colour) = (frame.title.clone(), Some((*colour).to_owned()));
                    let command = Command::EditFrame { graph: here.at, id: id.to_owned(), title, colour };
                    editor.push(Todo::Run(command, None));
                }
            }
        });
    }
    if ui.button("Select what is in it").clicked() {
        editor.push(Todo::Select(here.scene.in_frame(id)));
    }
    actions(editor, ui, &[Action::Copy, Action::Duplicate, Action::Delete]);
}

fn of_canvas(editor: &mut Editor, here: &Here, at: Point, ui: &mut Ui) {
    let keys = editor.settings.keys.keys(Action::AddNode).first().map(ToString::to_string).unwrap_or_default();
    if ui.add(egui::Button::new(Action::AddNode.title()).shortcut_text(keys)).clicked() {
        editor.push(crate::dialogs::palette::open(at, None));
    }
    if ui.button("Add note here").clicked() {
        let rect = statewright_editor_core::meta::Rect::new(at.0, at.1, 220.0, 90.0);
        let command = Command::AddNote { graph: here.at, text: "Note".to_owned(), rect };
        editor.push(Todo::Run(command, None));
    }
    actions(editor, ui, &[Action::Paste, Action::SelectAll]);
    ui.separator();
    actions(editor, ui, &[Action::FitAll, Action::ZoomReset, Action::Layout, Action::AddBookmark]);
    if !here.scene.bookmarks.is_empty() {
        ui.separator();
    }
    for bookmark in &here.scene.bookmarks {
        if ui.button(format!("Go to {}", bookmark.name)).clicked() {
            input::visit(editor, here, bookmark);
        }
    }
}

/// A colour to choose.
fn swatch(ui: &mut Ui, colours: &crate::theme::Colours, name: &str, colour: &str, is_it: bool) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(egui::vec2(20.0, 20.0), egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::Button, true, is_it, name));
    let edge = if response.hovered() || response.has_focus() || is_it { colours.text } else { colours.edge };
    let stroke = egui::Stroke::new(if is_it { 2.0 } else { 1.0 }, edge);
    ui.painter().rect(rect.shrink(2.0), 4.0, crate::theme::parse(colour), stroke, egui::StrokeKind::Outside);
    response.on_hover_text(name)
}

/// Asks for the title of a frame.
pub fn name_frame(here: &Here, id: &str) -> Todo {
    let frame = here.scene.frames.iter().find(|frame| frame.id == id);
    let (title, colour) = frame.map(|frame| (frame.title.clone(), frame.colour.clone())).unwrap_or_default();
    let purpose = Purpose::Frame { graph: here.at, id: id.to_owned(), colour };
    prompt::ask("Frame", "Title", &title, Vec::new(), purpose)
}

/// Asks for the text of a note.
pub fn write_note(here: &Here, id: &str) -> Todo {
    let text = here.scene.notes.iter().find(|note| note.id == id).map(|note| note.text.clone()).unwrap_or_default();
    prompt::ask("Note", "Text", &text, Vec::new(), Purpose::Note { graph: here.at, id: id.to_owned() })
}

/// Asks for the comment of a node.
pub fn comment(here: &Here, id: &Arc<str>) -> Todo {
    let text = here.scene.card(id).and_then(|card| card.comment.clone()).unwrap_or_default();
    prompt::ask("Comment", "Comment", &text, Vec::new(), Purpose::Comment { graph: here.at, node: id.to_string() })
}
