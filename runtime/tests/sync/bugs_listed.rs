//! The page for those who know the library that had these bugs names a test for each: they are there.

use std::collections::BTreeSet;
use std::path::Path;

const PAGE: &str = include_str!("../../../docs/statesync.md");

/// The tests that a row of the page's table of bugs names: number, file, function.
fn named(row: &str) -> Option<(u32, Vec<(String, String)>)> {
    let mut cells = row.strip_prefix("| ")?.split(" | ");
    let number = cells.next()?.trim().parse().ok()?;
    let texts: Vec<&str> = cells.last()?.split('`').skip(1).step_by(2).collect();
    let tests = texts.iter().filter_map(|text| text.split_once("::"));
    Some((number, tests.map(|(file, test)| (file.to_owned(), test.to_owned())).collect()))
}

#[test]
fn every_bug_of_the_page_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut numbers = BTreeSet::new();
    for (number, tests) in PAGE.lines().filter_map(named) {
        assert!(!tests.is_empty(), "bug {number} names no test");
        numbers.insert(number);
        for (file, test) in tests {
            let path = root.join(format!("{file}.rs"));
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(text.contains(&format!("#[test]\nfn {test}() {{")), "{file}.rs has no test `{test}`");
        }
    }
    assert_eq!(numbers, (1..=19).collect());
}
