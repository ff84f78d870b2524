//! What single instructions of the loop need: strings made once, the data of an event, a called function's frame.

use std::sync::Arc;

use statewright_runtime::context::Context;
use statewright_runtime::program::{Outcome, Trap};
use statewright_types::{RecordType, TrapCode, Type};

use crate::code::{Code, NONE, Pc, Reg, Site};
use crate::machine::Buffers;
use crate::stack::Stack;

/// One function's activation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) function: u32,
    /// Its first register in the stack.
    pub(super) base: usize,
    /// Where it goes on.
    pub(super) pc: Pc,
    /// Where a called function's result goes, or [`NONE`].
    pub(super) result: Reg,
    /// What to save if the function that it called suspends.
    pub(super) pending: Pending,
}

/// From where a frame that waits for a call is saved.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pending {
    /// It called at this site.
    Site(u32),
    /// It was restored to the beginning of this block and has not run yet.
    Block(u32),
}

impl Buffers {
    /// Forgets the frames and strings of the run before; one that stays in the short loop has none.
    pub(super) fn clear(&mut self) {
        self.frames.clear();
        self.strings.clear();
        self.restored.clear();
    }
}

/// How many jumps backward and calls each unit of the fuel limit allows in one run.
pub const JUMPS_PER_FUEL: u64 = 64;
/// How many jumps backward and calls a run may make besides.
pub const FREE_JUMPS: u64 = 1_000_000;

/// How many jumps backward and calls a run may make.
pub fn jumps(cx: &Context<'_>) -> u64 {
    cx.meter.limits.fuel.saturating_mul(JUMPS_PER_FUEL).saturating_add(FREE_JUMPS)
}

/// The handler or suspension does not belong to this program: a fault of whoever called, told as an outcome.
pub fn unfit() -> Outcome {
    let message = Arc::from("this handler or suspension does not belong to the program that runs it");
    Outcome::Trapped(Trap { code: TrapCode::BadArgument, message: Some(message), node: None })
}

/// What the resume block of a wait for an event is given of it.
pub(super) fn event_data(code: &Code, site: u32) -> Option<Arc<RecordType>> {
    let site = code.sites.get(site as usize)?;
    match &code.resume_blocks.get(site.resume as usize)?.as_ref()?.params.get(1)?.1 {
        Type::Record(record) => Some(record.clone()),
        _ => None,
    }
}

/// A frame for the function that `site` calls, its arguments taken from the caller's registers at `base`.
pub(super) fn enter(stack: &mut Stack, functions: &[Code], base: usize, site: &Site) -> Frame {
    let window = stack.push(&functions[site.callee as usize]);
    for (index, arg) in site.args.iter().enumerate() {
        stack.set(window, index as Reg, stack.get(base, *arg));
    }
    Frame { function: site.callee, base: window, pc: 0, result: NONE, pending: Pending::Block(0) }
}
