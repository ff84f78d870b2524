//! Runs one test and compares what came out with what was expected.

use std::borrow::Cow;
use std::sync::Arc;

use statewright_graph::document::Path;
use statewright_runtime::context::{Event, Tracer};
use statewright_runtime::program::{Program, Trap};
use statewright_runtime::session::{ActionReport, Session};
use statewright_types::config::Values;
use statewright_types::json::{NodeId, Tree};
use statewright_types::{Diagnostic, StructId, TrapCode, Value, suggest};

use super::compare::{Difference, compare, shown};
use super::file::{Expect, Expected, Test, TestFile};
use super::lookup::{Miss, look};
use super::outcome::Failure;
use super::reader::UNKNOWN_NAME;
use super::steps::Step;
use crate::act::Act;
use crate::play as sessions;
use crate::play::Setup;
use crate::project::loaded::Text;
use crate::project::{Finding, Loaded};
use crate::trace::Trace;

/// What a test found.
#[derive(Debug, Default)]
pub struct Ran {
    /// What was not met.
    pub failures: Vec<Failure>,
    /// How many expectations were looked at.
    pub expectations: usize,
    /// What kept the test from running.
    pub findings: Vec<Finding>,
}

/// Runs the steps of `test` on a new session. With a trace, the program must be one made for tracing.
pub fn execute(
    file: &TestFile,
    test: &Test,
    loaded: &Loaded,
    program: Arc<dyn Program>,
    trace: Option<&mut Trace>,
) -> Ran {
    play(file, test, loaded, program, trace).0
}

/// The same, and the session as it is then; none if it could not begin.
pub fn play(
    file: &TestFile,
    test: &Test,
    loaded: &Loaded,
    program: Arc<dyn Program>,
    mut trace: Option<&mut Trace>,
) -> (Ran, Option<Session>) {
    let mut session = match begin(file, test, loaded, program) {
        Ok(session) => session,
        Err(findings) => return (Ran { findings, ..Ran::default() }, None),
    };
    let mut ran = Ran::default();
    let mut all = Vec::new();
    for (index, step) in test.steps.iter().enumerate() {
        let reports = act(&mut session, step, trace.as_deref_mut());
        let at = format!("step {}", index + 1);
        let place = At { file, loaded, session: &session, at, action: action_text(step, &reports) };
        place.look(&step.expect, &reports, &mut ran);
        all.extend(reports);
    }
    let at = "at the end".to_owned();
    let place = At { file, loaded, session: &session, at, action: String::new() };
    place.look(&test.expect, &all, &mut ran);
    (ran, Some(session))
}

/// The session that `test` begins with, or what is wrong with its state or configuration.
pub fn begin(
    file: &TestFile,
    test: &Test,
    loaded: &Loaded,
    program: Arc<dyn Program>,
) -> Result<Session, Vec<Finding>> {
    let state = test.state.map(|node| part(file, node));
    let config = test.config.map_or(Ok(Values::new()), |node| sessions::values(loaded, &part(file, node)))?;
    let configured = test.configured.map_or(Ok(Values::new()), |node| sessions::values(loaded, &part(file, node)))?;
    let unknown = unknown_roots(file, test, loaded);
    if !unknown.is_empty() {
        return Err(file.source.findings(unknown));
    }
    sessions::begin(loaded, program, &Setup { config, configured, ..test.setup.clone() }, state.as_ref())
}

/// Names among `inactive` that are no roots which can be so.
fn unknown_roots(file: &TestFile, test: &Test, loaded: &Loaded) -> Vec<Diagnostic> {
    let Some(schema) = &loaded.schema else { return Vec::new() };
    let can_be = |id: &StructId| Some(*id) != loaded.main_root && schema.roots().contains(id);
    let roots = || schema.roots().into_iter().filter(can_be).map(|id| &*schema.get(id).name);
    let named = test.setup.inactive.iter().zip(&test.inactive);
    let unknown = named.filter(|(name, _)| !roots().any(|root| root == &***name));
    let told = unknown.map(|(name, node)| {
        let message = format!("`{name}` is no root that can be inactive");
        Diagnostic::error(UNKNOWN_NAME, file.tree.span(*node), message).help(suggest::help(name, roots()))
    });
    told.collect()
}

/// The text at `node` of a test file.
pub fn part(file: &TestFile, node: NodeId) -> Text {
    let span = file.tree.span(node);
    Text { source: file.source.clone(), text: file.tree.text(node).into(), offset: span.start }
}

