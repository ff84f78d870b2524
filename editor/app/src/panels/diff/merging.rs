//! Merging another version into a document: what both changed differently is decided, in the list and where it is on the canvas.

use std::path::Path;
use std::sync::Arc;

use egui::{Align2, Area, Frame, Id, Order, Pos2, Rect, RichText, Ui, pos2, vec2};
use statewright_editor_core::actions::Action;
use statewright_editor_core::diff::items::{At, GraphName, items, whole};
use statewright_editor_core::diff::merge::{self as merging, Conflict};
use statewright_editor_core::open::file::{Choice, Clash, read_text};
use statewright_editor_core::wires::START;
use statewright_graph::document::SourceDocument;
use statewright_types::{Value, json};

use super::{Chosen, State, git, list};
use crate::canvas::Here;
use crate::canvas::overlay::Mark;
use crate::canvas::pen::FIELDS;
use crate::dialogs::files::Purpose;
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::fields;
use crate::panels::Panel;
use crate::theme::Colours;
use crate::todo::{Place, Todo};

/// A conflict, and whether their side was taken; `None` while it is not decided.
#[derive(Debug)]
pub(super) struct Deciding {
    conflict: Conflict,
    theirs: Option<bool>,
}

/// A merge whose conflicts are being decided.
#[derive(Debug, Default)]
pub(super) struct Merge {
    document: Option<DocumentId>,
    conflicts: Vec<Deciding>,
    /// The revision of the document that was looked at last.
    of: Option<u64>,
    /// The conflict that was gone to last.
    at: Option<usize>,
}

/// What both versions come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Base {
    /// What git says.
    Ancestor,
    /// A version that git has.
    Revision(String),
    /// Nothing is known: every difference is a question.
    #[default]
    Nothing,
}

impl State {
    /// Places that are to be decided, in words, with whether their side was taken.
    pub fn conflicts(&self) -> Vec<(String, Option<bool>)> {
        self.merge.conflicts.iter().map(|deciding| (deciding.conflict.at.words(), deciding.theirs)).collect()
    }
}

/// Merges a document with its file: what goes together is taken, and the rest is to be decided.
pub fn with_its_file(editor: &mut Editor, id: DocumentId, clash: &Clash) {
    let Some(document) = editor.documents.get_mut(&id) else { return };
    if let Err(refused) = document.open.settle(clash, Choice::Ours) {
        editor.notices.error(refused.message, refused.help);
        return;
    }
    merge(editor, id, "the file", &clash.base, &clash.theirs);
}

/// Merges the version that is compared into the document, both coming from what a file says.
pub fn since_file(editor: &mut Editor, path: &Path) {
    match read_text(&*editor.host.files, path) {
        Ok((base, _)) => since(editor, &base),
        Err(fault) => editor.notices.error(fault.to_string(), "choose a file that is there"),
    }
}

fn since(editor: &mut Editor, base: &str) {
    let Some(comparison) = &editor.panels.diff.comparison else { return };
    let (id, name, theirs) = (comparison.document, comparison.name.clone(), comparison.before.text().to_owned());
    super::end(editor);
    merge(editor, id, &name, base, &theirs);
}

/// Merges the version that is compared, both coming from what was chosen.
fn since_base(editor: &mut Editor, base: &Base) {
    let Some(comparison) = &editor.panels.diff.comparison else { return };
    let path = editor.documents.get(&comparison.document).and_then(|document| document.open.path());
    let path = path.ok_or_else(|| "the document has no file".to_owned());
    let found = match (base, &comparison.chosen) {
        (Base::Nothing, _) => Ok("{}".to_owned()),
        (Base::Revision(revision), _) => path.and_then(|path| git::show(path, revision)),
        (Base::Ancestor, Chosen::Revision(revision)) => {
            path.and_then(|path| git::show(path, &git::ancestor(path, revision)?))
        }
        (Base::Ancestor, Chosen::File) => Err("a file says nothing of where it comes from".to_owned()),
    };
    match found {
        Ok(text) => since(editor, &text),
        Err(problem) => editor.notices.error(problem, "choose another version that both come from"),
    }
}

