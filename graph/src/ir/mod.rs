//! The typed intermediate representation that every execution runs.
//!
//! This page is its specification. A [`Module`] holds functions; a [`Function`] is a control-flow graph of
//! [`Block`]s in SSA form: every [`Value`] is defined once, as a block parameter or as the result of one
//! instruction, and a definition dominates its uses. Block 0 is the entry and its parameters are the function's.
//!
//! **Values.** Each value has a static [`Type`], always the *loaded* form (`Type::loaded`): integers are `int64`
//! or `uint64`, floats `float64`; narrow types occur only in fields, elements and parameters from outside. At run
//! time a value is a 64-bit slot: an integer or the bits of a float; a bool is 0 or 1; strings, bytes, lists, maps,
//! records and boxes are numbers of objects in the session's heap; a struct is a reference, generation in the
//! high half and row in the low. Null is 0. A nullable scalar is a box (a list of one element); a nullable of
//! anything else is the thing itself or 0.
//!
//! **Structs** are live references or values, told apart at run time by whether the record is attached to the state
//! (`struct.attached`). Values are never changed after they were built, except that `init`, `list.push` and
//! `map.put` may build up a value that nothing else refers to yet.
//!
//! **Containers in state.** `load` of a list or map field yields the *live* container; `snapshot` makes a value of
//! it. Instructions that change a container act on live ones (and journal and mark what changed) or on a value
//! still being built.
//!
//! **Checks are instructions.** An instruction traps only with the codes that its row of [`ops`] lists, and stops the
//! activation with that code and the node it is tagged with. (While effects are in use, what writes the state has them
//! applied again, and may also stop with `fuel_exhausted` or `memory_limit` if they use too much.) Fuel and memory are charged by `fuel`, `fuel.n` and
//! `mem` and by nothing else, so that optimising cannot change what an activation is charged.
//!
//! **Suspension.** A handler suspends only in a terminator ([`Terminator::Suspend`], or [`Terminator::Call`] of a
//! function that may suspend). What survives is exactly the arguments of its resume target: data of static types. A
//! wait that has results ([`Wait::Event`]), and a call that has one, supplies them as the resume block's first
//! parameters, before the saved ones. All of this is
//! fixed when the document is lowered and before any pass runs. Passes may neither add, drop, reorder nor retype
//! the parameters of a resume block, nor move instructions across it. So an activation suspended under one
//! execution resumes under any other.
//!
//! **Deadlines.** A suspension may carry [`Deadline`]s. When session time reaches the earliest of those that the
//! suspended frames carry, and what is waited for has not come by then or at that same time, the frame that carries it
//! goes on at its target, itself a resume block, with the values saved for that; the frames inside it are dropped. Of
//! deadlines due at one time the innermost counts: that of the frame called last, and in a frame the first.
//!
//! **Trace.** `enter`, `leave`, `probe` and `watch` exist only in modules lowered for tracing; they observe, and have no
//! other effect unless a debugger puts another value in the place of one that is read.
//!
//! **Text** ([`text`]) prints and reads the whole of it; [`mod@verify`] states what makes a module valid.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::{Schema, StructId, TrapCode, Type};

pub mod footprint;
pub mod generate;
pub mod lookups;
pub mod ops;
pub mod roles;
pub mod text;
pub mod typing;
mod values;
pub mod verify;

use footprint::Footprint;
pub use ops::{Op, OpRow};
pub use typing::{Signature, result_type};
pub use values::Values;
pub use verify::{Verified, VerifyError, verify};

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// The number as an index.
            pub fn index(self) -> usize { self.0 as usize }
        }
    )*};
}

index! {
    /// An SSA value of a function: `v12`.
    Value
    /// A block of a function: `b3`.
    BlockId
    /// A function of a module, by position.
    FuncId
    /// A node of a function's graph, an index into [`Function::nodes`]; 0 is "no node" (the graph's start).
    NodeTag
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Cond {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Cond {
    /// Every condition with its spelling in IR text.
    pub const ALL: [(Cond, &'static str); 6] =
        [(Cond::Eq, "eq"), (Cond::Ne, "ne"), (Cond::Lt, "lt"), (Cond::Le, "le"), (Cond::Gt, "gt"), (Cond::Ge, "ge")];

    /// Whether an ordering satisfies the condition; `None` (a NaN is involved) satisfies only `Ne`.
    pub fn holds(self, ordering: Option<std::cmp::Ordering>) -> bool {
        use std::cmp::Ordering::*;
        match self {
            Cond::Eq => ordering == Some(Equal),
            Cond::Ne => ordering != Some(Equal),
            Cond::Lt => ordering == Some(Less),
            Cond::Le => matches!(ordering, Some(Less | Equal)),
            Cond::Gt => ordering == Some(Greater),
            Cond::Ge => matches!(ordering, Some(Greater | Equal)),
        }
    }
}

/// The constant part of an instruction; which kind an operation takes is in its row.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Imm {
    None,
    /// Of `iconst`, `fuel`, `record.get` (field index), `narrow`.
    Int(i64),
    /// The bits of a binary64.
    Float(u64),
    Bool(bool),
    Str(Arc<str>),
    /// Full (not loaded) type.
    Type(Type),
    Struct(StructId),
    /// A field by position.
    Field(StructId, u32),
    Cond(Cond),
    Trap(TrapCode),
    Func(FuncId),
    /// A node of the host program.
    Host(Box<HostCall>),
}

/// What `host.call` calls.
#[derive(Clone, Debug, PartialEq)]
pub struct HostCall {
    /// The node type's name.
    pub name: Arc<str>,
    /// The full type of its output, or of the record of all; `None` if it has none.
    pub output: Option<Type>,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq)]
pub struct Inst {
    /// What it does.
    pub op: Op,
    /// Operands.
    pub args: Values,
    /// Constant part.
    pub imm: Imm,
    /// The value it defines, if its row says that it has one.
    pub result: Option<Value>,
    /// The node that it was lowered from.
    pub node: NodeTag,
}

/// A block and the arguments for its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Where to go.
    pub block: BlockId,
    /// One per parameter.
    pub args: Values,
}

/// What an activation waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wait {
    /// Argument: milliseconds (int), positive. Resumes when session time has advanced by that much.
    Duration,
    /// Arguments: an event's type (text) and milliseconds (int). Resumes when such an event has come in, or when
    /// session time has advanced by that much; 0 or less waits for as long as it takes. Results: whether it came (bool),
    /// and a record of those of its parameters that the record's type names, zeros if it did not.
    Event,
}

