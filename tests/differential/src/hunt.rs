//! Hunts: cases by their seeds, on all cores, each on the reference and on the executions that are asked for.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use statewright_runtime::program::Program;
use statewright_types::planted;

use crate::case::Case;
use crate::compare::{Difference, Respect, difference};
use crate::execution::{Execution, Prepared};
use crate::generate::generate;
use crate::outcome::{Cast, Outcome, run};
use crate::reach::Reach;
use crate::watched::Watched;

/// What to hunt.
pub struct Hunt<'e> {
    /// The case of a number: what is drawn of a seed, or one of those that there are.
    pub cases: &'e (dyn Fn(u64) -> Option<Case> + Sync),
    /// What is right by definition.
    pub reference: &'e dyn Execution,
    /// What is compared with it.
    pub executions: Vec<&'e dyn Execution>,
    /// The first seed.
    pub seed: u64,
    /// How many cases; `u64::MAX` is until told to stop.
    pub documents: u64,
    /// Threads.
    pub threads: usize,
    /// A fault that the executions have; 0 is none.
    pub fault: u32,
    /// Whether to take down what the cases reach, which takes as long as comparing one execution.
    pub asks_reach: bool,
    /// After how many findings to stop.
    pub findings: usize,
    /// Asked between batches; whether to stop.
    pub stop: &'e (dyn Fn(&Progress) -> bool + Sync),
}

/// How far a hunt is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Cases drawn.
    pub drawn: u64,
    /// Those that pass the checker.
    pub passed: u64,
    /// Steps run on the reference.
    pub steps: u64,
    /// Sessions that another execution took over while something waited.
    pub taken_over: u64,
    /// Disagreements.
    pub found: u64,
    /// What was reached, if that is asked.
    pub reach: Reach,
}

/// A disagreement, and what it was found with.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The case.
    pub case: Case,
    /// Which execution.
    pub execution: &'static str,
    /// In what.
    pub difference: Difference,
    /// Whether it showed only where one execution took over from the other.
    pub taken_over: bool,
}

/// Cases that one thread takes at once, unless an execution wants more.
const BATCH: u64 = 32;
/// Of one in so many cases all is compiled to machine code, and of the others what runs.
const WHOLE: u64 = 8;

