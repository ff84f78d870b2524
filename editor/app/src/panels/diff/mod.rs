//! Two versions of a document: what differs, marked on the canvas; and merging, with what is to be decided.
//!
//! - [`list`]: differences as lines and marks; [`git`]: versions that git has

pub mod git;
mod list;

use std::path::Path;
use std::sync::Arc;

use egui::{Key, RichText, Ui};
use statewright_editor_core::diff::items::GraphName;
use statewright_editor_core::diff::merge::{self as merging, Conflict};
use statewright_editor_core::diff::{DocumentDiff, compare};
use statewright_editor_core::open::Open;
use statewright_editor_core::open::file::{Choice, Clash, read_text};
use statewright_graph::document::SourceDocument;
use statewright_types::{Value, json};

use crate::canvas::overlay::Mark;
use crate::dialogs::files::Purpose;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::theme::Colours;
use crate::todo::{Place, Todo};

pub use git::Revision;
pub use list::Item;

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
}

/// A conflict, and whether their side was taken; `None` while it is not decided.
#[derive(Debug)]
struct Deciding {
    conflict: Conflict,
    theirs: Option<bool>,
}

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    comparison: Option<Comparison>,
    conflicts: Vec<Deciding>,
    merged: Option<DocumentId>,
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
}

/// The panel is opened by an action: versions are listed.
pub fn begin(editor: &mut Editor) {
    let Some((document, _)) = editor.active() else { return };
    let (id, path) = (document.id, document.open.path().map(Path::to_owned));
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
        Ok(text) => with_text(editor, &name, &text),
        Err(fault) => editor.notices.error(fault.to_string(), "choose a file that is there"),
    }
}

/// Compares the document of the active tab with a version that git has.
pub fn with_revision(editor: &mut Editor, revision: &str) {
    let Some(path) = editor.active().and_then(|(document, _)| document.open.path().map(Path::to_owned)) else { return };
    match git::show(&path, revision) {
        Ok(text) => with_text(editor, revision, &text),
        Err(problem) => editor.notices.error(problem, "choose another version"),
    }
}

fn with_text(editor: &mut Editor, name: &str, text: &str) {
    let Some(document) = editor.active().map(|(document, _)| document.id) else { return };
    end(editor);
    match SourceDocument::parse(text) {
        Ok(before) => {
            editor.panels.diff.comparison = Some(Comparison {
                document,
                name: name.to_owned(),
                before,
                of: None,
                diff: DocumentDiff::default(),
                items: Vec::new(),
                at: None,
                beside: None,
            });
            editor.push(Todo::Panel(super::Panel::Diff));
            look(editor);
        }
        Err(problem) => editor.notices.error(format!("{name} is no document: {}", problem.message), "choose another"),
    }
}

