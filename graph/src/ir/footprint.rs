//! What a function may touch: so that a change elsewhere need not be kept from it, and need not have it run again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use statewright_types::{Schema, StructId, Type};

use super::ops::Effect;
use super::roles::view_of;
use super::verify::terminator_uses;
use super::{FuncId, Function, FunctionRole, Imm, Inst, Module, Op, Value};

/// Fields, by type and position. Lists and maps in a field go with it.
pub type Fields = BTreeSet<(StructId, u32)>;

/// What a function and those that it calls may touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// What it may look at. Every field of a struct that is taken as a whole (compared, stored, told) is in it; a copy is as what is
    /// looked at in it.
    pub reads: Fields,
    /// What it may write. Every field of a struct that is overwritten as a whole is in it.
    pub writes: Fields,
    /// Whether it looks at anything but the state: time, host, configuration, which filters and effects are in use, the host
    /// program.
    pub looks_around: bool,
}

impl Footprint {
    /// All fields that it may touch.
    pub fn fields(&self) -> Fields {
        self.reads.union(&self.writes).copied().collect()
    }
}

/// What `function` may touch, itself or in the functions that it calls, as it was lowered. What is looked at for nothing does
/// not count.
pub fn footprint(module: &Module, function: FuncId) -> Footprint {
    module.footprints.get(&function).cloned().unwrap_or_else(|| of_instructions(module, function))
}

/// The footprints that executions ask for: of filters, effects and views.
pub(crate) fn asked_for(module: &Module) -> BTreeMap<FuncId, Footprint> {
    let runs_again = |function: &Function| match function.role {
        FunctionRole::Filter | FunctionRole::Effect => true,
        FunctionRole::Function => view_of(module, function).is_some(),
        FunctionRole::Handler { .. } => false,
    };
    let functions = module.functions.iter().enumerate().filter(|(_, function)| runs_again(function));
    let ids = functions.map(|(index, _)| FuncId(index as u32));
    ids.map(|id| (id, footprint(module, id))).collect()
}

fn of_instructions(module: &Module, function: FuncId) -> Footprint {
    let mut footprint = Footprint::default();
    // Lists and maps that are written, by type: in which field such a one is, cannot be told.
    let mut written = Vec::new();
    let mut seen = BTreeSet::from([function]);
    let mut rest = vec![function];
    while let Some(function) = rest.pop().and_then(|id| module.functions.get(id.index())) {
        let needed = needed(function);
        let is_idle = |inst: &&Inst| can_go(inst) && inst.result.is_some_and(|result| !needed.contains(&result));
        for inst in function.blocks.iter().flat_map(|block| &block.insts).filter(|inst| !is_idle(inst)) {
            if let (Op::Call, Imm::Func(callee)) = (&inst.op, &inst.imm) {
                if seen.insert(*callee) {
                    rest.push(*callee);
                }
                continue;
            }
            footprint.looks_around |= looks_around(inst.op);
            note_reads(module, function, inst, &mut footprint.reads);
            note_writes(module, function, inst, &mut footprint.writes, &mut written);
        }
    }
    // Whoever writes a list or map has loaded the field that it is in.
    let holds = |(ty, field): &&(StructId, u32)| {
        let def = module.schema.types().get(ty.index()).and_then(|def| def.fields.get(*field as usize));
        def.is_some_and(|def| written.iter().any(|container| contains(&def.ty, container)))
    };
    let holders: Vec<_> = footprint.reads.iter().filter(holds).copied().collect();
    footprint.writes.extend(holders);
    footprint
}

/// Whether nobody notices if it is not done, unless its result is used.
fn can_go(inst: &Inst) -> bool {
    let row = inst.op.row();
    row.traps.is_empty() && matches!(row.effect, Effect::Pure | Effect::Reads)
}

