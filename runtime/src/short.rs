//! Short texts as numbers, which are compared and copied in one go.

/// At most 16 bytes as a number, the first one lowest; nothing of more.
#[inline(always)]
pub(crate) fn packed(bytes: &[u8]) -> Option<u128> {
    let length = bytes.len();
    // Two pieces of a known length, which may overlap.
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        return (length <= 16).then(|| u128::from(first) | u128::from(last) << (8 * (length - 8)));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return Some(u128::from(u64::from(first) | u64::from(last) << (8 * (length - 4))));
    }
    Some(u128::from(bytes.iter().rev().fold(0u32, |number, byte| number << 8 | u32::from(*byte))))
}

/// Whether two texts are the same. Of short ones faster than by a call.
#[inline]
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && match (packed(a.as_bytes()), packed(b.as_bytes())) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "abcdefghijklmnopqrstuvwxyz";

    #[test]
    fn sixteen_bytes_make_a_number() {
        for length in 0..=LONG.len() {
            let name = LONG.get(..length).unwrap_or_default();
            let number = packed(name.as_bytes());
            assert_eq!(number.is_some(), length <= 16);
            if let Some(number) = number {
                let mut bytes = name.as_bytes().to_vec();
                bytes.resize(16, 0);
                assert_eq!(number.to_le_bytes(), *bytes, "{name}");
            }
        }
    }

    #[test]
    fn texts_are_the_same_if_all_of_their_bytes_are() {
        for length in 0..=LONG.len() {
            let name = LONG.get(..length).unwrap_or_default();
            assert!(same(name, &name.to_owned()) && !same(name, &format!("{name}!")), "{name}");
            for at in 0..length {
                let other: String = name.chars().enumerate().map(|(n, c)| if n == at { '!' } else { c }).collect();
                assert!(!same(name, &other), "{name} {other}");
            }
        }
    }
}
