//! Configured values.

use statewright_types::{Diagnostic, Span, TrapCode, Value};

use super::{Category, Effect, Example, Kind, NodeRow, ROW, constant, input, output};
use crate::check::codes;
use crate::document::InputKind;
use crate::ir::{Imm, Op};
use crate::lower::{Abort, Cx, Site};

const CONFIG: NodeRow = NodeRow { category: Category::State, charged: false, ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "GetConfig",
        summary: "A value of the configuration.",
        docs: "The same as the reference `config:GROUP.FIELD`.",
        inputs: &[constant("name", "Which one, `GROUP.FIELD`.")],
        outputs: &[output("value", "any", "Its value, as it is now.")],
        effects: &[Effect::ReadsSession],
        example: Example::Outputs { inputs: r#"{"name": "Game.Rounds"}"#, outputs: r#"{"value": 3}"# },
        lower: |cx| {
            let Some((name, span)) = cx.constant("name")? else { return Err(Abort) };
            let value = cx.with_site("name", |cx, site| cx.g.config_value(&name, Site { span, ..site }))?;
            cx.set("value", value);
            Ok(())
        },
        ..CONFIG
    },
    NodeRow {
        name: "SetConfig",
        summary: "Sets a value of the configuration for this session.",
        docs: "Acts at once, until the host program gives another configuration or ReloadConfig goes back. The value must be within the bounds and \
           options that the configuration declares.",
        inputs: &[constant("name", "Which one, `GROUP.FIELD`."), input("value", "any", "Its new value.")],
        kind: Kind::Executing,
        effects: &[Effect::ActsOnSession],
        errors: &[TrapCode::BadArgument, TrapCode::OutOfRange],
        example: Example::Handler {
            nodes: r#"[{"id": "s", "type": "SetConfig", "inputs": {"name": "Game.Rounds", "value": 5}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Rounds", "payload": {"rounds": "config:Game.Rounds"}}}]"#,
            flow: r#"[{"from": "start", "to": "s"}, {"from": "s", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Rounds", "payload": {"rounds": 5}}]}"#,
        },
        lower: set,
        ..CONFIG
    },
    NodeRow {
        name: "ReloadConfig",
        summary: "Goes back to the configuration that was given last.",
        docs: "Undoes every SetConfig since the session began, or since the host program gave another configuration.",
        kind: Kind::Executing,
        effects: &[Effect::ActsOnSession],
        example: Example::Handler {
            nodes: r#"[{"id": "s", "type": "SetConfig", "inputs": {"name": "Game.Title", "value": "Dice"}},
{"id": "r", "type": "ReloadConfig", "inputs": {}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Title", "payload": {"title": "config:Game.Title"}}}]"#,
            flow: r#"[{"from": "start", "to": "s"}, {"from": "s", "to": "r"}, {"from": "r", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Title", "payload": {"title": "Cards"}}]}"#,
        },
        lower: |cx| {
            cx.g.act(Op::ConfigReload, &[], Imm::None);
            Ok(())
        },
        ..CONFIG
    },
];

fn set(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let Some((name, span)) = cx.constant("name")? else { return Err(Abort) };
    let field = cx.with_site("name", |cx, site| cx.g.config_field(&name, Site { span, ..site }))?;
    let value = cx.typed("value", &field.ty)?;
    if let Some((literal, span)) = literal(cx)
        && let Err(problem) = field.fit(&literal)
    {
        let diagnostic = Diagnostic::error(codes::LITERAL, span, format!("`{name}` cannot be set to this: {problem}"))
            .help("give a value within the bounds and options that the configuration declares");
        return Err(cx.g.report(cx.node, Some("value"), diagnostic));
    }
    let path = cx.g.text(&name);
    cx.g.act(Op::ConfigSet, &[path, value.value], Imm::None);
    Ok(())
}

/// The input `value`, if it is a literal.
fn literal(cx: &Cx<'_, '_>) -> Option<(Value, Span)> {
    let input = cx.raw("value")?;
    let value = match &input.kind {
        InputKind::Bool(value) => Value::Bool(*value),
        InputKind::Int(value) => Value::Int(*value),
        InputKind::UInt(value) => Value::UInt(*value),
        InputKind::Float(value) => Value::Float(*value),
        InputKind::Text(text) => Value::Str(text.clone()),
        _ => return None,
    };
    Some((value, input.span))
}
