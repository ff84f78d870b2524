//! Computes what is known before anything runs, and drops checks that cannot fail and ways that are never taken.

use statewright_types::{IntKind, Type, scalar};

use super::straighten::run_order;
use super::tidy::{Replaced, each_operand, resolve};
use crate::ir::{Cond, Function, Imm, Inst, Op, Terminator, Value, Values};

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    Nothing,
    /// The slot's bits.
    Bits(u64),
    /// The negation of that.
    Not(Value),
    /// The comparison of two integers.
    Compared(Cond, Value, Value),
    /// A nullable that is this struct.
    Struct(Value),
    Null,
    /// An integer that was found to fit this kind.
    Fits(IntKind),
}

/// Folds a function; whether anything changed.
pub(super) fn fold(function: &mut Function) -> bool {
    let (mut changed, mut any_replaced) = (false, false);
    let mut known = vec![Known::Nothing; function.values.len()];
    let mut replaced: Replaced = vec![None; function.values.len()];
    for index in run_order(function) {
        let mut insts = std::mem::take(&mut function.blocks[index].insts);
        let mut stopped = None;
        insts.retain_mut(|inst| {
            if any_replaced {
                inst.args.iter_mut().for_each(|arg| *arg = resolve(&mut replaced, *arg));
            }
            if stopped.is_some() {
                return false;
            }
            let simple = simplified(function, inst, &known);
            changed |= !matches!(simple, Simple::Same);
            match simple {
                Simple::As(value) => {
                    if let Some(result) = inst.result {
                        replaced[result.index()] = Some(value);
                        any_replaced = true;
                    }
                    return false;
                }
                Simple::Gone => return false,
                Simple::Stops => {
                    if let Imm::Trap(code) = inst.imm {
                        stopped = Some((code, inst.node));
                    }
                    return false;
                }
                Simple::Changed | Simple::Same => {}
            }
            if let Some(result) = inst.result {
                known[result.index()] = told(function, inst, &known);
            }
            true
        });
        let block = &mut function.blocks[index];
        block.insts = insts;
        if let Some((code, node)) = stopped {
            (block.terminator, block.node) = (Terminator::Trap { code, message: None }, node);
        }
        if any_replaced && let Terminator::Branch { condition, .. } = &mut block.terminator {
            *condition = resolve(&mut replaced, *condition);
        }
        changed |= branch(&mut block.terminator, &known);
    }
    if !any_replaced {
        return changed;
    }
    // Only here: arguments of jumps back are replaced later.
    for block in &mut function.blocks {
        each_operand(&mut block.terminator, &mut |value| *value = resolve(&mut replaced, *value));
    }
    true
}

/// Whether a branch goes another way from now on.
fn branch(terminator: &mut Terminator, known: &[Known]) -> bool {
    let Terminator::Branch { condition, then, otherwise } = terminator else { return false };
    match known[condition.index()] {
        Known::Bits(bits) => {
            let target = if bits != 0 { then } else { otherwise };
            *terminator = Terminator::Jump(target.clone());
        }
        _ if then == otherwise => *terminator = Terminator::Jump(then.clone()),
        Known::Not(inner) => {
            *condition = inner;
            std::mem::swap(then, otherwise);
        }
        _ => return false,
    }
    true
}

/// What becomes of an instruction.
enum Simple {
    Same,
    Changed,
    /// Its result is that value.
    As(Value),
    /// It does nothing.
    Gone,
    /// It is a check that always fails.
    Stops,
}

