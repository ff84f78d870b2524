//! References: what each scheme names, and from where it may be read (R2.2, R2.3, R4.4–R4.6).

use std::sync::Arc;

use statewright_types::Diagnostic;
use statewright_types::name::same;

use super::convert::Site;
use super::{GraphCx, Lowered, Operand};
use crate::check::{codes, listed};
use crate::document::{Head, Reference, Scheme};
use crate::flow::{InstanceIx, NodeIx};
use crate::node::Exits;

impl GraphCx<'_> {
    /// The value a reference names, with all its steps.
    pub(crate) fn reference(&mut self, reference: &Reference, site: Site<'_>) -> Lowered<Operand> {
        self.enter(site)?;
        let outcome = self.reference_here(reference, site);
        self.depth -= 1;
        outcome
    }

    fn reference_here(&mut self, reference: &Reference, site: Site<'_>) -> Lowered<Operand> {
        let mut operand = match (&reference.scheme, &reference.head) {
            (Scheme::State | Scheme::Base, Head::Name(head)) => {
                let plan = self.plan(head, &reference.steps, &reference.text, site)?;
                let (prefix, steps) = (reference.scheme.prefix(), reference.steps.as_slice());
                let mut operand = match reference.scheme {
                    Scheme::Base => {
                        self.in_base(|g| g.read_path_named(&plan, (format_args!("{prefix}{head}"), steps), site))?
                    }
                    _ => self.read_path_named(&plan, (format_args!("{prefix}{head}"), steps), site)?,
                };
                operand.text = Some(reference.text.clone());
                return Ok(operand);
            }
            (Scheme::Param, Head::Name(name)) => self.param(name, site)?,
            (Scheme::Variable, Head::Name(name)) => match self.read_variable(name, site)? {
                Some(operand) => operand,
                None => return Err(self.unset_variable(name, site)),
            },
            (Scheme::Bare, Head::Name(name)) => self.bare(name, site)?,
            (Scheme::Node, Head::Output { node, output }) => self.node_output(node, output, site)?,
            (Scheme::Viewer, Head::Name(name)) => self.viewer(name, site)?,
            (Scheme::Loop, Head::Loop { node, what }) => self.loop_value(node.as_deref(), what, site)?,
            (Scheme::Config, Head::Config { group, field }) => self.config_value(&format!("{group}.{field}"), site)?,
            // Reading it has reported a head that its scheme does not have.
            _ => return Err(super::Abort),
        };
        if !reference.steps.is_empty() {
            let head = reference.text.find(['.', '[']).unwrap_or(reference.text.len());
            let named = &reference.text[..head];
            operand.text = Some(Arc::from(named));
            let steps = self.plan_steps(&reference.steps, site)?;
            operand = self.follow_named(operand, &steps, (format_args!("{named}"), &reference.steps), site)?;
        }
        operand.text = Some(reference.text.clone());
        Ok(operand)
    }

    fn param(&mut self, name: &str, site: Site<'_>) -> Lowered<Operand> {
        if let Some(operand) = self.param_named(name) {
            return Ok(operand);
        }
        let names = || self.params.iter().map(|(name, _)| &**name);
        let help = self
            .rows
            .suggest(name, names())
            .unwrap_or_else(|| format!("its parameters are {}", listed(names())).into());
        let message = format!("there is no parameter `{name}`");
        Err(self.report(site.node, site.port, Diagnostic::error(codes::REFERENCE, site.span, message).help(help)))
    }

    fn param_named(&mut self, name: &str) -> Option<Operand> {
        let kept = self.params.iter().find(|(param, _)| same(param, name)).map(|(_, kept)| kept.clone())?;
        let operand = Operand::new(self.builder.get(kept.var), kept.ty);
        Some(self.watched(operand, || format!("param:{name}")))
    }

    fn bare(&mut self, name: &Arc<str>, site: Site<'_>) -> Lowered<Operand> {
        if let Some(operand) = self.param_named(name) {
            return Ok(operand);
        }
        if let Some(operand) = self.read_variable(name, site)? {
            return Ok(operand);
        }
        if let Some(operand) = self.alias(name, site)? {
            return Ok(operand);
        }
        let message = format!("there is no parameter, variable or alias `{name}`");
        let params = self.params.iter().map(|(name, _)| &**name);
        let help = self
            .rows
            .suggest(name, params)
            .unwrap_or_else(|| "write a full reference, such as `param:x` or `node:id:output`".into());
        Err(self.report(site.node, site.port, Diagnostic::error(codes::REFERENCE, site.span, message).help(help)))
    }

    /// The current value of a variable, if the graph has one of that name.
    pub(crate) fn variable(&mut self, name: &str) -> Lowered<Option<Operand>> {
        let Some(variable) = self.variables.get(name) else { return Ok(None) };
        match (variable.ty.clone(), variable.var) {
            (Some(ty), Some(var)) => {
                let operand = Operand::new(self.builder.get(var), ty);
                Ok(Some(self.watched(operand, || format!("variable:{name}"))))
            }
            // Its type is not known yet: a later round will know it.
            _ => {
                self.failed = true;
                Err(super::Abort)
            }
        }
    }

    /// As [`GraphCx::variable`], for somebody who is told if nothing need have set it (W006).
    pub(crate) fn read_variable(&mut self, name: &str, site: Site<'_>) -> Lowered<Option<Operand>> {
        let operand = self.variable(name)?;
        if let (Some(operand), Some(var)) = (&operand, self.variables.get(name).and_then(|variable| variable.var)) {
            let read = (operand.value, site.node, site.port.map(|port| self.ports.shared(port)), site.span);
            self.variable_reads.push((var, read));
        }
        Ok(operand)
    }

    pub(crate) fn unset_variable(&mut self, name: &str, site: Site<'_>) -> super::Abort {
        let help = self
            .rows
            .suggest(name, self.variables.keys().map(|name| &**name).filter(|name| !name.starts_with('\0')))
            .unwrap_or_else(|| "set it first with a SetVariable node".into());
        let message = format!("nothing in this graph sets the variable `{name}`");
        self.report(site.node, site.port, Diagnostic::error(codes::VARIABLE, site.span, message).help(help))
    }

    /// The nearest preceding node that has an output with this alias (R2.3).
    pub(crate) fn alias(&mut self, name: &str, site: Site<'_>) -> Lowered<Option<Operand>> {
        let Some(candidates) = self.aliases.get(name) else { return Ok(None) };
        let before = |instance: &InstanceIx| *instance != self.at && self.flow.dominates(*instance, self.at);
        let preceding = candidates.iter().filter_map(|candidate| {
            let nearest =
                self.flow.instances_of(candidate.0).filter(before).max_by_key(|instance| self.flow.depth(*instance));
            nearest.map(|instance| (self.flow.depth(instance), *candidate))
        });
        let nearest = preceding.max_by_key(|(depth, _)| *depth).map(|(_, candidate)| candidate);
        let outside = || {
            candidates.iter().copied().find(|(node, _)| {
                let pure = self.rows.rows[*node].is_some_and(|row| !row.executing());
                pure && self.flow.instances_of(*node).next().is_none()
            })
        };
        match nearest.or_else(outside) {
            Some((node, output)) => self.output(node, output, site).map(Some),
            None => Ok(None),
        }
    }

    fn aliased(&self, node: NodeIx, name: &str) -> Option<usize> {
        let outputs = &self.graph().nodes[node].outputs;
        let port = outputs.iter().find(|output| &*output.alias.text == name)?;
        self.rows.rows[node]?.output(&port.port.text)
    }

    fn node_output(&mut self, id: &str, name: &str, site: Site<'_>) -> Lowered<Operand> {
        let Some(node) = self.rows.by_id.get(id).copied() else {
            let ids = self.graph().nodes.iter().map(|node| &*node.id.text);
            let help = self.rows.suggest(id, ids).unwrap_or_else(|| "name a node of this graph".into());
            let message = format!("there is no node `{id}` in this graph");
            return Err(self.report(
                site.node,
                site.port,
                Diagnostic::error(codes::REFERENCE, site.span, message).help(help),
            ));
        };
        let Some(row) = self.rows.rows[node] else { return Err(super::Abort) };
        let Some(output) = row.output(name).or_else(|| self.aliased(node, name)) else {
            let names: Vec<&str> = row.outputs.iter().map(|port| port.name).collect();
            let help = self.rows.suggest(name, names.iter().copied()).unwrap_or_else(|| match names.is_empty() {
                true => format!("a {} has no outputs", row.name).into(),
                false => format!("its outputs are {}", names.join(", ")).into(),
            });
            let message = format!("`{id}` ({}) has no output `{name}`", row.name);
            return Err(self.report(
                site.node,
                site.port,
                Diagnostic::error(codes::REFERENCE, site.span, message).help(help),
            ));
        };
        let mut operand = self.output(node, output, site)?;
        operand.origin = Some(node);
        Ok(operand)
    }

    /// The value of a node's output, kept or evaluated now.
    fn output(&mut self, node: NodeIx, output: usize, site: Site<'_>) -> Lowered<Operand> {
        let row = self.rows.rows[node].ok_or(super::Abort)?;
        let pure = !row.executing();
        let in_flow = self.flow.instances_of(node).next().is_some();
        if pure && (!in_flow || !self.bindings.is_empty()) {
            return self.pull(site.node, node, output);
        }
        if !in_flow {
            let id = self.rows.id(node).to_owned();
            let (code, message, help) = if self.bindings.is_empty() {
                (codes::DOMINANCE, format!("`{id}` never runs, so it has no output"), "lead the flow through it first")
            } else {
                (
                    codes::LAMBDA,
                    format!("`{id}` ({}) cannot be evaluated for each element", row.name),
                    "put it into the flow before this node; its output can then be read here",
                )
            };
            return Err(self.report(site.node, site.port, Diagnostic::error(code, site.span, message).help(help)));
        }
        let is_loop = matches!(row.exits, Exits::Loop);
        let at = self.at;
        let in_body = |instance: InstanceIx| row.exits == Exits::Bounded && self.flow.inside(at, instance);
        let before = |instance: InstanceIx| instance != at && self.flow.dominates(instance, at);
        let good = self.flow.instances_of(node).any(|instance| match is_loop {
            true => self.flow.inside(at, instance),
            false => before(instance) && !in_body(instance),
        });
        if !good {
            let id = self.rows.id(node).to_owned();
            let (message, help) = if is_loop {
                (
                    format!("the outputs of `{id}` ({}) end with its loop", row.name),
                    "keep what you need with SetVariable, inside the loop",
                )
            } else {
                (
                    format!("`{id}` need not have run when this is reached"),
                    "read it on a branch that always runs it first, or keep the value in a variable that both branches set",
                )
            };
            return Err(self.report(
                site.node,
                site.port,
                Diagnostic::error(codes::DOMINANCE, site.span, message).help(help),
            ));
        }
        let Some(kept) = self.kept.get(node, output).cloned().flatten() else {
            // Its lowering failed and has been reported.
            return Err(super::Abort);
        };
        let operand = Operand { origin: Some(node), ..Operand::new(self.builder.get(kept.var), kept.ty) };
        Ok(self.watched(operand, || format!("node:{}:{}", self.rows.id(node), row.outputs[output].name)))
    }

    fn loop_value(&mut self, id: Option<&str>, what: &str, site: Site<'_>) -> Lowered<Operand> {
        for binding in self.bindings.iter().rev() {
            let named = id.is_none_or(|id| self.rows.id(binding.node) == id);
            if let Some((_, operand)) = binding.values.iter().find(|(name, _)| named && *name == what) {
                return Ok(operand.clone());
            }
        }
        let mut context = self.flow.instances.get(self.at).and_then(|instance| instance.context);
        while let Some(loop_) = context {
            let named = id.is_none_or(|id| self.rows.id(self.flow.instances[loop_].node) == id);
            let values = self.loops.get(&loop_).filter(|_| named);
            if let Some((_, kept)) = values.and_then(|l| l.values.iter().find(|(name, _)| *name == what)).cloned() {
                let operand = Operand::new(self.builder.get(kept.var), kept.ty);
                let node = self.flow.instances[loop_].node;
                return Ok(self.watched(operand, || format!("loop:{}:{what}", self.rows.id(node))));
            }
            // The innermost loop that was meant may have failed to lower.
            if named && !self.loops.contains_key(&loop_) {
                return Err(super::Abort);
            }
            context = self.flow.instances[loop_].context;
        }
        let name = id.map_or(format!("loop:{what}"), |id| format!("loop:{id}:{what}"));
        let message = format!("`{name}` is read where no such loop runs");
        let help =
            "it is known in the body of a ForEach or ForEachWhere, and in inputs that are evaluated for each element";
        Err(self.report(site.node, site.port, Diagnostic::error(codes::LOOP_SCOPE, site.span, message).help(help)))
    }
}
