//! Names that somebody probably meant, with a bound on how long looking for them takes.

use std::cell::Cell;

use statewright_types::Help;
use statewright_types::suggest::did_you_mean;

/// How many mistakes of one graph get a suggestion: looking for one takes time in proportion to the names there are.
const MOST: u32 = 100;

/// How many names a help text lists.
const LISTED: usize = 10;

/// Finds suggestions, as long as there are not too many.
#[derive(Debug)]
pub struct Suggestions(Cell<u32>);

impl Default for Suggestions {
    fn default() -> Suggestions {
        Suggestions(Cell::new(MOST))
    }
}

impl Suggestions {
    /// "did you mean `x`?", if one of `candidates` is close to `name`; else the caller knows something better to say.
    pub(crate) fn suggest<'a>(&self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Help> {
        let left = self.0.get().checked_sub(1)?;
        self.0.set(left);
        did_you_mean(name, candidates)
    }
}

/// The first few names, and how many more there are.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let shown: Vec<String> = names.by_ref().take(LISTED).map(|name| format!("`{name}`")).collect();
    match names.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_end() {
        let suggestions = Suggestions::default();
        let found = (0..2 * MOST).filter(|_| suggestions.suggest("Scroe", ["Score"]).is_some()).count();
        assert_eq!(found, MOST as usize);
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(listed(["a", "b"]), "`a`, `b`");
        assert!(listed(std::iter::repeat_n("x", 12)).ends_with("`x` and 2 more"));
    }
}
