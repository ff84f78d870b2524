//! Loops over arrays and maps: the ones of the flow, and those that array nodes make for each element.

use statewright_types::{TrapCode, Type};

use super::typing::is_container;
use super::{Binding, Cx, GraphCx, Kept, Live, LoopBlocks, Lowered, Operand, Var};
use crate::ir::{BlockId, Cond, Imm, Op, Value};

/// What a loop of the flow runs over, in a form that survives a suspension: variables.
pub(crate) enum Source {
    /// A container in state: its record, and the version that it must keep.
    Live { record: Var, ty: statewright_types::StructId, field: u32, version: Var, shape: Type },
    /// A value.
    Value { var: Var, shape: Type },
}

/// The variable that holds what the fold `node` has so far. No document can name it.
pub(super) fn accumulator(node: &str) -> String {
    format!("\0{node}")
}

/// A variable's name for messages.
pub(super) fn called(variable: &str) -> String {
    match variable.strip_prefix('\0') {
        Some(node) => format!("`loop:acc` of `{node}`"),
        None => format!("the variable `{variable}`"),
    }
}

impl GraphCx<'_> {
    /// Prepares a loop over a list or map.
    pub(crate) fn source(&mut self, collection: &Operand) -> Source {
        let shape = collection.ty.clone();
        if let Live::Field { record, ty, field } = collection.live {
            let version = self.version(&shape, collection.value);
            let record_var = self.builder.var(Type::Struct(ty));
            self.builder.set(record_var, record);
            let version_var = self.builder.var(Type::INT);
            self.builder.set(version_var, version);
            return Source::Live { record: record_var, ty, field, version: version_var, shape };
        }
        let value = self.owned(collection);
        let var = self.builder.var(shape.clone());
        self.builder.set(var, value);
        Source::Value { var, shape }
    }

    fn version(&mut self, shape: &Type, value: Value) -> Value {
        self.iop(if matches!(shape, Type::Map(..)) { Op::MapVersion } else { Op::ListVersion }, &[value])
    }

    /// The collection at the head of a pass; stops if elements came or went (R5.2).
    pub(crate) fn at_head(&mut self, source: &Source) -> Operand {
        match source {
            Source::Live { record, ty, field, version, shape } => {
                let record = self.builder.get(*record);
                let operand = self.load(record, *ty, *field);
                let now = self.version(shape, operand.value);
                let before = self.builder.get(*version);
                let changed = self.cmp(Op::ICmp, Cond::Ne, now, before);
                self.trap_if(changed, TrapCode::ModifiedDuringIteration);
                operand
            }
            Source::Value { var, shape } => Operand::new(self.builder.get(*var), shape.clone()),
        }
    }

    pub(crate) fn collection_length(&mut self, collection: &Operand) -> Value {
        let map = matches!(collection.ty, Type::Map(..));
        self.iop(if map { Op::MapLen } else { Op::ListLen }, &[collection.value])
    }

    /// What `loop:` names in a pass over `collection` at `index`.
    pub(crate) fn pass_values(&mut self, collection: &Operand, index: Value) -> Vec<(&'static str, Operand)> {
        let at = Operand::new(index, Type::INT);
        match &collection.ty {
            Type::Map(key, value) => {
                let (key, value) = (key.loaded(), value.loaded());
                let k = self.op(Op::MapKeyAt, &[collection.value, index], Imm::None, key.clone());
                let v = self.op(Op::MapValueAt, &[collection.value, index], Imm::None, value.clone());
                let live = if is_container(&value) && collection.live != Live::No { Live::Inner } else { Live::No };
                let (key, value) = (Operand::new(k, key), Operand { live, ..Operand::new(v, value) });
                vec![("item", value.clone()), ("index", at), ("key", key), ("value", value)]
            }
            _ => vec![("item", self.element(collection, index)), ("index", at)],
        }
    }

    /// Gives `loop:` another name in this pass of the array node's loop.
    pub(crate) fn bind(&mut self, name: &'static str, operand: Operand) {
        if let Some(binding) = self.bindings.last_mut() {
            binding.values.push((name, operand));
        }
    }

    /// A loop over every element for an array node: charges 1 each, binds `loop:` and calls `body`, which gets the
    /// index, the element and the block to go to for leaving early.
    pub(crate) fn each(
        &mut self,
        node: crate::flow::NodeIx,
        collection: &Operand,
        fuel: bool,
        body: &mut dyn FnMut(&mut Self, Value, &Operand, BlockId) -> Lowered<()>,
    ) -> Lowered<()> {
        let length = self.collection_length(collection);
        self.count(length, &mut |cx, index, done| {
            if fuel {
                cx.fuel(1);
            }
            let values = cx.pass_values(collection, index);
            let item = values[0].1.clone();
            cx.bindings.push(Binding { node, values });
            let outcome = body(cx, index, &item, done);
            cx.bindings.pop();
            outcome
        })
    }
}

impl Cx<'_, '_> {
    /// Sets what a fold has so far; its type becomes one that holds what it had and this.
    pub(crate) fn accumulate(&mut self, port: &str, operand: Operand) -> Lowered<()> {
        let name = accumulator(self.g.rows.id(self.node));
        self.with_site(port, |cx, site| cx.g.set_variable(&name, operand, site)).map(|_| ())
    }

    /// What a fold has so far.
    pub(crate) fn accumulated(&mut self) -> Lowered<Operand> {
        let name = accumulator(self.g.rows.id(self.node));
        self.g.variable(&name)?.ok_or(super::Abort)
    }

