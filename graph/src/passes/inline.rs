//! Puts small functions where they are called. Their nodes join the caller's table, so that errors are told at the same
//! nodes; fuel is charged where it was.

use std::collections::HashMap;
use std::sync::Arc;

use super::tidy::{each_operand, each_target};
use crate::ir::{Block, BlockId, Function, Imm, Module, NodeTag, Op, Target, Terminator, Value};

/// A function with more instructions, or more blocks, is called.
const MOST_INSTS: usize = 32;
const MOST_BLOCKS: usize = 8;
/// A caller grows at most to twice its size and so many instructions more, but never by more than the second number.
const GROWTH: (usize, usize) = (400, 2_000);

/// Inlines what is small, callees before their callers.
pub(super) fn inline(module: &mut Module) {
    // By function, its size if it may stand where it is called.
    let mut small = vec![None; module.functions.len()];
    if !module.functions.iter().any(is_small) {
        return;
    }
    for index in callees_first(module) {
        let mut room = (size(&module.functions[index]) + GROWTH.0).min(GROWTH.1);
        let mut nodes = Nodes::default();
        let mut block = 0;
        // What stands behind a call moves to a block of its own at the end, and is looked at there.
        while block < module.functions[index].blocks.len() {
            if let Some((position, callee)) = next_call(&small, &module.functions[index].blocks[block], room) {
                let Ok([caller, own]) = module.functions.get_disjoint_mut([index, callee]) else { break };
                room -= size(own);
                let tags = nodes.joined(caller, (callee, own));
                splice(caller, own, (block, position), tags);
            }
            block += 1;
        }
        small[index] = is_small(&module.functions[index]).then(|| size(&module.functions[index]));
    }
}

fn size(function: &Function) -> usize {
    function.blocks.iter().map(|block| block.insts.len() + 1).sum()
}

/// The first call in a block of a small function for which there is room.
fn next_call(small: &[Option<usize>], block: &Block, room: usize) -> Option<(usize, usize)> {
    let mut calls = block.insts.iter().enumerate().filter_map(|(position, inst)| match (inst.op, &inst.imm) {
        (Op::Call, Imm::Func(callee)) => Some((position, callee.index())),
        _ => None,
    });
    calls.find(|(_, callee)| small.get(*callee).copied().flatten().is_some_and(|size| size <= room))
}

/// Whether a function may stand where it is called. One that tells something to whoever listens says its name with it.
fn is_small(function: &Function) -> bool {
    let insts = || function.blocks.iter().flat_map(|block| &block.insts);
    !function.suspends
        && size(function) <= MOST_INSTS
        && function.blocks.len() <= MOST_BLOCKS
        && insts().all(|inst| !matches!(inst.op, Op::Message | Op::Call) && !inst.op.is_traced_only())
}

/// The functions, each after those that it calls.
fn callees_first(module: &Module) -> Vec<usize> {
    let mut done = vec![false; module.functions.len()];
    let mut order = Vec::with_capacity(done.len());
    let mut open: Vec<(usize, bool)> = (0..done.len()).rev().map(|index| (index, false)).collect();
    let mut is_begun = vec![false; done.len()];
    while let Some((index, is_done)) = open.pop() {
        if is_done {
            if !std::mem::replace(&mut done[index], true) {
                order.push(index);
            }
        } else if !std::mem::replace(&mut is_begun[index], true) {
            open.push((index, true));
            open.extend(crate::ir::verify::callees(&module.functions[index]).map(|callee| (callee, false)));
        }
    }
    order
}

/// Puts a callee in the place of the call at a position of a block.
fn splice(function: &mut Function, callee: &Function, (block, position): (usize, usize), tags: &[NodeTag]) {
    let first_block = function.blocks.len() as u32;
    let first_value = function.values.len() as u32;
    function.values.extend(callee.values.iter().cloned());
    let insts = &mut function.blocks[block].insts;
    let tail = insts.split_off((position + 1).min(insts.len()));
    let Some(call) = insts.pop() else { return };
    let after = BlockId(first_block + callee.blocks.len() as u32);
    for own in &callee.blocks {
        let mut own = own.clone();
        let moved = |value: &mut Value| *value = Value(value.0 + first_value);
        own.params.iter_mut().for_each(moved);
        for inst in &mut own.insts {
            inst.args.iter_mut().for_each(moved);
            inst.result.iter_mut().for_each(moved);
            inst.node = tags[inst.node.index()];
        }
        each_operand(&mut own.terminator, &mut |value| moved(value));
        each_target(&mut own.terminator, |target| target.block.0 += first_block);
        own.node = tags[own.node.index()];
        if let Terminator::Return(value) = &own.terminator {
            own.terminator = Terminator::Jump(Target { block: after, args: value.iter().copied().collect() });
        }
        function.blocks.push(own);
    }
    let caller = &mut function.blocks[block];
    let on = Terminator::Jump(Target { block: BlockId(first_block), args: call.args });
    let terminator = std::mem::replace(&mut caller.terminator, on);
    let node = std::mem::replace(&mut caller.node, call.node);
    function.blocks.push(Block { params: call.result.into_iter().collect(), insts: tail, terminator, node });
}

/// The nodes of a caller, and of the callees that it has taken in.
#[derive(Default)]
struct Nodes {
    known: HashMap<Arc<str>, NodeTag>,
    joined: HashMap<usize, Vec<NodeTag>>,
}

impl Nodes {
    /// Adds the nodes of a callee to the caller's; ids that both have are one. By tag of the callee, that of the caller.
    fn joined(&mut self, function: &mut Function, (number, callee): (usize, &Function)) -> &[NodeTag] {
        if self.known.is_empty() {
            let tags = function.nodes.iter().enumerate();
            self.known = tags.map(|(tag, id)| (id.clone(), NodeTag(tag as u32))).collect();
        }
        let known = &mut self.known;
        self.joined.entry(number).or_insert_with(|| {
            let tag = |id: &Arc<str>| {
                *known.entry(id.clone()).or_insert_with(|| {
                    function.nodes.push(id.clone());
                    NodeTag(function.nodes.len() as u32 - 1)
                })
            };
            callee.nodes.iter().map(tag).collect()
        })
    }
}
