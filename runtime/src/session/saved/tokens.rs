//! Values of suspended activations as a flat list of tokens, each container before its parts: values nest deeper than JSON
//! may.

use statewright_types::json::{base64_decode, base64_encode};
use statewright_types::{Limits, Schema, Value};

use crate::state::Saved;

/// How deep values of activations nest at most; static types bound it far below.
const DEPTH: usize = 8 * Limits::JSON_DEPTH;

/// Appends `saved` to `tokens`.
pub(super) fn write(saved: &Saved, schema: &Schema, tokens: &mut Vec<Value>) {
    let name = |ty: &statewright_types::StructId| {
        schema.types().get(ty.index()).map_or(Value::Null, |def| Value::Str(def.name.clone()))
    };
    let count = |key: &'static str, count: usize| Value::map([(key, Value::uint(count as u64))]);
    match saved {
        Saved::Null => tokens.push(Value::Null),
        Saved::Slot(bits) => tokens.push(Value::uint(*bits)),
        Saved::Text(text) => tokens.push(Value::Str(text.clone())),
        Saved::Bytes(bytes) => tokens.push(Value::map([("bytes", Value::from(base64_encode(bytes)))])),
        Saved::Some(inside) => {
            tokens.push(count("some", 1));
            write(inside, schema, tokens);
        }
        Saved::List(parts) | Saved::Fields(parts) => {
            let key = if matches!(saved, Saved::List(_)) { "list" } else { "fields" };
            tokens.push(count(key, parts.len()));
            parts.iter().for_each(|part| write(part, schema, tokens));
        }
        Saved::Map(entries) => {
            tokens.push(count("map", entries.len()));
            for (key, value) in entries {
                write(key, schema, tokens);
                write(value, schema, tokens);
            }
        }
        Saved::Live { ty, record } => {
            tokens.push(Value::map([("live", Value::from(vec![name(ty), Value::uint(*record)]))]));
        }
        Saved::Container { ty, record, field } => {
            let of = vec![name(ty), Value::uint(*record), Value::uint(u64::from(*field))];
            tokens.push(Value::map([("container", Value::from(of))]));
        }
    }
}

/// Takes a value from `tokens`; `None` if they make none.
pub(super) fn read<'a>(tokens: &mut impl Iterator<Item = &'a Value>, schema: &Schema) -> Option<Saved> {
    read_at(tokens, schema, 0)
}

fn read_at<'a>(tokens: &mut impl Iterator<Item = &'a Value>, schema: &Schema, depth: usize) -> Option<Saved> {
    if depth > DEPTH {
        return None;
    }
    let token = tokens.next()?;
    let Value::Map(entries) = token else {
        return match token {
            Value::Null => Some(Saved::Null),
            Value::Int(bits) => Some(Saved::Slot(u64::try_from(*bits).ok()?)),
            Value::UInt(bits) => Some(Saved::Slot(*bits)),
            Value::Str(text) => Some(Saved::Text(text.clone())),
            _ => None,
        };
    };
    let [(key, what)] = &entries[..] else { return None };
    let number = |value: Option<&Value>| match value {
        Some(Value::Int(number)) => u64::try_from(*number).ok(),
        Some(Value::UInt(number)) => Some(*number),
        _ => None,
    };
    let ty = || match what.at(0) {
        Some(Value::Str(name)) => schema.by_name(name),
        _ => None,
    };
    let parts = |tokens: &mut _| {
        // Not sized beforehand: the number may promise anything.
        let mut parts = Vec::new();
        for _ in 0..number(Some(what))? {
            parts.push(read_at(tokens, schema, depth + 1)?);
        }
        Some(parts)
    };
    Some(match &**key {
        "some" => Saved::Some(Box::new(read_at(tokens, schema, depth + 1)?)),
        "list" => Saved::List(parts(tokens)?),
        "fields" => Saved::Fields(parts(tokens)?),
        "map" => {
            let mut entries = Vec::new();
            for _ in 0..number(Some(what))? {
                let key = read_at(tokens, schema, depth + 1)?;
                entries.push((key, read_at(tokens, schema, depth + 1)?));
            }
            Saved::Map(entries)
        }
        "bytes" => match what {
            Value::Str(text) => Saved::Bytes(base64_decode(text)?.into()),
            _ => return None,
        },
        "live" => Saved::Live { ty: ty()?, record: number(what.at(1))? },
        "container" => {
            Saved::Container { ty: ty()?, record: number(what.at(1))?, field: u32::try_from(number(what.at(2))?).ok()? }
        }
        _ => return None,
    })
}
