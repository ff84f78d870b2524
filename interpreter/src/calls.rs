//! Operations that are more than a line: floats, operand lists, tracing. Kept out of the loop, so that it
//! stays small.

use statewright_runtime::context::Context;
use statewright_types::{TrapCode, Type, scalar};

use crate::code::{Code, FloatBinary, FloatUnary, Reg, Rounding};

/// Buffers for building texts and operand lists.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub text: String,
    pub slots: Vec<u64>,
}

impl Scratch {
    /// The values of these registers, and the buffer for text.
    pub fn gather<'a>(&'a mut self, regs: &[u64], registers: &[Reg]) -> (&'a [u64], &'a mut String) {
        self.slots.clear();
        self.slots.extend(registers.iter().map(|register| regs[*register as usize]));
        (&self.slots, &mut self.text)
    }
}

/// The values of a counted operand list in `extra`, at `x`.
pub(crate) fn operands<'a>(scratch: &'a mut Scratch, regs: &[u64], extra: &[u32], x: u32) -> &'a [u64] {
    let (count, rest) = extra.get(x as usize..).and_then(<[u32]>::split_first).unwrap_or((&0, &[]));
    scratch.gather(regs, rest.get(..*count as usize).unwrap_or_default()).0
}

pub(crate) fn float_unary(f: FloatUnary, a: f64) -> f64 {
    match f {
        FloatUnary::Sign => scalar::fsign(a),
        FloatUnary::Sqrt => scalar::fsqrt(a),
        FloatUnary::Sin => scalar::fsin(a),
        FloatUnary::Cos => scalar::fcos(a),
        FloatUnary::Tan => scalar::ftan(a),
        FloatUnary::Asin => scalar::fasin(a),
        FloatUnary::Exp => scalar::fexp(a),
        FloatUnary::Log => scalar::flog(a),
        FloatUnary::Round32 => scalar::fround32(a),
    }
}

pub(crate) fn float_binary(f: FloatBinary, a: f64, b: f64) -> f64 {
    match f {
        FloatBinary::Rem => scalar::frem(a, b),
        FloatBinary::Min => scalar::fmin(a, b),
        FloatBinary::Max => scalar::fmax(a, b),
        FloatBinary::Atan2 => scalar::fatan2(a, b),
        FloatBinary::Pow => scalar::fpow(a, b),
    }
}

pub(crate) fn float_to_int(rounding: Rounding, a: f64) -> Result<i64, TrapCode> {
    match rounding {
        Rounding::Floor => scalar::ftoi_floor(a),
        Rounding::Ceil => scalar::ftoi_ceil(a),
        Rounding::Round => scalar::ftoi_round(a),
        Rounding::Trunc => scalar::ftoi_trunc(a),
    }
}

/// The node of an instruction; "" for none.
pub(crate) fn node(code: &Code, pc: usize) -> &str {
    code.nodes.get(pc).and_then(|tag| code.node_ids.get(*tag as usize)).map_or("", |id| id)
}

/// `enter`
#[inline(never)]
pub(crate) fn enter(cx: &mut Context<'_>, code: &Code, pc: usize) {
    cx.trace_enter(&code.name, node(code, pc));
}

/// `leave`
#[inline(never)]
pub(crate) fn leave(cx: &mut Context<'_>, code: &Code, pc: usize) {
    cx.trace_leave(&code.name, node(code, pc));
}

/// `probe`
#[inline(never)]
pub(crate) fn probe(cx: &mut Context<'_>, code: &Code, pc: usize, port: &str, ty: &Type, slot: u64) {
    cx.trace_port(&code.name, node(code, pc), port, (ty, slot));
}

/// `watch`
#[inline(never)]
pub(crate) fn watch(cx: &mut Context<'_>, ty: &Type, name: &str, slot: u64) -> u64 {
    cx.trace_read(name, ty, slot)
}
