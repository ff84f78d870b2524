//! Loops that write nothing, done at first without looking where they may stop.
//!
//! [`attempt!`](crate::attempt) runs a loop's body with [`Tried`]: what may stop is noted, and nothing is left on the way, so that a
//! compiler may do several passes at once. Where nothing was noted and the fuel lasts, that was it. Else nobody has seen anything, and the
//! same body runs with [`Exact`], which stops where it has to.

use std::cell::Cell;
use std::convert::Infallible;
use std::iter::Zip;
use std::ops::Range;
use std::slice;

use statewright_types::{StructId, TrapCode, scalar};

use super::exit::{At, Exit, Flow};
use super::run::{Bits, Fuel, Run, Slot};
use crate::memory::Rows;
use crate::state::FieldPlace;

/// A loop that is tried makes fewer passes than this.
const PASSES: u64 = 1 << 20;

/// Integers that [`Checks::small`] lets through in a loop that is tried are between −2^40 and 2^40.
const SMALL: u32 = 40;

/// What a loop's body asks where it may stop.
pub trait Checks {
    /// How it stops.
    type Stop;

    /// A result, or a stop at the node.
    fn check<T: Default>(&self, result: Result<T, TrapCode>, node: &str) -> Result<T, Self::Stop>;

    /// `fuel`
    fn charge(&self, amount: u64, node: &str) -> Result<(), Self::Stop>;

    /// The same integer. The operations that say so rely on it in a loop that is tried.
    fn small(&self, a: i64) -> i64;

    /// a + b, of numbers that [`Checks::small`] made so, such numbers times constants, and sums of these over all passes.
    fn add(&self, a: i64, b: i64, node: &str) -> Result<i64, Self::Stop>;

    /// a − b likewise.
    fn sub(&self, a: i64, b: i64, node: &str) -> Result<i64, Self::Stop>;

    /// a · b likewise.
    fn mul(&self, a: i64, b: i64, node: &str) -> Result<i64, Self::Stop>;
}

/// Nothing stops: what should is noted.
#[derive(Debug, Default)]
pub struct Tried {
    failed: Cell<bool>,
    spent: Cell<u64>,
    /// The bits of all numbers that must be small, each with [`SMALL`] added.
    seen: Cell<u64>,
}

impl Tried {
    /// Runs a loop, and takes what it spent from the fuel. `None` if it has to be done again.
    #[inline(always)]
    pub fn run<T>(&self, fuel: &mut Fuel, body: impl FnOnce() -> Result<T, Infallible>) -> Option<T> {
        let Ok(result) = body();
        let is_small = self.seen.get() >> (SMALL + 1) == 0;
        let left = fuel.left.checked_sub(self.spent.get()).filter(|_| is_small && !self.failed.get())?;
        fuel.left = left;
        Some(result)
    }
}

impl Checks for Tried {
    type Stop = Infallible;

    #[inline(always)]
    fn check<T: Default>(&self, result: Result<T, TrapCode>, _node: &str) -> Result<T, Infallible> {
        Ok(result.unwrap_or_else(|_| {
            self.failed.set(true);
            T::default()
        }))
    }

    #[inline(always)]
    fn charge(&self, amount: u64, _node: &str) -> Result<(), Infallible> {
        self.spent.set(self.spent.get().wrapping_add(amount));
        Ok(())
    }

    #[inline(always)]
    fn small(&self, a: i64) -> i64 {
        self.seen.set(self.seen.get() | a.wrapping_add(1 << SMALL) as u64);
        a
    }

    #[inline(always)]
    fn add(&self, a: i64, b: i64, _node: &str) -> Result<i64, Infallible> {
        Ok(a.wrapping_add(b))
    }

    #[inline(always)]
    fn sub(&self, a: i64, b: i64, _node: &str) -> Result<i64, Infallible> {
        Ok(a.wrapping_sub(b))
    }

