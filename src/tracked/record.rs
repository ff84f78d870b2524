//! Structs in the state, by position of the field: what the accessors of the macro stand on.

use statewright_runtime::state::State;
use statewright_types::{Schema, StructId, TrapCode};

use super::declare::{SchemaMismatch, TrackedSchema};
use super::scalars::Number;
use super::stored::{Kind, Record, Stored};

/// A struct of a state that is read.
#[derive(Clone, Copy, Debug)]
pub struct RecordRef<'a> {
    state: &'a State,
    schema: &'static Schema,
    ty: StructId,
    record: u64,
}

impl<'a> RecordRef<'a> {
    /// What is at a slot.
    pub fn new(state: &'a State, kind: Kind, record: u64) -> RecordRef<'a> {
        RecordRef { state, schema: kind.schema, ty: kind.struct_id(), record }
    }

    /// Reads a field; of a struct that is gone, its zero.
    #[inline]
    pub fn view<C: Stored>(self, field: u32, key: Option<u32>) -> C::Ref<'a> {
        let slot = self.state.load(self.record, self.ty, field).unwrap_or(0);
        C::view(self.state, Kind::of_field(self.schema, self.ty, field, key), slot)
    }

    /// A plain copy of a field.
    pub fn read<C: Stored>(self, field: u32, key: Option<u32>) -> C::Plain {
        let slot = self.state.load(self.record, self.ty, field).unwrap_or(0);
        C::read(self.state, Kind::of_field(self.schema, self.ty, field, key), slot)
    }

    /// The state, the type and the reference, for what has no accessor.
    pub fn place(self) -> (&'a State, StructId, u64) {
        (self.state, self.ty, self.record)
    }
}

/// A struct of a state that may be written. It may lead nowhere: then writing is `not_found`.
#[derive(Debug)]
pub struct RecordMut<'a> {
    state: &'a mut State,
    schema: &'static Schema,
    ty: StructId,
    record: u64,
}

impl<'a> RecordMut<'a> {
    /// What is at a slot; 0 is nothing.
    pub fn new(state: &'a mut State, kind: Kind, record: u64) -> RecordMut<'a> {
        RecordMut { state, schema: kind.schema, ty: kind.struct_id(), record }
    }

    /// The same handle, for a shorter time.
    pub fn reborrow(&mut self) -> RecordMut<'_> {
        RecordMut { state: self.state, schema: self.schema, ty: self.ty, record: self.record }
    }

    /// The struct for reading.
    pub fn as_ref(&self) -> RecordRef<'_> {
        RecordRef { state: self.state, schema: self.schema, ty: self.ty, record: self.record }
    }

    /// Whether it is there.
    pub fn is_there(&self) -> bool {
        !self.state.is_stale(self.record, self.ty)
    }

    /// The handle, or value, of a field.
    #[inline]
    pub fn edit<C: Stored>(self, field: u32, key: Option<u32>) -> C::Mut<'a> {
        let slot = self.state.load(self.record, self.ty, field).unwrap_or(0);
        C::edit(self.state, Kind::of_field(self.schema, self.ty, field, key), slot)
    }

    /// Writes a field, if it differs.
    ///
    /// # Errors
    /// `not_found` of a handle that leads nowhere, `stale_reference` of what was removed, `memory_limit`.
    #[inline]
    pub fn set<C: Stored>(&mut self, field: u32, key: Option<u32>, value: C::Set<'_>) -> Result<(), TrapCode> {
        let kind = Kind::of_field(self.schema, self.ty, field, key);
        let result = store::<C>(self.state, kind, (self.record, self.ty, field), value);
        result.map_err(|code| if self.record == 0 { TrapCode::NotFound } else { code })
    }

    /// Adds to a number.
    ///
    /// # Errors
    /// `overflow`, `out_of_range`, and as [`RecordMut::set`].
    #[inline]
    pub fn add<C: Number>(&mut self, field: u32, by: C) -> Result<(), TrapCode> {
        let sum = C::from_slot(self.state.load(self.record, self.ty, field).unwrap_or(0)).plus(by)?;
        self.set::<C>(field, None, sum)
    }

    /// Its numbers, looked up once.
    ///
    /// # Errors
    /// `not_found` of a handle that leads nowhere, `stale_reference` of what was removed.
    #[inline]
    pub fn edit_numbers<R: Record>(&mut self) -> Result<R::Numbers<'_>, TrapCode> {
        let missing = self.record == 0;
        let edit = self.state.edit(self.record, self.ty);
        edit.map(R::numbers).map_err(|code| if missing { TrapCode::NotFound } else { code })
    }

    /// Makes it what a plain struct is; only fields that differ are written.
    ///
    /// # Errors
    /// As [`RecordMut::set`].
    pub fn write<R: Record>(&mut self, plain: &R) -> Result<(), TrapCode> {
        let result = plain.overwrite(self.state, self.schema, self.ty, self.record);
        result.map_err(|code| if self.record == 0 { TrapCode::NotFound } else { code })
    }

    /// The state, the type and the reference, for what has no accessor.
    pub fn place(self) -> (&'a mut State, StructId, u64) {
        (self.state, self.ty, self.record)
    }
}