    /// A loop of the flow over a collection. `test` says whether an element gets a pass (ForEachWhere).
    pub(crate) fn flow_loop(
        &mut self,
        collection: &Operand,
        test: &mut dyn FnMut(&mut Self, &Operand) -> Lowered<Option<Value>>,
    ) -> Lowered<()> {
        let Some(instance) = self.instance else { return Err(super::Abort) };
        let source = self.g.source(collection);
        let index = self.g.builder.var(Type::INT);
        let zero = self.g.int(0);
        self.g.builder.set(index, zero);
        let (head, latch, inside) = (self.g.builder.block(), self.g.builder.block(), self.g.builder.block());
        self.g.builder.jump(head);
        self.fill_latch(latch, head, index);

        self.g.builder.switch_to(head);
        let collection = self.g.at_head(&source);
        let at = self.g.builder.get(index);
        let length = self.g.collection_length(&collection);
        let more = self.g.cmp(Op::ICmp, Cond::Lt, at, length);
        let done = self.exit_block();
        self.g.builder.branch(more, inside, done);
        self.g.builder.seal(inside);
        self.g.builder.switch_to(inside);

        let at = self.g.builder.get(index);
        let values = self.g.pass_values(&collection, at);
        self.declare_loop(instance, latch, done, &values);
        if let Some(selected) = self.tested(&values, test)? {
            let pass = self.g.builder.block();
            self.g.builder.branch(selected, pass, latch);
            self.g.builder.seal(pass);
            self.g.builder.switch_to(pass);
        }
        self.enter_body(done)
    }

    fn tested(
        &mut self,
        values: &[(&'static str, Operand)],
        test: &mut dyn FnMut(&mut Self, &Operand) -> Lowered<Option<Value>>,
    ) -> Lowered<Option<Value>> {
        let item = values[0].1.clone();
        self.g.bindings.push(Binding { node: self.node, values: values.to_vec() });
        let selected = test(self, &item);
        self.g.bindings.pop();
        selected
    }

    /// A loop that goes on while `head` gives true; `index` counts its passes.
    pub(crate) fn flow_loop_while(
        &mut self,
        head_test: &mut dyn FnMut(&mut Self, Value) -> Lowered<Value>,
    ) -> Lowered<()> {
        let Some(instance) = self.instance else { return Err(super::Abort) };
        let index = self.g.builder.var(Type::INT);
        let zero = self.g.int(0);
        self.g.builder.set(index, zero);
        let (head, latch, inside) = (self.g.builder.block(), self.g.builder.block(), self.g.builder.block());
        self.g.builder.jump(head);
        self.fill_latch(latch, head, index);
        self.g.builder.switch_to(head);
        let at = self.g.builder.get(index);
        let done = self.exit_block();
        let more = head_test(self, at);
        self.declare_loop(instance, latch, done, &[("index", Operand::new(at, Type::INT))]);
        self.g.builder.branch(more?, inside, done);
        self.g.builder.seal(inside);
        self.g.builder.switch_to(inside);
        self.enter_body(done)
    }

    fn fill_latch(&mut self, latch: BlockId, head: BlockId, index: Var) {
        self.g.builder.switch_to(latch);
        let (at, one) = (self.g.builder.get(index), self.g.int(1));
        let next = self.g.iop(Op::IAdd, &[at, one]);
        self.g.builder.set(index, next);
        self.g.builder.jump(head);
    }

    /// The block after the loop, through which `done` and Break leave.
    fn exit_block(&mut self) -> BlockId {
        self.g.builder.block()
    }

    fn declare_loop(
        &mut self,
        instance: crate::flow::InstanceIx,
        latch: BlockId,
        done: BlockId,
        values: &[(&'static str, Operand)],
    ) {
        let mut kept = Vec::new();
        for (name, operand) in values {
            let value = self.g.owned(operand);
            let var = self.g.builder.var(operand.ty.loaded());
            self.g.builder.set(var, value);
            kept.push((*name, Kept { var, ty: operand.ty.clone() }));
        }
        for (index, port) in self.row.outputs.iter().enumerate() {
            if let Some((_, kept)) = kept.iter().find(|(name, _)| *name == port.name) {
                self.g.kept.set(self.node, index, Some(kept.clone()));
            }
        }
        self.g.loops.insert(instance, LoopBlocks { latch, done, bounded: false, values: kept });
    }

    /// Charges the pass, goes to the body, and makes the block after the loop lead on.
    fn enter_body(&mut self, done: BlockId) -> Lowered<()> {
        self.g.fuel(1);
        self.probe_loop();
        let body = self.exit("body").ok_or(super::Abort)?;
        self.g.builder.jump(body);
        // `done` stays open until every Break is known; its contents do not depend on that.
        self.g.builder.switch_to(done);
        let next = self.exit("done").ok_or(super::Abort)?;
        self.g.builder.jump(next);
        Ok(())
    }

    fn probe_loop(&mut self) {
        if !self.g.unit.traced {
            return;
        }
        for (index, port) in self.row.outputs.iter().enumerate() {
            if let Some(kept) = self.g.kept.get(self.node, index).cloned().flatten() {
                let value = self.g.builder.get(kept.var);
                self.probe("out", port.name, value);
            }
        }
        let blocks = self.instance.and_then(|instance| self.g.loops.get(&instance));
        for (name, kept) in blocks.map(|blocks| blocks.values.clone()).unwrap_or_default() {
            let value = self.g.builder.get(kept.var);
            self.probe("loop", name, value);
        }
    }
}
