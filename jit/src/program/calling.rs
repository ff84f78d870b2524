//! The way from Rust into compiled code, as short as it can be.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use statewright_runtime::context::Context;
use statewright_runtime::program::Outcome;

use super::{Jit, unfit};
use crate::memory::EntryFn;
use crate::run::{DONE, Run, STOPPED};
use crate::sites::FunctionSites;

thread_local! {
    /// Those that are not in use on this thread, a list by [`Run::next`]: as many as runs have been within each other. It has no destructor, as
    /// asking for one that has costs more; `ENDING` frees them.
    static KEPT: Cell<*mut Run> = const { Cell::new(std::ptr::null_mut()) };
    static ENDING: Ending = const { Ending };
}

/// Frees what is kept, when the thread ends.
struct Ending;

impl Drop for Ending {
    fn drop(&mut self) {
        let mut next = KEPT.replace(std::ptr::null_mut());
        while !next.is_null() {
            // SAFETY: what is kept was given away by `keep`, and nobody else has it.
            let run = unsafe { Box::from_raw(next) };
            next = run.next;
        }
    }
}

#[inline(always)]
fn take_kept() -> Box<Run> {
    let kept = KEPT.get();
    if kept.is_null() {
        return new_run();
    }
    // SAFETY: what is kept was given away by `keep`, nobody else has it, and from here on it is kept no more.
    let run = unsafe { Box::from_raw(kept) };
    KEPT.set(run.next);
    run
}

#[cold]
#[inline(never)]
fn new_run() -> Box<Run> {
    let mut run = Box::new(Run::new());
    // A thread that is ending has nobody left to free it.
    run.is_kept = ENDING.try_with(|_| ()).is_ok();
    run
}

#[inline(always)]
fn keep(mut run: Box<Run>) {
    if run.is_kept {
        run.next = KEPT.get();
        KEPT.set(Box::into_raw(run));
    }
}

/// A function of a compiled document, found once for many calls.
#[derive(Clone, Copy)]
pub struct Entry<'p> {
    program: &'p Jit,
    /// By position in the module.
    function: usize,
    code: EntryFn,
    params: usize,
    writes: bool,
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("function", &self.function).finish_non_exhaustive()
    }
}

impl<'p> Entry<'p> {
    #[inline]
    pub(super) fn new(program: &'p Jit, function: usize) -> Option<Entry<'p>> {
        let code = program.entries.get(function).copied().flatten()?;
        let FunctionSites { params, writes, .. } = program.sites.functions.get(function)?;
        Some(Entry { program, function, code, params: *params, writes: *writes })
    }

    /// Makes ready to call it. Until the calls are dropped the context is theirs; its meter is up to date then.
    #[inline(always)]
    pub fn calls<'c>(&'c self, cx: &'c mut Context<'_>) -> Calls<'c> {
        let mut calls = self.program.begin((self.function, self.writes), cx);
        (calls.code, calls.params) = (Some(self.code), self.params);
        calls
    }
}

/// Calls of one function, one after the other, in one transaction and with one meter: what they need to know of the state is looked
/// up once. Each call counts as an activation of its own but for fuel and memory, which they share, and strings that nothing
/// holds, which end with the transaction.
pub struct Calls<'c> {
    program: &'c Jit,
    /// What [`Entry::calls`] is about; none for resumptions.
    code: Option<EntryFn>,
    params: usize,
    run: ManuallyDrop<Box<Run>>,
    /// Of one call, that charge no fuel.
    jumps: u64,
    /// [`Run::cx`] is this one.
    context: PhantomData<&'c mut Context<'c>>,
}

impl fmt::Debug for Calls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("fuel", &self.run.fuel).finish_non_exhaustive()
    }
}

