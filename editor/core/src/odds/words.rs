//! What was found, in words.

use statewright_harness::project::Finding;
use statewright_harness::simulate::Verdict;
use statewright_harness::simulate::report::Check;
use statewright_harness::simulate::script::Odds;
use statewright_harness::simulate::text::number;

/// Findings, each with where it is and what to do.
pub fn findings(findings: &[Finding]) -> Vec<String> {
    let told = |finding: &Finding| {
        let place = finding.line_column().map_or(String::new(), |(line, _)| format!(" line {line}"));
        let help = finding.diagnostic.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
        format!("{}{place}: {}{help}", finding.source.name, finding.diagnostic.message)
    };
    findings.iter().map(told).collect()
}

/// What was declared: `odds`, or a distribution with its parameters.
pub fn declared(odds: &Odds) -> String {
    match odds {
        Odds::Values(values) => format!("odds of {} values", values.len()),
        Odds::Law(law) => {
            let parameters: Vec<String> =
                law.parameters().map(|(key, value)| format!("{key} {}", number(value))).collect();
            format!("{} ({})", law.name(), parameters.join(", "))
        }
    }
}

/// What a test of odds found, as a sentence for whoever never heard of one.
pub fn sentence(check: &Check) -> String {
    let limit = percent(check.expectation.significance);
    match (check.fit.verdict, check.fit.p) {
        (Verdict::Fits, Some(p)) => format!(
            "Nothing speaks against the declared odds: by chance alone, {} of all such sets of runs differ from them at least as much.",
            percent(p)
        ),
        (Verdict::Fits, None) => "Nothing speaks against the declared odds.".to_owned(),
        (Verdict::Rejected, Some(p)) if p > 0.0 => format!(
            "These are not the declared odds: if they were, only {} of all such sets of runs would differ as much by chance, and {limit} is the limit.",
            percent(p)
        ),
        (Verdict::Rejected, _) => "These are not the declared odds: with them, this could not have come.".to_owned(),
        (Verdict::Undecided, _) => "There is too little to tell: ask for more runs.".to_owned(),
    }
}

/// Where the sentence comes from: the test, its statistic, p and the limit.
pub fn numbers(check: &Check) -> String {
    let fit = &check.fit;
    let mut parts = vec![fit.test.to_owned()];
    parts.extend(fit.statistic.map(|statistic| format!("statistic {}", number(statistic))));
    parts.extend(fit.freedom.map(|freedom| format!("{freedom} degrees of freedom")));
    parts.extend(fit.p.map(|p| format!("p {}", probability(p))));
    parts.push(format!("rejected below {}", number(check.expectation.significance)));
    parts.join(", ")
}

fn probability(p: f64) -> String {
    if p > 0.0 && p < 1e-6 { "below 0.000001".to_owned() } else { number(p) }
}

fn percent(part: f64) -> String {
    if part > 0.0 && part < 1e-6 { "less than 0.0001 %".to_owned() } else { format!("{} %", number(part * 100.0)) }
}
