//! Loops whose passes are counted: what may stop them is asked for once, ahead of the loop, as if every pass went the dearest
//! way. A second form of the loop then computes all ways of its body and selects, charges nothing and stops for nothing: it
//! counts what has to be charged and notes whether a sum was too large, and both are looked at behind the loop. If anything is
//! odd the loop as it was, which stands beside it, does it all from the beginning: nothing has been charged or changed until then.
//!
//! Sums need no note where bounds of their operands and the number of passes say that they fit. A loop over the elements of
//! a list has its second form twice, once for lists that are dense (`list.dense`), in which machine code goes from row to row.

mod bounds;
mod sums;
mod write;

use std::collections::{HashMap, HashSet};

use statewright_types::{Schema, Type};

use super::select::{Body, bodies, constants};
use super::shape::Shape;
use super::tidy::each_operand;
use crate::ir::ops::Effect;
use crate::ir::verify::terminator_uses;
use crate::ir::{Cond, Function, Imm, Op, Target, Terminator, Value, Values};

/// A loop of more passes is made as it was.
const MOST_PASSES: i64 = 1 << 31;
/// A loop of which a pass may charge more stays as it is.
const MOST_CHARGED: i64 = 1 << 20;

/// A loop that is entered with a count of 0, goes on while that is less than a limit, and adds one in each pass.
struct Counted {
    body: Body,
    blocks: HashSet<usize>,
    /// The block in front of it, and what that gives the head.
    entry: usize,
    args: Values,
    /// Which of the head's parameters counts.
    index: usize,
    limit: Value,
    /// What the head goes on by.
    condition: Value,
    /// The list that it goes over, if it is one of structs that is read from where it lives.
    list: Option<Value>,
}

/// Adds the second form to the loops of a function that can have one. The heads of both forms.
pub(super) fn ask(function: &mut Function, shape: &Shape, schema: &Schema) -> HashSet<usize> {
    let mut heads = HashSet::new();
    if !shape.has_loops {
        return heads;
    }
    let constants = constants(function);
    let bodies = bodies(function, shape, &constants).into_iter();
    let counted = bodies.filter_map(|(body, found)| {
        let blocks = found.blocks.iter().copied().collect();
        counted(function, body, blocks, found.entry?, &constants)
    });
    let counted: Vec<Counted> = counted.collect();
    let mut behind = used_behind(function, &counted);
    let mut renamed: HashMap<Value, (usize, Value)> = HashMap::new();
    for (number, found) in counted.iter().enumerate() {
        let leave = std::mem::take(&mut behind[number]);
        let Some(written) = write::write(function, found, &constants, schema, &leave) else { continue };
        heads.insert(found.body.head);
        heads.extend(written.heads);
        renamed.extend(leave.iter().zip(written.params).map(|(old, new)| (*old, (number, new))));
    }
    rename(function, &counted, &renamed);
    heads
}

fn counted(
    function: &Function,
    body: Body,
    blocks: HashSet<usize>,
    entry: usize,
    constants: &HashMap<Value, i64>,
) -> Option<Counted> {
    let head = &function.blocks[body.head];
    let Terminator::Branch { condition, then, otherwise } = &head.terminator else { return None };
    let Terminator::Jump(Target { args, .. }) = &function.blocks[entry].terminator else { return None };
    let is_silent = head.insts.iter().all(|inst| {
        let row = inst.op.row();
        row.traps.is_empty() && matches!(row.effect, Effect::Pure | Effect::Reads)
    });
    let leaves = then.block.index() == body.order[0] && !blocks.contains(&otherwise.block.index());
    let test = head.insts.iter().find(|inst| inst.result == Some(*condition))?;
    let [count, limit] = test.args[..] else { return None };
    let is_test = test.op == Op::ICmp && test.imm == Imm::Cond(Cond::Lt);
    let index = head.params.iter().position(|param| *param == count)?;
    let from_zero = constants.get(args.get(index)?) == Some(&0);
    let inside = || blocks.iter().map(|index| &function.blocks[*index]);
    let insts = || inside().flat_map(|block| &block.insts);
    let is_inside = |value: &Value| {
        insts().any(|inst| inst.result == Some(*value)) || inside().any(|block| block.params.contains(value))
    };
    if !(is_silent && leaves && is_test && from_zero) || is_inside(&limit) {
        return None;
    }
    let is_loaded = |element: Value| insts().any(|inst| inst.op == Op::LoadKnown && inst.args[..] == [element]);
    let list = insts().find_map(|inst| {
        let ([list, at], Some(element)) = (&inst.args[..], inst.result) else { return None };
        let is_row = matches!(function.ty(element), Type::Struct(_)) && is_loaded(element);
        (inst.op == Op::ListAt && *at == count && is_row && !is_inside(list)).then_some(*list)
    });
    Some(Counted { entry, args: args.clone(), index, limit, condition: *condition, list, body, blocks })
}

/// By loop, what its head defines and others than the loop read.
fn used_behind(function: &Function, counted: &[Counted]) -> Vec<Vec<Value>> {
    let mut behind: Vec<Vec<Value>> = vec![Vec::new(); counted.len()];
    let mut home: HashMap<Value, usize> = HashMap::new();
    for (number, found) in counted.iter().enumerate() {
        let head = &function.blocks[found.body.head];
        let values = head.params.iter().copied().chain(head.insts.iter().filter_map(|inst| inst.result));
        home.extend(values.map(|value| (value, number)));
    }
    let mut seen: HashSet<Value> = HashSet::new();
    let mut read = |value: Value, is_behind: &dyn Fn(&Counted) -> bool| {
        if let Some(number) = home.get(&value)
            && is_behind(&counted[*number])
            && seen.insert(value)
        {
            behind[*number].push(value);
        }
    };
    for (index, block) in function.blocks.iter().enumerate() {
        let is_behind = |found: &Counted| !found.blocks.contains(&index);
        block.insts.iter().flat_map(|inst| inst.args.iter()).for_each(|value| read(*value, &is_behind));
        terminator_uses(&block.terminator).for_each(|value| read(value, &is_behind));
        // What is given on the way out is read behind the loop.
        if let Terminator::Branch { otherwise, .. } = &block.terminator {
            let is_way_out = |found: &Counted| found.body.head == index || !found.blocks.contains(&index);
            otherwise.args.iter().for_each(|value| read(*value, &is_way_out));
        }
    }
    behind
}

/// What is read behind a loop is what the block gets to which both forms lead.
fn rename(function: &mut Function, counted: &[Counted], renamed: &HashMap<Value, (usize, Value)>) {
    if renamed.is_empty() {
        return;
    }
    for (index, block) in function.blocks.iter_mut().enumerate() {
        let mut visit = |value: &mut Value| {
            if let Some((number, new)) = renamed.get(value)
                && !counted[*number].blocks.contains(&index)
            {
                *value = *new;
            }
        };
        block.insts.iter_mut().flat_map(|inst| inst.args.iter_mut()).for_each(&mut visit);
        each_operand(&mut block.terminator, &mut visit);
    }
}
