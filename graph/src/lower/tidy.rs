//! Cleaning up after SSA construction: parameters that always get one value, numbering of values in order of
//! appearance.

use crate::ir::verify::targets;
use crate::ir::{BlockId, Function, Target, Terminator, Value};

/// The targets of a terminator, for changing them.
pub(super) fn targets_mut(terminator: &mut Terminator) -> Vec<&mut Target> {
    match terminator {
        Terminator::Jump(target) => vec![target],
        Terminator::Branch { then, otherwise, .. } => vec![then, otherwise],
        Terminator::Suspend { resume, deadlines, .. } | Terminator::Call { resume, deadlines, .. } => {
            std::iter::once(resume).chain(deadlines.iter_mut().map(|deadline| &mut deadline.target)).collect()
        }
        Terminator::Return(_) | Terminator::Trap { .. } => Vec::new(),
    }
}

fn operands_mut(terminator: &mut Terminator) -> Vec<&mut Value> {
    match terminator {
        Terminator::Jump(target) => target.args.iter_mut().collect(),
        Terminator::Branch { condition, then, otherwise } => {
            std::iter::once(condition).chain(&mut then.args).chain(&mut otherwise.args).collect()
        }
        Terminator::Return(value) => value.iter_mut().collect(),
        Terminator::Trap { message, .. } => message.iter_mut().collect(),
        Terminator::Suspend { args, resume, deadlines, .. } | Terminator::Call { args, resume, deadlines, .. } => {
            let cut = deadlines
                .iter_mut()
                .flat_map(|deadline| [&mut deadline.due].into_iter().chain(&mut deadline.target.args));
            args.iter_mut().chain(&mut resume.args).chain(cut).collect()
        }
    }
}

/// What stands for each value that is gone.
type Replaced = Vec<Option<Value>>;

/// Follows replacements to the value that stands at the end, and shortens the way there.
fn resolve(replaced: &mut Replaced, value: Value) -> Value {
    let mut end = value;
    while let Some(next) = replaced[end.index()] {
        end = next;
    }
    let mut at = value;
    while at != end {
        at = replaced[at.index()].replace(end).unwrap_or(end);
    }
    end
}

/// The values that a block parameter receives, one per edge.
struct Incoming {
    param: Value,
    values: Vec<Value>,
}

/// Drops block parameters that receive the same value on every edge. Parameters of resume blocks stay: they are
/// what a suspension saves.
pub(super) fn remove_redundant_params(function: &mut Function, is_resume: impl Fn(BlockId) -> bool) {
    let keeps = |index: usize| index == 0 || is_resume(BlockId(index as u32));
    let mut first = Vec::with_capacity(function.blocks.len());
    let mut all: Vec<Incoming> = Vec::new();
    for (index, block) in function.blocks.iter().enumerate() {
        first.push(all.len());
        if !keeps(index) {
            all.extend(block.params.iter().map(|param| Incoming { param: *param, values: Vec::new() }));
        }
    }
    for (target, _) in function.blocks.iter().flat_map(|block| targets(&block.terminator)) {
        let index = target.block.index();
        if !keeps(index) {
            for (incoming, arg) in all[first[index]..].iter_mut().zip(&target.args) {
                incoming.values.push(*arg);
            }
        }
    }
    let mut replaced = redundant(&all, function.values.len());
    let dropped: Vec<Vec<bool>> = function
        .blocks
        .iter()
        .map(|block| block.params.iter().map(|param| replaced[param.index()].is_some()).collect())
        .collect();
    drop_params(function, &dropped);
    for block in &mut function.blocks {
        for inst in &mut block.insts {
            for arg in &mut inst.args {
                *arg = resolve(&mut replaced, *arg);
            }
        }
        for operand in operands_mut(&mut block.terminator) {
            *operand = resolve(&mut replaced, *operand);
        }
    }
}

/// What stands for each parameter that receives only one value (itself aside), until there are no more such: a
/// parameter is looked at again when one of its values was replaced.
fn redundant(all: &[Incoming], values: usize) -> Replaced {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); values];
    for (index, incoming) in all.iter().enumerate() {
        for value in &incoming.values {
            if users[value.index()].last() != Some(&index) {
                users[value.index()].push(index);
            }
        }
    }
    let mut replaced: Replaced = vec![None; values];
    let mut work: Vec<usize> = (0..all.len()).rev().collect();
    while let Some(index) = work.pop() {
        let Incoming { param, values } = &all[index];
        if replaced[param.index()].is_some() {
            continue;
        }
        let mut others = values.iter().map(|value| resolve(&mut replaced, *value)).filter(|value| value != param);
        let Some(only) = others.next() else { continue };
        if others.any(|other| other != only) {
            continue;
        }
        replaced[param.index()] = Some(only);
        let users_of_param = std::mem::take(&mut users[param.index()]);
        work.extend(&users_of_param);
        // What used the parameter uses its value from here on.
        users[only.index()].extend(users_of_param);
    }
    replaced
}

fn drop_params(function: &mut Function, dropped: &[Vec<bool>]) {
    let keep = |values: &mut Vec<Value>, dropped: &[bool]| {
        let mut position = 0;
        values.retain(|_| {
            position += 1;
            !dropped.get(position - 1).copied().unwrap_or(false)
        });
    };
    for (index, block) in function.blocks.iter_mut().enumerate() {
        keep(&mut block.params, &dropped[index]);
        for target in targets_mut(&mut block.terminator) {
            // A resume block's first parameters may be no arguments, but none of its parameters are dropped.
            keep(&mut target.args, &dropped[target.block.index()]);
        }
    }
}

/// Numbers values by first definition in block order and forgets those that are gone.
pub(super) fn renumber_values(function: &mut Function) {
    let mut number: Vec<Option<Value>> = vec![None; function.values.len()];
    let mut types = Vec::new();
    for block in &function.blocks {
        for value in block.params.iter().copied().chain(block.insts.iter().filter_map(|inst| inst.result)) {
            number[value.index()] = Some(Value(types.len() as u32));
            types.push(function.values[value.index()].clone());
        }
    }
    let renumber = |value: &mut Value| {
        if let Some(new) = number[value.index()] {
            *value = new;
        }
    };
    for block in &mut function.blocks {
        block.params.iter_mut().for_each(renumber);
        for inst in &mut block.insts {
            inst.args.iter_mut().for_each(renumber);
            inst.result.iter_mut().for_each(renumber);
        }
        operands_mut(&mut block.terminator).into_iter().for_each(renumber);
    }
    function.values = types;
}
