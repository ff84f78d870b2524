//! What is done to a module between lowering and the executions, for all of them at once: what can be observed of a run
//! stays as it was (result, error code and its node, fuel and memory charged at every moment somebody could look, order of
//! draws and events), and so do the blocks at which suspensions resume, with their parameters.
//!
//! Each pass is a file and does one thing to one function. All of them take time in proportion to it, nearly; a function
//! that is larger than [`MOST_INSTS`] is left as it was lowered.

use statewright_types::Schema;

use crate::ir::footprint;
use crate::ir::verify::{Verified, VerifyError};
use crate::ir::{Function, Module};

mod ahead;
mod charges;
mod clean;
mod cse;
mod dead;
mod fold;
mod fuse;
mod hoist;
mod inline;
mod keyed;
mod known;
mod memory;
mod select;
mod shape;
pub(crate) mod straighten;
mod thread;
pub(crate) mod tidy;
mod twins;
mod writing;

use shape::Shape;

/// Larger functions are left as they are.
pub const MOST_INSTS: usize = 100_000;

/// Runs all passes over a module that is not traced. What was valid stays valid.
pub fn run(module: &mut Module) {
    if module.traced {
        return;
    }
    module.footprints = footprint::asked_for(module);
    inline::inline(module);
    let schema = module.schema.clone();
    module.functions.iter_mut().filter(|function| is_small(function)).for_each(|function| simplify(function, &schema));
}

/// A module for machine code, without branches that depend on data in its loops, where that can be.
///
/// # Errors
/// None of a module that [`run`] has run over; else a mistake of the passes.
pub fn without_branches(module: &Verified) -> Result<Verified, Vec<VerifyError>> {
    let mut module = Module::clone(module);
    if !module.traced {
        let schema = module.schema.clone();
        for function in module.functions.iter_mut().filter(|function| is_small(function)) {
            let resumed = clean::resumed(function);
            let shape = Shape::of(function);
            let asked = ahead::ask(function, &shape, &schema);
            let shape = if asked.is_empty() { shape } else { Shape::of(function) };
            if select::select(function, &shape, &asked) || !asked.is_empty() {
                cse::merge(function, &Shape::of(function));
                fold::fold(function);
                clean::clean(function, &resumed);
                clean::arrange(function, &resumed);
            }
        }
    }
    Verified::new(module)
}

/// A function without the fused forms of its chains, if it has any: the loops as they were do the same. For the
/// interpreter, which goes over a list in one step, and faster so.
pub fn unfused(function: &Function) -> Option<Function> {
    let mut plain = fuse::plain_ways(function)?;
    let resumed = clean::resumed(&plain);
    clean::clean(&mut plain, &resumed);
    clean::arrange(&mut plain, &resumed);
    Some(plain)
}

fn is_small(function: &Function) -> bool {
    function.blocks.iter().map(|block| block.insts.len() + 1).sum::<usize>() <= MOST_INSTS
}

/// The passes over one function that need to know nothing of others.
fn simplify(function: &mut Function, schema: &Schema) {
    let resumed = clean::resumed(function);
    let is_straight = function.blocks.len() == 1;
    fold::fold(function);
    clean::clean(function, &resumed);
    if thread::thread(function, &resumed) {
        clean::clean(function, &resumed);
    }
    // Ways that are known not to be taken are no more, but no block is gone: the shape may say too much, and still holds.
    let shape = Shape::of(function);
    let merged = cse::merge(function, &shape);
    let changed = known::mark(function, &shape) || merged.any;
    if changed {
        // In one block nothing else has become known since the first time.
        if !is_straight || merged.has_pairs {
            fold::fold(function);
        }
        clean::clean(function, &resumed);
    }
    if shape.has_loops {
        let shape = if changed { Shape::of(function) } else { shape };
        if hoist::hoist(function, &shape) {
            cse::merge(function, &shape);
            clean::clean(function, &resumed);
        }
        if keyed::search(function, schema) {
            clean::clean(function, &resumed);
            cse::merge(function, &Shape::of(function));
        }
        if fuse::fuse(function) {
            clean::clean(function, &resumed);
            let shape = Shape::of(function);
            cse::merge(function, &shape);
            fold::fold(function);
            if twins::merge(function, &resumed) {
                cse::merge(function, &shape);
            }
            hoist::hoist(function, &shape);
            clean::clean(function, &resumed);
        }
    }
    charges::gather(function);
    clean::arrange(function, &resumed);
}
