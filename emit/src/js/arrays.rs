//! Arrays of lists that a loop reads and that nothing in it can change: they are looked up once, before the loop.

use std::collections::{HashMap, HashSet};

use statewright_graph::ir::ops::Effect;
use statewright_graph::ir::{BlockId, Function, Imm, Inst, Op, Terminator, Value};
use statewright_types::{Schema, Type};

use crate::fold::Folded;
use crate::names::Names;
use crate::structure::{BodyId, Stmt, Structure};

/// The lists of each loop, by header, and what their arrays are called.
pub type Arrays = HashMap<BlockId, Vec<(Value, String)>>;

/// Finds them. A list that a loop around has is not there again.
pub fn arrays(
    function: &Function,
    schema: &Schema,
    structure: &Structure,
    folded: &Folded,
    names: &mut Names,
) -> Arrays {
    let mut found = Arrays::new();
    if function.suspends || structure.arms.len() > 1 {
        return found;
    }
    // A loop stands before those in it.
    let mut taken: HashSet<(BlockId, Value)> = HashSet::new();
    for stmt in structure.bodies.iter().flat_map(|body| &body.stmts) {
        let Stmt::Loop { header, body, .. } = stmt else { continue };
        let blocks = blocks(structure, *body);
        let insts = || blocks.iter().filter_map(|id| function.blocks.get(id.index())).flat_map(|block| &block.insts);
        let leaves_lists = |inst: &Inst| leaves_lists(inst, function, schema, folded);
        let waits = |id: &BlockId| {
            function
                .blocks
                .get(id.index())
                .is_some_and(|block| matches!(block.terminator, Terminator::Suspend { .. } | Terminator::Call { .. }))
        };
        if blocks.iter().any(waits) || !insts().all(leaves_lists) {
            continue;
        }
        let inside: HashSet<Value> = blocks
            .iter()
            .filter_map(|id| function.blocks.get(id.index()))
            .flat_map(|block| block.params.iter().copied().chain(block.insts.iter().filter_map(|inst| inst.result)))
            .collect();
        let mut lists: Vec<Value> =
            insts().filter(|inst| inst.op == Op::ListAt).filter_map(|inst| inst.args.first().copied()).collect();
        lists.retain(|list| {
            let is_variable = folded.inside(function, *list).is_none();
            let is_list = matches!(function.ty(*list), Type::List(_));
            is_variable && is_list && !inside.contains(list) && !taken.contains(&(*header, *list))
        });
        lists.sort_unstable();
        lists.dedup();
        taken.extend(blocks.iter().flat_map(|block| lists.iter().map(|list| (*block, *list))));
        found.insert(*header, lists.into_iter().map(|list| (list, names.free("items"))).collect());
    }
    found
}

/// All blocks that stand in a body.
fn blocks(structure: &Structure, body: BodyId) -> Vec<BlockId> {
    let (mut blocks, mut open) = (Vec::new(), vec![body]);
    while let Some(body) = open.pop() {
        for stmt in &structure.body(body).stmts {
            match stmt {
                Stmt::Insts(block) => blocks.push(*block),
                Stmt::If { then, otherwise, .. } => open.extend([*then, *otherwise]),
                Stmt::Loop { body, .. } | Stmt::Labelled { body, .. } => open.push(*body),
                _ => {}
            }
        }
    }
    blocks
}

/// Whether all lists that were there before are what they were after an instruction, their elements in the same places.
fn leaves_lists(inst: &Inst, function: &Function, schema: &Schema, folded: &Folded) -> bool {
    let is_leaf = |ty: &Type| ty.is_number() || ty.is_text() || *ty == Type::Bool;
    match (inst.op, &inst.imm) {
        (Op::Store | Op::StructInit, Imm::Field(ty, field)) => {
            let declared = schema.types().get(ty.index()).and_then(|def| def.fields.get(*field as usize));
            declared.is_some_and(|field| is_leaf(&field.ty))
        }
        // What was made in this function is no list that it was given.
        (Op::ListPush, _) => inst
            .args
            .first()
            .and_then(|list| folded.definition(function, *list))
            .is_some_and(|list| list.op == Op::ListNew),
        _ => matches!(
            inst.op.row().effect,
            Effect::Pure | Effect::Reads | Effect::Allocates | Effect::Charges | Effect::Measures
        ),
    }
}
