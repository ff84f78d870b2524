//! Arrays: reading, changing in place, finding.

use statewright_types::{TrapCode, Type};

use super::{Category, Effect, Example, Kind, NodeRow, ROW, constant, input, lambda, optional, output, path};
use crate::check::codes;
use crate::document::InputKind;
use crate::ir::{Cond, Imm, Op};
use crate::lower::{Abort, Cx, Operand};

pub(super) const ARRAY: NodeRow = NodeRow { category: Category::Array, ..ROW };

/// `array`, which may be given as `path` instead.
pub(super) const fn array_input() -> super::InputPort {
    optional("array", "[]T", "The array; may be given as `path` instead.")
}

/// `path` as the other way to give an array.
pub(super) const fn array_path() -> super::InputPort {
    path("The state path of the array, instead of `array`.").optional()
}

const CHANGE_ERRORS: &[TrapCode] = &[
    TrapCode::NotFound,
    TrapCode::IndexOutOfRange,
    TrapCode::StaleReference,
    TrapCode::NullReference,
    TrapCode::OutOfRange,
    TrapCode::MemoryLimit,
];

const PATH_ERRORS: &[TrapCode] =
    &[TrapCode::NotFound, TrapCode::IndexOutOfRange, TrapCode::StaleReference, TrapCode::NullReference];
