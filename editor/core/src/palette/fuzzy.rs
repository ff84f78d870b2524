//! How well a text goes with what was typed: all letters in order, better the closer together and the nearer to beginnings of
//! words.
//!
//! Of our own, as the candidates are short names in mixed case: the best alignment of a few letters, by a small table.

/// Letters of a text that are looked at.
const LETTERS: usize = 64;

/// How well `text` goes with `typed`, and the positions of its letters that were typed; `None` if they are not all there, in
/// order. Spaces in what was typed are left out.
pub fn score(typed: &str, text: &str) -> Option<(i32, Vec<usize>)> {
    let wanted: Vec<char> =
        typed.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect();
    let letters: Vec<char> = text.chars().take(LETTERS).collect();
    let lower: Vec<char> = letters.iter().map(|letter| letter.to_lowercase().next().unwrap_or(*letter)).collect();
    if wanted.is_empty() {
        return Some((0, Vec::new()));
    }
    // Best score of the first letters wanted, ending at each position, and where the letter before stands.
    let mut before: Vec<Option<i32>> = Vec::new();
    let mut from: Vec<Vec<usize>> = Vec::with_capacity(wanted.len());
    for (row, want) in wanted.iter().enumerate() {
        let mut now = vec![None; lower.len()];
        let mut came = vec![usize::MAX; lower.len()];
        let mut best: Option<(i32, usize)> = None;
        for (at, letter) in lower.iter().enumerate() {
            // `best` is of positions up to two before, less what the gap costs.
            if let Some(previous) = at.checked_sub(2).and_then(|index| before.get(index).copied().flatten()) {
                let candidate = (previous, at - 2);
                best = Some(best.map_or(candidate, |best| if candidate.0 >= best.0 { candidate } else { best }));
            }
            if letter != want {
                continue;
            }
            let bonus = begins(&letters, at);
            if row == 0 {
                now[at] = Some(bonus - (at as i32).min(6));
                continue;
            }
            let next = at
                .checked_sub(1)
                .and_then(|index| before.get(index).copied().flatten().map(|score| (score + 5, index)));
            let apart = best.map(|(score, index)| (score - ((at - index) as i32).min(4), index));
            if let Some((score, index)) = [next, apart].into_iter().flatten().max_by_key(|(score, _)| *score) {
                now[at] = Some(score + bonus);
                came[at] = index;
            }
        }
        before = now;
        from.push(came);
    }
    let (score, mut at) = before
        .iter()
        .enumerate()
        .filter_map(|(at, score)| Some(((*score)?, at)))
        .max_by_key(|(score, at)| (*score, std::cmp::Reverse(*at)))?;
    let mut positions = Vec::with_capacity(wanted.len());
    for came in from.iter().rev() {
        positions.push(at);
        at = came.get(at).copied().unwrap_or(usize::MAX);
    }
    positions.reverse();
    let whole = if lower == wanted { 20 } else { 0 };
    Some((score + whole - (lower.len() as i32 - wanted.len() as i32).min(20) / 4, positions))
}

/// What a letter counts: more at the beginning of the text and of its words.
fn begins(letters: &[char], at: usize) -> i32 {
    let Some(before) = at.checked_sub(1).and_then(|index| letters.get(index)) else { return 10 };
    let letter = letters.get(at).copied().unwrap_or(' ');
    let is_word = !before.is_alphanumeric() || (before.is_lowercase() && letter.is_uppercase());
    if is_word { 7 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_are_found_at_the_beginnings_of_words() {
        assert_eq!(score("stf", "SetField").map(|(_, letters)| letters), Some(vec![0, 2, 3]));
        assert_eq!(score("eta", "EmitToAll").map(|(_, letters)| letters), Some(vec![0, 4, 6]));
        assert_eq!(score("fs", "SetField"), None);
        assert_eq!(score("", "x"), Some((0, Vec::new())));
        assert!(score("add", "Add").unwrap().0 > score("add", "AddToArray").unwrap().0);
        assert!(score("add", "AddToArray").unwrap().0 > score("add", "SquareDad Died").map_or(0, |found| found.0));
    }
}
