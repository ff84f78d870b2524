//! Whole values, and differences of numbers.

use statewright_types::{IntKind, StructId, Type, Value};

use super::{Writer, by_position};
use crate::wire::{put, varint};

impl Writer<'_> {
    /// A struct as a whole.
    pub(super) fn whole(&mut self, ty: StructId, value: &Value) {
        let fields = self.travelling(ty, value);
        self.absent(&fields);
        self.fields(ty, &fields);
    }

    /// The fields of a struct's value in the client's order.
    fn travelling<'v>(&self, ty: StructId, value: &'v Value) -> Vec<Option<&'v Value>> {
        let known = by_position(self.schema.get(ty), value);
        let find = |position: u32| known.get(position as usize).copied().flatten();
        self.profile.fields(ty).iter().map(|field| field.position.and_then(find)).collect()
    }

    fn absent(&mut self, fields: &[Option<&Value>]) {
        let absent = fields.iter().enumerate().filter(|(_, field)| field.is_none()).map(|(at, _)| at);
        varint::put_bits(&mut self.out, absent);
    }

    fn fields(&mut self, ty: StructId, fields: &[Option<&Value>]) {
        let (profile, schema) = (self.profile, self.schema);
        for (field, value) in profile.fields(ty).iter().zip(fields) {
            let declared = field.position.and_then(|position| schema.get(ty).fields.get(position as usize));
            if let (Some(declared), Some(value)) = (declared, value) {
                self.value(&declared.ty, value, field.step);
            }
        }
    }

    /// A value of that type; the step is that of a quantised field.
    pub(super) fn value(&mut self, ty: &Type, value: &Value, step: Option<f64>) {
        match (ty, value) {
            (Type::Nullable(_), Value::Null) => self.out.push(0),
            (Type::Nullable(inner), value) => {
                self.out.push(1);
                self.value(inner, value, step);
            }
            (Type::Bool, value) => self.out.push(u8::from(*value == Value::Bool(true))),
            (Type::Int(kind), value) => put::int(&mut self.out, *kind, bits(value)),
            (Type::Float32 | Type::Float64, value) => float(&mut self.out, ty, number(value), step),
            (Type::Uuid, Value::Str(text)) => put::uuid(&mut self.out, text),
            (Type::String, Value::Str(text)) => varint::put_bytes(&mut self.out, text.as_bytes()),
            (Type::Bytes, Value::Bytes(bytes)) => varint::put_bytes(&mut self.out, bytes),
            (Type::List(element), Value::List(elements)) => self.elements(element, elements),
            (Type::Map(key, inner), Value::Map(entries)) => {
                let entries = super::maps::sorted(key, entries);
                self.put(entries.len() as u64);
                for (key, value) in entries {
                    key.write(&mut self.out);
                    self.value(inner, value, None);
                }
            }
            (Type::Struct(id), value) => self.whole(*id, value),
            // A view has values of the schema's types; whatever else there were, this is nothing, in one byte.
            (Type::Uuid | Type::String | Type::Bytes | Type::List(_) | Type::Map(..) | Type::Record(_), _) => {
                self.out.push(0);
            }
        }
    }

    /// A list as a value.
    pub(super) fn elements(&mut self, element: &Type, elements: &[Value]) {
        self.put(elements.len() as u64);
        let Type::Struct(ty) = element else {
            for value in elements {
                self.value(element, value, None);
            }
            return;
        };
        let rows: Vec<_> = elements.iter().map(|value| self.travelling(*ty, value)).collect();
        let alike = |one: &Vec<Option<&Value>>, other: &Vec<Option<&Value>>| {
            one.iter().zip(other).all(|(one, other)| one.is_some() == other.is_some())
        };
        for run in rows.chunk_by(alike) {
            self.put(run.len() as u64);
            for (at, row) in run.iter().enumerate() {
                if at == 0 {
                    self.absent(row);
                }
                self.fields(*ty, row);
            }
        }
    }
}

/// An integer's 64 bits.
fn bits(value: &Value) -> u64 {
    match value {
        Value::Int(number) => *number as u64,
        Value::UInt(number) => *number,
        _ => 0,
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Float(number) => statewright_types::scalar::canonical_nan(*number),
        _ => 0.0,
    }
}

/// How many steps a float is away from 0, if it travels as that number.
fn steps(value: f64, step: Option<f64>) -> Option<i64> {
    statewright_types::scalar::quantum(value, step?)
}

fn float(out: &mut Vec<u8>, ty: &Type, value: f64, step: Option<f64>) {
    match (step, ty) {
        (Some(step), _) => put::quantised(out, value.to_bits(), step),
        (None, Type::Float32) => put::f32(out, value.to_bits()),
        (None, _) => put::f64(out, value.to_bits()),
    }
}

/// Whether two values that differ are the same to a client: quantised ones may be.
pub(super) fn same(before: &Value, now: &Value, step: Option<f64>) -> bool {
    match (before, now) {
        (Value::Float(before), Value::Float(now)) => {
            steps(*now, step).is_some_and(|now| steps(*before, step) == Some(now))
        }
        _ => before == now,
    }
}

/// Appends the difference of two numbers, if there is one at that type and it is shorter than the value itself; whether it is.
pub(super) fn put_change(out: &mut Vec<u8>, ty: &Type, (before, now): (&Value, &Value), step: Option<f64>) -> bool {
    let start = out.len();
    // The value itself, for its length.
    match ty {
        Type::Int(kind) if kind.size() > 1 => put::int(out, *kind, bits(now)),
        Type::Float32 | Type::Float64 => float(out, ty, number(now), step),
        _ => return false,
    }
    let whole = out.len() - start;
    out.truncate(start);
    match (ty, step) {
        (Type::Int(kind), _) => varint::put_signed(out, difference_at(*kind, bits(before), bits(now))),
        (_, Some(_)) => {
            let steps = |value| steps(number(value), step);
            match steps(now).zip(steps(before)).and_then(|(now, before)| now.checked_sub(before)) {
                Some(steps) => varint::put_signed(out, steps),
                None => return false,
            }
        }
        (_, None) => put::xor(out, exclusive(ty, before, now)),
    }
    out.len() - start < whole
}

/// The bits in which two floats of that type differ.
pub(super) fn exclusive(ty: &Type, before: &Value, now: &Value) -> u64 {
    let (before, now) = (number(before).to_bits(), number(now).to_bits());
    match ty {
        Type::Float32 => u64::from(put::narrow(before) ^ put::narrow(now)),
        _ => before ^ now,
    }
}

/// What must be added at the kind's width; near 0 where wrapping makes it so.
fn difference_at(kind: IntKind, before: u64, now: u64) -> i64 {
    let difference = now.wrapping_sub(before);
    match kind.size() {
        2 => i64::from(difference as i16),
        4 => i64::from(difference as i32),
        _ => difference as i64,
    }
}
