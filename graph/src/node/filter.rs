//! Filters of viewers: what a viewer sees besides what the schema shows it.

use std::sync::Arc;

use statewright_types::{Diagnostic, RecordType, Span, TrapCode, Type};

use super::{Category, Effect, Example, InputPort, Kind, NodeRow, ROW, constant, input, optional, output};
use crate::check::{codes, suggest};
use crate::ir::{Imm, Op};
use crate::lower::{Abort, Cx, Signature, Site, Wants};

const FILTERS: NodeRow = NodeRow {
    category: Category::Session,
    kind: Kind::Executing,
    effects: &[Effect::ActsOnSession],
    charged: false,
    ..ROW
};
const VIEWER: InputPort = input("viewerID", "string", "Whose view; need not have joined.").or(&["viewerId"]);
const ID: InputPort = input("filterID", "string", "What the filter in use is called.").or(&["filterId"]);

pub(super) const ROWS: &[NodeRow] = &[
    NodeRow {
        name: "AddFilter",
        summary: "Puts a filter of this document to use for a viewer.",
        docs: "Acts at once, instead of what the viewer had under that id. A viewer's filters change its copy of the state by ascending \
           id, before hidden fields are taken out of it. A filter that fails leaves the viewer what it saw last.",
        inputs: &[
            VIEWER,
            ID,
            constant("filterName", "The filter's name in this document."),
            optional("params", "map", "The filter's parameters by name, written out as an object; all must be given."),
        ],
        errors: &[TrapCode::StaleReference],
        example: Example::Handler {
            nodes: r#"[{"id": "f", "type": "AddFilter", "inputs": {"viewerID": "bob", "filterID": "blind", "filterName": "Blind"}}]"#,
            flow: r#"[{"from": "start", "to": "f"}]"#,
            expect: r#"{"state": {"Phase": "play"}, "view": {"bob": {"Phase": "?"}, "ann": {"Phase": "play"}}, "fuel": 1}"#,
        },
        lower: add,
        ..FILTERS
    },
    NodeRow {
        name: "RemoveFilter",
        summary: "Takes a viewer's filter away.",
        inputs: &[VIEWER, ID],
        outputs: &[output("removed", "bool", "Whether there was one under that id.")],
        example: Example::Handler {
            nodes: r#"[{"id": "f", "type": "RemoveFilter", "inputs": {"viewerID": "bob", "filterID": "blind"}},
{"id": "e", "type": "EmitToAll", "inputs": {"eventType": "Gone", "payload": {"removed": "node:f:removed"}}}]"#,
            flow: r#"[{"from": "start", "to": "f"}, {"from": "f", "to": "e"}]"#,
            expect: r#"{"events": [{"type": "Gone", "payload": {"removed": false}}]}"#,
        },
        lower: |cx| {
            let (viewer, id) = (cx.text("viewerID")?, cx.text("filterID")?);
            let removed = cx.g.bop(Op::FilterRemove, &[viewer, id]);
            cx.put("removed", removed, Type::Bool);
            Ok(())
        },
        ..FILTERS
    },
    NodeRow {
        name: "HasFilter",
        summary: "Whether a viewer has a filter under an id.",
        inputs: &[VIEWER, ID],
        outputs: &[output("exists", "bool", "The answer.").or(&["result"])],
        kind: Kind::Pure,
        effects: &[Effect::ReadsSession],
        example: Example::Outputs {
            inputs: r#"{"viewerID": "bob", "filterID": "blind"}"#,
            outputs: r#"{"exists": false}"#,
        },
        lower: |cx| {
            let (viewer, id) = (cx.text("viewerID")?, cx.text("filterID")?);
            let exists = cx.g.bop(Op::FilterHas, &[viewer, id]);
            cx.put("exists", exists, Type::Bool);
            Ok(())
        },
        ..FILTERS
    },
];

fn add(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let viewer = cx.text("viewerID")?;
    let id = cx.text("filterID")?;
    let Some((name, span)) = cx.constant("filterName")? else { return Err(Abort) };
    let filters = &cx.g.unit.filters;
    let Some(filter) = filters.iter().find(|filter| filter.name == name).cloned() else {
        return Err(unknown(cx, "filter", "filterName", (&name, span), filters));
    };
    // The viewer's id comes from the session.
    let params = params(cx, "filter", &name, filter.params.get(1..).unwrap_or_default())?;
    let name = cx.g.text(&name);
    let args = [viewer, id, name].into_iter().chain(params);
    cx.g.act(Op::FilterAdd, &args.collect::<Vec<_>>(), Imm::None);
    Ok(())
}

/// Reports that the document has no filter or effect of that name.
pub(super) fn unknown(
    cx: &mut Cx<'_, '_>,
    noun: &str,
    port: &str,
    (name, span): (&str, Span),
    known: &[Signature],
) -> Abort {
    let names: Vec<&str> = known.iter().map(|known| &*known.name).collect();
    let help = suggest(name, names.iter().copied()).unwrap_or_else(|| match names.is_empty() {
        true => format!("this document has no {noun}s").into(),
        false => format!("its {noun}s are {}", names.join(", ")).into(),
    });
    let diagnostic = Diagnostic::error(codes::FUNCTION, span, format!("there is no {noun} `{name}`")).help(help);
    cx.g.report(cx.node, Some(port), diagnostic)
}

/// The record of a filter's or an effect's parameters, if it has any; they are evaluated in document order and matched
/// by name.
pub(super) fn params(
    cx: &mut Cx<'_, '_>,
    noun: &str,
    callee: &str,
    declared: &[(Arc<str>, Type)],
) -> Result<Option<crate::ir::Value>, Abort> {
    let mut given = vec![None; declared.len()];
    let node = cx.node;
    for (name, input) in cx.entries("params")? {
        let Some(index) = declared.iter().position(|(param, _)| *param == name.text) else {
            let help = suggest(&name.text, declared.iter().map(|(name, _)| &**name))
                .unwrap_or_else(|| format!("remove it, or add the parameter to the {noun}").into());
            let message = format!("the {noun} `{callee}` has no parameter `{}`", name.text);
            let diagnostic = Diagnostic::error(codes::ARGUMENT, name.span, message).help(help);
            return Err(cx.g.report(node, Some("params"), diagnostic));
        };
        let wants = format!("parameter `{}` of the {noun}", name.text);
        let site = Site { node, port: Some("params"), wants: Wants::Named(&wants), span: input.span };
        let operand = cx.g.elaborate(input, Some(&declared[index].1), site)?;
        let value = cx.g.owned(&operand);
        cx.probe_entry("params", &name.text, value);
        given[index] = Some(value);
    }
    if declared.is_empty() {
        return Ok(None);
    }
    let mut values = Vec::with_capacity(given.len());
    for (value, (name, _)) in given.into_iter().zip(declared) {
        let Some(value) = value else {
            let what = format!("the parameter `{name}` of the {noun} `{callee}`");
            return Err(cx.missing(&what, &format!("add `\"{name}\": …` to `params`")));
        };
        values.push(value);
    }
    let record = Type::Record(Arc::new(RecordType { fields: declared.to_vec() }));
    Ok(Some(cx.g.op(Op::RecordNew, &values, Imm::Type(record.clone()), record)))
}
