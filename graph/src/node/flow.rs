//! Control flow: choices, loops, leaving them, failing.

use std::sync::Arc;

use statewright_types::number::float_text;
use statewright_types::{TrapCode, Type};

use super::{Category, Example, Exits, Kind, NodeRow, ROW, input, lambda, optional, output, path};
use crate::check::codes;
use crate::ir::{Cond, Imm, Op, Value};
use crate::lower::{Abort, Cx, Operand};

const FLOW: NodeRow = NodeRow { category: Category::Flow, kind: Kind::Executing, ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "If",
        summary: "Goes on at `true` or at `false`.",
        docs: "An unlabelled edge stands for the label that is missing, and is where a branch goes on that just ends.",
        inputs: &[input("condition", "bool", "Which way.")],
        exits: Exits::Branch(&["true", "false"]),
        example: Example::Handler {
            nodes: r#"[{"id": "i", "type": "If", "inputs": {"condition": true}},
{"id": "yes", "type": "EmitToAll", "inputs": {"eventType": "Yes"}}, {"id": "no", "type": "EmitToAll", "inputs": {"eventType": "No"}}]"#,
            flow: r#"[{"from": "start", "to": "i"}, {"from": "i", "to": "yes", "label": "true"}, {"from": "i", "to": "no", "label": "false"}]"#,
            expect: r#"{"events": [{"type": "Yes"}], "fuel": 2}"#,
        },
        lower: |cx| {
            let condition = cx.bool("condition")?;
            let (Some(yes), Some(no)) = (cx.exit("true"), cx.exit("false")) else { return Err(Abort) };
            cx.g.builder.branch(condition, yes, no);
            Ok(())
        },
        ..FLOW
    },
    NodeRow {
        name: "Switch",
        summary: "Goes on at the edge whose label is the value's text, else at `default`.",
        docs: "An unlabelled edge stands for `default`, and is where a branch goes on that just ends.",
        inputs: &[input("value", "bool, number or text", "The value.")],
        exits: Exits::Cases,
        example: Example::Handler {
            nodes: r#"[{"id": "s", "type": "Switch", "inputs": {"value": "state:Phase"}},
{"id": "p", "type": "EmitToAll", "inputs": {"eventType": "Playing"}}]"#,
            flow: r#"[{"from": "start", "to": "s"}, {"from": "s", "to": "p", "label": "play"}, {"from": "s", "to": "end", "label": "default"}]"#,
            expect: r#"{"events": [{"type": "Playing"}]}"#,
        },
        lower: switch,
        ..FLOW
    },
    NodeRow {
        name: "ForEach",
        summary: "Runs `body` once for each element of an array or entry of a map, then `done`.",
        docs: "In the body `loop:item` and `loop:index` (of a map also `loop:key` and `loop:value`) are known. A loop directly \
               over `state:` stops with `modified_during_iteration` if elements come or go while it runs; loop over a copy \
               (the output of GetField) where the body adds or removes.",
        inputs: &[
            optional("array", "[]T or map[K]V", "What to go through.").or(&["map"]),
            path("The state path of it, instead of `array`.").optional(),
        ],
        outputs: &[
            output("item", "T", "The element of this pass."),
            output("index", "int64", "Its index."),
            output("key", "K", "The key of this pass, of a map."),
            output("value", "V", "The value of this pass, of a map."),
        ],
        exits: Exits::Loop,
        fuel: "1 for each pass",
        errors: &[TrapCode::ModifiedDuringIteration, TrapCode::StaleReference],
        example: Example::Handler {
            nodes: r#"[{"id": "l", "type": "ForEach", "inputs": {"array": "state:Players"}},
{"id": "i", "type": "Increment", "inputs": {"path": "Round", "by": "loop:item.Score"}}]"#,
            flow: r#"[{"from": "start", "to": "l"}, {"from": "l", "to": "i", "label": "body"}]"#,
            expect: r#"{"state": {"Round": 43}, "fuel": 5}"#,
        },
        lower: |cx| {
            let (collection, port) = cx.collection("array")?;
            if !matches!(collection.ty, Type::List(_) | Type::Map(..)) {
                let message =
                    format!("ForEach goes through an array or a map, and this is {}", cx.g.show(&collection.ty));
                return Err(cx.fail(port, codes::TYPE, message, "name an array or a map"));
            }
            cx.flow_loop(&collection, &mut |_, _| Ok(None))
        },
        ..FLOW
    },
    NodeRow {
        name: "While",
        summary: "Runs `body` as long as a condition holds, then `done`.",
        docs: "The condition is evaluated anew before each pass.",
        inputs: &[lambda("condition", "bool", "Whether to go on.")],
        exits: Exits::Loop,
        fuel: "1 for each pass",
        example: Example::Handler {
            nodes: r#"[{"id": "c", "type": "Compare", "inputs": {"left": "state:Round", "op": "<", "right": 6}},
{"id": "w", "type": "While", "inputs": {"condition": "node:c:result"}}, {"id": "i", "type": "Increment", "inputs": {"path": "Round"}}]"#,
            flow: r#"[{"from": "start", "to": "w"}, {"from": "w", "to": "i", "label": "body"}, {"from": "i", "to": "w"}]"#,
            expect: r#"{"state": {"Round": 6}, "fuel": 7}"#,
        },
        lower: |cx| cx.flow_loop_while(&mut |cx, _| Ok(cx.lambda("condition", Some(&Type::Bool))?.value)),
        ..FLOW
    },
    NodeRow {
        name: "Repeat",
        summary: "Runs `body` a number of times, then `done`.",
        inputs: &[input("count", "int64", "How often; zero or less is never.")],
        outputs: &[output("index", "int64", "Which pass, from 0.")],
        exits: Exits::Loop,
        fuel: "1 for each pass",
        example: Example::Handler {
            nodes: r#"[{"id": "r", "type": "Repeat", "inputs": {"count": 3}},
{"id": "i", "type": "Increment", "inputs": {"path": "Round", "by": "node:r:index"}}]"#,
            flow: r#"[{"from": "start", "to": "r"}, {"from": "r", "to": "i", "label": "body"}]"#,
            expect: r#"{"state": {"Round": 6}}"#,
        },
        lower: |cx| {
            let count = cx.int("count")?;
            let kept = cx.g.builder.var(Type::INT);
            cx.g.builder.set(kept, count);
            cx.flow_loop_while(&mut |cx, index| {
                let count = cx.g.builder.get(kept);
                Ok(cx.g.cmp(Op::ICmp, Cond::Lt, index, count))
            })
        },
        ..FLOW
    },
    NodeRow {
        name: "Sequence",
        summary: "Runs the branches `1`, `2`, … one after the other.",
        docs: "A branch ends where no edge leads on, and at `end`; then the next one begins. What comes after the last one \
               follows the unlabelled edge. Return ends the function or handler as ever, and Break and Continue act on the \
               loop around the Sequence.",
        exits: Exits::Numbered,
        example: Example::Handler {
            nodes: r#"[{"id": "s", "type": "Sequence", "inputs": {}}, {"id": "a", "type": "EmitToAll", "inputs": {"eventType": "First"}},
{"id": "b", "type": "EmitToAll", "inputs": {"eventType": "Second"}}, {"id": "c", "type": "EmitToAll", "inputs": {"eventType": "After"}}]"#,
            flow: r#"[{"from": "start", "to": "s"}, {"from": "s", "to": "b", "label": "2"}, {"from": "s", "to": "a", "label": "1"},
{"from": "a", "to": "end"}, {"from": "s", "to": "c"}]"#,
            expect: r#"{"events": [{"type": "First"}, {"type": "Second"}, {"type": "After"}], "fuel": 4}"#,
        },
        ..FLOW
    },
    NodeRow {
        name: "Break",
        summary: "Leaves the innermost loop.",
        exits: Exits::None,
        example: Example::Handler {
            nodes: r#"[{"id": "r", "type": "Repeat", "inputs": {"count": 3}},
{"id": "i", "type": "Increment", "inputs": {"path": "Round"}}, {"id": "b", "type": "Break", "inputs": {}}]"#,
            flow: r#"[{"from": "start", "to": "r"}, {"from": "r", "to": "i", "label": "body"}, {"from": "i", "to": "b"}]"#,
            expect: r#"{"state": {"Round": 4}}"#,
        },
        lower: |cx| {
            let target = innermost(cx)?.1;
            cx.g.builder.jump(target);
            Ok(())
        },
        ..FLOW
    },
    NodeRow {
        name: "Continue",
        summary: "Ends this pass of the innermost loop.",
        exits: Exits::None,
        example: Example::Handler {
            nodes: r#"[{"id": "r", "type": "Repeat", "inputs": {"count": 3}}, {"id": "b", "type": "Continue", "inputs": {}}]"#,
            flow: r#"[{"from": "start", "to": "r"}, {"from": "r", "to": "b", "label": "body"}]"#,
            expect: r#"{"fuel": 7}"#,
        },
        lower: |cx| {
            let target = innermost(cx)?.0;
            cx.g.builder.jump(target);
            Ok(())
        },
        ..FLOW
    },
    NodeRow {
        name: "Trace",
        summary: "Tells the log, and a debugger, a text and perhaps a value.",
        docs: "Players hear nothing of it, and nothing else depends on it: it changes no state and no result. What a handler told stays \
               told if the handler then fails. `statewright run` prints it on standard error.",
        inputs: &[input("message", "string", "Text for people."), optional("value", "any", "A value to go with it.")],
        example: Example::Handler {
            nodes: r#"[{"id": "t", "type": "Trace", "inputs": {"message": "the round is", "value": "state:Round"}}]"#,
            flow: r#"[{"from": "start", "to": "t"}]"#,
            expect: r#"{"events": [], "fuel": 1}"#,
        },
        lower: |cx| {
            let message = cx.text("message")?;
            let mut told = vec![message];
            if let Some(value) = cx.optional("value")? {
                told.push(cx.g.owned(&value));
            }
            cx.g.act(Op::Message, &told, Imm::None);
            Ok(())
        },
        ..FLOW
    },
    NodeRow {
        name: "Fail",
        summary: "Stops the handler with an error of its own and undoes what it did.",
        inputs: &[input("message", "string", "Text for people.")],
        exits: Exits::None,
        errors: &[TrapCode::Custom],
        example: Example::Handler {
            nodes: r#"[{"id": "i", "type": "Increment", "inputs": {"path": "Round"}},
{"id": "f", "type": "Fail", "inputs": {"message": "not your turn"}}]"#,
            flow: r#"[{"from": "start", "to": "i"}, {"from": "i", "to": "f"}]"#,
            expect: r#"{"error": "custom", "state": {"Round": 3}}"#,
        },
        lower: |cx| {
            let message = cx.text("message")?;
            cx.g.builder.trap(TrapCode::Custom, Some(message));
            Ok(())
        },
        ..FLOW
    },
];

