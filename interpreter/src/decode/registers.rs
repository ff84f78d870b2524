//! Which values may share a register: a block parameter and what jumps pass for it, if neither is overwritten while the
//! other is still needed. Then the jump needs no move.

use std::collections::HashMap;

use statewright_graph::ir::verify::{targets, terminator_uses};
use statewright_graph::ir::{Function, Target, Terminator, Value};

use super::constant;

/// Above so many values that jumps pass and blocks take, a function keeps its moves: the table of who is in whose way
/// grows with the square.
const MOST: usize = 2_048;

/// A set of small numbers.
#[derive(Clone)]
struct Set(Vec<u64>);

impl Set {
    fn new(size: usize) -> Set {
        Set(vec![0; size.div_ceil(64)])
    }

    fn add(&mut self, number: usize) {
        self.0[number / 64] |= 1 << (number % 64);
    }

    fn remove(&mut self, number: usize) {
        self.0[number / 64] &= !(1 << (number % 64));
    }

    fn has(&self, number: usize) -> bool {
        self.0[number / 64] >> (number % 64) & 1 == 1
    }

    /// Adds what is in `other`; whether that changed anything.
    fn unite(&mut self, other: &Set) -> bool {
        let mut changed = false;
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            changed |= *more & !*word != 0;
            *word |= more;
        }
        changed
    }

    fn numbers(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len() * 64).filter(|number| self.has(*number))
    }
}

/// For each value the one whose register it takes, often itself. Of those that share one, it is the first in order of
/// blocks, so that the function's parameters keep theirs.
pub(super) fn shared(function: &Function) -> Vec<Value> {
    let mut leaders: Vec<Value> = (0..function.values.len()).map(|index| Value(index as u32)).collect();
    let candidates = candidates(function);
    if candidates.len() > MOST {
        return leaders;
    }
    let number: HashMap<Value, usize> = candidates.iter().enumerate().map(|(number, value)| (*value, number)).collect();
    let mut in_the_way = interference(function, &number);
    let mut leader: Vec<usize> = (0..candidates.len()).collect();
    for (param, arg) in passed(function) {
        let (Some(param), Some(arg)) = (number.get(&param), number.get(&arg)) else { continue };
        let (one, other) = (leader[*param], leader[*arg]);
        if one == other || in_the_way[one].has(other) {
            continue;
        }
        let (first, second) = (one.min(other), one.max(other));
        let row = in_the_way[second].clone();
        in_the_way[first].unite(&row);
        for neighbour in row.numbers() {
            in_the_way[neighbour].add(first);
        }
        leader.iter_mut().filter(|leader| **leader == second).for_each(|leader| *leader = first);
    }
    for (number, value) in candidates.iter().enumerate() {
        leaders[value.index()] = candidates[leader[number]];
    }
    leaders
}

/// Parameters of blocks and what is passed for them, in order of definition; no constants, they have registers of
/// their own.
fn candidates(function: &Function) -> Vec<Value> {
    let is_passed = are_passed(function);
    let mut candidates = Vec::new();
    for (index, block) in function.blocks.iter().enumerate() {
        candidates.extend(block.params.iter().filter(|param| index == 0 || is_passed[param.index()]));
        let results = block.insts.iter().filter(|inst| constant(inst).is_none()).filter_map(|inst| inst.result);
        candidates.extend(results.filter(|result| is_passed[result.index()]));
    }
    candidates
}

/// By value, whether it is a parameter that a jump passes something for, or is passed. All others have registers that
/// nothing else is ever in.
pub(super) fn are_passed(function: &Function) -> Vec<bool> {
    let mut is_passed = vec![false; function.values.len()];
    for (param, arg) in passed(function) {
        is_passed[param.index()] = true;
        is_passed[arg.index()] = true;
    }
    is_passed
}

