//! Values of inputs, each with an editor for its type.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use egui::{Checkbox, DragValue, Label, RichText, Ui};
use statewright_editor_core::command::{Command, Context, inputs};
use statewright_editor_core::history::Gesture;
use statewright_editor_core::names;
use statewright_editor_core::scene::{Editor as Kind, Pin};
use statewright_graph::document::{GraphAt, SourceDocument};
use statewright_types::{Value, json};

use crate::dialogs::Dialog;
use crate::dialogs::pick::Picking;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields;
use crate::todo::Todo;

/// Whose input it is.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// Of which document.
    pub document: DocumentId,
    /// In which graph.
    pub graph: GraphAt,
    /// Of which nodes: all get the same.
    pub nodes: &'a [Arc<str>],
}

impl Of<'_> {
    fn set(&self, port: &str, value: Option<Value>) -> Command {
        Command::SetInput { graph: self.graph, nodes: self.nodes.to_vec(), port: port.to_owned(), value }
    }

    /// What all of them are given; `None` if they differ.
    fn value(&self, source: &SourceDocument, context: &Context, port: &str) -> Option<Option<Value>> {
        let mut all = self.nodes.iter().map(|node| inputs::value(source, context, self.graph, node, port));
        let first = all.next()?;
        all.all(|value| value == first).then_some(first)
    }
}

/// Draws an input.
pub fn show(editor: &mut Editor, ui: &mut Ui, of: &Of<'_>, pin: &Pin) {
    let colours = editor.colours;
    let Some(document) = editor.documents.get(&of.document) else { return };
    let port = &*pin.id.name;
    let value = of.value(document.open.source(), &document.context, port);
    let differs = value.is_none();
    let value = value.flatten();
    let (source, context) = (document.open.source(), &document.context);
    let first = of.nodes.first();
    // What names something takes no reference.
    let names = first.and_then(|node| names::choices(source, of.graph, node, port, context));
    let names: Option<Vec<(String, String)>> =
        names.map(|names| names.into_iter().map(|name| (name.text, name.ty)).collect());
    ui.add_space(3.0);
    ui.horizontal(|ui| {
        let depth = port.matches('.').count() as f32;
        ui.add_space(depth * 12.0);
        let mark = if pin.is_required { " *" } else { "" };
        let label = ui.label(format!("{}{mark}", pin.label));
        if !pin.docs.is_empty() {
            label.on_hover_text(pin.docs);
        }
        let ty = if pin.is_lambda { format!("{} — for each element", pin.ty) } else { pin.ty.clone() };
        ui.add(Label::new(RichText::new(ty).small().color(colours.soft)).truncate());
        if differs {
            ui.label(RichText::new("differ").small().color(colours.warning));
        }
    });
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 74.0).max(60.0);
        edit(editor, ui, of, pin, value.as_ref(), width);
        if let Some(names) = names {
            if !names.is_empty()
                && let Some(chosen) = fields::menu(ui, &pin.label, &names)
            {
                editor.push(Todo::RunIn(of.document, of.set(port, Some(Value::str(chosen)))));
            }
        } else if fields::sign(ui, "…", &format!("Refer {}", pin.label)).clicked() {
            let is_path = pin.field.as_ref().is_some_and(|field| field.editor == Kind::Path);
            let now = value.as_ref().map(text_of).unwrap_or_default();
            let nodes = of.nodes.to_vec();
            let picking = Picking::new(of.document, of.graph, nodes, port, pin.known.clone(), is_path, &now);
            editor.push(Todo::Dialog(Box::new(Dialog::Pick(Box::new(picking)))));
        }
        if value.is_some() || differs {
            let label = if pin.is_connected { "Disconnect" } else { "Clear" };
            if fields::cross(ui, &format!("{label} {}", pin.label)).clicked() {
                editor.push(Todo::RunIn(of.document, of.set(port, None)));
            }
        }
    });
    if pin.is_dynamic && port.contains('.') && of.nodes.len() == 1 {
        rename(editor, ui, of, port);
    }
    super::node::badges(editor, ui, of.document, &pin.badges);
}

