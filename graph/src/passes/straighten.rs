//! Straightening the control flow: a jump to an empty block goes where that one goes, a block that only one jump
//! leads to becomes part of the one before, and blocks stand in the order in which they run. No instruction is added,
//! dropped or passed by another, so fuel and traps stay as they were.

use crate::ir::{Block, BlockId, Function, Target, Terminator};

use super::tidy::each_target;
use crate::ir::verify::targets;

/// Sends jumps through empty blocks; whether there are any. A resumption keeps its block: that is what a suspension names.
pub(crate) fn thread_jumps(function: &mut Function) -> bool {
    let ends: Vec<Option<Target>> = function.blocks.iter().map(passed_through).collect();
    if ends.iter().all(Option::is_none) {
        return false;
    }
    let follow = |target: &mut Target| {
        // An empty block may jump in a circle; then any place on it is as good.
        for _ in 0..ends.len() {
            match ends.get(target.block.index()) {
                Some(Some(next)) => *target = next.clone(),
                _ => break,
            }
        }
    };
    for block in &mut function.blocks {
        if let Terminator::Jump(_) | Terminator::Branch { .. } = &block.terminator {
            each_target(&mut block.terminator, follow);
        }
    }
    true
}

/// Where a block leads that does nothing and takes nothing.
fn passed_through(block: &Block) -> Option<Target> {
    match &block.terminator {
        Terminator::Jump(target) if block.insts.is_empty() && block.params.is_empty() => Some(target.clone()),
        _ => None,
    }
}

/// Appends a block that nothing but one jump leads to, to the block with that jump; whether there were any. What was
/// appended is left unreachable.
pub(crate) fn merge_blocks(function: &mut Function) -> bool {
    let mut any = false;
    let mut entries = vec![0usize; function.blocks.len()];
    if let Some(first) = entries.first_mut() {
        *first = 1;
    }
    for (block, _) in function.blocks.iter().zip(reached(function)).filter(|(_, is_reached)| *is_reached) {
        targets(&block.terminator).for_each(|(target, _)| entries[target.block.index()] += 1);
    }
    for index in 0..function.blocks.len() {
        if entries[index] == 0 {
            continue;
        }
        while let Terminator::Jump(target) = &function.blocks[index].terminator {
            let next = target.block.index();
            if next == index || entries[next] != 1 || !function.blocks[next].params.is_empty() {
                break;
            }
            entries[next] = 0;
            any = true;
            let insts = std::mem::take(&mut function.blocks[next].insts);
            let node = function.blocks[next].node;
            // Nobody gets there any more.
            let terminator = std::mem::replace(&mut function.blocks[next].terminator, Terminator::Return(None));
            let block = &mut function.blocks[index];
            // The longer one stays where it is.
            if block.insts.len() < insts.len() {
                let before = std::mem::replace(&mut block.insts, insts);
                block.insts.splice(0..0, before);
            } else {
                block.insts.extend(insts);
            }
            (block.terminator, block.node) = (terminator, node);
        }
    }
    any
}

/// By block, whether it can be reached.
pub(crate) fn reached(function: &Function) -> Vec<bool> {
    let mut seen = vec![false; function.blocks.len()];
    let mut work = Vec::with_capacity(function.blocks.len());
    work.push(0);
    while let Some(index) = work.pop() {
        if !std::mem::replace(&mut seen[index], true) {
            work.extend(targets(&function.blocks[index].terminator).map(|(target, _)| target.block.index()));
        }
    }
    seen
}

/// The blocks that can be reached, in reverse postorder: each before those it leads to, but for jumps back; the first
/// way of a branch and the body of a loop right behind it.
pub(crate) fn run_order(function: &Function) -> Vec<usize> {
    let mut seen = vec![false; function.blocks.len()];
    let mut order = Vec::with_capacity(function.blocks.len());
    let mut work = Vec::with_capacity(2 * function.blocks.len());
    work.push((0, false));
    while let Some((index, is_done)) = work.pop() {
        if is_done {
            order.push(index);
        } else if !std::mem::replace(&mut seen[index], true) {
            work.push((index, true));
            work.extend(targets(&function.blocks[index].terminator).map(|(target, _)| (target.block.index(), false)));
        }
    }
    order.reverse();
    order
}

/// Drops blocks that cannot be reached and puts the others into the order in which they run.
pub(crate) fn order_blocks(function: &mut Function) {
    let order = run_order(function);
    let mut number = vec![BlockId(0); function.blocks.len()];
    for (position, index) in order.iter().enumerate() {
        number[*index] = BlockId(position as u32);
    }
    let mut blocks: Vec<Option<Block>> = std::mem::take(&mut function.blocks).into_iter().map(Some).collect();
    function.blocks = order.iter().filter_map(|index| blocks[*index].take()).collect();
    for block in &mut function.blocks {
        each_target(&mut block.terminator, |target| target.block = number[target.block.index()]);
    }
}
