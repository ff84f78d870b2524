//! Cleaning up after SSA construction: parameters that always get one value, numbering of values in order of
//! appearance.

use statewright_types::Type;

use crate::ir::verify::targets;
use crate::ir::{BlockId, Function, Target, Terminator, Value, Values};

/// Calls `visit` for each target of a terminator.
pub(crate) fn each_target(terminator: &mut Terminator, mut visit: impl FnMut(&mut Target)) {
    match terminator {
        Terminator::Jump(target) => visit(target),
        Terminator::Branch { then, otherwise, .. } => {
            visit(then);
            visit(otherwise);
        }
        Terminator::Suspend { resume, deadlines, .. } | Terminator::Call { resume, deadlines, .. } => {
            visit(resume);
            deadlines.iter_mut().for_each(|deadline| visit(&mut deadline.target));
        }
        Terminator::Return(_) | Terminator::Trap { .. } => {}
    }
}

/// A target by its position, as [`each_target`] and [`targets`] list them.
pub(crate) fn target_mut(terminator: &mut Terminator, which: usize) -> Option<&mut Target> {
    match (terminator, which) {
        (Terminator::Jump(target), 0) => Some(target),
        (Terminator::Branch { then, .. }, 0) => Some(then),
        (Terminator::Branch { otherwise, .. }, 1) => Some(otherwise),
        (Terminator::Suspend { resume, .. } | Terminator::Call { resume, .. }, 0) => Some(resume),
        (Terminator::Suspend { deadlines, .. } | Terminator::Call { deadlines, .. }, _) => {
            deadlines.get_mut(which - 1).map(|deadline| &mut deadline.target)
        }
        _ => None,
    }
}

/// Calls `visit` for each value that a terminator reads.
pub(crate) fn each_operand(terminator: &mut Terminator, visit: &mut impl FnMut(&mut Value)) {
    match terminator {
        Terminator::Jump(_) => {}
        Terminator::Branch { condition, .. } => visit(condition),
        Terminator::Return(value) | Terminator::Trap { message: value, .. } => value.iter_mut().for_each(&mut *visit),
        Terminator::Suspend { args, deadlines, .. } | Terminator::Call { args, deadlines, .. } => {
            args.iter_mut().for_each(&mut *visit);
            deadlines.iter_mut().for_each(|deadline| visit(&mut deadline.due));
        }
    }
    each_target(terminator, |target| target.args.iter_mut().for_each(&mut *visit));
}

/// What stands for each value that is gone.
pub(crate) type Replaced = Vec<Option<Value>>;

/// Follows replacements to the value that stands at the end, and shortens the way there.
pub(crate) fn resolve(replaced: &mut Replaced, value: Value) -> Value {
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
    values: Values,
}

/// Drops block parameters that receive the same value on every edge. Parameters of resume blocks stay: they are
/// what a suspension saves.
pub(crate) fn remove_redundant_params(function: &mut Function, is_resume: impl Fn(BlockId) -> bool) {
    let keeps = |index: usize| index == 0 || is_resume(BlockId(index as u32));
    if !has_redundant_params(function, keeps) {
        return;
    }
    // Where the parameters of each block begin among all.
    let mut first = Vec::with_capacity(function.blocks.len());
    let mut all: Vec<Incoming> = Vec::new();
    for (index, block) in function.blocks.iter().enumerate() {
        first.push(all.len());
        if !keeps(index) {
            all.extend(block.params.iter().map(|param| Incoming { param: *param, values: Values::new() }));
        }
    }
    if all.is_empty() {
        return;
    }
    for (target, _) in function.blocks.iter().flat_map(|block| targets(&block.terminator)) {
        let index = target.block.index();
        if !keeps(index) {
            for (incoming, arg) in all[first[index]..].iter_mut().zip(&target.args) {
                incoming.values.push(*arg);
            }
        }
    }
    let replaced = redundant(&all, function.values.len());
    drop(all);
    drop_params(function, replaced);
}

