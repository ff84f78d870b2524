//! `cargo run --release --manifest-path benches/peers/Cargo.toml -p peers`: builds other engines, and measures them, our
//! executions and handwritten Rust on the workloads of docs/performance.md. An argument is the number of rounds; `--draw` draws
//! docs/pictures/peers.svg as well.
//!
//! Every engine is a process of its own, all stay alive, and one after the other runs a round, so that whatever slows
//! the machine slows all of them. The fastest of many rounds counts. After every round all must have left the same. What
//! cannot be built or started here is named, and left out.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

use child::WORKLOADS;

#[path = "../../../../harness/src/bench/chart.rs"]
#[allow(dead_code)]
mod chart;

use chart::{Chart, Panel, Row, machine};

const ROUNDS: u32 = 50;
/// Rounds of one engine behind each other, before it is the next one's turn: the first of them finds caches that others have filled.
const REPEATS: u32 = 8;

type Renamed = &'static [(&'static str, &'static str)];

/// A call of a function of the document, as the others call one of the script.
const STEPS: Renamed = &[("W6", "W6Call")];
const NODES: Renamed = &[("W4", "W4Node"), ("W5", "W5Node"), ("W6", "W6Call")];

struct Engine {
    name: &'static str,
    /// What it calls the workloads that it calls otherwise.
    renamed: Renamed,
    is_ours: bool,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// How an engine is started.
struct Plan {
    name: &'static str,
    program: PathBuf,
    args: Vec<String>,
    renamed: Renamed,
    is_ours: bool,
}

impl Engine {
    fn start(plan: Plan) -> Result<Engine, String> {
        let Plan { name, program, args, renamed, is_ours } = plan;
        let said = |error: std::io::Error| format!("{}: {error}", program.display());
        let mut process =
            Command::new(&program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(said)?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(format!("{name} has no pipes"));
        };
        Ok(Engine { name, renamed, is_ours, process, input, output: BufReader::new(output) })
    }

