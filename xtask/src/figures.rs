//! `cargo xtask figures`: what is fast to measure, against its target.
//!
//! A figure is a row of [`FIGURES`] with a function that runs the built command and gives one number. To add one, write
//! the function and the row; docs/performance.md says how to measure. A row without a function is a plan.
//!
//! A figure that was once met fails above 1.5 times its target; the others are only shown.

use std::cell::OnceCell;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::building::Program;
use crate::statewright::Statewright;
use crate::{Fault, Verdict, repository};

/// What a measuring function needs.
struct Bench<'a> {
    root: &'a Path,
    statewright: &'a Statewright,
    /// What the workloads printed, once somebody asked.
    workloads: OnceCell<Result<String, String>>,
}

/// A measured number, or why there is none.
type Measured = Result<f64, String>;

/// One row.
struct Figure {
    name: &'static str,
    /// At most that much.
    target: f64,
    unit: &'static str,
    /// Whether the target has been met before, so that losing it is a failure.
    met: bool,
    measure: Option<fn(&Bench<'_>) -> Measured>,
}

const FIGURES: &[Figure] = &[
    Figure { name: "check the card sample", target: 50.0, unit: "ms", met: false, measure: Some(check_sample) },
    Figure { name: "start of the command", target: 20.0, unit: "ms", met: false, measure: Some(start) },
    Figure {
        name: "load the chase sample",
        target: 2.0,
        unit: "ms",
        met: true,
        measure: Some(|bench| workloads(bench, "load_ms")),
    },
    Figure {
        name: "check 10,000 nodes, dearest shape",
        target: 100.0,
        unit: "ms",
        met: true,
        measure: Some(|bench| workloads(bench, "check_ms")),
    },
    Figure { name: "10,000 conformance runs", target: 10.0, unit: "s", met: true, measure: Some(conformance_s) },
    Figure {
        name: "interpreter, mean of W1–W6",
        target: 10.0,
        unit: "× Rust",
        met: true,
        measure: Some(|bench| workloads(bench, "interpreter_mean")),
    },
    Figure {
        name: "an event dispatched",
        target: 60.0,
        unit: "ns",
        met: false,
        measure: Some(|bench| workloads(bench, "dispatch_ns")),
    },
    Figure {
        name: "an event dispatched, JIT",
        target: 60.0,
        unit: "ns",
        met: false,
        measure: Some(|bench| workloads(bench, "jit_dispatch_ns")),
    },
    Figure {
        name: "JIT, mean of W1–W6",
        target: 1.25,
        unit: "× Rust",
        met: false,
        measure: Some(|bench| workloads(bench, "jit_mean")),
    },
    Figure {
        name: "JIT, dearest of W2–W5",
        target: 1.3,
        unit: "× Rust",
        met: false,
        measure: Some(|bench| workloads(bench, "jit_loops")),
    },
    Figure {
        name: "JIT, dearer of W1 and W6",
        target: 1.5,
        unit: "× Rust",
        met: false,
        measure: Some(|bench| workloads(bench, "jit_calls")),
    },
    Figure {
        name: "emitted Rust, dearest of W2–W5",
        target: 1.2,
        unit: "× Rust",
        met: false,
        measure: Some(|bench| workloads(bench, "rust_loops")),
    },
    Figure {
        name: "100 operations to machine code",
        target: 400.0,
        unit: "µs",
        met: false,
        measure: Some(|bench| workloads(bench, "compile_us")),
    },
    Figure {
        name: "of that, outside Cranelift",
        target: 100.0,
        unit: "µs",
        met: false,
        measure: Some(|bench| workloads(bench, "compile_ours_us")),
    },
    Figure {
        name: "the chase sample to machine code",
        target: 8.0,
        unit: "ms",
        met: false,
        measure: Some(|bench| workloads(bench, "compile_chase_ms")),
    },
];

/// How a figure stands to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Met,
    Missed,
    Lost,
}

