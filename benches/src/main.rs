//! `cargo run --release -p statewright-benches`: the workloads of docs/performance.md, each by hand and as a graph.
//!
//! Both run in turns, on the same numbers, and must leave the same result. Of many rounds the fastest one counts: what
//! disturbs a round only makes it slower. `--json` prints what `cargo xtask figures` reads; a further argument
//! measures only the workloads (or, of `--sync`, rows) whose names contain it. `--check` measures checking documents of 10,000 nodes, `--sync` ticks
//! of live sessions, `--dispatch` events, and those under effects, `--filtering` what viewers see of plain structs, `--saving` save files of large sessions, `--compiling` the way from a document to compiled code; `--child` is
//! for benches/peers.

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use statewright_graph::CompileOptions;
use statewright_graph::build::build;
use statewright_harness::project::Backend;

mod checking;
mod compiling;
mod counting;
mod dispatch;
mod effects;
mod filtering;
mod mix;
mod ours;
mod rust;
mod saving;
mod sync;

use ours::Graphs;
use rust::{Arena, Enemy, Player};

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

const ROUNDS: u32 = 60;
/// Passes of the loop of W2: more than processors learn the branch in it by heart.
const PASSES: i64 = 100_000;
/// Calls in the loop of W6.
const CALLS: i64 = 2_000;

/// A workload: how it is called by hand and with which arguments as a graph.
struct Workload {
    name: &'static str,
    /// Calls in a round.
    calls: u32,
    /// Operations in a call: what a time is divided by.
    operations: u32,
    unit: &'static str,
    by_hand: fn(&mut Arena, u32),
    /// `senderID`, which is the empty string, and the parameters.
    args: fn(u32) -> [u64; 3],
    /// Whether it counts in the mean; of two graphs for a workload the first does.
    counts: bool,
}

/// The slot of the empty string.
const NOBODY: u64 = 0;

fn place(call: u32) -> (f64, f64) {
    (f64::from(call * 37 % 1000), f64::from(call * 71 % 1000))
}

fn place_args(call: u32) -> [u64; 3] {
    let (x, y) = place(call);
    [NOBODY, x.to_bits(), y.to_bits()]
}

fn id(call: u32) -> i64 {
    i64::from(call * 37 % 100) * 7 + 1
}

#[rustfmt::skip] // a table
const WORKLOADS: &[Workload] = &[
    Workload { name: "W1", calls: 2_000, operations: 1, unit: "call", counts: true,
        by_hand: |arena, call| arena.add(black_box(i64::from(call)), black_box(7)), args: |call| [NOBODY, u64::from(call), 7] },
    Workload { name: "W2", calls: 1, operations: PASSES as u32, unit: "pass", counts: true,
        by_hand: |arena, _| arena.arithmetic(black_box(PASSES)), args: |_| [NOBODY, PASSES as u64, 0] },
    Workload { name: "W3", calls: 1_000, operations: 1, unit: "call", counts: true,
        by_hand: |arena, call| arena.score(black_box(id(call))), args: |call| [NOBODY, id(call) as u64, 0] },
    Workload { name: "W4", calls: 8, operations: 1_000, unit: "element", counts: true,
        by_hand: |arena, call| { let (x, y) = place(call); arena.nearest(black_box(x), black_box(y)) }, args: place_args },
    Workload { name: "W4Node", calls: 8, operations: 1_000, unit: "element", counts: false,
        by_hand: |arena, call| { let (x, y) = place(call); arena.nearest(black_box(x), black_box(y)) }, args: place_args },
    Workload { name: "W5", calls: 8, operations: 1_000, unit: "element", counts: true,
        by_hand: |arena, _| arena.strong(), args: |_| [NOBODY, 0, 0] },
    Workload { name: "W5Node", calls: 8, operations: 1_000, unit: "element", counts: false,
        by_hand: |arena, _| arena.strong(), args: |_| [NOBODY, 0, 0] },
    Workload { name: "W6", calls: 4, operations: CALLS as u32, unit: "call", counts: true,
        by_hand: |arena, _| arena.calls(black_box(CALLS)), args: |_| [NOBODY, CALLS as u64, 0] },
    Workload { name: "W6Call", calls: 4, operations: CALLS as u32, unit: "call", counts: false,
        by_hand: |arena, _| arena.calls(black_box(CALLS)), args: |_| [NOBODY, CALLS as u64, 0] },
];

/// What runs the graphs beside what is written by hand.
const EXECUTIONS: [Backend; 3] = [Backend::Interpreter, Backend::Jit, Backend::Rust];

/// A figure: nanoseconds an operation by hand, and as a graph on each execution.
struct Times {
    by_hand_ns: f64,
    graph_ns: [f64; 3],
}

impl Times {
    fn ratios(&self) -> [f64; 3] {
        self.graph_ns.map(|ns| ns / self.by_hand_ns)
    }
}

