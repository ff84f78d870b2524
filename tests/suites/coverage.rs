//! The corpus reaches every node type, and every error that a node type says it may stop with.

use std::collections::BTreeSet;

use statewright_graph::node::{self, Example};
use statewright_tests::corpus;
use statewright_tests::reached::{missing, reached};

#[test]
fn every_node_type_occurs_in_an_example_or_a_case() {
    let reached = reached(&corpus::folder());
    let in_example = |name: &str| {
        let row = node::by_name(name).map(|row| row.example);
        !matches!(row, Some(Example::Outputs { outputs: "{}", .. }) | None)
    };
    let lost: Vec<&str> =
        node::table().map(|row| row.name).filter(|name| !in_example(name) && !reached.types.contains(*name)).collect();
    assert!(lost.is_empty(), "no example that compares anything, and no case: {}", lost.join(", "));
}

#[test]
fn every_error_of_every_row_is_provoked_or_a_known_gap() {
    let known: BTreeSet<String> = include_str!("../gaps.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let missing = missing(&reached(&corpus::folder()).errors);
    let list = |lines: Vec<&String>| lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n");
    let new = list(missing.difference(&known).collect());
    let gone = list(known.difference(&missing).collect());
    assert!(new.is_empty(), "no case provokes these errors; add one for each in tests/conformance:\n{new}");
    assert!(gone.is_empty(), "these are provoked now, or no longer declared; remove them from tests/gaps.txt:\n{gone}");
}
