//! Functions of the document.

use statewright_types::{Diagnostic, Help, Repair, Type};

use super::{Category, Effect, Example, Exits, Kind, NodeRow, ROW, constant, optional, output};
use crate::check::{codes, listed};
use crate::ir::{Imm, Op, Value};
use crate::lower::{Abort, Cx, Signature, Site};

const FUNCTIONS: NodeRow = NodeRow { category: Category::Functions, kind: Kind::Executing, ..ROW };

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "CallFunction",
        summary: "Calls a function of this document.",
        docs: "Arguments are given by name; one that is missing is zero, with a warning. Its nodes count as fuel.",
        inputs: &[
            constant("function", "The function's name."),
            optional("args", "map", "Arguments by parameter name, written out as an object."),
        ],
        outputs: &[output("result", "any", "What the function returns, if it does.")],
        effects: &[Effect::Calls],
        charged: false,
        example: Example::Handler {
            nodes: r#"[{"id": "c", "type": "CallFunction", "inputs": {"function": "Twice", "args": {"x": 4}}},
{"id": "s", "type": "SetField", "inputs": {"path": "Round", "value": "node:c:result"}}]"#,
            flow: r#"[{"from": "start", "to": "c"}, {"from": "c", "to": "s"}]"#,
            expect: r#"{"state": {"Round": 8}, "fuel": 3}"#,
        },
        lower: call,
        ..FUNCTIONS
    },
    NodeRow {
        name: "Return",
        summary: "Ends the function, with its result, or the whole handler.",
        inputs: &[optional("value", "any", "The result, in a function that has one.")],
        exits: Exits::None,
        example: Example::Handler {
            nodes: r#"[{"id": "r", "type": "Return", "inputs": {}}, {"id": "i", "type": "If", "inputs": {"condition": true}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Never"}}]"#,
            flow: r#"[{"from": "start", "to": "i"}, {"from": "i", "to": "r", "label": "true"}, {"from": "i", "to": "e"}]"#,
            expect: r#"{"events": [], "fuel": 2}"#,
        },
        lower: return_,
        ..FUNCTIONS
    },
];

fn call(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let Some((name, span)) = cx.constant("function")? else { return Err(Abort) };
    let functions = &cx.g.unit.functions;
    let Some(callee) = functions.iter().find(|function| function.name == name).cloned() else {
        let names = || functions.iter().map(|function| &*function.name);
        let help = cx.g.rows.suggest(&name, names()).unwrap_or_else(|| match functions.is_empty() {
            true => "this document has no functions".into(),
            false => format!("its functions are {}", listed(names())).into(),
        });
        let diagnostic = Diagnostic::error(codes::FUNCTION, span, format!("there is no function `{name}`")).help(help);
        return Err(cx.g.report(cx.node, Some("function"), diagnostic));
    };
    let args = arguments(cx, &callee)?;
    let returns = callee.returns.as_ref().map(Type::loaded);
    let result = if callee.suspends {
        cx.g.builder.call_suspending(callee.id, args, returns.clone())
    } else {
        cx.g.builder.inst(Op::Call, args, Imm::Func(callee.id), returns.clone())
    };
    if let (Some(value), Some(ty)) = (result, callee.returns) {
        cx.put("result", value, ty);
    }
    Ok(())
}

/// The arguments in the order of the parameters; they are evaluated in document order.
fn arguments(cx: &mut Cx<'_, '_>, callee: &Signature) -> Result<Vec<Value>, Abort> {
    let entries = cx.entries("args")?;
    let mut given: Vec<Option<Value>> = vec![None; callee.params.len()];
    let node = cx.node;
    for (name, input) in entries {
        let Some(index) = callee.params.iter().position(|(param, _)| *param == name.text) else {
            let help =
                cx.g.rows
                    .suggest(&name.text, callee.params.iter().map(|(name, _)| &**name))
                    .unwrap_or_else(|| "remove it, or add the parameter to the function".into());
            let message = format!("`{}` has no parameter `{}`", callee.name, name.text);
            let diagnostic = Diagnostic::error(codes::ARGUMENT, name.span, message).help(help);
            return Err(cx.g.report(node, Some("args"), diagnostic));
        };
        let wants = format!("argument `{}`", name.text);
        let site = Site { node, port: Some("args"), wants: &wants, span: input.span };
        let operand = cx.g.elaborate(input, Some(&callee.params[index].1), site)?;
        let value = cx.g.owned(&operand);
        cx.probe("in", &format!("args.{}", name.text), value);
        given[index] = Some(value);
    }
    let mut args = Vec::with_capacity(given.len());
    for (index, value) in given.into_iter().enumerate() {
        let (name, ty) = &callee.params[index];
        args.push(match value {
            Some(value) => value,
            None => {
                let span = cx.g.rows.span(node);
                let message = format!("the argument `{name}` of `{}` is missing and will be zero", callee.name);
                let help = format!("add `\"{name}\": …` to `args`");
                let diagnostic = Diagnostic::warning(codes::ARGUMENT_MISSING, span, message).help(help);
                cx.g.report(node, Some("args"), diagnostic);
                cx.g.op(Op::Zero, &[], Imm::Type(ty.clone()), ty.clone())
            }
        });
    }
    Ok(args)
}

fn return_(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let returns = cx.g.returns().cloned();
    let given = cx.has("value");
    match (returns, given) {
        (Some(ty), true) => {
            let operand = cx.typed("value", &ty)?;
            let value = cx.g.owned(&operand);
            cx.g.builder.ret(Some(value));
        }
        (None, false) => cx.g.builder.ret(None),
        (Some(ty), false) => {
            let message = format!("this function returns {}, and Return has no value", cx.g.show(&ty));
            let (node, span) = (cx.node, cx.g.rows.span(cx.node));
            let diagnostic = Diagnostic::error(codes::RETURN, span, message).help("give `value`");
            return Err(cx.g.report(node, Some("value"), diagnostic));
        }
        (None, true) => {
            let message = "Return has a value, and nothing is returned here";
            let span = cx.raw("value").map(|input| input.span).into_iter().collect();
            return Err(cx.fail(
                "value",
                codes::RETURN,
                message,
                Help::from("remove the value, or declare the function's `returnType`").and(Repair::Remove(span)),
            ));
        }
    }
    Ok(())
}
