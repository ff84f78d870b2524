//! A session for hosts: state, players and a clock, on which a program's handlers act.

use std::sync::Arc;

use statewright_runtime::context::Tracer;
use statewright_runtime::session::{
    Action, ActionReport, Entry, LoadError as RestoreError, NewEffect, ReplayError, SavedSession, Session as Inner,
    SessionOptions, replay::Origin,
};
use statewright_runtime::state::State;
use statewright_types::config::Values;
use statewright_types::diagnostic::has_errors;
use statewright_types::{Diagnostic, Value, json};

use crate::error::{ActionError, Finding, LoadError, ProgramMismatch, Source};
use crate::{
    EffectUse, HostFilter, LiveOptions, LiveSession, MigrateError, Migration, MigrationReport, Program, Schema, Trap,
};

/// State, players and a clock, on which a [`Program`]'s handlers act. Each handler that runs is a transaction: if it
/// fails, nothing of it stays.
pub struct Session {
    inner: Inner,
    program: Program,
}

impl Session {
    /// A session with the schema's default state and no players.
    pub fn new(program: &Program, options: SessionOptions) -> Session {
        let (schema, main_root, handlers) = program.parts();
        Session { inner: Inner::new(schema, main_root, handlers, options), program: program.clone() }
    }

    /// A session that begins with a state: JSON, in whole or in part; the rest has the schema's defaults.
    pub fn with_state(program: &Program, options: SessionOptions, state: &str) -> Result<Session, LoadError> {
        let mut session = Session::new(program, options);
        let diagnostics = load(session.inner.state_mut_for_setup(), state);
        if has_errors(&diagnostics) {
            return Err(LoadError::new(Finding::all(Source::State, state, diagnostics).collect()));
        }
        Ok(session)
    }

    /// A session rebuilt from its beginning and its log, or a first part of it; it goes on exactly as the original did.
    /// `state` is what [`Session::with_state`] was given, if it was. `versions` are programs that it went on with.
    pub fn replay(
        program: &Program,
        options: SessionOptions,
        state: Option<&str>,
        versions: &[Program],
        log: &[Entry],
    ) -> Result<Session, ReplayError> {
        let (schema, main_root, handlers) = program.parts();
        let known = |hash: &[u8; 32]| {
            let mut versions = [program].into_iter().chain(versions);
            versions.find(|version| version.document_hash() == *hash && program.shares_state_with(version))
        };
        let setup = |inner: &mut State| {
            if let Some(state) = state {
                load(inner, state);
            }
        };
        let origin = Origin {
            schema,
            main_root,
            program: handlers,
            options,
            setup: &setup,
            programs: &|hash| known(hash).map(|version| version.parts().2),
        };
        let inner = Inner::replay(origin, log)?;
        let program = known(&inner.program().document_hash()).unwrap_or(program).clone();
        Ok(Session { inner, program })
    }

    /// The session as JSON text, for [`Session::restore`]: state, streams, clock, players, what is scheduled and what waits.
    /// Neither the programs nor the log are in it.
    pub fn save(&self) -> String {
        json::to_string(&self.inner.save().to_value(self.inner.state().schema()))
    }

    /// A session from what [`Session::save`] gave; it goes on exactly as that one did, with an empty log and the next
    /// sequence number. The program that it ran on, and those that its waiting activations began on, must be among
    /// `programs`.
    ///
    /// ```
    /// # use statewright::{Options, Program, RestoreError, Session, Value};
    /// # const SCHEMA: &str = "@root(active) type Game {\n  Score int64\n}";
    /// # const GRAPH: &str = r#"{"handlers": [{"name": "Later", "event": "Later", "parameters": [],
    /// #     "nodes": [{"id": "wait", "type": "Wait", "inputs": {"duration": 10}},
    /// #         {"id": "add", "type": "Increment", "inputs": {"path": "Score"}}],
    /// #     "flow": [{"from": "start", "to": "wait"}, {"from": "wait", "to": "add"}]}]}"#;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let program = Program::load(GRAPH, SCHEMA)?;
    /// let mut session = Session::new(&program, Options::default());
    /// session.dispatch("Later", "", Value::Null)?; // it waits for 10 ms
    /// let mut restored = Session::restore(&[program], &session.save())?;
    /// restored.advance(10);
    /// assert_eq!(restored.state().to_string(), r#"{"Score":1}"#);
    /// # assert!(matches!(Session::restore(&[], "{}"), Err(RestoreError::Malformed(_))));
    /// # Ok(())
    /// # }
    /// ```
    pub fn restore(programs: &[Program], saved: &str) -> Result<Session, RestoreError> {
        let value: Value = saved.parse().map_err(|error: Diagnostic| RestoreError::Malformed(error.message))?;
        Session::restored(programs, &|schema| SavedSession::from_value(&value, schema))
    }

