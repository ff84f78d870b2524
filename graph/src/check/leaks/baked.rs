//! Effects that get into the base (R5.5): a value that was read as effects made it, and is written to the field that it was
//! read from.
//!
//! The same analysis as for secrecy, with other sources and other sinks: sources are reads of fields that the document's
//! effects write, outside `effects.lift` and `effects.apply`; sinks are writes of the same field of any record.

use std::collections::BTreeSet;

use statewright_types::{Diagnostic, StructId, Type};

use super::flow::Follow;
use super::{Source, Summary, callees_first, codes};
use crate::document::Graph;
use crate::ir::verify::{callees, targets};
use crate::ir::{Function, FunctionRole, Imm, Inst, Module, NodeTag, Op, Terminator, Value};

/// A field by position in its type.
type FieldAt = (StructId, u32);

/// What callers need to know of a function: its parameters that are written, and where.
type Written = Vec<(u32, FieldAt)>;

/// Warns of every write that makes an effect permanent.
pub(crate) fn check(module: &Module, graphs: &[&Graph], diagnostics: &mut Vec<Diagnostic>) {
    let is_effect = |index: &usize| module.functions[*index].role == FunctionRole::Effect;
    let is_handler = |index: &usize| matches!(module.functions[*index].role, FunctionRole::Handler { .. });
    let mut changed = BTreeSet::new();
    for index in reached(module, (0..module.functions.len()).filter(is_effect)) {
        changed.extend(written_fields(&module.functions[index]));
    }
    if changed.is_empty() {
        return;
    }
    let checked = reached(module, (0..module.functions.len()).filter(is_handler));
    let mut summaries: Vec<Option<Summary>> = vec![None; module.functions.len()];
    let mut written: Vec<Written> = vec![Vec::new(); module.functions.len()];
    for index in callees_first(module).into_iter().filter(|index| checked.contains(index)) {
        let function = &module.functions[index];
        let follow = Follow::of_fields(module, function, &summaries, (&changed, base_reads(function)));
        let mut found = BTreeSet::new();
        for (value, place, node) in writes(function, &written) {
            for source in follow.taint(value).keys() {
                match source {
                    Source::Field { ty, field, .. } if (*ty, *field) == place => _ = found.insert((place, node)),
                    Source::Param(param) | Source::Part(param) => written[index].push((*param, place)),
                    Source::Field { .. } => {}
                }
            }
        }
        for (place, node) in found {
            diagnostics.push(report(module, function, graphs[index], place, node));
        }
        summaries[index] = Some(Summary { result: results(&follow), sinks: BTreeSet::new() });
    }
}

/// Those functions, and those that they call.
fn reached(module: &Module, from: impl Iterator<Item = usize>) -> BTreeSet<usize> {
    let mut rest: Vec<usize> = from.collect();
    let mut seen = BTreeSet::new();
    while let Some(index) = rest.pop() {
        if seen.insert(index) {
            rest.extend(callees(&module.functions[index]));
        }
    }
    seen
}

fn instructions(function: &Function) -> impl Iterator<Item = &Inst> {
    function.blocks.iter().flat_map(|block| &block.insts)
}

/// The field that a list or map was read from.
fn field_of(function: &Function, container: Value) -> Option<FieldAt> {
    let inst = instructions(function).find(|inst| inst.result == Some(container))?;
    match (inst.op, &inst.imm) {
        (Op::Load, Imm::Field(ty, field)) => Some((*ty, *field)),
        _ => None,
    }
}

/// What a function writes itself.
fn written_fields(function: &Function) -> BTreeSet<FieldAt> {
    let place = |inst: &Inst| match (inst.op, &inst.imm) {
        (Op::Store, Imm::Field(ty, field)) => Some((*ty, *field)),
        (
            Op::ListInsert
            | Op::ListPush
            | Op::ListSet
            | Op::ListRemove
            | Op::ListAssign
            | Op::ListClear
            | Op::MapPut
            | Op::MapRemove
            | Op::MapAssign
            | Op::MapClear,
            _,
        ) => field_of(function, *inst.args.first()?),
        _ => None,
    };
    instructions(function).filter_map(place).collect()
}

