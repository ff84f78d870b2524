//! Functions of the document.

use std::sync::Arc;

use statewright_types::{Diagnostic, Help, Repair, Span, Type};

use super::{Category, Effect, Example, Exits, Kind, NodeRow, ROW, constant, optional, output};
use crate::check::{codes, listed};
use crate::document::InputKind;
use crate::ir::{Imm, Op, Value};
use crate::lower::{Abort, Cx, Signature, Site, Wants};

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
        name: "FirstOf",
        summary: "Calls functions in order until one gives a value that is not null.",
        docs: "The functions take no parameters and all return the same nullable type, such as `*Player`. Those after the one that \
               gave a value are not called. Their nodes count as fuel.",
        inputs: &[
            constant("functions", "The functions' names, an array."),
            optional("default", "T", "What stands for null if all give that; then `value` is not nullable."),
        ],
        outputs: &[
            output("value", "*T, or T", "What the first of them gave that is not null; else `default`, or null."),
            output("which", "string", "The name of that function, or \"\"."),
        ],
        effects: &[Effect::Calls],
        charged: false,
        example: Example::Handler {
            nodes: r#"[{"id": "f", "type": "FirstOf", "inputs": {"functions": ["Nobody", "Anyone"]}},
{"id": "s", "type": "SetField", "inputs": {"path": "Phase", "value": "node:f:which"}}]"#,
            flow: r#"[{"from": "start", "to": "f"}, {"from": "f", "to": "s"}]"#,
            expect: r#"{"state": {"Phase": "Anyone"}}"#,
        },
        lower: first_of,
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
    let callee = named(cx, "function", &name, span)?;
    let args = arguments(cx, &callee)?;
    let result = emit(cx, &callee, args);
    if let (Some(value), Some(ty)) = (result, callee.returns) {
        cx.put("result", value, ty);
    }
    Ok(())
}

/// The function of that name.
fn named(cx: &mut Cx<'_, '_>, port: &str, name: &str, span: Span) -> Result<Signature, Abort> {
    let functions = &cx.g.unit.functions;
    if let Some(callee) = functions.iter().find(|function| &*function.name == name) {
        return Ok(callee.clone());
    }
    let names = || functions.iter().map(|function| &*function.name);
    let help = cx.g.rows.suggest(name, names()).unwrap_or_else(|| match functions.is_empty() {
        true => "this document has no functions".into(),
        false => format!("its functions are {}", listed(names())).into(),
    });
    let diagnostic = Diagnostic::error(codes::FUNCTION, span, format!("there is no function `{name}`")).help(help);
    Err(cx.g.report(cx.node, Some(port), diagnostic))
}

/// A call, and its result if it has one.
fn emit(cx: &mut Cx<'_, '_>, callee: &Signature, args: Vec<Value>) -> Option<Value> {
    let returns = callee.returns.as_ref().map(Type::loaded);
    if callee.suspends {
        cx.g.builder.call_suspending(callee.id, args, returns)
    } else {
        cx.g.builder.inst(Op::Call, args, Imm::Func(callee.id), returns)
    }
}

fn first_of(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let callees = candidates(cx)?;
    let Some(nullable) = callees.first().and_then(|callee| callee.returns.clone()) else { return Err(Abort) };
    let default = cx.optional_typed("default", nullable.non_null())?;
    let ty = if default.is_some() { nullable.non_null().clone() } else { nullable.clone() };
    // Variables, as a function may wait.
    let (value, which) = (cx.g.builder.var(ty.loaded()), cx.g.builder.var(Type::String));
    let fallback = match &default {
        Some(operand) => cx.g.owned(operand),
        None => cx.g.op(Op::Null, &[], Imm::Type(nullable.loaded()), nullable.clone()),
    };
    let nobody = cx.g.text("");
    cx.g.builder.set(value, fallback);
    cx.g.builder.set(which, nobody);
    let done = cx.g.builder.block();
    for callee in &callees {
        let Some(result) = emit(cx, callee, Vec::new()) else { return Err(Abort) };
        let is_null = cx.g.bop(Op::IsNull, &[result]);
        let (next, found) = cx.g.fork(is_null);
        cx.g.builder.switch_to(found);
        let given = match default {
            Some(_) => cx.g.op(Op::NonNull, &[result], Imm::None, nullable.non_null().clone()),
            None => result,
        };
        let name = cx.g.text(&callee.name);
        cx.g.builder.set(value, given);
        cx.g.builder.set(which, name);
        cx.g.builder.jump(done);
        cx.g.builder.switch_to(next);
    }
    cx.g.join_at(done);
    let (value, which) = (cx.g.builder.get(value), cx.g.builder.get(which));
    cx.put("value", value, ty);
    cx.put("which", which, Type::String);
    Ok(())
}

/// The functions that FirstOf calls: at least one, without parameters, all of one nullable result type.
fn candidates(cx: &mut Cx<'_, '_>) -> Result<Vec<Signature>, Abort> {
    let names: Option<Vec<(Arc<str>, Span)>> = match cx.raw("functions").map(|input| &input.kind) {
        Some(InputKind::List(elements)) => elements
            .iter()
            .map(|element| match &element.kind {
                InputKind::Text(name) => Some((name.clone(), element.span)),
                _ => None,
            })
            .collect(),
        None | Some(InputKind::Invalid) => return Err(Abort),
        _ => None,
    };
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        let message = "`functions` must be an array of functions' names";
        return Err(cx.fail(
            "functions",
            codes::CONSTANT,
            message,
            "write the names themselves, in the order of the calls",
        ));
    };
    let mut callees: Vec<Signature> = Vec::with_capacity(names.len());
    for (name, span) in names {
        let callee = named(cx, "functions", &name, span)?;
        let wrong = match &callee.returns {
            _ if !callee.params.is_empty() => Some(("takes parameters", "FirstOf gives none")),
            Some(ty @ Type::Nullable(_)) => {
                let other = callees.first().and_then(|first| first.returns.as_ref()).is_some_and(|first| first != ty);
                other.then_some((
                    "returns another type than the first function",
                    "all must return the same nullable type",
                ))
            }
            _ => Some(("does not return a nullable type", "a `returnType` such as `*Player` lets it give null")),
        };
        if let Some((what, help)) = wrong {
            let diagnostic = Diagnostic::error(codes::TYPE, span, format!("`{name}` {what}")).help(help);
            return Err(cx.g.report(cx.node, Some("functions"), diagnostic));
        }
        callees.push(callee);
    }
    Ok(callees)
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
        let site = Site { node, port: Some("args"), wants: Wants::Named(&wants), span: input.span };
        let operand = cx.g.elaborate(input, Some(&callee.params[index].1), site)?;
        let value = cx.g.owned(&operand);
        cx.probe_entry("args", &name.text, value);
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
            cx.g.ret(Some(value));
        }
        (None, false) => cx.g.ret(None),
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
