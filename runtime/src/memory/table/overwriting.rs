//! The way of most writes: a number or bool of a record of the state is overwritten, and its change bit set.

use std::convert::Infallible;

use statewright_types::layout::{FieldSlot, Repr};

use super::{Bits, FieldPlace, Head, Table, encode, mask, row_of};

/// What a table knows of a field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// The field's bits in its word.
    mask: u64,
    pub(super) bits: Bits,
    number: u32,
    /// How far up its bits are.
    shift: u8,
    written: Written,
    is_plain: bool,
    keeps: bool,
}

/// What is made of a slot before its low bits are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Nothing: what is too much is masked.
    AsItIs,
    Bool,
    F32,
    F64,
}

impl Written {
    pub(super) const fn of(repr: Repr) -> Written {
        match repr {
            Repr::Bool => Written::Bool,
            Repr::F32 => Written::F32,
            Repr::F64 => Written::F64,
            _ => Written::AsItIs,
        }
    }

    #[inline(always)]
    fn made_of(self, slot: u64) -> u64 {
        match self {
            Written::F64 => encode(slot, Repr::F64),
            Written::F32 => encode(slot, Repr::F32),
            Written::Bool => encode(slot, Repr::Bool),
            Written::AsItIs => slot,
        }
    }
}

impl Field {
    pub(super) fn new(slot: FieldSlot) -> Field {
        let shift = slot.offset % 8 * 8;
        let (mask, bits, written) = (mask(slot.repr) << shift, Bits::of(slot), Written::of(slot.repr));
        Field { mask, bits, number: 0, shift: shift as u8, written, is_plain: false, keeps: false }
    }

    /// The same field, where its place is known: of all else only what is asked for need be looked up.
    #[inline(always)]
    fn at(self, place: FieldPlace) -> Field {
        let FieldPlace { bits, written, .. } = place;
        let shift = bits.right.wrapping_sub(bits.left);
        Field { mask: u64::MAX >> (bits.right & 63) << (shift & 63), bits, shift, written, ..self }
    }
}

/// What [`Table::overwrite`] did.
#[derive(Debug, PartialEq, Eq)]
pub enum Overwritten<'a> {
    /// Nothing: the field had the same bits.
    Same,
    /// It had other ones.
    Changed {
        /// What was there, as a slot.
        old: u64,
        /// What [`Table::set_plain`] was told.
        number: u32,
        /// If the change bit was set with this write.
        first: Option<First<'a>>,
    },
}

/// A field was written for the first time in the span.
#[derive(Debug, PartialEq, Eq)]
pub struct First<'a> {
    /// The mark of the row.
    pub mark: &'a mut u32,
    /// Whether what the field held before the span is kept.
    pub keeps: bool,
}

impl Table {
    /// Lets a field be overwritten by [`Table::overwrite`]: it is a number or bool, and nothing but its bits need be written. The
    /// first 64 fields only. `number` is what undo entries call it.
    pub fn set_plain(&mut self, field: u32, number: u32, keeps: bool) {
        if let Some(entry) = self.fields.get_mut(field as usize) {
            (entry.is_plain, entry.keeps, entry.number) = (field < 64, keeps, number);
        }
    }

    /// Writes a plain field of a record that belongs to the state, and marks it as changed in `span`, unless the record
    /// came to be in that. `None` if any of this is not so: then nothing has happened.
    #[inline(always)]
    pub fn overwrite(&mut self, reference: u64, field: u32, slot: u64, span: u64) -> Option<Overwritten<'_>> {
        let Ok(done) = self.rows_mut(span).into_row(reference)?.into_updated::<Infallible>(field, |_| Ok(slot))?;
        Some(done)
    }

    /// The same for a place that was worked out before.
    #[inline(always)]
    pub fn overwrite_at(&mut self, reference: u64, place: FieldPlace, slot: u64, span: u64) -> Option<Overwritten<'_>> {
        let row = self.rows_mut(span).into_row(reference)?;
        let field = row.fields.get(place.field as usize)?.at(place);
        let Ok(done) = row.into_written::<Infallible>(place.field, field, |_| Ok(slot))?;
        Some(done)
    }

    /// The rows, for many of them to be overwritten in `span`.
    #[inline(always)]
    pub fn rows_mut(&mut self, span: u64) -> RowsMut<'_> {
        let (fields, generations) = (&*self.fields, &*self.generations);
        RowsMut { fields, generations, heads: &mut self.heads, rows: &mut self.rows, words: self.words, span }
    }
}

