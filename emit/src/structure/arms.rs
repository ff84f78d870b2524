//! Which blocks begin arms, and the shape of what is between them: order, dominators, loops.

use statewright_graph::dominators::{Lists, dominators, visits};
use statewright_graph::ir::verify::targets;
use statewright_graph::ir::{BlockId, Function};

/// No block.
pub(super) const NONE: usize = usize::MAX;

/// The shape of a function's graph with arms cut off from each other.
pub(super) struct Plan {
    /// Besides the entry and the resume blocks.
    promoted: Vec<bool>,
    /// Blocks that can be reached, each before those that it leads to but for the ends of loops.
    pub order: Vec<usize>,
    /// A block's place in the order, [`NONE`] if it cannot be reached.
    pub place: Vec<usize>,
    /// The immediate dominator; [`NONE`] for what begins an arm.
    pub above: Vec<usize>,
    visits: Vec<(u32, u32)>,
    /// Whether a block begins an arm.
    pub is_head: Vec<bool>,
    /// Whether it begins a loop within its arm.
    pub is_header: Vec<bool>,
    /// The header of the innermost loop that a block is in, itself if it is one, or [`NONE`].
    pub innermost: Vec<usize>,
    /// By header, the header of the loop around it, or [`NONE`].
    pub around: Vec<usize>,
    /// How many edges lead to a block that are neither ends of loops nor from another arm.
    pub forward: Vec<u32>,
}

impl Plan {
    pub(super) fn new(function: &Function) -> Plan {
        let mut promoted = vec![false; function.blocks.len()];
        loop {
            let plan = Plan::with(function, &promoted);
            let irreducible: Vec<usize> = plan.sideways(function).collect();
            if irreducible.is_empty() {
                return plan;
            }
            irreducible.into_iter().for_each(|block| promoted[block] = true);
        }
    }

    /// Has blocks begin arms of their own, and works the rest out again. Whether that made a difference.
    pub(super) fn promote(&mut self, function: &Function, blocks: &[usize]) -> bool {
        let mut is_new = false;
        for block in blocks {
            is_new |= !self.is_head[*block];
            self.promoted[*block] = true;
        }
        if is_new {
            *self = Plan::with(function, &self.promoted);
        }
        is_new
    }

    fn with(function: &Function, promoted: &[bool]) -> Plan {
        let count = function.blocks.len();
        let mut edges: Vec<(usize, usize)> = vec![(count, 0)];
        let known = |block: BlockId| block.index() < count;
        for (from, block) in function.blocks.iter().enumerate() {
            for (target, is_resume) in targets(&block.terminator).filter(|(target, _)| known(target.block)) {
                edges.push((if is_resume { count } else { from }, target.block.index()));
            }
        }
        let reached = reachable(&edges, count);
        edges.extend((0..count).filter(|block| promoted[*block] && reached[*block]).map(|block| (count, block)));
        let successors = Lists::new(count + 1, edges.iter().copied());
        let above = dominators(count, &successors);
        let visits = visits(&above);
        let order = postorder(count, &successors);
        let mut place = vec![NONE; count];
        for (at, block) in order.iter().enumerate() {
            place[*block] = at;
        }
        let is_head = (0..count).map(|block| above[block] == Some(count)).collect();
        let above =
            above.iter().take(count).map(|above| above.filter(|above| *above < count).unwrap_or(NONE)).collect();
        let mut plan = Plan {
            promoted: promoted.to_vec(),
            order,
            place,
            above,
            visits,
            is_head,
            is_header: vec![false; count],
            innermost: vec![NONE; count],
            around: vec![NONE; count],
            forward: vec![0; count],
        };
        plan.loops(function);
        plan
    }

    /// Whether every way to `b` within its arm leads through `a`.
    pub(super) fn dominates(&self, a: usize, b: usize) -> bool {
        self.visits[a].0 <= self.visits[b].0 && self.visits[b].1 <= self.visits[a].1
    }

