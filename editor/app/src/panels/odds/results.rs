//! What the runs came to: verdicts and numbers of each metric, and the seeds that are worth a look.

use std::sync::Arc;

use egui::{Color32, Grid, Label, RichText, Ui, WidgetType};
use statewright_editor_core::odds::{Outcome, words};
use statewright_editor_core::run::client::Go;
use statewright_harness::project::Backend;
use statewright_harness::simulate::Verdict;
use statewright_harness::simulate::intervals::Interval;
use statewright_harness::simulate::report::{Check, Failures, Report, expected_of};
use statewright_harness::simulate::summary::{Numbers, Summary, Table};
use statewright_harness::simulate::text::number;

use super::super::run::{empty, heading, named};
use super::State;
use crate::editor::Editor;
use crate::theme::Colours;

/// What is measured, by name.
pub fn metrics(outcome: &Outcome) -> impl Iterator<Item = &Arc<str>> {
    outcome.report.summaries.iter().map(|summary| &summary.metric)
}

/// The metric that is looked at.
pub fn selected(state: &State) -> Option<&Summary> {
    let summaries = &state.outcome()?.report.summaries;
    let named = state.selected.as_ref().and_then(|name| summaries.iter().find(|summary| summary.metric == *name));
    named.or(summaries.first())
}

/// What was clicked.
#[derive(Default)]
struct Clicked {
    metric: Option<Arc<str>>,
    seed: Option<u64>,
    /// Whether that is to be held up before its first node.
    is_debugged: bool,
}

/// Draws it.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let state = &editor.panels.odds;
    for problem in &state.problems {
        ui.add(Label::new(RichText::new(problem).color(colours.error)).wrap());
    }
    let Some((of, outcome)) = &state.done else {
        if state.problems.is_empty() && state.working.is_none() {
            empty(ui, &colours, "Nothing was simulated yet. Choose a script, say what to measure, and press Simulate.");
        }
        return;
    };
    let now = editor.documents.get(&of.0).map(|document| (document.id, document.open.revision()));
    if now != Some(*of) {
        ui.add(Label::new(RichText::new("The document has changed since these runs.").color(colours.warning)).wrap());
    }
    let mut clicked = Clicked::default();
    head(&outcome.report, &colours, &mut clicked, ui);
    list(&outcome.report, selected(state), &colours, &mut clicked, ui);
    if let Some(summary) = selected(state) {
        ui.separator();
        detail(&outcome.report, summary, &colours, &mut clicked, ui);
    }
    if let Some(metric) = clicked.metric {
        editor.panels.odds.selected = Some(metric);
    }
    if let Some(seed) = clicked.seed {
        super::open_seed(editor, seed, clicked.is_debugged.then_some(Go::Into));
    }
}

fn soft(ui: &mut Ui, text: impl Into<String>, colour: Color32) {
    ui.add(Label::new(RichText::new(text).color(colour)).wrap());
}

/// A seed that can be looked at; `what` it is the seed of tells it from others.
fn seed(ui: &mut Ui, text: String, seed: u64, what: &str, clicked: &mut Clicked) {
    let link = ui.link(text);
    named(&link, WidgetType::Link, &format!("Open seed {seed}: {what}"));
    if link.on_hover_text("plays this run as a session, and shows its timeline").clicked() {
        (clicked.seed, clicked.is_debugged) = (Some(seed), false);
    }
    let debug = ui.small_button("▶");
    named(&debug, WidgetType::Button, &format!("Debug seed {seed}: {what}"));
    if debug.on_hover_text("plays this run in the debugger, held up before its first node").clicked() {
        (clicked.seed, clicked.is_debugged) = (Some(seed), true);
    }
}

