//! Brings a function into order after other passes: without blocks that cannot be reached, parameters that always get one
//! value, and instructions that nobody needs. Blocks at which suspensions resume keep their places.

use super::dead;
use super::straighten::{merge_blocks, reached, run_order, thread_jumps};
use super::tidy::{each_target, remove_redundant_params, renumber_values};
use crate::ir::verify::targets;
use crate::ir::{Block, BlockId, Function, NodeTag, Terminator, Values};
use statewright_types::TrapCode;

/// By block, whether a suspension resumes there.
pub(super) fn resumed(function: &Function) -> Vec<bool> {
    let mut is_resumed = vec![false; function.blocks.len()];
    for (target, resumes) in function.blocks.iter().flat_map(|block| targets(&block.terminator)) {
        is_resumed[target.block.index()] |= resumes;
    }
    is_resumed
}

/// Drops what has become superfluous; no block moves.
pub(super) fn clean(function: &mut Function, resumed: &[bool]) {
    let keeps = |index: usize| index == 0 || resumed.get(index).copied().unwrap_or(false);
    if function.blocks.len() == 1 {
        dead::sweep(function, keeps);
        return;
    }
    empty_unreached(function);
    remove_redundant_params(function, |block| keeps(block.index()));
    straighten(function);
    // What was swept may have been all that the two ways of a branch differed in; then nobody needs its condition either.
    while dead::sweep(function, keeps) && straighten(function) {}
}

/// Sends jumps where they end up, and makes one block of those that follow each other; whether a branch became a jump.
fn straighten(function: &mut Function) -> bool {
    let threaded = thread_jumps(function);
    let joined = join_ways(function);
    if merge_blocks(function) || threaded || joined {
        empty_unreached(function);
    }
    joined
}

/// Makes a jump of each branch whose ways are one; whether there was any.
fn join_ways(function: &mut Function) -> bool {
    let mut any = false;
    for block in &mut function.blocks {
        if let Terminator::Branch { then, otherwise, .. } = &block.terminator
            && then == otherwise
        {
            block.terminator = Terminator::Jump(then.clone());
            any = true;
        }
    }
    any
}

/// What a block holds that nobody gets to.
fn nothing() -> Block {
    let terminator = Terminator::Trap { code: TrapCode::NotFound, message: None };
    Block { params: Values::new(), insts: Vec::new(), terminator, node: NodeTag(0) }
}

/// Empties blocks that cannot be reached.
fn empty_unreached(function: &mut Function) {
    let is_reached = reached(function);
    for (block, _) in function.blocks.iter_mut().zip(is_reached).filter(|(_, is_reached)| !is_reached) {
        *block = nothing();
    }
}

/// Puts blocks into the order in which they run, but for those at which something resumes, which stay where they are, and
/// numbers values anew. A place for which no block is left gets one that nobody gets to.
pub(super) fn arrange(function: &mut Function, resumed: &[bool]) {
    let stays = |index: usize| resumed.get(index).copied().unwrap_or(false);
    let mut order = run_order(function).into_iter().filter(|index| !stays(*index)).peekable();
    let last_fixed = resumed.iter().rposition(|stays| *stays);
    let mut places: Vec<Option<usize>> = Vec::with_capacity(function.blocks.len());
    while order.peek().is_some() || last_fixed.is_some_and(|last| places.len() <= last) {
        let at = places.len();
        places.push(if stays(at) { Some(at) } else { order.next() });
    }
    let mut number = vec![BlockId(0); function.blocks.len()];
    for (position, index) in places.iter().enumerate() {
        if let Some(index) = index {
            number[*index] = BlockId(position as u32);
        }
    }
    let mut blocks: Vec<Option<Block>> = std::mem::take(&mut function.blocks).into_iter().map(Some).collect();
    let taken = places.iter().map(|index| index.and_then(|index| blocks[index].take()).unwrap_or_else(nothing));
    function.blocks = taken.collect();
    for block in &mut function.blocks {
        each_target(&mut block.terminator, |target| target.block = number[target.block.index()]);
    }
    renumber_values(function);
}