/// Merges the version that is compared into the document.
pub fn merge_in(editor: &mut Editor) {
    match editor.panels.diff.comparison.as_ref().map(|comparison| comparison.base.clone()) {
        Some(base) => since_base(editor, &base),
        None => editor.notices.tell("nothing is compared: choose a file or version in Compare first".to_owned()),
    }
}

fn merge(editor: &mut Editor, id: DocumentId, name: &str, base: &str, theirs: &str) {
    let [Ok(base), Ok(theirs)] = [base, theirs].map(SourceDocument::parse) else {
        editor.notices.error("one of the versions is no document", "keep yours, or take another version");
        return;
    };
    let Some(document) = editor.documents.get_mut(&id) else { return };
    let merged = merging::merge(&base, document.open.source(), &theirs).and_then(|merged| {
        document.open.change(&format!("Merge with {name}"), merged.change, None)?;
        Ok(merged.conflicts)
    });
    let conflicts = match merged {
        Ok(conflicts) => conflicts,
        Err(refused) => {
            editor.notices.error(refused.message, refused.help);
            return;
        }
    };
    editor.notices.tell(match conflicts.len() {
        0 => "both versions are merged: look at it, and save".to_owned(),
        1 => "merged but for 1 conflict: decide it on the canvas, then save".to_owned(),
        count => format!("merged but for {count} conflicts: decide each on the canvas, then save"),
    });
    clear_marks(editor);
    let conflicts = conflicts.into_iter().map(|conflict| Deciding { conflict, theirs: None }).collect();
    editor.panels.diff.merge = Merge { document: Some(id), conflicts, of: None, at: None };
    mark(editor);
    editor.push(Todo::Panel(Panel::Diff));
    step(editor, false);
}

fn clear_marks(editor: &mut Editor) {
    let Some(id) = editor.panels.diff.merge.document else { return };
    for ((of, _), overlay) in &mut editor.overlays {
        if *of == id {
            overlay.marks.retain(|_, mark| *mark != Mark::Conflict);
        }
    }
}

/// The node at which a conflict is shown: for an edge the one where it begins.
fn node(at: &At) -> Option<Arc<str>> {
    match (&at.node, at.key.as_slice()) {
        (Some(node), _) => Some(node.clone()),
        (None, [flow, from, _]) if flow == "flow" => Some(from.as_str().into()),
        _ => None,
    }
}

fn mark(editor: &mut Editor) {
    clear_marks(editor);
    let Some(id) = editor.panels.diff.merge.document else { return };
    for deciding in editor.panels.diff.merge.conflicts.iter().filter(|deciding| deciding.theirs.is_none()) {
        let at = &deciding.conflict.at;
        if let (Some(graph), Some(node)) = (&at.graph, node(at)) {
            editor.overlays.entry((id, graph.clone())).or_default().marks.insert(node, Mark::Conflict);
        }
    }
}

/// Undoing and redoing decide too.
fn look(editor: &mut Editor) {
    let merge = &mut editor.panels.diff.merge;
    let Some(document) = merge.document.and_then(|id| editor.documents.get(&id)) else {
        if merge.document.is_some() {
            *merge = Merge::default();
        }
        return;
    };
    if merge.of == Some(document.open.revision()) || merge.conflicts.is_empty() {
        return;
    }
    merge.of = Some(document.open.revision());
    let source = document.open.source();
    let all = items(source);
    for deciding in &mut merge.conflicts {
        let Conflict { at, theirs, ours, .. } = &deciding.conflict;
        let now = if at.key.is_empty() { whole(source, at) } else { all.get(at).cloned() };
        deciding.theirs = match deciding.theirs {
            _ if now == *theirs && theirs != ours => Some(true),
            Some(true) => None,
            other => other,
        };
    }
    mark(editor);
}

fn decide(editor: &mut Editor, index: usize, is_theirs: bool) {
    let merge = &mut editor.panels.diff.merge;
    let (Some(id), Some(deciding)) = (merge.document, merge.conflicts.get_mut(index)) else { return };
    let was_theirs = deciding.theirs.replace(is_theirs) == Some(true);
    let command = if is_theirs { deciding.conflict.take_theirs() } else { deciding.conflict.take_ours() };
    if is_theirs || was_theirs {
        editor.push(Todo::RunIn(id, command));
    }
    mark(editor);
}