/// Values that are written over what was there, where they go, and the node that writes them.
fn writes(function: &Function, written: &[Written]) -> Vec<(Value, FieldAt, NodeTag)> {
    let mut found = Vec::new();
    let mut call = |callee: usize, args: &[Value], node: NodeTag| {
        for (param, place) in &written[callee] {
            found.extend(args.get(*param as usize).map(|arg| (*arg, *place, node)));
        }
    };
    for block in &function.blocks {
        for inst in &block.insts {
            if let (Op::Call, Imm::Func(callee)) = (inst.op, &inst.imm) {
                call(callee.index(), &inst.args, inst.node);
            }
        }
        if let Terminator::Call { callee, args, .. } = &block.terminator {
            call(callee.index(), args, block.node);
        }
    }
    for inst in instructions(function) {
        let value = match inst.op {
            Op::Store | Op::ListAssign | Op::MapAssign => inst.args.get(1),
            Op::ListSet | Op::MapPut => inst.args.get(2),
            _ => None,
        };
        let place = match &inst.imm {
            Imm::Field(ty, field) => Some((*ty, *field)),
            _ => inst.args.first().and_then(|container| field_of(function, *container)),
        };
        // Structs are written field by field, and elements of a list keep their identity.
        let is_whole = |value: &Value| match function.ty(*value) {
            Type::List(element) => matches!(element.non_null(), Type::Struct(_)),
            ty => matches!(ty.non_null(), Type::Struct(_)),
        };
        if let (Some(value), Some(place)) = (value.filter(|value| !is_whole(value)), place) {
            found.push((*value, place, inst.node));
        }
    }
    found
}

/// What is loaded while effects are lifted.
fn base_reads(function: &Function) -> BTreeSet<Value> {
    let mut lifted = vec![false; function.blocks.len()];
    let mut reads = BTreeSet::new();
    let mut work = vec![0];
    let mut seen = vec![false; function.blocks.len()];
    while let Some(index) = work.pop() {
        seen[index] = true;
        let block = &function.blocks[index];
        let mut is_lifted = lifted[index];
        for inst in &block.insts {
            match inst.op {
                Op::EffectsLift | Op::EffectsLiftAt => is_lifted = true,
                Op::EffectsApply => is_lifted = false,
                _ if is_lifted => reads.extend(inst.result),
                _ => {}
            }
        }
        for (target, _) in targets(&block.terminator) {
            let at = target.block.index();
            if !seen[at] || is_lifted && !lifted[at] {
                lifted[at] |= is_lifted;
                work.push(at);
            }
        }
    }
    reads
}

/// What a function's result carries.
fn results(follow: &Follow<'_>) -> BTreeSet<Source> {
    let returned = follow.function.blocks.iter().filter_map(|block| match block.terminator {
        Terminator::Return(value) => value,
        _ => None,
    });
    returned.flat_map(|value| follow.taint(value).keys().copied().map(super::sinks::outside)).collect()
}

fn report(module: &Module, function: &Function, graph: &Graph, (ty, field): FieldAt, node: NodeTag) -> Diagnostic {
    let node = function.node_id(node);
    let found = graph.nodes.iter().find(|candidate| candidate.id.text == *node);
    let span = found.map_or(graph.name.span, |node| node.id.span);
    let def = module.schema.get(ty);
    let name = def.fields.get(field as usize).map_or("", |field| &field.name);
    let message = format!("`{}.{name}` is written from a value of itself that effects may have changed", def.name);
    let help = "read it with `base:`, or use Increment, which adds to the value without effects; else what an effect gives for a \
                while stays for good";
    let mut diagnostic = Diagnostic::warning(codes::BAKED, span, message).help(help);
    diagnostic.place.handler = Some(graph.name.text.clone());
    diagnostic.place.node = Some(node.clone());
    diagnostic
}
