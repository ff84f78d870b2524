//! Numbers and texts of the state as bytes, by kind; and differences of numbers.

use statewright_types::IntKind;

use super::varint;

/// An integer, from the slot that it is in.
#[inline]
pub fn int(out: &mut Vec<u8>, kind: IntKind, slot: u64) {
    match kind {
        IntKind::I8 | IntKind::U8 => out.push(slot as u8),
        IntKind::I16 | IntKind::I32 | IntKind::I64 => varint::put_signed(out, slot as i64),
        IntKind::U16 | IntKind::U32 | IntKind::U64 => varint::put(out, slot),
    }
}

/// A float32, from the float64 that it is held as.
#[inline]
pub fn f32(out: &mut Vec<u8>, slot: u64) {
    out.extend_from_slice(&narrow(slot).to_le_bytes());
}

/// A float64.
#[inline]
pub fn f64(out: &mut Vec<u8>, slot: u64) {
    out.extend_from_slice(&slot.to_le_bytes());
}

/// The bits of a float32 that is held as a float64.
#[inline]
pub fn narrow(slot: u64) -> u32 {
    crate::memory::encode(slot, statewright_types::layout::Repr::F32) as u32
}

/// A quantised float.
pub fn quantised(out: &mut Vec<u8>, slot: u64, step: f64) {
    match quantum(slot, step) {
        Some(steps) => varint::put(out, 1 + varint::zigzag(steps)),
        None => {
            out.push(0);
            f64(out, slot);
        }
    }
}

/// How many steps a quantised float is from zero; `None` if it travels as it is.
pub fn quantum(slot: u64, step: f64) -> Option<i64> {
    statewright_types::scalar::quantum(f64::from_bits(slot), step)
}

/// A uuid: nothing, 16 bytes, or any other text.
pub fn uuid(out: &mut Vec<u8>, text: &str) {
    if text.is_empty() {
        return out.push(0);
    }
    match uuid_bytes(text) {
        Some(bytes) => {
            out.push(1);
            out.extend_from_slice(&bytes);
        }
        None => {
            out.push(2);
            varint::put_bytes(out, text.as_bytes());
        }
    }
}

/// The bytes of a uuid in the usual form, in lower case.
pub fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let (mut bytes, mut digits) = ([0; 16], 0);
    for (at, byte) in text.bytes().enumerate() {
        let digit = match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'a'..=b'f') => byte - b'a' + 10,
            _ => return None,
        };
        let place: &mut u8 = bytes.get_mut(digits / 2)?;
        *place = *place << 4 | digit;
        digits += 1;
    }
    (digits == 32).then_some(bytes)
}

/// The difference of two floats' bits, as docs/protocol.md has it.
#[inline]
pub fn xor(out: &mut Vec<u8>, bits: u64) {
    // All of them in one go, and back to those that count: that is faster than so many bytes.
    let (head, length) = xor_head(bits);
    let end = out.len() + length;
    out.extend_from_slice(&head.to_le_bytes());
    out.truncate(end);
}

/// The same of many, in room that is made for all of them at once.
pub fn xors(out: &mut Vec<u8>, all: &[u64]) {
    const MOST: usize = 9;
    let begin = out.len();
    // Each is written as 16 bytes, of which the next one overwrites what does not count.
    out.resize(begin + all.len() * MOST + 16, 0);
    let room = out.get_mut(begin..).unwrap_or_default();
    let mut at = 0;
    for bits in all {
        let (head, length) = xor_head(*bits);
        if let Some(place) = room.get_mut(at..at + 16) {
            place.copy_from_slice(&head.to_le_bytes());
        }
        at += length;
    }
    out.truncate(begin + at);
}

/// A difference as its first bytes, and how many they are.
#[inline]
fn xor_head(bits: u64) -> (u128, usize) {
    // Of nothing, nothing is left of 8 zero bytes.
    let zeros = (bits.trailing_zeros() / 8) & 7;
    let count = xor_bytes(bits);
    let head = if bits == 0 { 0 } else { (zeros as u8) << 4 | count as u8 };
    (u128::from(bits >> (zeros * 8)) << 8 | u128::from(head), 1 + count)
}

/// How many bytes there are between the zero bytes at both ends.
#[inline]
pub fn xor_bytes(bits: u64) -> usize {
    8usize.saturating_sub((bits.trailing_zeros() / 8 + bits.leading_zeros() / 8) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::reader::Reader;

    #[test]
    fn differences_read_back() {
        for bits in [0, 1, 0xff, 0x1_0000, 0xab_cd00, u64::MAX, 1 << 63, 0x00ff_0000_00ff_0000] {
            let mut out = Vec::new();
            xor(&mut out, bits);
            let mut reader = Reader::new(&out).expect("short");
            assert_eq!(reader.xor(8), Ok(bits), "{bits:x}");
            assert_eq!(reader.end(), Ok(()));
        }
    }

    #[test]
    fn many_differences_are_as_each_of_them() {
        let all = [0, 1, u64::MAX, 0, 0xab_cd00, 1 << 63, u64::MAX, 0];
        for count in 0..=all.len() {
            let (mut one_by_one, mut at_once) = (vec![7], vec![7]);
            all[..count].iter().for_each(|bits| xor(&mut one_by_one, *bits));
            xors(&mut at_once, &all[..count]);
            assert_eq!(at_once, one_by_one, "{count}");
        }
    }

    #[test]
    fn uuids_are_sixteen_bytes_only_in_their_usual_form() {
        let bytes = |text| {
            let mut out = Vec::new();
            uuid(&mut out, text);
            out
        };
        assert_eq!(bytes(""), [0]);
        let usual = bytes("00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!((usual.len(), &usual[..4]), (17, &[1, 0, 0x11, 0x22][..]));
        for other in ["x", "00112233-4455-6677-8899-AABBCCDDEEFF", "001122334-455-6677-8899-aabbccddeeff", "é"] {
            assert_eq!(bytes(other)[0], 2, "{other}");
        }
        assert_eq!(bytes("00112233-4455-6677-8899-aabbccddeeff0")[0], 2);
    }
}
