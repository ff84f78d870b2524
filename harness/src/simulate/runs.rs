//! Many runs of one script, each with a seed of its own, on several threads. What is found does not depend on how many.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use statewright_runtime::session::{ActionReport, Session};
use statewright_types::TrapCode;

use super::metric::{Metric, Observed, OfRun, What};
use crate::act::Act;
use crate::play::Beginning;
use crate::project::Finding;

/// The most runs at once.
pub const MOST_RUNS: u64 = 10_000_000;
/// The most observations that are kept of one metric.
const MOST_OBSERVATIONS: u64 = 20_000_000;
/// Runs that a thread takes at a time.
const CHUNK: u64 = 32;

/// What is to be run.
pub struct Plan {
    /// What every session begins with, but for its seed.
    pub beginning: Beginning,
    /// What is done in every run.
    pub steps: Vec<Act>,
    /// What is measured at the end; no two are the same.
    pub metrics: Vec<Metric>,
    /// What is measured before the first step and after every one.
    pub over: Vec<Metric>,
    /// How many.
    pub runs: u64,
    /// The seed of the first; the others follow.
    pub seed_from: u64,
    /// On how many threads; at least one.
    pub threads: usize,
}

/// How far it is, and a way to stop it: both from any thread.
#[derive(Debug, Default)]
pub struct Control {
    done: AtomicU64,
    cancelled: AtomicBool,
}

impl Control {
    /// How many runs have ended.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Begins no more runs; what has ended is reported.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// An error that ended something in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Its code.
    pub code: TrapCode,
    /// What it says, if it says more than its code.
    pub message: Option<Arc<str>>,
    /// The step, from 0.
    pub step: usize,
    /// The node.
    pub node: Option<Arc<str>>,
}

/// What was found of a metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// In the order of the seeds, with the number of the run, from 0 for the first seed.
    pub observed: Vec<(u32, Observed)>,
    /// Runs in which there was nothing to observe; why, of the first.
    pub missing: Vec<u32>,
    /// Why, of the first.
    pub why: Option<String>,
    /// Observations of runs with very many that were not kept.
    pub left_out: u64,
}

impl Column {
    fn put(&mut self, run: u32, found: Result<Observed, String>) {
        match found {
            Ok(observed) => self.observed.push((run, observed)),
            Err(why) => {
                if self.missing.last() != Some(&run) {
                    self.missing.push(run);
                }
                self.why.get_or_insert(why);
            }
        }
    }

    fn append(&mut self, mut later: Column) {
        self.observed.append(&mut later.observed);
        self.missing.append(&mut later.missing);
        self.why = self.why.take().or(later.why);
        self.left_out += later.left_out;
    }
}

/// What many runs gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runs {
    /// How many ended.
    pub done: u64,
    /// Their numbers, in order; all from 0 on unless they were cancelled.
    pub ran: Vec<u32>,
    /// By metric.
    pub columns: Vec<Column>,
    /// By metric of `over`, then by moment: before the first step, and after each.
    pub over: Vec<Vec<Column>>,
    /// The first failure of each run that had one.
    pub failures: Vec<(u32, Failure)>,
    /// Types of all events that were sent.
    pub events: BTreeSet<Arc<str>>,
}

impl Runs {
    fn new(plan: &Plan) -> Runs {
        let over = vec![vec![Column::default(); plan.steps.len() + 1]; plan.over.len()];
        Runs { columns: vec![Column::default(); plan.metrics.len()], over, ..Runs::default() }
    }

    fn append(&mut self, later: Runs) {
        self.done += later.done;
        self.ran.extend(later.ran);
        self.failures.extend(later.failures);
        self.events.extend(later.events);
        let columns = self.columns.iter_mut().chain(self.over.iter_mut().flatten());
        for (column, later) in columns.zip(later.columns.into_iter().chain(later.over.into_iter().flatten())) {
            column.append(later);
        }
    }
}

/// Why nothing can be run.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The plan makes no sense; what to do.
    Plan(String),
    /// Something is wrong in what sessions begin with.
    Findings(Vec<Finding>),
}

