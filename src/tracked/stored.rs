//! What every type of a field can do.

use statewright_runtime::state::{Edit, State};
use statewright_types::schema::raw::RawType;
use statewright_types::{Schema, StructId, TrapCode, Type};

use super::declare::Declarations;
use super::key::Key;
use super::record::RecordRef;
use super::seen::{Place, Scope, Viewer};

/// The schema's side of a place in the state.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The schema that the state has.
    pub schema: &'static Schema,
    /// The type of what is there.
    pub ty: &'static Type,
    /// Of a collection with `key`: the position of that field in its elements.
    pub key: Option<u32>,
}

impl Kind {
    /// What stands for a type that is not there.
    const NONE: &'static Type = &Type::Bool;

    /// The type of a field, by position.
    pub(super) fn of_field(schema: &'static Schema, ty: StructId, field: u32, key: Option<u32>) -> Kind {
        let def = schema.types().get(ty.index());
        let ty = def.and_then(|def| def.fields.get(field as usize)).map_or(Kind::NONE, |field| &field.ty);
        Kind { schema, ty, key }
    }

    /// The type inside of a nullable, a list or a map. The key is that of the innermost collection's elements.
    pub(super) fn inside(self) -> Kind {
        let ty = match self.ty {
            Type::Nullable(inner) | Type::List(inner) | Type::Map(_, inner) => inner,
            other => other,
        };
        Kind { ty, ..self }
    }

    pub(super) fn struct_id(self) -> StructId {
        match self.ty.non_null() {
            Type::Struct(id) => *id,
            // No type has that position, so that whatever is looked up there is not found.
            _ => StructId(u32::MAX),
        }
    }
}

/// A type that a field of a tracked struct may have: bools, integers, floats, text, bytes, lists, maps, `Option` and `Box` of
/// those, and structs that derive [`Tracked`](super::Tracked).
pub trait Stored: 'static {
    /// The Rust type that a plain struct has.
    type Plain: 'static;
    /// What reading the state gives: numbers by value, text by reference, handles of the rest.
    type Ref<'a>;
    /// The same of a state that may be written.
    type Mut<'a>;
    /// What is written.
    type Set<'a>: Copy;
    /// What looking it up by its key gives in a state that may be written: the handle of a struct, which may lead nowhere;
    /// an `Option` of anything else.
    type Got<'a>;
    /// What a viewer sees of a plain one.
    type Seen<'a>;
    /// What a viewer sees of several plain ones.
    type SeenAll<'a>;

    /// Whether writing depends on what is there: text, collections, structs.
    const LOOKS: bool = true;

    /// The type's text in the schema language; declares the structs that it names.
    fn schema_type(types: &mut Declarations) -> String;
    /// Reads what is at a slot.
    fn view<'a>(state: &'a State, kind: Kind, slot: u64) -> Self::Ref<'a>;
    /// The handle, or value, of what is at a slot.
    fn edit<'a>(state: &'a mut State, kind: Kind, slot: u64) -> Self::Mut<'a>;
    /// What looking up by a key gives.
    fn got<'a>(state: &'a mut State, kind: Kind, slot: Option<u64>) -> Self::Got<'a>;
    /// A plain copy of what is at a slot.
    fn read(state: &State, kind: Kind, slot: u64) -> Self::Plain;
    /// A plain one as what setters take.
    fn set(plain: &Self::Plain) -> Self::Set<'_>;
    /// A value of the state's.
    ///
    /// # Errors
    /// `memory_limit`.
    fn make(value: Self::Set<'_>, state: &mut State, kind: Kind) -> Result<u64, TrapCode>;
    /// Writes over what is there. `Some` is the slot that the place must have from now on; structs and collections that are
    /// there are changed in place.
    ///
    /// # Errors
    /// `memory_limit`, `stale_reference`.
    fn put(value: Self::Set<'_>, state: &mut State, kind: Kind, old: u64) -> Result<Option<u64>, TrapCode> {
        let _ = old;
        Self::make(value, state, kind).map(Some)
    }
    /// The key field of a plain struct, by position.
    fn key<'k>(value: Self::Set<'k>, field: u32) -> Option<Key<'k>> {
        let _ = (value, field);
        None
    }
    /// The text of a plain one, for owners and map keys.
    fn text(plain: &Self::Plain) -> Option<&str> {
        let _ = plain;
        None
    }
    /// What a viewer sees of it.
    fn seen<'a>(plain: &'a Self::Plain, viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> Self::Seen<'a>;
    /// What a viewer sees of several.
    fn seen_all<'a>(plain: &'a [Self::Plain], viewer: &'a Viewer, place: Place<'a>, scope: Scope) -> Self::SeenAll<'a>;
    /// A copy for a viewer: what it may not see has its default.
    fn copy_for(plain: &Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) -> Self::Plain;
    /// Gives what a viewer may not see its default.
    fn hide_from(plain: &mut Self::Plain, viewer: &Viewer, place: Place<'_>, scope: Scope) {
        let _ = (plain, viewer, place, scope);
    }
}

/// A struct that derives [`Tracked`](super::Tracked).
pub trait Record: Stored<Plain = Self> + Sized {
    /// Its name in the schema.
    const NAME: &'static str;
    /// Its fields' names in the schema, and in Rust.
    const FIELDS: &'static [(&'static str, &'static str)];
    /// Its numbers in a state that may be written, looked up once.
    type Numbers<'a>;

    /// The numbers of the record that is edited.
    fn numbers(edit: Edit<'_>) -> Self::Numbers<'_>;
    /// Its declaration; declares the structs that it names.
    fn describe(types: &mut Declarations) -> RawType;
    /// Writes all fields of a value under construction.
    ///
    /// # Errors
    /// `memory_limit`.
    fn init(&self, state: &mut State, schema: &'static Schema, ty: StructId, record: u64) -> Result<(), TrapCode>;
    /// Writes the fields of a record that differ.
    ///
    /// # Errors
    /// `memory_limit`, `stale_reference`.
    fn overwrite(&self, state: &mut State, schema: &'static Schema, ty: StructId, record: u64) -> Result<(), TrapCode>;
    /// A plain copy of a record.
    fn from_record(record: RecordRef<'_>) -> Self;
    /// Whose it is, at a place within a scope.
    fn scope_at(&self, viewer: &Viewer, place: Place<'_>, outer: Scope) -> Scope;
}

/// What has structs in it: the struct itself, and lists, maps, `Option` and `Box` of it.
pub trait Holds {
    /// That struct.
    type Record: Record;
}

/// The position of a field of a struct, by its name in the schema or in Rust; `None` if there is no such field.
pub const fn position(fields: &[(&str, &str)], name: &str) -> Option<u32> {
    let mut at = 0;
    while at < fields.len() {
        if same(fields[at].0, name) || same(fields[at].1, name) {
            return Some(at as u32);
        }
        at += 1;
    }
    None
}

/// The position of a key field; does not compile if there is none.
pub const fn key_position<T: Holds>(name: &str) -> u32 {
    match position(<T::Record as Record>::FIELDS, name) {
        Some(position) => position,
        None => panic!("the elements have no field of the name that `key` says"),
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
