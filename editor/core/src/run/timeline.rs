//! What a session did, moment by moment: any moment's state, what changed in it, and what wrote a field last.

use std::sync::Arc;

use statewright_graph::document::Document;
use statewright_graph::node::{self, Effect};
use statewright_harness::play;
use statewright_harness::project::Fault;
use statewright_harness::record;
use statewright_runtime::context::Tracer;
use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::recording::Recording;
use statewright_runtime::session::{ActionReport, Input, Session, Status};
use statewright_types::{Value, json, schema};

use super::profile::Profile;

/// How many moments stand between two whole states that are kept.
const STRIDE: usize = 32;

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A field or the entry of a map.
    Field(Arc<str>),
    /// An element.
    Index(usize),
}

/// A part of the state that became another.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Where.
    pub path: Vec<Key>,
    /// `None` if it was not there.
    pub before: Option<Value>,
    /// `None` if it is not there any more.
    pub after: Option<Value>,
}

/// An activation of a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// The handler.
    pub handler: Arc<str>,
    /// How it ended.
    pub status: Status,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// The error's code, by which tests name it.
    pub code: Option<String>,
    /// Fuel used.
    pub fuel: u64,
}

/// Something that a session did.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// From 1.
    pub number: u64,
    /// What was done: `Score of ann`.
    pub label: String,
    /// Session time, milliseconds.
    pub now_ms: i64,
    /// What changed, in the order of the state.
    pub changes: Vec<FieldChange>,
    /// What was sent, and to whom: `{"type","to","payload"}`.
    pub events: Vec<Value>,
    /// What ran.
    pub ran: Vec<Ran>,
    /// Graph and node of each node that ran, in order; only where it was replayed.
    pub visited: Vec<(Arc<str>, Arc<str>)>,
    /// How many nodes began; only where it was run here.
    pub steps: u64,
    /// What they cost; likewise.
    pub profile: Profile,
}

/// A moment by what a session reported.
pub fn moment(
    number: u64,
    label: String,
    now_ms: i64,
    before: &Value,
    after: &Value,
    reports: &[ActionReport],
) -> Moment {
    let ran = |activation: &statewright_runtime::session::ActivationReport| Ran {
        handler: activation.handler.clone(),
        status: activation.status,
        error: activation.error.as_ref().map(|trap| trap.to_string()),
        code: activation.error.as_ref().map(|trap| trap.code.code().to_owned()),
        fuel: activation.fuel,
    };
    Moment {
        number,
        label,
        now_ms,
        changes: differences(before, after),
        events: reports.iter().flat_map(|report| &report.events).map(play::event_value).collect(),
        ran: reports.iter().flat_map(|report| report.activations.iter().map(ran).collect::<Vec<_>>()).collect(),
        visited: Vec::new(),
        steps: 0,
        profile: Profile::default(),
    }
}

/// What differs between two values, as small parts as paths can name. Lists of another length differ element by element, and
/// in what is behind the shorter one's end.
pub fn differences(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut found = Vec::new();
    let mut open: Vec<(Vec<Key>, Option<&Value>, Option<&Value>)> = vec![(Vec::new(), Some(before), Some(after))];
    while let Some((path, was, is)) = open.pop() {
        if was == is {
            continue;
        }
        let within = |key: Key| path.iter().cloned().chain([key]).collect::<Vec<_>>();
        match (was, is) {
            (Some(Value::Map(old)), Some(Value::Map(new))) => {
                let missing = new.iter().filter(|(key, _)| old.iter().all(|(other, _)| other != key));
                let mut parts: Vec<_> = old
                    .iter()
                    .map(|(key, value)| {
                        let now = new.iter().find(|(other, _)| other == key).map(|(_, value)| value);
                        (within(Key::Field(key.clone())), Some(value), now)
                    })
                    .collect();
                parts.extend(missing.map(|(key, value)| (within(Key::Field(key.clone())), None, Some(value))));
                open.extend(parts.into_iter().rev());
            }
            (Some(Value::List(old)), Some(Value::List(new))) => {
                let count = old.len().max(new.len());
                open.extend((0..count).rev().map(|index| (within(Key::Index(index)), old.get(index), new.get(index))));
            }
            _ => found.push(FieldChange { path, before: was.cloned(), after: is.cloned() }),
        }
    }
    found
}

