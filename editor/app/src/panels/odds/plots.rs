//! Plots: how often values came, with what the declared odds expect; state paths over the steps, with the band of 90 % of the runs.

use egui::{Color32, RichText, Sense, Stroke, Ui, WidgetType, vec2};
use egui_plot::{Bar, BarChart, FilledArea, GridMark, Line, LineStyle, MarkerShape, Plot, PlotPoints, Points};
use statewright_harness::simulate::report::{Course, Moment, expected_in, expected_of};
use statewright_harness::simulate::script::Odds;
use statewright_harness::simulate::summary::{Numbers, Summary, Table, even_step};
use statewright_harness::simulate::text::number;

use super::super::run::{empty, heading, named};
use super::results;
use crate::editor::Editor;
use crate::theme::Colours;

/// Points high.
const HEIGHT: f32 = 170.0;
/// The longest name below a bar, in characters.
const LABEL: usize = 10;

/// Draws those of the metric that is looked at, and all paths over the steps.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let colours = editor.colours;
    let state = &editor.panels.odds;
    let Some(outcome) = state.outcome() else {
        empty(ui, &colours, "Plots of what was measured are drawn here.");
        return;
    };
    let report = &outcome.report;
    if let Some(summary) = results::selected(state) {
        heading(ui, &*summary.metric);
        let odds = report.odds_of(&summary.metric);
        match (&summary.table, &summary.numbers) {
            (Some(table), _) => bars_of_table(summary, table, odds, &colours, ui),
            (None, Some(numbers)) => bars_of_numbers(summary, numbers, odds, &colours, ui),
            (None, None) => empty(ui, &colours, "Nothing was observed."),
        }
    }
    for course in &report.courses {
        ui.add_space(6.0);
        heading(ui, format!("{} over the steps", course.metric));
        over(course, &colours, ui);
    }
}

/// A plot that scrolls with the panel. A box that is drawn is enlarged; a double click shows all again.
fn plot<'a>(name: String, colours: &Colours) -> Plot<'a> {
    let plot = Plot::new(name).height(HEIGHT).allow_scroll(false).allow_drag(false).allow_zoom(false);
    let plot = plot.grid_color(colours.soft.gamma_multiply(0.4));
    plot.x_grid_spacer(|input| marks(input.bounds, 4.0, 0.0)).y_grid_spacer(|input| marks(input.bounds, 4.0, 0.0))
}

/// Lines at even numbers, about so many, and no closer than `least`.
fn marks((from, to): (f64, f64), about: f64, least: f64) -> Vec<GridMark> {
    let step_size = even_step((to - from) / about).max(least);
    let first = (from / step_size).ceil();
    let marks = (0..64).map(|number| GridMark { value: (first + f64::from(number)) * step_size, step_size });
    marks.take_while(|mark| mark.value <= to).collect()
}

