//! What effects add to the state is made anew each time, and told from the rest by its content: only by what everybody sees of it who sees it at
//! all, or a change of something hidden would show as one thing that goes and another that comes. What else of it changed is
//! told field by field, like that of anything else; but which records and containers it is in is known only while effects are on. So
//! changes keep what it was, and whoever encodes them looks what became of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use statewright_types::schema::FieldDef;
use statewright_types::{StructId, Type, Value};

use super::course::{Course, Origin};
use super::matching::matched;
use super::shown::Image;
use super::{Changes, ContainerChange, MapKey, Operation, RecordChange, State};
use crate::memory::row_of;

/// What effects had added when a span began, at places where something hidden of it changed since.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Added {
    /// In fields of records of the base.
    pub(super) fields: BTreeMap<(StructId, u64, u32), Value>,
    /// Of lists of the base, all that they held; none for what was the base's.
    pub(super) lists: BTreeMap<u64, Vec<Option<Value>>>,
    /// Of maps of the base, by key.
    pub(super) maps: BTreeMap<u64, Vec<(MapKey, Value)>>,
}

impl Added {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.lists.is_empty() && self.maps.is_empty()
    }

    /// Notes what was there before, where that is told from what is there now by hidden things alone.
    pub(super) fn note_container(&mut self, container: u64, change: &ContainerChange, before: &Image, shown: &Image) {
        let content = |image: &Image| match image {
            Image::Content(value) => Some(value.clone()),
            _ => None,
        };
        match (before, shown) {
            (Image::List(before), Image::List(shown)) => {
                let differs = |(start, from, count): (u32, u32, u32)| {
                    let at = |images: &[Image], from: u32| {
                        images.get(from as usize..(from + count) as usize).map(<[_]>::to_vec)
                    };
                    at(before, from) != at(shown, start)
                };
                if kept(&change.course).any(differs) {
                    self.lists.insert(container, before.iter().map(content).collect());
                }
            }
            (Image::Map(before), Image::Map(shown)) => {
                let same_key = |key: &MapKey| shown.iter().find(|(other, _)| other == key).map(|(_, image)| image);
                let stays = |key: &MapKey| !change.operations.iter().any(|operation| is_put(operation, key));
                let differs = |(key, image): &&(MapKey, Image)| same_key(key).is_some_and(|shown| shown != image);
                let differing = before.iter().filter(|(key, _)| stays(key)).filter(differs);
                let entries: Vec<_> =
                    differing.filter_map(|(key, image)| Some((key.clone(), content(image)?))).collect();
                if !entries.is_empty() {
                    self.maps.insert(container, entries);
                }
            }
            _ => {}
        }
    }

    /// Adds what the next span notes. `course` is that of a list in this one, if anything happened to it.
    pub(super) fn merge<'c>(&mut self, later: Added, course: impl Fn(u64) -> Option<&'c Course>) {
        for (key, value) in later.fields {
            self.fields.entry(key).or_insert(value);
        }
        for (list, contents) in later.lists {
            // What this span did not note was the same at its begin as at its end.
            self.lists.entry(list).or_insert_with(|| match course(list) {
                None => contents,
                Some(course) => {
                    let mut before = vec![None; course.before() as usize];
                    for (start, from, count) in kept(course) {
                        for far in 0..count as usize {
                            let known = contents.get(start as usize + far).cloned().flatten();
                            before.get_mut(from as usize + far).into_iter().for_each(|place| *place = known.clone());
                        }
                    }
                    before
                }
            });
        }
        for (map, entries) in later.maps {
            let mine = self.maps.entry(map).or_default();
            for (key, value) in entries {
                if !mine.iter().any(|(known, _)| *known == key) {
                    mine.push((key, value));
                }
            }
        }
    }
}

/// Pieces of a list that stayed: where they are, where they were, and of how many elements.
fn kept(course: &Course) -> impl Iterator<Item = (u32, u32, u32)> + Clone {
    course.places().filter_map(|(start, piece)| match piece.origin {
        Origin::Kept(from) => Some((start, from, piece.count)),
        Origin::Overwritten(_) | Origin::New => None,
    })
}

/// Whether that is an operation on a map after which the value of that key is told as a whole.
fn is_put(operation: &Operation, key: &MapKey) -> bool {
    match operation {
        Operation::Put { key: put, .. } => put == key,
        Operation::Replace => true,
        _ => false,
    }
}

impl Changes {
    /// Whether something hidden changed in what effects add.
    pub(crate) fn tells_added(&self) -> bool {
        !self.added.is_empty()
    }

