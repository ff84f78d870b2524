//! What is wrong: with places, jumps and fixes.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use egui::{Key, RichText, Ui};
use statewright_editor_core::command::Command;
use statewright_editor_core::diff::items::GraphName;
use statewright_types::diagnostic::Fix;
use statewright_types::{Diagnostic, Severity, Span};

use crate::document::{Document, DocumentId};
use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::todo::{Place, Todo};

/// Problems that are listed.
const LISTED: usize = 500;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    typed: String,
    hides_warnings: bool,
    /// The problem that was looked at last, by its place in the list.
    at: Option<usize>,
    /// The problems as they were last made, and of what.
    made: Option<((DocumentId, u64, u64), Rc<[Problem]>)>,
}

/// A problem as the list shows it.
#[derive(Clone, Debug)]
struct Problem {
    is_error: bool,
    message: String,
    help: String,
    whereabouts: String,
    fixes: Vec<Fix>,
    place: Place,
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let Some((document, _)) = editor.active() else {
        fields::hint(ui, &colours, "No document is open.");
        return;
    };
    let id = document.id;
    let is_checked = document.is_checked();
    let fixes = if is_checked { document.checked.findings.fixes() } else { Vec::new() };
    ui.horizontal_wrapped(|ui| {
        fields::text(ui, "Find a problem", &mut editor.panels.problems.typed, 220.0);
        ui.checkbox(&mut editor.panels.problems.hides_warnings, "Errors only");
        let can = !fixes.is_empty();
        let label = format!("Fix all ({})", fixes.len());
        if ui
            .add_enabled(can, egui::Button::new(label))
            .on_hover_text("Everything that can be mended mechanically")
            .clicked()
        {
            editor.push(Todo::RunIn(id, Command::Fix { fixes }));
        }
    });
    let all = made(editor);
    if all.is_empty() {
        fields::hint(ui, &colours, if is_checked { "Nothing is wrong." } else { "Checking…" });
        return;
    }
    let typed = editor.panels.problems.typed.to_lowercase();
    let hides = editor.panels.problems.hides_warnings;
    let shown = all.iter().enumerate().filter(|(_, problem)| {
        let fits =
            problem.message.to_lowercase().contains(&typed) || problem.whereabouts.to_lowercase().contains(&typed);
        fits && (problem.is_error || !hides)
    });
    for (index, problem) in shown.take(LISTED) {
        one(editor, ui, id, index, problem, is_checked);
    }
}

fn one(editor: &mut Editor, ui: &mut Ui, id: DocumentId, index: usize, problem: &Problem, can_fix: bool) {
    let colours = editor.colours;
    let badge = if problem.is_error { ("!", colours.error) } else { ("?", colours.warning) };
    ui.horizontal(|ui| {
        if can_fix && !problem.fixes.is_empty() {
            let button = ui.small_button("Fix");
            fields::name(&button, &format!("Fix: {}", problem.message));
            if button.clicked() {
                editor.push(Todo::RunIn(id, Command::Fix { fixes: problem.fixes.clone() }));
            }
        }
        let row = Row {
            badge: Some(badge),
            text: &problem.message,
            soft: &problem.whereabouts,
            is_selected: editor.panels.problems.at == Some(index),
            ..Row::default()
        };
        let shown = fields::row(ui, &colours, &row);
        let entered = shown.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if shown.clicked() || entered {
            editor.panels.problems.at = Some(index);
            editor.push(Todo::Show(problem.place.clone()));
        }
        shown.on_hover_ui(|ui| {
            ui.set_max_width(420.0);
            ui.label(RichText::new(&problem.message).strong());
            ui.label(&problem.help);
        });
    });
}

/// The problems of the active document; made anew only when it or what is known of it changed.
fn made(editor: &mut Editor) -> Rc<[Problem]> {
    let Some((document, _)) = editor.active() else { return Rc::default() };
    let of = (document.id, document.stamp, document.open.revision());
    if let Some((made_of, problems)) = &editor.panels.problems.made
        && *made_of == of
    {
        return problems.clone();
    }
    let made: Rc<[Problem]> = problems(document).into();
    editor.panels.problems.made = Some((of, made.clone()));
    made
}

fn problems(document: &Document) -> Vec<Problem> {
    let graphs: HashMap<Arc<str>, GraphName> = document
        .graphs()
        .map(|(at, graph)| (graph.name.text.clone(), GraphName::new(at.kind, &graph.name.text)))
        .collect();
    let findings = &document.checked.findings;
    let config = document.config.as_ref().map_or("", |config| &*config.text);
    let texts = [
        (&findings.document, document.open.text(), ""),
        (&findings.schema, &*document.schema.text, "schema "),
        (&findings.config, config, "configuration "),
    ];
    let mut all: Vec<Problem> = Vec::new();
    for (diagnostics, text, of) in texts {
        all.extend(diagnostics.iter().map(|diagnostic| problem(document, diagnostic, text, of, &graphs)));
    }
    all.sort_by_key(|problem| !problem.is_error);
    all
}

fn problem(
    document: &Document,
    diagnostic: &Diagnostic,
    text: &str,
    of: &str,
    graphs: &HashMap<Arc<str>, GraphName>,
) -> Problem {
    let place = &diagnostic.place;
    let graph = place.handler.as_ref().and_then(|name| graphs.get(name).cloned());
    let whereabouts = match (&place.handler, &place.node) {
        (Some(handler), Some(node)) => format!("{node} in {handler}"),
        (Some(handler), None) => handler.to_string(),
        _ => {
            let (line, _) = Span::line_column(text, diagnostic.span.unwrap_or_default().start);
            format!("{of}line {line}")
        }
    };
    Problem {
        is_error: diagnostic.severity == Severity::Error,
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone().unwrap_or_default(),
        whereabouts,
        fixes: if of.is_empty() { diagnostic.fix.clone() } else { Vec::new() },
        place: Place { document: document.id, graph, node: place.node.clone() },
    }
}

/// Goes to the next problem, or the one before.
pub fn step(editor: &mut Editor, is_back: bool) {
    let all = made(editor);
    let count = all.len();
    let Some(last) = count.checked_sub(1) else {
        editor.notices.tell("nothing is wrong");
        return;
    };
    let now = editor.panels.problems.at.filter(|at| *at < count);
    let at = match (now, is_back) {
        (None, false) => 0,
        (None, true) => last,
        (Some(at), false) => (at + 1) % count,
        (Some(at), true) => (at + last) % count,
    };
    editor.panels.problems.at = Some(at);
    if let Some(problem) = all.get(at) {
        let (mark, help) = (if problem.is_error { "error" } else { "warning" }, &problem.help);
        editor.notices.tell(format!("{mark} {} of {count}: {}. {help}", at + 1, problem.message));
        editor.push(Todo::Panel(super::Panel::Problems));
        editor.push(Todo::Show(problem.place.clone()));
    }
}
