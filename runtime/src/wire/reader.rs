//! Bytes that nobody vouches for: numbers, texts and sets, read with every border checked.

use std::fmt;

use super::codes::limits;
use super::varint::unzigzag;

/// Why bytes are no message. Small, for it is part of the result of every step of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    what: &'static &'static str,
    at: u32,
}

impl Malformed {
    /// A complaint about the whole of something.
    pub(crate) fn new(what: &'static &'static str) -> Malformed {
        Malformed { what, at: 0 }
    }

    /// What is wrong, for people.
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// Where it was noticed, in bytes from the beginning of what was read.
    pub fn at(&self) -> usize {
        self.at as usize
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.at)
    }
}

impl std::error::Error for Malformed {}

/// Reads from the front of a slice, and counts what it makes its caller spend memory on.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Elements, entries and fields that may still come.
    entries: u64,
}

impl<'a> Reader<'a> {
    /// At the beginning of `bytes`.
    ///
    /// # Errors
    /// If they are more than a message may have.
    pub fn new(bytes: &'a [u8]) -> Result<Reader<'a>, Malformed> {
        if bytes.len() > limits::MESSAGE_BYTES {
            return Err(Malformed::new(&"more than 16 MiB"));
        }
        Ok(Reader { bytes, at: 0, entries: limits::ENTRIES })
    }

    /// A complaint about this place.
    #[cold]
    pub fn fail(&self, what: &'static &'static str) -> Malformed {
        Malformed { what, at: self.at as u32 }
    }

    /// Whether nothing is left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// How many bytes are left.
    #[inline]
    pub fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// Where it stands, in bytes from the beginning.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Elements, entries and fields counted so far.
    pub fn charged(&self) -> u64 {
        limits::ENTRIES - self.entries
    }

    /// Takes `count` elements, entries or fields from what the message may have.
    ///
    /// # Errors
    /// If there are too many.
    #[inline]
    pub fn charge(&mut self, count: u64) -> Result<(), Malformed> {
        match self.entries.checked_sub(count) {
            Some(left) => {
                self.entries = left;
                Ok(())
            }
            None => Err(self.fail(&"more than 4,194,304 elements, entries and fields")),
        }
    }

    /// A number of things that follow, counted before anything is made of them.
    ///
    /// # Errors
    /// If it is no number, or too large.
    #[inline]
    pub fn count(&mut self) -> Result<usize, Malformed> {
        let count = self.varint()?;
        self.charge(count)?;
        Ok(count as usize)
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// If something is.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(self.fail(&"something is left over")) }
    }

    /// One byte.
    ///
    /// # Errors
    /// At the end.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        match self.bytes.get(self.at) {
            Some(byte) => {
                self.at += 1;
                Ok(*byte)
            }
            None => Err(self.cut()),
        }
    }

    #[cold]
    fn cut(&self) -> Malformed {
        self.fail(&"it ends too early")
    }

    /// A byte that is 0 or 1.
    ///
    /// # Errors
    /// At the end, or if it is anything else.
    #[inline]
    pub fn flag(&mut self) -> Result<bool, Malformed> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.fail(&"a byte that must be 0 or 1 is neither")),
        }
    }

    /// So many bytes.
    ///
    /// # Errors
    /// If there are fewer.
    #[inline]
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(count);
        match end.and_then(|end| self.bytes.get(self.at..end)) {
            Some(bytes) => {
                self.at += count;
                Ok(bytes)
            }
            None => Err(self.cut()),
        }
    }

    /// Exactly `N` bytes.
    ///
    /// # Errors
    /// If there are fewer.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        match self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()) {
            Some(bytes) => {
                self.at += N;
                Ok(*bytes)
            }
            None => Err(self.cut()),
        }
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = self.bytes.len();
        rest
    }

    /// An unsigned number.
    ///
    /// # Errors
    /// If it is cut, has more than 64 bits, or is longer than needed.
    #[inline]
    pub fn varint(&mut self) -> Result<u64, Malformed> {
        match self.bytes.get(self.at) {
            Some(byte) if *byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(self.fail(&"a number has more than 64 bits"));
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let overlong = byte == 0 && shift > 0;
                return if overlong { Err(self.fail(&"a number is longer than needed")) } else { Ok(number) };
            }
        }
        Err(self.fail(&"a number has more than 64 bits"))
    }

    /// A signed number.
    ///
    /// # Errors
    /// As [`varint`](Reader::varint).
    #[inline]
    pub fn signed(&mut self) -> Result<i64, Malformed> {
        self.varint().map(unzigzag)
    }

    /// A number of 16 bits, as a varint: an id.
    ///
    /// # Errors
    /// If it is none, or larger.
    #[inline]
    pub fn id(&mut self) -> Result<u16, Malformed> {
        let number = self.varint()?;
        u16::try_from(number).map_err(|_| self.fail(&"an id has more than 16 bits"))
    }

    /// A position or number of at most 32 bits.
    ///
    /// # Errors
    /// If it is none, or larger.
    #[inline]
    pub fn index(&mut self) -> Result<u32, Malformed> {
        let number = self.varint()?;
        u32::try_from(number).map_err(|_| self.fail(&"an index has more than 32 bits"))
    }

    /// Bytes with their length before them.
    ///
    /// # Errors
    /// If there are fewer.
    #[inline]
    pub fn sized(&mut self) -> Result<&'a [u8], Malformed> {
        let count = self.varint()?;
        match usize::try_from(count) {
            Ok(count) => self.take(count),
            Err(_) => Err(self.cut()),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// If it is cut, or not UTF-8.
    #[inline]
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        let bytes = self.sized()?;
        std::str::from_utf8(bytes).map_err(|_| self.fail(&"a text is not UTF-8"))
    }

    /// A text of at most 15 bytes and nothing but ASCII: its length, its bytes, and zeros. `None`, and nothing is read, for
    /// any other and near the end, where [`text`](Reader::text) reads it.
    #[inline]
    pub fn short_text(&mut self) -> Option<[u8; 16]> {
        let window = self.bytes.get(self.at..)?.first_chunk::<16>()?;
        let [len, ..] = *window;
        if len > 15 {
            return None;
        }
        let word = u128::from_le_bytes(*window) & (u128::MAX >> (8 * (15 - len)));
        if word & (u128::MAX / 0xff * 0x80) != 0 {
            return None;
        }
        self.at += 1 + usize::from(len);
        Some(word.to_le_bytes())
    }

    /// A float of 64 bits.
    ///
    /// # Errors
    /// If it is cut, or a NaN with a payload.
    #[inline]
    pub fn f64(&mut self) -> Result<f64, Malformed> {
        let number = f64::from_bits(u64::from_le_bytes(self.array()?));
        if number.is_nan() && number.to_bits() != QUIET_64 {
            return Err(self.fail(&"a NaN has a payload"));
        }
        Ok(number)
    }

    /// A float of 32 bits, widened.
    ///
    /// # Errors
    /// If it is cut, or a NaN with a payload.
    #[inline]
    pub fn f32(&mut self) -> Result<f64, Malformed> {
        let bits = u32::from_le_bytes(self.array()?);
        widened(bits).ok_or_else(|| self.fail(&"a NaN has a payload"))
    }

    /// The exclusive or of two floats of at most `width` bytes.
    ///
    /// # Errors
    /// If it is cut, wider, or not in its shortest form.
    #[inline]
    pub fn xor(&mut self, width: usize) -> Result<u64, Malformed> {
        let head = self.byte()?;
        let (zeros, count) = (usize::from(head >> 4), usize::from(head & 0xf));
        if count == 0 {
            return if head == 0 { Ok(0) } else { Err(self.fail(&"a difference of zero is the byte 0")) };
        }
        if zeros + count > width {
            return Err(self.fail(&"a difference is wider than its float"));
        }
        let bytes = self.take(count)?;
        if bytes.first() == Some(&0) || bytes.last() == Some(&0) {
            return Err(self.fail(&"a difference is longer than needed"));
        }
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().skip(zeros).zip(bytes) {
            *to = *from;
        }
        Ok(u64::from_le_bytes(word))
    }

    /// A set of numbers below `count`, for [`Bits::has`].
    ///
    /// # Errors
    /// If it is cut, longer than needed, or has a member that is not below `count`.
    #[inline]
    pub fn bits(&mut self, count: usize) -> Result<Bits<'a>, Malformed> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(last) = rest.iter().position(|byte| *byte < 0x80) else { return Err(self.cut()) };
        let (groups, highest) = (rest.get(..=last).unwrap_or_default(), rest.get(last).copied().unwrap_or_default());
        self.at += last + 1;
        if highest == 0 {
            return if last == 0 { Ok(Bits(&[])) } else { Err(self.fail(&"a set is longer than needed")) };
        }
        // The highest member; groups hold 7.
        if last * 7 + (7 - highest.leading_zeros() as usize) >= count {
            return Err(self.fail(&"a set has a member that does not exist"));
        }
        Ok(Bits(groups))
    }
}

