//! A session with what recording it needs, and those who watch it.

use std::sync::Arc;

use statewright_harness::debug::Debugger;
use statewright_harness::play;
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Finding, LoadOptions, Loaded, Source};
use statewright_harness::save::Versions;
use statewright_runtime::context::{Context, Ending, Segment, Tracer};
use statewright_runtime::persist::recording::{RecordOptions, Recorder};
use statewright_runtime::session::{ActionReport, Session};
use statewright_runtime::state::State;
use statewright_types::{Type, Value};

use super::profile::{Profile, Profiler};
use super::timeline::moment;
use super::{News, Order, Setting};

/// The document of a setting; `traced` if somebody watches its sessions.
pub(crate) fn load(setting: &Setting, traced: bool) -> Loaded {
    let options = LoadOptions { traced, host_nodes: setting.host_nodes.clone(), ..LoadOptions::default() };
    let config = setting.config.as_ref().map(|config| whole("the configuration", config));
    let document = whole(&setting.name, &setting.document);
    Loaded::build(document, whole("the schema", &setting.schema), config, &options)
}

fn whole(name: &str, text: &Arc<str>) -> Text {
    Text::whole(&Arc::new(Source::inline(name, text.clone())))
}

/// Who watches a session: a tracer that may know what the nodes cost.
pub trait Audience: Tracer {
    /// What the nodes cost since the last time.
    fn profile(&mut self, reports: &[ActionReport]) -> Profile {
        let _ = reports;
        Profile::default()
    }

    /// As a tracer.
    fn tracer(&mut self) -> &mut dyn Tracer;
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Tracer for Nobody {}

impl Audience for Nobody {
    fn tracer(&mut self) -> &mut dyn Tracer {
        self
    }
}

/// A session with what recording it needs.
pub struct Stage {
    /// What runs.
    pub loaded: Loaded,
    /// The session.
    pub session: Session,
    recorder: Option<Recorder>,
    /// The recording so far.
    recorded: Vec<u8>,
    before: Value,
    number: u64,
}

impl Stage {
    /// A session by what it begins with.
    ///
    /// # Errors
    /// What is wrong with the document, the schema, the configuration or the state.
    pub fn new(setting: &Setting) -> Result<Stage, Vec<String>> {
        let loaded = load(setting, true);
        let told = |findings: &[Finding]| {
            let errors = findings.iter().filter(|finding| finding.is_error());
            errors.map(|finding| finding.diagnostic.to_string()).collect::<Vec<_>>()
        };
        let program = loaded.program(Backend::Interpreter).map_err(|fault| vec![fault.to_string()])?;
        let program = program.ok_or_else(|| told(&loaded.findings))?;
        let state = setting.state.as_ref().map(|state| whole("the state", state));
        let session = play::begin(&loaded, program, &setting.setup, state.as_ref()).map_err(|found| told(&found))?;
        let mut versions = Versions::default();
        versions.add(loaded.clone(), true);
        let texts = versions.texts(&session.save_packed().programs()).map_err(|what| vec![what])?;
        let recorder = Some(Recorder::new(&session, &texts, RecordOptions::default()));
        let before = session.state().to_value();
        Ok(Stage { loaded, session, recorder, recorded: Vec::new(), before, number: 0 })
    }

    /// The state as it is.
    pub fn state(&self) -> Value {
        self.session.state().to_value()
    }

    /// Does something; what there is to tell of it, if anything.
    pub fn obey(&mut self, order: Order, audience: &mut dyn Audience) -> Option<News> {
        let label = label(&order);
        let reports = match order {
            Order::View(viewer) => {
                let seen = self.session.view(&viewer);
                return Some(News::View(viewer, seen));
            }
            Order::Recording => return self.recording().map(News::Recording),
            Order::Event(action) => vec![self.session.dispatch_traced(action, audience.tracer())],
            Order::Advance(ms) => {
                let now = self.session.now_ms().saturating_add(ms.max(0));
                self.session.advance_to_traced(now, audience.tracer())
            }
            Order::Join(player) => vec![self.session.join_traced(&player, audience.tracer())],
            Order::Leave(player) => self.session.leave_traced(&player, audience.tracer()),
        };
        self.number += 1;
        let after = self.session.state().to_value();
        let mut moment = moment(self.number, label, self.session.now_ms(), &self.before, &after, &reports);
        moment.profile = audience.profile(&reports);
        self.before = after;
        Some(News::Did(Box::new(moment)))
    }

