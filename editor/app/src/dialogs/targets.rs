//! Connecting without a pointer: the pins that a wire from a pin may lead to, in a list.

use egui::{Key, Modal, Modifiers, RichText, ScrollArea, TextEdit, Ui};
use statewright_editor_core::palette::fuzzy::score;
use statewright_editor_core::wires::PinId;

use super::Dialog;
use crate::canvas::{Here, access, input};
use crate::editor::Editor;
use crate::todo::Todo;

/// How many are shown at once.
const MOST: usize = 200;

/// The dialog.
#[derive(Clone, Debug)]
pub struct Targets {
    from: PinId,
    text: String,
    at: usize,
    was_shown: bool,
}

/// Asks where a wire from a pin leads.
pub fn open(from: PinId) -> Todo {
    Todo::Dialog(Box::new(Dialog::Targets(Targets { from, text: String::new(), at: 0, was_shown: false })))
}

/// Draws it; whether it stays.
pub fn show(editor: &mut Editor, targets: &mut Targets, ui: &mut Ui) -> bool {
    let Some(here) = Here::of(editor) else { return false };
    let Some(pin) = here.scene.pin(&targets.from) else { return false };
    let mut found: Vec<(i32, PinId, String)> = Vec::new();
    for other in here.scene.partners(pin) {
        let name = access::pin_name(&here, &other.id);
        if let Some((score, _)) = score(targets.text.trim(), &name) {
            found.push((-score, other.id.clone(), name));
        }
    }
    if !targets.text.trim().is_empty() {
        found.sort_by_key(|(score, ..)| *score);
    }
    found.truncate(MOST);
    let colours = editor.colours;
    let mut chosen = None;
    let shown = Modal::new(egui::Id::new("targets")).show(ui.ctx(), |ui| {
        ui.set_width(460.0);
        ui.heading(format!("Connect {}", access::pin_name(&here, &targets.from)));
        ui.add_space(6.0);
        let label = ui.label(RichText::new("With").color(colours.soft));
        let last = found.len().saturating_sub(1);
        let (up, down) = ui.input_mut(|input| {
            (input.consume_key(Modifiers::NONE, Key::ArrowUp), input.consume_key(Modifiers::NONE, Key::ArrowDown))
        });
        targets.at = (targets.at + usize::from(down)).saturating_sub(usize::from(up)).min(last);
        let field = TextEdit::singleline(&mut targets.text).hint_text("part of a name").desired_width(f32::INFINITY);
        let response = ui.add(field).labelled_by(label.id);
        if !targets.was_shown {
            response.request_focus();
            targets.was_shown = true;
        }
        if response.changed() {
            targets.at = 0;
        }
        if ui.input(|input| input.key_pressed(Key::Enter)) {
            chosen = found.get(targets.at).map(|(_, pin, _)| pin.clone());
        }
        ui.add_space(6.0);
        if found.is_empty() {
            ui.label(RichText::new("Nothing here takes it.").color(colours.soft));
        }
        ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for (index, (_, pin, name)) in found.iter().enumerate() {
                let response = ui.selectable_label(index == targets.at, name);
                if index == targets.at && (up || down) {
                    response.scroll_to_me(None);
                }
                if response.clicked() {
                    chosen = Some(pin.clone());
                }
            }
        });
    });
    if let Some(target) = chosen {
        editor.push(Todo::Run(input::join(&here, &targets.from, &target, None), None));
        return false;
    }
    !shown.should_close()
}
