//! A session: state, players, a clock, and handlers that act on them. A plain model without a wire.
//!
//! - [`action`]: what goes in and what is told
//! - `dispatch`: permissions, parameters, handlers as transactions
//! - `waiting`: suspended activations and the clock
//! - `members`: players, host, grants
//! - `effects`: effects in use
//! - `effective`: the state as they make it, and what changes in it
//! - `filtering`: what a viewer sees, through its filters; [`host_filters`]: those in Rust
//! - `surroundings`: what effects, filters and views depend on besides the state
//! - `viewing`: what views that are functions of the document show
//! - [`updating`]: transactions of the host program
//! - [`replay`]: the log, and the state rebuilt from it
//! - [`saved`]: the session as data, and back
//! - [`refusal`]: what a client is told when its action failed
//!
//! Everything that is done to a session goes through one door, which logs it first; so seed, schema, programs and log
//! determine the state.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, OnceLock};

use statewright_types::config::Values;
use statewright_types::random::{Generator, Streams};
use statewright_types::{Diagnostic, Limits, Schema, StructId, Value};

use crate::context::Tracer;
use crate::effects::EffectsAtWork;
use crate::ledger::{Kick, Ledger};
use crate::program::{Program, Trap};
use crate::state::{Settings, State};

pub mod action;
mod dispatch;
mod effective;
mod effects;
mod filtering;
pub mod host_filters;
mod members;
pub mod refusal;
mod rehearsing;
pub mod replay;
mod routes;
pub mod saved;
mod surroundings;
pub mod updating;
mod viewing;
mod waiting;

pub use action::{Action, ActionReport, ActivationReport, Entry, Input, RESERVED_EVENTS, Status};
pub(crate) use dispatch::reborrow;
pub use effects::NewEffect;
pub use host_filters::{FilterView, HostFilter};
pub use refusal::Refusal;
pub use rehearsing::Rehearsal;
pub use replay::ReplayError;
pub use saved::{LoadError, SavedSession};
pub use viewing::ViewFaults;

/// What a session begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionOptions {
    /// Seed of all random streams. Default 0.
    pub seed: u64,
    /// What the streams draw with. Default xoshiro128++.
    pub generator: Generator,
    /// What is given over the defaults of the program's configuration; what does not fit is left out. Without a
    /// configuration, values for `config:` defaults of the schema, which begin with zeros otherwise.
    pub config: Values,
    /// Session time at the start, milliseconds. Default 0.
    pub now_ms: i64,
    /// What one activation may use.
    pub limits: Limits,
    /// The host, if told from the start; it need not have joined. By default the first joiner becomes host.
    pub host: Option<Arc<str>>,
    /// How many activations may wait at once, how many events be scheduled and how many filters and how many
    /// effects be in use; one more is
    /// a `memory_limit`. Default 100,000.
    pub waiting_limit: usize,
}

impl Default for SessionOptions {
    fn default() -> Self {
        SessionOptions {
            seed: 0,
            generator: Generator::default(),
            config: Values::new(),
            now_ms: 0,
            limits: Limits::default(),
            host: None,
            waiting_limit: 100_000,
        }
    }
}

