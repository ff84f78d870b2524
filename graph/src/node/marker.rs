//! Nodes that say something to readers and checkers, and do nothing.

use super::{Category, Example, NodeRow, ROW, input, output};

const EVENTS: NodeRow = NodeRow {
    category: Category::Events,
    docs: "A marker without effect, in the flow or beside it: the handler's `event` says when it runs.",
    ..ROW
};

pub(super) const ROWS: &[NodeRow] = &[
    marker(
        "OnPlayerConnect",
        "Marks where a handler of PlayerConnect begins.",
        r#"[{"id": "m", "type": "OnPlayerConnect", "inputs": {}}, {"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Hello"}}]"#,
    ),
    marker(
        "OnPlayerDisconnect",
        "Marks where a handler of PlayerDisconnect begins.",
        r#"[{"id": "m", "type": "OnPlayerDisconnect", "inputs": {}}, {"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Hello"}}]"#,
    ),
    marker(
        "OnCustomEvent",
        "Marks where a handler of an event of the game's own begins.",
        r#"[{"id": "m", "type": "OnCustomEvent", "inputs": {}}, {"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Hello"}}]"#,
    ),
    marker(
        "OnTick",
        "Marks where a handler of Tick begins.",
        r#"[{"id": "m", "type": "OnTick", "inputs": {}}, {"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Hello"}}]"#,
    ),
    NodeRow {
        name: "Reveal",
        category: Category::Object,
        summary: "A value as it is, declared to be disclosed on purpose.",
        docs: "The checker warns where a value reaches somebody who may not see its source; through this node it may.",
        inputs: &[input("value", "any", "The value.")],
        outputs: &[output("value", "any", "The same value.").or(&["result"])],
        example: Example::Outputs {
            inputs: r#"{"value": "state:Players[0].Hand"}"#,
            outputs: r#"{"value": [4, 1, 3]}"#,
        },
        lower: |cx| {
            let operand = cx.input("value")?;
            cx.set("value", operand);
            Ok(())
        },
        ..ROW
    },
];

const fn marker(name: &'static str, summary: &'static str, nodes: &'static str) -> NodeRow {
    NodeRow {
        name,
        summary,
        example: Example::Handler {
            nodes,
            flow: r#"[{"from": "start", "to": "m"}, {"from": "m", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Hello"}], "fuel": 2}"#,
        },
        ..EVENTS
    }
}
