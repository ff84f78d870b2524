//! `statewright simulate`: a script over many seeds.

use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use statewright_harness::project::{Backend, Fault, Loaded, Source};
use statewright_harness::simulate::text::word;
use statewright_harness::simulate::{
    Control, Metric, Plan, Refused, Report, Script, Setting, Wanted, play, plot, report, saved, script, text, value,
};
use statewright_types::{Diagnostic, json};

use super::play as session;
use crate::args::{BackendName, Simulate};
use crate::built::run_built;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// How often progress is shown on a terminal, and elsewhere.
const SHOWN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// Prints the report, or JSON; exit code 1 if odds are not as declared.
pub fn simulate(args: &Simulate) -> Result<Exit, Stop> {
    if args.lookout {
        // It is there until the one that works is gone, or until Ctrl-C.
        wait_for_stdin();
        return Ok(Exit::Fine);
    }
    if !args.works
        && let Some(exit) = in_a_process_of_its_own()
    {
        return Ok(exit);
    }
    let Some(mut script) = read_script(args)? else { return Ok(Exit::BadInput) };
    let backend = args.backend.unwrap_or(BackendName::Jit);
    let loaded = match session::load_to_play(&args.file, &args.play(backend), false) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    if backend == BackendName::Rust
        && let Some(exit) = run_built([&loaded], false)?
    {
        return Ok(exit);
    }
    let (beginning, backend) = match begin(args, &loaded, backend) {
        Ok(begun) => begun,
        Err(exit) => return exit,
    };
    if script.measures_nothing() {
        terminal::say(
            "nothing is asked for but whether runs fail: name what to measure with --metric, or in the script",
        );
    }
    script.complete(&loaded).map_err(Stop::Usage)?;
    let plan = Plan {
        beginning,
        steps: script.steps,
        metrics: script.metrics,
        over: script.over,
        runs: args.runs,
        seed_from: args.seed_from,
        threads: args.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from),
    };
    if let Some(folder) = &args.out {
        // Before anything is run, not after.
        std::fs::create_dir_all(folder).map_err(|source| Fault::Write { path: folder.clone(), source })?;
    }
    let control = Arc::new(Control::default());
    if args.works {
        stop_with_stdin(control.clone());
    }
    let runs = match shown(args, &plan, &control) {
        Ok(runs) => runs,
        Err(Refused::Plan(what)) => return Err(Stop::Usage(what)),
        Err(Refused::Findings(findings)) => return Ok(session::bad_input(&findings)),
    };
    let setting = Setting {
        document: loaded.source.name.clone(),
        backend: Backend::from(backend).name().to_owned(),
        replay: replay(args, backend),
        wanted: Wanted { confidence: args.confidence, quantiles: args.quantile.clone() },
        expect: script.expect,
    };
    let report = report(&plan, &runs, setting);
    product(args, &report, value::csv(&plan, &runs))?;
    Ok(match report.done {
        _ if !report.is_as_expected() => Exit::Findings,
        done if done > 0 && report.failed == done => Exit::HandlerFailed,
        _ => Exit::Fine,
    })
}

/// What there is first, then the files.
fn product(args: &Simulate, report: &Report, csv: String) -> Result<(), Stop> {
    let (text, json) = (text::text(report), json::to_pretty(&value::value(report)));
    let printed = terminal::product(if args.json { &json } else { &text });
    if let Some(path) = &args.svg {
        terminal::write(path, &plot::svg(report))?;
    }
    if let Some(folder) = &args.out {
        for (name, content) in saved::files(report, csv) {
            terminal::write(&folder.join(name), &content)?;
        }
    }
    printed
}

/// The script with what the options add; `None` if something is wrong, which was said.
fn read_script(args: &Simulate) -> Result<Option<Script>, Stop> {
    let source = Arc::new(Source::read(&args.script)?);
    let (mut script, diagnostics) = script::read(&source);
    let mut is_fine = are_none(&source, diagnostics);
    for text in &args.expect {
        let source = session::input("--expect", text)?;
        let (expect, diagnostics) = script::read_expectations(&source);
        is_fine &= are_none(&source, diagnostics);
        script.expect.extend(expect);
    }
    for (option, texts, metrics) in
        [("--metric", &args.metric, &mut script.metrics), ("--over", &args.over, &mut script.over)]
    {
        for text in texts {
            let metric = Metric::parse(text).map_err(|why| Stop::option(option, text, why))?;
            if option == "--over" && !metric.is_of_state() {
                return Err(Stop::option(option, text, "it is no state path, so it has no value after each step"));
            }
            metrics.push(metric);
        }
    }
    Ok(is_fine.then_some(script))
}

fn are_none(source: &Arc<Source>, diagnostics: Vec<Diagnostic>) -> bool {
    if !diagnostics.is_empty() {
        session::bad_input(&source.findings(diagnostics));
        return false;
    }
    true
}

