//! Pure nodes outside the flow: evaluated when a node needs them, once for that node (R4.3), and only on the
//! branch that needs them (R4.4).

use statewright_types::hashing::HashMap;
use statewright_types::{Diagnostic, Type};

use super::{Abort, Cx, GraphCx, Kept, Lowered, Operand, Scope, Var};
use crate::check::codes;
use crate::flow::NodeIx;
use crate::ir::{BlockId, Value};

/// How long a chain of pure nodes outside the flow may be.
pub(crate) const MAX_CHAIN: usize = 120;

impl GraphCx<'_> {
    /// Evaluates `node` for the current node, unless that was done, and gives its output.
    pub(crate) fn pull(&mut self, reader: NodeIx, node: NodeIx, output: usize) -> Lowered<Operand> {
        let of = |outputs: &[Option<Operand>]| outputs.get(output).cloned().flatten().ok_or(Abort);
        if let Some(outputs) = self.evaluated.get(node, self.first_visible()) {
            return of(outputs);
        }
        let outputs = self.pulled(reader, node)?;
        let operand = of(&outputs);
        self.evaluated.add(node, &outputs);
        self.evaluated.give_back(outputs);
        operand
    }

    fn pulled(&mut self, reader: NodeIx, node: NodeIx) -> Lowered<Vec<Option<Operand>>> {
        if self.pulling.contains(&node) {
            let message = format!("the value of `{}` depends on itself", self.rows.id(node));
            let help = "break the circle; to keep a value from one pass of a loop to the next, use SetVariable";
            let diagnostic = Diagnostic::error(codes::DATA_CYCLE, self.rows.span(node), message).help(help);
            return Err(self.report(node, None, diagnostic));
        }
        if self.pulling.len() >= MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} pure nodes outside the flow depend on one another");
            let help = "put one of them into the flow: it is then computed there, once";
            let diagnostic = Diagnostic::error(codes::TOO_DEEP, self.rows.span(reader), message).help(help);
            return Err(self.report(reader, None, diagnostic));
        }
        let maybe = self.visible_scopes().find_map(|scope| scope.maybe.get(&node)).cloned();
        match maybe {
            Some((done, kept)) => self.evaluate_unless(node, done, &kept),
            None => self.evaluate(node),
        }
    }

    /// Whether the outputs of a node are there where the flow stands now.
    pub(crate) fn has_run(&self, node: NodeIx) -> bool {
        let in_flow = self.flow.instances_of(node).next().is_some();
        (in_flow && self.bindings.is_empty()) || self.evaluated.get(node, self.first_visible()).is_some()
    }

    /// Scopes from the innermost out to the one that began the lambda, if one did.
    fn visible_scopes(&self) -> impl Iterator<Item = &Scope> {
        self.scopes[self.outermost_visible()..].iter().rev()
    }

    fn outermost_visible(&self) -> usize {
        self.scopes.iter().rposition(|scope| scope.lambda).unwrap_or(0)
    }

    /// How many nodes had been evaluated before those scopes.
    fn first_visible(&self) -> usize {
        self.scopes.get(self.outermost_visible()).map_or(0, |scope| scope.first)
    }

    /// Opens a region.
    pub(super) fn push_scope(&mut self, scope: Scope) {
        self.scopes.push(Scope { first: self.evaluated.count(), ..scope });
    }

    /// Leaves a region, and forgets what was evaluated in it.
    pub(super) fn pop_scope(&mut self) {
        if let Some(scope) = self.scopes.pop() {
            self.evaluated.forget(scope.first);
        }
    }

    /// Begins anew, for another node of the flow.
    pub(super) fn reset_scopes(&mut self) {
        self.scopes.clear();
        self.evaluated.forget(0);
        self.push_scope(Scope::default());
    }

    fn evaluate(&mut self, node: NodeIx) -> Lowered<Vec<Option<Operand>>> {
        if self.broken.contains(&node) || self.too_large(node) {
            return Err(Abort);
        }
        self.pulling.push(node);
        let outputs = Cx::run(self, node, None);
        self.pulling.pop();
        if outputs.is_err() {
            self.broken.insert(node);
        }
        outputs
    }

    /// Evaluates a node that a branch left behind may have evaluated already.
    fn evaluate_unless(&mut self, node: NodeIx, done: Var, kept: &[Option<Kept>]) -> Lowered<Vec<Option<Operand>>> {
        let flag = self.builder.get(done);
        let join = self.builder.block();
        let again = self.builder.block();
        self.builder.branch(flag, join, again);
        self.builder.seal(again);
        self.builder.switch_to(again);
        self.push_scope(Scope::default());
        let outputs = self.evaluate(node);
        self.pop_scope();
        let mut outputs = outputs?;
        for (operand, kept) in outputs.iter().zip(kept) {
            if let (Some(operand), Some(kept)) = (operand, kept) {
                self.builder.set(kept.var, operand.value);
            }
        }
        self.join_at(join);
        for (operand, kept) in outputs.iter_mut().zip(kept) {
            match (operand.as_mut(), kept) {
                (Some(operand), Some(kept)) => operand.value = self.builder.get(kept.var),
                _ => *operand = None,
            }
        }
        Ok(outputs)
    }

    /// Opens a region that may be skipped; call before the branch.
    pub(crate) fn open_scope(&mut self) {
        let no = self.bool(false);
        let before = Some((self.builder.current(), no));
        self.push_scope(Scope { before, ..Scope::default() });
    }

    /// Opens the other side of the region that [`Self::close_scope`] has just closed.
    pub(crate) fn open_scope_at_last(&mut self) {
        let before = self.scopes.last().and_then(|scope| scope.last_branch);
        self.push_scope(Scope { before, ..Scope::default() });
    }

    /// Leaves the region at the end of its block: what it evaluated is known only if it ran.
    pub(crate) fn close_scope(&mut self) {
        let Some(scope) = self.scopes.pop() else { return };
        let Some((before, no)) = scope.before else { return self.evaluated.forget(scope.first) };
        let evaluated = std::mem::take(&mut self.evaluated);
        let yes = if evaluated.count() == scope.first { None } else { Some(self.bool(true)) };
        let mut maybe: HashMap<NodeIx, _> = scope.maybe;
        for (node, outputs) in evaluated.since(scope.first) {
            let known = self.visible_scopes().find_map(|scope| scope.maybe.get(&node)).cloned();
            let (done, kept) = known.unwrap_or_else(|| self.maybe_vars(before, no, outputs));
            if let Some(yes) = yes {
                self.builder.set(done, yes);
            }
            for (operand, kept) in outputs.iter().zip(&kept) {
                if let (Some(operand), Some(kept)) = (operand, kept) {
                    self.builder.set(kept.var, operand.value);
                }
            }
            maybe.insert(node, (done, kept));
        }
        self.evaluated = evaluated;
        self.evaluated.forget(scope.first);
        if let Some(outer) = self.scopes.last_mut() {
            outer.last_branch = Some((before, no));
            outer.maybe.extend(maybe);
        }
    }

    /// The flag and the variables of a node that a branch evaluates; the flag begins as false before the branch.
    fn maybe_vars(&mut self, before: BlockId, no: Value, outputs: &[Option<Operand>]) -> (Var, Vec<Option<Kept>>) {
        let done = self.builder.var(Type::Bool);
        self.builder.set_in(before, done, no);
        let kept = outputs.iter().map(|operand| {
            let ty = operand.as_ref()?.ty.clone();
            Some(Kept { var: self.builder.var(ty.loaded()), ty })
        });
        (done, kept.collect())
    }
}
