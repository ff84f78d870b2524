//! What effects show of the state, from one time that changes are taken to the next: the changes of the effective state are
//! those of the base, but where effects wrote then or write now.
//!
//! Only places that effects wrote are looked at, as the overlay's journal has them. What an effect adds is known by its
//! content, since it is made anew each time, without what is hidden from some (see `added`); everything else by identity.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasherDefault;

use statewright_types::{StructId, Type, Value};

use super::changes::Hidden;
use super::course::Course;
use super::heap::{Shape, Status};
use super::matching::matched;
use super::undo::{FieldUndo, MARKED, Undo};
use super::{Changes, ContainerChange, FixedHasher, MapKey, OldValue, Operation, RecordChange, State, added};
use crate::access::struct_inside;
use crate::memory::{Owner, row_of};

/// A field of a record of the base.
type FieldKey = (StructId, u64, u32);

/// What is at a place, comparable with what is there at another time.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Image {
    /// By content: numbers, text, null, and what effects added.
    Content(Value),
    /// A record of the base.
    Record(u64),
    /// A list or map of the base, and the span in which it came to be: its number may be used again.
    Container(u64, u64),
    /// What a list holds.
    List(Vec<Image>),
    /// What a map holds.
    Map(Vec<(MapKey, Image)>),
}

impl Image {
    /// As change sets keep what was before; nothing for what they do not.
    pub(super) fn as_old(&self) -> Option<OldValue<'_>> {
        Some(match *self {
            Image::Content(Value::Null) => OldValue::Null,
            Image::Content(Value::Bool(bool)) => OldValue::Number(u64::from(bool)),
            Image::Content(Value::Int(number)) => OldValue::Number(number as u64),
            Image::Content(Value::UInt(number)) => OldValue::Number(number),
            Image::Content(Value::Float(number)) => OldValue::Number(number.to_bits()),
            Image::Content(Value::Str(ref text)) => OldValue::Text(text),
            _ => return None,
        })
    }
}

/// What effects show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// Fields that effects wrote, of records of the base.
    fields: BTreeMap<FieldKey, Image>,
    /// Lists and maps of the base that effects wrote.
    containers: BTreeMap<u64, Image>,
    /// What effects removed.
    absent: Hidden,
    /// The base's values of `fields`, until the overlay is lifted and another is put on.
    base: BTreeMap<FieldKey, Image>,
}

/// What happened to entries, both by ascending keys. `is_same` says whether two images are of the same thing.
fn entries_changed(
    before: &[(MapKey, Image)],
    shown: &[(MapKey, Image)],
    is_same: impl Fn(&Image, &Image) -> bool,
) -> Vec<Operation> {
    type Entries<'a> = HashMap<&'a MapKey, &'a Image, BuildHasherDefault<FixedHasher>>;
    fn by_key(entries: &[(MapKey, Image)]) -> Entries<'_> {
        entries.iter().map(|(key, image)| (key, image)).collect()
    }
    let (was, is) = (by_key(before), by_key(shown));
    let gone = before.iter().filter(|(key, _)| !is.contains_key(key));
    let gone = gone.map(|(key, _)| Operation::Delete { key: key.clone() });
    let put = |(key, image): &(MapKey, Image)| {
        let was = was.get(key);
        (!was.is_some_and(|was| is_same(was, image))).then(|| Operation::Put { key: key.clone(), new: was.is_none() })
    };
    gone.chain(shown.iter().filter_map(put)).collect()
}

/// What effects added, by row and number.
#[derive(Default)]
struct Added {
    rows: BTreeSet<(StructId, u32)>,
    containers: BTreeSet<u64>,
}

