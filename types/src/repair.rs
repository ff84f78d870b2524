//! Mechanical repairs: what would mend a problem, and the replacements of text that this means.
//!
//! Who finds a problem often has a model at hand and no text. It says what to do as a [`Repair`]; who has the text
//! turns it into [`Fix`]es. A repair that is not clear in the text comes to nothing.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Fix, Span};
use crate::json;

/// What would mend a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// A word of the marked text is misspelt.
    Spell {
        /// As it is written.
        wrong: String,
        /// As it should be.
        right: String,
    },
    /// These entries or elements of JSON objects and arrays have to go.
    Remove(Vec<Span>),
    /// The marked value should be written as text. Names the reference that it is; empty for a literal.
    AsText(Arc<str>),
    /// The marked value should go through another node first, which takes `value` and gives `result`.
    Through {
        /// The node's type.
        ty: &'static str,
        /// As for [`Repair::AsText`].
        value: Arc<str>,
    },
}

/// What to do about a problem: in words, and as a repair where that is mechanical.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// In words.
    pub text: String,
    /// As a repair.
    pub repair: Option<Repair>,
}

impl Help {
    /// "did you mean `right`?"
    pub fn spell(wrong: &str, right: &str) -> Help {
        Help::from(format!("did you mean `{right}`?")).and_spell(wrong, right)
    }

    /// The same with words of one's own.
    #[must_use]
    pub fn and_spell(self, wrong: &str, right: &str) -> Help {
        self.and(Repair::Spell { wrong: wrong.to_owned(), right: right.to_owned() })
    }

    /// Adds a repair.
    #[must_use]
    pub fn and(mut self, repair: Repair) -> Help {
        self.repair = Some(repair);
        self
    }
}

impl From<String> for Help {
    fn from(text: String) -> Help {
        Help { text, repair: None }
    }
}

impl From<&String> for Help {
    fn from(text: &String) -> Help {
        text.clone().into()
    }
}

impl From<&str> for Help {
    fn from(text: &str) -> Help {
        text.to_owned().into()
    }
}

impl From<&Help> for Help {
    fn from(help: &Help) -> Help {
        help.clone()
    }
}

impl fmt::Display for Help {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Turns misspellings into replacements in `text`, which the diagnostics are about. Other repairs are left alone.
pub fn spell(text: &str, diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics {
        let (Some(Repair::Spell { wrong, right }), Some(span)) = (diagnostic.repair.as_deref(), diagnostic.span) else {
            continue;
        };
        diagnostic.fix = spelling(text, span, wrong, right);
        diagnostic.repair = None;
    }
}

/// The replacements of `wrong` in the marked part of `text`: it must stand there once, or in a template several times in
/// the same reference.
fn spelling(text: &str, span: Span, wrong: &str, right: &str) -> Vec<Fix> {
    let Some(marked) = text.get(span.range()) else { return Vec::new() };
    // What would need escapes is better left to people.
    if wrong.is_empty() || right.len() + 2 != json::quote(right).len() {
        return Vec::new();
    }
    let mut found = words(marked, wrong);
    if marked.contains("{{") {
        let places: Vec<(usize, &str)> =
            found.iter().filter_map(|at| Some((*at, reference_around(marked, *at)?))).collect();
        let same = places.windows(2).all(|pair| matches!(pair, [a, b] if a.1 == b.1));
        found = if same { places.into_iter().map(|(at, _)| at).collect() } else { Vec::new() };
    } else if found.len() > 1 {
        return Vec::new();
    }
    let start = span.start as usize;
    let fix = |at: usize| Fix { span: Span::new(start + at, start + at + wrong.len()), text: right.to_owned() };
    found.into_iter().map(fix).collect()
}

/// Where `word` stands in `text`, not as a part of another word.
fn words(text: &str, word: &str) -> Vec<usize> {
    let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
    let whole = |at: usize| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(inside) && !after.is_some_and(inside)
    };
    text.match_indices(word).map(|(at, _)| at).filter(|at| whole(*at)).collect()
}

/// What stands in the braces `{{…}}` around byte `at`.
fn reference_around(text: &str, at: usize) -> Option<&str> {
    let (before, after) = text.split_at_checked(at)?;
    let open = before.rfind("{{")? + 2;
    let close = at + after.find("}}")?;
    (!before.get(open..)?.contains("}}")).then(|| text.get(open..close)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str, wrong: &str, right: &str) -> String {
        let span = Span::new(0, text.len());
        let mut diagnostics = [Diagnostic::error("E1", span, "odd").help(Help::spell(wrong, right))];
        spell(text, &mut diagnostics);
        let mut mended = text.to_owned();
        for fix in diagnostics[0].fix.iter().rev() {
            mended.replace_range(fix.span.range(), &fix.text);
        }
        mended
    }

    #[test]
    fn whole_words_are_replaced() {
        assert_eq!(spelled("\"state:Rond.Rounds\"", "Rond", "Round"), "\"state:Round.Rounds\"");
        assert_eq!(spelled("\"Scoer\"", "Scoer", "Score"), "\"Score\"");
        assert_eq!(spelled("\"MyScoer\"", "Scoer", "Score"), "\"MyScoer\"");
    }

    #[test]
    fn what_is_not_clear_stays() {
        assert_eq!(spelled("\"node:ad:ad\"", "ad", "add"), "\"node:ad:ad\"");
        assert_eq!(spelled("\"ad\"", "ad", "a\"d"), "\"ad\"");
    }

    #[test]
    fn templates_are_mended_in_their_braces() {
        assert_eq!(
            spelled("nmae {{param:nmae}}, {{param:nmae}}!", "nmae", "name"),
            "nmae {{param:name}}, {{param:name}}!"
        );
        assert_eq!(spelled("{{nmae}} {{x.nmae}}", "nmae", "name"), "{{nmae}} {{x.nmae}}");
    }
}
