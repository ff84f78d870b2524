//! The state rebuilt from seed and log: `state(n) = fold(entries 1..=n)`.

use std::sync::Arc;

use statewright_types::{Schema, StructId};

use crate::program::Program;
use crate::session::{Entry, Input, Session, SessionOptions};
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
        let mut session = Session::new(origin.schema, origin.main_root, origin.program, origin.options);
        (origin.setup)(&mut session.state);
        for (expected, entry) in (1..).zip(entries) {
            let Entry { sequence, time_ms, input } = entry;
            if *sequence != expected {
                return Err(ReplayError::Gap { expected, found: *sequence });
            }
            if *time_ms < session.now_ms {
                return Err(ReplayError::TimeRunsBack { sequence: *sequence });
            }
            session.advance_to(*time_ms);
            match input {
                Input::Advance => {}
                Input::Event(action) => drop(session.dispatch(action.clone())),
                Input::Join { player, silent: true } => drop(session.join_silently(player)),
                Input::Join { player, silent: false } => drop(session.join(player)),
                Input::Leave { player } => drop(session.leave(player)),
                Input::SetHost { player } => drop(session.set_host(player.as_deref())),
                Input::AddEffect(effect) => {
                    let name = effect.effect.clone();
                    if !session.program.effects().iter().any(|info| info.name == name) {
                        return Err(ReplayError::UnknownEffect { sequence: *sequence, effect: name });
                    }
                    drop(session.add_effect(effect.clone()));
                }
                Input::RemoveEffect { id } => _ = session.remove_effect(id),
                // It fitted then; the program is the same.
                Input::Config(values) => drop(session.set_config(values)),
                Input::Program { document_hash } => {
                    let program = (origin.programs)(document_hash)
                        .ok_or(ReplayError::UnknownProgram { sequence: *sequence, document_hash: *document_hash })?;
                    session.set_program(program);
                }
            }
        }
        Ok(session)
    }
}