impl Hunt<'_> {
    /// Hunts until something says to stop.
    pub fn run(&self) -> (Progress, Vec<Finding>) {
        let next = AtomicU64::new(0);
        let stopped = AtomicBool::new(false);
        let shared = Mutex::new((Progress::default(), Vec::new()));
        let batch = self.executions.iter().map(|one| one.batch() as u64).max().unwrap_or(1).max(BATCH);
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(|| {
                    while !stopped.load(Ordering::Relaxed) {
                        let from = next.fetch_add(batch, Ordering::Relaxed);
                        if from >= self.documents {
                            break;
                        }
                        let count = batch.min(self.documents - from);
                        let (progress, found) = self.batch(self.seed.wrapping_add(from), count);
                        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                        let (all, findings) = &mut *shared;
                        all.drawn += progress.drawn;
                        all.passed += progress.passed;
                        all.steps += progress.steps;
                        all.taken_over += progress.taken_over;
                        all.reach.merge(progress.reach);
                        findings.extend(found);
                        all.found = findings.len() as u64;
                        if findings.len() >= self.findings || (self.stop)(all) {
                            stopped.store(true, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        shared.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn batch(&self, from: u64, count: u64) -> (Progress, Vec<Finding>) {
        let mut progress = Progress { drawn: count, ..Progress::default() };
        let drawn = (0..count).filter_map(|index| (self.cases)(from.wrapping_add(index)));
        let cases: Vec<Prepared> = drawn.filter_map(|case| Prepared::with_fault(case, self.fault).ok()).collect();
        progress.passed = cases.len() as u64;
        let mut findings = Vec::new();
        let expected: Vec<Option<(Arc<dyn Program>, Outcome)>> = self
            .reference
            .programs(&cases)
            .into_iter()
            .zip(&cases)
            .map(|(program, case)| {
                let program = match program {
                    Ok(program) => program,
                    Err(why) => {
                        // What passes the checker runs, on the reference as on any other.
                        findings.push(Finding {
                            case: case.case.clone(),
                            execution: self.reference.name(),
                            difference: no_program(why),
                            taken_over: false,
                        });
                        return None;
                    }
                };
                let outcome = expected(case, &program);
                progress.steps += outcome.steps.len() as u64;
                if self.asks_reach {
                    progress.reach.add(case, &outcome);
                }
                Some((program, outcome))
            })
            .collect();
        for execution in &self.executions {
            let programs = planted::with(self.fault, || execution.programs(&cases));
            for ((case, program), expected) in cases.iter().zip(programs).zip(&expected) {
                let Some((reference, expected)) = expected else { continue };
                let found = self.compare(case, (reference, expected), program, &mut progress.taken_over);
                findings.extend(found.map(|(difference, taken_over)| Finding {
                    case: case.case.clone(),
                    execution: execution.name(),
                    difference,
                    taken_over,
                }));
            }
        }
        (progress, findings)
    }

    fn compare(
        &self,
        case: &Prepared,
        (reference, expected): (&Arc<dyn Program>, &Outcome),
        program: Result<Arc<dyn Program>, String>,
        taken_over: &mut u64,
    ) -> Option<(Difference, bool)> {
        let program = match program {
            Ok(program) => program,
            Err(why) => return Some((no_program(why), false)),
        };
        let found = run(case, &Cast::of(&program, self.fault, saves(case)));
        if let Some(difference) = difference(expected, &found) {
            return Some((difference, false));
        }
        // Where something was saved while it waited, the other one takes over; both ways, by turns.
        let waits = expected.steps.iter().flat_map(|step| &step.reports).flat_map(|report| &report.activations);
        let waits = waits.filter(|one| one.status == statewright_runtime::session::Status::Waiting).count();
        if waits == 0 || !saves(case) {
            return None;
        }
        *taken_over += 1;
        let mut programs =
            vec![Arc::new(Watched::new(program, self.fault)), Arc::new(Watched::new(reference.clone(), 0))];
        if case.case.seed.is_multiple_of(2) {
            programs.reverse();
        }
        let found = run(case, &Cast { programs, saves: true });
        difference(expected, &found).map(|difference| (difference, true))
    }
}

/// An execution that makes no program of a case.
fn no_program(why: String) -> Difference {
    Difference { respect: Respect::Compiled, step: 0, expected: "a program".to_owned(), found: why }
}

/// What comes of a case on the reference; the case knows from then on what it runs.
fn expected(case: &Prepared, reference: &Arc<dyn Program>) -> Outcome {
    let cast = Cast::of(reference, 0, saves(case));
    let outcome = run(case, &cast);
    // Now and then all of a module is compiled, whatever runs.
    if !case.case.seed.is_multiple_of(WHOLE) {
        case.knows(&cast);
    }
    outcome
}

/// Whether a case is saved and loaded while something waits: most are.
fn saves(case: &Prepared) -> bool {
    !case.case.seed.is_multiple_of(4)
}

/// Runs a case on a reference and an execution, and compares; for shrinking and for replaying a seed.
pub fn disagreement(
    case: &Case,
    reference: &dyn Execution,
    execution: &dyn Execution,
    fault: u32,
) -> Option<(Difference, bool)> {
    let prepared = [Prepared::with_fault(case.clone(), fault).ok()?];
    let expected_program = reference.programs(&prepared).pop()?.ok()?;
    let expected = expected(&prepared[0], &expected_program);
    let program = planted::with(fault, || execution.programs(&prepared)).pop()?;
    let [prepared] = &prepared;
    let hunt = Hunt {
        cases: &generate,
        reference,
        executions: Vec::new(),
        seed: 0,
        documents: 0,
        threads: 1,
        fault,
        asks_reach: false,
        findings: 1,
        stop: &|_| false,
    };
    hunt.compare(prepared, (&expected_program, &expected), program, &mut 0)
}
