//! Help: what a node does, which keys there are, what this is.

use egui::{Label, RichText, ScrollArea, Ui};
use statewright_editor_core::actions::Action;
use statewright_graph::node::{self, Exits, Kind, Need, NodeRow};

use crate::editor::Editor;
use crate::fields;
use crate::theme::Colours;

/// What is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Help {
    /// A type of nodes.
    Node(String),
    /// Keys.
    Keys(String),
    /// The program.
    About,
}

impl Help {
    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        let colours = editor.colours;
        let title = match self {
            Help::Node(ty) => ty.clone(),
            Help::Keys(_) => "Keys".to_owned(),
            Help::About => "About Statewright".to_owned(),
        };
        let hosts = editor.active().map(|(document, _)| document.context.hosts.clone()).unwrap_or_default();
        let (is_done, closes) = super::modal(ui, &title, 640.0, |ui| {
            match self {
                Help::Node(ty) => {
                    ScrollArea::vertical().max_height(460.0).show(ui, |ui| match node::lookup(ty, &hosts) {
                        Some(row) => of_node(ui, &colours, row),
                        None => {
                            fields::hint(ui, &colours, "There is no such type of nodes; choose one from the palette.")
                        }
                    });
                }
                Help::Keys(typed) => keys(editor, ui, typed),
                Help::About => {
                    ui.label(format!("Statewright {}", env!("CARGO_PKG_VERSION")));
                    ui.label("Visual scripts for multiplayer servers: written, run, debugged and tested here.");
                    fields::hint(ui, &colours, "Licensed under MIT or Apache-2.0, as you like.");
                }
            }
            ui.add_space(10.0);
            ui.button("Close").clicked()
        });
        !is_done && !closes
    }
}

/// What the node table says of a type.
pub fn of_node(ui: &mut Ui, colours: &Colours, row: &NodeRow) {
    let kind = match row.kind {
        Kind::Pure => "gives a value wherever one is needed",
        Kind::Executing => "runs in the flow",
    };
    ui.label(RichText::new(format!("{} · {kind}", row.category.title())).color(colours.soft));
    ui.add(Label::new(fields::prose(ui, row.summary, colours.text, colours.accent)).wrap());
    if !row.docs.is_empty() && row.docs != row.summary {
        ui.add(Label::new(fields::prose(ui, row.docs, colours.text, colours.accent)).wrap());
    }
    if let Some(reason) = row.deprecated {
        ui.add(Label::new(RichText::new(reason).color(colours.warning)).wrap());
    }
    if !row.inputs.is_empty() {
        fields::heading(ui, "Inputs");
    }
    for port in row.inputs {
        let need = match port.need {
            Need::Default(json) => format!("{}, {json} if not given", port.ty),
            Need::Required => port.ty.to_owned(),
            _ => format!("{}, optional", port.ty),
        };
        of_port(ui, colours, port.name, &need, port.docs);
    }
    if !row.outputs.is_empty() {
        fields::heading(ui, "Outputs");
    }
    for port in row.outputs {
        of_port(ui, colours, port.name, port.ty, port.docs);
    }
    let exits = match row.exits {
        Exits::Branch(labels) => labels.join(", "),
        Exits::Optional(label) => format!("go on, {label}"),
        Exits::Cases => "one for each case, default".to_owned(),
        Exits::Loop => "body, done".to_owned(),
        _ => String::new(),
    };
    if !exits.is_empty() {
        of_port(ui, colours, "Exits", &exits, "");
    }
    if !row.errors.is_empty() {
        let errors: Vec<&str> = row.errors.iter().map(|code| code.code()).collect();
        of_port(ui, colours, "Fails with", &errors.join(", "), "");
    }
    let reached = if matches!(row.kind, Kind::Executing) { "1" } else { "" };
    let fuel = [reached, row.fuel].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", and ");
    of_port(ui, colours, "Fuel", if fuel.is_empty() { "none" } else { &fuel }, "");
}

fn of_port(ui: &mut Ui, colours: &Colours, name: &str, ty: &str, docs: &str) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(name).strong());
        ui.label(RichText::new(ty).color(colours.soft));
        ui.label(fields::prose(ui, docs, colours.text, colours.accent));
    });
}

fn keys(editor: &Editor, ui: &mut Ui, typed: &mut String) {
    fields::text(ui, "Find a key", typed, f32::INFINITY);
    ScrollArea::vertical().max_height(420.0).auto_shrink([false, false]).show(ui, |ui| {
        egui::Grid::new("keys").num_columns(2).striped(true).spacing([24.0, 4.0]).show(ui, |ui| {
            for action in Action::search(typed, &editor.situation()) {
                let keys: Vec<String> = editor.settings.keys.keys(action).iter().map(ToString::to_string).collect();
                if !keys.is_empty() {
                    ui.label(action.title());
                    ui.label(RichText::new(keys.join(", ")).monospace());
                    ui.end_row();
                }
            }
        });
    });
}
