//! Cleaning up after SSA construction: parameters that always get one value, numbering of values in order of
//! appearance.

use std::collections::HashMap;

use crate::ir::{BlockId, Function, Target, Terminator, Value};

/// All targets of a terminator.
pub(super) fn targets(terminator: &Terminator) -> Vec<&Target> {
    match terminator {
        Terminator::Jump(target) => vec![target],
        Terminator::Branch { then, otherwise, .. } => vec![then, otherwise],
        Terminator::Suspend { resume, .. } | Terminator::Call { resume, .. } => vec![resume],
        Terminator::Return(_) | Terminator::Trap { .. } => Vec::new(),
    }
}

/// The same for changing them.
pub(super) fn targets_mut(terminator: &mut Terminator) -> Vec<&mut Target> {
    match terminator {
        Terminator::Jump(target) => vec![target],
        Terminator::Branch { then, otherwise, .. } => vec![then, otherwise],
        Terminator::Suspend { resume, .. } | Terminator::Call { resume, .. } => vec![resume],
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
        Terminator::Suspend { args, resume, .. } | Terminator::Call { args, resume, .. } => {
            args.iter_mut().chain(&mut resume.args).collect()
        }
    }
}

/// Follows replacements to the value that stands at the end.
fn resolve(replaced: &HashMap<Value, Value>, mut value: Value) -> Value {
    while let Some(next) = replaced.get(&value) {
        value = *next;
    }
    value
}

/// Drops block parameters that receive the same value on every edge. Parameters of resume blocks stay: they are
/// what a suspension saves.
pub(super) fn remove_redundant_params(function: &mut Function, is_resume: impl Fn(BlockId) -> bool) {
    let mut replaced: HashMap<Value, Value> = HashMap::new();
    loop {
        let mut incoming: Vec<Vec<Option<Value>>> =
            function.blocks.iter().map(|block| vec![None; block.params.len()]).collect();
        let mut varies: Vec<Vec<bool>> = function.blocks.iter().map(|block| vec![false; block.params.len()]).collect();
        for block in &function.blocks {
            for target in targets(&block.terminator) {
                let index = target.block.index();
                if is_resume(target.block) {
                    continue;
                }
                for (position, arg) in target.args.iter().enumerate() {
                    let param = function.blocks[index].params[position];
                    let arg = resolve(&replaced, *arg);
                    if arg == param || incoming[index][position] == Some(arg) {
                        continue;
                    }
                    varies[index][position] |= incoming[index][position].replace(arg).is_some();
                }
            }
        }
        let mut dropped: Vec<Vec<usize>> = vec![Vec::new(); function.blocks.len()];
        for (index, block) in function.blocks.iter().enumerate().skip(1) {
            if is_resume(BlockId(index as u32)) {
                continue;
            }
            for (position, param) in block.params.iter().enumerate() {
                if let (Some(value), false) = (incoming[index][position], varies[index][position]) {
                    let value = resolve(&replaced, value);
                    if value != *param {
                        replaced.insert(*param, value);
                        dropped[index].push(position);
                    }
                }
            }
        }
        if dropped.iter().all(Vec::is_empty) {
            break;
        }
        drop_params(function, &dropped);
    }
    for block in &mut function.blocks {
        for inst in &mut block.insts {
            for arg in &mut inst.args {
                *arg = resolve(&replaced, *arg);
            }
        }
        for operand in operands_mut(&mut block.terminator) {
            *operand = resolve(&replaced, *operand);
        }
    }
}

fn drop_params(function: &mut Function, dropped: &[Vec<usize>]) {
    let keep = |values: &mut Vec<Value>, positions: &[usize]| {
        let mut position = 0;
        values.retain(|_| {
            position += 1;
            !positions.contains(&(position - 1))
        });
    };
    for (index, block) in function.blocks.iter_mut().enumerate() {
        keep(&mut block.params, &dropped[index]);
        for target in targets_mut(&mut block.terminator) {
            keep(&mut target.args, &dropped[target.block.index()]);
        }
    }
}

/// Numbers values by first definition in block order and forgets those that are gone.
pub(super) fn renumber_values(function: &mut Function) {
    let mut number: HashMap<Value, Value> = HashMap::new();
    let mut types = Vec::new();
    for block in &function.blocks {
        for value in block.params.iter().copied().chain(block.insts.iter().filter_map(|inst| inst.result)) {
            number.insert(value, Value(types.len() as u32));
            types.push(function.values[value.index()].clone());
        }
    }
    let renumber = |value: &mut Value| {
        if let Some(new) = number.get(value) {
            *value = *new;
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
