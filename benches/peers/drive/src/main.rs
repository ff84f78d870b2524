//! `cargo run --release --manifest-path benches/peers/Cargo.toml -p peers`: builds other engines, and measures them, our
//! interpreter and handwritten Rust on the workloads of docs/performance.md.
//!
//! Every engine is a process of its own, all stay alive, and one after the other runs a round, so that whatever slows
//! the machine slows all of them. The fastest of many rounds counts. After every round all must have left the same.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

use child::WORKLOADS;

const ROUNDS: u32 = 200;

type Renamed = &'static [(&'static str, &'static str)];

/// A call of a function of the document, as the others call one of the script.
const STEPS: Renamed = &[("W6", "W6Call")];
const NODES: Renamed = &[("W4", "W4Node"), ("W5", "W5Node"), ("W6", "W6Call")];

struct Engine {
    name: &'static str,
    /// What it calls the workloads that it calls otherwise.
    renamed: Renamed,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Engine {
    fn start(name: &'static str, program: &Path, args: &[&str], renamed: Renamed) -> Result<Engine, String> {
        let said = |error: std::io::Error| format!("{}: {error}", program.display());
        let mut process =
            Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(said)?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(format!("{name} has no pipes"));
        };
        Ok(Engine { name, renamed, process, input, output: BufReader::new(output) })
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

fn engines() -> Result<Vec<Engine>, String> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = here.join("../..");
    let (peers, ours) = (root.join("target/peers"), root.join("target"));
    for package in ["peer-luajit", "peer-luau", "peer-rhai"] {
        build(&here, package, &peers)?;
    }
    build(&root, "statewright-benches", &ours)?;
    let (peer, ours) = (|name: &str| peers.join("release").join(name), ours.join("release/statewright-benches"));
    Ok(vec![
        Engine::start("by hand", &ours, &["--child", "by-hand"], STEPS)?,
        Engine::start("graph", &ours, &["--child", "graph"], STEPS)?,
        Engine::start("array nodes", &ours, &["--child", "graph"], NODES)?,
        Engine::start("LuaJIT -joff", &peer("peer-luajit"), &[], &[])?,
        Engine::start("Luau", &peer("peer-luau"), &[], &[])?,
        Engine::start("Rhai", &peer("peer-rhai"), &[], &[])?,
    ])
}

fn run(rounds: u32) -> Result<(), String> {
    let mut engines = engines()?;
    let mut best = vec![vec![f64::INFINITY; engines.len()]; WORKLOADS.len()];
    for _ in 0..rounds {
        for (workload, best) in WORKLOADS.iter().zip(&mut best) {
            let mut expected = None;
            for (engine, best) in engines.iter_mut().zip(best) {
                let (ns, left) = engine.round(workload.name)?;
                *best = best.min(ns / f64::from(workload.calls) / f64::from(workload.operations));
                let expected = expected.get_or_insert_with(|| left.clone());
                if *expected != left {
                    return Err(format!("{} left {left} after {}, not {expected}", engine.name, workload.name));
                }
            }
        }
    }
    print!("{:<14}", "ns (ratio)");
    WORKLOADS.iter().for_each(|workload| print!("{:>17}", workload.name));
    println!("{:>9}", "mean");
    for (at, engine) in engines.iter().enumerate() {
        print!("{:<14}", engine.name);
        let mut logs = 0.0;
        for row in &best {
            let (Some(ns), Some(by_hand)) = (row.get(at), row.first()) else { continue };
            logs += (ns / by_hand).ln();
            print!("{:>9.2} {:>6.1}×", ns, ns / by_hand);
        }
        println!("{:>8.1}×", (logs / WORKLOADS.len() as f64).exp());
    }
    Ok(())
}

fn main() -> ExitCode {
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    match run(rounds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
