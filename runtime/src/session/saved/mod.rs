//! A session as plain data, and back: state with identities, streams, clock, players, grants, arrangements, waiting
//! activations. What is not in it: the action log, which is the host program's to keep, and programs and schema, which
//! are given again on loading.
//!
//! - `json`: as a value for JSON; `bytes`: as bytes
//! - `parts`: streams and arrangements, which also stand by themselves
//! - `tokens`: values of suspended activations, flat

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use statewright_types::{Limits, Schema, Value};

use crate::context::Meter;
use crate::ledger::{EffectUse, FilterUses, Ledger, Scheduled};
use crate::program::{Program, SavedDeadline, SavedFrame, Suspension};
use crate::session::dispatch::Activation;
use crate::session::filtering::Filtered;
use crate::session::replay::Versions;
use crate::session::viewing::ViewFaults;
use crate::session::waiting::Waiting;
use crate::session::{Session, replay};
use crate::state::{Identities, Saved, SavedState, State};

mod bytes;
mod json;
mod parts;
mod reader;
mod tokens;

pub use bytes::other_version;
pub use parts::{streams, streams_value};

/// A session as plain data, for [`Session::load`].
#[derive(Clone, Debug, PartialEq)]
pub struct SavedSession {
    /// The state.
    pub state: SavedState,
    /// `Program::document_hash` of the version that new activations run on.
    pub program: [u8; 32],
    /// What one activation may use.
    pub limits: Limits,
    /// [`SessionOptions::waiting_limit`](super::SessionOptions::waiting_limit).
    pub waiting_limit: usize,
    /// Session time, milliseconds.
    pub now_ms: i64,
    /// Players in order of joining.
    pub players: Vec<Arc<str>>,
    /// The host.
    pub host: Option<Arc<str>>,
    /// Views granted, by viewer.
    pub grants: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// Number of the activation started last.
    pub activations: u64,
    /// Number of the entry logged last.
    pub sequence: u64,
    /// What handlers arranged with the session.
    pub ledger: SavedLedger,
    /// The last views that their filters could make for viewers.
    pub views: BTreeMap<Arc<str>, SavedView>,
    /// Suspended activations, in the order in which they are due.
    pub waiting: Vec<SavedActivation>,
}

/// A view that filters made.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedView {
    /// What the viewer sees.
    pub view: Value,
    /// Views of the document that failed when it was made.
    pub faults: ViewFaults,
}

/// What handlers arranged, between actions, when nobody is being taken out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedLedger {
    /// The number that a scheduled event was given last.
    pub numbered: u64,
    /// By due time and number.
    pub scheduled: BTreeMap<(i64, u64), Scheduled>,
    /// Filters in use, by viewer.
    pub filters: BTreeMap<Arc<str>, FilterUses>,
    /// The number that an effect was given last.
    pub effects_added: u64,
    /// Effects in use, in the order in which they act.
    pub effects: Vec<EffectUse>,
}

/// A suspended activation. In its values, live structs are given by number, from 1 in the order of a walk over the state;
/// stale ones are 0.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedActivation {
    /// Its number.
    pub number: u64,
    /// The handler's name.
    pub handler: Arc<str>,
    /// Who sent the event that it began with.
    pub sender: Arc<str>,
    /// `Program::document_hash` of the version that it finishes on.
    pub program: [u8; 32],
    /// What it may still use.
    pub meter: Meter,
    /// Session time at which it goes on; `i64::MAX` if only an event ends the wait.
    pub due_ms: i64,
    /// Whether a deadline comes before what it waits for.
    pub is_cut: bool,
    /// Where it goes on.
    pub suspension: Suspension,
}

/// Why a saved session cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The data is not a saved session.
    Malformed(String),
    /// A version of the document is not at hand.
    UnknownProgram {
        /// `Program::document_hash` of it.
        document_hash: [u8; 32],
    },
    /// The state does not fit the schema, or is not what was saved.
    State(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Malformed(what) => write!(f, "this is not a saved session: {what}"),
            LoadError::UnknownProgram { document_hash } => {
                f.write_str("the saved session needs the document version ")?;
                replay::write_hash(f, document_hash)?;
                f.write_str(", which was not supplied")
            }
            LoadError::State(what) => write!(f, "the saved state does not load: {what}"),
        }
    }
}

impl std::error::Error for LoadError {}

impl SavedSession {
    /// Every version of the document that it needs, each once, the current one first.
    pub fn programs(&self) -> Vec<[u8; 32]> {
        let mut programs = vec![self.program];
        for activation in &self.waiting {
            if !programs.contains(&activation.program) {
                programs.push(activation.program);
            }
        }
        programs
    }
}

impl Session {
    /// The session as data, between actions. Takes time in proportion to the state.
    pub fn save(&self) -> SavedSession {
        self.saved_with(self.state.to_saved())
    }

