//! Charges of fuel that become one.

use std::collections::HashMap;

use statewright_graph::ir::{Block, Function, Imm, Inst, Op};
use statewright_types::planted;

use super::literal;

/// What becomes of an instruction that charges fuel.
pub enum Charge {
    /// It is charged with those that come later: how much, and what each of them is.
    All(i64, String),
    /// It is charged with an earlier one.
    Before,
}

/// Charges that nothing stands between that anybody could see are one: should fuel not last, the line has what each of them is, so that
/// the same node stops. By position of their instructions; those that stand alone are not among them.
pub fn charges(function: &Function, block: &Block, goes_on: impl Fn(&Inst) -> bool) -> HashMap<usize, Charge> {
    let mut found = HashMap::new();
    let mut open: Vec<(usize, i64, &str)> = Vec::new();
    let mut close = |open: &mut Vec<(usize, i64, &str)>| {
        if let [(first, ..), rest @ ..] = &**open
            && !rest.is_empty()
        {
            let total: i64 = open.iter().skip(usize::from(planted::is(95))).map(|(_, amount, _)| *amount).sum();
            let each: Vec<String> = open.iter().map(|(_, amount, node)| format!("{node} {amount}")).collect();
            found.insert(*first, Charge::All(total, literal::text(&each.join(", "))));
            rest.iter().for_each(|(at, ..)| {
                found.insert(*at, Charge::Before);
            });
        }
        open.clear();
    };
    for (at, inst) in block.insts.iter().enumerate() {
        match (inst.op, &inst.imm) {
            (Op::Fuel, Imm::Int(amount)) => {
                let node: &str = function.node_id(inst.node);
                if node.contains([' ', ',']) || node.is_empty() || !(0..=1_000_000).contains(amount) || open.len() > 15
                {
                    close(&mut open);
                } else {
                    open.push((at, *amount, node));
                }
            }
            _ if goes_on(inst) => {}
            _ => close(&mut open),
        }
    }
    close(&mut open);
    found
}
