//! The schema or configuration beside a document, as forms and as text, with what a change does to the documents that are open.
//!
//! - [`form`]: types and their fields; [`values`]: a configuration with its bounds
//! - [`effects`]: what documents say of it before it is saved; [`closed`]: those that are not open

mod closed;
mod effects;
mod form;
mod values;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Id, RichText, ScrollArea, TextEdit, Ui};
use statewright_editor_core::actions::Action;
use statewright_editor_core::beside::Beside;
use statewright_editor_core::command::{Command, Named};
use statewright_editor_core::find::uses;
use statewright_editor_core::open::file::{Clash, Outcome, read_text};
use statewright_editor_core::project::Kind;
use statewright_editor_core::refused::Refused;
use statewright_editor_core::schema_form;
use statewright_graph::document::SourceDocument;
use statewright_harness::files::Files;
use statewright_harness::project::schema::find as find_schema;
use statewright_types::{Config, Diagnostic, Schema, Severity, Span, config, schema};

use crate::act::files::Job;
use crate::dialogs::{Ask, Dialog};
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields;
use crate::todo::Todo;

pub use effects::Effects;

/// A change of the text.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Edit {
    /// The whole text; `true` while it is being typed.
    Text(String, bool),
    Form(schema_form::Edit),
    /// A value of a configuration by its path; `true` while it is dragged.
    Value(String, String, bool),
}

/// What the text says.
#[derive(Debug, Default)]
struct Parsed {
    text: Arc<str>,
    schema: Option<Arc<Schema>>,
    config: Option<Arc<Config>>,
    problems: Vec<Diagnostic>,
}

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    wanted: Option<PathBuf>,
    open: Option<Beside>,
    parsed: Parsed,
    is_text: bool,
    was_typing: bool,
    chosen: Option<String>,
    new_field: (String, String),
    new_type: String,
    /// What documents say of it.
    pub effects: Effects,
}

impl State {
    /// A file is to be shown.
    pub fn open(&mut self, path: &Path) {
        self.wanted = Some(path.to_owned());
    }

    /// The file that is shown, as edited.
    pub fn beside(&self) -> Option<&Beside> {
        self.open.as_ref()
    }

    /// Whether there is something to save.
    pub fn is_modified(&self) -> bool {
        self.open.as_ref().is_some_and(Beside::is_modified)
    }

    /// Takes in what other programs wrote, where it goes together; what does not is asked about when it is saved.
    pub fn look(&mut self, files: &dyn Files) {
        if let Some(open) = &mut self.open {
            // One that cannot be read stays as it is known; its documents tell.
            let _ = open.refresh(files);
        }
    }

    fn parse(&mut self) {
        let Some(open) = &self.open else { return };
        if self.parsed.text == *open.text() {
            return;
        }
        let text = open.text().clone();
        let is_config = kind_of(open.path()) == Some(Kind::Config);
        self.parsed = if is_config {
            let (config, problems) = config::parse(&text);
            Parsed { text, config, problems, schema: None }
        } else {
            let (schema, problems) = schema::parse(&text);
            Parsed { text, schema, problems, config: None }
        };
    }
}

fn kind_of(path: &Path) -> Option<Kind> {
    Kind::of(&path.file_name()?.to_string_lossy())
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    take_wanted(editor);
    bar(editor, ui);
    if editor.panels.schema.open.is_none() {
        fields::hint(
            ui,
            &colours,
            "No schema is open: open a document with one, or a .schema or .config file, or make one.",
        );
        ui.horizontal(|ui| {
            for action in [Action::NewSchema, Action::NewConfig] {
                if ui.button(action.title()).clicked() {
                    editor.push(Todo::Act(action));
                }
            }
        });
        return;
    }
    editor.panels.schema.parse();
    // What comes and goes here moves no keyboard focus below.
    ui.push_id("effects", |ui| effects::show(editor, ui));
    ui.separator();
    let state = &editor.panels.schema;
    if state.is_text || (state.parsed.schema.is_none() && state.parsed.config.is_none()) {
        text(editor, ui);
    } else if state.parsed.config.is_some() {
        values::show(editor, ui);
    } else {
        form::show(editor, ui);
    }
}

/// Opens what was asked for, or what the active document has.
fn take_wanted(editor: &mut Editor) {
    let beside = editor.active().and_then(|(document, _)| document.schema.path.clone());
    let state = &mut editor.panels.schema;
    let path = state.wanted.take().or_else(|| if state.open.is_none() { beside } else { None });
    let Some(path) = path.filter(|path| state.open.as_ref().is_none_or(|open| open.path() != path)) else { return };
    if let Some(open) = state.open.as_ref().filter(|open| open.is_modified()) {
        // Only one is edited at a time: what is not saved of it stays.
        let message = format!("{} is not saved", open.path().display());
        editor.notices.error(message, "save it or undo its edits, then open the other one");
        return;
    }
    match Beside::read(&*editor.host.files, &path) {
        Ok(open) => *state = State { open: Some(open), is_text: state.is_text, ..State::default() },
        Err(fault) => {
            editor.notices.error(fault.to_string(), "see that it is there and may be read, and open it again")
        }
    }
}

