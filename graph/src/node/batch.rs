//! Many elements at once, by a condition on a field.

use std::sync::Arc;

use statewright_types::{TrapCode, Type};

use super::array::{array_input, array_path};
use super::array_lambda::{field_value, over};
use super::{Category, Effect, Example, Exits, Kind, NodeRow, ROW, constant, input, lambda, optional, output, path};
use crate::check::codes;
use crate::ir::{Cond, Imm, Op, Value};
use crate::lower::{Abort, Cx, Operand};

const BATCH: NodeRow = NodeRow { category: Category::Batch, errors: &[TrapCode::StaleReference], ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "CountWhere",
        summary: "How many elements have a field for which a condition holds.",
        inputs: &[
            array_input(),
            array_path(),
            constant("field", "The field.").or(&["whereField"]),
            constant("op", "The operator, as of Compare.").or(&["whereOp"]),
            input("value", "any", "What to compare with.").or(&["whereValue"]),
        ],
        outputs: &[output("count", "int64", "The count.")],
        fuel: "the length of the array",
        example: Example::Outputs {
            inputs: r#"{"array": "state:Players", "field": "Score", "op": ">", "value": 20}"#,
            outputs: r#"{"count": 1}"#,
        },
        lower: count_where,
        ..BATCH
    },
    NodeRow {
        name: "FindWhere",
        summary: "The first element with a field for which a condition holds.",
        docs: "None: `item` is null, `index` −1.",
        inputs: &[
            array_input(),
            array_path(),
            constant("field", "The field.").or(&["whereField"]),
            constant("op", "The operator, as of Compare.").or(&["whereOp"]),
            input("value", "any", "What to compare with.").or(&["whereValue"]),
        ],
        outputs: &[
            output("item", "T", "The element, a live reference."),
            output("index", "int64", "Its index, or −1."),
            output("found", "bool", "Whether there is one."),
        ],
        charged: false,
        fuel: "1 for each element up to and including the hit",
        example: Example::Outputs {
            inputs: r#"{"array": "state:Players", "field": "Score", "op": "<", "value": 20}"#,
            outputs: r#"{"index": 1, "found": true}"#,
        },
        lower: |cx| {
            let list = cx.list("array")?;
            let (Some((field, _)), Some((op, _))) = (cx.constant("field")?, cx.constant("op")?) else {
                return Err(Abort);
            };
            let value = cx.input("value")?;
            find(cx, &list, Some(field), op, value)
        },
        ..BATCH
    },
    NodeRow {
        name: "ForEachWhere",
        summary: "Runs `body` for each element for which a condition holds, then `done`.",
        docs: "The condition is `condition`, or `field op value`; it is tested when the element's turn comes. `loop:index` is \
               the index in the array.",
        inputs: &[
            array_input(),
            array_path(),
            lambda("condition", "bool", "The condition, with `loop:item` and `loop:index`.")
                .optional()
                .or(&["predicate"]),
            constant("field", "The field.").optional().or(&["whereField"]),
            constant("op", "The operator, as of Compare.").optional().or(&["whereOp"]),
            optional("value", "any", "What to compare with.").or(&["whereValue"]),
        ],
        outputs: &[
            output("item", "T", "The element of this pass."),
            output("index", "int64", "Its index in the array."),
        ],
        kind: Kind::Executing,
        exits: Exits::Loop,
        fuel: "1 for each element tested, and 1 for each pass",
        errors: &[TrapCode::ModifiedDuringIteration, TrapCode::StaleReference],
        example: Example::Handler {
            nodes: r#"[{"id": "l", "type": "ForEachWhere", "inputs": {"array": "state:Players", "field": "Score", "op": ">=", "value": 30}},
{"id": "u", "type": "UpdateStruct", "inputs": {"object": "loop:item", "fields": {"Name": "rich"}}}]"#,
            flow: r#"[{"from": "start", "to": "l"}, {"from": "l", "to": "u", "label": "body"}]"#,
            expect: r#"{"state": {"Players[0].Name": "rich", "Players[1].Name": "Bob"}, "fuel": 5}"#,
        },
        lower: for_each_where,
        ..BATCH
    },
    NodeRow {
        name: "UpdateWhere",
        summary: "Sets fields of every element of a state array for which a condition holds.",
        docs: "Give `setField` and `setValue`, or `updates` with several. `count` counts the elements that matched.",
        inputs: &[
            path("The array."),
            constant("whereField", "The field to test.").or(&["field"]),
            constant("whereOp", "The operator, as of Compare.").or(&["op"]),
            input("whereValue", "any", "What to compare with.").or(&["value"]),
            constant("setField", "The field to set.").optional(),
            optional("setValue", "any", "Its new value."),
            optional("updates", "map", "Fields and their new values, written out as an object."),
        ],
        outputs: &[output("count", "int64", "How many matched.")],
        kind: Kind::Executing,
        effects: &[Effect::ReadsState, Effect::WritesState],
        fuel: "the length of the array",
        errors: &[
            TrapCode::NotFound,
            TrapCode::IndexOutOfRange,
            TrapCode::StaleReference,
            TrapCode::NullReference,
            TrapCode::OutOfRange,
        ],
        example: Example::Handler {
            nodes: r#"[{"id": "u", "type": "UpdateWhere", "inputs": {"path": "Players", "whereField": "ID", "whereOp": "==", "whereValue": "bob",
"updates": {"Score": 11, "Name": "Bob"}}}]"#,
            flow: r#"[{"from": "start", "to": "u"}]"#,
            expect: r#"{"state": {"Players[1].Score": 11, "Players[1].Name": "Bob", "Players[0].Score": 30}}"#,
        },
        lower: update_where,
        ..BATCH
    },
];