fn arena() -> Arena {
    let players = (0..100).map(|n| Player { id: n * 7 + 1, score: 0, rest: [0; 4] }).collect();
    let enemies = (0..1_000u32).map(|n| {
        let (x, y) = (f64::from(n * 7_919 % 1_000), f64::from(n * 104_729 % 997));
        Enemy { id: i64::from(n), x, y, health: i64::from(n * 7_907 % 101) - 5, rest: [0; 2] }
    });
    Arena { players, enemies: enemies.collect(), result: 0 }
}

fn time_ns(body: impl FnOnce() -> Result<(), String>) -> Result<f64, String> {
    let start = Instant::now();
    body()?;
    Ok(start.elapsed().as_secs_f64() * 1e9)
}

impl Arena {
    /// Nanoseconds of a round.
    fn round(&mut self, workload: &Workload) -> Result<f64, String> {
        time_ns(|| {
            (0..workload.calls).for_each(|call| (workload.by_hand)(black_box(self), call));
            Ok(())
        })
    }

    /// What the last call left, and the scores of all players.
    fn checksum(&self) -> (i64, i64) {
        (self.result, self.players.iter().map(|player| player.score).sum())
    }
}

fn measure(workload: &Workload, arena: &mut Arena, executions: &mut [Graphs; 3]) -> Result<Times, String> {
    let (mut by_hand, mut best) = (f64::INFINITY, [f64::INFINITY; 3]);
    for _ in 0..ROUNDS {
        by_hand = by_hand.min(arena.round(workload)?);
        let sum = arena.checksum();
        for (graphs, best) in executions.iter_mut().zip(&mut best) {
            let handler = graphs.handler(workload.name)?;
            *best = best.min(time_ns(|| graphs.run(&handler, workload.calls, workload.args))?);
            if graphs.checksum() != sum {
                return Err(format!("{}: by hand {sum:?}, the graph {:?}", workload.name, graphs.checksum()));
            }
        }
    }
    let operations = f64::from(workload.calls) * f64::from(workload.operations);
    Ok(Times { by_hand_ns: by_hand / operations, graph_ns: best.map(|best| best / operations) })
}

/// Answers lines with names of workloads, as the programs of benches/peers do: nanoseconds of a round, what the last call
/// left, the sum of all scores.
fn serve(as_graph: Option<Backend>) -> Result<(), String> {
    let mut arena = arena();
    let backend = as_graph.unwrap_or(Backend::Interpreter);
    let mut graphs = Graphs::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads"), &arena, backend)?;
    for line in std::io::stdin().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let workload = WORKLOADS.iter().find(|workload| workload.name == line).ok_or("an unknown workload")?;
        let (ns, (result, scores)) = if as_graph.is_some() {
            let handler = graphs.handler(workload.name)?;
            (time_ns(|| graphs.run(&handler, workload.calls, workload.args))?, graphs.checksum())
        } else {
            (arena.round(workload)?, arena.checksum())
        };
        println!("{ns} {result} {scores}");
    }
    Ok(())
}

/// Milliseconds that the chase sample takes from its texts: read, checked, lowered and verified, and the same with
/// decoding, to a program that runs. Giving the memory back is not counted.
fn load_ms() -> Result<(f64, f64), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/chase");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let (document, schema) = (read("chase.json")?, read("chase.schema")?);
    let shared: Arc<str> = Arc::from(&*document);
    let mut best = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let mut built = None;
        best.0 = best.0.min(time_ns(|| {
            built = Some(build(black_box(&shared), black_box(&schema), &CompileOptions::default()));
            Ok(())
        })?);
        if built.is_none_or(|built| built.module.is_none()) {
            return Err("the chase sample has errors".into());
        }
        let mut program = None;
        best.1 = best.1.min(time_ns(|| {
            program = Some(statewright::Program::load(black_box(&document), black_box(&schema)));
            Ok(())
        })?);
        if let Some(Err(error)) = program {
            return Err(error.to_string());
        }
    }
    Ok((best.0 / 1e6, best.1 / 1e6))
}