/// State, players, a clock, and handlers that act on them.
pub struct Session {
    state: State,
    program: Arc<dyn Program>,
    /// Its handlers by event.
    routes: routes::Routes,
    limits: Limits,
    waiting_limit: usize,
    now_ms: i64,
    /// In order of joining.
    players: Vec<Arc<str>>,
    host: Option<Arc<str>>,
    grants: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// Counts changes of `grants`.
    grants_version: u64,
    /// By due time and activation number: the order in which they resume (R6.3).
    waiting: BTreeMap<(i64, u64), waiting::Waiting>,
    /// Who waits for an event, by its name: activation number and due time.
    listening: BTreeMap<Arc<str>, BTreeMap<u64, i64>>,
    /// Views of viewers with filters.
    filtered: BTreeMap<Arc<str>, filtering::Filtered>,
    /// Filters of viewers in Rust.
    host_filters: BTreeMap<Arc<str>, host_filters::HostFilterUses>,
    /// Counts changes of `host_filters`.
    filters_version: u64,
    /// Counts programs.
    programs: u64,
    /// Whether views of viewers with filters are made after everything that is done.
    keeps_views: bool,
    /// Effects in Rust that failed when the host program took them away.
    farewell_faults: Vec<(Arc<str>, Trap)>,
    /// What views that are functions said.
    asked: viewing::Asked,
    /// The effective state between transactions, made when it is asked for.
    effective: OnceLock<effective::Effective>,
    /// What effects showed when changes were taken.
    sent: effective::Sent,
    /// Counts what was done to the session.
    stirs: u64,
    /// What handlers arranged.
    ledger: Ledger,
    /// Players that a committed transaction takes out.
    kicks: VecDeque<Kick>,
    /// Whether they are being taken out right now.
    kicking: bool,
    /// The arguments of the activation started last, kept for their memory.
    args: Vec<u64>,
    /// Effects as the transaction before had them.
    effects_at_work: EffectsAtWork,
    /// Number of the activation started last.
    activations: u64,
    /// Number of the entry logged last.
    sequence: u64,
    log: Vec<Entry>,
}

impl Session {
    /// A session with default state, no players and an empty log. `main_root` is the type whose fields are at the
    /// top (R1.2).
    pub fn new(
        schema: Arc<Schema>,
        main_root: StructId,
        program: Arc<dyn Program>,
        options: SessionOptions,
    ) -> Session {
        let streams = Streams::with_generator(options.seed, options.generator);
        let settings = Settings::new(program.config().cloned(), &options.config);
        let mut state = State::with_settings(schema, main_root, streams, settings);
        state.set_limits(options.limits);
        Session {
            limits: options.limits,
            now_ms: options.now_ms,
            host: options.host.filter(|host| !host.is_empty()),
            ..Session::empty(state, program, Ledger::new(options.waiting_limit), options.waiting_limit)
        }
    }

    /// One where nothing has happened, and nobody is.
    fn empty(state: State, program: Arc<dyn Program>, ledger: Ledger, waiting_limit: usize) -> Session {
        Session {
            state,
            routes: routes::Routes::new(&*program),
            effects_at_work: EffectsAtWork::new(program.clone(), Limits::default()),
            program,
            limits: Limits::default(),
            waiting_limit,
            now_ms: 0,
            players: Vec::new(),
            host: None,
            grants: BTreeMap::new(),
            grants_version: 0,
            waiting: BTreeMap::new(),
            listening: BTreeMap::new(),
            filtered: BTreeMap::new(),
            host_filters: BTreeMap::new(),
            filters_version: 0,
            programs: 0,
            keeps_views: true,
            farewell_faults: Vec::new(),
            asked: viewing::Asked::default(),
            effective: OnceLock::new(),
            sent: effective::Sent::default(),
            stirs: 0,
            ledger,
            kicks: VecDeque::new(),
            kicking: false,
            args: Vec::new(),
            activations: 0,
            sequence: 0,
            log: Vec::new(),
        }
    }

    /// The state without effects; see [`Session::effective`].
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state, to load one before play. What is changed here is not in the log: a replay must be given the same.
    pub fn state_mut_for_setup(&mut self) -> &mut State {
        self.effective.take();
        self.stirs += 1;
        &mut self.state
    }

    /// What handlers arranged: events to come, filters and effects in use.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Session time, milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// The program that new activations run on.
    pub fn program(&self) -> &Arc<dyn Program> {
        &self.program
    }

