//! Array nodes that evaluate something for each element.

use std::sync::Arc;

use statewright_types::{IntKind, TrapCode, Type};

use super::array::{ARRAY, array_input, array_path};
use super::{Effect, Example, InputPort, Kind, NodeRow, constant, input, lambda, optional, output, path};
use crate::check::codes;
use crate::document::InputKind;
use crate::ir::{Cond, Imm, Op, Value};
use crate::lower::{Abort, Cx, GraphCx, Operand};

pub(super) const PREDICATE: InputPort =
    lambda("predicate", "bool", "The condition, with `loop:item` and `loop:index`.");
pub(super) const FIELD: InputPort = constant("field", "Which field, instead of a computed value.").optional();

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "FilterArray",
        summary: "The elements for which a condition holds, as a new array.",
        docs: "The condition is `predicate`, or `field op value`. Elements of a state array stay live references.",
        inputs: &[
            array_input(),
            array_path(),
            InputPort { need: super::Need::Optional, ..PREDICATE },
            FIELD,
            constant("op", "The operator, with `field`.").optional(),
            optional("value", "any", "What to compare with, with `field`."),
        ],
        outputs: &[output("result", "[]T", "Those elements, in order.")],
        fuel: "the length of the array",
        errors: &[TrapCode::StaleReference],
        example: Example::Outputs {
            inputs: r#"{"array": "state:Players[0].Hand", "predicate": true}"#,
            outputs: r#"{"result": [4, 1, 3]}"#,
        },
        lower: filter,
        ..ARRAY
    },
    NodeRow {
        name: "MapArray",
        summary: "A value computed from each element, as a new array.",
        inputs: &[
            array_input(),
            array_path(),
            lambda("value", "any", "The value, with `loop:item` and `loop:index`.").optional(),
            FIELD,
        ],
        outputs: &[output("result", "[]U", "The values, in order.")],
        fuel: "the length of the array",
        errors: &[TrapCode::StaleReference],
        example: Example::Outputs {
            inputs: r#"{"array": "state:Players", "field": "Score"}"#,
            outputs: r#"{"result": [30, 10]}"#,
        },
        lower: map_array,
        ..ARRAY
    },
    NodeRow {
        name: "Sum",
        summary: "The sum of an array's numbers, or of a field of its structs.",
        docs: "Left to right. The sum of nothing is 0.",
        inputs: &[array_input(), array_path(), FIELD],
        outputs: &[output("result", "number", "int64 for integers, else float64.")],
        fuel: "the length of the array",
        errors: &[TrapCode::Overflow, TrapCode::StaleReference],
        example: Example::Outputs {
            inputs: r#"{"array": "state:Players", "field": "Score"}"#,
            outputs: r#"{"result": 40}"#,
        },
        lower: sum,
        ..ARRAY
    },
    NodeRow {
        name: "Any",
        summary: "Whether a condition holds for at least one element.",
        inputs: &[array_input(), array_path(), PREDICATE],
        outputs: &[output("result", "bool", "The answer.")],
        fuel: "1 for each element up to and including the hit",
        errors: &[TrapCode::StaleReference],
        example: Example::Outputs {
            inputs: r#"{"array": [1, 2], "predicate": false}"#,
            outputs: r#"{"result": false}"#,
        },
        lower: |cx| quantify(cx, true),
        ..ARRAY
    },
    NodeRow {
        name: "All",
        summary: "Whether a condition holds for every element.",
        inputs: &[array_input(), array_path(), PREDICATE],
        outputs: &[output("result", "bool", "The answer.")],
        fuel: "1 for each element up to and including the first for which it does not hold",
        errors: &[TrapCode::StaleReference],
        example: Example::Outputs { inputs: r#"{"array": [1, 2], "predicate": true}"#, outputs: r#"{"result": true}"# },
        lower: |cx| quantify(cx, false),
        ..ARRAY
    },
    best_row("MinBy", "The element with the smallest key.", r#"{"index": 1, "found": true}"#, |cx| best(cx, Cond::Lt)),
    best_row("MaxBy", "The element with the largest key.", r#"{"index": 0, "found": true}"#, |cx| best(cx, Cond::Gt)),
    NodeRow {
        name: "RemoveWhere",
        summary: "Removes all elements of a state array for which a condition holds.",
        inputs: &[path("The array."), PREDICATE],
        outputs: &[output("count", "int64", "How many were removed.")],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        fuel: "the length of the array",
        errors: &[TrapCode::NotFound, TrapCode::StaleReference, TrapCode::NullReference, TrapCode::IndexOutOfRange],
        example: Example::Handler {
            nodes: r#"[{"id": "c", "type": "Compare", "inputs": {"left": "loop:item", "op": "<", "right": 4}},
{"id": "r", "type": "RemoveWhere", "inputs": {"path": "Players[0].Hand", "predicate": "node:c:result"}}]"#,
            flow: r#"[{"from": "start", "to": "r"}]"#,
            expect: r#"{"state": {"Players[0].Hand": [4]}}"#,
        },
        lower: |cx| {
            let count = remove_live(cx)?;
            cx.put("count", count, Type::INT);
            Ok(())
        },
        ..ARRAY
    },
    NodeRow {
        name: "Reverse",
        summary: "The elements in the opposite order, as a new array.",
        inputs: &[array_input(), array_path()],
        outputs: &[output("result", "[]T", "The new array.")],
        fuel: "the length of the result",
        example: Example::Outputs { inputs: r#"{"array": [1, 2, 3]}"#, outputs: r#"{"result": [3, 2, 1]}"# },
        lower: |cx| {
            let list = cx.list("array")?;
            let length = cx.g.iop(Op::ListLen, &[list.value]);
            let result = new_list(cx, &list);
            cx.g.act(Op::FuelN, &[length], Imm::None);
            cx.g.count(length, &mut |g, index, _| {
                let one = g.int(1);
                let last = g.iop(Op::ISub, &[length, one]);
                let from = g.iop(Op::ISub, &[last, index]);
                push(g, &result, &list, from);
                Ok(())
            })?;
            cx.set("result", result);
            Ok(())
        },
        ..ARRAY
    },
    NodeRow {
        name: "Slice",
        summary: "The elements from one index up to, not including, another.",
        docs: "Indices outside the array are moved to its ends.",
        inputs: &[
            array_input(),
            array_path(),
            input("start", "int64", "First index."),
            optional("end", "int64", "Index after the last; without it, the end of the array."),
        ],
        outputs: &[output("result", "[]T", "The new array.")],
        fuel: "the length of the result",
        example: Example::Outputs { inputs: r#"{"array": [1, 2, 3], "start": 1}"#, outputs: r#"{"result": [2, 3]}"# },
        lower: slice,
        ..ARRAY
    },
];

type Lower = fn(&mut Cx<'_, '_>) -> Result<(), Abort>;

const BEST_INPUTS: &[InputPort] = &[
    array_input(),
    array_path(),
    lambda("key", "number or text", "The key, with `loop:item` and `loop:index`.").optional(),
    FIELD,
];
const BEST_OUTPUTS: &[super::OutputPort] = &[
    output("item", "T", "The element."),
    output("index", "int64", "Its index, or −1."),
    output("found", "bool", "Whether there is one."),
];

const fn best_row(name: &'static str, summary: &'static str, outputs: &'static str, lower: Lower) -> NodeRow {
    NodeRow {
        name,
        summary,
        docs: "The first of equals. NaN keys count last. An empty array gives null for structs, else zero.",
        inputs: BEST_INPUTS,
        outputs: BEST_OUTPUTS,
        charged: false,
        fuel: "the length of the array",
        errors: &[TrapCode::StaleReference],
        example: Example::Outputs { inputs: r#"{"array": "state:Players", "field": "Score"}"#, outputs },
        lower,
        ..ARRAY
    }
}

/// An empty array of the list's type.
pub(super) fn new_list(cx: &mut Cx<'_, '_>, list: &Operand) -> Operand {
    let ty = list.ty.clone();
    Operand::new(cx.g.op(Op::ListNew, &[], Imm::Type(ty.clone()), ty.clone()), ty)
}

pub(super) fn push(g: &mut GraphCx<'_>, result: &Operand, list: &Operand, index: Value) {
    let item = g.element(list, index);
    let value = g.owned(&item);
    g.act(Op::ListPush, &[result.value, value], Imm::None);
}

/// Reads a struct element's field.
pub(super) fn field_value(cx: &mut Cx<'_, '_>, item: &Operand, field: &Arc<str>) -> Result<Operand, Abort> {
    cx.with_site("field", |cx, site| cx.g.step(item.clone(), &crate::lower::Planned::Field(field.clone()), site))
}

/// A loop over the elements that gives the node's context back to `body`.
pub(super) fn over(
    cx: &mut Cx<'_, '_>,
    list: &Operand,
    fuel: bool,
    body: &mut dyn FnMut(&mut Cx<'_, '_>, Value, &Operand, crate::ir::BlockId) -> Result<(), Abort>,
) -> Result<(), Abort> {
    let (node, row, instance) = (cx.node, cx.row, cx.instance);
    let mut run = |g: &mut GraphCx<'_>, index: Value, item: &Operand, done: crate::ir::BlockId| {
        let mut inner = Cx::nested(g, node, row, instance);
        body(&mut inner, index, item, done)
    };
    cx.g.each(node, list, fuel, &mut run)
}

/// What `predicate`, or `field op value`, says of an element; `value` has been evaluated before the loop.
fn condition(
    cx: &mut Cx<'_, '_>,
    item: &Operand,
    field: Option<&(Arc<str>, Arc<str>, Operand)>,
) -> Result<Value, Abort> {
    match field {
        None => Ok(cx.lambda("predicate", Some(&Type::Bool))?.value),
        Some((field, op, value)) => {
            let left = field_value(cx, item, field)?;
            super::logic::compare(cx, "op", left, op, value.clone())
        }
    }
}

fn filter(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let field = if cx.has("predicate") {
        None
    } else {
        let given = cx.has("field") && cx.has("op") && cx.has("value");
        if !given {
            return Err(cx.missing("its condition", "give `predicate`, or all of `field`, `op` and `value`"));
        }
        let (Some((field, _)), Some((op, _))) = (cx.constant("field")?, cx.constant("op")?) else { return Err(Abort) };
        Some((field, op, cx.input("value")?))
    };
    let result = new_list(cx, &list);
    over(cx, &list, true, &mut |cx, _, item, _| {
        let selected = condition(cx, item, field.as_ref())?;
        let value = cx.g.owned(item);
        cx.g.only_if(selected, &mut |g| {
            g.act(Op::ListPush, &[result.value, value], Imm::None);
            Ok(())
        })
    })?;
    cx.set("result", result);
    Ok(())
}

/// The type of a lambda or field for each element, found by lowering it where nothing runs.
pub(super) fn element_value(
    cx: &mut Cx<'_, '_>,
    port: &str,
    item: &Operand,
    field: Option<&Arc<str>>,
) -> Result<Operand, Abort> {
    match field {
        Some(field) => field_value(cx, item, field),
        None if cx.has(port) => cx.lambda(port, None),
        None => Err(cx.missing(&format!("`{port}` or `field`"), "say what to compute for each element")),
    }
}

fn map_array(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let field = cx.constant("field")?.map(|(field, _)| field);
    // The result's type is known only when the first element has been lowered: make the array then, before the loop.
    let before = cx.g.builder.current();
    let mut made: Option<Operand> = None;
    over(cx, &list, true, &mut |cx, _, item, _| {
        let value = element_value(cx, "value", item, field.as_ref())?;
        let ty = Type::list(value.ty.clone());
        let result = cx.g.op_in(before, Op::ListNew, Imm::Type(ty.clone()), ty.clone());
        let owned = cx.g.owned(&value);
        cx.g.act(Op::ListPush, &[result, owned], Imm::None);
        made = Some(Operand::new(result, ty));
        Ok(())
    })?;
    if let Some(made) = made {
        cx.set("result", made);
    }
    Ok(())
}

fn sum(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let field = cx.constant("field")?.map(|(field, _)| field);
    let ty = match (&field, list.ty.element()) {
        (Some(field), Some(Type::Struct(id))) => {
            let def = cx.g.schema().get(*id);
            def.field(field).map(|index| def.fields[index].ty.loaded())
        }
        (None, Some(element)) => Some(element.loaded()),
        _ => None,
    };
    let ty = ty.filter(|ty| ty.is_number() || crate::lower::is_never(ty));
    let Some(ty) = ty else {
        let message =
            format!("Sum takes an array of numbers, or of structs with `field`, and this is {}", cx.g.show(&list.ty));
        return Err(cx.fail("array", codes::TYPE, message, "name the number to add up with `field`"));
    };
    let float = ty.is_float();
    let total = cx.g.builder.var(if float { Type::Float64 } else { Type::INT });
    let zero = if float { cx.g.float(0.0) } else { cx.g.int(0) };
    cx.g.builder.set(total, zero);
    over(cx, &list, true, &mut |cx, _, item, _| {
        let value = match &field {
            Some(field) => field_value(cx, item, field)?,
            None => item.clone(),
        };
        if crate::lower::is_never(&value.ty) {
            return Ok(());
        }
        let so_far = cx.g.builder.get(total);
        let so_far = Operand::new(so_far, if float { Type::Float64 } else { Type::INT });
        let next = super::math::numeric(cx, &[so_far, value], Op::IAdd, Op::FAdd);
        cx.g.builder.set(total, next.value);
        Ok(())
    })?;
    let value = cx.g.builder.get(total);
    cx.put("result", value, if float { Type::Float64 } else { Type::INT });
    Ok(())
}

fn quantify(cx: &mut Cx<'_, '_>, any: bool) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let result = cx.g.builder.var(Type::Bool);
    let unless = cx.g.bool(!any);
    cx.g.builder.set(result, unless);
    over(cx, &list, true, &mut |cx, _, _, done| {
        let holds = cx.lambda("predicate", Some(&Type::Bool))?.value;
        let stop = if any { holds } else { cx.g.bop(Op::Not, &[holds]) };
        let (leave, stay) = cx.g.fork(stop);
        cx.g.builder.switch_to(leave);
        let answer = cx.g.bool(any);
        cx.g.builder.set(result, answer);
        cx.g.builder.jump(done);
        cx.g.builder.switch_to(stay);
        Ok(())
    })?;
    let value = cx.g.builder.get(result);
    cx.put("result", value, Type::Bool);
    Ok(())
}

fn best(cx: &mut Cx<'_, '_>, better: Cond) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let field = cx.constant("field")?.map(|(field, _)| field);
    let before = cx.g.builder.current();
    let at = cx.g.builder.var(Type::INT);
    let none = cx.g.int(-1);
    cx.g.builder.set(at, none);
    over(cx, &list, true, &mut |cx, index, item, _| {
        let key = element_value(cx, "key", item, field.as_ref())?;
        if !key.ty.is_number() && !key.ty.is_text() {
            let message = format!("a key is a number or text, and this is {}", cx.g.show(&key.ty));
            return Err(cx.fail("key", codes::TYPE, message, "compute a number or text for each element"));
        }
        let ty = key.ty.loaded();
        let best = cx.g.builder.var(ty.clone());
        let (op, worst) = worst(&ty, better);
        let worst = cx.g.op_in(before, op, worst, ty);
        cx.g.builder.set_in(before, best, worst);
        let best_key = cx.g.builder.get(best);
        let mut keep = |g: &mut GraphCx<'_>| {
            g.builder.set(at, index);
            g.builder.set(best, key.value);
            Ok(())
        };
        if key.ty.is_text() {
            let so_far = cx.g.builder.get(at);
            let first = cx.g.cmp(Op::ICmp, Cond::Eq, so_far, none);
            let wins = ordered(cx, &key, best_key, better);
            let take = cx.g.bop(Op::Or, &[first, wins]);
            return cx.g.only_if(take, &mut keep);
        }
        if !key.ty.is_float() {
            let wins = ordered(cx, &key, best_key, better);
            return cx.g.only_if(wins, &mut keep);
        }
        // Most keys are no better: that is asked first, and only of others whether they are NaN.
        let no_worse = if better == Cond::Lt { Cond::Le } else { Cond::Ge };
        let stays = cx.g.cmp(Op::FCmp, no_worse, best_key, key.value);
        let (stay, ask) = cx.g.fork(stays);
        let join = cx.g.builder.block();
        cx.g.builder.switch_to(stay);
        cx.g.builder.jump(join);
        cx.g.builder.switch_to(ask);
        let is_number = cx.g.cmp(Op::FCmp, Cond::Eq, key.value, key.value);
        let outcome = cx.g.only_if(is_number, &mut keep);
        cx.g.join_at(join);
        outcome
    })?;
    // Where no key beat the worst there is, all are that, and the first one counts.
    let (so_far, length, one) = (cx.g.builder.get(at), cx.g.iop(Op::ListLen, &[list.value]), cx.g.int(1));
    let any = cx.g.iop(Op::IMin, &[length, one]);
    let first = cx.g.iop(Op::ISub, &[any, one]);
    let position = cx.g.iop(Op::IMax, &[so_far, first]);
    let zero = cx.g.int(0);
    let found = cx.g.cmp(Op::ICmp, Cond::Ge, position, zero);
    let item = cx.g.element_or_null(&list, position, found);
    cx.set("item", item);
    cx.put("index", position, Type::INT);
    cx.put("found", found, Type::Bool);
    Ok(())
}

