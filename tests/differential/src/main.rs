//! The command behind `cargo xtask fuzz`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use statewright_differential::case::Case;
use statewright_differential::execution::{self, EMITTED, Execution, LINKED, Prepared};
use statewright_differential::faults::{self, FAULTS, Fault};
use statewright_differential::generate::generate;
use statewright_differential::hunt::{Finding, Hunt, Progress, disagreement};
use statewright_differential::linked::{self, Workshop};
use statewright_differential::reach;
use statewright_differential::report::report;
use statewright_differential::shrink::TRIES;
use statewright_types::json;

const USAGE: &str = "usage: statewright-differential [--backend NAME]… [--documents N] [--minutes N] [--seed S] [--threads N] [--out DIR] [--reach]
       statewright-differential --planted [NUMBER]… [--documents N] [--backend NAME]
       statewright-differential --check [--documents N] [--seed S]
       statewright-differential --show SEED";

#[derive(Default)]
struct Args {
    backends: Vec<String>,
    documents: Option<u64>,
    minutes: Option<u64>,
    seed: u64,
    threads: Option<usize>,
    out: Option<PathBuf>,
    planted: Option<Vec<u32>>,
    is_check: bool,
    is_reach: bool,
    show: Option<u64>,
}

fn parse(args: &[String]) -> Result<Args, String> {
    let mut parsed = Args::default();
    let mut args = args.iter().peekable();
    while let Some(arg) = args.next() {
        let mut value = || args.next().cloned().ok_or(format!("{arg} takes a value"));
        let number = |text: String| text.parse::<u64>().map_err(|_| format!("`{text}` is no number"));
        match arg.as_str() {
            "--backend" => parsed.backends.push(value()?),
            "--documents" => parsed.documents = Some(number(value()?)?),
            "--minutes" => parsed.minutes = Some(number(value()?)?),
            "--seed" => parsed.seed = number(value()?)?,
            "--threads" => parsed.threads = Some(number(value()?)? as usize),
            "--out" => parsed.out = Some(value()?.into()),
            "--show" => parsed.show = Some(number(value()?)?),
            "--check" => parsed.is_check = true,
            "--reach" => parsed.is_reach = true,
            "--planted" => {
                let mut numbers = Vec::new();
                while let Some(number) = args.peek().and_then(|text| text.parse().ok()) {
                    numbers.push(number);
                    args.next();
                }
                parsed.planted = Some(numbers);
            }
            other => return Err(format!("`{other}` is not understood\n{USAGE}")),
        }
    }
    Ok(parsed)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = parse(&args).and_then(|args| {
        // A panic in an execution is a finding, and told as one.
        std::panic::set_hook(Box::new(|_| {}));
        match (&args.planted, args.show) {
            (_, Some(seed)) => show(seed, &args),
            (Some(numbers), _) => planted(numbers, &args),
            _ if args.is_check => Ok(check(&args)),
            _ => hunt(&args),
        }
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn threads(args: &Args) -> usize {
    args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

fn executions(args: &Args) -> Result<Vec<Box<dyn Execution>>, String> {
    let names: Vec<&str> = match args.backends.is_empty() {
        // A long hunt is about all that this machine can run.
        true if args.minutes.is_some() => [&execution::NAMES[..], &EMITTED[..]].concat(),
        true => execution::NAMES.to_vec(),
        false => args.backends.iter().map(String::as_str).collect(),
    };
    let known = [&execution::NAMES[..], &EMITTED[..]].concat().join(", ");
    names
        .iter()
        .map(|name| execution::by_name(name).ok_or(format!("no execution `{name}` is here; there are {known}")))
        .collect()
}

/// Hunts; whether nothing was found.
fn hunt(args: &Args) -> Result<bool, String> {
    let executions = executions(args)?;
    let reference = execution::reference();
    let workshop = Workshop::new("hunt", threads(args));
    let is_linked = executions.iter().any(|one| one.name() == LINKED);
    let began = Instant::now();
    let limit = args.minutes.map(|minutes| Duration::from_secs(minutes * 60));
    let told = Mutex::new(Instant::now());
    let stop = |progress: &Progress| {
        let mut told = told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.elapsed() > Duration::from_secs(20) {
            *told = Instant::now();
            println!("{}", pace(progress, began));
        }
        limit.is_some_and(|limit| began.elapsed() > limit)
    };
    let documents = args.documents.unwrap_or(if limit.is_some() { u64::MAX } else { 20_000 });
    let hunt = Hunt {
        cases: &generate,
        reference: &*reference,
        executions: executions.iter().map(|one| &**one).filter(|one| one.name() != LINKED).collect(),
        seed: args.seed,
        documents,
        threads: threads(args),
        fault: 0,
        asks_reach: args.is_reach,
        findings: 20,
        stop: &stop,
    };
    let (mut progress, mut findings) = (Progress::default(), Vec::new());
    if is_linked {
        // Where others wait for their turn, half of the time is theirs.
        let part = |limit: Duration| if hunt.executions.is_empty() { limit } else { limit / 2 };
        let stop = |progress: &Progress| stop(progress) || limit.is_some_and(|limit| began.elapsed() > part(limit));
        (progress, findings) = linked::hunt(&workshop, (args.seed, documents), &stop)?;
        println!("{LINKED}: {}", pace(&progress, began));
    }
    if !hunt.executions.is_empty() {
        let more;
        (progress, more) = hunt.run();
        findings.extend(more);
        println!("{}", pace(&progress, began));
        if args.is_reach {
            summary(&progress);
        }
    }
    let names: Vec<&str> = executions.iter().map(|one| one.name()).collect();
    println!("{} against {}: {} disagreements", names.join(", "), reference.name(), findings.len());
    for finding in &findings {
        let execution = executions.iter().find(|one| one.name() == finding.execution);
        match execution {
            Some(execution) => {
                written(finding.clone(), &*reference, (&**execution, &workshop), args.out.as_deref())?;
            }
            // The reference itself: there is nothing to make it smaller with.
            None => println!("seed {}: {}: {}", finding.case.seed, finding.execution, finding.difference),
        }
    }
    let is_reached = !args.is_reach || told_reach(&progress) & told_loops(&executions);
    let is_drawn = progress.passed * 10 >= progress.drawn * 9;
    if !is_drawn {
        println!("too few documents pass the checker: `--check` says why");
    }
    Ok(findings.is_empty() && is_reached && is_drawn)
}

/// Says what was not reached; whether that is what the list of exceptions says. Errors of that list are rare: some of them
/// are come upon, others with each change of what is drawn.
fn told_reach(progress: &Progress) -> bool {
    let (missing, excused) = (reach::missing(&progress.reach), reach::excused());
    let new: Vec<&String> = missing.difference(&excused).collect();
    let (rare, gone): (Vec<&String>, Vec<&String>) =
        excused.difference(&missing).partition(|line| line.starts_with("error "));
    new.iter().for_each(|line| println!("not reached: {line}"));
    let seldom = reach::seldom(&progress.reach);
    seldom.difference(&excused).for_each(|line| println!("reached less than {} times: {line}", reach::SELDOM));
    rare.iter().for_each(|line| println!("reached, though rare: {line}"));
    gone.iter().for_each(|line| println!("reached, so take it out of tests/differential/unreached.txt: {line}"));
    new.is_empty() && gone.is_empty()
}

/// Says of how many programs loops make several passes at once; whether there are any of each execution that does so.
fn told_loops(executions: &[Box<dyn Execution>]) -> bool {
    let mut all = true;
    for execution in executions {
        if let Some(count) = execution.with_loops_at_once() {
            println!("{}: {count} programs with loops that make several passes at once", execution.name());
            all &= count > 0;
        }
    }
    all
}

fn pace(progress: &Progress, began: Instant) -> String {
    let seconds = began.elapsed().as_secs_f64();
    let Progress { drawn, passed, steps, taken_over, found, .. } = progress;
    let share = *passed as f64 / (*drawn).max(1) as f64 * 100.0;
    let each = *drawn as f64 / seconds;
    format!(
        "{drawn} documents ({share:.1} % pass the checker), {steps} steps, {taken_over} taken over, {found} disagreements, {each:.0} documents a second"
    )
}

fn summary(progress: &Progress) {
    let reach = &progress.reach;
    println!("{} node types, {} operations, ends {:?}", reach.types.len(), reach.ops.len(), reach.ends);
    println!("errors {:?}", reach.codes);
    let mut errors: Vec<_> = reach.errors.iter().collect();
    errors.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    println!("most {:?}", errors.iter().take(16).collect::<Vec<_>>());
}

fn written(
    finding: Finding,
    reference: &dyn Execution,
    (execution, workshop): (&dyn Execution, &Workshop),
    out: Option<&Path>,
) -> Result<(), String> {
    println!("\nseed {}: {} {}", finding.case.seed, finding.execution, finding.difference);
    let report = match execution.name() == LINKED {
        true => report(finding, reference, &mut |case| linked::disagreement(workshop, case, 0, 0), linked::TRIES),
        false => report(finding, reference, &mut |case| disagreement(case, reference, execution, 0), TRIES),
    };
    println!("{}", report.text);
    if let Some(out) = out {
        let name = format!("{}_{}.test.json", report.finding.execution, report.finding.case.seed);
        std::fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
        std::fs::write(out.join(&name), report.test_file).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// Hunts planted faults; whether all were found.
fn planted(numbers: &[u32], args: &Args) -> Result<bool, String> {
    if !cfg!(feature = "planted") {
        return Err("build with `--features planted`".into());
    }
    let mut is_found = true;
    for execution in executions(args)? {
        is_found &= planted_in(&*execution, numbers, args)?;
    }
    Ok(is_found)
}

fn planted_in(execution: &dyn Execution, numbers: &[u32], args: &Args) -> Result<bool, String> {
    let reference = execution::reference();
    let documents = args.documents.unwrap_or(20_000);
    let mut missed = Vec::new();
    let mut told = |fault: &Fault, finding: Option<&Finding>, drawn: u64| {
        let (number, what) = (fault.number, fault.what);
        match finding {
            Some(finding) => {
                let respect = finding.difference.respect.name();
                println!("{number:3} {what}: found after {drawn} documents by its {respect}");
            }
            None => {
                println!("{number:3} {what}: NOT FOUND in {drawn} documents");
                missed.push(number);
            }
        }
    };
    let wanted = FAULTS.iter().filter(|fault| numbers.is_empty() || numbers.contains(&fault.number));
    let wanted: Vec<&Fault> = wanted.filter(|fault| fault.is_in(execution.name())).collect();
    if execution.name() == LINKED {
        let workshop = Workshop::new("planted", threads(args));
        linked::planted_faults(&workshop, &wanted, (args.seed, documents), &mut told)?;
    } else {
        for fault in &wanted {
            let bounds = (args.seed, documents, threads(args));
            let (finding, drawn) = faults::hunt(fault, &*reference, execution, bounds);
            told(fault, finding.as_ref(), drawn);
            if let Some(finding) = finding.filter(|_| args.out.is_some()) {
                let mut judge = |case: &Case| disagreement(case, &*reference, execution, fault.number);
                println!("{}", report(finding, &*reference, &mut judge, TRIES).text);
            }
        }
    }
    println!("{}: {} faults, {} not found {missed:?}", execution.name(), wanted.len(), missed.len());
    Ok(missed.is_empty())
}

/// What keeps documents from passing the checker, most frequent first.
fn check(args: &Args) -> bool {
    let documents = args.documents.unwrap_or(3_000);
    let mut wrong: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut failed = 0;
    let began = Instant::now();
    (args.seed..args.seed + documents).for_each(|seed| drop(generate(seed)));
    println!("drawn in {:?}", began.elapsed());
    for seed in args.seed..args.seed + documents {
        let Some(case) = generate(seed) else { continue };
        let text = json::to_string(&case.document);
        let Err(found) = Prepared::new(case) else { continue };
        failed += 1;
        let is_error = |one: &&statewright_types::Diagnostic| {
            statewright_types::diagnostic::has_errors(std::slice::from_ref(*one))
        };
        let Some(first) = found.iter().find(is_error) else { continue };
        let kind: String = first.message.chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
        let span =
            first.span.map_or(0..0, |span| span.start as usize..(span.end as usize).min(span.start as usize + 120));
        let example =
            format!("seed {seed} {:?}: {} [{}]", first.place.node, first.message, text.get(span).unwrap_or(""));
        wrong.entry(format!("{} {kind}", first.code)).or_insert((0, example)).0 += 1;
    }
    println!("{failed} of {documents} documents do not pass the checker");
    let mut wrong: Vec<_> = wrong.into_iter().collect();
    wrong.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    wrong.iter().take(40).for_each(|(_, (count, example))| println!("{count:5} {example}"));
    failed * 10 <= documents
}

/// Shows the case of a seed, and whether the executions agree about it.
fn show(seed: u64, args: &Args) -> Result<bool, String> {
    let case = generate(seed).ok_or("nothing is drawn of that seed")?;
    println!("{}", case.to_test_file(&format!("seed {seed}"), "", &[]));
    let reference = execution::reference();
    let mut agree = true;
    for execution in executions(args)? {
        let found = match execution.name() == LINKED {
            true => linked::disagreement(&Workshop::new("show", 1), &case, 0, 0),
            false => disagreement(&case, &*reference, &*execution, 0),
        };
        match found {
            Some((difference, _)) => {
                agree = false;
                println!("{}: {difference}", execution.name());
            }
            None => println!("{}: agrees", execution.name()),
        }
    }
    Ok(agree)
}