impl Shown {
    /// Whether effects show nothing but the base.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.containers.is_empty() && self.absent.is_empty()
    }

    /// Drops changes inside of what effects removed: nobody sees them.
    pub(crate) fn drop_absent(&self, changes: &mut Changes) {
        changes.drop_hidden(&self.absent);
        changes.hidden.extend(&self.absent);
    }

    /// Makes of the changes of the base, just taken, those of the effective state: `self` is what effects showed at the beginning of the
    /// span, `now` at its end. `state` is the base.
    pub(crate) fn rewrite(&self, now: &Shown, changes: &mut Changes, state: &State) {
        // What comes back is sent whole by whoever holds it.
        self.drop_absent(changes);
        now.drop_absent(changes);
        let mut added = added::Added::default();
        self.rewrite_fields(now, changes, &mut added, state);
        self.rewrite_containers(now, changes, &mut added, state);
        changes.added = (!added.is_empty()).then(|| Box::new(added));
        changes.records.retain(|change| !change.fields.is_empty());
    }

    fn rewrite_fields(&self, now: &Shown, changes: &mut Changes, added: &mut added::Added, state: &State) {
        let mut places: BTreeMap<(StructId, u64), usize> = BTreeMap::new();
        for (at, change) in changes.records.iter().enumerate() {
            places.insert((change.ty, change.record), at);
        }
        let gone = self.fields.keys().filter(|key| !now.fields.contains_key(*key));
        for key in now.fields.keys().chain(gone) {
            let (ty, record, field) = *key;
            if !self.has_both(now, ty, record, state) {
                continue;
            }
            let at = places.get(&(ty, record)).copied();
            let marked = at.and_then(|at| changes.records.get(at)).filter(|change| change.fields.contains(field));
            let before = match (self.fields.get(key), marked) {
                (Some(image), _) => Some(image.clone()),
                (None, Some(change)) => changes.old_of(change, field).and_then(|old| state.old_image(*key, old)),
                (None, None) => now.base.get(key).cloned(),
            };
            let shown = now.fields.get(key).cloned().unwrap_or_else(|| state.base_image(*key));
            let field_ty = state.schema.types().get(ty.index()).and_then(|def| def.fields.get(field as usize));
            let same =
                before.as_ref().zip(field_ty).is_some_and(|(before, def)| state.is_same(&def.ty, before, &shown));
            if let Some(Image::Content(content)) = before.as_ref().filter(|before| same && **before != shown) {
                added.fields.insert(*key, content.clone());
            }
            let at = at.unwrap_or(changes.records.len());
            if at == changes.records.len() {
                if same {
                    continue;
                }
                places.insert((ty, record), at);
                changes.records.push(RecordChange::new(ty, record));
            }
            if let Some(change) = changes.records.get_mut(at) {
                if same { change.fields.remove(field) } else { change.fields.insert(field) }
            }
            // In the place of what the base was before.
            if let Some(old) = before.as_ref().and_then(Image::as_old) {
                changes.push_old(at, field, old);
            }
        }
    }

    /// Whether a record of the base was seen before the span, and is seen after it.
    fn has_both(&self, now: &Shown, ty: StructId, record: u64, state: &State) -> bool {
        let absent = |shown: &Shown| shown.absent.records.contains(&(ty, record));
        !state.is_stale(record, ty) && !state.is_new_record(ty, record) && !absent(self) && !absent(now)
    }

    fn rewrite_containers(&self, now: &Shown, changes: &mut Changes, added: &mut added::Added, state: &State) {
        let mut places: BTreeMap<u64, usize> = BTreeMap::new();
        for (at, change) in changes.containers.iter().enumerate() {
            places.insert(change.container, at);
        }
        let mut unchanged = BTreeSet::new();
        let gone = self.containers.keys().filter(|container| !now.containers.contains_key(container));
        for container in now.containers.keys().chain(gone).copied() {
            let absent = |shown: &Shown| shown.absent.containers.contains(&container);
            if !state.is_live(container) || state.is_new_container(container) || absent(self) || absent(now) {
                continue;
            }
            let at = places.get(&container).copied();
            let base = || state.container_image(container, &Added::default());
            let shown = now.containers.get(&container).map_or_else(|| Cow::Owned(base()), Cow::Borrowed);
            let happened = at.and_then(|at| changes.containers.get(at));
            let change = match (self.containers.get(&container), happened) {
                (Some(before), _) => state.difference(container, before, &shown),
                (None, None) => state.difference(container, &base(), &shown),
                (None, Some(happened)) => state.added_difference(happened, &base(), &shown),
            };
            if let Some(before) = self.containers.get(&container) {
                added.note_container(container, &change, before, &shown);
            }
            match at.and_then(|at| changes.containers.get_mut(at)) {
                Some(_) if change.is_empty() => _ = unchanged.insert(container),
                Some(known) => *known = change,
                None if change.is_empty() => {}
                None => changes.containers.push(change),
            }
        }
        changes.containers.retain(|change| !unchanged.contains(&change.container));
    }
}

/// An element as the others are told from it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Record(u64),
    Container(u64, u64),
    Content(String),
}

impl Identity {
    fn of(image: &Image, ty: &Type, state: &State) -> Identity {
        match image {
            Image::Record(record) => Identity::Record(*record),
            Image::Container(number, born) => Identity::Container(*number, *born),
            Image::Content(value) => Identity::Content(state.open_text(ty, value)),
            // They are of whole containers.
            Image::List(_) | Image::Map(_) => Identity::Content(String::new()),
        }
    }
}

impl State {
    /// Whether two images at one place are of the same thing to whoever sees no more than everybody.
    fn is_same(&self, ty: &Type, one: &Image, other: &Image) -> bool {
        match (one, other) {
            (Image::Content(one), Image::Content(other)) => {
                one == other || struct_inside(ty).is_some() && self.open(ty, one) == self.open(ty, other)
            }
            _ => one == other,
        }
    }