/// Writes a field of a record.
///
/// # Errors
/// As [`State::store`].
#[inline]
pub(super) fn store<C: Stored>(
    state: &mut State,
    kind: Kind,
    (record, ty, field): (u64, StructId, u32),
    value: C::Set<'_>,
) -> Result<(), TrapCode> {
    let slot = if C::LOOKS {
        let old = state.load(record, ty, field)?;
        C::put(value, state, kind, old)?
    } else {
        Some(C::make(value, state, kind)?)
    };
    slot.map_or(Ok(()), |slot| state.store(record, ty, field, slot))
}

impl Kind {
    /// Writes a field of a record: what the macro makes of `write`.
    ///
    /// # Errors
    /// As [`State::store`].
    #[doc(hidden)]
    pub fn store_field<C: Stored>(
        state: &mut State,
        schema: &'static Schema,
        (record, ty, field): (u64, StructId, u32),
        key: Option<u32>,
        value: C::Set<'_>,
    ) -> Result<(), TrapCode> {
        store::<C>(state, Kind::of_field(schema, ty, field, key), (record, ty, field), value)
    }

    /// Writes a field of a value under construction.
    ///
    /// # Errors
    /// `memory_limit`.
    #[doc(hidden)]
    pub fn init_field<C: Stored>(
        state: &mut State,
        schema: &'static Schema,
        (record, ty, field): (u64, StructId, u32),
        key: Option<u32>,
        value: C::Set<'_>,
    ) -> Result<(), TrapCode> {
        let slot = C::make(value, state, Kind::of_field(schema, ty, field, key))?;
        state.struct_init(record, ty, field, slot)
    }

    /// A struct of the state's from a plain one.
    ///
    /// # Errors
    /// `memory_limit`.
    #[doc(hidden)]
    pub fn make_record<R: Record>(self, state: &mut State, plain: &R) -> Result<u64, TrapCode> {
        let ty = self.struct_id();
        let record = state.struct_new(ty);
        plain.init(state, self.schema, ty, record)?;
        Ok(record)
    }

    /// Overwrites the struct at a slot.
    ///
    /// # Errors
    /// As [`State::store`].
    #[doc(hidden)]
    pub fn overwrite<R: Record>(self, state: &mut State, plain: &R, record: u64) -> Result<(), TrapCode> {
        plain.overwrite(state, self.schema, self.struct_id(), record)
    }
}

/// A struct that is a root: `#[tracked(root)]`.
pub trait Root: Record {
    /// What it and the types that it names are, as a schema; built once.
    ///
    /// # Panics
    /// If the declarations contradict each other, with what is wrong: call it in a test.
    fn tracked_schema() -> &'static TrackedSchema;

    /// The root of a state that is read.
    ///
    /// # Errors
    /// If the state's schema is another, or the root is not there.
    fn view_root(state: &State) -> Result<RecordRef<'_>, SchemaMismatch> {
        let (schema, ty) = Self::tracked_schema().root_of(state)?;
        let record = state.root(ty).unwrap_or(0);
        Ok(RecordRef { state, schema, ty, record })
    }

    /// The root of a state that may be written.
    ///
    /// # Errors
    /// If the state's schema is another, or the root is not there.
    fn edit_root(state: &mut State) -> Result<RecordMut<'_>, SchemaMismatch> {
        let (schema, ty) = Self::tracked_schema().root_of(state)?;
        let record = state.root(ty).unwrap_or(0);
        Ok(RecordMut { state, schema, ty, record })
    }
}

impl<'a> RecordRef<'a> {
    /// Another root of the same schema, if it is there.
    pub fn other_root<S: Root, R: Record>(self) -> Option<R::Ref<'a>> {
        let kind = S::tracked_schema().kind_of::<R>()?;
        let record = self.state.root(kind.struct_id()).ok()?;
        Some(R::view(self.state, kind, record))
    }
}

impl<'a> RecordMut<'a> {
    /// Another root of the same schema, if it is there.
    pub fn other_root<S: Root, R: Record>(self) -> Option<R::Mut<'a>> {
        let kind = S::tracked_schema().kind_of::<R>()?;
        let record = self.state.root(kind.struct_id()).ok()?;
        Some(R::edit(self.state, kind, record))
    }
}