    /// The same changes with those of what effects add, which are on in `state`.
    pub(crate) fn with_added(&self, state: &State) -> Cow<'_, Changes> {
        if self.added.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut all = self.clone();
        for ((ty, record, field), before) in &self.added.fields {
            let is_whole =
                |change: &RecordChange| (change.ty, change.record) == (*ty, *record) && change.fields.contains(*field);
            let declared = state.schema().types().get(ty.index()).and_then(|def| def.fields.get(*field as usize));
            if let Some(declared) = declared.filter(|_| !state.is_stale(*record, *ty))
                && !self.records.iter().any(is_whole)
            {
                let slot = state.read_raw(*ty, row_of(*record), *field);
                state.tell_inside(&declared.ty, before, slot, &mut all);
            }
        }
        for (list, before) in self.added.lists.iter().filter(|(list, _)| state.is_live(**list)) {
            let Some(element) = state.element_type(*list) else { continue };
            let slots = state.heap.values(*list);
            let course = self.containers.iter().find(|change| change.container == *list).map(|change| &change.course);
            let still;
            let course = match course {
                Some(course) => course,
                None => {
                    still = Course::from_origins(before.len() as u32, (0..before.len() as u32).map(Origin::Kept));
                    &still
                }
            };
            for (start, from, count) in kept(course) {
                for far in 0..count as usize {
                    let (before, slot) = (before.get(from as usize + far), slots.get(start as usize + far));
                    if let (Some(Some(before)), Some(slot)) = (before, slot) {
                        state.tell_inside(element, before, *slot, &mut all);
                    }
                }
            }
        }
        for (map, entries) in self.added.maps.iter().filter(|(map, _)| state.is_live(**map)) {
            let Some(element) = state.element_type(*map) else { continue };
            let change = self.containers.iter().find(|change| change.container == *map);
            let operations = change.map_or(&[][..], |change| &change.operations);
            let stays = |key: &MapKey| !operations.iter().any(|operation| is_put(operation, key));
            for (key, before) in entries.iter().filter(|(key, _)| stays(key)) {
                if let Some(slot) = state.entry(*map, key) {
                    state.tell_inside(element, before, slot, &mut all);
                }
            }
        }
        Cow::Owned(all)
    }
}

impl State {
    /// What of a value everybody sees who sees it at all.
    pub(super) fn open(&self, ty: &Type, value: &Value) -> Value {
        match (ty.non_null(), value) {
            (Type::Struct(id), Value::Map(_)) => {
                let fields = self.schema.types().get(id.index()).map_or(&[][..], |def| &def.fields);
                let open = fields.iter().filter(|field| field.audience.is_empty());
                let entry =
                    |field: &FieldDef| Some((field.name.clone(), self.open(&field.ty, value.get(&field.name)?)));
                Value::Map(open.filter_map(entry).collect())
            }
            (Type::List(element), Value::List(all)) => {
                Value::List(all.iter().map(|value| self.open(element, value)).collect())
            }
            (Type::Map(_, of), Value::Map(entries)) => {
                Value::Map(entries.iter().map(|(key, value)| (key.clone(), self.open(of, value))).collect())
            }
            _ => value.clone(),
        }
    }

    /// What that is, comparable.
    pub(super) fn open_text(&self, ty: &Type, value: &Value) -> String {
        format!("{:?}", self.open(ty, value))
    }

    fn element_type(&self, container: u64) -> Option<&Type> {
        self.heap.get(container).map(|entry| self.types.get(entry.element))
    }

    /// Adds what changed inside of something that effects add, and that was `before`. As deep as data nests.
    fn tell_inside(&self, ty: &Type, before: &Value, slot: u64, all: &mut Changes) {
        if slot == 0 {
            return;
        }
        match (ty.non_null(), before) {
            (Type::Struct(id), Value::Map(_)) => self.tell_fields(*id, before, slot, all),
            (Type::List(element), Value::List(before)) => {
                let slots = self.heap.values(slot);
                let now = slots.iter().map(|slot| self.export(element, *slot).unwrap_or(Value::Null));
                let texts =
                    |values: &[Value]| values.iter().map(|value| self.open_text(element, value)).collect::<Vec<_>>();
                let (course, _) = matched(&texts(before), &texts(&now.collect::<Vec<_>>()));
                for (start, from, count) in kept(&course) {
                    for far in 0..count as usize {
                        if let (Some(before), Some(slot)) =
                            (before.get(from as usize + far), slots.get(start as usize + far))
                        {
                            self.tell_inside(element, before, *slot, all);
                        }
                    }
                }
                if !course.is_still() {
                    all.containers.push(ContainerChange::of_list(slot, course));
                }
            }
            (Type::Map(_, of), Value::Map(entries)) => {
                let now = self.export(ty.non_null(), slot).unwrap_or(Value::Null);
                if self.open_text(ty, before) != self.open_text(ty, &now) {
                    let length = self.heap.values(slot).len();
                    return all.containers.push(ContainerChange::of_map(slot, vec![Operation::Replace], length));
                }
                // The same keys, in the same order.
                for ((_, before), slot) in entries.iter().zip(self.heap.values(slot)) {
                    self.tell_inside(of, before, *slot, all);
                }
            }
            _ => {}
        }
    }

    fn tell_fields(&self, ty: StructId, before: &Value, record: u64, all: &mut Changes) {
        let fields = self.schema.types().get(ty.index()).map_or(&[][..], |def| &def.fields);
        let mut changed = Vec::new();
        for (at, field) in (0..).zip(fields) {
            let slot = self.read_raw(ty, row_of(record), at);
            let now = self.export(&field.ty, slot).unwrap_or(Value::Null);
            let Some(before) = before.get(&field.name).filter(|before| **before != now) else { continue };
            match (field.ty.non_null(), before) {
                (Type::Struct(_) | Type::List(_) | Type::Map(..), Value::Map(_) | Value::List(_)) if slot != 0 => {
                    self.tell_inside(&field.ty, before, slot, all);
                }
                _ => changed.push((at, before.clone())),
            }
        }
        if changed.is_empty() {
            return;
        }
        let at = all.records.len();
        all.records.push(RecordChange::new(ty, record));
        for (field, before) in changed {
            if let Some(change) = all.records.get_mut(at) {
                change.fields.insert(field);
            }
            if let Some(old) = Image::Content(before).as_old() {
                all.push_old(at, field, old);
            }
        }
    }
}
