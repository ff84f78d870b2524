//! Random changes, written as steps and made in a view at the same time.

use std::sync::Arc;

use statewright_types::schema::FieldDef;
use statewright_types::{IntKind, StructId, Type, Value};

use super::scribe::{Scribe, int, sort, wire_order};
use crate::wire::codes::{list, map, record};
use crate::wire::varint;

/// Whether the cursor went back to the main root, from wherever.
type Home = bool;

impl Scribe {
    /// The body of a patch that makes of `view` what it is then.
    pub(super) fn patch(&mut self, view: &mut Value) -> Vec<u8> {
        self.out.clear();
        for _ in 0..=self.roll(4) {
            self.roots(view);
        }
        std::mem::take(&mut self.out)
    }

    /// From the main root, and back to it.
    fn roots(&mut self, view: &mut Value) {
        let Value::Map(top) = view else { unreachable!() };
        let name = ["Shop", "Bank"][self.roll(2)];
        let ty = self.schema.by_name(name).expect("a root");
        let id = u64::from(self.schema.get(ty).id);
        let there = top.iter().position(|(key, _)| **key == *name);
        let kind = self.roll(8);
        match (there, kind) {
            (Some(at), 0) => {
                top.remove(at);
                self.put_all(&[record::ROOT_GONE as usize, id as usize]);
            }
            (_, 1) => {
                let value = self.random_struct(ty, 0);
                self.put_all(&[record::ROOT_THERE as usize, id as usize]);
                self.structure(ty, &value);
                top.retain(|(key, _)| **key != *name);
                // In declared order behind the main root's fields.
                let before_bank = top.iter().position(|(key, _)| &**key == "Bank").filter(|_| name == "Shop");
                top.insert(before_bank.unwrap_or(top.len()), (name.into(), value));
            }
            (Some(at), 2 | 3) => {
                self.put_all(&[record::ROOT as usize, id as usize]);
                if !self.record(ty, &mut top[at].1, 0) {
                    self.put(record::HOME);
                }
            }
            _ => {
                self.record(StructId(0), view, 0);
            }
        }
    }

    /// Steps in a struct; the cursor is still there then, unless it is home.
    fn record(&mut self, ty: StructId, value: &mut Value, depth: usize) -> Home {
        let schema = self.schema.clone();
        let order = wire_order(&schema, ty);
        for _ in 0..=self.roll(3) {
            let field = &schema.get(ty).fields[order[self.roll(order.len())]];
            let Value::Map(fields) = &mut *value else { unreachable!() };
            let there = fields.iter().position(|(name, _)| *name == field.name);
            if let Some(at) = there
                && self.roll(4) > 0
                && self.change(field, &mut fields[at].1, depth)
            {
                if self.roll(8) == 0 {
                    self.put(record::HOME);
                    return true;
                }
                continue;
            }
            if there.is_some() && self.roll(4) == 0 {
                fields.retain(|(name, _)| *name != field.name);
                self.put_all(&[record::HIDE as usize, usize::from(field.id)]);
            } else {
                let new = self.random(&field.ty, field.step, depth + 1);
                self.put(record::set(field.id));
                self.field(field, &new);
                set(&schema, ty, fields, field, new);
            }
        }
        false
    }

    /// An odd tag, if the field can take one: a difference, or steps inside and back again.
    fn change(&mut self, field: &FieldDef, old: &mut Value, depth: usize) -> bool {
        let tag = record::change(field.id);
        if matches!(field.ty.non_null(), Type::List(_) | Type::Map(..) | Type::Struct(_)) {
            if *old == Value::Null {
                return false;
            }
            self.put(tag);
            // Home would be no place to go on from: the caller believes to be in its struct.
            self.inside(field.ty.non_null(), old, depth + 1);
            self.put(0);
            return true;
        }
        let new = self.random(&field.ty, field.step, depth);
        let start = self.out.len();
        self.put(tag);
        if self.difference(field, old, &new) {
            *old = new;
            return true;
        }
        self.out.truncate(start);
        false
    }

