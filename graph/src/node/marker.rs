//! Nodes that say something to readers, and do nothing.

use super::{Category, Example, NodeRow, ROW};

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
