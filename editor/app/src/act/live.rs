//! Actions on running sessions, tests and breakpoints.

use statewright_editor_core::actions::Action;

use crate::editor::Editor;

/// Does an action; whether it is one of these.
pub fn act(editor: &mut Editor, action: Action) -> bool {
    let _ = (editor, action);
    false
}
