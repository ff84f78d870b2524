//! A test that does not run is no test.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule, source};

pub const RULE: Rule = Rule { name: "ignored-tests", demands: "no #[ignore], no doc example fenced `ignore`", check };

fn check(tree: &Tree, report: &mut Report) {
    for file in tree.rust() {
        for (line, code) in file.code_lines() {
            let attribute = code.trim_start().starts_with("#[") && source::has_word(code, "ignore");
            if attribute {
                report.add(&file.path, line, "the test is ignored", "mend it or delete it");
            }
        }
        for (line, text) in file.lines() {
            let doc = text.trim_start();
            let doc = doc.strip_prefix("///").or_else(|| doc.strip_prefix("//!")).unwrap_or_default();
            if doc.trim_start().strip_prefix("```").is_some_and(|info| source::has_word(info, "ignore")) {
                report.add(&file.path, line, "the doc example is never compiled", "use `no_run`, or `text` if it is no Rust");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn ignored_tests_and_examples_are_found() {
        let text = "//! A.\n#[test]\n#[ignore = \"slow\"]\nfn a() {}\n#[cfg_attr(unix, ignore)]\n/// ```ignore\nfn b() {}\n\
                    // #[ignore]\n";
        assert_eq!(places(&RULE, &[("a.rs", text)]), ["a.rs:3", "a.rs:5", "a.rs:6"]);
    }
}
