//! Replacing in a whole project: what would change is listed first; then open documents change as by any command, and other files
//! are written.

use std::path::{Path, PathBuf};

use egui::{RichText, Ui};
use statewright_editor_core::across::{self, Line, Proposal, propose};
use statewright_editor_core::command::Command;
use statewright_editor_core::command::replace::Query;
use statewright_editor_core::open::file::Outcome;
use statewright_editor_core::project::Kind;
use statewright_harness::project::Fault;

use crate::act::files::disk;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields;
use crate::panels::schema;
use crate::todo::Todo;

/// Lines of a file that are shown.
const SHOWN: usize = 8;

/// Something to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// What would change is listed.
    Preview,
    /// What is ticked is changed.
    Replace,
    /// Files that were written get back what they said.
    TakeBack,
}

/// Where a change goes.
#[derive(Debug)]
enum Goal {
    Document(DocumentId),
    /// The schema or configuration that is being edited, with its new text.
    Beside(String),
    File(Box<Proposal>),
}

/// A file with changes.
#[derive(Debug)]
struct Row {
    name: String,
    lines: Vec<Line>,
    goal: Goal,
    is_on: bool,
}

/// What would change.
#[derive(Debug)]
pub(super) struct Preview {
    query: Query,
    with: String,
    rows: Vec<Row>,
}

/// Does it.
pub fn work(editor: &mut Editor, job: Job) {
    match job {
        Job::Preview => preview(editor),
        Job::Replace => replace(editor),
        Job::TakeBack => take_back(editor),
    }
}

fn name(editor: &Editor, path: &Path) -> String {
    let root = editor.project.as_ref().map(|project| project.root().to_owned());
    let below = root.and_then(|root| path.strip_prefix(root).ok().map(Path::to_owned));
    below.unwrap_or_else(|| path.to_owned()).display().to_string()
}

fn preview(editor: &mut Editor) {
    let state = &editor.panels.find;
    let (query, with) = (Query { graph: None, ..state.query.clone() }, state.with.clone());
    let mut rows = Vec::new();
    for document in editor.documents.values() {
        let command = Command::Replace { query: query.clone(), with: with.clone() };
        let Ok(outcome) = command.apply(document.open.source(), &document.context) else { continue };
        let Some(after) = outcome.change.apply(document.open.text()) else { continue };
        let lines = across::lines(document.open.text(), &after);
        let goal = Goal::Document(document.id);
        rows.push(Row { name: format!("{} (open)", document.name()), lines, goal, is_on: true });
    }
    let mut skipped: Vec<PathBuf> =
        editor.documents.values().filter_map(|document| document.open.path().map(Path::to_owned)).collect();
    if let Some(open) = editor.panels.schema.beside().filter(|open| open.is_modified()) {
        skipped.push(open.path().to_owned());
        if let Some(after) = across::text(open.path(), open.text(), &query, &with) {
            let name = format!("{} (open)", name(editor, open.path()));
            rows.push(Row { name, lines: across::lines(open.text(), &after), goal: Goal::Beside(after), is_on: true });
        }
    }
    let paths: Vec<PathBuf> = match &editor.project {
        Some(project) => [Kind::Document, Kind::Schema, Kind::Config, Kind::Test, Kind::Script, Kind::Data]
            .into_iter()
            .flat_map(|kind| project.of_kind(kind))
            .filter(|path| !skipped.iter().any(|skipped| skipped == path))
            .map(Path::to_owned)
            .collect(),
        None => Vec::new(),
    };
    let (found, faults) = propose(&*editor.host.files, paths, &query, &with);
    for proposal in found {
        let name = name(editor, proposal.path());
        rows.push(Row { name, lines: proposal.lines.clone(), goal: Goal::File(Box::new(proposal)), is_on: true });
    }
    // What is too large to be edited, or no text, is left out here as in searching; what may not be read is told.
    for fault in faults.iter().filter(|fault| matches!(fault, Fault::Read { .. })) {
        editor.notices.error(fault.to_string(), "nothing is replaced there: see that it may be read, and look again");
    }
    if rows.is_empty() {
        editor.notices.tell(format!("\"{}\" is nowhere in the project", query.text));
        return;
    }
    editor.panels.find.preview = Some(Preview { query, with, rows });
}

