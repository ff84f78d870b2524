//! What passes that write new code begin with: values, instructions that give one, ways to a block.

use statewright_types::Type;

use crate::ir::{BlockId, Function, Imm, Inst, NodeTag, Op, Target, Value, Values};

/// A new value of that type, for somebody to define.
pub(super) fn value(function: &mut Function, ty: Type) -> Value {
    function.values.push(ty);
    Value(function.values.len() as u32 - 1)
}

/// An instruction that gives a new value, to be put into a block.
pub(super) fn computing(
    function: &mut Function,
    node: NodeTag,
    (op, args, imm): (Op, &[Value], Imm),
    ty: Type,
) -> (Inst, Value) {
    let result = value(function, ty);
    (Inst { op, args: args.into(), imm, result: Some(result), node }, result)
}

/// The way to a block with these arguments.
pub(super) fn to(block: usize, args: impl Into<Values>) -> Target {
    Target { block: BlockId(block as u32), args: args.into() }
}
