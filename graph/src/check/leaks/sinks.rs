//! Where values leave: events, and fields of the state that others see.

use std::sync::Arc;

use statewright_types::{StructId, Type};

use super::flow::Follow;
use super::{AudienceKey, Leak, Reach, Source, Summary, inherent, keys};
use crate::ir::{FunctionRole, Imm, Inst, NodeTag, Op, Terminator, Value};

/// Judges everything that leaves a function; what depends on parameters is left to its callers.
pub(super) fn judge(follow: &Follow<'_>) -> (Summary, Vec<Leak>) {
    let mut judge = Judge { follow, summary: Summary::default(), leaks: Vec::new() };
    for block in &follow.function.blocks {
        for inst in &block.insts {
            judge.instruction(inst);
        }
        match &block.terminator {
            Terminator::Return(Some(value)) => {
                let sources = follow.taint(*value).keys().copied().map(outside);
                judge.summary.result.extend(sources);
            }
            Terminator::Call { callee, args, .. } => judge.call(callee.index(), &given(args), block.node),
            _ => {}
        }
    }
    (judge.summary, judge.leaks)
}

/// Arguments, all of which are there.
fn given(args: &[Value]) -> Vec<Option<Value>> {
    args.iter().copied().map(Some).collect()
}

/// A source as callers see it: they do not know the record.
pub(super) fn outside(source: Source) -> Source {
    match source {
        Source::Field { ty, field, .. } => Source::Field { ty, field, record: None },
        param => param,
    }
}

struct Judge<'a, 'f> {
    follow: &'f Follow<'a>,
    summary: Summary,
    leaks: Vec<Leak>,
}

impl Judge<'_, '_> {
    fn instruction(&mut self, inst: &Inst) {
        match (inst.op, &inst.imm) {
            // An event's type is read as well as its payload. A kick's reason is told the victim and the others.
            (Op::EmitAll, _) => self.all_sent(&inst.args, &Reach::All, inst.node),
            (Op::EmitMany | Op::EmitExcept | Op::Kick, _) => {
                self.all_sent(inst.args.get(1..).unwrap_or(&[]), &Reach::All, inst.node);
            }
            (Op::EmitOne, _) => {
                let reach = Reach::Player(inst.args[0]);
                self.all_sent(inst.args.get(1..).unwrap_or(&[]), &reach, inst.node);
            }
            (Op::Schedule, _) => self.scheduled(&inst.args, inst.node),
            (Op::FilterAdd, _) => self.filtered(&inst.args, inst.node),
            (Op::Store, Imm::Field(ty, field)) => {
                let reach = self.place(inst.args[0], *ty, *field);
                self.stored(inst.args[1], reach, inst.node);
            }
            (Op::ListInsert | Op::ListSet, _) => self.contained(inst.args[0], &inst.args[2..], inst.node),
            (Op::ListAssign | Op::MapAssign, _) => self.contained(inst.args[0], &inst.args[1..], inst.node),
            (Op::MapPut, _) => self.contained(inst.args[0], &inst.args[1..], inst.node),
            (Op::Call, Imm::Func(callee)) => self.call(callee.index(), &given(&inst.args), inst.node),
            _ => {}
        }
    }

    /// Those who see a field of a record: of its own, and of what the record stands in.
    fn place(&self, record: Value, ty: StructId, field: u32) -> Reach {
        let mut audiences = keys(&self.follow.module.schema.get(ty).fields[field as usize].audience);
        if audiences.is_empty() {
            let outer = self.follow.taint(record).keys().find_map(|source| match source {
                Source::Field { ty, field, .. } => {
                    Some(keys(&self.follow.module.schema.get(*ty).fields[*field as usize].audience))
                }
                Source::Param(_) | Source::Part(_) => None,
            });
            audiences = outer.unwrap_or_default();
        }
        Reach::Field { audiences, ty, field, record: Some(self.follow.identity.canonical(record)) }
    }

    /// The field whose container this is.
    fn contained(&mut self, container: Value, values: &[Value], node: NodeTag) {
        let Some(inst) = self.follow.identity.inst(container) else { return };
        if let (Op::Load, Imm::Field(ty, field)) = (inst.op, &inst.imm) {
            let reach = self.place(inst.args[0], *ty, *field);
            for value in values {
                self.stored(*value, reach.clone(), node);
            }
        }
    }

