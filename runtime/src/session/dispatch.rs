//! Dispatching: permissions, then parameters, then handlers, each a transaction of its own (R7.1, R7.5).

use std::sync::Arc;

use statewright_types::{TrapCode, Type, Value};

use crate::context::{Beginning, Context, Ending, Meter, Outbox, Segment, Tracer};
use crate::program::{HandlerInfo, Outcome, Permissions, Program, Suspension, Trap, WaitFor};
use crate::session::routes::Routed;
use crate::session::waiting::{NEVER, Waiting};
use crate::session::{Action, ActionReport, Session, Status};
use crate::short::same;
use crate::state::{ImportError, State};

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
    /// The handler's position in the session's program, which no handler replaces; unless it is `kept`.
    handler: usize,
    sender: &'a Arc<str>,
    /// What it was when it began to wait.
    kept: Option<&'a Activation>,
    meter: Meter,
}

impl<'a> Running<'a> {
    /// One that is tried out: it has no number.
    pub(super) fn rehearsed(handler: usize, sender: &'a Arc<str>, meter: Meter) -> Running<'a> {
        Running { number: 0, handler, sender, kept: None, meter }
    }

    /// Fuel used so far.
    pub(super) fn fuel_used(&self) -> u64 {
        self.meter.fuel_used()
    }
}

/// Where an activation begins.
pub(super) enum Entrance<'a> {
    /// At the start of the handler.
    Start(&'a Action),
    /// Where it was suspended; with the event that ended the wait, if one did.
    Resume(&'a Suspension, Option<&'a Action>),
}

impl Session {
    /// Runs the handlers of `action`, which has been logged.
    pub(super) fn handle(&mut self, action: &Action, tracer: Option<&mut dyn Tracer>) -> ActionReport {
        let mut report = self.report();
        self.handle_into(action, &mut report, tracer);
        report
    }

    /// The same, into a report of nothing.
    pub(super) fn handle_into(
        &mut self,
        action: &Action,
        report: &mut ActionReport,
        mut tracer: Option<&mut dyn Tracer>,
    ) {
        let found = self.routes.find(&action.event);
        if found.is_reserved && !action.sender.is_empty() {
            report.refused = Some(reserved(action));
            return;
        }
        let listeners = self.listeners(&action.event);
        let (mut asked, mut admitted) = (0, 0);
        while let Some(Routed { handler, name, is_open }) = self.routes.handler(found, asked) {
            let (handler, is_open) = (*handler, *is_open || action.sender.is_empty());
            asked += 1;
            self.activations += 1;
            let number = self.activations;
            report.activations.begin(name, number);
            if !is_open && let Err(denied) = self.permit(handler, action) {
                report.activations.fail_last(denied, 0);
                continue;
            }
            let position = report.activations.len().saturating_sub(1);
            let meter = Meter::new(self.limits);
            let mut running = Running { number, handler, sender: &action.sender, kept: None, meter };
            self.run_segments(&mut running, Entrance::Start(action), report, reborrow(&mut tracer));
            if !listeners.is_empty() {
                let error = report.activations.get(position).and_then(|activation| activation.error.as_ref());
                admitted += usize::from(error.is_none_or(|trap| trap.code != TrapCode::BadParameters));
            }
        }
        let handled = found.is_reserved || asked > 0 || !listeners.is_empty();
        // Who was turned away by every handler has not sent anything.
        if !listeners.is_empty() && (asked == 0 || admitted > 0) {
            self.wake_all(listeners, action, report, tracer);
        }
        if !handled {
            report.refused = Some(unknown(action));
        }
    }

    /// Resumes those that wait for the event.
    #[inline(never)]
    fn wake_all(
        &mut self,
        listeners: Vec<(i64, u64)>,
        action: &Action,
        report: &mut ActionReport,
        mut tracer: Option<&mut dyn Tracer>,
    ) {
        for listener in listeners {
            self.wake(listener, action, report, reborrow(&mut tracer));
        }
    }

