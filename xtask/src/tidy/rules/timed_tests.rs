//! Tests neither sleep nor look at a clock: what they say must not depend on the machine's mood.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule, source};

const BANNED: &[&str] = &["sleep(", "Instant::now", "SystemTime::now", ".elapsed("];

/// A command that stands among the tests, and says how fast it is: what it finds does not depend on that.
const COMMAND: &str = "tests/differential/src/main.rs";

pub const RULE: Rule = Rule { name: "timed-tests", demands: "tests do not sleep and read no clock", check };

fn check(tree: &Tree, report: &mut Report) {
    for file in tree.rust().filter(|file| file.path != COMMAND) {
        let whole = file.path.starts_with("tests/") || file.path.contains("/tests/");
        let regions = source::test_lines(file.code());
        for ((line, code), in_test) in file.code_lines().zip(regions) {
            let found = BANNED.iter().find(|banned| source::has_word(code, banned));
            if let Some(banned) = found.filter(|_| whole || in_test) {
                let message = format!("a test uses `{}`", banned.trim_end_matches('('));
                report.add(&file.path, line, message, "wait for the thing itself, or move the timing to a bench");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn a_sleeping_test_is_found_and_other_code_is_not() {
        let unit = "//! A.\nfn a() { std::thread::sleep(x); }\n#[cfg(test)]\nmod tests {\n    fn b() { sleep(x); }\n}\n";
        let integration = "//! B.\nfn a() { Instant::now(); }\n";
        let found = places(&RULE, &[("cli/src/a.rs", unit), ("cli/tests/b.rs", integration)]);
        assert_eq!(found, ["cli/src/a.rs:5", "cli/tests/b.rs:2"]);
    }
}
