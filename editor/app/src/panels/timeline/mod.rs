//! What a session did, action by action: the state at each, what changed, what was sent to whom, and what a viewer saw.
//!
//! - [`recording`]: recordings that are saved and opened; [`making`]: tests made of what was done
//! - [`viewers`]: as whom it is looked at

pub mod making;
pub mod recording;
mod viewers;

use std::collections::BTreeSet;
use std::rc::Rc;

use egui::{Key as Button, RichText, ScrollArea, Slider, Ui, WidgetType};
use statewright_editor_core::actions::Action;
use statewright_editor_core::run::past::{Later, Past};
use statewright_editor_core::run::timeline::{Key, Timeline};
use statewright_types::Value;

use super::run::tree::Tree;
use super::run::{columns, empty, heading, named, result, session};
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::todo::Todo;

/// What a viewer saw, once that is known.
type View = Later<Result<Value, String>>;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    /// After how many actions it looks; `None` follows the session.
    at: Option<usize>,
    /// As whom it looks; "" sees everything.
    viewer: String,
    view: Option<(usize, String, Seen)>,
    tree: Tree,
    /// A recording that is looked at instead of the session.
    opened: Option<recording::Opened>,
    /// What is entered about recordings.
    pub recording: recording::State,
    /// What is entered about tests.
    making: making::State,
    shown: Option<(usize, Rc<Value>)>,
    viewers: viewers::State,
    writer: Option<(Vec<Key>, usize, Later<Result<Option<Spot>, String>>)>,
}

type Spot = statewright_editor_core::run::breakpoints::Spot;

#[derive(Debug)]
enum Seen {
    Coming(View),
    There(Result<Rc<Value>, String>),
}

/// Another moment is there.
pub fn moved(editor: &mut Editor) {
    editor.panels.timeline.shown = None;
    editor.panels.timeline.view = None;
}

/// Another session begins: it is that which is looked at.
pub fn restart(editor: &mut Editor) {
    let State { recording, making, viewer, tree, .. } = std::mem::take(&mut editor.panels.timeline);
    editor.panels.timeline = State { recording, making, viewer, tree, ..State::default() };
}

/// What a viewer sees now has come.
pub fn seen(editor: &mut Editor, viewer: String, view: Result<Value, String>) {
    let state = &mut editor.panels.timeline;
    let count = state.at.unwrap_or(usize::MAX);
    state.view = Some((count, viewer, Seen::There(view.map(Rc::new))));
}

/// A recording that was asked for has come.
pub fn recorded(editor: &mut Editor, bytes: &[u8]) {
    recording::write(editor, bytes);
}

/// Looks at the state after `count` actions.
pub fn go_to(editor: &mut Editor, count: usize) {
    editor.panels.timeline.at = Some(count);
}

/// Looks at the session, at what it did last.
pub fn follow(editor: &mut Editor) {
    let State { recording, making, .. } = std::mem::take(&mut editor.panels.timeline);
    editor.panels.timeline = State { recording, making, ..State::default() };
}

/// Looks at a recording from here on.
fn opened(editor: &mut Editor, recording: recording::Opened) {
    let State { recording: entered, making, .. } = std::mem::take(&mut editor.panels.timeline);
    editor.panels.timeline = State { opened: Some(recording), recording: entered, making, ..State::default() };
}

/// The timeline that is looked at, and its document.
fn source(editor: &Editor) -> Option<(&Timeline, Option<DocumentId>)> {
    if let Some(opened) = &editor.panels.timeline.opened {
        return Some((&opened.timeline, editor.active().map(|(document, _)| document.id)));
    }
    let session = editor.panels.run.session.as_ref()?;
    Some((session.live.timeline.as_ref()?, Some(session.document)))
}

fn past(editor: &Editor) -> Option<Past> {
    match &editor.panels.timeline.opened {
        Some(opened) => Some(opened.past()),
        None => editor.panels.run.session.as_ref()?.live.past(),
    }
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    recording::poll(editor);
    making::poll(editor);
    poll(editor);
    recording::bar(editor, ui);
    let Some(count) = source(editor).map(|(timeline, _)| timeline.moments().len()) else {
        empty(ui, &editor.colours, "Run a handler, or open a recording: every action of it is listed here.");
        return;
    };
    let at = editor.panels.timeline.at.unwrap_or(count).min(count);
    let at = scrub(editor, at, count, ui);
    columns(ui, "timeline", &[0.24, 0.38, 0.38], |index, ui| match index {
        0 => list(editor, count, at, ui),
        1 => what(editor, at, ui),
        _ => state(editor, at, ui),
    });
}

