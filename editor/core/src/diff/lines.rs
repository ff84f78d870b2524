//! What changed between two texts, line by line.

use statewright_harness::report::diff::{Line, lines};
use statewright_types::Span;

use crate::patch::Change;

/// A change that makes `after` of `before`, with one patch for each run of lines that differ, less what these begin and end
/// with alike.
pub fn by_lines(before: &str, after: &str) -> Change {
    let mut replacements: Vec<(Span, String)> = Vec::new();
    let (mut at, mut old, mut new) = (0, String::new(), String::new());
    let mut flush = |at: usize, old: &mut String, new: &mut String| {
        for patch in Change::between(old, new).patches() {
            let start = at + patch.at;
            replacements.push((Span::new(start, start + patch.old.len()), patch.new.clone()));
        }
        old.clear();
        new.clear();
    };
    for line in lines(before, after) {
        match line {
            Line::Gone(text) => old.push_str(text),
            Line::New(text) => new.push_str(text),
            Line::Same(text) => {
                let gone = old.len();
                flush(at, &mut old, &mut new);
                at += gone + text.len();
            }
        }
    }
    flush(at, &mut old, &mut new);
    Change::of(before, replacements).unwrap_or_else(|| Change::between(before, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_changed_place_is_a_patch() {
        let (before, after) = ("one\ntwo\nthree\nfour\n", "one\ntwice\nthree\nfour\nfive\n");
        let change = by_lines(before, after);
        assert_eq!(change.patches().len(), 2);
        assert_eq!(change.apply(before).as_deref(), Some(after));
        assert_eq!(by_lines("", "a").apply("").as_deref(), Some("a"));
        assert!(by_lines("a", "a").is_empty());
    }
}