/// A path as it is written: `Players[0].Score`, `Scores["a b"]`.
pub fn path_text(path: &[Key]) -> String {
    let mut text = String::new();
    let is_word = |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    for key in path {
        match key {
            Key::Field(name) if !is_word(name) => {
                text.push_str(&format!("[{}]", json::to_string(&Value::str(&**name))))
            }
            Key::Field(name) if text.is_empty() => text.push_str(name),
            Key::Field(name) => text.push_str(&format!(".{name}")),
            Key::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// Puts a value where a path leads, or takes it away.
fn put(root: &mut Value, path: &[Key], value: Option<&Value>) {
    let Some((last, way)) = path.split_last() else {
        *root = value.cloned().unwrap_or(Value::Null);
        return;
    };
    let mut at = root;
    for key in way {
        let next = match (at, key) {
            (Value::Map(entries), Key::Field(name)) => {
                entries.iter_mut().find(|(other, _)| other == name).map(|(_, value)| value)
            }
            (Value::List(elements), Key::Index(index)) => elements.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    match (at, last, value) {
        (Value::Map(entries), Key::Field(name), Some(value)) => {
            match entries.iter_mut().find(|(other, _)| other == name) {
                Some(entry) => entry.1 = value.clone(),
                None => {
                    let place = entries.partition_point(|(other, _)| other < name);
                    entries.insert(place, (name.clone(), value.clone()));
                }
            }
        }
        (Value::Map(entries), Key::Field(name), None) => entries.retain(|(other, _)| other != name),
        (Value::List(elements), Key::Index(index), Some(value)) => match elements.get_mut(*index) {
            Some(element) => *element = value.clone(),
            None => elements.push(value.clone()),
        },
        (Value::List(elements), Key::Index(index), None) => elements.truncate(*index),
        _ => {}
    }
}

/// Moments, and the state at each of them.
#[derive(Clone, Debug)]
pub struct Timeline {
    moments: Vec<Moment>,
    /// Whole states: before the first moment, and after every [`STRIDE`]th.
    kept: Vec<Value>,
    last: Value,
}

/// What wrote a field last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// Position of the moment, from 0.
    pub moment: usize,
    /// Graph and node, where the moment knows which nodes ran: the last that ran and writes state under that field's root.
    pub node: Option<(Arc<str>, Arc<str>)>,
}

impl Timeline {
    /// No moment yet, and this state.
    pub fn new(state: Value) -> Timeline {
        Timeline { moments: Vec::new(), kept: vec![state.clone()], last: state }
    }

    /// Adds the next moment.
    pub fn add(&mut self, moment: Moment) {
        for change in &moment.changes {
            put(&mut self.last, &change.path, change.after.as_ref());
        }
        self.moments.push(moment);
        if self.moments.len().is_multiple_of(STRIDE) {
            self.kept.push(self.last.clone());
        }
    }

    /// Forgets all moments behind the first `count`.
    pub fn truncate(&mut self, count: usize) {
        if count < self.moments.len() {
            self.last = self.state(count);
            self.moments.truncate(count);
            self.kept.truncate(count / STRIDE + 1);
        }
    }

    /// All moments.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// The state after `count` moments; 0 is the beginning, more than there are is the end.
    pub fn state(&self, count: usize) -> Value {
        let count = count.min(self.moments.len());
        let mut state = self.kept.get(count / STRIDE).unwrap_or(&self.last).clone();
        let from = count / STRIDE * STRIDE;
        for moment in self.moments.get(from..count).unwrap_or(&[]) {
            for change in &moment.changes {
                put(&mut state, &change.path, change.after.as_ref());
            }
        }
        state
    }

    /// What wrote a field, or anything in it or around it, last before `count` moments were done.
    pub fn wrote_last(&self, path: &[Key], count: usize, document: Option<&Document>) -> Option<Wrote> {
        let touches = |change: &FieldChange| {
            let shared = change.path.iter().zip(path).take_while(|(a, b)| a == b).count();
            shared == path.len() || shared == change.path.len()
        };
        let before = self.moments.get(..count.min(self.moments.len()))?;
        let moment = before.iter().rposition(|moment| moment.changes.iter().any(touches))?;
        let node = document.zip(before.get(moment)).and_then(|(document, moment)| writer(document, moment, path));
        Some(Wrote { moment, node })
    }

    /// A recording, moment by moment. It is replayed once, on documents lowered for tracing where it was recorded so.
    ///
    /// # Errors
    /// [`Fault::BadRecording`] if its texts are missing or do not run, [`Fault::Diverged`] if it goes another way.
    pub fn replayed(name: &str, recording: &Recording, host_nodes: &HostNodes) -> Result<Timeline, Fault> {
        let bad = |what: String| Fault::BadRecording { name: name.to_owned(), what };
        let versions = record::versions(name, recording, host_nodes)?;
        let mut session = record::replay(name, recording, host_nodes, Some(0), false)?.session;
        let schema_text = match recording.texts.get("schema") {
            Some(Value::Str(text)) => text.clone(),
            _ => return Err(bad("it has no schema".to_owned())),
        };
        if schema::parse(&schema_text).0.is_none() {
            return Err(bad("its schema has errors".to_owned()));
        }
        let mut before = session.state().to_value();
        let mut timeline = Timeline::new(before.clone());
        for entry in &recording.entries {
            let mut visits = Visits::default();
            let mut reports = session.advance_to_traced(entry.time_ms, &mut visits);
            let label = match &entry.input {
                Input::Event(action) => {
                    reports.push(session.dispatch_traced(action.clone(), &mut visits));
                    match &*action.sender {
                        "" => action.event.to_string(),
                        sender => format!("{} of {sender}", action.event),
                    }
                }
                input => {
                    apply(&mut session, entry, &versions)
                        .map_err(|what| Fault::Diverged { name: name.to_owned(), what })?;
                    words(input)
                }
            };
            let after = session.state().to_value();
            let number = timeline.moments.len() as u64 + 1;
            let mut done = moment(number, label, session.now_ms(), &before, &after, &reports);
            done.visited = visits.0;
            timeline.add(done);
            before = after;
        }
        Ok(timeline)
    }
}

pub(super) fn apply(
    session: &mut Session,
    entry: &statewright_runtime::session::Entry,
    versions: &statewright_harness::save::Versions,
) -> Result<(), String> {
    if matches!(entry.input, Input::Advance) {
        return Ok(());
    }
    session.apply(entry, &|hash| versions.program(hash)).map_err(|error| error.to_string())
}

fn words(input: &Input) -> String {
    match input {
        Input::Event(action) => action.event.to_string(),
        Input::Join { player, .. } => format!("{player} joins"),
        Input::Leave { player } => format!("{player} leaves"),
        Input::SetHost { player: Some(player) } => format!("{player} is the host"),
        Input::SetHost { player: None } => "nobody is the host".to_owned(),
        Input::AddEffect(effect) => format!("effect {} begins", effect.effect),
        Input::RemoveEffect { id } => format!("effect {id} ends"),
        Input::Update { name, .. } => format!("update {name}"),
        Input::Advance => "time passes".to_owned(),
        Input::Config(_) => "another configuration".to_owned(),
        Input::Program { .. } => "another version of the document".to_owned(),
    }
}

/// The nodes that ran.
#[derive(Default)]
struct Visits(Vec<(Arc<str>, Arc<str>)>);

impl Tracer for Visits {
    fn enter(&mut self, _: &str, function: &str, node: &str) {
        self.0.push((function.into(), node.into()));
    }
}

/// The last node of a moment that writes state under the root of a path.
fn writer(document: &Document, moment: &Moment, path: &[Key]) -> Option<(Arc<str>, Arc<str>)> {
    let root = path.first().map(|key| match key {
        Key::Field(name) => name.clone(),
        Key::Index(index) => index.to_string().into(),
    });
    let writes = |(graph, id): &&(Arc<str>, Arc<str>)| {
        let graph = document.graphs().find(|other| other.name.text == *graph);
        let node = graph.and_then(|graph| graph.nodes.iter().find(|node| node.id.text == *id));
        node.is_some_and(|node| {
            let row = node::by_name(&node.ty.text);
            let is_writer = row.is_some_and(|row| row.effects.contains(&Effect::WritesState));
            let text = |port: &str| node.inputs.iter().find(|(name, _)| &*name.text == port).map(|(_, input)| input);
            let below = text("path").is_none_or(|input| match &input.kind {
                statewright_graph::document::InputKind::Text(text) => {
                    let head = text.split(['.', '[']).next().unwrap_or("");
                    // A path may begin with an alias or a root's name: only another field of the state rules it out.
                    let other =
                        moment.changes.iter().all(|change| change.path.first() != Some(&Key::Field(head.into())));
                    root.as_deref().is_none_or(|root| root == head) || other
                }
                _ => true,
            });
            is_writer && below
        })
    };
    moment.visited.iter().rev().find(writes).cloned()
}
