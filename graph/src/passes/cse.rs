//! Computes nothing twice: an instruction that gives what an earlier one gave, which every way to it leads through, is
//! replaced by that one's result. What the earlier one checked need not be checked again.

use statewright_types::planted;

use super::memory::{Memory, depends};
use super::shape::{Shape, Step, walk};
use super::tidy::{Replaced, each_operand, resolve};
use crate::ir::{Cond, Function, Imm, Inst, Op, Value};

/// What an instruction is known by: operation, operands, its constant part, and what it depends on.
#[derive(Clone, Copy, PartialEq)]
struct Key {
    op: Op,
    args: [Value; MOST_OPERANDS],
    imm: (u8, i64),
    depends: (u32, u32),
}

impl Key {
    /// The same on every machine and in every run.
    fn hash(&self) -> u64 {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let pair = |(a, b): (u32, u32)| u64::from(a) << 32 | u64::from(b);
        let [a, b, c] = self.args;
        let parts = [
            pair((a.0, b.0)),
            pair((c.0, self.op as u32)),
            self.imm.1 as u64 ^ u64::from(self.imm.0) << 56,
            pair(self.depends),
        ];
        let mixed = parts.into_iter().fold(0u64, |hash, part| (hash.rotate_left(23) ^ part).wrapping_mul(FACTOR));
        mixed ^ mixed >> 32
    }
}

/// What has more operands is not merged; nothing that only computes has.
const MOST_OPERANDS: usize = 3;

/// What was computed on the way to a block: a table of chains, which forgets what was added last first.
struct Table {
    /// By hash, the last entry of a chain and one; 0 is none.
    last: Vec<u32>,
    entries: Vec<Entry>,
}

struct Entry {
    key: Key,
    value: Value,
    place: u32,
    before: u32,
}

impl Table {
    fn new(most: usize) -> Table {
        Table { last: vec![0; most.max(8).next_power_of_two()], entries: Vec::new() }
    }

    /// What is known by this key; else it is `value` from now on.
    fn get_or_add(&mut self, key: Key, value: Value) -> Option<Value> {
        let place = key.hash() as usize & (self.last.len() - 1);
        let mut at = self.last[place];
        while let Some(entry) = self.entries.get((at as usize).wrapping_sub(1)) {
            if entry.key == key {
                return Some(entry.value);
            }
            at = entry.before;
        }
        let before = self.last[place];
        self.entries.push(Entry { key, value, place: place as u32, before });
        self.last[place] = self.entries.len() as u32;
        None
    }

    fn forget(&mut self, count: usize) {
        while self.entries.len() > count {
            if let Some(entry) = self.entries.pop() {
                self.last[entry.place as usize] = entry.before;
            }
        }
    }
}

/// What became of a function.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Merged {
    /// Whether anything was merged.
    pub any: bool,
    /// Whether an instruction has equal operands next to one another since.
    pub has_pairs: bool,
}

/// Merges what is equal in a function.
pub(super) fn merge(function: &mut Function, shape: &Shape) -> Merged {
    let memory = Memory::of(function, shape);
    let mut replaced: Replaced = vec![None; function.values.len()];
    let (mut any, mut has_pairs) = (false, false);
    let mut imms = Imms::default();
    let is_live = live_lists(function);
    let mut known = Table::new(function.values.len());
    // How much was known when each open block was entered.
    let mut marks = Vec::new();
    for step in walk(shape) {
        let Step::Enter(index) = step else {
            known.forget(marks.pop().unwrap_or(0));
            continue;
        };
        marks.push(known.entries.len());
        let mut place = memory.enter(index);
        function.blocks[index].insts.retain_mut(|inst| {
            if any {
                inst.args.iter_mut().for_each(|arg| *arg = resolve(&mut replaced, *arg));
                has_pairs |= inst.args.windows(2).any(|pair| pair[0] == pair[1]);
            }
            let depends = depends(inst, place.version, |list| is_live[list.index()]);
            place.pass(inst);
            if let (Some(result), Some(depends), Some(args)) = (inst.result, depends, ordered(inst)) {
                let op = plain(inst.op);
                let key = Key { op, args, imm: imms.number(op, &inst.imm), depends };
                if let Some(earlier) = known.get_or_add(key, result) {
                    replaced[result.index()] = Some(earlier);
                    any = true;
                    return false;
                }
            }
            true
        });
    }
    if any {
        for block in &mut function.blocks {
            each_operand(&mut block.terminator, &mut |value| *value = resolve(&mut replaced, *value));
        }
    }
    Merged { any, has_pairs }
}