/// The values that something is done with which is noticed.
fn needed(function: &Function) -> HashSet<Value> {
    let mut made: HashMap<Value, &Inst> = HashMap::new();
    let mut rest: Vec<Value> = Vec::new();
    for block in &function.blocks {
        // Who traces a run looks at more than the run does.
        for inst in block.insts.iter().filter(|inst| !inst.op.is_traced_only()) {
            match inst.result {
                Some(result) if can_go(inst) => {
                    made.insert(result, inst);
                }
                _ => rest.extend(inst.args.iter()),
            }
        }
        rest.extend(terminator_uses(&block.terminator));
    }
    let mut needed = HashSet::new();
    while let Some(value) = rest.pop() {
        if needed.insert(value) {
            rest.extend(made.get(&value).into_iter().flat_map(|inst| inst.args.iter()));
        }
    }
    needed
}

fn note_reads(module: &Module, function: &Function, inst: &Inst, fields: &mut Fields) {
    let writes = matches!(inst.op, Op::Store | Op::StructInit);
    if let (Imm::Field(ty, field), false) = (&inst.imm, writes) {
        fields.insert((*ty, *field));
    }
    if matches!(inst.op, Op::Load | Op::LoadKnown) || only_passes(inst.op) {
        return;
    }
    // Of what is written to, only the place counts; of everything else that is looked into, the whole.
    let written = usize::from(writes);
    for value in inst.args.iter().skip(written) {
        whole(&module.schema, function.ty(*value), fields);
    }
}

fn note_writes(module: &Module, function: &Function, inst: &Inst, fields: &mut Fields, written: &mut Vec<Type>) {
    match (inst.op, &inst.imm) {
        (Op::Store, Imm::Field(ty, field)) => {
            fields.insert((*ty, *field));
            if let Some(def) = module.schema.types().get(ty.index()).and_then(|def| def.fields.get(*field as usize)) {
                whole(&module.schema, &def.ty, fields);
            }
        }
        (Op::RootReset, Imm::Struct(ty)) => whole(&module.schema, &Type::Struct(*ty), fields),
        (op, _) if changes_container(op) => {
            let Some(container) = inst.args.first().map(|value| function.ty(*value)) else { return };
            if !written.contains(container.non_null()) {
                written.push(container.non_null().clone());
            }
            if matches!(op, Op::ListSet | Op::MapPut | Op::MapAssign) {
                // Structs in it may be overwritten in place.
                whole(&module.schema, container, fields);
            }
        }
        _ => {}
    }
}

/// Whether a value of type `ty` is or has, in lists and maps, one of the type `container`.
fn contains(ty: &Type, container: &Type) -> bool {
    let mut rest = Some(ty.non_null());
    while let Some(ty) = rest {
        if ty == container {
            return true;
        }
        rest = match ty {
            Type::List(inner) | Type::Map(_, inner) => Some(inner.non_null()),
            _ => None,
        };
    }
    false
}

fn changes_container(op: Op) -> bool {
    use Op::{
        ListAssign, ListClear, ListInsert, ListPush, ListRemove, ListSet, MapAssign, MapClear, MapPut, MapRemove,
    };
    matches!(
        op,
        ListAssign
            | ListClear
            | ListInsert
            | ListPush
            | ListRemove
            | ListSet
            | MapAssign
            | MapClear
            | MapPut
            | MapRemove
    )
}

/// Whether it looks at anything but the state.
fn looks_around(op: Op) -> bool {
    use Op::{ConfigGet, EffectHas, FilterHas, Host, HostCall, Now};
    matches!(op, ConfigGet | EffectHas | FilterHas | Host | HostCall | Now)
}

/// Whether an operation looks at no field of the structs that it is given.
fn only_passes(op: Op) -> bool {
    use Op::{
        IsNull, ListAt, ListDense, ListFindKey, ListGet, ListLen, ListNew, ListRemove, ListSnapshot, ListVersion,
        MapFind, MapKeyAt, MapLen, MapNew, MapRemove, MapSnapshot, MapValueAt, MapVersion, Mem, NonNull, RecordGet,
        RecordNew, Select, Some, StructAttached, StructCopy,
    };
    // Whoever is told of a run looks at it, and the run does not.
    op.is_traced_only()
        || matches!(
            op,
            IsNull
                | ListAt
                | ListDense
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
                | StructCopy
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
