//! A configuration as values with their bounds.

use egui::{RichText, Slider, Ui};
use statewright_editor_core::schema_form;
use statewright_types::config::Field;
use statewright_types::{Type, Value, json};

use super::Edit;
use crate::editor::Editor;
use crate::fields;
use crate::todo::Todo;

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let Some(config) = editor.panels.schema.parsed.config.clone() else { return };
    for group in config.groups() {
        fields::heading(ui, &group.name);
        if !group.docs.is_empty() {
            fields::hint(ui, &colours, &group.docs);
        }
        egui::Grid::new(("values", &*group.name)).num_columns(4).spacing([16.0, 5.0]).show(ui, |ui| {
            for field in &group.fields {
                ui.label(&*field.name);
                value(editor, ui, field);
                ui.label(RichText::new(field.type_name()).small().color(colours.soft));
                let docs = field
                    .variable
                    .as_ref()
                    .map_or(field.docs.clone(), |variable| format!("{} ({variable} overrides it)", field.docs));
                ui.label(RichText::new(docs.trim()).color(colours.soft));
                ui.end_row();
            }
        });
    }
}

fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

fn value(editor: &mut Editor, ui: &mut Ui, field: &Field) {
    let (path, name) = (field.path.to_string(), field.name.to_string());
    let shown = field.default.as_ref().map(json::to_string).unwrap_or_default();
    let bounds = number(field.min.as_ref()).zip(number(field.max.as_ref()));
    if !field.options.is_empty() {
        let all: Vec<String> = field.options.iter().map(json::to_string).collect();
        if let Some(chosen) = fields::choice(ui, ("config", &path), &name, &shown, &all) {
            editor.push(Todo::Schema(Edit::Value(path, chosen, false)));
        }
        return;
    }
    if field.ty == Type::Bool {
        let mut on = field.default == Some(Value::Bool(true));
        let check = ui.checkbox(&mut on, "");
        fields::name(&check, &name);
        if check.changed() {
            editor.push(Todo::Schema(Edit::Value(path, on.to_string(), false)));
        }
        return;
    }
    if let (Some((least, most)), Some(now)) = (bounds, number(field.default.as_ref()))
        && !field.duration
    {
        let is_whole = field.ty.is_int();
        let mut number = now;
        let slider = Slider::new(&mut number, least..=most);
        let slider = ui.add(if is_whole { slider.integer() } else { slider });
        fields::name(&slider, &name);
        if number != now {
            let text = if is_whole {
                json::to_string(&Value::Int(number as i64))
            } else {
                json::to_string(&Value::Float(number))
            };
            editor.push(Todo::Schema(Edit::Value(path, text, slider.dragged() && !slider.drag_started())));
        }
        return;
    }
    let now = if field.duration { raw(editor, field).unwrap_or(shown) } else { shown };
    editor.typing.short(ui, ("config", path.clone()), &name, &now, 180.0, move |text| {
        Todo::Schema(Edit::Value(path.clone(), text.trim().to_owned(), false))
    });
}

/// The default as it is written.
fn raw(editor: &Editor, field: &Field) -> Option<String> {
    let parsed = &editor.panels.schema.parsed;
    schema_form::config_default(&parsed.text, parsed.config.as_deref()?, field)
}
