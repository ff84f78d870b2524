//! The graphs of the document by kind, its bookmarks, and what it says of itself.

use egui::{Key, Ui};
use statewright_editor_core::command::{Command, Named};
use statewright_editor_core::diff::items::{At, GraphName};
use statewright_editor_core::meta::Meta;
use statewright_graph::document::{GraphAt, GraphKind};
use statewright_types::Value;

use crate::dialogs::naming::Naming;
use crate::dialogs::{Ask, Dialog};
use crate::document::{Document, DocumentId};
use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::theme;
use crate::todo::Todo;

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    typed: String,
    /// The graph whose row has the keyboard.
    pub focused: Option<(DocumentId, GraphAt)>,
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    editor.panels.outline.focused = None;
    let Some(id) = editor.active().map(|(document, _)| document.id) else {
        fields::hint(ui, &colours, "No document is open.");
        return;
    };
    let width = ui.available_width() - 8.0;
    fields::text(ui, "Find a graph", &mut editor.panels.outline.typed, width);
    for kind in GraphKind::ALL {
        graphs(editor, ui, id, kind);
    }
    bookmarks(editor, ui, id);
    settings(editor, ui, id);
}

fn plural(kind: GraphKind) -> &'static str {
    match kind {
        GraphKind::Handler => "Handlers",
        GraphKind::Function => "Functions",
        GraphKind::Filter => "Filters",
        GraphKind::Effect => "Effects",
    }
}

fn graphs(editor: &mut Editor, ui: &mut Ui, id: DocumentId, kind: GraphKind) {
    ui.horizontal(|ui| {
        fields::heading(ui, plural(kind));
        if fields::sign(ui, "+", &format!("Add {}", kind.noun())).clicked() {
            editor.push(Todo::Dialog(Box::new(Dialog::Name(Naming::new_graph(id, kind)))));
        }
    });
    let typed = editor.panels.outline.typed.to_lowercase();
    let Some(document) = editor.documents.get(&id) else { return };
    let rows: Vec<(GraphAt, String, String, bool)> = document
        .graphs()
        .filter(|(at, graph)| at.kind == kind && graph.name.text.to_lowercase().contains(&typed))
        .map(|(at, graph)| {
            let event = graph.event.as_ref().filter(|event| event.text != graph.name.text);
            let soft = event.map_or(String::new(), |event| format!("on {}", event.text));
            let has_errors = document.checked.findings.document.iter().any(|diagnostic| {
                diagnostic.place.handler.as_ref() == Some(&graph.name.text)
                    && diagnostic.severity == statewright_types::Severity::Error
            });
            (at, graph.name.text.to_string(), soft, has_errors)
        })
        .collect();
    for (at, name, soft, has_errors) in rows {
        graph(editor, ui, id, at, &Shown { name, soft, has_errors });
    }
}

struct Shown {
    name: String,
    soft: String,
    has_errors: bool,
}

fn graph(editor: &mut Editor, ui: &mut Ui, id: DocumentId, at: GraphAt, shown: &Shown) {
    let colours = editor.colours;
    let is_active = editor.tabs.get(editor.active).is_some_and(|tab| tab.document == id && tab.graph == at);
    let row = Row {
        badge: Some(theme::graph_sign(&colours, at.kind)),
        text: &shown.name,
        soft: &shown.soft,
        is_selected: is_active,
        colour: shown.has_errors.then_some(colours.error),
        ..Row::default()
    };
    let drawn = fields::row(ui, &colours, &row);
    if drawn.has_focus() {
        editor.panels.outline.focused = Some((id, at));
        if ui.input(|input| input.key_pressed(Key::Enter)) {
            editor.push(Todo::ShowGraph(id, at));
        }
    }
    if drawn.clicked() {
        editor.push(Todo::ShowGraph(id, at));
    }
    if drawn.double_clicked() {
        editor.push(Todo::Select(statewright_editor_core::selection::Selection::default()));
        editor.push(Todo::Panel(super::Panel::Properties));
    }
    drawn.context_menu(|ui| {
        if ui.button("Open").clicked() {
            editor.push(Todo::ShowGraph(id, at));
        }
        if ui.button("Rename…").clicked() {
            rename(editor, id, at);
        }
        if ui.button("Copy…").clicked() {
            let naming = Naming::copy(id, at, &shown.name);
            editor.push(Todo::Dialog(Box::new(Dialog::Name(naming))));
        }
        if ui.button("Find uses").clicked() {
            editor.push(Todo::Uses(id, Named::Graph { graph: at }));
        }
        ui.separator();
        if ui.button("Delete").clicked() {
            delete(editor, id, at, &shown.name);
        }
    });
}

