//! From slots to self-contained values.

use std::sync::Arc;

use statewright_types::{IntKind, TrapCode, Type, Value};

use super::{State, VALUE_NESTING};

impl State {
    /// A value of type `ty` as it is now, whole: a struct or record becomes a map of its fields in declared order, a map
    /// one of its entries in key order, integer keys as text.
    ///
    /// # Errors
    /// `stale_reference` if it contains a reference to something removed; `memory_limit` if it nests deeper than any
    /// checked type.
    pub fn export(&self, ty: &Type, value: u64) -> Result<Value, TrapCode> {
        self.export_at(ty, value, 0)
    }

    fn export_at(&self, ty: &Type, slot: u64, depth: usize) -> Result<Value, TrapCode> {
        if depth > VALUE_NESTING {
            return Err(TrapCode::MemoryLimit);
        }
        Ok(match ty {
            Type::Bool => Value::Bool(slot != 0),
            Type::Int(IntKind::U64) => Value::uint(slot),
            Type::Int(_) => Value::Int(slot as i64),
            Type::Float32 | Type::Float64 => {
                Value::Float(statewright_types::scalar::canonical_nan(f64::from_bits(slot)))
            }
            Type::String | Type::Uuid => Value::Str(self.heap.leaves.shared_text(slot)),
            Type::Bytes => Value::Bytes(Arc::from(self.get_bytes(slot))),
            Type::Nullable(_) if slot == 0 => Value::Null,
            Type::Nullable(inner) => self.export_at(inner, self.inside(inner, slot), depth)?,
            Type::List(element) => {
                let slots = self.heap.values(slot).iter();
                Value::List(slots.map(|slot| self.export_at(element, *slot, depth + 1)).collect::<Result<_, _>>()?)
            }
            Type::Map(key, value) => {
                let entries = self.heap.keys(slot).iter().zip(self.heap.values(slot));
                let entry = |(key_slot, slot): (&u64, &u64)| {
                    Ok((self.key_text(key, *key_slot), self.export_at(value, *slot, depth + 1)?))
                };
                Value::Map(entries.map(entry).collect::<Result<_, TrapCode>>()?)
            }
            Type::Struct(id) => {
                let row = self.live_row(slot, *id)?;
                let def = self.schema.types().get(id.index()).ok_or(TrapCode::StaleReference)?;
                let mut fields = Vec::with_capacity(def.fields.len());
                for (at, field) in def.fields.iter().enumerate() {
                    let slot = self.read_raw(*id, row, at as u32);
                    fields.push((field.name.clone(), self.export_at(&field.ty, slot, depth + 1)?));
                }
                Value::Map(fields)
            }
            Type::Record(record) => {
                let mut fields = Vec::with_capacity(record.fields.len());
                for (at, (name, ty)) in record.fields.iter().enumerate() {
                    fields.push((name.clone(), self.export_at(ty, self.record_get(slot, at as u32), depth + 1)?));
                }
                Value::Map(fields)
            }
        })
    }

    fn key_text(&self, key: &Type, slot: u64) -> Arc<str> {
        match key {
            Type::Int(IntKind::U64) => Arc::from(slot.to_string()),
            Type::Int(_) => Arc::from((slot as i64).to_string()),
            _ => self.heap.leaves.shared_text(slot),
        }
    }

    /// The whole state: the main root's fields, then each other active root under its type's name (unless the main
    /// root has a field of that name).
    pub fn to_value(&self) -> Value {
        let root_value = |ty| self.root(ty).and_then(|root| self.export(&Type::Struct(ty), root)).ok();
        let Some(Value::Map(mut entries)) = root_value(self.main_root) else { return Value::Map(Vec::new()) };
        for root in self.roots.iter().filter(|root| root.active && root.ty != self.main_root) {
            let Some(name) = self.schema.types().get(root.ty.index()).map(|def| def.name.clone()) else { continue };
            if let Some(value) = root_value(root.ty)
                && !entries.iter().any(|(key, _)| *key == name)
            {
                entries.push((name, value));
            }
        }
        Value::Map(entries)
    }
}
