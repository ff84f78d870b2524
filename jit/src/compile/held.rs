//! Checks that wait for one another. Where registers are given out as they come, every block costs time to compile and to run: all
//! that lives goes through memory between them, and a check alone makes two. Checks with nothing in between that could be noticed
//! are made with one branch; the way out finds the first that failed.

use std::mem::offset_of;

use cranelift_codegen::ir::{self as clif, InstBuilder};
use cranelift_module::Module;
use statewright_graph::ir::Op;

use super::body::{Body, trusted};
use crate::memory::Effort;
use crate::run::Run;

/// So many at most wait for one branch: what they looked at stays until then.
const MOST_HELD: usize = 16;

/// A check that was made, and not acted upon yet.
pub(super) struct Held {
    /// Whether it failed.
    condition: clif::Value,
    /// What is left in the run then.
    stopped: u64,
    /// The fuel that is left then; none if what stops leaves none.
    fuel: Option<clif::Value>,
}

/// Whether code of the operation computes numbers only, besides checks: after a check that failed it may run as well.
fn only_computes(op: Op) -> bool {
    use Op::{
        And, BConst, FAbs, FAdd, FCmp, FConst, FDiv, FMul, FNeg, FSqrt, FSub, Fuel, FuelN, FuelShort, IAbs, IAdd,
        IAddOver, IAddWrap, ICmp, IConst, IMax, IMin, IMul, IMulOver, IMulWrap, INeg, ISign, ISub, ISubOver, ISubWrap,
        IToF, IToU, Narrow, Not, Null, Or, Retype, Reveal, Select, TrapIf, UCmp, UConst, UICmp, UToF, UToI,
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
            | FuelN
            | FuelShort
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
        let may_wait = self.effort == Effort::Little && !self.is_ahead && only_computes(op);
        if !may_wait || self.held.len() >= MOST_HELD {
            self.settle();
        }
        self.holds = may_wait;
    }

    /// Keeps a check for later; `empty` if no fuel is left where it fails, else as much as now.
    pub fn hold(&mut self, condition: clif::Value, stopped: u64, empty: bool) {
        let fuel = if empty { None } else { Some(self.b.use_var(self.fuel)) };
        self.held.push(Held { condition, stopped, fuel });
    }

    /// Stops where one of the checks failed that waited: as the first of them says.
    pub fn settle(&mut self) {
        self.holds = false;
        let held = std::mem::take(&mut self.held);
        let Some((last, before)) = held.split_last() else { return };
        let now = self.b.use_var(self.fuel);
        if before.is_empty() && last.fuel.is_none_or(|fuel| fuel == now) {
            return self.exit_if(last.condition, last.stopped, last.fuel.is_none());
        }
        let any = before.iter().fold(last.condition, |any, held| self.b.ins().bor(any, held.condition));
        let (stop, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(stop);
        self.b.ins().brif(any, stop, &[], next, &[]);
        self.b.switch_to_block(stop);
        let mut stopped = self.int(last.stopped as i64);
        let mut left = last.fuel;
        for held in before.iter().rev() {
            let this = self.int(held.stopped as i64);
            stopped = self.b.ins().select(held.condition, this, stopped);
            left = match (held.fuel, left) {
                (Some(this), Some(later)) if this != later => Some(self.b.ins().select(held.condition, this, later)),
                (this, later) => this.or(later),
            };
        }
        if let Some(left) = left.filter(|left| *left != now) {
            self.b.ins().store(trusted(), left, self.run, offset_of!(Run, fuel) as i32);
        }
        self.b.ins().store(trusted(), stopped, self.run, offset_of!(Run, stopped) as i32);
        let exit = self.exit;
        self.b.ins().jump(exit, &[]);
        self.b.switch_to_block(next);
    }
}