/// `field op value` for an element.
fn holds(
    cx: &mut Cx<'_, '_>,
    item: &Operand,
    field: &Arc<str>,
    op: &Arc<str>,
    value: &Operand,
) -> Result<Value, Abort> {
    let left = field_value(cx, item, field)?;
    super::logic::compare(cx, "op", left, op, value.clone())
}

fn count_where(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    let (Some((field, _)), Some((op, _))) = (cx.constant("field")?, cx.constant("op")?) else { return Err(Abort) };
    let value = cx.input("value")?;
    let count = cx.g.builder.var(Type::INT);
    let zero = cx.g.int(0);
    cx.g.builder.set(count, zero);
    over(cx, &list, true, &mut |cx, _, item, _| {
        let matches = holds(cx, item, &field, &op, &value)?;
        add_one_if(cx, count, matches)
    })?;
    let value = cx.g.builder.get(count);
    cx.put("count", value, Type::INT);
    Ok(())
}

fn add_one_if(cx: &mut Cx<'_, '_>, count: crate::lower::Var, condition: Value) -> Result<(), Abort> {
    let so_far = cx.g.builder.get(count);
    let one = cx.g.int(1);
    let more = cx.g.iop(Op::IAdd, &[so_far, one]);
    let next = cx.g.op(Op::Select, &[condition, more, so_far], Imm::None, Type::INT);
    cx.g.builder.set(count, next);
    Ok(())
}

/// Charges a search: 1 for each element up to and including the hit.
pub(super) fn charge_search(cx: &mut Cx<'_, '_>, list: &Operand, position: Value) {
    let (length, zero, one) = (cx.g.iop(Op::ListLen, &[list.value]), cx.g.int(0), cx.g.int(1));
    let found = cx.g.cmp(Op::ICmp, Cond::Ge, position, zero);
    let visited = cx.g.iop(Op::IAdd, &[position, one]);
    let charged = cx.g.op(Op::Select, &[found, visited, length], Imm::None, Type::INT);
    cx.g.act(Op::FuelN, &[charged], Imm::None);
}

