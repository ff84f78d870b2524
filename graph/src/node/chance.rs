//! Chance: deterministic random streams (R6.2).

use statewright_types::{TrapCode, Type};

use super::array::{array_input, array_path};
use super::array_lambda::{field_value, over};
use super::{Category, Effect, Example, InputPort, NodeRow, OutputPort, ROW, constant, input, optional, output};
use crate::check::codes;
use crate::ir::{Cond, Imm, Op, Value};
use crate::lower::{Abort, Cx, Operand};

const CHANCE: NodeRow = NodeRow { category: Category::Chance, effects: &[Effect::Draws], charged: false, ..ROW };
const DOCS: &str = "Draws from a stream of its own name, by default the handler's, so that draws elsewhere never shift these. \
                    The same seed gives the same values.";
const STREAM: InputPort = optional("stream", "string", "The stream to draw from; by default the handler's name.");

const fn value(ty: &'static str) -> OutputPort {
    output("value", ty, "The drawn value.").or(&["result"])
}

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "RandomInt",
        summary: "An integer from `min` to `max`, both included.",
        docs: DOCS,
        inputs: &[input("min", "int64", "One bound."), input("max", "int64", "The other bound."), STREAM],
        outputs: &[value("int64")],
        example: Example::Outputs { inputs: r#"{"min": 4, "max": 4}"#, outputs: r#"{"value": 4}"# },
        lower: |cx| {
            let (min, max) = (cx.int("min")?, cx.int("max")?);
            let stream = stream(cx)?;
            let drawn = cx.g.iop(Op::RandInt, &[min, max, stream]);
            cx.put("value", drawn, Type::INT);
            Ok(())
        },
        ..CHANCE
    },
    float_row("RandomFloat", false),
    float_row("Random", true),
    NodeRow {
        name: "RandomBool",
        summary: "True with a given probability.",
        docs: DOCS,
        inputs: &[input("probability", "float64", "From 0, never, to 1, always."), STREAM],
        outputs: &[value("bool")],
        example: Example::Outputs { inputs: r#"{"probability": 1}"#, outputs: r#"{"value": true}"# },
        lower: |cx| {
            let probability = cx.float("probability")?;
            let stream = stream(cx)?;
            let drawn = cx.g.fop(Op::RandUnit, &[stream]);
            let drawn = cx.g.cmp(Op::FCmp, Cond::Lt, drawn, probability);
            cx.put("value", drawn, Type::Bool);
            Ok(())
        },
        ..CHANCE
    },
    NodeRow {
        name: "RollDice",
        summary: "The sum of several dice.",
        docs: DOCS,
        inputs: &[
            input("count", "int64", "How many, at least 1."),
            input("sides", "int64", "Of each, at least 1."),
            STREAM,
        ],
        outputs: &[output("result", "int64", "The sum.").or(&["value"])],
        errors: &[TrapCode::BadArgument, TrapCode::Overflow],
        fuel: "the number of dice",
        example: Example::Outputs { inputs: r#"{"count": 3, "sides": 1}"#, outputs: r#"{"result": 3}"# },
        lower: dice,
        ..CHANCE
    },
    NodeRow {
        name: "Shuffle",
        summary: "The elements of an array in random order, as a new array.",
        docs: DOCS,
        inputs: &[array_input(), array_path(), STREAM],
        outputs: &[output("result", "[]T", "The new array.")],
        charged: true,
        fuel: "the length of the array",
        example: Example::Outputs { inputs: r#"{"array": [7, 7]}"#, outputs: r#"{"result": [7, 7]}"# },
        lower: shuffle,
        ..CHANCE
    },
    NodeRow {
        name: "RandomPick",
        summary: "A random element of an array.",
        docs: DOCS,
        inputs: &[array_input(), array_path(), STREAM],
        outputs: &[output("item", "T", "The element.")],
        errors: &[TrapCode::BadArgument],
        example: Example::Outputs { inputs: r#"{"array": [7, 7]}"#, outputs: r#"{"item": 7}"# },
        lower: |cx| {
            let list = cx.list("array")?;
            let stream = stream(cx)?;
            let (length, one, zero) = (cx.g.iop(Op::ListLen, &[list.value]), cx.g.int(1), cx.g.int(0));
            let none = cx.g.cmp(Op::ICmp, Cond::Eq, length, zero);
            cx.g.trap_if(none, TrapCode::BadArgument);
            let last = cx.g.iop(Op::ISub, &[length, one]);
            let index = cx.g.iop(Op::RandInt, &[zero, last, stream]);
            let item = cx.g.element(&list, index);
            cx.set("item", item);
            Ok(())
        },
        ..CHANCE
    },
    NodeRow {
        name: "WeightedPick",
        summary: "A random element of an array, the likelier the greater its weight.",
        docs: "The weights are a field of the elements or an array of their own. Negative ones, none above zero, an infinite \
               sum or NaN, and another number of weights than of elements are `bad_argument`. Draws from a stream of its own \
               name, by default the handler's.",
        inputs: &[
            array_input(),
            array_path(),
            constant("weightField", "The field that holds the weight.").optional(),
            optional("weights", "[]float64", "The weights, in the order of the elements, instead of `weightField`."),
            STREAM,
        ],
        outputs: &[output("item", "T", "The element."), output("index", "int64", "Its index.")],
        errors: &[TrapCode::BadArgument, TrapCode::StaleReference],
        fuel: "the length of the array",
        example: Example::Outputs {
            inputs: r#"{"array": ["dust", "gold"], "weights": [0, 2.5]}"#,
            outputs: r#"{"item": "gold", "index": 1}"#,
        },
        lower: weighted_pick,
        ..CHANCE
    },
    NodeRow {
        name: "RandomNormal",
        summary: "A float that is normally distributed.",
        docs: "By Box and Muller, from two floats of the stream.",
        inputs: &[
            input("mean", "float64", "The mean.").default("0.0"),
            input("deviation", "float64", "The standard deviation.").default("1.0"),
            STREAM,
        ],
        outputs: RESULT,
        example: Example::Outputs { inputs: r#"{"mean": 2.5, "deviation": 0}"#, outputs: r#"{"result": 2.5}"# },
        lower: random_normal,
        ..CHANCE
    },
];

const BOUNDS: &[InputPort] =
    &[input("min", "float64", "One bound."), input("max", "float64", "The other bound."), STREAM];
const DEFAULT_BOUNDS: &[InputPort] = &[
    input("min", "float64", "One bound.").default("0.0"),
    input("max", "float64", "The other bound.").default("1.0"),
    STREAM,
];
const VALUE: &[OutputPort] = &[value("float64")];
const RESULT: &[OutputPort] = &[output("result", "float64", "The drawn value.").or(&["value"])];

const fn float_row(name: &'static str, defaults: bool) -> NodeRow {
    NodeRow {
        name,
        summary: "A float from `min` up to, not including, `max`.",
        docs: DOCS,
        inputs: if defaults { DEFAULT_BOUNDS } else { BOUNDS },
        outputs: if defaults { RESULT } else { VALUE },
        example: Example::Outputs {
            inputs: r#"{"min": 2.5, "max": 2.5}"#,
            outputs: if defaults { r#"{"result": 2.5}"# } else { r#"{"value": 2.5}"# },
        },
        lower: |cx| {
            let (min, max) = (cx.float("min")?, cx.float("max")?);
            let stream = stream(cx)?;
            let drawn = cx.g.fop(Op::RandFloat, &[min, max, stream]);
            let port = cx.row.outputs[0].name;
            cx.put(port, drawn, Type::Float64);
            Ok(())
        },
        ..CHANCE
    }
}

/// The stream to draw from.
fn stream(cx: &mut Cx<'_, '_>) -> Result<Value, Abort> {
    match cx.optional_typed("stream", &Type::String)? {
        Some(stream) => Ok(stream.value),
        None => Ok(cx.g.op(Op::Stream, &[], Imm::None, Type::String)),
    }
}

fn dice(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let (count, sides) = (cx.int("count")?, cx.int("sides")?);
    let stream = stream(cx)?;
    let one = cx.g.int(1);
    for value in [count, sides] {
        let few = cx.g.cmp(Op::ICmp, Cond::Lt, value, one);
        cx.g.trap_if(few, TrapCode::BadArgument);
    }
    let total = cx.g.builder.var(Type::INT);
    let zero = cx.g.int(0);
    cx.g.builder.set(total, zero);
    cx.g.count(count, &mut |g, _, _| {
        g.fuel(1);
        let rolled = g.iop(Op::RandInt, &[one, sides, stream]);
        let so_far = g.builder.get(total);
        let next = g.iop(Op::IAdd, &[so_far, rolled]);
        g.builder.set(total, next);
        Ok(())
    })?;
    let value = cx.g.builder.get(total);
    cx.put("result", value, Type::INT);
    Ok(())
}

/// mean + deviation · √(−2 ln(1−u)) · cos(2πv)
fn random_normal(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let (mean, deviation) = (cx.float("mean")?, cx.float("deviation")?);
    let stream = stream(cx)?;
    let g = &mut *cx.g;
    let (u, v) = (g.fop(Op::RandUnit, &[stream]), g.fop(Op::RandUnit, &[stream]));
    let (one, minus_two, turn) = (g.float(1.0), g.float(-2.0), g.float(std::f64::consts::TAU));
    let rest = g.fop(Op::FSub, &[one, u]);
    let log = g.fop(Op::FLog, &[rest]);
    let square = g.fop(Op::FMul, &[minus_two, log]);
    let radius = g.fop(Op::FSqrt, &[square]);
    let angle = g.fop(Op::FMul, &[turn, v]);
    let cosine = g.fop(Op::FCos, &[angle]);
    let normal = g.fop(Op::FMul, &[radius, cosine]);
    let scaled = g.fop(Op::FMul, &[deviation, normal]);
    let value = g.fop(Op::FAdd, &[mean, scaled]);
    cx.put("result", value, Type::Float64);
    Ok(())
}

/// The weights of an array's elements, an []float64.
fn weights(cx: &mut Cx<'_, '_>, list: &Operand) -> Result<Value, Abort> {
    let floats = Type::list(Type::Float64);
    let Some((field, _)) = cx.constant("weightField")? else {
        return match cx.optional_typed("weights", &floats)? {
            Some(weights) => Ok(weights.value),
            None => Err(cx.missing("`weightField` or `weights`", "say how likely each element is")),
        };
    };
    let made = cx.g.op(Op::ListNew, &[], Imm::Type(floats.clone()), floats);
    over(cx, list, false, &mut |cx, _, item, _| {
        let weight = field_value(cx, item, &field)?;
        let weight = cx.with_site("weightField", |cx, site| cx.g.convert(weight, &Type::Float64, site))?;
        cx.g.act(Op::ListPush, &[made, weight.value], Imm::None);
        Ok(())
    })?;
    Ok(made)
}

/// Walks the weights with f × their sum, which goes from left to right.
fn weighted_pick(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let weights = weights(cx, &list)?;
    let stream = stream(cx)?;
    let g = &mut *cx.g;
    let (length, given) = (g.iop(Op::ListLen, &[list.value]), g.iop(Op::ListLen, &[weights]));
    g.act(Op::FuelN, &[length], Imm::None);
    let differ = g.cmp(Op::ICmp, Cond::Ne, length, given);
    g.trap_if(differ, TrapCode::BadArgument);
    let (total, picked) = (g.builder.var(Type::Float64), g.builder.var(Type::INT));
    let (zero, none) = (g.float(0.0), g.int(-1));
    g.builder.set(total, zero);
    g.builder.set(picked, none);
    // Should rounding take f × total up to the total, it is the last one that has a weight.
    g.count(length, &mut |g, index, _| {
        let weight = g.op(Op::ListGet, &[weights, index], Imm::None, Type::Float64);
        let good = g.cmp(Op::FCmp, Cond::Ge, weight, zero);
        let bad = g.bop(Op::Not, &[good]);
        g.trap_if(bad, TrapCode::BadArgument);
        let so_far = g.builder.get(total);
        let sum = g.fop(Op::FAdd, &[so_far, weight]);
        g.builder.set(total, sum);
        let positive = g.cmp(Op::FCmp, Cond::Gt, weight, zero);
        let last = g.builder.get(picked);
        let last = g.op(Op::Select, &[positive, index, last], Imm::None, Type::INT);
        g.builder.set(picked, last);
        Ok(())
    })?;
    let (sum, infinity) = (g.builder.get(total), g.float(f64::INFINITY));
    let nothing = g.cmp(Op::FCmp, Cond::Le, sum, zero);
    let endless = g.cmp(Op::FCmp, Cond::Eq, sum, infinity);
    let unusable = g.bop(Op::Or, &[nothing, endless]);
    g.trap_if(unusable, TrapCode::BadArgument);
    let unit = g.fop(Op::RandUnit, &[stream]);
    let target = g.fop(Op::FMul, &[unit, sum]);
    let reached = g.builder.var(Type::Float64);
    g.builder.set(reached, zero);
    g.count(length, &mut |g, index, done| {
        let weight = g.op(Op::ListGet, &[weights, index], Imm::None, Type::Float64);
        let so_far = g.builder.get(reached);
        let sum = g.fop(Op::FAdd, &[so_far, weight]);
        g.builder.set(reached, sum);
        let here = g.cmp(Op::FCmp, Cond::Lt, target, sum);
        let (leave, stay) = g.fork(here);
        g.builder.switch_to(leave);
        g.builder.set(picked, index);
        g.builder.jump(done);
        g.builder.switch_to(stay);
        Ok(())
    })?;
    let index = g.builder.get(picked);
    let item = g.element(&list, index);
    cx.set("item", item);
    cx.put("index", index, Type::INT);
    Ok(())
}

/// Fisher–Yates from the last index down, over a list of positions, then a copy in that order.
fn shuffle(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    if list.ty.element().is_none_or(crate::lower::is_never) {
        return Err(cx.fail(
            "array",
            codes::TYPE,
            "Shuffle takes an array whose elements have a type",
            "name an array",
        ));
    }
    let stream = stream(cx)?;
    let length = cx.g.iop(Op::ListLen, &[list.value]);
    cx.g.act(Op::FuelN, &[length], Imm::None);
    let positions = Type::map(Type::INT, Type::INT);
    let order = cx.g.op(Op::MapNew, &[], Imm::Type(positions.clone()), positions);
    cx.g.count(length, &mut |g, index, _| {
        g.act(Op::MapPut, &[order, index, index], Imm::None);
        Ok(())
    })?;
    let (zero, one) = (cx.g.int(0), cx.g.int(1));
    let last = cx.g.iop(Op::ISub, &[length, one]);
    cx.g.count(last, &mut |g, step, _| {
        let i = g.iop(Op::ISub, &[last, step]);
        let j = g.iop(Op::RandInt, &[zero, i, stream]);
        let at = |g: &mut crate::lower::GraphCx<'_>, index| g.op(Op::MapValueAt, &[order, index], Imm::None, Type::INT);
        let (x, y) = (at(g, i), at(g, j));
        g.act(Op::MapPut, &[order, i, y], Imm::None);
        g.act(Op::MapPut, &[order, j, x], Imm::None);
        Ok(())
    })?;
    let ty = list.ty.clone();
    let result = cx.g.op(Op::ListNew, &[], Imm::Type(ty.clone()), ty.clone());
    cx.g.count(length, &mut |g, index, _| {
        let from = g.op(Op::MapValueAt, &[order, index], Imm::None, Type::INT);
        let item = g.element(&list, from);
        let value = g.owned(&item);
        g.act(Op::ListPush, &[result, value], Imm::None);
        Ok(())
    })?;
    cx.put("result", result, ty);
    Ok(())
}
