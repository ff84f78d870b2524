//! Everything that can be done to a document. A command is one step: it answers with a change of the text, or says what to do
//! instead.
//!
//! - [`nodes`]: nodes and what is selected; [`inputs`]: values of inputs; [`connect`]: wires
//! - [`canvas`]: frames, notes, bookmarks, reroute points; [`arrange`]: places of nodes, [`columns`]: where the automatic
//!   layout has them
//! - [`graphs`]: handlers and functions themselves, parameters, permissions
//! - [`rename`]: names, everywhere they are used; [`mentions`]: where that is
//! - [`collapse`]: nodes to a function and back
//! - [`replace`]: find and replace

pub mod arrange;
pub mod canvas;
pub mod collapse;
pub mod columns;
pub mod connect;
pub mod graphs;
pub mod inputs;
pub mod mentions;
pub mod nodes;
pub mod place;
#[cfg(test)]
pub(crate) mod random;
pub mod rename;
pub mod replace;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use statewright_graph::document::{GraphAt, GraphKind, SourceDocument};
use statewright_types::diagnostic::Fix;
use statewright_types::host::HostDeclarations;
use statewright_types::{Config, Schema, Value};

use crate::draft::Draft;
use crate::meta::Rect;
use crate::patch::Change;
use crate::refused::Refused;
use crate::scene::Types;
use crate::selection::Selection;
use crate::wires::{PinId, Wire};

/// What commands know besides the document.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The schema, if there is one without errors.
    pub schema: Option<Arc<Schema>>,
    /// The configuration, likewise.
    pub config: Option<Arc<Config>>,
    /// Nodes of the host program.
    pub hosts: Arc<HostDeclarations>,
    /// What the checker last knew of types.
    pub types: Arc<Types>,
}

/// A node to add.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeToAdd {
    /// The name of its type.
    pub ty: String,
    /// Its id; one is made of the type where it is missing.
    pub id: Option<String>,
    /// Values of inputs, by port.
    pub inputs: Vec<(String, Value)>,
    /// Left top, on the canvas.
    pub position: (f64, f64),
    /// A pin of another node and the pin of the new one that it is connected with: `(pin, name, …)`; the new one's side follows.
    pub connect: Option<(PinId, String)>,
}

/// Names that stand for something in the whole document or in one graph.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Named {
    Node {
        graph: GraphAt,
        id: String,
    },
    Output {
        graph: GraphAt,
        node: String,
        port: String,
    },
    Variable {
        graph: GraphAt,
        name: String,
    },
    Parameter {
        graph: GraphAt,
        name: String,
    },
    Graph {
        graph: GraphAt,
    },
    /// A field of a type of the schema; the schema's own text is renamed by whoever has it.
    Field {
        ty: String,
        name: String,
    },
}

