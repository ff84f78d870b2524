//! What is simulated: the script, how often, from which seed, and what is measured.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{ComboBox, DragValue, Grid, Key, Label, Response, RichText, TextEdit, Ui, WidgetType};
use statewright_editor_core::odds::metrics;
use statewright_editor_core::odds::{first_script, scripts, words};
use statewright_editor_core::open::file::read_text;
use statewright_harness::project::{Backend, Source};
use statewright_harness::simulate::runs::MOST_RUNS;
use statewright_harness::simulate::text::number;
use statewright_harness::simulate::{Metric, Wanted, script};
use statewright_types::Value;

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
    /// The confidence of intervals, between 0 and 1.
    pub confidence: f64,
    /// Quantiles besides the usual ones, between 0 and 1.
    pub quantiles: Vec<f64>,
    /// What the script's file is to say, while that is not saved.
    pub edited: Option<Arc<str>>,
    /// What is entered of declared odds.
    pub declared: super::declared::State,
    quantile: String,
    /// As the file was read.
    read: Option<(PathBuf, Result<Arc<str>, String>)>,
    first: Value,
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
        let mut state = State {
            file: files.first().cloned(),
            text,
            runs: RUNS,
            seed_from: 0,
            threads: threads(),
            backend: None,
            metrics: Vec::new(),
            confidence: Wanted::default().confidence,
            quantiles: Vec::new(),
            edited: None,
            declared: Default::default(),
            quantile: String::new(),
            read: None,
            first: Value::Null,
            entered: String::new(),
            is_over: false,
            problem: None,
            files,
            judged: Default::default(),
        };
        state.first = state.to_value();
        let document = editor.active().map(|(document, _)| document.id);
        if let Some(kept) = document.and_then(|id| editor.panels.run.kept.of(id)?.odds.as_ref()) {
            state.remember(kept);
        }
        state
    }

    /// Whether everything is as it is at first.
    pub fn is_first(&self) -> bool {
        self.to_value() == self.first
    }

    /// As a value for settings.
    pub fn to_value(&self) -> Value {
        let file = self.file.as_ref().map(|path| Value::from(&*path.to_string_lossy()));
        let measured = |measured: &Measured| {
            let over = ("over", Value::Bool(measured.is_over));
            Value::map([("metric", Value::from(&*measured.metric.text)), over])
        };
        // What a file says is not kept twice.
        let text = if file.is_none() { Value::from(self.text.as_str()) } else { Value::Null };
        Value::map([
            ("file", file.unwrap_or(Value::Null)),
            ("text", text),
            ("runs", Value::uint(self.runs)),
            ("seedFrom", Value::uint(self.seed_from)),
            ("threads", Value::uint(self.threads as u64)),
            ("backend", self.backend.map_or(Value::Null, |backend| Value::from(backend.name()))),
            ("confidence", Value::Float(self.confidence)),
            ("quantiles", Value::List(self.quantiles.iter().copied().map(Value::Float).collect())),
            ("metrics", Value::List(self.metrics.iter().map(measured).collect())),
        ])
    }

    /// Takes what such a value says; what makes no sense is as at first.
    fn remember(&mut self, kept: &Value) {
        let count = |key: &str| match kept.get(key) {
            Some(Value::Int(number)) => u64::try_from(*number).ok(),
            Some(Value::UInt(number)) => Some(*number),
            _ => None,
        };
        let list = |key: &str| match kept.get(key) {
            Some(Value::List(elements)) => elements.clone(),
            _ => Vec::new(),
        };
        let text = |value: Option<&Value>| if let Some(Value::Str(text)) = value { Some(text.clone()) } else { None };
        match text(kept.get("file")).map(|file| PathBuf::from(&*file)) {
            Some(file) if file.is_file() => self.file = Some(file),
            Some(_) => {}
            None => {
                if let Some(text) = text(kept.get("text")) {
                    (self.file, self.text) = (None, text.to_string());
                }
            }
        }
        self.runs = count("runs").filter(|runs| (1..=MOST_RUNS).contains(runs)).unwrap_or(self.runs);
        self.seed_from = count("seedFrom").unwrap_or(self.seed_from);
        let threads_kept = count("threads").and_then(|count| usize::try_from(count).ok());
        self.threads = threads_kept.filter(|count| (1..=threads() * 4).contains(count)).unwrap_or(self.threads);
        let named = text(kept.get("backend"));
        self.backend = BACKENDS.into_iter().find(|known| named.as_deref() == Some(known.name()));
        let part = |value: &Value| match value {
            Value::Float(part) => Some(*part).filter(|part| *part > 0.0 && *part < 1.0),
            _ => None,
        };
        self.confidence = kept.get("confidence").and_then(part).unwrap_or(self.confidence);
        self.quantiles = list("quantiles").iter().filter_map(part).collect();
        let measured = |value: &Value| {
            let metric = Metric::parse(&text(value.get("metric"))?).ok()?;
            Some(Measured { metric, is_over: value.get("over") == Some(&Value::Bool(true)) })
        };
        self.metrics = list("metrics").iter().filter_map(measured).collect();
    }

    /// The script as it is edited.
    ///
    /// # Errors
    /// Its file cannot be read: why.
    pub fn script(&mut self, editor: &Editor) -> Result<Arc<str>, String> {
        let Some(path) = self.file.clone() else { return Ok(self.text.as_str().into()) };
        if let Some(edited) = &self.edited {
            return Ok(edited.clone());
        }
        match &self.read {
            Some((known, text)) if *known == path => text.clone(),
            _ => {
                let text = read(editor, &path);
                self.read = Some((path, text.clone()));
                text
            }
        }
    }

    /// Its file is read again.
    pub fn read_again(&mut self) {
        self.read = None;
    }

    /// Another script is chosen.
    pub fn choose(&mut self, file: Option<PathBuf>) {
        (self.file, self.edited, self.read) = (file, None, None);
    }
}

