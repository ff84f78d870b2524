//! Lowering one graph: rounds until the types of variables settle, then every instance in order.

use std::sync::Arc;

use statewright_types::hashing::{HashMap, HashSet};
use statewright_types::interner::Interner;
use statewright_types::{Diagnostic, Severity, Span, Type};

use super::evaluated::Evaluated;
use super::looping::{accumulator, called};
use super::outputs::Outputs;
use super::{Cx, FunctionBuilder, GraphCx, Kept, Signature, Unit, Variable};
use crate::check::codes;
use crate::check::structure::{self, Named};
use crate::check::view;
use crate::document::{GraphKind, InputKind};
use crate::flow::{Flow, NodeIx, Rows};
use crate::ir::{BlockId, Function, FunctionRole, Imm, NodeTag, Op, Param};

/// Rounds in which the types of variables may settle: one for each variable that is read above where it is set, of
/// those that depend on one another. Large graphs get fewer.
const MOST_ROUNDS: usize = 100;
const LEAST_ROUNDS: usize = 6;
/// Rounds times nodes.
const MOST_WORK: usize = 20_000;
/// Size of one graph at most; see [`FunctionBuilder::size`].
const MAX_SIZE: usize = 300_000;

/// What became of a graph.
pub(crate) struct LoweredGraph {
    /// `None` if there were errors.
    pub(crate) function: Option<Function>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Checks the types of a graph and lowers it.
pub(crate) fn lower_graph(
    unit: &Unit<'_>,
    (rows, flow): (&Rows<'_>, &Flow),
    signature: &Signature,
    references: References,
) -> LoweredGraph {
    let mut variables = declared_variables(rows);
    let rounds = (MOST_WORK / rows.graph.nodes.len().max(1)).clamp(LEAST_ROUNDS, MOST_ROUNDS);
    for round in 0..rounds {
        let mut cx = GraphCx::new(unit, rows, flow, signature, variables.clone());
        cx.references = references.outputs.clone();
        cx.walk();
        // What went well was told the types in time, though they became known on the way.
        if !(cx.variables_changed && cx.failed) || round + 1 == rounds {
            return cx.result(signature);
        }
        variables = std::mem::take(&mut cx.variables);
        for variable in variables.values_mut() {
            variable.var = None;
        }
    }
    LoweredGraph { function: None, diagnostics: Vec::new() }
}

fn declared_variables(rows: &Rows<'_>) -> HashMap<Arc<str>, Variable> {
    let mut variables = HashMap::default();
    for (index, node) in rows.graph.nodes.iter().enumerate() {
        let kind = rows.rows[index].map_or("", |row| row.name);
        if kind == "Reduce" {
            variables.insert(Arc::from(accumulator(&node.id.text)), Variable { ty: None, var: None });
        }
        if kind == "SetVariable"
            && let Some((_, input)) = node.inputs.iter().find(|(port, _)| &*port.text == "name")
            && let InputKind::Text(name) = &input.kind
        {
            variables.insert(name.clone(), Variable { ty: None, var: None });
        }
    }
    variables
}

/// What the inputs of a graph name anywhere, by id or by alias.
pub(crate) struct References {
    /// Outputs.
    outputs: Arc<Outputs<bool>>,
    /// By node, whether anything of it is named, a mistaken output too.
    pub(crate) nodes: Vec<bool>,
}

/// Looks for all that the inputs of a graph name.
pub(crate) fn references(rows: &Rows<'_>) -> References {
    let aliases = aliases(rows);
    let mut by_alias: HashMap<&str, Vec<NodeIx>> = HashMap::default();
    for (index, node) in rows.graph.nodes.iter().enumerate() {
        for output in &node.outputs {
            by_alias.entry(&output.alias.text).or_default().push(index);
        }
    }
    let mut found = Outputs::new(rows);
    let mut nodes = vec![false; rows.graph.nodes.len()];
    for node in 0..rows.graph.nodes.len() {
        structure::each_name(rows, node, &mut |named| match named {
            Named::Name(name) => {
                aliases.get(name).into_iter().flatten().for_each(|(node, output)| found.set(*node, *output, true));
                by_alias.get(name).into_iter().flatten().for_each(|node| nodes[*node] = true);
            }
            Named::Output { node, output } => {
                let Some(index) = rows.by_id.get(node) else { return };
                nodes[*index] = true;
                let row = rows.rows[*index];
                let alias = || {
                    let outputs = &rows.graph.nodes[*index].outputs;
                    let named = outputs.iter().find(|o| &*o.alias.text == output)?;
                    row?.output(&named.port.text)
                };
                let output = row.and_then(|row| row.output(output)).or_else(alias);
                output.into_iter().for_each(|output| found.set(*index, output, true));
            }
        });
    }
    References { outputs: Arc::new(found), nodes }
}

/// Outputs by alias, of each node the first that has it.
fn aliases<'a>(rows: &Rows<'a>) -> HashMap<&'a str, Vec<(NodeIx, usize)>> {
    let mut found: HashMap<&str, Vec<(NodeIx, usize)>> = HashMap::default();
    let mut seen = HashSet::default();
    for (index, node) in rows.graph.nodes.iter().enumerate() {
        for output in &node.outputs {
            let alias = &*output.alias.text;
            if seen.insert((index, alias))
                && let Some(port) = rows.rows[index].and_then(|row| row.output(&output.port.text))
            {
                found.entry(alias).or_default().push((index, port));
            }
        }
    }
    found
}

