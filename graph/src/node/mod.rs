//! The node table: one row per node type, which the palette, the checker, the reference, the generators and every
//! execution follow. A node's meaning is its row's lowering, a composition of IR operations.

use statewright_types::TrapCode;
use statewright_types::host::HostDeclarations;
use statewright_types::name::same;

use crate::lower::{Abort, Cx};

pub use logic::OPERATORS;

mod array;
mod array_fold;
mod array_lambda;
mod array_order;
mod batch;
mod chance;
mod config;
mod effect;
mod event;
mod filter;
mod flow;
mod format;
mod function;
mod gps;
pub mod host;
mod logic;
mod map;
mod marker;
mod math;
mod object;
mod root;
mod session;
mod state;
mod text;
mod time;
mod variable;
mod wait;

/// What a node is about; palette and pictures group and colour by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Category {
    State,
    Array,
    Map,
    Flow,
    Batch,
    Variables,
    Object,
    Logic,
    Math,
    Chance,
    Time,
    Text,
    Events,
    Session,
    Functions,
    Async,
    Gps,
    /// A group of the host program's own.
    Host(&'static str),
}

impl Category {
    /// Every category of the language, in the order of the reference.
    pub const ALL: [Category; 17] = [
        Category::State,
        Category::Array,
        Category::Map,
        Category::Flow,
        Category::Batch,
        Category::Variables,
        Category::Object,
        Category::Logic,
        Category::Math,
        Category::Chance,
        Category::Time,
        Category::Text,
        Category::Events,
        Category::Session,
        Category::Functions,
        Category::Async,
        Category::Gps,
    ];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Category::State => "State",
            Category::Array => "Arrays",
            Category::Map => "Maps",
            Category::Flow => "Flow",
            Category::Batch => "Batch",
            Category::Variables => "Variables",
            Category::Object => "Objects",
            Category::Logic => "Logic",
            Category::Math => "Math",
            Category::Chance => "Chance",
            Category::Time => "Time",
            Category::Text => "Text",
            Category::Events => "Events",
            Category::Session => "Session",
            Category::Functions => "Functions",
            Category::Async => "Waiting",
            Category::Gps => "Places",
            Category::Host(title) => title,
        }
    }
}

/// When a node runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In the flow, or whenever a node in the flow needs it.
    Pure,
    /// Only in the flow.
    Executing,
}

/// The labels of the edges that lead out of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exits {
    /// One, unlabelled.
    Plain,
    /// One, unlabelled, and one that may be given besides.
    Optional(&'static str),
    /// A choice between labels.
    Branch(&'static [&'static str]),
    /// A choice between whatever labels there are, and `default`.
    Cases,
    /// Branches `1`, `2`, … that run in this order, and one, unlabelled, for what comes after.
    Numbered,
    /// `body` and `done`.
    Loop,
    /// `body`, which runs once, then `done`; or `timeout`, where the body was cut short.
    Bounded,
    /// None: the flow ends here.
    None,
}

/// What an input is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A value, computed before the node runs.
    Value,
    /// A text known when the document is checked (R2.1).
    Constant,
    /// A state path.
    Path,
    /// Evaluated anew for each element or turn (R4.4).
    Lambda,
}

/// Whether an input must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Yes.
    Required,
    /// No; what then happens is in the docs.
    Optional,
    /// No; this JSON value stands in.
    Default(&'static str),
}

/// An input port.
#[derive(Clone, Copy, Debug)]
pub struct InputPort {
    /// Canonical name.
    pub name: &'static str,
    /// Other names that documents may use.
    pub synonyms: &'static [&'static str],
    /// Its type for people: `number`, `[]T`, …
    pub ty: &'static str,
    /// What it is for.
    pub role: Role,
    /// Whether it must be given.
    pub need: Need,
    /// One sentence.
    pub docs: &'static str,
}

/// An output port.
#[derive(Clone, Copy, Debug)]
pub struct OutputPort {
    /// Canonical name.
    pub name: &'static str,
    /// Other names that documents may use.
    pub synonyms: &'static [&'static str],
    /// Its type for people.
    pub ty: &'static str,
    /// One sentence.
    pub docs: &'static str,
}

/// What a node does besides computing its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Effect {
    ReadsState,
    WritesState,
    Emits,
    Draws,
    ReadsClock,
    ReadsSession,
    Suspends,
    Calls,
    ActsOnSession,
    ActsOnHost,
}

impl Effect {
    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Effect::ReadsState => "reads state",
            Effect::WritesState => "writes state",
            Effect::Emits => "emits events",
            Effect::Draws => "draws random numbers",
            Effect::ReadsClock => "reads the action's time",
            Effect::ReadsSession => "reads the session",
            Effect::Suspends => "suspends the activation",
            Effect::Calls => "calls a function",
            Effect::ActsOnSession => "acts on the session",
            Effect::ActsOnHost => "acts on the host program",
        }
    }
}