/// The key that no other is worse than, as an operation without arguments; of a text, which has none, the empty one.
fn worst(key: &Type, better: Cond) -> (Op, Imm) {
    let is_min = better == Cond::Lt;
    match key {
        Type::Float64 => (Op::FConst, Imm::Float(f64::NAN.to_bits())),
        Type::Int(IntKind::U64) if is_min => (Op::UConst, Imm::Int(-1)),
        Type::Int(IntKind::U64) => (Op::UConst, Imm::Int(0)),
        Type::Int(_) => (Op::IConst, Imm::Int(if is_min { i64::MAX } else { i64::MIN })),
        text => (Op::Zero, Imm::Type(text.clone())),
    }
}

/// Whether `key` beats the best so far; a NaN never does, and anything beats a NaN.
pub(super) fn ordered(cx: &mut Cx<'_, '_>, key: &Operand, best: Value, better: Cond) -> Value {
    match &key.ty {
        ty if ty.is_text() => cx.g.cmp(Op::SCmp, better, key.value, best),
        ty if ty.is_float() => {
            let wins = cx.g.cmp(Op::FCmp, better, key.value, best);
            let was_nan = cx.g.cmp(Op::FCmp, Cond::Ne, best, best);
            let is_number = cx.g.cmp(Op::FCmp, Cond::Eq, key.value, key.value);
            let replaces = cx.g.bop(Op::And, &[was_nan, is_number]);
            cx.g.bop(Op::Or, &[wins, replaces])
        }
        ty if *ty == Type::INT => cx.g.cmp(Op::ICmp, better, key.value, best),
        _ => cx.g.cmp(Op::UCmp, better, key.value, best),
    }
}

