//! As whom it is looked at: whoever is known, or is entered.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{ComboBox, Key, TextEdit, Ui, WidgetType};
use statewright_editor_core::run::past::Later;
use statewright_types::Value;

use super::{named, past, source};
use crate::editor::Editor;

/// What is known of who may look.
#[derive(Debug, Default)]
pub struct State {
    /// As far as so many actions tell.
    told: Option<(usize, BTreeSet<Arc<str>>)>,
    /// Who takes part behind an action, was granted a view or has filters: that is worked out when somebody wants to know.
    worked_out: Option<(usize, Known)>,
    entered: String,
}

#[derive(Debug)]
enum Known {
    Coming(Later<Result<BTreeSet<Arc<str>>, String>>),
    There(BTreeSet<Arc<str>>),
}

const EVERYTHING: &str = "nobody: the whole state";

/// The list of those who may look, and a field for anybody else.
pub fn choose(editor: &mut Editor, at: usize, ui: &mut Ui) {
    poll(editor);
    let count = source(editor).map_or(0, |(timeline, _)| timeline.moments().len());
    let told = editor.panels.timeline.viewers.told.take().filter(|(known, _)| *known == count);
    let mut viewers = told.as_ref().map_or_else(|| who_is_told(editor), |(_, viewers)| viewers.clone());
    editor.panels.timeline.viewers.told = Some((count, viewers.clone()));
    let mut wanted = false;
    let state = &mut editor.panels.timeline;
    if let Some((_, Known::There(more))) = &state.viewers.worked_out {
        viewers.extend(more.iter().cloned());
    }
    let viewer = &mut state.viewer;
    if !viewer.is_empty() {
        viewers.insert(viewer.as_str().into());
    }
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("Seen by");
        let text = if viewer.is_empty() { EVERYTHING } else { viewer.as_str() };
        let combo = ComboBox::from_id_salt("viewer").selected_text(text).show_ui(ui, |ui| {
            wanted = true;
            ui.selectable_value(viewer, String::new(), EVERYTHING);
            for id in viewers {
                ui.selectable_value(viewer, id.to_string(), &*id);
            }
        });
        combo.response.labelled_by(label.id);
        let entered = &mut state.viewers.entered;
        let edit = ui.add(TextEdit::singleline(entered).hint_text("or anybody’s id").desired_width(110.0));
        named(&edit, WidgetType::TextEdit, "Another viewer");
        if edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) && !entered.trim().is_empty() {
            *viewer = std::mem::take(entered).trim().to_owned();
        }
    });
    if wanted {
        work_out(editor, at);
    }
}

fn work_out(editor: &mut Editor, at: usize) {
    if editor.panels.timeline.viewers.worked_out.as_ref().is_some_and(|(known, _)| *known == at) {
        return;
    }
    let (Some(past), wake) = (past(editor), editor.waker()) else { return };
    let later = Later::new(move || past.viewers(at), wake);
    editor.panels.timeline.viewers.worked_out = Some((at, Known::Coming(later)));
}

fn poll(editor: &mut Editor) {
    take(editor, Later::answer);
}

/// Waits for what is being worked out.
pub fn wait(editor: &mut Editor) {
    take(editor, Later::wait);
}

type Answer = Result<BTreeSet<Arc<str>>, String>;

fn take(editor: &mut Editor, answer: impl Fn(&Later<Answer>) -> Option<Answer>) {
    let Some((_, known)) = &mut editor.panels.timeline.viewers.worked_out else { return };
    if let Known::Coming(later) = known
        && let Some(answer) = answer(later)
    {
        // Without an answer those remain that were told of; what a viewer saw says why.
        *known = Known::There(answer.unwrap_or_default());
    }
}

/// Who is named by what was done and sent, and by what it begins with.
fn who_is_told(editor: &Editor) -> BTreeSet<Arc<str>> {
    let mut found = BTreeSet::new();
    if editor.panels.timeline.opened.is_none()
        && let Some(session) = &editor.panels.run.session
    {
        found.extend(session.live.setting().setup.players.iter().cloned());
    }
    for moment in source(editor).map_or(&[][..], |(timeline, _)| timeline.moments()) {
        if let Some((who, _)) = moment.label.split_once(" joins") {
            found.insert(who.into());
        }
        if let Some((_, who)) = moment.label.split_once(" of ") {
            found.insert(who.into());
        }
        for event in &moment.events {
            if let Some(Value::List(ids)) = event.get("to") {
                found.extend(ids.iter().filter_map(|id| if let Value::Str(id) = id { Some(id.clone()) } else { None }));
            }
        }
    }
    found
}
