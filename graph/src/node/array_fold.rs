//! Arrays brought down to one value, or each element to several.

use statewright_types::{TrapCode, Type};

use super::array::{ARRAY, array_input, array_path};
use super::array_lambda::{FIELD, PREDICATE, element_value, field_value, over};
use super::{Example, InputPort, NodeRow, constant, input, lambda, output};
use crate::check::codes;
use crate::ir::{Cond, Imm, Op};
use crate::lower::{Abort, Cx, Operand, is_never};

const ERRORS: &[TrapCode] = &[TrapCode::StaleReference];

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "Average",
        summary: "The mean of an array's numbers, or of a field of its structs.",
        docs: "The sum as floats, left to right, divided by the length. The average of nothing is 0.",
        inputs: &[array_input(), array_path(), FIELD],
        outputs: &[output("result", "float64", "The mean.")],
        fuel: "the length of the array",
        errors: ERRORS,
        example: Example::Outputs {
            inputs: r#"{"array": "state:Players", "field": "Score"}"#,
            outputs: r#"{"result": 20.0}"#,
        },
        lower: average,
        ..ARRAY
    },
    NodeRow {
        name: "Reduce",
        summary: "One value, made step by step from all elements.",
        docs: "`value` gives the new value from the one so far, `loop:acc`, and the element. Its type is one that holds \
               `initial` and all that `value` gives.",
        inputs: &[
            array_input(),
            array_path(),
            input("initial", "any", "The value before the first element."),
            lambda("value", "any", "The new value, with `loop:acc`, `loop:item` and `loop:index`."),
        ],
        outputs: &[output("result", "any", "The value after the last element.")],
        fuel: "the length of the array",
        errors: ERRORS,
        example: Example::Handler {
            nodes: r#"[{"id": "m", "type": "Multiply", "inputs": {"a": "loop:acc", "b": "loop:item"}},
{"id": "r", "type": "Reduce", "inputs": {"array": [2, 3, 7], "initial": 1, "value": "node:m:result"}},
{"id": "s", "type": "SetField", "inputs": {"path": "Round", "value": "node:r:result"}}]"#,
            flow: r#"[{"from": "start", "to": "s"}]"#,
            expect: r#"{"state": {"Round": 42}}"#,
        },
        lower: reduce,
        ..ARRAY
    },
    NodeRow {
        name: "FlatMap",
        summary: "The arrays computed from each element, one after the other, as a new array.",
        inputs: &[
            array_input(),
            array_path(),
            lambda("value", "[]U", "The array, with `loop:item` and `loop:index`.").optional(),
            FIELD,
        ],
        outputs: &[output("result", "[]U", "All their elements, in order.")],
        fuel: "the length of the array and of the result",
        errors: ERRORS,
        example: Example::Outputs {
            inputs: r#"{"array": "state:Players", "field": "Hand"}"#,
            outputs: r#"{"result": [4, 1, 3, 2]}"#,
        },
        lower: flat_map,
        ..ARRAY
    },
    NodeRow {
        name: "Nearest",
        summary: "The element whose coordinates are nearest to a point.",
        docs: "The first of equals. NaN distances count last. Nothing found gives null for structs, else zero.",
        inputs: &[
            array_input(),
            array_path(),
            input("x", "float64", "Abscissa of the point."),
            input("y", "float64", "Ordinate of the point."),
            constant("xField", "The field that holds an element's abscissa."),
            constant("yField", "The field that holds an element's ordinate."),
            InputPort { need: super::Need::Optional, ..PREDICATE },
        ],
        outputs: &[
            output("item", "T", "The element."),
            output("index", "int64", "Its index, or −1."),
            output("distance", "float64", "Its distance, or 0."),
            output("found", "bool", "Whether there is one."),
        ],
        charged: false,
        fuel: "the length of the array",
        errors: ERRORS,
        example: Example::Outputs {
            inputs: r#"{"array": "state:Players", "x": 0, "y": 7, "xField": "Lat", "yField": "Score"}"#,
            outputs: r#"{"index": 1, "distance": 3.0, "found": true}"#,
        },
        lower: nearest,
        ..ARRAY
    },
];

fn average(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let field = cx.constant("field")?.map(|(field, _)| field);
    let total = cx.g.builder.var(Type::Float64);
    let zero = cx.g.float(0.0);
    cx.g.builder.set(total, zero);
    over(cx, &list, true, &mut |cx, _, item, _| {
        if is_never(&item.ty) {
            return Ok(());
        }
        let value = match &field {
            Some(field) => field_value(cx, item, field)?,
            None => item.clone(),
        };
        if !value.ty.is_number() {
            let message = format!(
                "Average takes an array of numbers, or of structs with `field`, and this is {}",
                cx.g.show(&value.ty)
            );
            return Err(cx.fail("array", codes::TYPE, message, "name the number to average with `field`"));
        }
        let value = super::math::as_float(cx, &value);
        let so_far = cx.g.builder.get(total);
        let sum = cx.g.fop(Op::FAdd, &[so_far, value]);
        cx.g.builder.set(total, sum);
        Ok(())
    })?;
    let (sum, length) = (cx.g.builder.get(total), cx.g.iop(Op::ListLen, &[list.value]));
    let one = cx.g.int(1);
    // Of nothing: 0 / 1.
    let divisor = cx.g.iop(Op::IMax, &[length, one]);
    let divisor = cx.g.fop(Op::IToF, &[divisor]);
    let value = cx.g.fop(Op::FDiv, &[sum, divisor]);
    cx.put("result", value, Type::Float64);
    Ok(())
}

