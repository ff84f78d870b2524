//! Actions on files, panels and dialogs, and going about.

use statewright_editor_core::actions::Action;
use statewright_editor_core::command::Named;
use statewright_editor_core::diff::items::GraphName;
use statewright_editor_core::open::Open;
use statewright_editor_core::settings::Theme;
use statewright_graph::document::{GraphAt, GraphKind, InputKind};

use super::files::starters::Starter;
use super::files::{self, Job};
use crate::dialogs::commands::Commands;
use crate::dialogs::files::Purpose;
use crate::dialogs::help::Help;
use crate::dialogs::naming::Naming;
use crate::dialogs::settings::Editing;
use crate::dialogs::{Dialog, tour};
use crate::document::DocumentId;
use crate::editor::Editor;
use crate::panels::{Panel, diff, find, problems};
use crate::todo::Todo;

/// Places that are remembered.
const TRAIL: usize = 100;

/// Where somebody looked.
#[derive(Clone, Debug, PartialEq)]
struct Spot {
    document: DocumentId,
    graph: GraphName,
    at: (f64, f64),
    zoom: f64,
}

/// Places that were looked at, before and after this one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trail {
    back: Vec<Spot>,
    forward: Vec<Spot>,
}

/// Does an action; whether it is one of these.
pub fn act(editor: &mut Editor, action: Action) -> bool {
    on_files(editor, action) || on_panels(editor, action) || goes(editor, action) || helps(editor, action)
}

fn on_files(editor: &mut Editor, action: Action) -> bool {
    match action {
        Action::New => {
            let home = editor.project.as_ref().map(|project| project.root().to_owned());
            let id = editor.add(Open::empty());
            if let Some(document) = editor.documents.get_mut(&id) {
                document.home = home;
                document.look_beside(&editor.host);
            }
        }
        Action::NewSchema => crate::dialogs::files::open(editor, Purpose::Make(Starter::Schema), None),
        Action::NewConfig => crate::dialogs::files::open(editor, Purpose::Make(Starter::Config), None),
        Action::OpenFile => crate::dialogs::files::open(editor, Purpose::OpenFile, None),
        Action::OpenFolder => crate::dialogs::files::open(editor, Purpose::OpenFolder, None),
        Action::Save if schema_has_keyboard(editor) => editor.push(Todo::Files(Job::AskToSaveBeside)),
        Action::Save => {
            if let Some(id) = editor.active().map(|(document, _)| document.id) {
                files::save(editor, id);
            }
        }
        Action::SaveAs => files::ask_where(editor),
        Action::SaveAll => files::save_all(editor),
        Action::CloseTab => files::close_tab(editor, editor.active),
        Action::Settings => show(editor, Dialog::Settings(Editing::default())),
        Action::Quit => editor.ctx().send_viewport_cmd(egui::ViewportCommand::Close),
        _ => return false,
    }
    true
}

/// Whether the keyboard is in the panel of a schema that is not saved.
fn schema_has_keyboard(editor: &Editor) -> bool {
    let is_there = editor.panels.bottom == Some(Panel::Schema) && editor.panels.schema.is_modified();
    is_there && editor.regions.focused(editor.ctx()) == crate::regions::Region::Bottom
}

fn on_panels(editor: &mut Editor, action: Action) -> bool {
    let panel = match action {
        Action::Project => Panel::Project,
        Action::Outline => Panel::Outline,
        Action::Properties => Panel::Properties,
        Action::Schema => Panel::Schema,
        Action::Problems => Panel::Problems,
        Action::History => Panel::History,
        Action::Code => Panel::Code,
        Action::RunPanel => Panel::Run,
        Action::Timeline => Panel::Timeline,
        Action::Tests => Panel::Tests,
        Action::Odds => Panel::Odds,
        Action::Diff => {
            diff::begin(editor);
            Panel::Diff
        }
        Action::Find | Action::Replace | Action::FindInProject => {
            find::begin(editor, action);
            Panel::Find
        }
        Action::Theme => {
            let now = Theme::ALL.iter().position(|theme| *theme == editor.settings.theme).unwrap_or(0);
            editor.settings.theme = Theme::ALL[(now + 1) % Theme::ALL.len()];
            return true;
        }
        _ => return false,
    };
    editor.push(Todo::Panel(panel));
    true
}

fn goes(editor: &mut Editor, action: Action) -> bool {
    match action {
        Action::NextChange => diff::step(editor, false),
        Action::PreviousChange => diff::step(editor, true),
        Action::CompareLayout => diff::next_layout(editor),
        Action::MergeIn => diff::merging::merge_in(editor),
        Action::NextProblem => problems::step(editor, false),
        Action::PreviousProblem => problems::step(editor, true),
        Action::GoToDefinition => go_to_function(editor),
        Action::Back => travel(editor, true),
        Action::Forward => travel(editor, false),
        Action::NextTab | Action::PreviousTab => {
            let count = editor.tabs.len().max(1);
            let by = if action == Action::NextTab { 1 } else { count - 1 };
            editor.push(Todo::ShowTab((editor.active + by) % count));
        }
        Action::NextRegion | Action::PreviousRegion => {
            let ctx = editor.ctx().clone();
            editor.regions.go(&ctx, action == Action::PreviousRegion);
        }
        Action::Larger | Action::Smaller => crate::panels::edges::resize(editor, action == Action::Larger),
        Action::FindUses => {
            if let Some((id, what)) = named(editor) {
                editor.push(Todo::Uses(id, what));
            }
        }
        Action::Rename => rename(editor),
        Action::Check => check(editor),
        _ => return false,
    }
    true
}

