//! Checks that wait for one another. Where registers are given out as they come, every block costs time to compile and to run: all
//! that lives goes through memory between them, and a check alone makes two. Checks with nothing in between that could be noticed
//! are made with one branch: each leaves in the run whether it failed, charges of fuel are made all at once, and where something
//! failed, [`crate::sites::Sites::first_failed`] finds out what was first.

use std::mem::offset_of;

use cranelift_codegen::ir::{self as clif, InstBuilder};
use cranelift_module::Module;
use statewright_graph::ir::{NodeTag, Op};

use super::body::{Body, trusted};
use crate::memory::Effort;
use crate::run::{MOST_FLAGS, Run};
use crate::sites::HeldCheck;

/// So many checks and charges at most wait for one branch, nearly.
const MOST_HELD: usize = 64;

/// Checks that were made, and not acted upon yet.
#[derive(Default)]
pub(super) struct Held {
    /// In their order, with the charges between them.
    checks: Vec<HeldCheck>,
    /// How many of them are no charges, and whether one of those failed.
    failed: Option<(u8, clif::Value)>,
    /// What all charges come to; [`Body::fuel`] is without them.
    charged: u64,
}

/// Whether code of the operation computes numbers only, besides checks: after a check that failed it may run as well.
fn only_computes(op: Op) -> bool {
    use Op::{
        And, BConst, FAbs, FAdd, FCmp, FConst, FDiv, FMul, FNeg, FSqrt, FSub, Fuel, IAbs, IAdd, IAddOver, IAddWrap,
        ICmp, IConst, IMax, IMin, IMul, IMulOver, IMulWrap, INeg, ISign, ISub, ISubOver, ISubWrap, IToF, IToU, Narrow,
        Not, Null, Or, Retype, Reveal, Select, TrapIf, UCmp, UConst, UICmp, UToF, UToI,
    };
    matches!(
        op,
        And | BConst
            | FAbs
            | FAdd
            | FCmp
            | FConst
            | FDiv
            | FMul
            | FNeg
            | FSqrt
            | FSub
            | Fuel
            | IAbs
            | IAdd
            | IAddOver
            | IAddWrap
            | ICmp
            | IConst
            | IMax
            | IMin
            | IMul
            | IMulOver
            | IMulWrap
            | INeg
            | ISign
            | ISub
            | ISubOver
            | ISubWrap
            | IToF
            | IToU
            | Narrow
            | Not
            | Null
            | Or
            | Retype
            | Reveal
            | Select
            | TrapIf
            | UCmp
            | UConst
            | UICmp
            | UToF
            | UToI
    )
}

impl<M: Module> Body<'_, '_, '_, M> {
    /// Before code of an operation: whether its checks may wait. Those that waited do not if it does more than compute.
    pub fn begin_op(&mut self, op: Op) {
        // In loops the run's fuel is behind, and each way to stop sees to it.
        let may_wait = self.effort != Effort::Full && !self.is_ahead && only_computes(op);
        if !may_wait || self.held.checks.len() >= MOST_HELD {
            self.settle();
        }
        self.holds = may_wait;
    }

    /// Keeps a check for later.
    pub fn hold(&mut self, condition: clif::Value, stopped: u64) {
        if self.held.flags() == MOST_FLAGS {
            self.settle();
            self.holds = true;
        }
        let flag = self.held.flags();
        self.b.ins().store(trusted(), condition, self.run, (offset_of!(Run, flags) + flag) as i32);
        let any = match self.held.failed {
            Some((_, any)) => self.b.ins().bor(any, condition),
            None => condition,
        };
        self.held.failed = Some((flag as u8 + 1, any));
        self.held.checks.push(HeldCheck::Flag { stopped });
    }

    /// Keeps a charge for later.
    pub fn hold_charge(&mut self, amount: u64, node: NodeTag) {
        let place = self.place_of(node);
        self.held.charged = self.held.charged.saturating_add(amount);
        self.held.checks.push(HeldCheck::Charge { amount, place });
    }

    /// Makes the charges that waited, and stops where one of the checks failed: as the first of them says.
    pub fn settle(&mut self) {
        self.holds = false;
        if self.held.checks.is_empty() {
            return;
        }
        let Held { checks, failed, charged } = std::mem::take(&mut self.held);
        let mut failed = failed.map(|(_, any)| any);
        let mut left = None;
        if charged > 0 {
            let fuel = self.fuel_left();
            let amount = self.int(charged as i64);
            let short = self.is_short(fuel, amount);
            failed = Some(failed.map_or(short, |any| self.b.ins().bor(any, short)));
            left = Some(self.b.ins().isub(fuel, amount));
        }
        if let Some(failed) = failed {
            let group = self.group(checks);
            self.exit_if(failed, group, false);
        }
        if let Some(left) = left {
            self.leave_fuel(left);
        }
    }
}

impl Held {
    /// How many flags are in use.
    fn flags(&self) -> usize {
        self.failed.map_or(0, |(flags, _)| usize::from(flags))
    }
}
