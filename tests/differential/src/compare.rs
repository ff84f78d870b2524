//! Two outcomes of one case: the same, or what first tells them apart.

use std::fmt;

use statewright_runtime::session::ActionReport;

use crate::outcome::{Observed, Outcome};

/// In which respect two executions disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Respect {
    Compiled,
    Panic,
    Begun,
    Result,
    Error,
    Node,
    Message,
    Fuel,
    Memory,
    Events,
    State,
    Sent,
    Seen,
}

impl Respect {
    /// All of them.
    pub const ALL: [Respect; 13] = [
        Respect::Compiled,
        Respect::Panic,
        Respect::Begun,
        Respect::Result,
        Respect::Error,
        Respect::Node,
        Respect::Message,
        Respect::Fuel,
        Respect::Memory,
        Respect::Events,
        Respect::State,
        Respect::Sent,
        Respect::Seen,
    ];

    /// For reports.
    pub const fn name(self) -> &'static str {
        match self {
            Respect::Compiled => "program",
            Respect::Panic => "panic",
            Respect::Begun => "beginning",
            Respect::Result => "result",
            Respect::Error => "error code",
            Respect::Node => "error's node",
            Respect::Message => "error's message",
            Respect::Fuel => "fuel",
            Respect::Memory => "memory left",
            Respect::Events => "events",
            Respect::State => "session",
            Respect::Sent => "what viewers are sent",
            Respect::Seen => "what viewers see",
        }
    }
}

/// A disagreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In which respect.
    pub respect: Respect,
    /// After which step, from 0.
    pub step: usize,
    /// What the execution that is right by definition has.
    pub expected: String,
    /// What the other one has.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { respect, step, expected, found } = self;
        write!(f, "{} after step {}: expected {expected}, found {found}", respect.name(), step + 1)
    }
}

/// The first difference, the most telling respect first within a step.
pub fn difference(expected: &Outcome, found: &Outcome) -> Option<Difference> {
    let made = |respect, step, expected: String, found: String| Some(Difference { respect, step, expected, found });
    if expected.refused != found.refused {
        return made(Respect::Begun, 0, format!("{:?}", expected.refused), format!("{:?}", found.refused));
    }
    for (step, (one, other)) in expected.steps.iter().zip(&found.steps).enumerate() {
        if let Some((respect, expected, found)) = of_step(one, other) {
            return made(respect, step, expected, found);
        }
    }
    let step = expected.steps.len().min(found.steps.len());
    if expected.panic.is_some() != found.panic.is_some() || expected.steps.len() != found.steps.len() {
        return made(Respect::Panic, step, format!("{:?}", expected.panic), format!("{:?}", found.panic));
    }
    None
}

fn of_step(expected: &Observed, found: &Observed) -> Option<(Respect, String, String)> {
    if expected == found {
        return None;
    }
    let both = [expected, found];
    let told = |part: fn(&Observed) -> String| both.map(part);
    let respects: [(Respect, fn(&Observed) -> String); 7] = [
        (Respect::Result, |one| parts(one, statuses)),
        (Respect::Error, |one| traps(one, |trap| trap.code.code().to_owned())),
        (Respect::Node, |one| traps(one, |trap| format!("{:?}", trap.node))),
        (Respect::Message, |one| traps(one, |trap| format!("{:?}", trap.message))),
        (Respect::Fuel, |one| parts(one, |report| format!("{:?}", fuels(report)))),
        (Respect::Memory, |one| format!("{:?}", one.left)),
        (Respect::Events, |one| parts(one, |report| format!("{:?}", report.events))),
    ];
    for (respect, part) in respects {
        let [expected, found] = told(part);
        if expected != found {
            let why = |one: &Observed| match respect {
                Respect::Result | Respect::Error => format!(" ({})", traps(one, ToString::to_string)),
                _ => String::new(),
            };
            let [why_expected, why_found] = both.map(why);
            return Some((respect, expected + &why_expected, found + &why_found));
        }
    }
    let bytes: [(Respect, fn(&Observed) -> &[u8]); 3] = [
        (Respect::State, |one| &one.session),
        (Respect::Sent, |one| &one.sent),
        (Respect::Seen, |one| one.seen.as_bytes()),
    ];
    for (respect, part) in bytes {
        let [expected, found] = both.map(part);
        if expected != found {
            let (expected, found) = apart(expected, found);
            return Some((respect, expected, found));
        }
    }
    let [expected, found] = told(|one| format!("{one:?}"));
    Some((Respect::Result, expected, found))
}

fn parts(one: &Observed, part: impl Fn(&ActionReport) -> String) -> String {
    one.reports.iter().map(part).collect::<Vec<_>>().join("; ")
}

fn statuses(report: &ActionReport) -> String {
    let each = report.activations.iter().map(|one| format!("{} {}", one.handler, one.status.name()));
    let refused = report.refused.iter().map(|trap| format!("refused: {trap}"));
    each.chain(refused).collect::<Vec<_>>().join(", ")
}

fn traps(one: &Observed, part: impl Fn(&statewright_runtime::program::Trap) -> String) -> String {
    let all = one.reports.iter().flat_map(|report| &report.activations);
    all.filter_map(|activation| activation.error.as_deref()).map(part).collect::<Vec<_>>().join(", ")
}

fn fuels(report: &ActionReport) -> Vec<u64> {
    report.activations.iter().map(|one| one.fuel).collect()
}

/// What stands where bytes first differ.
fn apart(one: &[u8], other: &[u8]) -> (String, String) {
    let at = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let near = |bytes: &[u8]| {
        let part = bytes.get(at.saturating_sub(12)..).unwrap_or_default();
        format!(
            "{} bytes, at {at}: {}",
            bytes.len(),
            part.iter().take(40).map(|byte| byte.escape_ascii().to_string()).collect::<String>()
        )
    };
    (near(one), near(other))
}
