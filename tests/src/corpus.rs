//! Where test files are, and how they are run.

use std::path::{Path, PathBuf};

use statewright_harness::project::{Backend, Finding};
use statewright_harness::testing::{Options, Summary, run_paths};

/// The folder of the conformance cases.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// Runs all test files at `path` on every execution that exists.
pub fn run(path: &Path) -> Summary {
    run_paths(&[path.to_owned()], &Options { backends: Backend::available(), ..Options::default() })
}

/// What went wrong, for people; empty if all passed.
pub fn complaints(summary: &Summary) -> String {
    let mut text = String::new();
    for fault in &summary.faults {
        text.push_str(&format!("{fault}\n"));
    }
    for finding in summary.findings.iter().filter(|finding| finding.is_error()) {
        text.push_str(&told(finding));
    }
    for outcome in summary.outcomes.iter().filter(|outcome| !outcome.passed()) {
        text.push_str(&format!("{} on {}: {}\n", outcome.source.name, outcome.backend.name(), outcome.name));
        for failure in &outcome.failures {
            text.push_str(&format!("  {}: {}\n", failure.at, failure.what));
            for difference in &failure.differences {
                let (wanted, found) = (&difference.expected, &difference.found);
                text.push_str(&format!("    {} expected {wanted}, found {found}\n", difference.at));
            }
            for note in &failure.notes {
                text.push_str(&format!("    {note}\n"));
            }
        }
        for finding in &outcome.findings {
            text.push_str(&told(finding));
        }
    }
    text
}

fn told(finding: &Finding) -> String {
    let diagnostic = &finding.diagnostic;
    let node = diagnostic.place.node.as_deref().unwrap_or("");
    format!("  {} {} {node}: {}\n", finding.source.name, diagnostic.code, diagnostic.message)
}