fn act(session: &mut Session, step: &Step, mut trace: Option<&mut Trace>) -> Vec<ActionReport> {
    let reports = step.act.perform(session, trace.as_deref_mut().map(|trace| trace as &mut dyn Tracer));
    if let Some(trace) = trace {
        trace.settle(&reports);
    }
    reports
}

/// A moment at which expectations are looked at.
struct At<'a> {
    file: &'a TestFile,
    loaded: &'a Loaded,
    session: &'a Session,
    at: String,
    action: String,
}

impl At<'_> {
    fn look(&self, expect: &Expect, reports: &[ActionReport], ran: &mut Ran) {
        let before = ran.failures.len();
        if !expect.state.is_empty() || !expect.effective.is_empty() || expect.full_state.is_some() {
            let state = self.session.state().to_value();
            let effective = if expect.effective.is_empty() { Value::Null } else { self.session.effective().to_value() };
            let both = [("state", &expect.state, &state), ("effective", &expect.effective, &effective)];
            for (word, expected, state) in both {
                for expected in expected {
                    ran.expectations += 1;
                    ran.failures.extend(self.state_path(word, expected, state));
                }
            }
            if let Some(node) = expect.full_state {
                ran.expectations += 1;
                ran.failures.extend(self.value("full_state", node, &state));
            }
        }
        if let Some(node) = expect.events {
            ran.expectations += 1;
            let events: Vec<&Event> = reports.iter().flat_map(|report| &report.events).collect();
            ran.failures.extend(self.events(node, &events));
        }
        if let Some((code, node)) = expect.error {
            ran.expectations += 1;
            ran.failures.extend(self.error(code, node, sessions::failure(reports)));
        }
        if let Some((_, node)) = &expect.at {
            ran.expectations += 1;
            let found = sessions::failure(reports).and_then(|trap| trap.node.as_deref());
            ran.failures.extend(self.value("at", *node, &found.map_or(Value::Null, Value::from)));
        }
        if let Some((_, node)) = expect.fuel {
            ran.expectations += 1;
            let fuel = reports.iter().fold(0u64, |sum, report| sum.saturating_add(report.fuel()));
            ran.failures.extend(self.value("fuel", node, &Value::uint(fuel)));
        }
        if let Some((_, node)) = expect.waiting {
            ran.expectations += 1;
            ran.failures.extend(self.value("waiting", node, &Value::uint(self.session.waiting() as u64)));
        }
        for (viewer, paths) in &expect.view {
            let state = self.session.effective().to_value();
            let view = self.session.view(viewer);
            for expected in paths {
                ran.expectations += 1;
                ran.failures.extend(self.view_path(viewer, expected, &state, &view));
            }
        }
        self.explain(expect, reports, ran.failures.get_mut(before..).unwrap_or_default());
    }

    /// Errors that nobody expected are probably why other expectations failed.
    fn explain(&self, expect: &Expect, reports: &[ActionReport], failures: &mut [Failure]) {
        if let (Some(trap), None, Some(first)) = (sessions::failure(reports), expect.error, failures.first_mut()) {
            first.notes.push(format!("the event failed with {}", trap_text(trap)));
        }
    }

    fn state_path(&self, word: &str, expected: &Expected, state: &Value) -> Option<Failure> {
        match self.find(state, &expected.path) {
            Ok(found) => self.compared(format!("{word} {}", expected.path.text), expected.value, &found),
            Err(miss) => Some(self.missed(format!("{word} {}", expected.path.text), expected.value, &miss)),
        }
    }

    /// What is hidden from a viewer is what the state has and its view has not.
    fn view_path(&self, viewer: &str, expected: &Expected, state: &Value, view: &Value) -> Option<Failure> {
        let what = format!("view of {viewer}: {}", expected.path.text);
        let wanted = self.tree().value(expected.value);
        let hidden = Value::map([("hidden", Value::Bool(true))]);
        let seen = match (self.find(view, &expected.path), self.find(state, &expected.path)) {
            (Ok(seen), _) => Some(seen),
            (Err(_), Ok(_)) => None,
            (Err(_), Err(miss)) => return Some(self.missed(what, expected.value, &miss)),
        };
        match seen {
            Some(seen) if wanted == hidden => Some(self.failed(
                what,
                expected.value,
                vec![Difference { at: String::new(), expected: "hidden".to_owned(), found: shown(&seen) }],
                Some(seen.into_owned()),
            )),
            Some(seen) => self.compared(what, expected.value, &seen),
            None if wanted == hidden || wanted == Value::Null => None,
            None => Some(self.failed(
                what,
                expected.value,
                vec![Difference { at: String::new(), expected: shown(&wanted), found: "hidden".to_owned() }],
                Some(hidden),
            )),
        }
    }

    fn events(&self, node: NodeId, events: &[&Event]) -> Option<Failure> {
        let found: Vec<Value> = events.iter().map(|event| sessions::event_value(event)).collect();
        let wanted: Vec<Value> = self.tree().elements(node).iter().map(|entry| self.tree().value(*entry)).collect();
        // An entry speaks of the keys that it gives.
        let asked: Vec<Value> = found
            .iter()
            .enumerate()
            .map(|(index, event)| match (wanted.get(index), event) {
                (Some(wanted), Value::Map(entries)) => {
                    Value::Map(entries.iter().filter(|(key, _)| wanted.get(key).is_some()).cloned().collect())
                }
                _ => event.clone(),
            })
            .collect();
        let differences = compare(&Value::List(wanted), &Value::List(asked.clone()));
        (!differences.is_empty()).then(|| self.failed("events".to_owned(), node, differences, Some(Value::List(asked))))
    }

    fn error(&self, wanted: Option<TrapCode>, node: NodeId, trap: Option<&Trap>) -> Option<Failure> {
        if trap.map(|trap| trap.code) == wanted {
            return None;
        }
        let difference = Difference {
            at: String::new(),
            expected: wanted.map_or("no error", TrapCode::code).to_owned(),
            found: trap.map_or("no error".to_owned(), trap_text),
        };
        let rewrite = trap.map_or(Value::Null, |trap| Value::from(trap.code.code()));
        Some(self.failed("error".to_owned(), node, vec![difference], Some(rewrite)))
    }

    fn value(&self, what: &str, node: NodeId, found: &Value) -> Option<Failure> {
        self.compared(what.to_owned(), node, found)
    }

    fn compared(&self, what: String, node: NodeId, found: &Value) -> Option<Failure> {
        let differences = compare(&self.tree().value(node), found);
        (!differences.is_empty()).then(|| self.failed(what, node, differences, Some(found.clone())))
    }

    fn missed(&self, what: String, node: NodeId, miss: &Miss) -> Failure {
        let expected = shown(&self.tree().value(node));
        let difference = Difference { at: String::new(), expected, found: format!("no such place: {}", miss.message) };
        self.failed(what, node, vec![difference], None)
    }

    fn failed(&self, what: String, node: NodeId, differences: Vec<Difference>, rewrite: Option<Value>) -> Failure {
        let span = self.tree().span(node);
        Failure {
            at: self.at.clone(),
            action: self.action.clone(),
            what,
            span,
            differences,
            notes: Vec::new(),
            rewrite,
        }
    }

    fn find<'v>(&self, state: &'v Value, path: &Path) -> Result<Cow<'v, Value>, Miss> {
        match (&self.loaded.schema, self.loaded.main_root) {
            (Some(schema), Some(main_root)) => look(schema, main_root, state, path),
            _ => Err(Miss { message: "there is no schema".to_owned() }),
        }
    }

    fn tree(&self) -> &Tree {
        &self.file.tree
    }
}

/// `event Score of ann, handled by OnScore`
fn action_text(step: &Step, reports: &[ActionReport]) -> String {
    let mut handlers: Vec<&str> = Vec::new();
    for activation in reports.iter().flat_map(|report| &report.activations) {
        if !handlers.contains(&&*activation.handler) {
            handlers.push(&activation.handler);
        }
    }
    let action = match &step.act {
        Act::Event(_) => format!("event {}", step.act.label()),
        Act::Advance(ms) => format!("advance {ms}"),
        other => other.label(),
    };
    match handlers.as_slice() {
        [] => format!("{action}, handled by nobody"),
        handlers => format!("{action}, handled by {}", handlers.join(", ")),
    }
}

/// `not_found at node getPlayer: No element …`
fn trap_text(trap: &Trap) -> String {
    let node = trap.node.as_ref().map(|node| format!(" at node {node}")).unwrap_or_default();
    let message = trap.message.as_deref().unwrap_or(trap.code.message());
    format!("{}{node}: {message}", trap.code)
}
