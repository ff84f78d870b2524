//! Where a run is held up: the functions that run, what is known in them, what is watched, breakpoints.

use egui::{RichText, TextEdit, Ui, WidgetType};
use statewright_editor_core::run::breakpoints::Spot;
use statewright_editor_core::run::flow::short;
use statewright_editor_core::run::form;
use statewright_types::Value;

use super::{heading, named};
use crate::editor::Editor;
use crate::theme::Colours;

/// What is being entered.
#[derive(Debug, Default)]
pub struct State {
    watch: String,
    /// What is changed, and its new value.
    changed: Option<(String, String)>,
    /// The breakpoint whose condition is being entered, and what was so far.
    condition: Option<(Spot, String)>,
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    stack(editor, ui);
    locals(editor, ui);
    watches(editor, ui);
    breakpoints(editor, ui);
}

fn stack(editor: &mut Editor, ui: &mut Ui) {
    let Some(session) = &mut editor.panels.run.session else { return };
    let (document, frames, at) = (session.document, session.live.client.frames().to_vec(), session.live.client.frame());
    heading(ui, "Call stack");
    let mut jump = None;
    for (index, frame) in frames.iter().enumerate() {
        let text = format!("{}: {}", frame.graph, frame.node);
        if ui.selectable_label(index == at, RichText::new(text).monospace()).clicked() {
            session.live.look_at(index);
            jump = Some((frame.graph.clone(), frame.node.clone()));
        }
    }
    if let Some(spot) = jump {
        super::session::show_spot(editor, document, &spot);
    }
}

/// Parameters, variables, loops and the last values of nodes.
fn locals(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let super::State { session, debug, .. } = &mut editor.panels.run;
    let Some(session) = session else { return };
    let Some(scopes) = session.live.client.scopes().cloned() else { return };
    let mut set = None;
    for (key, title, scheme) in
        [("parameters", "Parameters", "param"), ("variables", "Variables", "variable"), ("loops", "Loops", "loop")]
    {
        let Some(Value::Map(entries)) = scopes.get(key) else { continue };
        if entries.is_empty() {
            continue;
        }
        ui.add_space(4.0);
        heading(ui, title);
        for (name, value) in entries {
            let target = format!("{scheme}:{name}");
            set = set.or(value_row(debug, name, &target, value, &colours, ui));
        }
    }
    if let Some(Value::Map(nodes)) = scopes.get("nodes") {
        ui.add_space(4.0);
        heading(ui, "Outputs");
        for (node, sides) in nodes {
            let Some(Value::Map(outputs)) = sides.get("outputs") else { continue };
            for (port, value) in outputs {
                let target = format!("node:{node}:{port}");
                set = set.or(value_row(debug, &format!("{node}.{port}"), &target, value, &colours, ui));
            }
        }
    }
    if let Some((target, text)) = set {
        session.live.change(&target, &text);
    }
}

/// A value that can be changed: what it is to be, if it was.
fn value_row(
    state: &mut State,
    name: &str,
    target: &str,
    value: &Value,
    colours: &Colours,
    ui: &mut Ui,
) -> Option<(String, String)> {
    let mut set = None;
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).monospace().color(colours.soft));
        match &mut state.changed {
            Some((changed, text)) if changed == target => {
                let edit = ui.add(TextEdit::singleline(text).code_editor().desired_width(160.0));
                named(&edit, WidgetType::TextEdit, &format!("New value of {name}"));
                if edit.lost_focus() {
                    let is_meant = ui.input(|input| input.key_pressed(egui::Key::Enter));
                    set = is_meant.then(|| (target.to_owned(), text.clone()));
                    state.changed = None;
                } else if !edit.has_focus() {
                    edit.request_focus();
                }
            }
            _ => {
                let button = ui.add(egui::Button::new(RichText::new(short(value)).monospace()).frame(false));
                let button = button.on_hover_text("click to change it");
                named(&button, WidgetType::Button, &format!("Change {name}"));
                if button.clicked() {
                    state.changed = Some((target.to_owned(), form::text_of(value)));
                }
            }
        }
    });
    set
}

