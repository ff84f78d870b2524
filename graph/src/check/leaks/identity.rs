//! Which values of a function are the same: copies through block parameters, reads of the same field of the same
//! record, the parameter that permissions make equal to the sender.

use std::collections::HashMap;

use statewright_types::StructId;

use crate::ir::verify::targets;
use crate::ir::{Function, Imm, Inst, Op, Value};

/// Definitions and canonical values of a function.
pub(in crate::check) struct Identity<'a> {
    function: &'a Function,
    /// Block and position of each value's instruction.
    defined: Vec<Option<(usize, usize)>>,
    /// The one value that a parameter always receives.
    copies: HashMap<Value, Value>,
    reads: HashMap<(Value, StructId, u32), Value>,
}

impl<'a> Identity<'a> {
    pub(in crate::check) fn new(function: &'a Function, sender: Option<usize>) -> Identity<'a> {
        let mut identity = Identity {
            function,
            defined: vec![None; function.values.len()],
            copies: HashMap::new(),
            reads: HashMap::new(),
        };
        for (block, body) in function.blocks.iter().enumerate() {
            for (position, inst) in body.insts.iter().enumerate() {
                if let Some(result) = inst.result {
                    identity.defined[result.index()] = Some((block, position));
                }
            }
        }
        identity.find_copies();
        if let (Some(sender), Some(entry)) = (sender, function.blocks.first())
            && let (Some(first), Some(same)) = (entry.params.first(), entry.params.get(sender))
        {
            identity.copies.insert(*same, *first);
        }
        identity
    }

    fn find_copies(&mut self) {
        let mut incoming: HashMap<Value, Option<Value>> = HashMap::new();
        for block in &self.function.blocks {
            for (target, resumed) in targets(&block.terminator) {
                let params = &self.function.blocks[target.block.index()].params;
                let skipped = if resumed { params.len() - target.args.len().min(params.len()) } else { 0 };
                for (param, arg) in params[skipped..].iter().zip(&target.args) {
                    // Null is nobody's: what is not null is the other value.
                    if self.inst(*arg).is_some_and(|inst| inst.op == Op::Null) {
                        continue;
                    }
                    let entry = incoming.entry(*param).or_insert(Some(*arg));
                    if *entry != Some(*arg) && *arg != *param {
                        *entry = None;
                    }
                }
            }
        }
        self.copies = incoming.into_iter().filter_map(|(param, arg)| Some((param, arg?))).collect();
    }

    /// The instruction that defines a value.
    pub(in crate::check) fn inst(&self, value: Value) -> Option<&'a Inst> {
        let (block, position) = self.defined[value.index()]?;
        Some(&self.function.blocks[block].insts[position])
    }

    /// The value that this one is a copy of.
    pub(in crate::check) fn canonical(&self, value: Value) -> Value {
        let mut at = value;
        for _ in 0..self.function.values.len() {
            if let Some(next) = self.copies.get(&at) {
                at = *next;
                continue;
            }
            match self.inst(at) {
                Some(inst)
                    if matches!(
                        inst.op,
                        Op::Some | Op::NonNull | Op::Retype | Op::Watch | Op::ListSnapshot | Op::MapSnapshot
                    ) =>
                {
                    at = inst.args[0];
                }
                Some(Inst { op: Op::Load, imm: Imm::Field(ty, field), args, .. }) => {
                    // Two reads of one field of one record are the same for this purpose.
                    return self.reads.get(&(args[0], *ty, *field)).copied().unwrap_or(at);
                }
                _ => break,
            }
        }
        at
    }

    /// Notes the first read of each field of each record, so that later ones are the same.
    pub(in crate::check) fn note_reads(&mut self) {
        for block in &self.function.blocks {
            for inst in &block.insts {
                if let (Op::Load, Imm::Field(ty, field), Some(result)) = (inst.op, &inst.imm, inst.result) {
                    let record = self.canonical(inst.args[0]);
                    self.reads.entry((inst.args[0], *ty, *field)).or_insert(result);
                    let first = *self.reads.entry((record, *ty, *field)).or_insert(result);
                    self.reads.insert((inst.args[0], *ty, *field), first);
                }
            }
        }
    }

    /// Whether the player called `id` owns `record`: it was found by that id, or `id` was read from its key.
    pub(in crate::check) fn owns(&self, id: Value, record: Value, keys: &dyn Fn(StructId) -> Vec<u32>) -> bool {
        let (id, record) = (self.canonical(id), self.canonical(record));
        if let Some(Inst { op: Op::Load, imm: Imm::Field(ty, field), args, .. }) = self.inst(id)
            && self.canonical(args[0]) == record
            && keys(*ty).contains(field)
        {
            return true;
        }
        let Some(found) = self.inst(record).filter(|inst| inst.op == Op::ListGet) else { return false };
        let position = self.canonical(found.args[1]);
        let search = self.inst(position).filter(|inst| inst.op == Op::ListFindKey);
        search.is_some_and(|search| match &search.imm {
            Imm::Field(ty, field) => keys(*ty).contains(field) && self.canonical(search.args[1]) == id,
            _ => false,
        })
    }
}