const REMOVE_ERRORS: &[TrapCode] = &[
    TrapCode::NotFound,
    TrapCode::IndexOutOfRange,
    TrapCode::StaleReference,
    TrapCode::NullReference,
    TrapCode::MemoryLimit,
];

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "AddToArray",
        summary: "Appends to an array: in the state with `path`, else in a new array value.",
        docs: "With `path` the state changes and `result` is the array as it then is. With `array` the state does not change: \
               `result` is a copy with the element added.",
        inputs: &[
            array_input(),
            path("The state path of the array to change, instead of `array`.").optional(),
            input("element", "T", "What to append; converted to the elements' type.").or(&["value", "item"]),
        ],
        outputs: &[output("result", "[]T", "The array with the element.")],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: CHANGE_ERRORS,
        fuel: "the length of the result, with `array`",
        example: Example::Handler {
            nodes: r#"[{"id": "a", "type": "AddToArray", "inputs": {"path": "Players[\"bob\":ID].Hand", "element": 9}}]"#,
            flow: r#"[{"from": "start", "to": "a"}]"#,
            expect: r#"{"state": {"Players[1].Hand": [2, 9]}}"#,
        },
        lower: add_to_array,
        ..ARRAY
    },
    NodeRow {
        name: "ArrayAppend",
        summary: "Appends to an array in the state.",
        inputs: &[path("The array."), input("item", "T", "What to append.").or(&["element", "value"])],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: CHANGE_ERRORS,
        example: Example::Handler {
            nodes: r#"[{"id": "a", "type": "ArrayAppend", "inputs": {"path": "Players[0].Hand", "item": 7}}]"#,
            flow: r#"[{"from": "start", "to": "a"}]"#,
            expect: r#"{"state": {"Players[0].Hand": [4, 1, 3, 7]}}"#,
        },
        lower: |cx| append(cx, "item").map(|_| ()),
        ..ARRAY
    },
    NodeRow {
        name: "InsertAt",
        summary: "Inserts into an array in the state, before an index.",
        inputs: &[
            path("The array."),
            input("index", "int64", "From 0 to the length."),
            input("element", "T", "What to insert.").or(&["value", "item"]),
        ],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: CHANGE_ERRORS,
        example: Example::Handler {
            nodes: r#"[{"id": "a", "type": "InsertAt", "inputs": {"path": "Players[0].Hand", "index": 0, "element": 8}}]"#,
            flow: r#"[{"from": "start", "to": "a"}]"#,
            expect: r#"{"state": {"Players[0].Hand": [8, 4, 1, 3]}}"#,
        },
        lower: insert_at,
        ..ARRAY
    },
    NodeRow {
        name: "RemoveFromArray",
        summary: "Removes an element by index, or all that a predicate picks.",
        docs: "With `path` the state changes; with `array` the state does not, and `result` is a copy without the element. An \
               index out of range removes nothing: `removed` is false and `result` an unchanged copy.",
        inputs: &[
            array_input(),
            path("The state path of the array to change, instead of `array`.").optional(),
            optional("index", "int64", "Which element."),
            lambda("predicate", "bool", "Which elements, with `loop:item` and `loop:index`.").optional(),
        ],
        outputs: &[
            output("result", "[]T", "The array without what was removed."),
            output("removed", "bool", "Whether anything was."),
        ],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: REMOVE_ERRORS,
        fuel: "the length of the result with `array` and `index`; the length of the array with `predicate`",
        example: Example::Handler {
            nodes: r#"[{"id": "r", "type": "RemoveFromArray", "inputs": {"path": "Players[0].Hand", "index": 1}}]"#,
            flow: r#"[{"from": "start", "to": "r"}]"#,
            expect: r#"{"state": {"Players[0].Hand": [4, 3]}}"#,
        },
        lower: remove_from_array,
        ..ARRAY
    },
    NodeRow {
        name: "ClearArray",
        summary: "Empties an array in the state.",
        inputs: &[path("The array.")],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: PATH_ERRORS,
        example: Example::Handler {
            nodes: r#"[{"id": "c", "type": "ClearArray", "inputs": {"path": "Players[0].Hand"}}]"#,
            flow: r#"[{"from": "start", "to": "c"}]"#,
            expect: r#"{"state": {"Players[0].Hand": []}}"#,
        },
        lower: |cx| {
            let list = live_list(cx)?;
            cx.g.act(Op::ListClear, &[list.value], Imm::None);
            Ok(())
        },
        ..ARRAY
    },
    NodeRow {
        name: "ArrayAt",
        summary: "The element at an index.",
        docs: "Out of range: `valid` is false and `item` null for structs, else zero.",
        inputs: &[array_input(), array_path(), input("index", "int64", "From 0.")],
        outputs: &[
            output("item", "T", "The element.").or(&["value"]),
            output("valid", "bool", "Whether the index is in range."),
        ],
        charged: false,
        example: Example::Outputs {
            inputs: r#"{"array": [5, 6, 7], "index": 1}"#,
            outputs: r#"{"item": 6, "valid": true}"#,
        },
        lower: array_at,
        ..ARRAY
    },
    NodeRow {
        name: "ArrayLength",
        summary: "How many elements an array has.",
        inputs: &[array_input(), array_path()],
        outputs: &[output("length", "int64", "The count.")],
        example: Example::Outputs { inputs: r#"{"path": "Players"}"#, outputs: r#"{"length": 2}"# },
        lower: |cx| {
            let list = cx.list("array")?;
            let length = cx.g.iop(Op::ListLen, &[list.value]);
            cx.put("length", length, Type::INT);
            Ok(())
        },
        ..ARRAY
    },
    NodeRow {
        name: "FindInArray",
        summary: "The first element that equals a value, or whose field does.",
        docs: "None: `item` is null for structs, else zero; `index` is −1.",
        inputs: &[
            array_input(),
            array_path(),
            constant("field", "Which field to compare; without it, the element itself.").optional(),
            input("value", "any", "What to look for."),
        ],
        outputs: &[
            output("item", "T", "The element."),
            output("index", "int64", "Its index, or −1."),
            output("found", "bool", "Whether there is one."),
        ],
        charged: false,
        fuel: "1 for each element up to and including the hit",
        errors: &[TrapCode::StaleReference],
        example: Example::Outputs {
            inputs: r#"{"array": "state:Players", "field": "ID", "value": "bob"}"#,
            outputs: r#"{"index": 1, "found": true}"#,
        },
        lower: |cx| {
            let list = cx.list("array")?;
            let field = cx.constant("field")?;
            let value = cx.input("value")?;
            super::batch::find(cx, &list, field.map(|(field, _)| field), "==".into(), value)
        },
        ..ARRAY
    },
    NodeRow {
        name: "IndexOfItem",
        summary: "The index of the first element that equals a value.",
        inputs: &[array_input(), array_path(), input("value", "T", "What to look for.")],
        outputs: &[output("index", "int64", "The index, or −1."), output("found", "bool", "Whether there is one.")],
        fuel: "1 for each element up to and including the hit",
        errors: &[TrapCode::StaleReference],
        example: Example::Outputs {
            inputs: r#"{"array": [5, 6], "value": 6}"#,
            outputs: r#"{"index": 1, "found": true}"#,
        },
        lower: index_of,
        ..ARRAY
    },
];

