//! The folder that is open, as a tree, and what was open lately.

use std::collections::BTreeSet;
use std::path::PathBuf;

use egui::{Key, Ui};
use statewright_editor_core::actions::Action;
use statewright_editor_core::project::Entry;

use crate::act::files::Job;
use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::theme;
use crate::todo::Todo;

/// Recent files that are listed.
const RECENT: usize = 10;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    /// Folders that are folded.
    folded: BTreeSet<PathBuf>,
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    ui.horizontal(|ui| {
        for action in [Action::OpenFile, Action::OpenFolder] {
            if ui.button(action.title()).clicked() {
                editor.push(Todo::Act(action));
            }
        }
    });
    let Some(tree) = editor.project.as_ref().map(statewright_editor_core::project::Project::tree) else {
        fields::hint(ui, &colours, "No folder is open. Open one, or drop it here.");
        recent(editor, ui);
        return;
    };
    ui.horizontal(|ui| {
        fields::heading(ui, &tree.name);
        if fields::cross(ui, "Close folder").clicked() {
            editor.push(Todo::Files(Job::CloseProject));
        }
    });
    let mut open: Vec<(usize, &Entry)> = tree.children.iter().rev().map(|entry| (0, entry)).collect();
    if tree.kind.is_some() {
        open.push((0, &tree));
    }
    if open.is_empty() {
        fields::hint(
            ui,
            &colours,
            "Nothing of a project is in this folder: documents, schemas, configurations, tests.",
        );
    }
    while let Some((depth, entry)) = open.pop() {
        if entry.kind.is_none() {
            let is_folded = editor.panels.project.folded.contains(&entry.path);
            folder(editor, ui, depth, entry, is_folded);
            if !is_folded {
                open.extend(entry.children.iter().rev().map(|child| (depth + 1, child)));
            }
        } else {
            file(editor, ui, depth, entry);
        }
    }
    recent(editor, ui);
}

fn folder(editor: &mut Editor, ui: &mut Ui, depth: usize, entry: &Entry, is_folded: bool) {
    let colours = editor.colours;
    let sign = if is_folded { "▶" } else { "▼" };
    let row = Row { depth, badge: Some((sign, colours.soft)), text: &entry.name, ..Row::default() };
    if fields::row(ui, &colours, &row).clicked() {
        let folded = &mut editor.panels.project.folded;
        if !folded.remove(&entry.path) {
            folded.insert(entry.path.clone());
        }
    }
}

fn file(editor: &mut Editor, ui: &mut Ui, depth: usize, entry: &Entry) {
    let colours = editor.colours;
    let open = editor.documents.values().find(|document| document.open.path() == Some(&*entry.path));
    let soft = match open {
        Some(document) if document.open.is_modified() => "•",
        Some(_) => "open",
        None => "",
    };
    let active = editor.active().and_then(|(document, _)| document.open.path());
    let row = Row {
        depth,
        badge: Some(theme::file_sign(&colours, entry.kind)),
        text: &entry.name,
        soft,
        is_selected: active == Some(&*entry.path),
        ..Row::default()
    };
    let shown = fields::row(ui, &colours, &row).on_hover_text(entry.path.display().to_string());
    let entered = shown.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if shown.clicked() || entered {
        editor.push(Todo::Open(entry.path.clone()));
    }
    shown.context_menu(|ui| {
        if ui.button("Open").clicked() {
            editor.push(Todo::Open(entry.path.clone()));
        }
        if ui.button("Compare with this tab's document").clicked() {
            editor.push(Todo::Compare(entry.path.clone()));
        }
        if ui.button("Copy path").clicked() {
            ui.ctx().copy_text(entry.path.display().to_string());
        }
    });
}

fn recent(editor: &mut Editor, ui: &mut Ui) {
    if editor.settings.recent.is_empty() {
        return;
    }
    let colours = editor.colours;
    ui.add_space(8.0);
    fields::heading(ui, "Recent");
    let paths: Vec<PathBuf> = editor.settings.recent.iter().take(RECENT).cloned().collect();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = path.parent().and_then(|folder| folder.file_name());
        let folder = folder.map(|name| format!("in {}", name.to_string_lossy())).unwrap_or_default();
        let row = Row { text: &name, soft: &folder, ..Row::default() };
        if fields::row(ui, &colours, &row).on_hover_text(path.display().to_string()).clicked() {
            editor.push(Todo::Open(path));
        }
    }
}
