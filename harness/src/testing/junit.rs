//! Results as JUnit XML, as CI systems read it.

use super::outcome::{Summary, TestOutcome};
use super::text::outcome_plain;

/// One `testsuite` per test file. What is wrong with files themselves is an error of a suite of its own.
pub fn junit(summary: &Summary) -> String {
    let broken = summary.faults.len() + summary.findings.len();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuites tests=\"{}\" failures=\"{}\" errors=\"{broken}\">\n",
        summary.outcomes.len() + broken,
        summary.failed()
    ));
    let mut rest: &[TestOutcome] = &summary.outcomes;
    while let Some(first) = rest.first() {
        let end = rest.iter().position(|other| other.source != first.source).unwrap_or(rest.len());
        let (suite, others) = rest.split_at(end);
        suite_text(&first.source.name, suite, &mut out);
        rest = others;
    }
    if broken > 0 {
        out.push_str(&format!("  <testsuite name=\"files\" tests=\"{broken}\" failures=\"0\" errors=\"{broken}\">\n"));
        for fault in &summary.faults {
            error_text("files", fault, &mut out);
        }
        for finding in &summary.findings {
            error_text(&finding.source.name, &finding.diagnostic.message, &mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite_text(file: &str, suite: &[TestOutcome], out: &mut String) {
    let failures = suite.iter().filter(|outcome| !outcome.passed()).count();
    let seconds: f64 = suite.iter().map(|outcome| outcome.duration.as_secs_f64()).sum();
    out.push_str(&format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" time=\"{seconds:.3}\">\n",
        escape(file),
        suite.len()
    ));
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
            ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
            escape(&first.unwrap_or_default()),
            escape(&outcome_plain(outcome))
        ));
    }
    out.push_str("  </testsuite>\n");
}

fn error_text(name: &str, message: &str, out: &mut String) {
    out.push_str(&format!(
        "    <testcase classname=\"files\" name=\"{}\"><error message=\"{}\"/></testcase>\n",
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
