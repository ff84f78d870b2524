//! Nodes of the host program: a row for each declaration, so that everything else treats them as the language's own.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use statewright_types::host::{HostDeclarations, HostInput, HostNeed, HostNode};
use statewright_types::{Diagnostic, RecordType, Span, Type};

use super::{Category, Effect, InputPort, Kind, Need, NodeRow, OutputPort, ROW, Role, by_name};
use crate::check::codes;
use crate::ir::{HostCall, Imm, Op};
use crate::lower::{Abort, Cx};

/// Rows live as long as the program, as those of the table do. Equal declarations share one, so that declaring the same
/// nodes again takes no more memory.
static ROWS: LazyLock<Mutex<HashMap<Arc<HostNode>, &'static NodeRow>>> = LazyLock::new(Mutex::default);

/// The row of a declaration.
pub fn row(node: &Arc<HostNode>) -> &'static NodeRow {
    let mut rows = ROWS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(row) = rows.get(node) {
        return row;
    }
    let row: &'static NodeRow = Box::leak(Box::new(made(node)));
    rows.insert(node.clone(), row);
    row
}

fn text(text: &str) -> &'static str {
    if text.is_empty() { "" } else { Box::leak(text.into()) }
}

fn made(node: &HostNode) -> NodeRow {
    let inputs = node.inputs.iter().map(|HostInput { name, ty, need, docs }| InputPort {
        name: text(name),
        synonyms: &[],
        ty: text(ty),
        role: Role::Value,
        need: match need {
            HostNeed::Required => Need::Required,
            HostNeed::Optional => Need::Optional,
            HostNeed::Default(json) => Need::Default(text(json)),
        },
        docs: text(docs),
    });
    let outputs = node.outputs.iter().map(|port| OutputPort {
        name: text(&port.name),
        synonyms: &[],
        ty: text(&port.ty),
        docs: text(&port.docs),
    });
    let known = Category::ALL.into_iter().find(|category| category.title() == node.category);
    let replaced_by = node.replaced_by.as_ref();
    let renamed = replaced_by.map_or(&[][..], |replacement| &replacement.ports);
    NodeRow {
        name: text(&node.name),
        category: known.unwrap_or_else(|| Category::Host(text(&node.category))),
        summary: text(&node.summary),
        docs: text(&node.docs),
        inputs: inputs.collect::<Vec<_>>().leak(),
        outputs: outputs.collect::<Vec<_>>().leak(),
        kind: if node.executing { Kind::Executing } else { Kind::Pure },
        effects: if node.executing { &[Effect::ActsOnHost] } else { &[] },
        errors: node.errors.clone().leak(),
        since: "",
        deprecated: node.deprecated.as_deref().map(text),
        replaced_by: replaced_by.map(|replacement| text(&replacement.node)),
        renamed_ports: renamed.iter().map(|(old, new)| (text(old), text(new))).collect::<Vec<_>>().leak(),
        lower: call,
        ..ROW
    }
}

/// Reports declarations that nobody could use, as the language has the name.
pub(crate) fn names(hosts: &HostDeclarations, diagnostics: &mut Vec<Diagnostic>) {
    for node in hosts.nodes().iter().filter(|node| by_name(&node.name).is_some()) {
        let message = format!("the host program declares a node `{}`, which the language has", node.name);
        diagnostics.push(Diagnostic::error(codes::HOST_NAME, Span::default(), message).help("give it another name"));
    }
}

fn call(cx: &mut Cx<'_, '_>) -> Result<(), Abort> {
    let Some(node) = cx.g.unit.hosts.get(cx.row.name).cloned() else { return Err(Abort) };
    let mut args = Vec::with_capacity(node.inputs.len());
    for port in &node.inputs {
        let ty = port_type(cx, &port.name, &port.ty)?;
        let value = match cx.optional_typed(&port.name, &ty)? {
            Some(operand) => cx.g.owned(&operand),
            None if matches!(ty, Type::Nullable(_)) => cx.g.op(Op::Null, &[], Imm::Type(ty.loaded()), ty.clone()),
            None => cx.g.op(Op::Zero, &[], Imm::Type(ty.clone()), ty),
        };
        args.push(value);
    }
    let mut fields = Vec::with_capacity(node.outputs.len());
    for port in &node.outputs {
        fields.push((Arc::<str>::from(&*port.name), port_type(cx, &port.name, &port.ty)?));
    }
    let host =
        |output: Option<&Type>| Imm::Host(Box::new(HostCall { name: Arc::from(&*node.name), output: output.cloned() }));
    match &fields[..] {
        [] => cx.g.act(Op::HostCall, &args, host(None)),
        [(port, ty)] => {
            let value = cx.g.op(Op::HostCall, &args, host(Some(ty)), ty.clone());
            cx.put(port, value, ty.clone());
        }
        _ => {
            let all = Type::Record(Arc::new(RecordType { fields: fields.clone() }));
            let record = cx.g.op(Op::HostCall, &args, host(Some(&all)), all);
            for (index, (port, ty)) in fields.into_iter().enumerate() {
                let value = cx.g.op(Op::RecordGet, &[record], Imm::Int(index as i64), ty.clone());
                cx.put(&port, value, ty);
            }
        }
    }
    Ok(())
}

/// A port's type, in the schema of this document.
fn port_type(cx: &mut Cx<'_, '_>, port: &str, ty: &str) -> Result<Type, Abort> {
    cx.g.schema().parse_type(ty).map_err(|message| {
        let message = format!("`{port}` of {} is a `{ty}`, which this schema does not have: {message}", cx.row.name);
        cx.fail(port, codes::TYPE_NAME, message, "add the type to the schema, or use another node")
    })
}
