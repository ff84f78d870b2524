//! What each value of a function carries: a fixed point over its instructions and jumps.

use std::collections::{BTreeMap, BTreeSet};

use statewright_types::StructId;

use super::identity::Identity;
use super::{MAX_SOURCES, Source, Summary, Taint};
use crate::ir::ops::Effect;
use crate::ir::verify::targets;
use crate::ir::{Function, Imm, Inst, Module, NodeTag, Op, Terminator, Value};

/// A function with what its values carry.
pub(super) struct Follow<'a> {
    pub(super) module: &'a Module,
    pub(super) function: &'a Function,
    pub(super) summaries: &'a [Option<Summary>],
    pub(super) identity: Identity<'a>,
    taints: Vec<Taint>,
    /// The fields that count instead of those that not everybody sees, and loads that do not.
    counted: Option<(&'a BTreeSet<(StructId, u32)>, BTreeSet<Value>)>,
}

impl<'a> Follow<'a> {
    pub(super) fn new(
        module: &'a Module,
        function: &'a Function,
        summaries: &'a [Option<Summary>],
        sender: Option<usize>,
    ) -> Follow<'a> {
        Follow::begin(module, function, summaries, Identity::new(function, sender), None)
    }

    /// Follows values of given fields, but for some loads of them.
    pub(super) fn of_fields(
        module: &'a Module,
        function: &'a Function,
        summaries: &'a [Option<Summary>],
        counted: (&'a BTreeSet<(StructId, u32)>, BTreeSet<Value>),
    ) -> Follow<'a> {
        Follow::begin(module, function, summaries, Identity::new(function, None), Some(counted))
    }

    fn begin(
        module: &'a Module,
        function: &'a Function,
        summaries: &'a [Option<Summary>],
        mut identity: Identity<'a>,
        counted: Option<(&'a BTreeSet<(StructId, u32)>, BTreeSet<Value>)>,
    ) -> Follow<'a> {
        identity.note_reads();
        let taints = vec![Taint::new(); function.values.len()];
        let mut follow = Follow { module, function, summaries, identity, taints, counted };
        for (index, param) in function.blocks[0].params.iter().enumerate() {
            follow.taints[param.index()].insert(Source::Param(index as u32), None);
        }
        // Each round carries at least one source one value further; sources and values are bounded.
        while follow.round() {}
        follow
    }

    /// What a value carries.
    pub(super) fn taint(&self, value: Value) -> &Taint {
        &self.taints[value.index()]
    }

    fn round(&mut self) -> bool {
        let mut changed = false;
        for block in &self.function.blocks {
            for inst in &block.insts {
                changed |= self.instruction(inst);
            }
            if let Terminator::Call { callee, args, resume, .. } = &block.terminator {
                let params = &self.function.blocks[resume.block.index()].params;
                if params.len() > resume.args.len() {
                    changed |= self.call(callee.index(), args, params[0]);
                }
            }
            for (target, resumed) in targets(&block.terminator) {
                let params = &self.function.blocks[target.block.index()].params;
                let skipped = if resumed { params.len() - target.args.len().min(params.len()) } else { 0 };
                for (param, arg) in params[skipped..].iter().zip(&target.args) {
                    changed |= self.carry(*arg, *param);
                }
            }
        }
        changed
    }

    fn carry(&mut self, from: Value, to: Value) -> bool {
        if from == to {
            return false;
        }
        let sources: Vec<Source> = self.taints[from.index()].keys().copied().collect();
        self.add(to, sources, Some(from))
    }

    /// As [`Self::carry`] from a struct to a field of it.
    fn carry_part(&mut self, from: Value, to: Value) -> bool {
        let sources: Vec<Source> = self.taints[from.index()].keys().map(|source| source.part()).collect();
        self.add(to, sources, Some(from))
    }

    fn add(&mut self, to: Value, sources: impl IntoIterator<Item = Source>, by: Option<Value>) -> bool {
        let taint = &mut self.taints[to.index()];
        let before = taint.len();
        for source in sources {
            if taint.len() < MAX_SOURCES {
                taint.entry(source).or_insert(by);
            }
        }
        taint.len() > before
    }

    fn instruction(&mut self, inst: &Inst) -> bool {
        match (inst.op, &inst.imm) {
            (Op::Load, Imm::Field(ty, field)) => {
                let Some(result) = inst.result else { return false };
                let mut changed = self.carry_part(inst.args[0], result);
                if self.restricted(*ty, *field) && !self.counted.as_ref().is_some_and(|(_, not)| not.contains(&result))
                {
                    let record = Some(self.identity.canonical(inst.args[0]));
                    changed |= self.add(result, [Source::Field { ty: *ty, field: *field, record }], None);
                }
                changed
            }
            (Op::StructInit, Imm::Field(ty, field)) if self.restricted(*ty, *field) => false,
            (Op::StructInit | Op::ListPush, _) => self.carry(inst.args[1], inst.args[0]),
            // A map being built carries its entries; a live one is a sink.
            (Op::MapPut, _) if !self.is_live(inst.args[0]) => {
                self.carry(inst.args[1], inst.args[0]) | self.carry(inst.args[2], inst.args[0])
            }
            (Op::Call, Imm::Func(callee)) => match inst.result {
                Some(result) => self.call(callee.index(), &inst.args, result),
                None => false,
            },
            // Which of two values it is depends on the condition: that is control.
            (Op::Select, _) => self.results(inst, 1),
            // So does the order of what is sorted by it.
            (Op::Reveal | Op::ListOrder, _) => false,
            // The answer depends on a stream's name only.
            (Op::RandInt | Op::RandFloat | Op::RandUnit, _) => self.results(inst, 0),
            _ if inst.op.row().effect == Effect::Writes => false,
            _ => self.results(inst, 0),
        }
    }

    fn results(&mut self, inst: &Inst, from: usize) -> bool {
        let Some(result) = inst.result else { return false };
        let mut changed = false;
        for arg in inst.args.iter().skip(from) {
            changed |= self.carry(*arg, result);
        }
        changed
    }

    fn call(&mut self, callee: usize, args: &[Value], result: Value) -> bool {
        let Some(Some(summary)) = self.summaries.get(callee) else { return false };
        let mut changed = false;
        for source in summary.result.iter().copied() {
            changed |= match source {
                Source::Param(index) => args.get(index as usize).is_some_and(|arg| self.carry(*arg, result)),
                Source::Part(index) => args.get(index as usize).is_some_and(|arg| self.carry_part(*arg, result)),
                field => self.add(result, [field], None),
            };
        }
        changed
    }

    /// Whether not everybody sees a field, or it is one of those that are followed.
    pub(super) fn restricted(&self, ty: StructId, field: u32) -> bool {
        if let Some((fields, _)) = &self.counted {
            return fields.contains(&(ty, field));
        }
        !self.module.schema.get(ty).fields[field as usize].audience.is_empty()
    }

    /// Whether a container stands in the state: it was read from a field.
    pub(super) fn is_live(&self, container: Value) -> bool {
        self.identity.inst(container).is_some_and(|inst| matches!(inst.op, Op::Load | Op::ListGet | Op::MapValueAt))
    }

    /// The nodes that a source came by, up to `value`.
    pub(super) fn path(&self, mut value: Value, source: Source) -> Vec<NodeTag> {
        let mut path = Vec::new();
        let mut steps: BTreeMap<Value, ()> = BTreeMap::new();
        loop {
            if let Some(inst) = self.identity.inst(value) {
                path.push(inst.node);
            }
            let next = self.taints[value.index()].get(&source).copied().flatten();
            match next {
                Some(next) if steps.insert(next, ()).is_none() => value = next,
                _ => break,
            }
        }
        path.reverse();
        path.dedup();
        path
    }
}