fn replace(editor: &mut Editor) {
    let Some(Preview { query, with, rows }) = editor.panels.find.preview.take() else { return };
    let files = editor.host.files.clone();
    let (mut count, mut written) = (0, Vec::new());
    for row in rows.into_iter().filter(|row| row.is_on) {
        match row.goal {
            Goal::Document(id) => {
                let command = Command::Replace { query: query.clone(), with: with.clone() };
                count += usize::from(crate::act::run_in(editor, id, &command, None));
            }
            Goal::Beside(after) => {
                schema::edit(editor, &schema::Edit::Text(after, false));
                count += 1;
            }
            Goal::File(mut proposal) => match proposal.write(&*files) {
                Ok(Outcome::Asks(_)) => editor.notices.error(
                    format!("{} changed meanwhile at the same places", row.name),
                    "it is left as it is: look again, and replace there",
                ),
                Ok(_) => written.push(*proposal),
                Err(fault) => editor.notices.error(
                    format!("{} is left as it is: {fault}", row.name),
                    "make room or allow writing there, and replace again",
                ),
            },
        }
    }
    let text = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    editor.notices.tell(format!(
        "replaced in {}, which are not saved yet, and {}",
        text(count, "open document"),
        text(written.len(), "file")
    ));
    editor.panels.find.written = written;
    editor.panels.find.of = None;
    disk::look(editor);
}

fn take_back(editor: &mut Editor) {
    let files = editor.host.files.clone();
    for mut proposal in std::mem::take(&mut editor.panels.find.written) {
        let name = name(editor, proposal.path());
        match proposal.take_back(&*files) {
            Ok(Outcome::Asks(_)) => editor
                .notices
                .error(format!("{name} changed since at the same places"), "it is left as it is: look at it"),
            Ok(_) => continue,
            Err(fault) => {
                editor.notices.error(format!("{name} is left as it is: {fault}"), "make room, and take it back again")
            }
        }
        editor.panels.find.written.push(proposal);
    }
    editor.panels.find.of = None;
    disk::look(editor);
}

/// Draws what would change; whether there is something.
pub(super) fn show(editor: &mut Editor, ui: &mut Ui) -> bool {
    let colours = editor.colours;
    let Some(preview) = &mut editor.panels.find.preview else { return false };
    let chosen = preview.rows.iter().filter(|row| row.is_on).count();
    let mut job = None;
    let mut is_left = false;
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(format!("Replace \"{}\" with \"{}\"", preview.query.text, preview.with)).strong());
        let title = if chosen == 1 { "Replace in 1 file".to_owned() } else { format!("Replace in {chosen} files") };
        if ui.add_enabled(chosen > 0, egui::Button::new(title)).clicked() {
            job = Some(Job::Replace);
        }
        is_left = ui.button("Cancel replacing").clicked();
        for (title, is_on) in [("All", true), ("None", false)] {
            if ui.small_button(title).clicked() {
                preview.rows.iter_mut().for_each(|row| row.is_on = is_on);
            }
        }
    });
    for row in &mut preview.rows {
        let lines = if row.lines.len() == 1 { "1 line".to_owned() } else { format!("{} lines", row.lines.len()) };
        let ticked = ui.checkbox(&mut row.is_on, RichText::new(&row.name).strong());
        fields::name(&ticked, &format!("Replace in {}, {lines}", row.name));
        for line in row.lines.iter().take(SHOWN) {
            ui.horizontal(|ui| {
                ui.add_space(26.0);
                ui.label(RichText::new(format!("{:>4}", line.number)).monospace().color(colours.soft));
                ui.label(RichText::new(&line.before).monospace().color(colours.removed));
                ui.label(RichText::new("→").color(colours.soft));
                ui.label(RichText::new(&line.after).monospace().color(colours.added));
            });
        }
        if row.lines.len() > SHOWN {
            ui.label(RichText::new(format!("        and {} more", row.lines.len() - SHOWN)).color(colours.soft));
        }
    }
    if is_left {
        editor.panels.find.preview = None;
    }
    if let Some(job) = job {
        editor.push(Todo::Across(job));
    }
    true
}