/// Asks for another name of a graph.
pub fn rename(editor: &mut Editor, id: DocumentId, at: GraphAt) {
    let Some(name) = editor.documents.get(&id).and_then(|document| document.graph_name(at)) else { return };
    let naming = Naming::rename(id, Named::Graph { graph: at }, &name.name);
    editor.push(Todo::Dialog(Box::new(Dialog::Name(naming))));
}

/// Removes a graph; one that is called asks first.
fn delete(editor: &mut Editor, id: DocumentId, at: GraphAt, name: &str) {
    let Some(document) = editor.documents.get(&id) else { return };
    let remove = Todo::RunIn(id, Command::RemoveGraph { graph: at });
    let calls = match at.kind {
        GraphKind::Function => statewright_editor_core::find::callers(document.open.source(), name).len(),
        _ => 0,
    };
    if calls == 0 {
        editor.push(remove);
        return;
    }
    let ask = Ask {
        title: format!("Delete {name}?"),
        text: format!("It is called at {calls} {}.", if calls == 1 { "place" } else { "places" }),
        answers: vec![("Delete".to_owned(), vec![remove]), ("Cancel".to_owned(), Vec::new())],
    };
    editor.push(Todo::Dialog(Box::new(Dialog::Ask(ask))));
}

/// The command that adds a copy of a graph under another name.
pub fn copy(document: &Document, at: GraphAt, name: &str) -> Option<Command> {
    let source = document.open.source();
    let Value::Map(mut value) = source.tree.value(source.graph_node(at)?) else { return None };
    value.iter_mut().find(|(key, _)| &**key == "name")?.1 = Value::str(name);
    let at = At { graph: Some(GraphName::new(at.kind, name)), node: None, key: Vec::new() };
    Some(Command::All {
        label: format!("Copy to {name}"),
        commands: vec![Command::SetAt { at, value: Some(Value::Map(value)) }],
    })
}

fn bookmarks(editor: &mut Editor, ui: &mut Ui, id: DocumentId) {
    let colours = editor.colours;
    let Some(document) = editor.documents.get(&id) else { return };
    let source = document.open.source();
    let mut all = Vec::new();
    for (at, graph) in document.graphs() {
        let Some(node) = source.graph_node(at) else { continue };
        let meta = Meta::read(&source.tree, node);
        let name = GraphName::new(at.kind, &graph.name.text);
        all.extend(meta.bookmarks.into_iter().map(|bookmark| (at, name.clone(), bookmark)));
    }
    if all.is_empty() {
        return;
    }
    fields::heading(ui, "Bookmarks");
    for (at, name, bookmark) in all {
        ui.horizontal(|ui| {
            if fields::cross(ui, &format!("Remove bookmark {}", bookmark.name)).clicked() {
                let command = Command::RemoveBookmark { graph: at, name: bookmark.name.clone() };
                editor.push(Todo::RunIn(id, command));
            }
            let soft = format!("in {}", name.name);
            let row = Row { text: &bookmark.name, soft: &soft, ..Row::default() };
            if fields::row(ui, &colours, &row).clicked() {
                editor.push(Todo::Look(id, name, bookmark.at, bookmark.zoom));
            }
        });
    }
}

fn settings(editor: &mut Editor, ui: &mut Ui, id: DocumentId) {
    let Some(document) = editor.documents.get(&id) else { return };
    let model = &document.open.source().document;
    let text = |name: &Option<statewright_graph::document::Name>| {
        name.as_ref().map(|name| name.text.to_string()).unwrap_or_default()
    };
    let rows = [
        ("stateType", "State type", text(&model.state_type)),
        ("schemaPath", "Schema file", text(&model.schema_path)),
        ("config", "Configuration file", text(&model.config)),
        ("package", "Package", text(&model.package)),
    ];
    let roots: Vec<String> = document.context.schema.as_ref().map_or_else(Vec::new, |schema| {
        schema.roots().into_iter().map(|root| schema.get(root).name.to_string()).collect()
    });
    let problem = document.schema.problem.clone();
    let colours = editor.colours;
    fields::heading(ui, "Document");
    for (key, label, value) in rows {
        ui.label(label);
        if key == "stateType" && roots.len() > 1 {
            if let Some(chosen) = fields::choice(ui, ("document", key), label, &value, &roots) {
                editor.push(Todo::RunIn(id, Command::SetDocument { key: key.to_owned(), value: Some(chosen) }));
            }
            continue;
        }
        editor.typing.line(ui, ("document", id, key), label, &value, move |text| {
            let value = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            Todo::RunIn(id, Command::SetDocument { key: key.to_owned(), value })
        });
        if key == "schemaPath"
            && let Some(problem) = &problem
        {
            ui.add(egui::Label::new(egui::RichText::new(problem).color(colours.error)).wrap());
        }
    }
}