/// The rows of a table whose plain fields may be overwritten.
#[derive(Debug)]
pub struct RowsMut<'a> {
    fields: &'a [Field],
    generations: &'a [u32],
    heads: &'a mut [Head],
    rows: &'a mut [u64],
    words: usize,
    span: u64,
}

impl<'a> RowsMut<'a> {
    /// The row of a record that belongs to the state.
    #[inline(always)]
    pub fn row(&mut self, reference: u64) -> Option<RowMut<'_>> {
        let RowsMut { fields, generations, ref mut heads, ref mut rows, words, span } = *self;
        RowsMut { fields, generations, heads, rows, words, span }.into_row(reference)
    }

    /// The same, for as long as the rows are there.
    #[inline(always)]
    pub fn into_row(self, reference: u64) -> Option<RowMut<'a>> {
        let RowsMut { fields, generations, heads, rows, words, span } = self;
        let (row, generation) = (row_of(reference) as usize, (reference >> 32) as u32);
        let head = heads.get_mut(row)?;
        // What is apart from the state has a later span than any.
        if head.since > span || generation & 1 == 0 || *generations.get(row)? != generation {
            return None;
        }
        let words = rows.get_mut(row * words..row * words + words)?;
        Some(RowMut { fields, words, head, span })
    }
}

/// A row whose plain fields may be overwritten.
#[derive(Debug)]
pub struct RowMut<'a> {
    fields: &'a [Field],
    words: &'a mut [u64],
    head: &'a mut Head,
    span: u64,
}

impl<'a> RowMut<'a> {
    /// A field as a slot.
    #[inline(always)]
    pub fn get(&self, field: u32) -> Option<u64> {
        let Field { bits, mask, .. } = self.fields.get(field as usize)?;
        let word = *self.words.get(bits.word as usize)?;
        Some(if *mask == u64::MAX { word } else { bits.widen(word) })
    }

    /// As [`Table::overwrite`], with what is made of what is there.
    ///
    /// # Errors
    /// That of `make`: then nothing has happened.
    #[inline(always)]
    pub fn update<E>(
        &mut self,
        field: u32,
        make: impl FnOnce(u64) -> Result<u64, E>,
    ) -> Option<Result<Overwritten<'_>, E>> {
        let RowMut { fields, ref mut words, ref mut head, span } = *self;
        RowMut { fields, words, head, span }.into_updated(field, make)
    }

    #[inline(always)]
    fn into_updated<E>(
        self,
        field: u32,
        make: impl FnOnce(u64) -> Result<u64, E>,
    ) -> Option<Result<Overwritten<'a>, E>> {
        let entry = *self.fields.get(field as usize)?;
        self.into_written(field, entry, make)
    }

    #[inline(always)]
    fn into_written<E>(
        self,
        field: u32,
        entry: Field,
        make: impl FnOnce(u64) -> Result<u64, E>,
    ) -> Option<Result<Overwritten<'a>, E>> {
        let RowMut { words, head, span, .. } = self;
        let Field { mask, bits, number, shift, written, is_plain, keeps } = entry;
        if !is_plain {
            return None;
        }
        let word = words.get_mut(bits.word as usize)?;
        let before = *word;
        // What fills its word needs no shifting.
        let old = if mask == u64::MAX { before } else { bits.widen(before) };
        let slot = match make(old) {
            Ok(slot) => slot,
            Err(error) => return Some(Err(error)),
        };
        let difference = if mask == u64::MAX {
            before ^ if written == Written::F64 { encode(slot, Repr::F64) } else { slot }
        } else {
            let written = if written == Written::AsItIs { slot } else { written.made_of(slot) };
            (before ^ written << (shift & 63)) & mask
        };
        if difference == 0 {
            return Some(Ok(Overwritten::Same));
        }
        *word = before ^ difference;
        let bit = 1 << (field & 63);
        if head.since == span || head.changed & bit != 0 {
            return Some(Ok(Overwritten::Changed { old, number, first: None }));
        }
        head.changed |= bit;
        Some(Ok(Overwritten::Changed { old, number, first: Some(First { mark: &mut head.mark, keeps }) }))
    }
}

#[cfg(test)]
mod tests {
    use statewright_types::StructId;
    use statewright_types::layout::RecordLayout;

    use super::*;
    use crate::memory::{CANONICAL_NAN, Owner};

    const SPAN: u64 = 7;

