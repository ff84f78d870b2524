//! Functions of floats that are no machine instruction.

use statewright_types::scalar;

use super::{Call, Given};

macro_rules! unary {
    ($($name:ident $function:path;)*) => {$(
        pub(super) fn $name(_: &mut Call<'_, '_>, [a, _, _]: [u64; 3]) -> Given {
            Ok($function(f64::from_bits(a)).to_bits())
        }
    )*};
}

macro_rules! binary {
    ($($name:ident $function:path;)*) => {$(
        pub(super) fn $name(_: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
            Ok($function(f64::from_bits(a), f64::from_bits(b)).to_bits())
        }
    )*};
}

macro_rules! to_int {
    ($($name:ident $function:path;)*) => {$(
        pub(super) fn $name(_: &mut Call<'_, '_>, [a, _, _]: [u64; 3]) -> Given {
            $function(f64::from_bits(a)).map(|whole| whole as u64)
        }
    )*};
}

unary! {
    sin scalar::fsin;
    cos scalar::fcos;
    tan scalar::ftan;
    asin scalar::fasin;
    exp scalar::fexp;
    log scalar::flog;
}

binary! {
    rem scalar::frem;
    atan2 scalar::fatan2;
    pow scalar::fpow;
    min scalar::fmin;
    max scalar::fmax;
}

to_int! {
    floor scalar::ftoi_floor;
    ceil scalar::ftoi_ceil;
    round scalar::ftoi_round;
}

/// An ordering as compiled code tests it: −1, 0, 1, and 2 if a NaN is involved.
fn ordering(ordering: Option<std::cmp::Ordering>) -> u64 {
    ordering.map_or(2, |ordering| ordering as i64 as u64)
}

pub(super) fn compare_int(_: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    Ok(ordering(scalar::cmp_int_float(a as i64, f64::from_bits(b))))
}

pub(super) fn compare_uint(_: &mut Call<'_, '_>, [a, b, _]: [u64; 3]) -> Given {
    Ok(ordering(scalar::cmp_uint_float(a, f64::from_bits(b))))
}
