//! `unsafe` has two rooms, and a counting allocator a third.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule, house, source};

pub const RULE: Rule = Rule { name: "unsafe-code", demands: "`unsafe` only in runtime/src/memory, in jit and in benches/src/counting", check };

fn check(tree: &Tree, report: &mut Report) {
    for file in tree.rust() {
        if house::UNSAFE.iter().any(|folder| file.is_in(folder)) {
            continue;
        }
        for (line, _) in file.code_lines().filter(|(_, code)| source::has_word(code, "unsafe")) {
            let advice = "use or add a safe method of runtime's memory module";
            report.add(&file.path, line, "`unsafe` outside runtime/src/memory, jit and benches/src/counting", advice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn unsafe_elsewhere_is_found() {
        let text = "//! A, not unsafe.\n#![deny(unsafe_code)]\nfn a() { unsafe { b() } }\n";
        let files = [("graph/src/a.rs", text), ("runtime/src/memory/rows.rs", text), ("jit/src/a.rs", text)];
        assert_eq!(places(&RULE, &files), ["graph/src/a.rs:3"]);
    }
}
