//! Random operations on a state and on a plain value side by side.

use std::sync::Arc;

use statewright_types::random::Streams;
use statewright_types::{IntKind, StructId, Type, Value};

use super::audit::{Picture, audit};
use super::fixture;
use crate::state::{Changes, Course, MapKey, Operation, Origin, State};

/// A step from a record's or container's value to a part of it.
#[derive(Clone, Debug)]
enum Step {
    Field(Arc<str>),
    Index(usize),
    Key(Arc<str>),
}

pub(super) struct Model {
    pub(super) state: State,
    pub(super) value: Value,
    pub(super) dice: Streams,
}

fn part<'a>(value: &'a mut Value, path: &[Step]) -> &'a mut Value {
    path.iter().fold(value, |value, step| match (step, value) {
        (Step::Field(name) | Step::Key(name), Value::Map(entries)) => {
            &mut entries.iter_mut().find(|(key, _)| key == name).expect("an entry").1
        }
        (Step::Index(at), Value::List(values)) => &mut values[*at],
        (step, value) => panic!("{step:?} into {value:?}"),
    })
}

impl Model {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.dice.int("dice", 0, sides.max(1) as i64 - 1) as usize
    }

    /// A value of type `ty` as `export` would give it.
    fn random(&mut self, ty: &Type, depth: usize) -> Value {
        let small = self.roll(5);
        match ty {
            Type::Bool => Value::Bool(small > 2),
            Type::Int(IntKind::U64) => Value::uint([0, 1, u64::MAX, 7, 1 << 63][small]),
            Type::Int(_) => Value::Int([0, 1, -1, 5, 3][small].max(ty_low(ty))),
            Type::Float32 => Value::Float([0.0, -0.0, 1.5, f64::from(0.1f32), f64::NAN][small]),
            Type::Float64 => Value::Float([0.0, -0.0, 1.5, 0.1, f64::NAN][small]),
            Type::String | Type::Uuid => Value::str(["", "a", "b", "é", "longer text"][small]),
            Type::Bytes => Value::Bytes(Arc::from(vec![small as u8; small])),
            Type::Nullable(_) if small < 2 => Value::Null,
            Type::Nullable(inner) => self.random(inner, depth),
            Type::List(element) => {
                let count = if depth > 4 { 0 } else { self.roll(4) };
                Value::List((0..count).map(|_| self.random(element, depth + 1)).collect())
            }
            Type::Map(key, value) => {
                let mut keys: Vec<Value> = (0..self.roll(4)).map(|_| self.random(key, depth + 1)).collect();
                sort_keys(&mut keys);
                Value::Map(keys.iter().map(|key| (key_text(key), self.random(value, depth + 1))).collect())
            }
            Type::Struct(id) => {
                let schema = self.state.schema().clone();
                let fields = schema.get(*id).fields.iter();
                Value::Map(fields.map(|field| (field.name.clone(), self.random(&field.ty, depth + 1))).collect())
            }
            Type::Record(_) => unreachable!("never in a schema"),
        }
    }

    /// One random write. A state that became large has a small tree planted.
    pub(super) fn write(&mut self) {
        let root_type = self.state.main_root();
        let root = self.state.root(root_type).expect("active");
        self.step(root_type, root, &mut Vec::new());
        if self.state.statistics().records > 3000 {
            let (ty, field) = fixture::field(&self.state, "Game.Tree");
            let value = self.random(&Type::Struct(self.state.schema().by_name("Node").expect("a type")), 5);
            let node = self.state.schema().get(ty).fields[field as usize].ty.clone();
            let slot = self.state.import(&node, &value).expect("fits");
            self.state.store(root, ty, field, slot).expect("stored");
            *part(&mut self.value, &[Step::Field("Tree".into())]) = value;
        }
    }

    /// One random write somewhere below a record.
    fn step(&mut self, ty: StructId, record: u64, path: &mut Vec<Step>) {
        let schema = self.state.schema().clone();
        let at = self.roll(schema.get(ty).fields.len());
        let field = &schema.get(ty).fields[at];
        let slot = self.state.load(record, ty, at as u32).expect("live");
        path.push(Step::Field(field.name.clone()));
        let descend = self.roll(3) > 0;
        if self.roll(4) == 0 && self.assign_own_part(ty, record, at, path) {
            return;
        }
        match field.ty.non_null() {
            Type::Struct(inner) if slot != 0 && descend => self.step(*inner, slot, path),
            Type::List(element) if slot != 0 && descend => self.list_step(element, slot, path),
            Type::Map(key, value) if slot != 0 && descend => self.map_step(key, value, slot, path),
            _ => {
                let value = self.random(&field.ty, path.len());
                let slot = self.state.import(&field.ty, &value).expect("fits");
                self.state.store(record, ty, at as u32, slot).expect("stored");
                *part(&mut self.value, path) = value;
            }
        }
    }

    /// Writes a struct with a live part of itself, a list of lists in another order, or a map of structs with its own
    /// values under other keys: what is read goes away, or changes, with the write. Whether the field is one of these.
    fn assign_own_part(&mut self, ty: StructId, record: u64, at: usize, path: &[Step]) -> bool {
        let schema = self.state.schema().clone();
        let field = &schema.get(ty).fields[at];
        let live = self.state.load(record, ty, at as u32).expect("live");
        let current = part(&mut self.value, path).clone();
        let (slot, value) = match (&field.ty, current) {
            (Type::Struct(inner), _) => {
                let list = Type::list(field.ty.clone());
                let Some(children) = schema.get(*inner).fields.iter().position(|field| field.ty == list) else {
                    return false;
                };
                let list = self.state.load(live, *inner, children as u32).expect("live");
                let Ok(child) = self.state.list_get(list, 0) else { return false };
                let mut inside = path.to_vec();
                inside.extend([Step::Field(schema.get(*inner).fields[children].name.clone()), Step::Index(0)]);
                (child, part(&mut self.value, &inside).clone())
            }
            (Type::List(inner), Value::List(mut values)) if matches!(**inner, Type::List(_)) => {
                let mut slots = self.state.list_slots(live).to_vec();
                let by = slots.len().min(1);
                slots.rotate_left(by);
                values.rotate_left(by);
                (self.state.list_new(&field.ty, &slots).expect("small"), Value::List(values))
            }
            (Type::Map(_, inner), Value::Map(mut entries)) if matches!(**inner, Type::Struct(_)) => {
                let count = entries.len() as i64;
                let values: Vec<Value> = entries.iter().map(|entry| entry.1.clone()).collect();
                let mut slots = Vec::new();
                for at in 0..count {
                    let other = (at + 1) % count;
                    slots.push(self.state.map_key_at(live, at).expect("in range"));
                    slots.push(self.state.map_value_at(live, other).expect("in range"));
                    entries[at as usize].1 = values[other as usize].clone();
                }
                (self.state.map_new(&field.ty, &slots).expect("small"), Value::Map(entries))
            }
            _ => return false,
        };
        self.state.store(record, ty, at as u32, slot).expect("stored");
        *part(&mut self.value, path) = value;
        true
    }

    fn list_step(&mut self, element: &Type, list: u64, path: &mut Vec<Step>) {
        let length = self.state.list_len(list) as usize;
        let at = self.roll(length);
        let new = self.random(element, path.len() + 1);
        match self.roll(9) {
            0 | 1 => {
                let at = self.roll(length + 1);
                let slot = self.state.import(element, &new).expect("fits");
                self.state.list_insert(list, at as i64, slot).expect("inserted");
                self.elements(path).insert(at, new);
            }
            2 if length > 0 => {
                self.state.list_remove(list, at as i64).expect("removed");
                self.elements(path).remove(at);
            }
            3 if length > 0 => {
                let slot = self.state.import(element, &new).expect("fits");
                self.state.list_set(list, at as i64, slot).expect("set");
                self.elements(path)[at] = new;
            }
            4 if self.roll(6) == 0 => {
                self.state.list_clear(list);
                self.elements(path).clear();
            }
            5 => self.assign_own_elements(element, list, path),
            6 if length > 0 => self.assign_inner_list(element, list, at, path),
            _ if length > 0 => {
                let slot = self.state.list_get(list, at as i64).expect("in range");
                path.push(Step::Index(at));
                match element.non_null() {
                    Type::Struct(inner) if slot != 0 => self.step(*inner, slot, path),
                    Type::List(inner) => self.list_step(inner, slot, path),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn elements(&mut self, path: &[Step]) -> &mut Vec<Value> {
        match part(&mut self.value, path) {
            Value::List(values) => values,
            other => panic!("no list: {other:?}"),
        }
    }

    /// Assigns a random selection of the list's own elements (some twice) and a new one, by way of a value list.
    fn assign_own_elements(&mut self, element: &Type, list: u64, path: &[Step]) {
        let length = self.state.list_len(list) as usize;
        let snapshot = self.state.list_snapshot(list);
        let mut picks: Vec<usize> = (0..self.roll(length + 2)).map(|_| self.roll(length)).collect();
        if self.roll(2) == 0 {
            picks.sort_unstable();
            picks.dedup();
        }
        picks.retain(|at| *at < length);
        let mut values: Vec<Value> = picks.iter().map(|at| self.elements(path)[*at].clone()).collect();
        let mut slots: Vec<u64> =
            picks.iter().map(|at| self.state.list_get(snapshot, *at as i64).expect("in range")).collect();
        if self.roll(3) == 0 {
            let new = self.random(element, path.len() + 1);
            slots.push(self.state.import(element, &new).expect("fits"));
            values.push(new);
        }
        let old: Vec<u64> = self.state.list_slots(list).to_vec();
        let ty = Type::list(element.clone());
        let source = self.state.list_new(&ty, &slots).expect("small");
        self.state.list_assign(list, source).expect("assigned");
        *self.elements(path) = values;
        if let Type::Struct(ty) = element {
            for (at, reference) in old.iter().enumerate() {
                let first = picks.iter().position(|pick| *pick == at);
                assert_eq!(self.state.is_stale(*reference, *ty), first.is_none(), "removed elements are stale at once");
                if let Some(first) = first {
                    assert_eq!(self.state.list_slots(list)[first], *reference, "the first keeps its identity");
                }
            }
        }
    }

    /// Assigns to a list of structs the list inside one of its own elements: the source goes away with the write.
    fn assign_inner_list(&mut self, element: &Type, list: u64, at: usize, path: &[Step]) {
        let Type::Struct(ty) = element else { return };
        let schema = self.state.schema().clone();
        let wanted = Type::list(element.clone());
        let Some(field) = schema.get(*ty).fields.iter().position(|field| field.ty == wanted) else { return };
        let record = self.state.list_get(list, at as i64).expect("in range");
        let source = self.state.load(record, *ty, field as u32).expect("live");
        let mut inner = path.to_vec();
        inner.extend([Step::Index(at), Step::Field(schema.get(*ty).fields[field].name.clone())]);
        let value = part(&mut self.value, &inner).clone();
        self.state.list_assign(list, source).expect("assigned");
        *part(&mut self.value, path) = value;
    }

    fn map_step(&mut self, key: &Type, value: &Type, map: u64, path: &mut Vec<Step>) {
        let (name, new) = (self.random(key, path.len()), self.random(value, path.len() + 1));
        let text = key_text(&name);
        let key_slot = self.state.import(key, &name).expect("fits");
        match self.roll(5) {
            0 | 1 => {
                let slot = self.state.import(value, &new).expect("fits");
                self.state.map_put(map, key_slot, slot).expect("put");
                let entries = self.entries(path);
                match entries.iter_mut().find(|(key, _)| *key == text) {
                    Some(entry) => entry.1 = new,
                    None => entries.push((text, new)),
                }
                let numeric = key.is_int();
                let order =
                    |key: &Arc<str>| (if numeric { key.parse::<i64>().expect("an integer") } else { 0 }, key.clone());
                entries.sort_by_key(|(key, _)| order(key));
            }
            2 | 3 => {
                let removed = self.state.map_remove(map, key_slot);
                let entries = self.entries(path);
                let before = entries.len();
                entries.retain(|(key, _)| *key != text);
                assert_eq!(entries.len() < before, removed);
            }
            _ => {
                let at = self.state.map_find(map, key_slot);
                if let (Type::Struct(inner), Ok(slot)) = (value, self.state.map_value_at(map, at)) {
                    path.push(Step::Key(text));
                    self.step(*inner, slot, path);
                }
            }
        }
    }

    fn entries(&mut self, path: &[Step]) -> &mut Vec<(Arc<str>, Value)> {
        match part(&mut self.value, path) {
            Value::Map(entries) => entries,
            other => panic!("no map: {other:?}"),
        }
    }
}

fn ty_low(ty: &Type) -> i64 {
    match ty {
        Type::Int(kind) => kind.range().0.max(i128::from(i64::MIN)) as i64,
        _ => 0,
    }
}

fn key_text(key: &Value) -> Arc<str> {
    match key {
        Value::Str(text) => text.clone(),
        Value::Int(number) => Arc::from(number.to_string()),
        other => panic!("no key: {other:?}"),
    }
}

fn sort_keys(keys: &mut Vec<Value>) {
    keys.sort_by_key(|key| match key {
        Value::Int(number) => (*number, Arc::from("")),
        other => (0, key_text(other)),
    });
    keys.dedup();
}

/// Checks that the changes of a span explain how one picture became the other.
pub(super) fn explain(before: &Picture, after: &Picture, changes: &Changes, span: u64) {
    for ((ty, record), fields) in &before.records {
        let Some(now) = after.records.get(&(*ty, *record)) else { continue };
        let change = changes.records.iter().find(|change| change.ty == *ty && change.record == *record);
        for (at, (old, new)) in fields.iter().zip(now).enumerate() {
            let marked = change.is_some_and(|change| change.fields.contains(at as u32));
            assert!(old == new || marked, "field {at} of {ty:?}: {old:?} became {new:?} unmarked");
        }
    }
    for change in &changes.records {
        assert!(before.records.contains_key(&(change.ty, change.record)), "marks of a new record");
        assert!(after.records.contains_key(&(change.ty, change.record)), "marks of a removed record");
    }
    for change in &changes.containers {
        let born = |picture: &Picture| picture.containers.get(&change.container).map(|entry| entry.2);
        assert!(born(before).is_some() && born(before) == born(after), "operations of a new or removed container");
    }
    for (number, (keys, values, _)) in &before.containers {
        let Some((new_keys, new_values, born)) = after.containers.get(number) else { continue };
        if *born == span {
            continue;
        }
        let change = changes.containers.iter().find(|change| change.container == *number);
        let (mut keys, mut values) = (keys.clone(), values.clone());
        if let Some(change) = change.filter(|change| change.operations.is_empty() && change.course != Course::default())
        {
            let old = std::mem::take(&mut values);
            let at_now = |at: u32| new_values[at as usize].clone();
            for (start, piece) in change.course.places() {
                values.extend((0..piece.count).map(|by| match piece.origin.ahead(by) {
                    Origin::Kept(from) => old[from as usize].clone(),
                    Origin::Overwritten(_) | Origin::New => at_now(start + by),
                }));
            }
        }
        for operation in change.map_or(&[][..], |change| &change.operations) {
            let key_of = |key: &MapKey| match key {
                MapKey::Text(text) => Value::Str(text.clone()),
                MapKey::Int(number) => Value::uint(*number),
            };
            match operation {
                Operation::Delete { key } => {
                    let at = keys.iter().position(|other| *other == key_of(key)).expect("the key is there");
                    keys.remove(at);
                    values.remove(at);
                }
                Operation::Put { key, new } => {
                    let key = key_of(key);
                    let target = new_keys.iter().position(|other| *other == key).expect("the key stays");
                    let at = keys.iter().position(|other| *other == key);
                    assert_eq!(at.is_none(), *new);
                    match at {
                        Some(at) => values[at] = new_values[target].clone(),
                        None => {
                            let at = target.min(keys.len());
                            keys.insert(at, key);
                            values.insert(at, new_values[target].clone());
                        }
                    }
                }
                Operation::Replace => (keys, values) = (new_keys.clone(), new_values.clone()),
                other => panic!("{other:?} of a map"),
            }
        }
        let sorted = |keys: Vec<Value>, values: Vec<Value>| {
            let mut entries: Vec<_> = keys.iter().map(|key| format!("{key:?}")).zip(values).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            entries
        };
        if new_keys.is_empty() && keys.is_empty() {
            assert_eq!(&values, new_values, "list {number} by {change:?}");
        } else {
            assert_eq!(sorted(keys, values), sorted(new_keys.clone(), new_values.clone()), "map {number}");
        }
    }
}

#[test]
fn random_operations_match_a_plain_value() {
    for seed in 0..200 {
        run(seed);
    }
}

fn run(seed: u64) {
    let state = fixture::state();
    let value = state.to_value();
    let mut model = Model { state, value, dice: Streams::new(seed) };
    let mut taken = audit(&model.state);
    let mut span = model.state.span;
    for _ in 0..40 {
        let (value, bytes) = (model.value.clone(), model.state.canonical_bytes());
        let (changes, picture) = (model.state.changes(), audit(&model.state));
        let versions: Vec<_> = picture.containers.keys().map(|list| model.state.list_version(*list)).collect();
        let statistics = model.state.statistics();
        model.state.begin();
        for _ in 0..model.roll(30) {
            model.write();
        }
        assert_eq!(model.state.to_value(), model.value, "seed {seed}, in the transaction");
        if model.roll(3) == 0 {
            model.state.rollback();
            model.value = value;
            assert_eq!(model.state.canonical_bytes(), bytes, "seed {seed}");
            assert_eq!(model.state.changes(), changes, "seed {seed}");
            assert_eq!(audit(&model.state), picture, "seed {seed}: content and identity");
            // Arrays that two lists shared may have become two; the audit has counted their holders.
            let now = crate::state::Statistics { buffers: statistics.buffers, ..model.state.statistics() };
            assert_eq!(now, statistics);
            let now: Vec<_> = picture.containers.keys().map(|list| model.state.list_version(*list)).collect();
            assert_eq!(now, versions);
        } else {
            model.state.commit();
            assert_eq!(model.state.to_value(), model.value, "seed {seed}");
            if model.roll(2) == 0 {
                let picture = audit(&model.state);
                explain(&taken, &picture, &model.state.take_changes(), span);
                (taken, span) = (picture, model.state.span);
                assert!(model.state.changes().is_empty());
            }
        }
        assert_eq!(model.state.to_value(), model.value, "seed {seed}");
    }
}
