//! Numbers of a record that are read and written with the record looked up once; the same for all records of a list.

use statewright_types::{StructId, TrapCode};

use super::State;
use super::kinds::Kind;
use super::marks::Marks;
use super::olds::OldValue;
use super::undo::Journal;
use crate::memory::{First, Overwritten, RowMut, row_of};

/// Notes that a number or bool was overwritten: the mark, what was there before, and how to take it back.
#[inline(always)]
pub(super) fn note(
    marks: &mut Marks,
    journal: &mut Journal,
    (ty, record, field): (StructId, u64, u32),
    overwritten: Overwritten<'_>,
) {
    let Overwritten::Changed { old, number, first } = overwritten else { return };
    let is_first = first.is_some();
    if let Some(First { mark, keeps }) = first {
        let kept = if keeps { Some((field, OldValue::Number(old))) } else { None };
        marks.enter(mark, (ty, record), kept);
    }
    journal.log_field(row_of(record), number, old, is_first);
}

/// Numbers and bools of one record of the state. What is written is marked, and undone, as by [`State::store`].
#[derive(Debug)]
pub struct Edit<'a> {
    row: RowMut<'a>,
    ty: StructId,
    record: u64,
    marks: &'a mut Marks,
    journal: &'a mut Journal,
}

impl Edit<'_> {
    /// A field, loaded: of any kind.
    ///
    /// # Errors
    /// `bad_argument` if there is no such field.
    #[inline(always)]
    pub fn load(&self, field: u32) -> Result<u64, TrapCode> {
        self.row.get(field).ok_or(TrapCode::BadArgument)
    }

    /// Writes a number or bool, if it differs.
    ///
    /// # Errors
    /// `bad_argument` if there is no such field, if it is of another kind, one that a list is keyed by, or one after the
    /// 64th: those are written by [`State::store`].
    #[inline(always)]
    pub fn store(&mut self, field: u32, slot: u64) -> Result<(), TrapCode> {
        self.update(field, |_| Ok(slot))
    }

    /// Writes what is made of what a field holds.
    ///
    /// # Errors
    /// Those of `make`, and as [`Edit::store`].
    #[inline(always)]
    pub fn update(&mut self, field: u32, make: impl FnOnce(u64) -> Result<u64, TrapCode>) -> Result<(), TrapCode> {
        let overwritten = self.row.update(field, make).ok_or(TrapCode::BadArgument)??;
        note(self.marks, self.journal, (self.ty, self.record, field), overwritten);
        Ok(())
    }

    /// The record.
    pub fn record(&self) -> u64 {
        self.record
    }
}

impl State {
    /// The numbers of a record of the state.
    ///
    /// # Errors
    /// `stale_reference`, `bad_argument` if it is a value.
    #[inline]
    pub fn edit(&mut self, record: u64, ty: StructId) -> Result<Edit<'_>, TrapCode> {
        let refused = self.no_edit(record, ty);
        let table = self.tables.get_mut(ty.index()).filter(|_| !self.overlay.writing);
        let row = table.and_then(|table| table.rows_mut(self.span).into_row(record)).ok_or(refused)?;
        Ok(Edit { row, ty, record, marks: &mut self.marks, journal: &mut self.journal })
    }

    /// Calls a function with the numbers of each struct in a list or map, in their order, until it fails. Nulls are passed over.
    ///
    /// # Errors
    /// What the function fails with; `stale_reference`, and `bad_argument` if it is a value or holds no structs.
    #[inline]
    pub fn edit_each(
        &mut self,
        container: u64,
        mut change: impl FnMut(Edit<'_>) -> Result<(), TrapCode>,
    ) -> Result<(), TrapCode> {
        let element = self.heap.get(container).ok_or(TrapCode::StaleReference)?.element;
        let (Kind::Struct(ty) | Kind::NullStruct(ty)) = self.types.kind(element) else {
            return Err(TrapCode::BadArgument);
        };
        let table = self.tables.get_mut(ty.index()).filter(|_| !self.overlay.writing);
        let mut rows = table.ok_or(TrapCode::BadArgument)?.rows_mut(self.span);
        for record in self.heap.values(container).iter().copied().filter(|record| *record != 0) {
            let Some(row) = rows.row(record) else { return Err(self.no_edit(record, ty)) };
            change(Edit { row, ty, record, marks: &mut self.marks, journal: &mut self.journal })?;
        }
        Ok(())
    }

    /// Why a record has no numbers that may be written.
    fn no_edit(&self, record: u64, ty: StructId) -> TrapCode {
        if self.is_stale(record, ty) { TrapCode::StaleReference } else { TrapCode::BadArgument }
    }
}