fn simplified(function: &Function, inst: &mut Inst, known: &[Known]) -> Simple {
    let of = |index: usize| inst.args.get(index).map_or(Known::Nothing, |value| known[value.index()]);
    let bits = |index: usize| match of(index) {
        Known::Bits(bits) => Some(bits),
        _ => None,
    };
    let arg = |index: usize| inst.args.get(index).copied().unwrap_or(Value(0));
    let same = inst.args.len() >= 2 && arg(0) == arg(1);
    match inst.op {
        Op::Reveal => return Simple::As(arg(0)),
        Op::Narrow => match (&inst.imm, bits(0)) {
            (Imm::Type(Type::Int(IntKind::I64)), _) => return Simple::As(arg(0)),
            (Imm::Type(Type::Int(kind)), Some(value)) if scalar::narrow(*kind, value as i64).is_ok() => {
                return Simple::As(arg(0));
            }
            (Imm::Type(Type::Int(kind)), _) if of(0) == Known::Fits(*kind) => return Simple::As(arg(0)),
            _ => {}
        },
        Op::Zero => {
            if let Imm::Type(Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64) = &inst.imm {
                return constant_of(function, inst, 0);
            }
        }
        Op::Not => {
            if let Known::Not(inner) = of(0) {
                return Simple::As(inner);
            }
            if let Known::Compared(cond, a, b) = of(0) {
                (inst.op, inst.args, inst.imm) = (Op::ICmp, [a, b].into(), Imm::Cond(opposite(cond)));
                return Simple::Changed;
            }
        }
        Op::And | Op::Or => {
            let neutral = u64::from(inst.op == Op::And);
            match (bits(0), bits(1)) {
                (Some(bits), _) => return Simple::As(arg(usize::from(bits == neutral))),
                (_, Some(bits)) => return Simple::As(arg(usize::from(bits != neutral))),
                _ if same => return Simple::As(arg(0)),
                _ => {}
            }
        }
        Op::Select => match bits(0) {
            Some(bits) => return Simple::As(arg(if bits != 0 { 1 } else { 2 })),
            None if arg(1) == arg(2) => return Simple::As(arg(1)),
            None => {}
        },
        Op::IAdd | Op::IAddWrap | Op::ISub | Op::ISubWrap if bits(1) == Some(0) => return Simple::As(arg(0)),
        Op::IAdd | Op::IAddWrap if bits(0) == Some(0) => return Simple::As(arg(1)),
        Op::IMul | Op::IMulWrap if bits(1) == Some(1) => return Simple::As(arg(0)),
        Op::IMul | Op::IMulWrap if bits(0) == Some(1) => return Simple::As(arg(1)),
        Op::IDiv | Op::IDivFloor if bits(1) == Some(1) => return Simple::As(arg(0)),
        Op::ICmp | Op::UCmp if same => {
            let holds = matches!(inst.imm, Imm::Cond(Cond::Eq | Cond::Le | Cond::Ge));
            return constant(inst, u64::from(holds));
        }
        Op::IsNull => match of(0) {
            Known::Null => return constant(inst, 1),
            Known::Struct(_) => return constant(inst, 0),
            _ => {}
        },
        Op::NonNull => {
            if let Known::Struct(inner) = of(0) {
                return Simple::As(inner);
            }
        }
        Op::TrapIf => match bits(0) {
            Some(0) => return Simple::Gone,
            Some(_) => return Simple::Stops,
            None => {}
        },
        Op::Fuel if inst.imm == Imm::Int(0) => return Simple::Gone,
        Op::FuelN => {
            if let Some(amount) = bits(0) {
                (inst.op, inst.args, inst.imm) = (Op::Fuel, Values::new(), Imm::Int((amount as i64).max(0)));
                return if amount as i64 <= 0 { Simple::Gone } else { Simple::Changed };
            }
        }
        _ => {}
    }
    let operands = (bits(0), bits(1));
    match evaluate(inst, operands) {
        Some(value) if inst.result.is_some_and(|result| is_number(function.ty(result))) => {
            constant_of(function, inst, value)
        }
        _ => Simple::Same,
    }
}

fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Bool | Type::Int(_) | Type::Float64)
}

/// The instruction as a bool.
fn constant(inst: &mut Inst, bits: u64) -> Simple {
    (inst.op, inst.args, inst.imm) = (Op::BConst, Values::new(), Imm::Bool(bits != 0));
    Simple::Changed
}

/// The instruction as a constant of its result's type.
fn constant_of(function: &Function, inst: &mut Inst, bits: u64) -> Simple {
    let (op, imm) = match inst.result.map(|result| function.ty(result)) {
        Some(Type::Bool) => (Op::BConst, Imm::Bool(bits != 0)),
        Some(Type::Float64) => (Op::FConst, Imm::Float(bits)),
        Some(Type::Int(IntKind::U64)) => (Op::UConst, Imm::Int(bits as i64)),
        _ => (Op::IConst, Imm::Int(bits as i64)),
    };
    (inst.op, inst.args, inst.imm) = (op, Values::new(), imm);
    Simple::Changed
}

/// What is known of an instruction's result.
fn told(function: &Function, inst: &Inst, known: &[Known]) -> Known {
    let first = inst.args.first().copied().unwrap_or(Value(0));
    match (inst.op, &inst.imm) {
        (Op::IConst | Op::UConst, Imm::Int(value)) => Known::Bits(*value as u64),
        (Op::FConst, Imm::Float(bits)) => Known::Bits(*bits),
        (Op::BConst, Imm::Bool(value)) => Known::Bits(u64::from(*value)),
        (Op::Zero, Imm::Type(Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64)) => Known::Bits(0),
        (Op::Not, _) => match known[first.index()] {
            Known::Not(_) => Known::Nothing,
            _ => Known::Not(first),
        },
        (Op::ICmp, Imm::Cond(cond)) => match inst.args[..] {
            [a, b] => Known::Compared(*cond, a, b),
            _ => Known::Nothing,
        },
        (Op::Narrow, Imm::Type(Type::Int(kind))) => Known::Fits(*kind),
        (Op::Null, _) => Known::Null,
        (Op::Some, _) if matches!(function.ty(first), Type::Struct(_)) => Known::Struct(first),
        _ => Known::Nothing,
    }
}

