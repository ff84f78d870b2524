//! Where values leave: events, and fields of the state that others see.

use statewright_types::{StructId, Type};

use super::flow::Follow;
use super::{AudienceKey, Leak, Reach, Source, Summary, inherent, keys};
use crate::ir::{Imm, Inst, NodeTag, Op, Terminator, Value};

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
            Terminator::Call { callee, args, .. } => judge.call(callee.index(), args, block.node),
            _ => {}
        }
    }
    (judge.summary, judge.leaks)
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
        let arg = |index: usize| inst.args.get(index).copied();
        match (inst.op, &inst.imm) {
            (Op::EmitAll, _) => self.sent(arg(1), Reach::All, inst.node),
            (Op::EmitMany | Op::EmitExcept, _) => self.sent(arg(2), Reach::All, inst.node),
            (Op::EmitOne, _) => self.sent(arg(2), Reach::Player(inst.args[0]), inst.node),
            // The victim and the others are told why.
            (Op::Kick, _) => self.sent(arg(1), Reach::All, inst.node),
            (Op::Store, Imm::Field(ty, field)) => {
                let reach = self.place(inst.args[0], *ty, *field);
                self.stored(inst.args[1], reach, inst.node);
            }
            (Op::ListInsert | Op::ListSet, _) => self.contained(inst.args[0], &inst.args[2..], inst.node),
            (Op::ListAssign | Op::MapAssign, _) => self.contained(inst.args[0], &inst.args[1..], inst.node),
            (Op::MapPut, _) => self.contained(inst.args[0], &inst.args[1..], inst.node),
            (Op::Call, Imm::Func(callee)) => self.call(callee.index(), &inst.args, inst.node),
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
                Source::Param(_) => None,
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

    /// A payload: what it carries, and the restricted fields of whole structs in it.
    fn sent(&mut self, payload: Option<Value>, reach: Reach, node: NodeTag) {
        let Some(payload) = payload else { return };
        self.stored(payload, reach.clone(), node);
        let ty = self.follow.function.ty(payload).clone();
        for (value, ty) in self.parts(payload, ty) {
            for source in inherent(&self.follow.module.schema, &ty, value) {
                self.found(source, value, &reach, node);
            }
        }
    }

    /// The values that a record literal was made of, so that a struct's record is known; else the value itself.
    fn parts(&self, value: Value, ty: Type) -> Vec<(Value, Type)> {
        match self.follow.identity.inst(self.follow.identity.canonical(value)) {
            Some(inst) if inst.op == Op::RecordNew => {
                inst.args.iter().map(|arg| (*arg, self.follow.function.ty(*arg).clone())).collect()
            }
            _ => vec![(value, ty)],
        }
    }

    fn stored(&mut self, value: Value, reach: Reach, node: NodeTag) {
        let sources: Vec<Source> = self.follow.taint(value).keys().copied().collect();
        for source in sources {
            self.found(source, value, &reach, node);
        }
    }

    fn found(&mut self, source: Source, value: Value, reach: &Reach, node: NodeTag) {
        if let Source::Param(index) = source {
            self.summary.sinks.push((index, reach.clone(), node));
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
    fn call(&mut self, callee: usize, args: &[Value], node: NodeTag) {
        let follow = self.follow;
        let Some(Some(summary)) = follow.summaries.get(callee) else { return };
        for (index, reach, _) in &summary.sinks {
            let Some(arg) = args.get(*index as usize).copied() else { continue };
            let reach = self.as_caller_sees(reach, callee, args);
            let before = self.leaks.len();
            self.stored(arg, reach.clone(), node);
            if reach == Reach::All || matches!(reach, Reach::Player(_)) {
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
    fn as_caller_sees(&self, reach: &Reach, callee: usize, args: &[Value]) -> Reach {
        let params = &self.follow.module.functions[callee].blocks[0].params;
        let argument =
            |value: &Value| params.iter().position(|param| param == value).and_then(|at| args.get(at)).copied();
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
