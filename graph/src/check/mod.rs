//! What the checker says: codes, suggestions, and the checks that need no types.

pub mod codes;
pub(crate) mod structure;

/// "did you mean `x`?", if one of `candidates` is close to `name`.
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    closest(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// The candidate that is close to `name`, if any.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    let scored = candidates.into_iter().map(|candidate| (distance(name, candidate), candidate));
    scored.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, c)| c)
}

/// Levenshtein distance, ignoring case; texts longer than 64 characters are never close.
fn distance(a: &str, b: &str) -> usize {
    let fold = |text: &str| text.chars().take(65).flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (a, b) = (fold(a), fold(b));
    if a.len().max(b.len()) > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn near_names_are_suggested() {
        assert_eq!(suggest("Scroe", ["Name", "Score"]).as_deref(), Some("did you mean `Score`?"));
        assert_eq!(suggest("getfield", ["GetField", "SetField"]).as_deref(), Some("did you mean `GetField`?"));
        assert_eq!(suggest("xyz", ["Name", "Score"]), None);
    }
}
