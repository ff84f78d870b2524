//! `@write` (R9): a check before each write that it may be about, after the graph was lowered.

use std::collections::HashMap;

use statewright_types::schema::Writer;
use statewright_types::{Schema, StructId, Type};

use crate::ir::{Function, Imm, Inst, Op, Value};

/// Which writes need a check, of one schema.
pub(crate) struct Guard<'a> {
    schema: &'a Schema,
    /// Whether any field is restricted.
    any: bool,
    /// Types that stand, however deep, in a restricted field.
    held: Vec<bool>,
    /// Types with a restricted field in them, which is overwritten with them.
    holding: Vec<bool>,
}

impl<'a> Guard<'a> {
    pub(crate) fn new(schema: &'a Schema) -> Guard<'a> {
        let count = schema.types().len();
        let mut guard = Guard { schema, any: false, held: vec![false; count], holding: vec![false; count] };
        for (index, def) in schema.types().iter().enumerate() {
            guard.holding[index] = def.fields.iter().any(|field| field.writer != Writer::Anyone);
        }
        guard.any = guard.holding.contains(&true);
        // Both grow until nothing is added: at most once for each type.
        let mut changed = guard.any;
        while changed {
            changed = false;
            for (index, def) in schema.types().iter().enumerate() {
                for field in &def.fields {
                    if (guard.held[index] || field.writer != Writer::Anyone)
                        && let Some(inner) = struct_in(&field.ty)
                    {
                        changed |= !std::mem::replace(&mut guard.held[inner.index()], true);
                    }
                    if !guard.holding[index] && guard.overwrites(&field.ty) {
                        guard.holding[index] = true;
                        changed = true;
                    }
                }
            }
        }
        guard
    }

    /// Puts checks into a handler or function.
    pub(crate) fn apply(&self, function: &mut Function) {
        if !self.any {
            return;
        }
        let mut defined: HashMap<Value, Inst> = HashMap::new();
        for inst in function.blocks.iter().flat_map(|block| &block.insts) {
            if let Some(result) = inst.result.filter(|result| is_container(function.ty(*result))) {
                defined.insert(result, inst.clone());
            }
        }
        let types = function.values.clone();
        for block in &mut function.blocks {
            let mut guarded = Vec::with_capacity(block.insts.len());
            for inst in std::mem::take(&mut block.insts) {
                guarded.extend(self.check(&inst, &types, &defined));
                guarded.push(inst);
            }
            block.insts = guarded;
        }
    }

    /// The check before an instruction, if it needs one.
    fn check(&self, inst: &Inst, types: &[Type], defined: &HashMap<Value, Inst>) -> Option<Inst> {
        let checked = |op, args: &[Value], imm| Inst { op, args: args.into(), imm, result: None, node: inst.node };
        let first = *inst.args.first()?;
        let over = match (inst.op, &inst.imm) {
            (Op::Store, Imm::Field(ty, field)) => {
                let needed = self.restricted(*ty, *field) || self.overwrites(self.field_type(*ty, *field)?);
                return needed.then(|| checked(Op::WriteCheck, &[first], inst.imm.clone()));
            }
            (Op::ListSet | Op::MapPut, _) => inst.args.get(1),
            (Op::ListInsert | Op::ListRemove | Op::ListAssign | Op::ListClear, _)
            | (Op::MapRemove | Op::MapAssign | Op::MapClear, _) => None,
            _ => return None,
        };
        let element = match types.get(first.index()) {
            Some(Type::List(element) | Type::Map(_, element)) => Some(&**element),
            _ => None,
        };
        let over = over.filter(|_| element.is_some_and(|element| self.overwrites(element)));
        let needed = match defined.get(&first).map(|inst| (inst.op, &inst.imm)) {
            Some((Op::Load, Imm::Field(ty, field))) => self.restricted(*ty, *field),
            // Inside another container, or come by more than one way.
            Some((Op::ListGet | Op::MapValueAt | Op::NonNull | Op::Select, _)) | None => true,
            // A value under construction.
            Some(_) => return None,
        };
        let args: Vec<Value> = std::iter::once(first).chain(over.copied()).collect();
        (needed || over.is_some()).then(|| checked(Op::WriteCheckIn, &args, Imm::None))
    }

    fn field_type(&self, ty: StructId, field: u32) -> Option<&'a Type> {
        self.schema.types().get(ty.index())?.fields.get(field as usize).map(|field| &field.ty)
    }

    /// Whether a field, or one that may hold it, is restricted.
    fn restricted(&self, ty: StructId, field: u32) -> bool {
        let def = self.schema.get(ty);
        let own = def.fields.get(field as usize).is_some_and(|field| field.writer != Writer::Anyone);
        own || self.held.get(ty.index()).copied().unwrap_or(false)
    }

    /// Whether overwriting a value of this type in place overwrites restricted fields.
    fn overwrites(&self, ty: &Type) -> bool {
        matches!(ty.non_null(), Type::Struct(id) if self.holding.get(id.index()).copied().unwrap_or(false))
    }
}

fn is_container(ty: &Type) -> bool {
    matches!(ty.non_null(), Type::List(_) | Type::Map(..))
}

/// The struct that a type is, or holds.
fn struct_in(mut ty: &Type) -> Option<StructId> {
    loop {
        ty = match ty {
            Type::Struct(id) => return Some(*id),
            Type::Nullable(inner) | Type::List(inner) | Type::Map(_, inner) => inner,
            _ => return None,
        };
    }
}