/// Merges a document with its file: what goes together is taken, and the rest is listed.
pub fn merge(editor: &mut Editor, id: DocumentId, clash: &Clash) {
    let sides = [&clash.base, &clash.theirs].map(|text| SourceDocument::parse(text));
    let [Ok(base), Ok(theirs)] = sides else {
        editor.notices.error("one of the versions is no document", "keep yours, or take the file's");
        return;
    };
    let Some(document) = editor.documents.get_mut(&id) else { return };
    let merged = merging::merge(&base, document.open.source(), &theirs).and_then(|merged| {
        document.open.settle(clash, Choice::Ours)?;
        document.open.change("Merge with the file", merged.change, None)?;
        Ok(merged.conflicts)
    });
    match merged {
        Ok(conflicts) => {
            let count = conflicts.len();
            let conflicts = conflicts.into_iter().map(|conflict| Deciding { conflict, theirs: None });
            editor.panels.diff.conflicts = conflicts.collect();
            editor.panels.diff.merged = Some(id);
            mark_conflicts(editor);
            editor.notices.tell(match count {
                0 => "both versions are merged: look at it, and save".to_owned(),
                count => format!("merged but for {count} conflicts: decide each in \"Compare\", then save"),
            });
            editor.push(Todo::Panel(super::Panel::Diff));
        }
        Err(refused) => editor.notices.error(refused.message, refused.help),
    }
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
    let (id, marks) = (comparison.document, list::marks(&comparison.diff, false));
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

fn mark_conflicts(editor: &mut Editor) {
    let Some(id) = editor.panels.diff.merged else { return };
    for deciding in &editor.panels.diff.conflicts {
        let at = &deciding.conflict.at;
        let (Some(graph), Some(node)) = (&at.graph, &at.node) else { continue };
        let marks = &mut editor.overlays.entry((id, graph.clone())).or_default().marks;
        match deciding.theirs {
            None => marks.insert(node.clone(), Mark::Conflict),
            Some(_) => marks.remove(node),
        };
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
    if !editor.panels.diff.conflicts.is_empty() {
        conflicts(editor, ui);
    }
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
        if ui.button("With a file…").clicked() {
            crate::dialogs::files::open(editor, Purpose::Compare, None);
        }
        ui.add_enabled_ui(!revisions.is_empty(), |ui| {
            let shown = egui::ComboBox::from_id_salt("revision").width(320.0).selected_text("With a version in git");
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
    if items.is_empty() {
        fields::hint(ui, &colours, "Nothing differs but perhaps where nodes stand.");
        return;
    }
    ui.horizontal(|ui| {
        let text = if items.len() == 1 { "1 difference".to_owned() } else { format!("{} differences", items.len()) };
        ui.label(text);
        for (title, is_back) in [("Previous", true), ("Next", false)] {
            if ui.button(title).clicked() {
                step(editor, is_back);
            }
        }
        if ui
            .button(if beside.is_some() { "Show the other version" } else { "Open the other version beside" })
            .clicked()
        {
            open_beside(editor);
        }
    });
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

/// Goes to the next difference, or the one before.
fn step(editor: &mut Editor, is_back: bool) {
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
    // What is gone is in the other version only.
    let document = match (item.mark, comparison.beside) {
        (Mark::Removed, Some(beside)) => beside,
        _ => comparison.document,
    };
    editor.push(Todo::Show(Place { document, graph: item.graph, node: item.node }));
}

/// The other version gets tabs of its own, with what is gone marked.
fn open_beside(editor: &mut Editor) {
    let Some(comparison) = &editor.panels.diff.comparison else { return };
    let known = comparison.beside.filter(|beside| editor.documents.contains_key(beside));
    let graph = editor.tabs.get(editor.active).map(|tab| tab.name.clone());
    let id = match known {
        Some(id) => id,
        None => {
            let (before, marks) = (comparison.before.clone(), list::marks(&comparison.diff, true));
            let of = comparison.document;
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

/// What both sides changed differently.
fn conflicts(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let Some(id) = editor.panels.diff.merged else { return };
    let open = editor.panels.diff.conflicts.iter().filter(|deciding| deciding.theirs.is_none()).count();
    ui.horizontal(|ui| {
        fields::heading(ui, "Conflicts");
        ui.label(RichText::new(if open == 0 { "all decided".to_owned() } else { format!("{open} to decide") }));
        if open == 0 && ui.button("Done").clicked() {
            editor.panels.diff.conflicts.clear();
        }
    });
    let mut decided = None;
    let shown = |value: &Option<Value>| value.as_ref().map_or("nothing".to_owned(), json::to_string);
    for (index, deciding) in editor.panels.diff.conflicts.iter().enumerate() {
        let conflict = &deciding.conflict;
        let words = conflict.at.words();
        ui.horizontal_wrapped(|ui| {
            let (sign, colour) = colour(&colours, Mark::Conflict);
            fields::badge(ui, &colours, sign, colour);
            ui.label(RichText::new(&words).strong());
            ui.label(RichText::new(format!("was {}", shown(&conflict.base))).color(colours.soft));
            for (side, is_theirs, value) in [("Ours", false, &conflict.ours), ("Theirs", true, &conflict.theirs)] {
                let button =
                    ui.selectable_label(deciding.theirs == Some(is_theirs), format!("{side}: {}", shown(value)));
                fields::name(&button, &format!("{side} for {words}"));
                if button.clicked() {
                    decided = Some((index, is_theirs));
                }
            }
        });
    }
    let Some((index, is_theirs)) = decided else { return };
    if let Some(deciding) = editor.panels.diff.conflicts.get_mut(index) {
        deciding.theirs = Some(is_theirs);
        let conflict = &deciding.conflict;
        let command = if is_theirs { conflict.take_theirs() } else { conflict.take_ours() };
        let place = Place { document: id, graph: conflict.at.graph.clone(), node: conflict.at.node.clone() };
        editor.push(Todo::RunIn(id, command));
        editor.push(Todo::Show(place));
    }
    mark_conflicts(editor);
}
