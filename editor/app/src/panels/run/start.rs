//! The form: which handler, its parameters, who sends it, who takes part, and the state to begin with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use egui::{Align, ComboBox, DragValue, Grid, Layout, Response, RichText, TextEdit, Ui, WidgetType};
use statewright_editor_core::actions::Action;
use statewright_editor_core::run::breakpoints::{Entered, Names};
use statewright_editor_core::run::client::Go;
use statewright_editor_core::run::form::{self, Field, Kind};
use statewright_editor_core::run::live::{Live, Phase};
use statewright_editor_core::run::{Order, Setting};
use statewright_graph::document::{Graph, GraphKind};
use statewright_harness::act::Act;
use statewright_harness::play::Setup;
use statewright_runtime::session::Action as Event;

use super::session::Session;
use super::{heading, named, row};
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::todo::Todo;

/// What a session begins with.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Begin {
    /// The schema's defaults.
    #[default]
    Defaults,
    /// JSON that was entered.
    Json,
    /// What a test of a file begins with, by its name.
    Test(PathBuf, Arc<str>),
    /// The state of the session that was there last.
    Last,
}

/// What was entered.
#[derive(Debug, Default)]
pub struct State {
    /// The handler that was chosen; the one that is shown if it is `None`.
    pub handler: Option<Arc<str>>,
    /// What the session begins with.
    pub begin: Begin,
    /// The state that was entered, as JSON.
    pub json: String,
    fields: Option<((DocumentId, u64, Arc<str>), Vec<Field>)>,
    player: String,
    advance_ms: i64,
}

/// The handlers of a document, by name.
fn handlers(editor: &Editor) -> Vec<Arc<str>> {
    let Some((document, _)) = editor.active() else { return Vec::new() };
    document.open.source().document.of_kind(GraphKind::Handler).iter().map(|graph| graph.name.text.clone()).collect()
}

/// The handler that is run: what was chosen, or what is shown, or the first.
fn chosen(editor: &Editor) -> Option<(DocumentId, &Graph)> {
    let (document, at) = editor.active()?;
    let handlers = document.open.source().document.of_kind(GraphKind::Handler);
    let state = &editor.panels.run.start;
    let named = state.handler.as_ref().and_then(|name| handlers.iter().find(|graph| graph.name.text == *name));
    let shown = document.graph(at).filter(|graph| graph.kind == GraphKind::Handler);
    Some((document.id, named.or(shown).or(handlers.first())?))
}

/// Draws the form.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let all = handlers(editor);
    let Some((document, handler)) = chosen(editor).map(|(document, graph)| (document, graph.name.text.clone())) else {
        super::empty(ui, &editor.colours, "A document with a handler can be run: add one in Graphs.");
        return;
    };
    let mut fields = take_fields(editor);
    let mut kept = editor.panels.run.kept.of(document).cloned().unwrap_or_default();
    let before = kept.clone();
    let entered = kept.entered.entry(handler.to_string()).or_default();
    Grid::new("run form").num_columns(2).spacing([10.0, 6.0]).show(ui, |ui| {
        row(ui, "Handler", |ui| handler_choice(editor, &all, &handler, ui));
        for field in &mut fields {
            parameter(field, ui);
        }
        row(ui, "Sender", |ui| line(ui, &mut entered.sender, "the session itself"));
        row(ui, "Players", |ui| line(ui, &mut kept.players, "ids, such as ann, bob"));
        row(ui, "Seed", |ui| ui.add(DragValue::new(&mut kept.seed)));
        row(ui, "Begins with", |ui| begin_choice(editor, ui));
    });
    if editor.panels.run.start.begin == Begin::Json {
        let json = &mut editor.panels.run.start.json;
        let hint = "{\"Round\": 3}   what is missing has its default";
        let edit = TextEdit::multiline(json).code_editor().desired_rows(4).hint_text(hint).desired_width(f32::INFINITY);
        named(&ui.add(edit), WidgetType::TextEdit, "State as JSON");
    }
    entered_again(&mut kept, &handler, &fields);
    if kept != before {
        *editor.panels.run.kept.change(document) = kept;
    }
    if let Some((_, kept)) = &mut editor.panels.run.start.fields {
        *kept = fields;
    }
    buttons(editor, ui);
}

/// Puts what is entered where it is kept; a handler of which nothing was entered is not kept.
fn entered_again(kept: &mut statewright_editor_core::run::breakpoints::Kept, handler: &str, fields: &[Field]) {
    let params = form::texts(fields);
    let is_default = |entered: &Entered| entered.sender.is_empty() && fields.iter().all(Field::is_default);
    let entered = kept.entered.entry(handler.to_owned()).or_default();
    entered.params = params;
    if is_default(entered) {
        kept.entered.remove(handler);
    }
}

