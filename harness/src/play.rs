//! Sessions for commands and tests: how one begins, and what it did as values for JSON.

use std::sync::Arc;

use statewright_runtime::context::{Event, Recipients};
use statewright_runtime::program::Program;
use statewright_runtime::session::saved::SavedLedger;
use statewright_runtime::session::{ActionReport, Session, SessionOptions};
use statewright_runtime::state::Settings;
use statewright_types::config::{self, Values};
use statewright_types::json::{self, Tree};
use statewright_types::random::{Generator, StreamState, Streams};
use statewright_types::{Diagnostic, Limits, Schema, Span, StructId, Value};

use crate::execution::registry::execution;
use crate::project::loaded::Text;
use crate::project::{Finding, Loaded, Source};
use crate::testing::reader::WRONG_SHAPE;

/// What a session begins with. All fields may be left as they are by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// Of all random streams.
    pub seed: u64,
    /// Which random generator.
    pub generator: Generator,
    /// Session time, milliseconds.
    pub now_ms: i64,
    /// Who has joined, in order.
    pub players: Vec<Arc<str>>,
    /// The host; by default the first player. Nobody if it is "".
    pub host: Option<Arc<str>>,
    /// Views granted to viewers.
    pub grants: Vec<Grant>,
    /// Fuel of one activation, if not the default.
    pub fuel: Option<u64>,
    /// Bytes of evaluated values of one activation, if not the default.
    pub memory_bytes: Option<u64>,
    /// Over the configuration's defaults; see [`values`].
    pub config: Values,
    /// Over that: what handlers have set.
    pub configured: Values,
    /// Where random streams stand, if not at their beginning.
    pub streams: Option<Vec<(Arc<str>, StreamState)>>,
    /// Roots that are not there, and keep what the state says of them.
    pub inactive: Vec<Arc<str>>,
    /// What handlers have arranged: events to come, effects, filters.
    pub ledger: Option<SavedLedger>,
    /// What the environment gives, over that: it enters the session as logged input.
    pub environment: Values,
}

/// A view granted to a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose id.
    pub viewer: Arc<str>,
    /// `admin`, or a view of the schema.
    pub view: Arc<str>,
}

/// A session of `loaded` run by `program`: players joined silently, `state` (in whole or in part) loaded. Errors are
/// findings in the state's text.
pub fn begin(
    loaded: &Loaded,
    program: Arc<dyn Program>,
    setup: &Setup,
    state: Option<&Text>,
) -> Result<Session, Vec<Finding>> {
    Beginning::new(loaded, program, setup, state)?.session(setup.seed)
}

/// What many sessions begin with, read and checked once.
pub struct Beginning {
    schema: Arc<Schema>,
    main_root: StructId,
    program: Arc<dyn Program>,
    options: SessionOptions,
    /// Values of the configuration, if the environment gives any.
    given: Option<Values>,
    document: Arc<Source>,
    state: Option<(Text, Tree)>,
    players: Vec<Arc<str>>,
    grants: Vec<Grant>,
    midway: Midway,
}

/// What a session has that is not at its beginning.
struct Midway {
    configured: Values,
    streams: Option<Vec<(Arc<str>, StreamState)>>,
    inactive: Vec<StructId>,
    ledger: Option<SavedLedger>,
}

impl Midway {
    fn new(setup: &Setup, schema: &Schema) -> Midway {
        let Setup { configured, streams, inactive, ledger, .. } = setup.clone();
        let inactive = inactive.iter().filter_map(|name| schema.by_name(name)).collect();
        Midway { configured, streams, inactive, ledger }
    }

    /// After everything else: what is put into a state may draw from streams.
    fn put(&self, session: &mut Session) -> Result<(), String> {
        let Midway { configured, streams, inactive, ledger } = self;
        if configured.is_empty() && streams.is_none() && inactive.is_empty() && ledger.is_none() {
            return Ok(());
        }
        let state = session.state_mut_for_setup();
        if !configured.is_empty() {
            let settings = state.settings();
            let mut current = settings.values().clone();
            current.extend(configured.clone());
            let settings = Settings::restore(settings.declared().cloned(), settings.given(), &current);
            state.set_settings(settings);
        }
        state.begin();
        for root in inactive {
            state.root_deactivate(*root);
        }
        state.commit();
        if let Some(streams) = streams {
            let now = state.streams();
            *now = Streams::restore(now.seed(), now.generator(), streams.iter().cloned());
        }
        // Also without any, whoever looked at the state looks again.
        session.arrange_for_setup(ledger.as_ref().unwrap_or(&SavedLedger::default()))
    }
}

impl Beginning {
    /// As [`begin`].
    pub fn new(
        loaded: &Loaded,
        program: Arc<dyn Program>,
        setup: &Setup,
        state: Option<&Text>,
    ) -> Result<Beginning, Vec<Finding>> {
        let (Some(schema), Some(main_root)) = (loaded.schema.clone(), loaded.main_root) else {
            return Err(loaded.findings.clone());
        };
        let mut limits = Limits::default();
        limits.fuel = setup.fuel.unwrap_or(limits.fuel);
        limits.memory_bytes = setup.memory_bytes.unwrap_or(limits.memory_bytes);
        let mut given = setup.config.clone();
        given.extend(setup.environment.clone());
        if let (Some(config), Some(source)) = (&loaded.config, &loaded.config_source)
            && let Err(diagnostics) = config.complete(&given)
        {
            return Err(source.findings(diagnostics));
        }
        let state = match state.map(|text| (text, json::parse(text.text.clone()))) {
            None => None,
            Some((text, Ok(tree))) => Some((text.clone(), tree)),
            Some((text, Err(error))) => return Err(text.source.findings_at(text.offset, vec![error])),
        };
        let midway = Midway::new(setup, &schema);
        Ok(Beginning {
            schema,
            main_root,
            program,
            options: SessionOptions {
                seed: setup.seed,
                generator: setup.generator,
                config: setup.config.clone(),
                now_ms: setup.now_ms,
                limits,
                host: setup.host.clone(),
                ..SessionOptions::default()
            },
            given: (!setup.environment.is_empty()).then_some(given),
            document: loaded.source.clone(),
            state,
            players: setup.players.clone(),
            grants: setup.grants.clone(),
            midway,
        })
    }