    fn recording(&mut self) -> Option<Vec<u8>> {
        let recorder = self.recorder.as_mut()?;
        // What cannot be recorded any more (a version whose text is gone) ends the recording where it was.
        if recorder.record(&mut self.session).is_err() {
            self.recorder = None;
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.checkpoint(&self.session);
            self.recorded.extend(recorder.take());
        }
        Some(self.recorded.clone())
    }
}

/// What lists call an order.
pub fn label(order: &Order) -> String {
    match order {
        Order::Event(action) if action.sender.is_empty() => action.event.to_string(),
        Order::Event(action) => format!("{} of {}", action.event, action.sender),
        Order::Advance(ms) => format!("{ms} ms pass"),
        Order::Join(player) => format!("{player} joins"),
        Order::Leave(player) => format!("{player} leaves"),
        Order::View(viewer) => format!("what {viewer} sees"),
        Order::Recording => "recording".to_owned(),
    }
}

/// A debugger, and beside it a profiler that does not count how long the run is held up.
pub struct Watched<'a, 'd> {
    debugger: &'a mut Debugger<'d>,
    profiler: Profiler<'a>,
    clock: fn() -> u64,
}

impl<'a, 'd> Watched<'a, 'd> {
    /// A debugger with a clock that gives nanoseconds.
    pub fn new(debugger: &'a mut Debugger<'d>, clock: fn() -> u64) -> Watched<'a, 'd> {
        Watched { debugger, profiler: Profiler::new(clock), clock }
    }
}

impl Audience for Watched<'_, '_> {
    fn profile(&mut self, reports: &[ActionReport]) -> Profile {
        self.profiler.settle_reports(reports);
        self.profiler.take()
    }

    fn tracer(&mut self) -> &mut dyn Tracer {
        self
    }
}

impl Tracer for Watched<'_, '_> {
    fn enter(&mut self, handler: &str, function: &str, node: &str) {
        self.profiler.enter(handler, function, node);
        self.debugger.enter(handler, function, node);
    }

    fn message(&mut self, handler: &str, function: &str, node: &str, text: &str, value: Option<Value>) {
        self.debugger.message(handler, function, node, text, value);
    }

    fn probe(&mut self, function: &str, node: &str, port: &str, value: Value) {
        self.debugger.probe(function, node, port, value);
    }

    fn port(&mut self, function: &str, node: &str, port: &str, value: (&Type, u64), state: &State) {
        self.debugger.port(function, node, port, value, state);
    }

    fn leave(&mut self, function: &str, node: &str) {
        self.debugger.leave(function, node);
    }

    fn begin(&mut self, segment: &Segment<'_>) {
        self.debugger.begin(segment);
    }

    fn end(&mut self, segment: &Segment<'_>, ending: &Ending<'_>) {
        self.profiler.end(segment, ending);
        self.debugger.end(segment, ending);
    }

    fn call(&mut self, function: &str) {
        self.debugger.call(function);
    }

    fn restored(&mut self, functions: &[(&str, &str)]) {
        self.debugger.restored(functions);
    }

    fn returned(&mut self, function: &str) {
        self.debugger.returned(function);
    }

    fn pause(&mut self, cx: &mut Context<'_>) {
        self.profiler.pause(cx);
        let held_up = (self.clock)();
        self.debugger.pause(cx);
        self.profiler.forgive((self.clock)().saturating_sub(held_up));
    }

    fn watch(&mut self, name: &str, ty: &Type, slot: u64, state: &mut State) -> u64 {
        self.debugger.watch(name, ty, slot, state)
    }
}
