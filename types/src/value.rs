//! Values at the edge: parameters, event payloads, state as a host sees it. Inside an execution values are
//! 64-bit slots (see `docs/architecture.md`).

use std::sync::Arc;

/// A self-contained value. Equality is by content; floats compare by bits, so that NaN equals itself.
#[derive(Clone, Debug)]
pub enum Value {
    /// No value.
    Null,
    /// true or false
    Bool(bool),
    /// An integer that fits 64 signed bits.
    Int(i64),
    /// An integer above `i64::MAX`; smaller ones are always `Int`.
    UInt(u64),
    /// A binary64.
    Float(f64),
    /// Text.
    Str(Arc<str>),
    /// Bytes, base64 in JSON.
    Bytes(Arc<[u8]>),
    /// Elements in order.
    List(Vec<Value>),
    /// Entries in order: fields as declared, or map entries in ascending key order.
    Map(Vec<(Arc<str>, Value)>),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::UInt(a), Value::UInt(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::List(a), Value::List(b)) => a == b,
            (Value::Map(a), Value::Map(b)) => a == b,
            _ => false,
        }
    }
}

impl Value {
    /// A string value.
    pub fn str(text: impl Into<Arc<str>>) -> Value {
        Value::Str(text.into())
    }

    /// A map of the given entries, in the given order.
    pub fn map<K: Into<Arc<str>>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// An unsigned integer, as `Int` where it fits.
    pub fn uint(value: u64) -> Value {
        i64::try_from(value).map_or(Value::UInt(value), Value::Int)
    }

    /// The entry called `key` of a map.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(entries) => entries.iter().find(|(name, _)| &**name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The element at `index` of a list.
    pub fn at(&self, index: usize) -> Option<&Value> {
        match self {
            Value::List(elements) => elements.get(index),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($ty:ty => $make:expr;)*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Value { ($make)(value) }
        }
    )*};
}

from! {
    bool => Value::Bool;
    i32 => |v| Value::Int(i64::from(v));
    i64 => Value::Int;
    u64 => Value::uint;
    f64 => Value::Float;
    &str => Value::str;
    String => Value::str;
    Vec<Value> => Value::List;
}