fn run(as_json: bool, filter: &str) -> Result<(), String> {
    let mut arena = arena();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads");
    let [first, second, third] = EXECUTIONS.map(|backend| Graphs::load(&folder, &arena, backend));
    let mut executions = [first?, second?, third?];
    let (mut logs, mut count) = ([0.0; 3], 0.0);
    let mut rows = Vec::new();
    for workload in WORKLOADS.iter().filter(|workload| workload.name.contains(filter)) {
        let times = measure(workload, &mut arena, &mut executions)?;
        if workload.counts {
            count += 1.0;
            logs.iter_mut().zip(times.ratios()).for_each(|(log, ratio)| *log += ratio.ln());
        }
        rows.push((workload, times));
    }
    let means = logs.map(|log| (log / count).exp());
    let mut dispatch = [0.0; 3];
    for (ns, graphs) in dispatch.iter_mut().zip(&mut executions) {
        *ns = dispatch::measure(graphs, &dispatch::own(), 10 * ROUNDS)?;
    }
    let (load, program) = load_ms()?;
    let (hundred, chase) = (compiling::handler()?, compiling::chase()?);
    let ([interpreted, compiled, emitted], [plain_ns, jit_ns, rust_ns]) = (means, dispatch);
    if as_json {
        let check = checking::measure("")?.iter().fold(0.0f64, |most, (_, ms)| most.max(*ms));
        let most = |execution: usize, names: &[&str]| {
            let rows = rows.iter().filter(|(workload, _)| names.contains(&workload.name));
            rows.filter_map(|(_, times)| times.ratios().get(execution).copied()).fold(0.0f64, f64::max)
        };
        let (loops, calls) = (["W2", "W3", "W4", "W4Node", "W5", "W5Node"], ["W1", "W6"]);
        println!(
            "{{\"interpreter_mean\":{interpreted:.3},\"dispatch_ns\":{plain_ns:.1},\"load_ms\":{load:.3},\"check_ms\":{check:.1},\
             \"jit_mean\":{compiled:.3},\"jit_loops\":{:.3},\"jit_calls\":{:.3},\"jit_dispatch_ns\":{jit_ns:.1},\"rust_mean\":{emitted:.3},\
             \"rust_loops\":{:.3},\"compile_us\":{:.1},\"compile_ours_us\":{:.1},\"compile_chase_ms\":{:.3}}}",
            most(1, &loops),
            most(1, &calls),
            most(2, &loops),
            hundred.all,
            hundred.all - hundred.cranelift,
            chase.all / 1e3
        );
        return Ok(());
    }
    println!(
        "{:<8} {:>12} {:>15} {:>8} {:>13} {:>8} {:>12} {:>8}",
        "", "by hand, ns", "interpreted, ns", "ratio", "compiled, ns", "ratio", "emitted, ns", "ratio"
    );
    for (workload, times) in &rows {
        let Workload { name, unit, .. } = workload;
        let ([plain, jit, rust], [plain_ratio, jit_ratio, rust_ratio]) = (times.graph_ns, times.ratios());
        println!(
            "{name:<8} {:>12.2} {plain:>15.2} {plain_ratio:>7.1}× {jit:>13.2} {jit_ratio:>7.2}× {rust:>12.2} {rust_ratio:>7.2}×  a {unit}",
            times.by_hand_ns
        );
    }
    println!(
        "geometric mean of W1 to W6: interpreted {interpreted:.1}×, compiled {compiled:.2}×, emitted Rust {emitted:.2}×"
    );
    println!(
        "an event dispatched with its transaction: interpreted {plain_ns:.0} ns, compiled {jit_ns:.0} ns, emitted Rust {rust_ns:.0} ns"
    );
    println!("the chase sample, from texts to verified IR: {load:.2} ms; to a program: {program:.2} ms");
    for (name, compiling::Times { all, cranelift, .. }) in
        [("a handler of 100 operations", hundred), ("the chase sample", chase)]
    {
        println!("{name}, from texts to machine code: {all:.0} µs, of which {:.0} outside Cranelift", all - cranelift);
    }
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = args.iter().position(|arg| arg == "--child") {
        let served = serve(match args.get(at + 1).map(String::as_str) {
            Some("graph") => Some(Backend::Interpreter),
            Some("jit") => Some(Backend::Jit),
            Some("rust") => Some(Backend::Rust),
            _ => None,
        });
        return served.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let filter = args.iter().find(|arg| !arg.starts_with('-')).map_or("", |arg| arg);
    if args.iter().any(|arg| arg == "--check") {
        return match checking::measure(filter) {
            Ok(shapes) => {
                shapes.iter().for_each(|(name, ms)| println!("{name:<12} {ms:>8.1} ms"));
                ExitCode::SUCCESS
            }
            Err(message) => {
                eprintln!("{message}");
                ExitCode::FAILURE
            }
        };
    }
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    if has("--filtering") {
        return match filtering::measure() {
            Ok(rows) => {
                for (name, ns, asked) in rows {
                    println!("{name:<36} {ns:>8.1} ns, asks for memory {asked} times");
                }
                ExitCode::SUCCESS
            }
            Err(message) => {
                eprintln!("{message}");
                ExitCode::FAILURE
            }
        };
    }
    let measured = match (has("--saving"), has("--sync"), has("--dispatch")) {
        _ if has("--compiling") => compiling::run(filter),
        (true, _, _) => saving::run(),
        (_, true, _) => sync::run(filter),
        (_, _, true) => dispatch::run(filter).and_then(|()| effects::run(filter)),
        _ => run(has("--json"), filter),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
