//! Values at the edge: parameters, event payloads, state as a host sees it. Inside an execution values are
//! 64-bit slots (see `docs/architecture.md`).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::Diagnostic;

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

    /// About how much it holds: 8 for each scalar, list, map and entry of one, and the bytes of its texts.
    pub fn weight(&self) -> u64 {
        let (mut weight, mut rest) = (0u64, vec![self]);
        while let Some(value) = rest.pop() {
            let own = match value {
                Value::Null | Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => 8,
                Value::Str(text) => 8 + text.len() as u64,
                Value::Bytes(bytes) => 8 + bytes.len() as u64,
                Value::List(elements) => {
                    rest.extend(elements);
                    8
                }
                Value::Map(entries) => {
                    rest.extend(entries.iter().map(|(_, value)| value));
                    8 + 8 * entries.len() as u64
                }
            };
            weight = weight.saturating_add(own);
        }
        weight
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

/// Compact JSON, as [`json::to_string`](crate::json::to_string) writes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::json::to_string(self))
    }
}

/// From JSON; see [`json`](mod@crate::json) for its limits. Bytes stay base64 text.
impl FromStr for Value {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Value, Diagnostic> {
        let tree = crate::json::parse(text)?;
        Ok(tree.value(tree.root()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_and_read_as_json() {
        let text = r#"{"a":[1,2.5,"x",null,true],"b":{}}"#;
        let value: Value = text.parse().expect("good JSON");
        assert_eq!(value.to_string(), text);
        assert_eq!("[1,]".parse::<Value>().expect_err("bad JSON").code, "E008");
    }
}
