//! Loops that write nothing, done at first without looking where they may stop.
//!
//! [`attempt!`](crate::attempt) runs a loop's body with [`Tried`]: what may stop is noted, and nothing is left on the way, so that a
//! compiler may do several passes at once. Where nothing was noted and the fuel lasts, that was it. Else nobody has seen anything, and the
//! same body runs with [`Exact`], which stops where it has to.

use std::cell::Cell;
use std::convert::Infallible;
use std::iter::Zip;
use std::marker::PhantomData;
use std::ops::Range;
use std::slice;

use statewright_types::{IntKind, StructId, TrapCode, scalar};

use super::exit::{At, Exit, Flow};
use super::run::{Bits, Fuel, Run, Slot};
use crate::memory::Rows;
use crate::state::FieldPlace;

/// A loop that is tried makes no more passes than this.
const PASSES: u64 = 1 << 18;

macro_rules! checked {
    ($($(#[$doc:meta])* $name:ident($($operand:ident: $from:ty),*) -> $to:ty = $function:path;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        fn $name(&self, $($operand: $from,)* node: &str) -> Result<$to, Self::Stop> {
            self.check($function($($operand),*), node)
        }
    )*};
}

/// What a loop's body asks where it may stop.
pub trait Checks {
    /// How it stops.
    type Stop;

    /// A result, or a stop at the node.
    fn check<T: Default>(&self, result: Result<T, TrapCode>, node: &str) -> Result<T, Self::Stop>;

    /// `fuel`, in every pass.
    fn charge(&self, amount: u64, node: &str) -> Result<(), Self::Stop>;

    /// `fuel`, in some passes. Counted apart, since every pass is the same amount and needs no counting.
    fn charge_some(&self, amount: u64, node: &str) -> Result<(), Self::Stop>;

    /// The same integer, on whose fitting int32 others rely.
    fn small(&self, a: i64) -> i64;

    /// a + b, of integers that are small, or made of such ones so that they fit.
    fn add(&self, a: i64, b: i64, node: &str) -> Result<i64, Self::Stop>;

    /// a − b likewise.
    fn sub(&self, a: i64, b: i64, node: &str) -> Result<i64, Self::Stop>;

    /// a · b likewise.
    fn mul(&self, a: i64, b: i64, node: &str) -> Result<i64, Self::Stop>;

    /// Whether a + b overflows, of such integers.
    fn add_over(&self, a: i64, b: i64) -> bool;

    /// Whether a − b does.
    fn sub_over(&self, a: i64, b: i64) -> bool;

    /// Whether a · b does.
    fn mul_over(&self, a: i64, b: i64) -> bool;

    checked! {
        /// a + b, of any integers.
        add_wide(a: i64, b: i64) -> i64 = scalar::iadd;
        /// a − b, of any integers.
        sub_wide(a: i64, b: i64) -> i64 = scalar::isub;
        /// a · b, of any integers.
        mul_wide(a: i64, b: i64) -> i64 = scalar::imul;
        /// a / b, toward zero.
        div(a: i64, b: i64) -> i64 = scalar::idiv;
        /// a / b, toward negative infinity.
        div_floor(a: i64, b: i64) -> i64 = scalar::idiv_floor;
        /// The remainder, with the dividend's sign.
        rem(a: i64, b: i64) -> i64 = scalar::irem;
        /// −a.
        neg(a: i64) -> i64 = scalar::ineg;
        /// |a|.
        abs(a: i64) -> i64 = scalar::iabs;
        /// The same number as int64.
        to_int(a: u64) -> i64 = scalar::utoi;
        /// The same number as uint64.
        to_uint(a: i64) -> u64 = scalar::itou;
        /// Down to an integer.
        floor(a: f64) -> i64 = scalar::ftoi_floor;
        /// Up to an integer.
        ceil(a: f64) -> i64 = scalar::ftoi_ceil;
        /// To the nearest integer, half away from zero.
        round(a: f64) -> i64 = scalar::ftoi_round;
        /// Toward zero.
        trunc(a: f64) -> i64 = scalar::ftoi_trunc;
        /// The same number, if the narrow integer type holds it.
        narrow(kind: IntKind, a: i64) -> i64 = scalar::narrow;
    }

