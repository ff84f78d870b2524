//! The shape of a function's control flow: what comes before what, and who is certain to have been there.

use super::straighten::run_order;
use crate::dominators::{Lists, dominators, visits};
use crate::ir::verify::targets;
use crate::ir::{Block, Function, Terminator};

/// Orders and dominators of a function's blocks. Where a suspension resumes, everything begins anew: what was there before
/// it need not have been there in this run.
pub(super) struct Shape {
    /// The blocks that can be reached, each before those that it leads to but for jumps back.
    pub order: Vec<usize>,
    /// The blocks from which each can be reached directly, one entry per edge.
    pub before: Lists,
    /// Whether each is resumed at.
    pub is_resumed: Vec<bool>,
    /// By block, the nearest that every way to it leads through. `None` of the entry and of what is resumed at.
    pub above: Vec<Option<usize>>,
    /// By block, its position in the order.
    rank: Vec<u32>,
    /// Whether something jumps back.
    pub has_loops: bool,
    visits: Vec<(u32, u32)>,
}

impl Shape {
    pub fn of(function: &Function) -> Shape {
        let count = function.blocks.len();
        if count == 1 {
            return Shape::of_one_block();
        }
        let order = run_order(function);
        let mut rank = vec![u32::MAX; count];
        (0..).zip(&order).for_each(|(position, index)| rank[*index] = position);
        let reached = || order.iter().map(|index| (*index, &function.blocks[*index]));
        let edges = || {
            reached().flat_map(|(from, block)| {
                targets(&block.terminator).map(move |(target, resumes)| (from, target.block.index(), resumes))
            })
        };
        let mut is_resumed = vec![false; count];
        edges().filter(|(_, _, resumes)| *resumes).for_each(|(_, to, _)| is_resumed[to] = true);
        // The root is no block: its edges lead to the entry, and to where suspensions resume.
        let from_root = edges().map(|(from, to, resumes)| (if resumes { count } else { from }, to));
        let mut above = dominators(count, &Lists::new(count + 1, std::iter::once((count, 0)).chain(from_root)));
        above.iter_mut().for_each(|above| *above = above.filter(|above| *above < count));
        let visits = visits(&above);
        let before = Lists::new(count, edges().map(|(from, to, _)| (to, from)));
        let has_loops = edges().any(|(from, to, _)| rank[to] <= rank[from]);
        Shape { order, before, is_resumed, above, rank, has_loops, visits }
    }

    /// Where there is nothing but the entry, to which nothing leads.
    fn of_one_block() -> Shape {
        Shape {
            order: vec![0],
            before: Lists::new(1, std::iter::empty()),
            is_resumed: vec![false],
            above: vec![None],
            rank: vec![0],
            has_loops: false,
            visits: vec![(1, 2)],
        }
    }

    /// Blocks, each before those that it leads to but for jumps back.
    pub fn in_order(&self, blocks: &[usize]) -> Vec<usize> {
        let mut sorted = blocks.to_vec();
        sorted.sort_unstable_by_key(|index| self.rank[*index]);
        sorted
    }

    /// Whether every way to `block` leads through `home`. Both can be reached.
    pub fn dominates(&self, home: usize, block: usize) -> bool {
        let ((enter, leave), (inner, end)) = (self.visits[home], self.visits[block]);
        enter <= inner && end <= leave
    }

    /// The only block that leads here, if it is one edge and no resumption.
    pub fn only_before(&self, block: usize) -> Option<usize> {
        match self.before.of(block) {
            [only] if !self.is_resumed[block] => Some(*only as usize),
            _ => None,
        }
    }
}

/// A block on the walk of a dominator tree.
pub(super) enum Step {
    Enter(usize),
    Leave,
}

/// A walk of the dominator tree: each block is entered after the one above it and left before that.
pub(super) fn walk(shape: &Shape) -> Vec<Step> {
    let below = {
        let pairs = shape.order.iter().filter_map(|index| shape.above[*index].map(|above| (above, *index)));
        Lists::new(shape.above.len(), pairs.collect::<Vec<_>>().into_iter())
    };
    let mut steps = Vec::with_capacity(2 * shape.order.len());
    let mut open: Vec<Step> = shape
        .order
        .iter()
        .rev()
        .filter(|index| shape.above[**index].is_none())
        .map(|index| Step::Enter(*index))
        .collect();
    while let Some(step) = open.pop() {
        if let Step::Enter(index) = step {
            open.push(Step::Leave);
            open.extend(below.of(index).iter().rev().map(|child| Step::Enter(*child as usize)));
        }
        steps.push(step);
    }
    steps
}

/// A natural loop: a head, and all that leads back to it without leaving through it.
pub(super) struct Loop {
    /// The blocks in it, the head first.
    pub blocks: Vec<usize>,
    /// The only block outside that leads to the head, if it does nothing but jump there.
    pub entry: Option<usize>,
}

/// The loops of a function, inner ones before those around them. Loops that something resumes in are none.
pub(super) fn loops(function: &Function, shape: &Shape) -> Vec<Loop> {
    let mut found = Vec::new();
    if !shape.has_loops {
        return found;
    }
    // By block, the last head whose loop it was found to be in.
    let mut is_in = vec![usize::MAX; function.blocks.len()];
    for head in shape.order.iter().rev().copied() {
        let is_back = |from: &u32| shape.dominates(head, *from as usize);
        if shape.is_resumed[head] || !shape.before.of(head).iter().any(is_back) {
            continue;
        }
        let mut blocks = vec![head];
        is_in[head] = head;
        let before = shape.before.of(head).iter().map(|index| *index as usize);
        let (latches, outside): (Vec<usize>, Vec<usize>) = before.partition(|from| shape.dominates(head, *from));
        let mut open = latches;
        while let Some(index) = open.pop() {
            if std::mem::replace(&mut is_in[index], head) != head {
                blocks.push(index);
                open.extend(shape.before.of(index).iter().map(|index| *index as usize));
            }
        }
        if blocks.iter().any(|index| shape.is_resumed[*index] || !shape.dominates(head, *index)) {
            continue;
        }
        let entry = match outside[..] {
            [only] if jumps_to(&function.blocks[only], head) => Some(only),
            _ => None,
        };
        found.push(Loop { blocks, entry });
    }
    found
}

fn jumps_to(block: &Block, to: usize) -> bool {
    matches!(&block.terminator, Terminator::Jump(target) if target.block.index() == to)
}

/// By value, the block and the position of the instruction that gives it.
pub(super) fn places(function: &Function) -> Vec<Option<(usize, usize)>> {
    let mut places = vec![None; function.values.len()];
    for (index, block) in function.blocks.iter().enumerate() {
        for (position, inst) in block.insts.iter().enumerate() {
            if let Some(result) = inst.result {
                places[result.index()] = Some((index, position));
            }
        }
    }
    places
}
