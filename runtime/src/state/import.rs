//! From values of the outside to slots: the conversions of LANGUAGE R3.4 for what comes from a client, a test or a file.

use std::fmt;

use statewright_types::json::base64_decode;
use statewright_types::{IntKind, StructId, Type, Value, number};

use super::{NESTING, State};

/// Why a value does not have the type that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// Where in the value: `.Field`, `[3]`, `["key"]`; empty for the value itself.
    pub path: String,
    /// What would fit.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl ImportError {
    fn new(expected: impl Into<String>, found: impl Into<String>) -> ImportError {
        ImportError { path: String::new(), expected: expected.into(), found: found.into() }
    }

    fn within(mut self, step: &str) -> ImportError {
        self.path.insert_str(0, step);
        self
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path.trim_start_matches('.'))?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for ImportError {}

impl State {
    /// A value from outside as a value of type `ty`. An integer is fine for a float, a float never for an integer;
    /// integers must be in range; bytes may be base64 text, non-finite floats their names; integer map keys are text.
    /// Missing struct fields take schema defaults, missing record fields must be nullable.
    ///
    /// # Errors
    /// Names the first part that does not fit.
    #[inline]
    pub fn import(&mut self, ty: &Type, value: &Value) -> Result<u64, ImportError> {
        match (ty, value) {
            (Type::Int(kind), Value::Int(value)) if holds(*kind, *value) => Ok(*value as u64),
            _ => self.import_at(ty, value, 0),
        }
    }

    fn import_at(&mut self, ty: &Type, value: &Value, depth: usize) -> Result<u64, ImportError> {
        if depth > NESTING {
            return Err(ImportError::new(format!("at most {NESTING} levels of nesting"), "more"));
        }
        let wrong = || ImportError::new(self.schema.show(ty).to_string(), describe(value));
        match (ty, value) {
            (Type::Nullable(_), Value::Null) => Ok(0),
            (Type::Nullable(inner), _) => {
                let slot = self.import_at(inner, value, depth)?;
                Ok(self.some(ty, slot))
            }
            (Type::Bool, Value::Bool(value)) => Ok(u64::from(*value)),
            (Type::Int(kind), Value::Int(value)) => import_int(*kind, i128::from(*value)),
            (Type::Int(kind), Value::UInt(value)) => import_int(*kind, i128::from(*value)),
            (Type::Float32 | Type::Float64, _) => {
                let float = match value {
                    Value::Float(value) => *value,
                    Value::Int(value) => *value as f64,
                    Value::UInt(value) => *value as f64,
                    Value::Str(text) => number::non_finite(text).ok_or_else(wrong)?,
                    _ => return Err(wrong()),
                };
                let id = self.types.id(ty);
                Ok(self.types.kind(id).normalise(float.to_bits()))
            }
            (Type::String | Type::Uuid, Value::Str(text)) => {
                if text.len() as u64 > self.limits.string_bytes {
                    let most = format!("at most {} bytes of text", self.limits.string_bytes);
                    return Err(ImportError::new(most, format!("{} bytes", text.len())));
                }
                Ok(self.string_of(text))
            }
            (Type::Bytes, Value::Bytes(bytes)) => Ok(self.bytes(bytes)),
            (Type::Bytes, Value::Str(text)) => {
                let bytes = base64_decode(text).ok_or_else(|| ImportError::new("bytes as base64", describe(value)))?;
                Ok(self.bytes(&bytes))
            }
            (Type::List(element), Value::List(elements)) => {
                let mut slots = Vec::with_capacity(elements.len());
                for (at, value) in elements.iter().enumerate() {
                    let slot = self.import_at(element, value, depth + 1);
                    slots.push(slot.map_err(|error| error.within(&format!("[{at}]")))?);
                }
                self.list_new(ty, &slots).map_err(|_| too_many(elements.len()))
            }
            (Type::Map(key, inner), Value::Map(entries)) => {
                let mut slots = Vec::with_capacity(entries.len() * 2);
                for (name, value) in entries {
                    let within = |error: ImportError| error.within(&format!("[{name:?}]"));
                    slots.push(self.import_key(key, name).map_err(within)?);
                    slots.push(self.import_at(inner, value, depth + 1).map_err(within)?);
                }
                self.map_new(ty, &slots).map_err(|_| too_many(entries.len()))
            }
            (Type::Struct(id), Value::Map(entries)) => self.import_struct(*id, entries, depth),
            (Type::Record(record), Value::Map(entries)) => {
                let record = record.clone();
                if let Some((name, _)) = entries.iter().find(|(name, _)| record.index(name).is_none()) {
                    return Err(ImportError::new("no such field", format!("`{name}`")));
                }
                let mut slots = Vec::with_capacity(record.fields.len());
                for (name, ty) in &record.fields {
                    let value = value.get(name).unwrap_or(&Value::Null);
                    let slot = self.import_at(ty, value, depth + 1);
                    slots.push(slot.map_err(|error| error.within(&format!(".{name}")))?);
                }
                Ok(self.record_new(&record, &slots))
            }
            _ => Err(wrong()),
        }
    }

