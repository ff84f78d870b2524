//! Emitted Rust: many documents in one crate, which is this harness with the documents linked in, as a process of its own.
//!
//! Whoever hunts writes modules and cases to a folder, has cargo build `tests/differential/linked` with it, and starts what comes out;
//! that compares as any hunt does, and tells findings as lines of JSON.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use statewright_harness::execution::{Registered, cargo_build, register};
use statewright_types::{Value, json, planted};

use crate::case::{Case, unsigned};
use crate::compare::{Difference, Respect};
use crate::execution::{self, LINKED, Prepared};
use crate::faults::{Fault, Of};
use crate::generate::generate;
use crate::hunt::{Finding, Hunt, Progress};

/// Documents that are compiled together.
pub const BATCH: usize = 1_000;
/// How many smaller cases are tried of one that disagrees: each has cargo build it.
pub const TRIES: usize = 100;
/// Findings of one process at most.
const FINDINGS: usize = 20;
/// Documents that a fault in what writes them is looked for in.
const WRITTEN: usize = 40;
/// How often those are left out that cargo cannot build.
const BUILDS: usize = 4;

/// Where it is built, and how.
pub struct Workshop {
    folder: PathBuf,
    threads: usize,
}

/// What a process found: with which fault at work, after how many cases.
pub struct Found {
    /// 0 is none.
    pub fault: u32,
    /// How far it was.
    pub progress: Progress,
    /// The disagreements.
    pub findings: Vec<Finding>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

impl Workshop {
    /// One in `target/fuzz`, for what is called so.
    pub fn new(name: &str, threads: usize) -> Workshop {
        Workshop { folder: target().join("fuzz").join(name), threads }
    }

    /// Builds cases with a fault in what writes them (0 is none), and runs them with each of `faults` at work.
    ///
    /// # Errors
    /// Says what cannot be written, built or run; documents that alone are at fault are findings.
    pub fn examine(&self, cases: &[Case], written_with: u32, faults: &[u32]) -> Result<Vec<Found>, String> {
        let mut broken: Vec<Finding> = Vec::new();
        let mut texts: Vec<(Case, String)> = Vec::new();
        for case in cases {
            let Ok(prepared) = Prepared::with_fault(case.clone(), written_with) else { continue };
            match planted::with(written_with, || prepared.emitted_rust()) {
                Ok(text) => texts.push((prepared.case, text)),
                Err(why) => broken.push(uncompiled(prepared.case, why)),
            }
        }
        let program = self.build(&mut texts, &mut broken)?;
        let linked: Vec<Case> = texts.into_iter().map(|(case, _)| case).collect();
        let mut all = self.run(&program, &linked, faults)?;
        if let Some(first) = all.first_mut() {
            first.findings.extend(broken);
        }
        Ok(all)
    }

    /// The program; what cargo does not build is taken out.
    fn build(&self, texts: &mut Vec<(Case, String)>, broken: &mut Vec<Finding>) -> Result<PathBuf, String> {
        let root = root();
        let _old = fs::remove_dir_all(&self.folder);
        for _ in 0..BUILDS {
            let modules = self.folder.join("modules");
            let _old = fs::remove_dir_all(&modules);
            fs::create_dir_all(&modules).map_err(|error| format!("{}: {error}", modules.display()))?;
            for (at, (_, text)) in texts.iter().enumerate() {
                write(&modules.join(file_name(at)), text)?;
            }
            let mut cargo = cargo_build(&root.join("Cargo.toml"), &target());
            cargo.args(["--profile", "quick", "-p", "statewright-linked", "-p", "statewright-unified"]);
            cargo.env("STATEWRIGHT_BATCH", &modules);
            if cfg!(feature = "planted") {
                cargo.args(["--features", "statewright-linked/planted"]);
            }
            let output = cargo.output().map_err(|error| format!("cannot run cargo: {error}"))?;
            if output.status.success() {
                let built = target().join("quick").join(format!("linked{}", std::env::consts::EXE_SUFFIX));
                let program = self.folder.join("linked");
                fs::copy(&built, &program).map_err(|error| format!("{}: {error}", built.display()))?;
                return Ok(program);
            }
            let said = String::from_utf8_lossy(&output.stderr);
            let guilty: BTreeSet<usize> =
                (0..texts.len()).filter(|at| said.contains(&format!("/{}:", file_name(*at)))).collect();
            if guilty.is_empty() {
                return Err(format!("cargo failed:\n{said}"));
            }
            for at in guilty.into_iter().rev() {
                let (case, _) = texts.remove(at);
                let lines: Vec<&str> = said.lines().collect();
                let line = lines.iter().position(|line| line.contains(&file_name(at))).unwrap_or(0);
                let near = lines.get(line.saturating_sub(1)..).unwrap_or_default();
                broken.push(uncompiled(case, near.iter().take(8).copied().collect::<Vec<_>>().join("\n")));
            }
        }
        Err("cargo fails again and again".to_owned())
    }

