//! Entries of the log as bytes, values as docs/protocol.md has payloads: each with its type, so that what is replayed is
//! exactly what was done.

use std::sync::Arc;

use statewright_types::config::Values;
use statewright_types::{Limits, Value};

use crate::persist::reader::{Cut, Reader};
use crate::session::{Action, Entry, Input, NewEffect};
use crate::wire::varint;

/// How deep values nest at most.
const DEPTH: usize = Limits::JSON_DEPTH;

/// A value nests deeper than any that is read from JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooDeep;

pub(super) fn put(entry: &Entry, out: &mut Vec<u8>) -> Result<(), TooDeep> {
    varint::put(out, entry.sequence);
    varint::put_signed(out, entry.time_ms);
    match &entry.input {
        Input::Event(Action { event, sender, params }) => {
            out.push(0);
            put_text(out, event);
            put_text(out, sender);
            put_value(params, out)?;
        }
        Input::Join { player, silent } => {
            out.extend([1, u8::from(*silent)]);
            put_text(out, player);
        }
        Input::Leave { player } => {
            out.push(2);
            put_text(out, player);
        }
        Input::SetHost { player } => {
            out.extend([3, u8::from(player.is_some())]);
            player.iter().for_each(|player| put_text(out, player));
        }
        Input::AddEffect(effect) => {
            out.push(4);
            let NewEffect { id, effect, params, activator, duration_ms, priority, stacks, once } = effect;
            [id, effect, activator].into_iter().for_each(|text| put_text(out, text));
            [duration_ms, priority, stacks].into_iter().for_each(|number| varint::put_signed(out, *number));
            out.push(u8::from(*once));
            put_value(params, out)?;
        }
        Input::RemoveEffect { id } => {
            out.push(5);
            put_text(out, id);
        }
        Input::Advance => out.push(6),
        Input::Config(values) => {
            out.push(7);
            varint::put(out, values.len() as u64);
            for (path, value) in values {
                put_text(out, path);
                put_value(value, out)?;
            }
        }
        Input::Program { document_hash } => {
            out.push(8);
            out.extend(document_hash);
        }
    }
    Ok(())
}

pub(super) fn read(bytes: &[u8]) -> Result<Entry, Cut> {
    let mut reader = Reader::new(bytes);
    let (sequence, time_ms) = (reader.varint()?, varint::unzigzag(reader.varint()?));
    let input = read_input(&mut reader)?;
    if reader.is_empty() { Ok(Entry { sequence, time_ms, input }) } else { Err(Cut) }
}

fn read_input(reader: &mut Reader<'_>) -> Result<Input, Cut> {
    Ok(match reader.byte()? {
        0 => {
            let (event, sender) = (text(reader)?, text(reader)?);
            Input::Event(Action { event, sender, params: read_value(reader, 0)? })
        }
        1 => {
            let silent = flag(reader)?;
            Input::Join { player: text(reader)?, silent }
        }
        2 => Input::Leave { player: text(reader)? },
        3 => Input::SetHost { player: if flag(reader)? { Some(text(reader)?) } else { None } },
        4 => {
            let (id, effect, activator) = (text(reader)?, text(reader)?, text(reader)?);
            let mut number = || Ok(varint::unzigzag(reader.varint()?));
            let (duration_ms, priority, stacks) = (number()?, number()?, number()?);
            let once = flag(reader)?;
            let params = read_value(reader, 0)?;
            Input::AddEffect(NewEffect { id, effect, params, activator, duration_ms, priority, stacks, once })
        }
        5 => Input::RemoveEffect { id: text(reader)? },
        6 => Input::Advance,
        7 => {
            let mut values = Values::new();
            for _ in 0..reader.varint()? {
                values.insert(text(reader)?, read_value(reader, 0)?);
            }
            Input::Config(values)
        }
        8 => Input::Program { document_hash: reader.array()? },
        _ => return Err(Cut),
    })
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    varint::put_bytes(out, text.as_bytes());
}

fn text(reader: &mut Reader<'_>) -> Result<Arc<str>, Cut> {
    reader.text().map(Arc::from)
}

fn flag(reader: &mut Reader<'_>) -> Result<bool, Cut> {
    match reader.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Cut),
    }
}

/// Appends a value.
pub(super) fn put_value(value: &Value, out: &mut Vec<u8>) -> Result<(), TooDeep> {
    put_at(value, out, 0)
}

