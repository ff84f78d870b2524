//! What events carry: names with payloads, as values or in a form of the host program's own.

use std::fmt;
use std::sync::Arc;

use statewright_types::Value;
use statewright_types::scalar::canonical_nan;

use super::codes::{limits, payload};
use super::reader::{Malformed, Reader, narrowed};
use super::varint;

/// An event as a client gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: Arc<str>,
    /// What it carries.
    pub payload: Payload,
}

/// What an event carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// A value.
    Value(Value),
    /// Bytes that the host program has encoded; see [`PayloadReader`].
    Raw(Arc<[u8]>),
}

/// A value that nests more than 60 deep cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooDeep;

impl fmt::Display for TooDeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it nests more than {} deep", limits::PAYLOAD_NESTING)
    }
}

impl std::error::Error for TooDeep {}

/// Appends an event that carries a value. Nothing is appended if that cannot be.
///
/// # Errors
/// If the value nests too deep.
pub fn put_event(out: &mut Vec<u8>, name: &str, value: &Value) -> Result<(), TooDeep> {
    let start = out.len();
    varint::put_bytes(out, name.as_bytes());
    let put = put(out, value);
    if put.is_err() {
        out.truncate(start);
    }
    put
}

/// Appends an event that carries bytes of the host program.
pub fn put_raw_event(out: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    varint::put_bytes(out, name.as_bytes());
    out.push(payload::RAW);
    varint::put_bytes(out, bytes);
}

/// Appends a value as a payload.
///
/// # Errors
/// If it nests too deep; a part of it is appended then.
pub fn put(out: &mut Vec<u8>, value: &Value) -> Result<(), TooDeep> {
    put_at(out, value, 0)
}

/// As deep as the limit allows.
fn put_at(out: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), TooDeep> {
    match value {
        Value::Null => out.push(payload::NULL),
        Value::Bool(false) => out.push(payload::FALSE),
        Value::Bool(true) => out.push(payload::TRUE),
        Value::Int(number) => {
            out.push(payload::INT);
            varint::put_signed(out, *number);
        }
        Value::UInt(number) => match i64::try_from(*number) {
            Ok(number) => return put_at(out, &Value::Int(number), depth),
            Err(_) => {
                out.push(payload::UINT);
                varint::put(out, *number);
            }
        },
        Value::Float(number) => {
            out.push(payload::FLOAT);
            out.extend_from_slice(&canonical_nan(*number).to_le_bytes());
        }
        Value::Str(text) => {
            out.push(payload::TEXT);
            varint::put_bytes(out, text.as_bytes());
        }
        Value::Bytes(bytes) => {
            out.push(payload::BYTES);
            varint::put_bytes(out, bytes);
        }
        Value::List(_) | Value::Map(_) if depth >= limits::PAYLOAD_NESTING => return Err(TooDeep),
        Value::List(values) => {
            out.push(payload::LIST);
            varint::put(out, values.len() as u64);
            values.iter().try_for_each(|value| put_at(out, value, depth + 1))?;
        }
        Value::Map(entries) => {
            out.push(payload::MAP);
            varint::put(out, entries.len() as u64);
            for (key, value) in entries {
                varint::put_bytes(out, key.as_bytes());
                put_at(out, value, depth + 1)?;
            }
        }
    }
    Ok(())
}

/// Reads events, which are all that `bytes` are.
///
/// # Errors
/// If they are none, too many, or nest too deep.
pub fn read_events(bytes: &[u8]) -> Result<Vec<Event>, Malformed> {
    let mut reader = Reader::new(bytes)?;
    let count = reader.count()?;
    // Each has at least a length and a kind.
    if count == 0 || count > reader.left() / 2 {
        return Err(reader.fail(&"no events, or more than the message has"));
    }
    let mut events: Vec<Event> = Vec::with_capacity(count);
    for _ in 0..count {
        let name = reader.text()?;
        let name = match events.last() {
            Some(last) if *last.name == *name => last.name.clone(),
            _ => Arc::from(name),
        };
        events.push(Event { name, payload: read_payload(&mut reader)? });
    }
    reader.end()?;
    Ok(events)
}

/// Reads a payload from wherever `reader` stands.
///
/// # Errors
/// If it is none, too large, or nests too deep.
pub fn read_payload(reader: &mut Reader<'_>) -> Result<Payload, Malformed> {
    let kind = reader.byte()?;
    if kind == payload::RAW {
        return Ok(Payload::Raw(reader.sized()?.into()));
    }
    read_value(reader, kind, 0).map(Payload::Value)
}

