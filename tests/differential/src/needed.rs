//! What of a module a case needs, to be compiled alone: that takes most of the time of a hunt.

use statewright_graph::ir::verify::{Verified, VerifyError, callees};
use statewright_graph::ir::{Block, Function, Module, NodeTag, Terminator, Value};
use statewright_types::TrapCode;

/// The module with nothing left of functions that are neither `run` nor called by one that is.
///
/// # Errors
/// What is left is not sound: a fault of this file.
pub fn needed(module: &Verified, mut run: Vec<usize>) -> Result<Verified, Vec<VerifyError>> {
    let mut is_needed = vec![false; module.functions.len()];
    while let Some(function) = run.pop() {
        if let Some(is_needed) = is_needed.get_mut(function).filter(|is_needed| !**is_needed) {
            *is_needed = true;
            run.extend(callees(&module.functions[function]));
        }
    }
    let functions = module.functions.iter().zip(is_needed).map(|(function, is_needed)| match is_needed {
        true => function.clone(),
        false => emptied(function),
    });
    let Module { schema, root, traced, footprints, .. } = &**module;
    let (schema, footprints, functions) = (schema.clone(), footprints.clone(), functions.collect());
    let module = Module { schema, root: *root, traced: *traced, functions, footprints };
    Verified::new(module)
}

/// A function of which only the head is left.
fn emptied(function: &Function) -> Function {
    let params = function.blocks.first().map_or(&[][..], |entry| &entry.params[..]);
    let terminator = Terminator::Trap { code: TrapCode::NotFound, message: None };
    Function {
        name: function.name.clone(),
        role: function.role.clone(),
        params: function.params.clone(),
        returns: function.returns.clone(),
        suspends: function.suspends,
        nodes: vec!["".into()],
        values: params.iter().map(|param| function.ty(*param).clone()).collect(),
        blocks: vec![Block {
            params: (0..params.len() as u32).map(Value).collect(),
            insts: Vec::new(),
            terminator,
            node: NodeTag(0),
        }],
    }
}