    fn all_sent(&mut self, values: &[Value], reach: &Reach, node: NodeTag) {
        for value in values {
            self.sent(*value, reach.clone(), node);
        }
    }

    /// A payload: what it carries, and the restricted fields of whole structs in it.
    fn sent(&mut self, payload: Value, reach: Reach, node: NodeTag) {
        self.stored(payload, reach.clone(), node);
        let ty = self.follow.function.ty(payload).clone();
        for (value, ty) in self.parts(payload, ty) {
            for source in inherent(&self.follow.module.schema, &ty, value) {
                self.found(source, value, &reach, node);
            }
        }
    }

    /// The values that a literal was made of, so that a struct's record is known; else the value itself. Not what was
    /// revealed.
    fn parts(&self, value: Value, ty: Type) -> Vec<(Value, Type)> {
        let mut parts = Vec::new();
        let mut work = vec![(value, ty)];
        while let Some((value, ty)) = work.pop() {
            match self.follow.identity.inst(self.follow.identity.canonical(value)) {
                // An array that begins empty is filled by what comes after.
                Some(inst) if matches!(inst.op, Op::RecordNew | Op::ListNew) && !inst.args.is_empty() => {
                    work.extend(inst.args.iter().rev().map(|arg| (*arg, self.follow.function.ty(*arg).clone())));
                }
                Some(inst) if inst.op == Op::Reveal => {}
                _ => parts.push((value, ty)),
            }
        }
        parts
    }

    /// A scheduled event: what its handlers do with its payload, whose entries are their parameters.
    fn scheduled(&mut self, args: &[Value], node: NodeTag) {
        let (Some(kind), Some(payload)) = (args.first().and_then(|kind| self.constant(*kind)), args.get(2)) else {
            return;
        };
        let handles = |role: &FunctionRole| matches!(role, FunctionRole::Handler { event } if **event == *kind);
        for index in self.functions(handles) {
            let given = self.entries(*payload, index);
            self.call(index, &given, node);
        }
    }

    /// A filter put to use: what it does with its parameters its viewer sees.
    fn filtered(&mut self, args: &[Value], node: NodeTag) {
        let (Some(name), Some(params)) = (args.get(2).and_then(|name| self.constant(*name)), args.get(3)) else {
            return;
        };
        let follow = self.follow;
        for index in self.functions(|role| matches!(role, FunctionRole::Filter)) {
            if *follow.module.functions[index].name != *name {
                continue;
            }
            let given = self.entries(*params, index);
            let Some(Some(summary)) = follow.summaries.get(index) else { continue };
            for (source, _) in &summary.sinks {
                let (Source::Param(param) | Source::Part(param)) = source else { continue };
                if let (Some(Some(value)), Some(viewer)) = (given.get(*param as usize), args.first()) {
                    self.sent(*value, Reach::Player(*viewer), node);
                }
            }
        }
    }

    /// The functions with a role.
    fn functions(&self, wanted: impl Fn(&FunctionRole) -> bool) -> Vec<usize> {
        let functions = self.follow.module.functions.iter().enumerate();
        functions.filter(|(_, function)| wanted(&function.role)).map(|(index, _)| index).collect()
    }

    /// The entries of a record literal, in the order of a function's parameters.
    fn entries(&self, record: Value, function: usize) -> Vec<Option<Value>> {
        let identity = &self.follow.identity;
        let made = identity.inst(identity.canonical(record)).filter(|inst| inst.op == Op::RecordNew);
        let Type::Record(ty) = self.follow.function.ty(record) else { return Vec::new() };
        let entry = |name: &str| made?.args.get(ty.index(name)?).copied();
        self.follow.module.functions[function].params.iter().map(|param| entry(&param.name)).collect()
    }

