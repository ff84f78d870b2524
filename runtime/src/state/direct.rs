//! What compiled code may write by itself: numbers over numbers, with mark, old value and undo entry. The steps are in
//! docs/architecture.md, "Where compiled code finds things"; in Rust they are `Table::overwrite` and `State::store`.

use std::sync::Arc;

use statewright_types::{Schema, StructId};

use super::State;
use super::kinds::{StructInfo, Types, describe};
use crate::memory::{FilledView, Table, TableView};

/// A field that compiled code may overwrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainField {
    /// What undo entries call it: which of all types' fields it is.
    pub number: u32,
    /// Whether change sets keep what it held before.
    pub keeps: bool,
}

/// Which fields of a schema those are.
#[derive(Clone, Debug)]
pub struct PlainFields(Vec<StructInfo>);

impl PlainFields {
    /// Those of `schema`.
    pub fn of(schema: &Arc<Schema>) -> PlainFields {
        PlainFields(describe(schema, &mut Types::default()))
    }

    /// A field, if it is one of them.
    pub fn get(&self, ty: StructId, field: u32) -> Option<PlainField> {
        let info = self.0.get(ty.index())?.fields.get(field as usize).filter(|info| info.is_plain(field))?;
        Some(PlainField { number: info.number, keeps: info.keeps })
    }
}

/// Where a state writes down what is written, for code that does so by address. Good until anything but that code writes the
/// state, or effects come or go.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct WriteView {
    /// [`FieldUndo`](super::FieldUndo) entries.
    pub undo: FilledView,
    /// [`Touched`](super::Touched) entries.
    pub touched: FilledView,
    /// [`OldEntry`](super::OldEntry) entries.
    pub olds: FilledView,
    /// The span of changes.
    pub span: u64,
    /// Not 0 while nothing may be written so: effects are applied, or one of them writes, or no transaction runs.
    pub closed: u64,
}

impl WriteView {
    /// Of no state: nothing may be written.
    pub const NONE: WriteView =
        WriteView { undo: FilledView::NONE, touched: FilledView::NONE, olds: FilledView::NONE, span: 0, closed: 1 };
}

/// Type and position of the field of that number.
pub(super) fn numbered(structs: &[StructInfo], number: u32) -> (StructId, u32) {
    let at = structs.partition_point(|info| info.first <= number).saturating_sub(1);
    let first = structs.get(at).map_or(0, |info| info.first);
    (StructId(at as u32), number.wrapping_sub(first))
}

impl State {
    /// Where the state writes down what is written.
    #[inline]
    pub fn write_view(&mut self) -> WriteView {
        let closed = !self.journal.active || self.overlay.writing || self.is_overlaid();
        WriteView {
            undo: self.journal.fields.view(),
            touched: self.marks.records.view(),
            olds: self.marks.olds.entries.view(),
            span: self.span,
            closed: u64::from(closed),
        }
    }

    /// Where the rows of a type and their heads are, for code that writes them with the help of a [`WriteView`].
    #[inline]
    pub fn table_view_mut(&mut self, ty: StructId) -> TableView {
        self.tables.get_mut(ty.index()).map_or(TableView::NONE, Table::view_mut)
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::super::tests::fixture;
    use super::super::{FieldUndo, OldEntry, Touched};
    use super::*;

    #[test]
    fn every_field_has_a_number_of_its_own() {
        let state = fixture::state();
        let plain = PlainFields::of(state.schema());
        let mut seen = 0;
        for (ty, info) in (0..).map(StructId).zip(&state.structs) {
            for (at, field) in (0..).zip(&info.fields) {
                assert_eq!((field.number, numbered(&state.structs, seen)), (seen, (ty, at)));
                let told = plain.get(ty, at);
                assert_eq!(told.is_some(), field.kind.is_number() && !field.is_key);
                assert!(told.is_none_or(|told| told == PlainField { number: seen, keeps: field.keeps }));
                seen += 1;
            }
            assert_eq!(plain.get(ty, info.fields.len() as u32), None);
        }
        assert!(seen > 10);
    }

    #[test]
    fn entries_are_laid_out_as_compiled_code_writes_them() {
        let undo = (offset_of!(FieldUndo, old), offset_of!(FieldUndo, row), offset_of!(FieldUndo, place));
        assert_eq!((undo, size_of::<FieldUndo>()), ((0, 8, 12), 16));
        let touched = (offset_of!(Touched, ty), offset_of!(Touched, olds), offset_of!(Touched, record));
        assert_eq!((touched, size_of::<Touched>()), ((0, 4, 8), 16));
        let old = (offset_of!(OldEntry, number), offset_of!(OldEntry, next), offset_of!(OldEntry, field));
        assert_eq!((old, size_of::<OldEntry>(), TableView::HEAD), ((0, 8, 12), 16, 24));
    }

    #[test]
    fn nothing_is_written_by_address_where_rust_would_do_more() {
        let mut state = fixture::state();
        let closed = |state: &mut State| state.write_view().closed != 0;
        assert!(closed(&mut state), "no transaction runs");
        state.begin();
        assert!(!closed(&mut state));
        state.overlay_begin();
        assert!(closed(&mut state), "effects are applied");
        state.overlay_layer(1);
        assert!(closed(&mut state), "an effect writes");
        state.overlay_keep();
        state.overlay_lift();
        assert!(!closed(&mut state));
        state.rollback();
    }
}
