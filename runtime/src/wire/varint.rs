//! Numbers, texts and sets as bytes.

use crate::short::packed;

/// Appends an unsigned number. Most are small.
#[inline(always)]
pub fn put(out: &mut Vec<u8>, number: u64) {
    if number < 0x80 {
        out.push(number as u8);
    } else {
        put_long(out, number);
    }
}

fn put_long(out: &mut Vec<u8>, number: u64) {
    if number < 0x4000 {
        // Both at once.
        out.extend_from_slice(&[number as u8 | 0x80, (number >> 7) as u8]);
    } else {
        bytes(number, |byte| out.push(byte));
    }
}

/// The bytes of an unsigned number, for those who have no vector.
#[inline]
pub fn bytes(mut number: u64, mut each: impl FnMut(u8)) {
    while number >= 0x80 {
        each(number as u8 | 0x80);
        number >>= 7;
    }
    each(number as u8);
}

/// How many bytes [`put`] appends.
#[inline]
pub const fn length(number: u64) -> usize {
    (70 - (number | 1).leading_zeros() as usize) / 7
}

/// A signed number as an unsigned one: small ones stay small.
#[inline]
pub const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// The inverse of [`zigzag`].
#[inline]
pub const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Appends a signed number.
#[inline]
pub fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, zigzag(number));
}

/// Appends bytes with their length. Few bytes, which is usual, are written with it in one go.
#[inline]
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() < 16
        && let Some(packed) = packed(bytes)
    {
        let end = out.len() + 1 + bytes.len();
        out.extend_from_slice(&(packed << 8 | bytes.len() as u128).to_le_bytes());
        out.truncate(end);
    } else {
        put(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
    }
}

/// Appends a set of small numbers, given as ascending members.
pub fn put_bits(out: &mut Vec<u8>, members: impl Iterator<Item = usize>) {
    let (mut group, mut at) = (0u8, 0);
    for member in members {
        while member / 7 > at {
            out.push(group | 0x80);
            (group, at) = (0, at + 1);
        }
        group |= 1 << (member % 7);
    }
    out.push(group);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_little_as_they_need() {
        let bytes = |number| {
            let mut out = Vec::new();
            put(&mut out, number);
            out
        };
        assert_eq!(bytes(0), [0]);
        assert_eq!(bytes(127), [127]);
        assert_eq!(bytes(128), [0x80, 1]);
        assert_eq!(bytes(u64::MAX).len(), 10);
        for number in [0, 1, 127, 128, 16383, 16384, 1 << 62, (1 << 63) - 1, 1 << 63, u64::MAX] {
            assert_eq!(bytes(number).len(), length(number), "{number}");
        }
    }

    #[test]
    fn bytes_of_any_length_follow_their_length() {
        let all: Vec<u8> = (1..=40).collect();
        for length in 0..all.len() {
            let mut out = vec![9];
            put_bytes(&mut out, &all[..length]);
            assert_eq!((out[0], usize::from(out[1]), &out[2..]), (9, length, &all[..length]));
        }
    }

    #[test]
    fn signs_fold() {
        for number in [0, -1, 1, i64::MIN, i64::MAX] {
            assert_eq!(unzigzag(zigzag(number)), number);
        }
        assert_eq!([zigzag(0), zigzag(-1), zigzag(1)], [0, 1, 2]);
    }

    #[test]
    fn sets_are_groups_of_seven() {
        let bytes = |members: &[usize]| {
            let mut out = Vec::new();
            put_bits(&mut out, members.iter().copied());
            out
        };
        assert_eq!(bytes(&[]), [0]);
        assert_eq!(bytes(&[0, 6]), [0x41]);
        assert_eq!(bytes(&[15]), [0x80, 0x80, 2]);
    }
}
