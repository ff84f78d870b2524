//! What came out of tests, for people.

use statewright_types::Span;

use super::outcome::{Failure, RanArtefact, Summary, TestOutcome};
use super::watch::News;
use crate::report::{Look, render};

/// Everything that failed, with expected and found, and a last line with the numbers.
pub fn summary_text(summary: &Summary, look: Look) -> String {
    let mut out = String::new();
    for fault in &summary.faults {
        out.push_str(&format!("{} {fault}\n", paint(look, RED, "error:")));
    }
    out.push_str(&render(&summary.findings, look));
    let several = summary.backends.len() > 1;
    for outcome in summary.outcomes.iter().filter(|outcome| !outcome.passed()) {
        outcome_text(outcome, several, look, &mut out);
    }
    if let Some(coverage) = &summary.coverage {
        out.push_str(&coverage.text());
    }
    out.push_str(&last_line(summary, look));
    out
}

/// The results that are news, and the last line.
pub fn news_text(summary: &Summary, news: &[News], look: Look) -> String {
    let mut out = String::new();
    for fault in &summary.faults {
        out.push_str(&format!("{} {fault}\n", paint(look, RED, "error:")));
    }
    out.push_str(&render(&summary.findings, look));
    let several = summary.backends.len() > 1;
    for outcome in news.iter().filter_map(|news| summary.outcomes.get(news.index)) {
        if outcome.passed() {
            let title = format!("{}: {}", outcome.source.name, outcome.name);
            out.push_str(&format!("{} {title}\n", paint(look, GREEN, "passes now")));
        } else {
            outcome_text(outcome, several, look, &mut out);
        }
    }
    out.push_str(&last_line(summary, look));
    out
}

const RED: &str = "31";
const GREEN: &str = "32";
const BOLD: &str = "1";

fn paint(look: Look, code: &str, text: &str) -> String {
    if look.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// What failed in one test, without colours.
pub fn outcome_plain(outcome: &TestOutcome) -> String {
    let mut out = String::new();
    for failure in &outcome.failures {
        failure_text(outcome, failure, Look::default(), &mut out);
    }
    out.push_str(&render(&outcome.findings, Look::default()));
    out
}

fn outcome_text(outcome: &TestOutcome, several: bool, look: Look, out: &mut String) {
    let on = if several { format!(" on the {}", outcome.backend.name()) } else { String::new() };
    let title = format!("{}: {}{on}", outcome.source.name, outcome.name);
    out.push_str(&format!("{} {}\n", paint(look, RED, "FAILED"), paint(look, BOLD, &title)));
    for failure in &outcome.failures {
        failure_text(outcome, failure, look, out);
    }
    out.push_str(&render(&outcome.findings, look));
}

fn failure_text(outcome: &TestOutcome, failure: &Failure, look: Look, out: &mut String) {
    let (line, column) = Span::line_column(&outcome.source.text, failure.span.start);
    let action = if failure.action.is_empty() { String::new() } else { format!(" ({})", failure.action) };
    out.push_str(&format!("  {}{action}: {} ({}:{line}:{column})\n", failure.at, failure.what, outcome.source.name));
    for difference in &failure.differences {
        if !difference.at.is_empty() {
            out.push_str(&format!("    at {}\n", difference.at));
        }
        let (expected, found, from) = apart(&difference.expected, &difference.found);
        out.push_str(&format!("      expected {}\n", paint(look, GREEN, &expected)));
        out.push_str(&format!("      found    {}\n", paint(look, RED, &found)));
        if let Some(from) = from {
            out.push_str(&format!("      they differ from character {from} on\n"));
        }
    }
    for note in &failure.notes {
        out.push_str(&format!("    note: {note}\n"));
    }
}

/// How long texts may be to be shown whole.
const WHOLE: usize = 100;
/// How much of a longer one is shown around the first difference.
const AROUND: usize = 40;

/// Two texts as they are shown: long ones from shortly before the first difference on, and where that is, from 1.
fn apart(expected: &str, found: &str) -> (String, String, Option<usize>) {
    let both_long = expected.chars().count() > WHOLE && found.chars().count() > WHOLE;
    let same = expected.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
    if !both_long || same < AROUND {
        return (cut(expected, 0, 400), cut(found, 0, 400), None);
    }
    let from = same - AROUND / 2;
    (cut(expected, from, 2 * AROUND), cut(found, from, 2 * AROUND), Some(same + 1))
}

/// `length` characters of `text`, with dots where something is left out.
fn cut(text: &str, from: usize, length: usize) -> String {
    let part: String = text.chars().skip(from).take(length).collect();
    let before = if from > 0 { "…" } else { "" };
    match text.chars().count() > from + length {
        true => format!("{before}{part}… ({} bytes)", text.len()),
        false => format!("{before}{part}"),
    }
}

fn last_line(summary: &Summary, look: Look) -> String {
    let plural = |count: usize, noun: &str| if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") };
    let verdict = if summary.ok() { paint(look, GREEN, "ok") } else { paint(look, RED, "FAILED") };
    let backends: Vec<&str> = summary.backends.iter().map(|backend| backend.name()).collect();
    let mut built = artefact_lines(&summary.artefacts());
    for (backend, why) in &summary.left_out {
        built.push_str(&format!("{} `{}`: {why}\n", paint(look, RED, "left out:"), backend.name()));
    }
    let left_out = if summary.filtered > 0 { format!(", {} filtered out", summary.filtered) } else { String::new() };
    format!(
        "{built}{verdict}: {} passed, {} failed{left_out} ({} on the {})\n",
        plural(summary.passed(), "test"),
        summary.failed(),
        plural(summary.files, "file"),
        backends.join(", "),
    )
}

/// How many artefacts of one execution are told.
const MOST_TOLD: usize = 8;

/// `jit: cards.json ran as SHA-256 …`: which artefacts the results are of.
fn artefact_lines(all: &[RanArtefact]) -> String {
    let mut out = String::new();
    for of_one in all.chunk_by(|a, b| a.backend == b.backend) {
        let Some(first) = of_one.first() else { continue };
        let name = first.backend.name();
        if of_one.iter().all(|other| other.sha256 == first.sha256) && of_one.len() > 1 {
            out.push_str(&format!("{name}: {} documents ran as SHA-256 {}\n", of_one.len(), first.sha256));
            continue;
        }
        for RanArtefact { document, sha256, .. } in of_one.iter().take(MOST_TOLD) {
            out.push_str(&format!("{name}: {document} ran as SHA-256 {sha256}\n"));
        }
        if let Some(more) = of_one.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
            out.push_str(&format!("{name}: and {more} more documents; --junit FILE names all\n"));
        }
    }
    out
}