    /// Two fields of each half of a word, a float, and 70 more.
    fn table() -> Table {
        let mut fields = vec![
            FieldSlot { offset: 0, repr: Repr::I32 },
            FieldSlot { offset: 4, repr: Repr::F32 },
            FieldSlot { offset: 8, repr: Repr::F64 },
            FieldSlot { offset: 16, repr: Repr::Bool },
        ];
        fields.extend((0..70).map(|n| FieldSlot { offset: 24 + 8 * n, repr: Repr::U64 }));
        let mut table = Table::new(&RecordLayout { fields, stride: 24 + 8 * 70 });
        (0..70).filter(|field| *field != 5).for_each(|field| table.set_plain(field, field, field == 2));
        table
    }

    fn changed(old: u64, first: bool) -> impl Fn(Option<Overwritten<'_>>) -> bool {
        move |done| matches!(done, Some(Overwritten::Changed { old: o, first: f, .. }) if (o, f.is_some()) == (old, first))
    }

    #[test]
    fn what_was_there_is_told_once_it_is_another_value() {
        let mut table = table();
        let record = table.allocate(&[], Owner::Root, SPAN - 1);
        let minus = -5i64 as u64;
        assert!(changed(0, true)(table.overwrite(record, 0, minus, SPAN)));
        assert_eq!(table.overwrite(record, 0, minus, SPAN), Some(Overwritten::Same));
        assert!(changed(minus, false)(table.overwrite(record, 0, 9, SPAN)));
        assert!(changed(0, true)(table.overwrite(record, 1, 1.5f64.to_bits(), SPAN)));
        assert!(changed(0, true)(table.overwrite(record, 2, f64::NAN.to_bits() | 77, SPAN)));
        assert!(changed(0, true)(table.overwrite(record, 3, 1, SPAN)));
        let slots = [0, 1, 2, 3].map(|field| table.load(record, field));
        assert_eq!(slots, [9, 1.5f64.to_bits(), CANONICAL_NAN, 1].map(Some), "neighbours stay");
        assert_eq!(table.dirty(row_of(record)).0, 0b1111);
    }

    #[test]
    fn a_place_that_was_worked_out_is_written_as_its_field_is() {
        let (mut table, mut same) = (table(), table());
        let [record, other] = [&mut table, &mut same].map(|table| table.allocate(&[], Owner::Root, SPAN - 1));
        let slots = [0, 1, 5, u64::MAX, 1.5f64.to_bits(), f64::NAN.to_bits() | 77];
        let layout = [(0, Repr::I32), (4, Repr::F32), (8, Repr::F64), (16, Repr::Bool), (24, Repr::U64)];
        for slot in slots {
            for (field, (offset, repr)) in (0..).zip(layout) {
                let place = FieldPlace::at(StructId(0), field, offset, repr);
                let done = table.overwrite_at(record, place, slot, SPAN);
                assert_eq!(done, same.overwrite(other, field, slot, SPAN), "{repr:?} {slot:x}");
                assert_eq!(table.rows, same.rows, "{repr:?} {slot:x}");
            }
        }
        let unknown = FieldPlace::at(StructId(0), 5, 32, Repr::U64);
        assert_eq!(table.overwrite_at(record, unknown, 1, SPAN), None, "for others");
    }

    #[test]
    fn values_stale_records_and_fields_that_are_not_plain_are_for_others() {
        let mut table = table();
        let record = table.allocate(&[], Owner::Root, SPAN - 1);
        for field in [5, 64, 69, 400] {
            assert_eq!(table.overwrite(record, field, 1, SPAN), None, "field {field}");
        }
        let field = Owner::Field { ty: StructId(0), row: 0, field: 0 };
        for (owner, is_apart) in
            [(Owner::Value, true), (field, false), (Owner::Lifted, true), (Owner::Container(1), false)]
        {
            table.set_owner(row_of(record), owner);
            assert_eq!(table.overwrite(record, 0, 0, SPAN).is_none(), is_apart, "{owner:?}");
            assert_eq!(table.born(row_of(record)), SPAN - 1);
        }
        for stale in [record ^ 1 << 32, record + (2 << 32), record + 1, u64::MAX] {
            assert_eq!(table.overwrite(stale, 0, 1, SPAN), None, "{stale:x}");
        }
        assert_eq!((table.dirty(row_of(record)).0, table.load(record, 0)), (0, Some(0)), "nothing has happened");
    }

    #[test]
    fn what_came_to_be_in_the_span_bears_no_marks() {
        let mut table = table();
        let record = table.allocate(&[], Owner::Root, SPAN);
        assert!(changed(0, false)(table.overwrite(record, 0, 1, SPAN)));
        assert_eq!(table.dirty(row_of(record)).0, 0);
        assert!(changed(1, true)(table.overwrite(record, 0, 2, SPAN + 1)));
    }
}