    /// Whether the edge ends a pass of a loop.
    pub(super) fn is_back(&self, from: usize, to: usize) -> bool {
        self.place[from] != NONE && self.place[to] <= self.place[from] && self.dominates(to, from)
    }

    /// Where edges lead back that end no loop.
    fn sideways(&self, function: &Function) -> impl Iterator<Item = usize> {
        let edges = self.order.iter().flat_map(|from| jumps(function, *from).map(move |to| (*from, to)));
        let led_back = edges.filter(|(from, to)| self.place[*to] <= self.place[*from]);
        led_back.filter(|(from, to)| !self.is_head[*to] && !self.dominates(*to, *from)).map(|(_, to)| to)
    }

    /// Finds loops, inner ones first (Havlek's way with union and find; the graph is reducible, or will be cut again).
    fn loops(&mut self, function: &Function) {
        let count = function.blocks.len();
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); count];
        let mut latches: Vec<Vec<usize>> = vec![Vec::new(); count];
        for from in &self.order {
            for to in jumps(function, *from) {
                if self.is_back(*from, to) {
                    latches[to].push(*from);
                    self.is_header[to] = true;
                } else if !self.is_head[to] {
                    before[to].push(*from);
                    self.forward[to] += 1;
                }
            }
        }
        let mut outermost: Vec<usize> = (0..count).collect();
        for header in self.order.iter().rev().copied().filter(|block| self.is_header[*block]).collect::<Vec<_>>() {
            self.innermost[header] = header;
            let mut open: Vec<usize> = latches[header].iter().map(|latch| find(&mut outermost, *latch)).collect();
            while let Some(block) = open.pop() {
                // What the header does not dominate is no part of a loop: only where the graph will be cut again.
                if block == header || outermost[block] != block || !self.dominates(header, block) {
                    continue;
                }
                outermost[block] = header;
                if self.is_header[block] {
                    self.around[block] = header;
                } else {
                    self.innermost[block] = header;
                }
                for from in &before[block] {
                    open.push(find(&mut outermost, *from));
                }
            }
        }
    }

    /// Whether a loop contains a block.
    pub(super) fn contains(&self, header: usize, block: usize) -> bool {
        let mut at = self.innermost[block];
        while at != NONE && at != header {
            at = self.around[at];
        }
        at == header
    }
}

fn find(outermost: &mut [usize], block: usize) -> usize {
    let mut top = block;
    while outermost[top] != top {
        top = outermost[top];
    }
    let mut at = block;
    while outermost[at] != top {
        at = std::mem::replace(&mut outermost[at], top);
    }
    top
}

/// Where a block leads without a suspension between.
pub(super) fn jumps(function: &Function, from: usize) -> impl Iterator<Item = usize> {
    let count = function.blocks.len();
    let terminator = function.blocks.get(from).map(|block| &block.terminator);
    let all = terminator.into_iter().flat_map(targets).filter(|(_, is_resume)| !is_resume);
    all.map(|(target, _)| target.block.index()).filter(move |to| *to < count)
}

fn reachable(edges: &[(usize, usize)], root: usize) -> Vec<bool> {
    let successors = Lists::new(root + 1, edges.iter().copied());
    let mut reached = vec![false; root];
    for block in postorder(root, &successors) {
        reached[block] = true;
    }
    reached
}

/// Reverse postorder, without the root.
fn postorder(root: usize, successors: &Lists) -> Vec<usize> {
    let mut seen = vec![false; successors.count()];
    let mut order = Vec::new();
    let mut open = vec![(root, 0)];
    seen[root] = true;
    while let Some((block, next)) = open.pop() {
        // The last way first, so that the first comes first in the order.
        let ways = successors.of(block);
        match ways.len().checked_sub(next + 1).and_then(|at| ways.get(at)) {
            Some(to) => {
                open.push((block, next + 1));
                let to = *to as usize;
                if !std::mem::replace(&mut seen[to], true) {
                    open.push((to, 0));
                }
            }
            None => order.push(block),
        }
    }
    order.pop();
    order.reverse();
    order
}