    /// How a list or map that looked like one image became another.
    fn difference(&self, container: u64, before: &Image, shown: &Image) -> ContainerChange {
        let Some(entry) = self.heap.get(container) else {
            return ContainerChange::of_list(container, Course::default());
        };
        let element = self.types.get(entry.element);
        match (before, shown) {
            (Image::Map(before), Image::Map(shown)) => {
                let length = self.heap.values(container).len();
                let is_same = |one: &Image, other: &Image| self.is_same(element, one, other);
                ContainerChange::of_map(container, entries_changed(before, shown, is_same), length)
            }
            (Image::List(before), Image::List(shown)) => {
                let identity = |image: &Image| Identity::of(image, element, self);
                let identities = |images: &[Image]| images.iter().map(identity).collect::<Vec<_>>();
                let (course, _) = matched(&identities(before), &identities(shown));
                ContainerChange::of_list(container, course)
            }
            // One container is not both.
            _ => ContainerChange::of_list(container, Course::default()),
        }
    }

    /// What happened to the base, and then the difference that effects make, which made none before.
    fn added_difference(&self, happened: &ContainerChange, base: &Image, shown: &Image) -> ContainerChange {
        let mut change = self.difference(happened.container, base, shown);
        if happened.is_list() {
            change.course = happened.course.then(&change.course);
        } else if happened.operations.last() == Some(&Operation::Replace) {
            change.operations = vec![Operation::Replace];
        } else {
            change.operations.splice(0..0, happened.operations.iter().cloned());
            change.compact();
        }
        change
    }

    /// What the overlay, which is on, shows.
    pub(crate) fn shown(&self) -> Shown {
        let added = self.overlay_added();
        let mut shown = Shown::default();
        let (fields, entries) = self.overlay_entries();
        for FieldUndo { old, row, place } in fields {
            let (ty, field) = super::direct::numbered(&self.structs, place & !MARKED);
            let Some(record) = self.tables.get(ty.index()).map(|table| table.reference(*row)) else { continue };
            // A removed record is noted where it was removed.
            if added.rows.contains(&(ty, *row)) || self.is_stale(record, ty) {
                continue;
            }
            let key = (ty, record, field);
            shown.base.entry(key).or_insert_with(|| self.field_image(key, *old, &Added::default()));
            let slot = self.read_raw(ty, *row, field);
            shown.fields.entry(key).or_insert_with(|| self.field_image(key, slot, &added));
        }
        for entry in entries {
            match *entry {
                Undo::RowRemoved { ty, row } if !added.rows.contains(&(ty, row)) => {
                    // Removing has advanced the generation by one.
                    let now = self.tables.get(ty.index()).map_or(0, |table| table.reference(row));
                    shown.absent.records.insert((ty, now.wrapping_sub(1 << 32)));
                }
                Undo::ContainerRemoved { container } if !added.containers.contains(&u64::from(container)) => {
                    shown.absent.containers.insert(u64::from(container));
                }
                Undo::ListInsert { list: container, .. }
                | Undo::ListRemove { list: container, .. }
                | Undo::ListSet { list: container, .. }
                | Undo::MapInsert { map: container, .. }
                | Undo::MapRemove { map: container, .. }
                | Undo::MapSet { map: container, .. }
                | Undo::Replace { container, .. }
                    if self.is_live(u64::from(container)) && !added.containers.contains(&u64::from(container)) =>
                {
                    let container = u64::from(container);
                    shown.containers.entry(container).or_insert_with(|| self.container_image(container, &added));
                }
                _ => {}
            }
        }
        shown
    }

    fn overlay_added(&self) -> Added {
        let rows = self.overlay_rows().map(|(ty, row)| (ty, *row)).collect();
        Added { rows, containers: self.overlay_containers().iter().copied().collect() }
    }

    fn base_image(&self, key: FieldKey) -> Image {
        let (ty, record, field) = key;
        self.field_image(key, self.read_raw(ty, row_of(record), field), &Added::default())
    }

    /// What a field of the base held before.
    fn old_image(&self, (ty, _, field): FieldKey, old: OldValue<'_>) -> Option<Image> {
        let ty = &self.schema.types().get(ty.index())?.fields.get(field as usize)?.ty;
        Some(Image::Content(match old {
            OldValue::Null => Value::Null,
            OldValue::Number(slot) => self.export(ty.non_null(), slot).ok()?,
            OldValue::Text(text) => Value::Str(text.clone()),
        }))
    }