/// Drops the block parameters that something else stands for, with what they receive, and has that read in their place.
pub(super) fn drop_params(function: &mut Function, mut replaced: Replaced) {
    // Where the parameters of each block begin among all, and which of those stay.
    let mut first = Vec::with_capacity(function.blocks.len());
    let mut stays: Vec<bool> = Vec::new();
    for block in &function.blocks {
        first.push(stays.len());
        stays.extend(block.params.iter().map(|param| replaced[param.index()].is_none()));
    }
    // A resume block's first parameters may be no arguments, but none of its parameters are dropped.
    let stays = |block: usize, position: usize| stays[first[block] + position];
    for (index, block) in function.blocks.iter_mut().enumerate() {
        block.params.retain_positions(|position| stays(index, position));
        each_target(&mut block.terminator, |target| {
            let block = target.block.index();
            target.args.retain_positions(|position| stays(block, position));
        });
    }
    for block in &mut function.blocks {
        for inst in &mut block.insts {
            for arg in &mut inst.args {
                *arg = resolve(&mut replaced, *arg);
            }
        }
        each_operand(&mut block.terminator, &mut |operand| *operand = resolve(&mut replaced, *operand));
    }
}

/// Whether any parameter receives only one value: if not, none can become redundant when others are gone.
fn has_redundant_params(function: &Function, keeps: impl Fn(usize) -> bool) -> bool {
    /// What a parameter was seen to receive.
    #[derive(Clone, Copy)]
    enum Seen {
        Nothing,
        One(Value),
        Several,
    }
    let mut seen = vec![Seen::Nothing; function.values.len()];
    let mut ones = 0;
    for (target, _) in function.blocks.iter().flat_map(|block| targets(&block.terminator)) {
        let to = target.block.index();
        if keeps(to) {
            continue;
        }
        for (param, arg) in function.blocks[to].params.iter().zip(&target.args).filter(|(param, arg)| param != arg) {
            let seen = &mut seen[param.index()];
            match *seen {
                Seen::Nothing => {
                    *seen = Seen::One(*arg);
                    ones += 1;
                }
                Seen::One(known) if known != *arg => {
                    *seen = Seen::Several;
                    ones -= 1;
                }
                Seen::One(_) | Seen::Several => {}
            }
        }
    }
    ones > 0
}

/// What stands for each parameter that receives only one value (itself aside), until there are no more such: a
/// parameter is looked at again when one of its values was replaced, which only parameters are.
fn redundant(all: &[Incoming], values: usize) -> Replaced {
    const NO_PARAM: u32 = u32::MAX;
    let mut number = vec![NO_PARAM; values];
    for (index, incoming) in all.iter().enumerate() {
        number[incoming.param.index()] = index as u32;
    }
    // By parameter, the parameters that receive it.
    let mut users: Vec<Vec<u32>> = vec![Vec::new(); all.len()];
    for (index, incoming) in (0u32..).zip(all) {
        for value in &incoming.values {
            if let Some(users) = users.get_mut(number[value.index()] as usize)
                && users.last() != Some(&index)
            {
                users.push(index);
            }
        }
    }
    let mut replaced: Replaced = vec![None; values];
    let mut work: Vec<u32> = (0..all.len() as u32).rev().collect();
    while let Some(index) = work.pop() {
        let Incoming { param, values } = &all[index as usize];
        if replaced[param.index()].is_some() {
            continue;
        }
        let mut others = values.iter().map(|value| resolve(&mut replaced, *value)).filter(|value| value != param);
        let Some(only) = others.next() else { continue };
        if others.any(|other| other != only) {
            continue;
        }
        replaced[param.index()] = Some(only);
        let users_of_param = std::mem::take(&mut users[index as usize]);
        work.extend(&users_of_param);
        // What used the parameter uses its value from here on.
        if let Some(users) = users.get_mut(number[only.index()] as usize) {
            users.extend(users_of_param);
        }
    }
    replaced
}

/// Numbers values by first definition in block order and forgets those that are gone.
pub(crate) fn renumber_values(function: &mut Function) {
    let mut number: Vec<Option<Value>> = vec![None; function.values.len()];
    let mut types = Vec::with_capacity(function.values.len());
    for block in &function.blocks {
        for value in block.params.iter().copied().chain(block.insts.iter().filter_map(|inst| inst.result)) {
            number[value.index()] = Some(Value(types.len() as u32));
            types.push(std::mem::replace(&mut function.values[value.index()], Type::Bool));
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
        each_operand(&mut block.terminator, &mut |value| renumber(value));
    }
    function.values = types;
}