/// Parameters with what jumps pass for them. A suspension passes nothing by register.
fn passed(function: &Function) -> impl Iterator<Item = (Value, Value)> + '_ {
    function.blocks.iter().flat_map(move |block| {
        jumps(&block.terminator).into_iter().flat_map(move |target| {
            let params = function.blocks.get(target.block.index()).map_or(&[][..], |block| &block.params);
            params.iter().copied().zip(target.args.iter().copied())
        })
    })
}

fn jumps(terminator: &Terminator) -> Vec<&Target> {
    match terminator {
        Terminator::Jump(target) => vec![target],
        Terminator::Branch { then, otherwise, .. } => vec![then, otherwise],
        Terminator::Suspend { .. } | Terminator::Call { .. } | Terminator::Return(_) | Terminator::Trap { .. } => {
            Vec::new()
        }
    }
}

fn successors(terminator: &Terminator) -> Vec<&Target> {
    match terminator {
        Terminator::Suspend { .. } | Terminator::Call { .. } => targets(terminator).map(|(target, _)| target).collect(),
        other => jumps(other),
    }
}

/// For each candidate those that are needed after something was written to it.
fn interference(function: &Function, number: &HashMap<Value, usize>) -> Vec<Set> {
    let size = number.len();
    let live_in = live_in(function, number);
    let mut in_the_way = vec![Set::new(size); size];
    for (index, block) in function.blocks.iter().enumerate() {
        let mut live = live_out(block_targets(function, index), &live_in, size);
        walk_back(function, index, number, &mut live, &mut |defined, live| {
            for other in live.numbers().filter(|other| *other != defined) {
                in_the_way[defined].add(other);
                in_the_way[other].add(defined);
            }
        });
        // The parameters are written at once, where all that lives through the block is alive.
        let params: Vec<usize> = block.params.iter().filter_map(|param| number.get(param).copied()).collect();
        params.iter().for_each(|param| live.add(*param));
        for param in &params {
            for other in live.numbers().filter(|other| other != param) {
                in_the_way[*param].add(other);
                in_the_way[other].add(*param);
            }
        }
    }
    in_the_way
}

fn block_targets(function: &Function, index: usize) -> Vec<usize> {
    successors(&function.blocks[index].terminator).iter().map(|target| target.block.index()).collect()
}

fn live_out(targets: Vec<usize>, live_in: &[Set], size: usize) -> Set {
    let mut live = Set::new(size);
    for target in targets {
        live.unite(&live_in[target]);
    }
    live
}

/// From what is alive at the end of a block to what is alive at its beginning, its parameters aside; tells
/// `defines` what is defined, and what is alive right after.
fn walk_back(
    function: &Function,
    index: usize,
    number: &HashMap<Value, usize>,
    live: &mut Set,
    defines: &mut dyn FnMut(usize, &Set),
) {
    let block = &function.blocks[index];
    let known = |value: &Value| number.get(value).copied();
    terminator_uses(&block.terminator).filter_map(|used| known(&used)).for_each(|used| live.add(used));
    // A comparison may become part of the jump, and reads its operands there.
    if let Terminator::Branch { condition, .. } = &block.terminator {
        let compared = block.insts.iter().find(|inst| inst.result == Some(*condition));
        compared.into_iter().flat_map(|inst| &inst.args).filter_map(known).for_each(|used| live.add(used));
    }
    for inst in block.insts.iter().rev() {
        if let Some(defined) = inst.result.as_ref().and_then(known) {
            defines(defined, live);
            live.remove(defined);
        }
        inst.args.iter().filter_map(known).for_each(|used| live.add(used));
    }
    block.params.iter().filter_map(known).for_each(|param| live.remove(param));
}

fn live_in(function: &Function, number: &HashMap<Value, usize>) -> Vec<Set> {
    let size = number.len();
    let mut live_in = vec![Set::new(size); function.blocks.len()];
    loop {
        let mut changed = false;
        for index in (0..function.blocks.len()).rev() {
            let mut live = live_out(block_targets(function, index), &live_in, size);
            walk_back(function, index, number, &mut live, &mut |_, _| {});
            changed |= live_in[index].unite(&live);
        }
        if !changed {
            return live_in;
        }
    }
}
