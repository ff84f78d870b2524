//! Loops in which nothing moves: no rows, no elements of lists. Where things are is then looked up once, before the loop.

use std::collections::BTreeSet;

use statewright_graph::dominators::{Lists, dominators, visits};
use statewright_graph::ir::verify::targets;
use statewright_graph::ir::{Block, Function, Imm, Inst, Op, Terminator, Value};
use statewright_types::StructId;
use statewright_types::hashing::HashMap;

use super::arms;
use super::counted::{Candidate, Counted};

/// A list that a loop reads, and does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum ListKey {
    /// Of a value from outside.
    Value(Value),
    /// In a field of a record from outside, which the loop loads.
    Field(Value, StructId, u32),
}

/// A natural loop in which nothing moves.
#[derive(Debug)]
pub(super) struct Loop {
    pub header: usize,
    /// By block.
    contains: Vec<bool>,
    size: usize,
    /// The next larger one around it.
    parent: Option<usize>,
    /// Types whose rows are looked up before it.
    pub types: BTreeSet<StructId>,
    /// Lists that are looked up before it.
    pub lists: BTreeSet<ListKey>,
    /// If its passes are counted.
    pub counted: Option<Counted>,
}

impl Loop {
    /// The dense list that it goes over, and the type of its elements.
    pub fn rows(&self) -> Option<(Value, StructId)> {
        self.counted.and_then(|counted| counted.rows)
    }

    pub fn holds(&self, block: usize) -> bool {
        self.contains.get(block) == Some(&true)
    }
}

/// What is known of a function's blocks.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Blocks that can be reached, each behind those that dominate it.
    pub order: Vec<usize>,
    /// By block.
    is_resume: Vec<bool>,
    /// When a walk of the dominator tree enters and leaves each block.
    visits: Vec<(u32, u32)>,
    pub loops: Vec<Loop>,
    /// By block, the smallest loop around it.
    innermost: Vec<Option<usize>>,
    /// By block, whether it charges fuel for certain.
    charges: Vec<bool>,
    /// By value, the block that defines it.
    home: Vec<usize>,
    /// By value, the load that defines it: the record, type and field.
    loaded: Vec<Option<(Value, StructId, u32)>>,
    /// Elements of lists: the list and the index.
    elements: HashMap<Value, (Value, Value)>,
}

/// Blocks of loops that are looked at, in all, for each block of the function: loops nest so deep at most.
const MOST_WALKED: usize = 64;

impl Flow {
    pub fn of(function: &Function) -> Flow {
        let count = function.blocks.len();
        let mut is_resume = vec![false; count];
        for block in &function.blocks {
            for (target, _) in targets(&block.terminator).filter(|(_, is_resume)| *is_resume) {
                is_resume[target.block.index()] = true;
            }
        }
        let mut flow = Flow {
            order: order(function),
            is_resume,
            charges: function.blocks.iter().map(charges).collect(),
            ..Flow::default()
        };
        flow.find_definitions(function);
        flow.find_loops(function);
        flow
    }

    fn find_definitions(&mut self, function: &Function) {
        self.home = vec![usize::MAX; function.values.len()];
        self.loaded = vec![None; function.values.len()];
        for (index, block) in function.blocks.iter().enumerate() {
            block.params.iter().for_each(|param| self.home[param.index()] = index);
            for inst in &block.insts {
                let Some(result) = inst.result else { continue };
                self.home[result.index()] = index;
                if let (Op::Load | Op::LoadKnown, Imm::Field(id, field)) = (inst.op, &inst.imm) {
                    self.loaded[result.index()] = Some((inst.args[0], *id, *field));
                }
                if inst.op == Op::ListAt {
                    self.elements.insert(result, (inst.args[0], inst.args[1]));
                }
            }
        }
    }

