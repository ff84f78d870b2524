//! Two versions of a document: what differs, marked on the canvas; and merging, with what is to be decided.
//!
//! - [`list`]: differences as lines and marks; [`git`]: versions that git has
//! - [`newer`]: what the older version is compared with
//! - [`view`]: both versions in the place of the canvas; [`merging`]: one merged into the other

pub mod git;
mod list;
pub mod merging;
pub mod newer;
pub mod view;

use std::path::Path;
use std::sync::Arc;

use egui::{Key, RichText, Ui};
use statewright_editor_core::actions::Action;
use statewright_editor_core::diff::items::GraphName;
use statewright_editor_core::diff::{DocumentDiff, compare};
use statewright_editor_core::open::Open;
use statewright_editor_core::open::file::read_text;
use statewright_graph::document::SourceDocument;

use crate::canvas::camera::Camera;
use crate::canvas::overlay::Mark;
use crate::dialogs::files::Purpose;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::theme::Colours;
use crate::todo::{Place, Todo};

use merging::{Base, Merge};
use view::Shown;

pub use git::Revision;
pub use list::Item;
pub use view::Layout;

/// Two versions.
#[derive(Debug)]
struct Comparison {
    document: DocumentId,
    /// What the older version is called.
    name: String,
    before: SourceDocument,
    /// The revision of the document that the list is of.
    of: Option<u64>,
    diff: DocumentDiff,
    items: Vec<Item>,
    at: Option<usize>,
    /// The older version, where it has a tab.
    beside: Option<DocumentId>,
    /// What was chosen.
    chosen: Chosen,
    /// What the newer version is called.
    now: String,
    /// What both come from, for merging.
    base: Base,
    shown: Shown,
}

/// What the document is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Chosen {
    File,
    Revision(String),
}

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    comparison: Option<Comparison>,
    merge: Merge,
    revisions: Vec<Revision>,
    /// Of which document the revisions are.
    revisions_of: Option<DocumentId>,
    problem: String,
}

impl State {
    /// What differs, in the order of the list.
    pub fn items(&self) -> &[Item] {
        self.comparison.as_ref().map_or(&[], |comparison| &comparison.items)
    }

    /// How both versions are shown, and where they are looked at; `None` while nothing is compared.
    pub fn shown(&self) -> Option<(Layout, Option<&GraphName>, Camera)> {
        let shown = &self.comparison.as_ref()?.shown;
        Some((shown.layout, shown.graph.as_ref(), shown.camera()))
    }
}

/// The panel is opened by an action: versions are listed.
pub fn begin(editor: &mut Editor) {
    let Some((document, _)) = editor.active() else { return };
    let (id, path) = (document.id, document.file().map(Path::to_owned));
    let state = &mut editor.panels.diff;
    state.revisions_of = Some(id);
    match path.ok_or_else(|| "the document has no file yet".to_owned()).and_then(|path| git::revisions(&path)) {
        Ok(revisions) => (state.revisions, state.problem) = (revisions, String::new()),
        Err(problem) => (state.revisions, state.problem) = (Vec::new(), problem),
    }
}

/// Compares the document of the active tab with a file.
pub fn with_file(editor: &mut Editor, path: &Path) {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let open = editor.documents.values().find(|document| document.open.path() == Some(path));
    let text = match open {
        Some(document) => Ok(Arc::<str>::from(document.open.text())),
        None => read_text(&*editor.host.files, path).map(|(text, _)| text),
    };
    match text {
        Ok(text) => with_text(editor, &name, Chosen::File, &text),
        Err(fault) => editor.notices.error(fault.to_string(), "choose a file that is there"),
    }
}

/// Compares the document of the active tab with a version that git has.
pub fn with_revision(editor: &mut Editor, revision: &str) {
    let Some(path) = editor.active().and_then(|(document, _)| document.file().map(Path::to_owned)) else { return };
    match git::show(&path, revision) {
        Ok(text) => with_text(editor, revision, Chosen::Revision(revision.to_owned()), &text),
        Err(problem) => editor.notices.error(problem, "choose another version"),
    }
}

fn with_text(editor: &mut Editor, name: &str, chosen: Chosen, text: &str) {
    let Some(id) = editor.active().map(|(document, _)| document.id) else { return };
    match SourceDocument::parse(text) {
        Ok(before) => {
            start(editor, id, (name.to_owned(), chosen), before);
            editor.push(Todo::Panel(super::Panel::Diff));
        }
        Err(problem) => {
            end(editor);
            editor.notices.error(format!("{name} is no document: {}", problem.message), "choose another");
        }
    }
}

