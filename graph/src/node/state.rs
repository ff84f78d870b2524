//! Reading and writing tracked state.

use statewright_types::{TrapCode, Type};

use super::{Category, Effect, Example, Exits, Kind, NodeRow, ROW, input, output, path};
use crate::check::codes;
use crate::ir::{Cond, Imm, Op};
use crate::lower::{Abort, Cx, Operand};

const STATE: NodeRow = NodeRow { category: Category::State, charged: false, effects: &[Effect::ReadsState], ..ROW };
const PATH_ERRORS: &[TrapCode] =
    &[TrapCode::NotFound, TrapCode::IndexOutOfRange, TrapCode::StaleReference, TrapCode::NullReference];

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "GetCurrentState",
        summary: "The main root of the state, as a live reference.",
        outputs: &[output("state", "struct", "The root.")],
        example: Example::Handler {
            nodes: r#"[{"id": "s", "type": "GetCurrentState", "inputs": {}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Now", "payload": {"round": "node:s:state.Round"}}}]"#,
            flow: r#"[{"from": "start", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Now", "payload": {"round": 3}}]}"#,
        },
        lower: |cx| {
            let root = cx.g.unit.root;
            let value = cx.g.op(Op::Root, &[], Imm::Struct(root), Type::Struct(root));
            cx.put("state", value, Type::Struct(root));
            Ok(())
        },
        ..STATE
    },
    NodeRow {
        name: "GetField",
        summary: "Reads the value at a state path.",
        docs: "Scalars, arrays and maps are read as they are at that moment; structs are live references.",
        inputs: &[path("What to read, such as `Players[param:id:ID].Score`.")],
        outputs: &[output("value", "any", "The value.")],
        errors: PATH_ERRORS,
        example: Example::Outputs { inputs: r#"{"path": "Players[\"bob\":ID].Score"}"#, outputs: r#"{"value": 10}"# },
        lower: |cx| {
            let operand = cx.path_value()?;
            cx.set("value", operand);
            Ok(())
        },
        ..STATE
    },
    NodeRow {
        name: "SetField",
        summary: "Writes a value at a state path.",
        docs: "Storing copies. A struct or a container is overwritten in place, and its elements keep their identity. \
               A map key that is missing is inserted.",
        inputs: &[path("Where to write."), input("value", "any", "What to write; converted to the field's type.")],
        kind: Kind::Executing,
        effects: &[Effect::WritesState],
        errors: &[
            TrapCode::NotFound,
            TrapCode::IndexOutOfRange,
            TrapCode::StaleReference,
            TrapCode::NullReference,
            TrapCode::OutOfRange,
        ],
        example: Example::Handler {
            nodes: r#"[{"id": "s", "type": "SetField", "inputs": {"path": "Players[\"ann\":ID].Score", "value": 31}}]"#,
            flow: r#"[{"from": "start", "to": "s"}]"#,
            expect: r#"{"state": {"Players[0].Score": 31}}"#,
        },
        lower: set_field,
        ..STATE
    },
    NodeRow {
        name: "Increment",
        summary: "Adds to the number at a state path.",
        docs: "Adds to the base: what effects make of the number does not get into it.",
        inputs: &[
            path("The number to change."),
            input("by", "number", "How much to add; may be negative.").default("1"),
        ],
        outputs: &[output("value", "number", "The new base value.")],
        kind: Kind::Executing,
        effects: &[Effect::ReadsState, Effect::WritesState],
        errors: &[
            TrapCode::NotFound,
            TrapCode::IndexOutOfRange,
            TrapCode::StaleReference,
            TrapCode::NullReference,
            TrapCode::OutOfRange,
            TrapCode::Overflow,
        ],
        example: Example::Handler {
            nodes: r#"[{"id": "i", "type": "Increment", "inputs": {"path": "Scores[\"red\"]", "by": 2}}]"#,
            flow: r#"[{"from": "start", "to": "i"}]"#,
            expect: r#"{"state": {"Scores[\"red\"]": 7}}"#,
        },
        lower: increment,
        ..STATE
    },
    NodeRow {
        name: "GetPlayer",
        summary: "The player of an id, as a live reference.",
        docs: "Looks in the root field `Players` by its key field (`ID` where none is declared). If there is none, the \
               handler stops with `not_found`, unless the graph reads `found` or leads a `notFound` edge out of the node: \
               then `player` is null and `found` false.",
        inputs: &[input("playerID", "string", "The id.").or(&["playerId", "id"])],
        outputs: &[
            output("player", "struct", "The player; may be null if `found` is read or `notFound` is led on."),
            output("found", "bool", "Whether there is one."),
        ],
        exits: Exits::Optional("notFound"),
        errors: &[TrapCode::NotFound],
        example: Example::Handler {
            nodes: r#"[{"id": "p", "type": "GetPlayer", "inputs": {"playerID": "bob"}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Name", "payload": {"name": "node:p:player.Name"}}}]"#,
            flow: r#"[{"from": "start", "to": "p"}, {"from": "p", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Name", "payload": {"name": "Bob"}}]}"#,
        },
        lower: get_player,
        ..STATE
    },
    NodeRow {
        name: "GetBase",
        summary: "Reads the value at a state path without effects.",
        docs: "As `base:` references do: scalars, arrays and maps as they are in the base. Structs, also those in arrays, are live \
               references, whose fields are read with effects again. In filters and effects it is the same as GetField.",
        inputs: &[path("What to read.")],
        outputs: &[output("value", "any", "The base value.")],
        errors: PATH_ERRORS,
        example: Example::Outputs { inputs: r#"{"path": "Round"}"#, outputs: r#"{"value": 3}"# },
        lower: |cx| {
            let plan = cx.path()?;
            let operand = cx.with_site("path", |cx, site| cx.g.in_base(|g| g.read_path(&plan, site)))?;
            cx.set("value", operand);
            Ok(())
        },
        ..STATE
    },
];

fn set_field(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let plan = cx.path()?;
    // The type of the place is needed to give literals theirs, so it is resolved first where that has no effect.
    let value = match cx.place_type(&plan) {
        Some(ty) => cx.typed("value", &ty)?,
        None => cx.input("value")?,
    };
    let (place, ty) = cx.with_site("path", |cx, site| cx.g.resolve_place(&plan, site))?;
    let value = cx.with_site("value", |cx, site| cx.g.convert(value, &ty, site))?;
    cx.g.write_place(&place, value.value);
    Ok(())
}

fn increment(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let plan = cx.path()?;
    let by = cx.number("by")?;
    let (place, ty) = cx.with_site("path", |cx, site| cx.g.resolve_place(&plan, site))?;
    cx.g.lift_effects_at(&place);
    let old = cx.g.read_place(&place, &ty);
    let old = cx.with_site("path", |cx, site| cx.g.non_null(old, site))?;
    if !old.ty.is_number() {
        let message = format!("Increment takes the path of a number, and this is {}", cx.g.show(&old.ty));
        return Err(cx.fail("path", codes::TYPE, message, "use SetField"));
    }
    let sum = super::math::numeric(cx, &[old, by], Op::IAdd, Op::FAdd);
    let stored = cx.with_site("by", |cx, site| cx.g.convert(sum, &ty, site))?;
    cx.g.write_place(&place, stored.value);
    cx.g.apply_effects();
    cx.set("value", Operand::new(stored.value, ty));
    Ok(())
}

fn get_player(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let id = cx.text("playerID")?;
    let root = cx.g.unit.root;
    let def = cx.g.schema().get(root);
    let Some(field) = def.field("Players") else {
        let message = format!("`{}` has no field `Players` to look in", def.name);
        return Err(cx.fail("playerID", codes::FIELD, message, "declare `Players []Player @key(ID)` in the schema"));
    };
    let key = def.fields[field].key.clone().unwrap_or_else(|| "ID".into());
    let state = cx.g.op(Op::Root, &[], Imm::Struct(root), Type::Struct(root));
    let players = cx.g.load(state, root, field as u32);
    let Some(Type::Struct(player)) = players.ty.element().cloned() else {
        return Err(cx.fail(
            "playerID",
            codes::TYPE,
            "`Players` is no array of structs",
            "declare `Players []Player @key(ID)`",
        ));
    };
    let id = Operand::new(id, Type::String);
    let position = cx.with_site("playerID", |cx, site| cx.g.find_key(&players, id, &key, site))?;
    let not_found = cx.exit("notFound");
    if not_found.is_none() && !cx.reads("found") {
        cx.g.must_be_found(position);
        let player = cx.g.element(&players, position);
        cx.set("player", player);
        let found = cx.g.bool(true);
        cx.put("found", found, Type::Bool);
        return Ok(());
    }
    let zero = cx.g.int(0);
    let found = cx.g.cmp(Op::ICmp, Cond::Ge, position, zero);
    let item = cx.g.element_or_null(&players, position, found);
    cx.set("player", Operand { ty: Type::nullable(Type::Struct(player)), ..item });
    cx.put("found", found, Type::Bool);
    if let Some(not_found) = not_found {
        cx.leave_unless(found, not_found);
    }
    Ok(())
}
