//! Actions on running sessions, tests and breakpoints.

use std::sync::Arc;

use statewright_editor_core::actions::Action;
use statewright_editor_core::run::client::Go;

use crate::document::DocumentId;
use crate::editor::Editor;
use crate::panels::{Panel, run, tests};
use crate::todo::Todo;

/// Does an action; whether it is one of these.
pub fn act(editor: &mut Editor, action: Action) -> bool {
    match action {
        Action::Run => start(editor),
        Action::Stop => stop(editor),
        Action::Pause => {
            if let Some(session) = &mut editor.panels.run.session {
                session.live.pause();
            }
        }
        Action::Continue => go(editor, &Go::Continue),
        Action::StepOver => go(editor, &Go::Over),
        Action::StepInto => go(editor, &Go::Into),
        Action::StepOut => go(editor, &Go::Out),
        Action::StepBack => step_back(editor),
        Action::ToPresent => {
            if let Some(session) = &mut editor.panels.run.session {
                session.live.return_to_present();
                session.draw_again();
            }
        }
        Action::RunToNode => run_to(editor),
        Action::Breakpoint => breakpoint(editor),
        Action::Attach => editor.panels.run.attach.is_open = true,
        Action::RunTests => {
            editor.push(Todo::Panel(Panel::Tests));
            tests::run(editor, None);
        }
        _ => return false,
    }
    true
}

/// Runs what is entered in the panel, and shows what comes of it.
fn start(editor: &mut Editor) {
    if editor.panels.bottom != Some(Panel::Timeline) {
        editor.push(Todo::Panel(Panel::Run));
    }
    run::start::run(editor);
}

fn stop(editor: &mut Editor) {
    let Some(session) = &mut editor.panels.run.session else { return };
    session.live.stop();
    session.draw_again();
}

fn go(editor: &mut Editor, how: &Go) {
    let Some(session) = &mut editor.panels.run.session else { return };
    session.live.go(how);
    session.draw_again();
}

fn step_back(editor: &mut Editor) {
    let Some(session) = &mut editor.panels.run.session else { return };
    if session.live.step_back() {
        session.draw_again();
    } else if !session.live.has_past() {
        editor.notices.tell("the other process does not tell what it began with, so it cannot be gone back in");
    } else {
        editor.notices.tell("there is nothing to go back to: no node ran before");
    }
}

/// The node that is selected: its document, graph and id.
fn selected(editor: &Editor) -> Option<(DocumentId, Arc<str>, Arc<str>)> {
    let (document, at) = editor.active()?;
    let selection = document.open.selection();
    let graph = document.graph(selection.graph.unwrap_or(at))?;
    Some((document.id, graph.name.text.clone(), selection.nodes.first()?.clone()))
}

/// Goes on to the selected node; without a session that is held up, one begins for that.
fn run_to(editor: &mut Editor) {
    let Some((_, graph, node)) = selected(editor) else { return };
    let to = Go::To((graph, node));
    if editor.situation().is_paused {
        return go(editor, &to);
    }
    editor.push(Todo::Panel(Panel::Run));
    run::start::run_to(editor, &to);
}

fn breakpoint(editor: &mut Editor) {
    if let Some((document, graph, node)) = selected(editor) {
        run::kept::toggle(editor, document, &graph, &node);
    }
}
