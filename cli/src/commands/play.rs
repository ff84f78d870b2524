//! Sessions from the options of `run` and `draw`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use statewright_harness::play::{self, Beginning, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Finding, LoadOptions, Loaded, Source};
use statewright_harness::report;
use statewright_harness::trace::Trace;
use statewright_runtime::context::Tracer;
use statewright_runtime::session::{Action, ActionReport, Session};
use statewright_types::config::Values;
use statewright_types::{Value, json};

use super::host_nodes;
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

/// The same for a session, whose options may name a configuration, of a document that may use nodes of a host program.
pub fn load_to_play(file: &Path, args: &Play, traced: bool) -> Result<Loaded, Result<Exit, Stop>> {
    let config = match args.config.as_deref().map(config_option).transpose().map_err(Err)? {
        Some(ConfigOption::Declared(path)) => Some(path),
        Some(ConfigOption::Values(_)) | None => None,
    };
    let (schema, host_nodes) = (args.schema.clone(), host_nodes(&args.hosts).map_err(Err)?);
    load_with(file, LoadOptions { schema, config, traced, host_nodes, ..LoadOptions::default() })
}

/// The same, however it is to be loaded.
pub fn load_with(file: &Path, options: LoadOptions) -> Result<Loaded, Result<Exit, Stop>> {
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
    beginning(loaded, args)?.session(args.seed).map_err(|findings| Ok(bad_input(&findings)))
}

/// What new sessions of `loaded` begin with.
pub fn beginning(loaded: &Loaded, args: &Play) -> Result<Beginning, Result<Exit, Stop>> {
    let state = args.state.as_deref().map(|text| input("--state", text)).transpose().map_err(Err)?;
    let program = loaded.program(Backend::from(args.backend)).map_err(|fault| Err(fault.into()))?;
    let Some(program) = program else {
        return Err(Err(Stop::Usage(format!("{} does not run", loaded.source.name))));
    };
    let (config, environment) = configured(loaded, args)?;
    let setup = Setup {
        config,
        environment,
        seed: args.seed,
        now_ms: args.now,
        players: args.players.iter().map(|player| Arc::from(player.as_str())).collect(),
        fuel: args.fuel,
        ..Setup::default()
    };
    let state = state.map(|source| Text::whole(&source));
    Beginning::new(loaded, program, &setup, state.as_ref()).map_err(|findings| Ok(bad_input(&findings)))
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
    fn sees_asides(&self) -> bool {
        true
    }

    fn message(&mut self, _handler: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
        let value = value.map_or(String::new(), |value| format!(" {}", json::to_string(&value)));
        terminal::say(&format!("trace {function}/{node}: {text}{value}"));
    }
}

/// What `--config` is.
enum ConfigOption {
    /// A file that stands in for the document's own.
    Declared(PathBuf),
    /// Values over the defaults.
    Values(Arc<Source>),
}

/// JSON is what begins with a brace; anything else is a file, with or without `@`. A file declares if it is in the
/// `.config` language or its JSON has `configs`.
fn config_option(text: &str) -> Result<ConfigOption, Stop> {
    if text.trim_start().starts_with('{') {
        return Ok(ConfigOption::Values(Arc::new(Source::inline("--config", text))));
    }
    let path = PathBuf::from(text.strip_prefix('@').unwrap_or(text));
    let source = Source::read(&path)?;
    let values = match json::parse(source.text.clone()) {
        Ok(tree) => tree.get(tree.root(), "configs").is_none(),
        Err(_) => source.text.trim_start().starts_with('{'),
    };
    Ok(if values { ConfigOption::Values(Arc::new(source)) } else { ConfigOption::Declared(path) })
}

/// Refuses values by `--config`: a session that was saved has its own.
pub fn declares_only(args: &Play) -> Result<(), Result<Exit, Stop>> {
    match args.config.as_deref().map(|text| Ok((text, config_option(text)?))).transpose().map_err(Err)? {
        Some((text, ConfigOption::Values(_))) => {
            let why = "with --load it must be a file that declares: the saved session keeps the values that it has";
            Err(Err(Stop::option("--config", text, why)))
        }
        Some((_, ConfigOption::Declared(_))) | None => Ok(()),
    }
}

/// What `--config` and the environment give.
fn configured(loaded: &Loaded, args: &Play) -> Result<(Values, Values), Result<Exit, Stop>> {
    let given = match args.config.as_deref().map(config_option).transpose().map_err(Err)? {
        Some(ConfigOption::Values(source)) => {
            play::values(loaded, &Text::whole(&source)).map_err(|findings| Ok(bad_input(&findings)))?
        }
        Some(ConfigOption::Declared(_)) | None => Values::new(),
    };
    let Some(config) = &loaded.config else {
        let drawn = |path: &str| loaded.schema.as_ref().is_some_and(|schema| schema.draws_on(path));
        for path in given.keys().filter(|path| !drawn(path)) {
            terminal::say(&format!(
                "warning: `{path}` is given, and nothing reads it: the document names no configuration with it"
            ));
        }
        return Ok((given, Values::new()));
    };
    let (environment, findings) = config.environment(|name| std::env::var(name).ok());
    if !findings.is_empty() {
        let source = Arc::new(Source::inline("the environment", ""));
        return Err(Ok(bad_input(&source.findings(findings))));
    }
    Ok((given, environment))
}

/// Says what is wrong with the input.
pub fn bad_input(findings: &[Finding]) -> Exit {
    terminal::say(&report::render(findings, terminal::look()));
    Exit::BadInput
}

/// `JSON` as it is, or the content of `@FILE`.
pub fn input(option: &str, text: &str) -> Result<Arc<Source>, Stop> {
    Ok(Arc::new(match text.strip_prefix('@') {
        Some(file) => Source::read(Path::new(file))?,
        None => Source::inline(option, text),
    }))
}

/// A JSON object from parameter names to values.
pub fn params(text: &str) -> Result<Value, Stop> {
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
