//! The samples: right, tested, and together a tour of the node types.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use statewright_graph::node;
use statewright_harness::project::Backend;
use statewright_harness::testing::coverage::Ratio;
use statewright_harness::testing::{Options, run_paths};
use statewright_tests::corpus;
use statewright_tests::reached::reached;

/// The share of node types that occur in the samples together.
const TYPES_PERCENT: usize = 80;

/// The share of labelled edges that a sample's tests take.
const BRANCHES_PERCENT: usize = 95;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples")
}

#[test]
fn the_samples_show_most_node_types() {
    let used = reached(&folder()).types;
    let all: BTreeSet<&str> = node::table().map(|row| row.name).collect();
    let missing: Vec<&str> = all.iter().filter(|name| !used.contains(**name)).copied().collect();
    let shown = all.len() - missing.len();
    println!("{shown} of {} node types occur in samples; not these: {}", all.len(), missing.join(", "));
    assert!(
        shown * 100 >= all.len() * TYPES_PERCENT,
        "only {shown} of {} node types occur in samples; use some of these where they fit: {}",
        all.len(),
        missing.join(", ")
    );
}

#[test]
fn the_samples_hold_on_every_execution_without_a_warning() {
    let summary = corpus::run(&folder());
    let complaints = corpus::complaints(&summary);
    assert!(summary.ok() && complaints.is_empty(), "{} failed:\n{complaints}", summary.failed());
    let findings: Vec<&str> = summary.findings.iter().map(|finding| finding.diagnostic.message.as_str()).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn the_tests_of_each_sample_take_nearly_all_branches() {
    let options = Options { backends: vec![Backend::Interpreter], coverage: true, ..Options::default() };
    let coverage = run_paths(&[folder()], &options).coverage.expect("coverage was asked for");
    assert!(coverage.documents.len() >= 5, "a sample is lost");
    for (document, graphs) in &coverage.documents {
        let ratios = graphs.iter().map(|graph| graph.branch_ratio());
        let sum = ratios.fold(Ratio { reached: 0, all: 0 }, |sum, ratio| Ratio {
            reached: sum.reached + ratio.reached,
            all: sum.all + ratio.all,
        });
        let percent = sum.percent();
        assert!(percent >= BRANCHES_PERCENT, "{document}: {percent} % of {} branches\n{}", sum.all, coverage.text());
    }
}