/// The fields of the handler's parameters, as they were entered; made anew when the handler changed.
fn take_fields(editor: &mut Editor) -> Vec<Field> {
    let Some((document, graph)) = chosen(editor) else { return Vec::new() };
    let revision = editor.documents.get(&document).map_or(0, |document| document.open.revision());
    let key = (document, revision, graph.name.text.clone());
    if let Some((known, fields)) = &editor.panels.run.start.fields
        && *known == key
    {
        return fields.clone();
    }
    let entered = editor.panels.run.kept.of(document).and_then(|kept| kept.entered.get(&*key.2));
    let params = entered.map_or_else(BTreeMap::new, |entered| entered.params.clone());
    let fields = form::fields(graph, &params);
    editor.panels.run.start.fields = Some((key, fields.clone()));
    fields
}

fn line(ui: &mut Ui, text: &mut String, hint: &str) -> Response {
    ui.add(TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY))
}

fn handler_choice(editor: &mut Editor, all: &[Arc<str>], handler: &Arc<str>, ui: &mut Ui) -> Response {
    let combo = ComboBox::from_id_salt("handler").selected_text(&**handler).width(ui.available_width()).truncate();
    let shown = combo.show_ui(ui, |ui| {
        for name in all {
            if ui.selectable_label(name == handler, &**name).clicked() {
                editor.panels.run.start.handler = Some(name.clone());
            }
        }
    });
    shown.response
}

fn parameter(field: &mut Field, ui: &mut Ui) {
    let label = ui.label(&field.name).on_hover_text(format!("{}: {}", field.name, field.ty));
    ui.horizontal(|ui| {
        let response = match field.kind {
            Kind::Bool => {
                let mut is_on = field.text == "true";
                let response = ui.checkbox(&mut is_on, "");
                field.text = is_on.to_string();
                response
            }
            Kind::Int => match field.text.parse::<i64>() {
                Ok(mut number) => {
                    let response = ui.add(DragValue::new(&mut number));
                    if response.changed() {
                        field.text = number.to_string();
                    }
                    response
                }
                Err(_) => line(ui, &mut field.text, "a whole number"),
            },
            Kind::Float => match field.text.parse::<f64>() {
                Ok(mut number) => {
                    let response = ui.add(DragValue::new(&mut number).speed(0.1));
                    if response.changed() {
                        field.text = format!("{number:?}");
                    }
                    response
                }
                Err(_) => line(ui, &mut field.text, "a number"),
            },
            Kind::Text => line(ui, &mut field.text, "text"),
            Kind::Json => ui.add(
                TextEdit::singleline(&mut field.text).code_editor().desired_width(f32::INFINITY).hint_text("JSON"),
            ),
        };
        response.labelled_by(label.id);
        if let Err(problem) = field.value() {
            let colour = ui.visuals().error_fg_color;
            ui.label(RichText::new("!").color(colour).strong()).on_hover_text(problem);
        }
    });
    ui.end_row();
}

fn begin_choice(editor: &mut Editor, ui: &mut Ui) -> Response {
    let tests = crate::panels::tests::cases(editor);
    let has_last = editor.panels.run.session.is_some();
    let begin = &mut editor.panels.run.start.begin;
    let text = match begin {
        Begin::Defaults => "the defaults".to_owned(),
        Begin::Json => "JSON".to_owned(),
        Begin::Last => "the state of the last run".to_owned(),
        Begin::Test(_, name) => format!("test: {name}"),
    };
    let combo = ComboBox::from_id_salt("begin").selected_text(text).width(ui.available_width()).truncate();
    let shown = combo.show_ui(ui, |ui| {
        ui.selectable_value(begin, Begin::Defaults, "the defaults");
        ui.selectable_value(begin, Begin::Json, "JSON");
        if has_last {
            ui.selectable_value(begin, Begin::Last, "the state of the last run");
        }
        for (path, name) in tests {
            let text = format!("test: {name}");
            ui.selectable_value(begin, Begin::Test(path, name), text);
        }
    });
    shown.response
}

fn buttons(editor: &mut Editor, ui: &mut Ui) {
    let is_idle = matches!(editor.panels.run.session.as_ref().map(|session| session.live.phase()), Some(Phase::Idle));
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        let start = ui.add(egui::Button::new(RichText::new("Run from the start").strong()));
        if start.on_hover_text("a new session, with what is entered here").clicked() {
            editor.push(Todo::Act(Action::Run));
        }
        let send = ui.add_enabled(is_idle, egui::Button::new("Send"));
        if send.on_hover_text("to the session that is there").clicked() {
            send_event(editor);
        }
    });
    let Some(session) = editor.panels.run.session.as_mut().filter(|_| is_idle) else { return };
    let state = &mut editor.panels.run.start;
    ui.separator();
    heading(ui, "Session");
    ui.horizontal(|ui| {
        let edit = ui.add(TextEdit::singleline(&mut state.player).hint_text("player").desired_width(90.0));
        named(&edit, WidgetType::TextEdit, "Player");
        let has_name = !state.player.trim().is_empty();
        let player = state.player.trim().to_owned();
        if ui.add_enabled(has_name, egui::Button::new("Join")).clicked() {
            session.live.order(Order::Act(Act::Join(player)));
        } else if ui.add_enabled(has_name, egui::Button::new("Leave")).clicked() {
            session.live.order(Order::Act(Act::Leave(player)));
        }
    });
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let drag = ui.add(DragValue::new(&mut state.advance_ms).range(0..=i64::MAX).speed(50.0).suffix(" ms"));
        named(&drag, WidgetType::DragValue, "Milliseconds");
        if ui.button("Let time pass").clicked() {
            session.live.order(Order::Act(Act::Advance(state.advance_ms)));
        }
    });
}

