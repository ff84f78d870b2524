//! What a script comes to over many seeds: odds beside the graph. The runs go on in the background; the document is simulated as
//! it is, saved or not.
//!
//! - [`declared`]: the odds that the script declares
//! - [`form`]: the script, how often, and what is measured
//! - [`results`]: numbers, verdicts, and seeds to look at; [`plots`]: how values are distributed, and go over the steps

pub mod declared;
pub mod form;
pub mod plots;
pub mod results;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egui::{ProgressBar, RichText, TextEdit, Ui, WidgetType};
use statewright_editor_core::odds::{Ask, Outcome, Problems, Work, scripts};
use statewright_editor_core::run::client::Go;
use statewright_harness::project::Source;
use statewright_harness::simulate::Wanted;

use super::run::{columns, empty, named, start};
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::panels::Panel;
use crate::todo::Todo;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    forms: HashMap<DocumentId, form::State>,
    working: Option<(Of, Work)>,
    done: Option<(Of, Outcome)>,
    problems: Problems,
    /// The metric that is looked at; the first one without.
    selected: Option<Arc<str>>,
    folder: String,
}

/// The document that was simulated, and its revision.
type Of = (DocumentId, u64);

impl State {
    /// What the last runs came to.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.done.as_ref().map(|(_, outcome)| outcome)
    }

    /// The runs that go on.
    pub fn working(&self) -> Option<&Work> {
        self.working.as_ref().map(|(_, work)| work)
    }

    /// Why there were no runs.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// What is entered for a document.
    pub fn form(&mut self, document: DocumentId) -> Option<&mut form::State> {
        self.forms.get_mut(&document)
    }
}

/// How often progress is drawn.
const SHOWN: Duration = Duration::from_millis(100);

/// Takes what happened meanwhile. To be called once a frame.
pub fn poll(editor: &mut Editor) {
    let documents = &editor.documents;
    let state = &mut editor.panels.odds;
    state.forms.retain(|id, _| documents.contains_key(id));
    let Some((_, work)) = &state.working else { return };
    match work.answer() {
        Some(answer) => take(state, answer),
        None => editor.ctx().request_repaint_after(SHOWN),
    }
}

/// Waits for the runs that go on.
pub fn wait(editor: &mut Editor) {
    let state = &mut editor.panels.odds;
    if let Some(answer) = state.working.as_ref().and_then(|(_, work)| work.wait()) {
        take(state, answer);
    }
}

fn take(state: &mut State, answer: Result<Outcome, Problems>) {
    let Some((of, _)) = state.working.take() else { return };
    match answer {
        Ok(outcome) => {
            let is_there = |metric: &Arc<str>| results::metrics(&outcome).any(|known| known == metric);
            state.selected = state.selected.take().filter(is_there);
            state.problems.clear();
            state.done = Some((of, outcome));
        }
        Err(problems) => state.problems = problems,
    }
}

/// Chooses a script for the document that is open; whether there is one.
pub fn choose(editor: &mut Editor, path: &Path) -> bool {
    let Some(document) = editor.active().map(|(document, _)| document.id) else { return false };
    let mut form = editor.panels.odds.forms.remove(&document).unwrap_or_else(|| form::State::new(editor));
    form.choose(Some(path.to_owned()));
    editor.panels.odds.forms.insert(document, form);
    true
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let Some(document) = editor.active().map(|(document, _)| document.id) else {
        empty(ui, &editor.colours, "Open a document: a script of its events is played here over thousands of seeds.");
        return;
    };
    let mut form = editor.panels.odds.forms.remove(&document).unwrap_or_else(|| form::State::new(editor));
    bar(editor, &mut form, ui);
    ui.separator();
    columns(ui, "odds", &[0.29, 0.40, 0.31], |index, ui| match index {
        0 => {
            form::show(editor, &mut form, ui);
            declared::show(editor, &mut form, ui);
        }
        1 => results::show(editor, ui),
        _ => plots::show(editor, ui),
    });
    let kept = form.to_value();
    let known = editor.panels.run.kept.of(document).and_then(|known| known.odds.as_ref());
    if known.is_some_and(|known| *known != kept) || (known.is_none() && !form.is_first()) {
        editor.panels.run.kept.change(document).odds = Some(kept);
    }
    editor.panels.odds.forms.insert(document, form);
}

