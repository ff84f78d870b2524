//! Calls of the host program's nodes that the short loop makes.

use std::sync::Arc;

use statewright_runtime::context::Context;
use statewright_runtime::host::HostNow;
use statewright_runtime::state::State;
use statewright_types::TrapCode;

use crate::code::Code;
use crate::short::Registers;

/// What calls of the host program's nodes need, and leave.
pub(crate) struct HostSide {
    now: HostNow,
    /// Why the last one stopped, if it did.
    pub message: Option<Arc<str>>,
}

impl HostSide {
    /// Of a running activation.
    #[inline]
    pub fn of(cx: &Context<'_>) -> HostSide {
        HostSide { now: HostNow::of(cx), message: None }
    }
}

/// Arguments of a call of the host program that the short loop makes.
const ARGS: usize = 6;

/// Calls a node of the host program, kept out of the loop; `x` as in [`crate::code::Inst::HostCall`]. Nothing if it has more arguments.
#[inline(never)]
pub(crate) fn call<R: Registers + ?Sized>(
    code: &Code,
    (site, x): (u32, u32),
    regs: &R,
    state: &mut State,
    side: &mut HostSide,
) -> Option<Result<u64, TrapCode>> {
    let (count, registers) = code.extra.get(x as usize..)?.split_first()?;
    let mut args = [0; ARGS];
    let args = args.get_mut(..*count as usize)?;
    for (arg, register) in args.iter_mut().zip(registers) {
        *arg = regs.get(*register);
    }
    Some(code.hosts[site as usize].call(args, state, side.now).map_err(|(code, message)| {
        side.message = Some(message);
        code
    }))
}
