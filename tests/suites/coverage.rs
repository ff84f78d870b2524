//! The corpus reaches every node type, every error that a node type can stop with, and every rule for every node type
//! that it is about.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use expect_test::expect_file;
use statewright_graph::node::{self, Example};
use statewright_tests::matrix::{cases, page, probe};
use statewright_tests::reached::{Reached, missing, uncited};
use statewright_tests::{corpus, example};

/// What the corpus reaches, with the examples and the generated cases.
static REACHED: LazyLock<Reached> = LazyLock::new(|| {
    let mut reached = Reached::default();
    for folder in [corpus::folder(), examples("reached/examples"), generated("reached/matrix")] {
        reached.add(&folder);
    }
    reached
});

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // What is gone must not be run from an earlier build.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder is made");
    folder
}

/// The examples of the node table as test files.
fn examples(name: &str) -> PathBuf {
    let folder = folder(name);
    std::fs::write(folder.join(example::SCHEMA_FILE), example::SCHEMA).expect("the schema is written");
    for row in node::table() {
        let file = folder.join(format!("{}.test.json", row.name));
        std::fs::write(file, example::test_file(row)).expect("the example is written");
    }
    folder
}

/// The cases that follow from the rules alone as test files.
fn generated(name: &str) -> PathBuf {
    let folder = folder(name);
    std::fs::write(folder.join(cases::SCHEMA_FILE), probe::schema()).expect("the schema is written");
    for generated in node::table().flat_map(cases::files) {
        std::fs::write(folder.join(generated.name), generated.text).expect("the file is written");
    }
    folder
}

#[test]
fn every_example_of_the_node_table_holds() {
    let summary = corpus::run(&examples("examples"));
    let complaints = corpus::complaints(&summary);
    assert_eq!(summary.files, node::table().count());
    assert!(summary.ok() && complaints.is_empty(), "{complaints}");
}

#[test]
fn every_case_that_follows_from_the_rules_holds() {
    let summary = corpus::run(&generated("matrix"));
    let complaints = corpus::complaints(&summary);
    assert!(summary.ok() && complaints.is_empty(), "{} failed:\n{complaints}", summary.failed());
    assert!(summary.outcomes.len() >= 1_000, "only {} cases were made", summary.outcomes.len());
}

#[test]
fn what_every_row_visits_is_known() {
    let unknown: Vec<&str> = node::table().filter(|row| cases::visits(row).is_none()).map(|row| row.name).collect();
    assert!(unknown.is_empty(), "say in tests/src/matrix/cases.rs how many elements these visit: {unknown:?}");
}

#[test]
fn every_node_type_occurs_in_an_example_or_a_case() {
    let in_example = |name: &str| {
        let row = node::by_name(name).map(|row| row.example);
        !matches!(row, Some(Example::Outputs { outputs: "{}", .. }) | None)
    };
    let lost: Vec<&str> =
        node::table().map(|row| row.name).filter(|name| !in_example(name) && !REACHED.types.contains(*name)).collect();
    assert!(lost.is_empty(), "no example that compares anything, and no case: {}", lost.join(", "));
}

#[test]
fn every_error_that_a_node_can_stop_with_stops_one() {
    compare(&missing(&REACHED), |line| !is_rule(line));
}

#[test]
fn every_rule_is_shown_for_every_node_that_it_is_about() {
    compare(&uncited(&REACHED), is_rule);
}

fn is_rule(line: &str) -> bool {
    line.starts_with('R') && line.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}

/// Fails for what is missing and not known to be, and for what is known and not missing.
fn compare(missing: &BTreeSet<String>, concerns: fn(&str) -> bool) {
    let known = include_str!("../gaps.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let known: BTreeSet<String> = known.filter(|line| concerns(line)).map(str::to_owned).collect();
    let list = |lines: Vec<&String>| lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n");
    let new = list(missing.difference(&known).collect());
    let gone = list(known.difference(missing).collect());
    assert!(new.is_empty(), "no case fills these cells; add one for each in tests/conformance:\n{new}");
    assert!(gone.is_empty(), "these cells are filled now; remove them from tests/gaps.txt:\n{gone}");
}

#[test]
fn the_page_about_the_corpus_is_fresh() {
    expect_file!["../../docs/conformance.md"].assert_eq(&page::markdown(&REACHED));
}
