//! A test made of what was done: of the action that is looked at, of those up to there, of all, or of some.

use std::ops::Range;

use egui::{ComboBox, DragValue, TextEdit, Ui, WidgetType};
use statewright_editor_core::refused::Refused;
use statewright_editor_core::run::past::{Later, Made};

use super::named;
use crate::editor::Editor;
use crate::panels::tests;

/// Of what a test is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Here,
    UpToHere,
    All,
    Some,
}

impl Part {
    const ALL: [Part; 4] = [Part::Here, Part::UpToHere, Part::All, Part::Some];

    /// Positions from 0, of `count` actions of which the last looked at is `at`, from 1.
    fn range(self, at: usize, count: usize, entered: (usize, usize)) -> Range<usize> {
        match self {
            Part::Here => at.saturating_sub(1)..at,
            Part::UpToHere => 0..at,
            Part::All => 0..count,
            Part::Some => entered.0.saturating_sub(1)..entered.1.min(count),
        }
    }

    fn text(self, at: usize, count: usize) -> String {
        match self {
            Part::Here => format!("action {at}"),
            Part::UpToHere => format!("actions 1 to {at}"),
            Part::All if count == 1 => "the only action".to_owned(),
            Part::All => format!("all {count} actions"),
            Part::Some => "some actions".to_owned(),
        }
    }
}

/// What is entered, and what is being made.
#[derive(Debug, Default)]
pub struct State {
    name: String,
    /// `None`: the action that is looked at, or all while the session is followed.
    part: Option<Part>,
    /// First and last, from 1.
    entered: (usize, usize),
    made: Option<Making>,
}

#[derive(Debug)]
struct Making {
    name: String,
    from: usize,
    later: Later<Result<Made, Refused>>,
}

/// What the test is called, what it is of, and the button.
pub fn bar(editor: &mut Editor, ui: &mut Ui) {
    let count = super::source(editor).map_or(0, |(timeline, _)| timeline.moments().len());
    let looked_at = editor.panels.timeline.at.filter(|at| (1..count).contains(at));
    let at = looked_at.unwrap_or(count);
    let can_be = count > 0 && super::past(editor).is_some();
    let state = &mut editor.panels.timeline.making;
    let edit = TextEdit::singleline(&mut state.name).hint_text("what the test is called").desired_width(180.0);
    named(&ui.add(edit), WidgetType::TextEdit, "Test name");
    let part = state.part.unwrap_or(if looked_at.is_some() { Part::Here } else { Part::All });
    ui.add_enabled_ui(can_be, |ui| {
        let shown = ComboBox::from_id_salt("test of").selected_text(format!("of {}", part.text(at, count)));
        let shown = shown.show_ui(ui, |ui| {
            for other in Part::ALL {
                if ui.selectable_label(part == other, other.text(at, count)).clicked() {
                    if other == Part::Some && part != Part::Some {
                        let range = part.range(at, count, state.entered);
                        state.entered = (range.start + 1, range.end);
                    }
                    state.part = Some(other);
                }
            }
        });
        named(&shown.response, WidgetType::ComboBox, "Test of");
        if part == Part::Some {
            let (from, to) = &mut state.entered;
            let first = ui.add(DragValue::new(from).range(1..=count).prefix("from "));
            named(&first, WidgetType::DragValue, "First action");
            let last = ui.add(DragValue::new(to).range(*from..=count).prefix("to "));
            named(&last, WidgetType::DragValue, "Last action");
        }
    });
    let range = part.range(at, count, state.entered);
    let is_named = !state.name.trim().is_empty() && state.made.is_none();
    let button = ui.add_enabled(is_named && can_be && !range.is_empty(), egui::Button::new("Make a test"));
    let hint = "a test that does this again, with the same random numbers, and expects what came of it";
    if button.on_hover_text(hint).clicked() {
        make(editor, range);
    }
}

fn make(editor: &mut Editor, range: Range<usize>) {
    let (wake, past) = (editor.waker(), super::past(editor));
    let (Some(past), name) = (past, editor.panels.timeline.making.name.trim().to_owned()) else { return };
    let (from, called) = (range.start, name.clone());
    let later = Later::new(move || past.case(&called, range), wake);
    editor.panels.timeline.making.made = Some(Making { name, from, later });
}

/// Takes a test that was made meanwhile.
pub fn poll(editor: &mut Editor) {
    let answer = editor.panels.timeline.making.made.as_ref().and_then(|making| making.later.answer());
    take(editor, answer);
}

/// Waits for a test that is being made.
pub fn wait(editor: &mut Editor) {
    let answer = editor.panels.timeline.making.made.as_ref().and_then(|making| making.later.wait());
    take(editor, answer);
}

fn take(editor: &mut Editor, answer: Option<Result<Made, Refused>>) {
    let Some(answer) = answer else { return };
    let Some(Making { name, from, .. }) = editor.panels.timeline.making.made.take() else { return };
    let made = match answer {
        Ok(made) => made,
        Err(refused) => return editor.notices.error(refused.message, refused.help),
    };
    tests::add(editor, &name, &made.case);
    if made.begin < from {
        let first = made.begin + 1;
        editor.notices.tell(format!("the test begins with action {first}, as something waits or lasts from there on"));
    }
    let opened = editor.panels.timeline.opened.as_ref();
    let is_other =
        opened.zip(editor.active()).filter(|(opened, (document, _))| !opened.recorded.is_of(document.open.text()));
    if let Some((_, (document, _))) = is_other {
        let what = format!("`{name}` was recorded with another version of {}", document.name());
        editor.notices.error(what, "run it: where it fails, the document does something else now");
    }
}
