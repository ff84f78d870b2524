//! Sends jumps through blocks that do nothing but decide by what they are given, or pass it on: whoever comes there knows
//! where it goes on.

use super::straighten::run_order;
use crate::ir::verify::terminator_uses;
use crate::ir::{Function, Imm, Op, Target, Terminator, Value};

/// Threads the jumps of a function; whether there were any to be. A resumption keeps its block.
pub(super) fn thread(function: &mut Function, resumed: &[bool]) -> bool {
    if !function.blocks.iter().any(|block| block.insts.is_empty() && !block.params.is_empty()) {
        return false;
    }
    let mut any = false;
    let order = run_order(function);
    let (truths, outside) = (truths(function), used_outside(function));
    for index in order {
        // A few steps: what was sent on may be sent on again.
        for _ in 0..STEPS {
            let block = &function.blocks[index];
            let next = match &block.terminator {
                Terminator::Jump(target) => jumped(function, target, &truths, &outside, resumed),
                Terminator::Branch { condition, then, otherwise } => {
                    let further = |target: &Target| match jumped(function, target, &truths, &outside, resumed) {
                        Some(Terminator::Jump(next)) => Some(next),
                        _ => None,
                    };
                    let (first, second) = (further(then), further(otherwise));
                    let changes = first.is_some() || second.is_some();
                    changes.then(|| Terminator::Branch {
                        condition: *condition,
                        then: first.unwrap_or_else(|| then.clone()),
                        otherwise: second.unwrap_or_else(|| otherwise.clone()),
                    })
                }
                _ => None,
            };
            match next {
                Some(terminator) => {
                    // A branch keeps its own node: that is where it was decided; nothing in it can fail.
                    function.blocks[index].terminator = terminator;
                    any = true;
                }
                None => break,
            }
        }
    }
    any
}

const STEPS: usize = 8;

/// What a jump there comes to, if the block does nothing itself and nobody else needs what it is given.
fn jumped(
    function: &Function,
    target: &Target,
    truths: &[Option<bool>],
    outside: &[bool],
    resumed: &[bool],
) -> Option<Terminator> {
    let index = target.block.index();
    let block = &function.blocks[index];
    let is_plain = block.insts.is_empty() && !block.params.is_empty() && !resumed.get(index).copied().unwrap_or(false);
    if !is_plain || block.params.iter().any(|param| outside[param.index()]) {
        return None;
    }
    let given = |value: Value| {
        let position = block.params.iter().position(|param| *param == value);
        position.and_then(|position| target.args.get(position)).copied().unwrap_or(value)
    };
    let sent = |to: &Target| Target { block: to.block, args: to.args.iter().map(|arg| given(*arg)).collect() };
    match &block.terminator {
        // A block that jumps to itself is no way on.
        Terminator::Jump(to) if to.block != target.block => Some(Terminator::Jump(sent(to))),
        Terminator::Branch { condition, then, otherwise } => match truths[given(*condition).index()] {
            Some(is) => Some(Terminator::Jump(sent(if is { then } else { otherwise }))),
            None if block.params.contains(condition) => {
                Some(Terminator::Branch { condition: given(*condition), then: sent(then), otherwise: sent(otherwise) })
            }
            None => None,
        },
        _ => None,
    }
}

/// By value, what it is if it is a constant bool.
fn truths(function: &Function) -> Vec<Option<bool>> {
    let mut truths = vec![None; function.values.len()];
    for inst in function.blocks.iter().flat_map(|block| &block.insts) {
        if let (Op::BConst, Imm::Bool(is), Some(result)) = (inst.op, &inst.imm, inst.result) {
            truths[result.index()] = Some(*is);
        }
    }
    truths
}

/// By value, whether it is a block's parameter that something else than that block's end reads.
fn used_outside(function: &Function) -> Vec<bool> {
    let mut home = vec![usize::MAX; function.values.len()];
    for (index, block) in function.blocks.iter().enumerate() {
        block.params.iter().for_each(|param| home[param.index()] = index);
    }
    let mut is_used = vec![false; function.values.len()];
    for (index, block) in function.blocks.iter().enumerate() {
        block.insts.iter().flat_map(|inst| &inst.args).for_each(|arg| is_used[arg.index()] = true);
        for value in terminator_uses(&block.terminator) {
            is_used[value.index()] |= home[value.index()] != index;
        }
    }
    is_used
}
