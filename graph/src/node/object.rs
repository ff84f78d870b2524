//! Structs: making them, reading and changing their fields.

use statewright_types::{StructId, TrapCode, Type};

use super::{Category, Effect, Example, Kind, NodeRow, ROW, constant, input, optional, output};
use crate::check::{codes, listed};
use crate::ir::{Imm, Op, Value};
use crate::lower::{Abort, Cx, Operand};

const OBJECT: NodeRow = NodeRow { category: Category::Object, ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "CreateStruct",
        summary: "A new struct of a schema type.",
        docs: "Schema defaults and `@auto(uuid)` first, then the given fields. It is a value until it is stored; storing copies it.",
        inputs: &[
            constant("type", "A type of the schema."),
            optional("fields", "map", "Fields and their values, written out as an object."),
        ],
        outputs: &[output("result", "struct", "The struct.")],
        effects: &[Effect::Draws],
        errors: &[TrapCode::OutOfRange],
        example: Example::Outputs {
            inputs: r#"{"type": "Player", "fields": {"ID": "cleo", "Score": 1}}"#,
            outputs: r#"{"result": {"ID": "cleo", "Name": "", "Score": 1, "Hand": [], "Lat": 0.0, "Lng": 0.0}}"#,
        },
        lower: create,
        ..OBJECT
    },
    NodeRow {
        name: "GetStructField",
        summary: "A field of a struct.",
        inputs: &[input("object", "struct", "The struct.").or(&["struct"]), constant("field", "The field's name.")],
        outputs: &[output("value", "any", "Its value.")],
        effects: &[Effect::ReadsState],
        charged: false,
        errors: &[TrapCode::NullReference, TrapCode::StaleReference],
        example: Example::Outputs {
            inputs: r#"{"object": "state:Players[1]", "field": "Score"}"#,
            outputs: r#"{"value": 10}"#,
        },
        lower: |cx| {
            let object = cx.present("object")?;
            let Some((field, _)) = cx.constant("field")? else { return Err(Abort) };
            let step = crate::lower::Planned::Field(field);
            let operand = cx.with_site("field", |cx, site| cx.g.step(object, &step, site))?;
            cx.set("value", operand);
            Ok(())
        },
        ..OBJECT
    },
    NodeRow {
        name: "UpdateStruct",
        summary: "Sets several fields of a struct.",
        docs: "A struct that lives in the state (a player, a loop's item, something found) is changed there, and `result` is the \
               same reference. Of a value (CreateStruct) `result` is a changed copy.",
        inputs: &[
            input("object", "struct", "The struct.").or(&["struct"]),
            input("fields", "map", "Fields and their new values, written out as an object."),
        ],
        outputs: &[output("result", "struct", "The struct, changed.")],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: &[TrapCode::NullReference, TrapCode::StaleReference, TrapCode::OutOfRange],
        example: Example::Handler {
            nodes: r#"[{"id": "u", "type": "UpdateStruct", "inputs": {"object": "state:Players[0]", "fields": {"Score": 5}}}]"#,
            flow: r#"[{"from": "start", "to": "u"}]"#,
            expect: r#"{"state": {"Players[0].Score": 5}}"#,
        },
        lower: |cx| {
            let (object, id) = object(cx)?;
            let fields = cx.struct_fields("fields", id)?;
            update(cx, object, id, &fields)
        },
        ..OBJECT
    },
    NodeRow {
        name: "SetStructField",
        summary: "Sets one field of a struct.",
        docs: "As UpdateStruct, with one field.",
        inputs: &[
            input("object", "struct", "The struct.").or(&["struct"]),
            constant("field", "The field's name."),
            input("value", "any", "Its new value."),
        ],
        outputs: &[output("result", "struct", "The struct, changed.")],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: &[TrapCode::NullReference, TrapCode::StaleReference, TrapCode::OutOfRange],
        example: Example::Handler {
            nodes: r#"[{"id": "u", "type": "SetStructField", "inputs": {"object": "state:Players[0]", "field": "Score", "value": 5}}]"#,
            flow: r#"[{"from": "start", "to": "u"}]"#,
            expect: r#"{"state": {"Players[0].Score": 5}}"#,
        },
        lower: |cx| {
            let (object, id) = object(cx)?;
            let Some((name, span)) = cx.constant("field")? else { return Err(Abort) };
            let (index, ty) =
                cx.with_site("field", |cx, site| cx.g.field_of(id, &name, crate::lower::Site { span, ..site }))?;
            let value = cx.typed("value", &ty)?;
            let value = cx.g.owned(&value);
            update(cx, object, id, &[(index, value)])
        },
        ..OBJECT
    },
];

fn create(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let Some((name, _)) = cx.constant("type")? else { return Err(Abort) };
    let Some(id) = cx.g.schema().by_name(&name) else {
        let names = || cx.g.schema().types().iter().map(|def| &*def.name);
        let help =
            cx.g.rows.suggest(&name, names()).unwrap_or_else(|| format!("its types are {}", listed(names())).into());
        return Err(cx.fail("type", codes::TYPE_NAME, format!("the schema has no type `{name}`"), &help));
    };
    let fields = cx.struct_fields("fields", id)?;
    let made = cx.g.new_struct(id, fields);
    cx.set("result", made);
    Ok(())
}

/// The input `object`, a struct that is not null.
fn object(cx: &mut Cx<'_, '_>) -> Result<(Operand, StructId), Abort> {
    let object = cx.present("object")?;
    match object.ty {
        Type::Struct(id) => Ok((object, id)),
        _ => {
            let message = format!("`object` of {} takes a struct, and this is {}", cx.row.name, cx.g.show(&object.ty));
            Err(cx.fail(
                "object",
                codes::TYPE,
                message,
                "name a struct, such as `loop:item` or `node:getPlayer:player`",
            ))
        }
    }
}

/// Writes a live struct in place; of a value makes a changed copy (R5.1).
fn update(cx: &mut Cx<'_, '_>, object: Operand, id: StructId, fields: &[(u32, Value)]) -> Result<(), Abort> {
    let record = object.value;
    let live = cx.g.bop(Op::StructAttached, &[record]);
    let result = cx.g.builder.var(Type::Struct(id));
    cx.g.builder.set(result, record);
    let (yes, no) = cx.g.fork(live);
    let join = cx.g.builder.block();
    cx.g.builder.switch_to(yes);
    for (index, value) in fields {
        cx.g.act(Op::Store, &[record, *value], Imm::Field(id, *index));
    }
    cx.g.builder.jump(join);
    cx.g.builder.switch_to(no);
    let copy = cx.g.op(Op::StructCopy, &[record], Imm::None, Type::Struct(id));
    for (index, value) in fields {
        cx.g.act(Op::StructInit, &[copy, *value], Imm::Field(id, *index));
    }
    cx.g.builder.set(result, copy);
    cx.g.join_at(join);
    let value = cx.g.builder.get(result);
    cx.put("result", value, Type::Struct(id));
    Ok(())
}
