//! What is known of a function that makes it quicker in Rust, and is written so.

use statewright_graph::ir::ops::Effect;
use statewright_graph::ir::{Inst, Op, Value};

use super::body::FunctionWriter;
use crate::structure::{BodyId, Stmt};

/// Whether elements stand where they did after an operation.
pub(super) fn stays(op: Op) -> bool {
    matches!(op.row().effect, Effect::Pure | Effect::Reads | Effect::Charges)
}

impl FunctionWriter<'_, '_> {
    /// The index and the element, where a search by key is followed by a look at what it has found: the search knows it.
    pub(super) fn finds_element(&self, search: &Inst, behind: &[Inst]) -> Option<(Value, Value)> {
        let (Op::ListFindKey, Some(index), Some(list)) = (search.op, search.result, search.args.first()) else {
            return None;
        };
        let moves_nothing = |inst: &&Inst| stays(inst.op);
        let is_look = |inst: &&Inst| inst.op == Op::ListAt && inst.args[..] == [*list, index];
        let element = behind.iter().take_while(moves_nothing).find(is_look)?.result?;
        let is_own = [index, element].iter().all(|value| !self.hoisted.contains(value));
        is_own.then_some((index, element))
    }

    /// What an element is called that was found: as the value is, if it has a name.
    pub(super) fn name_found(&mut self, element: Value) -> String {
        let name = match self.names.of(element) {
            "" => self.names.free("found"),
            name => name.to_owned(),
        };
        self.found.insert(element, name.clone());
        name
    }

    /// Whether a float that a loop keeps is replaced in a body by what the condition compared it with: the least so far.
    pub(super) fn is_best_so_far(&self, condition: Value, body: BodyId) -> bool {
        let mut compared = self.folded.definition(self.function, condition);
        if let Some(inst) = compared.filter(|inst| inst.op == Op::Not) {
            compared = inst.args.first().and_then(|value| self.folded.definition(self.function, *value));
        }
        let Some([a, b]) = compared.filter(|inst| inst.op == Op::FCmp).map(|inst| &inst.args[..]) else {
            return false;
        };
        self.replaces(body, *a, *b) || self.replaces(body, *b, *a)
    }

    /// Whether a variable becomes another value in a body. Nests as deep as bodies do.
    fn replaces(&self, body: BodyId, kept: Value, by: Value) -> bool {
        self.structure.body(body).stmts.iter().any(|stmt| match stmt {
            Stmt::Pass { target, args, .. } => {
                let mut pairs = self.pairs(*target, args).into_iter();
                pairs.any(|(to, from)| from == by && self.variable_of(to) == self.variable_of(kept))
            }
            Stmt::If { then, otherwise, .. } => self.replaces(*then, kept, by) || self.replaces(*otherwise, kept, by),
            Stmt::Labelled { body, .. } => self.replaces(*body, kept, by),
            _ => false,
        })
    }
}