/// The slider and its keys; where it is then.
fn scrub(editor: &mut Editor, at: usize, count: usize, ui: &mut Ui) -> usize {
    let mut now = at;
    ui.horizontal(|ui| {
        let previous = ui.add_enabled(at > 0, egui::Button::new("⏴")).on_hover_text("Previous action");
        named(&previous, WidgetType::Button, "Previous action");
        let next = ui.add_enabled(at < count, egui::Button::new("⏵")).on_hover_text("Next action");
        named(&next, WidgetType::Button, "Next action");
        ui.spacing_mut().slider_width = (ui.available_width() - 330.0).max(80.0);
        let slider = ui.add(Slider::new(&mut now, 0..=count).show_value(false));
        named(&slider, WidgetType::Slider, "Action");
        now = match (previous.clicked(), next.clicked()) {
            (true, _) => now.saturating_sub(1),
            (_, true) => now + 1,
            _ => now,
        };
        if slider.has_focus() {
            ui.input(|input| {
                now = if input.key_pressed(Button::Home) { 0 } else { now };
                now = if input.key_pressed(Button::End) { count } else { now };
            });
        }
        ui.label(RichText::new(format!("{now} of {count}")).monospace());
        let is_opened = editor.panels.timeline.opened.is_some();
        let can_go_back = !is_opened && editor.situation().is_running;
        if ui.add_enabled(can_go_back, egui::Button::new("Step back")).on_hover_text("Alt+F10").clicked() {
            editor.push(Todo::Act(Action::StepBack));
        }
        let session = editor.panels.run.session.as_ref();
        let is_known = is_opened || session.is_some_and(|session| session.live.has_past());
        let debug = ui.add_enabled(is_known && now > 0, egui::Button::new("Debug this"));
        if debug.on_hover_text("do this action again, held up before its first node").clicked() {
            if is_opened {
                recording::debug(editor, now - 1);
            } else if let Some(session) = &mut editor.panels.run.session {
                session.live.rewind(now - 1, 1);
                session.draw_again();
            }
        }
    });
    if now != at {
        editor.panels.timeline.at = (now < count).then_some(now);
    }
    now
}

/// What the list calls the action before which `index` were done, and whether it failed.
fn label(editor: &Editor, index: usize) -> Option<(String, bool)> {
    let moment = source(editor)?.0.moments().get(index.checked_sub(1)?)?;
    let has_failed = moment.ran.iter().any(|ran| ran.error.is_some());
    Some((format!("{}. {}", moment.number, moment.label), has_failed))
}

fn list(editor: &mut Editor, count: usize, at: usize, ui: &mut Ui) {
    let colours = editor.colours;
    let height = ui.text_style_height(&egui::TextStyle::Body).max(20.0);
    let scroll = ScrollArea::vertical().id_salt("moments").auto_shrink([false, false]);
    scroll.show_rows(ui, height, count + 1, |ui, range| {
        for index in range {
            let (text, has_failed) = label(editor, index).unwrap_or_else(|| ("the beginning".to_owned(), false));
            let text = if has_failed { RichText::new(text).color(colours.error) } else { RichText::new(text) };
            let row = ui.selectable_label(index == at, text);
            if row.clicked() {
                editor.panels.timeline.at = Some(index);
            }
        }
    });
}

/// What an action did: what changed, and what was sent to whom.
fn what(editor: &mut Editor, at: usize, ui: &mut Ui) {
    let colours = editor.colours;
    let moment = at.checked_sub(1).and_then(|index| source(editor)?.0.moments().get(index).cloned());
    let Some(moment) = moment else {
        empty(ui, &colours, "Nothing was done yet.");
        return;
    };
    heading(ui, format!("{}. {}   at {} ms", moment.number, moment.label, moment.now_ms));
    for ran in &moment.ran {
        let error = ran.error.as_ref().map_or(String::new(), |error| format!(": {error}"));
        let colour = if ran.error.is_some() { colours.error } else { colours.soft };
        ui.add(egui::Label::new(RichText::new(format!("{}{error}", ran.handler)).color(colour)).wrap());
    }
    let viewer = editor.panels.timeline.viewer.clone();
    let to_viewer: Vec<Value> = moment.events.iter().filter(|event| is_for(event, &viewer)).cloned().collect();
    if let Some(path) = result::changes(&moment.changes, &colours, ui) {
        editor.panels.timeline.tree.reveal(&path);
    }
    result::events(&to_viewer, &colours, ui);
}

/// Whether an event is sent to a viewer; to "" all are.
fn is_for(event: &Value, viewer: &str) -> bool {
    let is = |value: &Value| matches!(value, Value::Str(id) if &**id == viewer);
    match event.get("to") {
        _ if viewer.is_empty() => true,
        Some(Value::List(ids)) => ids.iter().any(is),
        Some(Value::Map(_)) => !event.get("to").and_then(|to| to.get("except")).is_some_and(is),
        _ => true,
    }
}