    fn difference(&mut self, field: &FieldDef, old: &Value, new: &Value) -> bool {
        match (&field.ty, old, new) {
            (Type::Int(IntKind::I8 | IntKind::U8), ..) => false,
            (Type::Int(kind), old, new) => {
                let bits = 8 * kind.size() as u32;
                let plain = int(new) - int(old);
                // The nearest of those that are the same with wrapping.
                let wrapped = (plain as i64) << (64 - bits) >> (64 - bits);
                varint::put_signed(&mut self.out, wrapped);
                true
            }
            (Type::Float32 | Type::Float64, Value::Float(old), Value::Float(new)) => {
                let quantum = |number: f64| statewright_types::scalar::quantum(number, field.step.unwrap_or(1.0));
                match (field.step, quantum(*old), quantum(*new)) {
                    (Some(_), Some(old), Some(new)) => varint::put_signed(&mut self.out, new - old),
                    (Some(_), ..) => return false,
                    _ if field.ty == Type::Float64 => self.xor(old.to_bits() ^ new.to_bits()),
                    _ => {
                        let bits = |number: f64| if number.is_nan() { 0x7fc0_0000 } else { (number as f32).to_bits() };
                        self.xor(u64::from(bits(*old) ^ bits(*new)));
                    }
                }
                true
            }
            _ => false,
        }
    }

    fn xor(&mut self, bits: u64) {
        let bytes = bits.to_le_bytes();
        let low = bytes.iter().take_while(|byte| **byte == 0).count() % 8;
        let high = bytes.iter().rposition(|byte| *byte != 0).map_or(low, |last| last + 1);
        self.out.push((low as u8) << 4 | (high - low) as u8);
        self.out.extend(&bytes[low..high]);
    }

    /// Steps in a struct, a list or a map.
    fn inside(&mut self, ty: &Type, value: &mut Value, depth: usize) {
        match (ty, value) {
            (Type::Struct(id), value) => {
                // Not home from here: see `change`.
                let start = (self.out.len(), value.clone());
                if self.record(*id, value, depth) {
                    self.out.truncate(start.0);
                    *value = start.1;
                }
            }
            (Type::List(element), Value::List(values)) => {
                let count = self.roll(3);
                (0..count).for_each(|_| self.list_step(element, values, depth));
            }
            (Type::Map(key, element), Value::Map(entries)) => {
                let count = self.roll(3);
                (0..count).for_each(|_| self.map_step((key, element), entries, depth));
            }
            (ty, value) => panic!("{ty:?} is not {value:?}"),
        }
    }

    fn list_step(&mut self, element: &Type, values: &mut Vec<Value>, depth: usize) {
        let len = values.len();
        let (at, other) = (self.roll(len), self.roll(len));
        let gap = self.roll(len + 1);
        let tag = |tag: u64| tag as usize;
        match (self.roll(11), len) {
            (0, _) => {
                let value = self.random(element, None, depth + 1);
                self.put_all(&[tag(list::INSERT), gap]);
                self.value(element, &value);
                values.insert(gap, value);
            }
            (1, 1..) => {
                self.put_all(&[tag(list::REMOVE), at]);
                values.remove(at);
            }
            (2, 1..) => {
                self.put_all(&[tag(list::MOVE), at, other]);
                let value = values.remove(at);
                values.insert(other, value);
            }
            (3, _) => {
                *values = self.random_list(element, depth);
                self.put(list::REPLACE_ALL);
                self.list(element, values);
            }
            (4, _) => self.arrange(element, values, depth),
            (5, 1..) => self.columns(element, values, depth),
            (6, 1..) => {
                values[at] = self.random(element, None, depth + 1);
                self.put_all(&[tag(list::REPLACE), at]);
                self.value(element, &values[at]);
            }
            (7, _) => {
                let new = self.random_list(element, depth);
                self.put_all(&[tag(list::INSERT_MANY), gap]);
                self.list(element, &new);
                values.splice(gap..gap, new);
            }
            (8, _) => {
                let count = self.roll(len - gap + 1);
                self.put_all(&[tag(list::REMOVE_MANY), gap, count]);
                values.drain(gap..gap + count);
            }
            (9, _) if !matches!(element.non_null(), Type::Struct(_) | Type::List(_) | Type::Map(..)) => {
                let count = self.roll(len - gap + 1);
                self.put_all(&[tag(list::VALUES), gap, count]);
                for value in &mut values[gap..gap + count] {
                    *value = self.random(element, None, depth + 1);
                    self.value(element, value);
                }
            }
            _ => self.elements(element, values, depth),
        }
    }

    fn random_list(&mut self, element: &Type, depth: usize) -> Vec<Value> {
        match self.random(&Type::list(element.clone()), None, depth.min(4)) {
            Value::List(values) => values,
            other => unreachable!("{other:?}"),
        }
    }