    /// The session as bytes with a checksum, for [`Session::restore_bytes`]: what [`Session::save`] gives, for large
    /// sessions: the state is never made into values.
    pub fn save_bytes(&self) -> Vec<u8> {
        self.inner.save_packed().to_bytes(self.inner.state().schema())
    }

    /// A session from what [`Session::save_bytes`] gave; see [`Session::restore`].
    pub fn restore_bytes(programs: &[Program], saved: &[u8]) -> Result<Session, RestoreError> {
        Session::restored(programs, &|schema| SavedSession::from_bytes(saved, schema))
    }

    /// A session that was saved as bytes under the schema `old`, under the schema of `program`: values are converted as
    /// docs/saving.md says, and as `migration` says. It has an empty log.
    ///
    /// ```
    /// # use statewright::{Migration, Options, Program, Session, Value, parse_schema};
    /// # const GRAPH: &str = r#"{"handlers": []}"#;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// const OLD: &str = "@root(active) type Game {\n  Score int32\n  Level string\n}";
    /// const NEW: &str = "@root(active) type Game {\n  Points int64 @was(Score)\n  Level int8\n  Lives int8 @default(3)\n}";
    /// let program = Program::load(GRAPH, OLD)?;
    /// let session = Session::with_state(&program, Options::default(), r#"{"Score": 7, "Level": "high"}"#)?;
    /// let saved = session.save_bytes();
    ///
    /// let (old, new) = (parse_schema(OLD).0.expect("a schema"), Program::load(GRAPH, NEW)?);
    /// let why = Session::migrate(&new, &old, &saved, &Migration::new()).map(|_| ()).unwrap_err();
    /// assert!(why.to_string().contains("Game.Level: \"high\" cannot be a value of int8"));
    /// let level = |old: &Value| Ok(Value::Int(if *old == Value::from("high") { 2 } else { 1 }));
    /// let migration = Migration::new().convert("Game", "Level", level);
    /// let (session, report) = Session::migrate(&new, &old, &saved, &migration)?;
    /// assert_eq!(session.state().to_string(), r#"{"Points":7,"Level":2,"Lives":3}"#);
    /// assert_eq!(report.steps[0].to_string(), "`Game.Score` is called `Points` now");
    /// # Ok(())
    /// # }
    /// ```
    pub fn migrate(
        program: &Program,
        old: &Schema,
        saved: &[u8],
        migration: &Migration,
    ) -> Result<(Session, MigrationReport), MigrateError> {
        let saved = SavedSession::from_bytes(saved, old).map_err(MigrateError::Malformed)?;
        let (schema, _, handlers) = program.parts();
        let migrated = Inner::migrate(saved, old, schema, handlers, migration).map_err(MigrateError::Refused)?;
        Ok((Session { inner: migrated.session, program: program.clone() }, migrated.report))
    }