/// Removes what `predicate` picks: from the state, or from a copy.
pub(super) fn remove_where(cx: &mut Cx<'_, '_>, live: bool) -> Result<(), Abort> {
    if live {
        let count = remove_live(cx)?;
        let zero = cx.g.int(0);
        let removed = cx.g.cmp(Op::ICmp, Cond::Gt, count, zero);
        cx.put("removed", removed, Type::Bool);
        let list = cx.path_value()?;
        cx.set("result", list);
        return Ok(());
    }
    let list = cx.list("array")?;
    let result = new_list(cx, &list);
    over(cx, &list, true, &mut |cx, _, item, _| {
        let gone = cx.lambda("predicate", Some(&Type::Bool))?.value;
        let stays = cx.g.bop(Op::Not, &[gone]);
        let value = cx.g.owned(item);
        cx.g.only_if(stays, &mut |g| {
            g.act(Op::ListPush, &[result.value, value], Imm::None);
            Ok(())
        })
    })?;
    let (before, after) = (cx.g.iop(Op::ListLen, &[list.value]), cx.g.iop(Op::ListLen, &[result.value]));
    let removed = cx.g.cmp(Op::ICmp, Cond::Ne, before, after);
    cx.put("removed", removed, Type::Bool);
    cx.set("result", result);
    Ok(())
}