fn reduce(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let initial = cx.input("initial")?;
    cx.accumulate("initial", initial)?;
    over(cx, &list, true, &mut |cx, _, _, _| {
        let so_far = cx.accumulated()?;
        cx.g.bind("acc", so_far);
        let value = cx.lambda("value", None)?;
        cx.accumulate("value", value)
    })?;
    let result = cx.accumulated()?;
    cx.set("result", result);
    Ok(())
}

fn flat_map(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let field = cx.constant("field")?.map(|(field, _)| field);
    let before = cx.g.builder.current();
    let mut made: Option<Operand> = None;
    over(cx, &list, true, &mut |cx, _, item, _| {
        let inner = element_value(cx, "value", item, field.as_ref())?;
        let port = if field.is_some() { "field" } else { "value" };
        let inner = cx.with_site(port, |cx, site| cx.g.non_null(inner, site))?;
        if !matches!(inner.ty, Type::List(_)) {
            let message = format!("FlatMap needs an array for each element, and this is {}", cx.g.show(&inner.ty));
            return Err(cx.fail(port, codes::TYPE, message, "for a single value use MapArray"));
        }
        let ty = inner.ty.clone();
        let result = cx.g.op_in(before, Op::ListNew, Imm::Type(ty.clone()), ty.clone());
        let length = cx.g.iop(Op::ListLen, &[inner.value]);
        cx.g.act(Op::FuelN, &[length], Imm::None);
        made = Some(Operand::new(result, ty));
        cx.g.count(length, &mut |g, index, _| {
            let element = g.element(&inner, index);
            let value = g.owned(&element);
            g.act(Op::ListPush, &[result, value], Imm::None);
            Ok(())
        })
    })?;
    let made = made.ok_or(Abort)?;
    cx.set("result", made);
    Ok(())
}

fn nearest(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let (x, y) = (cx.float("x")?, cx.float("y")?);
    let (Some((x_field, _)), Some((y_field, _))) = (cx.constant("xField")?, cx.constant("yField")?) else {
        return Err(Abort);
    };
    let (at, best) = (cx.g.builder.var(Type::INT), cx.g.builder.var(Type::Float64));
    let (none, zero) = (cx.g.int(-1), cx.g.float(0.0));
    cx.g.builder.set(at, none);
    cx.g.builder.set(best, zero);
    over(cx, &list, true, &mut |cx, index, item, _| {
        let counts = match cx.has("predicate") {
            true => cx.lambda("predicate", Some(&Type::Bool))?.value,
            false => cx.g.bool(true),
        };
        let (inside, outside) = cx.g.fork(counts);
        let join = cx.g.builder.block();
        cx.g.builder.switch_to(outside);
        cx.g.builder.jump(join);
        cx.g.builder.switch_to(inside);
        let mut coordinate = |port: &str, field| {
            let value = field_value(cx, item, field)?;
            cx.with_site(port, |cx, site| cx.g.convert(value, &Type::Float64, site)).map(|operand| operand.value)
        };
        let place = (coordinate("xField", &x_field)?, coordinate("yField", &y_field)?);
        let distance = super::math::distance_squared(cx, (x, y), place);
        let (so_far, nearest) = (cx.g.builder.get(at), cx.g.builder.get(best));
        let first = cx.g.cmp(Op::ICmp, Cond::Eq, so_far, none);
        let distance = Operand::new(distance, Type::Float64);
        let wins = super::array_lambda::ordered(cx, &distance, nearest, Cond::Lt);
        let take = cx.g.bop(Op::Or, &[first, wins]);
        cx.g.only_if(take, &mut |g| {
            g.builder.set(at, index);
            g.builder.set(best, distance.value);
            Ok(())
        })?;
        cx.g.join_at(join);
        Ok(())
    })?;
    let (index, zero) = (cx.g.builder.get(at), cx.g.int(0));
    let found = cx.g.cmp(Op::ICmp, Cond::Ge, index, zero);
    let item = cx.g.element_or_null(&list, index, found);
    let squared = cx.g.builder.get(best);
    let distance = cx.g.fop(Op::FSqrt, &[squared]);
    cx.set("item", item);
    cx.put("index", index, Type::INT);
    cx.put("distance", distance, Type::Float64);
    cx.put("found", found, Type::Bool);
    Ok(())
}