    fn find_loops(&mut self, function: &Function) {
        let count = function.blocks.len();
        self.innermost = vec![None; count];
        if count == 1 {
            // Nothing leads to the entry.
            self.visits = vec![(1, 2)];
            return;
        }
        // What may be entered from outside hangs below a root of its own.
        let is_resume = self.is_resume.clone();
        let entries = std::iter::once(0).chain((0..count).filter(move |block| is_resume[*block]));
        let inner = self.order.iter().flat_map(|index| {
            targets(&function.blocks[*index].terminator).map(move |(target, _)| (*index, target.block.index()))
        });
        let edges: Vec<(usize, usize)> = inner.chain(entries.map(|entry| (count, entry))).collect();
        let successors = Lists::new(count + 1, edges.iter().copied());
        let predecessors =
            Lists::new(count, edges.iter().filter(|(from, _)| *from < count).map(|(from, to)| (*to, *from)));
        self.visits = visits(&dominators(count, &successors));
        let mut headers: Vec<usize> = Vec::new();
        for (from, to) in edges.iter().filter(|(from, _)| *from < count) {
            if self.dominates(*to, *from) {
                headers.push(*to);
            }
        }
        headers.sort_unstable();
        headers.dedup();
        let mut budget = MOST_WALKED * count;
        let mut loops = Vec::new();
        for header in headers {
            let mut contains = vec![false; count];
            contains[header] = true;
            let mut size = 1;
            let latches = predecessors.of(header).iter().map(|from| *from as usize);
            let mut work: Vec<usize> = latches.filter(|from| self.dominates(header, *from)).collect();
            while let Some(block) = work.pop() {
                if contains[block] {
                    continue;
                }
                contains[block] = true;
                size += 1;
                work.extend(predecessors.of(block).iter().map(|from| *from as usize));
            }
            let Some(left) = budget.checked_sub(size) else { break };
            budget = left;
            let members = || contains.iter().enumerate().filter(|(_, inside)| **inside).map(|(block, _)| block);
            if members().all(|block| keeps_still(&function.blocks[block])) {
                let (contains, home) = (&contains[..], &self.home[..]);
                let candidate = Candidate { function, header, contains, predecessors: &predecessors, home };
                let counted = if self.is_resume[header] { None } else { candidate.counted() };
                loops.push(Loop {
                    header,
                    contains: contains.to_vec(),
                    size,
                    parent: None,
                    types: BTreeSet::new(),
                    lists: BTreeSet::new(),
                    counted,
                });
            }
        }
        loops.sort_by_key(|found| std::cmp::Reverse(found.size));
        for (index, around) in loops.iter_mut().enumerate() {
            around.parent = self.innermost[around.header];
            for (place, _) in self.innermost.iter_mut().zip(&around.contains).filter(|(_, inside)| **inside) {
                *place = Some(index);
            }
        }
        self.loops = loops;
        for (index, block) in function.blocks.iter().enumerate() {
            if self.innermost[index].is_some() {
                block.insts.iter().for_each(|inst| self.find_uses(index, inst));
            }
        }
        // Where the rows are is looked up with the elements.
        for index in 0..self.loops.len() {
            if let Some((list, _)) = self.loops[index].rows()
                && let Some((around, key)) = self.list(self.loops[index].header, list)
            {
                self.loops[around].lists.insert(key);
            }
        }
    }

    fn find_uses(&mut self, block: usize, inst: &Inst) {
        match (inst.op, &inst.imm) {
            (Op::Load | Op::LoadKnown, Imm::Field(id, _)) => {
                if let Some(around) = self.outermost(block) {
                    self.loops[around].types.insert(*id);
                }
            }
            (Op::ListLen | Op::ListGet | Op::ListAt | Op::ListVersion, _) => {
                if let Some((around, key)) = self.list(block, inst.args[0]) {
                    self.loops[around].lists.insert(key);
                }
            }
            _ => {}
        }
    }

    /// Whether every way to `other` leads through `block`.
    fn dominates(&self, block: usize, other: usize) -> bool {
        let (above, below) = (self.visits[block], self.visits[other]);
        above.0 <= below.0 && below.1 <= above.1
    }

    /// Whether an edge leads back without a charge of fuel on every way around.
    pub fn is_unpaid(&self, from: usize, to: usize) -> bool {
        if to > from || self.passes_of(from, to).is_some() {
            return false;
        }
        let pays = |block: usize| self.charges[block] && self.dominates(to, block) && self.dominates(block, from);
        !(self.dominates(to, from) && (pays(from) || pays(to) || (to..from).any(pays)))
    }

