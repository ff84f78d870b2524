//! `statewright bench`: what handlers cost on each execution.

use std::io;
use std::process::Command;
use std::time::Instant;

use statewright_harness::bench::chart::machine;
use statewright_harness::bench::measure::Timed;
use statewright_harness::bench::{self, Cases, Child, Given, Local, Report, Runner, chart, table};
use statewright_harness::execution::{ProgramCrate, registry};
use statewright_harness::play::hex;
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, LoadOptions, Loaded};
use statewright_harness::report;
use statewright_types::{json, suggest};

use super::{host_nodes, perf, play};
use crate::args::Bench;
use crate::built;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// Prints tables, or JSON. What is not there is said, and is no failure.
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
    let cases = Cases::of(&loaded, &args.file, &given(args)?)?;
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
    let report = measured(args, &loaded, &cases)?;
    if let Some(path) = &args.svg {
        terminal::write(path, &chart::svg(&table::chart(&report)))?;
    }
    match args.json {
        true => terminal::product(&json::to_pretty(&table::value(&report)))?,
        false => terminal::product(&table::text(&report))?,
    }
    Ok(Exit::Fine)
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
