//! What must give the same bits everywhere has no way to the outside.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule, house, source};

/// What is banned, whether tests may use it, and what to do instead.
const BANNED: &[(&str, bool, &str)] = &[
    ("SystemTime", false, "take the time from the action"),
    ("Instant", false, "take the time from the action; measure in benches"),
    ("rand::", false, "draw from a named stream of types::random"),
    ("getrandom", false, "draw from a named stream of types::random"),
    ("RandomState", false, "use a BTreeMap, or a hasher with a fixed seed"),
    ("std::fs", true, "let harness or cli read the file and pass its text"),
    ("std::io", true, "return the text and let the caller write it"),
    ("std::net", true, "leave the network to server"),
    ("std::env", true, "pass the setting in"),
    ("std::process", true, "leave processes to cli"),
    ("std::thread", true, "leave threads to the host"),
    ("println!", true, "return the text, or a diagnostic"),
    ("eprintln!", true, "return the text, or a diagnostic"),
    ("async fn", false, "suspend with data; async stays in server"),
    ("async move", false, "suspend with data; async stays in server"),
    ("async {", false, "suspend with data; async stays in server"),
    (".await", false, "suspend with data; async stays in server"),
];

/// Waits for a deadline, by the host's clock; nothing that it does is in a session's state.
const DRIVER: &str = "runtime/src/sync/driver.rs";
/// What a file may use nevertheless.
const EXCEPTIONS: &[(&str, &str)] = &[
    (DRIVER, "std::thread"),
    // Compiles functions side by side: the code does not depend on how many threads there are.
    ("jit/src/compile/machine.rs", "std::thread"),
    // The key of short-lived tables, as the standard maps have one: the order of neither is used.
    ("types/src/hashing.rs", "RandomState"),
];

pub const RULE: Rule = Rule {
    name: "determinism",
    demands: "no I/O, clock, entropy, threads or async in types, graph, runtime, interpreter, jit, emit",
    check,
};

fn check(tree: &Tree, report: &mut Report) {
    for file in tree.rust().filter(|file| house::DETERMINISTIC.iter().any(|folder| file.is_in(folder))) {
        let regions = source::test_lines(file.code());
        for ((line, code), in_test) in file.code_lines().zip(regions) {
            let banned = |&&(word, tests_may, _): &&(&str, bool, &str)| {
                let file_may = EXCEPTIONS.contains(&(&*file.path, word));
                source::has_word(code, word) && !(tests_may && in_test) && !file_may
            };
            if let Some((word, _, advice)) = BANNED.iter().find(banned) {
                report.add(&file.path, line, format!("`{word}` in a deterministic crate"), *advice);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn clocks_files_entropy_and_async_are_found() {
        let text = "//! No Instant here.\nuse std::time::Instant;\nuse std::fs;\nlet x = rand::random();\nasync fn a() {}\n\
                    let brand = operand::new();\n";
        let files = [("runtime/src/a.rs", text), ("harness/src/a.rs", text)];
        let expected = [2, 3, 4, 5].map(|line| format!("runtime/src/a.rs:{line}"));
        assert_eq!(places(&RULE, &files), expected);
    }

    #[test]
    fn files_may_use_what_is_excepted_and_nothing_else() {
        let text = "//! A.\nuse std::thread::spawn;\nuse std::fs;\n";
        let files = [(DRIVER, text), ("runtime/src/sync/a.rs", text)];
        let expected = ["runtime/src/sync/a.rs:2".into(), "runtime/src/sync/a.rs:3".into(), format!("{DRIVER}:3")];
        assert_eq!(places(&RULE, &files), expected);
    }

    #[test]
    fn tests_may_read_files_but_no_clock() {
        let text = "//! A.\n#[cfg(test)]\nmod tests {\n    use std::fs;\n    use std::time::SystemTime;\n}\n";
        assert_eq!(places(&RULE, &[("types/src/a.rs", text)]), ["types/src/a.rs:5"]);
    }
}