    /// The same with the state packed, so that it is not made into values; for
    /// [`SavedSession::to_bytes`].
    pub fn save_packed(&self) -> SavedSession {
        self.saved_with(self.state.to_packed())
    }

    fn saved_with(&self, state: SavedState) -> SavedSession {
        let identities = self.state.identities();
        let activation =
            |((due_ms, number), Waiting { activation, suspension, is_cut }): (&(i64, u64), &Waiting)| SavedActivation {
                number: *number,
                handler: activation.handler.clone(),
                sender: activation.sender.clone(),
                program: activation.program.document_hash(),
                meter: activation.meter,
                due_ms: *due_ms,
                is_cut: *is_cut,
                suspension: with_values(suspension, &|saved| identities.number(saved)),
            };
        SavedSession {
            state,
            program: self.program.document_hash(),
            limits: self.limits,
            waiting_limit: self.waiting_limit,
            now_ms: self.now_ms,
            players: self.players.clone(),
            host: self.host.clone(),
            grants: self.grants.clone(),
            activations: self.activations,
            sequence: self.sequence,
            ledger: self.ledger.save(),
            views: self.saved_views(),
            waiting: self.waiting.iter().map(activation).collect(),
        }
    }

    /// The session again: it goes on exactly as the one that was saved. Its log begins empty, with the next sequence
    /// number. `programs` finds a version of the document by its hash.
    ///
    /// # Errors
    /// Says which version is missing, or what does not fit. Nothing in the data panics.
    pub fn load(saved: &SavedSession, schema: Arc<Schema>, programs: &Versions<'_>) -> Result<Session, LoadError> {
        let program = |document_hash: &[u8; 32]| {
            programs(document_hash).ok_or(LoadError::UnknownProgram { document_hash: *document_hash })
        };
        let current = program(&saved.program)?;
        let state = State::from_saved(schema, &saved.state, current.config().cloned(), saved.limits);
        let state = state.map_err(LoadError::State)?;
        let mut session = Session::assemble(saved, state, current)?;
        let identities = session.state.identities();
        for activation in &saved.waiting {
            session.load_waiting(activation, program(&activation.program)?, &identities)?;
        }
        Ok(session)
    }

    /// What handlers had arranged before play begins. As with [`Session::state_mut_for_setup`], a replay must be given the same.
    ///
    /// # Errors
    /// Says what cannot be, as [`SavedLedger::check`]; then nothing is changed.
    pub fn arrange_for_setup(&mut self, ledger: &SavedLedger) -> Result<(), String> {
        self.ledger.arrange(ledger, self.now_ms)?;
        self.state_mut_for_setup();
        self.refresh_views(None);
        Ok(())
    }

    /// A session of a state, with everything else as it was saved but for what waits.
    pub(crate) fn assemble(
        saved: &SavedSession,
        state: State,
        program: Arc<dyn Program>,
    ) -> Result<Session, LoadError> {
        let ledger = Ledger::load(saved.waiting_limit, &saved.ledger, saved.now_ms).map_err(LoadError::Malformed)?;
        let mut session = Session {
            limits: saved.limits,
            now_ms: saved.now_ms,
            players: saved.players.clone(),
            host: saved.host.clone(),
            grants: saved.grants.clone(),
            activations: saved.activations,
            sequence: saved.sequence,
            ..Session::empty(state, program, ledger, saved.waiting_limit)
        };
        let view = |(viewer, seen): (&Arc<str>, &SavedView)| (viewer.clone(), Filtered::last_good(seen.clone()));
        session.filtered = saved.views.iter().map(view).collect();
        session.refresh_views(None);
        Ok(session)
    }

    fn load_waiting(
        &mut self,
        saved: &SavedActivation,
        program: Arc<dyn Program>,
        identities: &Identities,
    ) -> Result<(), LoadError> {
        if saved.due_ms < self.now_ms || saved.number > self.activations {
            let what = format!("activation {} is due in the past, or was never started", saved.number);
            return Err(LoadError::Malformed(what));
        }
        let (handler, sender) = (saved.handler.clone(), saved.sender.clone());
        let activation = Activation { number: saved.number, handler, sender, program, meter: saved.meter };
        let suspension = with_values(&saved.suspension, &|value| identities.refer(value));
        self.park(saved.due_ms, Waiting { activation, suspension, is_cut: saved.is_cut });
        Ok(())
    }
}

fn with_values(suspension: &Suspension, map: &dyn Fn(&Saved) -> Saved) -> Suspension {
    let all = |values: &[Saved]| values.iter().map(map).collect();
    let deadline = |deadline: &SavedDeadline| SavedDeadline { values: all(&deadline.values), ..*deadline };
    let frame = |frame: &SavedFrame| SavedFrame {
        values: all(&frame.values),
        deadlines: frame.deadlines.iter().map(deadline).collect(),
        ..*frame
    };
    Suspension { frames: suspension.frames.iter().map(frame).collect(), ..suspension.clone() }
}
