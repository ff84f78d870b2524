//! The odds that the script declares: what is expected of which metric, edited in the script's text.

use std::sync::Arc;

use egui::{ComboBox, DragValue, Label, RichText, TextEdit, Ui, WidgetType};
use statewright_editor_core::odds::declared::{self, Declared, Expected};
use statewright_editor_core::patch::Change;
use statewright_editor_core::refused::Refused;

use super::super::run::{heading, named};
use super::form;
use crate::editor::Editor;
use crate::fields::cross;
use crate::theme::Colours;

/// What is entered.
#[derive(Debug, Default)]
pub struct State {
    /// The script's text, and what it declares, as it is entered.
    of: Option<Arc<str>>,
    rows: Vec<Declared>,
    /// A row that is not in the script yet: it says nothing that could be.
    new: Option<Declared>,
    problem: Option<(usize, String)>,
}

/// What is to be done to the script.
enum Edit {
    Write(usize, Declared),
    Remove(usize),
}

/// Draws it.
pub fn show(editor: &mut Editor, form: &mut form::State, ui: &mut Ui) {
    let Ok(text) = form.script(editor) else { return };
    if form.declared.of.as_ref() != Some(&text) {
        let new = form.declared.new.take();
        form.declared = State { rows: declared::read(&text), of: Some(text.clone()), new, problem: None };
    }
    ui.add_space(6.0);
    heading(ui, "Declared odds");
    let colours = editor.colours;
    let mut edit = None;
    let state = &mut form.declared;
    let count = state.rows.len();
    for (index, row) in state.rows.iter_mut().chain(state.new.as_mut()).enumerate() {
        ui.push_id(("declared", index), |ui| {
            if let Some(made) = entry(row, index, ui) {
                edit = Some(made);
            }
        });
        if let Some((_, problem)) = state.problem.as_ref().filter(|(of, _)| *of == index) {
            ui.add(Label::new(RichText::new(problem).color(colours.error)).wrap());
        }
        ui.add_space(4.0);
    }
    if ui.add_enabled(state.new.is_none(), egui::Button::new("Declare odds")).clicked() {
        state.new = Some(Declared::default());
    }
    hint(&state.rows, &colours, ui);
    match edit {
        Some(Edit::Remove(index)) if index >= count => {
            (form.declared.new, form.declared.problem) = (None, None);
        }
        Some(Edit::Remove(index)) => take(form, index, &text, declared::remove(&text, index)),
        Some(Edit::Write(index, row)) => take(form, index, &text, declared::write(&text, index, &row)),
        None => {}
    }
}

fn hint(rows: &[Declared], colours: &Colours, ui: &mut Ui) {
    if rows.is_empty() {
        let text = "None. Chances by value are tested by chi-square, distributions by that or Kolmogorov–Smirnov.";
        ui.add(Label::new(RichText::new(text).color(colours.soft)).wrap());
    }
}

/// The script's text after an edit of entry `index`.
fn take(form: &mut form::State, index: usize, before: &str, change: Result<Change, Refused>) {
    let change = match change {
        Ok(change) => change,
        Err(refused) => {
            form.declared.problem = Some((index, refused.to_string()));
            return;
        }
    };
    form.declared.problem = None;
    let Some(text) = change.apply(before).filter(|text| text != before) else { return };
    if index >= form.declared.rows.len() {
        form.declared.new = None;
    }
    match form.file {
        Some(_) => form.edited = Some(text.into()),
        None => form.text = text,
    }
}

/// A row of declared odds: what became of it.
fn entry(row: &mut Declared, index: usize, ui: &mut Ui) -> Option<Edit> {
    let mut edit = None;
    let number = index + 1;
    let mut is_done = false;
    ui.horizontal(|ui| {
        if cross(ui, &format!("Remove declared odds {number}")).clicked() {
            edit = Some(Edit::Remove(index));
        }
        let width = (ui.available_width() - 112.0).max(80.0);
        let metric = TextEdit::singleline(&mut row.metric).code_editor().hint_text("metric").desired_width(width);
        let metric = ui.add(metric);
        named(&metric, WidgetType::TextEdit, &format!("Metric of declared odds {number}"));
        is_done |= metric.lost_focus();
        is_done |= kind(row, number, ui);
    });
    ui.horizontal(|ui| is_done |= expected(row, number, ui));
    ui.horizontal(|ui| {
        ui.label("rejected below p");
        let drag = DragValue::new(&mut row.significance).range(1e-9..=0.5).speed(0.001).max_decimals(9);
        let drag = ui.add(drag);
        named(&drag, WidgetType::DragValue, &format!("Significance of declared odds {number}"));
        is_done |= (drag.changed() && !drag.dragged()) || drag.drag_stopped();
    });
    edit.or_else(|| is_done.then(|| Edit::Write(index, row.clone())))
}

/// Values, or a distribution; whether another one was chosen.
fn kind(row: &mut Declared, number: usize, ui: &mut Ui) -> bool {
    let now = row.odds.kind();
    let mut chosen = None;
    let combo = ComboBox::from_id_salt("kind").selected_text(now).width(90.0);
    let shown = combo.show_ui(ui, |ui| {
        for kind in Expected::kinds() {
            if ui.selectable_label(kind == now, kind).clicked() && kind != now {
                chosen = Some(kind);
            }
        }
    });
    crate::fields::name(&shown.response, &format!("Kind of declared odds {number}"));
    if let Some(kind) = chosen {
        row.odds = Expected::of_kind(kind);
    }
    chosen.is_some()
}

/// Chances by value, or parameters; whether they are entered.
fn expected(row: &mut Declared, number: usize, ui: &mut Ui) -> bool {
    let names = row.odds.parameters();
    match &mut row.odds {
        Expected::Values(text) => {
            let hint = "common: 0.9, rare: 0.1";
            let edit = TextEdit::singleline(text).code_editor().hint_text(hint).desired_width(ui.available_width());
            let edit = ui.add(edit).on_hover_text("chances that add up to 1, or whole numbers as weights");
            named(&edit, WidgetType::TextEdit, &format!("Chances of declared odds {number}"));
            edit.lost_focus()
        }
        Expected::Law(_, values) => {
            let mut is_done = false;
            for (name, value) in names.iter().zip(values) {
                ui.label(*name);
                let drag = ui.add(DragValue::new(value).speed(0.1).max_decimals(6));
                named(&drag, WidgetType::DragValue, &format!("{name} of declared odds {number}"));
                is_done |= (drag.changed() && !drag.dragged()) || drag.drag_stopped();
            }
            is_done
        }
    }
}
