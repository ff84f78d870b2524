//! Actions on the canvas: undo, what is selected, places of nodes, what is seen.

use std::sync::Arc;

use statewright_editor_core::actions::Action;
use statewright_editor_core::clipboard;
use statewright_editor_core::command::Command;
use statewright_editor_core::command::arrange::{Align, aligned, distributed};
use statewright_editor_core::meta::Rect;
use statewright_editor_core::selection::Selection;

use crate::canvas::camera::Camera;
use crate::canvas::{Here, keyboard, menu};
use crate::dialogs::prompt::{self, Purpose};
use crate::dialogs::{palette, targets};
use crate::editor::Editor;
use crate::todo::Todo;

/// By how much a step of the keys zooms.
const ZOOM: f64 = 1.25;
/// Space between a frame and what is in it.
const AROUND: f64 = 24.0;

/// Does an action; whether it is one of these.
pub fn act(editor: &mut Editor, action: Action) -> bool {
    history(editor, action)
        || crate::panels::diff::view::act(editor, action)
        || select(editor, action)
        || edit(editor, action)
        || arrange(editor, action)
        || look(editor, action)
}

fn history(editor: &mut Editor, action: Action) -> bool {
    let Some((document, _)) = editor.active_mut() else { return matches!(action, Action::Undo | Action::Redo) };
    let done = match action {
        Action::Undo => document.open.undo().map(|label| format!("Undone: {label}")),
        Action::Redo => document.open.redo().map(|label| format!("Done again: {label}")),
        _ => return false,
    };
    editor.canvas.editing = None;
    if let Some(done) = done {
        editor.notices.tell(done);
    }
    true
}

fn select(editor: &mut Editor, action: Action) -> bool {
    let is_one =
        matches!(action, Action::SelectAll | Action::SelectNone | Action::SelectConnected | Action::SelectSimilar);
    if !is_one {
        return false;
    }
    if action == Action::SelectNone {
        editor.canvas.problems = None;
        keyboard::leave(editor);
        return true;
    }
    let Some((document, at)) = editor.active() else { return true };
    let Some(graph) = document.graph(at) else { return true };
    let selected = document.open.selection();
    let selected = match action {
        Action::SelectAll => Selection::all(at, graph),
        Action::SelectConnected => selected.connected(graph),
        _ => selected.similar(graph),
    };
    editor.push(Todo::Select(selected));
    true
}

/// What is selected in the graph that is shown.
fn selected(editor: &mut Editor) -> Option<(Here, Selection)> {
    let here = Here::of(editor)?;
    let selected = crate::canvas::input::selection(editor, &here);
    Some((here, selected))
}

fn edit(editor: &mut Editor, action: Action) -> bool {
    match action {
        Action::Copy | Action::Cut => copy(editor, action == Action::Cut),
        Action::Paste => editor.ctx().send_viewport_cmd(egui::ViewportCommand::RequestPaste),
        Action::Duplicate | Action::Delete | Action::DeleteBridge => {
            let Some((_, selection)) = selected(editor) else { return true };
            let step = editor.settings.grid_step.max(10.0);
            let command = match action {
                Action::Duplicate => Command::Duplicate { selection, by: (2.0 * step, 2.0 * step) },
                _ => Command::Remove { selection, bridge: action == Action::DeleteBridge },
            };
            editor.push(Todo::Run(command, None));
        }
        Action::AddNode => {
            let Some(here) = Here::of(editor) else { return true };
            let at = editor.canvas.pointer.unwrap_or(here.camera.centre);
            editor.push(palette::open(at, None));
        }
        Action::AddFrame | Action::AddNote | Action::Comment | Action::Collapse | Action::Expand => {
            of_selection(editor, action)
        }
        Action::Connect => {
            let Some(here) = Here::of(editor) else { return true };
            if let Some(pin) = keyboard::pin_to_connect(editor, &here) {
                editor.push(targets::open(pin));
            }
        }
        _ => return false,
    }
    true
}

fn copy(editor: &mut Editor, cut: bool) {
    let Some((_, selection)) = selected(editor) else { return };
    let Some((document, _)) = editor.active() else { return };
    match clipboard::copy(document.open.source(), &selection) {
        Ok(text) => {
            editor.ctx().copy_text(text);
            if cut {
                editor.push(Todo::Run(Command::Remove { selection, bridge: false }, None));
            }
        }
        Err(refused) => editor.notices.error(refused.message, refused.help),
    }
}

/// Pastes a fragment at the pointer, or in the middle of what is seen.
pub fn paste(editor: &mut Editor, text: String) {
    let Some(here) = Here::of(editor) else { return };
    let at = editor.canvas.pointer.unwrap_or(here.camera.centre);
    let step = if editor.settings.snap { editor.settings.grid_step } else { 0.0 };
    let at = statewright_editor_core::command::arrange::snapped(at, step);
    super::run(editor, &Command::Paste { graph: here.at, text, at }, None);
}

