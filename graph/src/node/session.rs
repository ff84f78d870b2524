//! The session and its players.

use statewright_types::Type;

use super::{Category, Effect, Example, Kind, NodeRow, ROW, input, output};
use crate::ir::{Cond, Imm, Op};

const SESSION: NodeRow =
    NodeRow { category: Category::Session, effects: &[Effect::ReadsSession], charged: false, ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "GetHostPlayer",
        summary: "The id of the host, or the empty text if there is none.",
        outputs: &[output("hostPlayerID", "string", "The id.").or(&["hostID", "hostPlayerId"])],
        example: Example::Outputs { inputs: "{}", outputs: r#"{"hostPlayerID": "ann"}"# },
        lower: |cx| {
            let host = cx.g.op(Op::Host, &[], Imm::None, Type::String);
            cx.put("hostPlayerID", host, Type::String);
            Ok(())
        },
        ..SESSION
    },
    NodeRow {
        name: "IsHost",
        summary: "Whether a player is the host.",
        inputs: &[input("playerID", "string", "The id.").or(&["playerId"])],
        outputs: &[output("isHost", "bool", "The answer.").or(&["result"])],
        example: Example::Outputs { inputs: r#"{"playerID": "bob"}"#, outputs: r#"{"isHost": false}"# },
        lower: |cx| {
            let id = cx.text("playerID")?;
            let host = cx.g.op(Op::Host, &[], Imm::None, Type::String);
            let empty = cx.g.text("");
            let same = cx.g.cmp(Op::SCmp, Cond::Eq, id, host);
            let any = cx.g.cmp(Op::SCmp, Cond::Ne, host, empty);
            let value = cx.g.bop(Op::And, &[same, any]);
            cx.put("isHost", value, Type::Bool);
            Ok(())
        },
        ..SESSION
    },
    NodeRow {
        name: "KickPlayer",
        summary: "Takes a player out of the session.",
        docs: "Happens when the handler has succeeded: the player is sent `Kicked` with the reason, `PlayerDisconnect` runs, another host \
           is found if it was that, and the others are sent `PlayerKicked` with `playerID` and `reason`. The state is not touched: \
           remove what belongs to the player on `PlayerDisconnect`.",
        inputs: &[
            input("playerID", "string", "Whom.").or(&["playerId"]),
            input("reason", "string", "What the player is told.").default("\"\""),
        ],
        outputs: &[
            output("kicked", "bool", "Whether the player is there, and not being taken out already.").or(&["success"])
        ],
        kind: Kind::Executing,
        effects: &[Effect::ActsOnSession],
        example: Example::Handler {
            nodes: r#"[{"id": "k", "type": "KickPlayer", "inputs": {"playerID": "bob", "reason": "idle"}}]"#,
            flow: r#"[{"from": "start", "to": "k"}]"#,
            expect: r#"{"events": [{"type": "Kicked", "to": ["bob"], "payload": {"reason": "idle"}},
{"type": "PlayerKicked", "to": {"except": "bob"}, "payload": {"playerID": "bob", "reason": "idle"}}], "fuel": 1}"#,
        },
        lower: |cx| {
            let player = cx.text("playerID")?;
            let reason = cx.text("reason")?;
            let kicked = cx.g.bop(Op::Kick, &[player, reason]);
            cx.put("kicked", kicked, Type::Bool);
            Ok(())
        },
        ..SESSION
    },
];
