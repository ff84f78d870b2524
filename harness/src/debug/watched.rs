//! A run with a debugger, what its nodes cost beside it, and a way to end it from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use statewright_runtime::context::{Context, Ending, Segment, Tracer};
use statewright_runtime::session::ActionReport;
use statewright_runtime::state::State;
use statewright_types::{Type, Value};

use super::debugger::Debugger;
use super::profile::{Profile, Profiler};

/// Ends what runs, from any thread. It is looked at before every node: the activation there has no more fuel, and fails.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends it, and everything that begins after.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether that was said.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Takes the fuel of what runs, if it is to end. To be called from [`Tracer::pause`].
    pub fn look(&self, cx: &mut Context<'_>) {
        if self.is_stopped() {
            cx.meter.fuel = 0;
        }
    }
}

/// A debugger, and beside it a profiler that counts neither how long the run is held up nor what else the debugger does.
pub struct Watched<'a, 'd> {
    debugger: &'a mut Debugger<'d>,
    profiler: Profiler<'a>,
    clock: fn() -> u64,
    stop: Stop,
}

impl std::fmt::Debug for Watched<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watched").field("profiler", &self.profiler).finish_non_exhaustive()
    }
}

impl<'a, 'd> Watched<'a, 'd> {
    /// A debugger with a clock that gives nanoseconds, and what ends the run.
    pub fn new(debugger: &'a mut Debugger<'d>, clock: fn() -> u64, stop: Stop) -> Watched<'a, 'd> {
        Watched { debugger, profiler: Profiler::new(clock), clock, stop }
    }

    /// What the nodes cost since the last time, with the reports of what was done.
    pub fn profile(&mut self, reports: &[ActionReport]) -> Profile {
        self.profiler.settle_reports(reports);
        self.profiler.take()
    }

    /// Has the debugger do something, on nobody's account.
    fn aside<R>(&mut self, work: impl FnOnce(&mut Debugger<'d>) -> R) -> R {
        let begun = (self.clock)();
        let answer = work(self.debugger);
        self.profiler.forgive((self.clock)().saturating_sub(begun));
        answer
    }
}

impl Tracer for Watched<'_, '_> {
    fn enter(&mut self, handler: &str, function: &str, node: &str) {
        self.profiler.enter(handler, function, node);
        self.aside(|debugger| debugger.enter(handler, function, node));
    }

    fn message(&mut self, handler: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
        self.aside(|debugger| debugger.message(handler, function, node, text, value));
    }

    fn probe(&mut self, function: &str, node: &str, port: &str, value: Value) {
        self.aside(|debugger| debugger.probe(function, node, port, value));
    }

    fn port(&mut self, function: &str, node: &str, port: &str, value: (&Type, u64), state: &State) {
        self.aside(|debugger| debugger.port(function, node, port, value, state));
    }

    fn leave(&mut self, function: &str, node: &str) {
        self.aside(|debugger| debugger.leave(function, node));
    }

    fn begin(&mut self, segment: &Segment<'_>) {
        self.aside(|debugger| debugger.begin(segment));
    }

    fn end(&mut self, segment: &Segment<'_>, ending: &Ending<'_>) {
        self.profiler.end(segment, ending);
        self.aside(|debugger| debugger.end(segment, ending));
    }

    fn call(&mut self, function: &str) {
        self.aside(|debugger| debugger.call(function));
    }

    fn restored(&mut self, functions: &[(&str, &str)]) {
        self.aside(|debugger| debugger.restored(functions));
    }

    fn returned(&mut self, function: &str) {
        self.aside(|debugger| debugger.returned(function));
    }

    fn pause(&mut self, cx: &mut Context<'_>) {
        self.profiler.pause(cx);
        self.aside(|debugger| debugger.pause(cx));
        self.stop.look(cx);
    }

    fn watch(&mut self, name: &str, ty: &Type, slot: u64, state: &mut State) -> u64 {
        self.aside(|debugger| debugger.watch(name, ty, slot, state))
    }
}
