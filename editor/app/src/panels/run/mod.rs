//! Running a handler: what with, what came of it, and where it is held up.
//!
//! - [`session`]: the session that there is; [`kept`]: breakpoints and what was entered, per document
//! - [`start`]: the form; [`result`]: what came of it; [`debug`]: where it is held up; [`attach`]: another process
//! - [`tree`]: a value as a tree

pub mod attach;
pub mod debug;
pub mod kept;
pub mod result;
pub mod session;
pub mod start;
pub mod tree;

use egui::{Response, RichText, Sense, Stroke, Ui, UiBuilder, WidgetText, vec2};
use statewright_editor_core::actions::{Action, Situation};
use statewright_editor_core::run::live::Phase;

use crate::editor::Editor;
use crate::panels::Panel;
use crate::todo::Todo;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    /// The session that there is, or was last.
    pub session: Option<session::Session>,
    /// Breakpoints and what was entered, by document.
    pub kept: kept::Books,
    /// What the next run begins with.
    pub start: start::State,
    /// Which parts of the state are open.
    pub tree: tree::Tree,
    /// What is entered where a run is held up.
    pub debug: debug::State,
    /// What is entered to attach to another process.
    pub attach: attach::State,
}

impl State {
    /// Whether something runs, or is held up.
    pub fn situation(&self) -> Situation {
        let live = self.session.as_ref().map(|session| &session.live).filter(|live| live.is_there());
        Situation {
            is_running: live.is_some(),
            is_paused: live.is_some_and(|live| *live.phase() == Phase::Paused),
            ..Situation::default()
        }
    }
}

/// Takes what happened meanwhile. To be called once a frame.
pub fn poll(editor: &mut Editor) {
    kept::follow(editor);
    session::poll(editor);
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    bar(editor, ui);
    ui.separator();
    let is_held_up = editor.situation().is_paused;
    let parts = [0.30, 0.38, 0.32];
    columns(ui, "run", &parts, |index, ui| match index {
        0 => start::show(editor, ui),
        1 if is_held_up => debug::show(editor, ui),
        1 => {
            result::show(editor, ui);
            debug::watches(editor, ui);
            debug::breakpoints(editor, ui);
        }
        _ => state(editor, ui),
    });
}

/// What can be done with the session, and what it is doing.
fn bar(editor: &mut Editor, ui: &mut Ui) {
    let situation = editor.situation();
    ui.horizontal_wrapped(|ui| {
        for (action, title) in [
            (Action::Run, "Run"),
            (Action::Stop, "Stop"),
            (Action::Pause, "Pause"),
            (Action::Continue, "Continue"),
            (Action::StepOver, "Step"),
            (Action::StepInto, "Into"),
            (Action::StepOut, "Out"),
            (Action::StepBack, "Back"),
            (Action::Attach, "Attach…"),
        ] {
            let keys = editor.settings.keys.keys(action).first().map(ToString::to_string).unwrap_or_default();
            let button = ui.add_enabled(action.when().holds(&situation), egui::Button::new(title));
            let button = button.on_hover_text(format!("{} {keys}", action.title()));
            named(&button, egui::WidgetType::Button, action.title());
            if button.clicked() {
                editor.push(Todo::Act(action));
            }
        }
        if editor.panels.run.session.as_ref().is_some_and(|session| session.live.is_behind()) {
            let button = ui.button("To the present").on_hover_text("looks at where the other process is");
            if button.clicked() {
                editor.push(Todo::Act(Action::ToPresent));
            }
        }
        ui.separator();
        let (text, colour) = phase(editor);
        ui.label(RichText::new(text).color(colour));
        if is_old(editor) {
            ui.label(RichText::new("the document has changed since").color(editor.colours.warning));
        }
    });
}

/// Whether the session runs another version of the document than the one that is shown.
fn is_old(editor: &Editor) -> bool {
    let Some(session) = &editor.panels.run.session else { return false };
    let document = editor.documents.get(&session.document);
    document.is_some_and(|document| document.open.revision() != session.revision)
}