    /// Runs an activation on that waited, as [`Session::run_segments`] does.
    pub(super) fn run_on(
        &mut self,
        activation: &Activation,
        entrance: Entrance<'_>,
        report: &mut ActionReport,
        tracer: Option<&mut dyn Tracer>,
    ) {
        let Activation { number, sender, meter, .. } = activation;
        report.activations.begin(&activation.handler, *number);
        let mut running = Running { number: *number, handler: 0, sender, kept: Some(activation), meter: *meter };
        self.run_segments(&mut running, entrance, report, tracer);
    }

    /// Runs an activation up to its end or its next wait, as one transaction. If the wait's deadline has come already, the
    /// next segment follows at once. The report has the activation as its last one.
    #[inline(always)]
    fn run_segments(
        &mut self,
        running: &mut Running<'_>,
        entrance: Entrance<'_>,
        report: &mut ActionReport,
        mut tracer: Option<&mut dyn Tracer>,
    ) {
        // Whoever goes on at once is reported again.
        let name = match tracer.is_some() {
            true => report.activations.last().map(|last| last.handler.clone()),
            false => None,
        };
        if let Some(cut) = self.segment(running, entrance, report, reborrow(&mut tracer), name.as_ref()) {
            self.go_on_at_once(running, cut, report, tracer, name.as_ref());
        }
    }

    #[cold]
    fn go_on_at_once(
        &mut self,
        running: &mut Running<'_>,
        cut: Box<Cut>,
        report: &mut ActionReport,
        mut tracer: Option<&mut dyn Tracer>,
        name: Option<&Arc<str>>,
    ) {
        let mut next = Some(cut);
        // Ends: each round goes on outside of a deadline, and fuel bounds how many there are.
        while let Some(cut) = next {
            let Cut { suspension, handler } = *cut;
            report.activations.begin(&handler, running.number);
            let entrance = Entrance::Resume(&suspension, None);
            next = self.segment(running, entrance, report, reborrow(&mut tracer), name);
        }
    }

    /// One transaction. Gives back how the activation goes on, if it waits for what its deadline cuts short now. `name` is for the
    /// tracer.
    fn segment(
        &mut self,
        running: &mut Running<'_>,
        entrance: Entrance<'_>,
        report: &mut ActionReport,
        mut tracer: Option<&mut dyn Tracer>,
        name: Option<&Arc<str>>,
    ) -> Option<Box<Cut>> {
        let fuel_before = running.meter.fuel;
        let mut outbox = Outbox::default();
        let (number, now_ms) = (running.number, self.now_ms);
        let begun = |handler| Segment { activation: number, handler, now_ms, beginning: entrance.beginning() };
        let segment = name.map(begun);
        if let (Some(tracer), Some(segment)) = (&mut tracer, &segment) {
            tracer.begin(segment);
        }
        self.state.begin();
        let outcome = self.execute(running, entrance, report, &mut outbox, reborrow(&mut tracer));
        let fuel = fuel_before.saturating_sub(running.meter.fuel);
        let waits = match outcome {
            Outcome::Done => None,
            Outcome::Suspended(suspension) => match self.due(&suspension) {
                Ok((due_ms, is_cut)) => Some(Box::new(Waits { due_ms, is_cut, suspension })),
                Err(trap) => return self.undo(trap, fuel, report, (tracer, segment)),
            },
            Outcome::Trapped(trap) => return self.undo(trap, fuel, report, (tracer, segment)),
        };
        self.state.commit();
        if self.ledger.is_open() {
            self.kicks.extend(self.ledger.commit());
        }
        if !outbox.events.is_empty() {
            report.take_events(outbox.events);
        }
        if let (Some(tracer), Some(segment)) = (&mut tracer, &segment) {
            tracer.end(segment, &ending(waits.as_deref()));
        }
        let status = if waits.is_some() { Status::Waiting } else { Status::Done };
        report.activations.end_last(status, fuel);
        let next = match waits {
            Some(waits) => self.wait(running, *waits, report),
            None => None,
        };
        if !self.kicks.is_empty() {
            self.take_out_kicked(report, tracer);
        }
        next
    }

