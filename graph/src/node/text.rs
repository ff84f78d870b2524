//! Text.

use statewright_types::{TrapCode, Type};

use super::{Category, Example, InputPort, NodeRow, ROW, input, optional, output};
use crate::check::codes;
use crate::ir::{Imm, Op, Value};
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
    NodeRow {
        name: "Substring",
        summary: "Some characters of a text.",
        docs: "As far as there are any: a negative start is 0, a negative length is none. Characters are Unicode scalar values.",
        inputs: &[
            input("value", "string", "The text.").or(&["str"]),
            input("start", "int64", "Index of the first character."),
            optional("length", "int64", "How many; without it, all that follow.").or(&["count"]),
        ],
        outputs: RESULT,
        example: Example::Outputs {
            inputs: r#"{"value": "żółw", "start": 1, "length": 2}"#,
            outputs: r#"{"result": "ół"}"#,
        },
        lower: |cx| {
            let (text, start) = (cx.text("value")?, cx.int("start")?);
            let length = match cx.optional_typed("length", &Type::INT)? {
                Some(length) => length.value,
                None => cx.g.int(i64::MAX),
            };
            text_result(cx, Op::StrSlice, &[text, start, length])
        },
        ..TEXT
    },
    NodeRow {
        name: "IndexOf",
        summary: "Where one text first occurs in another.",
        docs: "Counted in characters. The empty text is found at 0.",
        inputs: &[STR, input("substr", "string", "What to look for.")],
        outputs: &[output("index", "int64", "Its index, or −1.").or(&["result"])],
        example: Example::Outputs { inputs: r#"{"str": "żółw", "substr": "łw"}"#, outputs: r#"{"index": 2}"# },
        lower: |cx| {
            let (whole, part) = (cx.text("str")?, cx.text("substr")?);
            let value = cx.g.iop(Op::StrFind, &[whole, part]);
            cx.put("index", value, Type::INT);
            Ok(())
        },
        ..TEXT
    },
    NodeRow {
        name: "Replace",
        summary: "A text with all occurrences of another replaced.",
        docs: "From left to right. An empty `old` is replaced before every character and at the end.",
        inputs: &[
            STR,
            input("old", "string", "What to replace.").or(&["search"]),
            input("new", "string", "What to put in its place.").or(&["replacement"]),
        ],
        outputs: RESULT,
        errors: &[TrapCode::MemoryLimit],
        example: Example::Outputs {
            inputs: r#"{"str": "a-b-c", "old": "-", "new": ", "}"#,
            outputs: r#"{"result": "a, b, c"}"#,
        },
        lower: |cx| {
            let texts = [cx.text("str")?, cx.text("old")?, cx.text("new")?];
            text_result(cx, Op::StrReplace, &texts)
        },
        ..TEXT
    },
    NodeRow {
        name: "Split",
        summary: "The parts of a text between separators.",
        docs: "An empty separator splits into characters.",
        inputs: &[STR, input("sep", "string", "The separator.").or(&["separator", "delimiter"])],
        outputs: &[output("parts", "[]string", "The parts; empty ones too.").or(&["result"])],
        errors: &[TrapCode::MemoryLimit],
        example: Example::Outputs {
            inputs: r#"{"str": "red,,blue", "sep": ","}"#,
            outputs: r#"{"parts": ["red", "", "blue"]}"#,
        },
        lower: |cx| {
            let texts = [cx.text("str")?, cx.text("sep")?];
            let ty = Type::list(Type::String);
            let parts = cx.g.op(Op::StrSplit, &texts, Imm::None, ty.clone());
            cx.put("parts", parts, ty);
            Ok(())
        },
        ..TEXT
    },
    NodeRow {
        name: "Join",
        summary: "The texts of an array in one, with another text between them.",
        inputs: &[
            input("strings", "[]string", "The texts.").or(&["array", "parts"]),
            input("sep", "string", "What to put between them.").or(&["separator", "delimiter"]),
        ],
        outputs: RESULT,
        errors: &[TrapCode::MemoryLimit],
        example: Example::Outputs {
            inputs: r#"{"strings": ["red", "blue"], "sep": ", "}"#,
            outputs: r#"{"result": "red, blue"}"#,
        },
        lower: |cx| {
            let list = cx.typed("strings", &Type::list(Type::String))?;
            let between = cx.text("sep")?;
            text_result(cx, Op::StrJoin, &[list.value, between])
        },
        ..TEXT
    },
    NodeRow {
        name: "RepeatString",
        summary: "A text a number of times over.",
        inputs: &[
            input("value", "string", "The text.").or(&["str"]),
            input("count", "int64", "How often; negative is `bad_argument`."),
        ],
        outputs: RESULT,
        errors: &[TrapCode::BadArgument, TrapCode::MemoryLimit],
        example: Example::Outputs { inputs: r#"{"value": "ha", "count": 3}"#, outputs: r#"{"result": "hahaha"}"# },
        lower: |cx| {
            let (text, count) = (cx.text("value")?, cx.int("count")?);
            text_result(cx, Op::StrRepeat, &[text, count])
        },
        ..TEXT
    },
    NodeRow {
        errors: &[TrapCode::MemoryLimit],
        ..shaped_row(
            "ToUpper",
            "A text in upper case.",
            "By Unicode's default full mappings, whatever the language: `ß` becomes `SS`.",
            r#"{"str": "straße"}"#,
            r#"{"result": "STRASSE"}"#,
            |cx| shaped(cx, Op::StrUpper),
        )
    },
    NodeRow {
        errors: &[TrapCode::MemoryLimit],
        ..shaped_row(
            "ToLower",
            "A text in lower case.",
            "By Unicode's default full mappings, whatever the language.",
            r#"{"str": "ŻÓŁW"}"#,
            r#"{"result": "żółw"}"#,
            |cx| shaped(cx, Op::StrLower),
        )
    },
    shaped_row(
        "Trim",
        "A text without the white space at its ends.",
        "White space is what has Unicode's property White_Space.",
        r#"{"str": "  a b "}"#,
        r#"{"result": "a b"}"#,
        |cx| shaped(cx, Op::StrTrim),
    ),
    NodeRow {
        name: "ParseInt",
        summary: "The integer that a text spells.",
        docs: "A sign if need be, then decimal digits, within int64; nothing around them (Trim removes spaces). Anything else \
               gives 0 and `valid` false.",
        inputs: PARSED,
        outputs: &[
            output("value", "int64", "The number, or 0.").or(&["result"]),
            output("valid", "bool", "Whether the text spells one."),
        ],
        example: Example::Outputs { inputs: r#"{"value": "-12"}"#, outputs: r#"{"value": -12, "valid": true}"# },
        lower: |cx| {
            let text = cx.text("value")?;
            let (value, valid) = (cx.g.iop(Op::StrToInt, &[text]), cx.g.bop(Op::StrIsInt, &[text]));
            cx.put("value", value, Type::INT);
            cx.put("valid", valid, Type::Bool);
            Ok(())
        },
        ..TEXT
    },
    NodeRow {
        name: "ParseFloat",
        summary: "The number that a text spells.",
        docs: "In decimal, with a sign, a point and an exponent as need be, or `NaN`, `Infinity`, `-Infinity`; nothing around \
               it. Anything else, and what is beyond the greatest float, gives 0 and `valid` false.",
        inputs: PARSED,
        outputs: &[
            output("value", "float64", "The number, or 0.").or(&["result"]),
            output("valid", "bool", "Whether the text spells one."),
        ],
        example: Example::Outputs { inputs: r#"{"value": "1.5e2"}"#, outputs: r#"{"value": 150.0, "valid": true}"# },
        lower: |cx| {
            let text = cx.text("value")?;
            let (value, valid) = (cx.g.fop(Op::StrToFloat, &[text]), cx.g.bop(Op::StrIsFloat, &[text]));
            cx.put("value", value, Type::Float64);
            cx.put("valid", valid, Type::Bool);
            Ok(())
        },
        ..TEXT
    },
];

const RESULT: &[super::OutputPort] = &[output("result", "string", "The text.")];
const PARSED: &[InputPort] = &[input("value", "string", "The text.").or(&["str", "text"])];

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

const fn shaped_row(
    name: &'static str,
    summary: &'static str,
    docs: &'static str,
    inputs: &'static str,
    outputs: &'static str,
    lower: Lower,
) -> NodeRow {
    NodeRow {
        name,
        summary,
        docs,
        inputs: const { &[STR.or(&["value"])] },
        outputs: RESULT,
        example: Example::Outputs { inputs, outputs },
        lower,
        ..TEXT
    }
}

fn shaped(cx: &mut Cx<'_, '_>, op: Op) -> Result<(), Abort> {
    let text = cx.text("str")?;
    text_result(cx, op, &[text])
}

/// Gives `result` what an operation makes.
fn text_result(cx: &mut Cx<'_, '_>, op: Op, args: &[Value]) -> Result<(), Abort> {
    let value = cx.g.op(op, args, Imm::None, Type::String);
    cx.put("result", value, Type::String);
    Ok(())
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
    let nothing = cx.g.text("");
    text_result(cx, Op::StrJoin, &[list.value, nothing])
}