    /// One round: nanoseconds, and what it left.
    fn round(&mut self, workload: &str) -> Result<(f64, String), String> {
        let renamed = self.renamed.iter().find(|(name, _)| *name == workload);
        let asked = renamed.map_or(workload, |(_, asked)| asked);
        let mut line = String::new();
        writeln!(self.input, "{asked}")
            .and_then(|()| self.input.flush())
            .and_then(|()| self.output.read_line(&mut line))
            .map_err(|error| format!("{}: {error}", self.name))?;
        let (ns, left) = line.trim().split_once(' ').ok_or_else(|| format!("{} gave up at {workload}", self.name))?;
        Ok((ns.parse().map_err(|_| format!("{} answered `{line}`", self.name))?, left.to_owned()))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It ends by itself when its input does; this is for one that hangs.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

fn build(folder: &Path, package: &str, target: &Path) -> Result<(), String> {
    let status = Command::new("cargo")
        .args(["build", "--release", "-q", "-p", package, "--target-dir"])
        .arg(target)
        .current_dir(folder)
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{package} does not build")) }
}

/// Emits the workloads as JavaScript into a folder, which is given back.
fn emit_script(root: &Path) -> Result<PathBuf, String> {
    let folder = root.join("target/peers/js");
    let status = Command::new("cargo")
        .args(["run", "--quiet", "--profile", "quick", "--package", "statewright-cli", "--bin", "statewright", "--"])
        .args(["emit", "benches/workloads/arena.json", "--target", "js", "--out"])
        .arg(&folder)
        .current_dir(root)
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(folder) } else { Err("the workloads cannot be emitted as JavaScript".to_owned()) }
}

fn plans() -> Result<Vec<Plan>, String> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = here.join("../..").canonicalize().map_err(|error| format!("the repository: {error}"))?;
    let (peers, ours) = (root.join("target/peers"), root.join("target"));
    build(&root, "statewright-benches", &ours)?;
    let bench = ours.join("release/statewright-benches");
    let mut plans = Vec::new();
    let ours = |name, arg: &str, renamed| {
        let args = vec!["--child".to_owned(), arg.to_owned()];
        Plan { name, program: bench.clone(), args, renamed, is_ours: arg != "by-hand" }
    };
    plans.push(ours("by hand", "by-hand", STEPS));
    plans.push(ours("JIT", "jit", STEPS));
    plans.push(ours("JIT, array nodes", "jit", NODES));
    plans.push(ours("emitted Rust", "rust", STEPS));
    plans.push(ours("Rust, array nodes", "rust", NODES));
    plans.push(ours("interpreter", "graph", STEPS));
    plans.push(ours("interp., array nodes", "graph", NODES));
    match emit_script(&root) {
        Ok(folder) => {
            let script = here.join("v8/child.mjs").display().to_string();
            let folder = folder.display().to_string();
            let node = |name, args: &[&str], renamed, is_ours| Plan {
                name,
                program: PathBuf::from("node"),
                args: std::iter::once(script.clone()).chain(args.iter().map(|arg| (*arg).to_owned())).collect(),
                renamed,
                is_ours,
            };
            plans.push(node("emitted JavaScript", &["emitted", &folder], STEPS, true));
            plans.push(node("JS, array nodes", &["emitted", &folder], NODES, true));
            plans.push(node("V8, by hand", &["by-hand"], &[], false));
        }
        Err(why) => eprintln!("left out: {why}"),
    }
    let others = [
        ("peer-wasmtime", &[("wasmtime", None), ("wasmtime, fuel", Some("fuel"))][..]),
        ("peer-luajit", &[("LuaJIT", None), ("LuaJIT -joff", Some("interpreter"))]),
        ("peer-luau", &[("Luau, codegen", None), ("Luau", Some("interpreter"))]),
        ("peer-rhai", &[("Rhai", None)]),
    ];
    for (package, kinds) in others {
        if let Err(why) = build(&here, package, &peers) {
            eprintln!("left out: {why}");
            continue;
        }
        plans.extend(kinds.iter().map(|(name, arg)| Plan {
            name,
            program: peers.join("release").join(package),
            args: arg.iter().map(|arg| (*arg).to_owned()).collect(),
            renamed: &[],
            is_ours: false,
        }));
    }
    Ok(plans)
}

fn engines() -> Result<Vec<Engine>, String> {
    let mut engines = Vec::new();
    for plan in plans()? {
        match Engine::start(plan) {
            Ok(engine) => engines.push(engine),
            Err(why) => eprintln!("left out: {why}"),
        }
    }
    Ok(engines)
}

fn run(rounds: u32, draws: bool) -> Result<(), String> {
    let mut engines = engines()?;
    let mut best = vec![vec![f64::INFINITY; engines.len()]; WORKLOADS.len()];
    for _ in 0..rounds {
        for (workload, best) in WORKLOADS.iter().zip(&mut best) {
            let mut expected = None;
            for (engine, best) in engines.iter_mut().zip(best) {
                let mut left = String::new();
                for _ in 0..REPEATS {
                    let ns;
                    (ns, left) = engine.round(workload.name)?;
                    *best = best.min(ns / f64::from(workload.calls) / f64::from(workload.operations));
                }
                let expected = expected.get_or_insert_with(|| left.clone());
                if *expected != left {
                    return Err(format!("{} left {left} after {}, not {expected}", engine.name, workload.name));
                }
            }
        }
    }
    print!("{:<20}", "ns (ratio)");
    WORKLOADS.iter().for_each(|workload| print!("{:>17}", workload.name));
    println!("{:>9}", "mean");
    for (at, engine) in engines.iter().enumerate() {
        print!("{:<20}", engine.name);
        let mut logs = 0.0;
        for row in &best {
            let (Some(ns), Some(by_hand)) = (row.get(at), row.first()) else { continue };
            logs += (ns / by_hand).ln();
            print!("{:>9.2} {:>6.2}×", ns, ns / by_hand);
        }
        println!("{:>8.2}×", (logs / WORKLOADS.len() as f64).exp());
    }
    if draws {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/pictures/peers.svg");
        std::fs::write(&path, chart::svg(&drawn(&engines, &best, rounds)))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// A panel for each workload. Rows that say the same as the one above are left out.
fn drawn(engines: &[Engine], best: &[Vec<f64>], rounds: u32) -> Chart {
    let panels = WORKLOADS.iter().zip(best).map(|(workload, best)| {
        let by_hand = best.first().copied().unwrap_or(1.0);
        let is_drawn = |engine: &Engine| {
            !std::ptr::eq(engine.renamed, NODES)
                || NODES.iter().any(|(name, to)| *name == workload.name && to.ends_with("Node"))
        };
        let rows = engines.iter().zip(best).filter(|(engine, _)| is_drawn(engine)).map(|(engine, ns)| Row {
            name: engine.name.to_owned(),
            value: ns / by_hand,
            label: format!("{} · {ns:.2} ns", ratio(ns / by_hand)),
            is_ours: engine.is_ours,
        });
        Panel { title: format!("{}, {}", workload.name, about(workload.name)), rows: rows.collect() }
    });
    let fuel = "Ours: fuel, overflow checks, journal and change marks are on. Each engine is a process of its own, all run in turns.";
    Chart {
        title: "Compared with handwritten Rust".to_owned(),
        notes: vec![
            format!(
                "How many times as long as handwritten Rust, on a logarithmic scale; the fastest of {} rounds. {}.",
                rounds * REPEATS,
                machine()
            ),
            fuel.to_owned(),
        ],
        origin: 1.0,
        unit: "×".to_owned(),
        panels: panels.collect(),
    }
}

fn ratio(times: f64) -> String {
    if times < 10.0 { format!("{times:.2}×") } else { format!("{times:.0}×") }
}

/// What a workload is, in few words.
fn about(workload: &str) -> &'static str {
    match workload {
        "W1" => "a call that adds two parameters",
        "W2" => "integer arithmetic with a branch",
        "W3" => "find one of 100 by id, add to its score",
        "W4" => "the nearest living of 1,000",
        "W5" => "filter, map and sum of 1,000",
        _ => "calls of a function",
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rounds = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(ROUNDS);
    match run(rounds, args.iter().any(|arg| arg == "--draw")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
