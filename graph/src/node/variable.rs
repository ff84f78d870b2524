//! Constants and variables, and what only passes a value on.

use super::{Category, Example, Kind, NodeRow, ROW, constant, input, optional, output};
use crate::ir::{Imm, Op};
use crate::lower::Abort;

const VARIABLES: NodeRow = NodeRow { category: Category::Variables, ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "Constant",
        summary: "Gives its input as an output.",
        docs: "Maps and arrays may hold references. `type` is accepted and ignored.",
        inputs: &[input("value", "any", "The value."), optional("type", "any", "Ignored.")],
        outputs: &[output("value", "any", "The value.").or(&["result"])],
        example: Example::Outputs { inputs: r#"{"value": 7}"#, outputs: r#"{"value": 7}"# },
        lower: |cx| {
            let operand = cx.input("value")?;
            cx.set("value", operand);
            Ok(())
        },
        ..VARIABLES
    },
    NodeRow {
        name: "SetVariable",
        summary: "Sets a variable of this handler or function.",
        docs: "A variable has one type: that of the values it is set to (integers and floats together are floats).",
        inputs: &[constant("name", "The variable."), input("value", "any", "Its new value.")],
        outputs: &[output("value", "any", "The value.")],
        kind: Kind::Executing,
        charged: false,
        example: Example::Handler {
            nodes: r#"[{"id": "a", "type": "SetVariable", "inputs": {"name": "x", "value": 1}}, {"id": "b", "type": "SetVariable", "inputs": {"name": "x", "value": "node:c:result"}},
{"id": "c", "type": "Add", "inputs": {"a": "variable:x", "b": 1}}, {"id": "e", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"x": "variable:x"}}}]"#,
            flow: r#"[{"from": "start", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "X", "payload": {"x": 2}}]}"#,
        },
        lower: |cx| {
            let Some((name, _)) = cx.constant("name")? else { return Err(Abort) };
            let operand = cx.input("value")?;
            let operand = cx.with_site("value", |cx, site| cx.g.set_variable(&name, operand, site))?;
            cx.set("value", operand);
            Ok(())
        },
        ..VARIABLES
    },
    NodeRow {
        name: "GetVariable",
        summary: "Reads a variable of this handler or function.",
        inputs: &[constant("name", "The variable.")],
        outputs: &[output("value", "any", "Its value.")],
        charged: false,
        example: Example::Handler {
            nodes: r#"[{"id": "a", "type": "SetVariable", "inputs": {"name": "x", "value": 1}}, {"id": "g", "type": "GetVariable", "inputs": {"name": "x"}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "X", "payload": {"x": "node:g:value"}}}]"#,
            flow: r#"[{"from": "start", "to": "a"}, {"from": "a", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "X", "payload": {"x": 1}}]}"#,
        },
        lower: |cx| {
            let Some((name, _)) = cx.constant("name")? else { return Err(Abort) };
            let operand = cx.with_site("name", |cx, site| match cx.g.read_variable(&name, site)? {
                Some(operand) => Ok(operand),
                None => Err(cx.g.unset_variable(&name, site)),
            })?;
            cx.set("value", operand);
            Ok(())
        },
        ..VARIABLES
    },
    NodeRow {
        name: "Reveal",
        summary: "Gives its input as an output, and says that it may be shown to whoever sees the output.",
        docs: "For a value from a field that not everybody sees, on its way into an event or into a field that more see: \
               how many cards a hand has, a position that is announced now and then.",
        inputs: &[input("value", "any", "The value.")],
        outputs: &[output("value", "any", "The value.").or(&["result"])],
        example: Example::Outputs {
            inputs: r#"{"value": "state:Players[0].Hand.length"}"#,
            outputs: r#"{"value": 3}"#,
        },
        lower: |cx| {
            let operand = cx.input("value")?;
            let value = cx.g.owned(&operand);
            let value = cx.g.op(Op::Reveal, &[value], Imm::None, operand.ty.clone());
            cx.put("value", value, operand.ty);
            Ok(())
        },
        ..VARIABLES
    },
];
