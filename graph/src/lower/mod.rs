//! Checking types and lowering to IR in one walk: what a node means is what its row's lowering emits, so a document
//! that lowers without an error is well typed.

use std::sync::Arc;

use statewright_types::hashing::{HashMap, HashSet};
use statewright_types::host::HostDeclarations;
use statewright_types::interner::Interner;
use statewright_types::{Config, Diagnostic, Schema, StructId, Type};

use crate::document::Graph;
use crate::flow::{Flow, InstanceIx, NodeIx, Rows};
use crate::ir::{BlockId, FuncId, Value};

mod access;
mod builder;
mod config;
mod convert;
mod cx;
mod deadline;
mod drive;
mod emit;
mod evaluated;
mod guard;
mod literal;
mod looping;
mod nullness;
mod outputs;
mod place;
mod pull;
mod reference;
mod tracing;
mod typing;
mod viewer;

pub(crate) use access::Planned;
pub use builder::{FunctionBuilder, Var};
pub(crate) use convert::{Site, Wants};
pub use cx::Cx;
pub(crate) use drive::LoweredGraph;
pub(crate) use drive::{lower_graph, references};
pub(crate) use guard::Guard;
pub(crate) use place::PathPlan;
pub(crate) use typing::{is_never, join};
pub(crate) use viewer::VIEWER_ID;

/// Something was wrong and has been reported; what depends on it is given up.
#[derive(Clone, Copy, Debug)]
pub struct Abort;

/// A result of lowering.
pub(crate) type Lowered<T> = Result<T, Abort>;

/// A container in state that a value still is (not a snapshot of it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Live {
    /// A value of its own.
    No,
    /// The container of a record's field.
    Field { record: Value, ty: StructId, field: u32 },
    /// A container inside another one.
    Inner,
}

/// A typed value during lowering.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    /// The IR value, of the loaded form of `ty`.
    pub(crate) value: Value,
    /// Its type; narrow inside collections only.
    pub(crate) ty: Type,
    /// Whether it is a live container.
    pub(crate) live: Live,
    /// The node that gave it, for null checks.
    pub(crate) origin: Option<NodeIx>,
    /// The reference that gave it, for null checks.
    pub(crate) text: Option<Arc<str>>,
}

impl Operand {
    pub(crate) fn new(value: Value, ty: Type) -> Operand {
        Operand { value, ty: ty.loaded(), live: Live::No, origin: None, text: None }
    }
}

/// A function or handler as others see it.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) name: Arc<str>,
    pub(crate) id: FuncId,
    pub(crate) params: Vec<(Arc<str>, Type)>,
    pub(crate) returns: Option<Type>,
    pub(crate) suspends: bool,
}

/// What all graphs of a document share.
pub(crate) struct Unit<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) root: StructId,
    pub(crate) functions: Vec<Signature>,
    pub(crate) filters: Vec<Signature>,
    pub(crate) effects: Vec<Signature>,
    /// Events with the parameters of a handler, in document order.
    pub(crate) events: Vec<(Arc<str>, Vec<(Arc<str>, Type)>)>,
    /// Nodes of the host program.
    pub(crate) hosts: &'a HostDeclarations,
    /// The configuration, and the file that the document names for it.
    pub(crate) config: (Option<&'a Config>, Option<&'a str>),
    pub(crate) traced: bool,
}

impl Unit<'_> {
    /// The parameters that handlers of an event declare; where they disagree on a type, the first one's.
    pub(crate) fn event_params(&self, event: &str) -> Vec<(Arc<str>, Type)> {
        let mut fields: Vec<(Arc<str>, Type)> = Vec::new();
        for (name, ty) in self.events.iter().filter(|(name, _)| &**name == event).flat_map(|(_, params)| params) {
            if !fields.iter().any(|(known, _)| known == name) {
                fields.push((name.clone(), ty.clone()));
            }
        }
        fields
    }
}

/// An output of a node in the flow.
#[derive(Clone, Debug)]
struct Kept {
    var: Var,
    ty: Type,
}

