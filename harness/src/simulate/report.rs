//! Everything that many runs came to, put together.

use std::sync::Arc;

use statewright_types::{TrapCode, suggest};

use super::fit::{self, Fit, Verdict};
use super::intervals;
use super::metric::{Metric, What};
use super::runs::{Column, Plan, Runs};
use super::script::{Expectation, Odds};
use super::summary::{self, Bar, Summary, Wanted};

/// Seeds that are named of failed runs.
const SEEDS: usize = 5;
/// The band of a course: this part of the runs is below it, and as much above.
pub const BAND: f64 = 0.05;

/// What a report says besides what was found.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// The document.
    pub document: String,
    /// The execution.
    pub backend: String,
    /// A command line that plays one run, to which `--seed N` is added.
    pub replay: String,
    /// What is asked of all metrics.
    pub wanted: Wanted,
    /// Odds to be tested.
    pub expect: Vec<Expectation>,
}

/// What many runs came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it says besides.
    pub setting: Setting,
    /// The first seed.
    pub seed_from: u64,
    /// How many runs were asked for.
    pub planned: u64,
    /// How many ended.
    pub done: u64,
    /// Runs in which something failed.
    pub failed: u64,
    /// Why, most frequent first.
    pub failures: Vec<Failures>,
    /// By metric.
    pub summaries: Vec<Summary>,
    /// Of the expectations, in their order.
    pub checks: Vec<Check>,
    /// What became of state paths over the steps.
    pub courses: Vec<Course>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// Runs that failed in the same way first.
#[derive(Clone, Debug, PartialEq)]
pub struct Failures {
    /// The code.
    pub code: TrapCode,
    /// How many runs.
    pub runs: u64,
    /// In words, of the first.
    pub message: String,
    /// The node, of the first.
    pub node: Option<Arc<str>>,
    /// The step, from 0, of the first.
    pub step: usize,
    /// The first ones.
    pub seeds: Vec<u64>,
}

/// An expectation, and whether it holds.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was expected.
    pub expectation: Expectation,
    /// What was found.
    pub fit: Fit,
}

/// A state path over the steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The metric.
    pub metric: Arc<str>,
    /// Before the first step, and after each; `None` where no run had a number.
    pub moments: Vec<Option<Moment>>,
}

/// Numbers of all runs at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// How many.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// The quantile of [`BAND`].
    pub low: f64,
    /// The median.
    pub median: f64,
    /// The quantile of 1 − [`BAND`].
    pub high: f64,
}

/// Puts a report together.
pub fn report(plan: &Plan, runs: &Runs, setting: Setting) -> Report {
    let columns = plan.metrics.iter().zip(&runs.columns);
    let summaries: Vec<Summary> = columns
        .map(|(metric, column)| summary::summary(&metric.text, column, plan.seed_from, &setting.wanted))
        .collect();
    let checks = setting.expect.iter().map(|expectation| {
        let found = summaries.iter().zip(&runs.columns).find(|(summary, _)| summary.metric == expectation.metric.text);
        let fit = found.map(|(summary, column)| check(expectation, summary, column));
        Check { expectation: expectation.clone(), fit: fit.unwrap_or_else(|| fit::odds(&[], &[], 0.5)) }
    });
    let checks = checks.collect();
    let courses = plan.over.iter().zip(&runs.over);
    Report {
        seed_from: plan.seed_from,
        planned: plan.runs,
        done: runs.done,
        failed: runs.failures.len() as u64,
        failures: failures(plan, runs),
        courses: courses.map(|(metric, columns)| course(metric, columns)).collect(),
        notes: notes(plan, runs),
        summaries,
        checks,
        setting,
    }
}

impl Report {
    /// Whether every expectation fits.
    pub fn is_as_expected(&self) -> bool {
        self.checks.iter().all(|check| check.fit.verdict == Verdict::Fits)
    }

    /// The odds that were declared for a metric, the first ones.
    pub fn odds_of(&self, metric: &str) -> Option<&Odds> {
        self.checks.iter().find(|check| *check.expectation.metric.text == *metric).map(|check| &check.expectation.odds)
    }

    /// The command line that plays one of the runs.
    pub fn replay(&self, seed: u64) -> String {
        format!("{} --seed {seed}", self.setting.replay)
    }
}