/// On machine code if nothing else was asked for, or the interpreter where there is none.
fn begin(
    args: &Simulate,
    loaded: &Loaded,
    backend: BackendName,
) -> Result<(statewright_harness::play::Beginning, BackendName), Result<Exit, Stop>> {
    match session::beginning(loaded, &args.play(backend)) {
        Err(Err(Stop::Fault(Fault::NotCompiled(error)))) if args.backend.is_none() => {
            terminal::say(&format!("on the interpreter, because it cannot be compiled here: {error}"));
            let backend = BackendName::Interpreter;
            Ok((session::beginning(loaded, &args.play(backend))?, backend))
        }
        begun => Ok((begun?, backend)),
    }
}

/// Plays the plan, and says how far it is if somebody looks.
fn shown(args: &Simulate, plan: &Plan, control: &Control) -> Result<statewright_harness::simulate::Runs, Refused> {
    let on_terminal = io::stderr().is_terminal();
    if !on_terminal && !args.progress {
        return play(plan, control);
    }
    let start = Instant::now();
    let line = |done: u64| {
        let seconds = start.elapsed().as_secs_f64();
        let rate = done as f64 / seconds.max(1e-9);
        format!("{done} of {} runs, {seconds:.1} s, {rate:.0} runs/s", plan.runs)
    };
    std::thread::scope(|scope| {
        let (ended, wait) = mpsc::channel::<()>();
        scope.spawn(move || {
            let every = if on_terminal { SHOWN.0 } else { SHOWN.1 };
            while wait.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let line = line(control.done());
                // A stderr that is gone shows nothing.
                let _ = match on_terminal {
                    true => write!(io::stderr(), "\r{line}\u{1b}[K"),
                    false => writeln!(io::stderr(), "{line}"),
                };
            }
            let clear = if on_terminal { "\r\u{1b}[K" } else { "" };
            let _ = writeln!(io::stderr(), "{clear}{}", line(control.done()));
        });
        let runs = play(plan, control);
        drop(ended);
        runs
    })
}

/// Has the work done by a process that Ctrl-C does not end, and that hears of it: it runs no more then, and reports what there is. `None`
/// if there can be no such process.
///
/// A lookout is started that Ctrl-C ends as it ends anything. Then this process becomes the one that works: the shell has it take no
/// notice of the signal, and its stdin ends with the lookout. So whoever waits for this process waits for the report.
#[cfg(unix)]
fn in_a_process_of_its_own() -> Option<Exit> {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    use std::os::unix::process::CommandExt;
    let program = std::env::current_exe().ok()?;
    let (here, there) = UnixStream::pair().ok()?;
    let arguments = || std::env::args_os().skip(1);
    let mut lookout = Command::new(&program);
    lookout.args(arguments()).arg("--lookout").stdin(Stdio::from(OwnedFd::from(there)));
    let mut lookout = lookout.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "trap '' INT; exec \"$0\" \"$@\""]).arg(&program).args(arguments()).arg("--works");
    shell.stdin(Stdio::from(OwnedFd::from(here)));
    // It comes back only if there is no shell.
    let _failed = shell.exec();
    drop(shell);
    let _ = lookout.wait();
    None
}

/// The same where processes do not become others: this one waits, and the other one sees its stdin end when this one is ended.
#[cfg(not(unix))]
fn in_a_process_of_its_own() -> Option<Exit> {
    let mut command = Command::new(std::env::current_exe().ok()?);
    command.args(std::env::args_os().skip(1)).arg("--works").stdin(Stdio::piped());
    apart(&mut command);
    let mut child = command.spawn().ok()?;
    let stdin = child.stdin.take();
    let status = child.wait().ok()?;
    drop(stdin);
    Some(Exit::Code(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2)))
}

#[cfg(windows)]
fn apart(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    std::os::windows::process::CommandExt::creation_flags(command, CREATE_NEW_PROCESS_GROUP);
}

#[cfg(not(any(unix, windows)))]
fn apart(_command: &mut Command) {}

fn stop_with_stdin(control: Arc<Control>) {
    std::thread::spawn(move || {
        wait_for_stdin();
        control.cancel();
    });
}

/// Until there is no more of it.
fn wait_for_stdin() {
    let mut bytes = [0u8; 64];
    while matches!(io::stdin().lock().read(&mut bytes), Ok(read) if read > 0) {}
}

/// The command line that plays one of the runs, but for its seed.
fn replay(args: &Simulate, backend: BackendName) -> String {
    let mut words = vec!["statewright".to_owned(), "run".to_owned(), path_word(&args.file)];
    let mut put = |option: &str, value: String| words.extend([option.to_owned(), value]);
    put("--script", path_word(&args.script));
    if let Some(schema) = &args.schema {
        put("--schema", path_word(schema));
    }
    if !args.players.is_empty() {
        put("--players", word(&args.players.join(",")));
    }
    for (option, text) in [("--state", &args.state), ("--config", &args.config)] {
        if let Some(text) = text {
            put(option, word(text));
        }
    }
    if args.now != 0 {
        put("--now", args.now.to_string());
    }
    if let Some(fuel) = args.fuel {
        put("--fuel", fuel.to_string());
    }
    if backend != BackendName::Interpreter {
        put("--backend", Backend::from(backend).name().to_owned());
    }
    words.join(" ")
}

fn path_word(path: &Path) -> String {
    word(&path.display().to_string())
}
