//! By type: equality, zeros, sizes.

use sha2::{Digest, Sha256};
use statewright_types::scalar::canonical_nan;
use statewright_types::{StructId, TrapCode, Type};

use super::heap::Status;
use super::{State, VALUE_NESTING};
use crate::memory::Owner;

impl State {
    /// `equal`: whether two values of type `ty` are equal by content. Floats compare as numbers: a NaN equals nothing.
    ///
    /// # Errors
    /// `stale_reference` if either contains a reference to something removed; `memory_limit` if they nest deeper than
    /// any checked type.
    pub fn equal(&self, ty: &Type, a: u64, b: u64) -> Result<bool, TrapCode> {
        self.equal_at(ty, a, b, 0)
    }

    fn equal_at(&self, ty: &Type, a: u64, b: u64, depth: usize) -> Result<bool, TrapCode> {
        if depth > VALUE_NESTING {
            return Err(TrapCode::MemoryLimit);
        }
        let leaves = &self.heap.leaves;
        match ty {
            Type::Bool | Type::Int(_) => Ok(a == b),
            Type::Float32 | Type::Float64 => Ok(f64::from_bits(a) == f64::from_bits(b)),
            Type::String | Type::Uuid => Ok(a == b || leaves.text(a) == leaves.text(b)),
            Type::Bytes => Ok(leaves.bytes(a) == leaves.bytes(b)),
            Type::Nullable(inner) => {
                if a == 0 || b == 0 {
                    return Ok(a == b);
                }
                self.equal_at(inner, self.inside(inner, a), self.inside(inner, b), depth)
            }
            Type::List(element) => self.equal_slots(element, self.heap.values(a), self.heap.values(b), depth),
            Type::Map(key, value) => Ok(self.equal_slots(key, self.heap.keys(a), self.heap.keys(b), depth)?
                && self.equal_slots(value, self.heap.values(a), self.heap.values(b), depth)?),
            Type::Struct(id) => self.equal_structs(*id, a, b, depth),
            Type::Record(record) => {
                for (at, (_, ty)) in record.fields.iter().enumerate() {
                    let (a, b) = (self.record_get(a, at as u32), self.record_get(b, at as u32));
                    if !self.equal_at(ty, a, b, depth + 1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// What is inside a nullable of `inner` that is not null.
    pub(super) fn inside(&self, inner: &Type, slot: u64) -> u64 {
        match inner {
            Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 => self.heap.leaves.boxed(slot),
            _ => slot,
        }
    }

    fn equal_slots(&self, ty: &Type, a: &[u64], b: &[u64], depth: usize) -> Result<bool, TrapCode> {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (a, b) in a.iter().zip(b) {
            if !self.equal_at(ty, *a, *b, depth + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn equal_structs(&self, id: StructId, a: u64, b: u64, depth: usize) -> Result<bool, TrapCode> {
        let (a, b) = (self.live_row(a, id)?, self.live_row(b, id)?);
        let Some(def) = self.schema.types().get(id.index()) else { return Err(TrapCode::StaleReference) };
        for (at, field) in def.fields.iter().enumerate() {
            let (a, b) = (self.read_raw(id, a, at as u32), self.read_raw(id, b, at as u32));
            if !self.equal_at(&field.ty, a, b, depth + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `digest`: the same for values that are equal, by way of their canonical bytes (−0 as 0).
    ///
    /// # Errors
    /// As [`State::equal`].
    pub fn digest(&self, ty: &Type, value: u64) -> Result<u64, TrapCode> {
        let mut bytes = Vec::new();
        self.put_content(&mut bytes, ty, value, 0)?;
        let hash = Sha256::digest(&bytes);
        Ok(hash.first_chunk().map_or(0, |first| u64::from_le_bytes(*first)))
    }

    fn put_content(&self, bytes: &mut Vec<u8>, ty: &Type, slot: u64, depth: usize) -> Result<(), TrapCode> {
        if depth > VALUE_NESTING {
            return Err(TrapCode::MemoryLimit);
        }
        let mut put = |data: &[u8]| {
            bytes.extend((data.len() as u64).to_le_bytes());
            bytes.extend_from_slice(data);
        };
        match ty {
            Type::Bool | Type::Int(_) => bytes.extend(slot.to_le_bytes()),
            // Adding 0 makes 0 of −0 and changes nothing else.
            Type::Float32 | Type::Float64 => {
                bytes.extend((canonical_nan(f64::from_bits(slot)) + 0.0).to_bits().to_le_bytes());
            }
            Type::String | Type::Uuid => put(self.str(slot).as_bytes()),
            Type::Bytes => put(self.get_bytes(slot)),
            Type::Nullable(_) if slot == 0 => bytes.push(0),
            Type::Nullable(inner) => {
                bytes.push(1);
                self.put_content(bytes, inner, self.inside(inner, slot), depth)?;
            }
            Type::List(element) => self.put_slots(bytes, element, self.heap.values(slot), depth)?,
            Type::Map(key, value) => {
                self.put_slots(bytes, key, self.heap.keys(slot), depth)?;
                self.put_slots(bytes, value, self.heap.values(slot), depth)?;
            }
            Type::Struct(id) => {
                let row = self.live_row(slot, *id)?;
                let Some(def) = self.schema.types().get(id.index()) else { return Err(TrapCode::StaleReference) };
                for (at, field) in def.fields.iter().enumerate() {
                    self.put_content(bytes, &field.ty, self.read_raw(*id, row, at as u32), depth + 1)?;
                }
            }
            Type::Record(record) => {
                for (at, (_, ty)) in record.fields.iter().enumerate() {
                    self.put_content(bytes, ty, self.record_get(slot, at as u32), depth + 1)?;
                }
            }
        }
        Ok(())
    }

    fn put_slots(&self, bytes: &mut Vec<u8>, ty: &Type, slots: &[u64], depth: usize) -> Result<(), TrapCode> {
        bytes.extend((slots.len() as u64).to_le_bytes());
        slots.iter().try_for_each(|slot| self.put_content(bytes, ty, *slot, depth + 1))
    }

    /// `zero`: 0, false, "", empty, null; of a struct, a value with zero fields; of a record, zero fields.
    pub fn zero(&mut self, ty: &Type) -> u64 {
        match ty {
            Type::List(_) => self.list_new(ty, &[]).unwrap_or(0),
            Type::Map(..) => self.map_new(ty, &[]).unwrap_or(0),
            Type::Struct(id) => self.new_record(*id, false, 0),
            Type::Record(record) => {
                let fields: Vec<u64> = record.fields.iter().map(|(_, ty)| self.zero(ty)).collect();
                self.record_new(record, &fields)
            }
            Type::Bool
            | Type::Int(_)
            | Type::Float32
            | Type::Float64
            | Type::String
            | Type::Uuid
            | Type::Bytes
            | Type::Nullable(_) => 0,
        }
    }

    /// The size of a value in bytes (LANGUAGE R7.4), for `mem`: of text and bytes, their length and 8; of a list, map,
    /// struct value or record, 8 and its parts. Numbers, null and live references are 8 within something and 0 alone,
    /// as is a live container or a snapshot alone.
    pub fn size(&self, ty: &Type, value: u64) -> u64 {
        match self.size_at(ty, value, 0) {
            Size::Part => 0,
            Size::Snapshot(_) => 0,
            Size::Whole(bytes) => bytes,
        }
    }

    fn size_at(&self, ty: &Type, slot: u64, depth: usize) -> Size {
        if depth > VALUE_NESTING {
            return Size::Whole(u64::MAX);
        }
        match ty {
            Type::Bool | Type::Int(_) | Type::Float32 | Type::Float64 => Size::Part,
            Type::String | Type::Uuid => Size::Whole(8 + self.str(slot).len() as u64),
            Type::Bytes => Size::Whole(8 + self.get_bytes(slot).len() as u64),
            Type::Nullable(inner) => {
                if slot == 0 {
                    Size::Part
                } else {
                    self.size_at(inner, slot, depth)
                }
            }
            Type::List(_) | Type::Map(..) => self.container_size(ty, slot, depth),
            Type::Struct(id) => {
                if self.struct_attached(slot, *id) != Ok(false) {
                    return Size::Part;
                }
                let Some(def) = self.schema.types().get(id.index()) else { return Size::Part };
                let row = crate::memory::row_of(slot);
                let parts = def.fields.iter().enumerate();
                let parts = parts.map(|(at, field)| (&field.ty, self.read_raw(*id, row, at as u32)));
                Size::Whole(self.sum(parts, depth))
            }
            Type::Record(record) => {
                let parts = record.fields.iter().enumerate();
                Size::Whole(self.sum(parts.map(|(at, (_, ty))| (ty, self.record_get(slot, at as u32))), depth))
            }
        }
    }

    /// Whether all that a list holds is references to structs of the state, and thus nothing more to walk.
    fn all_attached(&self, element: &Type, list: u64) -> bool {
        let Type::Struct(id) = element else { return false };
        let Some(table) = self.tables.get(id.index()) else { return false };
        let attached = |slot: &u64| table.is_live(*slot) && table.owner(crate::memory::row_of(*slot)) != Owner::Value;
        self.heap.values(list).iter().all(attached)
    }

    fn container_size(&self, ty: &Type, slot: u64, depth: usize) -> Size {
        let values = self.heap.values(slot).iter();
        let bytes = match ty {
            Type::Map(key, value) => {
                let keys = self.heap.keys(slot).iter().map(|slot| (&**key, *slot));
                self.sum(keys.chain(values.map(|slot| (&**value, *slot))), depth)
            }
            Type::List(element) if element.is_number() || **element == Type::Bool => 8 + 8 * values.len() as u64,
            Type::List(element) if self.all_attached(element, slot) => 8 + 8 * values.len() as u64,
            Type::List(element) => self.sum(values.map(|slot| (&**element, *slot)), depth),
            _ => 8,
        };
        match self.heap.get(slot).map(|entry| entry.status) {
            Some(Status::Live | Status::Snapshot | Status::Dead | Status::Lifted) => Size::Snapshot(bytes),
            _ => Size::Whole(bytes),
        }
    }

    fn sum<'a>(&self, parts: impl Iterator<Item = (&'a Type, u64)>, depth: usize) -> u64 {
        let mut bytes: u64 = 8;
        for (ty, slot) in parts {
            bytes = bytes.saturating_add(match self.size_at(ty, slot, depth + 1) {
                Size::Part => 8,
                Size::Snapshot(bytes) | Size::Whole(bytes) => bytes,
            });
        }
        bytes
    }
}

/// How much something counts, by where it stands.
enum Size {
    /// 8 within something, nothing alone.
    Part,
    /// So much within something, nothing alone.
    Snapshot(u64),
    /// So much anywhere.
    Whole(u64),
}
