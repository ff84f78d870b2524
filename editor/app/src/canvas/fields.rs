//! Values edited on cards: one at a time is a text field with what may be meant below it; switches and numbers need none.

use std::sync::Arc;

use egui::{Area, FontId, Frame, Id, Key, Modifiers, Order, RichText, TextEdit, Ui, pos2};
use statewright_editor_core::command::Command;
use statewright_editor_core::command::place::GraphView;
use statewright_editor_core::paths::Scope;
use statewright_editor_core::scene::{Editor as FieldEditor, Pin};
use statewright_editor_core::wires::PinId;
use statewright_editor_core::{names, references};
use statewright_graph::node;
use statewright_types::{Value, json};

use super::pen::{FIELDS, Pen};
use super::{Here, cards};
use crate::dialogs::prompt::{self, Purpose};
use crate::editor::Editor;
use crate::todo::Todo;

/// How many suggestions are shown.
const MOST: usize = 9;
/// Words before the colon of a reference.
const SCHEMES: &[&str] = &["node:", "param:", "state:", "var:", "variable:", "loop:", "config:", "viewer:", "base:"];

/// A value that is being edited.
#[derive(Clone, Debug)]
pub struct Editing {
    /// Where.
    pub pin: PinId,
    /// What is written so far.
    pub text: String,
    before: String,
    kind: FieldEditor,
    was_shown: bool,
    /// The suggestion that Enter takes; none until one is chosen.
    at: Option<usize>,
    problem: Option<String>,
}

/// Something that may be meant.
#[derive(Clone, Debug, PartialEq)]
struct Suggestion {
    label: String,
    ty: String,
    docs: String,
    value: Value,
    /// It is written on from there.
    goes_on: Option<String>,
}

/// A whole number as a value.
pub fn whole(value: i128) -> Value {
    match (i64::try_from(value), u64::try_from(value)) {
        (Ok(small), _) => Value::Int(small),
        (_, Ok(large)) => Value::UInt(large),
        _ => Value::Int(if value < 0 { i64::MIN } else { i64::MAX }),
    }
}

/// The command that gives an input a value.
pub fn set(here: &Here, pin: &PinId, value: Value) -> Command {
    put(here, pin, Some(value))
}

fn put(here: &Here, pin: &PinId, value: Option<Value>) -> Command {
    Command::SetInput { graph: here.at, nodes: vec![pin.node.clone()], port: pin.name.to_string(), value }
}

/// Edits the value of an input: turns a switch, adds to a list or map, or opens a text field.
pub fn begin(editor: &mut Editor, here: &Here, id: &PinId) {
    let Some(pin) = here.scene.pin(id) else { return };
    let Some(field) = &pin.field else { return };
    match &field.editor {
        FieldEditor::None => {}
        FieldEditor::Switch if ["true", "false", ""].contains(&&*field.text) => {
            editor.push(Todo::Run(set(here, id, Value::Bool(field.text != "true")), None));
        }
        FieldEditor::List | FieldEditor::Map => add_entry(editor, here, pin),
        kind => {
            let text = if field.is_default { String::new() } else { field.text.clone() };
            editor.canvas.editing = Some(Editing {
                pin: id.clone(),
                before: text.clone(),
                text,
                kind: kind.clone(),
                was_shown: false,
                at: None,
                problem: None,
            });
        }
    }
}

/// Adds an element to a list, or asks for the key of an entry.
pub fn add_entry(editor: &mut Editor, here: &Here, pin: &Pin) {
    let is_list = pin.field.as_ref().is_some_and(|field| field.editor == FieldEditor::List);
    let id = &pin.id;
    if !is_list {
        let choices = keys(editor, here, pin);
        let purpose = Purpose::Entry { graph: here.at, pin: id.clone() };
        editor.push(prompt::ask("Add entry", "Name of the entry", "", choices, purpose));
        return;
    }
    let mut elements = match value_of(editor, here, id) {
        Some(Value::List(elements)) => elements,
        None | Some(Value::Null) => Vec::new(),
        Some(_) => {
            editor.notices.tell(format!("`{}` is no list that is written out", pin.label));
            return;
        }
    };
    // The new element is of the kind of the one before it.
    elements.push(match elements.last() {
        Some(Value::Int(_) | Value::UInt(_)) => Value::Int(0),
        Some(Value::Float(_)) => Value::Float(0.0),
        Some(Value::Bool(_)) => Value::Bool(false),
        Some(Value::Str(_)) => Value::str(""),
        _ if pin.ty.contains("string") => Value::str(""),
        _ => Value::Int(0),
    });
    editor.push(Todo::Run(set(here, id, Value::List(elements)), None));
}

