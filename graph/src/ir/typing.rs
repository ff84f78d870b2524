//! Types of instructions: what operands an operation takes and what its result is. The classes of the rows are
//! checked for all operations alike; `relate` adds what holds between operands, constant part and result.

use std::fmt::Display;

use statewright_types::{IntKind, Schema, StructId, Type};

use super::ops::{Class, ImmKind, Op};
use super::{Imm, Value};

/// What a caller must know of a function.
#[derive(Clone, Copy, Debug)]
pub struct Signature<'a> {
    /// The declared parameter types; arguments have the loaded ones.
    pub params: &'a [Type],
    /// The result type (loaded), if there is one.
    pub returns: Option<&'a Type>,
}

/// The type of the value that `op` defines with operands of types `args`; `None` if it defines none. `callee` is
/// looked at for `call` only. `Err` says what is wrong with operands or constant part.
pub fn result_type(
    schema: &Schema,
    op: Op,
    args: &[&Type],
    imm: &Imm,
    callee: Option<Signature<'_>>,
) -> Result<Option<Type>, String> {
    let derived = operands(schema, op, args, imm, callee)?;
    Ok(result_of(op, args, imm, derived))
}

/// Checks operands and constant part; gives the result's type of rows that derive it.
pub(super) fn operands(
    schema: &Schema,
    op: Op,
    args: &[&Type],
    imm: &Imm,
    callee: Option<Signature<'_>>,
) -> Result<Option<Type>, String> {
    let row = op.row();
    if args.len() < row.args.len() || (row.rest.is_none() && args.len() > row.args.len()) {
        let more = if row.rest.is_some() { " or more" } else { "" };
        return Err(format!("takes {}{more} operands, not {}", row.args.len(), args.len()));
    }
    for (index, ty) in args.iter().enumerate() {
        let class = row.args.get(index).copied().or(row.rest).unwrap_or(Class::Any);
        if !fits(class, ty) {
            return Err(format!("operand {} must be {}, not {}", index + 1, class_name(class), schema.show(ty)));
        }
    }
    check_imm(schema, row.imm, imm)?;
    relate(schema, op, args, imm, callee)
}

/// The result's type, if operands and constant part are right and gave that.
pub(super) fn result_of(op: Op, args: &[&Type], imm: &Imm, derived: Option<Type>) -> Option<Type> {
    match op.row().result {
        None => None,
        Some(Class::Int) => Some(Type::INT),
        Some(Class::UInt) => Some(Type::Int(IntKind::U64)),
        Some(Class::Float) => Some(Type::Float64),
        Some(Class::Bool) => Some(Type::Bool),
        Some(Class::Text) => Some(Type::String),
        Some(Class::Struct) => match imm {
            Imm::Struct(id) => Some(Type::Struct(*id)),
            _ => args.first().map(|ty| (*ty).clone()),
        },
        Some(Class::List | Class::Map | Class::Record | Class::Nullable | Class::Any | Class::Derived) => derived,
    }
}

/// The operands of `inst` as types, for [`result_type`]; `None` if one is not a value of the function.
pub fn operand_types<'a>(values: &'a [Type], args: &[Value]) -> Option<Vec<&'a Type>> {
    args.iter().map(|value| values.get(value.index())).collect()
}

/// Whether a value of type `ty` may stand where a row says `class`.
#[inline]
pub fn fits(class: Class, ty: &Type) -> bool {
    match class {
        Class::Int => matches!(ty, Type::Int(IntKind::I64)),
        Class::UInt => matches!(ty, Type::Int(IntKind::U64)),
        Class::Float => matches!(ty, Type::Float64),
        Class::Bool => matches!(ty, Type::Bool),
        Class::Text => ty.is_text(),
        Class::List => matches!(ty, Type::List(_)),
        Class::Map => matches!(ty, Type::Map(..)),
        Class::Struct => matches!(ty, Type::Struct(_)),
        Class::Record => matches!(ty, Type::Record(_)),
        Class::Nullable => matches!(ty, Type::Nullable(_)),
        Class::Any | Class::Derived => true,
    }
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::Int => "int64",
        Class::UInt => "uint64",
        Class::Float => "float64",
        Class::Bool => "bool",
        Class::Text => "a string or uuid",
        Class::List => "a list",
        Class::Map => "a map",
        Class::Struct => "a struct",
        Class::Record => "a record",
        Class::Nullable => "nullable",
        Class::Any | Class::Derived => "anything",
    }
}

