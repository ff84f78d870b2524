//! Handlers that are tried out: run as ever, and undone.

use crate::context::{Meter, Outbox};
use crate::program::{Outcome, Trap};
use crate::session::dispatch::{Entrance, Running, arguments};
use crate::session::{Action, ActionReport, Session};

/// What a rehearsal came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// How the last run ended.
    pub outcome: Outcome,
    /// Fuel that it used.
    pub fuel: u64,
}

impl Session {
    /// Runs the handler at a position with the parameters of `action`, as often as is said, each time as a transaction that is
    /// undone: state, random streams and everything else are as before, nothing is sent or logged, and nobody is asked for a
    /// permission. A handler that waits stops there.
    ///
    /// # Errors
    /// The parameters do not fit.
    pub fn rehearse(&mut self, handler: usize, action: &Action, times: u32) -> Result<Rehearsal, Trap> {
        self.rehearse_parameters(handler, action, times.min(1))?;
        let mut report = ActionReport::default();
        let name = self.program.handlers().get(handler).map(|info| info.name.clone());
        report.activations.begin(&name.unwrap_or_default(), 0);
        let mut last = Rehearsal { outcome: Outcome::Done, fuel: 0 };
        for _ in 0..times {
            let mut running = Running::rehearsed(handler, &action.sender, Meter::new(self.limits));
            self.state.begin();
            let outcome = self.execute(&mut running, Entrance::Start(action), &report, &mut Outbox::default(), None);
            self.state.rollback();
            self.ledger.rollback();
            last = Rehearsal { outcome, fuel: running.fuel_used() };
        }
        Ok(last)
    }

    /// What a rehearsal does besides the handler: opens a transaction, reads the parameters, and undoes that.
    ///
    /// # Errors
    /// As [`Session::rehearse`].
    pub fn rehearse_parameters(&mut self, handler: usize, action: &Action, times: u32) -> Result<(), Trap> {
        let program = self.program.clone();
        let Some(info) = program.handlers().get(handler) else { return Ok(()) };
        for _ in 0..times {
            self.state.begin();
            let read = arguments(&mut self.state, info, action, &mut self.args);
            self.state.rollback();
            read?;
        }
        Ok(())
    }
}
