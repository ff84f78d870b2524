//! Drops what nobody needs: instructions that only compute, and block parameters that only pass on what nobody reads. What
//! may stop the activation stays.

use statewright_types::planted;

use super::tidy::each_target;
use crate::dominators::Lists;
use crate::ir::ops::Effect;
use crate::ir::verify::targets;
use crate::ir::{Block, Function, Inst, Terminator, Value};

/// Whether an instruction is gone if its result is.
pub(super) fn is_idle(inst: &Inst) -> bool {
    let row = inst.op.row();
    (row.traps.is_empty() || planted::is(62))
        && inst.result.is_some()
        && match row.effect {
            Effect::Pure | Effect::Reads | Effect::Allocates | Effect::Measures => true,
            Effect::Writes | Effect::Draws | Effect::Emits | Effect::Arranges => false,
            Effect::Charges | Effect::Calls | Effect::Observes => false,
        }
}

/// Drops what is dead in a function; whether ways may be alike now that were not. `keeps` are the blocks whose parameters
/// stay as they are.
pub(super) fn sweep(function: &mut Function, keeps: impl Fn(usize) -> bool + Copy) -> bool {
    let is_needed = needed(function, &keeps);
    let mut any_empty = false;
    for block in &mut function.blocks {
        let before = block.insts.len();
        block.insts.retain(|inst| !is_idle(inst) || inst.result.is_none_or(|result| is_needed[result.index()]));
        any_empty |= before > 0 && is_a_jump(block);
    }
    // Where the parameters of each block begin among all.
    let mut first = Vec::with_capacity(function.blocks.len());
    let mut stays = Vec::new();
    for (index, block) in function.blocks.iter().enumerate() {
        first.push(stays.len());
        stays.extend(block.params.iter().map(|param| keeps(index) || is_needed[param.index()]));
    }
    if stays.iter().all(|stays| *stays) {
        return any_empty;
    }
    for (index, block) in function.blocks.iter_mut().enumerate() {
        block.params.retain_positions(|position| stays[first[index] + position]);
        each_target(&mut block.terminator, |target| {
            let to = target.block.index();
            if !keeps(to) {
                target.args.retain_positions(|position| stays[first[to] + position]);
            }
        });
    }
    true
}

fn is_a_jump(block: &Block) -> bool {
    block.insts.is_empty() && matches!(block.terminator, Terminator::Jump(_))
}

/// By value, whether anything that happens depends on it.
fn needed(function: &Function, keeps: &impl Fn(usize) -> bool) -> Vec<bool> {
    let mut is_needed = vec![false; function.values.len()];
    // What idle instructions and parameters need in their turn.
    let mut sources: Vec<(usize, usize)> = Vec::with_capacity(2 * function.values.len());
    let mut open: Vec<Value> = Vec::with_capacity(function.values.len());
    for (index, block) in function.blocks.iter().enumerate() {
        for inst in &block.insts {
            match inst.result {
                Some(result) if is_idle(inst) => {
                    sources.extend(inst.args.iter().map(|arg| (result.index(), arg.index())));
                }
                _ => open.extend(&inst.args),
            }
        }
        if keeps(index) {
            open.extend(&block.params);
        }
        match &block.terminator {
            Terminator::Branch { condition, .. } => open.push(*condition),
            Terminator::Return(value) | Terminator::Trap { message: value, .. } => open.extend(*value),
            Terminator::Suspend { args, deadlines, .. } | Terminator::Call { args, deadlines, .. } => {
                open.extend(args);
                open.extend(deadlines.iter().map(|deadline| deadline.due));
            }
            Terminator::Jump(_) => {}
        }
        for (target, _) in targets(&block.terminator) {
            let to = target.block.index();
            if keeps(to) {
                open.extend(&target.args);
                continue;
            }
            for (param, arg) in function.blocks[to].params.iter().zip(&target.args) {
                sources.push((param.index(), arg.index()));
            }
        }
    }
    let sources = Lists::new(function.values.len(), sources.into_iter());
    while let Some(value) = open.pop() {
        if !std::mem::replace(&mut is_needed[value.index()], true) {
            open.extend(sources.of(value.index()).iter().map(|source| Value(*source)));
        }
    }
    is_needed
}
