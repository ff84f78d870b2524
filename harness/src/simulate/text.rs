//! A report for people.

use std::fmt::Write as _;

use super::fit::Fit;
use super::intervals::Interval;
use super::report::{Check, Report};
use super::script::Odds;
use super::summary::{Numbers, Summary, Table};

/// Width of the longest bar, in characters.
const BAR: usize = 30;

/// The report.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let last = report.seed_from.saturating_add(report.planned.saturating_sub(1));
    let _ = writeln!(
        out,
        "{}: {} of {} runs, seeds {} to {last}, {}",
        report.setting.document, report.done, report.planned, report.seed_from, report.setting.backend
    );
    for note in &report.notes {
        let _ = writeln!(out, "note: {note}");
    }
    if report.failed > 0 {
        let _ = writeln!(out, "\nfailed: {}", of_runs(report.failed, report.done));
    }
    for failure in &report.failures {
        let at = failure.node.as_ref().map_or(String::new(), |node| format!(" at node {node}"));
        let _ = writeln!(
            out,
            "  {}: {} runs, first seeds {}\n    step {}{at}: {}\n    {}",
            failure.code.code(),
            failure.runs,
            seeds(&failure.seeds),
            failure.step + 1,
            failure.message,
            failure.seeds.first().map_or(String::new(), |seed| report.replay(*seed))
        );
    }
    for summary in &report.summaries {
        summary_text(report, summary, &mut out);
    }
    for course in &report.courses {
        let _ = writeln!(out, "\n{} after each step (mean, and where 90 % of the runs are)", course.metric);
        for (step, moment) in course.moments.iter().enumerate() {
            let _ = match moment {
                Some(moment) => writeln!(
                    out,
                    "  {step:>4}  {:>12}  {} to {}",
                    number(moment.mean),
                    number(moment.low),
                    number(moment.high)
                ),
                None => writeln!(out, "  {step:>4}  {:>12}", "nothing"),
            };
        }
    }
    if !report.checks.is_empty() {
        let fit = report.checks.iter().filter(|check| check.fit.verdict == super::Verdict::Fits).count();
        let _ = writeln!(out, "\n{fit} of {} expectations fit", report.checks.len());
    }
    out
}

fn of_runs(some: u64, all: u64) -> String {
    format!("{some} of {all} runs ({} %)", number(100.0 * some as f64 / all.max(1) as f64))
}

fn seeds(seeds: &[u64]) -> String {
    seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

fn between(interval: Option<Interval>) -> String {
    interval.map_or(String::new(), |(low, high)| format!(" ({} to {})", number(low), number(high)))
}

fn summary_text(report: &Report, summary: &Summary, out: &mut String) {
    let percent = number(report.setting.wanted.confidence * 100.0);
    let _ = writeln!(out, "\n{}: {} observations; intervals of {percent} %", summary.metric, summary.count);
    if let Some(missing) = &summary.missing {
        let _ = writeln!(
            out,
            "  nothing to observe in {}, first seeds {}: {}",
            of_runs(missing.runs, report.done),
            seeds(&missing.seeds),
            missing.why
        );
    }
    if summary.left_out > 0 {
        let _ = writeln!(out, "  {} more observations were left out: too many in one run", summary.left_out);
    }
    if let Some(numbers) = &summary.numbers {
        if summary.labels > 0 {
            let _ = writeln!(out, "  {} observations are no numbers; of the others:", summary.labels);
        }
        numbers_text(numbers, out);
    }
    let odds = report.odds_of(&summary.metric);
    match (&summary.table, &summary.numbers) {
        (Some(table), _) => table_text(table, summary.count, odds, out),
        (None, Some(numbers)) => histogram_text(numbers, out),
        (None, None) => {}
    }
    for check in report.checks.iter().filter(|check| check.expectation.metric.text == summary.metric) {
        check_text(check, out);
    }
    // A value that all have is no extreme.
    let extremes = summary.numbers.as_ref().filter(|numbers| numbers.min() < numbers.max());
    if let Some(numbers) = extremes {
        for (word, ends) in [("lowest", &numbers.lowest), ("highest", &numbers.highest)] {
            let shown: Vec<String> =
                ends.iter().map(|end| format!("seed {} ({})", end.seed, number(end.value))).collect();
            let _ = writeln!(out, "  {word}: {}", shown.join(", "));
            if let Some(first) = ends.first() {
                let _ = writeln!(out, "    {}", report.replay(first.seed));
            }
        }
    }
}

fn numbers_text(numbers: &Numbers, out: &mut String) {
    let _ = writeln!(
        out,
        "  mean {}{}, deviation {}, least {}, greatest {}",
        number(numbers.mean),
        between(numbers.mean_interval),
        number(numbers.deviation),
        number(numbers.min()),
        number(numbers.max())
    );
    for quantile in &numbers.quantiles {
        let part = format!("{} %", number(quantile.part * 100.0));
        let _ = writeln!(out, "  {part:>8} quantile {}{}", number(quantile.value), between(quantile.interval));
    }
}

fn bar(count: u64, most: u64) -> String {
    "█".repeat((BAR as u64 * count).div_ceil(most.max(1)) as usize)
}

fn table_text(table: &Table, count: u64, odds: Option<&Odds>, out: &mut String) {
    let width = table.rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0).min(40);
    let most = table.rows.iter().map(|row| row.count).max().unwrap_or(1);
    for row in &table.rows {
        let share = format!("{} %", number(row.share * 100.0));
        let interval = between(row.interval.map(|(low, high)| (low * 100.0, high * 100.0)));
        let expected = odds.and_then(|odds| super::report::expected_of(odds, &row.label, count));
        let expected = expected.map_or(String::new(), |expected| format!(", expected {}", number(expected)));
        let bar = bar(row.count, most);
        let _ = writeln!(out, "  {:<width$}  {:>9}  {share:>9}{interval}{expected}  {bar}", row.label, row.count);
    }
    if table.more_values > 0 {
        let _ = writeln!(out, "  {} more values: {} observations", table.more_values, table.more_count);
    }
}