/// Goes to the next conflict that is not decided, or the one before; whether there is one.
pub(super) fn step(editor: &mut Editor, is_back: bool) -> bool {
    let merge = &mut editor.panels.diff.merge;
    let Some(id) = merge.document else { return false };
    let count = merge.conflicts.len();
    let begin = merge.at.unwrap_or(if is_back { 0 } else { count.saturating_sub(1) });
    let order = (1..=count).map(|by| if is_back { (begin + count - by) % count } else { (begin + by) % count });
    let is_open = |at: &usize| merge.conflicts.get(*at).is_some_and(|deciding| deciding.theirs.is_none());
    let Some(found) = order.clone().find(is_open) else { return false };
    merge.at = Some(found);
    let Some(conflict) = merge.conflicts.get(found).map(|deciding| deciding.conflict.clone()) else { return false };
    let Some(graph) = conflict.at.graph.clone() else { return true };
    let place = Place { document: id, graph: Some(graph.clone()), node: node(&conflict.at) };
    editor.push(Todo::Show(place));
    // A node that we removed is not there: it is looked at where it stood.
    let is_gone = conflict.at.key.is_empty() && conflict.ours.is_none();
    if let Some(at) = position(&conflict).filter(|_| is_gone) {
        editor.push(Todo::Look(id, graph, at, FIELDS));
    }
    true
}

/// Where a node stood that is a conflict as a whole.
fn position(conflict: &Conflict) -> Option<(f64, f64)> {
    let value = conflict.ours.as_ref().or(conflict.theirs.as_ref()).or(conflict.base.as_ref())?;
    let place = value.get("_position")?;
    let number = |key: &str| match place.get(key)? {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    };
    Some((number("x")?, number("y")?))
}

/// A side of a conflict in a few words.
fn side(conflict: &Conflict, value: &Option<Value>) -> String {
    match value {
        None if conflict.at.key.is_empty() => "removed".to_owned(),
        None => "nothing".to_owned(),
        Some(_) if conflict.at.key.is_empty() => "kept".to_owned(),
        Some(value) => list::shown(Some(value)),
    }
}

/// What the compared version is merged with, drawn beside what it is compared with.
pub(super) fn choose(editor: &mut Editor, ui: &mut Ui) {
    let Some(comparison) = &editor.panels.diff.comparison else { return };
    let is_revision = matches!(comparison.chosen, Chosen::Revision(_));
    let revisions = editor.panels.diff.revisions.clone();
    let mut base = comparison.base.clone();
    let mut asks_file = false;
    ui.add(egui::Label::new("Merge: both come from").extend());
    let text = match &base {
        Base::Ancestor => "what git says".to_owned(),
        Base::Revision(revision) => revision.clone(),
        Base::Nothing => "nothing known".to_owned(),
    };
    let shown = egui::ComboBox::from_id_salt("base").width(150.0).selected_text(text).show_ui(ui, |ui| {
        if is_revision {
            ui.selectable_value(&mut base, Base::Ancestor, "what git says");
        }
        ui.selectable_value(&mut base, Base::Nothing, "nothing known: ask about every difference");
        asks_file = ui.selectable_label(false, "a file…").clicked();
        for revision in &revisions {
            let title = format!("{}  {}", revision.hash, revision.title);
            ui.selectable_value(&mut base, Base::Revision(revision.hash.clone()), title);
        }
    });
    fields::name(&shown.response, "What both versions come from");
    let merges = ui.button("Merge it in").on_hover_text("Takes what it changed; conflicts are decided on the canvas");
    if let Some(comparison) = &mut editor.panels.diff.comparison {
        comparison.base = base;
    }
    if asks_file {
        crate::dialogs::files::open(editor, Purpose::Base, None);
    } else if merges.clicked() {
        editor.push(Todo::Act(Action::MergeIn));
    }
}

