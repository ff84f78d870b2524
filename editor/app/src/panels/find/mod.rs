//! Find and replace in the document and the project, and uses of things.
//!
//! - [`across`]: replacing in files that are not open

pub mod across;

use std::path::PathBuf;

use egui::{Key, Ui};
use statewright_editor_core::across::Proposal;
use statewright_editor_core::actions::Action;
use statewright_editor_core::command::replace::{self, Query};
use statewright_editor_core::command::{Command, Named};
use statewright_editor_core::diff::items::GraphName;
use statewright_editor_core::find::{self as search, Use};
use statewright_editor_core::open::file::read_text;
use statewright_editor_core::project::Kind;
use statewright_graph::document::{GraphAt, SourceDocument};
use statewright_types::Span;

use crate::document::{Document, DocumentId};
use crate::editor::Editor;
use crate::fields::{self, Row};
use crate::todo::{Place, Todo};

/// What is found at most.
const MOST: usize = 1_000;

/// Where is looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Within {
    Graph,
    #[default]
    Document,
    Project,
}

/// What was found.
#[derive(Clone, Debug)]
enum Goal {
    Place(Place),
    File(PathBuf),
}

/// A line of the list.
#[derive(Clone, Debug)]
struct Hit {
    text: String,
    whereabouts: String,
    goal: Goal,
}

/// What it remembers.
#[derive(Debug, Default)]
pub struct State {
    query: Query,
    with: String,
    within: Within,
    title: String,
    hits: Vec<Hit>,
    /// What the hits are of: looked for again when it changed.
    of: Option<(Query, Within, Option<DocumentId>, u64)>,
    wants_focus: bool,
    /// What replacing in the project would change.
    preview: Option<across::Preview>,
    /// Files that replacing wrote last.
    written: Vec<Proposal>,
}

/// A search begins.
pub fn begin(editor: &mut Editor, action: Action) {
    let state = &mut editor.panels.find;
    state.wants_focus = true;
    state.of = None;
    state.preview = None;
    state.within = if action == Action::FindInProject { Within::Project } else { Within::Document };
}

/// Lists all uses of something.
pub fn uses(editor: &mut Editor, id: DocumentId, what: &Named) {
    let Some(document) = editor.documents.get(&id) else { return };
    let schema = document.context.schema.as_deref();
    let found = match search::uses(document.open.source(), what, schema) {
        Ok(found) => found,
        Err(refused) => {
            editor.notices.error(refused.message, refused.help);
            return;
        }
    };
    let name = match what {
        Named::Node { id, .. } => id.clone(),
        Named::Output { node, port, .. } => format!("{node}:{port}"),
        Named::Variable { name, .. } | Named::Parameter { name, .. } => name.clone(),
        Named::Graph { graph } => document.graph_name(*graph).map(|name| name.name.to_string()).unwrap_or_default(),
        Named::Field { ty, name } => format!("{ty}.{name}"),
    };
    let hits: Vec<Hit> = found.iter().map(|found| of_use(id, found)).collect();
    let state = &mut editor.panels.find;
    state.title = match hits.len() {
        0 => format!("{name} is used nowhere"),
        1 => format!("1 use of {name}"),
        count => format!("{count} uses of {name}"),
    };
    state.hits = hits;
    state.preview = None;
    state.query.text.clear();
    state.of = None;
    editor.push(Todo::Panel(super::Panel::Find));
}

fn of_use(id: DocumentId, found: &Use) -> Hit {
    let graph = GraphName::new(found.graph.kind, &found.name);
    let node = Some(found.node.clone()).filter(|node| !node.is_empty());
    Hit {
        text: found.text.clone(),
        whereabouts: format!("{} of {} in {}", found.port, found.node, found.name),
        goal: Goal::Place(Place { document: id, graph: Some(graph), node }),
    }
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    form(editor, ui);
    if across::show(editor, ui) {
        return;
    }
    look(editor);
    if !editor.panels.find.title.is_empty() {
        fields::hint(ui, &colours, &editor.panels.find.title.clone());
    }
    let hits = std::mem::take(&mut editor.panels.find.hits);
    for hit in &hits {
        let row = Row { text: &hit.text, soft: &hit.whereabouts, ..Row::default() };
        let shown = fields::row(ui, &colours, &row);
        let entered = shown.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if shown.clicked() || entered {
            editor.push(match hit.goal.clone() {
                Goal::Place(place) => Todo::Show(place),
                Goal::File(path) => Todo::Open(path),
            });
        }
    }
    editor.panels.find.hits = hits;
}

