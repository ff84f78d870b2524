//! Transactions of the host program itself: changes that no handler makes.
//!
//! A closure cannot be logged. What is logged is that it ran, under a name and with parameters, after it did, and only if it was
//! kept; a replay is given the closures again, by name ([`Session::replay_with`]), and refuses a log with an update that it is not
//! given. So seed, schema, programs, updates and log determine the state, as they do without updates.

use std::sync::Arc;

use statewright_types::Value;

use crate::session::replay::{Origin, ReplayError};
use crate::session::{Entry, Input, Session};
use crate::state::State;

/// Does again what [`Session::update`] did under a name, with its parameters. `false`: nothing is known under that name.
pub type Updates<'a> = dyn Fn(&str, &Value, &mut State) -> bool + 'a;

impl Session {
    /// Runs `change` on the state without effects, as one transaction: kept if it gives `Ok`, undone as a whole if it gives `Err`, or
    /// panics. Logged under `name` with `params`, which should say all that the change depends on besides the state.
    ///
    /// # Errors
    /// That of `change`.
    pub fn update<R, E>(
        &mut self,
        name: &str,
        params: Value,
        change: impl FnOnce(&mut State) -> Result<R, E>,
    ) -> Result<R, E> {
        let outcome = self.state.transaction(change)?;
        self.record(self.now_ms, Input::Update { name: name.into(), params });
        self.refresh_views(None);
        Ok(outcome)
    }

    /// As [`Session::replay`], for a log with updates.
    ///
    /// # Errors
    /// As there; [`ReplayError::UnknownUpdate`] if `updates` does not know one.
    pub fn replay_with(origin: Origin<'_>, updates: &Updates<'_>, entries: &[Entry]) -> Result<Session, ReplayError> {
        Session::replay_all(origin, updates, entries)
    }

    /// Does an update of the log again.
    pub(super) fn update_again(
        &mut self,
        sequence: u64,
        name: &Arc<str>,
        params: &Value,
        updates: &Updates<'_>,
    ) -> Result<(), ReplayError> {
        let known = |state: &mut State| if updates(name, params, state) { Ok(()) } else { Err(()) };
        self.update(name, params.clone(), known)
            .map_err(|()| ReplayError::UnknownUpdate { sequence, name: name.clone() })
    }
}
