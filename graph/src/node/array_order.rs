//! Arrays in another order, without repetitions, in groups: by a key of each element.

use std::sync::Arc;

use statewright_types::{TrapCode, Type};

use super::array::{ARRAY, array_input, array_path};
use super::array_lambda::{FIELD, element_value, new_list, over};
use super::{Example, InputPort, NodeRow, input, lambda, output};
use crate::check::codes;
use crate::ir::{BlockId, Cond, Imm, Op, Value};
use crate::lower::{Abort, Cx, Operand, is_never};

const KEY: InputPort = lambda("key", "number or text", "The key, with `loop:item` and `loop:index`.").optional();
const ERRORS: &[TrapCode] = &[TrapCode::StaleReference];

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "SortBy",
        summary: "The elements in the order of their keys, as a new array.",
        docs: "Equal keys keep their order, and NaN comes last, both ways. Elements of a state array stay live references.",
        inputs: &[
            array_input(),
            array_path(),
            KEY,
            FIELD,
            input("descending", "bool", "Whether the greatest key comes first.").default("false"),
        ],
        outputs: &[output("result", "[]T", "The new array.")],
        fuel: "the length of the array",
        errors: ERRORS,
        example: Example::Outputs {
            inputs: r#"{"array": [3, 1, 2], "key": "loop:item", "descending": true}"#,
            outputs: r#"{"result": [3, 2, 1]}"#,
        },
        lower: sort_by,
        ..ARRAY
    },
    NodeRow {
        name: "Distinct",
        summary: "The elements without those whose key came before, as a new array.",
        docs: "Without `key` the element itself counts; structs, arrays and maps by content. NaN is one key, and so are 0 and −0.",
        inputs: &[
            array_input(),
            array_path(),
            InputPort { ty: "any", docs: "What counts, with `loop:item` and `loop:index`.", ..KEY },
        ],
        outputs: &[output("result", "[]T", "The first element of each key, in order.")],
        fuel: "the length of the array",
        errors: ERRORS,
        example: Example::Outputs { inputs: r#"{"array": [3, 1, 3, 1]}"#, outputs: r#"{"result": [3, 1]}"# },
        lower: distinct,
        ..ARRAY
    },
    NodeRow {
        name: "CountBy",
        summary: "How many elements have each key.",
        inputs: &[array_input(), array_path(), InputPort { ty: "integer or text", ..KEY }, FIELD],
        outputs: &[output("result", "map[K]int64", "The counts by key.")],
        fuel: "the length of the array",
        errors: ERRORS,
        example: Example::Outputs {
            inputs: r#"{"array": ["a", "b", "a"], "key": "loop:item"}"#,
            outputs: r#"{"result": {"a": 2, "b": 1}}"#,
        },
        lower: count_by,
        ..ARRAY
    },
    NodeRow {
        name: "GroupBy",
        summary: "The elements in groups that have the same key.",
        docs: "Within a group the order stays. Elements of a state array stay live references.",
        inputs: &[array_input(), array_path(), InputPort { ty: "integer or text", ..KEY }, FIELD],
        outputs: &[output("result", "map[K][]T", "The groups by key.")],
        fuel: "the length of the array",
        errors: ERRORS,
        example: Example::Outputs {
            inputs: r#"{"array": ["a", "b", "a"], "key": "loop:item"}"#,
            outputs: r#"{"result": {"a": ["a", "a"], "b": ["b"]}}"#,
        },
        lower: group_by,
        ..ARRAY
    },
];

/// An empty collection of a type, made at the end of an earlier block.
fn made_in(cx: &mut Cx<'_, '_>, block: BlockId, ty: Type) -> Operand {
    let op = if matches!(ty, Type::Map(..)) { Op::MapNew } else { Op::ListNew };
    Operand::new(cx.g.op_in(block, op, Imm::Type(ty.clone()), ty.clone()), ty)
}

fn type_error(cx: &mut Cx<'_, '_>, port: &str, wanted: &str, ty: &Type) -> Abort {
    let message = format!("the key of {} is {wanted}, and this is {}", cx.row.name, cx.g.show(ty));
    cx.fail(port, codes::TYPE, message, format!("compute {wanted} for each element"))
}

/// Which port says what the key is.
fn key_port(field: Option<&Arc<str>>) -> &'static str {
    if field.is_some() { "field" } else { "key" }
}

