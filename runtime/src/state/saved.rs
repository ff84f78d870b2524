//! Values that outlive their transaction: what a suspended activation keeps.

use std::sync::Arc;

use statewright_types::scalar::canonical_nan;
use statewright_types::{StructId, Type};

use super::heap::Status;
use super::{State, VALUE_NESTING};
use crate::memory::{Owner, row_of};

/// A value by content. Live structs and containers are kept by identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Null of any nullable type.
    Null,
    /// A number or bool as a slot.
    Slot(u64),
    /// A string or uuid.
    Text(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A nullable that is not null.
    Some(Box<Saved>),
    /// A list.
    List(Vec<Saved>),
    /// A map: keys and values.
    Map(Vec<(Saved, Saved)>),
    /// A struct that is a value, or a record: its fields.
    Fields(Vec<Saved>),
    /// A live struct, by reference. It may be stale when it is restored.
    Live {
        /// Its type.
        ty: StructId,
        /// The reference.
        record: u64,
    },
    /// The list or map that a field of a live struct owns.
    Container {
        /// The record's type.
        ty: StructId,
        /// The reference to it.
        record: u64,
        /// The field, by position.
        field: u32,
    },
}

impl State {
    /// A value of type `ty`, for [`State::restore`] in a later transaction.
    pub fn save(&self, ty: &Type, value: u64) -> Saved {
        self.save_at(ty, value, 0)
    }

    fn save_at(&self, ty: &Type, slot: u64, depth: usize) -> Saved {
        if depth > VALUE_NESTING {
            return Saved::Null;
        }
        match ty {
            Type::Bool | Type::Int(_) => Saved::Slot(slot),
            // A NaN is saved as the one that is stored: which one a computation gave is nobody's business.
            Type::Float32 | Type::Float64 => Saved::Slot(canonical_nan(f64::from_bits(slot)).to_bits()),
            Type::String | Type::Uuid => Saved::Text(self.heap.leaves.shared_text(slot)),
            Type::Bytes => Saved::Bytes(Arc::from(self.get_bytes(slot))),
            Type::Nullable(_) if slot == 0 => Saved::Null,
            Type::Nullable(inner) => Saved::Some(Box::new(self.save_at(inner, self.inside(inner, slot), depth + 1))),
            Type::List(_) | Type::Map(..) => {
                if let Some(container) = self.save_live_container(slot) {
                    return container;
                }
                let values = self.heap.values(slot).iter();
                match ty {
                    Type::Map(key, value) => {
                        let entries = self.heap.keys(slot).iter().zip(values);
                        let entry = |(k, v): (&u64, &u64)| {
                            (self.save_at(key, *k, depth + 1), self.save_at(value, *v, depth + 1))
                        };
                        Saved::Map(entries.map(entry).collect())
                    }
                    Type::List(element) => {
                        Saved::List(values.map(|slot| self.save_at(element, *slot, depth + 1)).collect())
                    }
                    _ => Saved::Null,
                }
            }
            Type::Struct(id) => {
                let Some(def) = self.schema.types().get(id.index()) else {
                    return Saved::Live { ty: *id, record: slot };
                };
                if self.struct_attached(slot, *id) != Ok(false) {
                    return Saved::Live { ty: *id, record: slot };
                }
                let fields = def.fields.iter().enumerate();
                let row = row_of(slot);
                let field = |(at, field): (usize, &statewright_types::schema::FieldDef)| {
                    self.save_at(&field.ty, self.read_raw(*id, row, at as u32), depth + 1)
                };
                Saved::Fields(fields.map(field).collect())
            }
            Type::Record(record) => {
                let fields = record.fields.iter().enumerate();
                let field = |(at, (_, ty)): (usize, &(Arc<str>, Type))| {
                    self.save_at(ty, self.record_get(slot, at as u32), depth + 1)
                };
                Saved::Fields(fields.map(field).collect())
            }
        }
    }

    /// A container that a field owns, by that field.
    fn save_live_container(&self, slot: u64) -> Option<Saved> {
        let container = self.heap.get(slot).filter(|container| container.status == Status::Live)?;
        let Owner::Field { ty, row, field } = container.owner else { return None };
        let record = self.tables.get(ty.index())?.reference(row);
        Some(Saved::Container { ty, record, field })
    }

    /// Whether a field has that type.
    fn field_is(&self, owner: StructId, field: u32, ty: &Type) -> bool {
        let def = self.schema.types().get(owner.index());
        def.and_then(|def| def.fields.get(field as usize)).is_some_and(|field| field.ty.non_null() == ty.non_null())
    }

    /// The value again, in this transaction. A live container whose record was removed comes back empty.
    pub fn restore(&mut self, ty: &Type, saved: &Saved) -> u64 {
        match (ty, saved) {
            (_, Saved::Null) => 0,
            (Type::Nullable(inner), Saved::Some(inside)) => {
                let slot = self.restore(inner, inside);
                self.some(ty, slot)
            }
            // What was saved at another type, in a file that was tampered with, is zero.
            (Type::Bool, Saved::Slot(slot)) => u64::from(*slot != 0),
            (Type::Int(_) | Type::Float32 | Type::Float64, Saved::Slot(slot)) => *slot,
            (Type::Struct(id), Saved::Live { ty, record }) if id == ty => *record,
            (Type::String | Type::Uuid, Saved::Text(text)) => self.string(text),
            (Type::Bytes, Saved::Bytes(bytes)) => self.bytes(bytes),
            (_, Saved::Container { ty: owner, record, field }) if self.field_is(*owner, *field, ty) => {
                match self.load(*record, *owner, *field) {
                    Ok(slot) if slot != 0 => slot,
                    _ => self.zero(ty),
                }
            }
            (Type::List(element), Saved::List(elements)) => {
                let slots: Vec<u64> = elements.iter().map(|saved| self.restore(element, saved)).collect();
                self.list_new(ty, &slots).unwrap_or(0)
            }
            (Type::Map(key, value), Saved::Map(entries)) => {
                let mut slots = Vec::with_capacity(entries.len() * 2);
                for (saved_key, saved_value) in entries {
                    slots.push(self.restore(key, saved_key));
                    slots.push(self.restore(value, saved_value));
                }
                self.map_new(ty, &slots).unwrap_or(0)
            }
            (Type::Struct(id), Saved::Fields(fields)) => {
                let record = self.new_record(*id, false, 0);
                let schema = self.schema.clone();
                let defs = schema.types().get(id.index()).map_or(&[][..], |def| &def.fields);
                for (at, (def, saved)) in defs.iter().zip(fields).enumerate() {
                    let slot = self.restore(&def.ty, saved);
                    // It was a value of this type when it was saved, so it fits.
                    let _fits = self.struct_init(record, *id, at as u32, slot);
                }
                record
            }
            (Type::Record(record), Saved::Fields(fields)) => {
                let parts = record.fields.iter().zip(fields);
                let slots: Vec<u64> = parts.map(|((_, ty), saved)| self.restore(ty, saved)).collect();
                self.record_new(record, &slots)
            }
            _ => 0,
        }
    }
}