/// How deep a type of a valid module nests at most.
pub const TYPE_DEPTH: usize = 128;
/// How many parts a type that a document makes up has at most, the parts of its parts included.
pub const TYPE_PARTS: usize = 4_096;

/// Whether `ty` is well formed: struct types exist, keys are keys, nothing is doubly nullable, and it nests at most
/// [`TYPE_DEPTH`] deep.
pub fn well_formed(schema: &Schema, ty: &Type) -> bool {
    // Records alone have several parts; without any, nothing is put by.
    let (mut rest, mut next) = (Vec::new(), Some((ty, 0)));
    while let Some((ty, depth)) = next.take().or_else(|| rest.pop()) {
        if depth > TYPE_DEPTH {
            return false;
        }
        match ty {
            Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 | Type::String | Type::Bytes | Type::Uuid => {}
            Type::Struct(id) if id.index() < schema.types().len() => {}
            Type::Nullable(inner) if !matches!(**inner, Type::Nullable(_)) => next = Some((inner, depth + 1)),
            Type::Map(key, value) if key.is_map_key() => next = Some((value, depth + 1)),
            Type::Struct(_) | Type::Nullable(_) | Type::Map(..) => return false,
            Type::List(element) => next = Some((element, depth + 1)),
            Type::Record(record) => rest.extend(record.fields.iter().map(|(_, ty)| (ty, depth + 1))),
        }
    }
    true
}

/// Whether a type has so many parts, or nests so deep, that nobody should work with it.
pub fn too_big(ty: &Type) -> bool {
    if matches!(ty, Type::Bool | Type::Int(_) | Type::Float64 | Type::String | Type::Struct(_)) {
        return false;
    }
    let mut rest = vec![(ty, 0)];
    let mut parts = 0;
    while let Some((ty, depth)) = rest.pop() {
        parts += 1;
        if depth > TYPE_DEPTH || parts > TYPE_PARTS {
            return true;
        }
        match ty {
            Type::Nullable(inner) | Type::List(inner) | Type::Map(_, inner) => rest.push((inner, depth + 1)),
            Type::Record(record) => rest.extend(record.fields.iter().map(|(_, ty)| (ty, depth + 1))),
            Type::Bool
            | Type::Int(_)
            | Type::Float32
            | Type::Float64
            | Type::String
            | Type::Bytes
            | Type::Uuid
            | Type::Struct(_) => {}
        }
    }
    false
}

/// The declared type of a field, if there is such a field.
pub fn field_type(schema: &Schema, id: StructId, field: u32) -> Option<&Type> {
    schema.types().get(id.index())?.fields.get(field as usize).map(|field| &field.ty)
}

fn is_scalar(ty: &Type) -> bool {
    ty.is_number() || ty.is_text() || matches!(ty, Type::Bool | Type::Bytes)
}

fn check_imm(schema: &Schema, kind: ImmKind, imm: &Imm) -> Result<(), String> {
    let right = match (kind, imm) {
        (ImmKind::None, Imm::None)
        | (ImmKind::Int, Imm::Int(_))
        | (ImmKind::Float, Imm::Float(_))
        | (ImmKind::Bool, Imm::Bool(_))
        | (ImmKind::Str, Imm::Str(_))
        | (ImmKind::Cond, Imm::Cond(_))
        | (ImmKind::Trap, Imm::Trap(_))
        | (ImmKind::Func, Imm::Func(_)) => true,
        (ImmKind::Host, Imm::Host(node)) => node.output.as_ref().is_none_or(|ty| well_formed(schema, ty)),
        (ImmKind::Type, Imm::Type(ty)) => {
            if !well_formed(schema, ty) {
                return Err("the type is not well formed or not of this schema".into());
            }
            true
        }
        (ImmKind::Struct, Imm::Struct(id)) => {
            if id.index() >= schema.types().len() {
                return Err(format!("the schema has no struct type #{}", id.0));
            }
            true
        }
        (ImmKind::Field, Imm::Field(id, field)) => {
            if field_type(schema, *id, *field).is_none() {
                return Err(format!("the schema has no field #{}.{field}", id.0));
            }
            true
        }
        _ => false,
    };
    if right { Ok(()) } else { Err(format!("the constant part must be of kind {kind:?}")) }
}