/// Where the innermost loop's pass ends, and what comes after the loop.
fn innermost(cx: &mut Cx<'_, '_>) -> Result<(crate::ir::BlockId, crate::ir::BlockId), Abort> {
    if let Some(blocks) = cx.innermost_loop() {
        return Ok(blocks);
    }
    let (name, span) = (cx.row.name, cx.g.rows.span(cx.node));
    let context = cx.instance.and_then(|instance| cx.g.flow.instances[instance].context);
    if let Some(context) = context {
        let around = cx.g.flow.instances[context].node;
        if cx.g.rows.rows[around].is_some_and(|row| row.exits == Exits::Bounded) {
            let message = format!("{name} leads out of the body of `{}`", cx.g.rows.id(around));
            let diagnostic = statewright_types::Diagnostic::error(codes::OUTSIDE_LOOP, span, message)
                .help("let the body end, and leave the loop on the Timeout's `done` or `timeout` edge");
            return Err(cx.g.report(cx.node, None, diagnostic));
        }
        return Err(Abort);
    }
    let message = format!("{name} stands outside a loop");
    let diagnostic = statewright_types::Diagnostic::error(codes::OUTSIDE_LOOP, span, message)
        .help("put it into the body of a ForEach, ForEachWhere, While or Repeat, or use Return");
    Err(cx.g.report(cx.node, None, diagnostic))
}