fn form(editor: &mut Editor, ui: &mut Ui) {
    let active = editor.active().map(|(document, _)| document.id);
    let state = &mut editor.panels.find;
    let mut replaces = None;
    ui.horizontal_wrapped(|ui| {
        let field = fields::text(ui, "Find", &mut state.query.text, 220.0);
        if std::mem::take(&mut state.wants_focus) {
            field.request_focus();
        }
        let with = fields::text(ui, "Replace with", &mut state.with, 180.0);
        let entered = with.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let can = (active.is_some() || state.within == Within::Project) && !state.query.text.is_empty();
        let all = ui.add_enabled(can, egui::Button::new("Replace all")).clicked();
        if can && (all || entered) {
            replaces = Some(Command::Replace { query: state.query.clone(), with: state.with.clone() });
        }
        ui.checkbox(&mut state.query.match_case, "Match case");
        ui.checkbox(&mut state.query.whole_word, "Whole word");
        for (within, title) in
            [(Within::Graph, "This graph"), (Within::Document, "Document"), (Within::Project, "Project")]
        {
            if ui.selectable_label(state.within == within, title).clicked() {
                state.within = within;
            }
        }
    });
    let written = editor.panels.find.written.len();
    if written > 0 {
        let text = if written == 1 { "Take back 1 file".to_owned() } else { format!("Take back {written} files") };
        if ui.button(text).on_hover_text("Files that were not open get back what they said").clicked() {
            editor.push(Todo::Across(across::Job::TakeBack));
        }
    }
    match replaces {
        Some(_) if editor.panels.find.within == Within::Project => editor.push(Todo::Across(across::Job::Preview)),
        Some(command) => editor.push(Todo::Run(command, None)),
        None => {}
    }
}

/// Looks again, where the question or the document changed.
fn look(editor: &mut Editor) {
    let active = editor.active().map(|(document, at)| (document.id, document.open.revision(), at));
    let state = &mut editor.panels.find;
    if state.query.text.is_empty() {
        if state.of.take().is_some() {
            state.hits.clear();
            state.title.clear();
        }
        return;
    }
    state.query.graph = active.filter(|_| state.within == Within::Graph).map(|(.., at)| at);
    let revision = active.map_or(0, |(_, revision, _)| revision);
    let of = (state.query.clone(), state.within, active.map(|(id, ..)| id), revision);
    if state.of.as_ref() == Some(&of) {
        return;
    }
    let (query, within) = (state.query.clone(), state.within);
    let mut hits = Vec::new();
    match (within, active.and_then(|(id, ..)| editor.documents.get(&id))) {
        (Within::Project, _) => in_project(editor, &query, &mut hits),
        (_, Some(document)) => in_document(document, &query, &mut hits),
        _ => {}
    }
    let state = &mut editor.panels.find;
    state.title = match hits.len() {
        0 => format!("\"{}\" is nowhere", query.text),
        1 => "1 place".to_owned(),
        count => format!("{count} places"),
    };
    state.hits = hits;
    state.of = Some(of);
}

fn in_document(document: &Document, query: &Query, hits: &mut Vec<Hit>) {
    let source = document.open.source();
    for (at, graph) in document.graphs() {
        let is_named = |text: &str| !replace::matches(text, query).is_empty();
        let is_wanted = query.graph.is_none_or(|wanted| wanted == at);
        let name = GraphName::new(at.kind, &graph.name.text);
        for node in graph.nodes.iter().filter(|node| is_wanted && (is_named(&node.id.text) || is_named(&node.ty.text)))
        {
            hits.push(Hit {
                text: format!("{} ({})", node.id.text, node.ty.text),
                whereabouts: format!("node in {}", graph.name.text),
                goal: Goal::Place(Place {
                    document: document.id,
                    graph: Some(name.clone()),
                    node: Some(node.id.text.clone()),
                }),
            });
        }
    }
    for hit in replace::find(source, query).unwrap_or_default().into_iter().take(MOST) {
        let text = source.tree.str(hit.place).map(|text| text.to_string()).unwrap_or_default();
        let (graph, node) = around(source, hit.span);
        let whereabouts = match (&graph, &node) {
            (Some((_, graph)), Some(node)) => format!("in {node} of {}", graph.name),
            (Some((_, graph)), None) => format!("in {}", graph.name),
            _ => "in the document".to_owned(),
        };
        let graph = graph.map(|(_, name)| name);
        hits.push(Hit { text, whereabouts, goal: Goal::Place(Place { document: document.id, graph, node }) });
    }
}

type Around = (Option<(GraphAt, GraphName)>, Option<std::sync::Arc<str>>);

/// The graph and node that a place of the text is in.
fn around(source: &SourceDocument, span: Span) -> Around {
    let holds = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    for kind in statewright_graph::document::GraphKind::ALL {
        let mut graphs = source.document.of_kind(kind).iter().enumerate();
        if let Some((index, graph)) = graphs.find(|(_, graph)| holds(graph.span)) {
            let node = graph.nodes.iter().find(|node| holds(node.span)).map(|node| node.id.text.clone());
            return (Some((GraphAt { kind, index }, GraphName::new(kind, &graph.name.text))), node);
        }
    }
    (None, None)
}

fn in_project(editor: &Editor, query: &Query, hits: &mut Vec<Hit>) {
    for document in editor.documents.values() {
        in_document(document, query, hits);
    }
    let Some(project) = &editor.project else { return };
    let is_open = |path: &std::path::Path| editor.documents.values().any(|document| document.open.path() == Some(path));
    let kinds = [Kind::Document, Kind::Schema, Kind::Config, Kind::Test, Kind::Script, Kind::Data];
    let paths = kinds.into_iter().flat_map(|kind| project.of_kind(kind)).filter(|path| !is_open(path));
    let texts: Vec<_> =
        paths.filter_map(|path| Some((path.to_owned(), read_text(&*editor.host.files, path).ok()?.0))).collect();
    let lines = search::in_files(texts.iter().map(|(path, text)| (path.clone(), &**text)), query, MOST);
    hits.extend(lines.into_iter().map(|found| {
        let name = found.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Hit { text: found.line, whereabouts: format!("{name}, line {}", found.at.0), goal: Goal::File(found.path) }
    }));
}