/// Names that entries of a map have by the schema: fields of the struct that is made.
fn keys(editor: &Editor, here: &Here, pin: &Pin) -> Vec<String> {
    let Some(document) = editor.documents.get(&here.document) else { return Vec::new() };
    let Some(card) = here.scene.card(&pin.id.node) else { return Vec::new() };
    let (Some(schema), "CreateStruct") = (&document.context.schema, &*card.ty) else { return Vec::new() };
    let ty = card.pins.iter().find(|pin| &*pin.id.name == "type").and_then(|pin| pin.field.as_ref());
    let def = ty.and_then(|field| schema.by_name(&field.text)).map(|id| schema.get(id));
    let given = |name: &str| card.pins.iter().any(|other| *other.id.name == *format!("{}.{name}", pin.id.name));
    def.map_or_else(Vec::new, |def| {
        def.fields.iter().map(|field| field.name.to_string()).filter(|name| !given(name)).collect()
    })
}

/// What an input is given in the document.
fn value_of(editor: &Editor, here: &Here, pin: &PinId) -> Option<Value> {
    let document = editor.documents.get(&here.document)?;
    let view = GraphView::new(document.open.source(), here.at).ok()?;
    let (found, at) = view.node(&pin.node).ok()?;
    let row = node::lookup(&found.ty.text, &document.context.hosts);
    let inputs = view.tree.get(at, "inputs")?;
    let port = pin.port();
    let named = |key: &str| key == port || row.and_then(|row| row.input(key)).is_some_and(|found| found.name == port);
    let mut at = view.tree.entries(inputs).iter().find(|entry| named(&entry.key))?.value;
    for step in pin.name.split('.').skip(1) {
        at = match step.parse::<usize>().ok().and_then(|index| view.tree.elements(at).get(index).copied()) {
            Some(element) => element,
            None => view.tree.get(at, step)?,
        };
    }
    Some(view.tree.value(at))
}

/// What a text means for an editor; `None` takes the value away.
///
/// # Errors
/// What is expected instead.
pub fn parse(kind: &FieldEditor, text: &str) -> Result<Option<Value>, String> {
    let trimmed = text.trim();
    let is_reference = SCHEMES.iter().any(|scheme| trimmed.starts_with(scheme));
    let template = || Value::map([("template", Value::str(text))]);
    Ok(Some(match kind {
        FieldEditor::Text if text.contains("{{") => template(),
        FieldEditor::Text => Value::str(text),
        _ if trimmed.is_empty() => return Ok(None),
        _ if is_reference && *kind != FieldEditor::Template => Value::str(trimmed),
        FieldEditor::Whole { min, max } => match trimmed.parse::<i128>() {
            Ok(value) if (*min..=*max).contains(&value) => whole(value),
            _ => return Err(format!("a whole number from {min} to {max}, or a reference")),
        },
        FieldEditor::Number { .. } => match (trimmed.parse::<i64>(), trimmed.parse::<f64>()) {
            // What takes any number keeps whole ones whole; JSON knows no other difference.
            (Ok(whole), _) => Value::Int(whole),
            (_, Ok(value)) if value.is_finite() => Value::Float(value),
            _ => return Err("a number, or a reference".to_owned()),
        },
        FieldEditor::Switch => match trimmed {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err("true, false, or a reference".to_owned()),
        },
        FieldEditor::Template => template(),
        FieldEditor::Choice(_) | FieldEditor::Path => Value::str(trimmed),
        _ if trimmed.contains("{{") => template(),
        _ => json::parse(trimmed).map_or_else(|_| Value::str(trimmed), |tree| tree.value(tree.root())),
    }))
}