/// What is done to a document. Names of ports are canonical or synonyms; `payload.number` is an entry of a map.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Command {
    AddNode {
        graph: GraphAt,
        node: NodeToAdd,
    },
    /// Removes nodes, wires, frames and notes. With `bridge`, the flow through a removed node goes on behind it.
    Remove {
        selection: Selection,
        bridge: bool,
    },
    /// A copy of the nodes beside them, wires between them kept.
    Duplicate {
        selection: Selection,
        by: (f64, f64),
    },
    /// A fragment ([`crate::clipboard`]) with its left top at a place.
    Paste {
        graph: GraphAt,
        text: String,
        at: (f64, f64),
    },
    /// Left tops of nodes; rectangles of frames and places of notes by id.
    Place {
        graph: GraphAt,
        nodes: Vec<(Arc<str>, (f64, f64))>,
        frames: Vec<(String, Rect)>,
        notes: Vec<(String, Rect)>,
    },
    /// Nodes where the automatic layout has them; of all nodes if none are named.
    Layout {
        graph: GraphAt,
        nodes: Vec<Arc<str>>,
    },
    Comment {
        graph: GraphAt,
        node: String,
        text: Option<String>,
    },
    /// The same input of several nodes; `None` removes it.
    SetInput {
        graph: GraphAt,
        nodes: Vec<Arc<str>>,
        port: String,
        value: Option<Value>,
    },
    /// Another key for an entry of an input that is a map.
    RenameEntry {
        graph: GraphAt,
        node: String,
        entry: String,
        name: String,
    },
    /// Another type for a node. Inputs that the new type does not have go.
    SetType {
        graph: GraphAt,
        node: String,
        ty: String,
    },
    /// `path` goes on from an output (`.Name`, `[0]`).
    Connect {
        graph: GraphAt,
        from: PinId,
        to: PinId,
        path: String,
    },
    Disconnect {
        graph: GraphAt,
        wires: Vec<Wire>,
    },
    /// Another label for an exit: of a Switch.
    RenameExit {
        graph: GraphAt,
        node: String,
        old: String,
        new: String,
    },
    /// Points through which a wire goes; none makes it straight.
    Reroute {
        graph: GraphAt,
        wire: Wire,
        points: Vec<(f64, f64)>,
    },
    AddFrame {
        graph: GraphAt,
        title: String,
        colour: Option<String>,
        rect: Rect,
    },
    EditFrame {
        graph: GraphAt,
        id: String,
        title: String,
        colour: Option<String>,
    },
    AddNote {
        graph: GraphAt,
        text: String,
        rect: Rect,
    },
    EditNote {
        graph: GraphAt,
        id: String,
        text: String,
    },
    /// A bookmark of a graph; one of that name is moved.
    Bookmark {
        graph: GraphAt,
        name: String,
        at: (f64, f64),
        zoom: f64,
    },
    RemoveBookmark {
        graph: GraphAt,
        name: String,
    },
    AddGraph {
        kind: GraphKind,
        name: String,
        event: Option<String>,
    },
    RemoveGraph {
        graph: GraphAt,
    },
    Rename {
        what: Named,
        to: String,
    },
    SetEvent {
        graph: GraphAt,
        event: String,
    },
    SetDescription {
        graph: GraphAt,
        text: Option<String>,
    },
    /// `None` lets everybody.
    SetPermissions {
        graph: GraphAt,
        permissions: Option<graphs::Allowed>,
    },
    AddParameter {
        graph: GraphAt,
        name: String,
        ty: String,
    },
    RemoveParameter {
        graph: GraphAt,
        name: String,
    },
    SetParameterType {
        graph: GraphAt,
        name: String,
        ty: String,
    },
    /// Puts a parameter before the one that is at `to`.
    MoveParameter {
        graph: GraphAt,
        name: String,
        to: usize,
    },
    SetReturnType {
        graph: GraphAt,
        ty: Option<String>,
    },
    /// `package`, `schemaPath`, `stateType` or `config`.
    SetDocument {
        key: String,
        value: Option<String>,
    },
    /// Nodes become a function, and a call of it stands for them.
    Collapse {
        graph: GraphAt,
        nodes: Vec<Arc<str>>,
        name: String,
    },
    /// The nodes of the function stand for a call of it.
    Expand {
        graph: GraphAt,
        node: String,
    },
    Replace {
        query: replace::Query,
        with: String,
    },
    Fix {
        fixes: Vec<Fix>,
    },
    /// A value by its place: what decides a conflict of a merge. `None` takes it away.
    SetAt {
        at: crate::diff::At,
        value: Option<Value>,
    },
    /// Several commands as one step, each on what those before it made.
    All {
        label: String,
        commands: Vec<Command>,
    },
}

/// What a command makes of a document.
#[derive(Debug)]
pub struct Outcome {
    /// For the history.
    pub label: String,
    /// Of the text before.
    pub change: Change,
    /// The document after; `None` if nothing changed.
    pub document: Option<SourceDocument>,
    /// What is selected then; `None` leaves it.
    pub select: Option<Selection>,
    /// What the user should know.
    pub remarks: Vec<String>,
}

/// What a command selects, and what the user should know.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    pub select: Option<Selection>,
    pub remarks: Vec<String>,
}

