//! Takes out of loops what is the same in every pass. Only what can neither stop the activation nor be told from outside is
//! moved, since the loop may make no pass at all.

use statewright_types::planted;

use super::cse::live_lists;
use super::memory::{Change, Memory, Version, changes, made};
use super::shape::{Loop, Shape, loops};
use crate::ir::ops::Effect;
use crate::ir::{Function, Imm, Inst, Op, Value};

/// Moves what is invariant in front of the loops of a function, from the inner to the outer ones; whether there is anything.
pub(super) fn hoist(function: &mut Function, shape: &Shape) -> bool {
    let loops = loops(function, shape);
    if loops.is_empty() {
        return false;
    }
    let mut any = false;
    let memory = Memory::of(function, shape);
    let mut home = homes(function);
    let (is_live, is_made) = (live_lists(function), made(function));
    let there = there(function, shape, &memory);
    // A place's version changes with positions, so those before loops are taken before anything moves.
    let versions: Vec<Option<Version>> =
        loops.iter().map(|found| found.entry.map(|entry| memory.at_end(function, entry))).collect();
    let mut rank = vec![usize::MAX; function.blocks.len()];
    shape.order.iter().enumerate().for_each(|(number, index)| rank[*index] = number);
    // By block, the last loop that it was found to be in.
    let mut is_in = vec![0; function.blocks.len()];
    for (number, (found, version)) in (1u32..).zip(loops.iter().zip(versions)) {
        let (Some(entry), Some(version)) = (found.entry, version) else { continue };
        let change = changes(function, &found.blocks, &is_made);
        let Loop { blocks, .. } = found;
        let mut inside: Vec<usize> = blocks.clone();
        inside.sort_unstable_by_key(|index| rank[*index]);
        inside.iter().for_each(|index| is_in[*index] = number);
        for index in inside {
            let mut insts = std::mem::take(&mut function.blocks[index].insts);
            let mut moved = Vec::new();
            insts.retain_mut(|inst| {
                let is_same = inst.args.iter().all(|arg| home[arg.index()].is_some_and(|home| is_in[home] != number));
                let moves = is_same
                    && match inst.op.row().effect {
                        Effect::Pure => inst.op.row().traps.is_empty() || planted::is(64),
                        Effect::Reads => is_readable(inst, change, version, &is_live, &there),
                        _ => false,
                    };
                if let (true, Some(result)) = (moves, inst.result) {
                    home[result.index()] = Some(entry);
                    let imm = std::mem::replace(&mut inst.imm, Imm::None);
                    moved.push(Inst { imm, args: inst.args.clone(), ..*inst });
                }
                !moves
            });
            function.blocks[index].insts = insts;
            any |= !moved.is_empty();
            function.blocks[entry].insts.extend(moved);
        }
    }
    any
}

/// Whether a read gives in front of a loop what it gives in each pass, and stops nothing there.
fn is_readable(inst: &Inst, change: Change, version: Version, is_live: &[bool], there: &[Option<u32>]) -> bool {
    let first = inst.args.first().map(|value| value.index());
    match (inst.op, change) {
        (Op::Now | Op::Stream | Op::Host, _) => true,
        (_, Change::All) => false,
        (Op::ListLen | Op::ListVersion, _) => change == Change::Nothing || first.is_some_and(|list| is_live[list]),
        (Op::MapLen | Op::MapVersion | Op::MapFind | Op::RootIsActive, _) => true,
        (Op::LoadKnown, _) => first.is_some_and(|record| there[record] == Some(version.state)),
        _ => false,
    }
}

/// By value, the block that defines it.
fn homes(function: &Function) -> Vec<Option<usize>> {
    let mut homes = vec![None; function.values.len()];
    for (index, block) in function.blocks.iter().enumerate() {
        let results = block.insts.iter().filter_map(|inst| inst.result);
        block.params.iter().copied().chain(results).for_each(|value: Value| homes[value.index()] = Some(index));
    }
    homes
}

/// By value, the version of the state in which it is a record that is there: a root, or an element of a list that was read
/// from where it lives.
pub(super) fn there(function: &Function, shape: &Shape, memory: &Memory) -> Vec<Option<u32>> {
    let versions = memory.of_values(function, shape);
    let is_live = live_lists(function);
    let mut there = vec![None; function.values.len()];
    for inst in function.blocks.iter().flat_map(|block| &block.insts) {
        let Some(result) = inst.result else { continue };
        let now = versions[result.index()].map(|version| version.state);
        let holds = match (inst.op, inst.args.first()) {
            (Op::Root, _) => true,
            (Op::ListGet | Op::ListAt, Some(list)) => {
                is_live[list.index()] && versions[list.index()].map(|version| version.state) == now
            }
            _ => false,
        };
        if holds {
            there[result.index()] = now;
        }
    }
    there
}