/// A loop, or another node with a body, that is being lowered.
#[derive(Clone, Debug)]
struct LoopBlocks {
    latch: BlockId,
    done: BlockId,
    /// Whether the body runs once, and Break has nothing to leave.
    bounded: bool,
    /// `item`, `index`, `key`, `value`.
    values: Vec<(&'static str, Kept)>,
}

/// What `loop:` means inside a lambda.
#[derive(Clone, Debug)]
struct Binding {
    node: NodeIx,
    values: Vec<(&'static str, Operand)>,
}

/// Values of pure nodes evaluated for the current node, by region: a region inside a branch that may be skipped is
/// dropped when the branch is left.
#[derive(Default)]
struct Scope {
    /// Begins a lambda: what is outside is evaluated anew (R4.4).
    lambda: bool,
    /// How many nodes had been evaluated when it began: its own come behind those.
    first: usize,
    /// Block before the branch, where the flags of this scope's nodes begin as false.
    before: Option<(BlockId, Value)>,
    /// Nodes evaluated in a branch that was left: whether, and with what.
    maybe: HashMap<NodeIx, (Var, Vec<Option<Kept>>)>,
    /// `before` of the region inside this one that was left last.
    last_branch: Option<(BlockId, Value)>,
}

/// A variable of the graph.
#[derive(Clone, Debug)]
struct Variable {
    ty: Option<Type>,
    var: Option<Var>,
}

/// The value that a reader of a variable got, and who that is: node, port, place.
type VariableRead = (Value, NodeIx, Option<Arc<str>>, statewright_types::Span);

/// One graph being lowered.
pub(crate) struct GraphCx<'a> {
    pub(crate) unit: &'a Unit<'a>,
    pub(crate) rows: &'a Rows<'a>,
    pub(crate) flow: &'a Flow,
    pub(crate) builder: FunctionBuilder,
    params: Vec<(Arc<str>, Kept)>,
    returns: Option<Type>,
    /// In a filter, the viewer's id.
    viewer: Option<Var>,
    kept: outputs::Outputs<Option<Kept>>,
    variables: HashMap<Arc<str>, Variable>,
    variables_changed: bool,
    entries: Vec<Option<BlockId>>,
    finish: BlockId,
    /// A second exit of the node being lowered: taken where the condition does not hold.
    other_exit: Option<(Value, BlockId)>,
    loops: HashMap<InstanceIx, LoopBlocks>,
    /// When the bodies of Timeouts are cut short, and where the flow goes on.
    deadlines: HashMap<InstanceIx, (Var, BlockId)>,
    /// The node in the flow that is being lowered.
    at: InstanceIx,
    scopes: Vec<Scope>,
    evaluated: evaluated::Evaluated,
    bindings: Vec<Binding>,
    pulling: Vec<NodeIx>,
    /// How deep inputs, and what they refer to, are being lowered inside one another.
    depth: usize,
    /// By node.
    tags: Vec<Option<crate::ir::NodeTag>>,
    /// Outputs that the graph names anywhere.
    references: Arc<outputs::Outputs<bool>>,
    variable_names: HashMap<Var, Arc<str>>,
    /// Who reads variables: which, the value read, node, port and place.
    variable_reads: Vec<(Var, VariableRead)>,
    /// The ports that read variables.
    ports: Interner,
    diagnostics: Vec<Diagnostic>,
    pub(crate) reported: HashSet<(&'static str, Option<NodeIx>, Option<statewright_types::Span>)>,
    /// Outputs by alias, in document order.
    aliases: HashMap<&'a str, Vec<(NodeIx, usize)>>,
    /// Pure nodes that cannot be lowered: it was said why, once is enough.
    broken: HashSet<NodeIx>,
    failed: bool,
}

impl<'a> GraphCx<'a> {
    pub(crate) fn graph(&self) -> &'a Graph {
        self.rows.graph
    }

    /// The declared result type.
    pub(crate) fn returns(&self) -> Option<&Type> {
        self.returns.as_ref()
    }

    pub(crate) fn schema(&self) -> &'a Schema {
        self.unit.schema
    }

    /// Reports once per code, node and place.
    pub(crate) fn report(&mut self, node: NodeIx, port: Option<&str>, mut diagnostic: Diagnostic) -> Abort {
        if self.reported.insert((diagnostic.code, Some(node), diagnostic.span)) {
            diagnostic = self.rows.at_node(node, diagnostic);
            diagnostic.place.port = port.map(Arc::from);
            self.failed |= diagnostic.severity == statewright_types::Severity::Error;
            self.diagnostics.push(diagnostic);
        }
        Abort
    }

    /// A type's text for messages.
    pub(crate) fn show(&self, ty: &Type) -> String {
        typing::show(self.schema(), ty)
    }
}
