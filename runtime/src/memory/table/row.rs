//! The rows of a table, for reading many of their fields.

use super::overwriting::Field;
use super::{FieldPlace, Table, row_of};

/// The row of one record.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    fields: &'a [Field],
    words: &'a [u64],
}

impl<'a> Row<'a> {
    fn new(fields: &'a [Field], words: &'a [u64]) -> Row<'a> {
        Row { fields, words }
    }

    /// A field as a slot; 0 of one that it has not.
    #[inline]
    pub fn get(self, field: u32) -> u64 {
        let Some(Field { bits, .. }) = self.fields.get(field as usize) else { return 0 };
        bits.widen(self.words.get(bits.word as usize).copied().unwrap_or(0))
    }
}

/// The rows of a table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rows<'a> {
    generations: &'a [u32],
    rows: &'a [u64],
    words: usize,
}

impl<'a> Rows<'a> {
    #[inline]
    pub(super) fn new(generations: &'a [u32], rows: &'a [u64], words: usize) -> Rows<'a> {
        Rows { generations, rows, words }
    }

    /// As [`Table::load_at`].
    #[inline(always)]
    pub fn load(self, reference: u64, place: FieldPlace) -> Option<u64> {
        self.load_word(reference, place.bits.word).map(|word| place.bits.widen(word))
    }

    /// Where the row of a record begins, if it is not stale: for [`Rows::word`].
    #[inline(always)]
    pub fn start(self, reference: u64) -> Option<usize> {
        let generation = (reference >> 32) as u32;
        let is_live = generation & 1 == 1 && self.generations.get(row_of(reference) as usize) == Some(&generation);
        is_live.then(|| row_of(reference) as usize * self.words)
    }

    /// The words of the row of a record, if it is not stale.
    #[inline(always)]
    pub fn row(self, reference: u64) -> Option<&'a [u64]> {
        let start = self.start(reference)?;
        self.rows.get(start..start + self.words)
    }

    /// A field of the row that begins there; 0 if there is none.
    #[inline(always)]
    pub fn at(self, start: usize, place: FieldPlace) -> u64 {
        place.bits.widen(self.word(start, place.bits.word))
    }

    /// A word of the row that begins there; 0 if there is none.
    #[inline(always)]
    pub fn word(self, start: usize, word: u32) -> u64 {
        self.rows.get(start + word as usize).copied().unwrap_or(0)
    }

    /// As [`Table::load_word`].
    #[inline(always)]
    pub(super) fn load_word(self, reference: u64, word: u32) -> Option<u64> {
        self.rows.get(self.start(reference)? + word as usize).copied()
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
