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
