//! The state rebuilt from seed and log: `state(n) = fold(entries 1..=n)`.

use std::sync::Arc;

use statewright_types::{Schema, StructId};

use crate::program::Program;
use crate::session::updating::Updates;
use crate::session::{Entry, Input, NewEffect, Session, SessionOptions};
use crate::state::State;

/// Why a log cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// An entry is missing or out of order.
    Gap {
        /// The sequence number that should have come.
        expected: u64,
        /// The one that came.
        found: u64,
    },
    /// An entry is earlier than the one before.
    TimeRunsBack {
        /// Whose time it is.
        sequence: u64,
    },
    /// The document version of an entry is not at hand.
    UnknownProgram {
        /// Which entry.
        sequence: u64,
        /// `Program::document_hash` of the version.
        document_hash: [u8; 32],
    },
    /// The program lacks an effect that an entry puts to use: one in Rust that was not registered.
    UnknownEffect {
        /// Which entry.
        sequence: u64,
        /// The effect's name.
        effect: Arc<str>,
    },
    /// An entry did not do what was logged: something else than seed, schema, programs and log are as they were.
    Diverged {
        /// Which entry.
        sequence: u64,
    },
    /// The host program changed the state itself, and the replay was not told how; see
    /// [`Session::replay_with`](crate::session::Session::replay_with).
    UnknownUpdate {
        /// Which entry.
        sequence: u64,
        /// What the host program called the change.
        name: Arc<str>,
    },
}

impl std::fmt::Display for ReplayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReplayError::Gap { expected, found } => {
                write!(f, "entry {found} of the log stands where entry {expected} should; replay needs all from 1 on")
            }
            ReplayError::TimeRunsBack { sequence } => {
                write!(f, "entry {sequence} of the log is earlier than the one before it; the log was altered")
            }
            ReplayError::UnknownProgram { sequence, document_hash } => {
                write!(f, "entry {sequence} of the log switches to the document version ")?;
                write_hash(f, document_hash)?;
                f.write_str(", which was not supplied")
            }
            ReplayError::Diverged { sequence } => {
                write!(f, "entry {sequence} of the log does something else than was logged; begin as the session began")
            }
            ReplayError::UnknownUpdate { sequence, name } => write!(
                f,
                "entry {sequence} of the log is the host program's own change `{name}`: give the replay a function for it"
            ),
            ReplayError::UnknownEffect { sequence, effect } => {
                write!(
                    f,
                    "entry {sequence} of the log puts the effect `{effect}` to use, which the program does not have; if it is "
                )?;
                f.write_str("one in Rust, give the program the effects that it had")
            }
        }
    }
}

impl std::error::Error for ReplayError {}

/// A document's hash in hexadecimal digits.
pub(super) fn write_hash(f: &mut std::fmt::Formatter<'_>, document_hash: &[u8; 32]) -> std::fmt::Result {
    document_hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Finds a version of the program by document hash.
pub type Versions<'a> = dyn Fn(&[u8; 32]) -> Option<Arc<dyn Program>> + 'a;

/// What a replay begins with: the same as the session that made the log.
pub struct Origin<'a> {
    /// The schema.
    pub schema: Arc<Schema>,
    /// The main root.
    pub main_root: StructId,
    /// The program at the start.
    pub program: Arc<dyn Program>,
    /// Seed, start time, limits, host.
    pub options: SessionOptions,
    /// Does what was done through [`Session::state_mut_for_setup`].
    pub setup: &'a dyn Fn(&mut State),
    /// Later versions of the program.
    pub programs: &'a Versions<'a>,
}

impl Session {
    /// Rebuilds a session from its beginning and the entries of its log, or of a first part of it. The result goes
    /// on exactly as the original did; its own log is those entries again.
    pub fn replay(origin: Origin<'_>, entries: &[Entry]) -> Result<Session, ReplayError> {
        Session::replay_all(origin, &|_, _, _| false, entries)
    }

    pub(super) fn replay_all(
        origin: Origin<'_>,
        updates: &Updates<'_>,
        entries: &[Entry],
    ) -> Result<Session, ReplayError> {
        let mut session = Session::new(origin.schema, origin.main_root, origin.program, origin.options);
        (origin.setup)(&mut session.state);
        for entry in entries {
            session.apply_with(entry, origin.programs, updates)?;
        }
        Ok(session)
    }

    /// Does again what an entry of a log tells of, at its time. It must be the next one.
    ///
    /// # Errors
    /// The entry is not the next one, needs a version of the document that is not at hand, or did not do what was logged.
    pub fn apply(&mut self, entry: &Entry, programs: &Versions<'_>) -> Result<(), ReplayError> {
        self.apply_with(entry, programs, &|_, _, _| false)
    }

    /// The same for a log with [updates](Session::update).
    ///
    /// # Errors
    /// As there; [`ReplayError::UnknownUpdate`] if `updates` does not know one.
    pub fn apply_with(
        &mut self,
        entry: &Entry,
        programs: &Versions<'_>,
        updates: &Updates<'_>,
    ) -> Result<(), ReplayError> {
        let Entry { sequence, time_ms, input } = entry;
        let expected = self.sequence + 1;
        if *sequence != expected {
            return Err(ReplayError::Gap { expected, found: *sequence });
        }
        if *time_ms < self.now_ms {
            return Err(ReplayError::TimeRunsBack { sequence: *sequence });
        }
        self.advance_to(*time_ms);
        match input {
            Input::Advance => {}
            Input::Event(action) => drop(self.dispatch(action.clone())),
            Input::Join { player, silent: true } => drop(self.join_silently(player)),
            Input::Join { player, silent: false } => drop(self.join(player)),
            Input::Leave { player } => drop(self.leave(player)),
            Input::SetHost { player } => drop(self.set_host(player.as_deref())),
            Input::AddEffect(effect) => {
                let name = effect.effect.clone();
                if !self.program.effects().iter().any(|info| info.name == name) {
                    return Err(ReplayError::UnknownEffect { sequence: *sequence, effect: name });
                }
                drop(self.add_effect(NewEffect::clone(effect)));
            }
            Input::RemoveEffect { id } => _ = self.remove_effect(id),
            // It fitted then; the program is the same.
            Input::Config(values) => drop(self.set_config(values)),
            Input::Update { name, params } => self.update_again(*sequence, name, params, updates)?,
            Input::Program { document_hash } => {
                let program = programs(document_hash)
                    .ok_or(ReplayError::UnknownProgram { sequence: *sequence, document_hash: *document_hash })?;
                self.set_program(program);
            }
        }
        // Whatever was logged then is logged now, once.
        if self.sequence == *sequence { Ok(()) } else { Err(ReplayError::Diverged { sequence: *sequence }) }
    }
}
