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
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (first, last) = (u16::from_le_bytes(*first), u16::from_le_bytes(*last));
        return Some(u128::from(u32::from(first) | u32::from(last) << (8 * (length - 2))));
    }
    Some(bytes.first().copied().map_or(0, u128::from))
}

/// Whether two texts are the same. Of short ones faster than by a call.
#[inline]
pub(crate) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0 => true,
        1 => a.first() == b.first(),
        2..=3 => ends::<2>(a) == ends(b),
        4..=7 => ends::<4>(a) == ends(b),
        8..=16 => ends::<8>(a) == ends(b),
        _ => a == b,
    }
}

/// The first bytes and the last ones, which may overlap.
#[inline(always)]
fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    Some((bytes.first_chunk()?, bytes.last_chunk()?))
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
            let copy: String = name.chars().collect();
            assert!(same(name, &copy) && !same(name, &format!("{name}!")), "{name}");
            for at in 0..length {
                let other: String = name.chars().enumerate().map(|(n, c)| if n == at { '!' } else { c }).collect();
                assert!(!same(name, &other), "{name} {other}");
            }
        }
    }
}