/// What the session is doing, in words.
fn phase(editor: &Editor) -> (String, egui::Color32) {
    let colours = &editor.colours;
    let Some(session) = &editor.panels.run.session else {
        return ("Nothing runs. Choose a handler and press Run.".to_owned(), colours.soft);
    };
    let live = &session.live;
    let place = if live.is_remote() { "the other process" } else { "the session" };
    let behind = if live.is_behind() { "; the other process stays where it is" } else { "" };
    match live.phase() {
        Phase::Beginning => (format!("{place} begins…"), colours.soft),
        Phase::Running => (format!("{place} runs…"), colours.run),
        Phase::Idle => (format!("{place} waits for events"), colours.soft),
        Phase::Over(why) => (format!("over: {}", why.lines().next().unwrap_or("")), colours.soft),
        Phase::Paused => match live.client.stopped() {
            Some(stopped) => {
                (format!("held up before `{}` of {}{behind}", stopped.node, stopped.graph), colours.warning)
            }
            None => (format!("{place} waits: Continue or Step begins it"), colours.warning),
        },
    }
}

/// The state as it is, as a tree.
fn state(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let State { session, tree, .. } = &mut editor.panels.run;
    let Some(session) = session else {
        empty(ui, &colours, "The state is shown here once something ran.");
        return;
    };
    let Some((state, changed)) = session.state_now() else {
        empty(ui, &colours, "The other process does not tell its state: read it by watches, such as `state:Round`.");
        return;
    };
    tree.show(ui, "State", &state, &changed, &colours);
    let selected = tree.selected.clone();
    let mut wants_timeline = false;
    ui.horizontal(|ui| {
        let button = ui.add_enabled(selected.is_some(), egui::Button::new("What wrote this last"));
        if let (true, Some(path)) = (button.clicked(), selected) {
            session.find_writer(path, usize::MAX);
        }
        wants_timeline = ui.button("Show timeline").clicked();
    });
    if wants_timeline {
        editor.push(Todo::Panel(Panel::Timeline));
    }
}

/// Soft words where there is nothing else.
pub fn empty(ui: &mut Ui, colours: &crate::theme::Colours, text: &str) {
    ui.add(egui::Label::new(RichText::new(text).color(colours.soft)).wrap());
}

/// Gives a widget a name of its own.
pub fn named(response: &Response, kind: egui::WidgetType, name: &str) {
    let is_enabled = response.enabled();
    response.widget_info(|| egui::WidgetInfo::labeled(kind, is_enabled, name));
}

/// A heading of a column.
pub fn heading(ui: &mut Ui, text: impl Into<String>) {
    ui.label(RichText::new(text).strong());
}

/// A row of a form: a name, and what is entered.
pub fn row(ui: &mut Ui, name: impl Into<WidgetText>, add: impl FnOnce(&mut Ui) -> Response) -> Response {
    let label = ui.label(name);
    let response = add(ui).labelled_by(label.id);
    ui.end_row();
    response
}

/// The least width of a column, points.
const NARROWEST: f32 = 210.0;

/// Columns beside each other, each with its part of the width beyond the least that all have, that scroll by themselves. Where
/// there is less room than that, all of them scroll sideways.
pub fn columns(ui: &mut Ui, name: &str, parts: &[f32], mut add: impl FnMut(usize, &mut Ui)) {
    let least = NARROWEST * parts.len() as f32;
    let room = ui.available_rect_before_wrap();
    if room.width() < least {
        let scroll = egui::ScrollArea::horizontal().id_salt((name, "sideways")).auto_shrink([false, false]);
        scroll.show(ui, |ui| {
            let size = vec2(least, ui.available_height());
            beside(ui, egui::Rect::from_min_size(ui.cursor().min, size), name, parts, &mut add);
        });
    } else {
        beside(ui, room, name, parts, &mut add);
    }
}

fn beside(ui: &mut Ui, whole: egui::Rect, name: &str, parts: &[f32], add: &mut dyn FnMut(usize, &mut Ui)) {
    let stroke = Stroke::new(1.0, ui.visuals().widgets.noninteractive.bg_stroke.color);
    let beyond = whole.width() - NARROWEST * parts.len() as f32;
    let mut left = whole.left();
    for (index, part) in parts.iter().enumerate() {
        let width = NARROWEST + beyond * part;
        let rect = egui::Rect::from_min_size(egui::pos2(left, whole.top()), vec2(width, whole.height()));
        let inner = rect.shrink2(vec2(6.0, 0.0));
        let mut column = ui.new_child(UiBuilder::new().id_salt((name, index)).max_rect(inner));
        column.set_clip_rect(inner.intersect(ui.clip_rect()));
        let scroll = egui::ScrollArea::vertical().id_salt((name, index, "scroll")).auto_shrink([false, false]);
        scroll.show(&mut column, |ui| add(index, ui));
        if index > 0 {
            ui.painter().vline(left, whole.y_range(), stroke);
        }
        left += width;
    }
    ui.allocate_rect(whole, Sense::hover());
}