fn head(report: &Report, colours: &Colours, clicked: &mut Clicked, ui: &mut Ui) {
    let last = report.seed_from.saturating_add(report.planned.saturating_sub(1));
    let Report { done, planned, seed_from, .. } = report;
    heading(ui, format!("{done} of {planned} runs, seeds {seed_from} to {last}"));
    let backend = &report.setting.backend;
    let execution = if *backend == Backend::Jit.name() { "machine code" } else { backend.as_str() };
    let how = format!("{}, on {execution}", report.setting.document);
    soft(ui, how, colours.soft);
    for note in &report.notes {
        soft(ui, note.as_str(), colours.warning);
    }
    for failure in &report.failures {
        failures(report, failure, colours, clicked, ui);
    }
}

fn failures(report: &Report, failure: &Failures, colours: &Colours, clicked: &mut Clicked, ui: &mut Ui) {
    let at = failure.node.as_ref().map_or(String::new(), |node| format!(" at {node}"));
    let share = 100.0 * failure.runs as f64 / report.done.max(1) as f64;
    let runs = if failure.runs == 1 { "1 run".to_owned() } else { format!("{} runs", failure.runs) };
    let text = format!(
        "{runs} failed ({} %): {}, in step {}{at}: {}",
        number(share),
        failure.code.code(),
        failure.step + 1,
        failure.message
    );
    soft(ui, text, colours.error);
    ui.horizontal_wrapped(|ui| {
        for known in &failure.seeds {
            seed(ui, format!("seed {known}"), *known, failure.code.code(), clicked);
        }
    });
}

/// The verdict on a metric: the worst of its expectations.
fn verdict(report: &Report, metric: &str) -> Option<Verdict> {
    let of = report.checks.iter().filter(|check| *check.expectation.metric.text == *metric);
    let verdicts: Vec<Verdict> = of.map(|check| check.fit.verdict).collect();
    [Verdict::Rejected, Verdict::Undecided, Verdict::Fits].into_iter().find(|verdict| verdicts.contains(verdict))
}

fn colour_of(verdict: Verdict, colours: &Colours) -> Color32 {
    match verdict {
        Verdict::Fits => colours.added,
        Verdict::Rejected => colours.error,
        Verdict::Undecided => colours.warning,
    }
}

/// Every metric with the least that is to be known of it; a click shows the rest.
fn list(report: &Report, selected: Option<&Summary>, colours: &Colours, clicked: &mut Clicked, ui: &mut Ui) {
    ui.add_space(4.0);
    Grid::new("odds metrics").num_columns(3).spacing([12.0, 4.0]).striped(true).show(ui, |ui| {
        for summary in &report.summaries {
            let is_selected = selected.is_some_and(|selected| selected.metric == summary.metric);
            let row = ui.selectable_label(is_selected, RichText::new(&*summary.metric).monospace());
            named(&row, WidgetType::SelectableLabel, &format!("Show {}", summary.metric));
            if row.clicked() {
                clicked.metric = Some(summary.metric.clone());
            }
            let mean = summary.numbers.as_ref().map(|numbers| format!("mean {}", number(numbers.mean)));
            ui.label(mean.unwrap_or_else(|| format!("{} observations", summary.count)));
            if let Some(verdict) = verdict(report, &summary.metric) {
                ui.label(RichText::new(verdict.name()).color(colour_of(verdict, colours)).strong());
            }
            ui.end_row();
        }
    });
}

fn detail(report: &Report, summary: &Summary, colours: &Colours, clicked: &mut Clicked, ui: &mut Ui) {
    heading(ui, &*summary.metric);
    for check in report.checks.iter().filter(|check| check.expectation.metric.text == summary.metric) {
        check_text(check, colours, ui);
    }
    let percent = number(report.setting.wanted.confidence * 100.0);
    soft(
        ui,
        format!("{} observations; in brackets: where it is with {percent} % confidence", summary.count),
        colours.soft,
    );
    if let Some(missing) = &summary.missing {
        soft(ui, format!("nothing to observe in {} runs: {}", missing.runs, missing.why), colours.warning);
        ui.horizontal_wrapped(|ui| {
            for known in &missing.seeds {
                seed(ui, format!("seed {known}"), *known, "nothing to observe", clicked);
            }
        });
    }
    if summary.left_out > 0 {
        soft(ui, format!("{} more observations were left out: too many in one run", summary.left_out), colours.warning);
    }
    if let Some(numbers) = &summary.numbers {
        if summary.labels > 0 {
            soft(ui, format!("{} observations are no numbers; of the others:", summary.labels), colours.warning);
        }
        numbers_grid(numbers, ui);
        ends(numbers, clicked, ui);
    }
    if let Some(table) = &summary.table {
        ui.add_space(4.0);
        table_grid(report, summary, table, colours, clicked, ui);
    }
}

