//! `statewright bench`: what handlers cost on each execution.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use statewright_harness::bench::chart::machine;
use statewright_harness::bench::measure::{HandlerTimes, Timed};
use statewright_harness::bench::{self, Cases, Child, Given, Local, Report, Runner, chart, table};
use statewright_harness::execution::{ProgramCrate, registry};
use statewright_harness::play::hex;
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Fault, LoadOptions, Loaded};
use statewright_harness::report;
use statewright_types::{Value, json, suggest};

use super::{host_nodes, perf, play};
use crate::args::Bench;
use crate::built;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Prints tables, or JSON. An execution that is not there is said, and is no failure as long as there is another one.
pub fn bench(args: &Bench) -> Result<Exit, Stop> {
    let options = LoadOptions {
        schema: args.schema.clone(),
        config: args.config.clone(),
        host_nodes: host_nodes(&args.hosts)?,
        ..LoadOptions::default()
    };
    let loaded = match play::load_with(&args.file, options) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let given = given(args)?;
    let cases = Cases::of(&loaded, &args.file, &given)?;
    if cases.0.is_empty() {
        let handlers = loaded.handlers.iter().map(|info| &*info.name);
        let why = match &args.handler {
            Some(name) => format!("there is no handler `{name}`; {}", suggest::help(name, handlers).text),
            None => "it has no handlers".to_owned(),
        };
        return Err(Stop::Usage(format!("{} has nothing to measure: {why}", args.file.display())));
    }
    if let Err(findings) = cases.check(&loaded) {
        terminal::say(&report::render(&findings, terminal::look()));
        return Ok(Exit::BadInput);
    }
    if args.serve {
        let backend = if registry::is_built() { Backend::Rust } else { Backend::Interpreter };
        let mut local = local(&loaded, &cases, backend).map_err(Stop::Usage)?;
        bench::serve(&mut local, io::stdin().lock(), io::stdout().lock())?;
        return Ok(Exit::Fine);
    }
    perf::begin(args.perf_map, &wanted(args))?;
    // What takes minutes to measure is not to be lost for a chart that cannot be written.
    let chart = args.svg.as_deref().map(writable).transpose()?;
    let report = measured(args, &loaded, &cases)?;
    match args.json {
        true => terminal::product(&json::to_pretty(&table::value(&report)))?,
        false => terminal::product(&table::text(&report))?,
    }
    if let Some(path) = chart {
        terminal::write(path, &chart::svg(&table::chart(&report)))?;
    }
    if let Some(why) = nothing_measured(args, &loaded, &given, &report) {
        return Err(Stop::Usage(why));
    }
    Ok(Exit::Fine)
}

/// The path, if a file can be written there. One that is there stays as it is; an empty one that is made for the question goes again.
fn writable(path: &Path) -> Result<&Path, Fault> {
    let is_new = !path.exists();
    let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    opened.map_err(|source| Fault::Write { path: path.to_owned(), source })?;
    if is_new {
        std::fs::remove_file(path).map_err(|source| Fault::Write { path: path.to_owned(), source })?;
    }
    Ok(path)
}

/// Why there is not a single time in the report, or none of a handler that `--params` are for, if so.
fn nothing_measured(args: &Bench, loaded: &Loaded, given: &Given, report: &Report) -> Option<String> {
    if report.compiled.is_empty() {
        let missing = report.missing.iter().map(|(backend, why)| format!("{}: {why}", backend.name()));
        return Some(format!("no execution could be started: {}", missing.collect::<Vec<_>>().join("; ")));
    }
    // A handler without parameters runs whatever is given, but what is given is not for it.
    let is_meant = |handler: &&HandlerTimes| {
        let Some(Value::Map(given)) = &given.params else { return true };
        let info = loaded.handlers.iter().find(|info| *info.name == *handler.name);
        let declares = |name: &str| info.is_some_and(|info| info.params.iter().any(|(param, _)| **param == *name));
        given.is_empty() || given.iter().any(|(name, _)| declares(name))
    };
    let meant: Vec<&HandlerTimes> = report.handlers.iter().filter(is_meant).collect();
    if meant.iter().flat_map(|handler| &handler.entries).any(|(_, entry)| entry.is_ok()) {
        return None;
    }
    let why = meant.iter().find_map(|handler| {
        let (_, entry) = handler.entries.first()?;
        entry.as_ref().err().map(|why| format!("`{}`: {why}", handler.name))
    });
    let why = why.unwrap_or_else(|| "no parameter has such a name".to_owned());
    Some(match (&args.params, &args.handler) {
        (Some(_), None) => {
            format!("--params fit none of the handlers ({why}): name the one that they are for with --handler")
        }
        (Some(_), Some(_)) => format!("--params do not fit: {why}"),
        (None, _) => format!("nothing could be measured: {why}"),
    })
}

/// What is given instead of what tests send.
fn given(args: &Bench) -> Result<Given, Stop> {
    let state = args.state.as_deref().map(|text| play::input("--state", text)).transpose()?;
    Ok(Given {
        handler: args.handler.clone(),
        params: args.params.as_deref().map(play::params).transpose()?,
        state: state.map(|source| Text::whole(&source)),
    })
}

/// The executions that were asked for, each once.
fn wanted(args: &Bench) -> Vec<Backend> {
    let mut wanted: Vec<Backend> = args.backend.iter().map(|name| Backend::from(*name)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

fn measured(args: &Bench, loaded: &Loaded, cases: &Cases) -> Result<Report, Stop> {
    let (mut executions, mut compiled, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for backend in wanted(args) {
        match runner(loaded, cases, backend) {
            Ok((runner, built_ms)) => {
                compiled.push(bench::Compiled { built_ms, ..bench::compile(loaded, backend)? });
                executions.push(Timed { backend, runner });
            }
            Err(why) => missing.push((backend, why)),
        }
    }
    Ok(Report {
        document: loaded.source.name.to_string(),
        hash: hex(&loaded.document_hash),
        machine: machine(),
        compiled,
        missing,
        handlers: bench::measure(cases, &mut executions, args.seconds),
    })
}

/// What calls handlers on an execution, and the milliseconds that another program took for it; or why there is nothing that does.
fn runner(loaded: &Loaded, cases: &Cases, backend: Backend) -> Result<(Box<dyn Runner>, Option<f64>), String> {
    let start = Instant::now();
    let taken = || Some(start.elapsed().as_secs_f64() * 1e3);
    match backend {
        Backend::Interpreter | Backend::Jit => Ok((Box::new(local(loaded, cases, backend)?), None)),
        Backend::Js => Ok((Box::new(bench::node::start(loaded, cases)?), taken())),
        Backend::Rust => {
            terminal::say("building emitted Rust: minutes the first time, seconds later");
            let artefact = built::build([loaded], ProgramCrate::to_measure).map_err(|fault| fault.to_string())?;
            let built_ms = if artefact.is_new { taken() } else { None };
            let mut command = Command::new(&artefact.path);
            command.args(std::env::args_os().skip(1)).arg("--serve");
            Ok((Box::new(Child::start(command, "begin")?), built_ms))
        }
    }
}

fn local(loaded: &Loaded, cases: &Cases, backend: Backend) -> Result<Local, String> {
    let program = loaded.program(backend).map_err(|fault| fault.to_string())?;
    Local::new(loaded, &program.ok_or("the document has errors")?, cases)
}
