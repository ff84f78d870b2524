//! What a function may touch of the state: so that a write elsewhere need not be kept from it.

use std::collections::BTreeSet;

use statewright_types::{Schema, StructId, Type};

use super::{FuncId, Imm, Module, Op};

/// The fields that `function` may read or write, itself or in the functions that it calls. Lists and maps in a field go with
/// it; every field of a struct that is taken as a whole (compared, copied, stored) is in it.
pub fn footprint(module: &Module, function: FuncId) -> BTreeSet<(StructId, u32)> {
    let mut fields = BTreeSet::new();
    let mut seen = BTreeSet::from([function]);
    let mut rest = vec![function];
    while let Some(function) = rest.pop().and_then(|id| module.functions.get(id.index())) {
        for inst in function.blocks.iter().flat_map(|block| &block.insts) {
            match (&inst.op, &inst.imm) {
                (Op::Load, Imm::Field(ty, field)) => _ = fields.insert((*ty, *field)),
                (Op::Call, Imm::Func(callee)) => {
                    if seen.insert(*callee) {
                        rest.push(*callee);
                    }
                }
                (op, imm) => {
                    if let Imm::Field(ty, field) = imm {
                        fields.insert((*ty, *field));
                    }
                    // Of what is written to, only the place counts; of everything else that is looked into, the whole.
                    let written = usize::from(*op == Op::Store);
                    for value in inst.args.iter().skip(written).filter(|_| !only_passes(*op)) {
                        whole(&module.schema, function.ty(*value), &mut fields);
                    }
                }
            }
        }
    }
    fields
}

/// Whether an operation looks at no field of the structs that it is given.
fn only_passes(op: Op) -> bool {
    use Op::{
        IsNull, ListFindKey, ListGet, ListLen, ListNew, ListRemove, ListSnapshot, ListVersion, MapFind, MapKeyAt,
        MapLen, MapNew, MapRemove, MapSnapshot, MapValueAt, MapVersion, Mem, NonNull, RecordGet, RecordNew, Select,
        Some, StructAttached,
    };
    // Whoever is told of a run looks at it, and the run does not.
    op.is_traced_only()
        || matches!(
            op,
            IsNull
                | ListFindKey
                | ListGet
                | ListLen
                | ListNew
                | ListRemove
                | ListSnapshot
                | ListVersion
                | MapFind
                | MapKeyAt
                | MapLen
                | MapNew
                | MapRemove
                | MapSnapshot
                | MapValueAt
                | MapVersion
                | Mem
                | NonNull
                | RecordGet
                | RecordNew
                | Select
                | Some
                | StructAttached
        )
}

/// All fields of all structs that a value of type `ty` may contain.
fn whole(schema: &Schema, ty: &Type, fields: &mut BTreeSet<(StructId, u32)>) {
    let mut seen = BTreeSet::new();
    let mut rest = vec![ty];
    while let Some(ty) = rest.pop() {
        match ty {
            Type::List(inner) | Type::Nullable(inner) => rest.push(inner),
            Type::Map(_, value) => rest.push(value),
            Type::Record(record) => rest.extend(record.fields.iter().map(|(_, ty)| ty)),
            Type::Struct(id) if seen.insert(*id) => {
                for (at, field) in schema.get(*id).fields.iter().enumerate() {
                    fields.insert((*id, at as u32));
                    rest.push(&field.ty);
                }
            }
            _ => {}
        }
    }
}
