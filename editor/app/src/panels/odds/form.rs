//! What is simulated: the script, how often, from which seed, and what is measured.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{ComboBox, DragValue, Grid, Key, Label, Response, RichText, TextEdit, Ui, WidgetType};
use statewright_editor_core::odds::metrics;
use statewright_editor_core::odds::{first_script, scripts, words};
use statewright_editor_core::open::file::read_text;
use statewright_harness::project::{Backend, Source};
use statewright_harness::simulate::runs::MOST_RUNS;
use statewright_harness::simulate::{Metric, script};

use super::super::run::{heading, named, row};
use crate::editor::Editor;
use crate::fields::cross;

/// How many runs there are unless something else is entered.
const RUNS: u64 = 1_000;
/// How many ways to go on with a metric are shown.
const COMPLETIONS: usize = 8;

/// A metric that is measured besides those of the script.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The metric.
    pub metric: Metric,
    /// Whether after every step; else at the end.
    pub is_over: bool,
}

/// What is entered for a document.
#[derive(Debug)]
pub struct State {
    /// The script's file; `None` for the text that is entered.
    pub file: Option<PathBuf>,
    /// The script that is entered.
    pub text: String,
    /// How many runs.
    pub runs: u64,
    /// The first seed.
    pub seed_from: u64,
    /// On how many threads.
    pub threads: usize,
    /// The execution; machine code where there is any without.
    pub backend: Option<Backend>,
    /// What is measured besides.
    pub metrics: Vec<Measured>,
    entered: String,
    is_over: bool,
    problem: Option<String>,
    files: Vec<PathBuf>,
    judged: (String, Vec<String>),
}