    /// Odd tags, from the front of the list to its end, after an even one that changes nothing.
    fn elements(&mut self, element: &Type, values: &mut [Value], depth: usize) {
        self.put_all(&[list::REMOVE_MANY as usize, 0, 0]);
        let mut mark = 0;
        for (at, value) in values.iter_mut().enumerate() {
            if self.roll(2) == 0 {
                continue;
            }
            if matches!(element.non_null(), Type::Struct(_) | Type::List(_) | Type::Map(..)) {
                if *value == Value::Null {
                    continue;
                }
                self.put(list::element((at - mark) as u32));
                self.inside(element.non_null(), value, depth + 1);
                self.put(0);
            } else {
                *value = self.random(element, None, depth + 1);
                self.put(list::element((at - mark) as u32));
                self.value(element, value);
            }
            mark = at + 1;
        }
    }

    fn arrange(&mut self, element: &Type, values: &mut Vec<Value>, depth: usize) {
        let mut old: Vec<Option<Value>> = values.drain(..).map(Some).collect();
        let count = self.roll(old.len() + 2);
        self.put_all(&[list::ARRANGE as usize, count]);
        for _ in 0..count {
            let at = self.roll(old.len());
            match old.get_mut(at).and_then(Option::take) {
                Some(value) => {
                    self.put(at as u64 + 1);
                    values.push(value);
                }
                None => {
                    self.put(0);
                    let value = self.random(element, None, depth + 1);
                    self.value(element, &value);
                    values.push(value);
                }
            }
        }
    }

    fn columns(&mut self, element: &Type, values: &mut [Value], depth: usize) {
        let Type::Struct(ty) = element else { return };
        let schema = self.schema.clone();
        let first = self.roll(values.len());
        let count = self.roll(values.len() - first) + 1;
        let order = wire_order(&schema, *ty);
        let rows = &mut values[first..first + count];
        let mut tags: Vec<(&FieldDef, bool)> = Vec::new();
        for at in order {
            let field = &schema.get(*ty).fields[at];
            let is_number = matches!(field.ty, Type::Int(_) | Type::Float32 | Type::Float64);
            let narrow = matches!(field.ty, Type::Int(IntKind::U8));
            let seen = rows.iter().all(|row| row.get(&field.name).is_some());
            match self.roll(3) {
                0 => {}
                1 if is_number && !narrow && seen => tags.push((field, true)),
                _ => tags.push((field, false)),
            }
        }
        if tags.is_empty() {
            return;
        }
        self.put_all(&[list::COLUMNS as usize, first, count, tags.len()]);
        for (field, odd) in &tags {
            self.put(if *odd { record::change(field.id) } else { record::set(field.id) });
        }
        for row in rows {
            let Value::Map(fields) = row else { unreachable!() };
            for (field, odd) in &tags {
                let new = self.random(&field.ty, field.step, depth + 2);
                if *odd {
                    let old = fields.iter().find(|(name, _)| *name == field.name).expect("seen").1.clone();
                    assert!(self.difference(field, &old, &new));
                } else {
                    self.field(field, &new);
                }
                set(&schema, *ty, fields, field, new);
            }
        }
    }

    fn map_step(&mut self, (key, element): (&Type, &Type), entries: &mut Vec<(Arc<str>, Value)>, depth: usize) {
        let at = self.roll(entries.len());
        match (self.roll(4), entries.len()) {
            (0, 1..) => {
                let (name, _) = entries.remove(at);
                self.put(map::DELETE);
                self.key(key, &name);
            }
            (1, 1..) if matches!(element.non_null(), Type::Struct(_)) => {
                self.put(map::ENTER);
                let (name, value) = &mut entries[at];
                self.key(key, name);
                self.inside(element.non_null(), value, depth + 1);
                self.put(0);
            }
            (2, _) => {
                let new = self.random(&Type::map(key.clone(), element.clone()), None, depth.min(4));
                self.put(map::REPLACE_ALL);
                self.value(&Type::map(key.clone(), element.clone()), &new);
                let Value::Map(new) = new else { unreachable!() };
                *entries = new;
            }
            _ => {
                let name = self.random_key(key);
                let value = self.random(element, None, depth + 1);
                self.put(map::PUT);
                self.key(key, &name);
                self.value(element, &value);
                entries.push((name, value));
                sort(key, entries);
            }
        }
    }
}

/// Sets a field, in its place by declared order; other roots stand behind all fields.
fn set(
    schema: &statewright_types::Schema,
    ty: StructId,
    fields: &mut Vec<(Arc<str>, Value)>,
    field: &FieldDef,
    new: Value,
) {
    fields.retain(|(name, _)| *name != field.name);
    let place = |name: &str| schema.get(ty).field(name).unwrap_or(usize::MAX);
    let at = fields.iter().position(|(name, _)| place(name) > place(&field.name)).unwrap_or(fields.len());
    fields.insert(at, (field.name.clone(), new));
}
