//! What a document says, with the span of everything that can be wrong.

use std::sync::Arc;

use statewright_types::Span;

use super::reference::Reference;

/// A name and where it stands (the span of the JSON string, quotes included).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The text.
    pub text: Arc<str>,
    /// Where.
    pub span: Span,
}

/// A whole document (LANGUAGE §1).
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// `package`
    pub package: Option<Name>,
    /// `schemaPath`, relative to the document.
    pub schema_path: Option<Name>,
    /// `stateType`: the main root.
    pub state_type: Option<Name>,
    /// `config`: path of a config file.
    pub config: Option<Name>,
    /// Event handlers, in order.
    pub handlers: Vec<Graph>,
    /// Functions, in order.
    pub functions: Vec<Graph>,
    /// Filters, in order.
    pub filters: Vec<Graph>,
    /// Effects, in order.
    pub effects: Vec<Graph>,
}

impl Document {
    /// Handlers, functions, filters, effects, in that order.
    pub fn graphs(&self) -> impl Iterator<Item = &Graph> {
        self.handlers.iter().chain(&self.functions).chain(&self.filters).chain(&self.effects)
    }

    /// The graphs of one kind, in document order.
    pub fn of_kind(&self, kind: GraphKind) -> &[Graph] {
        match kind {
            GraphKind::Handler => &self.handlers,
            GraphKind::Function => &self.functions,
            GraphKind::Filter => &self.filters,
            GraphKind::Effect => &self.effects,
        }
    }
}

/// What a graph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum GraphKind {
    Handler,
    Function,
    Filter,
    Effect,
}

impl GraphKind {
    /// Every kind, in the order of [`Document::graphs`].
    pub const ALL: [GraphKind; 4] = [GraphKind::Handler, GraphKind::Function, GraphKind::Filter, GraphKind::Effect];

    /// The key of a document's list of them.
    pub const fn key(self) -> &'static str {
        match self {
            GraphKind::Handler => "handlers",
            GraphKind::Function => "functions",
            GraphKind::Filter => "filters",
            GraphKind::Effect => "effects",
        }
    }

    /// The word for it in messages.
    pub const fn noun(self) -> &'static str {
        match self {
            GraphKind::Handler => "handler",
            GraphKind::Function => "function",
            GraphKind::Filter => "filter",
            GraphKind::Effect => "effect",
        }
    }
}

/// A handler, function, filter or effect.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Which of them.
    pub kind: GraphKind,
    /// Its name.
    pub name: Name,
    /// `event`, of handlers.
    pub event: Option<Name>,
    /// `description`
    pub description: Option<Name>,
    /// `permissions`, of handlers.
    pub permissions: Option<Permissions>,
    /// In order.
    pub parameters: Vec<Parameter>,
    /// `returnType`, of functions; absent and "" are the same.
    pub return_type: Option<Name>,
    /// In document order.
    pub nodes: Vec<Node>,
    /// `flow`, in document order.
    pub edges: Vec<Edge>,
    /// The whole object.
    pub span: Span,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its type's text.
    pub ty: Name,
}

/// Who may send a handler's event (R7.5).
#[derive(Clone, Debug)]
pub struct Permissions {
    /// `hostOnly`
    pub host_only: bool,
    /// `playerParam`: the parameter that must equal the sender.
    pub player_param: Option<Name>,
    /// `allowedPlayers`; an empty list allows nobody.
    pub allowed_players: Option<Vec<Name>>,
    /// The object.
    pub span: Span,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Unique in its graph.
    pub id: Name,
    /// The node type's name.
    pub ty: Name,
    /// Port name (as written: canonical or a synonym) and value, in document order.
    pub inputs: Vec<(Name, Input)>,
    /// Port and the alias given to it.
    pub outputs: Vec<Output>,
    /// `_position`
    pub position: Option<(f64, f64)>,
    /// `_comment`
    pub comment: Option<Name>,
    /// `_group`
    pub group: Option<Name>,
    /// The whole object.
    pub span: Span,
}

/// An entry of a node's `outputs`.
#[derive(Clone, Debug)]
pub struct Output {
    /// Port name as written.
    pub port: Name,
    /// Its alias.
    pub alias: Name,
}

/// A flow edge.
#[derive(Clone, Debug)]
pub struct Edge {
    /// `start` or a node id.
    pub from: Name,
    /// A node id, `end` or `end_…`.
    pub to: Name,
    /// `label`, or its synonym `condition`.
    pub label: Option<Name>,
    /// The whole object.
    pub span: Span,
}

impl Edge {
    /// Whether it leads to the end.
    pub fn ends(&self) -> bool {
        &*self.to.text == "end" || self.to.text.starts_with("end_")
    }
}

/// A value given to an input (LANGUAGE §2).
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// What.
    pub kind: InputKind,
    /// Where.
    pub span: Span,
    /// Whether it is written as `{"constant": …}`, or inside one: then it counts nothing (R7.4).
    pub constant: bool,
}

/// The forms of an input. `{"constant": x}` has become x with no references in it; `{"source": "…"}` the reference.
#[derive(Clone, Debug, PartialEq)]
pub enum InputKind {
    /// JSON null.
    Null,
    /// JSON true or false.
    Bool(bool),
    /// A number without point or exponent that fits int64.
    Int(i64),
    /// One that fits only uint64.
    UInt(u64),
    /// A number with a point or an exponent, or too large an integer literal.
    Float(f64),
    /// Literal text.
    Text(Arc<str>),
    /// A reference.
    Reference(Box<Reference>),
    /// `{"template": "…"}`
    Template(Vec<TemplatePart>),
    /// An array of inputs.
    List(Vec<Input>),
    /// An object of inputs, in order.
    Map(Vec<(Name, Input)>),
    /// Something already reported as wrong; takes any type, says nothing more.
    Invalid,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// Text as it is.
    Text(Arc<str>),
    /// A reference; a bare name has scheme [`super::Scheme::Bare`] (parameter, then variable).
    Value(Reference),
}