/// The live array at `path`.
pub(super) fn live_list(cx: &mut Cx<'_, '_>) -> Result<Operand, Abort> {
    let operand = cx.path_value()?;
    require_live(cx, operand)
}

fn require_live(cx: &mut Cx<'_, '_>, operand: Operand) -> Result<Operand, Abort> {
    if !matches!(operand.ty, Type::List(_)) {
        let message = format!("`path` of {} names an array, and this is {}", cx.row.name, cx.g.show(&operand.ty));
        return Err(cx.fail("path", codes::TYPE, message, "name an array in the state"));
    }
    if operand.live == crate::lower::Live::No {
        let message = "this array is a value that was read, and cannot be changed in place".to_owned();
        return Err(cx.fail(
            "path",
            codes::PATH,
            message,
            "begin the path at the state, or at an alias of a struct that lives there",
        ));
    }
    Ok(operand)
}

fn element_type(list: &Operand) -> Type {
    list.ty.element().cloned().unwrap_or(Type::INT)
}

/// Appends `port` to the array at `path`, and gives the array.
fn append(cx: &mut Cx<'_, '_>, port: &str) -> Result<Operand, Abort> {
    let plan = cx.path()?;
    let value = match cx.place_type(&plan).and_then(|ty| ty.element().cloned()) {
        Some(element) => cx.typed(port, &element)?,
        None => cx.input(port)?,
    };
    let list = cx.with_site("path", |cx, site| cx.g.read_path(&plan, site))?;
    let list = require_live(cx, list)?;
    let element = element_type(&list);
    let value = cx.with_site(port, |cx, site| cx.g.convert(value, &element, site))?;
    let length = cx.g.iop(Op::ListLen, &[list.value]);
    cx.g.act(Op::ListInsert, &[list.value, length, value.value], Imm::None);
    Ok(list)
}

fn add_to_array(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    if !cx.has("array") {
        if !cx.has("path") {
            return Err(
                cx.missing("`path` or `array`", "give the state path of the array to change, or an array value")
            );
        }
        let list = append(cx, "element")?;
        cx.set("result", list);
        return Ok(());
    }
    let list = cx.list("array")?;
    let known = element_type(&list);
    let (element, value) = if crate::lower::is_never(&known) {
        let value = cx.input("element")?;
        (value.ty.clone(), value)
    } else {
        let value = cx.typed("element", &known)?;
        (known, value)
    };
    let copy = copied(cx, &list, &element, None)?;
    let value = cx.g.owned(&value);
    cx.g.act(Op::ListPush, &[copy.value, value], Imm::None);
    let length = cx.g.iop(Op::ListLen, &[copy.value]);
    cx.g.act(Op::FuelN, &[length], Imm::None);
    cx.set("result", copy);
    Ok(())
}

