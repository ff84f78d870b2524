//! One row of a table, for reading many of its fields.

use statewright_types::layout::FieldSlot;

use super::{Table, decode, row_of};

/// The row of one record.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    fields: &'a [FieldSlot],
    words: &'a [u64],
}

impl<'a> Row<'a> {
    fn new(fields: &'a [FieldSlot], words: &'a [u64]) -> Row<'a> {
        Row { fields, words }
    }

    /// A field as a slot; 0 of one that it has not.
    #[inline]
    pub fn get(self, field: u32) -> u64 {
        let Some(slot) = self.fields.get(field as usize) else { return 0 };
        let word = self.words.get((slot.offset / 8) as usize).copied().unwrap_or(0);
        decode(word >> (slot.offset % 8 * 8), slot.repr)
    }
}

impl Table {
    /// Rows in use or not.
    pub fn row_count(&self) -> usize {
        self.generations.len()
    }

    /// The row of a record, if it is not stale.
    #[inline]
    pub fn row(&self, reference: u64) -> Option<Row<'_>> {
        let start = row_of(reference) as usize * self.words;
        let words = self.rows.get(start..start + self.words)?;
        self.is_live(reference).then_some(Row::new(&self.fields, words))
    }
}
