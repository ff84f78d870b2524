//! A compiled module as a [`Program`].

use std::cell::Cell;
use std::fmt;
use std::sync::{Arc, Mutex};

use statewright_graph::ir::Verified;
use statewright_interpreter::ProgramTables;
use statewright_runtime::context::Context;
use statewright_runtime::host::HostNodes;
use statewright_runtime::program::{EffectInfo, FilterInfo, HandlerInfo, Outcome, Program, Suspension, Trap, ViewInfo};
use statewright_types::Config;

use crate::error::JitError;
use crate::memory::{Code, EntryFn};
use crate::run::{DONE, IN_GROUP, ListView, PANICKED, Run, STOPPED, Work};
use crate::sites::{Sites, code_of};

mod resuming;

thread_local! {
    /// Of the run that ended last on this thread; a run inside another one makes its own.
    static KEPT: Cell<Option<Box<Run>>> = const { Cell::new(None) };
}

/// A module, compiled for this machine. One serves many sessions at once; its code is freed with it.
pub struct Jit {
    tables: ProgramTables,
    sites: Sites,
    /// By function of the module.
    entries: Vec<Option<EntryFn>>,
    /// What the entries are in.
    code: Mutex<Code>,
    bytes: usize,
    perf_map: String,
}

impl fmt::Debug for Jit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jit").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// How a function ended.
enum Ended {
    Done,
    Stopped(Box<Outcome>),
    Waits,
}

impl Jit {
    /// Compiles a module, and keeps nothing of it. Takes time in proportion to it.
    ///
    /// # Errors
    /// The module is too large, or there is no code for this machine: see [`JitError`].
    pub fn new(module: &Verified, tables: ProgramTables, host_nodes: &HostNodes) -> Result<Jit, JitError> {
        let (code, generated) = Code::compile(module, host_nodes, &tables.view_functions)?;
        let entries = generated.entries.iter().map(|entry| entry.map(|id| code.entry(id))).collect();
        let bytes = generated.named.iter().map(|(_, _, bytes)| bytes).sum();
        let perf_map = code.perf_map(&generated.named);
        Ok(Jit { tables, sites: generated.sites, entries, code: Mutex::new(code), bytes, perf_map })
    }

    /// Lines for the file `/tmp/perf-PID.map`, from which the profiler `perf` takes names: address, size and name of each
    /// function.
    pub fn perf_map(&self) -> &str {
        &self.perf_map
    }

    /// How many bytes of machine code it is.
    pub fn code_bytes(&self) -> usize {
        self.bytes
    }

    /// Runs the function at `index`; missing arguments are 0. Gives what it returned besides.
    #[inline]
    fn run_function(&self, index: usize, args: &[u64], cx: &mut Context<'_>) -> (Outcome, u64) {
        let Some(function) = self.sites.functions.get(index) else { return (unfit(), 0) };
        let padded: Vec<u64>;
        let slots = if args.len() < function.params {
            padded = args.iter().copied().chain(std::iter::repeat(0)).take(function.params).collect();
            &padded
        } else {
            args
        };
        self.with_run(index, cx, |run| {
            let outcome = match self.enter(run, index, 0, slots) {
                Ended::Done => Outcome::Done,
                Ended::Stopped(outcome) => *outcome,
                Ended::Waits => {
                    let mut frames = std::mem::take(&mut run.work.frames);
                    frames.reverse();
                    self.suspended(run, frames)
                }
            };
            (outcome, run.result)
        })
    }