/// As deep as the limit allows.
fn read_value(reader: &mut Reader<'_>, kind: u8, depth: usize) -> Result<Value, Malformed> {
    Ok(match kind {
        payload::NULL => Value::Null,
        payload::FALSE => Value::Bool(false),
        payload::TRUE => Value::Bool(true),
        payload::INT => Value::Int(reader.signed()?),
        payload::UINT => match Value::uint(reader.varint()?) {
            Value::Int(_) => return Err(reader.fail(&"an integer that is no large one")),
            large => large,
        },
        payload::FLOAT => Value::Float(reader.f64()?),
        payload::TEXT => Value::str(reader.text()?),
        payload::BYTES => Value::Bytes(reader.sized()?.into()),
        payload::LIST => {
            let count = read_count(reader, depth, 1)?;
            let mut values = Vec::with_capacity(count);
            for _ in 0..count {
                let kind = reader.byte()?;
                values.push(read_value(reader, kind, depth + 1)?);
            }
            Value::List(values)
        }
        payload::MAP => {
            let count = read_count(reader, depth, 2)?;
            let mut entries = Vec::with_capacity(count);
            for _ in 0..count {
                let key = Arc::from(reader.text()?);
                let kind = reader.byte()?;
                entries.push((key, read_value(reader, kind, depth + 1)?));
            }
            Value::Map(entries)
        }
        _ => return Err(reader.fail(&"there is no such kind of payload here")),
    })
}

/// A number of things of at least so many bytes each.
fn read_count(reader: &mut Reader<'_>, depth: usize, bytes: usize) -> Result<usize, Malformed> {
    if depth >= limits::PAYLOAD_NESTING {
        return Err(reader.fail(&"a payload nests too deep"));
    }
    let count = reader.count()?;
    if count > reader.left() / bytes {
        return Err(reader.fail(&"a list or map is longer than its message"));
    }
    Ok(count)
}

/// Encodes a payload of the host program: values one after the other, without names and kinds. Both ends must agree on
/// their order. Used again after [`clear`](PayloadEncoder::clear), it needs no memory of its own any more.
///
/// ```
/// use statewright_runtime::wire::payload::{PayloadEncoder, PayloadReader};
///
/// let mut encoder = PayloadEncoder::new();
/// let bytes = encoder.text("alice").int32(100).bool(true).bytes();
/// let mut reader = PayloadReader::new(bytes);
/// assert_eq!(reader.text(), Ok("alice"));
/// assert_eq!(reader.int32(), Ok(100));
/// assert_eq!(reader.bool(), Ok(true));
/// assert_eq!(reader.end(), Ok(()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct PayloadEncoder {
    out: Vec<u8>,
}

/// Integers: how they are called, their types, and whether they have a sign.
macro_rules! integers {
    ($($name:ident: $ty:ty, $put:ident, $read:ident, $wide:ty;)*) => {
        impl PayloadEncoder {
            $(
                #[doc = concat!("Appends an `", stringify!($ty), "`.")]
                pub fn $name(&mut self, number: $ty) -> &mut Self {
                    varint::$put(&mut self.out, <$wide>::from(number));
                    self
                }
            )*
        }

        impl PayloadReader<'_> {
            $(
                #[doc = concat!("The next value, an `", stringify!($ty), "`.")]
                ///
                /// # Errors
                /// If there is none, or it is out of range.
                pub fn $name(&mut self) -> Result<$ty, Malformed> {
                    let number = self.reader()?.$read()?;
                    <$ty>::try_from(number).map_err(|_| self.fail(&"an integer is out of range"))
                }
            )*
        }
    };
}

integers! {
    int8: i8, put_signed, signed, i64;
    int16: i16, put_signed, signed, i64;
    int32: i32, put_signed, signed, i64;
    int64: i64, put_signed, signed, i64;
    uint8: u8, put, varint, u64;
    uint16: u16, put, varint, u64;
    uint32: u32, put, varint, u64;
    uint64: u64, put, varint, u64;
}

impl PayloadEncoder {
    /// Nothing yet.
    pub fn new() -> PayloadEncoder {
        PayloadEncoder::default()
    }

    /// With room for so many bytes.
    pub fn with_capacity(bytes: usize) -> PayloadEncoder {
        PayloadEncoder { out: Vec::with_capacity(bytes) }
    }

