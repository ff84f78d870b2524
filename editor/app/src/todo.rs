//! What a frame asks for. It is done behind the frame, in order, so that drawing never sees a document half changed.

use std::path::PathBuf;
use std::sync::Arc;

use statewright_editor_core::actions::Action;
use statewright_editor_core::command::{Command, Named};
use statewright_editor_core::diff::items::GraphName;
use statewright_editor_core::history::Gesture;
use statewright_editor_core::open::file::Clash;
use statewright_editor_core::selection::Selection;
use statewright_graph::document::GraphAt;

use crate::act::files::Job;
use crate::dialogs::Dialog;
use crate::document::DocumentId;
use crate::panels::Panel;

/// A place to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// In which document.
    pub document: DocumentId,
    /// In which graph; `None` for the document as a whole.
    pub graph: Option<GraphName>,
    /// At which node; it is selected and brought into view.
    pub node: Option<Arc<str>>,
}

/// Something to be done.
#[derive(Debug)]
pub enum Todo {
    /// An action of the menus.
    Act(Action),
    /// A command on the document of the active tab; of one gesture with others perhaps.
    Run(Command, Option<Gesture>),
    /// A command on any document that is open.
    RunIn(DocumentId, Command),
    /// The gesture is over.
    EndGesture,
    /// Another selection in the active tab.
    Select(Selection),
    /// Text from the clipboard is to be pasted.
    Paste(String),
    /// A file or folder is to be opened.
    Open(PathBuf),
    /// A place is to be shown.
    Show(Place),
    /// A graph of a document gets a tab, or the tab that it has becomes the active one.
    ShowGraph(DocumentId, GraphAt),
    /// A tab becomes the active one, by position.
    ShowTab(usize),
    /// A tab is closed, by position.
    CloseTab(usize),
    /// A panel is shown, and gets the keyboard.
    Panel(Panel),
    /// A dialog is shown.
    Dialog(Box<Dialog>),
    /// Something with files.
    Files(Job),
    /// The document of the active tab is compared with a file.
    Compare(PathBuf),
    /// What the older version is compared with.
    Newer(crate::panels::diff::newer::Newer),
    /// The version that is compared is merged into the document; both come from what the file says.
    MergeSince(PathBuf),
    /// A document is merged with its file.
    Merge(DocumentId, Box<Clash>),
    /// Something with replacing in the project.
    Across(crate::panels::find::across::Job),
    /// All uses of something are listed.
    Uses(DocumentId, Named),
    /// A change of the schema or configuration that is open.
    Schema(crate::panels::schema::Edit),
    /// A part of a graph is looked at: its middle, and how large.
    Look(DocumentId, GraphName, (f64, f64), f64),
    /// So many steps of the active document's history are to be done.
    Jump(usize),
}