/// The list of what is to be decided.
pub(super) fn show(editor: &mut Editor, ui: &mut Ui) {
    look(editor);
    let colours = editor.colours;
    let merge = &editor.panels.diff.merge;
    if merge.conflicts.is_empty() {
        return;
    }
    let open = merge.conflicts.iter().filter(|deciding| deciding.theirs.is_none()).count();
    let mut decided = None;
    let mut is_done = false;
    ui.horizontal(|ui| {
        fields::heading(ui, "Conflicts");
        ui.label(RichText::new(if open == 0 { "all decided".to_owned() } else { format!("{open} to decide") }));
        is_done = open == 0 && ui.button("Done").clicked();
    });
    for (index, deciding) in merge.conflicts.iter().enumerate() {
        let conflict = &deciding.conflict;
        let words = conflict.at.words();
        ui.horizontal_wrapped(|ui| {
            let (sign, colour) = super::colour(&colours, Mark::Conflict);
            fields::badge(ui, &colours, sign, colour);
            ui.label(RichText::new(&words).strong());
            ui.label(RichText::new(format!("was {}", list::shown(conflict.base.as_ref()))).color(colours.soft));
            let sides = [("Ours", false, &conflict.ours), ("Theirs", true, &conflict.theirs)];
            for (name, is_theirs, value) in sides {
                let is_taken = deciding.theirs == Some(is_theirs);
                let button = ui.selectable_label(is_taken, format!("{name}: {}", side(conflict, value)));
                fields::name(&button, &format!("{name} for {words}"));
                if button.clicked() {
                    decided = Some((index, is_theirs));
                }
            }
        });
    }
    if is_done {
        editor.panels.diff.merge = Merge::default();
    }
    if let Some((index, is_theirs)) = decided {
        let merge = &editor.panels.diff.merge;
        let at = merge.conflicts.get(index).map(|deciding| deciding.conflict.at.clone());
        if let (Some(id), Some(at)) = (merge.document, at) {
            editor.push(Todo::Show(Place { document: id, graph: at.graph.clone(), node: node(&at) }));
        }
        decide(editor, index, is_theirs);
    }
}

/// What is to be decided of the graph that is shown, each at its node.
pub fn on_canvas(editor: &mut Editor, ui: &Ui) {
    look(editor);
    if editor.panels.diff.merge.conflicts.is_empty() {
        return;
    }
    let Some(here) = Here::of(editor) else { return };
    if editor.panels.diff.merge.document != Some(here.document) {
        return;
    }
    let colours = editor.colours;
    let mut places: Vec<(Pos2, Vec<usize>, Arc<str>)> = Vec::new();
    let mut others = Vec::new();
    for (index, deciding) in editor.panels.diff.merge.conflicts.iter().enumerate() {
        let at = &deciding.conflict.at;
        if at.graph.as_ref().is_some_and(|graph| *graph != here.name) {
            continue;
        }
        let id = node(at);
        let card = id
            .as_ref()
            .and_then(|id| here.scene.card(id))
            .map(|card| here.camera.rect_to_screen(here.view, &card.rect));
        let gone = position(&deciding.conflict)
            .filter(|_| at.node.is_some())
            .map(|at| Rect::from_min_size(here.camera.to_screen(here.view, at), vec2(1.0, 1.0)));
        match (id, card.or(gone)) {
            (Some(id), Some(rect)) if here.view.intersects(rect) => {
                match places.iter_mut().find(|(.., other)| *other == id) {
                    Some((_, all, _)) => all.push(index),
                    None => places.push((rect.left_bottom() + vec2(0.0, 6.0), vec![index], id)),
                }
            }
            (Some(_), Some(_)) => {}
            _ => others.push(index),
        }
    }
    let current = editor.panels.diff.merge.at;
    for (at, all, id) in places {
        // Nodes stand close together: the one that was gone to says it all, the others what can be pressed.
        if !current.is_some_and(|current| all.contains(&current)) {
            boxed(ui, &colours, here.view, Id::new(("conflict", &id)), at, |ui| {
                for index in all {
                    pressed(editor, ui, index, false);
                }
            });
            continue;
        }
        let title = if &*id == START { "Conflict at the start".to_owned() } else { format!("Conflict at {id}") };
        boxed(ui, &colours, here.view, Id::new(("conflict", &id)), at, |ui| {
            ui.label(RichText::new(title).strong());
            for index in all {
                sides(editor, ui, index, &here.name);
            }
        });
    }
    let top = here.view.left_top() + vec2(12.0, 12.0);
    boxed(ui, &colours, here.view, Id::new("conflicts"), top, |ui| {
        strip(editor, ui);
        for index in others {
            sides(editor, ui, index, &here.name);
        }
    });
}