/// Compares a document with an older version, of which it is told what it is called and where it is from.
fn start(editor: &mut Editor, document: DocumentId, (name, chosen): (String, Chosen), before: SourceDocument) {
    let Some((now, is_version)) = editor.documents.get(&document).map(|newer| (newer.name(), newer.version.is_some()))
    else {
        return;
    };
    let layout = editor.panels.diff.comparison.as_ref().map(|comparison| comparison.shown.layout).unwrap_or_default();
    end(editor);
    // What is checked out and a version have something in common that git knows of.
    let has_ancestor = chosen != Chosen::File && !is_version;
    editor.panels.diff.comparison = Some(Comparison {
        document,
        name,
        before,
        of: None,
        diff: DocumentDiff::default(),
        items: Vec::new(),
        at: None,
        beside: None,
        base: if has_ancestor { Base::Ancestor } else { Base::Nothing },
        chosen,
        now,
        shown: Shown::with(layout),
    });
    look(editor);
}

/// What is compared is compared with another document.
fn compare_again(editor: &mut Editor, document: DocumentId) {
    let Some(comparison) = editor.panels.diff.comparison.as_ref().filter(|now| now.document != document) else {
        return;
    };
    let older = (comparison.name.clone(), comparison.chosen.clone());
    let before = comparison.before.clone();
    start(editor, document, older, before);
}

/// Nothing is compared any more.
fn end(editor: &mut Editor) {
    let Some(comparison) = editor.panels.diff.comparison.take() else { return };
    for ((id, _), overlay) in &mut editor.overlays {
        if *id == comparison.document {
            overlay.marks.clear();
            overlay.wire_marks.clear();
        }
    }
    if let Some(beside) = comparison.beside {
        editor.push(Todo::Files(crate::act::files::Job::Discard(beside)));
    }
}

/// Compares again, where the document changed.
fn look(editor: &mut Editor) {
    let Some(comparison) = &mut editor.panels.diff.comparison else { return };
    let Some(document) = editor.documents.get(&comparison.document) else {
        editor.panels.diff.comparison = None;
        return;
    };
    if comparison.of == Some(document.open.revision()) {
        return;
    }
    comparison.of = Some(document.open.revision());
    comparison.diff = compare(&comparison.before, document.open.source());
    comparison.items = list::items(&comparison.before, &comparison.diff);
    let marks = list::all_marks(&comparison.before, document.open.source(), &comparison.diff, false);
    let id = comparison.document;
    for ((of, _), overlay) in &mut editor.overlays {
        if *of == id {
            overlay.marks.clear();
            overlay.wire_marks.clear();
        }
    }
    put(editor, id, marks);
}

fn put(
    editor: &mut Editor,
    id: DocumentId,
    marks: std::collections::BTreeMap<GraphName, crate::canvas::overlay::Overlay>,
) {
    for (name, marked) in marks {
        let overlay = editor.overlays.entry((id, name)).or_default();
        (overlay.marks, overlay.wire_marks) = (marked.marks, marked.wire_marks);
    }
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let Some(id) = editor.active().map(|(document, _)| document.id) else {
        fields::hint(ui, &colours, "No document is open.");
        return;
    };
    look(editor);
    choose(editor, ui, id);
    merging::show(editor, ui);
    differences(editor, ui);
}

/// What the document is compared with.
fn choose(editor: &mut Editor, ui: &mut Ui, id: DocumentId) {
    let colours = editor.colours;
    if editor.panels.diff.revisions_of != Some(id) {
        begin(editor);
    }
    let state = &editor.panels.diff;
    let (revisions, problem) = (state.revisions.clone(), state.problem.clone());
    let now = state.comparison.as_ref().map(|comparison| comparison.name.clone());
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        newer::choose(editor, ui, &revisions);
        if ui.button("With a file…").clicked() {
            crate::dialogs::files::open(editor, Purpose::Compare, None);
        }
        ui.add_enabled_ui(!revisions.is_empty(), |ui| {
            let shown = egui::ComboBox::from_id_salt("revision").width(260.0).selected_text("With a version in git");
            let shown = shown.show_ui(ui, |ui| {
                for revision in &revisions {
                    if ui.selectable_label(false, format!("{}  {}", revision.hash, revision.title)).clicked() {
                        chosen = Some(revision.hash.clone());
                    }
                }
            });
            fields::name(&shown.response, "With a version in git");
        });
        if let Some(now) = now {
            ui.label(format!("Compared with {now}"));
            if ui.button("End").on_hover_text("Takes the marks off the canvas").clicked() {
                end(editor);
            }
        } else if !problem.is_empty() {
            ui.label(RichText::new(problem).color(colours.soft));
        }
    });
    ui.horizontal_wrapped(|ui| merging::choose(editor, ui));
    if let Some(revision) = chosen {
        with_revision(editor, &revision);
    }
}

fn colour(colours: &Colours, mark: Mark) -> (&'static str, egui::Color32) {
    match mark {
        Mark::Added => ("+", colours.added),
        Mark::Removed => ("−", colours.removed),
        Mark::Changed => ("~", colours.changed),
        Mark::Conflict => ("!", colours.error),
    }
}

