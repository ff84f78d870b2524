//! Every conformance case, on every execution.

use statewright_tests::corpus;

#[test]
fn every_case_holds_on_every_execution() {
    let summary = corpus::run(&corpus::folder());
    let complaints = corpus::complaints(&summary);
    assert!(summary.ok() && complaints.is_empty(), "{} failed:\n{complaints}", summary.failed());
}

#[test]
fn the_corpus_is_not_lost() {
    let summary = corpus::run(&corpus::folder());
    let cases = summary.outcomes.len() / summary.backends.len().max(1);
    assert!(cases >= 1_600, "only {cases} cases were found");
}
