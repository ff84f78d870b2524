//! The way from Rust into a function that takes its arguments as they are.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_module::{FuncId, Module};
use statewright_graph::ir::Function;

use super::body::trusted;
use super::machine_type;

/// Generates it: arguments come in memory, a slot each.
pub(super) fn entrance<M: Module>(module: &mut M, function: &Function, callee: FuncId, mut b: FunctionBuilder<'_>) {
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let (run, slots) = (b.block_params(entry)[0], b.block_params(entry)[2]);
    let mut args = vec![run];
    for (at, param) in function.params.iter().enumerate() {
        let machine = machine_type(&param.ty);
        let offset = 8 * at as i32;
        args.push(if machine == types::I8 {
            let slot = b.ins().load(types::I64, trusted(), slots, offset);
            b.ins().icmp_imm_s(IntCC::NotEqual, slot, 0)
        } else {
            b.ins().load(machine, trusted(), slots, offset)
        });
    }
    let reference = module.declare_func_in_func(callee, b.func);
    let call = b.ins().call(reference, &args);
    let status = b.inst_results(call)[0];
    b.ins().return_(&[status]);
    b.seal_all_blocks();
    b.finalize(module.target_config());
}
