//! What one execution suspends the other resumes.

use statewright_harness::project::Backend;
use statewright_harness::testing::{Options, run_paths};
use statewright_tests::corpus;

#[test]
fn a_suspended_activation_goes_on_under_the_other_execution() {
    let backends = vec![Backend::Interpreter, Backend::Jit];
    let options = Options { backends, relay: true, ..Options::default() };
    let summary = run_paths(&[corpus::folder()], &options);
    let complaints = corpus::complaints(&summary);
    assert!(summary.ok() && complaints.is_empty(), "{} failed:\n{complaints}", summary.failed());
}