    /// Forgets everything but its memory.
    pub fn clear(&mut self) -> &mut Self {
        self.out.clear();
        self
    }

    /// Appends a bool.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.out.push(u8::from(value));
        self
    }

    /// Appends a float of 32 bits.
    pub fn float32(&mut self, number: f32) -> &mut Self {
        self.out.extend_from_slice(&narrowed(f64::from(number)).to_le_bytes());
        self
    }

    /// Appends a float of 64 bits.
    pub fn float64(&mut self, number: f64) -> &mut Self {
        self.out.extend_from_slice(&canonical_nan(number).to_le_bytes());
        self
    }

    /// Appends a text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        varint::put_bytes(&mut self.out, text.as_bytes());
        self
    }

    /// Appends bytes.
    pub fn blob(&mut self, bytes: &[u8]) -> &mut Self {
        varint::put_bytes(&mut self.out, bytes);
        self
    }

    /// Appends how many of something follow.
    pub fn count(&mut self, count: usize) -> &mut Self {
        varint::put(&mut self.out, count as u64);
        self
    }

    /// Everything so far.
    pub fn bytes(&self) -> &[u8] {
        &self.out
    }
}

/// Reads what a [`PayloadEncoder`] wrote, in the same order.
#[derive(Clone, Debug)]
pub struct PayloadReader<'a> {
    reader: Result<Reader<'a>, Malformed>,
}

impl<'a> PayloadReader<'a> {
    /// At the beginning of `bytes`.
    pub fn new(bytes: &'a [u8]) -> PayloadReader<'a> {
        PayloadReader { reader: Reader::new(bytes) }
    }

    fn reader(&mut self) -> Result<&mut Reader<'a>, Malformed> {
        self.reader.as_mut().map_err(|problem| *problem)
    }

    fn fail(&self, what: &'static &'static str) -> Malformed {
        match &self.reader {
            Ok(reader) => reader.fail(what),
            Err(problem) => *problem,
        }
    }

    /// The next value, a bool.
    ///
    /// # Errors
    /// If there is none, or it is no bool.
    pub fn bool(&mut self) -> Result<bool, Malformed> {
        self.reader()?.flag()
    }

    /// The next value, a float of 32 bits.
    ///
    /// # Errors
    /// If there is none, or it is a NaN with a payload.
    pub fn float32(&mut self) -> Result<f32, Malformed> {
        self.reader()?.f32().map(|number| number as f32)
    }

    /// The next value, a float of 64 bits.
    ///
    /// # Errors
    /// If there is none, or it is a NaN with a payload.
    pub fn float64(&mut self) -> Result<f64, Malformed> {
        self.reader()?.f64()
    }