fn boxed(ui: &Ui, colours: &Colours, view: Rect, id: Id, at: Pos2, content: impl FnOnce(&mut Ui)) {
    let least = view.left_top() + vec2(6.0, 6.0);
    let at = pos2(at.x.max(least.x), at.y.max(least.y));
    let area = Area::new(id).order(Order::Middle).pivot(Align2::LEFT_TOP).fixed_pos(at).constrain_to(view.shrink(4.0));
    area.show(ui.ctx(), |ui| {
        let stroke = egui::Stroke::new(1.5, colours.error);
        Frame::popup(ui.style()).stroke(stroke).show(ui, |ui| {
            ui.set_max_width(320.0);
            content(ui);
        });
    });
}

/// How many are left, and the way to them.
fn strip(editor: &mut Editor, ui: &mut Ui) {
    let conflicts = &editor.panels.diff.merge.conflicts;
    let (count, open) = (conflicts.len(), conflicts.iter().filter(|deciding| deciding.theirs.is_none()).count());
    ui.horizontal(|ui| {
        let text = if open == 0 {
            "All conflicts are decided".to_owned()
        } else {
            format!("{open} of {count} conflicts to decide")
        };
        ui.label(RichText::new(text).strong());
        if open == 0 {
            if ui.button("Finish merging").clicked() {
                editor.panels.diff.merge = Merge::default();
            }
            return;
        }
        for (title, is_back) in [("Previous conflict", true), ("Next conflict", false)] {
            let sign = if is_back { "⏴" } else { "⏵" };
            if fields::sign(ui, sign, title).clicked() {
                step(editor, is_back);
            }
        }
        for (title, is_theirs) in [("All ours", false), ("All theirs", true)] {
            if ui.small_button(title).on_hover_text("Of those that are not decided").clicked() {
                let all = editor.panels.diff.merge.conflicts.iter().enumerate();
                let open: Vec<usize> =
                    all.filter(|(_, deciding)| deciding.theirs.is_none()).map(|(index, _)| index).collect();
                open.into_iter().for_each(|index| decide(editor, index, is_theirs));
            }
        }
    });
}

/// A conflict in words, with both sides to choose from.
fn sides(editor: &mut Editor, ui: &mut Ui, index: usize, here: &GraphName) {
    let Some(deciding) = editor.panels.diff.merge.conflicts.get(index) else { return };
    let words = deciding.conflict.at.words();
    let short = words.strip_suffix(&format!(" in {}", here.name)).unwrap_or(&words);
    ui.label(RichText::new(short).color(editor.colours.soft));
    pressed(editor, ui, index, true);
}

/// Both sides of a conflict, with or without what they say.
fn pressed(editor: &mut Editor, ui: &mut Ui, index: usize, is_long: bool) {
    let Some(deciding) = editor.panels.diff.merge.conflicts.get(index) else { return };
    let conflict = &deciding.conflict;
    let words = conflict.at.words();
    let mut decided = None;
    ui.horizontal_wrapped(|ui| {
        let sides = [("ours", false, &conflict.ours), ("theirs", true, &conflict.theirs)];
        for (name, is_theirs, value) in sides {
            let says = side(conflict, value);
            let text = if is_long { format!("Take {name}: {says}") } else { name.to_owned() };
            let button = ui.add(egui::Button::new(text).selected(deciding.theirs == Some(is_theirs)));
            let whole = value.as_ref().map_or(says, json::to_string);
            let button = button.on_hover_text(format!("{words}: {whole}"));
            fields::name(&button, &format!("Take {name} for {words}"));
            if button.clicked() {
                decided = Some(is_theirs);
            }
        }
    });
    if let Some(is_theirs) = decided {
        decide(editor, index, is_theirs);
    }
}
