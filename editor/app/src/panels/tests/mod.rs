//! Tests of the document: run, what failed and how, what they reach, new ones of what a session did.
//!
//! - [`detail`]: one test, expected against found; [`costs`]: what nodes cost

pub mod costs;
pub mod detail;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{RichText, Ui, WidgetType};
use statewright_editor_core::testing::{self, Case, TestFile, TestRun};
use statewright_editor_core::wires::{Wire, wires};
use statewright_graph::document::Graph;
use statewright_harness::project::source::Texts;
use statewright_harness::testing::{Filter, Options, Summary, TestOutcome};
use statewright_types::Value;

use super::run::{columns, empty, heading, named};
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::panels::Panel;
use crate::todo::Todo;

/// A test: its file and name.
pub type TestName = (PathBuf, Arc<str>);

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    files: Vec<TestFile>,
    /// Of which document, as it was saved last.
    of: Option<(DocumentId, Option<PathBuf>)>,
    running: Option<TestRun>,
    /// What came of each test that ran, by file and name.
    outcomes: Vec<TestOutcome>,
    summary: Option<Summary>,
    is_watching: bool,
    /// What ran last.
    ran: Option<Ran>,
    selected: Option<TestName>,
    shows_coverage: bool,
    is_drawn: bool,
}

/// What tests ran on: a document at a revision, its schema, its configuration.
type Ran = (DocumentId, u64, Arc<str>, Option<Arc<str>>);

/// What tests would run on now.
fn now(editor: &Editor) -> Option<Ran> {
    let (document, _) = editor.active()?;
    let config = document.config.as_ref().map(|config| config.text.clone());
    Some((document.id, document.open.revision(), document.schema.text.clone(), config))
}

/// Tests of the active document, by file and name.
pub fn cases(editor: &Editor) -> Vec<TestName> {
    let of = |file: &TestFile| file.cases.iter().map(|case| (file.path.clone(), case.name.clone())).collect::<Vec<_>>();
    editor.panels.tests.files.iter().flat_map(of).collect()
}

/// A test by file and name.
pub fn case(editor: &Editor, path: &Path, name: &str) -> Option<Case> {
    let file = editor.panels.tests.files.iter().find(|file| file.path == path)?;
    file.cases.iter().find(|case| &*case.name == name).cloned()
}

/// The folder whose test files count.
fn folder(editor: &Editor) -> Option<(PathBuf, PathBuf)> {
    let (document, _) = editor.active()?;
    let path = document.open.path()?.to_owned();
    let root = editor.project.as_ref().map(|project| project.root().to_owned());
    let root = root.filter(|root| path.starts_with(root)).or_else(|| path.parent().map(Path::to_owned))?;
    Some((root, path))
}

/// Looks for test files again.
pub fn refresh(editor: &mut Editor) {
    let found = folder(editor).map(|(root, path)| testing::files_of(&*editor.host.files, &root, &path));
    editor.panels.tests.files = found.unwrap_or_default();
}

/// Takes what happened meanwhile. To be called once a frame.
pub fn poll(editor: &mut Editor) {
    let of = editor.active().map(|(document, _)| (document.id, document.open.path().map(Path::to_owned)));
    if editor.panels.tests.of != of {
        editor.panels.tests = State { of, is_watching: editor.panels.tests.is_watching, ..State::default() };
        refresh(editor);
    }
    if let Some(summary) = editor.panels.tests.running.as_ref().and_then(TestRun::answer) {
        take(editor, summary);
    }
    let state = &editor.panels.tests;
    if state.is_watching && state.running.is_none() {
        // What is being checked still may be edited on.
        let is_checked = editor.active().is_some_and(|(document, _)| document.is_checked());
        let now = now(editor).filter(|_| is_checked);
        if now.is_some() && now != state.ran {
            run(editor, None);
        }
    }
    if !editor.panels.tests.is_drawn {
        editor.panels.tests.is_drawn = true;
        draw(editor);
    }
}

/// Waits until the tests that run are done.
pub fn wait(editor: &mut Editor) {
    if let Some(running) = editor.panels.tests.running.take()
        && let Some(summary) = running.wait()
    {
        take(editor, summary);
    }
}

