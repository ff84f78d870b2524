//! Charts of times as SVG: panels of rows on one logarithmic scale, readable in light and dark. Needs nothing but `std`: benches/peers
//! includes this file.

use std::fmt::Write as _;

/// What is drawn.
pub struct Chart {
    /// The heading.
    pub title: String,
    /// Below it: what was measured where, and in which unit.
    pub notes: Vec<String>,
    /// The value that lines begin at; below 0, the power of ten under the smallest value.
    pub origin: f64,
    /// Behind numbers on the scale, such as `×`.
    pub unit: String,
    /// Two in a row.
    pub panels: Vec<Panel>,
}

/// Rows under a heading.
pub struct Panel {
    /// The heading.
    pub title: String,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// A value.
pub struct Row {
    /// In front of it.
    pub name: String,
    /// Positive; others are left out.
    pub value: f64,
    /// Behind it.
    pub label: String,
    /// Whether it stands out.
    pub is_ours: bool,
}

const MARGIN: f64 = 24.0;
const NAMES: f64 = 146.0;
const PLOT: f64 = 210.0;
const LABELS: f64 = 118.0;
const GAP: f64 = 32.0;
const ROW: f64 = 17.0;
const LINE: f64 = 17.0;
const PANEL_HEAD: f64 = 24.0;
const PANEL_FOOT: f64 = 34.0;

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-size:16px;font-weight:600}.head{font-weight:600}\
.note,.tick{fill:#57606a}.tick{font-size:11px}.page{fill:#ffffff}.grid{stroke:#d8dee4}.origin{stroke:#8c959f}\
.bar{stroke:#8c959f;stroke-width:2}.dot{fill:#6e7781}.ours .bar{stroke:#0969da}.ours .dot{fill:#0969da}.ours text{font-weight:600}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note,.tick{fill:#9198a1}.page{fill:#0d1117}.grid{stroke:#30363d}.origin{stroke:#8b949e}\
.bar{stroke:#6e7681}.dot{fill:#9198a1}.ours .bar{stroke:#4493f8}.ours .dot{fill:#4493f8}}";

/// The scale: powers of ten, from and to.
struct Scale {
    from: i32,
    to: i32,
}

impl Scale {
    fn of(chart: &Chart) -> Scale {
        let values = || chart.panels.iter().flat_map(|panel| &panel.rows).map(|row| row.value);
        let good = || values().filter(|value| value.is_finite() && *value > 0.0);
        let least =
            good().fold(f64::INFINITY, f64::min).min(if chart.origin > 0.0 { chart.origin } else { f64::INFINITY });
        let most = good().fold(0.0, f64::max).max(chart.origin);
        if !least.is_finite() || most <= 0.0 {
            return Scale { from: 0, to: 1 };
        }
        let from = log10(least).floor() as i32;
        Scale { from, to: (log10(most).ceil() as i32).max(from + 1) }
    }

    /// How far right a value stands, in pixels from the beginning of the scale.
    fn x(&self, value: f64) -> f64 {
        (log10(value) - f64::from(self.from)) / f64::from(self.to - self.from) * PLOT
    }
}

/// Draws it.
pub fn svg(chart: &Chart) -> String {
    let scale = Scale::of(chart);
    let panel_width = NAMES + PLOT + LABELS;
    let width = 2.0 * MARGIN + 2.0 * panel_width + GAP;
    let head = MARGIN + 20.0 + LINE * chart.notes.len() as f64 + 12.0;
    let mut y = head;
    let mut body = String::new();
    for pair in chart.panels.chunks(2) {
        for (column, panel) in pair.iter().enumerate() {
            draw_panel(panel, chart, &scale, MARGIN + column as f64 * (panel_width + GAP), y, &mut body);
        }
        let most = pair.iter().map(|panel| panel.rows.len()).max().unwrap_or(0);
        y += PANEL_HEAD + ROW * most as f64 + PANEL_FOOT;
    }
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {y}\" width=\"{width}\" height=\"{y}\" role=\"img\" aria-label=\"{}\">\n\
         <style>{STYLE}</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n",
        escaped(&chart.title)
    );
    let _ =
        writeln!(text, "<text class=\"title\" x=\"{MARGIN}\" y=\"{}\">{}</text>", MARGIN + 12.0, escaped(&chart.title));
    for (at, note) in chart.notes.iter().enumerate() {
        let y = MARGIN + 32.0 + LINE * at as f64;
        let _ = writeln!(text, "<text class=\"note\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", escaped(note));
    }
    text.push_str(&body);
    text.push_str("</svg>\n");
    text
}

fn draw_panel(panel: &Panel, chart: &Chart, scale: &Scale, left: f64, top: f64, out: &mut String) {
    let plot = left + NAMES;
    let _ = writeln!(out, "<text class=\"head\" x=\"{left}\" y=\"{}\">{}</text>", top + 12.0, escaped(&panel.title));
    let (from, to) = (top + PANEL_HEAD - 4.0, top + PANEL_HEAD + ROW * panel.rows.len() as f64);
    for power in scale.from..=scale.to {
        let x = plot + f64::from(power - scale.from) / f64::from(scale.to - scale.from) * PLOT;
        let is_origin = chart.origin > 0.0 && log10(chart.origin) == f64::from(power);
        let class = if is_origin { "origin" } else { "grid" };
        let _ = writeln!(out, "<line class=\"{class}\" x1=\"{x:.1}\" y1=\"{from:.1}\" x2=\"{x:.1}\" y2=\"{to:.1}\"/>");
        let _ = writeln!(
            out,
            "<text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}{}</text>",
            to + 13.0,
            number(power),
            escaped(&chart.unit)
        );
    }
    let origin = if chart.origin > 0.0 { scale.x(chart.origin) } else { 0.0 };
    for (at, row) in panel.rows.iter().enumerate() {
        let middle = top + PANEL_HEAD + ROW * (at as f64 + 0.5);
        let class = if row.is_ours { " class=\"ours\"" } else { "" };
        let _ = writeln!(
            out,
            "<g{class}><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            plot - 8.0,
            middle + 4.0,
            escaped(&row.name)
        );
        if row.value.is_finite() && row.value > 0.0 {
            let x = plot + scale.x(row.value);
            let _ = writeln!(
                out,
                "<line class=\"bar\" x1=\"{:.1}\" y1=\"{middle:.1}\" x2=\"{x:.1}\" y2=\"{middle:.1}\"/><circle class=\"dot\" cx=\"{x:.1}\" cy=\"{middle:.1}\" r=\"4\"/>",
                plot + origin
            );
        }
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
            plot + PLOT + 12.0,
            middle + 4.0,
            escaped(&row.label)
        );
    }
}

/// The decimal logarithm of a positive number, to more places than a picture shows: std's differs between platforms.
fn log10(value: f64) -> f64 {
    const PLACES: i32 = 24;
    let (mut rest, mut whole) = (value, 0);
    while rest >= 10.0 && whole < 400 {
        (rest, whole) = (rest / 10.0, whole + 1);
    }
    while rest < 1.0 && whole > -400 {
        (rest, whole) = (rest * 10.0, whole - 1);
    }
    let (mut part, mut log) = (0.5, f64::from(whole));
    for _ in 0..PLACES {
        rest *= rest;
        if rest >= 10.0 {
            (rest, log) = (rest / 10.0, log + part);
        }
        part /= 2.0;
    }
    log
}

/// A power of ten as people write it.
fn number(power: i32) -> String {
    let digits = power.unsigned_abs() as usize;
    match power {
        0 => "1".to_owned(),
        1.. => {
            let zeros = "0".repeat(digits);
            let whole = format!("1{zeros}");
            if digits < 4 {
                return whole;
            }
            let first = whole.len() % 3;
            let mut text = whole.get(..first).unwrap_or_default().to_owned();
            for group in whole.as_bytes().get(first..).unwrap_or_default().chunks(3) {
                if !text.is_empty() {
                    text.push(',');
                }
                text.extend(group.iter().map(|digit| char::from(*digit)));
            }
            text
        }
        _ => format!("0.{}1", "0".repeat(digits.saturating_sub(1))),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The processor and how many there are.
pub fn machine() -> String {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find(|line| line.starts_with("model name"));
    let name = model.and_then(|line| line.split_once(':')).map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    format!("{name}, {count} {}", if count == 1 { "core" } else { "cores" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, value: f64) -> Row {
        Row { name: name.to_owned(), value, label: format!("{value}"), is_ours: name == "ours" }
    }

    fn chart(values: &[f64], origin: f64) -> Chart {
        let rows = values.iter().map(|value| row("a<b", *value)).chain([row("ours", 1.0)]).collect();
        let panels = vec![Panel { title: "W1".to_owned(), rows }];
        Chart {
            title: "Times & more".to_owned(),
            notes: vec!["on a machine".to_owned()],
            origin,
            unit: "×".to_owned(),
            panels,
        }
    }

    #[test]
    fn the_scale_holds_all_values_and_the_origin() {
        let scale = Scale::of(&chart(&[0.02, 3.0, 900.0], 1.0));
        assert_eq!((scale.from, scale.to), (-2, 3));
        assert_eq!((scale.x(0.01), scale.x(1_000.0)), (0.0, PLOT));
        let scale = Scale::of(&chart(&[1.0], 1.0));
        assert_eq!((scale.from, scale.to), (0, 1));
        let none = Scale::of(&Chart { panels: Vec::new(), ..chart(&[], -1.0) });
        assert_eq!((none.from, none.to), (0, 1));
    }

    #[test]
    fn logarithms_are_right() {
        for (value, log) in
            [(1.0, 0.0), (1000.0, 3.0), (0.01, -2.0), (2.0, std::f64::consts::LOG10_2), (5e-7, -6.301_03)]
        {
            assert!((log10(value) - log).abs() < 1e-6, "{value}: {}", log10(value));
        }
    }

    #[test]
    fn ticks_are_written_as_people_write_them() {
        let numbers: Vec<String> = [-2, -1, 0, 1, 3, 4, 6].map(number).into();
        assert_eq!(numbers, ["0.01", "0.1", "1", "10", "1000", "10,000", "1,000,000"]);
    }

    #[test]
    fn a_drawing_has_all_rows_and_is_well_formed() {
        let text = svg(&chart(&[f64::INFINITY, 2.0], 1.0));
        assert_eq!(text.matches("<circle").count(), 2, "what is no number has no dot");
        assert_eq!(text.matches("<g").count(), text.matches("</g>").count());
        assert!(
            text.contains("a&lt;b")
                && text.contains("Times &amp; more")
                && !text.contains("NaN")
                && !text.contains("=\"inf")
        );
        assert!(text.contains("prefers-color-scheme:dark"));
    }
}
