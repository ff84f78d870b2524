//! Moves charges of fuel to the front of what can neither stop the activation nor be seen, so that they stand together.

use statewright_types::planted;

use super::dead::is_idle;
use crate::ir::ops::Effect;
use crate::ir::{Function, Inst, Op};

/// Gathers the charges of each block of a function; their order stays.
pub(super) fn gather(function: &mut Function) {
    for block in &mut function.blocks {
        // Most have none, or one at their beginning.
        let is_fuel = |inst: &&Inst| inst.op == Op::Fuel;
        if !block.insts.iter().skip_while(is_fuel).any(|inst| inst.op == Op::Fuel) {
            continue;
        }
        let mut gathered = Vec::with_capacity(block.insts.len());
        // Idle instructions since the last one that is not.
        let mut idle = Vec::new();
        for inst in std::mem::take(&mut block.insts) {
            if inst.op == Op::Fuel {
                gathered.push(inst);
            } else if planted::is(60) || is_idle(&inst) && inst.op.row().effect != Effect::Measures {
                // Planted: it goes to the front of what may stop the activation, too.
                idle.push(inst);
            } else {
                gathered.append(&mut idle);
                gathered.push(inst);
            }
        }
        gathered.append(&mut idle);
        block.insts = gathered;
    }
}