impl Jit {
    /// Makes ready to enter a function, which writes or does not.
    #[inline(always)]
    pub(super) fn begin<'c>(&'c self, (function, writes): (usize, bool), cx: &'c mut Context<'_>) -> Calls<'c> {
        let mut run = take_kept();
        run.prepare(&self.sites, function, writes, cx);
        let jumps = statewright_interpreter::jumps(cx);
        run.jumps = jumps;
        let run = ManuallyDrop::new(run);
        Calls { program: self, code: None, params: 0, run, jumps, context: PhantomData }
    }
}

impl Drop for Calls<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it is taken here only, and `self` is not used afterwards.
        let mut run = unsafe { ManuallyDrop::take(&mut self.run) };
        let cx = std::mem::replace(&mut run.cx, std::ptr::null_mut());
        // SAFETY: it is the context that `Jit::begin` was given, which is borrowed for as long as `self` is there.
        unsafe { (*cx).meter.fuel = run.fuel };
        keep(run);
    }
}

/// How a function ended.
pub(super) enum Ended {
    Done,
    Stopped(Box<Outcome>),
    Waits,
}

impl Calls<'_> {
    /// Calls it with the slots of its arguments; missing ones are 0.
    ///
    /// # Errors
    /// The outcome, if that is not [`Outcome::Done`].
    #[inline]
    pub fn call(&mut self, args: &[u64]) -> Result<(), Box<Outcome>> {
        let Some(code) = self.code else { return Err(Box::new(unfit())) };
        if args.len() < self.params {
            return self.call_padded(args);
        }
        self.run.jumps = self.jumps;
        let run: *mut Run = &mut **self.run;
        // SAFETY: the code is that of a function of the program, which is alive; it takes a run whose fields are set, 0 to begin,
        // and the address of as many slots as the function has parameters.
        let status = unsafe { code(run, 0, args.as_ptr()) };
        if status == DONE { Ok(()) } else { self.other_end(status) }
    }

    #[cold]
    fn call_padded(&mut self, args: &[u64]) -> Result<(), Box<Outcome>> {
        let padded: Vec<u64> = args.iter().copied().chain(std::iter::repeat(0)).take(self.params).collect();
        self.call(&padded)
    }

    #[cold]
    #[inline(never)]
    fn other_end(&mut self, status: u64) -> Result<(), Box<Outcome>> {
        match self.ended(status) {
            Ended::Done => Ok(()),
            Ended::Stopped(outcome) => Err(outcome),
            Ended::Waits => {
                let mut frames = std::mem::take(&mut self.run.work.frames);
                frames.reverse();
                Err(Box::new(self.program.suspended(&mut self.run, frames)))
            }
        }
    }

    /// What the function returned that was called last.
    #[inline]
    pub(super) fn result(&self) -> u64 {
        self.run.result
    }

    pub(super) fn run(&mut self) -> &mut Run {
        &mut self.run
    }

    /// Goes on in a resume block of a function, with its parameters.
    pub(super) fn go_on(&mut self, function: usize, block: u32, slots: &[u64]) -> Ended {
        let Some(code) = self.program.entries.get(function).copied().flatten() else {
            return Ended::Stopped(Box::new(unfit()));
        };
        self.run.work.function = function;
        let run: *mut Run = &mut **self.run;
        // SAFETY: the context is that of this run, which nobody else looks at now.
        let state = unsafe { &mut *(*self.run.cx).state };
        self.run.work.look(&self.program.sites, state);
        // SAFETY: as in `call`; the block is one that may be gone on in, and `slots` are as many as it has parameters: `restore`
        // has made sure of that.
        let status = unsafe { code(run, u64::from(block), slots.as_ptr()) };
        self.ended(status)
    }

    /// What a status means. A panic goes on from here.
    fn ended(&mut self, status: u64) -> Ended {
        if let Some(panic) = self.run.work.panic.take() {
            self.run.work.clear();
            std::panic::resume_unwind(panic);
        }
        match status {
            DONE => Ended::Done,
            STOPPED => Ended::Stopped(Box::new(self.program.stopped(&mut self.run))),
            _ => Ended::Waits,
        }
    }
}
