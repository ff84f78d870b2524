//! Actions on the canvas: undo, what is selected, places of nodes, what is seen.

use statewright_editor_core::actions::Action;

use crate::editor::Editor;

/// Does an action; whether it is one of these.
pub fn act(editor: &mut Editor, action: Action) -> bool {
    match action {
        Action::Undo => {
            if let Some((document, _)) = editor.active_mut() {
                document.open.undo();
            }
        }
        Action::Redo => {
            if let Some((document, _)) = editor.active_mut() {
                document.open.redo();
            }
        }
        _ => return false,
    }
    true
}