fn bar(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let mut all: Vec<PathBuf> = Vec::new();
    if let Some((document, _)) = editor.active() {
        all.extend(document.schema.path.clone());
        all.extend(document.config.as_ref().and_then(|config| config.path.clone()));
    }
    if let Some(project) = &editor.project {
        all.extend([Kind::Schema, Kind::Config].into_iter().flat_map(|kind| project.of_kind(kind)).map(Path::to_owned));
    }
    all.sort();
    all.dedup();
    let state = &mut editor.panels.schema;
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let now = state.open.as_ref().map(|open| name(open.path())).unwrap_or_default();
    let mut todo = Vec::new();
    ui.horizontal_wrapped(|ui| {
        let shown = egui::ComboBox::from_id_salt("schema file").width(200.0).selected_text(now).show_ui(ui, |ui| {
            for path in all {
                let is_now = state.open.as_ref().is_some_and(|open| open.path() == path);
                if ui.selectable_label(is_now, name(&path)).on_hover_text(path.display().to_string()).clicked()
                    && !is_now
                {
                    todo.push(Todo::Open(path));
                }
            }
        });
        fields::name(&shown.response, "Schema or configuration");
        let Some(open) = &mut state.open else { return };
        if ui.add_enabled(open.is_modified(), egui::Button::new("Save schema")).clicked() {
            todo.push(Todo::Files(Job::AskToSaveBeside));
        }
        if ui.button("Undo").clicked() {
            open.undo();
        }
        if ui.button("Redo").clicked() {
            open.redo();
        }
        for (is_text, title) in [(false, "Form"), (true, "Text")] {
            if ui.selectable_label(state.is_text == is_text, title).clicked() {
                state.is_text = is_text;
            }
        }
        if open.is_modified() {
            ui.label(RichText::new("not saved").color(colours.warning));
        }
        let errors = state.parsed.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        if errors > 0 {
            ui.label(RichText::new(format!("{errors} errors")).color(colours.error));
        }
    });
    todo.into_iter().for_each(|todo| editor.push(todo));
}

fn text(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let state = &mut editor.panels.schema;
    let Some(open) = &state.open else { return };
    for problem in state.parsed.problems.iter().take(6) {
        let (line, _) = Span::line_column(&state.parsed.text, problem.span.unwrap_or_default().start);
        let colour = if problem.severity == Severity::Error { colours.error } else { colours.warning };
        ui.label(RichText::new(format!("line {line}: {}", problem.message)).color(colour))
            .on_hover_text(problem.help.clone().unwrap_or_default());
    }
    let mut text = open.text().to_string();
    // Problems come and go above it: it keeps the keyboard by an id of its own.
    let field = TextEdit::multiline(&mut text).id(Id::new("schema text")).code_editor();
    let field = field.desired_width(f32::INFINITY).desired_rows(6);
    // What is above stays in sight while the text is scrolled.
    let height = (ui.clip_rect().bottom() - ui.cursor().top() - 8.0).max(90.0);
    let shown = ScrollArea::vertical().id_salt("schema text").max_height(height).show(ui, |ui| ui.add(field)).inner;
    fields::name(&shown, "Text of the schema");
    if shown.changed() {
        let goes_on = std::mem::replace(&mut state.was_typing, true);
        editor.push(Todo::Schema(Edit::Text(text, goes_on)));
    } else if shown.lost_focus() {
        state.was_typing = false;
    }
}

/// Makes a change of the text; says what it cannot.
pub fn edit(editor: &mut Editor, edit: &Edit) {
    editor.panels.schema.parse();
    let state = &mut editor.panels.schema;
    let goes_on = matches!(edit, Edit::Text(_, true) | Edit::Value(_, _, true));
    match edited(state, edit) {
        Ok(text) => {
            if let Some(open) = &mut state.open {
                open.set(&text, goes_on);
            }
            state.parse();
        }
        Err(refused) => editor.notices.error(refused.message, refused.help),
    }
}

fn edited(state: &State, edit: &Edit) -> Result<String, Refused> {
    let text = &*state.parsed.text;
    match edit {
        Edit::Text(text, _) => Ok(text.clone()),
        Edit::Value(path, value, _) => {
            let config = state.parsed.config.as_deref().ok_or_else(unread)?;
            schema_form::with_config(text, config, path, value)
        }
        Edit::Form(edit) => schema_form::edited(text, state.parsed.schema.as_deref(), edit),
    }
}

fn unread() -> Refused {
    Refused::new("the text has errors", "mend them in the text first")
}

