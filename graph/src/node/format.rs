//! Format: text with placeholders for arguments of several types.

use statewright_types::{TrapCode, Type};

use super::{Category, Example, NodeRow, ROW, input, optional, output};
use crate::check::codes;
use crate::document::{Input, InputKind};
use crate::ir::{Imm, Op, Value};
use crate::lower::{Abort, Cx, GraphCx, Operand, Site};

pub(super) const ROWS: &[NodeRow] = &[NodeRow {
    name: "Format",
    category: Category::Text,
    summary: "A text with placeholders filled in.",
    docs: "`{}`, `%s` and `%v` take the next argument, `%d` the next integer, `%f` and `%.2f` the next number with 6 (or 2) \
           decimal places, rounded from the exact value, ties to even; `{0}` takes the argument at that position, `{name}` \
           the one of that name; `%%` is a percent sign. What is no placeholder stays as it is. The arguments are an array \
           (written out, its elements may differ in type), a map, or one value; a map's come in the order in which it is \
           written, else by ascending key. Too few, or of another type than the placeholder says, are `bad_argument`.",
    inputs: &[input("format", "string", "The text."), optional("args", "any", "The arguments.")],
    outputs: &[output("result", "string", "The text with its placeholders filled in.")],
    errors: &[TrapCode::BadArgument, TrapCode::MemoryLimit],
    example: Example::Outputs {
        inputs: r#"{"format": "%s has %.1f {unit}", "args": {"who": "Ann", "weight": 2.25, "unit": "kg"}}"#,
        outputs: r#"{"result": "Ann has 2.2 kg"}"#,
    },
    lower: format,
    ..ROW
}];

/// Arguments as the operation takes them: lists of names and of texts, and a letter for the kind of each.
struct Args {
    names: Value,
    texts: Value,
    kinds: String,
}

fn format(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let format = cx.text("format")?;
    let args = arguments(cx)?;
    let imm = Imm::Str(args.kinds.as_str().into());
    let value = cx.g.op(Op::StrFormat, &[format, args.names, args.texts], imm, Type::String);
    cx.put("result", value, Type::String);
    Ok(())
}

fn arguments(cx: &mut Cx<'_, '_>) -> Result<Args, Abort> {
    let none: &[(Option<&str>, &Input)] = &[];
    match cx.raw("args").map(|input| (&input.kind, input)) {
        None => written(cx, none),
        Some((InputKind::List(elements), _)) => {
            let elements: Vec<_> = elements.iter().map(|element| (None, element)).collect();
            written(cx, &elements)
        }
        Some((InputKind::Map(entries), _)) => {
            let entries: Vec<_> = entries.iter().map(|(name, input)| (Some(&*name.text), input)).collect();
            written(cx, &entries)
        }
        Some(_) => {
            let operand = cx.present("args")?;
            cx.with_site("args", |cx, site| computed(cx, operand, site))
        }
    }
}

/// Arguments written out one by one.
fn written(cx: &mut Cx<'_, '_>, inputs: &[(Option<&str>, &Input)]) -> Result<Args, Abort> {
    let operands = cx.with_site("args", |cx, site| {
        let each = inputs.iter().map(|(name, input)| {
            let site = Site { span: input.span, ..site };
            let operand = cx.g.elaborate(input, None, site)?;
            Ok((*name, cx.g.non_null(operand, site)?))
        });
        each.collect::<Result<Vec<_>, Abort>>()
    })?;
    if cx.raw("args").is_some_and(|input| !input.constant) {
        charge(cx.g, &operands);
    }
    cx.with_site("args", |cx, site| texts_of(cx.g, operands, site))
}

/// What is written out counts once, as a whole (R7.4).
fn charge(g: &mut GraphCx<'_>, operands: &[(Option<&str>, Operand)]) {
    let mut fields = Vec::new();
    let mut values = Vec::new();
    for (index, (_, operand)) in operands.iter().enumerate() {
        fields.push((index.to_string().into(), operand.ty.clone()));
        values.push(g.owned(operand));
    }
    let ty = Type::Record(std::sync::Arc::new(statewright_types::RecordType { fields }));
    let whole = g.op(Op::RecordNew, &values, Imm::Type(ty.clone()), ty.clone());
    g.charge(&ty, whole);
}

fn texts_of(g: &mut GraphCx<'_>, operands: Vec<(Option<&str>, Operand)>, site: Site<'_>) -> Result<Args, Abort> {
    let mut names = Vec::new();
    let mut texts = Vec::new();
    let mut kinds = String::new();
    for (name, operand) in operands {
        kinds.push(kind(&operand.ty));
        names.extend(name.map(|name| g.text(name)));
        texts.push(g.text_of(operand, site)?);
    }
    Ok(Args { names: strings(g, &names), texts: strings(g, &texts), kinds })
}

fn strings(g: &mut GraphCx<'_>, values: &[Value]) -> Value {
    let ty = Type::list(Type::String);
    g.op(Op::ListNew, values, Imm::Type(ty.clone()), ty)
}

fn kind(ty: &Type) -> char {
    match ty {
        ty if ty.is_int() => 'i',
        ty if ty.is_float() => 'f',
        _ => 's',
    }
}

/// Arguments that come as one value.
fn computed(cx: &mut Cx<'_, '_>, operand: Operand, site: Site<'_>) -> Result<Args, Abort> {
    let g = &mut *cx.g;
    match operand.ty.clone() {
        Type::List(element) => {
            let (names, texts) = (strings(g, &[]), strings(g, &[]));
            let length = g.iop(Op::ListLen, &[operand.value]);
            g.count(length, &mut |g, index, _| {
                let item = g.element(&operand, index);
                let item = g.non_null(item, site)?;
                let text = g.text_of(item, site)?;
                g.act(Op::ListPush, &[texts, text], Imm::None);
                Ok(())
            })?;
            Ok(Args { names, texts, kinds: kind(element.non_null()).into() })
        }
        Type::Map(key, value) => {
            let (names, texts) = (strings(g, &[]), strings(g, &[]));
            let length = g.iop(Op::MapLen, &[operand.value]);
            let (key, value) = (key.loaded(), value.loaded());
            g.count(length, &mut |g, index, _| {
                let name = g.op(Op::MapKeyAt, &[operand.value, index], Imm::None, key.clone());
                let item = g.op(Op::MapValueAt, &[operand.value, index], Imm::None, value.clone());
                let name = g.text_of(Operand::new(name, key.clone()), site)?;
                let item = g.non_null(Operand::new(item, value.clone()), site)?;
                let text = g.text_of(item, site)?;
                g.act(Op::ListPush, &[names, name], Imm::None);
                g.act(Op::ListPush, &[texts, text], Imm::None);
                Ok(())
            })?;
            Ok(Args { names, texts, kinds: kind(value.non_null()).into() })
        }
        Type::Record(record) => {
            let mut operands = Vec::new();
            for (index, (name, ty)) in record.fields.iter().enumerate() {
                let value = g.op(Op::RecordGet, &[operand.value], Imm::Int(index as i64), ty.clone());
                let field = g.non_null(Operand::new(value, ty.clone()), site)?;
                operands.push((Some(&**name), field));
            }
            texts_of(g, operands, site)
        }
        Type::Struct(_) | Type::Bytes | Type::Nullable(_) => {
            let message =
                format!("`args` of Format takes an array, a map or one value, and this is {}", g.show(&operand.ty));
            Err(cx.fail("args", codes::TYPE, message, "write `{\"name\": value, …}` with the fields to show"))
        }
        Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 | Type::String | Type::Uuid => {
            texts_of(g, vec![(None, operand)], site)
        }
    }
}
