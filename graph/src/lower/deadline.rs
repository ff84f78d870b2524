//! Bodies that are cut short when their time is up.

use statewright_types::Type;

use super::{Abort, Cx, GraphCx, Kept, LoopBlocks, Lowered, Var};
use crate::flow::InstanceIx;
use crate::ir::{BlockId, Op, Value};

impl GraphCx<'_> {
    /// What cuts the suspensions of `instance` short: the Timeouts around it, the innermost first.
    pub(super) fn deadlines_around(&self, instance: InstanceIx) -> Vec<(Var, BlockId)> {
        let mut found = Vec::new();
        let mut context = self.flow.instances[instance].context;
        while let Some(around) = context {
            found.extend(self.deadlines.get(&around));
            context = self.flow.instances[around].context;
        }
        found
    }
}

impl Cx<'_, '_> {
    /// Goes to `body`; from its end to `done`, and to `timeout` from the wait in which `due` (session time, ms) came. Sets
    /// the outputs `timedOut`, `completed` and `elapsed` on both ways.
    pub(crate) fn bounded(&mut self, due: Value) -> Lowered<()> {
        let Some(instance) = self.instance else { return Err(Abort) };
        let g = &mut *self.g;
        let (start, deadline) = (g.builder.var(Type::INT), g.builder.var(Type::INT));
        let now = g.iop(Op::Now, &[]);
        g.builder.set(start, now);
        g.builder.set(deadline, due);
        g.builder.may_suspend();
        let (made, cut) = (g.builder.block(), g.builder.block());
        g.deadlines.insert(instance, (deadline, cut));
        g.loops.insert(instance, LoopBlocks { latch: made, done: made, bounded: true, values: Vec::new() });
        let body = self.exit("body").ok_or(Abort)?;
        self.g.builder.jump(body);
        // Both stay open until all of the body is known.
        for (block, exit, is_late) in [(made, "done", false), (cut, "timeout", true)] {
            self.g.builder.switch_to(block);
            self.after_body(start, is_late);
            let next = self.exit(exit).ok_or(Abort)?;
            self.g.builder.jump(next);
        }
        Ok(())
    }

    fn after_body(&mut self, start: Var, is_late: bool) {
        let (timed_out, completed) = (self.g.bool(is_late), self.g.bool(!is_late));
        let (now, began) = (self.g.iop(Op::Now, &[]), self.g.builder.get(start));
        let elapsed = self.g.iop(Op::ISub, &[now, began]);
        let values = [
            ("timedOut", timed_out, Type::Bool),
            ("completed", completed, Type::Bool),
            ("elapsed", elapsed, Type::INT),
        ];
        for (port, value, ty) in values {
            let Some(index) = self.row.output(port) else { continue };
            let known = self.g.kept.get(self.node, index).cloned().flatten();
            let kept = known.unwrap_or_else(|| Kept { var: self.g.builder.var(ty.clone()), ty });
            self.g.builder.set(kept.var, value);
            self.g.kept.set(self.node, index, Some(kept));
            self.probe("out", port, value);
        }
    }
}
