//! Waiting: the activation is suspended and goes on later (R6.3, R6.4).

use std::sync::Arc;

use statewright_types::{RecordType, TrapCode, Type};

use super::{Category, Effect, Example, Exits, Kind, NodeRow, ROW, constant, input, lambda, output};
use crate::check::{codes, suggest};
use crate::document::InputKind;
use crate::ir::{Cond, Op, Value, Wait};
use crate::lower::{Abort, Cx};

/// Units of time and their milliseconds.
const UNITS: &[(&str, i64)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

const ASYNC: NodeRow =
    NodeRow { category: Category::Async, kind: Kind::Executing, effects: &[Effect::Suspends], ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "Wait",
        summary: "Goes on after a while.",
        docs: "What the handler did so far is committed. Time is the session's; zero or less goes on at once. Read anew what others \
           may have changed in between; references to removed elements are stale.",
        inputs: &[input("duration", "int64", "How long."), constant("unit", "ms, s, m or h.").default("\"ms\"")],
        errors: &[TrapCode::Overflow],
        example: Example::Handler {
            nodes: r#"[{"id": "w", "type": "Wait", "inputs": {"duration": 2, "unit": "s"}}, {"id": "i", "type": "Increment", "inputs": {"path": "Round"}}]"#,
            flow: r#"[{"from": "start", "to": "w"}, {"from": "w", "to": "i"}]"#,
            expect: r#"{"waiting": 1, "state": {"Round": 3}, "fuel": 1}"#,
        },
        lower: wait,
        ..ASYNC
    },
    NodeRow {
        name: "WaitUntil",
        summary: "Goes on when a condition holds, or after a timeout.",
        docs: "The condition is tested at once, then every `checkInterval` milliseconds, and a last time at the deadline. What the \
           handler did before is committed with each suspension.",
        inputs: &[
            lambda("condition", "bool", "What to wait for, evaluated anew for each test."),
            input("checkInterval", "int64", "Milliseconds between tests, at least 1.").default("100"),
            input("timeout", "int64", "Milliseconds; 0 or less waits without limit.").default("30000"),
        ],
        outputs: &[
            output("timedOut", "bool", "Whether the time was up before the condition held."),
            output("completed", "bool", "Whether the condition held in time."),
            output("elapsed", "int64", "Milliseconds spent waiting."),
        ],
        errors: &[TrapCode::BadArgument, TrapCode::Overflow],
        example: Example::Handler {
            nodes: r#"[{"id": "w", "type": "WaitUntil", "inputs": {"condition": "node:c:result", "timeout": 50}},
{"id": "c", "type": "Compare", "inputs": {"left": "state:Round", "op": "==", "right": 3}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Ready", "payload": {"late": "node:w:timedOut"}}}]"#,
            flow: r#"[{"from": "start", "to": "w"}, {"from": "w", "to": "e"}]"#,
            expect: r#"{"waiting": 0, "events": [{"type": "Ready", "payload": {"late": false}}]}"#,
        },
        lower: wait_until,
        ..ASYNC
    },
    NodeRow {
        name: "Timeout",
        summary: "Runs `body` for a while at most, then `done`, or `timeout` if it was cut short.",
        docs: "When the time is up the body is cut short at whatever it waits for, in functions that it calls too; what it wrote before \
           that stays. A body that ends by the deadline, or at that very time, has made it, and so has one that never waits. Zero or \
           less cuts the body short at its first wait. The body ends where no edge leads on, and at `end`; Break and Continue do not \
           lead out of it. Without a `body` edge the unlabelled edge is the body.",
        inputs: &[
            input("duration", "int64", "How long at most."),
            constant("unit", "ms, s, m or h.").default("\"ms\""),
        ],
        outputs: &[
            output("timedOut", "bool", "Whether the body was cut short."),
            output("completed", "bool", "Whether the body made it."),
            output("elapsed", "int64", "Milliseconds that it took."),
        ],
        exits: Exits::Bounded,
        errors: &[TrapCode::Overflow],
        example: Example::Handler {
            nodes: r#"[{"id": "t", "type": "Timeout", "inputs": {"duration": 5, "unit": "s"}}, {"id": "w", "type": "WaitForEvent", "inputs": {"eventType": "Ready"}},
{"id": "yes", "type": "Increment", "inputs": {"path": "Round"}}, {"id": "no", "type": "EmitToAll", "inputs": {"eventType": "TooLate"}}]"#,
            flow: r#"[{"from": "start", "to": "t"}, {"from": "t", "to": "w", "label": "body"}, {"from": "t", "to": "yes", "label": "done"},
{"from": "t", "to": "no", "label": "timeout"}]"#,
            expect: r#"{"waiting": 1, "state": {"Round": 3}, "fuel": 2}"#,
        },
        lower: timeout,
        ..ASYNC
    },
    NodeRow {
        name: "WaitForEvent",
        summary: "Goes on when an event has come in, or after a timeout.",
        docs: "What the handler did so far is committed. The event's own handlers run first, then those who wait for it, in the order \
           in which they began. An event that every handler refuses has not come in.",
        inputs: &[
            input("eventType", "string", "The event's type.").or(&["event"]),
            input("timeout", "int64", "Milliseconds; 0 or less waits without limit.").default("30000"),
        ],
        outputs: &[
            output("received", "bool", "Whether the event came in time."),
            output(
                "data",
                "record",
                "The parameters that the event's handlers declare; zeros if it did not come. Empty if nothing handles the event, or \
               its type is computed.",
            ),
        ],
        errors: &[TrapCode::Overflow],
        example: Example::Handler {
            nodes: r#"[{"id": "w", "type": "WaitForEvent", "inputs": {"eventType": "Ready", "timeout": 500}},
{"id": "i", "type": "Increment", "inputs": {"path": "Round"}}]"#,
            flow: r#"[{"from": "start", "to": "w"}, {"from": "w", "to": "i"}]"#,
            expect: r#"{"waiting": 1, "state": {"Round": 3}}"#,
        },
        lower: wait_for_event,
        ..ASYNC
    },
];

