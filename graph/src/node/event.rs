//! Events to clients.

use statewright_types::{TrapCode, Type};

use super::{Category, Effect, Example, InputPort, Kind, NodeRow, ROW, input, optional, output};
use crate::ir::{Imm, Op, Value};
use crate::lower::{Abort, Cx};

const EVENTS: NodeRow = NodeRow {
    category: Category::Events,
    kind: Kind::Executing,
    effects: &[Effect::Emits],
    errors: &[TrapCode::StaleReference],
    ..ROW
};
const TYPE: InputPort = input("eventType", "string", "The event's type.").or(&["event"]);
const PAYLOAD: InputPort =
    optional("payload", "map", "What it carries, usually written out as an object; without it, nothing.").or(&["data"]);
const DOCS: &str =
    "Events are queued and sent when the handler has succeeded. Whole structs are sent as they are at that moment.";

pub(super) const ROWS: &[NodeRow] = &[
    to_all(
        "EmitToAll",
        r#"[{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Round", "payload": {"number": "state:Round"}}}]"#,
    ),
    to_all(
        "EmitEvent",
        r#"[{"id": "e", "type": "EmitEvent", "inputs": {"eventType": "Round", "payload": {"number": "state:Round"}}}]"#,
    ),
    NodeRow {
        name: "EmitToPlayer",
        summary: "Sends an event to one player.",
        docs: DOCS,
        inputs: &[input("playerID", "string", "Whom to."), TYPE, PAYLOAD],
        example: Example::Handler {
            nodes: r#"[{"id": "e", "type": "EmitToPlayer", "inputs": {"playerID": "ann", "eventType": "YourTurn"}}]"#,
            flow: r#"[{"from": "start", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "YourTurn", "to": ["ann"], "payload": {}}]}"#,
        },
        lower: |cx| {
            let id = cx.text("playerID")?;
            emit(cx, Op::EmitOne, Some(id))
        },
        ..EVENTS
    },
    NodeRow {
        name: "EmitToMany",
        summary: "Sends an event to several players.",
        docs: DOCS,
        inputs: &[input("playerIDs", "[]string", "Whom to."), TYPE, PAYLOAD],
        example: Example::Handler {
            nodes: r#"[{"id": "e", "type": "EmitToMany", "inputs": {"playerIDs": ["ann", "bob"], "eventType": "Deal"}}]"#,
            flow: r#"[{"from": "start", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Deal", "to": ["ann", "bob"]}]}"#,
        },
        lower: |cx| {
            let ids = cx.typed("playerIDs", &Type::list(Type::String))?.value;
            emit(cx, Op::EmitMany, Some(ids))
        },
        ..EVENTS
    },
    NodeRow {
        name: "EmitExcept",
        summary: "Sends an event to everybody but one player.",
        docs: DOCS,
        inputs: &[input("playerID", "string", "Whom not to."), TYPE, PAYLOAD],
        example: Example::Handler {
            nodes: r#"[{"id": "e", "type": "EmitExcept", "inputs": {"playerID": "ann", "eventType": "Noise"}}]"#,
            flow: r#"[{"from": "start", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Noise", "to": {"except": "ann"}}]}"#,
        },
        lower: |cx| {
            let id = cx.text("playerID")?;
            emit(cx, Op::EmitExcept, Some(id))
        },
        ..EVENTS
    },
    NodeRow {
        name: "Schedule",
        summary: "Has the session itself send an event later, which the document's handlers then handle.",
        docs: "It passes all permissions, its `senderID` is empty. At one time waits resume first, then events fire in the order in which \
           they were scheduled. Undone if the handler fails.",
        inputs: &[TYPE, input("delay", "int64", "Milliseconds from now; less than 1 counts as 1."), PAYLOAD],
        outputs: &[output("id", "int64", "Its number, for CancelScheduled.")],
        effects: &[Effect::ActsOnSession],
        errors: &[TrapCode::StaleReference, TrapCode::OutOfRange],
        example: Example::Handler {
            nodes: r#"[{"id": "s", "type": "Schedule", "inputs": {"eventType": "Run", "delay": 1000}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Again", "payload": {"id": "node:s:id"}}}]"#,
            flow: r#"[{"from": "start", "to": "s"}, {"from": "s", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Again", "payload": {"id": 1}}], "waiting": 0}"#,
        },
        lower: schedule,
        ..EVENTS
    },
    NodeRow {
        name: "CancelScheduled",
        summary: "Calls a scheduled event off.",
        inputs: &[input("id", "int64", "What Schedule gave.")],
        outputs: &[output("removed", "bool", "Whether it was still to come.")],
        effects: &[Effect::ActsOnSession],
        errors: &[],
        example: Example::Handler {
            nodes: r#"[{"id": "s", "type": "Schedule", "inputs": {"eventType": "Run", "delay": 1000}},
{"id": "c", "type": "CancelScheduled", "inputs": {"id": "node:s:id"}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Off", "payload": {"removed": "node:c:removed"}}}]"#,
            flow: r#"[{"from": "start", "to": "s"}, {"from": "s", "to": "c"}, {"from": "c", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Off", "payload": {"removed": true}}]}"#,
        },
        lower: |cx| {
            let id = cx.int("id")?;
            let removed = cx.g.bop(Op::Unschedule, &[id]);
            cx.put("removed", removed, Type::Bool);
            Ok(())
        },
        ..EVENTS
    },
];

const fn to_all(name: &'static str, nodes: &'static str) -> NodeRow {
    NodeRow {
        name,
        summary: "Sends an event to everybody.",
        docs: DOCS,
        inputs: &[TYPE, PAYLOAD],
        example: Example::Handler {
            nodes,
            flow: r#"[{"from": "start", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Round", "to": "all", "payload": {"number": 3}}], "fuel": 1}"#,
        },
        lower: |cx| emit(cx, Op::EmitAll, None),
        ..EVENTS
    }
}

fn schedule(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let kind = cx.text("eventType")?;
    let delay = cx.int("delay")?;
    let payload = cx.optional("payload")?;
    let args: Vec<Value> = [kind, delay].into_iter().chain(payload.map(|operand| operand.value)).collect();
    let id = cx.g.iop(Op::Schedule, &args);
    cx.put("id", id, Type::INT);
    Ok(())
}

fn emit(cx: &mut Cx<'_, '_>, op: Op, to: Option<Value>) -> Result<(), Abort> {
    let kind = cx.text("eventType")?;
    let payload = cx.optional("payload")?;
    let args: Vec<Value> = to.into_iter().chain([kind]).chain(payload.map(|operand| operand.value)).collect();
    cx.g.act(op, &args, Imm::None);
    Ok(())
}