    /// For the other modules of the facade.
    pub(crate) fn plain(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn plain_mut(&mut self) -> &mut Inner {
        &mut self.inner
    }

    pub(crate) fn of_plain(inner: Inner, program: Program) -> Session {
        Session { inner, program }
    }

    fn restored(
        programs: &[Program],
        read: &dyn Fn(&Schema) -> Result<SavedSession, RestoreError>,
    ) -> Result<Session, RestoreError> {
        let first = programs.first().ok_or_else(|| RestoreError::Malformed("there are no programs".to_owned()))?;
        let saved = read(first.schema())?;
        let known = |hash: &[u8; 32]| {
            programs.iter().find(|program| program.document_hash() == *hash && program.shares_state_with(first))
        };
        let inner = Inner::load(&saved, first.parts().0, &|hash| known(hash).map(|program| program.parts().2))?;
        let program = known(&inner.program().document_hash()).unwrap_or(first).clone();
        Ok(Session { inner, program })
    }

    /// Sends an event from `sender` (a player's id, or "" for the session itself) and runs its handlers. `params` is a map
    /// from names to values. An error still tells what other handlers of the event did.
    pub fn dispatch(&mut self, event: &str, sender: &str, params: Value) -> Result<ActionReport, ActionError> {
        ActionError::check(self.inner.dispatch(Action::new(event, sender, params)))
    }

    /// As [`Session::dispatch`]; `tracer` is told what Trace nodes say.
    pub fn dispatch_traced(
        &mut self,
        event: &str,
        sender: &str,
        params: Value,
        tracer: &mut dyn Tracer,
    ) -> Result<ActionReport, ActionError> {
        ActionError::check(self.inner.dispatch_traced(Action::new(event, sender, params), tracer))
    }

    /// Sends `SessionStart`; call it once, first.
    pub fn start(&mut self) -> Result<ActionReport, ActionError> {
        ActionError::check(self.inner.start())
    }

    /// Sends `Tick` with the milliseconds since the last one. Does not advance the clock.
    pub fn tick(&mut self, delta_ms: i64) -> Result<ActionReport, ActionError> {
        ActionError::check(self.inner.tick(delta_ms))
    }

    /// Adds a player and sends `PlayerConnect`. The first one becomes host. Who has joined already stays.
    pub fn join(&mut self, player: &str) -> Result<ActionReport, ActionError> {
        ActionError::check(self.inner.join(player))
    }

    /// Removes a player and sends `PlayerDisconnect`, then `HostChanged` if it was the host.
    pub fn leave(&mut self, player: &str) -> Vec<ActionReport> {
        self.inner.leave(player)
    }

    /// Names the host, or leaves the place to the next joiner. Sends `HostChanged` if that is a change.
    pub fn set_host(&mut self, player: Option<&str>) -> Option<ActionReport> {
        self.inner.set_host(player)
    }

    /// Gives another configuration: `given` over the program's defaults, instead of all that was given and set before. An error
    /// says what does not fit; then nothing is changed.
    pub fn set_config(&mut self, given: &Values) -> Result<(), Vec<Diagnostic>> {
        self.inner.set_config(given)
    }

    /// The configured values that hold now, by `GROUP.FIELD`.
    pub fn config(&self) -> &Values {
        self.inner.state().settings().values()
    }

    /// Lets milliseconds pass and resumes what waits, each at its due time: one report per resumption.
    pub fn advance(&mut self, ms: i64) -> Vec<ActionReport> {
        self.inner.advance(ms)
    }

    /// As [`Session::advance`]; `tracer` is told what Trace nodes say.
    pub fn advance_traced(&mut self, ms: i64, tracer: &mut dyn Tracer) -> Vec<ActionReport> {
        self.inner.advance_to_traced(self.inner.now_ms().saturating_add(ms.max(0)), tracer)
    }

    /// When the next activation or scheduled event is due, or the next effect ends, session time in milliseconds.
    pub fn next_deadline(&self) -> Option<i64> {
        self.inner.next_deadline()
    }

    /// Session time, milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.inner.now_ms()
    }

    /// Players in order of joining.
    pub fn players(&self) -> &[Arc<str>] {
        self.inner.players()
    }

    /// The host's id.
    pub fn host(&self) -> Option<&str> {
        self.inner.host().map(|host| &**host)
    }

    /// Grants a view by name (`admin` for `@view(admin)`).
    pub fn grant(&mut self, viewer: &str, view: &str) {
        self.inner.grant(viewer, view);
    }

    /// Takes a granted view back.
    pub fn revoke(&mut self, viewer: &str, view: &str) {
        self.inner.revoke(viewer, view);
    }

    /// The whole state without effects: the main root's fields at the top. [`Session::with_state`] takes its text.
    pub fn state(&self) -> Value {
        self.inner.state().to_value()
    }

    /// The state with effects: what handlers read.
    pub fn effective(&self) -> Value {
        self.inner.effective().to_value()
    }

    /// The same as typed memory, for [`Tracked`](crate::Tracked) structs: `Game::read(session.memory())`.
    pub fn memory(&self) -> &State {
        self.inner.effective()
    }

    /// Changes the state, without effects, as one transaction: kept if `change` gives `Ok`, undone as a whole if it gives `Err`, or
    /// panics. Logged under `name` with `params`, which should say all that the change depends on besides the state: a replay
    /// is given the same function again.
    ///
    /// # Errors
    /// That of `change`.
    pub fn update<R, E>(
        &mut self,
        name: &str,
        params: Value,
        change: impl FnOnce(&mut State) -> Result<R, E>,
    ) -> Result<R, E> {
        self.inner.update(name, params, change)
    }

    /// Puts an effect of the document, or one in Rust, to use. Logged, and replayed.
    ///
    /// # Errors
    /// `not_found` if the program has no such effect, `bad_parameters`, `duplicate_id`, and others; see
    /// [`statewright_runtime::session::Session::add_effect`].
    pub fn add_effect(&mut self, effect: NewEffect) -> Result<(), Trap> {
        self.inner.add_effect(effect)
    }

