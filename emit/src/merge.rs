//! Parameters of blocks that can share a variable with a parameter of the loop they stand in: where they are what that becomes in the
//! next pass, it may become so at once, as whoever writes a loop by hand does.

use std::collections::{HashMap, HashSet};

use statewright_graph::ir::verify::{targets, terminator_uses};
use statewright_graph::ir::{BlockId, Function, Value};

use crate::structure::{BodyId, Stmt, Structure};

/// Loops of more blocks than this keep all their variables.
const MOST_BLOCKS: usize = 64;

/// The parameters that share, each with the one of the loop.
pub type Merged = HashMap<Value, Value>;

/// Finds them in the loops that have none inside.
pub fn merged(function: &Function, structure: &Structure) -> Merged {
    let mut merged = Merged::new();
    if function.suspends || structure.arms.len() > 1 {
        return merged;
    }
    for stmt in structure.bodies.iter().flat_map(|body| &body.stmts) {
        let Stmt::Loop { header, body, .. } = stmt else { continue };
        if let Some(pass) = Pass::new(function, structure, *header, *body) {
            pass.merge(structure, &mut merged);
        }
    }
    merged
}

/// One pass of a loop: its blocks lead forward, or to the header.
struct Pass<'a> {
    function: &'a Function,
    header: BlockId,
    blocks: Vec<BlockId>,
    /// Values that each block uses, of those that it does not define itself.
    uses: HashMap<BlockId, HashSet<Value>>,
    /// The blocks of the pass that each leads to, itself among them; `None` if it may leave the loop.
    reach: HashMap<BlockId, Option<HashSet<BlockId>>>,
}

impl<'a> Pass<'a> {
    fn new(function: &'a Function, structure: &Structure, header: BlockId, body: BodyId) -> Option<Pass<'a>> {
        let mut blocks = Vec::new();
        let mut open = vec![body];
        while let Some(body) = open.pop() {
            for stmt in &structure.body(body).stmts {
                match stmt {
                    Stmt::Insts(block) => blocks.push(*block),
                    Stmt::If { then, otherwise, .. } => open.extend([*then, *otherwise]),
                    Stmt::Labelled { body, .. } => open.push(*body),
                    Stmt::Loop { .. } => return None,
                    _ => {}
                }
            }
        }
        if blocks.len() > MOST_BLOCKS {
            return None;
        }
        let block = |id: &BlockId| function.blocks.get(id.index());
        let uses = blocks.iter().filter_map(|id| {
            let block = block(id)?;
            let args = block.insts.iter().flat_map(|inst| inst.args.iter().copied());
            Some((*id, args.chain(terminator_uses(&block.terminator)).collect()))
        });
        let uses = uses.collect();
        let mut pass = Pass { function, header, blocks, uses, reach: HashMap::new() };
        let reach = pass.blocks.iter().map(|id| (*id, pass.reach(*id))).collect();
        pass.reach = reach;
        Some(pass)
    }

    fn reach(&self, from: BlockId) -> Option<HashSet<BlockId>> {
        let (mut reached, mut open) = (HashSet::from([from]), vec![from]);
        while let Some(id) = open.pop() {
            let block = self.function.blocks.get(id.index())?;
            for (target, is_resume) in targets(&block.terminator) {
                let to = target.block;
                if is_resume || !self.blocks.contains(&to) {
                    return None;
                }
                if to != self.header && reached.insert(to) {
                    open.push(to);
                }
            }
        }
        Some(reached)
    }

    fn params(&self, block: BlockId) -> &'a [Value] {
        self.function.blocks.get(block.index()).map_or(&[], |block| &block.params)
    }

    /// Whether a block of the pass that `from` leads to uses a value.
    fn uses_behind(&self, from: BlockId, value: Value) -> bool {
        let reached = self.reach.get(&from).and_then(Option::as_ref);
        reached
            .is_none_or(|reached| reached.iter().any(|id| self.uses.get(id).is_some_and(|uses| uses.contains(&value))))
    }

    fn merge(&self, structure: &Structure, merged: &mut Merged) {
        let outside: HashSet<Value> = self.used_outside();
        for (at, param) in self.params(self.header).iter().enumerate() {
            // The variable's values: by block, and which of its parameters.
            let mut class: Vec<(BlockId, Value)> = vec![(self.header, *param)];
            let mut open = vec![(self.header, at)];
            while let Some((block, at)) = open.pop() {
                for arg in self.passed(block, at) {
                    let defined = self
                        .blocks
                        .iter()
                        .filter(|id| **id != self.header)
                        .find_map(|id| Some((*id, self.params(*id).iter().position(|param| *param == arg)?)));
                    let Some((from, at)) = defined else { continue };
                    let is_new = !merged.contains_key(&arg) && !class.iter().any(|(_, value)| *value == arg);
                    let is_whole = !structure.hoisted.contains(&arg) && !outside.contains(&arg);
                    let fits = class.iter().all(|(other, value)| self.fit((from, arg), (*other, *value)));
                    if is_new && is_whole && fits {
                        class.push((from, arg));
                        merged.insert(arg, *param);
                        open.push((from, at));
                    }
                }
            }
        }
    }

    /// What is passed to a parameter within the loop.
    fn passed(&self, to: BlockId, at: usize) -> Vec<Value> {
        let blocks = self.blocks.iter().filter_map(|id| self.function.blocks.get(id.index()));
        let passed = blocks.flat_map(|block| targets(&block.terminator)).filter(|(target, _)| target.block == to);
        passed.filter_map(|(target, _)| target.args.get(at).copied()).collect()
    }

    /// Whether two values may be one variable: where the later one is there, the earlier one is no more, but to become it.
    fn fit(&self, (new_at, new): (BlockId, Value), (old_at, old): (BlockId, Value)) -> bool {
        if self.function.ty(new) != self.function.ty(old) || new_at == old_at {
            return false;
        }
        if old_at == self.header {
            return !self.uses_behind(new_at, old);
        }
        let leads = |from: BlockId, to: BlockId| {
            self.reach.get(&from).and_then(Option::as_ref).is_none_or(|reached| reached.contains(&to))
        };
        let is_overwritten = leads(old_at, new_at) && self.uses_behind(new_at, old)
            || leads(new_at, old_at) && self.uses_behind(old_at, new);
        !is_overwritten
    }

    fn used_outside(&self) -> HashSet<Value> {
        let blocks = self.function.blocks.iter().enumerate();
        let outside = blocks.filter(|(index, _)| !self.blocks.contains(&BlockId(*index as u32)));
        let uses = outside.flat_map(|(_, block)| {
            block.insts.iter().flat_map(|inst| inst.args.iter().copied()).chain(terminator_uses(&block.terminator))
        });
        uses.collect()
    }
}