    /// The text of a value that is written out.
    fn constant(&self, value: Value) -> Option<Arc<str>> {
        let identity = &self.follow.identity;
        match &identity.inst(identity.canonical(value))?.imm {
            Imm::Str(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn stored(&mut self, value: Value, reach: Reach, node: NodeTag) {
        let sources: Vec<Source> = self.follow.taint(value).keys().copied().collect();
        for source in sources {
            self.found(source, value, &reach, node);
        }
    }

    fn found(&mut self, source: Source, value: Value, reach: &Reach, node: NodeTag) {
        if let Source::Param(_) | Source::Part(_) = source {
            self.summary.sinks.insert((source, reach.clone()));
            return;
        }
        if self.allowed(source, reach) {
            return;
        }
        let known = self.leaks.iter().any(|leak| leak.node == node && outside(leak.source) == outside(source));
        if !known {
            let path = self.follow.path(value, source);
            self.leaks.push(Leak { source, reach: reach.clone(), node, path, through: None });
        }
    }

    /// What a callee does with what it is given.
    fn call(&mut self, callee: usize, args: &[Option<Value>], node: NodeTag) {
        let follow = self.follow;
        let Some(Some(summary)) = follow.summaries.get(callee) else { return };
        for (source, reach) in &summary.sinks {
            let (index, whole) = match source {
                Source::Param(index) => (*index, true),
                Source::Part(index) => (*index, false),
                Source::Field { .. } => continue,
            };
            let Some(arg) = args.get(index as usize).copied().flatten() else { continue };
            let reach = self.as_caller_sees(reach, callee, args);
            let before = self.leaks.len();
            for source in follow.taint(arg).keys() {
                self.found(if whole { *source } else { source.part() }, arg, &reach, node);
            }
            if whole && matches!(reach, Reach::All | Reach::Player(_)) {
                let ty = follow.function.ty(arg).clone();
                for source in inherent(&follow.module.schema, &ty, arg) {
                    self.found(source, arg, &reach, node);
                }
            }
            for leak in &mut self.leaks[before..] {
                leak.through = Some(follow.module.functions[callee].name.clone());
            }
        }
    }

    /// A callee's recipient in terms of the caller: a player named by one of its parameters is the argument.
    fn as_caller_sees(&self, reach: &Reach, callee: usize, args: &[Option<Value>]) -> Reach {
        let params = &self.follow.module.functions[callee].blocks[0].params;
        let argument = |value: &Value| params.iter().position(|param| param == value).and_then(|at| *args.get(at)?);
        match reach {
            Reach::All => Reach::All,
            Reach::Player(id) => argument(id).map_or(Reach::All, Reach::Player),
            Reach::Field { audiences, ty, field, record } => Reach::Field {
                audiences: audiences.clone(),
                ty: *ty,
                field: *field,
                record: record.as_ref().and_then(argument),
            },
        }
    }

    /// Whether all whom it reaches may see the source.
    fn allowed(&self, source: Source, reach: &Reach) -> bool {
        let Source::Field { ty, field, record } = source else { return true };
        let schema = &self.follow.module.schema;
        let may_see = keys(&schema.get(ty).fields[field as usize].audience);
        match reach {
            Reach::All => false,
            Reach::Player(id) => {
                let owned =
                    record.is_some_and(|record| self.follow.identity.owns(*id, record, &|ty| self.owner_fields(ty)));
                owned && may_see.contains(&AudienceKey::Owner)
            }
            Reach::Field { audiences, record: place, .. } => {
                let same_record = record.is_some() && record == *place;
                let covered = |audience: &AudienceKey| match audience {
                    AudienceKey::Nobody => true,
                    AudienceKey::Owner | AudienceKey::Team => may_see.contains(audience) && same_record,
                    AudienceKey::Admin | AudienceKey::Named(_) => may_see.contains(audience),
                };
                !audiences.is_empty() && audiences.iter().all(covered)
            }
        }
    }

    /// The fields of a type that name its owner: `@owner`, else every key it is listed by, else `ID`.
    fn owner_fields(&self, ty: StructId) -> Vec<u32> {
        let schema = &self.follow.module.schema;
        let def = schema.get(ty);
        if let Some(owner) = def.owner_field.as_ref().and_then(|name| def.field(name)) {
            return vec![owner as u32];
        }
        let lists = schema.types().iter().flat_map(|def| &def.fields);
        let of_this = lists.filter(|field| field.ty.element() == Some(&Type::Struct(ty)));
        let keys: Vec<u32> = of_this.filter_map(|field| def.field(field.key.as_deref()?)).map(|at| at as u32).collect();
        if keys.is_empty() { def.field("ID").map(|at| at as u32).into_iter().collect() } else { keys }
    }
}
