//! What a session does, written down as a test.

use std::sync::Arc;

use statewright_graph::document::Path;
use statewright_runtime::program::Program;
use statewright_runtime::session::saved::{SavedLedger, streams_value};
use statewright_runtime::session::{ActionReport, SavedSession, Session, SessionOptions};
use statewright_runtime::state::SavedFields;
use statewright_types::config::{Values, groups};
use statewright_types::random::Generator;
use statewright_types::{Limits, Schema, StructId, Type, Value, json};

use super::execute;
use super::file;
use crate::act::Act;
use crate::play;
use crate::project::{Loaded, Source};

/// A test that is being written: what a session begins with, what is done to it, and what comes of that.
#[derive(Clone, Debug)]
pub struct Transcript {
    begin: Vec<(&'static str, Value)>,
    steps: Vec<Value>,
    main_root: StructId,
}

impl Transcript {
    /// From where a session is now. What it has by default is left out. An activation that waits has no place in a test:
    /// [`replays`] finds that out.
    pub fn begin(session: &Session) -> Transcript {
        let saved = session.save();
        let main_root = session.state().main_root();
        let plain = plain(session, &saved, main_root);
        let mut begin = Vec::new();
        let mut put = |key, value: Option<Value>| begin.extend(value.map(|value| (key, value)));
        put("seed", (saved.state.seed != 0).then(|| Value::uint(saved.state.seed)));
        let generator = saved.state.generator;
        put("rng", (generator != Generator::default()).then(|| Value::from(generator.name())));
        put("now", (saved.now_ms != 0).then_some(Value::Int(saved.now_ms)));
        put("players", (!saved.players.is_empty()).then(|| texts(&saved.players)));
        let host =
            (saved.host.as_ref() != saved.players.first()).then(|| saved.host.clone().map_or(Value::Null, Value::Str));
        put("host", host);
        let grants = saved.grants.iter().map(|(viewer, views)| (&**viewer, texts(views)));
        put("grants", (!saved.grants.is_empty()).then(|| Value::map(grants)));
        let limits = Limits::default();
        put("fuel_limit", (saved.limits.fuel != limits.fuel).then(|| Value::uint(saved.limits.fuel)));
        let memory = saved.limits.memory_bytes;
        put("memory_limit", (memory != limits.memory_bytes).then(|| Value::uint(memory)));
        let declared = session.program().config().map(|config| config.defaults()).unwrap_or_default();
        put("config", configured(&declared, &saved.state.given));
        put("configured", configured(&saved.state.given, &saved.state.config));
        put("state", state(&saved, &plain));
        let inactive: Vec<_> = saved.state.roots.iter().filter(|root| !root.active).map(|root| &root.name).collect();
        put("inactive", (!inactive.is_empty()).then(|| texts(inactive)));
        put("streams", (saved.state.streams != plain.state.streams).then(|| streams_value(&saved.state.streams)));
        put("ledger", (saved.ledger != SavedLedger::default()).then(|| saved.ledger.to_value()));
        Transcript { begin, steps: Vec::new(), main_root }
    }

    /// Does something to the session and writes it down; if it is `expected`, with what came of it.
    pub fn act(&mut self, act: &Act, session: &mut Session, expected: bool) {
        let mut entries = match act.to_value() {
            Value::Map(entries) => entries,
            _ => return,
        };
        entries.retain(|(key, value)| match &**key {
            "sender" => *value != Value::from(""),
            "params" => !matches!(value, Value::Null) && *value != Value::Map(Vec::new()),
            _ => true,
        });
        let (before, waited) = (session.state().to_value(), session.waiting());
        let reports = act.perform(session, None);
        if expected {
            let mut expect = self.expected(&before, session, &reports);
            if session.waiting() != waited {
                expect.push(("waiting", Value::uint(session.waiting() as u64)));
            }
            if expect.is_empty() {
                expect.push(("error", Value::Null));
            }
            entries.push(("expect".into(), Value::map(expect)));
        }
        self.steps.push(Value::Map(entries));
    }

