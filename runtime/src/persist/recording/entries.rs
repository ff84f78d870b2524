//! Entries of the log as bytes, values as docs/protocol.md has payloads: each with its type, so that what is replayed is
//! exactly what was done.

use std::sync::Arc;

use statewright_types::Value;
use statewright_types::config::Values;

use crate::session::{Action, Entry, Input, NewEffect};
use crate::wire::codes::limits;
use crate::wire::payload::{self, Payload, TooDeep, read_payload};
use crate::wire::reader::{Malformed, Reader};
use crate::wire::varint;

/// An entry as bytes; `None` if it is larger than what is read, or nests too deep.
pub(super) fn to_bytes(entry: &Entry) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    put(entry, &mut bytes).ok()?;
    // Every entry of a value takes a byte at least: only what is large can be too large.
    let fits = bytes.len() as u64 <= limits::ENTRIES || read(&bytes).is_ok();
    fits.then_some(bytes)
}

fn put(entry: &Entry, out: &mut Vec<u8>) -> Result<(), TooDeep> {
    varint::put(out, entry.sequence);
    varint::put_signed(out, entry.time_ms);
    match &entry.input {
        Input::Event(Action { event, sender, params }) => {
            out.push(0);
            put_text(out, event);
            put_text(out, sender);
            payload::put(out, params)?;
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
            let NewEffect { id, effect, params, activator, duration_ms, priority, stacks, once } = &**effect;
            [id, effect, activator].into_iter().for_each(|text| put_text(out, text));
            [duration_ms, priority, stacks].into_iter().for_each(|number| varint::put_signed(out, *number));
            out.push(u8::from(*once));
            payload::put(out, params)?;
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
                payload::put(out, value)?;
            }
        }
        Input::Program { document_hash } => {
            out.push(8);
            out.extend(document_hash);
        }
        Input::Update { name, params } => {
            out.push(9);
            put_text(out, name);
            payload::put(out, params)?;
        }
    }
    Ok(())
}

pub(super) fn read(bytes: &[u8]) -> Result<Entry, Malformed> {
    let mut reader = Reader::new(bytes)?;
    let (sequence, time_ms) = (reader.varint()?, reader.signed()?);
    let input = read_input(&mut reader)?;
    reader.end()?;
    Ok(Entry { sequence, time_ms, input })
}

fn read_input(reader: &mut Reader<'_>) -> Result<Input, Malformed> {
    Ok(match reader.byte()? {
        0 => {
            let (event, sender) = (text(reader)?, text(reader)?);
            Input::Event(Action { event, sender, params: value(reader)? })
        }
        1 => {
            let silent = reader.flag()?;
            Input::Join { player: text(reader)?, silent }
        }
        2 => Input::Leave { player: text(reader)? },
        3 => Input::SetHost { player: if reader.flag()? { Some(text(reader)?) } else { None } },
        4 => {
            let (id, effect, activator) = (text(reader)?, text(reader)?, text(reader)?);
            let (duration_ms, priority, stacks) = (reader.signed()?, reader.signed()?, reader.signed()?);
            let once = reader.flag()?;
            let params = value(reader)?;
            let effect = NewEffect { id, effect, params, activator, duration_ms, priority, stacks, once };
            Input::AddEffect(Box::new(effect))
        }
        5 => Input::RemoveEffect { id: text(reader)? },
        6 => Input::Advance,
        7 => {
            let mut values = Values::new();
            for _ in 0..reader.varint()? {
                values.insert(text(reader)?, value(reader)?);
            }
            Input::Config(values)
        }
        8 => Input::Program { document_hash: reader.array()? },
        9 => Input::Update { name: text(reader)?, params: value(reader)? },
        _ => return Err(reader.fail(&"an entry of a kind that is not known")),
    })
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    varint::put_bytes(out, text.as_bytes());
}

fn text(reader: &mut Reader<'_>) -> Result<Arc<str>, Malformed> {
    reader.text().map(Arc::from)
}

fn value(reader: &mut Reader<'_>) -> Result<Value, Malformed> {
    match read_payload(reader)? {
        Payload::Value(value) => Ok(value),
        Payload::Raw(_) => Err(reader.fail(&"an entry of the log has no bytes of the host program")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Vec<Input> {
        let params = Value::map([
            ("a", Value::Int(-1)),
            ("b", Value::UInt(u64::MAX)),
            ("c", Value::Float(-0.0)),
            ("d", Value::Float(f64::NAN)),
            ("e", Value::Bytes(Arc::from([1, 2]))),
            (
                "f",
                Value::List(vec![
                    Value::Null,
                    Value::Bool(true),
                    Value::from("NaN"),
                    Value::map([("x", Value::Bool(false))]),
                ]),
            ),
        ]);
        let effect = NewEffect {
            params: params.clone(),
            duration_ms: -4,
            priority: i64::MIN,
            stacks: 3,
            once: true,
            ..NewEffect::new("a", "b")
        };
        vec![
            Input::Event(Action::new("E", "ann", params.clone())),
            Input::Join { player: "ann".into(), silent: true },
            Input::Join { player: "".into(), silent: false },
            Input::Leave { player: "ann".into() },
            Input::SetHost { player: None },
            Input::SetHost { player: Some("ann".into()) },
            Input::AddEffect(Box::new(effect)),
            Input::RemoveEffect { id: "a".into() },
            Input::Advance,
            Input::Config(Values::from([("Game.Speed".into(), Value::Float(1.5))])),
            Input::Program { document_hash: [7; 32] },
            Input::Update { name: "heal".into(), params },
        ]
    }

    #[test]
    fn entries_read_back_exactly_and_cut_ones_do_not() {
        for (input, time_ms) in inputs().into_iter().zip([0, i64::MIN, i64::MAX, -5].into_iter().cycle()) {
            let entry = Entry { sequence: u64::MAX, time_ms, input };
            let bytes = to_bytes(&entry).expect("it is neither deep nor large");
            assert_eq!(read(&bytes), Ok(entry));
            for length in 0..bytes.len() {
                assert!(read(&bytes[..length]).is_err(), "cut at {length} of {bytes:?}");
            }
        }
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        let mut deep = Value::Null;
        for _ in 0..=limits::PAYLOAD_NESTING {
            deep = Value::List(vec![deep]);
        }
        let event = |params| Entry { sequence: 1, time_ms: 0, input: Input::Event(Action::own("E", params)) };
        assert_eq!(to_bytes(&event(deep)), None);
        assert_eq!(to_bytes(&event(Value::str("x".repeat(limits::MESSAGE_BYTES)))), None);
        assert_eq!(to_bytes(&event(Value::List(vec![Value::Null; limits::ENTRIES as usize + 1]))), None);
        assert!(to_bytes(&event(Value::str("x".repeat(limits::MESSAGE_BYTES / 2)))).is_some());
    }
}
