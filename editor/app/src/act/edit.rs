//! Actions on files, panels and dialogs, and going about.

use statewright_editor_core::actions::Action;
use statewright_editor_core::open::Open;

use super::files;
use crate::editor::Editor;
use crate::panels::Panel;
use crate::todo::Todo;

/// Does an action; whether it is one of these.
pub fn act(editor: &mut Editor, action: Action) -> bool {
    match action {
        Action::New => {
            editor.add(Open::empty());
        }
        Action::Save => files::save(editor),
        Action::Problems => editor.push(Todo::Panel(Panel::Problems)),
        Action::History => editor.push(Todo::Panel(Panel::History)),
        _ => return false,
    }
    true
}
