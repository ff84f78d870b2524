//! Static types (LANGUAGE §3). Every value of a checked document has exactly one.

use std::fmt;
use std::sync::Arc;

use crate::schema::StructId;

/// Width and sign of an integer as it is stored. Computation is always on 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum IntKind {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

impl IntKind {
    /// Every kind, narrow to wide.
    pub const ALL: [IntKind; 8] =
        [IntKind::I8, IntKind::I16, IntKind::I32, IntKind::I64, IntKind::U8, IntKind::U16, IntKind::U32, IntKind::U64];

    /// The name in schemas and documents.
    pub const fn name(self) -> &'static str {
        match self {
            IntKind::I8 => "int8",
            IntKind::I16 => "int16",
            IntKind::I32 => "int32",
            IntKind::I64 => "int64",
            IntKind::U8 => "uint8",
            IntKind::U16 => "uint16",
            IntKind::U32 => "uint32",
            IntKind::U64 => "uint64",
        }
    }

    /// Bytes in a record: 1, 2, 4 or 8.
    pub const fn size(self) -> usize {
        match self {
            IntKind::I8 | IntKind::U8 => 1,
            IntKind::I16 | IntKind::U16 => 2,
            IntKind::I32 | IntKind::U32 => 4,
            IntKind::I64 | IntKind::U64 => 8,
        }
    }

    /// The smallest and the largest value.
    pub const fn range(self) -> (i128, i128) {
        match self {
            IntKind::I8 => (i8::MIN as i128, i8::MAX as i128),
            IntKind::I16 => (i16::MIN as i128, i16::MAX as i128),
            IntKind::I32 => (i32::MIN as i128, i32::MAX as i128),
            IntKind::I64 => (i64::MIN as i128, i64::MAX as i128),
            IntKind::U8 => (0, u8::MAX as i128),
            IntKind::U16 => (0, u16::MAX as i128),
            IntKind::U32 => (0, u32::MAX as i128),
            IntKind::U64 => (0, u64::MAX as i128),
        }
    }
}

/// A map literal without a destination: fields by name, in document order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordType {
    /// Name and type of each field.
    pub fields: Vec<(Arc<str>, Type)>,
}

impl RecordType {
    /// Index of the field called `name`.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|(field, _)| &**field == name)
    }
}

/// A static type. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `bool`
    Bool,
    /// `int8` … `uint64`; `int` is `int64`.
    Int(IntKind),
    /// `float32`, held as binary64 and rounded on store.
    Float32,
    /// `float64`, `float`
    Float64,
    /// `string`, UTF-8
    String,
    /// `bytes`, `[]byte`
    Bytes,
    /// `uuid`: text in the usual hyphenated form.
    Uuid,
    /// `[]T`
    List(Arc<Type>),
    /// `map[K]V`; K is a string, a uuid or an integer.
    Map(Arc<Type>, Arc<Type>),
    /// `*T`
    Nullable(Arc<Type>),
    /// A struct of the schema: a live reference or a value, told apart at run time.
    Struct(StructId),
    /// An anonymous record, always a value.
    Record(Arc<RecordType>),
}

impl Type {
    /// `int64`, the type integers are computed in.
    pub const INT: Type = Type::Int(IntKind::I64);

    /// `[]element`
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    /// `map[key]value`
    pub fn map(key: Type, value: Type) -> Type {
        Type::Map(Arc::new(key), Arc::new(value))
    }

    /// `*inner`; a nullable stays as it is.
    pub fn nullable(inner: Type) -> Type {
        match inner {
            Type::Nullable(_) => inner,
            other => Type::Nullable(Arc::new(other)),
        }
    }

    /// What is left without the `*`.
    pub fn non_null(&self) -> &Type {
        match self {
            Type::Nullable(inner) => inner,
            other => other,
        }
    }

    /// The type a value of this type has once loaded: integers but `uint64` are `int64`, floats are `float64`.
    /// Only fields, elements and parameters are narrow.
    pub fn loaded(&self) -> Type {
        match self {
            Type::Int(IntKind::U64) => Type::Int(IntKind::U64),
            Type::Int(_) => Type::INT,
            Type::Float32 => Type::Float64,
            other => other.clone(),
        }
    }

    /// Whether values of this type have it as they are computed with; see [`Type::loaded`].
    pub fn is_loaded(&self) -> bool {
        !matches!(self, Type::Float32)
            && !matches!(self, Type::Int(kind) if !matches!(kind, IntKind::I64 | IntKind::U64))
    }

    /// Any integer.
    pub fn is_int(&self) -> bool {
        matches!(self, Type::Int(_))
    }

