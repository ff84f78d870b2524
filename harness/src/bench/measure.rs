//! Rounds in turns: whatever slows the machine slows all executions, and the fastest round counts.

use std::time::Instant;

use super::cases::Cases;
use super::compiling::Compiled;
use super::runner::Runner;
use crate::project::Backend;

/// A round of an execution takes about that long, so that reading the clock does not matter.
const ROUND_NS: f64 = 2e6;
/// Rounds at least, however long they take.
const LEAST_ROUNDS: u32 = 3;
/// Calls of a round at most.
const MOST_CALLS: u32 = 1 << 20;

/// An execution that is measured.
pub struct Timed {
    /// Which one.
    pub backend: Backend,
    /// What calls handlers on it.
    pub runner: Box<dyn Runner>,
}

/// A handler on an execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Which execution.
    pub backend: Backend,
    /// Nanoseconds of a call with everything around it.
    pub whole_ns: f64,
    /// Of that, what is not the handler: the transaction, the parameters, and that all is undone.
    pub around_ns: f64,
    /// Fuel of a call.
    pub fuel: u64,
    /// How a call ends: `done`, `waits`, or the error's code and node.
    pub ended: String,
}

impl Entry {
    /// Calls a second, with everything around them.
    pub fn calls_per_second(&self) -> f64 {
        1e9 / self.whole_ns
    }

    /// Nanoseconds of the handler alone.
    pub fn handler_ns(&self) -> f64 {
        (self.whole_ns - self.around_ns).max(0.0)
    }
}

/// A handler on all executions.
#[derive(Clone, Debug, PartialEq)]
pub struct HandlerTimes {
    /// Its name.
    pub name: String,
    /// The event.
    pub event: String,
    /// Where parameters and state come from.
    pub origin: String,
    /// In order of executions; or why there is no time.
    pub entries: Vec<(Backend, Result<Entry, String>)>,
}

/// What was measured of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Its name.
    pub document: String,
    /// Its hash, hexadecimal.
    pub hash: String,
    /// What it ran on.
    pub machine: String,
    /// From text to callable, by execution.
    pub compiled: Vec<Compiled>,
    /// Executions that were wanted and are not there, and why.
    pub missing: Vec<(Backend, String)>,
    /// In document order.
    pub handlers: Vec<HandlerTimes>,
}

/// Measures each case on all executions, for about so many seconds each.
pub fn measure(cases: &Cases, executions: &mut [Timed], seconds: f64) -> Vec<HandlerTimes> {
    let handlers = cases.0.iter().enumerate().map(|(at, case)| HandlerTimes {
        name: case.name.to_string(),
        event: case.action.event.to_string(),
        origin: case.origin.clone(),
        entries: one(at, executions, seconds),
    });
    handlers.collect()
}

fn one(case: usize, executions: &mut [Timed], seconds: f64) -> Vec<(Backend, Result<Entry, String>)> {
    let mut rows: Vec<(u32, Result<Entry, String>)> = executions.iter_mut().map(|timed| begin(case, timed)).collect();
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < LEAST_ROUNDS || start.elapsed().as_secs_f64() < seconds {
        rounds += 1;
        for (timed, (times, row)) in executions.iter_mut().zip(&mut rows) {
            let Ok(entry) = row else { continue };
            if let Err(why) = round(case, timed, *times, entry) {
                *row = Err(why);
            }
        }
        if rows.iter().all(|(_, row)| row.is_err()) {
            break;
        }
    }
    executions.iter().zip(rows).map(|(timed, (_, row))| (timed.backend, row)).collect()
}

/// Warms it up until a round takes long enough; how many calls that are.
fn begin(case: usize, timed: &mut Timed) -> (u32, Result<Entry, String>) {
    let mut times = 1;
    loop {
        match timed.runner.calls(case, times) {
            Err(why) => return (times, Err(why)),
            Ok(lap) if lap.ns >= ROUND_NS || times >= MOST_CALLS => {
                if let Err(why) = timed.runner.parameters(case, times) {
                    return (times, Err(why));
                }
                let entry = Entry {
                    backend: timed.backend,
                    whole_ns: f64::INFINITY,
                    around_ns: f64::INFINITY,
                    fuel: lap.fuel,
                    ended: lap.ended,
                };
                return (times, Ok(entry));
            }
            Ok(_) => times *= 2,
        }
    }
}

fn round(case: usize, timed: &mut Timed, times: u32, entry: &mut Entry) -> Result<(), String> {
    let lap = timed.runner.calls(case, times)?;
    if (lap.fuel, &lap.ended) != (entry.fuel, &entry.ended) {
        return Err(format!(
            "calls differ from each other: fuel {}, {}; then fuel {}, {}",
            entry.fuel, entry.ended, lap.fuel, lap.ended
        ));
    }
    let around_ns = timed.runner.parameters(case, times)?;
    entry.whole_ns = entry.whole_ns.min(lap.ns / f64::from(times));
    entry.around_ns = entry.around_ns.min(around_ns / f64::from(times));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::runner::Lap;
    use super::*;

    /// Takes 1 µs a call, of which 400 ns are around it; from a call on it says something else.
    struct Steady {
        calls: u64,
        changes_after: u64,
    }

    impl Runner for Steady {
        fn calls(&mut self, _: usize, times: u32) -> Result<Lap, String> {
            self.calls += 1;
            let fuel = if self.calls > self.changes_after { 9 } else { 7 };
            Ok(Lap { ns: 1_000.0 * f64::from(times), fuel, ended: "done".to_owned() })
        }

        fn parameters(&mut self, _: usize, times: u32) -> Result<f64, String> {
            Ok(400.0 * f64::from(times))
        }
    }

    fn timed(changes_after: u64) -> Timed {
        Timed { backend: Backend::Interpreter, runner: Box::new(Steady { calls: 0, changes_after }) }
    }

    #[test]
    fn the_handler_is_what_is_left_of_a_call() {
        let rows = one(0, &mut [timed(u64::MAX)], 0.0);
        let entry = rows.first().and_then(|(_, row)| row.as_ref().ok()).expect("it was measured");
        assert_eq!((entry.whole_ns, entry.around_ns, entry.handler_ns()), (1_000.0, 400.0, 600.0));
        assert_eq!((entry.calls_per_second(), entry.fuel), (1e6, 7));
    }

    #[test]
    fn calls_that_do_not_repeat_are_no_figure() {
        // The twelfth call, of 2,048, is the first that takes long enough.
        let rows = one(0, &mut [timed(12), timed(u64::MAX)], 0.0);
        assert!(matches!(rows.as_slice(), [(_, Err(why)), (_, Ok(_))] if why.contains("differ")), "{rows:?}");
    }
}
