//! Moves charges of fuel to the front of what can neither stop the activation nor be seen, so that they stand together.

use statewright_types::planted;

use super::dead::is_idle;
use crate::ir::ops::Effect;
use crate::ir::{Function, Op};

/// Gathers the charges of each block of a function; their order stays.
pub(super) fn gather(function: &mut Function) {
    for block in &mut function.blocks {
        // Where the run of idle instructions before the one at hand begins.
        let mut front = 0;
        for at in 0..block.insts.len() {
            let inst = &block.insts[at];
            if inst.op == Op::Fuel {
                block.insts[front..=at].rotate_right(1);
                front += 1;
            } else if planted::is(60) {
                // It goes to the front of what may stop the activation, too.
            } else if !is_idle(inst) || inst.op.row().effect == Effect::Measures {
                front = at + 1;
            }
        }
    }
}
