//! What came of the last thing that a session did.

use egui::{RichText, Ui};
use statewright_editor_core::run::flow::short;
use statewright_editor_core::run::timeline::{FieldChange, Moment, Timeline, path_text};
use statewright_runtime::session::Status;
use statewright_types::{Value, json};

use super::{empty, heading};
use crate::editor::Editor;
use crate::theme::Colours;

/// Changes that are listed; the rest are in the tree.
const LISTED: usize = 500;

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let Some(session) = &mut editor.panels.run.session else {
        empty(ui, &colours, "What a handler sent and changed is shown here.");
        return;
    };
    let document = session.document;
    let mut jump = None;
    let mut tree = None;
    match session.live.timeline.as_ref().and_then(|timeline| Timeline::moments(timeline).last()) {
        Some(moment) => {
            jump = ran(moment, &session.live, &colours, ui);
            events(&moment.events, &colours, ui);
            tree = changes(&moment.changes, &colours, ui);
        }
        None => empty(ui, &colours, "Nothing was done yet."),
    }
    said(&session.live.said, &colours, ui);
    if let Some(spot) = jump {
        super::session::show_spot(editor, document, &spot);
    }
    if let Some(path) = tree {
        editor.panels.run.tree.reveal(&path);
    }
}

type Spot = statewright_editor_core::run::breakpoints::Spot;

/// The activations; a node that was clicked.
fn ran(
    moment: &Moment,
    live: &statewright_editor_core::run::live::Live,
    colours: &Colours,
    ui: &mut Ui,
) -> Option<Spot> {
    let mut jump = None;
    heading(ui, format!("{}. {}", moment.number, moment.label));
    if moment.ran.is_empty() {
        empty(ui, colours, "No handler ran: none has that event, or the sender may not send it.");
    }
    for ran in &moment.ran {
        let (word, colour) = match ran.status {
            Status::Done => ("done", colours.added),
            Status::Waiting => ("waits", colours.warning),
            Status::Failed => ("failed", colours.error),
        };
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(word).color(colour).strong());
            ui.label(RichText::new(&*ran.handler).monospace());
            ui.label(RichText::new(format!("{} fuel", ran.fuel)).color(colours.soft));
        });
        if let Some(error) = &ran.error {
            ui.add(egui::Label::new(RichText::new(error).color(colours.error)).wrap());
        }
    }
    for (graph, flow) in live.flow.graphs() {
        if let Some((node, why)) = &flow.failed {
            let button = ui.link(format!("Go to `{node}` of {graph}")).on_hover_text(why);
            if button.clicked() {
                jump = Some((graph.clone(), node.clone()));
            }
        }
    }
    jump
}

/// What was sent, and to whom.
pub fn events(events: &[Value], colours: &Colours, ui: &mut Ui) {
    ui.add_space(4.0);
    heading(ui, format!("Events ({})", events.len()));
    for event in events {
        let text = |key: &str| match event.get(key) {
            Some(Value::Str(text)) => text.to_string(),
            Some(other) => json::to_string(other),
            None => String::new(),
        };
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(text("type")).strong());
            ui.label(RichText::new(format!("to {}", recipients(event.get("to")))).color(colours.soft));
            ui.label(RichText::new(short(event.get("payload").unwrap_or(&Value::Null))).monospace());
        });
    }
}

/// `all`, `ann, bob`, `all but ann`.
pub fn recipients(to: Option<&Value>) -> String {
    let name = |value: &Value| if let Value::Str(text) = value { text.to_string() } else { String::new() };
    match to {
        Some(Value::Str(text)) => text.to_string(),
        Some(Value::List(ids)) => ids.iter().map(name).collect::<Vec<_>>().join(", "),
        Some(Value::Map(_)) => format!("all but {}", to.and_then(|to| to.get("except")).map(name).unwrap_or_default()),
        _ => String::new(),
    }
}

/// What changed; a path that was clicked.
pub fn changes(
    changes: &[FieldChange],
    colours: &Colours,
    ui: &mut Ui,
) -> Option<Vec<statewright_editor_core::run::timeline::Key>> {
    let mut clicked = None;
    ui.add_space(4.0);
    heading(ui, format!("Changes ({})", changes.len()));
    for change in changes.iter().take(LISTED) {
        let side = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), short);
        ui.horizontal_wrapped(|ui| {
            if ui.link(RichText::new(path_text(&change.path)).monospace()).clicked() {
                clicked = Some(change.path.clone());
            }
            ui.label(RichText::new(side(&change.before)).monospace().color(colours.removed));
            ui.label(RichText::new("→").monospace().color(colours.soft));
            ui.label(RichText::new(side(&change.after)).monospace().color(colours.added));
        });
    }
    if changes.len() > LISTED {
        empty(ui, colours, &format!("and {} more, in the tree", changes.len() - LISTED));
    }
    clicked
}

fn said(said: &[(Spot, String)], colours: &Colours, ui: &mut Ui) {
    if said.is_empty() {
        return;
    }
    ui.add_space(4.0);
    heading(ui, "Messages");
    for ((graph, node), text) in said.iter().rev().take(100) {
        ui.horizontal_wrapped(|ui| {
            ui.label(text);
            ui.label(RichText::new(format!("{graph}, {node}")).color(colours.soft));
        });
    }
}
