//! Dispatching: permissions, then parameters, then handlers, each a transaction of its own (R7.1, R7.5).

use std::sync::Arc;

use statewright_types::{TrapCode, Type, Value};

use crate::context::{Beginning, Context, Ending, Meter, Outbox, Segment, Tracer};
use crate::effects::EffectsAtWork;
use crate::program::{HandlerInfo, Outcome, Permissions, Program, Suspension, Trap, WaitFor};
use crate::session::waiting::{NEVER, Waiting};
use crate::session::{Action, ActionReport, ActivationReport, Session, Status};

/// An activation that runs or waits.
pub(super) struct Activation {
    /// From 1 in the order of starting.
    pub number: u64,
    /// The handler's name.
    pub handler: Arc<str>,
    /// Who sent the event that it began with.
    pub sender: Arc<str>,
    /// The version that it began on, and finishes on.
    pub program: Arc<dyn Program>,
    /// What it may still use, waits included.
    pub meter: Meter,
}

/// The same while it runs: nothing of it is shared anew unless it waits.
pub(super) struct Running<'a> {
    number: u64,
    handler: Arc<str>,
    sender: &'a Arc<str>,
    program: &'a Arc<dyn Program>,
    meter: Meter,
}

/// Where an activation begins.
pub(super) enum Entrance<'a> {
    /// At the start of the handler at this position.
    Start(usize, &'a Action),
    /// Where it was suspended; with the event that ended the wait, if one did.
    Resume(&'a Suspension, Option<&'a Action>),
}

impl Session {
    /// Runs the handlers of `action`, which has been logged.
    pub(super) fn handle(&mut self, action: &Action, mut tracer: Option<&mut dyn Tracer>) -> ActionReport {
        let mut report = self.report();
        let is_reserved = action.is_reserved();
        if is_reserved && !action.sender.is_empty() {
            let message = format!("only the session itself sends `{}`", action.event);
            report.refused = Some(Box::new(trap(TrapCode::PermissionDenied, message)));
            return report;
        }
        let listeners = self.listeners(&action.event);
        let (mut asked, mut admitted) = (0, 0);
        // No handler puts another program in the place of this one.
        let (program, found) = (self.program.clone(), self.routes.find(&action.event));
        while let Some(index) = self.routes.handler(found, asked) {
            let Some(info) = program.handlers().get(index) else { break };
            asked += 1;
            self.activations += 1;
            let mut running = Running {
                number: self.activations,
                handler: info.name.clone(),
                sender: &action.sender,
                program: &program,
                meter: Meter::new(self.limits),
            };
            if let Err(denied) = self.permit(info, action) {
                report.activations.push(running.failed(denied, 0));
                continue;
            }
            let position = report.activations.len();
            self.run_segment(&mut running, Entrance::Start(index, action), &mut report, reborrow(&mut tracer));
            let error = report.activations.get(position).and_then(|activation| activation.error.as_ref());
            admitted += usize::from(error.is_none_or(|trap| trap.code != TrapCode::BadParameters));
        }
        let handled = is_reserved || asked > 0 || !listeners.is_empty();
        // Who was turned away by every handler has not sent anything.
        if asked == 0 || admitted > 0 {
            for listener in listeners {
                self.wake(listener, action, &mut report, reborrow(&mut tracer));
            }
        }
        if !handled {
            let message = format!("no handler handles the event `{}`", action.event);
            report.refused = Some(Box::new(trap(TrapCode::UnknownEvent, message)));
        }
        report
    }

    /// Runs an activation up to its end or its next wait, as one transaction. If the wait's deadline has come already, the
    /// next segment follows at once.
    pub(super) fn run_segment(
        &mut self,
        running: &mut Running<'_>,
        entrance: Entrance<'_>,
        report: &mut ActionReport,
        mut tracer: Option<&mut dyn Tracer>,
    ) {
        let mut next = self.segment(running, entrance, report, reborrow(&mut tracer));
        // Ends: each round goes on outside of a deadline, and fuel bounds how many there are.
        while let Some(suspension) = next {
            let cut = suspension.cut_short();
            next = self.segment(running, Entrance::Resume(&cut, None), report, reborrow(&mut tracer));
        }
    }