    fn run(&self, program: &Path, cases: &[Case], faults: &[u32]) -> Result<Vec<Found>, String> {
        let file = self.folder.join("cases");
        write(&file, &cases.iter().map(|case| case.line() + "\n").collect::<String>())?;
        let mut all = Vec::new();
        for fault in faults {
            let output = Command::new(program)
                .arg(&file)
                .args([self.threads.to_string(), fault.to_string()])
                .stdin(Stdio::null())
                .output()
                .map_err(|error| format!("{}: {error}", program.display()))?;
            let text = String::from_utf8_lossy(&output.stdout);
            let mut found = Found { fault: *fault, progress: Progress::default(), findings: Vec::new() };
            let mut has_ended = false;
            for line in text.lines() {
                let value: Value = line.parse().map_err(|_| format!("not understood: {line}"))?;
                match value.get("drawn").and_then(unsigned) {
                    Some(drawn) => {
                        has_ended = true;
                        let count = |name: &str| value.get(name).and_then(unsigned).unwrap_or(0);
                        found.progress = Progress {
                            drawn,
                            passed: count("passed"),
                            steps: count("steps"),
                            taken_over: count("taken_over"),
                            ..Progress::default()
                        };
                    }
                    None => {
                        found.findings.push(read(&value, cases).ok_or_else(|| format!("not understood: {line}"))?);
                    }
                }
            }
            if !has_ended {
                return Err(format!("{} ended early: {}", program.display(), output.status));
            }
            all.push(found);
        }
        Ok(all)
    }
}

/// Hunts through what is drawn of seeds, a crate for each batch, until `stop` says so.
///
/// # Errors
/// Says what cannot be built or run.
pub fn hunt(
    workshop: &Workshop,
    (seed, documents): (u64, u64),
    stop: &dyn Fn(&Progress) -> bool,
) -> Result<(Progress, Vec<Finding>), String> {
    let (mut progress, mut findings) = (Progress::default(), Vec::new());
    let mut from = 0;
    while from < documents && findings.len() < FINDINGS && !stop(&progress) {
        let count = documents.saturating_sub(from).min(BATCH as u64);
        let seeds = (0..count).map(|at| seed.wrapping_add(from).wrapping_add(at));
        let cases: Vec<Case> = seeds.filter_map(generate).collect();
        for found in workshop.examine(&cases, 0, &[0])? {
            progress.passed += found.progress.passed;
            progress.steps += found.progress.steps;
            progress.taken_over += found.progress.taken_over;
            findings.extend(found.findings);
        }
        progress.found = findings.len() as u64;
        progress.drawn += count;
        from += count;
    }
    Ok((progress, findings))
}

/// Hunts planted faults: the finding of each, if there is one, and after how many cases. Those in what writes programs have a crate
/// each, of cases that they make another program of; all others share one.
///
/// # Errors
/// Says what cannot be built or run.
pub fn planted_faults(
    workshop: &Workshop,
    faults: &[&Fault],
    (seed, documents): (u64, u64),
    told: &mut dyn FnMut(&Fault, Option<&Finding>, u64),
) -> Result<(), String> {
    let drawn = |count: u64| (0..count).filter_map(move |at| generate(seed.wrapping_add(at)));
    let is_written = |fault: &&&Fault| fault.of == Of::Rust;
    for fault in faults.iter().filter(is_written) {
        let others = drawn(documents).filter(|case| fault.changes(case));
        let cases: Vec<Case> = others.take(WRITTEN).collect();
        let found = workshop.examine(&cases, fault.number, &[fault.number])?;
        let finding = found.iter().find_map(|one| one.findings.first());
        told(fault, finding, cases.len() as u64);
    }
    let shared: Vec<&&Fault> = faults.iter().filter(|fault| !is_written(fault)).collect();
    if shared.is_empty() {
        return Ok(());
    }
    let cases: Vec<Case> = drawn(documents.min(BATCH as u64)).collect();
    let numbers: Vec<u32> = shared.iter().map(|fault| fault.number).collect();
    for (fault, found) in shared.iter().zip(workshop.examine(&cases, 0, &numbers)?) {
        told(fault, found.findings.first(), found.progress.drawn);
    }
    Ok(())
}

/// What it makes of one case otherwise than the reference, if it can be built and run.
pub fn disagreement(workshop: &Workshop, case: &Case, written_with: u32, fault: u32) -> Option<(Difference, bool)> {
    let found = workshop.examine(std::slice::from_ref(case), written_with, &[fault]).ok()?.pop()?;
    found.findings.into_iter().next().map(|finding| (finding.difference, finding.taken_over))
}

fn file_name(at: usize) -> String {
    format!("document_{at:05}.rs")
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn uncompiled(case: Case, why: String) -> Finding {
    let difference = Difference { respect: Respect::Compiled, step: 0, expected: "a program".to_owned(), found: why };
    Finding { case, execution: LINKED, difference, taken_over: false }
}

fn told(finding: &Finding) -> String {
    let Finding { case, difference, taken_over, .. } = finding;
    let Difference { respect, step, expected, found } = difference;
    json::to_string(&Value::map([
        ("case", Value::uint(case.seed)),
        ("respect", respect.name().into()),
        ("step", Value::uint(*step as u64)),
        ("expected", expected.as_str().into()),
        ("found", found.as_str().into()),
        ("taken_over", Value::Bool(*taken_over)),
    ]))
}

fn read(line: &Value, cases: &[Case]) -> Option<Finding> {
    let text = |name: &str| match line.get(name) {
        Some(Value::Str(text)) => Some(text.to_string()),
        _ => None,
    };
    let seed = unsigned(line.get("case")?)?;
    let (respect, step) = (text("respect")?, unsigned(line.get("step")?)? as usize);
    let respect = Respect::ALL.into_iter().find(|known| known.name() == respect)?;
    Some(Finding {
        case: cases.iter().find(|case| case.seed == seed)?.clone(),
        execution: LINKED,
        difference: Difference { respect, step, expected: text("expected")?, found: text("found")? },
        taken_over: line.get("taken_over") == Some(&Value::Bool(true)),
    })
}

/// What a program with documents linked in does: `linked CASES THREADS FAULT`.
pub fn main_with(programs: &'static [Registered]) -> ExitCode {
    register(programs);
    std::panic::set_hook(Box::new(|_| {}));
    let args: Vec<String> = std::env::args().skip(1).collect();
    match serve(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn serve(args: &[String]) -> Result<(), String> {
    let [file, threads, fault] = args else { return Err("usage: linked CASES THREADS FAULT".to_owned()) };
    let number = |text: &str| text.parse::<usize>().map_err(|_| format!("`{text}` is no number"));
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let cases: Option<Vec<Case>> = text.lines().map(Case::read).collect();
    let cases = cases.ok_or_else(|| format!("{file} has what is no case"))?;
    let execution = execution::by_name(LINKED).ok_or("there is no such execution")?;
    let (reference, fault) = (execution::reference(), number(fault)? as u32);
    let hunt = Hunt {
        cases: &|at| cases.get(usize::try_from(at).ok()?).cloned(),
        reference: &*reference,
        executions: vec![&*execution],
        seed: 0,
        documents: cases.len() as u64,
        threads: number(threads)?,
        fault,
        // A fault need be found only once.
        asks_reach: false,
        findings: if fault == 0 { FINDINGS } else { 1 },
        stop: &|_| false,
    };
    let (progress, findings) = hunt.run();
    findings.iter().for_each(|finding| println!("{}", told(finding)));
    let Progress { drawn, passed, steps, taken_over, .. } = progress;
    let counts = [("drawn", drawn), ("passed", passed), ("steps", steps), ("taken_over", taken_over)];
    println!("{}", json::to_string(&Value::map(counts.map(|(name, count)| (name, Value::uint(count))))));
    Ok(())
}
