//! A report for programs: JSON, and the observations of every run as comma-separated values.

use statewright_types::Value;

use super::intervals::Interval;
use super::metric::Observed;
use super::report::{Check, Course, Failures, Report};
use super::runs::{Plan, Runs};
use super::script::Odds;
use super::summary::{Extreme, Numbers, Summary, Table};

fn list<T>(items: &[T], value: impl Fn(&T) -> Value) -> Value {
    Value::List(items.iter().map(value).collect())
}

fn maybe<T>(item: Option<T>, value: impl Fn(T) -> Value) -> Value {
    item.map_or(Value::Null, value)
}

fn interval((low, high): Interval) -> Value {
    Value::List(vec![Value::Float(low), Value::Float(high)])
}

/// The whole report. docs/simulate.md tells what is where.
pub fn value(report: &Report) -> Value {
    Value::map([
        ("document", Value::from(report.setting.document.as_str())),
        ("backend", Value::from(report.setting.backend.as_str())),
        ("replay", Value::from(report.setting.replay.as_str())),
        ("seed_from", Value::uint(report.seed_from)),
        ("planned", Value::uint(report.planned)),
        ("done", Value::uint(report.done)),
        ("failed", Value::uint(report.failed)),
        ("confidence", Value::Float(report.setting.wanted.confidence)),
        ("failures", list(&report.failures, failures)),
        ("metrics", list(&report.summaries, summary)),
        ("expectations", list(&report.checks, check)),
        ("over", list(&report.courses, course)),
        ("notes", list(&report.notes, |note| Value::from(note.as_str()))),
        ("as_expected", Value::Bool(report.is_as_expected())),
    ])
}

fn failures(failures: &Failures) -> Value {
    Value::map([
        ("code", Value::from(failures.code.code())),
        ("runs", Value::uint(failures.runs)),
        ("message", Value::from(failures.message.as_str())),
        ("node", maybe(failures.node.clone(), Value::Str)),
        ("step", Value::uint(failures.step as u64)),
        ("seeds", list(&failures.seeds, |seed| Value::uint(*seed))),
    ])
}

fn summary(summary: &Summary) -> Value {
    let missing = maybe(summary.missing.as_ref(), |missing| {
        Value::map([
            ("runs", Value::uint(missing.runs)),
            ("seeds", list(&missing.seeds, |seed| Value::uint(*seed))),
            ("why", Value::from(missing.why.as_str())),
        ])
    });
    Value::map([
        ("metric", Value::Str(summary.metric.clone())),
        ("count", Value::uint(summary.count)),
        ("no_numbers", Value::uint(summary.labels)),
        ("missing", missing),
        ("left_out", Value::uint(summary.left_out)),
        ("numbers", maybe(summary.numbers.as_ref(), numbers)),
        ("table", maybe(summary.table.as_ref(), table)),
    ])
}

fn numbers(numbers: &Numbers) -> Value {
    let extreme = |end: &Extreme| Value::map([("seed", Value::uint(end.seed)), ("value", Value::Float(end.value))]);
    Value::map([
        ("count", Value::uint(numbers.count)),
        ("mean", Value::Float(numbers.mean)),
        ("mean_interval", maybe(numbers.mean_interval, interval)),
        ("deviation", Value::Float(numbers.deviation)),
        ("min", Value::Float(numbers.min())),
        ("max", Value::Float(numbers.max())),
        (
            "quantiles",
            list(&numbers.quantiles, |quantile| {
                Value::map([
                    ("part", Value::Float(quantile.part)),
                    ("value", Value::Float(quantile.value)),
                    ("interval", maybe(quantile.interval, interval)),
                ])
            }),
        ),
        ("lowest", list(&numbers.lowest, extreme)),
        ("highest", list(&numbers.highest, extreme)),
        (
            "histogram",
            list(&numbers.histogram, |bar| {
                Value::map([
                    ("from", Value::Float(bar.from)),
                    ("to", Value::Float(bar.to)),
                    ("count", Value::uint(bar.count)),
                ])
            }),
        ),
    ])
}

fn table(table: &Table) -> Value {
    let rows = list(&table.rows, |row| {
        Value::map([
            ("value", Value::Str(row.label.clone())),
            ("count", Value::uint(row.count)),
            ("share", Value::Float(row.share)),
            ("interval", maybe(row.interval, interval)),
            ("seed", Value::uint(row.seed)),
        ])
    });
    Value::map([
        ("rows", rows),
        ("more_values", Value::uint(table.more_values)),
        ("more_count", Value::uint(table.more_count)),
    ])
}

fn check(check: &Check) -> Value {
    let odds = match &check.expectation.odds {
        Odds::Values(odds) => Value::map(odds.iter().map(|(label, chance)| (label.clone(), Value::Float(*chance)))),
        Odds::Law(law) => {
            Value::map([(law.name(), Value::map(law.parameters().map(|(key, value)| (key, Value::Float(value)))))])
        }
    };
    let declared = if matches!(check.expectation.odds, Odds::Values(_)) { "odds" } else { "distribution" };
    Value::map([
        ("metric", Value::Str(check.expectation.metric.text.clone())),
        (declared, odds),
        ("significance", Value::Float(check.expectation.significance)),
        ("verdict", Value::from(check.fit.verdict.name())),
        ("test", Value::from(check.fit.test)),
        ("statistic", maybe(check.fit.statistic, Value::Float)),
        ("freedom", maybe(check.fit.freedom, Value::uint)),
        ("p", maybe(check.fit.p, Value::Float)),
        ("notes", list(&check.fit.notes, |note| Value::from(note.as_str()))),
        (
            "cells",
            list(&check.fit.cells, |cell| {
                Value::map([
                    ("values", Value::from(cell.label.as_str())),
                    ("observed", Value::uint(cell.observed)),
                    ("expected", Value::Float(cell.expected)),
                ])
            }),
        ),
    ])
}

fn course(course: &Course) -> Value {
    let moments = list(&course.moments, |moment| {
        maybe(moment.as_ref(), |moment| {
            Value::map([
                ("count", Value::uint(moment.count)),
                ("mean", Value::Float(moment.mean)),
                ("low", Value::Float(moment.low)),
                ("median", Value::Float(moment.median)),
                ("high", Value::Float(moment.high)),
            ])
        })
    });
    Value::map([("metric", Value::Str(course.metric.clone())), ("moments", moments)])
}

/// A line for each run: its seed, its first error or nothing, and what was observed of each metric; of several observations, one
/// after the other with blanks between them.
pub fn csv(plan: &Plan, runs: &Runs) -> String {
    let mut out = String::from("seed,error");
    for metric in &plan.metrics {
        out.push(',');
        out.push_str(&field(&metric.text));
    }
    out.push('\n');
    let mut failures = runs.failures.iter().peekable();
    let mut columns: Vec<_> = runs.columns.iter().map(|column| column.observed.iter().peekable()).collect();
    for run in &runs.ran {
        let failure = failures.next_if(|(of, _)| of == run);
        let error = failure.map_or("", |(_, failure)| failure.code.code());
        out.push_str(&format!("{},{error}", plan.seed_from.saturating_add(u64::from(*run))));
        for column in &mut columns {
            let mut observed: Vec<String> = Vec::new();
            while let Some((_, value)) = column.next_if(|(of, _)| of == run) {
                observed.push(Observed::label(value).to_string());
            }
            out.push(',');
            out.push_str(&field(&observed.join(" ")));
        }
        out.push('\n');
    }
    out
}

/// A field as RFC 4180 has it.
fn field(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}
