//! The name that somebody probably meant, for help texts.

use crate::repair::Help;

/// How many candidates are looked at, so that a suggestion never takes long.
const MAX_CANDIDATES: usize = 2_000;

/// The candidate nearest to `name`: at most a third of its characters changed, letter case not counting. The first
/// of equals. Names longer than 64 characters get no suggestion.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(name, candidates).map(|(near, _)| near)
}

/// "did you mean `x`?", if one of `candidates` is close to `name`; with the repair, if only that one is.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Help> {
    let (near, only) = nearest(name, candidates)?;
    let help = Help::from(format!("did you mean `{near}`?"));
    Some(if only { help.and_spell(name, near) } else { help })
}

/// What other languages call a scalar type.
const ELSEWHERE: [(&str, &str); 12] = [
    ("integer", "int"),
    ("long", "int64"),
    ("short", "int16"),
    ("byte", "uint8"),
    ("boolean", "bool"),
    ("double", "float64"),
    ("number", "float64"),
    ("real", "float64"),
    ("single", "float32"),
    ("str", "string"),
    ("text", "string"),
    ("guid", "uuid"),
];

/// The same for the name of a type, that of another language included.
pub fn type_name<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Help> {
    let lower = name.to_lowercase();
    match ELSEWHERE.iter().find(|(other, _)| *other == lower) {
        Some((_, ours)) => Some(Help::spell(name, ours)),
        None => did_you_mean(name, candidates),
    }
}

/// The candidate of [`closest`], and whether no other one is as near.
fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, bool)> {
    let wanted: Vec<char> = name.chars().take(65).flat_map(char::to_lowercase).collect();
    if wanted.is_empty() || wanted.len() > 64 {
        return None;
    }
    let limit = (wanted.len() + 1) / 3;
    let mut best: Option<(usize, &str, bool)> = None;
    for candidate in candidates.into_iter().take(MAX_CANDIDATES) {
        let letters: Vec<char> = candidate.chars().take(200).flat_map(char::to_lowercase).collect();
        if candidate == name || letters.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        let distance = distance(&wanted, &letters);
        if distance > limit {
            continue;
        }
        match &mut best {
            Some((least, _, _)) if distance > *least => {}
            Some((least, other, only)) if distance == *least => *only &= candidate == *other,
            _ => best = Some((distance, candidate, true)),
        }
    }
    best.map(|(_, candidate, only)| (candidate, only))
}

/// A help text: "did you mean `x`?" where something is near, else the names there are, the first ten of them.
pub fn help<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Help {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(help) = did_you_mean(name, candidates.iter().copied()) {
        return help;
    }
    let shown = candidates.iter().take(10).map(|candidate| format!("`{candidate}`")).collect::<Vec<_>>().join(", ");
    match candidates.len() {
        0 => "there is none yet".into(),
        1..=10 => format!("there is {shown}").into(),
        more => format!("there is {shown} and {} more", more - 10).into(),
    }
}

/// Insertions, removals, replacements and swaps of neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut rows = vec![0; (a.len() + 1) * width];
    let at = |row: usize, column: usize| row * width + column;
    for row in 0..=a.len() {
        for column in 0..width {
            rows[at(row, column)] = if row == 0 || column == 0 {
                row + column
            } else {
                let (x, y) = (a[row - 1], b[column - 1]);
                let replaced = rows[at(row - 1, column - 1)] + usize::from(x != y);
                let swapped = if row > 1 && column > 1 && x == b[column - 2] && a[row - 2] == y {
                    rows[at(row - 2, column - 2)] + 1
                } else {
                    usize::MAX
                };
                (rows[at(row - 1, column)] + 1).min(rows[at(row, column - 1)] + 1).min(replaced).min(swapped)
            };
        }
    }
    rows[at(a.len(), b.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        let names = ["Players", "Player", "Score", "noSync"];
        assert_eq!(closest("Playres", names), Some("Players"));
        assert_eq!(closest("score", names), Some("Score"));
        assert_eq!(closest("nosync", names), Some("noSync"));
        assert_eq!(closest("Inventory", names), None);
        assert_eq!(closest("P", names), None);
        assert_eq!(closest("", names), None);
        assert_eq!(closest(&"x".repeat(10_000), names), None);
    }

    #[test]
    fn help_lists_names_where_nothing_is_near() {
        assert_eq!(help("Zebra", ["A1", "B2"]).text, "there is `A1`, `B2`");
        assert_eq!(help("Scroe", ["Score"]).text, "did you mean `Score`?");
        assert_eq!(help("x", []).text, "there is none yet");
    }
}
