//! A schema as forms: types, and the fields of one.

use std::sync::Arc;

use egui::{RichText, ScrollArea, Ui};
use statewright_editor_core::command::Named;
use statewright_editor_core::schema_form::{self, Edit};
use statewright_types::Schema;
use statewright_types::schema::{Role, StructId};

use super::Edit as Change;
use crate::dialogs::Dialog;
use crate::dialogs::naming::Naming;
use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::todo::Todo;

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let Some(schema) = editor.panels.schema.parsed.schema.clone() else { return };
    let chosen = editor.panels.schema.chosen.as_deref().and_then(|name| schema.by_name(name));
    let chosen = chosen.or_else(|| schema.main_root(None)).or((!schema.types().is_empty()).then_some(StructId(0)));
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(160.0);
            types(editor, ui, &schema, chosen);
        });
        ui.separator();
        ui.vertical(|ui| {
            if let Some(chosen) = chosen {
                of_type(editor, ui, &schema, chosen);
            }
        });
    });
}

fn form(edit: Edit) -> Todo {
    Todo::Schema(Change::Form(edit))
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Helper => "helper",
        Role::ActiveRoot => "active root",
        Role::InactiveRoot => "inactive root",
    }
}

fn role_means(role: Role) -> &'static str {
    match role {
        Role::Helper => "A type of what roots hold: players, cards, entries of lists and maps.",
        Role::ActiveRoot => "A part of the state that is there from the start.",
        Role::InactiveRoot => "A part of the state that is there once a handler has activated it (ActivateSchema).",
    }
}

fn types(editor: &mut Editor, ui: &mut Ui, schema: &Schema, chosen: Option<StructId>) {
    let colours = editor.colours;
    for (index, def) in schema.types().iter().enumerate() {
        let is_selected = chosen.is_some_and(|chosen| chosen.index() == index);
        let soft = if def.role == Role::Helper { "" } else { role_name(def.role) };
        let row = Row { text: &def.name, soft, is_selected, ..Row::default() };
        if fields::row(ui, &colours, &row).clicked() {
            editor.panels.schema.chosen = Some(def.name.to_string());
        }
    }
    ui.horizontal(|ui| {
        let new = &mut editor.panels.schema.new_type;
        fields::text(ui, "New type", new, 110.0);
        let add = ui.add_enabled(!new.trim().is_empty(), egui::Button::new("Add"));
        fields::name(&add, "Add type");
        if add.clicked() {
            let name = std::mem::take(new).trim().to_owned();
            editor.panels.schema.chosen = Some(name.clone());
            editor.push(form(Edit::NewType(name)));
        }
    });
}

fn of_type(editor: &mut Editor, ui: &mut Ui, schema: &Arc<Schema>, ty: StructId) {
    let colours = editor.colours;
    let def = schema.get(ty);
    ui.horizontal(|ui| {
        ui.label(RichText::new(&*def.name).heading());
        for role in [Role::Helper, Role::ActiveRoot, Role::InactiveRoot] {
            let choice = ui.selectable_label(def.role == role, role_name(role)).on_hover_text(role_means(role));
            if choice.clicked() && def.role != role {
                editor.push(form(Edit::Role(ty, role)));
            }
        }
        if let Some(owner) = &def.owner_field {
            ui.label(RichText::new(format!("owned by {owner}")).color(colours.soft));
        }
    });
    if !def.docs.is_empty() {
        fields::hint(ui, &colours, &def.docs);
    }
    if def.role != Role::Helper {
        reset(editor, ui, schema, ty);
    }
    ScrollArea::horizontal().show(ui, |ui| {
        egui::Grid::new(("fields", &*def.name)).num_columns(6).spacing([6.0, 4.0]).show(ui, |ui| {
            for title in ["Field", "Type", "Default", "Annotations", "Comment", ""] {
                ui.label(RichText::new(title).small().color(colours.soft));
            }
            ui.end_row();
            for index in 0..def.fields.len() {
                field(editor, ui, schema, ty, index);
                ui.end_row();
            }
            let (name, of) = &mut editor.panels.schema.new_field;
            fields::text(ui, "New field", name, 120.0);
            fields::text(ui, "Type of new field", of, 120.0);
            let can = !name.trim().is_empty() && !of.trim().is_empty();
            let add = ui.add_enabled(can, egui::Button::new("Add"));
            fields::name(&add, "Add field");
            if add.clicked() {
                let (name, of) = std::mem::take(&mut editor.panels.schema.new_field);
                editor.push(form(Edit::Add(ty, name.trim().to_owned(), of.trim().to_owned())));
            }
            ui.end_row();
        });
    });
}