/// Searches a list and sets `item`, `index` and `found`.
pub(super) fn find(
    cx: &mut Cx<'_, '_>,
    list: &Operand,
    field: Option<Arc<str>>,
    op: Arc<str>,
    value: Operand,
) -> Result<(), Abort> {
    let position = match &field {
        None => {
            let element = list.ty.element().cloned().unwrap_or(Type::INT);
            let position = super::logic::find_in(cx, "value", list, &element, value)?;
            charge_search(cx, list, position);
            position
        }
        Some(field) => {
            let position = cx.g.builder.var(Type::INT);
            let none = cx.g.int(-1);
            cx.g.builder.set(position, none);
            over(cx, list, true, &mut |cx, index, item, done| {
                let matches = holds(cx, item, field, &op, &value)?;
                let (hit, miss) = cx.g.fork(matches);
                cx.g.builder.switch_to(hit);
                cx.g.builder.set(position, index);
                cx.g.builder.jump(done);
                cx.g.builder.switch_to(miss);
                Ok(())
            })?;
            cx.g.builder.get(position)
        }
    };
    let zero = cx.g.int(0);
    let found = cx.g.cmp(Op::ICmp, Cond::Ge, position, zero);
    let item = cx.g.element_or_null(list, position, found);
    cx.set("item", item);
    cx.put("index", position, Type::INT);
    cx.put("found", found, Type::Bool);
    Ok(())
}

fn for_each_where(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let list = cx.list("array")?;
    if cx.has("condition") {
        return cx.flow_loop(&list, &mut |cx, _| {
            cx.g.fuel(1);
            Ok(Some(cx.lambda("condition", Some(&Type::Bool))?.value))
        });
    }
    if !(cx.has("field") && cx.has("op") && cx.has("value")) {
        return Err(cx.missing("its condition", "give `condition`, or all of `field`, `op` and `value`"));
    }
    let (Some((field, _)), Some((op, _))) = (cx.constant("field")?, cx.constant("op")?) else { return Err(Abort) };
    let value = cx.input("value")?;
    // The body may suspend, so the value is kept in a variable.
    let kept = cx.g.builder.var(value.ty.clone());
    let owned = cx.g.owned(&value);
    cx.g.builder.set(kept, owned);
    cx.flow_loop(&list, &mut |cx, item| {
        cx.g.fuel(1);
        let value = Operand { value: cx.g.builder.get(kept), live: crate::lower::Live::No, ..value.clone() };
        holds(cx, item, &field, &op, &value).map(Some)
    })
}

fn update_where(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let plan = cx.path()?;
    let (Some((field, _)), Some((op, _))) = (cx.constant("whereField")?, cx.constant("whereOp")?) else {
        return Err(Abort);
    };
    let value = cx.input("whereValue")?;
    let element = cx.place_type(&plan).and_then(|ty| ty.element().cloned());
    let Some(Type::Struct(id)) = element else {
        return Err(cx.fail(
            "path",
            codes::TYPE,
            "`path` of UpdateWhere names an array of structs",
            "name an array of structs in the state",
        ));
    };
    let mut updates = Vec::new();
    if cx.has("updates") {
        updates = cx.struct_fields("updates", id)?;
    } else {
        let Some((name, span)) = cx.constant("setField")? else {
            return Err(cx.missing("`updates`, or `setField` and `setValue`", "say which fields to set"));
        };
        let (index, ty) =
            cx.with_site("setField", |cx, site| cx.g.field_of(id, &name, crate::lower::Site { span, ..site }))?;
        if !cx.has("setValue") {
            return Err(cx.missing("`setValue`", "say what to set the field to"));
        }
        let value = cx.typed("setValue", &ty)?;
        updates.push((index, cx.g.owned(&value)));
    }
    let list = cx.with_site("path", |cx, site| cx.g.read_path(&plan, site))?;
    let count = cx.g.builder.var(Type::INT);
    let zero = cx.g.int(0);
    cx.g.builder.set(count, zero);
    over(cx, &list, true, &mut |cx, _, item, _| {
        let matches = holds(cx, item, &field, &op, &value)?;
        add_one_if(cx, count, matches)?;
        let record = item.value;
        cx.g.only_if(matches, &mut |g| {
            for (index, value) in &updates {
                g.act(Op::Store, &[record, *value], Imm::Field(id, *index));
            }
            Ok(())
        })
    })?;
    let value = cx.g.builder.get(count);
    cx.put("count", value, Type::INT);
    Ok(())
}