    /// One transaction. Gives the suspension back if the activation waits for what its deadline cuts short now.
    fn segment(
        &mut self,
        running: &mut Running<'_>,
        entrance: Entrance<'_>,
        report: &mut ActionReport,
        mut tracer: Option<&mut dyn Tracer>,
    ) -> Option<Suspension> {
        let fuel_before = running.meter.fuel;
        let mut outbox = Outbox::default();
        let handler = tracer.is_some().then(|| running.handler.clone());
        let (number, now_ms, beginning) = (running.number, self.now_ms, entrance.beginning());
        let segment = handler.as_ref().map(|handler| Segment { activation: number, handler, now_ms, beginning });
        if let (Some(tracer), Some(segment)) = (&mut tracer, &segment) {
            tracer.begin(segment);
        }
        self.state.begin();
        let outcome = self.execute(running, entrance, &mut outbox, reborrow(&mut tracer));
        let fuel = fuel_before.saturating_sub(running.meter.fuel);
        let suspended = match outcome {
            Outcome::Done => None,
            Outcome::Suspended(suspension) => match self.due(&suspension) {
                Ok(due) => Some((due, suspension)),
                Err(trap) => return self.undo(running, trap, fuel, report, (tracer, segment)),
            },
            Outcome::Trapped(trap) => return self.undo(running, trap, fuel, report, (tracer, segment)),
        };
        self.state.commit();
        let kicks = self.ledger.commit();
        if !kicks.is_empty() {
            self.kicks.extend(kicks);
        }
        match report.events.is_empty() {
            true => report.events = outbox.events,
            false => report.events.append(&mut outbox.events),
        }
        if let (Some(tracer), Some(segment)) = (&mut tracer, &segment) {
            let waits = suspended.as_ref().map(|((due_ms, _), suspension)| (suspension, *due_ms));
            tracer.end(segment, &ending(waits));
        }
        let status = if suspended.is_some() { Status::Waiting } else { Status::Done };
        report.activations.push(running.report(status, None, fuel));
        let mut next = None;
        if let Some(((due_ms, is_cut), suspension)) = suspended {
            if is_cut && due_ms <= self.now_ms {
                next = Some(suspension);
            } else {
                self.park(due_ms, Waiting { activation: running.parked(), suspension, is_cut });
            }
        }
        self.take_out_kicked(report, tracer);
        next
    }

    /// Takes back what a part of an activation did that failed, and ends the activation.
    #[cold]
    fn undo(
        &mut self,
        running: &Running<'_>,
        trap: Trap,
        fuel: u64,
        report: &mut ActionReport,
        (tracer, segment): (Option<&mut dyn Tracer>, Option<Segment<'_>>),
    ) -> Option<Suspension> {
        self.state.rollback();
        self.ledger.rollback();
        if let (Some(tracer), Some(segment)) = (tracer, &segment) {
            tracer.end(segment, &Ending::Failed(&trap));
        }
        report.activations.push(running.failed(trap, fuel));
        None
    }

    /// Calls the program, inside the transaction.
    pub(super) fn execute(
        &mut self,
        running: &mut Running<'_>,
        entrance: Entrance<'_>,
        outbox: &mut Outbox,
        mut tracer: Option<&mut dyn Tracer>,
    ) -> Outcome {
        let Running { program, meter, sender, handler, .. } = running;
        let mut args = std::mem::take(&mut self.args);
        args.clear();
        if let Entrance::Start(index, action) = &entrance {
            let Some(info) = program.handlers().get(*index) else {
                return Outcome::Trapped(trap(TrapCode::UnknownEvent, "the program lost the handler".into()));
            };
            if let Err(bad) = self.arguments(info, action, &mut args) {
                return Outcome::Trapped(bad);
            }
        }
        let arrived = match &entrance {
            Entrance::Resume(Suspension { wait: WaitFor::Event { data, .. }, .. }, Some(action)) => {
                match self.event_data(data, action) {
                    Ok(slot) => Some(slot),
                    Err(bad) => return Outcome::Trapped(bad),
                }
            }
            _ => None,
        };
        // An activation of a version that knows no effects sees the base: nothing in it takes them off before it adds to
        // a field, so that what they add would get into the base.
        let knows = !program.effects().is_empty();
        let mut effects = knows.then(|| EffectsAtWork::new(self.program.clone(), self.limits));
        let has_effects = knows && self.ledger.has_effects();
        let mut context = Context {
            state: &mut self.state,
            meter,
            now_ms: self.now_ms,
            host: self.host.as_deref().unwrap_or(""),
            sender,
            handler,
            outbox,
            players: &self.players,
            ledger: &mut self.ledger,
            effects: effects.as_mut(),
            arrived,
            tracer: reborrow(&mut tracer),
        };
        if has_effects && let Err(code) = context.apply_effects() {
            return Outcome::Trapped(trap(code, "the effects in use need more than a transaction may use".into()));
        }
        let outcome = match entrance {
            Entrance::Start(index, _) => program.run(index, &args, &mut context),
            Entrance::Resume(suspension, _) => program.resume(suspension, &mut context),
        };
        self.args = args;
        outcome
    }

    /// R7.5: all that are given must hold; the session itself passes all.
    fn permit(&self, info: &HandlerInfo, action: &Action) -> Result<(), Trap> {
        if action.sender.is_empty() {
            return Ok(());
        }
        let Permissions { host_only, player_param, allowed_players } = &info.permissions;
        let denied = |message: String| Err(trap(TrapCode::PermissionDenied, message));
        let sender = &action.sender;
        if *host_only && self.host.as_ref() != Some(sender) {
            return denied(format!("`{sender}` is not the host, and only the host may send `{}`", action.event));
        }
        if let Some(position) = player_param {
            let name = info.params.get(*position).map_or("", |(name, _)| name);
            let named = action.params.get(name);
            if !matches!(named, Some(Value::Str(player)) if player == sender) {
                return denied(format!("the parameter `{name}` must be the sender's own id, `{sender}`"));
            }
        }
        if let Some(allowed) = allowed_players
            && !allowed.contains(sender)
        {
            return denied(format!("`{sender}` is not among the allowed players of `{}`", info.name));
        }
        Ok(())
    }

    /// `senderID` and the declared parameters as slots (R1.5, R3.4).
    pub(super) fn arguments(&mut self, info: &HandlerInfo, action: &Action, args: &mut Vec<u64>) -> Result<(), Trap> {
        if !matches!(action.params, Value::Map(_) | Value::Null) {
            let message = format!("the parameters of `{}` must be a map from names to values", action.event);
            return Err(trap(TrapCode::BadParameters, message));
        }
        args.push(self.state.string_of(&action.sender));
        for (name, ty) in &info.params {
            args.push(match action.params.get(name) {
                Some(value) => self.state.import(ty, value).map_err(|error| {
                    trap(TrapCode::BadParameters, format!("parameter `{name}` of `{}`: {error}", action.event))
                })?,
                None => self.missing(name, ty, action)?,
            });
        }
        Ok(())
    }

    /// What stands for a parameter that was not sent: null where that is a value; the session's own events fill
    /// in zeros, as handlers may declare more than they carry.
    fn missing(&mut self, name: &str, ty: &Type, action: &Action) -> Result<u64, Trap> {
        if matches!(ty, Type::Nullable(_)) {
            return Ok(0);
        }
        if action.is_reserved() {
            return Ok(self.state.zero(ty));
        }
        let shown = self.state.schema().show(ty).to_string();
        let message = format!("parameter `{name}` of `{}` is missing: send a value of type {shown}", action.event);
        Err(trap(TrapCode::BadParameters, message))
    }
}

impl<'a> Entrance<'a> {
    /// For a tracer.
    fn beginning(&self) -> Beginning<'a> {
        match self {
            Entrance::Start(_, Action { event, sender, params }) => Beginning::Event { event, sender, params },
            Entrance::Resume(suspension, _) => Beginning::Resumed { node: suspension.node.as_ref() },
        }
    }
}