/// The chore.
pub fn run(args: &[String]) -> Result<Verdict, Fault> {
    if let Some(unknown) = args.first() {
        return Err(format!("figures: unknown argument `{unknown}`; it takes none"));
    }
    let root = repository::root()?;
    let statewright = Statewright::build(&root)?;
    let bench = Bench { root: &root, statewright: &statewright, workloads: OnceCell::new() };
    let mut lost = 0usize;
    println!("{:<32} {:>10} {:>10} {:<8} standing", "what", "target", "measured", "unit");
    for figure in FIGURES {
        let measured = figure.measure.map_or_else(|| Err("no measurement yet".into()), |measure| measure(&bench));
        let (number, standing) = match measured {
            Ok(value) => {
                let standing = standing(value, figure.target, figure.met);
                lost += usize::from(standing == Standing::Lost);
                (format!("{value:.2}"), format!("{standing:?}").to_lowercase())
            }
            Err(why) => ("–".to_owned(), format!("skipped: {why}")),
        };
        println!("{:<32} {:>10} {number:>10} {:<8} {standing}", figure.name, figure.target, figure.unit);
    }
    Ok(if lost == 0 { Verdict::Fine } else { Verdict::Findings })
}

fn standing(value: f64, target: f64, met: bool) -> Standing {
    match () {
        () if value <= target => Standing::Met,
        () if met && value > target * 1.5 => Standing::Lost,
        () => Standing::Missed,
    }
}

/// Milliseconds of one check, less the start of the process.
fn check_sample(bench: &Bench<'_>) -> Measured {
    let check = median_ms(bench, &["check", "samples/card_game/card_game.json"])?;
    Ok((check - start(bench)?).max(0.0))
}

/// Seconds that 10,000 tests like those of the corpus take.
fn conformance_s(bench: &Bench<'_>) -> Measured {
    let start = Instant::now();
    let output = bench.statewright.output(bench.root, &["test", "tests/conformance"])?;
    let seconds = start.elapsed().as_secs_f64();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let (_, after) = said.split_once("ok: ").ok_or("the corpus does not pass")?;
    let tests: f64 = after.split(' ').next().and_then(|count| count.parse().ok()).ok_or("it does not say how many")?;
    Ok(seconds * 10_000.0 / tests)
}

fn start(bench: &Bench<'_>) -> Measured {
    median_ms(bench, &["--version"])
}

/// A number that the workloads of `benches/` print.
fn workloads(bench: &Bench<'_>, key: &str) -> Measured {
    let output = bench.workloads.get_or_init(|| {
        let package = "statewright-benches";
        let workloads = Program { package, binary: package, profile: "release", features: &[] }.build(bench.root)?;
        let output = Command::new(&workloads).arg("--json").current_dir(bench.root).output();
        let output = output.map_err(|error| format!("cannot start {}: {error}", workloads.display()))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("no output").to_owned());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    });
    number(output.as_ref().map_err(Clone::clone)?, key)
}

/// The number under `key` in a flat JSON object.
fn number(json: &str, key: &str) -> Measured {
    let after = json.split_once(&format!("\"{key}\":")).map(|(_, after)| after);
    let text = after.and_then(|after| after.split([',', '}']).next());
    text.and_then(|text| text.trim().parse().ok()).ok_or_else(|| format!("the workloads printed no `{key}`"))
}

/// The median wall time of some runs that all succeed.
fn median_ms(bench: &Bench<'_>, args: &[&str]) -> Measured {
    const RUNS: usize = 15;
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        let output = bench.statewright.output(bench.root, args)?;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        if !output.status.success() {
            return Err(format!("`statewright {}` ended with {}", args.join(" "), output.status));
        }
    }
    Ok(median(times))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_target_once_met_can_be_lost() {
        assert_eq!(standing(10.0, 10.0, true), Standing::Met);
        assert_eq!(standing(14.0, 10.0, true), Standing::Missed);
        assert_eq!(standing(16.0, 10.0, true), Standing::Lost);
        assert_eq!(standing(16.0, 10.0, false), Standing::Missed);
        assert_eq!(standing(f64::NAN, 10.0, false), Standing::Missed);
    }

    #[test]
    fn a_number_is_found_by_its_key() {
        let json = r#"{"interpreter_mean":13.2,"dispatch_ns":236.0}"#;
        assert_eq!((number(json, "interpreter_mean"), number(json, "dispatch_ns")), (Ok(13.2), Ok(236.0)));
        assert!(number(json, "other").is_err());
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert!(median(Vec::new()).is_nan());
    }
}