/// Where something was read that was known to be there, it is there as long as nothing is written.
fn plain(op: Op) -> Op {
    match op {
        Op::LoadKnown => Op::Load,
        Op::ListAt => Op::ListGet,
        other => other,
    }
}

/// By value, whether it is a list or map that stands in the state or in a struct: none that is under construction.
pub(super) fn live_lists(function: &Function) -> Vec<bool> {
    let mut is_live = vec![false; function.values.len()];
    for inst in function.blocks.iter().flat_map(|block| &block.insts) {
        if let (Op::Load | Op::LoadKnown, Some(result)) = (inst.op, inst.result) {
            is_live[result.index()] = true;
        }
    }
    is_live
}

/// The operands; of those whose order does not matter, the lower first. Operations that do the same are the same.
fn ordered(inst: &Inst) -> Option<[Value; MOST_OPERANDS]> {
    let mut args = [Value(u32::MAX); MOST_OPERANDS];
    args.get_mut(..inst.args.len())?.copy_from_slice(&inst.args);
    let is_even = matches!(
        inst.op,
        Op::IAdd
            | Op::IMul
            | Op::IAddWrap
            | Op::IMulWrap
            | Op::IAddOver
            | Op::IMulOver
            | Op::And
            | Op::Or
            | Op::IMin
            | Op::IMax
    ) || inst.op == Op::ICmp && matches!(inst.imm, Imm::Cond(Cond::Eq | Cond::Ne));
    if is_even || planted::is(63) && inst.op == Op::ISub {
        args.sort_unstable();
    }
    Some(args)
}

/// Constant parts by kind and number. Those of an operation are compared with each other only.
#[derive(Default)]
struct Imms {
    others: Vec<(Op, Vec<(Imm, i64)>)>,
    next: i64,
}

/// So many constant parts of one operation that are no numbers are told apart; all others are alone.
const MOST: usize = 64;

impl Imms {
    fn number(&mut self, op: Op, imm: &Imm) -> (u8, i64) {
        match imm {
            Imm::None => (0, 0),
            Imm::Int(value) => (1, *value),
            Imm::Float(bits) => (2, *bits as i64),
            Imm::Bool(value) => (3, i64::from(*value)),
            Imm::Struct(id) => (4, i64::from(id.0)),
            Imm::Field(id, field) => (5, i64::from(id.0) << 32 | i64::from(*field)),
            Imm::Cond(cond) => (6, *cond as i64),
            Imm::Func(id) => (7, i64::from(id.0)),
            Imm::Trap(_) | Imm::Str(_) | Imm::Type(_) | Imm::Host(_) => (8, self.other(op, imm)),
        }
    }

    fn other(&mut self, op: Op, imm: &Imm) -> i64 {
        let at = self.others.iter().position(|(known, _)| *known == op).unwrap_or_else(|| {
            self.others.push((op, Vec::new()));
            self.others.len() - 1
        });
        let list = &mut self.others[at].1;
        if let Some((_, number)) = list.iter().find(|(known, _)| known == imm) {
            return *number;
        }
        self.next += 1;
        if list.len() < MOST {
            list.push((imm.clone(), self.next));
        }
        self.next
    }
}