/// Tests all elements as they are, then removes those that were picked, last first; gives their number.
fn remove_live(cx: &mut Cx<'_, '_>) -> Result<Value, Abort> {
    if !cx.has("predicate") || matches!(cx.raw("predicate").map(|input| &input.kind), Some(InputKind::Invalid)) {
        return Err(Abort);
    }
    let list = super::array::live_list(cx)?;
    let ty = Type::list(Type::INT);
    let picked = cx.g.op(Op::ListNew, &[], Imm::Type(ty.clone()), ty);
    over(cx, &list, true, &mut |cx, index, _, _| {
        let gone = cx.lambda("predicate", Some(&Type::Bool))?.value;
        cx.g.only_if(gone, &mut |g| {
            g.act(Op::ListPush, &[picked, index], Imm::None);
            Ok(())
        })
    })?;
    let count = cx.g.iop(Op::ListLen, &[picked]);
    cx.g.count(count, &mut |g, index, _| {
        let one = g.int(1);
        let last = g.iop(Op::ISub, &[count, one]);
        let from = g.iop(Op::ISub, &[last, index]);
        let at = g.op(Op::ListGet, &[picked, from], Imm::None, Type::INT);
        g.act(Op::ListRemove, &[list.value, at], Imm::None);
        Ok(())
    })?;
    Ok(count)
}

fn slice(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let start = cx.int("start")?;
    let end = cx.optional_typed("end", &Type::INT)?;
    let (length, zero) = (cx.g.iop(Op::ListLen, &[list.value]), cx.g.int(0));
    let clamp = |cx: &mut Cx<'_, '_>, value| {
        let low = cx.g.iop(Op::IMax, &[value, zero]);
        cx.g.iop(Op::IMin, &[low, length])
    };
    let start = clamp(cx, start);
    let end = match end {
        Some(end) => clamp(cx, end.value),
        None => length,
    };
    let end = cx.g.iop(Op::IMax, &[start, end]);
    let count = cx.g.iop(Op::ISub, &[end, start]);
    cx.g.act(Op::FuelN, &[count], Imm::None);
    let result = new_list(cx, &list);
    cx.g.count(count, &mut |g, index, _| {
        let from = g.iop(Op::IAdd, &[start, index]);
        push(g, &result, &list, from);
        Ok(())
    })?;
    cx.set("result", result);
    Ok(())
}
