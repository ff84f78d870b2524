//! The state as bytes, the same for equal states on every machine, and their hash.
//!
//! For each root in the order of the schema: one byte, 1 if it is active, 2 if it was and keeps its values, 0 if it never
//! was; then, unless 0, its record. A record is its
//! fields in declared order. A bool is one byte; an integer or float its bytes, little-endian, as wide as declared, NaN
//! always the canonical one (−0 and 0 differ); a string, uuid or bytes its length and the bytes; a list its count and
//! the elements; a map its count and the entries by ascending key; a nullable one byte, 0 for null, else 1 and the
//! value. Lengths and counts are LEB128 varints. Random streams are no part of it.

use sha2::{Digest, Sha256};
use statewright_types::layout::Repr;
use statewright_types::schema::Role;
use statewright_types::{StructId, Type};

use super::{State, VALUE_NESTING};
use crate::memory::{encode, row_of};

impl State {
    /// The whole state, the same bytes for equal states.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (index, def) in self.schema.types().iter().enumerate() {
            let ty = StructId(index as u32);
            if def.role == Role::Helper && ty != self.main_root {
                continue;
            }
            match (self.root(ty), self.dormant(ty)) {
                (Ok(root), _) => {
                    bytes.push(1);
                    self.put_record(&mut bytes, ty, root, 0);
                }
                (Err(_), Some(root)) => {
                    bytes.push(2);
                    self.put_record(&mut bytes, ty, root, 0);
                }
                (Err(_), None) => bytes.push(0),
            }
        }
        bytes
    }

    /// SHA-256 of the schema's hash and the canonical bytes.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.schema.hash());
        hash.update(self.canonical_bytes());
        hash.finalize().into()
    }

    pub(super) fn put_record(&self, bytes: &mut Vec<u8>, ty: StructId, record: u64, depth: usize) {
        let Some(def) = self.schema.types().get(ty.index()) else { return };
        for (at, field) in def.fields.iter().enumerate() {
            self.put(bytes, &field.ty, self.read_raw(ty, row_of(record), at as u32), depth + 1);
        }
    }

    fn put(&self, bytes: &mut Vec<u8>, ty: &Type, slot: u64, depth: usize) {
        if depth > VALUE_NESTING {
            return;
        }
        match ty {
            Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 => {
                let repr = Repr::of(ty);
                bytes.extend(encode(slot, repr).to_le_bytes().iter().take(repr.size()));
            }
            Type::String | Type::Uuid => put_bytes(bytes, self.str(slot).as_bytes()),
            Type::Bytes => put_bytes(bytes, self.get_bytes(slot)),
            Type::Nullable(_) if slot == 0 => bytes.push(0),
            Type::Nullable(inner) => {
                bytes.push(1);
                self.put(bytes, inner, self.inside(inner, slot), depth);
            }
            Type::List(element) => {
                let values = self.heap.values(slot);
                put_varint(bytes, values.len() as u64);
                for slot in values {
                    self.put(bytes, element, *slot, depth + 1);
                }
            }
            Type::Map(key, value) => {
                let keys = self.heap.keys(slot);
                put_varint(bytes, keys.len() as u64);
                for (key_slot, slot) in keys.iter().zip(self.heap.values(slot)) {
                    self.put(bytes, key, *key_slot, depth + 1);
                    self.put(bytes, value, *slot, depth + 1);
                }
            }
            Type::Struct(id) => self.put_record(bytes, *id, slot, depth),
            Type::Record(record) => {
                for (at, (_, ty)) in record.fields.iter().enumerate() {
                    self.put(bytes, ty, self.record_get(slot, at as u32), depth + 1);
                }
            }
        }
    }
}

fn put_bytes(bytes: &mut Vec<u8>, content: &[u8]) {
    put_varint(bytes, content.len() as u64);
    bytes.extend_from_slice(content);
}

fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
