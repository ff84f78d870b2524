//! Arithmetic. Integers stay int64 and are checked; any float makes the result a float (R3.2).

use statewright_types::{TrapCode, Type};

use super::{Category, Example, InputPort, NodeRow, OutputPort, ROW, input, output};
use crate::check::codes;
use crate::document::InputKind;
use crate::ir::{Cond, Op, Value};
use crate::lower::{Abort, Cx, Operand};

const AB: &[InputPort] = &[
    input("a", "number", "The first number.").or(&["left"]),
    input("b", "number", "The second number.").or(&["right"]),
];
const VALUE: &[InputPort] = &[input("value", "number", "The number.").or(&["angle"])];
const RESULT: &[OutputPort] = &[output("result", "number", "int64 if all inputs are integers, else float64.")];
const FLOAT: &[OutputPort] = &[output("result", "float64", "The result.")];
const INT: &[OutputPort] = &[output("result", "int64", "The result.")];
const MATH: NodeRow = NodeRow { category: Category::Math, ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "Add",
        summary: "The sum of two numbers.",
        inputs: AB,
        outputs: RESULT,
        errors: &[TrapCode::Overflow],
        example: Example::Outputs { inputs: r#"{"a": 2, "b": 3}"#, outputs: r#"{"result": 5}"# },
        lower: |cx| arithmetic(cx, Op::IAdd, Op::FAdd),
        ..MATH
    },
    NodeRow {
        name: "Subtract",
        summary: "The first number less the second.",
        inputs: AB,
        outputs: RESULT,
        errors: &[TrapCode::Overflow],
        example: Example::Outputs { inputs: r#"{"a": 2, "b": 3.5}"#, outputs: r#"{"result": -1.5}"# },
        lower: |cx| arithmetic(cx, Op::ISub, Op::FSub),
        ..MATH
    },
    NodeRow {
        name: "Multiply",
        summary: "The product of two numbers.",
        inputs: AB,
        outputs: RESULT,
        errors: &[TrapCode::Overflow],
        example: Example::Outputs { inputs: r#"{"a": 6, "b": 7}"#, outputs: r#"{"result": 42}"# },
        lower: |cx| arithmetic(cx, Op::IMul, Op::FMul),
        ..MATH
    },
    NodeRow {
        name: "Divide",
        summary: "The first number divided by the second, always a float.",
        docs: "For whole results use IntDivide.",
        inputs: AB,
        outputs: FLOAT,
        errors: &[TrapCode::DivideByZero],
        example: Example::Outputs { inputs: r#"{"a": 7, "b": 2}"#, outputs: r#"{"result": 3.5}"# },
        lower: divide,
        ..MATH
    },
    NodeRow {
        name: "IntDivide",
        summary: "The first integer divided by the second, toward zero.",
        inputs: AB,
        outputs: INT,
        errors: &[TrapCode::DivideByZero, TrapCode::Overflow],
        example: Example::Outputs { inputs: r#"{"a": -7, "b": 2}"#, outputs: r#"{"result": -3}"# },
        lower: |cx| {
            let a = cx.int("a")?;
            constant_zero(cx)?;
            let b = cx.int("b")?;
            let value = cx.g.iop(Op::IDiv, &[a, b]);
            cx.put("result", value, Type::INT);
            Ok(())
        },
        ..MATH
    },
    NodeRow {
        name: "Modulo",
        summary: "The remainder of a division, with the sign of the first number.",
        inputs: AB,
        outputs: RESULT,
        errors: &[TrapCode::DivideByZero],
        example: Example::Outputs { inputs: r#"{"a": -7, "b": 3}"#, outputs: r#"{"result": -1}"# },
        lower: modulo,
        ..MATH
    },
    NodeRow {
        name: "Min",
        summary: "The smaller of two numbers.",
        docs: "NaN if either is NaN; −0 is smaller than 0.",
        inputs: AB,
        outputs: RESULT,
        example: Example::Outputs { inputs: r#"{"a": 2, "b": 3}"#, outputs: r#"{"result": 2}"# },
        lower: |cx| arithmetic(cx, Op::IMin, Op::FMin),
        ..MATH
    },
    NodeRow {
        name: "Max",
        summary: "The larger of two numbers.",
        docs: "NaN if either is NaN; −0 is smaller than 0.",
        inputs: AB,
        outputs: RESULT,
        example: Example::Outputs { inputs: r#"{"a": 2, "b": 3}"#, outputs: r#"{"result": 3}"# },
        lower: |cx| arithmetic(cx, Op::IMax, Op::FMax),
        ..MATH
    },
    NodeRow {
        name: "Clamp",
        summary: "A number, held between two bounds.",
        inputs: &[
            input("value", "number", "The number."),
            input("min", "number", "The lower bound."),
            input("max", "number", "The upper bound."),
        ],
        outputs: RESULT,
        errors: &[TrapCode::BadArgument],
        example: Example::Outputs { inputs: r#"{"value": 12, "min": 0, "max": 10}"#, outputs: r#"{"result": 10}"# },
        lower: clamp,
        ..MATH
    },
    NodeRow {
        name: "Abs",
        summary: "A number without its sign.",
        inputs: VALUE,
        outputs: RESULT,
        errors: &[TrapCode::Overflow],
        example: Example::Outputs { inputs: r#"{"value": -4}"#, outputs: r#"{"result": 4}"# },
        lower: |cx| unary(cx, Op::IAbs, Op::FAbs),
        ..MATH
    },
    NodeRow {
        name: "Negate",
        summary: "A number with the opposite sign.",
        inputs: VALUE,
        outputs: RESULT,
        errors: &[TrapCode::Overflow],
        example: Example::Outputs { inputs: r#"{"value": 4}"#, outputs: r#"{"result": -4}"# },
        lower: |cx| unary(cx, Op::INeg, Op::FNeg),
        ..MATH
    },
    NodeRow {
        name: "Sign",
        summary: "−1, 0 or 1, as the number is negative, zero or positive.",
        inputs: VALUE,
        outputs: RESULT,
        example: Example::Outputs { inputs: r#"{"value": -4}"#, outputs: r#"{"result": -1}"# },
        lower: |cx| unary(cx, Op::ISign, Op::FSign),
        ..MATH
    },
    float_row("Sqrt", "The square root; of a negative number NaN.", r#"{"value": 9}"#, r#"{"result": 3.0}"#, |cx| {
        function(cx, Op::FSqrt)
    }),
    float_row("Sin", "The sine of an angle in radians.", r#"{"value": 0}"#, r#"{"result": 0.0}"#, |cx| {
        function(cx, Op::FSin)
    }),
    float_row("Cos", "The cosine of an angle in radians.", r#"{"value": 0}"#, r#"{"result": 1.0}"#, |cx| {
        function(cx, Op::FCos)
    }),
    float_row("Exp", "e to the power of the number.", r#"{"value": 0}"#, r#"{"result": 1.0}"#, |cx| {
        function(cx, Op::FExp)
    }),
    float_row("Log", "The natural logarithm.", r#"{"value": 1}"#, r#"{"result": 0.0}"#, |cx| function(cx, Op::FLog)),
    float_row("Tan", "The tangent of an angle in radians.", r#"{"value": 0}"#, r#"{"result": 0.0}"#, |cx| {
        function(cx, Op::FTan)
    }),
    NodeRow {
        name: "Lerp",
        summary: "The number between two others, by a share of the way.",
        docs: "`a + (b − a) · t`: `a` at 0, `b` at 1; beyond them outside.",
        inputs: &[
            input("a", "float64", "The number at 0."),
            input("b", "float64", "The number at 1."),
            input("t", "float64", "The share of the way."),
        ],
        outputs: FLOAT,
        example: Example::Outputs { inputs: r#"{"a": 10, "b": 20, "t": 0.25}"#, outputs: r#"{"result": 12.5}"# },
        lower: |cx| {
            let (a, b, t) = (cx.float("a")?, cx.float("b")?, cx.float("t")?);
            let whole = cx.g.fop(Op::FSub, &[b, a]);
            let part = cx.g.fop(Op::FMul, &[whole, t]);
            let value = cx.g.fop(Op::FAdd, &[a, part]);
            cx.put("result", value, Type::Float64);
            Ok(())
        },
        ..MATH
    },
    NodeRow {
        name: "Distance2D",
        summary: "The distance between two points of a plane.",
        inputs: &[
            input("x1", "float64", "Abscissa of the first point."),
            input("y1", "float64", "Ordinate of the first point."),
            input("x2", "float64", "Abscissa of the second point."),
            input("y2", "float64", "Ordinate of the second point."),
        ],
        outputs: &[output("distance", "float64", "√((x2 − x1)² + (y2 − y1)²).").or(&["result"])],
        example: Example::Outputs {
            inputs: r#"{"x1": 1, "y1": 2, "x2": 4, "y2": 6}"#,
            outputs: r#"{"distance": 5.0}"#,
        },
        lower: |cx| {
            let (x1, y1, x2, y2) = (cx.float("x1")?, cx.float("y1")?, cx.float("x2")?, cx.float("y2")?);
            let squared = distance_squared(cx, (x1, y1), (x2, y2));
            let value = cx.g.fop(Op::FSqrt, &[squared]);
            cx.put("distance", value, Type::Float64);
            Ok(())
        },
        ..MATH
    },
    NodeRow {
        name: "Atan2",
        summary: "The angle of the point (x, y), in radians from −π to π.",
        inputs: &[input("y", "float64", "The ordinate."), input("x", "float64", "The abscissa.")],
        outputs: FLOAT,
        example: Example::Outputs { inputs: r#"{"y": 0, "x": 1}"#, outputs: r#"{"result": 0.0}"# },
        lower: |cx| {
            let (y, x) = (cx.float("y")?, cx.float("x")?);
            let value = cx.g.fop(Op::FAtan2, &[y, x]);
            cx.put("result", value, Type::Float64);
            Ok(())
        },
        ..MATH
    },
    NodeRow {
        name: "Pow",
        summary: "A number to the power of another.",
        inputs: &[input("base", "float64", "The base."), input("exp", "float64", "The exponent.").or(&["exponent"])],
        outputs: FLOAT,
        example: Example::Outputs { inputs: r#"{"base": 2, "exp": 10}"#, outputs: r#"{"result": 1024.0}"# },
        lower: |cx| {
            let (base, exp) = (cx.float("base")?, cx.float("exp")?);
            let value = cx.g.fop(Op::FPow, &[base, exp]);
            cx.put("result", value, Type::Float64);
            Ok(())
        },
        ..MATH
    },
    round_row("Floor", "The number rounded down to an integer.", r#"{"value": -1.5}"#, r#"{"result": -2}"#, |cx| {
        rounding(cx, Op::FToIFloor)
    }),
    round_row("Ceil", "The number rounded up to an integer.", r#"{"value": 1.2}"#, r#"{"result": 2}"#, |cx| {
        rounding(cx, Op::FToICeil)
    }),
    round_row("Round", "The nearest integer, half away from zero.", r#"{"value": -2.5}"#, r#"{"result": -3}"#, |cx| {
        rounding(cx, Op::FToIRound)
    }),
    round_row("ToInt", "The number without its fraction.", r#"{"value": -2.9}"#, r#"{"result": -2}"#, |cx| {
        rounding(cx, Op::FToITrunc)
    }),
    NodeRow {
        name: "ToFloat",
        summary: "The number as a float.",
        inputs: VALUE,
        outputs: FLOAT,
        example: Example::Outputs { inputs: r#"{"value": 2}"#, outputs: r#"{"result": 2.0}"# },
        lower: |cx| {
            let value = cx.float("value")?;
            cx.put("result", value, Type::Float64);
            Ok(())
        },
        ..MATH
    },
];

type Lower = fn(&mut Cx<'_, '_>) -> Result<(), Abort>;

const fn float_row(
    name: &'static str,
    summary: &'static str,
    inputs: &'static str,
    outputs: &'static str,
    lower: Lower,
) -> NodeRow {
    NodeRow {
        name,
        summary,
        inputs: VALUE,
        outputs: FLOAT,
        example: Example::Outputs { inputs, outputs },
        lower,
        ..MATH
    }
}

const fn round_row(
    name: &'static str,
    summary: &'static str,
    inputs: &'static str,
    outputs: &'static str,
    lower: Lower,
) -> NodeRow {
    NodeRow {
        name,
        summary,
        docs: "`out_of_range` if no 64-bit integer holds the result.",
        inputs: VALUE,
        outputs: INT,
        errors: &[TrapCode::OutOfRange],
        example: Example::Outputs { inputs, outputs },
        lower,
        ..MATH
    }
}

/// As int64; a uint64 above that overflows.
pub(super) fn as_int(cx: &mut Cx<'_, '_>, operand: &Operand) -> Value {
    if operand.ty == Type::INT { operand.value } else { cx.g.iop(Op::UToI, &[operand.value]) }
}

/// As float64.
pub(super) fn as_float(cx: &mut Cx<'_, '_>, operand: &Operand) -> Value {
    match &operand.ty {
        ty if ty.is_float() => operand.value,
        ty if *ty == Type::INT => cx.g.fop(Op::IToF, &[operand.value]),
        _ => cx.g.fop(Op::UToF, &[operand.value]),
    }
}

/// Applies the integer operation if all are integers, else the float one.
pub(super) fn numeric<const N: usize>(cx: &mut Cx<'_, '_>, operands: &[Operand; N], int: Op, float: Op) -> Operand {
    if operands.iter().any(|operand| operand.ty.is_float()) {
        let values = operands.each_ref().map(|operand| as_float(cx, operand));
        Operand::new(cx.g.fop(float, &values), Type::Float64)
    } else {
        let values = operands.each_ref().map(|operand| as_int(cx, operand));
        Operand::new(cx.g.iop(int, &values), Type::INT)
    }
}

fn arithmetic(cx: &mut Cx<'_, '_>, int: Op, float: Op) -> Result<(), Abort> {
    let operands = [cx.number("a")?, cx.number("b")?];
    let result = numeric(cx, &operands, int, float);
    cx.set("result", result);
    Ok(())
}

fn unary(cx: &mut Cx<'_, '_>, int: Op, float: Op) -> Result<(), Abort> {
    let operand = cx.number("value")?;
    let result = numeric(cx, &[operand], int, float);
    cx.set("result", result);
    Ok(())
}

fn function(cx: &mut Cx<'_, '_>, op: Op) -> Result<(), Abort> {
    let value = cx.float("value")?;
    let value = cx.g.fop(op, &[value]);
    cx.put("result", value, Type::Float64);
    Ok(())
}

/// (x2 − x1)² + (y2 − y1)²
pub(super) fn distance_squared(cx: &mut Cx<'_, '_>, (x1, y1): (Value, Value), (x2, y2): (Value, Value)) -> Value {
    let (dx, dy) = (cx.g.fop(Op::FSub, &[x2, x1]), cx.g.fop(Op::FSub, &[y2, y1]));
    let (dx, dy) = (cx.g.fop(Op::FMul, &[dx, dx]), cx.g.fop(Op::FMul, &[dy, dy]));
    cx.g.fop(Op::FAdd, &[dx, dy])
}

fn rounding(cx: &mut Cx<'_, '_>, op: Op) -> Result<(), Abort> {
    let operand = cx.number("value")?;
    let value = if operand.ty.is_float() {
        cx.g.iop(op, &[operand.value])
    } else {
        let most = operand.ty != Type::INT;
        if most {
            cx.with_site("value", |cx, site| cx.g.convert(operand, &Type::INT, site))?.value
        } else {
            operand.value
        }
    };
    cx.put("result", value, Type::INT);
    Ok(())
}

/// A divisor that is the literal zero is an error already now.
fn constant_zero(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    match cx.raw("b").map(|input| &input.kind) {
        Some(InputKind::Int(0)) => {}
        Some(InputKind::Float(value)) if *value == 0.0 => {}
        _ => return Ok(()),
    }
    Err(cx.fail("b", codes::ZERO_DIVISOR, "the divisor is zero", "divide by something else"))
}

fn trap_on_zero(cx: &mut Cx<'_, '_>, divisor: Value) {
    let zero = cx.g.float(0.0);
    let is_zero = cx.g.cmp(Op::FCmp, Cond::Eq, divisor, zero);
    cx.g.trap_if(is_zero, TrapCode::DivideByZero);
}

fn divide(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let a = cx.number("a")?;
    constant_zero(cx)?;
    let b = cx.number("b")?;
    let (a, b) = (as_float(cx, &a), as_float(cx, &b));
    trap_on_zero(cx, b);
    let value = cx.g.fop(Op::FDiv, &[a, b]);
    cx.put("result", value, Type::Float64);
    Ok(())
}

fn modulo(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let a = cx.number("a")?;
    constant_zero(cx)?;
    let b = cx.number("b")?;
    if b.ty.is_float() || a.ty.is_float() {
        let divisor = as_float(cx, &b);
        trap_on_zero(cx, divisor);
    }
    let result = numeric(cx, &[a, b], Op::IRem, Op::FRem);
    cx.set("result", result);
    Ok(())
}

fn clamp(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let (value, min, max) = (cx.number("value")?, cx.number("min")?, cx.number("max")?);
    let float = [&value, &min, &max].iter().any(|operand| operand.ty.is_float());
    let result = if float {
        let (value, min, max) = (as_float(cx, &value), as_float(cx, &min), as_float(cx, &max));
        let inverted = cx.g.cmp(Op::FCmp, Cond::Gt, min, max);
        cx.g.trap_if(inverted, TrapCode::BadArgument);
        let low = cx.g.fop(Op::FMax, &[value, min]);
        Operand::new(cx.g.fop(Op::FMin, &[low, max]), Type::Float64)
    } else {
        let (value, min, max) = (as_int(cx, &value), as_int(cx, &min), as_int(cx, &max));
        let inverted = cx.g.cmp(Op::ICmp, Cond::Gt, min, max);
        cx.g.trap_if(inverted, TrapCode::BadArgument);
        let low = cx.g.iop(Op::IMax, &[value, min]);
        Operand::new(cx.g.iop(Op::IMin, &[low, max]), Type::INT)
    };
    cx.set("result", result);
    Ok(())
}
