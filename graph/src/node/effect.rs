//! Effects: what handlers and viewers read instead of the base, for a while.

use statewright_types::{TrapCode, Type};

use super::filter::{params, unknown};
use super::{Category, Effect, Example, InputPort, Kind, NodeRow, ROW, constant, input, optional, output};
use crate::ir::{Imm, Op};
use crate::lower::{Abort, Cx};

const EFFECTS: NodeRow = NodeRow {
    category: Category::Session,
    kind: Kind::Executing,
    effects: &[Effect::ActsOnSession],
    charged: false,
    ..ROW
};
const ID: InputPort = input("effectId", "string", "What the effect in use is called.").or(&["effectID"]);

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "AddEffect",
        summary: "Puts an effect of this document to use.",
        docs: "Acts at once, for everybody: from here on the state reads as the effect makes it, and writes go to what is below \
               (the base). Effects act by ascending `priority`, then in the order of adding, each on what those before it made. \
               An id that is in use is `duplicate_id`, unless `stacks` is given: then the effect acts once more each time it is \
               added, up to that many, with the parameters, the priority and at the place of the first. Each adding renews the \
               duration. An effect that fails is left out and reported to the host program. With `once` it changes the \
               base itself, now, and is gone; if it fails, the handler stops with its error.",
        inputs: &[
            ID,
            constant("effectName", "The effect's name in this document."),
            optional("activator", "string", "Who caused it; for the host program to show."),
            optional("params", "map", "The effect's parameters by name, written out as an object; all must be given."),
            optional(
                "duration",
                "int64",
                "How long it lasts, in milliseconds; 0 or less, or none: until it is removed.",
            ),
            input("priority", "int64", "Lower ones act first; may be negative.").default("0"),
            optional("stacks", "int64", "How many times it may be added under its id; negative is `bad_argument`."),
            input("once", "bool", "Change the base now, and be gone.").default("false"),
        ],
        errors: &[TrapCode::DuplicateId, TrapCode::BadArgument, TrapCode::OutOfRange, TrapCode::StaleReference],
        example: Example::Handler {
            nodes: r#"[{"id": "a", "type": "AddEffect", "inputs": {"effectId": "d", "effectName": "Double", "duration": 5000}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Now", "payload": {"round": "state:Round", "base": "base:Round"}}}]"#,
            flow: r#"[{"from": "start", "to": "a"}, {"from": "a", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Now", "payload": {"round": 6, "base": 3}}], "state": {"Round": 3}, "effective": {"Round": 6}}"#,
        },
        lower: add,
        ..EFFECTS
    },
    NodeRow {
        name: "RemoveEffect",
        summary: "Takes an effect away, with all its stacks.",
        docs: "Acts at once: what follows reads the state without it.",
        inputs: &[ID],
        outputs: &[output("removed", "bool", "Whether there was one under that id.")],
        example: Example::Handler {
            nodes: r#"[{"id": "r", "type": "RemoveEffect", "inputs": {"effectId": "d"}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Gone", "payload": {"removed": "node:r:removed"}}}]"#,
            flow: r#"[{"from": "start", "to": "r"}, {"from": "r", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Gone", "payload": {"removed": false}}]}"#,
        },
        lower: |cx| {
            let id = cx.text("effectId")?;
            let removed = cx.g.bop(Op::EffectRemove, &[id]);
            cx.put("removed", removed, Type::Bool);
            Ok(())
        },
        ..EFFECTS
    },
    NodeRow {
        name: "HasEffect",
        summary: "Whether an effect is in use under an id.",
        inputs: &[ID],
        outputs: &[output("exists", "bool", "The answer.").or(&["result"])],
        kind: Kind::Pure,
        effects: &[Effect::ReadsSession],
        example: Example::Outputs { inputs: r#"{"effectId": "d"}"#, outputs: r#"{"exists": false}"# },
        lower: |cx| {
            let id = cx.text("effectId")?;
            let exists = cx.g.bop(Op::EffectHas, &[id]);
            cx.put("exists", exists, Type::Bool);
            Ok(())
        },
        ..EFFECTS
    },
];

fn add(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let id = cx.text("effectId")?;
    let Some((name, span)) = cx.constant("effectName")? else { return Err(Abort) };
    let effects = &cx.g.unit.effects;
    let Some(effect) = effects.iter().find(|effect| effect.name == name) else {
        return Err(unknown(cx, "effect", "effectName", (&name, span), effects));
    };
    let activator = match cx.optional_typed("activator", &Type::String)? {
        Some(operand) => operand.value,
        None => cx.g.text(""),
    };
    let params = params(cx, "effect", &name, &effect.params)?;
    let duration = optional_int(cx, "duration")?;
    let priority = cx.int("priority")?;
    let stacks = optional_int(cx, "stacks")?;
    let once = cx.bool("once")?;
    let name = cx.g.text(&name);
    let args = [id, name, activator, duration, priority, stacks, once].into_iter().chain(params);
    cx.g.act(Op::EffectAdd, &args.collect::<Vec<_>>(), Imm::None);
    Ok(())
}

fn optional_int(cx: &mut Cx<'_, '_>, port: &str) -> Result<crate::ir::Value, Abort> {
    match cx.optional_typed(port, &Type::INT)? {
        Some(operand) => Ok(operand.value),
        None => Ok(cx.g.int(0)),
    }
}