    /// Either float.
    pub fn is_float(&self) -> bool {
        matches!(self, Type::Float32 | Type::Float64)
    }

    /// Any integer or float.
    pub fn is_number(&self) -> bool {
        self.is_int() || self.is_float()
    }

    /// `string` or `uuid`.
    pub fn is_text(&self) -> bool {
        matches!(self, Type::String | Type::Uuid)
    }

    /// Whether this type may be the K of `map[K]V`.
    pub fn is_map_key(&self) -> bool {
        self.is_text() || self.is_int()
    }

    /// The element type of a list.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(element) => Some(element),
            _ => None,
        }
    }

    /// The name of a type that needs no schema; `None` for other names.
    pub fn scalar_by_name(name: &str) -> Option<Type> {
        Some(match name {
            "bool" => Type::Bool,
            "int" => Type::INT,
            "uint" => Type::Int(IntKind::U64),
            "float32" => Type::Float32,
            "float64" | "float" => Type::Float64,
            "string" => Type::String,
            "bytes" | "[]byte" => Type::Bytes,
            "uuid" => Type::Uuid,
            other => return IntKind::ALL.into_iter().find(|kind| kind.name() == other).map(Type::Int),
        })
    }

    /// Shows the type with struct names looked up by `name_of`.
    pub fn display<'a>(&'a self, name_of: &'a dyn Fn(StructId) -> Arc<str>) -> impl fmt::Display + 'a {
        TypeText { ty: self, name_of }
    }
}

struct TypeText<'a> {
    ty: &'a Type,
    name_of: &'a dyn Fn(StructId) -> Arc<str>,
}

impl fmt::Display for TypeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = |ty| TypeText { ty, name_of: self.name_of };
        match self.ty {
            Type::Bool => f.write_str("bool"),
            Type::Int(kind) => f.write_str(kind.name()),
            Type::Float32 => f.write_str("float32"),
            Type::Float64 => f.write_str("float64"),
            Type::String => f.write_str("string"),
            Type::Bytes => f.write_str("bytes"),
            Type::Uuid => f.write_str("uuid"),
            Type::List(element) => write!(f, "[]{}", inner(element)),
            Type::Map(key, value) => write!(f, "map[{}]{}", inner(key), inner(value)),
            Type::Nullable(ty) => write!(f, "*{}", inner(ty)),
            Type::Struct(id) => f.write_str(&(self.name_of)(*id)),
            Type::Record(record) => {
                f.write_str("{")?;
                for (index, (name, ty)) in record.fields.iter().enumerate() {
                    let separator = if index > 0 { ", " } else { "" };
                    write!(f, "{separator}{name:?}: {}", inner(ty))?;
                }
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::parse_type;

    fn read(text: &str) -> Result<Type, String> {
        parse_type(text, &|name| (name == "Player").then_some(StructId(3)))
    }

    #[test]
    fn what_is_shown_reads_back() {
        let name_of = |_| Arc::from("Player");
        for text in ["bool", "uint16", "float32", "[]*Player", "map[int8][]string", "*map[uuid]bytes", "[][][]int64"] {
            let ty = read(text).unwrap();
            assert_eq!(ty.display(&name_of).to_string(), text);
        }
        assert_eq!(read("**int"), Ok(Type::nullable(Type::INT)));
        assert_eq!(read(" []  byte "), Err("there is no type `byte`".to_owned()));
        assert_eq!(read("[]byte"), Ok(Type::Bytes));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in ["", "[]", "map[string", "map[]int", "map[float64]int", "map[Player]int", "player", "*", "int 32"] {
            assert!(read(text).is_err(), "{text:?}");
        }
        assert!(read(&("[]".repeat(16) + "int")).is_ok());
        assert!(read(&("[]".repeat(17) + "int")).is_err());
        assert!(read(&"[]".repeat(1_000_000)).is_err());
    }

    #[test]
    fn narrow_types_load_wide() {
        for kind in IntKind::ALL {
            let loaded = Type::Int(kind).loaded();
            assert_eq!(loaded, if kind == IntKind::U64 { Type::Int(IntKind::U64) } else { Type::INT });
            assert_eq!(Type::Int(kind).is_loaded(), Type::Int(kind) == loaded);
            let (min, max) = kind.range();
            assert_eq!(u128::try_from(max - min).unwrap() + 1, 1 << (8 * kind.size()));
        }
        assert_eq!(Type::Float32.loaded(), Type::Float64);
        assert!(Type::Float64.is_loaded() && !Type::Float32.is_loaded());
    }
}
