//! Operations that are operators of JavaScript where the ranges of their operands allow it.

use statewright_graph::ir::{Cond, Imm, Inst, Op};
use statewright_types::planted;

use super::expression::{Expr, Expressions};
use crate::fold::is_free;
use statewright_graph::ranges;

impl Expressions<'_> {
    pub(super) fn arithmetic(&mut self, inst: &Inst, block: usize) -> Expr {
        let (operator, checked, wrapping) = match inst.op {
            Op::IAdd | Op::IAddWrap => ("+", "iadd", "iaddWrap"),
            Op::ISub | Op::ISubWrap => ("-", "isub", "isubWrap"),
            _ => ("*", "imul", "imulWrap"),
        };
        let ranges = [0, 1].map(|at| inst.args.get(at).and_then(|value| self.ranges.at(*value, block)));
        if let [Some(a), Some(b)] = ranges
            && ranges::is_safe(a)
            && ranges::is_safe(b)
            && (ranges::is_safe(ranges::exact(inst.op, a, b)) || planted::is(90))
        {
            let plain = self.binary(operator, inst, block);
            // A product of 0 and something negative is −0.
            let may_be_negative_zero =
                operator == "*" && (a.0 < 0 && b.0 <= 0 && b.1 >= 0 || b.0 < 0 && a.0 <= 0 && a.1 >= 0);
            return if may_be_negative_zero && !planted::is(91) {
                Expr::open(format!("{} + 0", plain.text))
            } else {
                plain
            };
        }
        let name = if inst.op.row().traps.is_empty() { wrapping } else { checked };
        self.call(name, inst, block)
    }

    /// Whether a sum or product leaves int64.
    pub(super) fn over(&mut self, inst: &Inst, block: usize) -> Expr {
        let (plain, name) = match inst.op {
            Op::IAddOver => (Op::IAdd, "iaddOver"),
            Op::ISubOver => (Op::ISub, "isubOver"),
            _ => (Op::IMul, "imulOver"),
        };
        let ranges = [0, 1].map(|at| inst.args.get(at).and_then(|value| self.ranges.at(*value, block)));
        if let [Some(a), Some(b)] = ranges
            && ranges::is_safe(ranges::exact(plain, a, b))
        {
            return Expr::atom("false");
        }
        self.call(name, inst, block)
    }

    /// Whether an instruction is known not to stop, and nothing can be seen of it but its result.
    pub fn goes_on(&self, inst: &Inst, block: usize) -> bool {
        let ranges = [0, 1].map(|at| inst.args.get(at).and_then(|value| self.ranges.at(*value, block)));
        match (inst.op, &inst.imm, ranges) {
            (Op::IAdd | Op::ISub | Op::IMul, _, [Some(a), Some(b)]) => ranges::is_safe(ranges::exact(inst.op, a, b)),
            (Op::IDiv | Op::IDivFloor | Op::IRem, _, [Some(_), Some(b)]) => b.0 > 0,
            (Op::Narrow, Imm::Type(ty), [Some(a), _]) => {
                ranges::typed(ty).is_some_and(|(low, high)| a.0 >= low && a.1 <= high)
            }
            (Op::LoadKnown | Op::ListAt | Op::ListLen | Op::MapLen, ..) => true,
            _ => is_free(inst),
        }
    }

    /// Division and remainder by what is known not to be 0.
    pub(super) fn division(&mut self, inst: &Inst, block: usize) -> Expr {
        let ranges = [0, 1].map(|at| inst.args.get(at).and_then(|value| self.ranges.at(*value, block)));
        if let [Some(a), Some(b)] = ranges
            && ranges::is_safe(a)
            && ranges::is_safe(b)
            && (b.0 > 0 || b.1 < 0)
        {
            let (is_plain, [x, y]) = (a.0 >= 0 && b.0 > 0, [0, 1].map(|at| self.operand(inst, at, block)));
            match inst.op {
                Op::IDiv if planted::is(92) => return Expr::open(format!("Math.floor({x} / {y}) + 0")),
                Op::IDiv if is_plain => return Expr::atom(format!("Math.trunc({x} / {y})")),
                Op::IDiv => return Expr::open(format!("Math.trunc({x} / {y}) + 0")),
                Op::IRem if is_plain => return Expr::open(format!("{x} % {y}")),
                Op::IRem => return Expr::open(format!("({x} % {y}) + 0")),
                Op::IDivFloor if is_plain => return Expr::atom(format!("Math.floor({x} / {y})")),
                _ => {}
            }
        }
        let name = match inst.op {
            Op::IDiv => "idiv",
            Op::IDivFloor => "idivFloor",
            _ => "irem",
        };
        self.call(name, inst, block)
    }

    pub(super) fn comparison(&mut self, inst: &Inst, block: usize) -> Expr {
        let Imm::Cond(condition) = inst.imm else { return Expr::atom("false") };
        // Numbers of one kind have one form each; an integer and a float may be a BigInt and a number.
        let strict = planted::is(93) || !matches!(inst.op, Op::IFCmp | Op::UFCmp);
        let operator = match condition {
            Cond::Eq if strict => "===",
            Cond::Ne if strict => "!==",
            Cond::Eq => "==",
            Cond::Ne => "!=",
            Cond::Lt => "<",
            Cond::Le => "<=",
            Cond::Gt => ">",
            Cond::Ge => ">=",
        };
        if inst.op == Op::SCmp && !planted::is(94) && !matches!(condition, Cond::Eq | Cond::Ne) {
            let compared = self.call("compareText", inst, block).text;
            return Expr::open(format!("{compared} {operator} 0"));
        }
        self.binary(operator, inst, block)
    }

    fn nth(&mut self, inst: &Inst, at: usize, block: usize) -> Expr {
        inst.args.get(at).map_or(Expr::atom("false"), |value| self.value(*value, block))
    }

    pub(super) fn logic(&mut self, inst: &Inst, block: usize) -> Expr {
        let operator = match inst.op {
            Op::And => "&&",
            Op::Or => "||",
            _ if self.is_idle(inst, 1) && self.is_idle(inst, 2) => {
                let [condition, yes, no] = [0, 1, 2].map(|at| self.operand(inst, at, block));
                return Expr::open(format!("{condition} ? {yes} : {no}"));
            }
            _ => {
                // All three are computed.
                let name = self.import("select");
                return self.apply(name, &[], inst, block);
            }
        };
        if self.is_idle(inst, 1) {
            let [a, b] = [0, 1].map(|at| self.nth(inst, at, block));
            return match (operator, &*a.text, &*b.text) {
                ("||", "false", _) => b,
                ("||", _, "false") => a,
                _ => Expr::open(format!("{} {operator} {}", a.operand(), b.operand())),
            };
        }
        let name = self.import(if inst.op == Op::And { "both" } else { "either" });
        self.apply(name, &[], inst, block)
    }
}