/// Asks before something is saved that breaks documents; else saves.
pub fn ask_to_save(editor: &mut Editor) {
    let broken = editor.panels.schema.effects.broken();
    if broken.is_empty() {
        save(editor);
        return;
    }
    let ask = Ask {
        title: "Save the schema?".to_owned(),
        text: format!("These documents get errors by it: {}.", broken.join(", ")),
        answers: vec![
            ("Save anyway".to_owned(), vec![Todo::Files(Job::SaveBeside)]),
            ("Cancel".to_owned(), Vec::new()),
        ],
    };
    editor.push(Todo::Dialog(Box::new(Dialog::Ask(ask))));
}

/// Writes the file, and has its documents look at it.
pub fn save(editor: &mut Editor) {
    let files = editor.host.files.clone();
    let Some(open) = &mut editor.panels.schema.open else { return };
    let name = open.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match open.save(&*files) {
        Ok(Outcome::Asks(clash)) => {
            let decide = |takes_theirs| vec![Todo::Files(Job::SettleBeside(Box::new(clash.clone()), takes_theirs))];
            let ask = Ask {
                title: format!("{name} changed on the disk"),
                text: "It and what was edited here changed at the same places.".to_owned(),
                answers: vec![
                    ("Keep mine".to_owned(), decide(false)),
                    ("Take the file's".to_owned(), decide(true)),
                    ("Cancel".to_owned(), Vec::new()),
                ],
            };
            editor.push(Todo::Dialog(Box::new(Dialog::Ask(ask))));
        }
        Ok(outcome) => {
            if outcome == Outcome::Merged {
                editor.notices.tell(format!("{name} had changed on the disk: its changes were taken in"));
            }
            for document in editor.documents.values_mut() {
                document.look_beside(&editor.host);
            }
        }
        Err(fault) => {
            let help = "nothing is lost: make room or allow writing there, and save again";
            editor.notices.error(format!("{name} is not saved: {fault}"), help);
        }
    }
}

/// Decides what is to become of a file that changed at the same places.
pub fn settle(editor: &mut Editor, clash: &Clash, takes_theirs: bool) {
    if let Some(open) = &mut editor.panels.schema.open {
        open.settle(clash, takes_theirs);
    }
    if !takes_theirs {
        save(editor);
    }
}

/// Documents of the project that mention something of a schema are opened: they change with it, and can be undone.
fn open_users(editor: &mut Editor, schema: &Path, what: &Named) {
    let Some(parsed) = editor.panels.schema.parsed.schema.clone() else { return };
    let files = editor.host.files.clone();
    let paths = editor.project.iter().flat_map(|project| project.of_kind(Kind::Document));
    let uses_it = |path: &&Path| {
        let Ok((text, _)) = read_text(&*files, path) else { return false };
        let Ok(source) = SourceDocument::parse(&text) else { return false };
        let tree = &source.tree;
        let named = tree.get(tree.root(), "schemaPath").and_then(|node| tree.str(node));
        let is_of_it = find_schema(path, named.map(|name| &**name), None).is_ok_and(|found| found == schema);
        is_of_it && uses(&source, what, Some(&parsed)).is_ok_and(|found| !found.is_empty())
    };
    let users: Vec<PathBuf> = paths.filter(uses_it).map(Path::to_owned).collect();
    let shown = editor.active;
    for path in users {
        match editor.open_file(&path) {
            Ok(id) => {
                let host = editor.host.clone();
                // Renaming asks for what the checker knows of types.
                editor.documents.get_mut(&id).into_iter().for_each(|document| document.check_now(&host));
            }
            Err(problem) => editor.notices.error(problem.to_string(), "rename it there by hand"),
        }
    }
    editor.push(Todo::ShowTab(shown));
}

/// Another name for a field, in its schema and in every document of the project that has it.
pub fn rename_field(editor: &mut Editor, id: DocumentId, ty: &str, old: &str, new: &str) {
    let Some(path) = editor.documents.get(&id).and_then(|document| document.schema.path.clone()) else { return };
    if editor.panels.schema.open.as_ref().is_none_or(|open| open.path() != path) {
        editor.panels.schema.open(&path);
        take_wanted(editor);
    }
    editor.panels.schema.parse();
    let found = editor.panels.schema.parsed.schema.as_ref().and_then(|schema| {
        let id = schema.by_name(ty)?;
        Some((id, schema.get(id).field(old)?))
    });
    let Some((struct_id, index)) = found else { return };
    let what = Named::Field { ty: ty.to_owned(), name: old.to_owned() };
    open_users(editor, &path, &what);
    let same = editor.documents.values().filter(|document| document.schema.path.as_ref() == Some(&path));
    let ids: Vec<DocumentId> = same.map(|document| document.id).collect();
    for id in ids {
        crate::act::run_in(editor, id, &Command::Rename { what: what.clone(), to: new.to_owned() }, None);
    }
    edit(editor, &Edit::Form(schema_form::Edit::Name(struct_id, index, new.to_owned())));
    editor.notices.tell(format!("{ty}.{old} is {new} now; save the schema and the documents together"));
    editor.push(Todo::Panel(super::Panel::Schema));
}
