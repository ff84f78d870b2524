//! Where each field lives in a record (DESIGN "State"): fixed offsets, natural alignment, widest first.

use crate::schema::StructDef;
use crate::ty::{IntKind, Type};

/// How a field is stored in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Repr {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    /// Number of a string, list, map, bytes or box; 0 is null (of a nullable).
    Handle,
    /// A reference to a record: generation in the high half, row in the low; 0 is null.
    Reference,
}

impl Repr {
    /// Bytes: 1, 2, 4 or 8; also the alignment.
    pub const fn size(self) -> usize {
        match self {
            Repr::Bool | Repr::I8 | Repr::U8 => 1,
            Repr::I16 | Repr::U16 => 2,
            Repr::I32 | Repr::U32 | Repr::F32 | Repr::Handle => 4,
            Repr::I64 | Repr::U64 | Repr::F64 | Repr::Reference => 8,
        }
    }

    /// How values of `ty` are stored.
    pub fn of(ty: &Type) -> Repr {
        match ty {
            Type::Bool => Repr::Bool,
            Type::Int(kind) => match kind {
                IntKind::I8 => Repr::I8,
                IntKind::I16 => Repr::I16,
                IntKind::I32 => Repr::I32,
                IntKind::I64 => Repr::I64,
                IntKind::U8 => Repr::U8,
                IntKind::U16 => Repr::U16,
                IntKind::U32 => Repr::U32,
                IntKind::U64 => Repr::U64,
            },
            Type::Float32 => Repr::F32,
            Type::Float64 => Repr::F64,
            Type::String | Type::Uuid | Type::Bytes | Type::List(_) | Type::Map(..) | Type::Record(_) => Repr::Handle,
            Type::Struct(_) => Repr::Reference,
            Type::Nullable(inner) => match **inner {
                Type::Struct(_) => Repr::Reference,
                _ => Repr::Handle,
            },
        }
    }
}

/// One field's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSlot {
    /// Bytes from the start of the record, a multiple of the size.
    pub offset: u32,
    /// How it is stored there.
    pub repr: Repr,
}

/// Where the fields of a struct type live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLayout {
    /// In declared order of the fields.
    pub fields: Vec<FieldSlot>,
    /// Bytes of a record, a multiple of 8.
    pub stride: u32,
}

impl RecordLayout {
    /// Widest fields first, so that nothing is lost to padding; among equals, declared order.
    pub fn of(def: &StructDef) -> RecordLayout {
        let mut fields: Vec<FieldSlot> =
            def.fields.iter().map(|field| FieldSlot { offset: 0, repr: Repr::of(&field.ty) }).collect();
        let mut offset = 0;
        for size in [8, 4, 2, 1] {
            for field in fields.iter_mut().filter(|field| field.repr.size() == size) {
                field.offset = offset;
                offset += size as u32;
            }
        }
        RecordLayout { fields, stride: offset.next_multiple_of(8).max(8) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

    use super::*;
    use crate::StructId;
    use crate::schema::{FieldDef, Initial, Role, Writer};

    fn record(types: &[Type]) -> RecordLayout {
        let field = |ty: &Type| FieldDef {
            name: "f".into(),
            id: 1,
            ty: ty.clone(),
            key: None,
            audience: Vec::new(),
            writer: Writer::Anyone,
            step: None,
            was: Vec::new(),
            default: Initial::Zero,
            optional: false,
            team: false,
            docs: String::new(),
        };
        let fields = types.iter().map(field).collect();
        let (name, docs, was) = ("T".into(), String::new(), Vec::new());
        RecordLayout::of(&StructDef { name, id: 1, role: Role::Helper, owner_field: None, was, fields, docs })
    }

    fn any_type() -> impl Strategy<Value = Type> {
        let ints = IntKind::ALL.into_iter().map(Type::Int);
        let scalars = [Type::Bool, Type::Float32, Type::Float64, Type::String, Type::Bytes, Type::Uuid];
        let leaf = prop::sample::select(ints.chain(scalars).chain([Type::Struct(StructId(0))]).collect::<Vec<_>>());
        leaf.prop_recursive(2, 4, 1, |inner| {
            prop_oneof![
                inner.clone().prop_map(Type::list),
                inner.clone().prop_map(Type::nullable),
                inner.prop_map(|value| Type::map(Type::String, value)),
            ]
        })
    }

    #[test]
    fn fields_are_aligned_and_apart() {
        let config = Config { cases: 500, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let check = |types: Vec<Type>| {
            let layout = record(&types);
            prop_assert_eq!(layout.fields.len(), types.len());
            prop_assert_eq!(layout.stride % 8, 0);
            let mut taken = vec![false; layout.stride as usize];
            for (field, ty) in layout.fields.iter().zip(&types) {
                let (start, size) = (field.offset as usize, field.repr.size());
                prop_assert_eq!(field.repr, Repr::of(ty));
                prop_assert_eq!(start % size, 0, "aligned");
                prop_assert!(start + size <= taken.len(), "inside");
                for byte in &mut taken[start..start + size] {
                    prop_assert!(!*byte, "apart");
                    *byte = true;
                }
            }
            // Only the end is padded, and a record is never empty.
            let used = taken.iter().filter(|byte| **byte).count();
            prop_assert!(taken[..used].iter().all(|byte| *byte));
            prop_assert_eq!(taken.len(), used.next_multiple_of(8).max(8));
            Ok(())
        };
        runner.run(&prop::collection::vec(any_type(), 0..40), check).unwrap();
    }

    #[test]
    fn widest_fields_come_first_and_equals_in_order() {
        let layout =
            record(&[Type::Bool, Type::INT, Type::String, Type::Bool, Type::Struct(StructId(3)), Type::Float32]);
        let offsets: Vec<u32> = layout.fields.iter().map(|field| field.offset).collect();
        assert_eq!(offsets, [24, 0, 16, 25, 8, 20]);
        assert_eq!(layout.stride, 32);
    }

    #[test]
    fn a_nullable_struct_is_a_reference_and_any_other_nullable_a_handle() {
        assert_eq!(Repr::of(&Type::nullable(Type::Struct(StructId(0)))), Repr::Reference);
        assert_eq!(Repr::of(&Type::nullable(Type::INT)), Repr::Handle);
        assert_eq!(Repr::of(&Type::list(Type::Struct(StructId(0)))), Repr::Handle);
    }
}
