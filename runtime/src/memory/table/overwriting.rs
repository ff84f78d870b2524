//! The way of most writes: a number or bool of a record of the state is overwritten, and its change bit set.

use statewright_types::layout::{FieldSlot, Repr};

use super::{Bits, Table, encode, mask, row_of};

/// What a table knows of a field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) bits: Bits,
    repr: Repr,
    /// The field's bits in its word, and how far up they are.
    mask: u64,
    shift: u8,
    is_plain: bool,
    keeps: bool,
}

impl Field {
    pub(super) fn new(slot: FieldSlot) -> Field {
        let shift = slot.offset % 8 * 8;
        let mask = mask(slot.repr) << shift;
        Field { bits: Bits::of(slot), repr: slot.repr, mask, shift: shift as u8, is_plain: false, keeps: false }
    }
}

/// What [`Table::overwrite`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwritten {
    /// Nothing: the field had the same bits.
    Same,
    /// It had other ones.
    Changed {
        /// What was there, as a slot.
        old: u64,
        /// Whether the change bit was set with this write.
        first: bool,
        /// Whether what the field held before the span is kept. Of `first` ones only.
        keeps: bool,
        /// The mark of the row. Of `first` ones only.
        mark: u32,
    },
}

impl Table {
    /// Lets a field be overwritten by [`Table::overwrite`]: it is a number or bool, and nothing but its bits need be written. The
    /// first 64 fields only.
    pub fn set_plain(&mut self, field: u32, keeps: bool) {
        if let Some(entry) = self.fields.get_mut(field as usize) {
            (entry.is_plain, entry.keeps) = (field < 64, keeps);
        }
    }

    /// Writes a plain field of a record that belongs to the state, and marks it as changed in `span`, unless the record
    /// came to be in that. `None` if any of this is not so: then nothing has happened.
    #[inline(always)]
    pub fn overwrite(&mut self, reference: u64, field: u32, slot: u64, span: u64) -> Option<Overwritten> {
        let Field { bits, repr, mask, shift, is_plain, keeps } = *self.fields.get(field as usize)?;
        let (row, generation) = (row_of(reference) as usize, (reference >> 32) as u32);
        let head = self.heads.get_mut(row)?;
        // What is apart from the state has a later span than any.
        if !is_plain || head.since > span || generation & 1 == 0 || *self.generations.get(row)? != generation {
            return None;
        }
        let written = match repr {
            Repr::Bool | Repr::F32 | Repr::F64 => encode(slot, repr),
            // What is too much is masked.
            _ => slot,
        };
        let word = self.rows.get_mut(row * self.words + bits.word as usize)?;
        let before = *word;
        let difference = (before ^ written << (shift & 63)) & mask;
        if difference == 0 {
            return Some(Overwritten::Same);
        }
        *word = before ^ difference;
        let bit = 1 << (field & 63);
        let first = head.since != span && head.changed & bit == 0;
        head.changed |= if first { bit } else { 0 };
        Some(Overwritten::Changed { old: bits.widen(before), first, keeps, mark: head.mark })
    }
}
