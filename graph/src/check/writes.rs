//! `@write` (R9) as far as it can be told beforehand: handlers that fail for every client, or let a client name whose element
//! they write. Whether a write is allowed is decided when it happens; this only warns, and keeps quiet where it cannot tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_types::handler::RESERVED_EVENTS;
use statewright_types::schema::{StructDef, Writer};
use statewright_types::{Diagnostic, StructId};

use super::codes;
use super::leaks::identity::Identity;
use super::leaks::{callees_first, sender_alias};
use crate::document::{Document, Graph, InputKind};
use crate::ir::{Function, Imm, Inst, Module, NodeTag, Op, Terminator, Value};

/// A field that only the session may write.
type Field = (StructId, u32);

/// Warns of handlers of clients' events that write what clients may not.
pub(crate) fn check(module: &Module, document: &Document, graphs: &[&Graph], diagnostics: &mut Vec<Diagnostic>) {
    let restricted = |def: &StructDef| def.fields.iter().any(|field| field.writer != Writer::Anyone);
    if !module.schema.types().iter().any(restricted) {
        return;
    }
    let scheduled = scheduled(document);
    let mut servers: Vec<Vec<(NodeTag, Field)>> = vec![Vec::new(); module.functions.len()];
    for index in callees_first(module) {
        let function = &module.functions[index];
        let graph = graphs[index];
        let identity = Identity::new(function, sender_alias(graph, function));
        let mut found = server_writes(module, function, &identity);
        for (node, callee) in calls(function) {
            found.extend(servers[callee].first().map(|(_, field)| (node, *field)));
        }
        servers[index] = found;
        if !is_clients(graph, &scheduled) || looks_at_sender(function, &identity) {
            continue;
        }
        let mut said = BTreeSet::new();
        for (node, field) in &servers[index] {
            if said.insert((*node, *field)) {
                diagnostics.push(server_warning(module, function, graph, *node, *field));
            }
        }
        for (node, field, param) in owner_writes(module, function, &identity) {
            if said.insert((node, field)) {
                diagnostics.push(owner_warning(module, function, graph, node, field, &param));
            }
        }
    }
}

/// Events that the document schedules: the session sends them itself.
fn scheduled(document: &Document) -> BTreeSet<Arc<str>> {
    let nodes = document.graphs().flat_map(|graph| &graph.nodes).filter(|node| &*node.ty.text == "Schedule");
    let kinds = nodes.flat_map(|node| &node.inputs).filter_map(|(_, input)| match &input.kind {
        InputKind::Text(text) => Some(text.clone()),
        _ => None,
    });
    kinds.collect()
}

/// Whether clients send the handler's event.
fn is_clients(graph: &Graph, scheduled: &BTreeSet<Arc<str>>) -> bool {
    let Some(event) = &graph.event else { return false };
    let nobody = graph.permissions.as_ref().and_then(|permissions| permissions.allowed_players.as_ref());
    !RESERVED_EVENTS.contains(&&*event.text)
        && !scheduled.contains(&event.text)
        && nobody.is_none_or(|players| !players.is_empty())
}

/// Whether a function asks who sent the event: then it may know what it does.
fn looks_at_sender(function: &Function, identity: &Identity<'_>) -> bool {
    let Some(sender) = function.blocks.first().and_then(|entry| entry.params.first()).copied() else { return false };
    let compares = |inst: &Inst| {
        matches!(inst.op, Op::SCmp | Op::Equal | Op::ListFind | Op::MapFind)
            && inst.args.iter().any(|arg| identity.canonical(*arg) == sender)
    };
    function.blocks.iter().flat_map(|block| &block.insts).any(compares)
}

fn calls(function: &Function) -> Vec<(NodeTag, usize)> {
    let mut calls = Vec::new();
    for block in &function.blocks {
        calls.extend(block.insts.iter().filter_map(|inst| match (inst.op, &inst.imm) {
            (Op::Call, Imm::Func(callee)) => Some((inst.node, callee.index())),
            _ => None,
        }));
        if let Terminator::Call { callee, .. } = &block.terminator {
            calls.push((block.node, callee.index()));
        }
    }
    calls
}

fn writer(module: &Module, (ty, field): Field) -> Writer {
    module.schema.get(ty).fields.get(field as usize).map_or(Writer::Anyone, |field| field.writer)
}

