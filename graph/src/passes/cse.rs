//! Computes nothing twice: an instruction that gives what an earlier one gave, which every way to it leads through, is
//! replaced by that one's result. What the earlier one checked need not be checked again.

use std::collections::HashMap;

use statewright_types::planted;

use super::memory::{Memory, depends};
use super::shape::{Shape, Step, walk};
use super::tidy::{Replaced, each_operand, resolve};
use crate::ir::{Cond, Function, Imm, Inst, Op, Value};

/// What an instruction is known by: operation, operands, a number for its constant part, and what it depends on.
type Key = (Op, [Value; MOST_OPERANDS], u32, (u32, u32));

/// What has more operands is not merged; nothing that only computes has.
const MOST_OPERANDS: usize = 3;

/// Merges what is equal in a function.
pub(super) fn merge(function: &mut Function, shape: &Shape) {
    let memory = Memory::of(function, shape);
    let mut replaced: Replaced = vec![None; function.values.len()];
    let mut imms = Imms::default();
    let is_live = live_lists(function);
    let mut known: HashMap<Key, Value> = HashMap::new();
    // What each open block has added, to be forgotten when it is left.
    let mut added: Vec<Vec<Key>> = Vec::new();
    for step in walk(shape) {
        let Step::Enter(index) = step else {
            for key in added.pop().unwrap_or_default() {
                known.remove(&key);
            }
            continue;
        };
        let mut version = memory.at(index);
        let mut own = Vec::new();
        let mut insts = std::mem::take(&mut function.blocks[index].insts);
        let mut position = 0;
        insts.retain_mut(|inst| {
            let at = position;
            position += 1;
            inst.args.iter_mut().for_each(|arg| *arg = resolve(&mut replaced, *arg));
            let depends = depends(inst, version, |list| is_live[list.index()]);
            let kept = match (inst.result, depends, ordered(inst)) {
                (Some(result), Some(depends), Some(args)) => {
                    let key = (plain(inst.op), args, imms.number(plain(inst.op), &inst.imm), depends);
                    match known.get(&key) {
                        Some(earlier) => {
                            replaced[result.index()] = Some(*earlier);
                            false
                        }
                        None => {
                            known.insert(key, result);
                            own.push(key);
                            true
                        }
                    }
                }
                _ => true,
            };
            memory.pass(&mut version, index, at);
            kept
        });
        added.push(own);
        function.blocks[index].insts = insts;
    }
    for block in &mut function.blocks {
        block.insts.iter_mut().flat_map(|inst| &mut inst.args).for_each(|arg| *arg = resolve(&mut replaced, *arg));
        each_operand(&mut block.terminator, &mut |value| *value = resolve(&mut replaced, *value));
    }
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

/// Constant parts by number. Those of an operation are compared with each other only.
#[derive(Default)]
struct Imms {
    simple: HashMap<(Op, u8, i64), u32>,
    others: HashMap<Op, Vec<(Imm, u32)>>,
    next: u32,
}

/// So many constant parts of one operation that have no simple number are told apart; all others are alone.
const MOST: usize = 64;

impl Imms {
    fn number(&mut self, op: Op, imm: &Imm) -> u32 {
        let simple = match imm {
            Imm::None => (0, 0),
            Imm::Int(value) => (1, *value),
            Imm::Float(bits) => (2, *bits as i64),
            Imm::Bool(value) => (3, i64::from(*value)),
            Imm::Struct(id) => (4, i64::from(id.0)),
            Imm::Field(id, field) => (5, i64::from(id.0) << 32 | i64::from(*field)),
            Imm::Cond(cond) => (6, *cond as i64),
            Imm::Trap(_) | Imm::Func(_) | Imm::Str(_) | Imm::Type(_) | Imm::Host(_) => {
                let list = self.others.entry(op).or_default();
                if let Some((_, number)) = list.iter().find(|(known, _)| known == imm) {
                    return *number;
                }
                self.next += 1;
                if list.len() < MOST {
                    list.push((imm.clone(), self.next));
                }
                return self.next;
            }
        };
        let next = &mut self.next;
        *self.simple.entry((op, simple.0, simple.1)).or_insert_with(|| {
            *next += 1;
            *next
        })
    }
}
