//! Loops that write nothing, done at first without looking where they may stop.
//!
//! [`attempt!`](crate::attempt) runs a loop's body with [`Tried`]: what may stop is noted, and nothing is left on the way, so that a
//! compiler may do several passes at once. Where nothing was noted and the fuel lasts, that was it. Else nobody has seen anything, and the
//! same body runs with [`Exact`], which stops where it has to.

use std::cell::Cell;
use std::convert::Infallible;

use statewright_types::{IntKind, TrapCode, scalar};

use super::exit::{At, Exit, Flow};
use super::run::{Bits, Fuel, Run, Slot};
use crate::state::FieldPlace;

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

#[cfg(test)]
mod tests;