    /// A run of this program, ready for the function at `index`; afterwards the meter is up to date.
    #[inline]
    fn with_run<R>(&self, index: usize, cx: &mut Context<'_>, body: impl FnOnce(&mut Run) -> R) -> R {
        let mut run = KEPT.try_with(Cell::take).ok().flatten().unwrap_or_else(|| Box::new(Run::new()));
        run.work.clear();
        run.work.function = index;
        if run.work.table_views.len() < self.sites.types.len() {
            run.work.table_views.resize(self.sites.types.len(), statewright_runtime::state::TableView::NONE);
        }
        run.work.look(&self.sites, cx.state);
        run.fuel = cx.meter.fuel;
        run.jumps = statewright_interpreter::jumps(cx);
        run.result = 0;
        run.views = run.work.table_views.as_ptr();
        run.sites = &self.sites;
        let meter_of = std::ptr::from_mut(cx);
        run.cx = meter_of.cast();
        let result = body(&mut run);
        cx.meter.fuel = run.fuel;
        let panic = run.work.panic.take();
        // Where the thread is ending, there is no next run to keep it for.
        let _kept = KEPT.try_with(|kept| kept.set(Some(run)));
        match panic {
            None => result,
            Some(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Begins a function (block 0), or goes on in a resume block of it.
    #[inline]
    fn enter(&self, run: &mut Run, index: usize, block: u32, slots: &[u64]) -> Ended {
        let Some(entry) = self.entries.get(index).copied().flatten() else { return Ended::Stopped(Box::new(unfit())) };
        // SAFETY: the entry is code of this program, which is alive, and takes a run whose fields are set, a block, and the
        // address of as many slots as the function or that block has parameters: callers have made sure of that.
        let status = unsafe { entry(run, u64::from(block), slots.as_ptr()) };
        match status {
            DONE => Ended::Done,
            STOPPED => Ended::Stopped(Box::new(self.stopped(run))),
            _ => Ended::Waits,
        }
    }

    /// Why and where it stopped.
    #[cold]
    fn stopped(&self, run: &mut Run) -> Outcome {
        let status = run.stopped & 0xff;
        let place = if run.stopped & IN_GROUP == 0 {
            Some((run.stopped >> 8) as u32)
        } else {
            let group = ((run.stopped & !IN_GROUP) >> 8) as usize;
            let place = self.sites.exhausted(group, run.fuel);
            run.fuel = 0;
            place
        };
        if status == PANICKED {
            return unfit(); // and goes on panicking
        }
        Outcome::Trapped(Trap { code: code_of(status), message: run.work.message.take(), node: self.node(place) })
    }

    fn node(&self, place: Option<u32>) -> Option<Arc<str>> {
        self.sites.places.get(place? as usize).filter(|id| !id.is_empty()).cloned()
    }

    fn suspended(&self, run: &mut Run, frames: Vec<statewright_runtime::program::SavedFrame>) -> Outcome {
        match run.work.wait.take() {
            Some(wait) => {
                Outcome::Suspended(Suspension { wait, frames, node: self.node(Some((run.stopped >> 8) as u32)) })
            }
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

impl Run {
    fn new() -> Run {
        Run {
            fuel: 0,
            jumps: 0,
            result: 0,
            stopped: 0,
            helpers: crate::helpers::TABLE.as_ptr(),
            views: std::ptr::null(),
            list: ListView::NONE,
            cx: std::ptr::null_mut(),
            sites: std::ptr::null(),
            work: Work::default(),
        }
    }
}

impl Program for Jit {
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
        self.run_function(self.tables.filter_function(filter), args, cx).0
    }

    fn effects(&self) -> &[EffectInfo] {
        &self.tables.effects
    }

    fn run_effect(&self, effect: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        self.run_function(self.tables.effect_function(effect), args, cx).0
    }

    fn views(&self) -> &[ViewInfo] {
        &self.tables.views
    }

    fn run_view(&self, view: usize, viewer: u64, element: u64, cx: &mut Context<'_>) -> Result<bool, Trap> {
        match self.run_function(self.tables.view_function(view), &[viewer, element], cx) {
            (Outcome::Trapped(trap), _) => Err(trap),
            // The checker lets no view wait.
            (Outcome::Done | Outcome::Suspended(_), returned) => Ok(returned != 0),
        }
    }

    fn run(&self, handler: usize, args: &[u64], cx: &mut Context<'_>) -> Outcome {
        debug_assert!(handler < self.tables.handlers.len(), "there is no handler {handler}");
        self.run_function(handler, args, cx).0
    }

    fn resume(&self, suspension: &Suspension, cx: &mut Context<'_>) -> Outcome {
        self.resume_all(suspension, cx)
    }
}
