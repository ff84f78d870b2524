//! The graph: its name, event, parameters, who may use it, what it returns.

use egui::{Label, RichText, Ui};
use statewright_editor_core::command::graphs::Allowed;
use statewright_editor_core::command::{Command, Named};
use statewright_editor_core::find;
use statewright_editor_core::references;
use statewright_graph::document::{Graph, GraphAt, GraphKind};

use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields;
use crate::theme;
use crate::todo::Todo;

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui, id: DocumentId, at: GraphAt) {
    let colours = editor.colours;
    let Some(graph) = editor.documents.get_mut(&id).and_then(|document| document.shared_graph(at)) else { return };
    let Some(document) = editor.documents.get(&id) else { return };
    let calls = match at.kind {
        GraphKind::Function => find::callers(document.open.source(), &graph.name.text).len(),
        GraphKind::Handler | GraphKind::Filter | GraphKind::Effect => 0,
    };
    let scalars = ["int64", "string", "bool", "float64", "int32", "uuid", "bytes"].into_iter().map(str::to_owned);
    let mut types: Vec<(String, String)> = scalars.map(|ty| (ty, String::new())).collect();
    if let Some(schema) = &document.context.schema {
        types.extend(schema.types().iter().map(|ty| (ty.name.to_string(), "struct".to_owned())));
    }
    ui.horizontal(|ui| {
        let (sign, colour) = theme::graph_sign(&colours, at.kind);
        fields::badge(ui, &colours, sign, colour);
        ui.label(RichText::new(&*graph.name.text).heading());
    });
    ui.label("Name");
    editor.typing.line(ui, ("graph name", id, at), "Graph name", &graph.name.text, move |to| {
        Todo::RunIn(id, Command::Rename { what: Named::Graph { graph: at }, to: to.trim().to_owned() })
    });
    if at.kind == GraphKind::Handler {
        ui.label("Event");
        let event = graph.event.as_ref().map(|event| event.text.to_string()).unwrap_or_default();
        editor.typing.line(ui, ("graph event", id, at), "Event", &event, move |event| {
            Todo::RunIn(id, Command::SetEvent { graph: at, event: event.trim().to_owned() })
        });
    }
    ui.label("Description");
    let description = graph.description.as_ref().map(|text| text.text.to_string()).unwrap_or_default();
    editor.typing.lines(ui, ("graph description", id, at), "Description", &description, move |text| {
        Todo::RunIn(id, Command::SetDescription { graph: at, text: Some(text) })
    });
    parameters(editor, ui, id, at, &graph, &types);
    if at.kind == GraphKind::Function {
        returns(editor, ui, id, at, &graph, &types);
        ui.horizontal(|ui| {
            let text = if calls == 1 { "Called at 1 place".to_owned() } else { format!("Called at {calls} places") };
            ui.label(text);
            if ui.button("Find uses").clicked() {
                editor.push(Todo::Uses(id, Named::Graph { graph: at }));
            }
        });
    }
    variables(editor, ui, id, at, &graph);
    if at.kind == GraphKind::Handler {
        permissions(editor, ui, id, at, &graph);
    }
}

fn parameters(
    editor: &mut Editor,
    ui: &mut Ui,
    id: DocumentId,
    at: GraphAt,
    graph: &Graph,
    types: &[(String, String)],
) {
    fields::heading(ui, "Parameters");
    let count = graph.parameters.len();
    for (index, parameter) in graph.parameters.iter().enumerate() {
        let (name, ty) = (parameter.name.text.to_string(), parameter.ty.text.to_string());
        ui.horizontal(|ui| {
            let width = ((ui.available_width() - 204.0) / 2.0).max(60.0);
            let old = name.clone();
            editor.typing.short(
                ui,
                ("parameter", id, at, &name),
                &format!("Parameter {name}"),
                &name,
                width,
                move |to| {
                    let what = Named::Parameter { graph: at, name: old.clone() };
                    Todo::RunIn(id, Command::Rename { what, to: to.trim().to_owned() })
                },
            );
            let of = name.clone();
            let label = format!("Type of {name}");
            editor.typing.short(ui, ("parameter type", id, at, &name), &label, &ty, width, move |ty| {
                Todo::RunIn(id, Command::SetParameterType { graph: at, name: of.clone(), ty: ty.trim().to_owned() })
            });
            if let Some(chosen) = fields::menu(ui, &label, types) {
                let command = Command::SetParameterType { graph: at, name: name.clone(), ty: chosen };
                editor.push(Todo::RunIn(id, command));
            }
            for (sign, verb, to) in [("⏶", "Move up", index.wrapping_sub(1)), ("⏷", "Move down", index + 1)] {
                let can = to < count;
                ui.add_enabled_ui(can, |ui| {
                    if fields::sign(ui, sign, &format!("{verb} {name}")).clicked() {
                        let command = Command::MoveParameter { graph: at, name: name.clone(), to };
                        editor.push(Todo::RunIn(id, command));
                    }
                });
            }
            uses(editor, ui, id, &name, Named::Parameter { graph: at, name: name.clone() });
            if fields::cross(ui, &format!("Remove parameter {name}")).clicked() {
                editor.push(Todo::RunIn(id, Command::RemoveParameter { graph: at, name }));
            }
        });
    }
    ui.horizontal(|ui| {
        let width = ((ui.available_width() - 130.0) / 2.0).max(60.0);
        let (name, ty) = &mut editor.panels.properties.new_parameter;
        fields::text(ui, "New parameter", name, width);
        fields::text(ui, "Type of new parameter", ty, width);
        if let Some(chosen) = fields::menu(ui, "Type of new parameter", types) {
            *ty = chosen;
        }
        let can = !name.trim().is_empty() && !ty.trim().is_empty();
        if ui.add_enabled(can, egui::Button::new("Add")).clicked() {
            let (name, ty) = std::mem::take(&mut editor.panels.properties.new_parameter);
            let (name, ty) = (name.trim().to_owned(), ty.trim().to_owned());
            editor.push(Todo::RunIn(id, Command::AddParameter { graph: at, name, ty }));
        }
    });
}

