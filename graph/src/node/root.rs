//! Roots: there or not.

use statewright_types::schema::Role;
use statewright_types::{StructId, Type};

use super::{Category, Effect, Example, InputPort, Kind, NodeRow, OutputPort, ROW, constant, output};
use crate::check::{codes, listed};
use crate::ir::{Imm, Op};
use crate::lower::{Abort, Cx};

const ROOT: NodeRow = NodeRow {
    category: Category::State,
    kind: Kind::Executing,
    effects: &[Effect::WritesState, Effect::Draws, Effect::ActsOnSession],
    charged: false,
    ..ROW
};
const NAME: InputPort = constant("schemaName", "The root's type.");
const SUCCESS: OutputPort = output("success", "bool", "Whether that changed anything.");

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "ActivateSchema",
        summary: "Makes a root of the state be there.",
        docs: "Acts at once. It has the values that it was left with, the first time those of the schema's defaults.",
        inputs: &[NAME],
        outputs: &[SUCCESS],
        example: Example::Handler {
            nodes: r#"[{"id": "a", "type": "ActivateSchema", "inputs": {"schemaName": "Bonus"}},
{"id": "i", "type": "Increment", "inputs": {"path": "Bonus.Points"}}]"#,
            flow: r#"[{"from": "start", "to": "a"}, {"from": "a", "to": "i"}]"#,
            expect: r#"{"state": {"Bonus.Points": 6}}"#,
        },
        lower: |cx| change(cx, Op::RootActivate),
        ..ROOT
    },
    NodeRow {
        name: "DeactivateSchema",
        summary: "Takes a root of the state away.",
        docs: "Acts at once. Its values come back with ActivateSchema; until then its fields are `not_found`, and nobody sees them. The \
           main root stays.",
        inputs: &[NAME],
        outputs: &[SUCCESS],
        example: Example::Handler {
            nodes: r#"[{"id": "d", "type": "DeactivateSchema", "inputs": {"schemaName": "Bonus"}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Gone", "payload": {"changed": "node:d:success"}}}]"#,
            flow: r#"[{"from": "start", "to": "d"}, {"from": "d", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Gone", "payload": {"changed": false}}]}"#,
        },
        lower: |cx| {
            let ty = root(cx)?;
            if ty == cx.g.unit.root {
                let message = format!("`{}` is the main root, which is always there", cx.g.schema().get(ty).name);
                let help = "keep what comes and goes in a root of its own, `@root(inactive)`";
                return Err(cx.fail("schemaName", codes::NOT_A_ROOT, message, help));
            }
            change_root(cx, ty, Op::RootDeactivate);
            Ok(())
        },
        ..ROOT
    },
    NodeRow {
        name: "IsSchemaActive",
        summary: "Whether a root of the state is there.",
        inputs: &[NAME],
        outputs: &[output("active", "bool", "The answer.")],
        kind: Kind::Pure,
        effects: &[Effect::ReadsState],
        example: Example::Outputs { inputs: r#"{"schemaName": "Bonus"}"#, outputs: r#"{"active": false}"# },
        lower: |cx| {
            let ty = root(cx)?;
            let active = cx.g.op(Op::RootIsActive, &[], Imm::Struct(ty), Type::Bool);
            cx.put("active", active, Type::Bool);
            Ok(())
        },
        ..ROOT
    },
    NodeRow {
        name: "ResetSchema",
        summary: "Gives a root of the state its schema's defaults again.",
        docs: "In place: structs in its fields stay what they are and get defaults, elements of its arrays and maps are replaced. A root that is \
           not active is reset too, and stays inactive.",
        inputs: &[NAME],
        example: Example::Handler {
            nodes: r#"[{"id": "r", "type": "ResetSchema", "inputs": {"schemaName": "Game"}}]"#,
            flow: r#"[{"from": "start", "to": "r"}]"#,
            expect: r#"{"full_state": {"Round": 1, "Phase": "lobby", "Players": [], "Scores": {}}}"#,
        },
        lower: |cx| {
            let ty = root(cx)?;
            cx.g.act(Op::RootReset, &[], Imm::Struct(ty));
            Ok(())
        },
        ..ROOT
    },
];

fn change(cx: &mut Cx<'_, '_>, op: Op) -> Result<(), Abort> {
    let ty = root(cx)?;
    change_root(cx, ty, op);
    Ok(())
}

fn change_root(cx: &mut Cx<'_, '_>, ty: StructId, op: Op) {
    let success = cx.g.op(op, &[], Imm::Struct(ty), Type::Bool);
    cx.put("success", success, Type::Bool);
}

/// The root that `schemaName` names.
fn root(cx: &mut Cx<'_, '_>) -> Result<StructId, Abort> {
    let Some((name, _)) = cx.constant("schemaName")? else { return Err(Abort) };
    let (schema, main) = (cx.g.schema(), cx.g.unit.root);
    let is_root = |ty: StructId| ty == main || schema.get(ty).role != Role::Helper;
    match schema.by_name(&name) {
        Some(ty) if is_root(ty) => Ok(ty),
        Some(_) => {
            let message = format!("`{name}` is no root of the state");
            let help = "mark it `@root(inactive)` in the schema, or name a root";
            Err(cx.fail("schemaName", codes::NOT_A_ROOT, message, help))
        }
        None => {
            let types = schema.types().iter().enumerate();
            let roots = types.filter(|(index, _)| is_root(StructId(*index as u32))).map(|(_, def)| &*def.name);
            let roots: Vec<&str> = roots.collect();
            let known = || format!("its roots are {}", listed(roots.iter().copied())).into();
            let help = cx.g.rows.suggest(&name, roots.iter().copied()).unwrap_or_else(known);
            Err(cx.fail("schemaName", codes::TYPE_NAME, format!("the schema has no type `{name}`"), &help))
        }
    }
}
