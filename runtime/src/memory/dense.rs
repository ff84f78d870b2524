//! Lists whose elements stand one behind the other in their table, for loops that go through rows and not through references.

use std::sync::atomic::{AtomicU32, Ordering};

use super::table::FieldPlace;
use super::{Table, row_of};

/// How many slots of a buffer, from the first on, are known to refer to consecutive rows. It is what is known and no more: 0 is
/// always right, and so whatever writes only has to cut it. Asking goes on where it ended, so that it costs a look at each slot
/// once, and a look at one slot where the run breaks off.
#[derive(Debug, Default)]
pub(super) struct KnownRun(AtomicU32);

impl Clone for KnownRun {
    fn clone(&self) -> KnownRun {
        KnownRun(AtomicU32::new(self.0.load(Ordering::Relaxed)))
    }
}

impl KnownRun {
    /// The slots from `at` on are no longer what they were.
    #[inline]
    pub(super) fn cut(&mut self, at: usize) {
        let known = self.0.get_mut();
        *known = (*known).min(u32::try_from(at).unwrap_or(u32::MAX));
    }

    /// Whether all of `slots` refer to one row after the other.
    #[inline]
    pub(super) fn covers(&self, slots: &[u64]) -> bool {
        // Several threads may look at once: each writes what is true.
        let known = self.0.load(Ordering::Relaxed) as usize;
        known == slots.len() || self.look_further(known, slots)
    }

    #[cold]
    fn look_further(&self, known: usize, slots: &[u64]) -> bool {
        let first = slots.first().map_or(0, |slot| row_of(*slot));
        let rest = slots.iter().enumerate().skip(known);
        let more = rest.take_while(|(at, slot)| u64::from(row_of(**slot)) == u64::from(first) + *at as u64).count();
        let run = known + more;
        self.0.store(u32::try_from(run).unwrap_or(u32::MAX), Ordering::Relaxed);
        run == slots.len()
    }
}

/// The rows of a list's elements, in the order of the list.
#[derive(Clone, Copy, Debug)]
pub struct DenseRows<'a> {
    words: &'a [u64],
    stride: usize,
}

impl<'a> DenseRows<'a> {
    /// All words of all rows.
    pub fn words(self) -> &'a [u64] {
        self.words
    }

    /// How many words a row has: at least 1.
    pub fn stride(self) -> usize {
        self.stride
    }

    /// Row by row, if a row has `N` words.
    #[inline]
    pub fn rows<const N: usize>(self) -> Option<&'a [[u64; N]]> {
        (self.stride == N).then_some(self.words.as_chunks::<N>().0)
    }
}

impl Table {
    /// `count` rows from that of `first` on, if there are so many.
    #[inline]
    pub fn dense(&self, first: u64, count: usize) -> Option<DenseRows<'_>> {
        let start = row_of(first) as usize * self.words;
        let words = self.rows.get(start..start.checked_add(count.checked_mul(self.words)?)?)?;
        Some(DenseRows { words, stride: self.words })
    }
}

impl FieldPlace {
    /// The field in a row that is all there; 0 if the row is too short for it.
    #[inline(always)]
    pub fn of_row(&self, row: &[u64]) -> u64 {
        self.bits.widen(row.get(self.bits.word as usize).copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_where_a_row_is_missing_or_out_of_order() {
        let run = |slots: &[u64]| KnownRun::default().covers(slots);
        assert!(run(&[]) && run(&[7]) && run(&[7, 8, 9]));
        assert!(run(&[5 << 32 | 7, 3 << 32 | 8]), "generations have no order");
        assert!(!run(&[7, 9]) && !run(&[8, 7]) && !run(&[7, 7]));
        assert!(!run(&[u64::from(u32::MAX), 0]), "no row is behind the last");
    }

    #[test]
    fn what_is_cut_is_looked_at_again() {
        let mut known = KnownRun::default();
        let mut slots = vec![3, 4, 5, 6];
        assert!(known.covers(&slots));
        slots[2] = 9;
        known.cut(2);
        assert!(!known.covers(&slots) && !known.covers(&slots));
        slots[2] = 5;
        known.cut(2);
        assert!(known.covers(&slots));
        slots.push(7);
        assert!(known.covers(&slots));
        slots.truncate(1);
        known.cut(1);
        assert!(known.covers(&slots));
    }
}