    fn field_image(&self, (ty, _, field): FieldKey, slot: u64, added: &Added) -> Image {
        let def = self.schema.types().get(ty.index()).and_then(|def| def.fields.get(field as usize));
        def.map_or(Image::Content(Value::Null), |def| self.image(&def.ty, slot, added))
    }

    fn container_image(&self, container: u64, added: &Added) -> Image {
        let Some(entry) = self.heap.get(container) else { return Image::Content(Value::Null) };
        let element = self.types.get(entry.element);
        let values = self.heap.values(container).iter().map(|slot| self.image(element, *slot, added));
        match entry.shape {
            Shape::Map(_) => {
                let keys = self.heap.keys(container).iter().map(|key| self.map_key(container, *key));
                Image::Map(keys.zip(values).collect())
            }
            Shape::List | Shape::Record => Image::List(values.collect()),
        }
    }

    fn image(&self, ty: &Type, slot: u64, added: &Added) -> Image {
        match ty.non_null() {
            Type::Struct(id) if slot != 0 && !added.rows.contains(&(*id, row_of(slot))) => Image::Record(slot),
            Type::List(_) | Type::Map(..) if slot != 0 && !added.containers.contains(&slot) => {
                Image::Container(slot, self.heap.get(slot).map_or(0, |entry| entry.born))
            }
            _ => Image::Content(self.export(ty, slot).unwrap_or(Value::Null)),
        }
    }

    /// Whether a record came to be within the span of changes that was taken last.
    fn is_new_record(&self, ty: StructId, record: u64) -> bool {
        self.tables.get(ty.index()).is_some_and(|table| table.born(row_of(record)) + 1 == self.span)
    }

    /// The same of a list or map.
    fn is_new_container(&self, container: u64) -> bool {
        self.heap.get(container).is_some_and(|entry| entry.born + 1 == self.span)
    }

    /// The types of structs that changes make whoever follows them take as a whole: elements that came or were overwritten, structs
    /// that are not null any more; and of all structs in those.
    pub(crate) fn taken_whole(&self, changes: &Changes) -> BTreeSet<StructId> {
        let mut rest: Vec<StructId> = Vec::new();
        for change in &changes.records {
            let Some(def) = self.schema.types().get(change.ty.index()) else { continue };
            let fields = change.fields.iter().filter_map(|field| def.fields.get(field as usize));
            rest.extend(fields.filter_map(|field| struct_inside(&field.ty)));
        }
        for change in &changes.containers {
            let is_whole = |operation: &Operation| !matches!(operation, Operation::Delete { .. });
            let Some(entry) = self.heap.get(change.container) else { continue };
            if change.course.brings() || change.operations.iter().any(is_whole) {
                rest.extend(struct_inside(self.types.get(entry.element)));
            }
        }
        let mut all = BTreeSet::new();
        while let Some(ty) = rest.pop() {
            if all.insert(ty) {
                let fields = self.schema.types().get(ty.index()).map_or(&[][..], |def| &def.fields);
                rest.extend(fields.iter().filter_map(|field| struct_inside(&field.ty)));
            }
        }
        all
    }

    /// Tells the fields that a record is inside of, from the innermost on, by type and position.
    pub(crate) fn fields_around(&self, ty: StructId, record: u64, tell: impl FnMut((StructId, u32))) {
        let owner = self.tables.get(ty.index()).map_or(Owner::Free, |table| table.owner(row_of(record)));
        self.fields_from(owner, tell);
    }

    /// The same of a list or map.
    pub(crate) fn fields_around_container(&self, container: u64, tell: impl FnMut((StructId, u32))) {
        self.fields_from(self.owner(container).unwrap_or(Owner::Free), tell);
    }

    fn fields_from(&self, mut owner: Owner, mut tell: impl FnMut((StructId, u32))) {
        // Data nests no deeper, and containers within each other no deeper than their field's type, so this ends.
        for _ in 0..=2 * super::NESTING {
            owner = match owner {
                Owner::Field { ty, row, field } => {
                    tell((ty, field));
                    self.tables.get(ty.index()).map_or(Owner::Free, |table| table.owner(row))
                }
                Owner::Container(container) => self.owner(u64::from(container)).unwrap_or(Owner::Free),
                _ => break,
            };
        }
    }

    /// The field of a record that a list or map is in, however deep.
    pub(crate) fn field_of(&self, mut container: u64) -> Option<(StructId, u32)> {
        // Data nests no deeper, so this ends.
        for _ in 0..=super::NESTING {
            match self.heap.get(container).filter(|entry| entry.status == Status::Live)?.owner {
                Owner::Field { ty, field, .. } => return Some((ty, field)),
                Owner::Container(outer) => container = u64::from(outer),
                _ => return None,
            }
        }
        None
    }
}
