//! Keys that were pressed, as chords and actions.

use egui::{Event, Key, Modifiers, Ui};
use statewright_editor_core::actions::Action;
use statewright_editor_core::keys::Chord;

use crate::dialogs::Dialog;
use crate::editor::Editor;
use crate::todo::Todo;

/// A key with what is held, as key bindings name it.
pub fn chord(key: Key, modifiers: Modifiers) -> Chord {
    let name = match key {
        Key::ArrowLeft => "Left",
        Key::ArrowRight => "Right",
        Key::ArrowUp => "Up",
        Key::ArrowDown => "Down",
        Key::Plus => "Plus",
        Key::Equals => "=",
        Key::Minus => "Minus",
        Key::Comma => ",",
        Key::Slash => "/",
        other => other.name(),
    };
    Chord {
        command: modifiers.command || modifiers.ctrl,
        alt: modifiers.alt,
        shift: modifiers.shift,
        key: name.to_owned(),
    }
}

/// Keys that text fields need for themselves.
fn is_for_text(chord: &Chord) -> bool {
    let plain = !chord.command && !chord.alt && !is_function(&chord.key);
    let editing = ["A", "C", "V", "X", "Z", "Y", "Left", "Right", "Up", "Down", "Backspace", "Delete", "Home", "End"];
    plain || editing.contains(&&*chord.key)
}

fn is_function(key: &str) -> bool {
    key.strip_prefix('F').is_some_and(|number| number.parse::<u8>().is_ok())
}

/// Takes the keys of this frame that are bound to actions, unless a text field or dialog wants them.
pub fn take(editor: &mut Editor, ui: &Ui) {
    if editor.dialog.as_ref().is_some_and(|dialog| !matches!(dialog, Dialog::Tour(_))) {
        // What is above everything else has all keys for itself.
        return;
    }
    // Escape takes the keyboard from a field before anything else happens in a frame, and is still the field's.
    let is_in_field = ui.ctx().text_edit_focused();
    let is_typing = std::mem::replace(&mut editor.was_in_field, is_in_field) || is_in_field;
    let is_typing = is_typing || editor.canvas.editing.is_some();
    let is_typing = is_typing || (ui.ctx().egui_wants_keyboard_input() && !editor.canvas_has_focus(ui.ctx()));
    let mut taken: Vec<Action> = Vec::new();
    let mut pasted = None;
    // With a drag it moves the view, so what it does else waits until it is let go.
    let waits = !is_typing && editor.canvas_has_focus(ui.ctx()) && editor.canvas.menu.is_none();
    let mut space = editor.canvas.space;
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Key { key: Key::Space, pressed: true, modifiers, .. } if waits && modifiers.is_none() => {
                space = space.or(Some(false));
                false
            }
            Event::Key { key: Key::Space, pressed: false, .. } if space.is_some() => {
                let was_dragged = space.take() == Some(true);
                let action = editor.settings.keys.action(&chord(Key::Space, Modifiers::NONE));
                taken.extend(action.filter(|_| !was_dragged));
                false
            }
            Event::Key { key, pressed: true, modifiers, .. } => {
                let chord = chord(*key, *modifiers);
                if is_typing && is_for_text(&chord) {
                    return true;
                }
                let action = editor.settings.keys.action(&chord);
                taken.extend(action);
                action.is_none()
            }
            Event::Copy | Event::Cut | Event::Paste(_) if is_typing => true,
            Event::Copy => {
                taken.push(Action::Copy);
                false
            }
            Event::Cut => {
                taken.push(Action::Cut);
                false
            }
            Event::Paste(text) => {
                pasted = Some(text.clone());
                false
            }
            _ => true,
        });
    });
    editor.canvas.space = space;
    let situation = editor.situation();
    for action in taken.into_iter().filter(|action| action.when().holds(&situation)) {
        editor.push(Todo::Act(action));
    }
    if let Some(text) = pasted {
        editor.push(Todo::Paste(text));
    }
}