/// What `ResetSchema` gives a root, and its activation at first.
fn reset(editor: &Editor, ui: &mut Ui, schema: &Arc<Schema>, root: StructId) {
    let colours = editor.colours;
    let name = &schema.get(root).name;
    egui::CollapsingHeader::new("What a reset gives").id_salt(("reset", name)).show(ui, |ui| {
        let config = editor.active().and_then(|(document, _)| document.checked.config.clone());
        for (field, value) in schema_form::reset_gives(schema, config, root) {
            ui.monospace(format!("{field}: {value}"));
        }
        let when = match schema.main_root(None) == Some(root) {
            true => "The main root is always there.",
            false => "ActivateSchema and DeactivateSchema make it come and go; it keeps its values while it is away.",
        };
        fields::hint(ui, &colours, &format!("{when} ResetSchema gives its fields these values in place."));
    });
}

fn field(editor: &mut Editor, ui: &mut Ui, schema: &Schema, ty: StructId, index: usize) {
    let Some(def) = schema.get(ty).fields.get(index) else { return };
    let text = editor.panels.schema.parsed.text.clone();
    let name = def.name.to_string();
    let Ok(shown) = schema_form::shown(&text, schema, ty, index) else {
        ui.label(&name);
        ui.label(schema.show(&def.ty).to_string());
        ui.label("in the text");
        return;
    };
    let key = |what: &'static str| ("schema field", what, ty, index);
    let typing = &mut editor.typing;
    typing.short(ui, key("name"), &format!("Field {name}"), &name, 110.0, move |name| {
        form(Edit::Name(ty, index, name.trim().to_owned()))
    });
    typing.short(ui, key("type"), &format!("Type of {name}"), &shown.ty, 120.0, move |of| {
        form(Edit::Type(ty, index, of))
    });
    typing.short(ui, key("default"), &format!("Default of {name}"), &shown.default, 90.0, move |value| {
        form(Edit::Default(ty, index, Some(value.trim().to_owned()).filter(|value| !value.is_empty())))
    });
    typing.short(ui, key("others"), &format!("Annotations of {name}"), &shown.others, 140.0, move |others| {
        form(Edit::Others(ty, index, others))
    });
    typing.short(ui, key("comment"), &format!("Comment of {name}"), &shown.comment, 150.0, move |comment| {
        form(Edit::Comment(ty, index, comment))
    });
    let count = schema.get(ty).fields.len();
    let owner = schema.get(ty).name.to_string();
    ui.horizontal(|ui| buttons(editor, ui, (ty, index, count), &owner, &name));
}

fn buttons(editor: &mut Editor, ui: &mut Ui, (ty, index, count): (StructId, usize, usize), owner: &str, name: &str) {
    for (sign, verb, to) in [("⏶", "Move up", index.wrapping_sub(1)), ("⏷", "Move down", index + 1)] {
        ui.add_enabled_ui(to < count, |ui| {
            if fields::sign(ui, sign, &format!("{verb} {name}")).clicked() {
                editor.push(form(Edit::Move(ty, index, to)));
            }
        });
    }
    let path = editor.panels.schema.open.as_ref().map(|open| open.path().to_owned());
    let of = editor.documents.values().find(|document| document.schema.path == path).map(|document| document.id);
    if let Some(id) = of {
        let what = Named::Field { ty: owner.to_owned(), name: name.to_owned() };
        let everywhere = ui.small_button("Rename…").on_hover_text("Here and wherever open documents use it");
        fields::name(&everywhere, &format!("Rename {name} everywhere"));
        if everywhere.clicked() {
            let naming = Naming::rename(id, what.clone(), name);
            editor.push(Todo::Dialog(Box::new(Dialog::Name(naming))));
        }
        let uses = ui.small_button("Uses");
        fields::name(&uses, &format!("Find uses of {name}"));
        if uses.clicked() {
            editor.push(Todo::Uses(id, what));
        }
    }
    if fields::cross(ui, &format!("Remove field {name}")).clicked() {
        editor.push(form(Edit::Remove(ty, index)));
    }
}
