//! Choosing a file or folder.

use std::path::{Path, PathBuf};

use egui::Ui;
use egui_file_dialog::{DialogState, FileDialog};

use super::Dialog;
use crate::act::files::Job;
use crate::act::files::starters::Starter;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::panels::diff::newer::Newer;
use crate::todo::Todo;

/// What the file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A file is opened.
    OpenFile,
    /// A folder is opened.
    OpenFolder,
    /// A document is written to it.
    SaveAs(DocumentId),
    /// A new schema or configuration is written to it.
    Make(Starter),
    /// A version is compared with the document of the active tab.
    Compare,
    /// What that is compared with, instead of the document of the active tab.
    Newer,
    /// The version that another one and the document of the active tab come from.
    Base,
}

/// A file is being chosen.
#[derive(Debug)]
pub struct Choosing {
    purpose: Purpose,
    dialog: FileDialog,
}

/// Opens the dialog, where `now` is or the folder that is open.
pub fn open(editor: &mut Editor, purpose: Purpose, now: Option<&Path>) {
    let beside = editor.active().and_then(|(document, _)| document.open.path().map(Path::to_owned));
    let beside = now.map(Path::to_owned).or(beside).and_then(|path| path.parent().map(Path::to_owned));
    let folder = beside.or_else(|| editor.project.as_ref().map(|project| project.root().to_owned()));
    let title = match purpose {
        Purpose::OpenFile => "Open file",
        Purpose::OpenFolder => "Open folder",
        Purpose::SaveAs(_) => "Save as",
        Purpose::Make(Starter::Schema) => "New schema",
        Purpose::Make(Starter::Config) => "New configuration",
        Purpose::Compare => "Compare with a file",
        Purpose::Newer => "The newer version",
        Purpose::Base => "What both come from",
    };
    let name = match purpose {
        Purpose::Make(starter) => {
            let document = editor.active().and_then(|(document, _)| document.file());
            let stem = document.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
            format!("{}.{}", stem.as_deref().unwrap_or("game"), starter.ending())
        }
        _ => {
            now.and_then(Path::file_name).map_or("untitled.json".to_owned(), |name| name.to_string_lossy().into_owned())
        }
    };
    // Icons are of the fonts that there are.
    let mut dialog = FileDialog::new()
        .title(title)
        // Its field for searching is dark in every theme.
        .show_search(editor.colours.is_dark)
        .default_file_name(&name)
        // What is made to begin with takes the place of nothing.
        .allow_file_overwrite(!matches!(purpose, Purpose::Make(_)))
        .initial_directory(folder.unwrap_or_else(|| PathBuf::from(".")))
        .add_file_filter("Documents and their companions", egui_file_dialog::Filter::new(is_ours))
        .default_file_filter("Documents and their companions")
        .anchor(egui::Align2::CENTER_CENTER, [0.0, 0.0])
        .default_size([760.0, 460.0]);
    match purpose {
        Purpose::OpenFile | Purpose::Compare | Purpose::Newer | Purpose::Base => dialog.pick_file(),
        Purpose::OpenFolder => dialog.pick_directory(),
        Purpose::SaveAs(_) | Purpose::Make(_) => dialog.save_file(),
    }
    editor.dialog = Some(Dialog::Files(Box::new(Choosing { purpose, dialog })));
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    statewright_editor_core::project::Kind::of(&name).is_some()
}

impl Choosing {
    /// Draws it; whether it stays open.
    pub fn show(&mut self, editor: &mut Editor, ui: &mut Ui) -> bool {
        self.dialog.update(ui.ctx());
        if let Some(path) = self.dialog.take_picked() {
            editor.push(match self.purpose {
                Purpose::OpenFile | Purpose::OpenFolder => Todo::Open(path),
                Purpose::SaveAs(id) => Todo::Files(Job::SaveAs(id, path)),
                Purpose::Make(starter) => Todo::Files(Job::Make(starter, path)),
                Purpose::Compare => Todo::Compare(path),
                Purpose::Newer => Todo::Newer(Newer::File(path)),
                Purpose::Base => Todo::MergeSince(path),
            });
            return false;
        }
        let is_left = ui.input(|input| input.key_pressed(egui::Key::Escape));
        !is_left && matches!(self.dialog.state(), DialogState::Open)
    }
}
