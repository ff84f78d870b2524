//! What a measured program and the one that drives it agree on: the workloads, and lines on standard input and output.
//! For each line with a workload's name the child runs one round of it and answers with nanoseconds, the result that
//! the last call left, and the sum of all scores.

use std::io::{BufRead, Write};
use std::time::Instant;

/// Passes of the loop of W2: more than processors learn the branch in it by heart.
pub const PASSES: i64 = 100_000;
/// Calls in the loop of W6.
pub const CALLS: i64 = 2_000;

/// A workload: calls in a round, and operations in a call.
pub struct Workload {
    /// As in docs/performance.md.
    pub name: &'static str,
    /// Calls in a round.
    pub calls: u32,
    /// What a call's time is divided by.
    pub operations: u32,
}

/// The same numbers as in benches/src/main.rs.
pub const WORKLOADS: &[Workload] = &[
    Workload { name: "W1", calls: 2_000, operations: 1 },
    Workload { name: "W2", calls: 1, operations: PASSES as u32 },
    Workload { name: "W3", calls: 1_000, operations: 1 },
    Workload { name: "W4", calls: 8, operations: 1_000 },
    Workload { name: "W5", calls: 8, operations: 1_000 },
    Workload { name: "W6", calls: 4, operations: CALLS as u32 },
];

/// Where W4 looks from.
pub fn place(call: u32) -> (f64, f64) {
    (f64::from(call * 37 % 1000), f64::from(call * 71 % 1000))
}

/// Whom W3 looks for.
pub fn id(call: u32) -> i64 {
    i64::from(call * 37 % 100) * 7 + 1
}

/// An engine with the workloads loaded.
pub trait Engine {
    /// Calls the workload's handler once.
    fn call(&mut self, workload: &str, call: u32) -> Result<(), String>;
    /// What the last call left, and the sum of all scores.
    fn checksum(&mut self) -> Result<(i64, i64), String>;
}

/// Answers until the input ends.
pub fn serve(mut engine: impl Engine) -> Result<(), String> {
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let workload = WORKLOADS.iter().find(|workload| workload.name == line).ok_or("an unknown workload")?;
        let start = Instant::now();
        for call in 0..workload.calls {
            engine.call(workload.name, call)?;
        }
        let ns = start.elapsed().as_nanos();
        let (result, scores) = engine.checksum()?;
        println!("{ns} {result} {scores}");
        std::io::stdout().flush().map_err(|error| error.to_string())?;
    }
    Ok(())
}