/// Begins, how far it is, cancels, saves.
fn bar(editor: &mut Editor, form: &mut form::State, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        let progress = editor.panels.odds.working().map(|work| (work.done(), work.planned(), work.is_cancelled()));
        match progress {
            None => {
                let button = ui.add(egui::Button::new(RichText::new("Simulate").strong()));
                if button.on_hover_text("plays the script once for each seed, of the document as it is now").clicked() {
                    start(editor, form);
                }
            }
            Some((done, planned, is_cancelled)) => {
                let cancel = ui.add_enabled(!is_cancelled, egui::Button::new("Cancel"));
                if cancel.on_hover_text("what ended until now is shown").clicked()
                    && let Some(work) = editor.panels.odds.working()
                {
                    work.cancel();
                }
                let part = done as f32 / planned.max(1) as f32;
                let text = format!("{done} of {planned} runs");
                ui.add(ProgressBar::new(part).desired_width(260.0).text(text));
            }
        }
        if editor.panels.odds.done.is_none() {
            return;
        }
        ui.separator();
        let state = &mut editor.panels.odds;
        let edit = ui.add(TextEdit::singleline(&mut state.folder).hint_text("odds").desired_width(180.0));
        named(&edit, WidgetType::TextEdit, "Folder for results");
        let save = ui.button("Save results");
        if save.on_hover_text("the report as text and JSON, plots as SVG, the runs as CSV, and the script").clicked() {
            save_results(editor);
        }
    });
}

fn start(editor: &mut Editor, form: &mut form::State) {
    // Other programs may have written it.
    form.read_again();
    let Some(ask) = ask(editor, form) else { return };
    let Some(of) = editor.active().map(|(document, _)| (document.id, document.open.revision())) else { return };
    let wake = editor.waker();
    editor.panels.odds.problems.clear();
    editor.panels.odds.working = Some((of, Work::start(ask, wake)));
}

/// What is entered, to be run.
fn ask(editor: &mut Editor, form: &mut form::State) -> Option<Ask> {
    let script = match (form.script(editor), &form.file) {
        (Ok(text), None) => Source::inline("the script", text),
        (Ok(text), Some(path)) => Source::of(path, text),
        (Err(problem), _) => {
            editor.panels.odds.problems = vec![problem];
            return None;
        }
    };
    let setting = start::setting(editor)?;
    let measured = |over: bool| {
        let these = form.metrics.iter().filter(move |measured| measured.is_over == over);
        these.map(|measured| measured.metric.clone()).collect::<Vec<_>>()
    };
    Some(Ask {
        setting,
        script: Arc::new(script),
        metrics: measured(false),
        over: measured(true),
        runs: form.runs,
        seed_from: form.seed_from,
        threads: form.threads,
        backend: form.backend,
        wanted: Wanted { confidence: form.confidence, quantiles: form.quantiles.clone() },
    })
}

/// Plays the run of a seed by itself, as a session with its timeline; `to` has it held up somewhere.
pub fn open_seed(editor: &mut Editor, seed: u64, to: Option<Go>) {
    let Some(((document, revision), outcome)) = &editor.panels.odds.done else { return };
    let (document, revision) = (*document, *revision);
    let (setting, orders) = (outcome.setting_of(seed), scripts::orders(&outcome.plan.steps));
    if !editor.documents.contains_key(&document) {
        editor.notices.error("the document of these runs is closed", "open it, and simulate again");
        return;
    }
    let is_held_up = to.is_some();
    let session = start::Start { document, revision, setting, orders, what: format!("seed {seed}"), to };
    session.begin(editor);
    super::timeline::follow(editor);
    editor.push(Todo::Panel(if is_held_up { Panel::Run } else { Panel::Timeline }));
}

/// Writes the results into the folder that is entered, beside the document.
fn save_results(editor: &mut Editor) {
    let entered = editor.panels.odds.folder.trim();
    let folder = PathBuf::from(if entered.is_empty() { "odds" } else { entered });
    let Some(((document, _), outcome)) = &editor.panels.odds.done else { return };
    let beside = editor.documents.get(document).and_then(|document| document.open.path()?.parent().map(PathBuf::from));
    let folder = beside.map_or(folder.clone(), |beside| beside.join(folder));
    let made = std::fs::create_dir_all(&folder).map_err(|error| error.to_string());
    let saved = made.and_then(|()| outcome.save(&*editor.host.files, &folder).map_err(|fault| fault.to_string()));
    match saved {
        Ok(()) => editor.notices.tell(format!("the results are in {}", folder.display())),
        Err(why) => editor.notices.error(
            format!("the results are not saved in {}: {why}", folder.display()),
            "make room, or choose another folder",
        ),
    }
}
