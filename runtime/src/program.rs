//! What an execution is to a session: handlers that run and resume. The interpreter, the JIT and emitted Rust
//! implement [`Program`].

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

pub use statewright_types::handler::{HandlerInfo, Permissions};
use statewright_types::{Config, RecordType, StructId, TrapCode, Type};

use crate::context::Context;
use crate::host_effects::RegisteredEffect;
use crate::state::{Changes, ContainerChange, RecordChange, State};

pub use crate::state::Saved;

/// A filter's declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterInfo {
    /// Its name.
    pub name: Arc<str>,
    /// Declared parameters, without the viewer's id.
    pub params: Vec<(Arc<str>, Type)>,
    /// What it may touch.
    pub footprint: FilterFootprint,
}

/// What a filter, or a view that is a function, may touch, itself or in the functions that it calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterFootprint {
    /// What it may look at: unless that changes, it does the same again.
    pub reads: Footprint,
    /// What it may write: elsewhere, and but for what is inside, viewers see the state as it is. Nothing of a view.
    pub writes: Footprint,
    /// Whether it looks at anything but the state: time, host, configuration, which filters and effects are in use.
    pub looks_around: bool,
}

impl FilterFootprint {
    /// Anything at all.
    pub fn anything() -> FilterFootprint {
        FilterFootprint { reads: Footprint::All, writes: Footprint::All, looks_around: true }
    }
}

/// An effect's declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectInfo {
    /// Its name.
    pub name: Arc<str>,
    /// Declared parameters.
    pub params: Vec<(Arc<str>, Type)>,
    /// What it may touch.
    pub footprint: Footprint,
    /// Whether it reads anything else: time, host, configuration, which filters and effects are in use.
    pub looks_around: bool,
}

/// What an effect may read or write, itself or in the functions that it calls: a write elsewhere does not concern it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Footprint {
    /// Anything.
    All,
    /// These fields, and what lists and maps in them contain.
    Fields(BTreeSet<(StructId, u32)>),
}

impl Footprint {
    /// Nothing at all.
    pub fn nothing() -> Footprint {
        Footprint::Fields(BTreeSet::new())
    }

    /// Whether nothing is in it.
    pub fn is_nothing(&self) -> bool {
        *self == Footprint::nothing()
    }

    /// Whether a field is in it.
    pub fn contains(&self, ty: StructId, field: u32) -> bool {
        match self {
            Footprint::All => true,
            Footprint::Fields(fields) => fields.contains(&(ty, field)),
        }
    }

    /// Adds another one.
    pub fn add(&mut self, other: &Footprint) {
        match (&mut *self, other) {
            (Footprint::Fields(fields), Footprint::Fields(others)) => fields.extend(others.iter().copied()),
            (_, Footprint::All) => *self = Footprint::All,
            (Footprint::All, _) => {}
        }
    }

    /// Whether any of these changes is in it.
    pub fn meets(&self, changes: &Changes, state: &State) -> bool {
        let in_record = |change: &RecordChange| change.fields.iter().any(|field| self.contains(change.ty, field));
        let in_container = |change: &ContainerChange| {
            state.field_of(change.container).is_none_or(|(ty, field)| self.contains(ty, field))
        };
        // What looks at a root that comes or goes, names no field of it.
        // Where something hidden changed in what effects add, is not looked for.
        (!changes.roots.is_empty() || changes.tells_added()) && !self.is_nothing()
            || changes.records.iter().any(in_record)
            || changes.containers.iter().any(in_container)
    }
}

/// A view that is a function of the document.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewInfo {
    /// Its name, as in `@view`.
    pub name: Arc<str>,
    /// The type whose records it is asked about.
    pub element: StructId,
    /// What it may look at. Which records of its type there are is not in it.
    pub footprint: FilterFootprint,
}

/// Why an activation stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The code.
    pub code: TrapCode,
    /// Text of a `Fail` node, or detail.
    pub message: Option<Arc<str>>,
    /// The node that stopped it.
    pub node: Option<Arc<str>>,
}

/// The code, the message and the node, as far as there are any.
impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        match &self.node {
            Some(node) => write!(f, " (at the node `{node}`)"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Trap {}

/// What an activation waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum WaitFor {
    /// That many milliseconds of session time, at least 1.
    Duration(i64),
    /// An incoming event.
    Event {
        /// Its name.
        event: Arc<str>,
        /// For how many milliseconds at most; 0 or less is for as long as it takes.
        timeout_ms: i64,
        /// What the activation is given of the event's parameters.
        data: Arc<RecordType>,
    },
}

/// Where one function of a suspended activation goes on, and with what.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedFrame {
    /// The function, by position in the module.
    pub function: u32,
    /// Its resume block.
    pub block: u32,
    /// The values for the block's parameters (without a pending call's result).
    pub values: Vec<Saved>,
    /// What cuts short whatever it waits for, innermost first.
    pub deadlines: Vec<SavedDeadline>,
}