/// What stands for what, above a plot.
fn legend(ui: &mut Ui, colours: &Colours, parts: &[(&str, Color32)]) {
    ui.horizontal_wrapped(|ui| {
        for (name, colour) in parts {
            let (mark, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
            ui.painter().rect_filled(mark, 2.0, *colour);
            ui.label(RichText::new(*name).small().color(colours.soft));
        }
    });
}

fn bars_of_table(summary: &Summary, table: &Table, odds: Option<&Odds>, colours: &Colours, ui: &mut Ui) {
    let bar = |(at, count): (usize, u64)| Bar::new(at as f64, count as f64).width(0.8);
    let bars = table.rows.iter().map(|row| row.count).enumerate().map(bar).collect();
    let expected = table.rows.iter().enumerate();
    let expected: Vec<[f64; 2]> =
        expected.filter_map(|(at, row)| Some([at as f64, expected_of(odds?, &row.label, summary.count)?])).collect();
    let labels: Vec<String> = table.rows.iter().map(|row| shortened(&row.label)).collect();
    let named_axis = move |value: f64| {
        let is_whole = (value - value.round()).abs() < 1e-6 && value > -0.5;
        labels.get(if is_whole { value.round() as usize } else { usize::MAX }).cloned().unwrap_or_default()
    };
    let plot =
        plot(format!("table {}", summary.metric), colours).x_axis_formatter(move |mark, _| named_axis(mark.value));
    let plot = plot.x_grid_spacer(|input| marks(input.bounds, 4.0, 1.0));
    bars_plot(plot, summary, bars, expected, false, colours, ui);
}

fn bars_of_numbers(summary: &Summary, numbers: &Numbers, odds: Option<&Odds>, colours: &Colours, ui: &mut Ui) {
    let middle = |from: f64, to: f64| from + (to - from) / 2.0;
    let bar = |bar: &statewright_harness::simulate::summary::Bar| {
        Bar::new(middle(bar.from, bar.to), bar.count as f64).width((bar.to - bar.from) * 0.96)
    };
    let bars = numbers.histogram.iter().map(bar).collect();
    let expected = numbers.histogram.iter();
    let expected =
        expected.filter_map(|bar| Some([middle(bar.from, bar.to), expected_in(odds?, bar, summary.count)?])).collect();
    let plot = plot(format!("histogram {}", summary.metric), colours).x_axis_formatter(|mark, _| number(mark.value));
    bars_plot(plot, summary, bars, expected, true, colours, ui);
}

fn bars_plot(
    plot: Plot<'_>,
    summary: &Summary,
    bars: Vec<Bar>,
    expected: Vec<[f64; 2]>,
    is_line: bool,
    colours: &Colours,
    ui: &mut Ui,
) {
    let (fill, mark) = (colours.accent.gamma_multiply(0.7), colours.warning);
    let count = bars.len();
    let bars = bars.into_iter().map(|bar| bar.fill(fill).stroke(Stroke::NONE)).collect();
    match expected.is_empty() {
        true => legend(ui, colours, &[("observed", fill)]),
        false => legend(ui, colours, &[("observed", fill), ("expected", mark)]),
    }
    let response = plot.include_y(0.0).show(ui, |plot| {
        plot.bar_chart(BarChart::new("observed", bars).color(fill));
        if expected.is_empty() {
            return;
        }
        if is_line {
            plot.line(Line::new("expected", PlotPoints::new(expected)).color(mark).width(2.5));
        } else {
            let points = Points::new("expected", PlotPoints::new(expected));
            plot.points(points.shape(MarkerShape::Diamond).radius(6.0).color(mark));
        }
    });
    named(&response.response, WidgetType::Image, &format!("Plot of {}: {count} bars", summary.metric));
}

/// The mean, and the band between the quantiles of 5 and 95 %; where nothing was found there is a gap.
fn over(course: &Course, colours: &Colours, ui: &mut Ui) {
    let found = |part: &dyn Fn(&Moment) -> f64| {
        let moments = course.moments.iter().enumerate();
        moments.filter_map(|(at, moment)| Some([at as f64, part(moment.as_ref()?)])).collect::<Vec<_>>()
    };
    let (means, medians) = (found(&|moment| moment.mean), found(&|moment| moment.median));
    let steps: Vec<f64> = means.iter().map(|point| point[0]).collect();
    let low: Vec<f64> = found(&|moment| moment.low).iter().map(|point| point[1]).collect();
    let high: Vec<f64> = found(&|moment| moment.high).iter().map(|point| point[1]).collect();
    if steps.is_empty() {
        ui.label(RichText::new("no run had a number there").color(colours.soft));
        return;
    }
    let count = steps.len();
    let band = colours.accent.gamma_multiply(0.3);
    legend(ui, colours, &[("mean", colours.accent), ("median", colours.soft), ("90 % of the runs", band)]);
    let plot = plot(format!("over {}", course.metric), colours).x_axis_formatter(|mark, _| number(mark.value));
    let response = plot.show(ui, |plot| {
        plot.add(FilledArea::new("90 % of the runs", &steps, &low, &high).fill_color(band).stroke(Stroke::NONE));
        plot.line(line("median", medians, colours.soft).style(LineStyle::dashed_loose()));
        plot.line(line("mean", means, colours.accent));
    });
    named(&response.response, WidgetType::Image, &format!("Plot of {} over {count} moments", course.metric));
}

fn line<'a>(name: &str, points: Vec<[f64; 2]>, colour: Color32) -> Line<'a> {
    Line::new(name, PlotPoints::new(points)).color(colour).width(2.0)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LABEL) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
