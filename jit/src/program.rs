//! A compiled module as a [`Program`].

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use statewright_graph::ir::Verified;
use statewright_interpreter::ProgramTables;
use statewright_runtime::context::Context;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{
    EffectInfo, Execution, FilterInfo, HandlerInfo, Outcome, Program, SavedFrame, Suspension, Trap, ViewInfo,
};
use statewright_types::Config;

use crate::compile::{NEVER, NO_CLOCK, Named, Order};
use crate::error::JitError;
use crate::memory::{Code, EntryFn};
use crate::run::{EMPTY, IN_GROUP, PANICKED, Run};
use crate::sites::{Sites, code_of};

mod calling;
mod resuming;

pub use calling::{Calls, Entry};

/// A module, compiled for this machine. One serves many sessions at once; its code is freed with it.
pub struct Jit {
    tables: ProgramTables,
    sites: Sites,
    /// By function of the module.
    entries: Vec<Option<EntryFn>>,
    /// What the entries are in.
    code: Mutex<Code>,
    /// Functions of the code, with their names and how many bytes each has.
    functions: Vec<Named>,
    artefact: OnceLock<[u8; 32]>,
    loops_at_once: usize,
    perf_map: OnceLock<String>,
}

impl fmt::Debug for Jit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jit").field("bytes", &self.code_bytes()).finish_non_exhaustive()
    }
}

impl Jit {
    /// Compiles a module, and keeps nothing of it. Takes time in proportion to it.
    ///
    /// # Errors
    /// The module is too large, or there is no code for this machine: see [`JitError`].
    pub fn new(module: &Verified, tables: ProgramTables, host_nodes: &HostNodes) -> Result<Jit, JitError> {
        Jit::unless(module, tables, host_nodes, &NEVER)
    }

    /// The same, until `stop` is set: that is looked at between functions, by all threads that compile.
    ///
    /// # Errors
    /// As [`Jit::new`], and [`JitError::Stopped`].
    pub fn unless(
        module: &Verified,
        tables: ProgramTables,
        host_nodes: &HostNodes,
        stop: &AtomicBool,
    ) -> Result<Jit, JitError> {
        Jit::made(module, tables, host_nodes, Order { now: NO_CLOCK, stop }).map(|(jit, _)| jit)
    }

    /// The same, with how long Cranelift took for code of its own IR by a clock that tells the time since any moment.
    ///
    /// # Errors
    /// As [`Jit::new`].
    pub fn timed(
        module: &Verified,
        tables: ProgramTables,
        host_nodes: &HostNodes,
        now: &dyn Fn() -> Duration,
    ) -> Result<(Jit, Duration), JitError> {
        Jit::made(module, tables, host_nodes, Order { now, stop: &NEVER })
    }

    fn made(
        module: &Verified,
        tables: ProgramTables,
        host_nodes: &HostNodes,
        order: Order<'_>,
    ) -> Result<(Jit, Duration), JitError> {
        let (code, generated) = Code::compile(module, host_nodes, &tables.view_functions, order)?;
        let entries = generated.entries.iter().map(|entry| entry.map(|id| code.entry(id))).collect();
        let jit = Jit {
            tables,
            sites: generated.sites,
            entries,
            code: Mutex::new(code),
            functions: generated.named,
            artefact: OnceLock::new(),
            loops_at_once: generated.loops_at_once,
            perf_map: OnceLock::new(),
        };
        Ok((jit, generated.time))
    }

    /// Lines for the file `/tmp/perf-PID.map`, from which the profiler `perf` takes names: address, size and name of each
    /// function, `7f12a4c01000 1c3 statewright:OnScored`. Names have no blanks, and each stands there once; `+entry` is the way in
    /// to a function that Rust calls, such as a view.
    pub fn perf_map(&self) -> &str {
        let code = || self.code.lock().unwrap_or_else(PoisonError::into_inner).perf_map(&self.functions);
        self.perf_map.get_or_init(code)
    }

    /// How many bytes of machine code it is.
    pub fn code_bytes(&self) -> usize {
        self.functions.iter().map(|function| function.bytes).sum()
    }

