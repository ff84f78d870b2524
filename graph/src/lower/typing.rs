//! Types that only checking knows, and how two types meet.

use std::sync::{Arc, LazyLock};

use statewright_types::{RecordType, Schema, Type};

static NEVER: LazyLock<Type> =
    LazyLock::new(|| Type::Record(Arc::new(RecordType { fields: vec![(Arc::from("\0never"), Type::Bool)] })));

/// The type of no value: the element of an empty literal, the inside of a bare null.
pub(crate) fn never() -> Type {
    NEVER.clone()
}

/// Whether `ty` is [`never`].
pub(crate) fn is_never(ty: &Type) -> bool {
    *ty == *NEVER
}

/// Whether a value of `ty` may be changed in place or refers to something that may.
pub(crate) fn is_container(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Map(..))
}

/// The type that both fit, without asking for a conversion that would be worth a warning.
pub(crate) fn join(a: &Type, b: &Type) -> Option<Type> {
    if a == b || is_never(b) {
        return Some(a.clone());
    }
    if is_never(a) {
        return Some(b.clone());
    }
    match (a, b) {
        (Type::Nullable(x), Type::Nullable(y)) => join(x, y).map(Type::nullable),
        (Type::Nullable(x), y) | (y, Type::Nullable(x)) => join(x, y).map(Type::nullable),
        (x, y) if x.is_float() && y.is_number() || y.is_float() && x.is_number() => Some(Type::Float64),
        (x, y) if x.is_int() && y.is_int() => Some(Type::INT),
        (Type::String, Type::Uuid) | (Type::Uuid, Type::String) => Some(Type::String),
        (Type::List(x), Type::List(y)) => join(x, y).map(Type::list),
        (Type::Map(k, x), Type::Map(l, y)) => Some(Type::map(join(k, l)?, join(x, y)?)),
        (Type::Record(x), Type::Record(y)) if x.fields.len() == y.fields.len() => {
            let fields = x.fields.iter().zip(&y.fields);
            let fields = fields.map(|((n, t), (m, u))| if n == m { Some((n.clone(), join(t, u)?)) } else { None });
            Some(Type::Record(Arc::new(RecordType { fields: fields.collect::<Option<_>>()? })))
        }
        _ => None,
    }
}

/// A type's text for messages.
pub(crate) fn show(schema: &Schema, ty: &Type) -> String {
    match ty {
        Type::Nullable(inner) if is_never(inner) => "null".into(),
        Type::List(inner) if is_never(inner) => "an empty array".into(),
        Type::Record(_) if is_never(ty) => "nothing".into(),
        other => schema.show(other).to_string(),
    }
}