fn expect(schema: &Schema, what: &dyn Display, found: &Type, wanted: &Type) -> Result<(), String> {
    if found == wanted && wanted.is_loaded() || *found == wanted.loaded() {
        return Ok(());
    }
    Err(format!("{what} must be {}, not {}", schema.show(&wanted.loaded()), schema.show(found)))
}

/// What holds between operands, constant part and result, beyond classes; gives the result of `Derived` rows.
/// Operand count, classes and kind of the constant part were checked before.
fn relate(
    schema: &Schema,
    op: Op,
    args: &[&Type],
    imm: &Imm,
    callee: Option<Signature<'_>>,
) -> Result<Option<Type>, String> {
    let same_as = |what: &dyn Display, index: usize, wanted: &Type| match args.get(index) {
        Some(found) => expect(schema, what, found, wanted),
        None => Err(format!("{what} is missing")),
    };
    let same = |what: &str, index: usize, wanted: &Type| same_as(&what, index, wanted);
    match op {
        Op::IConst | Op::UConst | Op::FConst | Op::BConst | Op::SConst => {}
        Op::IAdd | Op::ISub | Op::IMul | Op::IDiv | Op::IDivFloor | Op::IRem | Op::INeg | Op::IAbs => {}
        Op::IMin | Op::IMax | Op::ISign => {}
        Op::IAddWrap | Op::ISubWrap | Op::IMulWrap | Op::IAddOver | Op::ISubOver | Op::IMulOver => {}
        Op::FAdd | Op::FSub | Op::FMul | Op::FDiv | Op::FRem | Op::FNeg | Op::FAbs | Op::FMin | Op::FMax => {}
        Op::FSign | Op::FSqrt | Op::FSin | Op::FCos | Op::FTan | Op::FAsin | Op::FAtan2 | Op::FExp => {}
        Op::FLog | Op::FPow => {}
        Op::IToF | Op::UToF | Op::UToI | Op::IToU => {}
        Op::FToIFloor | Op::FToICeil | Op::FToIRound | Op::FToITrunc | Op::FRound32 => {}
        Op::ICmp | Op::UCmp | Op::UICmp | Op::FCmp | Op::IFCmp | Op::UFCmp | Op::SCmp => {}
        Op::Not | Op::And | Op::Or => {}
        Op::Digest => {}
        Op::Concat | Op::StrLen | Op::StrAt | Op::StrContains | Op::StrStarts | Op::StrEnds => {}
        Op::StrSlice | Op::StrFind | Op::StrReplace | Op::StrRepeat | Op::StrUpper | Op::StrLower | Op::StrTrim => {}
        Op::StrIsInt | Op::StrToInt | Op::StrIsFloat | Op::StrToFloat => {}
        Op::RootActivate | Op::RootDeactivate | Op::RootIsActive | Op::RootReset => {}
        Op::IsNull | Op::Root | Op::StructNew | Op::StructCopy | Op::StructAttached => {}
        Op::ListLen | Op::ListDense | Op::ListRemove | Op::ListClear | Op::ListVersion => {}
        Op::MapLen | Op::MapClear | Op::MapVersion => {}
        Op::RandInt | Op::RandFloat | Op::RandUnit | Op::Now | Op::Stream | Op::Host => {}
        Op::FuelN | Op::MemN | Op::FuelShort | Op::MemShort | Op::EntriesShort => {}
        Op::Mem | Op::Enter | Op::Leave | Op::Probe | Op::ConfigReload => {}

        Op::ConfigGet | Op::ConfigSet => {
            let ty = if op == Op::ConfigGet { imm_type(imm) } else { args.get(1).copied() };
            match ty {
                Some(ty) if is_scalar(ty) => return Ok((op == Op::ConfigGet).then(|| ty.loaded())),
                _ => return Err("configured values are scalars".into()),
            }
        }
        Op::WriteCheck => drop(field_of(schema, args, imm)?),
        Op::WriteCheckIn => match args {
            [Type::List(_)] | [Type::List(_), Type::Int(IntKind::I64)] | [Type::Map(..)] => {}
            [Type::Map(key, _), _] => same("the key", 1, key)?,
            _ => return Err("takes a list and perhaps an index, or a map and perhaps a key".into()),
        },
        Op::Zero => return Ok(imm_type(imm).map(Type::loaded)),
        Op::Equal => return same_types(schema, args, 0, 1).map(|_| None),
        Op::HostCall => {
            return Ok(match imm {
                Imm::Host(node) => node.output.as_ref().map(Type::loaded),
                _ => None,
            });
        }
        Op::Select => return same_types(schema, args, 1, 2).map(Some),
        Op::Reveal | Op::Watch => return Ok(args.first().map(|ty| Type::clone(ty))),
        Op::Narrow => match imm_type(imm) {
            Some(Type::Int(kind)) if *kind != IntKind::U64 => {}
            _ => return Err("needs an integer type other than uint64".into()),
        },
        Op::Retype => match imm_type(imm) {
            Some(ty) if ty.is_text() => return Ok(Some(ty.clone())),
            _ => return Err("needs the type string or uuid".into()),
        },
        Op::Text => match args {
            [Type::Bool | Type::String | Type::Uuid] => {}
            [ty] if ty.is_number() => {}
            _ => return Err("takes a bool, number, string or uuid".into()),
        },
        Op::StrSplit => return Ok(Some(Type::list(Type::String))),
        Op::StrJoin => same("the texts", 0, &Type::list(Type::String))?,
        Op::StrFormat => {
            same("the names", 1, &Type::list(Type::String))?;
            same("the arguments", 2, &Type::list(Type::String))?;
        }
        Op::BytesLen => same("the operand", 0, &Type::Bytes)?,
        Op::Null => match imm_type(imm) {
            Some(ty @ Type::Nullable(_)) => return Ok(Some(ty.clone())),
            _ => return Err("needs a nullable type".into()),
        },
        Op::Some => match imm_type(imm) {
            Some(ty @ Type::Nullable(inner)) => {
                same("the operand", 0, inner)?;
                return Ok(Some(ty.clone()));
            }
            _ => return Err("needs a nullable type".into()),
        },
        Op::NonNull => return Ok(args.first().map(|ty| ty.non_null().loaded())),
        Op::Load | Op::LoadKnown => return Ok(Some(field_of(schema, args, imm)?.loaded())),
        Op::Store | Op::StructInit => same("the value", 1, field_of(schema, args, imm)?)?,
        Op::RecordNew => match imm_type(imm) {
            Some(ty @ Type::Record(record)) => {
                if args.len() != record.fields.len() {
                    return Err(format!("the record has {} fields, not {}", record.fields.len(), args.len()));
                }
                for (index, (name, field)) in record.fields.iter().enumerate() {
                    same_as(&format_args!("field {name:?}"), index, field)?;
                }
                return Ok(Some(ty.clone()));
            }
            _ => return Err("needs a record type".into()),
        },
        Op::RecordGet => match (args, imm) {
            ([Type::Record(record)], Imm::Int(index)) => {
                let field = usize::try_from(*index).ok().and_then(|index| record.fields.get(index));
                let (_, ty) = field.ok_or_else(|| format!("the record has no field {index}"))?;
                return Ok(Some(ty.loaded()));
            }
            _ => return Err("takes a record and a field's position".into()),
        },
        Op::ListNew => match imm_type(imm) {
            Some(ty @ Type::List(element)) => {
                for index in 0..args.len() {
                    same("an element", index, element)?;
                }
                return Ok(Some(ty.clone()));
            }
            _ => return Err("needs a list type".into()),
        },
        Op::ListOrder => match element_of(args)? {
            ty if ty.is_number() || ty.is_text() => return Ok(Some(Type::list(Type::INT))),
            _ => return Err("takes a list of numbers or texts".into()),
        },
        Op::ListGet | Op::ListAt => return Ok(Some(element_of(args)?.loaded())),
        Op::ListPush | Op::ListFind => same("the element", 1, element_of(args)?)?,
        Op::ListInsert | Op::ListSet => same("the element", 2, element_of(args)?)?,
        Op::ListSnapshot | Op::MapSnapshot => return Ok(args.first().map(|ty| (*ty).clone())),
        Op::ListFindKey => match (element_of(args)?, imm) {
            (Type::Struct(element), Imm::Field(id, field)) if element == id => {
                let ty = field_type(schema, *id, *field).ok_or("there is no such field")?;
                if !ty.is_map_key() {
                    return Err("the key field must be text or an integer".into());
                }
                // A uuid is a text, and is found by one.
                if !(ty.is_text() && args.get(1).is_some_and(|key| key.is_text())) {
                    same("the key", 1, ty)?;
                }
            }
            _ => return Err("needs a list of structs and a field of theirs".into()),
        },
        Op::ListAssign | Op::MapAssign => return same_types(schema, args, 0, 1).map(|_| None),
        Op::MapNew => match imm_type(imm) {
            Some(ty @ Type::Map(key, value)) => {
                if !args.len().is_multiple_of(2) {
                    return Err("needs a value after the last key".into());
                }
                for index in 0..args.len() {
                    same("a key or value", index, if index % 2 == 0 { key } else { value })?;
                }
                return Ok(Some(ty.clone()));
            }
            _ => return Err("needs a map type".into()),
        },
        Op::MapKeyAt => return Ok(Some(entry_of(args)?.0.loaded())),
        Op::MapValueAt => return Ok(Some(entry_of(args)?.1.loaded())),
        Op::MapFind | Op::MapRemove => same("the key", 1, entry_of(args)?.0)?,
        Op::MapPut => {
            let (key, value) = entry_of(args)?;
            same("the key", 1, key)?;
            same("the value", 2, value)?;
        }
        Op::EmitAll if args.len() > 2 => return Err("takes at most one payload".into()),
        Op::Message if args.len() > 2 => return Err("takes at most one value".into()),
        Op::EmitOne | Op::EmitMany | Op::EmitExcept if args.len() > 3 => {
            return Err("takes at most one payload".into());
        }
        Op::EmitMany => match args.first() {
            Some(Type::List(element)) if element.is_text() => {}
            _ => return Err("the first operand must be a list of player ids (strings)".into()),
        },
        Op::EmitAll | Op::EmitOne | Op::EmitExcept | Op::Message => {}
        Op::Schedule if args.len() > 3 => return Err("takes at most one payload".into()),
        Op::FilterAdd if args.len() > 4 => return Err("takes at most one record of parameters".into()),
        Op::EffectAdd if args.len() > 8 => return Err("takes at most one record of parameters".into()),
        Op::EffectAdd | Op::EffectRemove | Op::EffectHas | Op::EffectsLift | Op::EffectsApply => {}
        Op::EffectsLiftAt => _ = field_of(schema, args, imm)?,
        Op::Kick | Op::Schedule | Op::Unschedule | Op::FilterAdd | Op::FilterRemove | Op::FilterHas => {}
        Op::Fuel => {
            if !matches!(imm, Imm::Int(0..)) {
                return Err("fuel must not be negative".into());
            }
        }
        Op::TrapIf => match imm {
            Imm::Trap(code) if op.row().traps.contains(code) => {}
            _ => return Err("this code cannot be raised here".into()),
        },
        Op::Call => {
            let callee = callee.ok_or("there is no such function")?;
            check_arguments(schema, callee.params, args)?;
            return Ok(callee.returns.cloned());
        }
    }
    Ok(None)
}

