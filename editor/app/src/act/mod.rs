//! What each thing to be done does.
//!
//! - [`files`]: opening, saving, recovery, what changed on the disk
//! - [`canvas`]: actions on the canvas and what is selected there; [`edit`]: files, panels, dialogs, going about; [`live`]: running

pub mod canvas;
pub mod edit;
pub mod files;
pub mod live;

use statewright_editor_core::actions::Action;
use statewright_editor_core::command::Command;
use statewright_editor_core::history::Gesture;
use statewright_graph::document::GraphAt;

use crate::document::DocumentId;
use crate::editor::{Editor, Tab};
use crate::todo::{Place, Todo};

/// Does it.
pub fn work(editor: &mut Editor, todo: Todo) {
    match todo {
        Todo::Act(action) => act(editor, action),
        Todo::Run(command, gesture) => {
            run(editor, &command, gesture);
        }
        Todo::RunIn(id, command) => {
            run_in(editor, id, &command, None);
        }
        Todo::EndGesture => {
            if let Some((document, _)) = editor.active_mut() {
                document.open.end_gesture();
            }
        }
        Todo::Select(selection) => {
            if let Some((document, _)) = editor.active_mut() {
                document.open.select(selection);
            }
        }
        Todo::Paste(text) => canvas::paste(editor, text),
        Todo::Open(path) if path.extension().is_some_and(|extension| extension == "rec") => {
            crate::panels::timeline::recording::open(editor, &path);
            work(editor, Todo::Panel(crate::panels::Panel::Timeline));
        }
        Todo::Open(path) => files::open(editor, &path),
        Todo::Show(place) => show(editor, &place),
        Todo::ShowGraph(id, at) => {
            edit::leave(editor);
            show_graph(editor, id, at);
        }
        Todo::ShowTab(index) => editor.active = index.min(editor.tabs.len().saturating_sub(1)),
        Todo::Files(job) => files::work(editor, job),
        Todo::Compare(path) => crate::panels::diff::with_file(editor, &path),
        Todo::Newer(newer) => crate::panels::diff::newer::work(editor, &newer),
        Todo::MergeSince(path) => crate::panels::diff::merging::since_file(editor, &path),
        Todo::Merge(id, clash) => crate::panels::diff::merging::with_its_file(editor, id, &clash),
        Todo::Schema(edit) => crate::panels::schema::edit(editor, &edit),
        Todo::Across(job) => crate::panels::find::across::work(editor, job),
        Todo::Uses(id, what) => crate::panels::find::uses(editor, id, &what),
        Todo::Look(id, name, at, zoom) => edit::look(editor, id, &name, at, zoom),
        Todo::CloseTab(index) => files::close_tab(editor, index),
        Todo::Panel(panel) => editor.panels.set(panel.side(), Some(panel)),
        Todo::Dialog(dialog) => editor.dialog = Some(*dialog),
        Todo::Jump(done) => {
            if let Some((document, _)) = editor.active_mut() {
                document.open.jump(done);
            }
        }
    }
}

/// A graph gets a tab, or the tab that it has becomes the active one.
pub fn show_graph(editor: &mut Editor, id: DocumentId, at: GraphAt) {
    let Some(name) = editor.documents.get(&id).and_then(|document| document.graph_name(at)) else { return };
    // The tab of a document that had no graph becomes this graph's.
    editor.tabs.retain(|tab| tab.document != id || !tab.name.name.is_empty());
    let known = editor.tabs.iter().position(|tab| tab.document == id && tab.name == name);
    editor.active = known.unwrap_or_else(|| {
        editor.tabs.push(Tab { document: id, graph: at, name });
        editor.tabs.len() - 1
    });
}

/// Does a command on the document of the active tab; says what it cannot do. Whether it was done.
pub fn run(editor: &mut Editor, command: &Command, gesture: Option<Gesture>) -> bool {
    let Some(id) = editor.active().map(|(document, _)| document.id) else { return false };
    run_in(editor, id, command, gesture)
}

/// Does a command on a document; says what it cannot do. Whether it was done.
pub fn run_in(editor: &mut Editor, id: DocumentId, command: &Command, gesture: Option<Gesture>) -> bool {
    let Some(document) = editor.documents.get_mut(&id) else { return false };
    let context = document.context.clone();
    match document.open.run(command, &context, gesture) {
        Ok(done) => {
            for remark in done.remarks {
                editor.notices.tell(remark);
            }
            true
        }
        Err(refused) => {
            editor.notices.error(refused.message, refused.help);
            false
        }
    }
}

/// Brings a place into view, and selects its node.
fn show(editor: &mut Editor, place: &Place) {
    let Some(document) = editor.documents.get(&place.document) else { return };
    let Some(at) = place.graph.as_ref().and_then(|name| name.find(document.open.source())) else { return };
    edit::leave(editor);
    show_graph(editor, place.document, at);
    if let Some(node) = &place.node {
        crate::canvas::go_to(editor, node);
    }
}

fn act(editor: &mut Editor, action: Action) {
    // Every action is one module's.
    let is_done = canvas::act(editor, action) || edit::act(editor, action) || live::act(editor, action);
    debug_assert!(is_done, "nobody does {}", action.name());
}
