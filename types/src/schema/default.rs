//! Whether a default fits its field, and the value that it is then.

use std::collections::HashSet;
use std::sync::Arc;

use super::{StructDef, show_with};
use crate::json;
use crate::number::{self, Number};
use crate::scalar::fround32;
use crate::ty::IntKind;
use crate::{Type, Value};

/// Reads a default that is given as text: the type says what the text means. `Err` says what is wrong.
pub(crate) fn from_text(text: &str, ty: &Type, types: &[StructDef]) -> Result<Value, String> {
    match ty {
        Type::String | Type::Uuid | Type::Bytes => fit(&Value::str(text), ty, types),
        Type::Nullable(_) if text == "null" => Ok(Value::Null),
        Type::Nullable(inner) => from_text(text, inner, types),
        Type::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(format!("`{text}` is neither true nor false")),
        },
        Type::Int(_) | Type::Float32 | Type::Float64 => match number::parse(text).map(Number::as_value) {
            Some(value) => fit(&value, ty, types),
            None if ty.is_float() => number::non_finite(text).map(Value::Float).ok_or(format!("`{text}` is no number")),
            None => Err(format!("`{text}` is no number")),
        },
        Type::List(_) | Type::Map(..) | Type::Struct(_) | Type::Record(_) => match json::parse(text) {
            Ok(tree) => fit(&tree.value(tree.root()), ty, types),
            Err(problem) => Err(format!("it is no JSON: {}", problem.message)),
        },
    }
}

/// `value` as a value of `ty`: integers become floats, text becomes bytes, fields and keys stand in their order. A
/// struct may name only some of its fields. `Err` says what does not fit. As deep as the value nests.
pub(crate) fn fit(value: &Value, ty: &Type, types: &[StructDef]) -> Result<Value, String> {
    let misfit = || Err(format!("{} is no {}", shown(value), show_with(types, ty)));
    match (ty, value) {
        (Type::Bool, Value::Bool(_)) | (Type::String, Value::Str(_)) => Ok(value.clone()),
        (Type::Int(kind), Value::Int(number)) => fit_int(*kind, i128::from(*number)).map(|()| value.clone()),
        (Type::Int(kind), Value::UInt(number)) => fit_int(*kind, i128::from(*number)).map(|()| value.clone()),
        (Type::Float32 | Type::Float64, Value::Int(number)) => Ok(float(ty, *number as f64)),
        (Type::Float32 | Type::Float64, Value::UInt(number)) => Ok(float(ty, *number as f64)),
        (Type::Float32 | Type::Float64, Value::Float(number)) => Ok(float(ty, *number)),
        (Type::Float32 | Type::Float64, Value::Str(text)) => match number::non_finite(text) {
            Some(number) => Ok(Value::Float(number)),
            None => misfit(),
        },
        (Type::Uuid, Value::Str(text)) => match uuid(text) {
            Some(text) => Ok(Value::str(text)),
            None => Err(format!("\"{text}\" is no uuid such as 123e4567-e89b-42d3-a456-426614174000")),
        },
        (Type::Bytes, Value::Bytes(_)) => Ok(value.clone()),
        (Type::Bytes, Value::Str(text)) => match json::base64_decode(text) {
            Some(data) => Ok(Value::Bytes(data.into())),
            None => Err(format!("\"{text}\" is no base64")),
        },
        (Type::Nullable(_), Value::Null) => Ok(Value::Null),
        (Type::Nullable(inner), value) => fit(value, inner, types),
        (Type::List(element), Value::List(values)) => {
            let fitted = values.iter().enumerate().map(|(index, value)| {
                fit(value, element, types).map_err(|problem| format!("in element {index}: {problem}"))
            });
            fitted.collect::<Result<_, _>>().map(Value::List)
        }
        (Type::Map(key, element), Value::Map(entries)) => fit_map(key, element, entries, types),
        (Type::Struct(id), Value::Map(entries)) => match types.get(id.index()) {
            Some(def) => fit_struct(def, entries, types),
            None => misfit(),
        },
        _ => misfit(),
    }
}

fn fit_int(kind: IntKind, number: i128) -> Result<(), String> {
    let (min, max) = kind.range();
    if (min..=max).contains(&number) { Ok(()) } else { Err(format!("{number} is not from {min} to {max}")) }
}

fn float(ty: &Type, number: f64) -> Value {
    Value::Float(if *ty == Type::Float32 { fround32(number) } else { number })
}

fn fit_map(key: &Type, element: &Type, entries: &[(Arc<str>, Value)], types: &[StructDef]) -> Result<Value, String> {
    let mut fitted: Vec<(Option<i128>, Arc<str>, Value)> = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        let (order, name) = match key {
            Type::Int(kind) => {
                let number = name.parse::<i128>().ok().filter(|number| number.to_string() == **name);
                let number = number.ok_or_else(|| format!("the key \"{name}\" is no integer"))?;
                fit_int(*kind, number).map_err(|problem| format!("the key {problem}"))?;
                (Some(number), name.clone())
            }
            Type::Uuid => (None, uuid(name).ok_or_else(|| format!("the key \"{name}\" is no uuid"))?.into()),
            _ => (None, name.clone()),
        };
        let value = fit(value, element, types).map_err(|problem| format!("in entry \"{name}\": {problem}"))?;
        fitted.push((order, name, value));
    }
    fitted.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    if let Some(twice) = fitted.windows(2).find(|pair| pair[0].1 == pair[1].1) {
        return Err(format!("the key \"{}\" stands twice", twice[0].1));
    }
    Ok(Value::Map(fitted.into_iter().map(|(_, name, value)| (name, value)).collect()))
}

fn fit_struct(def: &StructDef, entries: &[(Arc<str>, Value)], types: &[StructDef]) -> Result<Value, String> {
    let mut given = HashSet::new();
    for (name, _) in entries {
        if def.field(name).is_none() {
            return Err(format!("`{}` has no field `{name}`", def.name));
        }
        if !given.insert(name) {
            return Err(format!("the field `{name}` stands twice"));
        }
    }
    let mut fitted = Vec::with_capacity(entries.len());
    for field in &def.fields {
        if let Some((name, value)) = entries.iter().find(|(name, _)| *name == field.name) {
            let value = fit(value, &field.ty, types).map_err(|problem| format!("in field `{name}`: {problem}"))?;
            fitted.push((name.clone(), value));
        }
    }
    Ok(Value::Map(fitted))
}

/// The lower-case form of a uuid; the empty text, its zero, as it is. `None` for anything else.
fn uuid(text: &str) -> Option<String> {
    let fits = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let whole = text.len() == 36 && text.bytes().enumerate().all(fits);
    (whole || text.is_empty()).then(|| text.to_ascii_lowercase())
}

/// A value for a message, short.
fn shown(value: &Value) -> String {
    let text = json::to_string(value);
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
