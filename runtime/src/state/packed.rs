//! Records as their canonical bytes, and back: what a large state is saved as, without a second copy of it as values.

use std::sync::Arc;

use statewright_types::layout::Repr;
use statewright_types::{Schema, StructId, Type, Value};

use super::{NESTING, State};
use crate::memory::{Leaves, decode};
use crate::wire::reader::{Malformed, Reader};

/// How many elements may take no bytes at all, in one root.
const EMPTY_ELEMENTS: u64 = 4 << 20;

type Unpacked<T> = Result<T, String>;

impl State {
    /// The canonical bytes of a record of the state.
    pub(super) fn pack_record(&self, ty: StructId, record: u64) -> Arc<[u8]> {
        let mut bytes = Vec::new();
        self.put_record(&mut bytes, ty, record, 0);
        bytes.into()
    }

    /// Puts what [`State::pack_record`] gave into the fields of a record of the state.
    pub(super) fn unpack_record(&mut self, ty: StructId, record: u64, bytes: &[u8]) -> Unpacked<()> {
        let schema = self.schema.clone();
        let mut packed = Packed::new(bytes);
        let fields = schema.types().get(ty.index()).map_or(&[][..], |def| &def.fields);
        for (at, field) in fields.iter().enumerate() {
            let within = |what: String| format!("`{}`: {what}", field.name);
            let slot = self.unpack(&field.ty, &mut packed, 1).map_err(within)?;
            self.store(record, ty, at as u32, slot).map_err(|trap| within(trap.message().to_owned()))?;
        }
        packed.end()
    }

    fn unpack(&mut self, ty: &Type, packed: &mut Packed<'_>, depth: usize) -> Unpacked<u64> {
        packed.deeper(depth)?;
        Ok(match ty {
            Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 => {
                let slot = packed.number(ty)?;
                let id = self.types.id(ty);
                self.types.kind(id).normalise(slot)
            }
            Type::String | Type::Uuid => {
                let text = packed.0.text()?;
                if text.len() as u64 > self.limits.string_bytes {
                    return Err(format!("a text of {} bytes is more than the limit", text.len()));
                }
                if text.is_empty() { Leaves::EMPTY } else { self.string(text) }
            }
            Type::Bytes => {
                let bytes = packed.0.sized()?;
                self.bytes(bytes)
            }
            Type::Nullable(inner) => match packed.0.byte()? {
                0 => 0,
                1 => {
                    let slot = self.unpack(inner, packed, depth)?;
                    self.some(ty, slot)
                }
                _ => return Err("what may be null is neither null nor there".to_owned()),
            },
            Type::List(element) => {
                let mut slots = Vec::new();
                packed.each(|packed| {
                    slots.push(self.unpack(element, packed, depth + 1)?);
                    Ok(())
                })?;
                self.list_new(ty, &slots).map_err(|trap| trap.message().to_owned())?
            }
            Type::Map(key, value) => {
                let mut slots = Vec::new();
                packed.each(|packed| {
                    slots.push(self.unpack(key, packed, depth + 1)?);
                    slots.push(self.unpack(value, packed, depth + 1)?);
                    Ok(())
                })?;
                self.map_new(ty, &slots).map_err(|trap| trap.message().to_owned())?
            }
            Type::Struct(id) => {
                let schema = self.schema.clone();
                let fields = schema.types().get(id.index()).map_or(&[][..], |def| &def.fields);
                let record = self.struct_new(*id);
                for (at, field) in fields.iter().enumerate() {
                    let slot = self.unpack(&field.ty, packed, depth + 1)?;
                    let stored = self.struct_init(record, *id, at as u32, slot);
                    stored.map_err(|trap| format!("`{}`: {}", field.name, trap.message()))?;
                }
                record
            }
            // No field of a schema has such a type.
            Type::Record(_) => return Err("an anonymous record is no part of a state".to_owned()),
        })
    }
}