/// Executions that can be chosen.
const BACKENDS: [Backend; 2] = [Backend::Jit, Backend::Interpreter];

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
        row(ui, "Confidence", |ui| confidence(form, ui));
        row(ui, "Quantiles", |ui| quantiles(form, ui));
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
        let mut chosen = None;
        if ui.selectable_label(form.file.is_none(), "written here").clicked() {
            chosen = Some(None);
        }
        for path in &form.files {
            let label = ui.selectable_label(form.file.as_ref() == Some(path), name(path));
            if label.on_hover_text(path.display().to_string()).clicked() {
                chosen = Some(Some(path.clone()));
            }
        }
        if let Some(chosen) = chosen.filter(|chosen| *chosen != form.file) {
            form.choose(chosen);
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
    let shown = combo.width(ui.available_width()).truncate().show_ui(ui, |ui| {
        for backend in std::iter::once(None).chain(BACKENDS.map(Some)) {
            ui.selectable_value(&mut form.backend, backend, text(backend));
        }
    });
    shown.response
}

/// Of intervals.
fn confidence(form: &mut State, ui: &mut Ui) -> Response {
    let mut percent = form.confidence * 100.0;
    let drag = DragValue::new(&mut percent).range(50.0..=99.999).speed(0.1).max_decimals(3).suffix(" %");
    let response = ui.add(drag).on_hover_text("of the intervals of means, shares and quantiles");
    if response.changed() {
        form.confidence = percent / 100.0;
    }
    response
}

/// Besides the usual ones.
fn quantiles(form: &mut State, ui: &mut Ui) -> Response {
    let shown = |quantiles: &[f64]| {
        let percent = |part: &f64| number(part * 100.0);
        quantiles.iter().map(percent).collect::<Vec<_>>().join(", ")
    };
    let hint = "99, 99.9";
    let edit = TextEdit::singleline(&mut form.quantile).hint_text(hint).desired_width(f32::INFINITY);
    let response = ui.add(edit).on_hover_text("in %, besides 5, 25, 50, 75 and 95");
    if response.lost_focus() {
        let parts = form.quantile.split([',', ' ', '%']).filter_map(|part| part.trim().parse::<f64>().ok());
        form.quantiles = parts.map(|percent| percent / 100.0).filter(|part| *part > 0.0 && *part < 1.0).collect();
    }
    if !response.has_focus() {
        form.quantile = shown(&form.quantiles);
    }
    response
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
    let (copy, save) = ui
        .horizontal_wrapped(|ui| {
            let copy = ui.button("Edit a copy here").on_hover_text(path.display().to_string()).clicked();
            let save = ui.add_enabled(form.edited.is_some(), egui::Button::new("Save script"));
            (copy, save.on_hover_text(path.display().to_string()).clicked())
        })
        .inner;
    if save && let Some(edited) = form.edited.clone() {
        match statewright_harness::files::replace(&*editor.host.files, path, edited.as_bytes(), 0) {
            Ok(()) => {
                form.choose(form.file.clone());
                editor.notices.tell(format!("saved {}", path.display()));
            }
            Err(fault) => editor.notices.error(
                format!("{} is not saved: {fault}", path.display()),
                "what was edited stays here: make room, or allow writing there",
            ),
        }
    }
    if copy {
        match form.script(editor) {
            Ok(text) => {
                form.text = text.to_string();
                form.choose(None);
            }
            Err(problem) => editor.notices.error(problem, "choose another script"),
        }
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