/// How a part that was committed ended, for a tracer: done, or waiting until then.
fn ending(waits: Option<(&Suspension, i64)>) -> Ending<'_> {
    match waits {
        Some((suspension, due_ms)) => {
            Ending::Waiting { node: suspension.node.as_ref(), due_ms: Some(due_ms).filter(|due_ms| *due_ms < NEVER) }
        }
        None => Ending::Done,
    }
}

impl Activation {
    /// For running it on.
    pub(super) fn running(&self) -> Running<'_> {
        let Activation { number, handler, sender, program, meter } = self;
        Running { number: *number, handler: handler.clone(), sender, program, meter: *meter }
    }
}

impl<'a> Running<'a> {
    /// One that is tried out: it has no number.
    pub(super) fn rehearsed(
        handler: Arc<str>,
        sender: &'a Arc<str>,
        program: &'a Arc<dyn Program>,
        meter: Meter,
    ) -> Running<'a> {
        Running { number: 0, handler, sender, program, meter }
    }

    /// Fuel used so far.
    pub(super) fn fuel_used(&self) -> u64 {
        self.meter.fuel_used()
    }

    /// For going on later.
    fn parked(&self) -> Activation {
        let Running { number, handler, sender, program, meter } = self;
        let (sender, program) = (Arc::clone(sender), Arc::clone(program));
        Activation { number: *number, handler: handler.clone(), sender, program, meter: *meter }
    }

    fn report(&self, status: Status, error: Option<Trap>, fuel: u64) -> ActivationReport {
        let error = error.map(Box::new);
        ActivationReport { handler: self.handler.clone(), id: self.number, status, error, fuel }
    }

    fn failed(&self, trap: Trap, fuel: u64) -> ActivationReport {
        self.report(Status::Failed, Some(trap), fuel)
    }
}

/// A trap of the session's own, at no node.
pub(super) fn trap(code: TrapCode, message: String) -> Trap {
    Trap { code, message: Some(message.into()), node: None }
}

/// Lends the tracer for one of several uses.
pub(crate) fn reborrow<'a>(tracer: &'a mut Option<&mut dyn Tracer>) -> Option<&'a mut dyn Tracer> {
    match tracer {
        Some(tracer) => Some(&mut **tracer),
        None => None,
    }
}
