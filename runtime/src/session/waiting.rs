//! Suspended activations, scheduled events, effects that end, and the clock that sees to them (R6.3, R6.4).

use std::sync::Arc;

use statewright_types::{RecordType, TrapCode};

use crate::context::Tracer;
use crate::effects::host_effect;
use crate::ledger::Scheduled;
use crate::program::{Suspension, Trap, WaitFor};
use crate::session::dispatch::{Activation, Entrance, reborrow, trap};
use crate::session::{Action, ActionReport, Input, Session};

/// The due time of what only an event ends.
pub(super) const NEVER: i64 = i64::MAX;

/// A suspended activation.
pub(super) struct Waiting {
    /// Whose.
    pub activation: Activation,
    /// Where it goes on.
    pub suspension: Suspension,
    /// Whether a deadline comes before what it waits for.
    pub is_cut: bool,
}

impl Session {
    /// How many activations wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// When the next activation or scheduled event is due, or the next effect ends or says that it will act otherwise, session
    /// time in milliseconds.
    pub fn next_deadline(&self) -> Option<i64> {
        let changes = self.ledger.effects().filter_map(|using| {
            let changes_ms = host_effect(&*self.program, &using.effect)?.effect().changes_ms(using, self.now_ms);
            changes_ms.filter(|changes_ms| *changes_ms > self.now_ms)
        });
        // Looking for effects in Rust takes time, and nearly all programs have none.
        let changes = self.program.has_host_effects().then(|| changes.min()).flatten();
        self.next_act().into_iter().chain(changes).min()
    }

    /// When the session itself has something to do next.
    fn next_act(&self) -> Option<i64> {
        let resumes = self.waiting.keys().next().map(|(due_ms, _)| *due_ms).filter(|due_ms| *due_ms < NEVER);
        resumes.into_iter().chain(self.ledger.next_due()).chain(self.ledger.next_expiry()).min()
    }

    /// Lets `ms` milliseconds pass; see [`Session::advance_to`]. Negative counts as none.
    pub fn advance(&mut self, ms: i64) -> Vec<ActionReport> {
        self.advance_to(self.now_ms.saturating_add(ms.max(0)))
    }

    /// Moves the clock to `now_ms`, ends effects, resumes activations and fires scheduled events that are due by then, each
    /// at its own due time, ordered by due time, effects before activations before events, and number. One report for each
    /// activation and event, errors included, and for each effect in Rust that failed when it ended. The clock
    /// never goes back.
    pub fn advance_to(&mut self, now_ms: i64) -> Vec<ActionReport> {
        self.resume_until(now_ms, None)
    }

    /// As [`Session::advance_to`], telling `tracer` what happens.
    pub fn advance_to_traced(&mut self, now_ms: i64, tracer: &mut dyn Tracer) -> Vec<ActionReport> {
        self.resume_until(now_ms, Some(tracer))
    }

    fn resume_until(&mut self, now_ms: i64, mut tracer: Option<&mut dyn Tracer>) -> Vec<ActionReport> {
        let until_ms = now_ms.max(self.now_ms);
        if self.next_act().is_some_and(|due_ms| due_ms <= until_ms) {
            self.record(until_ms, Input::Advance);
        }
        let mut reports = Vec::new();
        // Ends: every round uses up an activation or an event, or moves it later, and fuel bounds how often.
        while let Some(due_ms) = self.next_act().filter(|due_ms| *due_ms <= until_ms) {
            self.now_ms = due_ms;
            // At one time effects end, then waits resume, then scheduled events fire (R6.4).
            let ended = self.ledger.expire(due_ms);
            if !ended.is_empty() {
                reports.extend(ended.iter().filter_map(|effect| self.tell_ended(effect)));
                continue;
            }
            let waits = self.waiting.keys().next().copied().filter(|(at_ms, _)| *at_ms == due_ms);
            if let Some(key) = waits {
                let Some(Waiting { activation, suspension, is_cut }) = self.unpark(key) else { break };
                let suspension = if is_cut { suspension.cut_short() } else { suspension };
                let mut report = self.report();
                let entrance = Entrance::Resume(&suspension, None);
                self.run_on(&activation, entrance, &mut report, reborrow(&mut tracer));
                reports.push(report);
            } else if let Some((_, Scheduled { event, params })) = self.ledger.take_due(due_ms) {
                let action = Action { event, sender: "".into(), params };
                reports.push(self.handle(&action, reborrow(&mut tracer)));
            }
        }
        self.now_ms = until_ms;
        self.refresh_views(tracer);
        reports
    }

