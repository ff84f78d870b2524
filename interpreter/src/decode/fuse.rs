//! Several operations in one instruction, where loops do them again and again. Each does the same in the same order as
//! its parts, and what may trap in it is of one node.

use statewright_graph::ir::{Block, BlockId, Cond, Imm, Inst as IrInst, Op, Terminator};
use statewright_types::TrapCode;

use super::{Decoder, cond, constant};
use crate::code::{Code, Inst, NONE};

impl Decoder<'_> {
    /// The head of a loop over a live list, if `insts` begin with one: how many of them were taken.
    pub(super) fn list_head(&mut self, insts: &[IrInst]) -> usize {
        let [load, version, changed, trap, length, ..] = insts else { return 0 };
        let parts = [load.op, version.op, changed.op, trap.op, length.op];
        if parts != [Op::Load, Op::ListVersion, Op::ICmp, Op::TrapIf, Op::ListLen]
            || [version, changed, trap, length].iter().any(|inst| inst.node != load.node)
            || changed.imm != Imm::Cond(Cond::Ne)
            || trap.imm != Imm::Trap(TrapCode::ModifiedDuringIteration)
        {
            return 0;
        }
        let (Some(list), Some(now), Some(is_changed), Some(count)) =
            (load.result, version.result, changed.result, length.result)
        else {
            return 0;
        };
        let [compared, before] = changed.args[..] else { return 0 };
        let is_chain = version.args == [list] && length.args == [list] && compared == now && trap.args == [is_changed];
        if !is_chain || before == now || self.uses[now.index()] != 1 || self.uses[is_changed.index()] != 1 {
            return 0;
        }
        let Some(record) = load.args.first() else { return 0 };
        let (d, a, field) = (self.r(list), self.r(*record), self.field(&load.imm));
        let x = self.extra([field, self.r(before), self.r(count), NONE, NONE]);
        self.push(Inst::ListHead { d, a, x });
        insts.len().min(5)
    }

    /// Charging fuel twice in a row.
    pub(super) fn fuel(&mut self, amount: u64) {
        let is_same_block = self.block_pcs.last().is_some_and(|start| (*start as usize) < self.code.insts.len());
        if let Some(Inst::Fuel { amount: before }) = self.code.insts.last().copied().filter(|_| is_same_block)
            && let (Ok(first), Some(Ok(both))) = (u32::try_from(before), before.checked_add(amount).map(u32::try_from))
            && let Some(last) = self.code.insts.last_mut()
        {
            *last = Inst::FuelTwice { amount: first, both };
        }
        self.push(Inst::Fuel { amount });
    }

    /// The exponent, if a value is a constant power of two.
    pub(super) fn power_of_two(&self, inst: &IrInst) -> Option<u32> {
        let divisor = inst.args.get(1)?;
        let all = self.function.blocks.iter().flat_map(|block| &block.insts);
        let bits = constant(all.into_iter().find(|inst| inst.result == Some(*divisor))?)?;
        (bits.is_power_of_two() && bits.trailing_zeros() < 62).then(|| bits.trailing_zeros())
    }

    /// A jump backward, together with the addition before it if that is the count of a loop.
    pub(super) fn jump_back(&mut self, to: BlockId) {
        let is_same_block = self.block_pcs.last().is_some_and(|start| (*start as usize) < self.code.insts.len());
        let fused = match self.code.insts.last() {
            Some(Inst::IAdd { d, a, b }) if is_same_block && d == a => Some((*a, *b)),
            _ => None,
        };
        let Some((a, b)) = fused else {
            let from = self.push(Inst::Loop { to: 0 });
            self.fixups.push((from, to.0));
            return;
        };
        self.code.insts.pop();
        let node = self.code.nodes.pop();
        let limit = self.function.blocks.get(to.index()).and_then(|head| self.count_limit(head, a));
        match limit.filter(|_| self.is_one(b)) {
            Some((b, body)) => {
                let from = self.push(Inst::CountLoop { a, b, to: 0 });
                self.fixups.push((from, body.0));
                self.node_of_last(node);
                // The head leaves the loop.
                let from = self.push(Inst::Loop { to: 0 });
                self.fixups.push((from, to.0));
            }
            None => {
                let from = self.push(Inst::AddLoop { a, b, to: 0 });
                self.fixups.push((from, to.0));
                self.node_of_last(node);
            }
        }
    }

    fn node_of_last(&mut self, node: Option<u32>) {
        if let (Some(node), Some(last)) = (node, self.code.nodes.last_mut()) {
            *last = node;
        }
    }

    fn is_one(&self, register: u32) -> bool {
        let first = self.code.registers - self.code.constants.len() as u32;
        let index = register.checked_sub(first).map(|index| index as usize);
        index.and_then(|index| self.code.constants.get(index)) == Some(&1)
    }

    /// What a head that does nothing else compares the count with, and where it goes while the count is below.
    fn count_limit(&self, head: &Block, count: u32) -> Option<(u32, BlockId)> {
        let Terminator::Branch { condition, then, .. } = &head.terminator else { return None };
        let at = self.fused_condition(head)?;
        let alone = head.insts.iter().enumerate().all(|(position, inst)| position == at || constant(inst).is_some());
        let compare = head.insts.get(at)?;
        let [left, right] = compare.args[..] else { return None };
        let fits = alone
            && compare.op == Op::ICmp
            && cond(&compare.imm) == Cond::Lt
            && compare.result == Some(*condition)
            && self.r(left) == count
            && self.moves(then, None).is_empty();
        fits.then(|| (self.r(right), then.block))
    }
}

/// Lets the head of a loop over a list get the element too, where the test of the index and the getting follow it.
/// Those stay where they are, for who jumps to them and for the end of the loop.
pub(super) fn elements(code: &mut Code) {
    for at in 0..code.insts.len() {
        let Some([Inst::ListHead { d, a, x }, Inst::JumpILe { a: length, b: index, .. }, get]) =
            code.insts.get(at..at + 3)
        else {
            continue;
        };
        let (Inst::ListGet { d: element, a: list, b } | Inst::ListGetLoad { d: element, a: list, b }) = get else {
            continue;
        };
        let Some([_, _, count, counted, gotten]) = code.extra.get_mut(*x as usize..*x as usize + 5) else { continue };
        if list == d && b == index && length == count {
            (*counted, *gotten) = (*index, *element);
            code.insts[at] = Inst::ListEach { d: *d, a: *a, x: *x };
        }
    }
}
