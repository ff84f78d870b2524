//! A disagreement written down: as a file of the conformance corpus that expects what is right, and as text for people.

use std::sync::Arc;

use statewright_runtime::context::{Event, Recipients};
use statewright_runtime::program::Program;
use statewright_types::{Value, json};

use crate::case::Case;
use crate::compare::Difference;
use crate::execution::{Execution, Prepared};
use crate::hunt::Finding;
use crate::outcome::told;
use crate::shrink::shrink;

/// A disagreement made small.
pub struct Report {
    /// The case with what is left of it, and what is told apart in it.
    pub finding: Finding,
    /// A test file whose expectations are those of the reference.
    pub test_file: String,
    /// For people.
    pub text: String,
}

/// Says what an execution makes of a case otherwise than the reference, and whether only where one took over.
pub type Judge<'j> = dyn FnMut(&Case) -> Option<(Difference, bool)> + 'j;

/// Makes a finding small, in so many tries, and writes it down.
pub fn report(finding: Finding, reference: &dyn Execution, judge: &mut Judge<'_>, tries: usize) -> Report {
    let Finding { case, execution: name, difference, taken_over } = finding;
    let respect = difference.respect;
    let mut last = (difference, taken_over);
    let before = case.size();
    let mut shows = |candidate: &Case| match judge(candidate) {
        Some(found) if found.0.respect == respect => {
            last = found;
            true
        }
        _ => false,
    };
    let small = shrink(case, tries, &mut shows);
    let (difference, taken_over) = last;
    let size = small.size();
    let title = format!("R4.3 {name} and {} agree: {} (seed {})", reference.name(), respect.name(), small.seed);
    let text = format!(
        "{name} disagrees with {}{}: {difference}\nseed {}, {before} parts, {size} left\n\n{}\n\nsteps: {:?}\nstate: {}\n",
        reference.name(),
        if taken_over { " where one took over from the other" } else { "" },
        small.seed,
        json::to_pretty(&small.document),
        small.steps,
        json::to_string(&small.state),
    );
    let expects = expectations(&small, reference);
    let test_file = small.to_test_file(&title, "Found by cargo xtask fuzz.", &expects);
    Report { finding: Finding { case: small, execution: name, difference, taken_over }, test_file, text }
}

/// What each step does on an execution, as a test file has it.
fn expectations(case: &Case, reference: &dyn Execution) -> Vec<Value> {
    let Ok(prepared) = Prepared::new(case.clone()) else { return Vec::new() };
    let prepared = [prepared];
    let program: Option<Result<Arc<dyn Program>, String>> = reference.programs(&prepared).pop();
    let [prepared] = &prepared;
    match program {
        Some(Ok(program)) => told(prepared, &program).into_iter().map(expectation).collect(),
        _ => Vec::new(),
    }
}

fn expectation(told: crate::outcome::Told) -> Value {
    let trap = told.reports.iter().find_map(|report| report.trap());
    let fuel = told.reports.iter().fold(0u64, |sum, report| sum.saturating_add(report.fuel()));
    let events = told.reports.iter().flat_map(|report| &report.events).map(event).collect();
    let error = trap.map_or(Value::Null, |trap| trap.code.code().into());
    let mut entries = vec![("error", error)];
    entries.extend(trap.and_then(|trap| trap.node.clone()).map(|node| ("at", Value::Str(node))));
    entries.extend([
        ("fuel", Value::uint(fuel)),
        ("waiting", Value::uint(told.waiting as u64)),
        ("events", Value::List(events)),
        ("full_state", told.state),
    ]);
    Value::map(entries)
}

fn event(event: &Event) -> Value {
    let to = match &event.to {
        Recipients::All => Value::from("all"),
        Recipients::Players(players) => Value::List(players.iter().map(|id| Value::Str(id.clone())).collect()),
        Recipients::Except(player) => Value::map([("except", Value::Str(player.clone()))]),
    };
    Value::map([("type", Value::Str(event.kind.clone())), ("to", to), ("payload", event.payload.clone())])
}