/// What may be meant by what is written.
fn suggestions(editor: &Editor, here: &Here, editing: &Editing) -> Vec<Suggestion> {
    let Some(document) = editor.documents.get(&here.document) else { return Vec::new() };
    let typed = editing.text.trim();
    let plain = |text: &str, ty: &str, docs: &str| Suggestion {
        label: text.to_owned(),
        ty: ty.to_owned(),
        docs: docs.to_owned(),
        value: Value::str(text),
        goes_on: None,
    };
    let scope = || {
        let (schema, graph) = (document.context.schema.as_deref()?, document.graph(here.at)?);
        let scope = Scope::new(schema, document.open.source().document.state_type.as_ref(), graph)?;
        Some(Scope { known: document.context.types.get(&graph.name.text), ..scope })
    };
    let completed = |found: Vec<statewright_editor_core::paths::complete::Completion>| {
        found
            .into_iter()
            .map(|found| Suggestion { goes_on: Some(found.text.clone()), ..plain(&found.text, &found.ty, &found.docs) })
    };
    let is_begun = typed != editing.before.trim();
    let mut all: Vec<Suggestion> = match &editing.kind {
        FieldEditor::Choice(choices) => {
            let typed = if is_begun { typed } else { "" };
            choices.iter().filter(|choice| choice.contains(typed)).map(|choice| plain(choice, "", "")).collect()
        }
        FieldEditor::Text => {
            let source = document.open.source();
            let names = names::choices(source, here.at, &editing.pin.node, &editing.pin.name, &document.context);
            let names = names.unwrap_or_default();
            let typed = if is_begun { typed.to_lowercase() } else { String::new() };
            let goes = names.iter().filter(|name| name.text.to_lowercase().contains(&typed));
            goes.map(|name| plain(&name.text, &name.ty, &name.docs)).collect()
        }
        FieldEditor::Path => scope().map_or_else(Vec::new, |scope| completed(scope.complete_path(typed)).collect()),
        _ => Vec::new(),
    };
    if SCHEMES.iter().any(|scheme| typed.starts_with(scheme)) {
        all.extend(scope().into_iter().flat_map(|scope| completed(scope.complete_reference(typed))));
    }
    if matches!(editing.kind, FieldEditor::Any | FieldEditor::Reference | FieldEditor::Switch) {
        if !typed.is_empty() && is_begun && editing.kind == FieldEditor::Any {
            all.push(Suggestion { label: json::quote(typed), ..plain(typed, "text", "") });
        }
        let choices = references::choices(document.open.source(), here.at, &editing.pin.node, &document.context);
        let wanted = here.scene.pin(&editing.pin).and_then(|pin| pin.known.as_ref());
        let found = references::search(&choices, if is_begun { typed } else { "" }, wanted);
        all.extend(found.into_iter().map(|choice| plain(&choice.text, &choice.ty, &choice.docs)));
    }
    all.dedup();
    all.truncate(MOST);
    all
}

/// Draws the field that is being edited.
pub fn show(editor: &mut Editor, ui: &mut Ui, here: &Here) {
    let Some(mut editing) = editor.canvas.editing.take() else { return };
    let found = here.scene.card(&editing.pin.node).zip(here.scene.pin(&editing.pin));
    let Some((card, pin)) = found.filter(|_| here.camera.zoom >= FIELDS * 0.5) else { return };
    let pen = Pen::new(ui.painter_at(here.view), here.view, here.camera, &editor.colours);
    let at = pen.at(card.place_of(pin));
    let rect =
        cards::field_rect(&pen, card, at, pin).unwrap_or(egui::Rect::from_center_size(at, egui::vec2(120.0, 20.0)));
    let size = (11.0 * pen.zoom).clamp(11.5, 20.0);
    let rows = suggestions(editor, here, &editing);
    let name = format!("Value of {} of {}", pin.id.name, pin.id.node);
    let colours = editor.colours;
    let mut done = None;
    let area = Area::new(Id::new("canvas field"))
        .order(Order::Foreground)
        .fixed_pos(pos2(rect.left() - 3.0, rect.top() - 3.0));
    area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(3.0).show(ui, |ui| {
            ui.set_max_width(360.0);
            keys_of(ui, &mut editing, &rows, &mut done);
            let field = TextEdit::singleline(&mut editing.text)
                .font(FontId::proportional(size))
                .desired_width(rect.width().max(180.0));
            let response = ui.add(field.id(Id::new("canvas field text")));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_str()));
            if !editing.was_shown {
                response.request_focus();
                select_all(ui, &response, &editing.text);
                editing.was_shown = true;
            } else if response.changed() {
                (editing.at, editing.problem) = (None, None);
            } else if response.lost_focus() && done.is_none() {
                let escaped = ui.input(|input| input.key_pressed(Key::Escape));
                done = Some(if escaped { Done::Nothing } else { Done::Text });
            }
            if let Some(problem) = &editing.problem {
                ui.label(RichText::new(problem).color(colours.error).small());
            }
            for (index, row) in rows.iter().enumerate() {
                let text = format!("{}   {}", row.label, row.ty);
                let response = ui.selectable_label(editing.at == Some(index), text).on_hover_text(&row.docs);
                if response.is_pointer_button_down_on() || response.clicked() {
                    done = Some(Done::Row(row.clone()));
                }
            }
        });
    });
    finish(editor, here, editing, done);
}