/// A new array of the elements but the one at `skip`. Charges nothing.
fn copied(
    cx: &mut Cx<'_, '_>,
    list: &Operand,
    element: &Type,
    skip: Option<crate::ir::Value>,
) -> Result<Operand, Abort> {
    let ty = Type::list(element.clone());
    let copy = cx.g.op(Op::ListNew, &[], Imm::Type(ty.clone()), ty.clone());
    let length = cx.g.iop(Op::ListLen, &[list.value]);
    cx.g.count(length, &mut |g, index, _| {
        let push = |g: &mut crate::lower::GraphCx<'_>| {
            let item = g.element(list, index);
            let value = g.owned(&item);
            g.act(Op::ListPush, &[copy, value], Imm::None);
        };
        match skip {
            None => push(g),
            Some(skip) => {
                let keep = g.cmp(Op::ICmp, Cond::Ne, index, skip);
                g.only_if(keep, &mut |g| {
                    push(g);
                    Ok(())
                })?;
            }
        }
        Ok(())
    })?;
    Ok(Operand::new(copy, ty))
}

fn insert_at(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let plan = cx.path()?;
    let index = cx.int("index")?;
    let value = match cx.place_type(&plan).and_then(|ty| ty.element().cloned()) {
        Some(element) => cx.typed("element", &element)?,
        None => cx.input("element")?,
    };
    let list = cx.with_site("path", |cx, site| cx.g.read_path(&plan, site))?;
    let list = require_live(cx, list)?;
    let element = element_type(&list);
    let value = cx.with_site("element", |cx, site| cx.g.convert(value, &element, site))?;
    cx.g.act(Op::ListInsert, &[list.value, index, value.value], Imm::None);
    Ok(())
}

fn remove_from_array(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let live = !cx.has("array");
    if live && !cx.has("path") {
        return Err(cx.missing("`path` or `array`", "give the state path of the array to change, or an array value"));
    }
    if cx.has("predicate") {
        return super::array_lambda::remove_where(cx, live);
    }
    if !cx.has("index") {
        return Err(cx.missing("`index` or `predicate`", "say which element to remove"));
    }
    if !live {
        let list = cx.list("array")?;
        let index = cx.int("index")?;
        let removed = in_range(cx, &list, index);
        let element = element_type(&list);
        let copy = copied(cx, &list, &element, Some(index))?;
        let length = cx.g.iop(Op::ListLen, &[copy.value]);
        cx.g.act(Op::FuelN, &[length], Imm::None);
        cx.set("result", copy);
        cx.put("removed", removed, Type::Bool);
        return Ok(());
    }
    let plan = cx.path()?;
    let index = cx.int("index")?;
    let list = cx.with_site("path", |cx, site| cx.g.read_path(&plan, site))?;
    let list = require_live(cx, list)?;
    let removed = in_range(cx, &list, index);
    cx.g.only_if(removed, &mut |g| {
        g.act(Op::ListRemove, &[list.value, index], Imm::None);
        Ok(())
    })?;
    cx.set("result", list);
    cx.put("removed", removed, Type::Bool);
    Ok(())
}

pub(super) fn in_range(cx: &mut Cx<'_, '_>, list: &Operand, index: crate::ir::Value) -> crate::ir::Value {
    let (length, zero) = (cx.g.iop(Op::ListLen, &[list.value]), cx.g.int(0));
    let above = cx.g.cmp(Op::ICmp, Cond::Ge, index, zero);
    let below = cx.g.cmp(Op::ICmp, Cond::Lt, index, length);
    cx.g.bop(Op::And, &[above, below])
}

fn array_at(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    if let Some(InputKind::Int(index)) = cx.raw("index").map(|input| &input.kind)
        && *index < 0
    {
        return Err(cx.with_site("index", |cx, site| cx.g.negative_index(*index, site)));
    }
    let index = cx.int("index")?;
    let valid = in_range(cx, &list, index);
    let item = cx.g.element_or_null(&list, index, valid);
    cx.set("item", item);
    cx.put("valid", valid, Type::Bool);
    Ok(())
}

fn index_of(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let value = cx.input("value")?;
    let element = element_type(&list);
    let position = super::logic::find_in(cx, "value", &list, &element, value)?;
    super::batch::charge_search(cx, &list, position);
    let zero = cx.g.int(0);
    let found = cx.g.cmp(Op::ICmp, Cond::Ge, position, zero);
    cx.put("index", position, Type::INT);
    cx.put("found", found, Type::Bool);
    Ok(())
}