    fn expected(&self, before: &Value, session: &Session, reports: &[ActionReport]) -> Vec<(&'static str, Value)> {
        let mut expect = Vec::new();
        expect.extend(play::failure(reports).map(|trap| ("error", Value::from(trap.code.code()))));
        let schema = session.state().schema();
        let after = session.state().to_value();
        let state = Changes { schema, found: Vec::new() }.of_state(self.main_root, before, &after);
        if !state.is_empty() {
            expect.push(("state", Value::map(state.iter().map(|(path, value)| (&**path, value.clone())))));
        }
        let events: Vec<Value> = reports.iter().flat_map(|report| &report.events).map(play::event_value).collect();
        if !events.is_empty() {
            expect.push(("events", Value::List(events)));
        }
        expect
    }

    /// The test.
    pub fn case(&self, name: &str) -> Value {
        let entries = [("name", Value::str(name))].into_iter().chain(self.begin.iter().cloned());
        Value::map(entries.chain([("steps", Value::List(self.steps.clone()))]))
    }
}

/// A session of the same seed and configuration in which nothing happened.
fn plain(session: &Session, saved: &SavedSession, main_root: StructId) -> SavedSession {
    let options = SessionOptions {
        seed: saved.state.seed,
        generator: saved.state.generator,
        config: saved.state.given.clone(),
        limits: saved.limits,
        ..SessionOptions::default()
    };
    Session::new(session.state().schema().clone(), main_root, session.program().clone(), options).save()
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a Arc<str>>) -> Value {
    Value::List(texts.into_iter().cloned().map(Value::Str).collect())
}

/// Values that differ, by group and field.
fn configured(before: &Values, now: &Values) -> Option<Value> {
    let differs = |(path, value): &(&Arc<str>, &Value)| before.get(*path) != Some(value);
    let values: Values = now.iter().filter(differs).map(|(path, value)| (path.clone(), value.clone())).collect();
    (!values.is_empty()).then(|| groups(&values))
}

/// Fields that differ from those of a session in which nothing happened: the main root's at the top, other roots by name.
fn state(saved: &SavedSession, plain: &SavedSession) -> Option<Value> {
    let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
    for root in &saved.state.roots {
        let known = plain.state.roots.iter().find(|known| known.name == root.name);
        let SavedFields::Value(Value::Map(fields)) = &root.fields else { continue };
        let known_fields = known.and_then(|known| match &known.fields {
            SavedFields::Value(fields) => Some(fields),
            SavedFields::Packed(_) => None,
        });
        let differs =
            |(name, value): &&(Arc<str>, Value)| known_fields.and_then(|known| known.get(name)) != Some(value);
        let fields: Vec<_> = fields.iter().filter(differs).cloned().collect();
        if root.name == saved.state.main_root {
            entries.extend(fields);
        } else if !fields.is_empty() || known.is_none_or(|known| known.active != root.active) {
            entries.push((root.name.clone(), Value::Map(fields)));
        }
    }
    (!entries.is_empty()).then_some(Value::Map(entries))
}

/// What of a state became another, by the paths that tests have.
struct Changes<'s> {
    schema: &'s Schema,
    found: Vec<(String, Value)>,
}