impl Command {
    /// What it makes of a document. Costs a few passes over the text.
    ///
    /// # Errors
    /// Why it cannot be done, and what to do instead.
    pub fn apply(&self, source: &SourceDocument, context: &Context) -> Result<Outcome, Refused> {
        let mut draft = Draft::new(source);
        let aside = self.edit(&mut draft, context)?;
        let label = self.label();
        let (change, document) = draft.finish()?;
        Ok(Outcome { label, change, document, select: aside.select, remarks: aside.remarks })
    }

    pub(crate) fn edit(&self, draft: &mut Draft<'_>, context: &Context) -> Result<Aside, Refused> {
        match self {
            Command::AddNode { graph, node } => nodes::add(draft, context, *graph, node),
            Command::Remove { selection, bridge } => nodes::remove(draft, selection, *bridge),
            Command::Duplicate { selection, by } => nodes::duplicate(draft, selection, *by),
            Command::Paste { graph, text, at } => crate::clipboard::paste(draft, *graph, text, *at),
            Command::Place { graph, nodes, frames, notes } => arrange::place(draft, *graph, nodes, frames, notes),
            Command::Layout { graph, nodes } => arrange::layout(draft, context, *graph, nodes),
            Command::Comment { graph, node, text } => nodes::comment(draft, *graph, node, text.as_deref()),
            Command::SetInput { graph, nodes, port, value } => {
                inputs::set(draft, context, *graph, nodes, port, value.as_ref())
            }
            Command::RenameEntry { graph, node, entry, name } => {
                inputs::rename_entry(draft, context, *graph, node, entry, name)
            }
            Command::SetType { graph, node, ty } => nodes::set_type(draft, context, *graph, node, ty),
            Command::Connect { graph, from, to, path } => connect::connect(draft, context, *graph, from, to, path),
            Command::Disconnect { graph, wires } => connect::disconnect(draft, *graph, wires),
            Command::RenameExit { graph, node, old, new } => connect::rename_exit(draft, *graph, node, old, new),
            Command::Reroute { graph, wire, points } => canvas::reroute(draft, *graph, wire, points),
            Command::AddFrame { graph, title, colour, rect } => {
                canvas::add_frame(draft, *graph, title, colour.as_deref(), *rect)
            }
            Command::EditFrame { graph, id, title, colour } => {
                canvas::edit_frame(draft, *graph, id, title, colour.as_deref())
            }
            Command::AddNote { graph, text, rect } => canvas::add_note(draft, *graph, text, *rect),
            Command::EditNote { graph, id, text } => canvas::edit_note(draft, *graph, id, text),
            Command::Bookmark { graph, name, at, zoom } => canvas::bookmark(draft, *graph, name, *at, *zoom),
            Command::RemoveBookmark { graph, name } => canvas::remove_bookmark(draft, *graph, name),
            Command::AddGraph { kind, name, event } => graphs::add(draft, *kind, name, event.as_deref()),
            Command::RemoveGraph { graph } => graphs::remove(draft, *graph),
            Command::Rename { what, to } => rename::rename(draft, context, what, to),
            Command::SetEvent { graph, event } => graphs::set_event(draft, *graph, event),
            Command::SetDescription { graph, text } => graphs::set_text(draft, *graph, "description", text.as_deref()),
            Command::SetPermissions { graph, permissions } => {
                graphs::set_permissions(draft, *graph, permissions.as_ref())
            }
            Command::AddParameter { graph, name, ty } => graphs::add_parameter(draft, context, *graph, name, ty),
            Command::RemoveParameter { graph, name } => graphs::remove_parameter(draft, *graph, name),
            Command::SetParameterType { graph, name, ty } => {
                graphs::set_parameter_type(draft, context, *graph, name, ty)
            }
            Command::MoveParameter { graph, name, to } => graphs::move_parameter(draft, *graph, name, *to),
            Command::SetReturnType { graph, ty } => graphs::set_return_type(draft, context, *graph, ty.as_deref()),
            Command::SetDocument { key, value } => graphs::set_document(draft, key, value.as_deref()),
            Command::Collapse { graph, nodes, name } => collapse::collapse(draft, context, *graph, nodes, name),
            Command::Expand { graph, node } => collapse::expand::expand(draft, *graph, node),
            Command::Replace { query, with } => replace::replace(draft, query, with),
            Command::Fix { fixes } => {
                draft.replace(fixes.iter().map(|fix| (fix.span, fix.text.clone())));
                Ok(Aside::default())
            }
            Command::SetAt { at, value } => crate::diff::items::put(draft, at, value.as_ref()),
            Command::All { commands, .. } => all(draft, context, commands),
        }
    }

