//! What cases reach: node types in documents, operations in modules, errors that stop nodes.

use std::collections::{BTreeMap, BTreeSet};

use statewright_graph::ir::Op;
use statewright_graph::ir::ops::OPS;
use statewright_graph::ir::verify::Verified;
use statewright_graph::node::{self, NodeRow};
use statewright_graph::passes;
use statewright_types::Value;

use crate::execution::{Prepared, guarded};
use crate::outcome::Outcome;

/// What was reached.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Node types in documents that pass the checker, by how many of these have one.
    pub types: BTreeMap<String, usize>,
    /// Operations in modules.
    pub ops: BTreeSet<Op>,
    /// Node type and error code, of errors that stopped an activation, and how often.
    pub errors: BTreeMap<(String, &'static str), usize>,
    /// How activations ended, by word.
    pub ends: BTreeMap<&'static str, usize>,
    /// How often each error code stopped one.
    pub codes: BTreeMap<&'static str, usize>,
}

impl Reach {
    /// Adds what a case reached.
    pub fn add(&mut self, prepared: &Prepared, outcome: &Outcome) {
        let mut types: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        for kind in ["handlers", "functions", "filters", "effects"] {
            for graph in list(prepared.case.document.get(kind)) {
                for node in list(graph.get("nodes")) {
                    types.insert((text(graph, "name"), text(node, "id")), text(node, "type"));
                }
            }
        }
        let distinct: BTreeSet<&str> = types.values().copied().collect();
        for ty in distinct {
            *self.types.entry(ty.to_owned()).or_default() += 1;
        }
        let straight = for_machine_code(prepared);
        let modules = prepared.built.module.iter().chain(&prepared.module).map(|module| &**module).chain(&straight);
        for function in modules.flat_map(|module| &module.functions) {
            self.ops.extend(function.blocks.iter().flat_map(|block| &block.insts).map(|inst| inst.op));
        }
        for activation in outcome.steps.iter().flat_map(|step| &step.reports).flat_map(|report| &report.activations) {
            *self.ends.entry(activation.status.name()).or_default() += 1;
            let Some(trap) = &activation.error else { continue };
            *self.codes.entry(trap.code.code()).or_default() += 1;
            let Some(node) = &trap.node else { continue };
            // The node may stand in a function that the handler called.
            for ty in types.iter().filter(|((_, id), _)| *id == &**node).map(|(_, ty)| *ty) {
                *self.errors.entry((ty.to_owned(), trap.code.code())).or_default() += 1;
            }
        }
    }

    /// Puts two together.
    pub fn merge(&mut self, other: Reach) {
        self.ops.extend(other.ops);
        for (error, count) in other.errors {
            *self.errors.entry(error).or_default() += count;
        }
        for (all, more) in [(&mut self.ends, other.ends), (&mut self.codes, other.codes)] {
            more.into_iter().for_each(|(name, count)| *all.entry(name).or_default() += count);
        }
        for (name, count) in other.types {
            *self.types.entry(name).or_default() += count;
        }
    }
}

/// What machine code is made from, which has operations of its own. A mistake of the passes is found where that is compiled.
fn for_machine_code(prepared: &Prepared) -> Option<Verified> {
    let module = prepared.module.as_ref().ok()?;
    guarded(|| passes::without_branches(module)).ok()?.ok()
}

/// What there is to reach and was not, a line each: `type NAME`, `op MNEMONIC`, `error NAME CODE`.
///
/// Errors are those that rows give: those of inputs, of fuel and of memory stop all kinds of nodes.
pub fn missing(reach: &Reach) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    for row in node::table() {
        if !reach.types.contains_key(row.name) {
            missing.insert(format!("type {}", row.name));
        }
        for code in row.errors {
            if !reach.errors.contains_key(&(row.name.to_owned(), code.code())) {
                missing.insert(format!("error {} {}", row.name, code.code()));
            }
        }
    }
    let ops = OPS.iter().filter(|row| !row.op.is_traced_only() && !reach.ops.contains(&row.op));
    missing.extend(ops.map(|row| format!("op {}", row.mnemonic)));
    missing
}

/// What is come upon less often than this is rare.
pub const SELDOM: usize = 4;

/// Errors that rows give and that were come upon, but less than [`SELDOM`] times: lines as those of [`missing`].
pub fn seldom(reach: &Reach) -> BTreeSet<String> {
    let of = |row: &'static NodeRow| row.errors.iter().map(|code| (row.name, code.code()));
    let is_seldom = |(name, code): &(&str, &'static str)| {
        reach.errors.get(&((*name).to_owned(), *code)).is_some_and(|count| *count < SELDOM)
    };
    let errors = node::table().flat_map(of).filter(is_seldom);
    errors.map(|(name, code)| format!("error {name} {code}")).collect()
}

/// What is known not to be reached, or rarely, and why: `tests/differential/unreached.txt`.
pub fn excused() -> BTreeSet<String> {
    let lines = include_str!("../unreached.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// The elements of a list, if it is one.
pub fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::List(elements)) => elements,
        _ => &[],
    }
}

/// The text under a key; "" if there is none.
pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    match value.get(key) {
        Some(Value::Str(text)) => text,
        _ => "",
    }
}
