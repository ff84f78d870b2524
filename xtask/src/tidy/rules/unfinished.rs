//! What is committed is finished.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule, source};

const BANNED: &[(&str, &str)] = &[
    ("todo!", "write it, or return an error that says it is not there"),
    ("unimplemented!", "write it, or return an error that says it is not there"),
    ("dbg!", "remove it"),
];

pub const RULE: Rule = Rule { name: "unfinished", demands: "no todo!, unimplemented! or dbg!", check };

fn check(tree: &Tree, report: &mut Report) {
    for file in tree.rust() {
        for (line, code) in file.code_lines() {
            if let Some((word, advice)) = BANNED.iter().find(|(word, _)| source::has_word(code, word)) {
                report.add(&file.path, line, format!("`{word}` is left"), *advice);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn leftovers_are_found() {
        let text = "//! todo!\nfn a() { todo!() }\nlet b = dbg!(c);\nunimplemented!(\"d\");\nmy_todo!();\n";
        assert_eq!(places(&RULE, &[("a.rs", text)]), ["a.rs:2", "a.rs:3", "a.rs:4"]);
    }
}
