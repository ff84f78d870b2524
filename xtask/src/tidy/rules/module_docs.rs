//! Every Rust file begins by saying what it is.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule};

pub const RULE: Rule =
    Rule { name: "module-docs", demands: "the first line of every Rust file is a `//!` comment", check };

fn check(tree: &Tree, report: &mut Report) {
    for file in tree.rust() {
        let first = file.text.lines().next().unwrap_or_default();
        let said = first.strip_prefix("//!").is_some_and(|rest| !rest.trim().is_empty());
        if !said {
            report.add(&file.path, 1, "the file does not say what it is", "begin it with `//!` and one sentence");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_file_without_its_sentence_is_found() {
        let files = [("a.rs", "//! What it is.\n"), ("b.rs", "use x;\n"), ("c.rs", "//!\n"), ("d.rs", "")];
        assert_eq!(places(&RULE, &files), ["b.rs:1", "c.rs:1", "d.rs:1"]);
    }
}