    /// New activations run on `program` from here on; suspended ones finish on the version they began on.
    pub fn set_program(&mut self, program: Arc<dyn Program>) {
        self.record(self.now_ms, Input::Program { document_hash: program.document_hash() });
        self.state.declare_settings(program.config().cloned());
        self.routes = routes::Routes::new(&*program);
        self.program = program;
        self.sent.forget_program();
        self.asked.forget();
        self.programs += 1;
        self.refresh_views(None);
    }

    /// Gives another configuration: `given` over the defaults of the program's, instead of all that was given and set before.
    ///
    /// # Errors
    /// Says what does not fit, is unknown or is missing; then nothing is changed.
    pub fn set_config(&mut self, given: &Values) -> Result<(), Vec<Diagnostic>> {
        let declared = self.program.config().cloned();
        let values = match &declared {
            Some(config) => config.complete(given)?,
            None => given.clone(),
        };
        self.record(self.now_ms, Input::Config(values.clone()));
        self.state.set_settings(Settings::new(declared, &values));
        self.refresh_views(None);
        Ok(())
    }

    /// A number that is another whenever anything was done to the session.
    pub(crate) fn stirs(&self) -> u64 {
        self.stirs
    }

    /// What was done to the session so far, but for what [`Session::take_actions`] took.
    pub fn actions(&self) -> &[Entry] {
        &self.log
    }

    /// Takes the log entries out, for a host program that keeps them elsewhere; sequence numbers go on.
    pub fn take_actions(&mut self) -> Vec<Entry> {
        // As many are to be expected until the next time.
        let room = Vec::with_capacity(self.log.len());
        std::mem::replace(&mut self.log, room)
    }

    /// Runs the handlers of the action's event, in document order, each a transaction of its own.
    pub fn dispatch(&mut self, action: Action) -> ActionReport {
        let mut report = ActionReport::default();
        self.dispatch_into(action, &mut report);
        report
    }

    /// [`Session::dispatch`] into a report that is used again: of what it had, nothing is left. Saves most of what a report costs, as
    /// long as the same handlers run.
    pub fn dispatch_into(&mut self, action: Action, report: &mut ActionReport) {
        // Handled first, then logged, which spares a copy of it: nothing else can be logged in between. The entry is begun where it
        // stays: what is put together elsewhere and then copied waits for its pieces.
        self.sequence += 1;
        let (sequence, time_ms) = (self.sequence, self.now_ms);
        report.restart(sequence, time_ms);
        self.handle_into(&action, report, None);
        let count = self.log.len();
        self.log.resize_with(count + 1, || Entry { sequence, time_ms, input: Input::Advance });
        if let Some(entry) = self.log.last_mut() {
            // Nothing is in what was there, so that nobody need ask.
            std::mem::forget(std::mem::replace(&mut entry.input, Input::Event(action)));
        }
        self.refresh_views(None);
    }

    /// As [`Session::dispatch`], telling `tracer` what happens; with a program made for tracing.
    pub fn dispatch_traced(&mut self, action: Action, tracer: &mut dyn Tracer) -> ActionReport {
        self.record(self.now_ms, Input::Event(action.clone()));
        let report = self.handle(&action, Some(&mut *tracer));
        self.refresh_views(Some(tracer));
        report
    }

    /// Sends `SessionStart`; the host program's to call, once.
    pub fn start(&mut self) -> ActionReport {
        self.dispatch(Action::own("SessionStart", Value::Null))
    }

    /// Sends `Tick` with the milliseconds since the last one. Does not advance the clock.
    pub fn tick(&mut self, delta_ms: i64) -> ActionReport {
        self.dispatch(Action::own("Tick", Value::map([("delta", Value::Int(delta_ms))])))
    }

    /// Logs what is about to be done.
    fn record(&mut self, time_ms: i64, input: Input) {
        self.sequence += 1;
        self.log.push(Entry { sequence: self.sequence, time_ms, input });
    }

    /// An empty report of what happens now.
    #[inline]
    fn report(&self) -> ActionReport {
        ActionReport { sequence: self.sequence, time_ms: self.now_ms, ..ActionReport::default() }
    }
}