/// What is watched, with its value where the run is held up.
pub fn watches(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let super::State { session, debug, kept, .. } = &mut editor.panels.run;
    let Some(session) = session.as_mut().filter(|session| session.live.is_there()) else { return };
    ui.add_space(4.0);
    heading(ui, "Watches");
    let mut removed = None;
    for (index, watch) in session.live.client.watches().iter().enumerate() {
        ui.horizontal(|ui| {
            let button = ui.small_button("×").on_hover_text("Do not watch this");
            named(&button, WidgetType::Button, &format!("Do not watch {}", watch.text));
            if button.clicked() {
                removed = Some(index);
            }
            ui.label(RichText::new(&watch.text).monospace().color(colours.soft));
            match &watch.value {
                Some(Ok(value)) => ui.label(RichText::new(short(value)).monospace()),
                Some(Err(why)) => ui.label(RichText::new(why).color(colours.error)),
                None => ui.label(RichText::new("shown while the run is held up").color(colours.soft)),
            };
        });
    }
    if let Some(index) = removed {
        let watches = &mut kept.change(session.document).watches;
        if index < watches.len() {
            watches.remove(index);
        }
    }
    let hint = "state:Round, param:by > 3";
    let edit =
        ui.add(TextEdit::singleline(&mut debug.watch).code_editor().hint_text(hint).desired_width(f32::INFINITY));
    named(&edit, WidgetType::TextEdit, "New watch");
    if edit.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) && !debug.watch.trim().is_empty() {
        let text = std::mem::take(&mut debug.watch);
        kept.change(session.document).watches.push(text.trim().to_owned());
    }
}

/// The breakpoints of the document that is shown, each with its condition.
pub fn breakpoints(editor: &mut Editor, ui: &mut Ui) {
    let Some(id) = editor.active().map(|(document, _)| document.id) else { return };
    let Some(kept) = editor.panels.run.kept.there(id) else { return };
    ui.add_space(4.0);
    heading(ui, "Breakpoints");
    if kept.breakpoints.is_empty() {
        super::empty(ui, &editor.colours, "None. B sets one at the selected node.");
    }
    let mut new = kept.clone();
    let mut jump: Option<Spot> = None;
    for spot in kept.breakpoints.keys() {
        let name = format!("{} of {}", spot.1, spot.0);
        ui.horizontal(|ui| {
            let Some(changed) = new.breakpoints.get_mut(spot) else { return };
            let switch = ui.checkbox(&mut changed.is_enabled, "");
            named(&switch, WidgetType::Checkbox, &format!("Breakpoint at {name}"));
            if ui.link(RichText::new(&name).monospace()).clicked() {
                jump = Some(spot.clone());
            }
            let entered = &mut editor.panels.run.debug.condition;
            let mut text = match entered {
                Some((of, text)) if of == spot => text.clone(),
                _ => changed.condition.clone(),
            };
            let edit = TextEdit::singleline(&mut text).code_editor().hint_text("always");
            let edit = ui.add(edit.desired_width((ui.available_width() - 34.0).max(60.0)));
            named(&edit, WidgetType::TextEdit, &format!("Condition at {name}"));
            if edit.lost_focus() {
                // Half a condition is none: it holds once it is whole.
                changed.condition = text.trim().to_owned();
                *entered = None;
            } else if edit.has_focus() {
                *entered = Some((spot.clone(), text));
            }
            let button = ui.small_button("×").on_hover_text("Take it away");
            named(&button, WidgetType::Button, &format!("Take the breakpoint at {name} away"));
            if button.clicked() {
                new.breakpoints.remove(spot);
            }
        });
    }
    if new != kept {
        let changed = editor.panels.run.kept.change(id);
        // Those at nodes that are gone stay, in case they come back.
        changed.breakpoints.retain(|spot, _| !kept.breakpoints.contains_key(spot));
        changed.breakpoints.extend(new.breakpoints);
    }
    if let Some(spot) = jump {
        super::session::show_spot(editor, id, &spot);
    }
}
