//! Short names: keys, ports, ids.

/// Whether two texts are equal. For short ones that takes a few instructions, where comparing texts of any length is a call.
#[inline]
pub fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    if let (Some(first), Some(of_b)) = (a.first_chunk::<8>(), b.first_chunk::<8>()) {
        // The last eight overlap the first ones.
        return first == of_b && if a.len() <= 16 { a.last_chunk::<8>() == b.last_chunk::<8>() } else { a == b };
    }
    if let (Some(first), Some(of_b)) = (a.first_chunk::<4>(), b.first_chunk::<4>()) {
        return first == of_b && a.last_chunk::<4>() == b.last_chunk::<4>();
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn texts_of_all_lengths_differ_in_each_byte() {
        let text: String = ('a'..='z').cycle().take(40).collect();
        for length in 0..=text.len() {
            let whole = &text[..length];
            let longer = format!("{whole}a");
            assert!(same(whole, &longer[..length]));
            assert!(!same(whole, &longer));
            for at in 0..length {
                assert!(!same(whole, &format!("{}A{}", &whole[..at], &whole[at + 1..])), "{whole} {at}");
            }
        }
    }
}
