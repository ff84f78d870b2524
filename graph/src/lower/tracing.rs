//! What a traced module has besides: where functions begin and return, the values that a debugger shows, and where it
//! may put other ones. In a module that is not traced all of this is nothing.

use std::sync::Arc;

use super::{GraphCx, Operand};
use crate::ir::{Imm, NodeTag, Op, Value};

impl GraphCx<'_> {
    /// The function begins; its parameters have these values.
    pub(super) fn trace_start(&mut self) {
        if !self.unit.traced {
            return;
        }
        self.act(Op::Enter, &[], Imm::None);
        for (name, kept) in self.params.clone() {
            let value = self.builder.get(kept.var);
            self.act(Op::Probe, &[value], Imm::Str(Arc::from(format!("param:{name}"))));
        }
    }

    /// A variable of the document was given a value.
    pub(super) fn trace_variable(&mut self, name: &str, value: Value) {
        // What a fold has so far is kept in a variable, but is none of the document's.
        if self.unit.traced && !name.starts_with('\0') {
            self.act(Op::Probe, &[value], Imm::Str(Arc::from(format!("variable:{name}"))));
        }
    }

    /// Ends the function.
    pub(crate) fn ret(&mut self, value: Option<Value>) {
        if self.unit.traced {
            let node = self.builder.set_node(NodeTag(0));
            self.act(Op::Leave, &[], Imm::None);
            self.builder.set_node(node);
        }
        self.builder.ret(value);
    }

    /// The operand, or what a debugger has put in the place of what `name` tells.
    pub(super) fn watched(&mut self, operand: Operand, name: impl FnOnce() -> String) -> Operand {
        if !self.unit.traced {
            return operand;
        }
        let name = match &operand.ty {
            ty if *ty == ty.loaded() => name(),
            ty => format!("{} {}", self.show(ty), name()),
        };
        let value = self.op(Op::Watch, &[operand.value], Imm::Str(Arc::from(name)), operand.ty.clone());
        Operand { value, ..operand }
    }
}
