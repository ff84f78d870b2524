//! Sessions from the options of `run` and `draw`.

use std::path::Path;
use std::sync::Arc;

use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Finding, LoadOptions, Loaded, Source};
use statewright_harness::report;
use statewright_harness::trace::Trace;
use statewright_runtime::context::Tracer;
use statewright_runtime::host::HostNodes;
use statewright_runtime::session::{Action, ActionReport, Session};
use statewright_types::{Value, json};

use crate::args::Play;
use crate::exit::{Exit, Stop};
use crate::terminal;

/// A document that was loaded, and what came of an event.
pub struct Played {
    /// The document.
    pub loaded: Loaded,
    /// Of the event and of what resumed after it.
    pub reports: Vec<ActionReport>,
}

/// Loads `file` and says what is wrong with it. `Err(Ok(exit))` if that keeps it from running.
pub fn load(file: &Path, schema: Option<&Path>, traced: bool) -> Result<Loaded, Result<Exit, Stop>> {
    load_with(file, schema, traced, HostNodes::default())
}

/// The same for a document that may use nodes of a host program.
pub fn load_with(
    file: &Path,
    schema: Option<&Path>,
    traced: bool,
    host_nodes: HostNodes,
) -> Result<Loaded, Result<Exit, Stop>> {
    let options = LoadOptions { schema: schema.map(Path::to_owned), traced, host_nodes };
    let loaded = Loaded::open(file, &options).map_err(|fault| Err(fault.into()))?;
    terminal::say(&report::render(&loaded.findings, terminal::look()));
    if loaded.has_errors() {
        terminal::say(&format!("{} does not run: {}", file.display(), report::summary(&loaded.findings)));
        return Err(Ok(Exit::Findings));
    }
    Ok(loaded)
}

/// A new session of `loaded`.
pub fn begin(loaded: &Loaded, args: &Play) -> Result<Session, Result<Exit, Stop>> {
    let state = args.state.as_deref().map(|text| input("--state", text)).transpose().map_err(Err)?;
    let program = loaded.program(Backend::from(args.backend)).map_err(|fault| Err(fault.into()))?;
    let Some(program) = program else {
        return Err(Err(Stop::Usage(format!("{} does not run", loaded.source.name))));
    };
    let setup = Setup {
        seed: args.seed,
        now_ms: args.now,
        players: args.players.iter().map(|player| Arc::from(player.as_str())).collect(),
        fuel: args.fuel,
        ..Setup::default()
    };
    let state = state.map(|source| Text::whole(&source));
    play::begin(loaded, program, &setup, state.as_ref()).map_err(|findings| Ok(bad_state(&findings)))
}

/// The event that the options tell of.
pub fn action(event: &str, args: &Play) -> Result<Action, Stop> {
    let params = match &args.params {
        Some(text) => params(text)?,
        None => Value::Map(Vec::new()),
    };
    Ok(Action::new(event, &args.sender, params))
}

/// Says which events there are, if that one is not handled.
pub fn explain(loaded: &Loaded, event: &str, reports: &[ActionReport]) {
    if reports.first().is_some_and(|report| report.refused.is_some()) && !loaded.events().contains(&event) {
        let help = statewright_types::suggest::help(event, loaded.events());
        terminal::say(&format!("no handler handles `{event}`; {help}"));
    }
}

/// Sends an event to a new session of `loaded`.
pub fn play(loaded: Loaded, event: &str, args: &Play, trace: &mut Trace) -> Result<Played, Result<Exit, Stop>> {
    let action = action(event, args).map_err(Err)?;
    let mut session = begin(&loaded, args)?;
    let mut reports = vec![session.dispatch_traced(action, trace)];
    trace.settle(&reports);
    if let Some(ms) = args.advance {
        let resumed = session.advance_to_traced(session.now_ms().saturating_add(ms), trace);
        trace.settle(&resumed);
        reports.extend(resumed);
    }
    explain(&loaded, event, &reports);
    Ok(Played { loaded, reports })
}

/// Says on standard error what Trace nodes tell.
pub struct Messages;

impl Tracer for Messages {
    fn message(&mut self, _handler: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
        let value = value.map_or(String::new(), |value| format!(" {}", json::to_string(&value)));
        terminal::say(&format!("trace {function}/{node}: {text}{value}"));
    }
}

fn bad_state(findings: &[Finding]) -> Exit {
    terminal::say(&report::render(findings, terminal::look()));
    Exit::BadInput
}

/// `JSON` as it is, or the content of `@FILE`.
fn input(option: &str, text: &str) -> Result<Arc<Source>, Stop> {
    Ok(Arc::new(match text.strip_prefix('@') {
        Some(file) => Source::read(Path::new(file))?,
        None => Source::inline(option, text),
    }))
}

fn params(text: &str) -> Result<Value, Stop> {
    let source = input("--params", text)?;
    match json::parse(source.text.clone()) {
        Err(error) => {
            let shown = report::render(&source.findings([error]), terminal::look());
            terminal::say(&shown);
            Err(Stop::Usage("--params is no JSON; quote it for the shell, or give @FILE".to_owned()))
        }
        Ok(tree) => match tree.value(tree.root()) {
            params @ Value::Map(_) => Ok(params),
            _ => Err(Stop::option("--params", text, "it must be a JSON object from parameter names to values")),
        },
    }
}
