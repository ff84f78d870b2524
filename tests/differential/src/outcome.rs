//! Everything that may be observed of a case: after each step what was told, the session as data, what viewers are sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_runtime::program::Program;
use statewright_runtime::session::{Action, ActionReport, SavedSession, Session, SessionOptions};
use statewright_runtime::sync::{Encoder, Sight, ViewerSights};
use statewright_runtime::wire::Profile;
use statewright_types::{Limits, Value, json};

use crate::case::{Case, Step};
use crate::execution::{Prepared, guarded};
use crate::watched::Watched;

/// What can be told after a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Results, errors with their nodes and messages, fuel, events.
    pub reports: Vec<ActionReport>,
    /// Fuel and memory left, where a run did not fail.
    pub left: Vec<(u64, u64)>,
    /// The session as bytes: state, random streams, what waits and is scheduled, filters, effects.
    pub session: Vec<u8>,
    /// What viewers are sent.
    pub sent: Vec<u8>,
    /// What viewers see, filters and effects included, and which of these failed.
    pub seen: String,
}

/// What can be told of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// By step; fewer than there are steps if it ended with a panic.
    pub steps: Vec<Observed>,
    /// What the panic said.
    pub panic: Option<String>,
    /// Why there is no session: a state that does not fit.
    pub refused: Option<String>,
}

/// Who runs what: the first program begins, and after each save the next of them takes over.
pub struct Cast {
    /// At least one.
    pub programs: Vec<Arc<Watched>>,
    /// Whether the session is saved and loaded between steps at which something waits.
    pub saves: bool,
}

impl Cast {
    /// One program, from beginning to end; saved and loaded if that is wanted.
    pub fn of(program: &Arc<dyn Program>, fault: u32, saves: bool) -> Cast {
        Cast { programs: vec![Arc::new(Watched::new(program.clone(), fault))], saves }
    }
}

/// Runs a case.
pub fn run(prepared: &Prepared, cast: &Cast) -> Outcome {
    let mut outcome = Outcome::default();
    let result = guarded(|| play(prepared, cast, &mut outcome));
    match result {
        Ok(Ok(())) => {}
        Ok(Err(refused)) => outcome.refused = Some(refused),
        Err(panic) => outcome.panic = Some(panic),
    }
    outcome
}

/// The session that a case begins with.
///
/// # Errors
/// Why its state does not fit.
pub fn begin(prepared: &Prepared, program: Arc<dyn Program>) -> Result<Session, String> {
    let Prepared { case, built, .. } = prepared;
    let (Some(schema), Some(root)) = (built.schema.clone(), built.main_root) else { return Err("no schema".into()) };
    let limits = Limits { fuel: case.fuel, memory_bytes: case.memory_bytes, ..Limits::default() };
    let options = SessionOptions { seed: case.session_seed, now_ms: case.now_ms, limits, ..SessionOptions::default() };
    let mut session = Session::new(schema, root, program, options);
    let text = json::to_string(&case.state);
    let tree = json::parse(text).map_err(|diagnostic| diagnostic.message.to_string())?;
    let found = session.state_mut_for_setup().load_json(&tree);
    if let Some(diagnostic) =
        found.iter().find(|one| statewright_types::diagnostic::has_errors(std::slice::from_ref(one)))
    {
        return Err(diagnostic.message.to_string());
    }
    for player in &case.players {
        session.join_silently(player);
    }
    Ok(session)
}

/// One that sees what is public and its own, one that sees what admins see.
struct Viewers {
    encoder: Encoder,
    sights: [Sight; 2],
}

impl Viewers {
    fn new(session: &Session, prepared: &Prepared) -> Option<Viewers> {
        let (schema, root) = (session.state().schema().clone(), prepared.built.main_root?);
        let profile = Arc::new(Profile::same(&schema, root));
        let admin = Sight { grants: BTreeSet::from(["admin".into()]), ..Sight::new("bob", profile.clone()) };
        Some(Viewers { encoder: Encoder::new(schema, root), sights: [Sight::new("ann", profile), admin] })
    }

    /// After the session was loaded: what viewers have in sight has other numbers now.
    fn see_again(&mut self, session: &mut Session) {
        for sight in &mut self.sights {
            sight.seen = (*session.seen(&sight.id)).clone();
        }
    }

