//! Suspended activations and the clock that resumes them (R6.3).

use statewright_types::TrapCode;

use crate::context::Tracer;
use crate::program::{Suspension, Trap, WaitFor};
use crate::session::dispatch::{Activation, Entrance, reborrow, trap};
use crate::session::{ActionReport, Input, Session};

/// A suspended activation.
pub(super) struct Waiting {
    /// Whose.
    pub activation: Activation,
    /// Where it goes on.
    pub suspension: Suspension,
}

impl Session {
    /// How many activations wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// When the next activation is due, session time in milliseconds.
    pub fn next_deadline(&self) -> Option<i64> {
        self.waiting.keys().next().map(|(due_ms, _)| *due_ms)
    }

    /// Lets `ms` milliseconds pass; see [`Session::advance_to`]. Negative counts as none.
    pub fn advance(&mut self, ms: i64) -> Vec<ActionReport> {
        self.advance_to(self.now_ms.saturating_add(ms.max(0)))
    }

    /// Moves the clock to `now_ms` and resumes what is due by then, each at its own due time, ordered by due time
    /// and activation number. One report per resumption, errors included. The clock never goes back.
    pub fn advance_to(&mut self, now_ms: i64) -> Vec<ActionReport> {
        self.resume_until(now_ms, None)
    }

    /// As [`Session::advance_to`], telling `tracer` what happens.
    pub fn advance_to_traced(&mut self, now_ms: i64, tracer: &mut dyn Tracer) -> Vec<ActionReport> {
        self.resume_until(now_ms, Some(tracer))
    }

    fn resume_until(&mut self, now_ms: i64, mut tracer: Option<&mut dyn Tracer>) -> Vec<ActionReport> {
        let until_ms = now_ms.max(self.now_ms);
        if self.next_deadline().is_some_and(|due_ms| due_ms <= until_ms) {
            self.record(until_ms, Input::Advance);
        }
        let mut reports = Vec::new();
        // Ends: every round either uses up an activation or moves it later, and fuel bounds how often.
        while let Some(entry) = self.waiting.first_entry() {
            let (due_ms, _) = *entry.key();
            if due_ms > until_ms {
                break;
            }
            let Waiting { activation, suspension } = entry.remove();
            self.now_ms = due_ms;
            let mut report = self.report();
            self.run_segment(activation, Entrance::Resume(&suspension), &mut report, reborrow(&mut tracer));
            reports.push(report);
        }
        self.now_ms = until_ms;
        reports
    }

    /// When `suspension` is due, always later than now. An error stops the activation instead.
    pub(super) fn due(&self, suspension: &Suspension) -> Result<i64, Trap> {
        if self.waiting.len() >= self.waiting_limit {
            let message = format!("{} activations wait already, and no more may", self.waiting_limit);
            return Err(trap(TrapCode::MemoryLimit, message));
        }
        match suspension.wait {
            WaitFor::Duration(ms) => self.now_ms.checked_add(ms.max(1)).ok_or_else(|| {
                trap(TrapCode::OutOfRange, format!("a wait of {ms} ms ends later than time can be counted"))
            }),
        }
    }
}
