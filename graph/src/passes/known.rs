//! Finds what needs no check: elements at an index that was compared with the length, records that were just taken from
//! where they live, conditions that were tested before.

use std::collections::{HashMap, HashSet};

use super::cse::live_lists;
use super::memory::{Memory, Version};
use super::shape::{Shape, Step, walk};
use crate::ir::verify::targets;
use crate::ir::{Cond, Function, Imm, Inst, Op, Terminator, Value};

/// What holds in a block, because every way to it leads through where it was found.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Fact {
    /// The first is less than the second.
    Below(Value, Value),
    /// It is not negative.
    NotNegative(Value),
    /// The record is there in this version of the state.
    There(Value, u32),
    /// The condition is true, or false.
    Is(Value, bool),
}

/// Marks what is known in a function.
pub(super) fn mark(function: &mut Function, shape: &Shape) {
    let memory = Memory::of(function, shape);
    let mut known = Known {
        versions: memory.of_values(function, shape),
        is_live: live_lists(function),
        not_negative: not_negative(function),
        definitions: definitions(function),
        facts: HashSet::new(),
        bounds: HashMap::new(),
        added: Vec::new(),
    };
    let mut marks: Vec<Vec<Fact>> = Vec::new();
    for step in walk(shape) {
        let Step::Enter(index) = step else {
            for fact in marks.pop().unwrap_or_default() {
                known.facts.remove(&fact);
            }
            continue;
        };
        known.enter(function, shape, index);
        let mut version = memory.at(index);
        let mut insts = std::mem::take(&mut function.blocks[index].insts);
        let mut position = 0;
        insts.retain_mut(|inst| {
            let at = position;
            position += 1;
            if let (Op::TrapIf, Some(condition)) = (inst.op, inst.args.first())
                && known.facts.contains(&Fact::Is(*condition, false))
            {
                return false;
            }
            known.inst(inst, version);
            memory.pass(&mut version, index, at);
            true
        });
        let block = &mut function.blocks[index];
        block.insts = insts;
        if let Terminator::Branch { condition, then, otherwise } = &block.terminator {
            let is = |truth| known.facts.contains(&Fact::Is(*condition, truth));
            let target = if is(true) { Some(then.clone()) } else { is(false).then(|| otherwise.clone()) };
            if let Some(target) = target {
                block.terminator = Terminator::Jump(target);
            }
        }
        marks.push(std::mem::take(&mut known.added));
    }
}

struct Known {
    /// Where each value was computed.
    versions: Vec<Option<Version>>,
    is_live: Vec<bool>,
    not_negative: Vec<bool>,
    definitions: HashMap<Value, Inst>,
    facts: HashSet<Fact>,
    /// By value, some of what it was found to be less than, in blocks that were left too.
    bounds: HashMap<Value, Vec<Value>>,
    /// Those that the block at hand has added.
    added: Vec<Fact>,
}

impl Known {
    fn add(&mut self, fact: Fact) {
        if self.facts.insert(fact) {
            self.added.push(fact);
        }
    }

    /// What the only way into a block tells.
    fn enter(&mut self, function: &Function, shape: &Shape, index: usize) {
        let Some(before) = shape.only_before(index) else { return };
        if let Terminator::Branch { condition, then, otherwise } = &function.blocks[before].terminator {
            match (then.block.index() == index, otherwise.block.index() == index) {
                (true, false) => self.learn(*condition, true),
                (false, true) => self.learn(*condition, false),
                _ => {}
            }
        }
    }

    fn learn(&mut self, condition: Value, is: bool) {
        let mut open = vec![(condition, is)];
        while let Some((condition, is)) = open.pop() {
            self.add(Fact::Is(condition, is));
            let Some(inst) = self.definitions.get(&condition) else { continue };
            match (inst.op, &inst.args[..], is) {
                (Op::Not, [inner], _) => open.push((*inner, !is)),
                (Op::And, [a, b], true) | (Op::Or, [a, b], false) => open.extend([(*a, is), (*b, is)]),
                (Op::ICmp, [a, b], _) => {
                    let (a, b) = (*a, *b);
                    let Imm::Cond(cond) = inst.imm else { continue };
                    match (cond, is) {
                        (Cond::Lt, true) | (Cond::Ge, false) => self.less(a, b),
                        (Cond::Gt, true) | (Cond::Le, false) => self.less(b, a),
                        (Cond::Ge, true) | (Cond::Lt, false) => self.not_less(a, b),
                        (Cond::Le, true) | (Cond::Gt, false) => self.not_less(b, a),
                        (Cond::Eq | Cond::Ne, _) => {}
                    }
                }
                _ => {}
            }
        }
    }

    fn less(&mut self, a: Value, b: Value) {
        self.add(Fact::Below(a, b));
        let bounds = self.bounds.entry(a).or_default();
        if bounds.len() < MOST_BOUNDS && !bounds.contains(&b) {
            bounds.push(b);
        }
        if self.is_not_negative(a) {
            self.add(Fact::NotNegative(b));
        }
    }

    fn not_less(&mut self, a: Value, b: Value) {
        if self.is_not_negative(b) {
            self.add(Fact::NotNegative(a));
        }
    }

    fn is_not_negative(&self, value: Value) -> bool {
        self.not_negative[value.index()] || self.facts.contains(&Fact::NotNegative(value))
    }