fn switch(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let operand = cx.present("value")?;
    never_taken(cx, &operand.ty);
    let value = cx.with_site("value", |cx, site| cx.g.text_of(operand, site))?;
    for label in cx.exit_labels() {
        if &*label == "default" {
            continue;
        }
        let holds = is_text(cx, value, &label);
        let Some(target) = cx.exit(&label) else { return Err(Abort) };
        let next = cx.g.builder.block();
        cx.g.builder.branch(holds, target, next);
        cx.g.builder.seal(next);
        cx.g.builder.switch_to(next);
    }
    let Some(default) = cx.exit("default") else { return Err(Abort) };
    cx.g.builder.jump(default);
    Ok(())
}

/// Once a graph has so many findings, labels are no longer looked for.
const MOST_FOUND: usize = 100;

/// Warns of labels that are the text of no value of that type.
fn never_taken(cx: &mut Cx<'_, '_>, ty: &Type) {
    let (noun, known): (_, &[&str]) = match ty {
        Type::Bool => ("bool", &["true", "false", "default"]),
        Type::Int(_) => ("whole number", &["default"]),
        Type::Float32 | Type::Float64 => ("number", &["default"]),
        _ => return,
    };
    let is_text = |label: &str| match ty {
        Type::Bool => matches!(label, "true" | "false"),
        Type::Int(_) => label.parse().is_ok_and(|value: i128| value.to_string() == label),
        _ => label.parse().is_ok_and(|value: f64| float_text(value) == label),
    };
    let wrong = |label: &str| !label.is_empty() && label != "default" && !is_text(label);
    if !cx.exit_labels().iter().any(|label| wrong(label)) {
        return;
    }
    let graph = cx.g.rows.graph;
    let id = &graph.nodes[cx.node].id.text;
    // Finding a node's edges takes time in proportion to all there are.
    let edges = if cx.g.reported.len() > MOST_FOUND { &[] } else { graph.edges.as_slice() };
    let labels = edges.iter().filter(|edge| edge.from.text == *id).filter_map(|edge| edge.label.as_ref());
    for label in labels.filter(|label| wrong(&label.text)) {
        let message = format!("`{}` is the text of no {noun}, so the flow never goes this way", label.text);
        let help = cx.g.rows.suggest(&label.text, known.iter().copied()).unwrap_or_else(|| match ty {
            Type::Bool => "its labels are `true`, `false` and `default`".into(),
            _ => "write the number as its text is, such as `3`; all others go to `default`".into(),
        });
        let diagnostic = statewright_types::Diagnostic::warning(codes::CASE, label.span, message).help(help);
        cx.g.report(cx.node, None, diagnostic);
    }
}

fn is_text(cx: &mut Cx<'_, '_>, value: Value, label: &Arc<str>) -> Value {
    let text = Operand::new(cx.g.text(label), Type::String);
    cx.g.cmp(Op::SCmp, Cond::Eq, value, text.value)
}
