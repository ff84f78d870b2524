//! Loops that count up to a limit and do nothing that anybody could notice: how often they jump back is known ahead, and those
//! over a list that was just found to be dense go from row to row.

use statewright_graph::dominators::Lists;
use statewright_graph::ir::verify::targets;
use statewright_graph::ir::{Cond, Function, Imm, Inst, Op, Terminator, Value};
use statewright_types::{StructId, Type};

use super::arms;

/// What is known of such a loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    /// The parameter of its head that begins with 0 and becomes one more in each pass.
    pub count: Value,
    /// How many passes it makes; one if it is less than that.
    pub passes: Value,
    /// A list that is dense, and the type of its elements.
    pub rows: Option<(Value, StructId)>,
}

/// A loop of a function.
pub(super) struct Candidate<'a> {
    pub function: &'a Function,
    pub header: usize,
    /// By block.
    pub contains: &'a [bool],
    pub predecessors: &'a Lists,
    /// By value, the block that defines it.
    pub home: &'a [usize],
}

impl Candidate<'_> {
    pub fn counted(&self) -> Option<Counted> {
        if self.header == 0 || !self.is_silent() {
            return None;
        }
        let head = &self.function.blocks[self.header];
        let (mut known, mut has_rows) = (None, true);
        for from in
            self.predecessors.of(self.header).iter().map(|from| *from as usize).filter(|from| self.contains[*from])
        {
            let tested = self.tested(from)?;
            let (next, passes) = self.goes_on(tested)?;
            // Those that ask first and pass later have another form, which nobody makes several passes of at once.
            has_rows &= tested == from;
            let back = match &self.function.blocks[from].terminator {
                Terminator::Branch { then, .. } => then,
                Terminator::Jump(back) => back,
                _ => return None,
            };
            let at = back.args.iter().position(|arg| *arg == next)?;
            let this = (*head.params.get(at)?, passes, at);
            if !self.adds_one(self.defined(next)?, this.0) || known.is_some_and(|known| known != this) {
                return None;
            }
            known = Some(this);
        }
        let (count, passes, at) = known?;
        let outside =
            self.predecessors.of(self.header).iter().map(|from| *from as usize).filter(|from| !self.contains[*from]);
        for (target, _) in outside.flat_map(|from| targets(&self.function.blocks[from].terminator)) {
            if target.block.index() == self.header && !is_int(self.defined(*target.args.get(at)?)?, 0) {
                return None;
            }
        }
        Some(Counted { count, passes, rows: if has_rows { self.rows() } else { None } })
    }

    /// The block that has asked, in the same pass, whether there is another one, where `from` goes back to the head: itself, or the last
    /// before it with a choice, if that leads nowhere else in the loop.
    fn tested(&self, from: usize) -> Option<usize> {
        let mut block = from;
        // Ends at the head, which more than one block leads to.
        while let Terminator::Jump(_) = &self.function.blocks[block].terminator {
            let ([only], false) = (self.predecessors.of(block), block == self.header) else { return None };
            let before = *only as usize;
            if !self.contains[before] {
                return None;
            }
            if let Terminator::Branch { then, otherwise, .. } = &self.function.blocks[before].terminator {
                let leaves = then.block.index() == block && !self.contains[otherwise.block.index()];
                return leaves.then_some(before);
            }
            block = before;
        }
        Some(from)
    }

    /// The number below which a block goes on to another pass, and what that number is compared with.
    fn goes_on(&self, from: usize) -> Option<(Value, Value)> {
        let Terminator::Branch { condition, then, otherwise } = &self.function.blocks[from].terminator else {
            return None;
        };
        let test = self.defined(*condition)?;
        let [next, passes] = test.args[..] else { return None };
        let is_test = test.op == Op::ICmp && test.imm == Imm::Cond(Cond::Lt);
        let leaves = then.block.index() != otherwise.block.index()
            && (then.block.index() == self.header || !self.contains[otherwise.block.index()])
            && otherwise.block.index() != self.header;
        let is_outside = self.contains.get(self.home[passes.index()]) == Some(&false);
        (is_test && leaves && is_outside).then_some((next, passes))
    }

    fn defined(&self, value: Value) -> Option<&Inst> {
        let block = self.function.blocks.get(self.home[value.index()])?;
        block.insts.iter().find(|inst| inst.result == Some(value))
    }

    fn adds_one(&self, inst: &Inst, count: Value) -> bool {
        let [counted, one] = inst.args[..] else { return false };
        let adds = matches!(inst.op, Op::IAdd | Op::IAddWrap) && counted == count;
        adds && self.defined(one).is_some_and(|one| is_int(one, 1))
    }

    /// Whether a pass does nothing but compute and look.
    fn is_silent(&self) -> bool {
        let blocks = self.function.blocks.iter().zip(self.contains).filter(|(_, inside)| **inside);
        blocks.map(|(block, _)| block).all(|block| {
            matches!(block.terminator, Terminator::Jump(_) | Terminator::Branch { .. })
                && block.insts.iter().all(|inst| arms::is_silent(inst.op) || self.divides_well(inst))
        })
    }

    /// Whether it is a division by a number with which none goes wrong.
    fn divides_well(&self, inst: &Inst) -> bool {
        let is_division = matches!(inst.op, Op::IDiv | Op::IRem | Op::IDivFloor);
        let by = inst.args.get(1).and_then(|by| self.defined(*by)).filter(|by| by.op == Op::IConst);
        is_division && by.is_some_and(|by| matches!(by.imm, Imm::Int(number) if number > 0))
    }

    /// The list that the only way into the loop has asked about, if nothing moves from there on.
    fn rows(&self) -> Option<(Value, StructId)> {
        let before = self.predecessors.of(self.header).iter().map(|from| *from as usize);
        let mut outside = before.filter(|from| !self.contains[*from]);
        let (from, None) = (outside.next()?, outside.next()) else { return None };
        let block = &self.function.blocks[from];
        let Terminator::Branch { condition, then, otherwise } = &block.terminator else { return None };
        if then.block.index() != self.header || otherwise.block.index() == self.header {
            return None;
        }
        let asked = block.insts.iter().position(|inst| inst.result == Some(*condition) && inst.op == Op::ListDense)?;
        let list = *block.insts[asked].args.first()?;
        match self.function.ty(list) {
            Type::List(element) if !block.insts[asked..].iter().any(|inst| arms::moves(inst.op)) => match **element {
                Type::Struct(id) => Some((list, id)),
                _ => None,
            },
            _ => None,
        }
    }
}

fn is_int(inst: &Inst, value: i64) -> bool {
    inst.op == Op::IConst && inst.imm == Imm::Int(value)
}
