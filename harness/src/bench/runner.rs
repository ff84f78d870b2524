//! Calls of handlers in this process.

use std::sync::Arc;
use std::time::Instant;

use statewright_runtime::program::{Outcome, Program};
use statewright_runtime::session::{Action, Rehearsal, Session};

use super::cases::Cases;
use crate::project::Loaded;

/// Some calls, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Lap {
    /// Nanoseconds of all of them.
    pub ns: f64,
    /// Fuel of one.
    pub fuel: u64,
    /// How they ended: `done`, `waits`, or the error's code and node.
    pub ended: String,
}

/// What calls handlers. Each call begins with the same state.
pub trait Runner {
    /// Calls the handler of a case that often.
    ///
    /// # Errors
    /// Parameters that do not fit, or an execution that is gone.
    fn calls(&mut self, case: usize, times: u32) -> Result<Lap, String>;

    /// Does everything that often that a call needs besides the handler; nanoseconds.
    ///
    /// # Errors
    /// As [`Runner::calls`].
    fn parameters(&mut self, case: usize, times: u32) -> Result<f64, String>;
}

/// A program in this process.
pub struct Local {
    cases: Vec<(usize, Action, Session)>,
}

impl Local {
    /// A session for each case.
    ///
    /// # Errors
    /// Says what is wrong with a state.
    pub fn new(loaded: &Loaded, program: &Arc<dyn Program>, cases: &Cases) -> Result<Local, String> {
        let ready = cases.0.iter().map(|case| {
            let session = case.session(loaded, program.clone()).map_err(|findings| {
                let first = findings.iter().find(|finding| finding.is_error());
                let why = first
                    .map_or_else(|| "it cannot be loaded".to_owned(), |first| first.diagnostic.message.to_string());
                format!("the state for `{}`: {why}", case.name)
            })?;
            Ok((case.handler, case.action.clone(), session))
        });
        Ok(Local { cases: ready.collect::<Result<_, String>>()? })
    }

    fn timed<R>(
        &mut self,
        case: usize,
        body: impl FnOnce(&mut Session, usize, &Action) -> Result<R, statewright_runtime::program::Trap>,
    ) -> Result<(f64, R), String> {
        let (handler, action, session) = self.cases.get_mut(case).ok_or("there is no such handler")?;
        let start = Instant::now();
        let result = body(session, *handler, action);
        let ns = start.elapsed().as_secs_f64() * 1e9;
        result.map(|result| (ns, result)).map_err(|trap| trap.to_string())
    }
}

impl Runner for Local {
    fn calls(&mut self, case: usize, times: u32) -> Result<Lap, String> {
        let (ns, rehearsal) = self.timed(case, |session, handler, action| session.rehearse(handler, action, times))?;
        Ok(Lap { ns, fuel: rehearsal.fuel, ended: ended(&rehearsal) })
    }

    fn parameters(&mut self, case: usize, times: u32) -> Result<f64, String> {
        self.timed(case, |session, handler, action| session.rehearse_parameters(handler, action, times))
            .map(|(ns, ())| ns)
    }
}

fn ended(rehearsal: &Rehearsal) -> String {
    match &rehearsal.outcome {
        Outcome::Done => "done".to_owned(),
        Outcome::Suspended(_) => "waits".to_owned(),
        Outcome::Trapped(trap) => match &trap.node {
            Some(node) => format!("{} at {node}", trap.code),
            None => trap.code.to_string(),
        },
    }
}