/// A button that lists where something is used.
fn uses(editor: &mut Editor, ui: &mut Ui, id: DocumentId, name: &str, what: Named) {
    if fields::sign(ui, "🔍", &format!("Find uses of {name}")).clicked() {
        editor.push(Todo::Uses(id, what));
    }
}

/// Variables that nodes of the graph set: they are renamed wherever they are named.
fn variables(editor: &mut Editor, ui: &mut Ui, id: DocumentId, at: GraphAt, graph: &Graph) {
    let all = references::variables(graph);
    if all.is_empty() {
        return;
    }
    fields::heading(ui, "Variables");
    for name in all {
        ui.horizontal(|ui| {
            let width = (ui.available_width() - 40.0).max(60.0);
            let what = Named::Variable { graph: at, name: name.to_string() };
            let renamed = what.clone();
            let label = format!("Variable {name}");
            editor.typing.short(ui, ("variable", id, at, &name), &label, &name, width, move |to| {
                Todo::RunIn(id, Command::Rename { what: renamed.clone(), to: to.trim().to_owned() })
            });
            uses(editor, ui, id, &name, what);
        });
    }
}

fn returns(editor: &mut Editor, ui: &mut Ui, id: DocumentId, at: GraphAt, graph: &Graph, types: &[(String, String)]) {
    fields::heading(ui, "Returns");
    ui.horizontal(|ui| {
        let now = graph.return_type.as_ref().map(|ty| ty.text.to_string()).unwrap_or_default();
        let width = (ui.available_width() - 50.0).max(60.0);
        editor.typing.short(ui, ("returns", id, at), "Return type", &now, width, move |ty| {
            let ty = Some(ty.trim().to_owned()).filter(|ty| !ty.is_empty());
            Todo::RunIn(id, Command::SetReturnType { graph: at, ty })
        });
        if let Some(ty) = fields::menu(ui, "Return type", types) {
            editor.push(Todo::RunIn(id, Command::SetReturnType { graph: at, ty: Some(ty) }));
        }
    });
}

fn permissions(editor: &mut Editor, ui: &mut Ui, id: DocumentId, at: GraphAt, graph: &Graph) {
    let colours = editor.colours;
    fields::heading(ui, "Who may send it");
    let now = graph.permissions.as_ref().map_or_else(Allowed::default, |permissions| Allowed {
        host_only: permissions.host_only,
        player_param: permissions.player_param.as_ref().map(|name| name.text.to_string()),
        players: permissions
            .allowed_players
            .as_ref()
            .map(|players| players.iter().map(|player| player.text.to_string()).collect()),
    });
    let set = move |allowed: Allowed| {
        let permissions = Some(allowed).filter(|allowed| *allowed != Allowed::default());
        Todo::RunIn(id, Command::SetPermissions { graph: at, permissions })
    };
    let mut host_only = now.host_only;
    if ui.checkbox(&mut host_only, "Only the host").changed() {
        editor.push(set(Allowed { host_only, ..now.clone() }));
    }
    ui.label("Parameter that must be the sender");
    let mut names = vec!["none".to_owned()];
    names.extend(graph.parameters.iter().map(|parameter| parameter.name.text.to_string()));
    let shown = now.player_param.clone().unwrap_or_else(|| "none".to_owned());
    let label = "Parameter that must be the sender";
    if let Some(chosen) = fields::choice(ui, ("player", id, at), label, &shown, &names) {
        let player_param = Some(chosen).filter(|chosen| chosen != "none");
        editor.push(set(Allowed { player_param, ..now.clone() }));
    }
    ui.label("Only these players");
    let players = now.players.as_ref().map(|players| players.join(", ")).unwrap_or_default();
    let of = now.clone();
    editor.typing.line(ui, ("players", id, at), "Only these players", &players, move |text| {
        let all: Vec<String> =
            text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        set(Allowed { players: Some(all).filter(|all| !all.is_empty()), ..of.clone() })
    });
    if now == Allowed::default() {
        ui.add(Label::new(RichText::new("Everybody may.").color(colours.soft)));
    }
}
