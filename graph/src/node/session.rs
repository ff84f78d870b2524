//! The session and its players.

use statewright_types::Type;

use super::{Category, Effect, Example, NodeRow, ROW, input, output};
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
];
