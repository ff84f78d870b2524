//! Names that say nothing are taken by nobody.

use crate::tidy::tree::Tree;
use crate::tidy::{Report, Rule};

const EMPTY: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"];

pub const RULE: Rule =
    Rule { name: "names", demands: "no file, folder or module called utils, helpers, common, misc or manager", check };

fn check(tree: &Tree, report: &mut Report) {
    let advice = "name it for what it does, or move its parts to where they are used";
    for file in tree.files() {
        let stem = |part: &str| part.split_once('.').map_or(part.to_owned(), |(stem, _)| stem.to_owned());
        if let Some(part) = file.path.split('/').map(stem).find(|part| EMPTY.contains(&part.as_str())) {
            report.add(&file.path, 1, format!("`{part}` says nothing"), advice);
        }
    }
    for file in tree.rust() {
        for (line, code) in file.code_lines() {
            let mut words = code.split_whitespace().skip_while(|word| *word != "mod").skip(1);
            let name = words.next().unwrap_or_default().trim_end_matches([';', '{']);
            if EMPTY.contains(&name) {
                report.add(&file.path, line, format!("a module called `{name}` says nothing"), advice);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::places;

    #[test]
    fn empty_names_are_found() {
        let files = [("a/utils.rs", ""), ("tests/common/mod.rs", ""), ("b.rs", "pub mod misc {\n"), ("uncommon.rs", "")];
        assert_eq!(places(&RULE, &files), ["a/utils.rs:1", "b.rs:1", "tests/common/mod.rs:1"]);
    }
}
