//! Finds what needs no check: elements at an index that was compared with the length, records that were just taken from
//! where they live, conditions that were tested before.

use super::memory::{Memory, Version};
use super::shape::{Shape, Step, walk};
use crate::ir::verify::targets;
use crate::ir::{Cond, Function, Imm, Inst, Op, Terminator, Value};

/// What was found to hold in a block, and so does in all that every way to leads through it; with what was known before.
enum Fact {
    /// The first is less than the second.
    Below(Value),
    /// It is not negative.
    NotNegative(Value),
    /// The record is there, and was known to be in another version of the state.
    There(Value, u32),
    /// The condition is true, or false.
    Is(Value, Option<bool>),
}

/// Marks what is known in a function; whether a check or a way is gone.
pub(super) fn mark(function: &mut Function, shape: &Shape) -> bool {
    let memory = Memory::of(function, shape);
    let count = function.values.len();
    // Nothing else asks for bounds.
    let insts = || function.blocks.iter().flat_map(|block| &block.insts);
    let has_lists = insts().any(|inst| matches!(inst.op, Op::ListGet | Op::ListAt));
    let mut known = Known {
        versions: vec![Version { state: NEVER, built: NEVER }; count],
        not_negative: if has_lists { not_negative(function) } else { Vec::new() },
        definitions: vec![None; count],
        there: vec![NEVER; count],
        is: vec![None; count],
        bounds: vec![Vec::new(); if has_lists { count } else { 0 }],
        facts: Vec::new(),
        open: Vec::new(),
    };
    let mut any = false;
    // How many facts were known when each open block was entered.
    let mut marks: Vec<usize> = Vec::new();
    for step in walk(shape) {
        let Step::Enter(index) = step else {
            known.forget(marks.pop().unwrap_or(0));
            continue;
        };
        marks.push(known.facts.len());
        known.enter(function, shape, index);
        let mut place = memory.enter(index);
        let block = &mut function.blocks[index];
        block.insts.retain_mut(|inst| {
            if let (Op::TrapIf, Some(condition)) = (inst.op, inst.args.first())
                && known.is[condition.index()] == Some(false)
            {
                any = true;
                return false;
            }
            known.inst(inst, place.version);
            place.pass(inst);
            true
        });
        if let Terminator::Branch { condition, then, otherwise } = &block.terminator
            && let Some(is) = known.is[condition.index()]
        {
            block.terminator = Terminator::Jump(if is { then.clone() } else { otherwise.clone() });
            any = true;
        }
    }
    any
}

/// No version.
const NEVER: u32 = u32::MAX;

struct Known {
    /// Where each value was computed.
    versions: Vec<Version>,
    /// Empty, like the bounds, if nothing asks for them.
    not_negative: Vec<bool>,
    definitions: Vec<Option<Made>>,
    /// By value, the version of the state in which it is a record that is there.
    there: Vec<u32>,
    /// By value, what it is.
    is: Vec<Option<bool>>,
    /// By value, what it is less than.
    bounds: Vec<Vec<Value>>,
    /// What was found in open blocks.
    facts: Vec<Fact>,
    /// Room for what is still to be learnt.
    open: Vec<(Value, bool)>,
}

impl Known {
    fn forget(&mut self, count: usize) {
        while self.facts.len() > count {
            match self.facts.pop() {
                Some(Fact::Below(value)) => drop(self.bounds[value.index()].pop()),
                Some(Fact::NotNegative(value)) => self.not_negative[value.index()] = false,
                Some(Fact::There(value, before)) => self.there[value.index()] = before,
                Some(Fact::Is(value, before)) => self.is[value.index()] = before,
                None => {}
            }
        }
    }

    fn is_there(&mut self, record: Value, state: u32) {
        let before = std::mem::replace(&mut self.there[record.index()], state);
        if before != state {
            self.facts.push(Fact::There(record, before));
        }
    }