/// How a row's example is run: as a case of the conformance corpus.
#[derive(Clone, Copy, Debug)]
pub enum Example {
    /// Inputs and the outputs that they give, both JSON objects. The state is [`EXAMPLE_SCHEMA`]'s.
    Outputs {
        /// The node's `inputs`.
        inputs: &'static str,
        /// Port → value; ports that are not listed are not compared.
        outputs: &'static str,
    },
    /// A handler's `nodes` and `flow` (JSON arrays), and a step's `expect` (JSON object).
    Handler {
        /// `nodes`
        nodes: &'static str,
        /// `flow`
        flow: &'static str,
        /// `expect` of the step that runs it.
        expect: &'static str,
    },
}

/// The schema that examples run against.
pub const EXAMPLE_SCHEMA: &str = "package example

@helper
type Player {
    ID      string
    Name    string
    Score   int64
    Hand    []int32
    Lat     float64
    Lng     float64
}

@root(active)
type Game {
    Round   int32             @default(1)
    Phase   string            @default(\"lobby\")
    Players []Player          @key(ID)
    Scores  map[string]int64
}

@root(inactive)
type Bonus {
    Points  int64  @default(5)
}
";

/// The state that examples begin with.
pub const EXAMPLE_STATE: &str = r#"{"Round": 3, "Phase": "play", "Scores": {"blue": 2, "red": 5},
"Players": [{"ID": "ann", "Name": "Ann", "Score": 30, "Hand": [4, 1, 3]}, {"ID": "bob", "Name": "Bob", "Score": 10, "Hand": [2]}]}"#;

/// The filter that examples' documents have.
pub const EXAMPLE_FILTER: &str = r#"{"name": "Blind", "parameters": [], "nodes": [{"id": "hide", "type": "SetField", "inputs": {"path": "Phase", "value": "?"}}],
"flow": [{"from": "start", "to": "hide"}]}"#;

/// The effect that examples' documents have.
pub const EXAMPLE_EFFECT: &str = r#"{"name": "Double", "parameters": [], "nodes": [{"id": "twice", "type": "SetField", "inputs": {"path": "Round", "value": "node:sum:result"}},
{"id": "sum", "type": "Multiply", "inputs": {"a": "state:Round", "b": 2}}],
"flow": [{"from": "start", "to": "twice"}]}"#;

/// The functions that examples' documents have.
pub const EXAMPLE_FUNCTIONS: &str = r#"{"name": "Twice", "returnType": "int64", "parameters": [{"name": "x", "type": "int64"}],
  "nodes": [{"id": "sum", "type": "Add", "inputs": {"a": "param:x", "b": "param:x"}},
            {"id": "return", "type": "Return", "inputs": {"value": "node:sum:result"}}],
  "flow": [{"from": "start", "to": "return"}]},
{"name": "Nobody", "returnType": "*string", "parameters": [], "nodes": [{"id": "return", "type": "Return", "inputs": {"value": null}}],
  "flow": [{"from": "start", "to": "return"}]},
{"name": "Anyone", "returnType": "*string", "parameters": [], "nodes": [{"id": "return", "type": "Return", "inputs": {"value": "ann"}}],
  "flow": [{"from": "start", "to": "return"}]}"#;
/// The configuration that examples' documents have.
pub const EXAMPLE_CONFIG: &str = r#"{"configs": [{"name": "Game", "fields": [
{"name": "Rounds", "type": "int32", "default": 3, "min": 1, "max": 10}, {"name": "Title", "type": "string", "default": "Cards"}]}]}"#;

/// A node type.
#[derive(Clone, Copy)]
pub struct NodeRow {
    /// Name in documents.
    pub name: &'static str,
    /// Its group.
    pub category: Category,
    /// One sentence.
    pub summary: &'static str,
    /// What else there is to know; may be empty.
    pub docs: &'static str,
    /// In the order in which they are evaluated (R2.6).
    pub inputs: &'static [InputPort],
    /// Outputs.
    pub outputs: &'static [OutputPort],
    /// When it runs.
    pub kind: Kind,
    /// Labels of edges out of it.
    pub exits: Exits,
    /// What it does besides.
    pub effects: &'static [Effect],
    /// Errors that it may stop with, besides those of its inputs, of fuel and memory, and of `@write`.
    pub errors: &'static [TrapCode],
    /// Fuel besides the 1 for being reached in the flow (R7.3); empty if none.
    pub fuel: &'static str,
    /// Whether its results are charged to the memory limit when they are text, collections or structs (R7.4);
    /// reads of state are not.
    pub charged: bool,
    /// Version that introduced it.
    pub since: &'static str,
    /// Version that deprecated it.
    pub deprecated: Option<&'static str>,
    /// What to use instead.
    pub replaced_by: Option<&'static str>,
    /// Ports that are called otherwise there: old and new names.
    pub renamed_ports: &'static [(&'static str, &'static str)],
    /// Shown in the reference and run by the tests.
    pub example: Example,
    /// Its meaning.
    pub(crate) lower: fn(&mut Cx<'_, '_>) -> Result<(), Abort>,
}