fn take(editor: &mut Editor, summary: Summary) {
    let state = &mut editor.panels.tests;
    state.running = None;
    let same = |a: &TestOutcome, b: &TestOutcome| a.source.name == b.source.name && a.name == b.name;
    for outcome in &summary.outcomes {
        state.outcomes.retain(|known| !same(known, outcome));
        state.outcomes.push(outcome.clone());
    }
    for fault in &summary.faults {
        editor.notices.error(fault.clone(), "");
    }
    state.summary = Some(summary);
    state.is_drawn = false;
}

/// What is open, as it is edited: it stands in for what is saved.
fn unsaved(editor: &Editor) -> Texts {
    let mut texts: Vec<(PathBuf, Arc<str>)> = Vec::new();
    for document in editor.documents.values() {
        let text = document.open.path().map(|path| (path.to_owned(), Arc::from(document.open.text())));
        texts.extend(text);
        for companion in [Some(&document.schema), document.config.as_ref()].into_iter().flatten() {
            texts.extend(companion.path.clone().map(|path| (path, companion.text.clone())));
        }
    }
    texts.extend(editor.panels.schema.beside().map(|open| (open.path().to_owned(), open.text().clone())));
    Texts::new(texts)
}

/// Runs all tests of the document, or one, as everything is edited.
pub fn run(editor: &mut Editor, only: Option<&TestName>) {
    refresh(editor);
    let wake = editor.waker();
    let (ran, texts) = (now(editor), unsaved(editor));
    let host_nodes = editor.active().map(|(document, _)| document.host_nodes(&editor.host)).unwrap_or_default();
    let state = &mut editor.panels.tests;
    state.ran = ran;
    let readable = state.files.iter().filter(|file| file.problem.is_none());
    let paths: Vec<PathBuf> = match only {
        Some((path, _)) => vec![path.clone()],
        None => readable.map(|file| file.path.clone()).collect(),
    };
    if only.is_none() {
        state.outcomes.clear();
    }
    if paths.is_empty() {
        return;
    }
    let filter = only.map(|(_, name)| Filter::Exact(name.to_string()));
    let options = Options { coverage: true, filter, texts, host_nodes, ..Options::default() };
    state.running = Some(TestRun::start(paths, options, wake));
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    bar(editor, ui);
    ui.separator();
    columns(ui, "tests", &[0.34, 0.40, 0.26], |index, ui| match index {
        0 => list(editor, ui),
        1 => detail::show(editor, ui),
        _ => costs::show(editor, ui),
    });
}

fn bar(editor: &mut Editor, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        let is_running = editor.panels.tests.running.is_some();
        if ui.add_enabled(!is_running, egui::Button::new("Run all")).on_hover_text("Ctrl+T").clicked() {
            run(editor, None);
        }
        let selected = editor.panels.tests.selected.clone();
        let one = ui.add_enabled(!is_running && selected.is_some(), egui::Button::new("Run selected"));
        if one.clicked() {
            run(editor, selected.as_ref());
        }
        let state = &mut editor.panels.tests;
        let watch = ui.checkbox(&mut state.is_watching, "Again after each edit");
        watch.on_hover_text("tests run what is edited, saved or not");
        if ui.checkbox(&mut state.shows_coverage, "Coverage").changed() {
            state.is_drawn = false;
        }
        if let Some(session) = &mut editor.panels.run.session
            && ui.checkbox(&mut session.shows_heat, "Costs").changed()
        {
            session.draw_again();
        }
        ui.separator();
        let colours = editor.colours;
        let (passed, failed) = counts(&editor.panels.tests.outcomes);
        let (text, colour) = match (is_running, passed, failed) {
            (true, ..) => ("running…".to_owned(), colours.soft),
            (_, 0, 0) => ("not run yet".to_owned(), colours.soft),
            (_, passed, 0) => (format!("{passed} passed"), colours.added),
            (_, passed, failed) => (format!("{failed} failed, {passed} passed"), colours.error),
        };
        ui.label(RichText::new(text).color(colour).strong());
    });
}

fn counts(outcomes: &[TestOutcome]) -> (usize, usize) {
    let passed = outcomes.iter().filter(|outcome| outcome.passed()).count();
    (passed, outcomes.len() - passed)
}

/// What came of a test, if it ran.
fn outcome<'o>(outcomes: &'o [TestOutcome], (path, name): &TestName) -> Option<&'o TestOutcome> {
    outcomes.iter().find(|outcome| outcome.name == *name && outcome.source.path.as_ref() == Some(path))
}