/// The float64 NaN that travels.
pub const QUIET_64: u64 = 0x7ff8_0000_0000_0000;
/// The float32 NaN that travels.
pub const QUIET_32: u32 = 0x7fc0_0000;

/// A float32 as a float64; `None` for a NaN with a payload.
#[inline]
pub fn widened(bits: u32) -> Option<f64> {
    let number = f32::from_bits(bits);
    match number.is_nan() {
        true if bits == QUIET_32 => Some(f64::from_bits(QUIET_64)),
        true => None,
        false => Some(f64::from(number)),
    }
}

/// The inverse of [`widened`].
#[inline]
pub fn narrowed(number: f64) -> u32 {
    if number.is_nan() { QUIET_32 } else { (number as f32).to_bits() }
}

/// A set that was read: groups of 7 bits, none for the empty one.
#[derive(Clone, Copy, Debug)]
pub struct Bits<'a>(&'a [u8]);

impl Bits<'_> {
    /// Whether it has no members.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Whether `member` is one.
    #[inline]
    pub fn has(self, member: usize) -> bool {
        self.0.get(member / 7).is_some_and(|group| group >> (member % 7) & 1 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::varint;
    use super::*;

    fn reader(bytes: &[u8]) -> Reader<'_> {
        Reader::new(bytes).expect("short enough")
    }

    #[test]
    fn numbers_read_back_and_have_one_form() {
        for number in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX >> 1, u64::MAX] {
            let mut bytes = Vec::new();
            varint::put(&mut bytes, number);
            let mut reader = reader(&bytes);
            assert_eq!(reader.varint(), Ok(number));
            assert_eq!(reader.end(), Ok(()));
            // One group of zeros more is the same number, and an error.
            let last = bytes.len() - 1;
            bytes[last] |= 0x80;
            bytes.push(0);
            assert!(super::Reader::new(&bytes).expect("short").varint().is_err(), "{number}");
        }
        for bad in [&[][..], &[0x80], &[0x80; 11], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]] {
            assert!(reader(bad).varint().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn sets_read_back_and_have_one_form() {
        for members in [&[][..], &[0], &[6], &[7], &[0, 6, 7, 20], &[99]] {
            let mut bytes = Vec::new();
            varint::put_bits(&mut bytes, members.iter().copied());
            let mut reader = reader(&bytes);
            let bits = reader.bits(100).expect("a set");
            assert_eq!((0..200).filter(|member| bits.has(*member)).collect::<Vec<_>>(), members);
            assert_eq!(reader.end(), Ok(()));
        }
        assert!(reader(&[1 << 3]).bits(4).is_ok());
        assert!(reader(&[1 << 4]).bits(4).is_err(), "no member 4 of 4");
        assert!(reader(&[0x81, 0]).bits(100).is_err(), "longer than needed");
        assert!(reader(&[0x81]).bits(100).is_err(), "cut");
    }

    #[test]
    fn short_texts_are_read_in_one_go() {
        for text in ["", "a", "fifteen bytes !"] {
            let mut bytes = Vec::new();
            varint::put_bytes(&mut bytes, text.as_bytes());
            bytes.extend([0xff; 15]);
            let mut reader = reader(&bytes);
            let short = reader.short_text().expect("short");
            assert_eq!(reader.left(), 15);
            assert_eq!(usize::from(short[0]), text.len());
            assert_eq!(&short[1..=text.len()], text.as_bytes());
            assert!(short[text.len() + 1..].iter().all(|byte| *byte == 0));
        }
        let long: Vec<u8> = [&[16][..], &[b'a'; 30]].concat();
        for other in [&[2, 0xc3, 0xa9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &long, &[0], &[]] {
            let mut reader = reader(other);
            assert_eq!(reader.short_text(), None);
            assert_eq!(reader.left(), other.len(), "nothing is read");
        }
    }

    #[test]
    fn floats_have_one_nan() {
        let of = |bits: u64| reader(&bits.to_le_bytes()).f64().map(f64::to_bits);
        assert_eq!(of(QUIET_64), Ok(QUIET_64));
        assert!(of(QUIET_64 | 1).is_err());
        assert!(of(QUIET_64 | 1 << 63).is_err());
        assert_eq!(reader(&QUIET_32.to_le_bytes()).f32().map(f64::to_bits), Ok(QUIET_64));
        assert!(reader(&(QUIET_32 | 1).to_le_bytes()).f32().is_err());
        assert_eq!(narrowed(f64::NAN), QUIET_32);
    }

    #[test]
    fn differences_have_one_form() {
        assert_eq!(reader(&[0]).xor(8), Ok(0));
        assert_eq!(reader(&[0x61, 0x12]).xor(8), Ok(0x0012_0000_0000_0000));
        assert_eq!(reader(&[0x02, 1, 2]).xor(4), Ok(0x0201));
        for bad in [&[0x10][..], &[0x61], &[0x82, 1, 1], &[0x02, 0, 1], &[0x02, 1, 0]] {
            assert!(reader(bad).xor(8).is_err(), "{bad:?}");
        }
        assert!(reader(&[0x41, 1]).xor(4).is_err(), "a float32 has 4 bytes");
    }

    #[test]
    fn what_is_counted_is_refused_before_it_is_made() {
        let mut bytes = Vec::new();
        varint::put(&mut bytes, u64::from(u32::MAX));
        assert!(reader(&bytes).count().is_err());
        assert!(Reader::new(&vec![0; limits::MESSAGE_BYTES + 1]).is_err());
    }
}