    /// Puts an activation to sleep; not, if it goes on now.
    #[cold]
    fn wait(&mut self, running: &Running<'_>, waits: Waits, report: &ActionReport) -> Option<Box<Cut>> {
        let Waits { due_ms, is_cut, suspension } = waits;
        let handler = report.activations.last()?.handler.clone();
        if is_cut && due_ms <= self.now_ms {
            return Some(Box::new(Cut { suspension: suspension.cut_short(), handler }));
        }
        let program = running.kept.map_or(&self.program, |kept| &kept.program).clone();
        let Running { number, sender, meter, .. } = running;
        let activation = Activation { number: *number, handler, sender: Arc::clone(sender), program, meter: *meter };
        self.park(due_ms, Waiting { activation, suspension, is_cut });
        None
    }

    /// Takes back what a part of an activation did that failed, and ends the activation.
    #[cold]
    fn undo(
        &mut self,
        trap: Trap,
        fuel: u64,
        report: &mut ActionReport,
        (tracer, segment): (Option<&mut dyn Tracer>, Option<Segment<'_>>),
    ) -> Option<Box<Cut>> {
        self.state.rollback();
        self.ledger.rollback();
        if let (Some(tracer), Some(segment)) = (tracer, &segment) {
            tracer.end(segment, &Ending::Failed(&trap));
        }
        report.activations.fail_last(trap, fuel);
        None
    }

    /// Calls the program, inside the transaction.
    #[inline(always)]
    pub(super) fn execute(
        &mut self,
        running: &mut Running<'_>,
        entrance: Entrance<'_>,
        report: &ActionReport,
        outbox: &mut Outbox,
        mut tracer: Option<&mut dyn Tracer>,
    ) -> Outcome {
        let arrived = match &entrance {
            Entrance::Resume(Suspension { wait: WaitFor::Event { data, .. }, .. }, Some(action)) => {
                match self.event_data(data, action) {
                    Ok(slot) => Some(slot),
                    Err(bad) => return Outcome::Trapped(bad),
                }
            }
            _ => None,
        };
        let Session {
            state,
            program: current,
            routes,
            limits,
            now_ms,
            host,
            players,
            ledger,
            args,
            effects_at_work: work,
            ..
        } = self;
        let Running { handler, sender, kept, meter, .. } = running;
        let program = kept.map_or(&*current, |kept| &kept.program);
        if let Entrance::Start(action) = &entrance {
            let Some(info) = program.handlers().get(*handler) else {
                return Outcome::Trapped(lost());
            };
            if let Err(bad) = arguments(state, info, action, args) {
                return Outcome::Trapped(bad);
            }
        }
        let Some(name) = report.activations.last().map(|last| &last.handler) else {
            return Outcome::Trapped(trap(TrapCode::UnknownEvent, "the handler has no name".into()));
        };
        // An activation of a version that knows no effects sees the base: nothing in it takes them off before it adds to
        // a field, so that what they add would get into the base.
        let knows = kept.map_or(routes.has_effects, |kept| !kept.program.effects().is_empty());
        let effects = knows.then(|| {
            work.begin(current, *limits);
            work
        });
        let has_effects = knows && ledger.has_effects();
        let mut context = Context {
            state,
            meter,
            now_ms: *now_ms,
            host: host.as_deref().unwrap_or(""),
            sender,
            handler: name,
            outbox,
            players,
            ledger,
            effects,
            arrived,
            tracer: reborrow(&mut tracer),
        };
        if has_effects && let Err(code) = context.apply_effects() {
            return Outcome::Trapped(trap(code, "the effects in use need more than a transaction may use".into()));
        }
        match entrance {
            Entrance::Start(_) => program.run(*handler, args, &mut context),
            Entrance::Resume(suspension, _) => program.resume(suspension, &mut context),
        }
    }

    /// R7.5: all that are given must hold; the session itself passes all, and is not asked.
    #[inline(never)]
    fn permit(&self, handler: usize, action: &Action) -> Result<(), Trap> {
        let Some(info) = self.program.handlers().get(handler) else { return Err(lost()) };
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
}

/// What only the session sends.
#[cold]
fn reserved(action: &Action) -> Box<Trap> {
    let message = format!("only the session itself sends `{}`", action.event);
    Box::new(trap(TrapCode::PermissionDenied, message))
}

#[cold]
fn unknown(action: &Action) -> Box<Trap> {
    let message = format!("no handler handles the event `{}`", action.event);
    Box::new(trap(TrapCode::UnknownEvent, message))
}

#[cold]
fn lost() -> Trap {
    trap(TrapCode::UnknownEvent, "the program lost the handler".into())
}

/// `senderID` and the declared parameters as slots (R1.5, R3.4).
#[inline]
pub(super) fn arguments(
    state: &mut State,
    info: &HandlerInfo,
    action: &Action,
    args: &mut Vec<u64>,
) -> Result<(), Trap> {
    args.clear();
    let given = match &action.params {
        Value::Map(given) => given.as_slice(),
        Value::Null => &[],
        _ => return Err(no_map(action)),
    };
    args.reserve(info.params.len() + 1);
    args.push(state.string_of(&action.sender));
    // Most senders keep to the order of declaration; as long as they do, no name was there before. From then on none is next.
    let mut next = given.iter();
    for (name, ty) in &info.params {
        let value = match next.next() {
            Some((given, value)) if same(given, name) => Some(value),
            _ => {
                next = [].iter();
                action.params.get(name)
            }
        };
        args.push(match value {
            Some(value) => state.import(ty, value).map_err(|error| unfit(name, action, &error))?,
            None => missing(state, name, ty, action)?,
        });
    }
    Ok(())
}

#[cold]
fn no_map(action: &Action) -> Trap {
    let message = format!("the parameters of `{}` must be a map from names to values", action.event);
    trap(TrapCode::BadParameters, message)
}

#[cold]
fn unfit(name: &str, action: &Action, error: &ImportError) -> Trap {
    trap(TrapCode::BadParameters, format!("parameter `{name}` of `{}`: {error}", action.event))
}

/// What stands for a parameter that was not sent: null where that is a value; the session's own events fill
/// in zeros, as handlers may declare more than they carry.
#[cold]
fn missing(state: &mut State, name: &str, ty: &Type, action: &Action) -> Result<u64, Trap> {
    if matches!(ty, Type::Nullable(_)) {
        return Ok(0);
    }
    if action.is_reserved() {
        return Ok(state.zero(ty));
    }
    let shown = state.schema().show(ty).to_string();
    let message = format!("parameter `{name}` of `{}` is missing: send a value of type {shown}", action.event);
    Err(trap(TrapCode::BadParameters, message))
}

impl<'a> Entrance<'a> {
    /// For a tracer.
    fn beginning(&self) -> Beginning<'a> {
        match self {
            Entrance::Start(Action { event, sender, params }) => Beginning::Event { event, sender, params },
            Entrance::Resume(suspension, _) => Beginning::Resumed { node: suspension.node.as_ref() },
        }
    }
}

/// What an activation waits for, and until when.
struct Waits {
    due_ms: i64,
    /// Whether a deadline ends the wait, not what it is for.
    is_cut: bool,
    suspension: Suspension,
}

/// How an activation goes on that a deadline has cut short, and its handler's name.
struct Cut {
    suspension: Suspension,
    handler: Arc<str>,
}

/// How a part that was committed ended, for a tracer: done, or waiting until then.
fn ending(waits: Option<&Waits>) -> Ending<'_> {
    match waits {
        Some(Waits { due_ms, suspension, .. }) => {
            Ending::Waiting { node: suspension.node.as_ref(), due_ms: Some(*due_ms).filter(|due_ms| *due_ms < NEVER) }
        }
        None => Ending::Done,
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