/// When the frame gives up waiting, and where it goes on then.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedDeadline {
    /// Session time, milliseconds.
    pub due_ms: i64,
    /// The block, by position.
    pub block: u32,
    /// The values for the block's parameters.
    pub values: Vec<Saved>,
}

/// A suspended activation: data, and nothing of the execution that made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspension {
    /// What for.
    pub wait: WaitFor,
    /// The handler's frame first, the innermost call last.
    pub frames: Vec<SavedFrame>,
    /// The node that waits, to be named if the wait is impossible.
    pub node: Option<Arc<str>>,
}

impl Suspension {
    /// When the earliest deadline cuts it short, session time in milliseconds.
    pub fn deadline_ms(&self) -> Option<i64> {
        self.deadline().map(|(_, _, deadline)| deadline.due_ms)
    }

    /// The earliest deadline with its frame and its position there; of equals the innermost.
    fn deadline(&self) -> Option<(usize, usize, &SavedDeadline)> {
        let frames = self.frames.iter().enumerate().rev();
        let all =
            frames.flat_map(|(frame, saved)| saved.deadlines.iter().enumerate().map(move |(at, d)| (frame, at, d)));
        all.min_by_key(|(_, _, deadline)| deadline.due_ms)
    }

    /// The suspension as its earliest deadline leaves it: the frames inside are gone, and resuming it goes on where the
    /// deadline leads. Itself, if it has none.
    pub fn cut_short(mut self) -> Suspension {
        let Some((frame, position, _)) = self.deadline() else { return self };
        self.frames.truncate(frame + 1);
        if let Some(last) = self.frames.last_mut() {
            let mut rest = last.deadlines.split_off(position);
            last.deadlines = rest.split_off(1);
            if let Some(SavedDeadline { block, values, .. }) = rest.pop() {
                (last.block, last.values) = (block, values);
            }
        }
        // Nothing came of what was waited for.
        self.wait = WaitFor::Duration(0);
        self
    }
}

/// How a run or a resumption ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// To the end.
    Done,
    /// With an error; the session undoes its writes.
    Trapped(Trap),
    /// At a wait.
    Suspended(Suspension),
}

/// What a program's handlers run on, for results to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// `interpreter`, `jit`, `rust`, `js`, or `custom` for handlers that are somebody's own.
    pub name: &'static str,
    /// SHA-256 of what was built to run them, where that is for the program to know: emitted Rust is in the file of the process.
    pub artefact: Option<[u8; 32]>,
}

/// Handlers that can run. One `Program` serves many sessions at once.
pub trait Program: Send + Sync {
    /// What the next activation runs on. A program around another one tells that one's, so that nothing runs on one execution and
    /// is told as another.
    fn execution(&self) -> Execution {
        Execution { name: "custom", artefact: None }
    }

    /// SHA-256 of the document's text and the schema hash; a suspension resumes only under an equal one.
    fn document_hash(&self) -> [u8; 32];

    /// In document order.
    fn handlers(&self) -> &[HandlerInfo];

    /// What the document's configuration declares.
    fn config(&self) -> Option<&Arc<Config>> {
        None
    }

    /// In document order.
    fn filters(&self) -> &[FilterInfo] {
        &[]
    }

    /// Runs a filter on the viewer's copy of the state, which is `cx.state`. `args` are the viewer's id and the
    /// declared parameters. Never suspends.
    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        let _ = (filter, args, cx);
        Outcome::Done
    }

    /// In document order.
    fn effects(&self) -> &[EffectInfo] {
        &[]
    }

    /// Runs an effect on `cx.state`. `args` are the declared parameters. Never suspends.
    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        let _ = (effect, args, cx);
        Outcome::Done
    }

    /// The effect at that place of [`Program::effects`], if it is one in Rust, which is not run by
    /// [`Program::run_effect`].
    fn host_effect(&self, effect: usize) -> Option<&RegisteredEffect> {
        let _ = effect;
        None
    }

    /// Whether any effect is one in Rust.
    fn has_host_effects(&self) -> bool {
        false
    }

    /// In document order.
    fn views(&self) -> &[ViewInfo] {
        &[]
    }

    /// Whether a viewer (text) sees the fields of that view of a record of the view's type. Never suspends, and writes nothing.
    ///
    /// # Errors
    /// What stopped it.
    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        let _ = (view, viewer, element, cx);
        Ok(false)
    }

    /// Runs a handler. `args` are `senderID` and the declared parameters as slots of their loaded types.
    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome;

    /// Goes on where `suspension` stopped. If that was a wait for an event, `cx.arrived` tells whether it came.
    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome;
}
