//! What is added in some passes only: `select` among what is added, not among the sums, so that the next pass waits for one
//! operation and not for two.

use std::collections::HashMap;

use statewright_types::Type;

use crate::ir::{Function, Imm, Inst, Op, Value, Values};

/// Rewrites the instructions of a pass; `asked` are those sums that may be too large, with the operation that asks.
pub(super) fn add_selected(
    function: &mut Function,
    insts: Vec<Inst>,
    next: &[Value],
    asked: &mut HashMap<Value, Op>,
) -> Vec<Inst> {
    let mut uses: HashMap<Value, usize> = HashMap::new();
    for value in insts.iter().flat_map(|inst| inst.args.iter()).chain(next) {
        *uses.entry(*value).or_default() += 1;
    }
    let mut sums: HashMap<Value, (Op, Value, Value)> = HashMap::new();
    let mut found: Vec<(usize, Sum)> = Vec::new();
    for (position, inst) in insts.iter().enumerate() {
        let Some(result) = inst.result else { continue };
        match (inst.op, &inst.args[..]) {
            (Op::IAddWrap | Op::ISubWrap, [a, b]) if uses.get(&result) == Some(&1) => {
                sums.insert(result, (inst.op, *a, *b));
            }
            (Op::Select, [_, yes, no]) => {
                // Added to what the other way leaves as it is.
                let to = |sum: &Value, other: &Value| {
                    let (op, a, b) = sums.get(sum).copied().filter(|_| sum != other)?;
                    match op {
                        Op::IAddWrap if b == *other => Some((op, b, a)),
                        _ if a == *other => Some((op, a, b)),
                        _ => None,
                    }
                };
                let (of, is) = match (to(yes, no), to(no, yes)) {
                    (Some(of), _) => (of, true),
                    (None, Some(of)) => (of, false),
                    (None, None) => continue,
                };
                let sum = if is { *yes } else { *no };
                found.push((position, Sum { sum, op: of.0, to: of.1, added: of.2, is }));
            }
            _ => {}
        }
    }
    if found.is_empty() {
        return insts;
    }
    let mut found = found.into_iter().peekable();
    let gone: Vec<Value> = found.clone().map(|(_, sum)| sum.sum).collect();
    let mut out = Vec::with_capacity(insts.len() + 2 * gone.len());
    let mut fresh = |out: &mut Vec<Inst>, op: Op, args: Values, imm: Imm, node| {
        function.values.push(Type::INT);
        let result = Value(function.values.len() as u32 - 1);
        out.push(Inst { op, args, imm, result: Some(result), node });
        result
    };
    for (position, inst) in insts.into_iter().enumerate() {
        let Some((_, Sum { sum, op, to, added, is })) = found.next_if(|(at, _)| *at == position) else {
            if inst.result.is_none_or(|result| !gone.contains(&result)) {
                out.push(inst);
            }
            continue;
        };
        let (Some(condition), Some(result)) = (inst.args.first().copied(), inst.result) else { continue };
        let nothing = fresh(&mut out, Op::IConst, Values::new(), Imm::Int(0), inst.node);
        let (yes, no) = if is { (added, nothing) } else { (nothing, added) };
        let added = fresh(&mut out, Op::Select, [condition, yes, no].into(), Imm::None, inst.node);
        out.push(Inst { op, args: [to, added].into(), imm: Imm::None, result: Some(result), node: inst.node });
        if let Some(asks) = asked.remove(&sum) {
            asked.insert(result, asks);
        }
    }
    out
}

/// A sum that one way of a `select` has and the other has not.
#[derive(Clone, Copy)]
struct Sum {
    sum: Value,
    op: Op,
    to: Value,
    added: Value,
    /// Whether it is the way taken where the condition is so.
    is: bool,
}
