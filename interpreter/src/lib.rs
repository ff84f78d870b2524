//! Runs verified IR on a session, as a [`Program`].
//!
//! Construction decodes each function once to a compact form ([`code`], [`decode`], [`moves`]); a run is one loop over
//! it ([`machine`], with [`short`], [`lanes`] and [`passes`] for what is frequent and [`calls`], [`operations`] and [`texts`] for what is long) without hashing, locking, reference counting or allocating per instruction.
//!
//! Invariant: touches nothing of a session but what [`Context`] offers; knows no nodes, only IR.

use std::cell::Cell;
use std::sync::Arc;

use statewright_graph::ir::Verified;
use statewright_runtime::context::Context;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{
    EffectInfo, Execution, FilterInfo, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo,
};
use statewright_types::Config;

mod calls;
mod code;
mod decode;
mod host;
mod lanes;
mod machine;
mod moves;
pub mod operations;
mod passes;
mod short;
mod stack;
mod tables;
pub mod texts;

pub use machine::parts::{FREE_JUMPS, JUMPS_PER_FUEL, jumps, unfit};
pub use tables::ProgramTables;

use decode::Decoded;
use machine::{Buffers, Machine};

thread_local! {
    /// Of the runs that ended last on this thread, one inside another: a new run takes the first, one inside of it the next.
    static KEPT: Cell<Option<Box<Buffers>>> = const { Cell::new(None) };
}

/// A module, ready to run. The module itself is no longer needed then.
#[derive(Debug)]
pub struct Interpreter {
    tables: ProgramTables,
    decoded: Decoded,
}

impl Interpreter {
    /// Decodes `module`, and keeps nothing of it. `handlers` are its handlers, in its order. Takes time in proportion to the module.
    pub fn new(module: Arc<Verified>, handlers: Vec<HandlerInfo>, document_hash: [u8; 32]) -> Interpreter {
        Interpreter::with_host_nodes(module, handlers, document_hash, &HostNodes::default())
    }

    /// The same, but slower: every instruction by itself. Does the same; for tests of just that.
    pub fn plain(module: Arc<Verified>, handlers: Vec<HandlerInfo>, document_hash: [u8; 32]) -> Interpreter {
        let tables = ProgramTables::new(&module, handlers, document_hash);
        Interpreter::plain_with_tables(&module, tables, &HostNodes::default())
    }

    /// [`Interpreter::plain`], of what a program tells about the module.
    pub fn plain_with_tables(module: &Verified, tables: ProgramTables, host_nodes: &HostNodes) -> Interpreter {
        Interpreter { tables, decoded: decode::decode(module, host_nodes, true) }
    }

    /// The same, with the functions of the host program's nodes.
    pub fn with_host_nodes(
        module: Arc<Verified>,
        handlers: Vec<HandlerInfo>,
        document_hash: [u8; 32],
        host_nodes: &HostNodes,
    ) -> Interpreter {
        let decoded = decode::decode(&module, host_nodes, false);
        Interpreter::made(&module, handlers, document_hash, decoded)
    }

    /// The same, of what a program tells about the module.
    pub fn with_tables(module: &Verified, tables: ProgramTables, host_nodes: &HostNodes) -> Interpreter {
        Interpreter { tables, decoded: decode::decode(module, host_nodes, false) }
    }

    fn made(module: &Verified, handlers: Vec<HandlerInfo>, document_hash: [u8; 32], decoded: Decoded) -> Interpreter {
        Interpreter { tables: ProgramTables::new(module, handlers, document_hash), decoded }
    }

    /// How many loops there are of which it may make several passes at once.
    pub fn loops_at_once(&self) -> usize {
        self.decoded.functions.iter().map(|code| code.plans.len()).sum()
    }

    /// The configuration that the document was compiled with.
    #[must_use]
    pub fn with_config(self, config: Option<Arc<Config>>) -> Interpreter {
        Interpreter { tables: self.tables.with_config(config), ..self }
    }

    fn with_machine(
        &self,
        cx: &mut Context<'_>,
        body: impl FnOnce(&mut Machine<'_, '_>) -> Option<Box<Outcome>>,
    ) -> Outcome {
        let mut buffers = KEPT.try_with(Cell::take).ok().flatten().unwrap_or_default();
        if let Some(next) = buffers.next.take() {
            let _kept = KEPT.try_with(|kept| kept.set(Some(next)));
        }
        let outcome = body(&mut Machine::new(&self.decoded.functions, &self.decoded.strings, cx, &mut buffers));
        // Where the thread is ending, there is no next run to keep them for.
        let _kept = KEPT.try_with(|kept| {
            buffers.next = kept.take();
            kept.set(Some(buffers));
        });
        match outcome {
            None => Outcome::Done,
            Some(outcome) => *outcome,
        }
    }
}

impl Program for Interpreter {
    fn execution(&self) -> Execution {
        Execution { name: "interpreter", artefact: None }
    }

    fn document_hash(&self) -> [u8; 32] {
        self.tables.document_hash
    }

    fn handlers(&self) -> &[HandlerInfo] {
        &self.tables.handlers
    }

    fn config(&self) -> Option<&Arc<Config>> {
        self.tables.config.as_ref()
    }

    fn filters(&self) -> &[FilterInfo] {
        &self.tables.filters
    }

    fn run_filter(&self, filter: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        let function = self.tables.filter_function(filter);
        self.with_machine(cx, |machine| machine.run(function, args))
    }

    fn effects(&self) -> &[EffectInfo] {
        &self.tables.effects
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        let function = self.tables.effect_function(effect);
        self.with_machine(cx, |machine| machine.run(function, args))
    }

    fn views(&self) -> &[ViewInfo] {
        &self.tables.views
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        let function = self.tables.view_function(view);
        let mut seen = false;
        let outcome = self.with_machine(cx, |machine| {
            let outcome = machine.run(function, &[viewer, element]);
            seen = machine.returned != 0;
            outcome
        });
        match outcome {
            Outcome::Trapped(trap) => Err(trap),
            // The checker lets no view wait.
            Outcome::Done | Outcome::Suspended(_) => Ok(seen),
        }
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        debug_assert!(handler < self.tables.handlers.len(), "there is no handler {handler}");
        self.with_machine(cx, |machine| machine.run(handler, args))
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        self.with_machine(cx, |machine| machine.resume(suspension))
    }
}
