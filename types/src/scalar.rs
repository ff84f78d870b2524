//! The meaning of the scalar operations, each in one place (LANGUAGE R3.2, R3.3, R3.6). The rows of the IR's
//! operation table name them; every back end written in Rust calls these, the others are tested against them.
//!
//! `+ − · / sqrt` of floats are IEEE-754 and need no function here. The transcendental functions are those of the
//! `libm` crate (fdlibm by way of musl), never the platform's, so that all machines agree bit for bit.

use std::cmp::Ordering;

use crate::planted;
use crate::trap::TrapCode;
use crate::ty::IntKind;

/// 2⁶³, the first float above every `i64`.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;
/// 2⁶⁴, the first float above every `u64`.
const TWO_64: f64 = 18_446_744_073_709_551_616.0;

// Integers.

/// a + b, or `overflow`.
pub fn iadd(a: i64, b: i64) -> Result<i64, TrapCode> {
    a.checked_add(b).ok_or(TrapCode::Overflow)
}

/// a − b, or `overflow`.
pub fn isub(a: i64, b: i64) -> Result<i64, TrapCode> {
    a.checked_sub(b).ok_or(TrapCode::Overflow)
}

/// a · b, or `overflow`.
pub fn imul(a: i64, b: i64) -> Result<i64, TrapCode> {
    a.checked_mul(b).ok_or(TrapCode::Overflow)
}