    fn inst(&mut self, inst: &mut Inst, version: Version) {
        let first = inst.args.first().copied().unwrap_or(Value(0));
        match inst.op {
            Op::Load | Op::LoadKnown => {
                if self.facts.contains(&Fact::There(first, version.state)) {
                    inst.op = Op::LoadKnown;
                }
                self.add(Fact::There(first, version.state));
            }
            Op::ListGet | Op::ListAt => {
                if let [list, index] = inst.args[..]
                    && self.is_within(list, index, version)
                {
                    inst.op = Op::ListAt;
                }
                if let (Some(result), true) = (inst.result, self.is_loaded(first, version)) {
                    self.add(Fact::There(result, version.state));
                }
            }
            Op::Root => {
                if let Some(result) = inst.result {
                    self.add(Fact::There(result, version.state));
                }
            }
            Op::TrapIf => self.learn(first, false),
            _ => {}
        }
        self.definitions.extend(inst.result.map(|result| (result, inst.clone())));
    }

    /// Whether a list was read from where it lives, and nothing was written since: so all its elements are there.
    fn is_loaded(&self, list: Value, version: Version) -> bool {
        self.is_live[list.index()] && self.versions[list.index()].is_some_and(|then| then.state == version.state)
    }

    /// Whether an index is certain to be one of the list's.
    fn is_within(&self, list: Value, index: Value, version: Version) -> bool {
        let is_same = |value: Value| {
            self.versions[value.index()].is_some_and(|then| {
                then.state == version.state && (self.is_live[list.index()] || then.built == version.built)
            })
        };
        if !self.is_not_negative(index) {
            return false;
        }
        let was_found = self.definitions.get(&index).is_some_and(|inst| {
            matches!(inst.op, Op::ListFind | Op::ListFindKey) && inst.args.first() == Some(&list) && is_same(index)
        });
        was_found || self.lengths(list, index).any(is_same)
    }

    /// The lengths of a list that an index is known to be less than.
    fn lengths(&self, list: Value, index: Value) -> impl Iterator<Item = Value> + '_ {
        let bounds = self.bounds.get(&index).into_iter().flatten().copied();
        bounds.filter(move |length| {
            let inst = self.definitions.get(length);
            self.facts.contains(&Fact::Below(index, *length))
                && inst.is_some_and(|inst| inst.op == Op::ListLen && inst.args.first() == Some(&list))
        })
    }
}

/// So many bounds of a value are remembered.
const MOST_BOUNDS: usize = 8;

fn definitions(function: &Function) -> HashMap<Value, Inst> {
    let insts = function.blocks.iter().flat_map(|block| &block.insts);
    insts.filter_map(|inst| inst.result.map(|result| (result, inst.clone()))).collect()
}

/// By value, whether it is an integer that is never negative: as all are at first, until an operand shows otherwise.
pub(super) fn not_negative(function: &Function) -> Vec<bool> {
    let mut holds = vec![false; function.values.len()];
    for block in &function.blocks {
        for value in block.params.iter().copied().chain(block.insts.iter().filter_map(|inst| inst.result)) {
            holds[value.index()] = *function.ty(value) == statewright_types::Type::INT;
        }
    }
    // What comes in from outside may be anything.
    let mut is_open = vec![false; function.blocks.len()];
    is_open[0] = true;
    for (target, resumes) in function.blocks.iter().flat_map(|block| targets(&block.terminator)) {
        is_open[target.block.index()] |= resumes;
    }
    for (block, _) in function.blocks.iter().zip(is_open).filter(|(_, is_open)| *is_open) {
        block.params.iter().for_each(|param| holds[param.index()] = false);
    }
    // Falls one by one; a limit on rounds keeps it in proportion.
    for _ in 0..ROUNDS {
        let mut changed = false;
        for block in &function.blocks {
            for inst in &block.insts {
                if let Some(result) = inst.result.filter(|result| holds[result.index()])
                    && !is_kept(inst, &holds)
                {
                    holds[result.index()] = false;
                    changed = true;
                }
            }
            for (target, _) in targets(&block.terminator) {
                for (param, arg) in function.blocks[target.block.index()].params.iter().zip(&target.args) {
                    changed |= holds[param.index()] && !holds[arg.index()];
                    holds[param.index()] &= holds[arg.index()];
                }
            }
        }
        if !changed {
            return holds;
        }
    }
    vec![false; function.values.len()]
}

/// After so many rounds nothing is believed.
const ROUNDS: usize = 12;

/// Whether an instruction gives nothing negative for operands that are not.
fn is_kept(inst: &Inst, holds: &[bool]) -> bool {
    let of = |index: usize| inst.args.get(index).is_some_and(|value| holds[value.index()]);
    match (inst.op, &inst.imm) {
        (Op::IConst, Imm::Int(value)) => *value >= 0,
        // Checked: it stops rather than wrap.
        (Op::IAdd | Op::IMul | Op::IDiv | Op::IDivFloor | Op::IMin, _) => of(0) && of(1),
        (Op::IMax, _) => of(0) || of(1),
        (Op::IRem, _) => of(0),
        (Op::Select, _) => of(1) && of(2),
        (Op::IAbs | Op::StrLen | Op::BytesLen | Op::ListLen | Op::MapLen | Op::UToI, _) => true,
        _ => false,
    }
}
