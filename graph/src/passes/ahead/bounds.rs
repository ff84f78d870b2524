//! Between which bounds the integers of a counted loop are, whatever pass it is.

use std::collections::{HashMap, HashSet};

use statewright_types::{Schema, Type};

use super::MOST_PASSES;
use crate::ir::{Imm, Inst, Op, Value};

type Bounds = (i128, i128);

/// Any integer.
const ANY: Bounds = (i64::MIN as i128, i64::MAX as i128);

/// A parameter of a loop's head.
pub(super) struct Param {
    pub value: Value,
    /// What the first pass gets, if that is known.
    pub first: Option<i64>,
    /// What the next one gets.
    pub next: Value,
}

/// What a pass computes, in order.
pub(super) struct Pass<'a> {
    pub insts: &'a [Inst],
    pub constants: &'a HashMap<Value, i64>,
    pub schema: &'a Schema,
    pub count: Value,
    pub params: Vec<Param>,
}

impl Pass<'_> {
    /// Those of the sums that may be too large for an integer.
    pub fn unsure(&self, sums: &HashMap<Value, Op>) -> HashSet<Value> {
        let mut of_params = HashMap::from([(self.count, (0, i128::from(MOST_PASSES) - 1))]);
        // What one pass leaves that is bounded whatever it got; then what each pass adds so much to at most. What is found
        // for one parameter may bound another.
        for _ in 0..3 {
            let known = self.all(&of_params);
            for param in &self.params {
                let Some(first) = param.first.map(i128::from).filter(|_| !of_params.contains_key(&param.value)) else {
                    continue;
                };
                let next = self.get(&known, param.next);
                let found =
                    if next == ANY { self.grown(&known, param, first) } else { Some(hull((first, first), next)) };
                if let Some(found) = found {
                    of_params.insert(param.value, found);
                }
            }
        }
        let known = self.all(&of_params);
        let fits = |inst: &Inst| {
            let sum = exact(inst.op, self.get(&known, *inst.args.first()?), self.get(&known, *inst.args.get(1)?))?;
            is_int(sum).then_some(())
        };
        let insts = self.insts.iter().filter(|inst| inst.result.is_some_and(|result| sums.contains_key(&result)));
        insts.filter(|inst| fits(inst).is_none()).filter_map(|inst| inst.result).collect()
    }

    fn get(&self, known: &HashMap<Value, Bounds>, value: Value) -> Bounds {
        let constant = self.constants.get(&value).map(|constant| (i128::from(*constant), i128::from(*constant)));
        constant.or_else(|| known.get(&value).copied()).unwrap_or(ANY)
    }

    /// Of everything that is computed, from those of the parameters.
    fn all(&self, of_params: &HashMap<Value, Bounds>) -> HashMap<Value, Bounds> {
        let mut known = of_params.clone();
        for inst in self.insts {
            let Some(result) = inst.result else { continue };
            let of = |at: usize| inst.args.get(at).map_or(ANY, |value| self.get(&known, *value));
            let bounds = match (inst.op, &inst.imm) {
                (Op::IConst, Imm::Int(value)) => (i128::from(*value), i128::from(*value)),
                (Op::IAddWrap | Op::ISubWrap | Op::IMulWrap, _) => {
                    exact(inst.op, of(0), of(1)).filter(|bounds| is_int(*bounds)).unwrap_or(ANY)
                }
                (Op::IRem, _) => rest(of(0), of(1)),
                (Op::Select, _) => hull(of(1), of(2)),
                (Op::IMin, _) => (of(0).0.min(of(1).0), of(0).1.min(of(1).1)),
                (Op::IMax, _) => (of(0).0.max(of(1).0), of(0).1.max(of(1).1)),
                (Op::LoadKnown, Imm::Field(id, field)) => match self.schema.get(*id).fields.get(*field as usize) {
                    Some(field) => stored(&field.ty),
                    None => ANY,
                },
                _ => ANY,
            };
            if bounds != ANY {
                known.insert(result, bounds);
            }
        }
        known
    }

    /// Of a parameter to which each pass adds something bounded, however often: so no sum on the way is too large either.
    fn grown(&self, known: &HashMap<Value, Bounds>, param: &Param, first: i128) -> Option<Bounds> {
        let mut added: HashMap<Value, Bounds> = HashMap::from([(param.value, (0, 0))]);
        for inst in self.insts {
            let Some(result) = inst.result else { continue };
            let of = |at: usize| inst.args.get(at).and_then(|value| added.get(value)).copied();
            let plus = |at: usize| inst.args.get(at).map_or(ANY, |value| self.get(known, *value));
            let more = match (inst.op, of(0), of(1)) {
                (Op::IAddWrap, Some(so_far), None) => exact(Op::IAddWrap, so_far, plus(1)),
                (Op::IAddWrap, None, Some(so_far)) => exact(Op::IAddWrap, so_far, plus(0)),
                (Op::ISubWrap, Some(so_far), None) => exact(Op::ISubWrap, so_far, plus(1)),
                (Op::Select, _, Some(yes)) => of(2).map(|no| hull(yes, no)),
                _ => None,
            };
            if let Some(more) = more {
                added.insert(result, more);
            }
        }
        added.get(&param.next)?;
        let (least, most) = added.values().copied().fold((0, 0), hull);
        let passes = i128::from(MOST_PASSES);
        let bounds = (first.checked_add(least.checked_mul(passes)?)?, first.checked_add(most.checked_mul(passes)?)?);
        is_int(bounds).then_some(bounds)
    }
}

fn is_int((least, most): Bounds) -> bool {
    least >= ANY.0 && most <= ANY.1
}

fn hull(a: Bounds, b: Bounds) -> Bounds {
    (a.0.min(b.0), a.1.max(b.1))
}

/// Of a sum that may be as large as it likes. Operands are integers or a few of them, so nothing here is too large.
fn exact(op: Op, a: Bounds, b: Bounds) -> Option<Bounds> {
    match op {
        Op::IAddWrap => Some((a.0.checked_add(b.0)?, a.1.checked_add(b.1)?)),
        Op::ISubWrap => Some((a.0.checked_sub(b.1)?, a.1.checked_sub(b.0)?)),
        Op::IMulWrap => {
            let products = [a.0.checked_mul(b.0)?, a.0.checked_mul(b.1)?, a.1.checked_mul(b.0)?, a.1.checked_mul(b.1)?];
            Some((products.into_iter().min()?, products.into_iter().max()?))
        }
        _ => None,
    }
}

/// Of a remainder, which has the sign of what is divided.
fn rest(a: Bounds, by: Bounds) -> Bounds {
    let most = by.0.abs().max(by.1.abs()) - 1;
    if most < 0 {
        return ANY;
    }
    (if a.0 >= 0 { 0 } else { (-most).max(a.0) }, if a.1 <= 0 { 0 } else { most.min(a.1) })
}

/// Of what a field of that type holds.
fn stored(ty: &Type) -> Bounds {
    match ty {
        Type::Int(kind) if is_int(kind.range()) => kind.range(),
        _ => ANY,
    }
}
