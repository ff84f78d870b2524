//! Modules that hold integers to their ranges: they do the same as long as these are true.

use statewright_types::Type;
use statewright_types::hashing::HashMap;

use super::{INT, Ranges};
use crate::ir::verify::{VerifyError, terminator_uses};
use crate::ir::{Function, Imm, Inst, Module, NodeTag, Op, Terminator, Value, Values, Verified};

/// The same, with each integer that is used somewhere clamped to its range there. What runs it tests the ranges.
///
/// # Errors
/// None of a module that passes have run over; else a mistake of theirs.
pub fn clamped(module: &Verified) -> Result<Verified, Vec<VerifyError>> {
    let mut module = Module::clone(module);
    let schema = module.schema.clone();
    for function in &mut module.functions {
        let before = function.clone();
        let ranges = Ranges::new(&before, &schema);
        (0..function.blocks.len()).for_each(|block| clamp(function, block, &ranges));
    }
    Verified::new(module)
}

/// Clamps what a block uses: its parameters and what others gave it at its beginning, its own results behind them.
fn clamp(function: &mut Function, at: usize, ranges: &Ranges<'_>) {
    let mut clamped: HashMap<Value, Value> = HashMap::default();
    let block = &mut function.blocks[at];
    let (insts, terminator) = (std::mem::take(&mut block.insts), block.terminator.clone());
    let own: Vec<Value> = insts.iter().filter_map(|inst| inst.result).collect();
    let mut given: Vec<Value> = insts.iter().flat_map(|inst| inst.args.iter().copied()).collect();
    given.extend(terminator_uses(&terminator));
    given.sort_unstable_by_key(|value| value.index());
    given.dedup();
    let mut made = Vec::with_capacity(insts.len());
    for value in given.into_iter().filter(|value| !own.contains(value)) {
        hold(function, &mut made, &mut clamped, value, ranges.at(value, at));
    }
    for mut inst in insts {
        inst.args.iter_mut().for_each(|arg| *arg = clamped.get(arg).copied().unwrap_or(*arg));
        let (op, result) = (inst.op, inst.result);
        made.push(inst);
        if let Some(result) = result.filter(|_| op != Op::IConst) {
            hold(function, &mut made, &mut clamped, result, ranges.at(result, at));
        }
    }
    let block = &mut function.blocks[at];
    block.insts = made;
    used(&mut block.terminator, |value| *value = clamped.get(value).copied().unwrap_or(*value));
}

/// Puts the instructions that clamp a value behind the others, if it is less than any integer.
fn hold(
    function: &mut Function,
    insts: &mut Vec<Inst>,
    clamped: &mut HashMap<Value, Value>,
    value: Value,
    range: Option<(i128, i128)>,
) {
    let Some((low, high)) = range.filter(|range| *range != INT && *function.ty(value) == Type::INT) else { return };
    let mut push = |op, args: Values, imm| {
        function.values.push(Type::INT);
        let result = Value(function.values.len() as u32 - 1);
        insts.push(Inst { op, args, imm, result: Some(result), node: NodeTag(0) });
        result
    };
    let [low, high] = [low, high].map(|bound| push(Op::IConst, Values::new(), Imm::Int(bound as i64)));
    let least = push(Op::IMax, [value, low].into(), Imm::None);
    let held = push(Op::IMin, [least, high].into(), Imm::None);
    clamped.insert(value, held);
}

/// Does something with each value that a terminator reads.
fn used(terminator: &mut Terminator, mut with: impl FnMut(&mut Value)) {
    let (values, targets, deadlines) = match terminator {
        Terminator::Jump(target) => (None, [Some(target), None], None),
        Terminator::Branch { condition, then, otherwise } => {
            with(condition);
            (None, [Some(then), Some(otherwise)], None)
        }
        Terminator::Return(value) | Terminator::Trap { message: value, .. } => {
            value.iter_mut().for_each(&mut with);
            return;
        }
        Terminator::Suspend { args, resume, deadlines, .. } | Terminator::Call { args, resume, deadlines, .. } => {
            (Some(args), [Some(resume), None], Some(deadlines))
        }
    };
    values.into_iter().flat_map(|values| values.iter_mut()).for_each(&mut with);
    for deadline in deadlines.into_iter().flatten() {
        with(&mut deadline.due);
        deadline.target.args.iter_mut().for_each(&mut with);
    }
    targets.into_iter().flatten().flat_map(|target| target.args.iter_mut()).for_each(&mut with);
}