/// The low 64 bits of a + b.
pub fn iadd_wrap(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// The low 64 bits of a − b.
pub fn isub_wrap(a: i64, b: i64) -> i64 {
    a.wrapping_sub(b)
}

/// The low 64 bits of a · b.
pub fn imul_wrap(a: i64, b: i64) -> i64 {
    a.wrapping_mul(b)
}

/// Whether [`iadd`] gives `overflow`.
pub fn iadd_over(a: i64, b: i64) -> bool {
    a.overflowing_add(b).1
}

/// Whether [`isub`] gives `overflow`.
pub fn isub_over(a: i64, b: i64) -> bool {
    a.overflowing_sub(b).1
}

/// Whether [`imul`] gives `overflow`.
pub fn imul_over(a: i64, b: i64) -> bool {
    a.overflowing_mul(b).1
}

/// a / b toward zero; `divide_by_zero`, or `overflow` for MIN / −1.
pub fn idiv(a: i64, b: i64) -> Result<i64, TrapCode> {
    if b == 0 {
        return Err(TrapCode::DivideByZero);
    }
    a.checked_div(b).ok_or(TrapCode::Overflow)
}

/// a / b toward negative infinity; `divide_by_zero`, or `overflow` for MIN / −1.
pub fn idiv_floor(a: i64, b: i64) -> Result<i64, TrapCode> {
    let quotient = idiv(a, b)?;
    let inexact = irem(a, b)? != 0 && !planted::is(1);
    Ok(if inexact && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

/// The remainder with the dividend's sign; MIN rem −1 is 0; `divide_by_zero`.
pub fn irem(a: i64, b: i64) -> Result<i64, TrapCode> {
    if planted::is(2) && b != 0 {
        return Ok(a.wrapping_rem_euclid(b));
    }
    if b == 0 { Err(TrapCode::DivideByZero) } else { Ok(a.wrapping_rem(b)) }
}

/// −a, or `overflow`.
pub fn ineg(a: i64) -> Result<i64, TrapCode> {
    a.checked_neg().ok_or(TrapCode::Overflow)
}

/// |a|, or `overflow`.
pub fn iabs(a: i64) -> Result<i64, TrapCode> {
    a.checked_abs().ok_or(TrapCode::Overflow)
}

/// −1, 0 or 1.
pub fn isign(a: i64) -> i64 {
    a.signum()
}

// Floats.

/// The one quiet NaN that is stored, hashed, sent and handed out; other values stay as they are.
pub fn canonical_nan(a: f64) -> f64 {
    if a.is_nan() { f64::from_bits(0x7ff8_0000_0000_0000) } else { a }
}

/// Which multiple of `step` (positive, finite) a quantised number travels as: the nearest, of two the even one. `None` for
/// what has none below 2^53 in size, or is not finite. A number that is a multiple already stays that.
pub fn quantum(value: f64, step: f64) -> Option<i64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    let nearest = libm::rint(value / step);
    if nearest.is_nan() || nearest.abs() > LIMIT || !value.is_finite() {
        return None;
    }
    // Quotient and product are rounded: far out, the multiple that a number is may be the nearest one's neighbour.
    let is_value = |multiple: &f64| multiple * step == value && multiple.abs() < LIMIT;
    let multiple = [nearest, nearest - 1.0, nearest + 1.0].into_iter().find(is_value).unwrap_or(nearest);
    (multiple.abs() < LIMIT && (multiple * step).is_finite()).then_some(multiple as i64)
}

/// A number as viewers get it through `@quantize(step)`: [`quantum`] times the step, or as it is. Doing it twice changes nothing.
pub fn quantise(value: f64, step: f64) -> f64 {
    quantum(value, step).map_or(value, |multiple| multiple as f64 * step)
}

/// The remainder with the dividend's sign (fmod).
pub fn frem(a: f64, b: f64) -> f64 {
    if planted::is(21) { a - libm::floor(a / b) * b } else { libm::fmod(a, b) }
}

/// The smaller; NaN if either is; −0 < 0.
pub fn fmin(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        canonical_nan(f64::NAN)
    } else if planted::is(3) && a == b {
        b
    } else if a < b || (a == b && a.is_sign_negative()) {
        a
    } else {
        b
    }
}

/// The larger; NaN if either is; −0 < 0.
pub fn fmax(a: f64, b: f64) -> f64 {
    if planted::is(4) {
        return a.max(b);
    }
    if a.is_nan() || b.is_nan() {
        canonical_nan(f64::NAN)
    } else if a > b || (a == b && a.is_sign_positive()) {
        a
    } else {
        b
    }
}

/// −1 or 1; ±0 and NaN as they are.
pub fn fsign(a: f64) -> f64 {
    if a > 0.0 {
        1.0
    } else if a < 0.0 {
        -1.0
    } else if planted::is(5) {
        0.0
    } else {
        a
    }
}

/// Rounded to binary32 (ties to even) and widened again.
pub fn fround32(a: f64) -> f64 {
    if planted::is(6) { a } else { f64::from(a as f32) }
}

/// Square root, correctly rounded.
pub fn fsqrt(a: f64) -> f64 {
    libm::sqrt(a)
}

/// Sine of radians.
pub fn fsin(a: f64) -> f64 {
    libm::sin(a)
}

/// Cosine of radians.
pub fn fcos(a: f64) -> f64 {
    libm::cos(a)
}

/// Tangent of radians.
pub fn ftan(a: f64) -> f64 {
    libm::tan(a)
}

/// Arc sine, radians.
pub fn fasin(a: f64) -> f64 {
    libm::asin(a)
}

/// Arc tangent of y/x, radians.
pub fn fatan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// e to the power a.
pub fn fexp(a: f64) -> f64 {
    libm::exp(a)
}

/// Natural logarithm.
pub fn flog(a: f64) -> f64 {
    libm::log(a)
}

/// a to the power b.
pub fn fpow(a: f64, b: f64) -> f64 {
    libm::pow(a, b)
}

// Conversions.

/// The same number as `int64`, or `overflow`.
pub fn utoi(a: u64) -> Result<i64, TrapCode> {
    i64::try_from(a).map_err(|_| TrapCode::Overflow)
}

/// The same number as `uint64`, or `out_of_range`.
pub fn itou(a: i64) -> Result<u64, TrapCode> {
    if planted::is(18) { Ok(a as u64) } else { u64::try_from(a).map_err(|_| TrapCode::OutOfRange) }
}

/// Down to an integer, or `out_of_range`.
pub fn ftoi_floor(a: f64) -> Result<i64, TrapCode> {
    whole_to_int(libm::floor(a))
}

/// Up to an integer, or `out_of_range`.
pub fn ftoi_ceil(a: f64) -> Result<i64, TrapCode> {
    whole_to_int(if planted::is(15) { libm::trunc(a) } else { libm::ceil(a) })
}

/// To the nearest integer, half away from zero, or `out_of_range`.
pub fn ftoi_round(a: f64) -> Result<i64, TrapCode> {
    whole_to_int(if planted::is(7) { libm::rint(a) } else { libm::round(a) })
}

/// Toward zero to an integer, or `out_of_range`.
pub fn ftoi_trunc(a: f64) -> Result<i64, TrapCode> {
    whole_to_int(libm::trunc(a))
}

fn whole_to_int(a: f64) -> Result<i64, TrapCode> {
    // False for a NaN too.
    if (-TWO_63..TWO_63).contains(&a) || planted::is(8) { Ok(a as i64) } else { Err(TrapCode::OutOfRange) }
}

/// The same number if `kind` holds it, or `out_of_range`.
pub fn narrow(kind: IntKind, a: i64) -> Result<i64, TrapCode> {
    let (min, max) = kind.range();
    if (min..=max).contains(&i128::from(a)) || planted::is(9) { Ok(a) } else { Err(TrapCode::OutOfRange) }
}

// Comparisons. `None` means that a NaN is involved.

/// An unsigned against a signed integer.
pub fn cmp_uint_int(a: u64, b: i64) -> Ordering {
    match u64::try_from(b) {
        Ok(b) if planted::is(10) => (a as i64).cmp(&(b as i64)),
        Ok(b) => a.cmp(&b),
        Err(_) => Ordering::Greater,
    }
}

/// An integer against a float as real numbers, without rounding either.
pub fn cmp_int_float(a: i64, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        None
    } else if planted::is(11) {
        (a as f64).partial_cmp(&b)
    } else if b >= TWO_63 {
        Some(Ordering::Less)
    } else if b < -TWO_63 {
        Some(Ordering::Greater)
    } else {
        let whole = libm::trunc(b);
        a.cmp(&(whole as i64)).then_with(|| cmp_fraction(whole, b)).into()
    }
}

