//! The state as JSON for an execution in another process, with the numbers of its records: everything that a running handler can see.
//!
//! A record is `[number, field, …]`, a list `[version, element, …]`, a map `[version, key, value, …]`. Numbers that a float cannot
//! hold exactly are texts, as are the numbers of records; floats that JSON has no spelling for are their names, `-0` too.
//! Values of a handler's own stand as in [`State::mirror_value`].

use std::fmt::Write as _;

use statewright_types::json::{base64_encode, quote};
use statewright_types::random::StreamState;
use statewright_types::{IntKind, StructId, Type, number};

use super::heap::Status;
use super::{State, VALUE_NESTING};
use crate::memory::{Owner, row_of};

/// The greatest integer that a float holds without doubt.
const SAFE: u64 = (1 << 53) - 1;

impl State {
    /// The whole state, with its random streams and what the transaction has used of its limits.
    pub fn mirror(&mut self) -> String {
        let mut out = String::from("{\"roots\":[");
        for (index, root) in self.roots.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(out, "{comma}[{},{},", root.ty.0, root.active);
            self.put_live_record(&mut out, root.ty, root.record, 0);
            out.push(']');
        }
        let (counts, overlaid) = (self.journal.active && !self.overlay.writing, self.is_overlaid());
        let (added, copied) = (self.journal.added, self.heap.buffers.copied());
        let _ = write!(out, "],\"added\":{added},\"copied\":{copied},\"counts\":{counts},\"overlaid\":{overlaid}");
        let streams = self.drawing();
        let _ = write!(out, ",\"seed\":\"{}\",\"generator\":\"{}\"", streams.seed(), streams.generator().name());
        let _ = write!(out, ",\"streams\":{}}}", self.mirror_streams());
        out
    }

    /// Where random streams stand, as JSON: names and words.
    pub fn mirror_streams(&mut self) -> String {
        let mut out = String::from("[");
        for (index, (name, state)) in self.drawing().states().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let words: Vec<String> = match state {
                StreamState::Xoshiro(words) => words.iter().map(u32::to_string).collect(),
                StreamState::Mulberry(word) => vec![word.to_string()],
            };
            let _ = write!(out, "{comma}[{},[{}]]", quote(name), words.join(","));
        }
        out.push(']');
        out
    }

    fn put_live_record(&self, out: &mut String, ty: StructId, record: u64, depth: usize) {
        let _ = write!(out, "[\"{record}\"");
        let fields = self.schema.types().get(ty.index()).map_or(&[][..], |def| &def.fields);
        for (at, field) in fields.iter().enumerate() {
            out.push(',');
            self.put_live(out, &field.ty, self.read_raw(ty, row_of(record), at as u32), depth + 1);
        }
        out.push(']');
    }

    fn put_live(&self, out: &mut String, ty: &Type, slot: u64, depth: usize) {
        if depth > VALUE_NESTING || matches!(ty, Type::Nullable(_)) && slot == 0 {
            out.push_str("null");
            return;
        }
        match ty.non_null() {
            Type::Struct(id) => self.put_live_record(out, *id, slot, depth),
            Type::List(element) => {
                out.push('[');
                // As the integer that `list.version` gives.
                put_int(out, self.list_version(slot) as i64);
                for slot in self.heap.values(slot) {
                    out.push(',');
                    self.put_live(out, element, *slot, depth + 1);
                }
                out.push(']');
            }
            Type::Map(key, value) => {
                out.push('[');
                // As the integer that `list.version` gives.
                put_int(out, self.list_version(slot) as i64);
                for (key_slot, slot) in self.heap.keys(slot).iter().zip(self.heap.values(slot)) {
                    out.push(',');
                    self.put_scalar(out, key, *key_slot);
                    out.push(',');
                    self.put_live(out, value, *slot, depth + 1);
                }
                out.push(']');
            }
            inner if *ty == *inner => self.put_scalar(out, inner, slot),
            inner => self.put_scalar(out, inner, self.inside(inner, slot)),
        }
    }

    fn put_scalar(&self, out: &mut String, ty: &Type, slot: u64) {
        match ty {
            Type::Bool => out.push_str(if slot != 0 { "true" } else { "false" }),
            Type::Int(IntKind::U64) => put_uint(out, slot),
            Type::Int(_) => put_int(out, slot as i64),
            Type::Float32 | Type::Float64 => put_float(out, f64::from_bits(slot)),
            Type::Bytes => out.push_str(&quote(&base64_encode(self.get_bytes(slot)))),
            _ => out.push_str(&quote(self.str(slot))),
        }
    }

    /// A value of a handler's own. A list is an array, a map `{"m":[key, value, …]}`, a record an array, a struct value
    /// `{"s":[…]}`. What belongs to the state stands for itself: `{"r":"number"}` a struct, with its fields under `f` if an effect
    /// added it and is lifted; `{"c":[type, "number", field]}` the list or map that a field holds.
    pub fn mirror_value(&self, ty: &Type, slot: u64) -> String {
        let mut out = String::new();
        self.put_value(&mut out, ty, slot, 0);
        out
    }

    fn put_value(&self, out: &mut String, ty: &Type, slot: u64, depth: usize) {
        if depth > VALUE_NESTING || matches!(ty, Type::Nullable(_)) && slot == 0 {
            out.push_str("null");
            return;
        }
        let inner = ty.non_null();
        match inner {
            Type::Struct(id) => self.put_struct(out, *id, slot, depth),
            Type::List(_) | Type::Map(..) => {
                if let Some((ty, row, field)) = self.holding_field(slot) {
                    let record = self.tables.get(ty.index()).map_or(0, |table| table.reference(row));
                    let _ = write!(out, "{{\"c\":[{},\"{record}\",{field}]}}", ty.0);
                    return;
                }
                let values = self.heap.values(slot);
                match inner {
                    Type::Map(key, value) => {
                        out.push_str("{\"m\":[");
                        for (at, (key_slot, slot)) in self.heap.keys(slot).iter().zip(values).enumerate() {
                            out.push_str(if at > 0 { "," } else { "" });
                            self.put_scalar(out, key, *key_slot);
                            out.push(',');
                            self.put_value(out, value, *slot, depth + 1);
                        }
                        out.push_str("]}");
                    }
                    Type::List(element) => self.put_values(out, values.iter().map(|slot| (&**element, *slot)), depth),
                    _ => {}
                }
            }
            Type::Record(record) => {
                let fields = record.fields.iter().enumerate();
                let fields = fields.map(|(at, (_, ty))| (ty, self.record_get(slot, at as u32)));
                self.put_values(out, fields, depth);
            }
            _ if *ty == *inner => self.put_scalar(out, inner, slot),
            _ => self.put_scalar(out, inner, self.inside(inner, slot)),
        }
    }

    fn put_values<'t>(&self, out: &mut String, values: impl Iterator<Item = (&'t Type, u64)>, depth: usize) {
        out.push('[');
        for (at, (ty, slot)) in values.enumerate() {
            out.push_str(if at > 0 { "," } else { "" });
            self.put_value(out, ty, slot, depth + 1);
        }
        out.push(']');
    }

    fn put_struct(&self, out: &mut String, id: StructId, slot: u64, depth: usize) {
        let owner = self.live_row(slot, id).ok().and_then(|row| Some(self.tables.get(id.index())?.owner(row)));
        let fields = self.schema.types().get(id.index()).map_or(&[][..], |def| &def.fields);
        let row = row_of(slot);
        let values = fields.iter().enumerate().map(|(at, field)| (&field.ty, self.read_raw(id, row, at as u32)));
        match owner {
            Some(Owner::Value) => {
                out.push_str("{\"s\":");
                self.put_values(out, values, depth);
            }
            Some(Owner::Lifted) => {
                let _ = write!(out, "{{\"r\":\"{slot}\",\"f\":");
                self.put_values(out, values, depth);
            }
            _ => {
                let _ = write!(out, "{{\"r\":\"{slot}\"");
            }
        }
        out.push('}');
    }

    /// The field that holds a live list or map.
    fn holding_field(&self, slot: u64) -> Option<(StructId, u32, u32)> {
        let container = self.heap.get(slot).filter(|container| container.status == Status::Live)?;
        match container.owner {
            Owner::Field { ty, row, field } => Some((ty, row, field)),
            _ => None,
        }
    }
}

/// An integer: a text beyond what a float holds.
pub fn put_int(out: &mut String, value: i64) {
    let quotes = if value.unsigned_abs() > SAFE { "\"" } else { "" };
    let _ = write!(out, "{quotes}{value}{quotes}");
}

fn put_uint(out: &mut String, value: u64) {
    let quotes = if value > SAFE { "\"" } else { "" };
    let _ = write!(out, "{quotes}{value}{quotes}");
}

fn put_float(out: &mut String, value: f64) {
    let is_minus_zero = value == 0.0 && value.is_sign_negative();
    let text = if is_minus_zero { "-0".to_owned() } else { number::float_text(value) };
    let quotes = if value.is_finite() && !is_minus_zero { "" } else { "\"" };
    let _ = write!(out, "{quotes}{text}{quotes}");
}
