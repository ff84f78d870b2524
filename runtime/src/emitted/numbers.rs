//! Checked arithmetic: the functions of [`scalar`], which stop at a node.

use statewright_types::{IntKind, TrapCode, scalar};

use super::exit::{At, Flow};

pub use statewright_types::scalar::{
    cmp_int_float, cmp_uint_float, cmp_uint_int, fasin, fatan2, fcos, fexp, flog, fmax, fmin, fpow, frem, fround32,
    fsign, fsin, fsqrt, ftan, iadd_over, iadd_wrap, imul_over, imul_wrap, isign, isub_over, isub_wrap,
};

macro_rules! checked {
    ($($(#[$doc:meta])* $name:ident($($operand:ident: $from:ty),*) -> $to:ty = $function:path;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($($operand: $from,)* node: &str) -> Flow<$to> {
            $function($($operand),*).at(node)
        }
    )*};
}

checked! {
    /// a + b.
    add(a: i64, b: i64) -> i64 = scalar::iadd;
    /// a − b.
    sub(a: i64, b: i64) -> i64 = scalar::isub;
    /// a · b.
    mul(a: i64, b: i64) -> i64 = scalar::imul;
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
}

/// The same number, if the narrow integer type holds it.
#[inline(always)]
pub fn narrow(kind: IntKind, a: i64, node: &str) -> Flow<i64> {
    scalar::narrow(kind, a).at(node)
}

/// What is inside a nullable that is the thing itself.
#[inline(always)]
pub fn non_null(a: u64, node: &str) -> Flow<u64> {
    if a == 0 { Err(TrapCode::NullReference).at(node) } else { Ok(a) }
}

/// A float by its bits, where no decimal text says which.
#[inline(always)]
pub const fn float_bits(bits: u64) -> f64 {
    f64::from_bits(bits)
}

/// `select`
#[inline(always)]
pub fn select<T>(condition: bool, then: T, otherwise: T) -> T {
    if condition { then } else { otherwise }
}

/// The same condition, which holds in few passes of a loop: what is the least so far seldom becomes another. A branch, which is then guessed
/// well, takes less time than making every pass wait for the one before.
#[inline(always)]
pub fn seldom(condition: bool) -> bool {
    if condition {
        is_seldom();
    }
    condition
}

#[cold]
fn is_seldom() {}