fn check(expectation: &Expectation, summary: &Summary, column: &Column) -> Fit {
    let significance = expectation.significance;
    let mut fit = match &expectation.odds {
        Odds::Values(odds) => fit::odds(&counts(summary, column), odds, significance),
        Odds::Law(law) => match &summary.numbers {
            Some(numbers) if law.is_discrete() => fit::whole(&numbers.sorted, law, significance),
            Some(numbers) => fit::continuous(&numbers.sorted, law, significance),
            None => fit::continuous(&[], law, significance),
        },
    };
    if matches!(expectation.odds, Odds::Law(_)) && summary.labels > 0 {
        let note = format!("{} observations are no numbers, which no distribution gives", summary.labels);
        fit = Fit { verdict: Verdict::Rejected, p: Some(0.0), statistic: None, notes: vec![note], ..fit };
    }
    if let Some(missing) = &summary.missing {
        fit.notes.push(format!("{} runs had nothing to observe, and count for nothing", missing.runs));
    }
    fit
}

/// Counts of values, of any observations.
fn counts(summary: &Summary, column: &Column) -> Vec<(Arc<str>, u64)> {
    if let Some(table) = &summary.table {
        return table.counts.clone();
    }
    let mut labels: Vec<Arc<str>> = column.observed.iter().map(|(_, observed)| observed.label()).collect();
    labels.sort_unstable();
    let runs = labels.chunk_by(|one, other| one == other);
    runs.filter_map(|run| Some((run.first()?.clone(), run.len() as u64))).collect()
}

fn failures(plan: &Plan, runs: &Runs) -> Vec<Failures> {
    let mut found: Vec<Failures> = Vec::new();
    for (run, failure) in &runs.failures {
        let seed = plan.seed_from.saturating_add(u64::from(*run));
        match found.iter_mut().find(|other| other.code == failure.code) {
            Some(other) => {
                other.runs += 1;
                if other.seeds.len() < SEEDS {
                    other.seeds.push(seed);
                }
            }
            None => found.push(Failures {
                code: failure.code,
                runs: 1,
                message: failure.message.as_deref().unwrap_or(failure.code.message()).to_owned(),
                node: failure.node.clone(),
                step: failure.step,
                seeds: vec![seed],
            }),
        }
    }
    found.sort_by(|one, other| other.runs.cmp(&one.runs).then(one.code.code().cmp(other.code.code())));
    found
}

fn course(metric: &Metric, columns: &[Column]) -> Course {
    let moment = |column: &Column| {
        let mut numbers: Vec<f64> = column.observed.iter().filter_map(|(_, observed)| observed.number()).collect();
        numbers.sort_unstable_by(f64::total_cmp);
        let count = numbers.len() as f64;
        Some(Moment {
            count: numbers.len() as u64,
            mean: numbers.iter().map(|number| number / count).sum(),
            low: intervals::quantile(&numbers, BAND)?,
            median: intervals::quantile(&numbers, 0.5)?,
            high: intervals::quantile(&numbers, 1.0 - BAND)?,
        })
    };
    Course { metric: metric.text.clone(), moments: columns.iter().map(moment).collect() }
}

/// Events that nobody sent are likely misspelt.
fn notes(plan: &Plan, runs: &Runs) -> Vec<String> {
    let mut notes = Vec::new();
    for metric in &plan.metrics {
        if let What::Events(kind) | What::Payload(kind, _) = &metric.what
            && !runs.events.contains(kind)
            && runs.done > 0
        {
            let help = suggest::help(kind, runs.events.iter().map(|kind| &**kind));
            notes.push(format!("no run sent `{kind}`; {}", help.text));
        }
    }
    if runs.done < plan.runs {
        notes.push(format!("it was stopped after {} of {} runs", runs.done, plan.runs));
    }
    notes
}

/// How many observations a part of a histogram would have.
pub fn expected_in(odds: &Odds, bar: &Bar, count: u64) -> Option<f64> {
    let Odds::Law(law) = odds else { return None };
    let chance = match law.is_discrete() {
        true => law.cdf(bar.to - 1.0) - law.cdf(bar.from - 1.0),
        false => law.cdf(bar.to) - law.cdf(bar.from),
    };
    Some(chance * count as f64)
}

/// How many observations a value would have.
pub fn expected_of(odds: &Odds, label: &str, count: u64) -> Option<f64> {
    let chance = match odds {
        Odds::Values(odds) => odds.iter().find(|(known, _)| **known == *label).map_or(0.0, |(_, chance)| *chance),
        Odds::Law(law) if law.is_discrete() => {
            let value: f64 = label.parse().ok()?;
            law.cdf(value) - law.cdf(value - 1.0)
        }
        Odds::Law(_) => return None,
    };
    Some(chance * count as f64)
}