    fn is_live(&self, list: Value) -> bool {
        self.definitions[list.index()].is_some_and(|made| matches!(made.op, Op::Load | Op::LoadKnown))
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
        let mut open = std::mem::take(&mut self.open);
        open.push((condition, is));
        while let Some((condition, is)) = open.pop() {
            let before = self.is[condition.index()].replace(is);
            if before == Some(is) {
                continue;
            }
            self.facts.push(Fact::Is(condition, before));
            let Some(made) = self.definitions[condition.index()] else { continue };
            let (a, b) = (made.a, made.b);
            match (made.op, is) {
                (Op::Not, _) => open.push((a, !is)),
                (Op::And, true) | (Op::Or, false) => open.extend([(a, is), (b, is)]),
                (Op::ICmp, _) if !self.not_negative.is_empty() => {
                    let Some(cond) = made.cond else { continue };
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
        self.open = open;
    }

    fn less(&mut self, a: Value, b: Value) {
        let bounds = &mut self.bounds[a.index()];
        if bounds.len() < MOST_BOUNDS && !bounds.contains(&b) {
            bounds.push(b);
            self.facts.push(Fact::Below(a));
        }
        self.not_less(b, a);
    }

    fn not_less(&mut self, a: Value, b: Value) {
        if self.not_negative[b.index()] && !std::mem::replace(&mut self.not_negative[a.index()], true) {
            self.facts.push(Fact::NotNegative(a));
        }
    }

    fn inst(&mut self, inst: &mut Inst, version: Version) {
        if let Some(result) = inst.result {
            self.versions[result.index()] = version;
            self.definitions[result.index()] = definition(inst);
        }
        let first = inst.args.first().copied().unwrap_or(Value(0));
        match inst.op {
            Op::Load | Op::LoadKnown => {
                if self.there[first.index()] == version.state {
                    inst.op = Op::LoadKnown;
                }
                self.is_there(first, version.state);
            }
            Op::ListGet | Op::ListAt => {
                if let [list, index] = inst.args[..]
                    && self.is_within(list, index, version)
                {
                    inst.op = Op::ListAt;
                }
                if let (Some(result), true) = (inst.result, self.is_loaded(first, version)) {
                    self.is_there(result, version.state);
                }
            }
            Op::Root => {
                if let Some(result) = inst.result {
                    self.is_there(result, version.state);
                }
            }
            Op::TrapIf => self.learn(first, false),
            _ => {}
        }
    }

    /// Whether a list was read from where it lives, and nothing was written since: so all its elements are there.
    fn is_loaded(&self, list: Value, version: Version) -> bool {
        self.is_live(list) && self.versions[list.index()].state == version.state
    }

    /// Whether an index is certain to be one of the list's.
    fn is_within(&self, list: Value, index: Value, version: Version) -> bool {
        let is_same = |value: Value| {
            let then = self.versions[value.index()];
            then.state == version.state && (self.is_live(list) || then.built == version.built)
        };
        if !self.not_negative[index.index()] {
            return false;
        }
        let was_found = self.definitions[index.index()]
            .is_some_and(|made| matches!(made.op, Op::ListFind | Op::ListFindKey) && made.a == list && is_same(index));
        was_found || self.lengths(list, index).any(is_same)
    }

    /// The lengths of a list that an index is known to be less than.
    fn lengths(&self, list: Value, index: Value) -> impl Iterator<Item = Value> + '_ {
        let is_length = move |made: Made| made.op == Op::ListLen && made.a == list;
        let bounds = self.bounds[index.index()].iter().copied();
        bounds.filter(move |length| self.definitions[length.index()].is_some_and(is_length))
    }
}

/// So many bounds of a value are remembered.
const MOST_BOUNDS: usize = 8;

/// What gives a value: as much of it as facts are drawn from.
#[derive(Clone, Copy)]
struct Made {
    op: Op,
    cond: Option<Cond>,
    a: Value,
    b: Value,
}

fn definition(inst: &Inst) -> Option<Made> {
    let cond = match inst.imm {
        Imm::Cond(cond) => Some(cond),
        _ => None,
    };
    let a = *inst.args.first()?;
    Some(Made { op: inst.op, cond, a, b: inst.args.get(1).copied().unwrap_or(a) })
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