fn histogram_text(numbers: &Numbers, out: &mut String) {
    let most = numbers.histogram.iter().map(|bar| bar.count).max().unwrap_or(1);
    for part in &numbers.histogram {
        let from = number(part.from);
        let _ = writeln!(out, "  {from:>12} …  {:>9}  {}", part.count, bar(part.count, most));
    }
}

fn check_text(check: &Check, out: &mut String) {
    let Fit { test, statistic, freedom, p, verdict, notes, .. } = &check.fit;
    let mut parts = vec![format!("{test}")];
    parts.extend(statistic.map(number));
    parts.extend(freedom.map(|freedom| format!("{freedom} degrees of freedom")));
    parts.extend(p.map(|p| format!("p {}", probability(p))));
    parts.push(format!("rejected below {}", number(check.expectation.significance)));
    let law = match &check.expectation.odds {
        Odds::Values(_) => "odds".to_owned(),
        Odds::Law(law) => {
            let parameters: Vec<String> =
                law.parameters().map(|(key, value)| format!("{key} {}", number(value))).collect();
            format!("{} ({})", law.name(), parameters.join(", "))
        }
    };
    let _ = writeln!(out, "  {law}: {}: {}", verdict.name(), parts.join(", "));
    for note in notes {
        let _ = writeln!(out, "    {note}");
    }
}

fn probability(p: f64) -> String {
    if p > 0.0 && p < 1e-6 { "below 0.000001".to_owned() } else { number(p) }
}

/// A number with as many places as tell something.
pub fn number(value: f64) -> String {
    let size = value.abs();
    let text = match () {
        () if value == value.floor() && size < 1e15 => return format!("{value:.0}"),
        () if !(1e-4..1e15).contains(&size) => return format!("{value:.3e}"),
        () if size >= 1e4 => format!("{value:.1}"),
        () if size >= 100.0 => format!("{value:.2}"),
        () if size >= 1.0 => format!("{value:.3}"),
        () if size >= 0.01 => format!("{value:.4}"),
        () => format!("{value:.6}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A word as a shell takes it.
pub fn word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./,:@=+".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_places_that_tell_something() {
        let numbers = [0.0, -3.0, 3.5, 0.25, 12_345.678, 0.000_123_4, 1e-7, 2e20, 100.126, 1_000_000.0];
        let texts: Vec<String> = numbers.map(number).into();
        assert_eq!(
            texts,
            ["0", "-3", "3.5", "0.25", "12345.7", "0.000123", "1.000e-7", "2.000e20", "100.13", "1000000"]
        );
        assert_eq!(probability(1e-9), "below 0.000001");
        assert_eq!(probability(0.0), "0");
    }

    #[test]
    fn words_come_out_of_a_shell_as_they_are() {
        assert_eq!(word("a/b.json"), "a/b.json");
        assert_eq!(word("{\"a\": 1}"), "'{\"a\": 1}'");
        assert_eq!(word("it's"), "'it'\\''s'");
        assert_eq!(word(""), "''");
    }
}