    /// The bodies of all changes since this was asked last.
    fn sent(&mut self, session: &mut Session) -> Vec<u8> {
        let changes = session.take_changes();
        let Viewers { encoder, sights } = self;
        let now = sights.each_ref().map(|sight| Sight { seen: (*session.seen(&sight.id)).clone(), ..sight.clone() });
        let viewers: Vec<ViewerSights<'_>> =
            sights.iter().zip(&now).map(|(before, now)| ViewerSights { before, now }).collect();
        let has_effects = session.effects().next().is_some();
        let patches = match has_effects {
            true => session.read_effective(|state| encoder.patch(state, &changes, &viewers)),
            false => encoder.patch(session.state(), &changes, &viewers),
        };
        let mut bytes = Vec::new();
        for of in &patches.of {
            for (bodies, index) in [(&patches.public, of.public), (&patches.private, of.private)] {
                let body = index.and_then(|index| bodies.get(index as usize));
                bytes.push(u8::from(body.is_some()));
                bytes.extend(body.into_iter().flat_map(|body| body.iter()));
            }
        }
        *sights = now;
        bytes
    }
}

/// Of so many cases, one sends what changed after several steps only: marks of changes stay over transactions.
const PATIENT: u64 = 3;
/// After so many.
const STEPS: usize = 4;

fn play(prepared: &Prepared, cast: &Cast, outcome: &mut Outcome) -> Result<(), String> {
    let first = cast.programs.first().ok_or("nobody runs it")?;
    let mut at = 0;
    let mut session = begin(prepared, first.clone())?;
    let mut viewers = Viewers::new(&session, prepared).ok_or("no root")?;
    session.take_changes();
    let case = &prepared.case;
    let every = if case.seed.is_multiple_of(PATIENT) { STEPS } else { 1 };
    for (step, number) in case.steps.iter().zip(1..) {
        let reports = act(&mut session, step);
        let moves = cast.saves && session.waiting() > 0;
        let is_due = number % every == 0 || number == case.steps.len() || moves;
        let sent = if is_due { viewers.sent(&mut session) } else { Vec::new() };
        let saved = session.save_packed();
        let bytes = saved.to_bytes(session.state().schema());
        let left = cast.programs.iter().flat_map(|program| program.take_left()).collect();
        outcome.steps.push(Observed { reports, left, session: bytes, sent, seen: seen(&session, case) });
        if moves {
            at += 1;
            session = reloaded(&session, &cast.programs, at)?;
            session.take_changes();
            viewers.see_again(&mut session);
        }
    }
    Ok(())
}

/// The session again, from its bytes, with the program whose turn it is.
fn reloaded(session: &Session, programs: &[Arc<Watched>], at: usize) -> Result<Session, String> {
    let schema = session.state().schema().clone();
    let bytes = session.save_packed().to_bytes(&schema);
    let saved = SavedSession::from_bytes(&bytes, &schema).map_err(|error| error.to_string())?;
    let next = programs.get(at % programs.len()).ok_or("nobody runs it")?;
    let program: Arc<dyn Program> = next.clone();
    let versions = |hash: &[u8; 32]| (program.document_hash() == *hash).then(|| program.clone());
    Session::load(&saved, schema, &versions).map_err(|error| error.to_string())
}

fn act(session: &mut Session, step: &Step) -> Vec<ActionReport> {
    match step {
        Step::Event { event, sender, params } => vec![session.dispatch(Action::new(event, sender, params.clone()))],
        Step::Advance(ms) => session.advance(*ms),
    }
}

/// What viewers see, where there is more to it than the state.
fn seen(session: &Session, case: &Case) -> String {
    let mut text = String::new();
    for (effect, trap) in session.effect_faults() {
        text.push_str(&format!("effect {effect}: {trap}\n"));
    }
    for (viewer, filter, trap) in session.filter_faults() {
        text.push_str(&format!("filter {filter} of {viewer}: {trap}\n"));
    }
    if session.effects().next().is_some() {
        text.push_str(&shown(&session.effective().to_value()));
    }
    let viewers = case.players.iter().map(String::as_str).chain(["zoë"]);
    let has_views = !session.program().views().is_empty();
    for viewer in viewers.filter(|viewer| has_views || session.is_filtered(viewer)) {
        text.push_str(&format!("{viewer}: {}\n", shown(&session.view(viewer))));
        for (view, trap) in session.view_faults(viewer) {
            text.push_str(&format!("view {view} for {viewer}: {trap}\n"));
        }
    }
    text
}

fn shown(value: &Value) -> String {
    json::to_string(value)
}

/// What a test file can expect of a step.
pub struct Told {
    /// What happened.
    pub reports: Vec<ActionReport>,
    /// Suspended activations.
    pub waiting: usize,
    /// The whole state.
    pub state: Value,
}

/// Runs a case for what a test file can expect.
pub fn told(prepared: &Prepared, program: &Arc<dyn Program>) -> Vec<Told> {
    let all = guarded(|| {
        let mut all = Vec::new();
        let Ok(mut session) = begin(prepared, program.clone()) else { return all };
        for step in &prepared.case.steps {
            let reports = act(&mut session, step);
            all.push(Told { reports, waiting: session.waiting(), state: session.state().to_value() });
        }
        all
    });
    all.unwrap_or_default()
}