/// The field that a check before a write is about, and its record.
fn checked(inst: &Inst, identity: &Identity<'_>) -> Option<(Field, Value)> {
    match (inst.op, &inst.imm) {
        (Op::WriteCheck, Imm::Field(ty, field)) => Some(((*ty, *field), *inst.args.first()?)),
        (Op::WriteCheckIn, _) => match identity.inst(identity.canonical(*inst.args.first()?))? {
            Inst { op: Op::Load, imm: Imm::Field(ty, field), args, .. } => Some(((*ty, *field), *args.first()?)),
            _ => None,
        },
        _ => None,
    }
}

fn server_writes(module: &Module, function: &Function, identity: &Identity<'_>) -> Vec<(NodeTag, Field)> {
    let insts = function.blocks.iter().flat_map(|block| &block.insts);
    let found = insts.filter_map(|inst| Some((inst.node, checked(inst, identity)?.0)));
    found.filter(|(_, field)| writer(module, *field) == Writer::Server).collect()
}

/// Writes to what an element's owner may write, where a parameter that anybody may choose finds the element by its owner.
fn owner_writes(module: &Module, function: &Function, identity: &Identity<'_>) -> Vec<(NodeTag, Field, Arc<str>)> {
    let Some(entry) = function.blocks.first() else { return Vec::new() };
    let chosen = |record: Value| -> Option<Arc<str>> {
        let found = identity.inst(identity.canonical(record)).filter(|inst| inst.op == Op::ListGet)?;
        let search = identity.inst(identity.canonical(*found.args.get(1)?))?;
        let (Op::ListFindKey, Imm::Field(ty, key)) = (search.op, &search.imm) else { return None };
        let def = module.schema.get(*ty);
        let key = &def.fields.get(*key as usize)?.name;
        if def.owner_field.as_ref().is_some_and(|owner| owner != key) {
            return None;
        }
        let id = identity.canonical(*search.args.get(1)?);
        let position = entry.params.iter().position(|param| *param == id).filter(|position| *position > 0)?;
        function.params.get(position).map(|param| param.name.clone())
    };
    let insts = function.blocks.iter().flat_map(|block| &block.insts);
    let found = insts.filter_map(|inst| {
        let (field, record) = checked(inst, identity)?;
        (writer(module, field) == Writer::Owner).then_some(())?;
        Some((inst.node, field, chosen(record)?))
    });
    found.collect()
}

fn server_warning(module: &Module, function: &Function, graph: &Graph, node: NodeTag, field: Field) -> Diagnostic {
    let event = graph.event.as_ref().map_or("", |event| &event.text);
    let message = format!(
        "only the session itself may write {}, so a client that sends `{event}` gets permission_denied here",
        shown(module, field)
    );
    let help = "write it on an event of the session's own; if only the session sends this one, say so: \"permissions\": {\"allowedPlayers\": []}";
    warning(codes::SERVER_WRITE, function, graph, node, message, help.to_owned())
}

fn owner_warning(
    module: &Module,
    function: &Function,
    graph: &Graph,
    node: NodeTag,
    field: Field,
    param: &str,
) -> Diagnostic {
    let message = format!(
        "only the owner may write {}, and `{param}` need not be who sent the event: others get permission_denied here",
        shown(module, field)
    );
    let help = format!(
        "find the element by `param:senderID`, or let the handler's permissions have \"playerParam\": \"{param}\""
    );
    warning(codes::OWNER_WRITE, function, graph, node, message, help)
}

fn shown(module: &Module, (ty, field): Field) -> String {
    let def = module.schema.get(ty);
    let name = def.fields.get(field as usize).map_or("", |field| &field.name);
    format!("`{}.{name}`", def.name)
}

fn warning(
    code: &'static str,
    function: &Function,
    graph: &Graph,
    node: NodeTag,
    message: String,
    help: String,
) -> Diagnostic {
    let id = function.node_id(node);
    let found = graph.nodes.iter().find(|candidate| candidate.id.text == *id);
    let span = found.map_or(graph.name.span, |node| node.id.span);
    let mut diagnostic = Diagnostic::warning(code, span, message).help(help);
    diagnostic.place.handler = Some(graph.name.text.clone());
    diagnostic.place.node = Some(id.clone());
    diagnostic
}
