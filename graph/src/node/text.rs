//! Text.

use statewright_types::{TrapCode, Type};

use super::{Category, Example, InputPort, NodeRow, ROW, input, optional, output};
use crate::check::codes;
use crate::ir::{Imm, Op};
use crate::lower::{Abort, Cx};

const TEXT: NodeRow = NodeRow { category: Category::Text, ..ROW };
const ANSWER: &[super::OutputPort] = &[output("result", "bool", "The answer.")];
const STR: InputPort = input("str", "string", "The text.");

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "Concat",
        summary: "Texts joined into one.",
        docs: "Give `strings`, an array, or `a` and `b`.",
        inputs: &[
            optional("strings", "[]string", "The texts."),
            optional("a", "string", "The first text."),
            optional("b", "string", "The second text."),
        ],
        outputs: &[output("result", "string", "All of them, in order.")],
        errors: &[TrapCode::MemoryLimit],
        example: Example::Outputs { inputs: r#"{"a": "hot", "b": "dog"}"#, outputs: r#"{"result": "hotdog"}"# },
        lower: concat,
        ..TEXT
    },
    NodeRow {
        name: "ToString",
        summary: "The text of a number, bool or text.",
        inputs: &[input("value", "number, bool or text", "The value.")],
        outputs: &[output("result", "string", "Its text.")],
        example: Example::Outputs { inputs: r#"{"value": 1.50}"#, outputs: r#"{"result": "1.5"}"# },
        lower: |cx| {
            let operand = cx.present("value")?;
            let value = cx.with_site("value", |cx, site| cx.g.text_of(operand, site))?;
            cx.put("result", value, Type::String);
            Ok(())
        },
        ..TEXT
    },
    NodeRow {
        name: "Length",
        summary: "How many characters a text has, or elements an array or a map.",
        docs: "Characters are Unicode scalar values.",
        inputs: &[input("value", "string, array or map", "The value.").or(&["str"])],
        outputs: &[output("result", "int64", "The count.").or(&["length"])],
        example: Example::Outputs { inputs: r#"{"value": "żółw"}"#, outputs: r#"{"result": 4}"# },
        lower: |cx| {
            let operand = cx.present("value")?;
            let step = crate::lower::Planned::Field("length".into());
            if matches!(operand.ty, Type::Struct(_) | Type::Record(_)) {
                return Err(cx.fail(
                    "value",
                    codes::TYPE,
                    "Length takes text, an array or a map",
                    "name one of its fields",
                ));
            }
            let operand = cx.with_site("value", |cx, site| cx.g.step(operand, &step, site))?;
            cx.set("result", operand);
            Ok(())
        },
        ..TEXT
    },
    test_row(
        "Contains",
        "Whether one text occurs in another.",
        const { &[STR, input("substr", "string", "What to look for.")] },
        r#"{"str": "team", "substr": "ea"}"#,
        |cx| test(cx, "substr", Op::StrContains),
    ),
    test_row(
        "StartsWith",
        "Whether a text begins with another.",
        const { &[STR, input("prefix", "string", "What to look for.")] },
        r#"{"str": "team", "prefix": "te"}"#,
        |cx| test(cx, "prefix", Op::StrStarts),
    ),
    test_row(
        "EndsWith",
        "Whether a text ends with another.",
        const { &[STR, input("suffix", "string", "What to look for.")] },
        r#"{"str": "team", "suffix": "am"}"#,
        |cx| test(cx, "suffix", Op::StrEnds),
    ),
];

type Lower = fn(&mut Cx<'_, '_>) -> Result<(), Abort>;

const fn test_row(
    name: &'static str,
    summary: &'static str,
    ports: &'static [InputPort],
    inputs: &'static str,
    lower: Lower,
) -> NodeRow {
    NodeRow {
        name,
        summary,
        inputs: ports,
        outputs: ANSWER,
        example: Example::Outputs { inputs, outputs: r#"{"result": true}"# },
        lower,
        ..TEXT
    }
}

fn test(cx: &mut Cx<'_, '_>, port: &str, op: Op) -> Result<(), Abort> {
    let (whole, part) = (cx.text("str")?, cx.text(port)?);
    let value = cx.g.bop(op, &[whole, part]);
    cx.put("result", value, Type::Bool);
    Ok(())
}

fn concat(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    if !cx.has("strings") {
        if !(cx.has("a") && cx.has("b")) {
            return Err(cx.missing("`strings`, or `a` and `b`", "give the texts to join"));
        }
        let texts = [cx.text("a")?, cx.text("b")?];
        let value = cx.g.op(Op::Concat, &texts, Imm::None, Type::String);
        cx.put("result", value, Type::String);
        return Ok(());
    }
    let list = cx.typed("strings", &Type::list(Type::String))?;
    let joined = cx.g.builder.var(Type::String);
    let empty = cx.g.text("");
    cx.g.builder.set(joined, empty);
    let length = cx.g.iop(Op::ListLen, &[list.value]);
    cx.g.count(length, &mut |g, index, _| {
        let item = g.element(&list, index);
        let so_far = g.builder.get(joined);
        let next = g.op(Op::Concat, &[so_far, item.value], Imm::None, Type::String);
        g.builder.set(joined, next);
        Ok(())
    })?;
    let value = cx.g.builder.get(joined);
    cx.put("result", value, Type::String);
    Ok(())
}