fn put_at(value: &Value, out: &mut Vec<u8>, depth: usize) -> Result<(), TooDeep> {
    if depth > DEPTH {
        return Err(TooDeep);
    }
    match value {
        Value::Null => out.push(0),
        Value::Bool(value) => out.push(1 + u8::from(*value)),
        Value::Int(value) => {
            out.push(3);
            varint::put_signed(out, *value);
        }
        Value::UInt(value) => {
            out.push(4);
            varint::put(out, *value);
        }
        Value::Float(value) => {
            out.push(5);
            out.extend(value.to_bits().to_le_bytes());
        }
        Value::Str(text) => {
            out.push(6);
            put_text(out, text);
        }
        Value::Bytes(bytes) => {
            out.push(7);
            varint::put_bytes(out, bytes);
        }
        Value::List(elements) => {
            out.push(8);
            varint::put(out, elements.len() as u64);
            for element in elements {
                put_at(element, out, depth + 1)?;
            }
        }
        Value::Map(entries) => {
            out.push(9);
            varint::put(out, entries.len() as u64);
            for (key, value) in entries {
                put_text(out, key);
                put_at(value, out, depth + 1)?;
            }
        }
    }
    Ok(())
}

/// Takes a value.
pub(super) fn read_value(reader: &mut Reader<'_>, depth: usize) -> Result<Value, Cut> {
    if depth > DEPTH {
        return Err(Cut);
    }
    Ok(match reader.byte()? {
        0 => Value::Null,
        1 => Value::Bool(false),
        2 => Value::Bool(true),
        3 => Value::Int(varint::unzigzag(reader.varint()?)),
        4 => Value::UInt(reader.varint()?),
        5 => Value::Float(f64::from_bits(u64::from_le_bytes(reader.array()?))),
        6 => Value::Str(text(reader)?),
        7 => Value::Bytes(reader.bytes()?.into()),
        8 => {
            // Not sized beforehand: the number may promise anything. Every element takes a byte at least.
            let mut elements = Vec::new();
            for _ in 0..reader.varint()? {
                elements.push(read_value(reader, depth + 1)?);
            }
            Value::List(elements)
        }
        9 => {
            let mut entries = Vec::new();
            for _ in 0..reader.varint()? {
                entries.push((text(reader)?, read_value(reader, depth + 1)?));
            }
            Value::Map(entries)
        }
        _ => return Err(Cut),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(entry: &Entry) -> Vec<u8> {
        let mut out = Vec::new();
        put(entry, &mut out).expect("it is not deep");
        out
    }

    fn inputs() -> Vec<Input> {
        let params = Value::map([
            ("a", Value::Int(-1)),
            ("b", Value::UInt(u64::MAX)),
            ("c", Value::Float(-0.0)),
            ("d", Value::Float(f64::NAN)),
            ("e", Value::Bytes(Arc::from([1, 2]))),
            ("f", Value::List(vec![Value::Null, Value::Bool(true), Value::from("NaN"), Value::map([("x", Value::Bool(false))])])),
        ]);
        let effect = NewEffect { params: params.clone(), duration_ms: -4, priority: i64::MIN, stacks: 3, once: true, ..NewEffect::new("a", "b") };
        vec![
            Input::Event(Action::new("E", "ann", params.clone())),
            Input::Join { player: "ann".into(), silent: true },
            Input::Join { player: "".into(), silent: false },
            Input::Leave { player: "ann".into() },
            Input::SetHost { player: None },
            Input::SetHost { player: Some("ann".into()) },
            Input::AddEffect(effect),
            Input::RemoveEffect { id: "a".into() },
            Input::Advance,
            Input::Config(Values::from([("Game.Speed".into(), Value::Float(1.5))])),
            Input::Program { document_hash: [7; 32] },
        ]
    }

    #[test]
    fn entries_read_back_exactly_and_cut_ones_do_not() {
        for (input, time_ms) in inputs().into_iter().zip([0, i64::MIN, i64::MAX, -5].into_iter().cycle()) {
            let entry = Entry { sequence: u64::MAX, time_ms, input };
            let bytes = bytes(&entry);
            assert_eq!(read(&bytes), Ok(entry));
            for length in 0..bytes.len() {
                assert_eq!(read(&bytes[..length]), Err(Cut), "cut at {length} of {bytes:?}");
            }
        }
    }

    #[test]
    fn values_that_nest_without_end_are_refused() {
        let mut deep = Value::Null;
        for _ in 0..=DEPTH {
            deep = Value::List(vec![deep]);
        }
        assert_eq!(put_value(&deep, &mut Vec::new()), Err(TooDeep));
        let bytes: Vec<u8> = [8, 1].repeat(1_000_000);
        assert_eq!(read_value(&mut Reader::new(&bytes), 0), Err(Cut));
    }
}