/// Plays the runs; ends early if `control` is cancelled.
///
/// # Errors
/// The plan cannot be run at all. That a run fails is a result.
pub fn play(plan: &Plan, control: &Control) -> Result<Runs, Refused> {
    check(plan)?;
    // What is wrong with the beginning is wrong in every run.
    plan.beginning.session(plan.seed_from).map_err(Refused::Findings)?;
    let chunks = plan.runs.div_ceil(CHUNK);
    let (next, ended) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let work = || {
        while !control.is_cancelled() {
            let chunk = next.fetch_add(1, Ordering::Relaxed);
            if chunk >= chunks {
                return;
            }
            let runs = play_chunk(plan, chunk * CHUNK, control);
            ended.lock().unwrap_or_else(PoisonError::into_inner).push((chunk, runs));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..plan.threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    ended.sort_unstable_by_key(|(chunk, _)| *chunk);
    let mut all = Runs::new(plan);
    for (_, runs) in ended {
        all.append(runs.map_err(Refused::Findings)?);
    }
    Ok(all)
}

fn check(plan: &Plan) -> Result<(), Refused> {
    let refused = |what: String| Err(Refused::Plan(what));
    if plan.runs == 0 || plan.runs > MOST_RUNS {
        return refused(format!("the number of runs must be from 1 to {MOST_RUNS}, not {}", plan.runs));
    }
    if plan.seed_from.checked_add(plan.runs - 1).is_none() {
        return refused(format!("there are no {} seeds from {} on: begin lower", plan.runs, plan.seed_from));
    }
    if plan.steps.is_empty() {
        return refused("the script has no steps, so nothing would happen: write some".to_owned());
    }
    let kept = plan.runs.saturating_mul(plan.steps.len() as u64 + 1).saturating_mul(plan.over.len() as u64);
    if kept > MOST_OBSERVATIONS {
        return refused(format!(
            "{kept} values after steps are too many to keep, {MOST_OBSERVATIONS} is the most: ask for fewer runs or fewer paths"
        ));
    }
    Ok(())
}

fn play_chunk(plan: &Plan, from: u64, control: &Control) -> Result<Runs, Vec<Finding>> {
    let mut runs = Runs::new(plan);
    for number in from..(from + CHUNK).min(plan.runs) {
        if control.is_cancelled() {
            break;
        }
        let session = plan.beginning.session(plan.seed_from + number)?;
        play_one(plan, session, number as u32, &mut runs);
        runs.ran.push(number as u32);
        runs.done += 1;
        control.done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(runs)
}

/// What a run has come to besides its state.
#[derive(Default)]
struct Tally {
    failure: Option<Failure>,
    errors: u64,
    fuel: u64,
    /// Events by metric.
    events: Vec<u64>,
}

fn play_one(plan: &Plan, mut session: Session, run: u32, runs: &mut Runs) {
    let mut tally = Tally { events: vec![0; plan.metrics.len()], ..Tally::default() };
    watch(plan, &session, run, 0, runs);
    for (step, action) in plan.steps.iter().enumerate() {
        for report in action.perform(&mut session, None) {
            take(plan, &report, step, run, &mut tally, runs);
        }
        watch(plan, &session, run, step + 1, runs);
    }
    for ((metric, column), events) in plan.metrics.iter().zip(&mut runs.columns).zip(&tally.events) {
        let number = |count: u64| Ok(Observed::Int(i64::try_from(count).unwrap_or(i64::MAX)));
        let found = match &metric.what {
            What::State(_) | What::Effective(_) => metric.in_state(&session),
            What::Events(_) => Some(number(*events)),
            What::Payload(kind, _) if *events == 0 => Some(Err(format!("no `{kind}` was sent"))),
            What::Payload(..) => None,
            What::Run(OfRun::Error) => {
                Some(Ok(Observed::Label(tally.failure.as_ref().map_or("none", |failure| failure.code.code()).into())))
            }
            What::Run(OfRun::Errors) => Some(number(tally.errors)),
            What::Run(OfRun::Fuel) => Some(number(tally.fuel)),
            What::Run(OfRun::Waiting) => Some(number(session.waiting() as u64)),
        };
        if let Some(found) = found {
            column.put(run, found);
        }
    }
    runs.failures.extend(tally.failure.map(|failure| (run, failure)));
}

fn take(plan: &Plan, report: &ActionReport, step: usize, run: u32, tally: &mut Tally, runs: &mut Runs) {
    if let Some(trap) = report.trap() {
        let failed = report.activations.iter().filter(|activation| activation.error.is_some()).count();
        tally.errors += failed as u64 + u64::from(report.refused.is_some());
        tally.failure.get_or_insert_with(|| Failure {
            code: trap.code,
            message: trap.message.clone(),
            step,
            node: trap.node.clone(),
        });
    }
    tally.fuel = tally.fuel.saturating_add(report.fuel());
    for event in &report.events {
        if !runs.events.contains(&event.kind) {
            runs.events.insert(event.kind.clone());
        }
        for ((metric, column), count) in plan.metrics.iter().zip(&mut runs.columns).zip(&mut tally.events) {
            if matches!(&metric.what, What::Events(kind) | What::Payload(kind, _) if *kind == event.kind) {
                *count += 1;
            }
            if let Some(found) = metric.in_event(event) {
                // However many runs there are, together they fit.
                if *count <= (MOST_OBSERVATIONS / plan.runs).max(1) {
                    column.put(run, found);
                } else {
                    column.left_out += 1;
                }
            }
        }
    }
}

fn watch(plan: &Plan, session: &Session, run: u32, moment: usize, runs: &mut Runs) {
    for (metric, columns) in plan.over.iter().zip(&mut runs.over) {
        if let (Some(found), Some(column)) = (metric.in_state(session), columns.get_mut(moment)) {
            column.put(run, found);
        }
    }
}