    fn import_key(&mut self, key: &Type, name: &str) -> Result<u64, ImportError> {
        match key {
            Type::Int(kind) => {
                let number: Option<i128> = name.parse().ok().filter(|number: &i128| number.to_string() == name);
                let number = number.ok_or_else(|| ImportError::new("an integer as key", format!("{name:?}")))?;
                import_int(*kind, number)
            }
            _ => Ok(self.string(name)),
        }
    }

    fn import_struct(
        &mut self,
        id: StructId,
        entries: &[(std::sync::Arc<str>, Value)],
        depth: usize,
    ) -> Result<u64, ImportError> {
        let schema = self.schema.clone();
        let Some(def) = schema.types().get(id.index()) else {
            return Err(ImportError::new("a type of the schema", "another"));
        };
        let record = self.struct_new(id);
        for (name, value) in entries {
            let Some((at, field)) = def.field(name).and_then(|at| Some((at, def.fields.get(at)?))) else {
                return Err(ImportError::new(format!("a field of {}", def.name), format!("`{name}`")));
            };
            let within = |error: ImportError| error.within(&format!(".{name}"));
            let slot = self.import_at(&field.ty, value, depth + 1).map_err(within)?;
            let stored = self.struct_init(record, id, at as u32, slot);
            stored.map_err(|trap| within(ImportError::new(def.name.to_string(), trap.message())))?;
        }
        Ok(record)
    }
}

/// Whether an integer is in the range of its kind.
#[inline]
fn holds(kind: IntKind, value: i64) -> bool {
    // What most are, without a jump through a table.
    if kind == IntKind::I64 {
        return true;
    }
    match kind {
        IntKind::I8 => i8::try_from(value).is_ok(),
        IntKind::I16 => i16::try_from(value).is_ok(),
        IntKind::I32 => i32::try_from(value).is_ok(),
        IntKind::I64 => true,
        IntKind::U8 => u8::try_from(value).is_ok(),
        IntKind::U16 => u16::try_from(value).is_ok(),
        IntKind::U32 => u32::try_from(value).is_ok(),
        IntKind::U64 => value >= 0,
    }
}

fn import_int(kind: IntKind, value: i128) -> Result<u64, ImportError> {
    let (low, high) = kind.range();
    if value < low || value > high {
        return Err(ImportError::new(format!("{} ({low} to {high})", kind.name()), value.to_string()));
    }
    // In range of 64 bits, signed or unsigned: the low half is the slot.
    Ok(value as u64)
}

fn too_many(entries: usize) -> ImportError {
    ImportError::new("a collection within the limit of entries", format!("{entries} entries"))
}

/// A value in few words, for messages.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::UInt(value) => value.to_string(),
        Value::Float(value) => format!("the float {}", number::float_text(*value)),
        Value::Str(text) if text.len() <= 40 => format!("the text {text:?}"),
        Value::Str(_) => "a text".into(),
        Value::Bytes(_) => "bytes".into(),
        Value::List(_) => "a list".into(),
        Value::Map(_) => "a map".into(),
    }
}