fn check_text(check: &Check, colours: &Colours, ui: &mut Ui) {
    let colour = colour_of(check.fit.verdict, colours);
    ui.add(Label::new(RichText::new(words::sentence(check)).color(colour).strong()).wrap());
    soft(ui, format!("{}: {}", words::declared(&check.expectation.odds), words::numbers(check)), colours.soft);
    for note in &check.fit.notes {
        soft(ui, note.as_str(), colours.soft);
    }
}

fn between(interval: Option<Interval>) -> String {
    interval.map_or(String::new(), |(low, high)| format!("[{} to {}]", number(low), number(high)))
}

/// A share without places that nobody reads; small ones keep what they have.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 1.0 { format!("{percent:.1}") } else { number(percent) }
}

fn numbers_grid(numbers: &Numbers, ui: &mut Ui) {
    Grid::new("odds numbers").num_columns(3).spacing([12.0, 3.0]).show(ui, |ui| {
        let mut line = |name: String, value: f64, interval: String| {
            ui.label(name);
            ui.label(RichText::new(number(value)).monospace());
            ui.label(interval);
            ui.end_row();
        };
        line("mean".to_owned(), numbers.mean, between(numbers.mean_interval));
        line("deviation".to_owned(), numbers.deviation, String::new());
        line("least".to_owned(), numbers.min(), String::new());
        for quantile in &numbers.quantiles {
            let name =
                if quantile.part == 0.5 { "median".to_owned() } else { format!("{} %", number(quantile.part * 100.0)) };
            line(name, quantile.value, between(quantile.interval));
        }
        line("greatest".to_owned(), numbers.max(), String::new());
    });
}

/// The runs at either end, if they differ.
fn ends(numbers: &Numbers, clicked: &mut Clicked, ui: &mut Ui) {
    if numbers.min() >= numbers.max() {
        return;
    }
    for (word, ends) in [("lowest", &numbers.lowest), ("highest", &numbers.highest)] {
        ui.horizontal_wrapped(|ui| {
            ui.label(format!("{word}:"));
            for end in ends {
                seed(ui, format!("seed {} ({})", end.seed, number(end.value)), end.seed, word, clicked);
            }
        });
    }
}

fn table_grid(
    report: &Report,
    summary: &Summary,
    table: &Table,
    colours: &Colours,
    clicked: &mut Clicked,
    ui: &mut Ui,
) {
    let odds = report.odds_of(&summary.metric);
    Grid::new("odds table").num_columns(5).spacing([12.0, 3.0]).striped(true).show(ui, |ui| {
        for name in ["value", "count", "share", if odds.is_some() { "expected" } else { "" }, "seed"] {
            ui.label(RichText::new(name).color(colours.soft));
        }
        ui.end_row();
        for row in &table.rows {
            ui.label(RichText::new(&*row.label).monospace());
            ui.label(RichText::new(row.count.to_string()).monospace());
            let interval =
                row.interval.map_or(String::new(), |(low, high)| format!("[{} to {}]", percent(low), percent(high)));
            ui.label(format!("{} % {interval}", percent(row.share)));
            let expected = odds.and_then(|odds| expected_of(odds, &row.label, summary.count));
            ui.label(RichText::new(expected.map_or(String::new(), number)).monospace());
            ui.horizontal(|ui| seed(ui, row.seed.to_string(), row.seed, &row.label, clicked));
            ui.end_row();
        }
    });
    if table.more_values > 0 {
        soft(ui, format!("{} more values: {} observations", table.more_values, table.more_count), colours.soft);
    }
}