/// An unsigned integer against a float as real numbers, without rounding either.
pub fn cmp_uint_float(a: u64, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        None
    } else if planted::is(12) {
        (a as i64 as f64).partial_cmp(&b)
    } else if b >= TWO_64 {
        Some(Ordering::Less)
    } else if b < 0.0 {
        Some(Ordering::Greater)
    } else {
        let whole = libm::trunc(b);
        a.cmp(&(whole as u64)).then_with(|| cmp_fraction(whole, b)).into()
    }
}

/// How the whole part of a finite float compares with all of it.
fn cmp_fraction(whole: f64, all: f64) -> Ordering {
    if whole < all {
        Ordering::Less
    } else if whole > all {
        Ordering::Greater
    } else {
        Ordering::Equal
    }
}

/// Text by code point, which is the order of its UTF-8 bytes.
pub fn cmp_text(a: &str, b: &str) -> Ordering {
    if planted::is(13) { a.encode_utf16().cmp(b.encode_utf16()) } else { a.as_bytes().cmp(b.as_bytes()) }
}

// Text.

/// Number of Unicode scalar values.
pub fn text_len(text: &str) -> i64 {
    let count = if planted::is(14) { text.encode_utf16().count() } else { text.chars().count() };
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The character at `index`, counted in Unicode scalar values, or `index_out_of_range`.
pub fn text_at(text: &str, index: i64) -> Result<&str, TrapCode> {
    let index = usize::try_from(index).map_err(|_| TrapCode::IndexOutOfRange)?;
    let (start, character) = text.char_indices().nth(index).ok_or(TrapCode::IndexOutOfRange)?;
    text.get(start..start + character.len_utf8()).ok_or(TrapCode::IndexOutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::splitmix64;
    use Ordering::*;

    const EXTREMES: [i64; 9] = [i64::MIN, i64::MIN + 1, -7, -1, 0, 1, 7, i64::MAX - 1, i64::MAX];

    /// What 128 bits say, brought back to 64.
    fn exact(value: i128) -> Result<i64, TrapCode> {
        i64::try_from(value).map_err(|_| TrapCode::Overflow)
    }

    #[test]
    fn integer_arithmetic_agrees_with_128_bits() {
        for a in EXTREMES {
            let wide = i128::from(a);
            assert_eq!(ineg(a), exact(-wide));
            assert_eq!(iabs(a), exact(wide.abs()));
            for b in EXTREMES {
                let other = i128::from(b);
                assert_eq!(iadd(a, b), exact(wide + other));
                assert_eq!(isub(a, b), exact(wide - other));
                assert_eq!(imul(a, b), exact(wide * other));
                assert_eq!((iadd_wrap(a, b), iadd_over(a, b)), ((wide + other) as i64, exact(wide + other).is_err()));
                assert_eq!((isub_wrap(a, b), isub_over(a, b)), ((wide - other) as i64, exact(wide - other).is_err()));
                assert_eq!((imul_wrap(a, b), imul_over(a, b)), ((wide * other) as i64, exact(wide * other).is_err()));
                if b == 0 {
                    assert_eq!(idiv(a, b), Err(TrapCode::DivideByZero));
                    assert_eq!(idiv_floor(a, b), Err(TrapCode::DivideByZero));
                    assert_eq!(irem(a, b), Err(TrapCode::DivideByZero));
                } else {
                    assert_eq!(idiv(a, b), exact(wide / other));
                    assert_eq!(irem(a, b), exact(wide % other));
                    let floor = (wide / other) - i128::from(wide % other != 0 && (wide < 0) != (other < 0));
                    assert_eq!(idiv_floor(a, b), exact(floor), "{a} {b}");
                }
            }
        }
        assert_eq!(idiv_floor(-7, 2), Ok(-4));
        assert_eq!(idiv_floor(7, -2), Ok(-4));
        assert_eq!(idiv_floor(-7, -2), Ok(3));
        assert_eq!(irem(i64::MIN, -1), Ok(0));
        assert_eq!(irem(-7, 2), Ok(-1));
    }

    #[test]
    fn floats_become_integers_only_where_one_fits() {
        assert_eq!(ftoi_floor(-1.5), Ok(-2));
        assert_eq!(ftoi_ceil(-1.5), Ok(-1));
        assert_eq!(ftoi_round(2.5), Ok(3));
        assert_eq!(ftoi_round(-2.5), Ok(-3));
        assert_eq!(ftoi_round(0.499_999_999_999_999_94), Ok(0));
        assert_eq!(ftoi_trunc(-1.9), Ok(-1));
        assert_eq!(ftoi_trunc(-TWO_63), Ok(i64::MIN));
        assert_eq!(ftoi_trunc(TWO_63.next_down()), Ok(9_223_372_036_854_774_784));
        for bad in [TWO_63, (-TWO_63).next_down(), f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for convert in [ftoi_floor, ftoi_ceil, ftoi_round, ftoi_trunc] {
                assert_eq!(convert(bad), Err(TrapCode::OutOfRange), "{bad}");
            }
        }
    }

    #[test]
    fn min_and_max_know_nan_and_the_sign_of_zero() {
        let bits = f64::to_bits;
        assert_eq!(bits(fmin(0.0, -0.0)), bits(-0.0));
        assert_eq!(bits(fmin(-0.0, 0.0)), bits(-0.0));
        assert_eq!(bits(fmax(0.0, -0.0)), bits(0.0));
        assert_eq!(bits(fmax(-0.0, 0.0)), bits(0.0));
        assert_eq!((fmin(1.0, 2.0), fmax(1.0, 2.0)), (1.0, 2.0));
        for (a, b) in [(f64::NAN, 1.0), (1.0, f64::NAN)] {
            assert!(fmin(a, b).is_nan() && fmax(a, b).is_nan());
        }
    }

    #[test]
    fn sign_keeps_zeros_and_nan() {
        assert_eq!(fsign(-0.0).to_bits(), (-0.0_f64).to_bits());
        assert_eq!(fsign(0.0).to_bits(), 0);
        assert_eq!((fsign(-3.5), fsign(f64::INFINITY)), (-1.0, 1.0));
        assert!(fsign(f64::NAN).is_nan());
    }

    #[test]
    fn integers_and_floats_compare_without_rounding() {
        // 2^53 + 1 is no float: rounding would call it equal to 2^53.
        let odd = (1_i64 << 53) + 1;
        assert_eq!(cmp_int_float(odd, 9_007_199_254_740_992.0), Some(Greater));
        assert_eq!(cmp_int_float(i64::MAX, TWO_63), Some(Less));
        assert_eq!(cmp_int_float(i64::MIN, -TWO_63), Some(Equal));
        assert_eq!(cmp_int_float(i64::MIN, (-TWO_63).next_down()), Some(Greater));
        assert_eq!(cmp_int_float(1, 1.5), Some(Less));
        assert_eq!(cmp_int_float(-1, -1.5), Some(Greater));
        assert_eq!(cmp_int_float(0, -0.0), Some(Equal));
        assert_eq!(cmp_int_float(0, f64::NAN), None);
        assert_eq!(cmp_int_float(i64::MAX, f64::INFINITY), Some(Less));
        assert_eq!(cmp_uint_float(u64::MAX, TWO_64), Some(Less));
        assert_eq!(cmp_uint_float(u64::MAX, TWO_64.next_down()), Some(Greater));
        assert_eq!(cmp_uint_float(0, -0.5), Some(Greater));
        assert_eq!(cmp_uint_float(0, -0.0), Some(Equal));
        assert_eq!(cmp_uint_float(0, f64::NAN), None);
        assert_eq!(cmp_uint_int(0, -1), Greater);
        assert_eq!(cmp_uint_int(1 << 63, i64::MAX), Greater);
        assert_eq!(cmp_uint_int(5, 5), Equal);
    }

    #[test]
    fn narrowing_checks_both_ends() {
        assert_eq!(narrow(IntKind::I8, -128), Ok(-128));
        assert_eq!(narrow(IntKind::I8, 128), Err(TrapCode::OutOfRange));
        assert_eq!(narrow(IntKind::U8, 255), Ok(255));
        assert_eq!(narrow(IntKind::U8, -1), Err(TrapCode::OutOfRange));
        assert_eq!(narrow(IntKind::U64, -1), Err(TrapCode::OutOfRange));
        assert_eq!(narrow(IntKind::I64, i64::MIN), Ok(i64::MIN));
        assert_eq!(itou(-1), Err(TrapCode::OutOfRange));
        assert_eq!(utoi(1 << 63), Err(TrapCode::Overflow));
    }

    #[test]
    fn functions_are_those_of_fdlibm() {
        assert_eq!(fsin(1.0).to_bits(), 0x3fea_ed54_8f09_0cee);
        assert_eq!(fcos(1.0).to_bits(), 0x3fe1_4a28_0fb5_068c);
        // fdlibm's e is famously one bit above the nearest float, which other libraries give.
        assert_eq!(fexp(1.0).to_bits(), 0x4005_bf0a_8b14_576a);
        assert_eq!(flog(2.0).to_bits(), 0x3fe6_2e42_fefa_39ef);
        assert_eq!(fpow(2.0, 0.5).to_bits(), 0x3ff6_a09e_667f_3bcd);
        assert_eq!(fatan2(-0.0, -1.0).to_bits(), (-std::f64::consts::PI).to_bits());
        assert!(fsqrt(-1.0).is_nan());
        assert_eq!(flog(0.0), f64::NEG_INFINITY);
        assert_eq!(frem(-5.5, 2.0), -1.5);
        assert_eq!(fround32(0.1), 0.100_000_001_490_116_12);
        assert_eq!(canonical_nan(f64::from_bits(0xfff0_0000_0000_0001)).to_bits(), 0x7ff8_0000_0000_0000);
    }

    #[test]
    fn quantising_gives_the_nearest_multiple_and_ties_go_to_the_even_one() {
        for (value, step, multiple) in [
            (0.0, 0.5, 0),
            (0.25, 0.5, 0),
            (0.75, 0.5, 2),
            (-0.75, 0.5, -2),
            (1.26, 0.01, 126),
            (-0.2, 1.0, 0),
            (9_007_199_254_740_991.0, 1.0, 9_007_199_254_740_991),
        ] {
            assert_eq!(quantum(value, step), Some(multiple), "{value} in steps of {step}");
            assert_eq!(quantise(value, step).to_bits(), (multiple as f64 * step).to_bits());
        }
        // Zero has no sign then.
        assert_eq!(quantise(-0.2, 1.0).to_bits(), 0);
        // What cannot travel as a multiple stays what it is.
        let far = [9_007_199_254_740_992.0, 1e300, f64::INFINITY, f64::NEG_INFINITY];
        assert!(far.iter().all(|value| quantum(*value, 1.0).is_none() && quantise(*value, 1.0) == *value));
        assert!(quantise(f64::NAN, 1.0).is_nan());
        // Twice the step is beyond what there is.
        assert_eq!(quantum(1.7e308, 1e308), None);
        assert_eq!(quantum(1.0, f64::from_bits(1)), None);
    }

    #[test]
    fn quantising_twice_changes_nothing() {
        let mut seed = 7;
        let mut bits = || splitmix64(&mut seed);
        let mut quantised = 0;
        for round in 0..200_000 {
            // Steps of any size, and values up to the limit in steps.
            let step = f64::from_bits(bits() >> 1);
            let far = bits() >> (11 + bits() % 53);
            let value = far as f64 * step * (1.0 + (bits() % 1000) as f64 * 1e-16);
            if !(step.is_finite() && step > 0.0) {
                continue;
            }
            let once = quantise(value, step);
            quantised += u32::from(quantum(value, step).is_some());
            assert_eq!(quantise(once, step).to_bits(), once.to_bits(), "round {round}: {value:e} in steps of {step:e}");
            assert_eq!(quantum(once, step).is_some(), quantum(value, step).is_some(), "round {round}");
        }
        assert!(quantised > 100_000, "{quantised}");
    }

    #[test]
    fn text_is_ordered_and_counted_by_code_point() {
        // UTF-16 would put the emoji (surrogates, D83D…) before U+FF5E.
        assert_eq!(cmp_text("\u{ff5e}", "\u{1f600}"), Less);
        assert_eq!(text_len("a\u{1f600}é"), 3);
        assert_eq!(text_at("a\u{1f600}é", 1), Ok("\u{1f600}"));
        assert_eq!(text_at("a", 1), Err(TrapCode::IndexOutOfRange));
        assert_eq!(text_at("a", -1), Err(TrapCode::IndexOutOfRange));
    }
}
