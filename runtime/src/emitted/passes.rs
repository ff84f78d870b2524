//! What loops that are tried go over: numbers, and the elements of lists.

use std::iter::Zip;
use std::marker::PhantomData;
use std::ops::Range;
use std::slice;

use statewright_types::StructId;

use super::run::{Bits, Fuel, Run, Slot};
use crate::memory::Rows;
use crate::state::FieldPlace;

/// A loop that is tried makes no more passes than this.
pub(super) const PASSES: u64 = 1 << 18;

/// What a loop goes over.
pub trait Passes {
    /// Its passes, if it can be tried.
    type Tried: Iterator;
    /// The same, whatever there is.
    type Exact: Iterator;
    /// The passes where as much fuel is left.
    fn tried(&self, fuel: &Fuel) -> Option<Self::Tried>;
    /// The passes.
    fn exact(&self) -> Self::Exact;
}

impl Passes for Range<i64> {
    type Tried = Range<i64>;
    type Exact = Range<i64>;

    #[inline(always)]
    fn tried(&self, fuel: &Fuel) -> Option<Self> {
        let passes = u64::try_from(self.end.checked_sub(self.start)?).unwrap_or(0);
        (passes <= PASSES && passes <= fuel.left).then(|| self.clone())
    }

    #[inline(always)]
    fn exact(&self) -> Self {
        self.clone()
    }
}

/// An element that is a struct.
pub trait Element: Copy {
    /// The element itself.
    fn slot(self) -> Slot;
    /// `load.known`
    fn load<T: Bits>(self, field: FieldPlace) -> T;
}

/// Structs of a list with rows of so many words.
#[derive(Clone, Copy, Debug)]
pub struct Structs<'a, const WORDS: usize> {
    slots: &'a [u64],
    dense: Option<&'a [[u64; WORDS]]>,
    rows: Rows<'a>,
    length: i64,
}

/// An element of a list whose rows stand one behind the other.
#[derive(Clone, Copy, Debug)]
pub struct RowElement<'a, const WORDS: usize> {
    slot: &'a u64,
    row: &'a [u64; WORDS],
}

impl<const WORDS: usize> Element for RowElement<'_, WORDS> {
    #[inline(always)]
    fn slot(self) -> Slot {
        *self.slot
    }

    #[inline(always)]
    fn load<T: Bits>(self, field: FieldPlace) -> T {
        T::of(field.of_row(self.row))
    }
}

/// An element whose row is looked up.
#[derive(Clone, Copy, Debug)]
pub struct ListElement<'a> {
    slot: u64,
    rows: Rows<'a>,
}

impl Element for ListElement<'_> {
    #[inline(always)]
    fn slot(self) -> Slot {
        self.slot
    }

    #[inline(always)]
    fn load<T: Bits>(self, field: FieldPlace) -> T {
        T::of(self.rows.load(self.slot, field).unwrap_or(0))
    }
}

impl<'r, 'c> Run<'r, 'c> {
    /// The elements of a list, as many as `length`, for a loop that writes nothing.
    #[inline(always)]
    pub fn values<T: Bits>(&self, list: Slot, length: i64) -> Values<'_, T> {
        Values { slots: self.slots(list), length, of: PhantomData }
    }

    /// The structs of a list likewise, of a type whose rows have so many words.
    #[inline(always)]
    pub fn structs<const WORDS: usize>(&self, list: Slot, length: i64, ty: StructId) -> Structs<'_, WORDS> {
        Structs { slots: self.slots(list), dense: self.dense(list), rows: self.rows(ty), length }
    }
}

impl<'a, const WORDS: usize> Passes for Structs<'a, WORDS> {
    type Tried = TriedStructs<'a, WORDS>;
    type Exact = ExactStructs<'a>;

    #[inline(always)]
    fn tried(&self, _fuel: &Fuel) -> Option<Self::Tried> {
        if self.slots.len() as i64 != self.length || self.slots.len() as u64 > PASSES {
            return None;
        }
        Some(TriedStructs { at: 0, elements: self.slots.iter().zip(self.dense?) })
    }

    #[inline(always)]
    fn exact(&self) -> Self::Exact {
        ExactStructs { passes: 0..self.length, slots: self.slots, rows: self.rows }
    }
}

/// Passes over structs whose rows stand one behind the other.
#[derive(Debug)]
pub struct TriedStructs<'a, const WORDS: usize> {
    at: i64,
    elements: Zip<slice::Iter<'a, u64>, slice::Iter<'a, [u64; WORDS]>>,
}

impl<'a, const WORDS: usize> Iterator for TriedStructs<'a, WORDS> {
    type Item = (i64, RowElement<'a, WORDS>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let (slot, row) = self.elements.next()?;
        let at = self.at;
        self.at = at.wrapping_add(1);
        Some((at, RowElement { slot, row }))
    }
}

/// Passes over structs that are looked up.
#[derive(Debug)]
pub struct ExactStructs<'a> {
    passes: Range<i64>,
    slots: &'a [u64],
    rows: Rows<'a>,
}

impl<'a> Iterator for ExactStructs<'a> {
    type Item = (i64, ListElement<'a>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let at = self.passes.next()?;
        let slot = self.slots.get(at as usize).copied().unwrap_or(0);
        Some((at, ListElement { slot, rows: self.rows }))
    }
}

/// Elements of a list that are no structs.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a, T> {
    slots: &'a [u64],
    length: i64,
    of: PhantomData<T>,
}

/// Passes over such elements.
#[derive(Debug)]
pub struct ValuePasses<'a, T> {
    passes: Range<i64>,
    slots: slice::Iter<'a, u64>,
    of: PhantomData<T>,
}

impl<T: Bits> Iterator for ValuePasses<'_, T> {
    type Item = (i64, T);

    #[inline(always)]
    fn next(&mut self) -> Option<(i64, T)> {
        let slot = self.slots.next();
        let at = self.passes.next()?;
        Some((at, T::of(slot.copied().unwrap_or(0))))
    }
}

impl<'a, T: Bits> Passes for Values<'a, T> {
    type Tried = ValuePasses<'a, T>;
    type Exact = ValuePasses<'a, T>;

    #[inline(always)]
    fn tried(&self, _fuel: &Fuel) -> Option<Self::Tried> {
        let is_all = self.slots.len() as i64 == self.length && self.slots.len() as u64 <= PASSES;
        is_all.then(|| self.exact())
    }

    #[inline(always)]
    fn exact(&self) -> Self::Exact {
        ValuePasses { passes: 0..self.length, slots: self.slots.iter(), of: PhantomData }
    }
}