/// The event that is entered.
fn event(editor: &mut Editor) -> Option<Event> {
    let fields = take_fields(editor);
    let (document, graph) = chosen(editor)?;
    let event = graph.event.as_ref().map(|event| event.text.clone())?;
    let kept = editor.panels.run.kept.of(document);
    let sender = kept.and_then(|kept| kept.entered.get(&*graph.name.text)).map_or("", |entered| entered.sender.trim());
    let sender: Arc<str> = sender.into();
    match form::params(&fields) {
        Ok(params) => Some(Event { event, sender, params }),
        Err(problem) => {
            editor.notices.error(problem, "enter another value in the Run panel");
            None
        }
    }
}

/// Sends the event to the session that is there.
pub fn send_event(editor: &mut Editor) {
    let Some(event) = event(editor) else { return };
    if let Some(session) = &mut editor.panels.run.session {
        session.live.order(Order::Act(Act::Event(event)));
        session.draw_again();
    }
}

/// A new session, with what is entered, that is sent the event.
pub fn run(editor: &mut Editor) {
    begin(editor, None);
}

/// The same, that is held up at a place.
pub fn run_to(editor: &mut Editor, to: &Go) {
    begin(editor, Some(to));
}

fn begin(editor: &mut Editor, to: Option<&Go>) -> bool {
    let Some(event) = event(editor) else { return false };
    let Some(setting) = setting(editor) else { return false };
    let Some((document, _)) = editor.active() else { return false };
    let (document, revision, what) = (document.id, document.open.revision(), event.event.to_string());
    let orders = vec![Order::Act(Act::Event(event))];
    Start { document, revision, setting, orders, what, to: to.cloned() }.begin(editor)
}

/// A session that is to begin.
#[derive(Debug)]
pub struct Start {
    /// Of which document.
    pub document: DocumentId,
    /// The revision that runs.
    pub revision: u64,
    /// What it begins with.
    pub setting: Setting,
    /// What it is told to do.
    pub orders: Vec<Order>,
    /// Its label, for lists.
    pub what: String,
    /// Where it is held up, besides breakpoints.
    pub to: Option<Go>,
}

impl Start {
    /// Begins it, in the place of the one that there was. Whether its document is open.
    pub fn begin(self, editor: &mut Editor) -> bool {
        let (wake, clock) = (editor.waker(), editor.host.clock);
        let Some(document) = editor.documents.get(&self.document) else { return false };
        let names = Names::of(&document.open.source().document);
        let mut live = Live::start(self.setting, &document.open.source().document, clock, wake);
        if let Some(kept) = editor.panels.run.kept.of(self.document) {
            live.stop_at(kept.at_nodes(&names).enabled());
            live.watch(&kept.watches);
        }
        if let Some(to) = &self.to {
            live.go(to);
        }
        self.orders.into_iter().for_each(|order| live.order(order));
        Session::new(live, self.document, (self.revision, names), self.what).show(editor);
        true
    }
}

/// What a session begins with, as it is entered.
pub fn setting(editor: &mut Editor) -> Option<Setting> {
    let (setup, state) = beginning(editor)?;
    let (document, _) = editor.active()?;
    Some(Setting {
        name: document.name(),
        document: document.open.text().into(),
        schema: document.schema.text.clone(),
        config: document.config.as_ref().map(|config| config.text.clone()),
        setup,
        state,
        host_nodes: document.host_nodes(&editor.host),
        recorded: None,
    })
}

fn beginning(editor: &mut Editor) -> Option<(Setup, Option<Arc<str>>)> {
    let (document, _) = editor.active()?;
    let kept = editor.panels.run.kept.of(document.id).cloned().unwrap_or_default();
    let players = kept.players.split(',').map(str::trim).filter(|id| !id.is_empty()).map(Arc::from).collect();
    let entered = Setup { seed: kept.seed, players, ..Setup::default() };
    match editor.panels.run.start.begin.clone() {
        Begin::Defaults => Some((entered, None)),
        Begin::Json => Some((entered, Some(editor.panels.run.start.json.as_str().into()))),
        Begin::Last => {
            let state = editor.panels.run.session.as_mut().and_then(|session| session.state_at(usize::MAX));
            Some((entered, state.map(|state| form::text_of(&state).into())))
        }
        Begin::Test(path, name) => {
            let case = crate::panels::tests::case(editor, &path, &name);
            let Some(case) = case else {
                editor.notices.error(format!("there is no test `{name}` any more"), "choose another beginning");
                return None;
            };
            let players = if entered.players.is_empty() { case.setup.players.clone() } else { entered.players };
            let seed = if entered.seed == 0 { case.setup.seed } else { entered.seed };
            Some((Setup { players, seed, ..case.setup }, case.state))
        }
    }
}
