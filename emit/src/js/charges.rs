//! Charges of fuel that become one.

use statewright_graph::ir::{Block, BlockId, Function, Imm, Inst, NodeTag, Op};
use statewright_types::planted;

use super::function::FunctionWriter;
use super::labels::Enclosing;
use super::literal;
use crate::structure::{BodyId, Stmt};

/// At most so many are charged together.
const MOST: usize = 16;

/// Charges that nothing stands between that anybody could see.
#[derive(Clone, Default)]
pub struct Charge {
    each: Vec<(NodeTag, i64)>,
}

impl Charge {
    /// Where the first of them comes from.
    pub fn node(&self) -> NodeTag {
        self.each.first().map_or(NodeTag(0), |(node, _)| *node)
    }

    /// Whether nothing is charged.
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// The only one.
    pub fn single(&self) -> Option<i64> {
        if let [(_, amount)] = &*self.each { Some(*amount) } else { None }
    }

    /// All of them together.
    pub fn total(&self) -> i64 {
        self.each.iter().skip(usize::from(planted::is(95) && self.each.len() > 1)).map(|(_, amount)| *amount).sum()
    }

    /// What each of them is, as text in quotes: should fuel not last, it says which node stops.
    pub fn each(&self, function: &Function) -> String {
        let each = self.each.iter().map(|(node, amount)| format!("{} {amount}", function.node_id(*node)));
        literal::text(&each.collect::<Vec<_>>().join(", "))
    }
}

/// What becomes of a block's charges.
pub struct Charges {
    /// By the position of the first of its instructions; 0 for what was owed before.
    pub at: Vec<(usize, Charge)>,
    /// The last ones, if nothing behind them in the block can be seen: they may as well stand behind it.
    pub last: Option<(usize, Charge)>,
}

/// Gathers what a block charges, behind what was `owed` when it began. Each charge of it is in the result.
pub fn charges(function: &Function, block: &Block, owed: Charge, goes_on: impl Fn(&Inst) -> bool) -> Charges {
    let mut done: Vec<(usize, Charge)> = Vec::new();
    let mut open = Some((0, owed)).filter(|(_, owed)| !owed.is_empty());
    for (at, inst) in block.insts.iter().enumerate() {
        match (inst.op, &inst.imm) {
            (Op::Fuel, Imm::Int(amount)) => {
                let node: &str = function.node_id(inst.node);
                // What the text of several cannot say stands alone.
                let is_alone = node.contains([' ', ',']) || node.is_empty() || !(0..=1_000_000).contains(amount);
                if is_alone || open.as_ref().is_some_and(|(_, charge)| charge.each.len() >= MOST) {
                    done.extend(open.take());
                }
                let charge = &mut open.get_or_insert_with(|| (at, Charge::default())).1;
                charge.each.push((inst.node, *amount));
                if is_alone {
                    done.extend(open.take());
                }
            }
            _ if goes_on(inst) => {}
            _ => done.extend(open.take()),
        }
    }
    Charges { at: done, last: open }
}

/// Whether a block charges something before anything else that can be seen; nothing if it does neither.
fn begins_with_charge(block: &Block, goes_on: impl Fn(&Inst) -> bool) -> Option<bool> {
    block.insts.iter().find(|inst| !goes_on(inst)).map(|inst| inst.op == Op::Fuel)
}

impl FunctionWriter<'_, '_> {
    /// Whether what a block charges last is written in the branches behind it, each with what it charges itself: in loops, so that each way
    /// through a pass looks at its fuel once.
    pub(super) fn takes_charges(&self, block: BlockId, behind: &[Stmt]) -> bool {
        let in_loop = self.around_here.iter().any(|enclosing| matches!(enclosing, Enclosing::Loop { .. }));
        if !self.has_fuel || !in_loop {
            return false;
        }
        match behind.iter().find(|stmt| !matches!(stmt, Stmt::Declare(_))) {
            Some(Stmt::If { from, then, otherwise, .. }) => {
                *from == block && [then, otherwise].into_iter().any(|body| self.charges_first(*body))
            }
            Some(Stmt::Labelled { body, .. }) => self.takes_charges(block, &self.structure.body(*body).stmts),
            _ => false,
        }
    }

    /// Whether a body charges something before it does anything else that can be seen.
    fn charges_first(&self, body: BodyId) -> bool {
        for stmt in &self.structure.body(body).stmts {
            match stmt {
                Stmt::Declare(_) => {}
                Stmt::Insts(id) => {
                    let goes_on = |inst: &Inst| self.expressions.goes_on(inst, id.index());
                    if let Some(found) = self.block(*id).and_then(|block| begins_with_charge(block, goes_on)) {
                        return found;
                    }
                }
                Stmt::If { then, otherwise, .. } => {
                    return [then, otherwise].into_iter().any(|body| self.charges_first(*body));
                }
                Stmt::Labelled { body, .. } => return self.charges_first(*body),
                _ => return false,
            }
        }
        false
    }

    pub(super) fn pay_owed(&mut self) {
        let owed = std::mem::take(&mut self.owed);
        self.pay(&owed);
    }

    pub(super) fn pay(&mut self, charge: &Charge) {
        if charge.is_empty() {
            return;
        }
        self.origin(charge.node());
        let (total, node) = (charge.total(), literal::text(self.function.node_id(charge.node())));
        let each = charge.each(self.function);
        let line = match (charge.single(), self.has_fuel) {
            (Some(amount), true) => {
                let name = self.expressions.import("trap");
                format!("if ((fuel -= {amount}) < 0) {name}(\"fuel_exhausted\", {node});")
            }
            (None, true) => format!("if ((fuel -= {total}) < 0) cx.spentWithin(fuel + {total}, {each});"),
            (Some(amount), false) => format!("cx.charge({}, {node});", literal::integer(i128::from(amount))),
            (None, false) => format!("cx.chargeAll({total}, {each});"),
        };
        self.out.line(line);
    }
}
