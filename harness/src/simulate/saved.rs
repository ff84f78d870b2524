//! Everything as files.

use statewright_types::json;

use super::report::Report;
use super::{plot, text, value};

/// Names and what they say: for people, for programs, pictures, and the runs one by one.
pub fn files(report: &Report, csv: String) -> Vec<(&'static str, String)> {
    vec![
        ("report.txt", text::text(report)),
        ("report.json", json::to_pretty(&value::value(report))),
        ("plots.svg", plot::svg(report)),
        ("runs.csv", csv),
    ]
}