fn has_elements(list: &Operand) -> bool {
    list.ty.element().is_some_and(|element| !is_never(element))
}

fn sort_by(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let field = cx.constant("field")?.map(|(field, _)| field);
    let descending = cx.bool("descending")?;
    if !has_elements(&list) {
        cx.set("result", list);
        return Ok(());
    }
    let before = cx.g.builder.current();
    let mut keys: Option<Value> = None;
    over(cx, &list, true, &mut |cx, _, item, _| {
        let key = element_value(cx, "key", item, field.as_ref())?;
        if !key.ty.is_number() && !key.ty.is_text() {
            return Err(type_error(cx, key_port(field.as_ref()), "a number or text", &key.ty));
        }
        let made = made_in(cx, before, Type::list(key.ty.clone()));
        cx.g.act(Op::ListPush, &[made.value, key.value], Imm::None);
        keys = Some(made.value);
        Ok(())
    })?;
    let keys = keys.ok_or(Abort)?;
    let order = cx.g.op(Op::ListOrder, &[keys, descending], Imm::None, Type::list(Type::INT));
    let length = cx.g.iop(Op::ListLen, &[order]);
    let result = new_list(cx, &list);
    cx.g.count(length, &mut |g, index, _| {
        let from = g.iop(Op::ListGet, &[order, index]);
        super::array_lambda::push(g, &result, &list, from);
        Ok(())
    })?;
    cx.set("result", result);
    Ok(())
}

/// A key as a key of a map, so that finding it takes no search; `None` for structs, arrays, maps and nullables.
fn map_key(cx: &mut Cx<'_, '_>, key: &Operand) -> Option<Operand> {
    let value = match &key.ty {
        Type::Int(_) | Type::String => key.value,
        Type::Uuid => return Some(retyped(cx, key)),
        // 0 and −0 have the same text, and so have all NaN.
        Type::Bool | Type::Float32 | Type::Float64 => {
            let text = cx.g.op(Op::Text, &[key.value], Imm::None, Type::String);
            return Some(Operand::new(text, Type::String));
        }
        Type::Bytes | Type::List(_) | Type::Map(..) | Type::Struct(_) | Type::Record(_) | Type::Nullable(_) => {
            return None;
        }
    };
    Some(Operand::new(value, key.ty.clone()))
}

fn retyped(cx: &mut Cx<'_, '_>, key: &Operand) -> Operand {
    Operand::new(cx.g.op(Op::Retype, &[key.value], Imm::Type(Type::String), Type::String), Type::String)
}

fn distinct(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    if !has_elements(&list) {
        cx.set("result", list);
        return Ok(());
    }
    let result = new_list(cx, &list);
    let before = cx.g.builder.current();
    over(cx, &list, true, &mut |cx, index, item, _| {
        let key = if cx.has("key") { cx.lambda("key", None)? } else { item.clone() };
        let value = cx.g.owned(item);
        let Some(key) = map_key(cx, &key) else { return distinct_content(cx, before, &key, (result.value, value)) };
        let seen = made_in(cx, before, Type::map(key.ty.clone(), Type::INT));
        let (at, zero) = (cx.g.iop(Op::MapFind, &[seen.value, key.value]), cx.g.int(0));
        let is_new = cx.g.cmp(Op::ICmp, Cond::Lt, at, zero);
        cx.g.only_if(is_new, &mut |g| {
            g.act(Op::MapPut, &[seen.value, key.value, index], Imm::None);
            g.act(Op::ListPush, &[result.value, value], Imm::None);
            Ok(())
        })
    })?;
    cx.set("result", result);
    Ok(())
}