impl Wait {
    /// Every kind with its spelling in IR text.
    pub const ALL: [(Wait, &'static str); 2] = [(Wait::Duration, "duration"), (Wait::Event, "event")];

    /// How many parameters of the resume block the wait itself supplies.
    pub const fn results(self) -> usize {
        match self {
            Wait::Duration => 0,
            Wait::Event => 2,
        }
    }
}

/// What cuts a suspension short.
#[derive(Clone, Debug, PartialEq)]
pub struct Deadline {
    /// When, in session time (int, ms).
    pub due: Value,
    /// Where the function goes on then, with the saved values as parameters.
    pub target: Target,
}

/// How a block ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Terminator {
    /// Goes on there.
    Jump(Target),
    /// Goes to the first if the bool is true, else to the second.
    Branch {
        /// A bool.
        condition: Value,
        /// Where true goes.
        then: Target,
        /// Where false goes.
        otherwise: Target,
    },
    /// Ends the function, with a value exactly if it has a result type.
    Return(Option<Value>),
    /// Stops the activation. The message (string) is given for `custom` and may be for others.
    Trap {
        /// Why.
        code: TrapCode,
        /// Text for people.
        message: Option<Value>,
    },
    /// Suspends the activation. The first parameters of the resume block receive the wait's results, the others the
    /// saved values `resume.args`.
    Suspend {
        /// What for.
        wait: Wait,
        /// Its arguments.
        args: Values,
        /// Where it goes on, with the saved values as parameters.
        resume: Target,
        /// What cuts it short, innermost first.
        deadlines: Vec<Deadline>,
    },
    /// Calls a function that may suspend. If the callee has a result, the first parameter of the resume block
    /// receives it, before the saved values `resume.args`.
    Call {
        /// The callee; `suspends` is true for it.
        callee: FuncId,
        /// Its arguments.
        args: Values,
        /// Where it goes on.
        resume: Target,
        /// What cuts a suspension of the callee short, innermost first.
        deadlines: Vec<Deadline>,
    },
}

/// A straight line of instructions.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Values that jumps here supply.
    pub params: Values,
    /// In order.
    pub insts: Vec<Inst>,
    /// The end.
    pub terminator: Terminator,
    /// The node that the terminator was lowered from.
    pub node: NodeTag,
}

/// What starts a function.
#[derive(Clone, Debug, PartialEq)]
pub enum FunctionRole {
    /// Runs when this event arrives.
    Handler {
        /// The event's name.
        event: Arc<str>,
    },
    /// Runs when called.
    Function,
    /// Changes a viewer's copy of the state before the viewer sees it. First parameter: the viewer's id.
    Filter,
    /// Changes what everybody reads of the state, while it is in use.
    Effect,
}

/// A parameter as declared: the type may be narrow; inside, its value has the loaded type.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The name.
    pub name: Arc<str>,
    /// The declared type.
    pub ty: Type,
}

/// A handler or a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The name, unique among functions of the same role.
    pub name: Arc<str>,
    /// Handler or function.
    pub role: FunctionRole,
    /// Parameters. A handler's first one is `senderID: string`, a filter's `viewerID: string`.
    pub params: Vec<Param>,
    /// The result type (loaded) of a function that has one.
    pub returns: Option<Type>,
    /// Whether it, or anything it calls, may suspend.
    pub suspends: bool,
    /// Ids of the graph's nodes; `nodes[0]` is empty and means the graph itself.
    pub nodes: Vec<Arc<str>>,
    /// The type of each value.
    pub values: Vec<Type>,
    /// `blocks[0]` is the entry.
    pub blocks: Vec<Block>,
}

impl Function {
    /// The type of `value`.
    pub fn ty(&self, value: Value) -> &Type {
        &self.values[value.index()]
    }

    /// The id of the node behind `tag`; empty for none.
    pub fn node_id(&self, tag: NodeTag) -> &Arc<str> {
        &self.nodes[tag.index()]
    }
}

/// All handlers and functions of a document, against one schema.
#[derive(Clone, Debug)]
pub struct Module {
    /// What struct types and fields refer to.
    pub schema: Arc<Schema>,
    /// The main root (R1.2).
    pub root: StructId,
    /// Whether `enter`, `leave`, `probe` and `watch` were lowered.
    pub traced: bool,
    /// In document order: handlers, functions, filters, effects.
    pub functions: Vec<Function>,
    /// What filters, effects and views may touch as they were lowered, which the passes note before they change anything: what is
    /// asked again, and so what viewers are sent, must not hang on what passes find. Of others it is read from the instructions.
    pub footprints: BTreeMap<FuncId, Footprint>,
}