/// Whether `args` are arguments for `params` (declared types).
pub(super) fn check_arguments(schema: &Schema, params: &[Type], args: &[&Type]) -> Result<(), String> {
    if params.len() != args.len() {
        return Err(format!("the function takes {} arguments, not {}", params.len(), args.len()));
    }
    for (index, (param, arg)) in params.iter().zip(args).enumerate() {
        expect(schema, &format_args!("argument {}", index + 1), arg, param)?;
    }
    Ok(())
}

fn imm_type(imm: &Imm) -> Option<&Type> {
    match imm {
        Imm::Type(ty) => Some(ty),
        _ => None,
    }
}

fn same_types(schema: &Schema, args: &[&Type], a: usize, b: usize) -> Result<Type, String> {
    match (args.get(a), args.get(b)) {
        (Some(a), Some(b)) if a == b => Ok((*a).clone()),
        (Some(a), Some(b)) => Err(format!("both must have one type, not {} and {}", schema.show(a), schema.show(b))),
        _ => Err("an operand is missing".into()),
    }
}

fn field_of<'a>(schema: &'a Schema, args: &[&Type], imm: &Imm) -> Result<&'a Type, String> {
    match (args.first(), imm) {
        (Some(Type::Struct(of)), Imm::Field(id, field)) if of == id => {
            field_type(schema, *id, *field).ok_or_else(|| "there is no such field".into())
        }
        _ => Err("the field must be one of the struct's".into()),
    }
}

fn element_of<'a>(args: &[&'a Type]) -> Result<&'a Type, String> {
    args.first().and_then(|ty| ty.element()).ok_or_else(|| "needs a list".into())
}

fn entry_of<'a>(args: &[&'a Type]) -> Result<(&'a Type, &'a Type), String> {
    match args.first() {
        Some(Type::Map(key, value)) => Ok((key, value)),
        _ => Err("needs a map".into()),
    }
}