/// The name of an entry of a map.
fn rename(editor: &mut Editor, ui: &mut Ui, of: &Of<'_>, port: &str) {
    let (Some(node), Some((_, name))) = (of.nodes.first().cloned(), port.rsplit_once('.')) else { return };
    if name.parse::<usize>().is_ok() {
        return;
    }
    let (document, graph, entry) = (of.document, of.graph, port.to_owned());
    ui.horizontal(|ui| {
        ui.label(RichText::new("called").small());
        editor.typing.short(
            ui,
            ("entry", document, node.clone(), port),
            &format!("Entry {name}"),
            name,
            120.0,
            move |name| {
                let (node, entry, name) = (node.to_string(), entry.clone(), name.trim().to_owned());
                Todo::RunIn(document, Command::RenameEntry { graph, node, entry, name })
            },
        );
    });
}

fn gesture(of: &Of<'_>, port: &str) -> Gesture {
    let mut hasher = std::hash::DefaultHasher::new();
    (of.document, of.graph, of.nodes, port).hash(&mut hasher);
    Gesture(hasher.finish())
}

/// The editor by type.
fn edit(editor: &mut Editor, ui: &mut Ui, of: &Of<'_>, pin: &Pin, value: Option<&Value>, width: f32) {
    let port = pin.id.name.to_string();
    let default = pin.field.as_ref().filter(|field| field.is_default).map(|field| field.text.clone());
    let kind = pin.field.as_ref().map_or(Kind::Reference, |field| field.editor.clone());
    let is_reference =
        matches!(value, Some(Value::Str(text)) if statewright_graph::document::Scheme::of(text).is_some());
    let label = pin.label.as_str();
    match kind {
        Kind::Switch if !is_reference => {
            let mut on =
                matches!(value, Some(Value::Bool(true))) || (value.is_none() && default.as_deref() == Some("true"));
            let word = if on { "true" } else { "false" };
            let shown = ui.add(Checkbox::new(&mut on, word));
            fields::name(&shown, label);
            if shown.changed() {
                editor.push(Todo::RunIn(of.document, of.set(&port, Some(Value::Bool(on)))));
            }
        }
        Kind::Whole { min, max } if !is_reference => {
            let clamp = |bound: i128| i64::try_from(bound).unwrap_or(if bound < 0 { i64::MIN } else { i64::MAX });
            let given = default.and_then(|text| text.parse().ok()).unwrap_or_default();
            let mut number = match value {
                Some(Value::Int(number)) => *number,
                _ => given,
            };
            let drag = DragValue::new(&mut number).range(clamp(min)..=clamp(max)).speed(0.2);
            number_field(editor, ui, (label, width), drag);
            if number != value_int(value).unwrap_or(given) {
                let set = of.set(&port, Some(Value::Int(number)));
                editor.push(Todo::Run(set, Some(gesture(of, &port))));
            }
        }
        Kind::Number { step } if !is_reference => {
            let given: f64 = default.and_then(|text| text.parse().ok()).unwrap_or_default();
            let before = value_float(value).unwrap_or(given);
            let mut number = before;
            // A port of any number keeps whole numbers whole.
            let is_float = pin.known.as_ref().is_some_and(|known| known.non_null().is_float());
            let is_whole = !is_float && !matches!(value, Some(Value::Float(_)));
            let drag = DragValue::new(&mut number).speed(if is_whole { 1.0 } else { step });
            number_field(editor, ui, (label, width), drag);
            if number != before && number.is_finite() {
                let is_exact = is_whole && number.fract() == 0.0 && number.abs() < 9e15;
                let number = if is_exact { Value::Int(number as i64) } else { Value::Float(number) };
                let set = of.set(&port, Some(number));
                editor.push(Todo::Run(set, Some(gesture(of, &port))));
            }
        }
        Kind::Choice(all) => {
            let now = value.map(text_of).or(default).unwrap_or_default();
            if let Some(chosen) = fields::choice(ui, ("choice", of.document, of.nodes, &port), label, &now, &all) {
                editor.push(Todo::RunIn(of.document, of.set(&port, Some(Value::str(chosen)))));
            }
        }
        Kind::List if !is_reference => {
            if ui.button("Add element").on_hover_text("At the end").clicked() {
                let mut all = match value {
                    Some(Value::List(all)) => all.clone(),
                    _ => Vec::new(),
                };
                all.push(Value::Int(0));
                editor.push(Todo::RunIn(of.document, of.set(&port, Some(Value::List(all)))));
            }
        }
        Kind::Map if !is_reference => add_entry(editor, ui, of, &port, width),
        kind => text_field(editor, ui, of, &port, (label, width), &kind, value),
    }
}