fn list(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let State { files, outcomes, selected, .. } = &mut editor.panels.tests;
    if files.is_empty() {
        empty(ui, &colours, "No tests of this document yet. Run a handler, and make a test of it in the Timeline.");
    }
    for file in files.iter() {
        let name = file.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        heading(ui, name);
        if let Some(problem) = &file.problem {
            ui.add(egui::Label::new(RichText::new(problem).color(colours.error)).wrap());
        }
        for case in &file.cases {
            let test = (file.path.clone(), case.name.clone());
            let (word, colour) = match outcome(outcomes, &test).map(TestOutcome::passed) {
                Some(true) => ("passed", colours.added),
                Some(false) => ("failed", colours.error),
                None => ("not run", colours.soft),
            };
            ui.horizontal(|ui| {
                let (dot, _) = ui.allocate_exact_size(egui::vec2(10.0, 10.0), egui::Sense::hover());
                ui.painter().circle_filled(dot.center(), 4.5, colour);
                let row = ui.selectable_label(selected.as_ref() == Some(&test), &*case.name);
                named(&row, WidgetType::SelectableLabel, &format!("{}: {word}", case.name));
                if row.on_hover_text(word).clicked() {
                    *selected = Some(test);
                }
            });
        }
    }
}

/// Draws what the tests reach over the graphs of the document.
fn draw(editor: &mut Editor) {
    let Some((document, _)) = editor.active() else { return };
    let (id, name) = (document.id, document.name());
    let state = &editor.panels.tests;
    let summary = state.summary.as_ref().filter(|_| state.shows_coverage);
    let mut drawn = Vec::new();
    for (at, graph) in document.graphs() {
        let Some(graph_name) = document.graph_name(at) else { continue };
        let covered = summary.map(|summary| {
            let overlay = testing::overlay(summary, &name, &graph.name.text);
            overlay.map(|overlay| covered(&overlay, graph)).unwrap_or_default()
        });
        drawn.push((graph_name, covered));
    }
    for (graph, covered) in drawn {
        editor.overlays.entry((id, graph)).or_default().covered = covered;
    }
}

/// Nodes and wires that tests reached. A wire of the flow without a label was, where both of its ends were.
fn covered(overlay: &testing::Overlay, graph: &Graph) -> (BTreeSet<Arc<str>>, BTreeSet<Wire>) {
    let is_reached = |id: &str| id == "start" || overlay.nodes.get(id).is_some_and(|count| *count > 0);
    let nodes = graph.nodes.iter().map(|node| node.id.text.clone()).filter(|id| is_reached(id)).collect();
    let ends = |wire: &Wire| wire.to_node().is_none_or(|id| is_reached(id));
    let is_taken = |wire: &Wire| {
        let label = (wire.from.node.to_string(), wire.from.name.to_string());
        match overlay.exits.get(&label) {
            Some(taken) if wire.is_flow() => *taken > 0,
            _ => is_reached(&wire.from.node) && ends(wire),
        }
    };
    (nodes, wires(graph).into_iter().filter(is_taken).collect())
}

/// Puts a test that was made of what a session did into the first test file of the document, or into a new one.
pub fn add(editor: &mut Editor, name: &str, case: &Value) {
    refresh(editor);
    let Some((_, document)) = folder(editor) else {
        return editor.notices.error("the document is not saved to a file yet", "save it first: a test names its file");
    };
    let (path, text) = match editor.panels.tests.files.iter().find(|file| file.problem.is_none()) {
        Some(file) => match testing::add_case(&file.text, case).map(|change| change.apply(&file.text)) {
            Ok(Some(text)) => (file.path.clone(), text),
            Ok(None) => return editor.notices.error("the test file changed meanwhile", "try again"),
            Err(refused) => return editor.notices.error(refused.message, refused.help),
        },
        None => {
            let named = document.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let schema = editor.active().and_then(|(document, _)| document.schema.path.clone());
            let schema = schema.filter(|schema| schema.parent() == document.parent());
            let schema = schema.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
            (document.with_extension("test.json"), testing::new_file(&named, schema.as_deref(), case))
        }
    };
    if let Err(fault) = statewright_harness::files::replace(&*editor.host.files, &path, text.as_bytes(), 0) {
        return editor.notices.error(format!("the test is not saved: {fault}"), "make room, or allow writing there");
    }
    refresh(editor);
    editor.panels.tests.selected = Some((path.clone(), name.into()));
    editor.notices.tell(format!("test `{name}` is in {}", path.display()));
    editor.push(Todo::Panel(Panel::Tests));
}