impl Changes<'_> {
    fn of_state(mut self, main_root: StructId, before: &Value, after: &Value) -> Vec<(String, Value)> {
        let Value::Map(fields) = after else { return self.found };
        for (name, now) in fields {
            let def = self.schema.get(main_root);
            let field = def.field(name).and_then(|at| def.fields.get(at)).map(|field| field.ty.clone());
            let ty = field.or_else(|| self.schema.by_name(name).map(Type::Struct));
            if let Some(ty) = ty {
                self.compare(name.to_string(), &ty, before.get(name), now);
            }
        }
        self.found
    }

    fn compare(&mut self, path: String, ty: &Type, was: Option<&Value>, now: &Value) {
        if was == Some(now) {
            return;
        }
        let known = self.found.len();
        let is_apart = match (ty.non_null(), was, now) {
            (Type::Struct(id), Some(Value::Map(_)), Value::Map(fields)) => {
                let def = self.schema.get(*id);
                fields.iter().all(|(name, value)| {
                    let field = def.field(name).and_then(|at| def.fields.get(at));
                    field.is_some_and(|field| self.part(format!("{path}.{name}"), &field.ty, was, name, value))
                })
            }
            (Type::Record(record), Some(Value::Map(_)), Value::Map(fields)) => fields.iter().all(|(name, value)| {
                let field = record.index(name).and_then(|at| record.fields.get(at));
                field.is_some_and(|(_, ty)| self.part(format!("{path}.{name}"), ty, was, name, value))
            }),
            (Type::List(element), Some(Value::List(old)), Value::List(new)) if old.len() <= new.len() => {
                for (index, value) in new.iter().enumerate() {
                    self.compare(format!("{path}[{index}]"), element, old.get(index), value);
                }
                if old.len() != new.len() {
                    self.found.push((format!("{path}.length"), Value::uint(new.len() as u64)));
                }
                true
            }
            (Type::Map(key, ty), Some(Value::Map(old)), Value::Map(new)) => {
                let is_written = matches!(**key, Type::String | Type::Int(_));
                let key_text = |name: &str| match **key {
                    Type::Int(_) => format!("[{name}]"),
                    _ => format!("[{}]", json::to_string(&Value::str(name))),
                };
                let stayed = old.iter().all(|(name, _)| now.get(name).is_some());
                is_written
                    && stayed
                    && new
                        .iter()
                        .all(|(name, value)| self.part(format!("{path}{}", key_text(name)), ty, was, name, value))
            }
            _ => false,
        };
        if !is_apart {
            self.found.truncate(known);
            self.found.push((path, now.clone()));
        }
    }

    /// A field or an entry; whether it has a path.
    fn part(&mut self, path: String, ty: &Type, of: Option<&Value>, name: &str, now: &Value) -> bool {
        if Path::parse(&path).is_err() {
            return false;
        }
        self.compare(path, ty, of.and_then(|of| of.get(name)), now);
        true
    }
}

/// Whether a test, by itself, passes and comes to the same end: state, random streams, clock, who takes part, what is arranged and what
/// waits. `loaded` and `program` are the document that ran.
///
/// # Errors
/// What is otherwise.
pub fn replays(case: &Value, loaded: &Loaded, program: Arc<dyn Program>, end: &SavedSession) -> Result<(), String> {
    let text = json::to_pretty(&Value::map([("graph", Value::from("")), ("tests", Value::List(vec![case.clone()]))]));
    let (file, diagnostics) = file::read(&Arc::new(Source::inline("the test", text)));
    if let Some(first) = diagnostics.first() {
        return Err(first.message.clone());
    }
    let Some((file, test)) = file.as_ref().and_then(|file| Some((file, file.tests.first()?))) else {
        return Err("it cannot be read".to_owned());
    };
    let (ran, session) = execute::play(file, test, loaded, program, None);
    if let Some(finding) = ran.findings.first() {
        return Err(finding.diagnostic.message.clone());
    }
    if let Some(failure) = ran.failures.first() {
        return Err(format!("{}: {} is another", failure.at, failure.what));
    }
    let found = session.map(|session| likeness(session.save()));
    if found == Some(likeness(end.clone())) { Ok(()) } else { Err("it comes to another end".to_owned()) }
}

/// A saved session without what depends on what was done before it: numbers given, and how often lists have changed.
fn likeness(mut saved: SavedSession) -> SavedSession {
    (saved.activations, saved.sequence) = (0, 0);
    saved.state.versions.clear();
    saved.waiting.iter_mut().for_each(|waiting| waiting.number = 0);
    saved
}