fn opposite(cond: Cond) -> Cond {
    match cond {
        Cond::Eq => Cond::Ne,
        Cond::Ne => Cond::Eq,
        Cond::Lt => Cond::Ge,
        Cond::Ge => Cond::Lt,
        Cond::Gt => Cond::Le,
        Cond::Le => Cond::Gt,
    }
}

/// The result of an operation on numbers of which all operands are known, if it has one.
fn evaluate(inst: &Inst, operands: (Option<u64>, Option<u64>)) -> Option<u64> {
    let ((a, b), count) = match (operands, inst.args.len()) {
        ((Some(a), Some(b)), 2) => ((a, b), 2),
        ((Some(a), _), 1) => ((a, 0), 1),
        _ => return None,
    };
    let (i, j, x, y) = (a as i64, b as i64, f64::from_bits(a), f64::from_bits(b));
    // What is not a number may differ in bits from machine to machine: it is left to them.
    let float = |value: f64| (!value.is_nan()).then(|| value.to_bits());
    let truth = |value: bool| Some(u64::from(value));
    let holds = |ordering| match inst.imm {
        Imm::Cond(cond) => truth(cond.holds(ordering)),
        _ => None,
    };
    let int = |value: Result<i64, _>| value.ok().map(|value: i64| value as u64);
    match (inst.op, count) {
        (Op::IAdd, 2) => int(scalar::iadd(i, j)),
        (Op::ISub, 2) => int(scalar::isub(i, j)),
        (Op::IMul, 2) => int(scalar::imul(i, j)),
        (Op::IAddWrap, 2) => Some(scalar::iadd_wrap(i, j) as u64),
        (Op::ISubWrap, 2) => Some(scalar::isub_wrap(i, j) as u64),
        (Op::IMulWrap, 2) => Some(scalar::imul_wrap(i, j) as u64),
        (Op::IAddOver, 2) => truth(scalar::iadd_over(i, j)),
        (Op::ISubOver, 2) => truth(scalar::isub_over(i, j)),
        (Op::IMulOver, 2) => truth(scalar::imul_over(i, j)),
        (Op::IDiv, 2) => int(scalar::idiv(i, j)),
        (Op::IDivFloor, 2) => int(scalar::idiv_floor(i, j)),
        (Op::IRem, 2) => int(scalar::irem(i, j)),
        (Op::INeg, 1) => int(scalar::ineg(i)),
        (Op::IAbs, 1) => int(scalar::iabs(i)),
        (Op::IMin, 2) => Some(i.min(j) as u64),
        (Op::IMax, 2) => Some(i.max(j) as u64),
        (Op::ISign, 1) => Some(scalar::isign(i) as u64),
        (Op::FAdd, 2) => float(x + y),
        (Op::FSub, 2) => float(x - y),
        (Op::FMul, 2) => float(x * y),
        (Op::FDiv, 2) => float(x / y),
        (Op::FNeg, 1) => float(-x),
        (Op::FAbs, 1) => float(x.abs()),
        (Op::FMin, 2) => float(scalar::fmin(x, y)),
        (Op::FMax, 2) => float(scalar::fmax(x, y)),
        (Op::FSqrt, 1) => float(scalar::fsqrt(x)),
        (Op::FRound32, 1) => float(scalar::fround32(x)),
        (Op::IToF, 1) => float(i as f64),
        (Op::UToF, 1) => float(a as f64),
        (Op::UToI, 1) => int(scalar::utoi(a)),
        (Op::IToU, 1) => scalar::itou(i).ok(),
        (Op::FToIFloor, 1) => int(scalar::ftoi_floor(x)),
        (Op::FToICeil, 1) => int(scalar::ftoi_ceil(x)),
        (Op::FToIRound, 1) => int(scalar::ftoi_round(x)),
        (Op::FToITrunc, 1) => int(scalar::ftoi_trunc(x)),
        (Op::ICmp, 2) => holds(Some(i.cmp(&j))),
        (Op::UCmp, 2) => holds(Some(a.cmp(&b))),
        (Op::UICmp, 2) => holds(Some(scalar::cmp_uint_int(a, j))),
        (Op::FCmp, 2) => holds(x.partial_cmp(&y)),
        (Op::IFCmp, 2) => holds(scalar::cmp_int_float(i, y)),
        (Op::UFCmp, 2) => holds(scalar::cmp_uint_float(a, y)),
        (Op::Not, 1) => Some(a ^ 1),
        (Op::And, 2) => Some(a & b),
        (Op::Or, 2) => Some(a | b),
        _ => None,
    }
}