impl State {
    /// The first script file of the project, or a script of every event.
    pub fn new(editor: &Editor) -> State {
        let files = files(editor);
        let text = editor.active().map_or_else(String::new, |(document, _)| first_script(document.open.source()));
        State {
            file: files.first().cloned(),
            text,
            runs: RUNS,
            seed_from: 0,
            threads: threads(),
            backend: None,
            metrics: Vec::new(),
            entered: String::new(),
            is_over: false,
            problem: None,
            files,
            judged: Default::default(),
        }
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Scripts of the project, or of the document's folder.
fn files(editor: &Editor) -> Vec<PathBuf> {
    let beside = editor.active().and_then(|(document, _)| document.open.path()?.parent().map(PathBuf::from));
    let root = editor.project.as_ref().map(|project| project.root().to_owned()).filter(|root| root.is_dir());
    root.or(beside).map_or_else(Vec::new, |folder| scripts::scripts(&*editor.host.files, &folder))
}

/// What a script file says.
pub fn read(editor: &Editor, path: &Path) -> Result<Arc<str>, String> {
    read_text(&*editor.host.files, path).map(|(text, _)| text).map_err(|fault| fault.to_string())
}

/// Draws it.
pub fn show(editor: &mut Editor, form: &mut State, ui: &mut Ui) {
    Grid::new("odds form").num_columns(2).spacing([10.0, 6.0]).show(ui, |ui| {
        row(ui, "Script", |ui| script_choice(editor, form, ui));
        row(ui, "Runs", |ui| ui.add(DragValue::new(&mut form.runs).range(1..=MOST_RUNS).speed(50.0)));
        row(ui, "First seed", |ui| ui.add(DragValue::new(&mut form.seed_from).range(0..=u64::MAX)));
        row(ui, "Threads", |ui| ui.add(DragValue::new(&mut form.threads).range(1..=threads() * 4).speed(0.1)));
        row(ui, "Execution", |ui| execution(form, ui));
        players(editor, ui);
    });
    match form.file.clone() {
        Some(path) => file(editor, form, &path, ui),
        None => text(editor, form, ui),
    }
    ui.add_space(6.0);
    measured(editor, form, ui);
}

fn script_choice(editor: &Editor, form: &mut State, ui: &mut Ui) -> Response {
    let name = |path: &PathBuf| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let shown = form.file.as_ref().map_or_else(|| "written here".to_owned(), name);
    let was_open = form.files.len();
    let combo = ComboBox::from_id_salt("odds script").selected_text(shown).width(ui.available_width()).truncate();
    let response = combo.show_ui(ui, |ui| {
        ui.selectable_value(&mut form.file, None, "written here");
        for path in &form.files {
            let label = ui.selectable_label(form.file.as_ref() == Some(path), name(path));
            if label.on_hover_text(path.display().to_string()).clicked() {
                form.file = Some(path.clone());
            }
        }
    });
    if response.response.clicked() {
        // There may be others since.
        form.files = files(editor);
        if form.files.len() != was_open {
            editor.ctx().request_repaint();
        }
    }
    response.response
}

fn execution(form: &mut State, ui: &mut Ui) -> Response {
    let text = |backend: Option<Backend>| match backend {
        None => "the fastest there is",
        Some(Backend::Jit) => "machine code",
        Some(Backend::Interpreter) => "interpreter",
        Some(other) => other.name(),
    };
    let combo = ComboBox::from_id_salt("odds execution").selected_text(text(form.backend));
    let shown = combo.width(ui.available_width()).show_ui(ui, |ui| {
        for backend in [None, Some(Backend::Jit), Some(Backend::Interpreter)] {
            ui.selectable_value(&mut form.backend, backend, text(backend));
        }
    });
    shown.response
}

/// Who takes part: the same as in the Run panel, as is the state to begin with.
fn players(editor: &mut Editor, ui: &mut Ui) {
    let Some(document) = editor.active().map(|(document, _)| document.id) else { return };
    let mut players = editor.panels.run.kept.of(document).map_or_else(String::new, |kept| kept.players.clone());
    let edit = row(ui, "Players", |ui| {
        let edit = TextEdit::singleline(&mut players).hint_text("ids, such as ann, bob").desired_width(f32::INFINITY);
        ui.add(edit).on_hover_text("as in Run, which also says what state each run begins with")
    });
    if edit.changed() {
        editor.panels.run.kept.change(document).players = players;
    }
}

fn file(editor: &mut Editor, form: &mut State, path: &Path, ui: &mut Ui) {
    if !ui.button("Edit a copy here").on_hover_text(path.display().to_string()).clicked() {
        return;
    }
    match read(editor, path) {
        Ok(text) => {
            form.text = text.to_string();
            form.file = None;
        }
        Err(problem) => editor.notices.error(problem, "choose another script"),
    }
}

fn text(editor: &Editor, form: &mut State, ui: &mut Ui) {
    let edit = TextEdit::multiline(&mut form.text).code_editor().desired_rows(7).desired_width(f32::INFINITY);
    named(&ui.add(edit), WidgetType::TextEdit, "Script text");
    if form.judged.0 != form.text {
        let source = Arc::new(Source::inline("the script", form.text.as_str()));
        let (_, diagnostics) = script::read(&source);
        form.judged = (form.text.clone(), words::findings(&source.findings(diagnostics)));
    }
    for problem in &form.judged.1 {
        ui.add(Label::new(RichText::new(problem).color(editor.colours.error)).wrap());
    }
}

/// What is measured besides what the script says.
fn measured(editor: &mut Editor, form: &mut State, ui: &mut Ui) {
    heading(ui, "Measured besides");
    let mut removed = None;
    for (index, measured) in form.metrics.iter().enumerate() {
        ui.horizontal(|ui| {
            if cross(ui, &format!("Remove {}", measured.metric)).clicked() {
                removed = Some(index);
            }
            ui.label(RichText::new(&*measured.metric.text).monospace());
            let when = if measured.is_over { "after each step" } else { "at the end" };
            ui.label(RichText::new(when).color(editor.colours.soft));
        });
    }
    if let Some(index) = removed {
        form.metrics.remove(index);
    }
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 80.0).max(80.0);
        let hint = "Score, event:Won, run:fuel";
        let edit = ui.add(TextEdit::singleline(&mut form.entered).hint_text(hint).desired_width(width));
        named(&edit, WidgetType::TextEdit, "Metric");
        if edit.changed() {
            form.problem = None;
        }
        let is_entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if ui.button("Measure").clicked() || is_entered {
            measure(editor, form);
        }
    });
    ui.checkbox(&mut form.is_over, "After each step");
    if let Some(problem) = &form.problem {
        ui.add(Label::new(RichText::new(problem).color(editor.colours.error)).wrap());
    }
    completions(editor, form, ui);
}

fn measure(editor: &Editor, form: &mut State) {
    let Some((document, _)) = editor.active() else { return };
    match metrics::read(&form.entered, form.is_over, document.open.source(), &document.context) {
        Ok(metric) => {
            let measured = Measured { metric, is_over: form.is_over };
            if !form.metrics.contains(&measured) {
                form.metrics.push(measured);
            }
            form.entered.clear();
            form.problem = None;
        }
        Err(problem) => form.problem = Some(problem),
    }
}

fn completions(editor: &Editor, form: &mut State, ui: &mut Ui) {
    let Some((document, _)) = editor.active() else { return };
    let mut found = metrics::complete(&form.entered, document.open.source(), &document.context);
    found.retain(|found| found.text != form.entered);
    ui.horizontal_wrapped(|ui| {
        for completion in found.iter().take(COMPLETIONS) {
            let button = ui.small_button(&completion.label);
            named(&button, WidgetType::Button, &format!("Complete to {}", completion.text));
            let about = format!("{} {}", completion.ty, completion.docs);
            if button.on_hover_text(about.trim()).clicked() {
                form.entered.clone_from(&completion.text);
                form.problem = None;
            }
        }
    });
}