    /// The smallest loop around a block with that head, if its passes are counted and it leads back there.
    fn passes_of(&self, from: usize, to: usize) -> Option<Counted> {
        let around = &self.loops[self.innermost[to]?];
        around.counted.filter(|_| around.header == to && around.contains[from])
    }

    /// The loop and the list whose pass a block begins.
    pub fn begins(&self, block: usize) -> Option<(usize, StructId)> {
        let around = self.innermost[block]?;
        let counted = self.loops[around].counted.filter(|_| self.loops[around].header == block)?;
        Some((around, counted.rows?.1))
    }

    /// The loop over a dense list whose pass is at that record.
    pub fn row(&self, block: usize, record: Value) -> Option<usize> {
        let (list, index) = self.elements.get(&record)?;
        let around = self.innermost[block]?;
        let counted = self.loops[around].counted?;
        (counted.count == *index && counted.rows?.0 == *list).then_some(around)
    }

    /// The largest loop around a block.
    pub fn outermost(&self, block: usize) -> Option<usize> {
        let mut found = self.innermost[block]?;
        while let Some(parent) = self.loops[found].parent {
            found = parent;
        }
        Some(found)
    }

    /// The largest loop around a block before which the elements of a list can be looked up, and as what.
    pub fn list(&self, block: usize, list: Value) -> Option<(usize, ListKey)> {
        let key_in = |around: &Loop| {
            let outside = |value: Value| {
                self.home[value.index()] < around.contains.len() && !around.contains[self.home[value.index()]]
            };
            if outside(list) {
                return Some(ListKey::Value(list));
            }
            let (record, id, field) = self.loaded[list.index()]?;
            outside(record).then_some(ListKey::Field(record, id, field))
        };
        let mut around = self.innermost[block]?;
        let mut found = key_in(&self.loops[around]).map(|key| (around, key))?;
        while let Some(parent) = self.loops[around].parent {
            let Some(key) = key_in(&self.loops[parent]) else { break };
            (around, found) = (parent, (parent, key));
        }
        Some(found)
    }

    /// The loops that an edge leads into.
    pub fn entered(&self, from: Option<usize>, to: usize) -> Vec<usize> {
        let is_outside = |around: &Loop| from.is_none_or(|from| !around.contains[from]);
        let loops = self.loops.iter().enumerate();
        loops.filter(|(_, around)| around.header == to && is_outside(around)).map(|(index, _)| index).collect()
    }

    /// Whether a block may be gone on in by a resumption.
    pub fn is_resume(&self, block: usize) -> bool {
        self.is_resume[block]
    }
}

/// Whether it charges fuel in any case.
fn charges(block: &Block) -> bool {
    block.insts.iter().any(|inst| inst.op == Op::Fuel && matches!(inst.imm, Imm::Int(amount) if amount != 0))
}

/// Whether nothing moves in a block.
fn keeps_still(block: &Block) -> bool {
    let waits = matches!(block.terminator, Terminator::Suspend { .. } | Terminator::Call { .. });
    !waits && !block.insts.iter().any(|inst| arms::moves(inst.op))
}

/// Blocks that can be reached, in reverse post-order.
fn order(function: &Function) -> Vec<usize> {
    let count = function.blocks.len();
    let mut seen = vec![false; count];
    let mut order = Vec::with_capacity(count);
    let next = |block: usize| -> Vec<usize> {
        function
            .blocks
            .get(block)
            .map_or(Vec::new(), |block| targets(&block.terminator).map(|(target, _)| target.block.index()).collect())
    };
    let mut work = vec![(0, next(0))];
    seen[0] = true;
    while let Some((block, rest)) = work.last_mut() {
        match rest.pop() {
            Some(to) if !seen[to] => {
                seen[to] = true;
                work.push((to, next(to)));
            }
            Some(_) => {}
            None => {
                order.push(*block);
                work.pop();
            }
        }
    }
    order.reverse();
    order
}
