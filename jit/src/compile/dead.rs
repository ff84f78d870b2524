//! Drops what nobody uses: Cranelift would keep each load, and whatever that needs.

use cranelift_codegen::ir::{Function, Inst, Opcode};
use statewright_graph::ir as source;
use statewright_graph::ir::verify::terminator_uses;

/// Drops instructions whose results nobody uses and whose absence nobody notices. All loads of compiled code are of memory that
/// is there.
pub(super) fn drop_unused(function: &mut Function) {
    let mut uses = vec![0u32; function.dfg.num_values()];
    let mut block = function.layout.entry_block();
    while let Some(this) = block {
        for inst in function.layout.block_insts(this) {
            for value in function.dfg.inst_values(inst) {
                uses[function.dfg.resolve_aliases(value).as_u32() as usize] += 1;
            }
        }
        block = function.layout.next_block(this);
    }
    // What is used stands mostly before its uses.
    let mut block = function.layout.last_block();
    while let Some(this) = block {
        let mut next = function.layout.last_inst(this);
        while let Some(inst) = next {
            next = function.layout.prev_inst(inst);
            let is_unused = function.dfg.inst_results(inst).iter().all(|result| uses[result.as_u32() as usize] == 0);
            if !is_unused || !can_go(function, inst) {
                continue;
            }
            for value in function.dfg.inst_values(inst) {
                uses[function.dfg.resolve_aliases(value).as_u32() as usize] -= 1;
            }
            function.layout.remove_inst(inst);
        }
        block = function.layout.prev_block(this);
    }
}

fn can_go(function: &Function, inst: Inst) -> bool {
    let opcode = function.dfg.insts[inst].opcode();
    let is_load = matches!(
        opcode,
        Opcode::Load
            | Opcode::Uload8
            | Opcode::Sload8
            | Opcode::Uload16
            | Opcode::Sload16
            | Opcode::Uload32
            | Opcode::Sload32
    );
    let acts = opcode.is_terminator() || opcode.is_call() || opcode.can_store() || opcode.other_side_effects();
    is_load || !(acts || opcode.can_load() || opcode.can_trap())
}

/// By value of a function that is to be compiled, whether something is done with it.
pub(super) fn used(function: &source::Function) -> Vec<bool> {
    let mut used = vec![false; function.values.len()];
    for block in &function.blocks {
        block.insts.iter().flat_map(|inst| inst.args.iter()).for_each(|value| used[value.index()] = true);
        terminator_uses(&block.terminator).for_each(|value| used[value.index()] = true);
    }
    used
}