impl<'a> GraphCx<'a> {
    fn new(
        unit: &'a Unit<'a>,
        rows: &'a Rows<'a>,
        flow: &'a Flow,
        signature: &Signature,
        variables: HashMap<Arc<str>, Variable>,
    ) -> GraphCx<'a> {
        let role = match (rows.graph.kind, &rows.graph.event) {
            (GraphKind::Handler, Some(event)) => FunctionRole::Handler { event: event.text.clone() },
            (GraphKind::Filter, _) => FunctionRole::Filter,
            (GraphKind::Effect, _) => FunctionRole::Effect,
            _ => FunctionRole::Function,
        };
        let declared = signature.params.iter().map(|(name, ty)| Param { name: name.clone(), ty: ty.clone() });
        let returns = signature.returns.clone();
        let mut builder =
            FunctionBuilder::new(signature.name.clone(), role, declared.collect(), returns.as_ref().map(Type::loaded));
        let mut params = Vec::new();
        let mut viewer = None;
        for (index, (name, ty)) in signature.params.iter().enumerate() {
            let var = builder.var(ty.loaded());
            let value = builder.param(index);
            builder.set(var, value);
            // A document's own parameter may have the same name as the viewer's id.
            let names_viewer =
                index == 0 && (rows.graph.kind == GraphKind::Filter || view::is_view(unit.schema, rows.graph));
            if names_viewer && *ty == Type::String {
                viewer = Some(var);
            }
            if index > 0 || rows.graph.kind != GraphKind::Filter {
                params.push((name.clone(), Kept { var, ty: ty.clone() }));
            }
        }
        GraphCx {
            unit,
            rows,
            flow,
            builder,
            params,
            returns,
            viewer,
            kept: Outputs::new(rows),
            variables,
            variables_changed: false,
            entries: Vec::new(),
            finish: BlockId(0),
            other_exit: None,
            loops: HashMap::default(),
            deadlines: HashMap::default(),
            at: 0,
            scopes: Vec::new(),
            evaluated: Evaluated::new(rows.graph.nodes.len()),
            bindings: Vec::new(),
            pulling: Vec::new(),
            depth: 0,
            tags: vec![None; rows.graph.nodes.len()],
            references: Arc::default(),
            variable_names: HashMap::default(),
            variable_reads: Vec::new(),
            ports: Interner::default(),
            diagnostics: Vec::new(),
            reported: HashSet::default(),
            aliases: aliases(rows),
            broken: HashSet::default(),
            failed: false,
        }
    }

    fn walk(&mut self) {
        for name in self.variables.keys().cloned().collect::<Vec<_>>() {
            self.declare_variable(&name);
        }
        self.entries = self.flow.instances.iter().map(|_| Some(self.builder.block())).collect();
        self.finish = self.builder.block();
        let first = self.flow.entry(0).and_then(|instance| self.entries[instance]).unwrap_or(self.finish);
        self.trace_start();
        self.builder.jump(first);
        for instance in self.flow.order.iter().copied() {
            let Some(block) = self.entries[instance] else { continue };
            self.builder.seal(block);
            self.builder.switch_to(block);
            self.at = instance;
            self.reset_scopes();
            let node = self.flow.instances[instance].node;
            let deadlines = self.deadlines_around(instance);
            self.builder.set_deadlines(deadlines);
            match Cx::run(self, node, Some(instance)) {
                Ok(outputs) => {
                    let tag = self.tag(node);
                    self.builder.set_node(tag);
                    self.leave(instance, outputs);
                }
                Err(_) => self.failed = true,
            }
            if self.too_large(node) {
                break;
            }
        }
        self.end();
    }

    /// Whether the graph has become too large, which is reported at `node`.
    pub(super) fn too_large(&mut self, node: NodeIx) -> bool {
        if self.builder.size() <= MAX_SIZE {
            return false;
        }
        let diagnostic = Diagnostic::error(codes::TOO_DEEP, self.rows.span(node), "this graph is too large")
            .help("move parts of it into functions, or into handlers of their own; what is needed in several places, compute once in the flow");
        self.report(node, None, diagnostic);
        true
    }

    /// The block where the last chain ends.
    fn end(&mut self) {
        self.builder.set_node(NodeTag(0));
        self.builder.switch_to(self.finish);
        let returned = self.returns.clone();
        let value = returned.map(|ty| self.op(Op::Zero, &[], Imm::Type(ty.clone()), ty));
        self.ret(value);
    }

    fn declare_variable(&mut self, name: &Arc<str>) {
        let Some(ty) = self.variables.get(name).and_then(|variable| variable.ty.clone()) else { return };
        let var = self.builder.var(ty.loaded());
        self.variable_names.insert(var, name.clone());
        if let Some(variable) = self.variables.get_mut(name) {
            variable.var = Some(var);
        }
    }

    /// Sets a variable; its type becomes one that holds what it had and this.
    pub(crate) fn set_variable(
        &mut self,
        name: &str,
        operand: super::Operand,
        site: super::convert::Site<'_>,
    ) -> super::Lowered<super::Operand> {
        let known = self.variables.get(name).and_then(|variable| variable.ty.clone());
        let joined = match &known {
            None => Some(operand.ty.clone()),
            Some(known) => super::typing::join(known, &operand.ty),
        };
        let Some(joined) = joined else {
            let (a, b) = (known.map(|ty| self.show(&ty)).unwrap_or_default(), self.show(&operand.ty));
            let message = format!("{} is {a} elsewhere, and this is {b}", called(name));
            let diagnostic = Diagnostic::error(codes::TYPE, site.span, message).help(if name.starts_with('\0') {
                "give `initial` and `value` the same type"
            } else {
                "a variable has one type; use another name for this value"
            });
            return Err(self.report(site.node, site.port, diagnostic));
        };
        if known.as_ref() != Some(&joined) {
            self.variables_changed = true;
            let Some((name, variable)) = self.variables.get_key_value(name).map(|(n, v)| (n.clone(), v.clone())) else {
                return Err(super::Abort);
            };
            self.variables.insert(name.clone(), Variable { ty: Some(joined.clone()), ..variable });
            if known.is_some() {
                return Err(super::Abort);
            }
            // What follows in this round can read it already.
            self.declare_variable(&name);
        }
        let operand = self.convert(operand, &joined, site)?;
        let value = self.owned(&operand);
        if let Some(var) = self.variables.get(name).and_then(|variable| variable.var) {
            self.builder.set(var, value);
            self.trace_variable(name, value);
        }
        Ok(super::Operand { value, ty: joined, live: super::Live::No, ..operand })
    }

    /// The node's tag.
    pub(super) fn tag(&mut self, node: NodeIx) -> NodeTag {
        if let Some(tag) = self.tags[node] {
            return tag;
        }
        let tag = self.builder.tag(&self.rows.graph.nodes[node].id.text);
        self.tags[node] = Some(tag);
        tag
    }

    /// Whether the graph names that output anywhere.
    pub(crate) fn referenced(&self, node: NodeIx, output: usize) -> bool {
        self.references.get(node, output).copied().unwrap_or(false)
    }

    fn result(mut self, signature: &Signature) -> LoweredGraph {
        let graph = self.rows.graph;
        if self.returns.is_some() && self.flow.falls_off {
            let message = format!("`{}` may end without Return; its result is then zero", signature.name);
            let diagnostic = Diagnostic::warning(codes::NO_RETURN, graph.name.span, message)
                .help("lead every path to a Return node");
            self.diagnostics.push(self.rows.in_graph(diagnostic));
        }
        let errors = self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        if self.failed {
            let whole = |(node, row): (usize, &Option<_>)| row.is_some() && self.rows.lacking(node).next().is_none();
            if !errors && !self.variables.is_empty() && self.rows.rows.iter().enumerate().all(whole) {
                self.unsettled(graph.name.span);
            }
            return LoweredGraph { function: None, diagnostics: self.diagnostics };
        }
        let (function, unset) = self.builder.finish();
        if !unset.is_empty() {
            self.variable_reads.sort_by_key(|(var, _)| *var);
        }
        for (var, values) in unset {
            let Some(name) = self.variable_names.get(&var) else { continue };
            let first = self.variable_reads.partition_point(|(of, _)| *of < var);
            let mut reads = self.variable_reads[first..].iter().take_while(|(of, _)| *of == var).map(|(_, read)| read);
            let Some((_, node, port, span)) = reads.find(|(value, ..)| values.contains(value)) else { continue };
            let message = format!("the variable `{name}` may be read before it is set; it is then zero");
            let diagnostic = Diagnostic::warning(codes::UNSET, *span, message).help("set it at the start of the graph");
            let mut diagnostic = self.rows.at_node(*node, diagnostic);
            diagnostic.place.port = port.clone();
            self.diagnostics.push(diagnostic);
        }
        LoweredGraph { function: Some(function), diagnostics: self.diagnostics }
    }

    /// Something failed without saying why: a variable whose type nothing settles.
    fn unsettled(&mut self, span: Span) {
        let untyped: Vec<&str> =
            self.variables.iter().filter(|(_, variable)| variable.ty.is_none()).map(|(name, _)| &**name).collect();
        let message = match untyped.first() {
            Some(name) => format!("the type of {} cannot be told: all that sets it depends on it", called(name)),
            None => "the types of this graph's variables do not settle".to_owned(),
        };
        let diagnostic = Diagnostic::error(codes::TYPE, span, message).help("set it to a literal first");
        self.diagnostics.push(self.rows.in_graph(diagnostic));
    }
}