impl NodeRow {
    /// The input called `name`, canonically or by a synonym.
    pub fn input(&self, name: &str) -> Option<&'static InputPort> {
        let is_called =
            |port: &&InputPort| same(port.name, name) || port.synonyms.iter().any(|known| same(known, name));
        self.inputs.iter().find(is_called)
    }

    /// Position of the output called `name`, canonically or by a synonym.
    pub fn output(&self, name: &str) -> Option<usize> {
        let is_called =
            |port: &OutputPort| same(port.name, name) || port.synonyms.iter().any(|known| same(known, name));
        self.outputs.iter().position(is_called)
    }

    /// Whether it can stand in the flow only.
    pub fn executing(&self) -> bool {
        self.kind == Kind::Executing
    }

    /// Whether the activation may be suspended in it.
    pub fn suspends(&self) -> bool {
        self.effects.contains(&Effect::Suspends)
    }
}

impl std::fmt::Debug for NodeRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeRow").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A required value input.
const fn input(name: &'static str, ty: &'static str, docs: &'static str) -> InputPort {
    InputPort { name, synonyms: &[], ty, role: Role::Value, need: Need::Required, docs }
}

/// A value input that may be missing.
const fn optional(name: &'static str, ty: &'static str, docs: &'static str) -> InputPort {
    InputPort { need: Need::Optional, ..input(name, ty, docs) }
}

/// A constant input.
const fn constant(name: &'static str, docs: &'static str) -> InputPort {
    InputPort { role: Role::Constant, ..input(name, "constant", docs) }
}

/// A state path.
const fn path(docs: &'static str) -> InputPort {
    InputPort { role: Role::Path, ..input("path", "path", docs) }
}

/// A lambda input.
const fn lambda(name: &'static str, ty: &'static str, docs: &'static str) -> InputPort {
    InputPort { role: Role::Lambda, ..input(name, ty, docs) }
}

impl InputPort {
    const fn or(self, synonyms: &'static [&'static str]) -> InputPort {
        InputPort { synonyms, ..self }
    }

    const fn optional(self) -> InputPort {
        InputPort { need: Need::Optional, ..self }
    }

    const fn default(self, json: &'static str) -> InputPort {
        InputPort { need: Need::Default(json), ..self }
    }
}

/// An output port.
const fn output(name: &'static str, ty: &'static str, docs: &'static str) -> OutputPort {
    OutputPort { name, synonyms: &[], ty, docs }
}

impl OutputPort {
    const fn or(self, synonyms: &'static [&'static str]) -> OutputPort {
        OutputPort { synonyms, ..self }
    }
}

/// What most rows share; a row gives the rest.
const ROW: NodeRow = NodeRow {
    name: "",
    category: Category::State,
    summary: "",
    docs: "",
    inputs: &[],
    outputs: &[],
    kind: Kind::Pure,
    exits: Exits::Plain,
    effects: &[],
    errors: &[],
    fuel: "",
    charged: true,
    since: "0.1",
    deprecated: None,
    replaced_by: None,
    renamed_ports: &[],
    example: Example::Outputs { inputs: "{}", outputs: "{}" },
    lower: |_| Ok(()),
};

/// Every row, by category.
pub fn table() -> impl Iterator<Item = &'static NodeRow> {
    [
        state::ROWS,
        config::ROWS,
        root::ROWS,
        array::ROWS,
        array_lambda::ROWS,
        array_order::ROWS,
        array_fold::ROWS,
        map::ROWS,
        flow::ROWS,
        batch::ROWS,
        variable::ROWS,
        object::ROWS,
        logic::ROWS,
        math::ROWS,
        chance::ROWS,
        time::ROWS,
        text::ROWS,
        format::ROWS,
        event::ROWS,
        marker::ROWS,
        session::ROWS,
        filter::ROWS,
        effect::ROWS,
        function::ROWS,
        wait::ROWS,
        gps::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// The row of the node type called `name`.
pub fn by_name(name: &str) -> Option<&'static NodeRow> {
    use statewright_types::hashing::HashMap;
    use std::sync::LazyLock;
    static BY_NAME: LazyLock<HashMap<&'static str, &'static NodeRow>> =
        LazyLock::new(|| table().map(|row| (row.name, row)).collect());
    BY_NAME.get(name).copied()
}

/// The row of a node type of the language or of the host program.
pub fn lookup(name: &str, hosts: &HostDeclarations) -> Option<&'static NodeRow> {
    by_name(name).or_else(|| hosts.get(name).map(host::row))
}
