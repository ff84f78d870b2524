//! Plots as SVG: how often values came with what was expected of them, and state paths over the steps. Readable in light and dark.

use std::fmt::Write as _;

use super::report::{Check, Course, Report, expected_in, expected_of};
use super::summary::{Summary, even_step};
use super::text::number;
use crate::draw::text::escape;

const MARGIN: f64 = 24.0;
const PLOT: f64 = 420.0;
const HEIGHT: f64 = 180.0;
const AXIS: f64 = 58.0;
const HEAD: f64 = 58.0;
const FOOT: f64 = 52.0;
const GAP: f64 = 36.0;
/// Characters of a label below an axis or in a heading.
const LABEL: usize = 14;
const HEADING: usize = 62;
/// About how wide a letter below an axis is.
const LETTER: f64 = 6.6;

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-size:16px;font-weight:600}.head{font-weight:600}\
.note,.tick{fill:#57606a}.tick{font-size:11px}.page{fill:#ffffff}.grid{stroke:#d8dee4}.axis{stroke:#8c959f}\
.bar{fill:#54aeff}.band{fill:#54aeff;opacity:.3}.mean{stroke:#0969da;stroke-width:2;fill:none}\
.expected{stroke:#bc4c00;stroke-width:2.5;fill:none}.dot{fill:#bc4c00}.bad{fill:#cf222e;font-weight:600}.good{fill:#1a7f37}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note,.tick{fill:#9198a1}.page{fill:#0d1117}.grid{stroke:#30363d}.axis{stroke:#8b949e}\
.bar{fill:#1f6feb}.band{fill:#1f6feb}.mean{stroke:#4493f8}.expected{stroke:#f0883e}.dot{fill:#f0883e}.bad{fill:#ff7b72}.good{fill:#3fb950}}";

/// A bar: what stands below it, how many there were, how many were expected.
struct Shown {
    label: String,
    count: f64,
    expected: Option<f64>,
}

/// Where a panel stands.
struct Frame<'a> {
    left: f64,
    top: f64,
    /// The value at the upper end of the vertical axis.
    most: f64,
    least: f64,
    out: &'a mut String,
}

/// All plots on one page, two in a row.
pub fn svg(report: &Report) -> String {
    let drawn: Vec<&Summary> = report.summaries.iter().filter(|summary| summary.count > 0).collect();
    let courses: Vec<&Course> =
        report.courses.iter().filter(|course| course.moments.iter().any(Option::is_some)).collect();
    let panels = drawn.len() + courses.len();
    let columns = panels.clamp(1, 2);
    let width = 2.0 * MARGIN + columns as f64 * (AXIS + PLOT) + (columns - 1) as f64 * GAP;
    let top = MARGIN + 48.0;
    let height = top + panels.div_ceil(2) as f64 * (HEAD + HEIGHT + FOOT) + MARGIN / 2.0;
    let place = |at: usize| {
        let (row, column) = (at / 2, at % 2);
        (MARGIN + column as f64 * (AXIS + PLOT + GAP) + AXIS, top + row as f64 * (HEAD + HEIGHT + FOOT) + HEAD)
    };
    let mut body = String::new();
    for (at, summary) in drawn.iter().enumerate() {
        bars(report, summary, place(at), &mut body);
    }
    for (at, course) in courses.iter().enumerate() {
        course_panel(course, place(drawn.len() + at), &mut body);
    }
    let document = short(&report.setting.document, HEADING);
    let last = report.seed_from.saturating_add(report.planned.saturating_sub(1));
    let (title, about) = (format!("{document}: {} runs", report.done), format!("seeds {} to {last}", report.seed_from));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"{0}\">\n<style>{STYLE}</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"{1}\">{0}</text>\n<text class=\"note\" x=\"{MARGIN}\" y=\"{2}\">{about}</text>\n{body}</svg>\n",
        escape(&title),
        MARGIN + 12.0,
        MARGIN + 32.0
    )
}

fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn shown(report: &Report, summary: &Summary) -> Vec<Shown> {
    let odds = report.odds_of(&summary.metric);
    if let Some(table) = &summary.table {
        let row = |label: &str, count: u64| Shown {
            label: label.to_owned(),
            count: count as f64,
            expected: odds.and_then(|odds| expected_of(odds, label, summary.count)),
        };
        let mut shown: Vec<Shown> = table.rows.iter().map(|found| row(&found.label, found.count)).collect();
        if let Some(super::script::Odds::Values(odds)) = odds {
            let never = odds.iter().filter(|(label, _)| table.counts.iter().all(|(seen, _)| seen != label));
            shown.extend(never.map(|(label, _)| row(label, 0)));
        }
        return shown;
    }
    let Some(numbers) = &summary.numbers else { return Vec::new() };
    let bar = |bar: &super::summary::Bar| Shown {
        label: number(bar.from),
        count: bar.count as f64,
        expected: odds.and_then(|odds| expected_in(odds, bar, summary.count)),
    };
    numbers.histogram.iter().map(bar).collect()
}

fn bars(report: &Report, summary: &Summary, (left, top): (f64, f64), out: &mut String) {
    let shown = shown(report, summary);
    let most = shown.iter().map(|bar| bar.count.max(bar.expected.unwrap_or(0.0))).fold(0.0, f64::max);
    let note = match &summary.numbers {
        Some(numbers) => format!(
            "{} observations, mean {}, deviation {}",
            summary.count,
            number(numbers.mean),
            number(numbers.deviation)
        ),
        None => format!("{} observations", summary.count),
    };
    let mut frame = Frame { left, top, least: 0.0, most, out };
    frame.heading(&summary.metric, &note);
    let verdict = report.checks.iter().find(|check| check.expectation.metric.text == summary.metric);
    frame.verdict(verdict);
    frame.grid();
    let step = PLOT / shown.len().max(1) as f64;
    let is_table = summary.table.is_some();
    let gap = if is_table { (step * 0.2).min(14.0) } else { 1.0f64.min(step * 0.1) };
    // As many names as have room beside each other.
    let longest = shown.iter().map(|bar| bar.label.chars().count()).max().unwrap_or(0).min(LABEL);
    let names = ((longest as f64 * LETTER + 12.0) / step).ceil().max(1.0) as usize;
    for (at, bar) in shown.iter().enumerate() {
        let x = left + step * at as f64;
        let y = frame.y(bar.count);
        let _ = writeln!(
            frame.out,
            "<rect class=\"bar\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            x + gap / 2.0,
            (step - gap).max(0.5),
            top + HEIGHT - y
        );
        if let Some(expected) = bar.expected {
            let y = frame.y(expected);
            let _ = writeln!(
                frame.out,
                "<line class=\"expected\" x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\"/>",
                x + gap / 2.0,
                x + step - gap / 2.0
            );
        }
        if at % names == 0 {
            // Of a histogram the number stands where its part begins.
            let middle = if is_table { x + step / 2.0 } else { x };
            frame.below(middle, &short(&bar.label, LABEL));
        }
    }
    if shown.iter().any(|bar| bar.expected.is_some()) {
        frame.legend();
    }
}

fn course_panel(course: &Course, (left, top): (f64, f64), out: &mut String) {
    let moments: Vec<(usize, &super::report::Moment)> =
        course.moments.iter().enumerate().filter_map(|(at, moment)| Some((at, moment.as_ref()?))).collect();
    let values = || moments.iter().flat_map(|(_, moment)| [moment.low, moment.high, moment.mean]);
    let least = values().fold(f64::INFINITY, f64::min).min(0.0);
    let most = values().fold(f64::NEG_INFINITY, f64::max).max(least);
    let mut frame = Frame { left, top, least, most, out };
    frame.heading(&course.metric, "mean after each step; 90 % of the runs are in the band");
    frame.grid();
    let last = course.moments.len().saturating_sub(1).max(1);
    let x = |at: usize| left + PLOT * at as f64 / last as f64;
    let point = |frame: &Frame<'_>, at: usize, value: f64| format!("{:.1},{:.1}", x(at), frame.y(value));
    let there = moments.iter().map(|(at, moment)| point(&frame, *at, moment.high));
    let back = moments.iter().rev().map(|(at, moment)| point(&frame, *at, moment.low));
    let band: Vec<String> = there.chain(back).collect();
    let mean: Vec<String> = moments.iter().map(|(at, moment)| point(&frame, *at, moment.mean)).collect();
    let _ = writeln!(frame.out, "<polygon class=\"band\" points=\"{}\"/>", band.join(" "));
    let _ = writeln!(frame.out, "<polyline class=\"mean\" points=\"{}\"/>", mean.join(" "));
    let names = last.div_ceil(10);
    for at in (0..=last).step_by(names.max(1)) {
        frame.below(x(at), &at.to_string());
    }
}

impl Frame<'_> {
    fn y(&self, value: f64) -> f64 {
        let span = self.most - self.least;
        let part = if span > 0.0 { ((value - self.least) / span).clamp(0.0, 1.0) } else { 0.0 };
        self.top + HEIGHT * (1.0 - part)
    }

    fn heading(&mut self, title: &str, note: &str) {
        let x = self.left - AXIS;
        let _ = writeln!(
            self.out,
            "<text class=\"head\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>\n<text class=\"note\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            self.top - HEAD + 16.0,
            escape(&short(title, HEADING)),
            self.top - HEAD + 33.0,
            escape(note)
        );
    }

    fn verdict(&mut self, check: Option<&Check>) {
        let Some(check) = check else { return };
        let class = if check.fit.verdict == super::Verdict::Fits { "good" } else { "bad" };
        let p = check.fit.p.map_or(String::new(), |p| format!(", p {}", number(p)));
        let _ = writeln!(
            self.out,
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">odds: {}{p}</text>",
            self.left + PLOT,
            self.top - HEAD + 33.0,
            check.fit.verdict.name()
        );
    }

    /// Lines at even numbers, as many as fit.
    fn grid(&mut self) {
        let step = even_step((self.most - self.least) / 4.0);
        let mut value = (self.least / step).ceil() * step;
        // A step of almost nothing beside a large number would not move it.
        for _ in 0..8 {
            if value > self.most {
                break;
            }
            let y = self.y(value);
            let class = if value == 0.0 { "axis" } else { "grid" };
            let _ = writeln!(
                self.out,
                "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\"/>\n\
                 <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                self.left,
                self.left + PLOT,
                self.left - 8.0,
                y + 4.0,
                number(value)
            );
            value += step;
        }
    }

    fn below(&mut self, x: f64, label: &str) {
        let _ = writeln!(
            self.out,
            "<text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            self.top + HEIGHT + 16.0,
            escape(label)
        );
    }

    fn legend(&mut self) {
        let y = self.top + HEIGHT + 34.0;
        let _ = writeln!(
            self.out,
            "<line class=\"expected\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>\n<text class=\"tick\" x=\"{:.1}\" y=\"{y:.1}\">expected</text>",
            self.left,
            y - 4.0,
            self.left + 18.0,
            y - 4.0,
            self.left + 24.0
        );
    }
}
