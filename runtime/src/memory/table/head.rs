//! What a table notes of each row besides its fields: which were written, since when, and where it is entered.

use super::Table;

/// Set in [`Head::since`] while the record is no part of the state.
pub(super) const APART: u64 = 1 << 63;

/// What is noted of a row. Compiled code may know how it is laid out: docs/architecture.md.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Head {
    /// The change bits of the first 64 fields.
    pub(super) changed: u64,
    /// The span of changes in which the record came to be, with [`APART`] on top.
    pub(super) since: u64,
    /// The number of the row's entry in the change set, from 1; 0 is none.
    pub(super) mark: u32,
    /// Where in its list the row was when somebody last looked: a hint.
    pub(super) place: u32,
}

impl Default for Head {
    fn default() -> Head {
        Head { changed: 0, since: APART, mark: 0, place: 0 }
    }
}

impl Table {
    #[inline]
    fn head(&self, row: u32) -> Head {
        self.heads.get(row as usize).copied().unwrap_or_default()
    }

    /// The change bits of `row` beyond the first 64.
    #[inline]
    pub(super) fn high_of(&mut self, row: u32) -> &mut [u64] {
        let start = row as usize * self.high_words;
        self.high.get_mut(start..start + self.high_words).unwrap_or_default()
    }

    /// The word of change bits that a field's is in.
    fn changed_word(&mut self, row: u32, field: u32) -> Option<&mut u64> {
        match (field / 64) as usize {
            0 => self.heads.get_mut(row as usize).map(|head| &mut head.changed),
            word => self.high_of(row).get_mut(word - 1),
        }
    }

    /// The span of changes in which `row` came to be.
    #[inline]
    pub fn born(&self, row: u32) -> u64 {
        self.head(row).since & !APART
    }

    /// Sets the change bit of a field; whether it was clear.
    #[inline]
    pub fn set_dirty(&mut self, row: u32, field: u32) -> bool {
        let bit = 1 << (field % 64);
        match self.changed_word(row, field) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }

    /// Clears the change bit of a field; whether the row has none left.
    pub fn unset_dirty(&mut self, row: u32, field: u32) -> bool {
        if let Some(word) = self.changed_word(row, field) {
            *word &= !(1 << (field % 64));
        }
        self.head(row).changed == 0 && self.high_of(row).iter().all(|word| *word == 0)
    }

    /// The change bits of `row`: of the first 64 fields, and of the rest.
    pub fn dirty(&self, row: u32) -> (u64, &[u64]) {
        let start = row as usize * self.high_words;
        (self.head(row).changed, self.high.get(start..start + self.high_words).unwrap_or_default())
    }

    /// Takes all change bits of `row`, and its mark: of the first 64 fields, and of the rest, if the type has more.
    #[inline]
    pub fn take_dirty(&mut self, row: u32) -> (u64, Vec<u64>) {
        let mut low = 0;
        if let Some(head) = self.heads.get_mut(row as usize) {
            low = head.changed;
            (head.changed, head.mark) = (0, 0);
        }
        (low, if self.high_words > 0 { self.take_high(row) } else { Vec::new() })
    }

    #[cold]
    fn take_high(&mut self, row: u32) -> Vec<u64> {
        let high = self.high_of(row);
        let taken = high.to_vec();
        high.fill(0);
        taken
    }

    /// The number of the row's entry in the change set, from 1; 0 is none.
    #[inline]
    pub fn mark(&self, row: u32) -> u32 {
        self.head(row).mark
    }

    /// The same, to be set.
    #[inline]
    pub fn mark_mut(&mut self, row: u32) -> Option<&mut u32> {
        self.heads.get_mut(row as usize).map(|head| &mut head.mark)
    }

    /// Sets [`Table::mark`].
    #[inline]
    pub fn set_mark(&mut self, row: u32, mark: u32) {
        if let Some(head) = self.heads.get_mut(row as usize) {
            head.mark = mark;
        }
    }

    /// Where in its list the row was when somebody last looked: a hint.
    pub fn place(&self, row: u32) -> usize {
        self.head(row).place as usize
    }

    /// Sets [`Table::place`].
    pub fn set_place(&mut self, row: u32, place: usize) {
        if let Some(head) = self.heads.get_mut(row as usize) {
            head.place = place as u32;
        }
    }
}