/// An element of `Distinct` whose key is no key of a map: it is found by its digest. Where another content had the same
/// digest before, all contents are looked through.
fn distinct_content(
    cx: &mut Cx<'_, '_>,
    before: BlockId,
    key: &Operand,
    (result, value): (Value, Value),
) -> Result<(), Abort> {
    let key = Operand::new(cx.g.owned(key), key.ty.clone());
    let contents = made_in(cx, before, Type::list(key.ty.clone()));
    let places = made_in(cx, before, Type::map(Type::INT, Type::INT));
    let digest = cx.g.iop(Op::Digest, &[key.value]);
    let (at, zero) = (cx.g.iop(Op::MapFind, &[places.value, digest]), cx.g.int(0));
    let no_digest = cx.g.cmp(Op::ICmp, Cond::Lt, at, zero);
    let digest_known = cx.g.bop(Op::Not, &[no_digest]);
    let is_new = cx.g.builder.var(Type::Bool);
    cx.g.builder.set(is_new, no_digest);
    cx.g.only_if(digest_known, &mut |g| {
        let place = g.iop(Op::MapValueAt, &[places.value, at]);
        let content = g.element(&contents, place);
        let same = g.op(Op::Equal, &[content.value, key.value], Imm::None, Type::Bool);
        let other = g.bop(Op::Not, &[same]);
        g.builder.set(is_new, other);
        g.only_if(other, &mut |g| {
            let (found, zero) = (g.iop(Op::ListFind, &[contents.value, key.value]), g.int(0));
            let nowhere = g.cmp(Op::ICmp, Cond::Lt, found, zero);
            g.builder.set(is_new, nowhere);
            Ok(())
        })
    })?;
    let is_new = cx.g.builder.get(is_new);
    cx.g.only_if(is_new, &mut |g| {
        g.only_if(no_digest, &mut |g| {
            let place = g.iop(Op::ListLen, &[contents.value]);
            g.act(Op::MapPut, &[places.value, digest, place], Imm::None);
            Ok(())
        })?;
        g.act(Op::ListPush, &[contents.value, key.value], Imm::None);
        g.act(Op::ListPush, &[result, value], Imm::None);
        Ok(())
    })
}

/// A loop over the elements with the key of each and where it stands in a map with values of type `value`.
fn by_key(
    cx: &mut Cx<'_, '_>,
    value: &Type,
    list: &Operand,
    body: &mut dyn FnMut(&mut Cx<'_, '_>, &Operand, Value, Value, &Operand) -> Result<(), Abort>,
) -> Result<(), Abort> {
    let field = cx.constant("field")?.map(|(field, _)| field);
    let before = cx.g.builder.current();
    let mut result: Option<Operand> = None;
    over(cx, list, true, &mut |cx, _, item, _| {
        let key = element_value(cx, "key", item, field.as_ref())?;
        if !key.ty.is_map_key() {
            return Err(type_error(cx, key_port(field.as_ref()), "an integer or text", &key.ty));
        }
        let map = made_in(cx, before, Type::map(key.ty.clone(), value.clone()));
        let at = cx.g.iop(Op::MapFind, &[map.value, key.value]);
        result = Some(map.clone());
        body(cx, &map, key.value, at, item)
    })?;
    let result = result.ok_or(Abort)?;
    cx.set("result", result);
    Ok(())
}

fn count_by(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    by_key(cx, &Type::INT, &list, &mut |cx, map, key, at, _| {
        let (zero, one) = (cx.g.int(0), cx.g.int(1));
        let known = cx.g.cmp(Op::ICmp, Cond::Ge, at, zero);
        let count = cx.g.builder.var(Type::INT);
        cx.g.builder.set(count, one);
        cx.g.only_if(known, &mut |g| {
            let so_far = g.iop(Op::MapValueAt, &[map.value, at]);
            let next = g.iop(Op::IAdd, &[so_far, one]);
            g.builder.set(count, next);
            Ok(())
        })?;
        let count = cx.g.builder.get(count);
        cx.g.act(Op::MapPut, &[map.value, key, count], Imm::None);
        Ok(())
    })
}

fn group_by(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let group = list.ty.clone();
    by_key(cx, &group, &list, &mut |cx, map, key, at, item| {
        let value = cx.g.owned(item);
        let zero = cx.g.int(0);
        let is_new = cx.g.cmp(Op::ICmp, Cond::Lt, at, zero);
        let members = cx.g.builder.var(group.clone());
        let (first, later) = cx.g.fork(is_new);
        let join = cx.g.builder.block();
        cx.g.builder.switch_to(first);
        let made = cx.g.op(Op::ListNew, &[], Imm::Type(group.clone()), group.clone());
        cx.g.builder.set(members, made);
        cx.g.builder.jump(join);
        cx.g.builder.switch_to(later);
        let known = cx.g.op(Op::MapValueAt, &[map.value, at], Imm::None, group.clone());
        cx.g.builder.set(members, known);
        cx.g.join_at(join);
        let members = cx.g.builder.get(members);
        cx.g.act(Op::ListPush, &[members, value], Imm::None);
        cx.g.act(Op::MapPut, &[map.value, key, members], Imm::None);
        Ok(())
    })
}