    /// When `suspension` is due, and whether by a deadline, which may be now; a wait's own time is later, [`NEVER`] if only
    /// an event ends it. An error stops the activation instead.
    pub(super) fn due(&self, suspension: &Suspension) -> Result<(i64, bool), Trap> {
        let due_ms = self.wait_due(suspension)?;
        // What is waited for comes before a deadline at the same time.
        Ok(match suspension.deadline_ms() {
            Some(deadline_ms) if deadline_ms < due_ms => (deadline_ms.max(self.now_ms), true),
            _ => (due_ms, false),
        })
    }

    fn wait_due(&self, suspension: &Suspension) -> Result<i64, Trap> {
        if self.waiting.len() >= self.waiting_limit {
            let message = format!("{} activations wait already, and no more may", self.waiting_limit);
            return Err(Trap { node: suspension.node.clone(), ..trap(TrapCode::MemoryLimit, message) });
        }
        let ms = match &suspension.wait {
            WaitFor::Duration(ms) => (*ms).max(1),
            WaitFor::Event { timeout_ms, .. } if *timeout_ms <= 0 => return Ok(NEVER),
            WaitFor::Event { timeout_ms, .. } => *timeout_ms,
        };
        self.now_ms.checked_add(ms).ok_or_else(|| {
            let message = format!("a wait of {ms} ms ends later than time can be counted");
            Trap { node: suspension.node.clone(), ..trap(TrapCode::Overflow, message) }
        })
    }

    /// Puts an activation to sleep.
    pub(super) fn park(&mut self, due_ms: i64, waiting: Waiting) {
        let number = waiting.activation.number;
        if let WaitFor::Event { event, .. } = &waiting.suspension.wait {
            self.listening.entry(event.clone()).or_default().insert(number, due_ms);
        }
        self.waiting.insert((due_ms, number), waiting);
    }

    fn unpark(&mut self, key: (i64, u64)) -> Option<Waiting> {
        let waiting = self.waiting.remove(&key)?;
        if let WaitFor::Event { event, .. } = &waiting.suspension.wait
            && let Some(listeners) = self.listening.get_mut(event)
        {
            listeners.remove(&key.1);
            if listeners.is_empty() {
                self.listening.remove(event);
            }
        }
        Some(waiting)
    }

    /// Who waits for an event now, by activation number.
    #[inline]
    pub(super) fn listeners(&self, event: &str) -> Vec<(i64, u64)> {
        if self.listening.is_empty() { Vec::new() } else { self.find_listeners(event) }
    }

    #[inline(never)]
    fn find_listeners(&self, event: &str) -> Vec<(i64, u64)> {
        let listeners = self.listening.get(event).into_iter().flatten();
        listeners.map(|(number, due_ms)| (*due_ms, *number)).collect()
    }

    /// Resumes an activation with the event that it waits for. It goes on waiting if the event's parameters are not
    /// of the types that it was told of.
    pub(super) fn wake(
        &mut self,
        key: (i64, u64),
        action: &Action,
        report: &mut ActionReport,
        tracer: Option<&mut dyn Tracer>,
    ) {
        let Some(WaitFor::Event { data, .. }) = self.waiting.get(&key).map(|waiting| waiting.suspension.wait.clone())
        else {
            return;
        };
        self.state.begin();
        let fits = self.event_data(&data, action).is_ok();
        self.state.rollback();
        if fits && let Some(Waiting { activation, suspension, .. }) = self.unpark(key) {
            self.run_on(&activation, Entrance::Resume(&suspension, Some(action)), report, tracer);
        }
    }

    /// An event's parameters as the record that a waiting activation is given; what was not sent is zero.
    pub(super) fn event_data(&mut self, data: &Arc<RecordType>, action: &Action) -> Result<u64, Trap> {
        let mut fields = Vec::with_capacity(data.fields.len());
        for (name, ty) in &data.fields {
            fields.push(match action.params.get(name) {
                Some(value) => self.state.import(ty, value).map_err(|error| {
                    trap(TrapCode::BadParameters, format!("parameter `{name}` of `{}`: {error}", action.event))
                })?,
                None => self.state.zero(ty),
            });
        }
        Ok(self.state.record_new(data, &fields))
    }
}