    #[inline(always)]
    fn mul(&self, a: i64, b: i64, _node: &str) -> Result<i64, Infallible> {
        Ok(a.wrapping_mul(b))
    }
}

/// Everything stops where it should.
#[derive(Debug)]
pub struct Exact {
    left: Cell<u64>,
}

impl Exact {
    /// With what is left of the fuel.
    #[inline(always)]
    pub fn new(fuel: &Fuel) -> Exact {
        Exact { left: Cell::new(fuel.left) }
    }

    /// Runs a loop, and writes back what is left of the fuel.
    #[inline(always)]
    pub fn run<T>(&self, fuel: &mut Fuel, body: impl FnOnce() -> Flow<T>) -> Flow<T> {
        let result = body();
        fuel.left = self.left.get();
        result
    }
}

impl Checks for Exact {
    type Stop = Box<Exit>;

    #[inline(always)]
    fn check<T: Default>(&self, result: Result<T, TrapCode>, node: &str) -> Flow<T> {
        result.at(node)
    }

    #[inline(always)]
    fn charge(&self, amount: u64, node: &str) -> Flow<()> {
        let left = self.left.get();
        self.left.set(left.saturating_sub(amount));
        if left < amount { Err(TrapCode::FuelExhausted).at(node) } else { Ok(()) }
    }

    #[inline(always)]
    fn small(&self, a: i64) -> i64 {
        a
    }

    #[inline(always)]
    fn add(&self, a: i64, b: i64, node: &str) -> Flow<i64> {
        scalar::iadd(a, b).at(node)
    }

    #[inline(always)]
    fn sub(&self, a: i64, b: i64, node: &str) -> Flow<i64> {
        scalar::isub(a, b).at(node)
    }

    #[inline(always)]
    fn mul(&self, a: i64, b: i64, node: &str) -> Flow<i64> {
        scalar::imul(a, b).at(node)
    }
}

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
        let passes = self.end.checked_sub(self.start)?;
        (passes < PASSES as i64 && passes <= fuel.left as i64).then(|| self.clone())
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
        T::of(field.of(self.row))
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
    /// The structs of a list, as many as `length`, for a loop that writes nothing.
    #[inline(always)]
    pub fn structs<const WORDS: usize>(&self, list: Slot, length: i64, ty: StructId) -> Structs<'_, WORDS> {
        Structs { slots: self.slots(list), rows: self.rows(ty), length }
    }
}

impl<'a, const WORDS: usize> Passes for Structs<'a, WORDS> {
    type Tried = TriedStructs<'a, WORDS>;
    type Exact = ExactStructs<'a>;

    #[inline(always)]
    fn tried(&self, _fuel: &Fuel) -> Option<Self::Tried> {
        if self.slots.len() as i64 != self.length || self.slots.len() as u64 >= PASSES {
            return None;
        }
        let rows = self.rows.run_of::<WORDS>(self.slots)?;
        Some(TriedStructs { at: 0, elements: self.slots.iter().zip(rows) })
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

/// Runs a loop that writes nothing: `attempt!(fuel, PASSES, move |checks, passes| BODY)?`. The body is compiled for [`Tried`] and for
/// [`Exact`]; it gets copies of the variables that it uses, and gives those that it changes.
#[macro_export]
macro_rules! attempt {
    ($fuel:expr, $over:expr, move |$checks:ident, $passes:ident| $body:expr) => {{
        let over = $over;
        let tried = match $crate::emitted::Passes::tried(&over, $fuel) {
            Some($passes) => {
                let tried = $crate::emitted::Tried::default();
                let $checks = &tried;
                tried.run($fuel, move || $body)
            }
            None => None,
        };
        match tried {
            Some(result) => Ok(result),
            None => {
                let exact = $crate::emitted::Exact::new($fuel);
                let $checks = &exact;
                let $passes = $crate::emitted::Passes::exact(&over);
                exact.run($fuel, move || $body)
            }
        }
    }};
}