fn number_field(editor: &mut Editor, ui: &mut Ui, (label, width): (&str, f32), drag: DragValue<'_>) {
    let shown = ui.add_sized([width.min(160.0), 24.0], drag);
    fields::name(&shown, label);
    if shown.drag_stopped() || shown.lost_focus() {
        editor.push(Todo::EndGesture);
    }
}

fn value_int(value: Option<&Value>) -> Option<i64> {
    if let Some(Value::Int(number)) = value { Some(*number) } else { None }
}

fn value_float(value: Option<&Value>) -> Option<f64> {
    match value {
        Some(Value::Float(number)) => Some(*number),
        Some(Value::Int(number)) => Some(*number as f64),
        _ => None,
    }
}

fn add_entry(editor: &mut Editor, ui: &mut Ui, of: &Of<'_>, port: &str, width: f32) {
    let state = &mut editor.panels.properties.new_entry;
    fields::text(ui, &format!("New entry of {port}"), state, width.min(150.0));
    let can = !state.trim().is_empty() && !state.contains('.');
    let add = ui.add_enabled(can, egui::Button::new("+"));
    fields::name(&add, &format!("Add entry to {port}"));
    if add.clicked() {
        let name = std::mem::take(state);
        let set = of.set(&format!("{port}.{}", name.trim()), Some(Value::Int(0)));
        editor.push(Todo::RunIn(of.document, set));
    }
}

fn text_field(
    editor: &mut Editor,
    ui: &mut Ui,
    of: &Of<'_>,
    port: &str,
    (label, width): (&str, f32),
    kind: &Kind,
    value: Option<&Value>,
) {
    let now = value.map(text_of).unwrap_or_default();
    let is_template = *kind == Kind::Template;
    let is_text = matches!(kind, Kind::Text | Kind::Path | Kind::Reference);
    let (document, graph, nodes, port) = (of.document, of.graph, of.nodes.to_vec(), port.to_owned());
    let key = ("input", document, of.nodes.to_vec(), port.clone());
    editor.typing.short(ui, key, label, &now, width, move |text| {
        let value = match text.as_str() {
            "" => None,
            _ if is_template => Some(Value::map([("template", Value::str(text.as_str()))])),
            _ if is_text => Some(Value::str(text.as_str())),
            _ => Some(read(&text)),
        };
        Todo::RunIn(document, Command::SetInput { graph, nodes: nodes.clone(), port: port.clone(), value })
    });
}

/// A value as it is written into a field.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        value => match value.get("template") {
            Some(Value::Str(text)) => text.to_string(),
            _ => json::to_string(value),
        },
    }
}

/// What was written where any kind of value goes: JSON if it is, else text or a reference.
fn read(text: &str) -> Value {
    let parsed = json::parse(Arc::<str>::from(text)).ok().map(|tree| tree.value(tree.root()));
    parsed.unwrap_or_else(|| Value::str(text))
}