    /// A session with that seed.
    pub fn session(&self, seed: u64) -> Result<Session, Vec<Finding>> {
        let options = SessionOptions { seed, ..self.options.clone() };
        let mut session = Session::new(self.schema.clone(), self.main_root, self.program.clone(), options);
        if let Some(given) = &self.given
            && let Err(diagnostics) = session.set_config(given)
        {
            return Err(self.document.findings(diagnostics));
        }
        if let Some((text, tree)) = &self.state {
            let diagnostics = session.state_mut_for_setup().load_json(tree);
            let findings = text.source.findings_at(text.offset, diagnostics);
            if findings.iter().any(Finding::is_error) {
                return Err(findings);
            }
        }
        for player in &self.players {
            session.join_silently(player);
        }
        if self.options.host.as_deref() == Some("") {
            session.take_host_for_setup();
        }
        for Grant { viewer, view } in &self.grants {
            session.grant(viewer, view);
        }
        if let Err(what) = self.midway.put(&mut session) {
            let message = format!("the session cannot have that `ledger`: {what}");
            return Err(self.document.findings(vec![Diagnostic::error(WRONG_SHAPE, Span::default(), message)]));
        }
        Ok(session)
    }
}

/// `{"Group": {"Field": value}}` as values of `loaded`'s configuration; without one, as they are.
pub fn values(loaded: &Loaded, text: &Text) -> Result<Values, Vec<Finding>> {
    let (values, diagnostics) = match (json::parse(text.text.clone()), &loaded.config) {
        (Ok(tree), Some(config)) => config.values_at(&tree, tree.root()),
        (Ok(tree), None) => (config::values(&tree.value(tree.root())), Vec::new()),
        (Err(error), _) => (Values::new(), vec![error]),
    };
    if diagnostics.is_empty() { Ok(values) } else { Err(text.source.findings_at(text.offset, diagnostics)) }
}

/// `{"type","to","payload"}`
pub fn event_value(event: &Event) -> Value {
    Value::map([
        ("type", Value::Str(event.kind.clone())),
        ("to", recipients_value(&event.to)),
        ("payload", event.payload.clone()),
    ])
}

/// `"all"`, `["id",…]` or `{"except":"id"}`
pub fn recipients_value(to: &Recipients) -> Value {
    match to {
        Recipients::All => Value::from("all"),
        Recipients::Players(players) => Value::List(players.iter().map(|id| Value::Str(id.clone())).collect()),
        Recipients::Except(player) => Value::map([("except", Value::Str(player.clone()))]),
    }
}

/// What `run` prints: `{"ok","activations","events","state","state_hash","execution"}`, of all `reports` together; with effects in
/// use also `effective`, the state as they make it. The execution is what the session's program says that it runs on, with the SHA-256
/// of what was built for it, if anything was.
pub fn outcome_value(reports: &[ActionReport], session: &Session) -> Value {
    let mut activations = Vec::new();
    for report in reports {
        for activation in &report.activations {
            let error = activation.error.as_deref().map_or(Value::Null, trap_value);
            activations.push(Value::map([
                ("handler", Value::Str(activation.handler.clone())),
                ("status", Value::from(activation.status.name())),
                ("error", error),
                ("fuel", Value::uint(activation.fuel)),
            ]));
        }
        if let Some(refused) = &report.refused {
            activations.push(Value::map([
                ("handler", Value::Null),
                ("status", Value::from("failed")),
                ("error", trap_value(refused)),
                ("fuel", Value::Int(0)),
            ]));
        }
    }
    let events = reports.iter().flat_map(|report| &report.events).map(event_value).collect();
    let mut outcome = vec![
        ("ok", Value::Bool(failure(reports).is_none())),
        ("activations", Value::List(activations)),
        ("events", Value::List(events)),
        ("state", session.state().to_value()),
        ("state_hash", Value::from(hex(&session.state().hash()))),
    ];
    let (name, artefact) = execution(&**session.program());
    let artefact = artefact.map_or(Value::Null, Value::from);
    outcome.push(("execution", Value::map([("backend", Value::from(name)), ("artefact", artefact)])));
    if session.effects().next().is_some() {
        outcome.push(("effective", session.effective().to_value()));
    }
    Value::map(outcome)
}

/// The first error of `reports`.
pub fn failure(reports: &[ActionReport]) -> Option<&statewright_runtime::program::Trap> {
    reports.iter().find_map(ActionReport::trap)
}

fn trap_value(trap: &statewright_runtime::program::Trap) -> Value {
    let text = |text: &Option<Arc<str>>| text.clone().map_or(Value::Null, Value::Str);
    let message = trap.message.clone().map_or_else(|| Value::from(trap.code.message()), Value::Str);
    Value::map([("code", Value::from(trap.code.code())), ("message", message), ("node", text(&trap.node))])
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