/// The state behind an action, or what a viewer saw of it.
fn state(editor: &mut Editor, at: usize, ui: &mut Ui) {
    let colours = editor.colours;
    viewers::choose(editor, at, ui);
    let (shown, changed) = match value(editor, at) {
        Ok(Some(shown)) => shown,
        Ok(None) => {
            empty(ui, &colours, "…");
            return;
        }
        Err(why) => {
            empty(ui, &colours, &format!("what was seen cannot be worked out: {why}"));
            return;
        }
    };
    let tree = &mut editor.panels.timeline.tree;
    tree.show(ui, "Then", &shown, &changed, &colours);
    let selected = tree.selected.clone();
    let button = ui.add_enabled(selected.is_some(), egui::Button::new("What wrote this last"));
    if let (true, Some(path)) = (button.clicked(), selected) {
        find_writer(editor, path, at);
    }
}

/// What is shown of the state, and what changed last in it; `None` while it is being worked out.
#[allow(clippy::type_complexity)]
fn value(editor: &mut Editor, at: usize) -> Result<Option<(Rc<Value>, BTreeSet<Vec<Key>>)>, String> {
    let Some((timeline, _)) = source(editor) else { return Ok(None) };
    let last = at.checked_sub(1).and_then(|index| timeline.moments().get(index));
    let changed = last.map(|moment| moment.changes.iter().map(|change| change.path.clone()).collect());
    let changed: BTreeSet<Vec<Key>> = changed.unwrap_or_default();
    if editor.panels.timeline.viewer.is_empty() {
        let known = editor.panels.timeline.shown.clone().filter(|(known, _)| *known == at);
        let state = match known {
            Some((_, state)) => state,
            None => Rc::new(timeline.state(at)),
        };
        editor.panels.timeline.shown = Some((at, state.clone()));
        return Ok(Some((state, changed)));
    }
    let viewer = editor.panels.timeline.viewer.clone();
    if !matches!(&editor.panels.timeline.view, Some((known, who, _)) if *known == at && *who == viewer) {
        let Some(past) = past(editor) else { return Err("it runs in another process".to_owned()) };
        let (wake, who) = (editor.waker(), viewer.clone());
        let view = Later::new(move || past.view(at, &who), wake);
        editor.panels.timeline.view = Some((at, viewer, Seen::Coming(view)));
    }
    match &editor.panels.timeline.view {
        Some((.., Seen::There(view))) => view.clone().map(|view| Some((view, changed))),
        _ => Ok(None),
    }
}

/// Looks for what wrote a part of the state last before an action.
fn find_writer(editor: &mut Editor, path: Vec<Key>, at: usize) {
    let wake = editor.waker();
    let wrote = source(editor).and_then(|(timeline, _)| timeline.wrote_last(&path, at, None));
    match (wrote, past(editor)) {
        (Some(wrote), Some(past)) => {
            let later = session::look_for(past, wrote.moment, path.clone(), wake);
            editor.panels.timeline.writer = Some((path, wrote.moment, later));
        }
        (None, _) => editor.notices.tell("nothing wrote that since it began"),
        (_, None) => {}
    }
}

/// Waits for what is being worked out.
pub fn wait(editor: &mut Editor) {
    if let Some((_, _, seen)) = &mut editor.panels.timeline.view
        && let Seen::Coming(view) = seen
        && let Some(view) = view.wait()
    {
        *seen = Seen::There(view.map(Rc::new));
    }
    let answer = editor.panels.timeline.writer.as_ref().and_then(|(.., later)| later.wait());
    tell(editor, answer);
    making::wait(editor);
    viewers::wait(editor);
}

/// Takes what was worked out meanwhile.
fn poll(editor: &mut Editor) {
    if let Some((_, _, seen)) = &mut editor.panels.timeline.view
        && let Seen::Coming(view) = seen
        && let Some(view) = view.answer()
    {
        *seen = Seen::There(view.map(Rc::new));
    }
    let answer = editor.panels.timeline.writer.as_ref().and_then(|(.., later)| later.answer());
    tell(editor, answer);
}

fn tell(editor: &mut Editor, answer: Option<Result<Option<Spot>, String>>) {
    let Some(answer) = answer else { return };
    let Some((path, moment, _)) = editor.panels.timeline.writer.take() else { return };
    let label =
        source(editor).and_then(|(timeline, _)| timeline.moments().get(moment)).map(|moment| moment.label.clone());
    let document = source(editor).and_then(|(_, document)| document);
    if let Some(document) = document {
        session::tell_writer(editor, document, &path, moment, &label.unwrap_or_default(), answer);
    }
}
