//! Random writes to states of any schema.

use std::sync::Arc;

use statewright_types::random::Streams;
use statewright_types::{IntKind, StructId, Type, Value};

use crate::state::State;

/// Texts that are written: ids of viewers, teams, and others.
const TEXTS: [&str; 6] = ["", "a", "b", "c", "red", "é"];

/// Writes what the dice say.
pub(super) struct Writer {
    pub(super) dice: Streams,
    /// Whether it writes where it is put, and not inside of what is there.
    pub(super) stays: bool,
}

impl Writer {
    pub(super) fn new(seed: u64) -> Writer {
        Writer { dice: Streams::new(seed), stays: false }
    }

    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.dice.int("dice", 0, sides.max(1) as i64 - 1) as usize
    }

    /// A random value of a type, as [`State::import`] takes it.
    pub(super) fn value(&mut self, state: &State, ty: &Type, depth: usize) -> Value {
        let small = self.roll(6);
        match ty {
            Type::Bool => Value::Bool(small > 2),
            Type::Int(IntKind::U64) => Value::uint([0, 1, u64::MAX, 7, 1 << 63, 300][small]),
            Type::Int(kind) => Value::Int([0, 1, -1, 5, 100, 70][small].max(kind.range().0 as i64)),
            Type::Float32 => Value::Float([0.0, -0.0, 1.5, f64::from(0.1f32), f64::NAN, 2.25][small]),
            Type::Float64 => Value::Float([0.0, 1e300, 1.5, 0.1, f64::NAN, 0.11][small]),
            Type::Uuid if small < 3 => Value::str("00112233-4455-6677-8899-aabbccddeeff"),
            Type::String | Type::Uuid => Value::str(TEXTS[small]),
            Type::Bytes => Value::Bytes(Arc::from(vec![small as u8; small])),
            Type::Nullable(_) if small < 2 => Value::Null,
            Type::Nullable(inner) => self.value(state, inner, depth),
            Type::List(element) => {
                let count = if depth > 4 { 0 } else { self.roll(4) };
                Value::List((0..count).map(|_| self.value(state, element, depth + 1)).collect())
            }
            Type::Map(key, value) => {
                let count = if depth > 4 { 0 } else { self.roll(4) };
                let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
                for _ in 0..count {
                    let key: Arc<str> = match self.value(state, key, depth + 1) {
                        Value::Str(text) => text,
                        Value::Int(number) => number.to_string().into(),
                        Value::UInt(number) => number.to_string().into(),
                        other => panic!("no key: {other:?}"),
                    };
                    if entries.iter().all(|entry| entry.0 != key) {
                        entries.push((key, self.value(state, value, depth + 1)));
                    }
                }
                Value::Map(entries)
            }
            Type::Struct(id) => {
                let schema = state.schema().clone();
                let fields = schema.get(*id).fields.iter();
                Value::Map(fields.map(|field| (field.name.clone(), self.value(state, &field.ty, depth + 1))).collect())
            }
            Type::Record(_) => unreachable!("never in a schema"),
        }
    }

    pub(super) fn slot(&mut self, state: &mut State, ty: &Type, depth: usize) -> u64 {
        let value = self.value(state, ty, depth);
        state.import(ty, &value).expect("fits")
    }

    /// One random write anywhere.
    pub(super) fn write(&mut self, state: &mut State) {
        let roots = state.schema().roots();
        let ty = if self.roll(6) == 0 { roots[self.roll(roots.len())] } else { state.main_root() };
        if ty != state.main_root() && self.roll(4) == 0 {
            if !state.root_activate(ty) {
                state.root_deactivate(ty);
            }
            return;
        }
        match state.root(ty) {
            Ok(_) if self.roll(60) == 0 => state.root_reset(ty).expect("small"),
            Ok(record) => self.record(state, ty, record, 0),
            Err(_) => {}
        }
    }

    /// One in the main root.
    pub(super) fn write_main(&mut self, state: &mut State) {
        let ty = state.main_root();
        if let Ok(record) = state.root(ty) {
            self.record(state, ty, record, 0);
        }
    }

    fn record(&mut self, state: &mut State, ty: StructId, record: u64, depth: usize) {
        let schema = state.schema().clone();
        let at = self.roll(schema.get(ty).fields.len());
        self.field(state, (ty, record, at), depth);
    }

    /// Writes a field of a record, or inside of it.
    pub(super) fn field(&mut self, state: &mut State, (ty, record, at): (StructId, u64, usize), depth: usize) {
        let schema = state.schema().clone();
        let field = &schema.get(ty).fields[at];
        let slot = state.load(record, ty, at as u32).expect("live");
        let descend = !self.stays && self.roll(12) > 0;
        match field.ty.non_null() {
            Type::Struct(inner) if slot != 0 && descend => self.record(state, *inner, slot, depth + 1),
            Type::List(element) if slot != 0 && descend => self.list(state, element, slot, depth + 1),
            Type::Map(key, value) if slot != 0 && descend => self.map(state, (key, value), slot, depth + 1),
            _ => {
                let new = self.slot(state, &field.ty, depth + 1);
                state.store(record, ty, at as u32, new).expect("stored");
            }
        }
    }

    pub(super) fn list(&mut self, state: &mut State, element: &Type, list: u64, depth: usize) {
        let length = state.list_len(list) as usize;
        match self.roll(12) {
            0..=2 if length < 8 => {
                let slot = self.slot(state, element, depth + 1);
                let at = self.roll(length + 1);
                state.list_insert(list, at as i64, slot).expect("inserted");
            }
            3 if length > 0 => state.list_remove(list, self.roll(length) as i64).expect("removed"),
            4 | 5 if length > 0 => {
                let slot = self.slot(state, element, depth + 1);
                state.list_set(list, self.roll(length) as i64, slot).expect("set");
            }
            6 if self.roll(6) == 0 => state.list_clear(list),
            7 if !matches!(element.non_null(), Type::List(_) | Type::Map(..)) => self.bulk(state, element, list, depth),
            _ if length > 0 => {
                let slot = state.list_get(list, self.roll(length) as i64).expect("in range");
                self.inside(state, element, slot, depth);
            }
            _ => {}
        }
    }

    /// Its own elements in another order, perhaps fewer, and new ones; seldom many of them.
    fn bulk(&mut self, state: &mut State, element: &Type, list: u64, depth: usize) {
        let mut slots = state.list_slots(list).to_vec();
        let length = slots.len();
        let (one, other) = (self.roll(length), self.roll(length));
        match self.roll(9) {
            0 => slots.rotate_left(one),
            1 if length > 0 => slots.swap(one, other),
            2 => slots.reverse(),
            3 => (1..length).for_each(|at| slots.swap(at, self.roll(at + 1))),
            4 => slots.chunks_exact_mut(2).for_each(|pair| pair.swap(0, 1)),
            5 if length > 0 && length < 24 && depth < 3 => {
                // Room for more to do.
                for _ in 0..self.roll(6) {
                    slots.push(self.slot(state, element, depth + 2));
                }
            }
            _ if length > 0 => {
                let moved = slots.remove(one);
                slots.insert(other, moved);
            }
            _ => {}
        }
        if self.roll(4) == 0 {
            slots.pop();
        }
        if self.roll(4) == 0 && slots.len() < 24 {
            let new = self.slot(state, element, depth + 1);
            slots.insert(one.min(slots.len()), new);
        }
        let source = state.list_new(&Type::list(element.clone()), &slots).expect("small");
        state.list_assign(list, source).expect("assigned");
    }

    pub(super) fn map(&mut self, state: &mut State, (key, value): (&Type, &Type), map: u64, depth: usize) {
        let length = state.list_len(map) as usize;
        let new = self.slot(state, key, depth + 1);
        match self.roll(8) {
            0..=2 => {
                let slot = self.slot(state, value, depth + 1);
                state.map_put(map, new, slot).expect("put");
            }
            3 => _ = state.map_remove(map, new),
            4 if self.roll(6) == 0 => state.map_clear(map),
            _ if length > 0 => {
                let slot = state.map_value_at(map, self.roll(length) as i64).expect("in range");
                self.inside(state, value, slot, depth);
            }
            _ => {}
        }
    }

    fn inside(&mut self, state: &mut State, ty: &Type, slot: u64, depth: usize) {
        match ty.non_null() {
            _ if self.stays => {}
            Type::Struct(inner) if slot != 0 => self.record(state, *inner, slot, depth + 1),
            Type::List(inner) if slot != 0 => self.list(state, inner, slot, depth + 1),
            Type::Map(key, value) if slot != 0 => self.map(state, (key, value), slot, depth + 1),
            _ => {}
        }
    }
}