    /// Bytes of machine code by function; what stands there twice belongs together.
    pub fn sizes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.functions.iter().map(|function| (&*function.name, function.bytes))
    }

    /// SHA-256 of the machine code, function by function, as it is in memory. Takes time in proportion to it when it is first asked for.
    pub fn artefact(&self) -> [u8; 32] {
        let code = || self.code.lock().unwrap_or_else(PoisonError::into_inner).digest(&self.functions);
        *self.artefact.get_or_init(code)
    }

    /// How many loops there are of which it makes several passes at once.
    pub fn loops_at_once(&self) -> usize {
        self.loops_at_once
    }

    /// The handler of that name, to be called often.
    pub fn handler(&self, name: &str) -> Option<Entry<'_>> {
        let index = self.tables.handlers.iter().position(|info| &*info.name == name)?;
        Entry::new(self, index)
    }

    /// Runs the function at `index`; missing arguments are 0. How it ended stands where it is wanted from the beginning: what is copied
    /// right after it was written waits for that.
    #[inline]
    fn run_function(&self, index: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        match self.returned(index, args, cx) {
            Ok(_) => Outcome::Done,
            Err(outcome) => *outcome,
        }
    }

    /// The same, with what it returns.
    #[inline]
    fn returned(&self, index: usize, args: &[u64], cx: &mut Context<'_>) -> Result<u64, Box<Outcome>> {
        let Some(entry) = Entry::new(self, index) else { return Err(Box::new(unfit())) };
        let mut calls = entry.calls(cx);
        calls.call(args)?;
        Ok(calls.result())
    }

    /// Why and where it stopped.
    #[cold]
    fn stopped(&self, run: &mut Run) -> Outcome {
        if run.stopped & IN_GROUP != 0 {
            let group = ((run.stopped & !IN_GROUP) >> 8) as usize;
            // Nothing but 0 would be a fault of the code generator.
            (run.stopped, run.fuel) = self.sites.first_failed(group, run.fuel, &run.flags).unwrap_or((0, run.fuel));
        }
        let low = run.stopped & 0xff;
        // A panic is no status, and what it left is not looked at.
        let (status, is_empty) = if low == PANICKED { (low, false) } else { (low & !EMPTY, low & EMPTY != 0) };
        if is_empty {
            run.fuel = 0;
        }
        let place = (run.stopped >> 8) as u32;
        let message = run.work.message.take();
        run.work.clear();
        if status == PANICKED {
            return unfit(); // has gone on panicking
        }
        Outcome::Trapped(Trap { code: code_of(status), message, node: self.node(place) })
    }

    fn node(&self, place: u32) -> Option<Arc<str>> {
        self.sites.places.get(place as usize).filter(|id| !id.is_empty()).cloned()
    }

    fn suspended(&self, run: &mut Run, frames: Vec<SavedFrame>) -> Outcome {
        match run.work.wait.take() {
            Some(wait) => Outcome::Suspended(Suspension { wait, frames, node: self.node((run.stopped >> 8) as u32) }),
            None => unfit(),
        }
    }
}

impl Drop for Jit {
    fn drop(&mut self) {
        self.entries.clear();
        // Nobody runs it any more: `self` is borrowed for as long as code runs.
        if let Ok(code) = self.code.get_mut() {
            code.free();
        }
    }
}

/// The handler or suspension does not belong to this program: a fault of whoever called, told as an outcome.
fn unfit() -> Outcome {
    statewright_interpreter::unfit()
}

impl Program for Jit {
    fn execution(&self) -> Execution {
        Execution { name: "jit", artefact: Some(self.artefact()) }
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
        self.run_function(self.tables.filter_function(filter), args, cx)
    }

    fn effects(&self) -> &[EffectInfo] {
        &self.tables.effects
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.run_function(self.tables.effect_function(effect), args, cx)
    }

    fn views(&self) -> &[ViewInfo] {
        &self.tables.views
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        match self.returned(self.tables.view_function(view), &[viewer, element], cx) {
            Ok(returned) => Ok(returned != 0),
            Err(outcome) => match *outcome {
                Outcome::Trapped(trap) => Err(trap),
                // The checker lets no view wait.
                Outcome::Done | Outcome::Suspended(_) => Ok(false),
            },
        }
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        debug_assert!(handler < self.tables.handlers.len(), "there is no handler {handler}");
        self.run_function(handler, args, cx)
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        self.resume_all(suspension, cx)
    }
}