    /// Takes an effect away with all its stacks; whether there was one under that id.
    pub fn remove_effect(&mut self, id: &str) -> bool {
        self.inner.remove_effect(id)
    }

    /// Takes an effect away if it is in use under that id, else puts it to use: whether it is now.
    ///
    /// # Errors
    /// Those of [`Session::add_effect`].
    pub fn toggle_effect(&mut self, effect: NewEffect) -> Result<bool, Trap> {
        self.inner.toggle_effect(effect)
    }

    /// Takes all effects away that this activator caused and that have this name, if these are given: how many.
    pub fn clear_effects(&mut self, activator: Option<&str>, effect: Option<&str>) -> usize {
        self.inner.clear_effects(activator, effect)
    }

    /// The effect in use under an id.
    pub fn effect(&self, id: &str) -> Option<&EffectUse> {
        self.inner.effect(id)
    }

    /// Whether an effect is in use under an id.
    pub fn has_effect(&self, id: &str) -> bool {
        self.inner.effect(id).is_some()
    }

    /// Effects in use, in the order in which they act.
    pub fn effects(&self) -> impl Iterator<Item = &EffectUse> {
        self.inner.effects()
    }

    /// Effects that fail now and are left out: id and error.
    pub fn effect_faults(&self) -> impl Iterator<Item = (&Arc<str>, &Trap)> {
        self.inner.effect_faults()
    }

    /// Gives a viewer a filter in Rust, instead of what it had in Rust under that id; with the document's it acts in the order of
    /// the ids. A filter changes what the viewer sees, and nothing else: it is neither logged nor saved.
    ///
    /// # Errors
    /// Says which declared field the schema does not have.
    pub fn set_filter(&mut self, viewer: &str, id: &str, filter: impl HostFilter + 'static) -> Result<(), String> {
        self.inner.set_host_filter(viewer, id, filter)
    }

    /// Takes a viewer's filter in Rust away; whether it had one under that id.
    pub fn remove_filter(&mut self, viewer: &str, id: &str) -> bool {
        self.inner.remove_host_filter(viewer, id)
    }

    /// Whether a viewer has a filter under that id, in Rust or of the document.
    pub fn has_filter(&self, viewer: &str, id: &str) -> bool {
        self.inner.has_host_filter(viewer, id) || self.inner.ledger().has_filter(viewer, id)
    }

    /// Filters that fail now: viewer, filter id and error. Such a viewer's view is the last one that could be made.
    pub fn filter_faults(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, &Trap)> {
        self.inner.filter_faults()
    }

    /// The state as a viewer sees it; what is hidden is absent.
    pub fn view(&self, viewer: &str) -> Value {
        self.inner.view(viewer)
    }

    /// Views of the document that fail for a viewer now, by name, each with its first error; they hide what they were asked about.
    pub fn view_faults(&self, viewer: &str) -> Vec<(Arc<str>, Trap)> {
        self.inner.view_faults(viewer)
    }

    /// SHA-256 of the state: equal exactly if all fields of all roots are.
    pub fn state_hash(&self) -> [u8; 32] {
        self.inner.state().hash()
    }

    /// What was done so far, but for what [`Session::take_log`] took.
    pub fn log(&self) -> &[Entry] {
        self.inner.actions()
    }

    /// Takes the log's entries out, to be kept elsewhere; sequence numbers go on.
    pub fn take_log(&mut self) -> Vec<Entry> {
        self.inner.take_actions()
    }

    /// The same session with viewers, who are sent what changes: docs/live-sessions.md. `epoch` names this life of it: a number that
    /// the session never had before.
    pub fn into_live(self, epoch: u64, options: LiveOptions) -> LiveSession {
        LiveSession::new(self.inner, epoch, options)
    }

    /// The program that new activations run on.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Goes on with another version of the document; suspended activations finish on the one they began on. The schema
    /// must be the same.
    pub fn set_program(&mut self, program: &Program) -> Result<(), ProgramMismatch> {
        if !self.program.shares_state_with(program) {
            return Err(ProgramMismatch);
        }
        self.inner.set_program(program.parts().2);
        self.program = program.clone();
        Ok(())
    }
}

fn load(state: &mut State, text: &str) -> Vec<Diagnostic> {
    match json::parse(text) {
        Ok(tree) => state.load_json(&tree),
        Err(error) => vec![error],
    }
}
