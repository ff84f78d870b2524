//! Something gets a name: another one for what has one, or one for a new graph.

use egui::{Key, RichText, Ui};
use statewright_editor_core::command::{Command, Named};
use statewright_editor_core::find;
use statewright_graph::document::{GraphAt, GraphKind};

use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields;
use crate::todo::Todo;

/// What gets a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// What has one already.
    Rename(Named),
    /// A new graph.
    NewGraph(GraphKind),
    /// A copy of a graph.
    Copy(GraphAt),
}

/// A name is being written.
#[derive(Clone, Debug)]
pub struct Naming {
    document: DocumentId,
    what: What,
    before: String,
    text: String,
    event: String,
    is_new: bool,
}

impl Naming {
    /// Another name for something.
    pub fn rename(document: DocumentId, what: Named, now: &str) -> Naming {
        let text = now.to_owned();
        Naming { document, what: What::Rename(what), before: text.clone(), text, event: String::new(), is_new: true }
    }

    /// A new graph.
    pub fn new_graph(document: DocumentId, kind: GraphKind) -> Naming {
        let what = What::NewGraph(kind);
        Naming { document, what, before: String::new(), text: String::new(), event: String::new(), is_new: true }
    }

    /// A copy of a graph.
    pub fn copy(document: DocumentId, graph: GraphAt, now: &str) -> Naming {
        let text = format!("{now}Copy");
        Naming { document, what: What::Copy(graph), before: text.clone(), text, event: String::new(), is_new: true }
    }

    fn title(&self) -> String {
        match &self.what {
            What::Rename(Named::Graph { graph }) => format!("Rename {}", graph.kind.noun()),
            What::Rename(Named::Node { .. }) => "Rename node".to_owned(),
            What::Rename(Named::Output { .. }) => "Rename output".to_owned(),
            What::Rename(Named::Variable { .. }) => "Rename variable".to_owned(),
            What::Rename(Named::Parameter { .. }) => "Rename parameter".to_owned(),
            What::Rename(Named::Field { .. }) => "Rename field".to_owned(),
            What::NewGraph(kind) => format!("New {}", kind.noun()),
            What::Copy(graph) => format!("Copy {}", graph.kind.noun()),
        }
    }

    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        let colours = editor.colours;
        let uses = self.uses(editor);
        let (is_done, closes) = super::modal(ui, &self.title(), 380.0, |ui| {
            let name = fields::text(ui, "Name", &mut self.text, 360.0);
            if std::mem::take(&mut self.is_new) {
                name.request_focus();
            }
            let mut entered = name.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if self.what == What::NewGraph(GraphKind::Handler) {
                let hint = if self.text.is_empty() { "the name" } else { &self.text };
                ui.label(RichText::new(format!("Event that it handles ({hint} if empty)")).color(colours.soft));
                let event = fields::text(ui, "Event", &mut self.event, 360.0);
                entered |= event.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            }
            if let Some(uses) = uses {
                fields::hint(
                    ui,
                    &colours,
                    &format!("{uses} {} changed with it", if uses == 1 { "use is" } else { "uses are" }),
                );
            }
            ui.add_space(10.0);
            let (mut done, mut cancelled) = (false, false);
            ui.horizontal(|ui| {
                let verb = if matches!(self.what, What::Rename(_)) { "Rename" } else { "Add" };
                done = ui.add_enabled(!self.text.trim().is_empty(), egui::Button::new(verb)).clicked();
                cancelled = ui.button("Cancel").clicked();
            });
            (done || (entered && !self.text.trim().is_empty()), cancelled)
        });
        if is_done.0 {
            self.done(editor);
            return false;
        }
        !closes && !is_done.1
    }

    fn uses(&self, editor: &Editor) -> Option<usize> {
        let What::Rename(what) = &self.what else { return None };
        let document = editor.documents.get(&self.document)?;
        let schema = document.context.schema.as_deref();
        find::uses(document.open.source(), what, schema).ok().map(|uses| uses.len())
    }

    fn done(&mut self, editor: &mut Editor) {
        let name = self.text.trim().to_owned();
        let Some(document) = editor.documents.get(&self.document) else { return };
        match &self.what {
            What::Rename(Named::Field { ty, name: old }) => {
                crate::panels::schema::rename_field(editor, self.document, ty, old, &name);
            }
            What::Rename(what) => {
                if name != self.before {
                    let command = Command::Rename { what: what.clone(), to: name };
                    editor.push(Todo::RunIn(self.document, command));
                }
            }
            What::NewGraph(kind) => {
                let index = document.open.source().document.of_kind(*kind).len();
                let event = Some(self.event.trim().to_owned()).filter(|event| !event.is_empty());
                let command = Command::AddGraph { kind: *kind, name, event };
                editor.push(Todo::RunIn(self.document, command));
                editor.push(Todo::ShowGraph(self.document, GraphAt { kind: *kind, index }));
            }
            What::Copy(graph) => {
                let index = document.open.source().document.of_kind(graph.kind).len();
                if let Some(command) = crate::panels::outline::copy(document, *graph, &name) {
                    editor.push(Todo::RunIn(self.document, command));
                    editor.push(Todo::ShowGraph(self.document, GraphAt { kind: graph.kind, index }));
                }
            }
        }
    }
}