    /// The next value, a text.
    ///
    /// # Errors
    /// If there is none, or it is not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        self.reader()?.text()
    }

    /// The next value, bytes.
    ///
    /// # Errors
    /// If there are none.
    pub fn blob(&mut self) -> Result<&'a [u8], Malformed> {
        self.reader()?.sized()
    }

    /// How many of something follow: no more than there are bytes left.
    ///
    /// # Errors
    /// If there is no number, or it is larger.
    pub fn count(&mut self) -> Result<usize, Malformed> {
        let reader = self.reader()?;
        let count = reader.count()?;
        if count > reader.left() { Err(reader.fail(&"more than the payload has")) } else { Ok(count) }
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// If something is.
    pub fn end(&mut self) -> Result<(), Malformed> {
        self.reader()?.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, value).expect("not too deep");
        out
    }

    fn read(bytes: &[u8]) -> Result<Payload, Malformed> {
        let mut reader = Reader::new(bytes)?;
        let payload = read_payload(&mut reader)?;
        reader.end().map(|()| payload)
    }

    fn nested(levels: usize) -> Value {
        (0..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]))
    }

    #[test]
    fn payloads_read_back() {
        let all = Value::List(vec![
            Value::Null,
            Value::Bool(true),
            Value::Bool(false),
            Value::Int(i64::MIN),
            Value::UInt(u64::MAX),
            Value::Float(f64::NAN),
            Value::str("é"),
            Value::Bytes([1, 2].into()),
            Value::map([("a", Value::Int(1)), ("", Value::List(Vec::new()))]),
        ]);
        assert_eq!(read(&bytes(&all)), Ok(Payload::Value(all.clone())));
        for cut in 0..bytes(&all).len() {
            assert!(read(&bytes(&all)[..cut]).is_err(), "cut at {cut}");
        }
        assert_eq!(bytes(&Value::UInt(5)), bytes(&Value::Int(5)), "one form");
        assert!(read(&[payload::UINT, 5]).is_err(), "one form");
        assert!(read(&[11]).is_err());
        assert!(read(&[payload::LIST, 1, payload::RAW, 0]).is_err(), "the host's bytes are all of a payload");
    }

    #[test]
    fn nesting_is_bounded() {
        assert_eq!(read(&bytes(&nested(60))), Ok(Payload::Value(nested(60))));
        assert_eq!(put(&mut Vec::new(), &nested(61)), Err(TooDeep));
        let mut out = vec![7];
        assert_eq!(put_event(&mut out, "e", &nested(61)), Err(TooDeep));
        assert_eq!(out, [7]);
        assert!(read(&[&[payload::LIST, 1].repeat(61)[..], &[0]].concat()).is_err());
        assert!(read(&[payload::LIST, 1].repeat(1_000_000)).is_err());
    }

    #[test]
    fn events_read_back() {
        let mut out = vec![3];
        put_event(&mut out, "scored", &Value::Int(5)).expect("not too deep");
        put_event(&mut out, "scored", &Value::Null).expect("not too deep");
        put_raw_event(&mut out, "raw", &[9, 8]);
        let events = read_events(&out).expect("events");
        let told: Vec<_> = events.iter().map(|event| (&*event.name, &event.payload)).collect();
        assert_eq!(told[0], ("scored", &Payload::Value(Value::Int(5))));
        assert_eq!(told[1], ("scored", &Payload::Value(Value::Null)));
        assert_eq!(told[2], ("raw", &Payload::Raw([9, 8].into())));
        assert!(Arc::ptr_eq(&events[0].name, &events[1].name));
        for cut in 0..out.len() {
            assert!(read_events(&out[..cut]).is_err(), "cut at {cut}");
        }
        assert!(read_events(&[0]).is_err(), "none");
        assert!(read_events(&[&out[..], &[0]].concat()).is_err(), "left over");
    }

    #[test]
    fn lying_numbers_are_refused_before_memory_is_spent() {
        let million = [0xc0, 0x84, 0x3d];
        assert!(read_events(&million).is_err());
        assert!(read(&[&[payload::LIST][..], &million].concat()).is_err());
        assert!(read(&[&[payload::MAP][..], &million].concat()).is_err());
        assert!(PayloadReader::new(&million).count().is_err());
        // A million that are there are fine.
        let events = [&million[..], &[0, payload::NULL].repeat(1_000_000)].concat();
        assert_eq!(read_events(&events).map(|events| events.len()), Ok(1_000_000));
    }

    #[test]
    fn typed_payloads_read_back_in_order() {
        let mut encoder = PayloadEncoder::with_capacity(64);
        for round in 0..2 {
            encoder.clear().text("alice").int8(-1).int16(i16::MIN).int32(100).int64(i64::MAX);
            encoder.uint8(255).uint16(7).uint32(u32::MAX).uint64(u64::MAX).bool(true);
            encoder.float32(1.5).float64(f64::NAN).blob(&[1, 2, 3]).count(2);
            let mut reader = PayloadReader::new(encoder.bytes());
            assert_eq!(reader.text(), Ok("alice"), "round {round}");
            assert_eq!((reader.int8(), reader.int16(), reader.int32()), (Ok(-1), Ok(i16::MIN), Ok(100)));
            assert_eq!((reader.int64(), reader.uint8(), reader.uint16()), (Ok(i64::MAX), Ok(255), Ok(7)));
            assert_eq!((reader.uint32(), reader.uint64(), reader.bool()), (Ok(u32::MAX), Ok(u64::MAX), Ok(true)));
            assert_eq!((reader.float32(), reader.float64().map(f64::is_nan)), (Ok(1.5), Ok(true)));
            assert_eq!(reader.blob(), Ok(&[1, 2, 3][..]));
            assert!(reader.count().is_err(), "nothing follows");
            assert_eq!(reader.end(), Ok(()));
        }
        assert_eq!(PayloadEncoder::new().text("alice").int32(100).bool(true).bytes(), b"\x05alice\xc8\x01\x01");
        assert!(PayloadReader::new(PayloadEncoder::new().int32(128).bytes()).int8().is_err());
    }
}
