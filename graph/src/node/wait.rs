//! Waiting: the activation is suspended and goes on later (R6.3, R6.4).

use std::sync::Arc;

use statewright_types::TrapCode;

use super::{Category, Effect, Example, Kind, NodeRow, ROW, constant, input};
use crate::check::{codes, suggest};
use crate::ir::{Cond, Op, Wait};
use crate::lower::{Abort, Cx};

/// Units of time and their milliseconds.
const UNITS: &[(&str, i64)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

pub(super) const ROWS: &[NodeRow] = &[NodeRow {
    name: "Wait",
    category: Category::Async,
    summary: "Goes on after a while.",
    docs: "What the handler did so far is committed. Time is the session's; zero or less goes on at once. Read anew what others \
           may have changed in between; references to removed elements are stale.",
    inputs: &[input("duration", "int64", "How long."), constant("unit", "ms, s, m or h.").default("\"ms\"")],
    kind: Kind::Executing,
    effects: &[Effect::Suspends],
    errors: &[TrapCode::Overflow],
    example: Example::Handler {
        nodes: r#"[{"id": "w", "type": "Wait", "inputs": {"duration": 2, "unit": "s"}}, {"id": "i", "type": "Increment", "inputs": {"path": "Round"}}]"#,
        flow: r#"[{"from": "start", "to": "w"}, {"from": "w", "to": "i"}]"#,
        expect: r#"{"waiting": 1, "state": {"Round": 3}, "fuel": 1}"#,
    },
    lower: wait,
    ..ROW
}];

fn wait(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let duration = cx.int("duration")?;
    let unit = cx.constant("unit")?.map_or(Arc::from("ms"), |(unit, _)| unit);
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == &*unit) else {
        let help = suggest(&unit, UNITS.iter().map(|(name, _)| *name))
            .unwrap_or_else(|| "the units are ms, s, m and h".into());
        return Err(cx.fail("unit", codes::LITERAL, format!("`{unit}` is no unit of time"), &help));
    };
    let factor = cx.g.int(*factor);
    let ms = cx.g.iop(Op::IMul, &[duration, factor]);
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