/// The fields of a record of type `ty` as a map, from its canonical bytes.
///
/// # Errors
/// Says where the bytes are not what they should be.
pub fn unpacked(schema: &Schema, ty: StructId, bytes: &[u8]) -> Result<Value, String> {
    let mut packed = Packed::new(bytes);
    let value = value(schema, &Type::Struct(ty), &mut packed, 0)?;
    packed.end()?;
    Ok(value)
}

fn value(schema: &Schema, ty: &Type, packed: &mut Packed<'_>, depth: usize) -> Unpacked<Value> {
    packed.deeper(depth)?;
    Ok(match ty {
        Type::Bool => Value::Bool(packed.number(ty)? != 0),
        Type::Int(statewright_types::IntKind::U64) => Value::uint(packed.number(ty)?),
        Type::Int(_) => Value::Int(packed.number(ty)? as i64),
        Type::Float32 | Type::Float64 => Value::Float(f64::from_bits(packed.number(ty)?)),
        Type::String | Type::Uuid => Value::str(packed.0.text()?),
        Type::Bytes => Value::Bytes(packed.0.sized()?.into()),
        Type::Nullable(inner) => match packed.0.byte()? {
            0 => Value::Null,
            1 => value(schema, inner, packed, depth)?,
            _ => return Err("what may be null is neither null nor there".to_owned()),
        },
        Type::List(element) => {
            let mut elements = Vec::new();
            packed.each(|packed| {
                elements.push(value(schema, element, packed, depth + 1)?);
                Ok(())
            })?;
            Value::List(elements)
        }
        Type::Map(key, inner) => {
            let mut entries = Vec::new();
            packed.each(|packed| {
                let key: Arc<str> = match value(schema, key, packed, depth + 1)? {
                    Value::Str(text) => text,
                    number => number.to_string().into(),
                };
                entries.push((key, value(schema, inner, packed, depth + 1)?));
                Ok(())
            })?;
            Value::Map(entries)
        }
        Type::Struct(id) => {
            let fields = schema.types().get(id.index()).map_or(&[][..], |def| &def.fields);
            let mut entries = Vec::with_capacity(fields.len());
            for field in fields {
                entries.push((field.name.clone(), value(schema, &field.ty, packed, depth + 1)?));
            }
            Value::Map(entries)
        }
        Type::Record(_) => return Err("an anonymous record is no part of a state".to_owned()),
    })
}

impl From<Malformed> for String {
    fn from(malformed: Malformed) -> String {
        malformed.to_string()
    }
}

/// Canonical bytes, and how many elements may still take none of them.
struct Packed<'a>(Reader<'a>, u64);

impl Packed<'_> {
    fn new(bytes: &[u8]) -> Packed<'_> {
        Packed(Reader::unlimited(bytes), EMPTY_ELEMENTS)
    }

    fn end(&self) -> Unpacked<()> {
        if self.0.is_empty() { Ok(()) } else { Err(format!("{} bytes are left over", self.0.left())) }
    }

    fn deeper(&self, depth: usize) -> Unpacked<()> {
        if depth > NESTING { Err(format!("it nests deeper than {NESTING} levels")) } else { Ok(()) }
    }

    /// A number or bool as a slot.
    fn number(&mut self, ty: &Type) -> Unpacked<u64> {
        let repr = Repr::of(ty);
        let mut bits = [0; 8];
        for (to, from) in bits.iter_mut().zip(self.0.take(repr.size())?) {
            *to = *from;
        }
        Ok(decode(u64::from_le_bytes(bits), repr))
    }

    /// As many elements as the count says; not sized beforehand, as it may promise anything.
    fn each(&mut self, mut element: impl FnMut(&mut Self) -> Unpacked<()>) -> Unpacked<()> {
        for _ in 0..self.0.varint()? {
            let before = self.0.left();
            element(self)?;
            if self.0.left() == before {
                self.1 = self.1.checked_sub(1).ok_or("it has too many elements without content")?;
            }
        }
        Ok(())
    }
}