    /// What it does, for the history and menus.
    pub fn label(&self) -> String {
        match self {
            Command::AddNode { node, .. } => format!("Add {}", node.ty),
            Command::Remove { selection, .. } => format!("Delete {}", counted(selection)),
            Command::Duplicate { selection, .. } => format!("Duplicate {}", counted(selection)),
            Command::Paste { .. } => "Paste".to_owned(),
            Command::Place { .. } => "Move".to_owned(),
            Command::Layout { .. } => "Arrange automatically".to_owned(),
            Command::Comment { node, .. } => format!("Comment {node}"),
            Command::SetInput { port, value: Some(_), .. } => format!("Set {port}"),
            Command::SetInput { port, value: None, .. } => format!("Clear {port}"),
            Command::RenameEntry { name, .. } => format!("Rename entry to {name}"),
            Command::SetType { node, ty, .. } => format!("Make {node} {ty}"),
            Command::Connect { .. } => "Connect".to_owned(),
            Command::Disconnect { .. } => "Disconnect".to_owned(),
            Command::RenameExit { new, .. } => format!("Rename exit to {new}"),
            Command::Reroute { .. } => "Reroute wire".to_owned(),
            Command::AddFrame { .. } => "Add frame".to_owned(),
            Command::EditFrame { .. } => "Edit frame".to_owned(),
            Command::AddNote { .. } => "Add note".to_owned(),
            Command::EditNote { .. } => "Edit note".to_owned(),
            Command::Bookmark { name, .. } => format!("Bookmark {name}"),
            Command::RemoveBookmark { name, .. } => format!("Remove bookmark {name}"),
            Command::AddGraph { kind, name, .. } => format!("Add {} {name}", kind.noun()),
            Command::RemoveGraph { graph } => format!("Delete {}", graph.kind.noun()),
            Command::Rename { to, .. } => format!("Rename to {to}"),
            Command::SetEvent { event, .. } => format!("Handle {event}"),
            Command::SetDescription { .. } => "Describe".to_owned(),
            Command::SetPermissions { .. } => "Set permissions".to_owned(),
            Command::AddParameter { name, .. } => format!("Add parameter {name}"),
            Command::RemoveParameter { name, .. } => format!("Delete parameter {name}"),
            Command::SetParameterType { name, ty, .. } => format!("Make {name} {ty}"),
            Command::MoveParameter { name, .. } => format!("Move parameter {name}"),
            Command::SetReturnType { ty, .. } => format!("Return {}", ty.as_deref().unwrap_or("nothing")),
            Command::SetDocument { key, .. } => format!("Set {key}"),
            Command::Collapse { name, .. } => format!("Collapse to {name}"),
            Command::Expand { node, .. } => format!("Expand {node}"),
            Command::Replace { query, with } => format!("Replace {} with {with}", query.text),
            Command::Fix { .. } => "Fix".to_owned(),
            Command::SetAt { at, .. } => format!("Set {}", at.words()),
            Command::All { label, .. } => label.clone(),
        }
    }
}

fn all(draft: &mut Draft<'_>, context: &Context, commands: &[Command]) -> Result<Aside, Refused> {
    let mut aside = Aside::default();
    for command in commands {
        let next = command.edit(draft, context)?;
        draft.stage()?;
        aside.select = next.select.or(aside.select);
        aside.remarks.extend(next.remarks);
    }
    Ok(aside)
}

fn counted(selection: &Selection) -> String {
    match (selection.len(), selection.nodes.first()) {
        (1, Some(node)) => node.to_string(),
        (1, None) => "1 item".to_owned(),
        (count, _) => format!("{count} items"),
    }
}
