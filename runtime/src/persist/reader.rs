//! Reads bytes that may be anything.

/// What is left to read.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// The bytes end too early, or are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("its bytes end too early, or are not what they should be")
    }
}

impl From<Cut> for String {
    fn from(cut: Cut) -> String {
        cut.to_string()
    }
}

impl<'a> Reader<'a> {
    /// From the beginning.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// How many bytes are left.
    pub fn len(&self) -> usize {
        self.rest.len()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// So many bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Cut> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Cut)?;
        self.rest = rest;
        Ok(taken)
    }

    /// So many bytes, as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Cut> {
        self.take(N)?.try_into().map_err(|_| Cut)
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Cut> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// A LEB128 number of at most 64 bits.
    pub fn varint(&mut self) -> Result<u64, Cut> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Cut);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Cut)
    }

    /// Bytes after their length.
    pub fn bytes(&mut self) -> Result<&'a [u8], Cut> {
        let length = usize::try_from(self.varint()?).map_err(|_| Cut)?;
        self.take(length)
    }

    /// A text after its length.
    pub fn text(&mut self) -> Result<&'a str, Cut> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::varint;

    #[test]
    fn numbers_read_back_and_nothing_else_does() {
        for number in [0, 1, 127, 128, 1 << 40, u64::MAX] {
            let mut bytes = Vec::new();
            varint::put(&mut bytes, number);
            assert_eq!(Reader::new(&bytes).varint(), Ok(number));
            bytes.pop();
            assert_eq!(Reader::new(&bytes).varint(), Err(Cut));
        }
        assert_eq!(Reader::new(&[0xff; 11]).varint(), Err(Cut));
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).varint(), Err(Cut));
    }

    #[test]
    fn lengths_that_lie_take_nothing() {
        let mut bytes = Vec::new();
        varint::put(&mut bytes, u64::MAX);
        bytes.push(1);
        assert_eq!(Reader::new(&bytes).bytes(), Err(Cut));
        assert_eq!(Reader::new(&[2, 0xff, 0xfe]).text(), Err(Cut));
        assert_eq!(Reader::new(&[2, b'o', b'k']).text(), Ok("ok"));
    }
}
