//! Values that are used where the body that defines them is not around.

use statewright_graph::ir::verify::terminator_uses;
use statewright_graph::ir::{Function, Value};

use super::{BodyId, Stmt, Structure};

/// In ascending order; parameters of arms are not among them, as they are variables of the whole function anyway.
pub(super) fn hoisted(function: &Function, structure: &Structure, body_of: &[Option<BodyId>]) -> Vec<Value> {
    let mut visible: Vec<Option<BodyId>> = vec![None; function.values.len()];
    let mut set = |value: Value, body: BodyId| {
        if let Some(place) = visible.get_mut(value.index()) {
            *place = Some(body);
        }
    };
    for (index, body) in structure.bodies.iter().enumerate() {
        for stmt in &body.stmts {
            match stmt {
                Stmt::Declare(block) | Stmt::Pass { target: block, fresh: true, .. } => {
                    let params = function.blocks.get(block.index()).map(|block| &block.params);
                    params.into_iter().flatten().for_each(|param| set(*param, BodyId(index as u32)));
                }
                Stmt::Insts(block) => {
                    let insts = function.blocks.get(block.index()).map(|block| &block.insts);
                    let results = insts.into_iter().flatten().filter_map(|inst| inst.result);
                    results.for_each(|result| set(result, BodyId(index as u32)));
                }
                _ => {}
            }
        }
    }
    let mut hoisted = vec![false; function.values.len()];
    for (block, body) in function.blocks.iter().zip(body_of) {
        let Some(body) = *body else { continue };
        let operands = block.insts.iter().flat_map(|inst| inst.args.iter().copied());
        for value in operands.chain(terminator_uses(&block.terminator)) {
            if let Some(Some(defined)) = visible.get(value.index())
                && !is_around(structure, *defined, body)
            {
                hoisted[value.index()] = true;
            }
        }
    }
    (0..function.values.len() as u32).map(Value).filter(|value| hoisted[value.index()]).collect()
}

/// Whether `inner` is `outer` or stands in it. Bodies nest at most a fixed number of levels, as written; each is looked at once.
fn is_around(structure: &Structure, outer: BodyId, inner: BodyId) -> bool {
    let mut at = Some(inner);
    while let Some(body) = at {
        if body == outer {
            return true;
        }
        // A body comes behind the one that it stands in.
        at = structure.body(body).parent.filter(|parent| *parent >= outer);
    }
    false
}
