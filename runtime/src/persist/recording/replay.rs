//! A session from a recording.

use std::fmt;
use std::sync::Arc;

use statewright_types::Schema;

use super::{Checkpoint, Recording};
use crate::session::replay::Versions;
use crate::session::updating::Updates;
use crate::session::{LoadError, ReplayError, Session};

/// A replayed session.
pub struct Replayed {
    /// The session; its log has the entries again.
    pub session: Session,
    /// How many entries were replayed.
    pub entries: u64,
    /// How many checkpoints were compared, all of which were as recorded.
    pub checkpoints: u64,
}

/// Why a recording cannot be replayed, or does not lead where it led.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// The session at the beginning does not load.
    Begin(LoadError),
    /// An entry cannot be done, or does something else than was recorded.
    Entry(ReplayError),
    /// The state is another than was recorded.
    Diverged {
        /// After this entry.
        sequence: u64,
        /// After this one it was still the same; 0 if none was looked at.
        same: u64,
    },
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifyError::Begin(error) => write!(f, "the session at the beginning: {error}"),
            VerifyError::Entry(error) => error.fmt(f),
            VerifyError::Diverged { sequence, same } if sequence.saturating_sub(1) == *same => {
                write!(f, "entry {sequence} does something else than was recorded: the state after it is another")
            }
            VerifyError::Diverged { sequence, same } => {
                write!(f, "an entry from {} to {sequence} does something else than was recorded: ", same + 1)?;
                write!(f, "the state after entry {sequence} is another")
            }
        }
    }
}

impl std::error::Error for VerifyError {}

impl Recording {
    /// The session as it was after entry `to`, or at the end. With `verify` the state is compared at every checkpoint on the
    /// way. `programs` finds versions of the document by hash.
    ///
    /// # Errors
    /// See [`VerifyError`]: the first thing that is not as it was.
    pub fn replay(
        &self,
        schema: Arc<Schema>,
        programs: &Versions<'_>,
        to: Option<u64>,
        verify: bool,
    ) -> Result<Replayed, VerifyError> {
        self.replay_with(schema, programs, &|_, _, _| false, to, verify)
    }

    /// The same for a session that the host program has [updated](Session::update) itself: `updates` does that again.
    ///
    /// # Errors
    /// As [`Recording::replay`].
    pub fn replay_with(
        &self,
        schema: Arc<Schema>,
        programs: &Versions<'_>,
        updates: &Updates<'_>,
        to: Option<u64>,
        verify: bool,
    ) -> Result<Replayed, VerifyError> {
        let saved = self.saved(&schema).map_err(VerifyError::Begin)?;
        let session = Session::load(&saved, schema, programs).map_err(VerifyError::Begin)?;
        let mut replayed = Replayed { session, entries: 0, checkpoints: 0 };
        let mut same = saved.sequence;
        let mut checkpoints = self.checkpoints.iter().peekable();
        let mut check = |replayed: &mut Replayed, sequence: u64| {
            while let Some(checkpoint) = checkpoints.next_if(|checkpoint| checkpoint.sequence <= sequence) {
                pass(replayed, checkpoint, verify, same)?;
                same = checkpoint.sequence;
            }
            Ok(())
        };
        check(&mut replayed, saved.sequence)?;
        for entry in self.entries.iter().take_while(|entry| to.is_none_or(|to| entry.sequence <= to)) {
            replayed.session.apply_with(entry, programs, updates).map_err(VerifyError::Entry)?;
            replayed.entries += 1;
            check(&mut replayed, entry.sequence)?;
        }
        Ok(replayed)
    }
}

/// Lets the time pass that passed until a checkpoint, and compares.
fn pass(replayed: &mut Replayed, checkpoint: &Checkpoint, verify: bool, same: u64) -> Result<(), VerifyError> {
    replayed.session.advance_to(checkpoint.now_ms);
    if !verify {
        return Ok(());
    }
    if replayed.session.state().hash() != checkpoint.hash {
        return Err(VerifyError::Diverged { sequence: checkpoint.sequence, same });
    }
    replayed.checkpoints += 1;
    Ok(())
}
