//! Small straight functions are decoded where they are called: their values get registers of the caller's window.

use statewright_graph::ir::{Function, Imm, Inst as IrInst, Module, NodeTag, Op, Terminator};

use super::{Decoder, constant};
use crate::code::{Inst, NONE, Reg};

/// A function of more instructions is called.
const MOST: usize = 16;

/// The function that an instruction calls, if that is small and straight. In a traced module calls are left as they are.
fn small_callee<'a>(module: &'a Module, inst: &IrInst) -> Option<&'a Function> {
    let (Op::Call, Imm::Func(callee), false) = (inst.op, &inst.imm, module.traced) else { return None };
    let callee = module.functions.get(callee.index())?;
    let [block] = &callee.blocks[..] else { return None };
    let is_straight = block.insts.len() <= MOST
        && matches!(block.terminator, Terminator::Return(_))
        && block.insts.iter().all(|inst| inst.op != Op::Call && !inst.op.is_traced_only());
    is_straight.then_some(callee)
}

impl<'a> Decoder<'a> {
    /// The function that an instruction calls, if it is decoded here.
    pub(super) fn inlined(&self, inst: &IrInst) -> Option<&'a Function> {
        if self.is_plain { None } else { small_callee(self.module, inst) }
    }

    /// Gives the values of all functions that are decoded here registers from `next` on, parameters aside. What is
    /// constant is put into `constants`: call, value, bits.
    pub(super) fn assign_inlined(&mut self, next: &mut Reg, constants: &mut Vec<(usize, usize, u64)>) {
        let function = self.function;
        let calls = function.blocks.iter().flat_map(|block| &block.insts);
        for callee in calls.filter_map(|inst| self.inlined(inst)).collect::<Vec<_>>() {
            let mut registers = vec![NONE; callee.values.len()];
            for inst in callee.blocks.iter().flat_map(|block| &block.insts) {
                let Some(result) = inst.result else { continue };
                match constant(inst) {
                    Some(bits) => constants.push((self.inlined.len(), result.index(), bits)),
                    None => {
                        registers[result.index()] = *next;
                        *next += 1;
                    }
                }
            }
            self.inlined.push_back(registers);
        }
    }

    /// Decodes `callee` in the place of the call `inst`.
    pub(super) fn inline(&mut self, inst: &IrInst, callee: &'a Function) {
        let (Some(block), Some(mut registers)) = (callee.blocks.first(), self.inlined.pop_front()) else { return };
        for (param, arg) in block.params.iter().zip(&inst.args) {
            registers[param.index()] = self.r(*arg);
        }
        let d = inst.result.map(|result| self.r(result));
        let result = match block.terminator {
            Terminator::Return(result) => result,
            _ => None,
        };
        let steps = block.insts.iter().filter(|inst| constant(inst).is_none());
        // What is computed last can be written to its place at once: nothing reads arguments after it.
        let is_last = result.is_some() && steps.clone().next_back().is_some_and(|last| last.result == result);
        if let (Some(d), Some(result), true) = (d, result, is_last) {
            registers[result.index()] = d;
        }
        let nodes = *self.inlined_nodes.entry(callee.name.clone()).or_insert_with(|| {
            self.code.node_ids.extend(callee.nodes.iter().cloned());
            (self.code.node_ids.len() - callee.nodes.len()) as u32
        });
        let (caller, call) = (std::mem::replace(&mut self.function, callee), self.node);
        std::mem::swap(&mut self.registers, &mut registers);
        for step in steps {
            self.node = NodeTag(nodes + step.node.0);
            self.inst(step);
        }
        let a = result.map(|result| self.r(result));
        (self.function, self.registers, self.node) = (caller, registers, call);
        if let (Some(d), Some(a)) = (d, a)
            && d != a
        {
            self.push(Inst::Move { d, a });
        }
    }
}
