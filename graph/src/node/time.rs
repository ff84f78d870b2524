//! Time: the action's, never a clock's (R6.1).

use statewright_types::{TrapCode, Type};

use super::{Category, Effect, Example, NodeRow, ROW, input, output};
use crate::ir::{Imm, Op, Value};
use crate::lower::Cx;

const TIME: NodeRow =
    NodeRow { category: Category::Time, effects: &[Effect::ReadsClock], errors: &[TrapCode::Overflow], ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "GetCurrentTime",
        summary: "The time of the action, since the epoch.",
        docs: "Every node of one action sees the same time.",
        outputs: &[
            output("timestamp", "int64", "Seconds, rounded down."),
            output("timestampMs", "int64", "Milliseconds."),
        ],
        errors: &[],
        example: Example::Outputs { inputs: "{}", outputs: r#"{"timestamp": 0, "timestampMs": 0}"# },
        lower: |cx| {
            let now = cx.g.iop(Op::Now, &[]);
            let seconds = to_seconds(cx, now);
            cx.put("timestamp", seconds, Type::INT);
            cx.put("timestampMs", now, Type::INT);
            Ok(())
        },
        ..TIME
    },
    NodeRow {
        name: "TimeSince",
        summary: "How long ago a time was.",
        docs: "Negative if it is still to come.",
        inputs: &[input("startTime", "int64", "A timestamp in seconds.").or(&["timestamp"])],
        outputs: &[output("seconds", "int64", "Seconds, rounded down."), output("elapsed", "int64", "Milliseconds.")],
        example: Example::Outputs { inputs: r#"{"startTime": -2}"#, outputs: r#"{"seconds": 2, "elapsed": 2000}"# },
        lower: |cx| {
            let start = cx.int("startTime")?;
            let now = cx.g.iop(Op::Now, &[]);
            let thousand = cx.g.int(1000);
            let start_ms = cx.g.iop(Op::IMul, &[start, thousand]);
            let elapsed = cx.g.iop(Op::ISub, &[now, start_ms]);
            let seconds = to_seconds(cx, elapsed);
            cx.put("seconds", seconds, Type::INT);
            cx.put("elapsed", elapsed, Type::INT);
            Ok(())
        },
        ..TIME
    },
    NodeRow {
        name: "TimeAdd",
        summary: "A timestamp later by a duration.",
        docs: "Both in the same unit.",
        inputs: &[
            input("timestamp", "int64", "The time."),
            input("duration", "int64", "How much later; may be negative."),
        ],
        outputs: &[output("result", "int64", "The later time.")],
        effects: &[],
        example: Example::Outputs { inputs: r#"{"timestamp": 100, "duration": 20}"#, outputs: r#"{"result": 120}"# },
        lower: |cx| {
            let (time, duration) = (cx.int("timestamp")?, cx.int("duration")?);
            let value = cx.g.iop(Op::IAdd, &[time, duration]);
            cx.put("result", value, Type::INT);
            Ok(())
        },
        ..TIME
    },
];

fn to_seconds(cx: &mut Cx<'_, '_>, ms: Value) -> Value {
    let thousand = cx.g.op(Op::IConst, &[], Imm::Int(1000), Type::INT);
    cx.g.iop(Op::IDivFloor, &[ms, thousand])
}
