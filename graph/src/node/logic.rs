//! Truth: comparing, combining, choosing.

use std::sync::Arc;

use statewright_types::{Help, IntKind, Type};

use super::{Category, Example, InputPort, Need, NodeRow, OutputPort, ROW, constant, input, output};
use crate::check::codes;
use crate::ir::{Cond, Imm, Op, Value};
use crate::lower::{Abort, Cx, GraphCx, Operand};

const LOGIC: NodeRow = NodeRow { category: Category::Logic, ..ROW };
const AB: &[InputPort] = &[input("a", "bool", "The first."), input("b", "bool", "The second.")];
const RESULT: &[OutputPort] = &[output("result", "bool", "The answer.").or(&["isNull", "isEmpty"])];

/// What other languages call some of them.
const ELSEWHERE: [(&str, &str); 9] = [
    ("=", "=="),
    ("===", "=="),
    ("!==", "!="),
    ("<>", "!="),
    ("≠", "!="),
    ("=<", "<="),
    ("≤", "<="),
    ("=>", ">="),
    ("≥", ">="),
];
/// The operators of Compare and of array conditions.
pub const OPERATORS: &[&str] = &["==", "!=", "<", ">", "<=", ">=", "contains", "in", "startsWith", "endsWith"];

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "Compare",
        summary: "Whether `left op right` holds.",
        docs: "`op` is one of == != < > <= >= contains in startsWith endsWith. Integers and floats compare mathematically; \
               structs, arrays and maps only with == and != (by content); null only with == and !=. `contains` asks an array \
               for an element, a map for a key, or text for a part; `in` is `contains` the other way round.",
        inputs: &[
            input("left", "any", "The left side.").or(&["a"]),
            constant("op", "The operator.").or(&["operator"]),
            input("right", "any", "The right side.").or(&["b"]),
        ],
        outputs: RESULT,
        example: Example::Outputs {
            inputs: r#"{"left": 3, "op": ">=", "right": 2.5}"#,
            outputs: r#"{"result": true}"#,
        },
        lower: |cx| {
            let left = cx.input("left")?;
            let Some((op, _)) = cx.constant("op")? else { return Err(Abort) };
            let right = cx.input("right")?;
            let value = compare(cx, "op", left, &op, right)?;
            cx.put("result", value, Type::Bool);
            Ok(())
        },
        ..LOGIC
    },
    NodeRow {
        name: "And",
        summary: "Whether both are true.",
        docs: "What only `b` needs, and is not in the flow, is evaluated only if `a` is true.",
        inputs: AB,
        outputs: RESULT,
        example: Example::Outputs { inputs: r#"{"a": true, "b": false}"#, outputs: r#"{"result": false}"# },
        lower: |cx| both(cx, Op::And),
        ..LOGIC
    },
    NodeRow {
        name: "Or",
        summary: "Whether at least one is true.",
        docs: "What only `b` needs, and is not in the flow, is evaluated only if `a` is false.",
        inputs: AB,
        outputs: RESULT,
        example: Example::Outputs { inputs: r#"{"a": true, "b": false}"#, outputs: r#"{"result": true}"# },
        lower: |cx| both(cx, Op::Or),
        ..LOGIC
    },
    NodeRow {
        name: "Not",
        summary: "The opposite.",
        inputs: &[input("value", "bool", "A bool.")],
        outputs: RESULT,
        example: Example::Outputs { inputs: r#"{"value": false}"#, outputs: r#"{"result": true}"# },
        lower: |cx| {
            let value = cx.bool("value")?;
            let value = cx.g.bop(Op::Not, &[value]);
            cx.put("result", value, Type::Bool);
            Ok(())
        },
        ..LOGIC
    },
    NodeRow {
        name: "IsNull",
        summary: "Whether there is no value.",
        docs: "False for anything whose type has no null.",
        inputs: &[input("value", "any", "The value.")],
        outputs: RESULT,
        example: Example::Outputs { inputs: r#"{"value": null}"#, outputs: r#"{"result": true}"# },
        lower: |cx| {
            let operand = cx.input("value")?;
            let value = match operand.ty {
                Type::Nullable(_) => cx.g.bop(Op::IsNull, &[operand.value]),
                _ => cx.g.bool(false),
            };
            cx.put("result", value, Type::Bool);
            Ok(())
        },
        ..LOGIC
    },
    NodeRow {
        name: "IsEmpty",
        summary: "Whether text, an array or a map has nothing in it.",
        inputs: &[input("value", "string, array or map", "The value.")],
        outputs: RESULT,
        example: Example::Outputs { inputs: r#"{"value": "state:Players"}"#, outputs: r#"{"result": false}"# },
        lower: |cx| {
            let operand = cx.present("value")?;
            let op = match &operand.ty {
                ty if ty.is_text() => Op::StrLen,
                Type::List(_) => Op::ListLen,
                Type::Map(..) => Op::MapLen,
                Type::Bytes => Op::BytesLen,
                other => {
                    let message =
                        format!("`value` of IsEmpty takes text, an array or a map, and this is {}", cx.g.show(other));
                    return Err(cx.fail(
                        "value",
                        codes::TYPE,
                        message,
                        "compare numbers with Compare, and ask for null with IsNull",
                    ));
                }
            };
            let (length, zero) = (cx.g.iop(op, &[operand.value]), cx.g.int(0));
            let value = cx.g.cmp(Op::ICmp, Cond::Eq, length, zero);
            cx.put("result", value, Type::Bool);
            Ok(())
        },
        ..LOGIC
    },
    NodeRow {
        name: "Select",
        summary: "One of two values, as a condition says.",
        docs: "What only the other one needs, and is not in the flow, is not evaluated.",
        inputs: &[
            input("condition", "bool", "Which of them."),
            input("a", "any", "The value if true."),
            input("b", "any", "The value if false."),
        ],
        outputs: &[output("result", "any", "The chosen value.")],
        example: Example::Outputs {
            inputs: r#"{"condition": true, "a": "yes", "b": "no"}"#,
            outputs: r#"{"result": "yes"}"#,
        },
        lower: select,
        ..LOGIC
    },
    NodeRow {
        name: "Coalesce",
        summary: "The first of several values that is not null.",
        docs: "What only later ones need, and is not in the flow, is not evaluated. Null if all are.",
        inputs: &[InputPort {
            need: Need::Required,
            ..input("values", "array", "The values, written out as an array.")
        }],
        outputs: &[output("result", "any", "The value; never null if the last one cannot be.")],
        example: Example::Outputs { inputs: r#"{"values": [null, 4]}"#, outputs: r#"{"result": 4}"# },
        lower: coalesce,
        ..LOGIC
    },
];

fn both(cx: &mut Cx<'_, '_>, op: Op) -> Result<(), Abort> {
    let a = cx.bool("a")?;
    let value = if cx.is_plain("b") {
        let b = cx.bool("b")?;
        cx.g.bop(op, &[a, b])
    } else {
        lazy(cx, op, a)?
    };
    cx.put("result", value, Type::Bool);
    Ok(())
}

fn lazy(cx: &mut Cx<'_, '_>, op: Op, a: Value) -> Result<Value, Abort> {
    let result = cx.g.builder.var(Type::Bool);
    cx.g.builder.set(result, a);
    cx.g.open_scope();
    let (yes, no) = cx.g.fork(a);
    let (more, done) = if op == Op::And { (yes, no) } else { (no, yes) };
    let join = cx.g.builder.block();
    cx.g.builder.switch_to(done);
    cx.g.builder.jump(join);
    cx.g.builder.switch_to(more);
    let b = cx.bool("b");
    cx.g.close_scope();
    cx.g.builder.set(result, b?);
    cx.g.join_at(join);
    Ok(cx.g.builder.get(result))
}

fn select(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let condition = cx.bool("condition")?;
    let (a, b) = (cx.raw("a").ok_or(Abort)?, cx.raw("b").ok_or(Abort)?);
    let node = cx.node;
    let site = |input: &crate::document::Input| crate::lower::Site {
        node,
        port: None,
        wants: crate::lower::Wants::Named("Select"),
        span: input.span,
    };
    let elaborate = |g: &mut GraphCx<'_>, input| g.elaborate(input, None, site(input));
    let wanted = &mut |g: &mut GraphCx<'_>, x: &Type, y: &Type| joined(g, x, y, site(b));
    // A tracer is told of what is read, on one way only.
    let operand = if cx.is_there("a") && cx.is_there("b") && !cx.g.unit.traced {
        let (a, b) = (elaborate(cx.g, a), elaborate(cx.g, b));
        let (a, b) = (a?, b?);
        if a.ty == b.ty && matches!(a.ty, Type::Bool | Type::Int(_) | Type::Float64) {
            let value = cx.g.op(Op::Select, &[condition, a.value, b.value], Imm::None, a.ty.clone());
            Operand::new(value, a.ty)
        } else {
            cx.g.choose(condition, &mut |_| Ok(a.clone()), &mut |_| Ok(b.clone()), wanted)?
        }
    } else {
        let (first, second) = (&mut |g: &mut GraphCx<'_>| elaborate(g, a), &mut |g: &mut GraphCx<'_>| elaborate(g, b));
        cx.g.choose(condition, first, second, wanted)?
    };
    cx.set("result", operand);
    Ok(())
}

/// The common type of two values of a choice.
fn joined(g: &mut GraphCx<'_>, a: &Type, b: &Type, site: crate::lower::Site<'_>) -> Result<Type, Abort> {
    crate::lower::join(a, b).ok_or_else(|| {
        let message = format!(
            "{} gives one value or the other, and they differ in type: {} and {}",
            site.wants,
            g.show(a),
            g.show(b)
        );
        let diagnostic =
            statewright_types::Diagnostic::error(codes::TYPE, site.span, message).help("give both the same type");
        g.report(site.node, site.port, diagnostic)
    })
}

/// How many values Coalesce tries at most; each is tried inside the one before.
const MOST_VALUES: usize = 64;

fn coalesce(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let inputs = match cx.raw("values").map(|input| &input.kind) {
        Some(crate::document::InputKind::List(inputs)) if !inputs.is_empty() => inputs,
        None => return Err(Abort),
        _ => {
            return Err(cx.fail(
                "values",
                codes::TYPE,
                "`values` of Coalesce must be written out as an array",
                "write `[first, second, …]`",
            ));
        }
    };
    if inputs.len() > MOST_VALUES {
        let message = format!("Coalesce takes at most {MOST_VALUES} values");
        return Err(cx.fail("values", codes::TOO_DEEP, message, "look for the first one with FindWhere"));
    }
    let site = crate::lower::Site {
        node: cx.node,
        port: Some("values"),
        wants: crate::lower::Wants::Named("Coalesce"),
        span: cx.g.rows.span(cx.node),
    };
    let operand = first_present(&mut *cx.g, inputs, site)?;
    cx.set("result", operand);
    Ok(())
}

fn first_present(
    g: &mut GraphCx<'_>,
    inputs: &[crate::document::Input],
    site: crate::lower::Site<'_>,
) -> Result<Operand, Abort> {
    let Some((first, rest)) = inputs.split_first() else { return Err(Abort) };
    let operand = g.elaborate(first, None, site)?;
    if rest.is_empty() || !matches!(operand.ty, Type::Nullable(_)) {
        return Ok(operand);
    }
    let null = g.bop(Op::IsNull, &[operand.value]);
    g.choose(
        null,
        &mut |g| first_present(g, rest, site),
        &mut |g| {
            if crate::lower::is_never(operand.ty.non_null()) {
                return Ok(operand.clone());
            }
            let ty = operand.ty.non_null().loaded();
            let value = g.op(Op::NonNull, &[operand.value], Imm::None, ty.clone());
            Ok(Operand::new(value, ty))
        },
        &mut |g, x, y| joined(g, x, y, site),
    )
}

fn condition(op: &str) -> Option<Cond> {
    Some(match op {
        "==" => Cond::Eq,
        "!=" => Cond::Ne,
        "<" => Cond::Lt,
        "<=" => Cond::Le,
        ">" => Cond::Gt,
        ">=" => Cond::Ge,
        _ => return None,
    })
}

/// `left op right`.
pub(super) fn compare(
    cx: &mut Cx<'_, '_>,
    port: &str,
    left: Operand,
    op: &Arc<str>,
    right: Operand,
) -> Result<Value, Abort> {
    if let Some(cond) = condition(op) {
        return ordered(cx, port, left, cond, op, right);
    }
    match &**op {
        "contains" => contains(cx, port, left, right),
        "in" => contains(cx, port, right, left),
        "startsWith" => text_test(cx, port, Op::StrStarts, left, right),
        "endsWith" => text_test(cx, port, Op::StrEnds, left, right),
        _ => {
            let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == &**op).map(|(_, ours)| Help::spell(op, ours));
            let help = elsewhere
                .or_else(|| crate::check::suggest(op, OPERATORS.iter().copied()))
                .unwrap_or_else(|| format!("the operators are {}", OPERATORS.join(" ")).into());
            Err(cx.fail(port, codes::OPERATOR, format!("there is no operator `{op}`"), &help))
        }
    }
}

fn ordered(
    cx: &mut Cx<'_, '_>,
    port: &str,
    left: Operand,
    cond: Cond,
    op: &str,
    right: Operand,
) -> Result<Value, Abort> {
    let nullable = |operand: &Operand| matches!(operand.ty, Type::Nullable(_));
    if (nullable(&left) || nullable(&right)) && matches!(cond, Cond::Eq | Cond::Ne) {
        return equality(cx, port, left, cond, right);
    }
    let left = cx.with_site("left", |cx, site| cx.g.non_null(left, site))?;
    let right = cx.with_site("right", |cx, site| cx.g.non_null(right, site))?;
    let unsigned = Type::Int(IntKind::U64);
    let (l, r) = (left.value, right.value);
    let flip = match cond {
        Cond::Lt => Cond::Gt,
        Cond::Le => Cond::Ge,
        Cond::Gt => Cond::Lt,
        Cond::Ge => Cond::Le,
        same => same,
    };
    let (float, int) = (Type::Float64, Type::INT);
    Ok(match (&left.ty, &right.ty) {
        (a, b) if *a == float && *b == float => cx.g.cmp(Op::FCmp, cond, l, r),
        (a, b) if *a == int && *b == int => cx.g.cmp(Op::ICmp, cond, l, r),
        (a, b) if *a == unsigned && *b == unsigned => cx.g.cmp(Op::UCmp, cond, l, r),
        (a, b) if *a == int && *b == float => cx.g.cmp(Op::IFCmp, cond, l, r),
        (a, b) if *a == float && *b == int => cx.g.cmp(Op::IFCmp, flip, r, l),
        (a, b) if *a == unsigned && *b == int => cx.g.cmp(Op::UICmp, cond, l, r),
        (a, b) if *a == int && *b == unsigned => cx.g.cmp(Op::UICmp, flip, r, l),
        (a, b) if *a == unsigned && *b == float => cx.g.cmp(Op::UFCmp, cond, l, r),
        (a, b) if *a == float && *b == unsigned => cx.g.cmp(Op::UFCmp, flip, r, l),
        (a, b) if a.is_text() && b.is_text() => cx.g.cmp(Op::SCmp, cond, l, r),
        _ if matches!(cond, Cond::Eq | Cond::Ne) => return equality(cx, port, left, cond, right),
        (a, b) => {
            let message = format!("`{op}` cannot order {} and {}", cx.g.show(a), cx.g.show(b));
            return Err(cx.fail(
                port,
                codes::OPERATOR,
                message,
                "numbers compare with numbers and text with text; other values only with == and !=",
            ));
        }
    })
}

/// Equality by content, of one type or types that meet.
fn equality(cx: &mut Cx<'_, '_>, port: &str, left: Operand, cond: Cond, right: Operand) -> Result<Value, Abort> {
    let Some(ty) = crate::lower::join(&left.ty, &right.ty).or_else(|| written_out(&left.ty, &right.ty)) else {
        let message = format!("{} and {} are never equal", cx.g.show(&left.ty), cx.g.show(&right.ty));
        return Err(cx.fail(port, codes::TYPE, message, "compare values of one type"));
    };
    let left = cx.g.convert_plain(left, &ty)?;
    let right = cx.g.convert_plain(right, &ty)?;
    let equal = cx.g.bop(Op::Equal, &[left.value, right.value]);
    Ok(if cond == Cond::Ne { cx.g.bop(Op::Not, &[equal]) } else { equal })
}

/// What a written-out object is compared as: the map or struct on the other side (R3.1).
fn written_out(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::Record(_), other @ (Type::Map(..) | Type::Struct(_))) => Some(other.clone()),
        (other @ (Type::Map(..) | Type::Struct(_)), Type::Record(_)) => Some(other.clone()),
        _ => None,
    }
}

fn contains(cx: &mut Cx<'_, '_>, port: &str, whole: Operand, part: Operand) -> Result<Value, Abort> {
    let whole = cx.with_site("left", |cx, site| cx.g.non_null(whole, site))?;
    match &whole.ty {
        ty if ty.is_text() => text_test(cx, port, Op::StrContains, whole, part),
        Type::List(element) => {
            let element = Type::clone(element);
            let position = find_in(cx, port, &whole, &element, part)?;
            let zero = cx.g.int(0);
            Ok(cx.g.cmp(Op::ICmp, Cond::Ge, position, zero))
        }
        Type::Map(key, _) => {
            let key = Type::clone(key);
            let part = cx.g.convert_plain(part, &key)?;
            let position = cx.g.iop(Op::MapFind, &[whole.value, part.value]);
            let zero = cx.g.int(0);
            Ok(cx.g.cmp(Op::ICmp, Cond::Ge, position, zero))
        }
        other => {
            let message = format!("{} contains nothing", cx.g.show(other));
            Err(cx.fail(port, codes::OPERATOR, message, "`contains` asks text, an array or a map"))
        }
    }
}

/// Index of the first element that equals a value, or −1; a number that no element can equal is not there.
pub(super) fn find_in(
    cx: &mut Cx<'_, '_>,
    port: &str,
    list: &Operand,
    element: &Type,
    value: Operand,
) -> Result<Value, Abort> {
    let loaded = element.loaded();
    if value.ty.is_int() && loaded.is_int() && value.ty == loaded {
        return Ok(cx.g.iop(Op::ListFind, &[list.value, value.value]));
    }
    let fits = crate::lower::join(&loaded, &value.ty).is_some_and(|ty| ty == loaded);
    if !fits {
        let message = format!("an array of {} never contains {}", cx.g.show(element), cx.g.show(&value.ty));
        return Err(cx.fail(port, codes::TYPE, message, "look for a value of the elements' type"));
    }
    let value = cx.g.convert_plain(value, &loaded)?;
    Ok(cx.g.iop(Op::ListFind, &[list.value, value.value]))
}

fn text_test(cx: &mut Cx<'_, '_>, port: &str, op: Op, whole: Operand, part: Operand) -> Result<Value, Abort> {
    let whole = cx.with_site("left", |cx, site| cx.g.non_null(whole, site))?;
    let part = cx.with_site("right", |cx, site| cx.g.non_null(part, site))?;
    if !whole.ty.is_text() || !part.ty.is_text() {
        let message = format!("this operator takes text, not {} and {}", cx.g.show(&whole.ty), cx.g.show(&part.ty));
        return Err(cx.fail(port, codes::OPERATOR, message, "turn numbers into text with a template"));
    }
    Ok(cx.g.bop(op, &[whole.value, part.value]))
}