fn differences(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let Some(comparison) = &editor.panels.diff.comparison else { return };
    let (id, items, at) = (comparison.document, comparison.items.clone(), comparison.at);
    let beside = comparison.beside.filter(|beside| editor.documents.contains_key(beside));
    ui.horizontal_wrapped(|ui| {
        let text = if items.len() == 1 { "1 difference".to_owned() } else { format!("{} differences", items.len()) };
        ui.label(text);
        for (title, action) in [("Previous", Action::PreviousChange), ("Next", Action::NextChange)] {
            if ui.button(title).clicked() {
                editor.push(Todo::Act(action));
            }
        }
        ui.separator();
        let now = editor.panels.diff.comparison.as_ref().map(|comparison| comparison.shown.layout).unwrap_or_default();
        for (layout, title) in Layout::ALL {
            if ui.selectable_label(now == layout, title).clicked()
                && let Some(comparison) = &mut editor.panels.diff.comparison
            {
                comparison.shown.layout = layout;
            }
        }
        ui.separator();
        let title = if beside.is_some() { "Show the other version" } else { "Open the other version" };
        if ui.button(title).on_hover_text("In tabs of its own, to copy from it").clicked() {
            open_beside(editor);
        }
    });
    if items.is_empty() {
        fields::hint(ui, &colours, "Nothing differs but perhaps where nodes stand.");
    }
    for (index, item) in items.into_iter().enumerate() {
        ui.horizontal(|ui| {
            if let Some(command) = item.back.clone() {
                let back = ui.small_button("Take back");
                fields::name(&back, &format!("Take back {}", item.text));
                if back.clicked() {
                    editor.push(Todo::RunIn(id, command));
                }
            }
            let soft = item.graph.as_ref().map_or(String::new(), |graph| format!("in {}", graph.name));
            let badge = Some(colour(&colours, item.mark));
            let row = Row { badge, text: &item.text, soft: &soft, is_selected: at == Some(index), ..Row::default() };
            let shown = fields::row(ui, &colours, &row);
            let entered = shown.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if shown.clicked() || entered {
                go(editor, index);
            }
        });
    }
}

/// Shows both versions in the next way.
pub fn next_layout(editor: &mut Editor) {
    let Some(comparison) = &mut editor.panels.diff.comparison else {
        editor.notices.tell("nothing is compared: choose a file or version in Compare first".to_owned());
        return;
    };
    let now = Layout::ALL.iter().position(|(layout, _)| *layout == comparison.shown.layout).unwrap_or(0);
    if let Some((layout, _)) = Layout::ALL.iter().cycle().nth(now + 1) {
        comparison.shown.layout = *layout;
    }
}

/// Goes to the next conflict, or difference where nothing is to be decided; or to the one before.
pub fn step(editor: &mut Editor, is_back: bool) {
    if merging::step(editor, is_back) {
        return;
    }
    let Some(comparison) = &editor.panels.diff.comparison else { return };
    let count = comparison.items.len();
    let Some(last) = count.checked_sub(1) else { return };
    let at = match (comparison.at.filter(|at| *at < count), is_back) {
        (None, false) => 0,
        (None, true) => last,
        (Some(at), false) => (at + 1) % count,
        (Some(at), true) => (at + last) % count,
    };
    go(editor, at);
}

fn go(editor: &mut Editor, index: usize) {
    let Some(comparison) = &mut editor.panels.diff.comparison else { return };
    comparison.at = Some(index);
    let Some(item) = comparison.items.get(index).cloned() else { return };
    if comparison.shown.layout != Layout::Marks {
        comparison.shown.go(item.graph.clone(), item.node.clone());
        let document = comparison.document;
        let node = item.node.filter(|_| item.mark != Mark::Removed);
        editor.push(Todo::Show(Place { document, graph: item.graph, node }));
        return;
    }
    // What is gone is in the other version only.
    let document = match (item.mark, comparison.beside) {
        (Mark::Removed, Some(beside)) => beside,
        _ => comparison.document,
    };
    editor.push(Todo::Show(Place { document, graph: item.graph.clone(), node: item.node }));
    if let Some((graph, at)) = item.graph.zip(item.place) {
        editor.push(Todo::Look(document, graph, at, 1.0));
    }
}

/// The other version gets tabs of its own, with what is gone marked.
fn open_beside(editor: &mut Editor) {
    let Some(comparison) = &editor.panels.diff.comparison else { return };
    let known = comparison.beside.filter(|beside| editor.documents.contains_key(beside));
    let graph = editor.tabs.get(editor.active).map(|tab| tab.name.clone());
    let id = match known {
        Some(id) => id,
        None => {
            let (before, of) = (comparison.before.clone(), comparison.document);
            let Some(document) = editor.documents.get(&of) else { return };
            let marks = list::all_marks(&before, document.open.source(), &comparison.diff, true);
            let schema = editor.documents.get(&of).map(|document| document.schema.text.clone());
            let id = editor.add(Open::new(before));
            if let (Some(document), Some(schema)) = (editor.documents.get_mut(&id), schema) {
                document.set_schema(&schema);
            }
            put(editor, id, marks);
            if let Some(comparison) = &mut editor.panels.diff.comparison {
                comparison.beside = Some(id);
            }
            id
        }
    };
    let same = graph.and_then(|name| name.find(editor.documents.get(&id)?.open.source()));
    if let Some(at) = same {
        editor.push(Todo::ShowGraph(id, at));
    }
}
