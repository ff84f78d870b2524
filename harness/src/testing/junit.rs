//! Results as JUnit XML, as CI systems read it.

use std::collections::BTreeSet;

use super::outcome::{RanArtefact, Summary, TestOutcome};
use super::text::outcome_plain;
use crate::project::Finding;

/// One `testsuite` per test file. What is wrong with files themselves is an error of a suite of its own.
pub fn junit(summary: &Summary) -> String {
    let wrong: Vec<&Finding> = summary.findings.iter().filter(|finding| finding.is_error()).collect();
    let broken = summary.faults.len() + wrong.len();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuites name=\"statewright\" tests=\"{}\" failures=\"{}\" errors=\"{broken}\" skipped=\"{}\" time=\"{:.3}\">\n",
        summary.outcomes.len() + broken + summary.left_out.len(),
        summary.failed(),
        summary.left_out.len(),
        seconds(&summary.outcomes)
    ));
    if !summary.left_out.is_empty() {
        let count = summary.left_out.len();
        out.push_str(&format!(
            "  <testsuite name=\"executions\" tests=\"{count}\" failures=\"0\" errors=\"0\" skipped=\"{count}\" time=\"0.000\">\n"
        ));
        for (backend, why) in &summary.left_out {
            out.push_str(&format!(
                "    <testcase classname=\"executions\" name=\"{}\" time=\"0.000\"><skipped message=\"{}\"/></testcase>\n",
                backend.name(),
                escape(why)
            ));
        }
        out.push_str("  </testsuite>\n");
    }
    let mut rest: &[TestOutcome] = &summary.outcomes;
    while let Some(first) = rest.first() {
        let end = rest.iter().position(|other| other.source != first.source).unwrap_or(rest.len());
        let (suite, others) = rest.split_at(end);
        suite_text(&first.source.name, suite, &mut out);
        rest = others;
    }
    if broken > 0 {
        out.push_str(&format!(
            "  <testsuite name=\"files\" tests=\"{broken}\" failures=\"0\" errors=\"{broken}\" skipped=\"0\" time=\"0.000\">\n"
        ));
        for fault in &summary.faults {
            error_text("files", fault, &mut out);
        }
        for finding in wrong {
            error_text(&finding.source.name, &finding.diagnostic.message, &mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn seconds(outcomes: &[TestOutcome]) -> f64 {
    outcomes.iter().map(|outcome| outcome.duration.as_secs_f64()).sum()
}

fn suite_text(file: &str, suite: &[TestOutcome], out: &mut String) {
    let failures = suite.iter().filter(|outcome| !outcome.passed()).count();
    out.push_str(&format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"{:.3}\">\n",
        escape(file),
        suite.len(),
        seconds(suite)
    ));
    // A file is about one document, so there is one for each execution at most.
    let ran: BTreeSet<RanArtefact> = suite.iter().filter_map(TestOutcome::ran_artefact).collect();
    if !ran.is_empty() {
        out.push_str("    <properties>\n");
        for RanArtefact { backend, sha256, .. } in ran {
            let name = backend.name();
            out.push_str(&format!("      <property name=\"artefact.{name}.sha256\" value=\"{sha256}\"/>\n"));
        }
        out.push_str("    </properties>\n");
    }
    for outcome in suite {
        let seconds = outcome.duration.as_secs_f64();
        out.push_str(&format!(
            "    <testcase classname=\"{}.{}\" name=\"{}\" time=\"{seconds:.3}\"",
            escape(file),
            outcome.backend.name(),
            escape(&outcome.name)
        ));
        if outcome.passed() {
            out.push_str("/>\n");
            continue;
        }
        let first = outcome.failures.first().map(|failure| format!("{}: {}", failure.at, failure.what));
        out.push_str(&format!(
            ">\n      <failure message=\"{}\" type=\"expectation\">{}</failure>\n    </testcase>\n",
            escape(&first.unwrap_or_default()),
            escape(&outcome_plain(outcome))
        ));
    }
    out.push_str("  </testsuite>\n");
}

fn error_text(name: &str, message: &str, out: &mut String) {
    out.push_str(&format!(
        "    <testcase classname=\"files\" name=\"{}\" time=\"0.000\"><error message=\"{}\" type=\"file\"/></testcase>\n",
        escape(name),
        escape(message)
    ));
}

/// Text as XML 1.0 may hold it: markup escaped, what no XML may contain replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push_str(&format!("&#{};", letter as u32)),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_are_escaped() {
        assert_eq!(escape("a<b>&\"c\"\n\u{1}ö"), "a&lt;b&gt;&amp;&quot;c&quot;&#10;\u{fffd}ö");
    }
}