    /// `trap_if`
    #[inline(always)]
    fn trap_if(&self, condition: bool, code: TrapCode, node: &str) -> Result<(), Self::Stop> {
        self.check(if condition { Err(code) } else { Ok(()) }, node)
    }

    /// What is inside a nullable that is the thing itself.
    #[inline(always)]
    fn non_null(&self, a: u64, node: &str) -> Result<u64, Self::Stop> {
        self.check(if a == 0 { Err(TrapCode::NullReference) } else { Ok(a) }, node)
    }

    /// `load`
    #[inline(always)]
    fn load<T: Bits>(&self, run: &Run<'_, '_>, record: Slot, field: FieldPlace, node: &str) -> Result<T, Self::Stop> {
        self.check(run.cx.state.load_at(record, field), node).map(T::of)
    }

    /// `list.get`
    #[inline(always)]
    fn list_get<T: Bits>(&self, run: &Run<'_, '_>, list: Slot, index: i64, node: &str) -> Result<T, Self::Stop> {
        self.check(run.cx.state.list_get(list, index), node).map(T::of)
    }
}

/// Nothing stops: what should is noted.
#[derive(Debug, Default)]
pub struct Tried {
    failed: Cell<bool>,
    /// In every pass, and in some.
    spent: (Cell<u64>, Cell<u64>),
    /// The bits of all numbers that must be small, each with 2^31 added.
    seen: Cell<u64>,
}

impl Tried {
    /// Runs a loop, and takes what it spent from the fuel. `None` if it has to be done again.
    #[inline(always)]
    pub fn run<T>(&self, fuel: &mut Fuel, body: impl FnOnce() -> Result<T, Infallible>) -> Option<T> {
        let Ok(result) = body();
        let is_small = self.seen.get() >> 32 == 0;
        let spent = self.spent.0.get().saturating_add(self.spent.1.get());
        let left = fuel.left.checked_sub(spent).filter(|_| is_small && !self.failed.get())?;
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
        self.spent.0.set(self.spent.0.get().wrapping_add(amount));
        Ok(())
    }

    #[inline(always)]
    fn charge_some(&self, amount: u64, _node: &str) -> Result<(), Infallible> {
        self.spent.1.set(self.spent.1.get().wrapping_add(amount));
        Ok(())
    }

    #[inline(always)]
    fn small(&self, a: i64) -> i64 {
        self.seen.set(self.seen.get() | a.wrapping_add(1 << 31) as u64);
        // Cheaper to compare, for those that know.
        i64::from(a as i32)
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

    #[inline(always)]
    fn add_over(&self, _a: i64, _b: i64) -> bool {
        false
    }

    #[inline(always)]
    fn sub_over(&self, _a: i64, _b: i64) -> bool {
        false
    }

    #[inline(always)]
    fn mul_over(&self, _a: i64, _b: i64) -> bool {
        false
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
    fn charge_some(&self, amount: u64, node: &str) -> Flow<()> {
        self.charge(amount, node)
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

    #[inline(always)]
    fn add_over(&self, a: i64, b: i64) -> bool {
        scalar::iadd_over(a, b)
    }

    #[inline(always)]
    fn sub_over(&self, a: i64, b: i64) -> bool {
        scalar::isub_over(a, b)
    }

    #[inline(always)]
    fn mul_over(&self, a: i64, b: i64) -> bool {
        scalar::imul_over(a, b)
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
        (passes <= PASSES as i64 && passes <= fuel.left as i64).then(|| self.clone())
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

/// Runs a loop that writes nothing: `attempt!(run, fuel, OVER, move |checks, passes| BODY)?`. The body is compiled for [`Tried`] and for
/// [`Exact`]; it has copies of the variables that it uses, and gives those that it changes.
#[macro_export]
macro_rules! attempt {
    ($run:ident, $fuel:ident, $over:expr, move |$checks:ident, $passes:ident| $body:expr) => {{
        let $run = &*$run;
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
