//! What `--strict` asks for: visibility leaks and implicit conversions are errors (R8).

use statewright_graph::check::codes::{CONVERSION, LEAK, PRECISION};
use statewright_types::Severity;

use super::source::Finding;

/// The warnings that `--strict` does not let pass.
pub const STRICT: &[&str] = &[CONVERSION, PRECISION, LEAK];

/// Makes errors of the warnings that `--strict` does not let pass.
pub fn apply(findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| STRICT.contains(&finding.diagnostic.code)) {
        finding.diagnostic.severity = Severity::Error;
    }
}