fn of_selection(editor: &mut Editor, action: Action) {
    let Some((here, selection)) = selected(editor) else { return };
    let graph = here.at;
    let first = selection.nodes.first().cloned();
    let middle = editor.canvas.pointer.unwrap_or(here.camera.centre);
    let todo = match (action, first) {
        (Action::AddFrame, _) => {
            let around = here.scene.around(&selection).map(|rect| {
                let rect = rect.grown(AROUND);
                Rect::new(rect.x, rect.y - 26.0, rect.width, rect.height + 26.0)
            });
            let rect = around.unwrap_or(Rect::new(middle.0, middle.1, 400.0, 260.0));
            Todo::Run(Command::AddFrame { graph, title: "Frame".to_owned(), colour: None, rect }, None)
        }
        (Action::AddNote, _) => {
            let rect = Rect::new(middle.0, middle.1, 220.0, 90.0);
            Todo::Run(Command::AddNote { graph, text: "Note".to_owned(), rect }, None)
        }
        (Action::Comment, Some(node)) => menu::comment(&here, &node),
        (Action::Collapse, Some(_)) => {
            let nodes: Vec<Arc<str>> = selection.nodes.iter().cloned().collect();
            prompt::ask(
                "Collapse to function",
                "Name of the function",
                "",
                Vec::new(),
                Purpose::Collapse { graph, nodes },
            )
        }
        (Action::Expand, Some(node)) => Todo::Run(Command::Expand { graph, node: node.to_string() }, None),
        _ => return,
    };
    editor.push(todo);
}

fn arrange(editor: &mut Editor, action: Action) -> bool {
    let align = match action {
        Action::AlignLeft => Some(Align::Left),
        Action::AlignRight => Some(Align::Right),
        Action::AlignTop => Some(Align::Top),
        Action::AlignBottom => Some(Align::Bottom),
        Action::AlignRow => Some(Align::Row),
        Action::AlignColumn => Some(Align::Column),
        Action::DistributeRow | Action::DistributeColumn => None,
        Action::Layout => {
            let Some((here, selection)) = selected(editor) else { return true };
            let nodes = if selection.nodes.len() > 1 { selection.nodes.into_iter().collect() } else { Vec::new() };
            editor.push(Todo::Run(Command::Layout { graph: here.at, nodes }, None));
            return true;
        }
        _ => return false,
    };
    let Some((here, selection)) = selected(editor) else { return true };
    let cards = selection.nodes.iter().filter_map(|id| here.scene.card(id));
    let boxes: Vec<(Arc<str>, Rect)> = cards.map(|card| (card.id.clone(), card.rect)).collect();
    let nodes = match align {
        Some(align) => aligned(&boxes, align),
        None => distributed(&boxes, action == Action::DistributeRow),
    };
    let place = Command::Place { graph: here.at, nodes, frames: Vec::new(), notes: Vec::new() };
    editor.push(Todo::Run(Command::All { label: action.title().to_owned(), commands: vec![place] }, None));
    true
}

fn look(editor: &mut Editor, action: Action) -> bool {
    match action {
        Action::Snap => editor.settings.snap = !editor.settings.snap,
        Action::Minimap => editor.settings.minimap = !editor.settings.minimap,
        Action::Toolbar => editor.settings.toolbar = !editor.settings.toolbar,
        Action::Grid => editor.settings.grid = !editor.settings.grid,
        Action::FitAll | Action::FitSelection | Action::ZoomIn | Action::ZoomOut | Action::ZoomReset => {
            zoom(editor, action)
        }
        Action::AddBookmark => {
            let Some(here) = Here::of(editor) else { return true };
            let Camera { centre: at, zoom } = here.camera;
            let purpose = Purpose::Bookmark { graph: here.at, at, zoom };
            editor.push(prompt::ask("Bookmark this place", "Name of the bookmark", "", Vec::new(), purpose));
        }
        _ => return false,
    }
    true
}

fn zoom(editor: &mut Editor, action: Action) {
    let Some((mut here, selection)) = selected(editor) else { return };
    let view = here.view;
    let middle = match editor.canvas.pointer {
        Some(at) => here.camera.to_screen(view, at),
        None => view.center(),
    };
    let at = if view.contains(middle) { middle } else { view.center() };
    match action {
        Action::ZoomIn => here.camera.zoom_at(view, at, ZOOM),
        Action::ZoomOut => here.camera.zoom_at(view, at, 1.0 / ZOOM),
        Action::ZoomReset => here.camera.zoom_at(view, at, 1.0 / here.camera.zoom),
        _ => {
            let chosen = if action == Action::FitSelection { here.scene.around(&selection) } else { None };
            if let Some(rect) = chosen.or_else(|| here.scene.bounds()) {
                here.camera.fit(view, &rect);
            }
        }
    }
    here.look(editor);
}