fn helps(editor: &mut Editor, action: Action) -> bool {
    match action {
        Action::Commands => show(editor, Dialog::Commands(Commands::default())),
        Action::NodeHelp => {
            let ty = selected(editor).and_then(|(id, at, node)| {
                let graph = editor.documents.get(&id)?.graph(at)?;
                graph.nodes.iter().find(|other| *other.id.text == *node).map(|node| node.ty.text.to_string())
            });
            if let Some(ty) = ty {
                show(editor, Dialog::Help(Help::Node(ty)));
            }
        }
        Action::Shortcuts => show(editor, Dialog::Help(Help::Keys(String::new()))),
        Action::About => show(editor, Dialog::Help(Help::About)),
        Action::Tour => tour::start(editor),
        _ => return false,
    }
    true
}

fn show(editor: &mut Editor, dialog: Dialog) {
    editor.push(Todo::Dialog(Box::new(dialog)));
}

/// The node that is selected alone.
fn selected(editor: &Editor) -> Option<(DocumentId, GraphAt, String)> {
    let (document, at) = editor.active()?;
    let selection = document.open.selection();
    let node = selection.nodes.first().filter(|_| selection.nodes.len() == 1 && selection.graph == Some(at))?;
    Some((document.id, at, node.to_string()))
}

/// What renaming and finding uses is about: the graph whose row has the keyboard, the node that is selected, or the graph of
/// the tab.
fn named(editor: &Editor) -> Option<(DocumentId, Named)> {
    if let Some((id, graph)) = editor.panels.outline.focused {
        return Some((id, Named::Graph { graph }));
    }
    if let Some((document, graph, id)) = selected(editor) {
        return Some((document, Named::Node { graph, id }));
    }
    let (document, graph) = editor.active().filter(|(document, at)| document.graph(*at).is_some())?;
    Some((document.id, Named::Graph { graph }))
}

fn rename(editor: &mut Editor) {
    match named(editor) {
        Some((id, Named::Graph { graph })) => crate::panels::outline::rename(editor, id, graph),
        Some((id, Named::Node { graph, id: node })) => {
            let naming = Naming::rename(id, Named::Node { graph, id: node.clone() }, &node);
            show(editor, Dialog::Name(naming));
        }
        _ => {}
    }
}

fn go_to_function(editor: &mut Editor) {
    let Some((id, at, node)) = selected(editor) else { return };
    let Some(document) = editor.documents.get(&id) else { return };
    let called = document.graph(at).and_then(|graph| {
        let node = graph.nodes.iter().find(|other| *other.id.text == *node)?;
        node.inputs.iter().find_map(|(name, input)| match &input.kind {
            InputKind::Text(text) if ["function", "filterName", "effectName"].contains(&&*name.text) => {
                Some(text.clone())
            }
            _ => None,
        })
    });
    let found = called.and_then(|name| {
        let kinds = [GraphKind::Function, GraphKind::Filter, GraphKind::Effect];
        kinds.into_iter().find_map(|kind| GraphName::new(kind, &name).find(document.open.source()))
    });
    match found {
        Some(graph) => editor.push(Todo::ShowGraph(id, graph)),
        None => editor.notices.tell(format!("{node} calls no function of this document")),
    }
}

fn check(editor: &mut Editor) {
    files::disk::look(editor);
    editor.push(Todo::Panel(Panel::Problems));
}

/// Where the active tab is looked at now.
fn spot(editor: &mut Editor) -> Option<Spot> {
    let (document, at) = editor.active_mut()?;
    let graph = document.graph_name(at)?;
    let camera = document.view(&graph).camera;
    Some(Spot { document: document.id, graph, at: camera.centre, zoom: camera.zoom })
}

/// This place is left for another one: "Back" comes here.
pub fn leave(editor: &mut Editor) {
    if let Some(spot) = spot(editor) {
        let trail = &mut editor.trail;
        trail.forward.clear();
        if trail.back.last() != Some(&spot) {
            trail.back.push(spot);
        }
        let over = trail.back.len().saturating_sub(TRAIL);
        trail.back.drain(..over);
    }
}

fn travel(editor: &mut Editor, is_back: bool) {
    let Some(here) = spot(editor) else { return };
    let trail = &mut editor.trail;
    let (from, to) =
        if is_back { (&mut trail.back, &mut trail.forward) } else { (&mut trail.forward, &mut trail.back) };
    // Places of what is closed, and this one, are passed over.
    while let Some(spot) = from.pop() {
        if spot != here && editor.documents.contains_key(&spot.document) {
            to.push(here);
            bring(editor, spot.document, &spot.graph, spot.at, spot.zoom);
            return;
        }
    }
}

/// Looks at a part of a graph.
pub fn look(editor: &mut Editor, id: DocumentId, name: &GraphName, at: (f64, f64), zoom: f64) {
    leave(editor);
    bring(editor, id, name, at, zoom);
}

fn bring(editor: &mut Editor, id: DocumentId, name: &GraphName, at: (f64, f64), zoom: f64) {
    let Some(document) = editor.documents.get_mut(&id) else { return };
    let Some(graph) = name.find(document.open.source()) else { return };
    let view = document.view(name);
    (view.camera.centre, view.camera.zoom, view.is_placed) = (at, zoom, true);
    super::show_graph(editor, id, graph);
}