fn wait_for_event(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let known = match cx.raw("eventType").map(|input| &input.kind) {
        Some(InputKind::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let fields = known.map_or(Vec::new(), |event| cx.g.unit.event_params(&event));
    let data = Type::Record(Arc::new(RecordType { fields }));
    let event = cx.text("eventType")?;
    let timeout_ms = cx.int("timeout")?;
    let types = vec![Type::Bool, data.loaded()];
    if let [received, record] = cx.g.builder.suspend_for(Wait::Event, vec![event, timeout_ms], types)[..] {
        cx.put("received", received, Type::Bool);
        cx.put("data", record, data);
    }
    Ok(())
}

/// Tests, then waits until the next test or the deadline, whichever comes first (R6.4).
fn wait_until(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let interval_ms = cx.int("checkInterval")?;
    let timeout_ms = cx.int("timeout")?;
    let (zero, most) = (cx.g.int(0), cx.g.int(i64::MAX));
    let too_short = cx.g.cmp(Op::ICmp, Cond::Le, interval_ms, zero);
    cx.g.trap_if(too_short, TrapCode::BadArgument);
    let now = cx.g.iop(Op::Now, &[]);
    let (start, interval, deadline, late) = (
        cx.g.builder.var(Type::INT),
        cx.g.builder.var(Type::INT),
        cx.g.builder.var(Type::INT),
        cx.g.builder.var(Type::Bool),
    );
    cx.g.builder.set(start, now);
    cx.g.builder.set(interval, interval_ms);
    cx.g.builder.set(deadline, most);
    let limited = cx.g.cmp(Op::ICmp, Cond::Gt, timeout_ms, zero);
    cx.g.only_if(limited, &mut |g| {
        let end = g.iop(Op::IAdd, &[now, timeout_ms]);
        g.builder.set(deadline, end);
        Ok(())
    })?;
    let (head, done) = (cx.g.builder.block(), cx.g.builder.block());
    cx.g.builder.jump(head);
    cx.g.builder.switch_to(head);
    let holds = cx.lambda("condition", Some(&Type::Bool))?.value;
    let (yes, no) = cx.g.fork(holds);
    cx.g.builder.switch_to(yes);
    let in_time = cx.g.bool(false);
    cx.g.builder.set(late, in_time);
    cx.g.builder.jump(done);
    cx.g.builder.switch_to(no);
    let (now, end) = (cx.g.iop(Op::Now, &[]), cx.g.builder.get(deadline));
    let up = cx.g.cmp(Op::ICmp, Cond::Ge, now, end);
    let (timed_out, again) = cx.g.fork(up);
    cx.g.builder.switch_to(timed_out);
    let too_late = cx.g.bool(true);
    cx.g.builder.set(late, too_late);
    cx.g.builder.jump(done);
    cx.g.builder.switch_to(again);
    // Both are positive: the deadline is still to come, and so is the next test.
    let left = cx.g.iop(Op::ISub, &[end, now]);
    let every = cx.g.builder.get(interval);
    let pause = cx.g.iop(Op::IMin, &[left, every]);
    cx.g.builder.suspend(Wait::Duration, vec![pause]);
    cx.g.builder.jump(head);
    cx.g.builder.seal(head);
    cx.g.builder.seal(done);
    cx.g.builder.switch_to(done);
    let timed_out = cx.g.builder.get(late);
    let completed = cx.g.bop(Op::Not, &[timed_out]);
    let (now, began) = (cx.g.iop(Op::Now, &[]), cx.g.builder.get(start));
    let elapsed = cx.g.iop(Op::ISub, &[now, began]);
    cx.put("timedOut", timed_out, Type::Bool);
    cx.put("completed", completed, Type::Bool);
    cx.put("elapsed", elapsed, Type::INT);
    Ok(())
}

fn wait(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let ms = milliseconds(cx)?;
    let zero = cx.g.int(0);
    let positive = cx.g.cmp(Op::ICmp, Cond::Gt, ms, zero);
    let (yes, no) = cx.g.fork(positive);
    let join = cx.g.builder.block();
    cx.g.builder.switch_to(no);
    cx.g.builder.jump(join);
    cx.g.builder.switch_to(yes);
    cx.g.builder.suspend(Wait::Duration, vec![ms]);
    cx.g.join_at(join);
    Ok(())
}

/// The body has made it if it ends on its deadline; zero or less is due at once, at the first wait (R6.4).
fn timeout(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let ms = milliseconds(cx)?;
    let zero = cx.g.int(0);
    let ms = cx.g.iop(Op::IMax, &[ms, zero]);
    let now = cx.g.iop(Op::Now, &[]);
    let due = cx.g.iop(Op::IAdd, &[now, ms]);
    cx.bounded(due)
}

/// `duration` in milliseconds.
fn milliseconds(cx: &mut Cx<'_, '_>) -> Result<Value, Abort> {
    let duration = cx.int("duration")?;
    let unit = cx.constant("unit")?.map_or(Arc::from("ms"), |(unit, _)| unit);
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == &*unit) else {
        let help = suggest(&unit, UNITS.iter().map(|(name, _)| *name))
            .unwrap_or_else(|| "the units are ms, s, m and h".into());
        return Err(cx.fail("unit", codes::LITERAL, format!("`{unit}` is no unit of time"), &help));
    };
    let factor = cx.g.int(*factor);
    Ok(cx.g.iop(Op::IMul, &[duration, factor]))
}
