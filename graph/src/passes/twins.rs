//! Parameters of a block that are equal whenever it is entered become one: counters that begin and grow alike, as those of
//! fused loops do.
//!
//! All parameters of a block that have one type are taken for equal at first. Where two of them receive what is not equal even so, they are
//! told apart, until nothing changes. What is left is equal by induction over the entries.

use statewright_types::Type;

use super::tidy::{Replaced, drop_params};
use crate::ir::ops::Effect;
use crate::ir::verify::targets;
use crate::ir::{Block, Function, Target, Value};

/// A function in which parameters have not been told apart by then is left as it is.
const MOST_ROUNDS: usize = 12;
/// So many parameters of a block, and instructions that read parameters, are looked at.
const MOST: usize = 32;

/// Merges what is equal; whether there was anything.
pub(super) fn merge(function: &mut Function, resumed: &[bool]) -> bool {
    let keeps = |index: usize| index == 0 || resumed.get(index).copied().unwrap_or(false);
    // What each value is the same as: itself, or an earlier parameter of its block.
    let mut same: Vec<Value> = (0..function.values.len() as u32).map(Value).collect();
    for (_, block) in function.blocks.iter().enumerate().filter(|(index, _)| !keeps(*index)) {
        let mut first: Vec<(&Type, Value)> = Vec::new();
        for param in block.params.iter().take(MOST) {
            let ty = function.ty(*param);
            match first.iter().find(|(known, _)| *known == ty) {
                Some((_, value)) => same[param.index()] = *value,
                None => first.push((ty, *param)),
            }
        }
    }
    if !told_apart(function, &mut same) {
        return false;
    }
    let replaced: Replaced =
        same.iter().zip(0u32..).map(|(same, value)| Some(*same).filter(|same| same.0 != value)).collect();
    let any = replaced.iter().any(Option::is_some);
    if any {
        drop_params(function, replaced);
    }
    any
}

/// Tells parameters apart until nothing changes; whether it came to that.
fn told_apart(function: &Function, same: &mut Vec<Value>) -> bool {
    let mut edges: Vec<Vec<&Target>> = vec![Vec::new(); function.blocks.len()];
    for (target, _) in function.blocks.iter().flat_map(|block| targets(&block.terminator)) {
        edges[target.block.index()].push(target);
    }
    for _ in 0..MOST_ROUNDS {
        let numbers = &numbered(function, same);
        let mut next = same.clone();
        for (block, edges) in function.blocks.iter().zip(&edges) {
            let received = |at: usize| edges.iter().map(move |edge| edge.args.get(at).map(|arg| numbers[arg.index()]));
            for (at, param) in block.params.iter().enumerate() {
                let earlier = block.params.iter().take(at).enumerate();
                let mut twins = earlier.filter(|(_, other)| same[other.index()] == same[param.index()]);
                let twin = twins.find(|(other, _)| received(*other).eq(received(at)));
                next[param.index()] = twin.map_or(*param, |(_, twin)| next[twin.index()]);
            }
        }
        if next == *same {
            return true;
        }
        *same = next;
    }
    false
}

/// What each value is the same as, instructions that compute from parameters included.
fn numbered(function: &Function, same: &[Value]) -> Vec<Value> {
    let mut numbers = same.to_vec();
    // Whether others are the same as a parameter: only what is computed from those is worth a look.
    let mut is_shared = vec![false; same.len()];
    for (value, same) in (0u32..).zip(same).filter(|(value, same)| same.0 != *value) {
        is_shared[value as usize] = true;
        is_shared[same.index()] = true;
    }
    for block in &function.blocks {
        number(block, &mut numbers, &mut is_shared);
    }
    numbers
}

fn number(block: &Block, numbers: &mut [Value], is_shared: &mut [bool]) {
    let mut known: Vec<(usize, Value)> = Vec::new();
    for (at, inst) in block.insts.iter().enumerate() {
        let Some(result) = inst.result else { continue };
        let is_pure = inst.op.row().effect == Effect::Pure && inst.op.row().traps.is_empty();
        if !is_pure || known.len() >= MOST || !inst.args.iter().any(|arg| is_shared[arg.index()]) {
            continue;
        }
        let is_same = |(other, _): &&(usize, Value)| {
            let other = &block.insts[*other];
            let args = || other.args.iter().zip(&inst.args);
            other.op == inst.op
                && other.imm == inst.imm
                && other.args.len() == inst.args.len()
                && args().all(|(a, b)| numbers[a.index()] == numbers[b.index()])
        };
        match known.iter().find(is_same) {
            Some((_, earlier)) => {
                numbers[result.index()] = *earlier;
                is_shared[result.index()] = true;
                is_shared[earlier.index()] = true;
            }
            None => known.push((at, result)),
        }
    }
}