/// How editing ended.
enum Done {
    Nothing,
    Text,
    Row(Suggestion),
}

fn select_all(ui: &Ui, response: &egui::Response, text: &str) {
    let mut state = egui::text_edit::TextEditState::load(ui.ctx(), response.id).unwrap_or_default();
    let range =
        egui::text::CCursorRange::two(egui::text::CCursor::new(0), egui::text::CCursor::new(text.chars().count()));
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), response.id);
}

/// Keys that go through the suggestions.
fn keys_of(ui: &Ui, editing: &mut Editing, rows: &[Suggestion], done: &mut Option<Done>) {
    if rows.is_empty() {
        return;
    }
    let (up, down, tab) = ui.input_mut(|input| {
        (
            input.consume_key(Modifiers::NONE, Key::ArrowUp),
            input.consume_key(Modifiers::NONE, Key::ArrowDown),
            input.consume_key(Modifiers::NONE, Key::Tab),
        )
    });
    let last = rows.len() - 1;
    if down {
        editing.at = Some(editing.at.map_or(0, |at| if at >= last { 0 } else { at + 1 }));
    } else if up {
        editing.at = Some(editing.at.map_or(last, |at| at.checked_sub(1).unwrap_or(last)));
    }
    let chosen = editing.at.or(tab.then_some(0)).and_then(|at| rows.get(at));
    let takes = tab || (editing.at.is_some() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)));
    if let Some(row) = chosen.filter(|_| takes) {
        *done = Some(Done::Row(row.clone()));
    }
}

fn finish(editor: &mut Editor, here: &Here, mut editing: Editing, done: Option<Done>) {
    match done {
        None => editor.canvas.editing = Some(editing),
        Some(Done::Nothing) => {}
        Some(Done::Row(Suggestion { goes_on: Some(text), .. })) if editing.text.trim() != text => {
            // A path may go on: it stays open with what was chosen.
            editing.text = text;
            editing.at = None;
            editing.was_shown = false;
            editor.canvas.editing = Some(editing);
        }
        Some(Done::Row(row)) => editor.push(Todo::Run(set(here, &editing.pin, row.value), None)),
        Some(Done::Text) if editing.text == editing.before => {}
        Some(Done::Text) => match parse(&editing.kind, &editing.text) {
            Ok(value) => editor.push(Todo::Run(put(here, &editing.pin, value), None)),
            Err(problem) => {
                editing.problem = Some(problem);
                editing.was_shown = false;
                editor.canvas.editing = Some(editing);
            }
        },
    }
}

/// Whether a pin has entries that are pins of their own.
pub fn has_entries(pin: &Pin) -> bool {
    pin.field.as_ref().is_some_and(|field| matches!(field.editor, FieldEditor::List | FieldEditor::Map))
}

/// The last part of the name of an entry's pin.
pub fn entry_name(pin: &PinId) -> Arc<str> {
    pin.name.rsplit('.').next().unwrap_or("").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_what_the_input_takes() {
        let whole = FieldEditor::Whole { min: 0, max: 255 };
        assert_eq!(parse(&whole, " 12 "), Ok(Some(Value::Int(12))));
        assert!(parse(&whole, "256").is_err() && parse(&whole, "1.5").is_err());
        assert_eq!(parse(&whole, "state:Score"), Ok(Some(Value::str("state:Score"))));
        assert_eq!(parse(&whole, ""), Ok(None));
        assert_eq!(parse(&FieldEditor::Text, ""), Ok(Some(Value::str(""))));
        assert_eq!(parse(&FieldEditor::Text, "12"), Ok(Some(Value::str("12"))));
        let template = Value::map([("template", Value::str("Hi {{param:n}}"))]);
        assert_eq!(parse(&FieldEditor::Text, "Hi {{param:n}}"), Ok(Some(template)));
        assert_eq!(parse(&FieldEditor::Any, "true"), Ok(Some(Value::Bool(true))));
        assert_eq!(parse(&FieldEditor::Any, "[1, 2]"), Ok(Some(Value::List(vec![Value::Int(1), Value::Int(2)]))));
        assert_eq!(parse(&FieldEditor::Any, "red"), Ok(Some(Value::str("red"))));
        assert_eq!(parse(&FieldEditor::Number { step: 0.1 }, "2"), Ok(Some(Value::Int(2))));
        assert_eq!(parse(&FieldEditor::Number { step: 0.1 }, "2.5"), Ok(Some(Value::Float(2.5))));
        assert!(parse(&FieldEditor::Number { step: 0.1 }, "inf").is_err());
    }
}
