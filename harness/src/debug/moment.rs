//! What a session did, moment by moment: what was done, what changed of it, what was sent, what ran. As values, so that
//! debuggers in other processes are told the same.

use std::sync::Arc;

use statewright_runtime::session::{ActionReport, ActivationReport, Session, Status};
use statewright_types::{Value, json};

use super::profile::{Cost, Profile};
use crate::play;

/// Makes moments of what a session does, one after the other.
#[derive(Clone, Debug)]
pub struct Chronicle {
    before: Value,
    number: u64,
}

impl Chronicle {
    /// Of a session from here on.
    pub fn new(session: &Session) -> Chronicle {
        Chronicle { before: session.state().to_value(), number: 0 }
    }

    /// The state as it was when the last moment was made.
    pub fn state(&self) -> &Value {
        &self.before
    }

    /// The next moment, by what the session reported of it.
    pub fn moment(&mut self, label: String, session: &Session, reports: &[ActionReport]) -> Moment {
        self.number += 1;
        let after = session.state().to_value();
        let made = moment(self.number, label, session.now_ms(), &self.before, &after, reports);
        self.before = after;
        made
    }
}

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
    let ran = |activation: &ActivationReport| Ran {
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

impl Key {
    fn to_value(&self) -> Value {
        match self {
            Key::Field(name) => Value::Str(name.clone()),
            Key::Index(index) => Value::uint(*index as u64),
        }
    }

    fn from_value(value: &Value) -> Option<Key> {
        match value {
            Value::Str(name) => Some(Key::Field(name.clone())),
            Value::Int(index) => usize::try_from(*index).ok().map(Key::Index),
            _ => None,
        }
    }
}

impl FieldChange {
    fn to_value(&self) -> Value {
        let mut entries = vec![("path", Value::List(self.path.iter().map(Key::to_value).collect()))];
        entries.extend(self.before.clone().map(|before| ("before", before)));
        entries.extend(self.after.clone().map(|after| ("after", after)));
        Value::map(entries)
    }

    fn from_value(value: &Value) -> Option<FieldChange> {
        let path = list(value, "path").iter().map(Key::from_value).collect::<Option<Vec<Key>>>()?;
        Some(FieldChange { path, before: value.get("before").cloned(), after: value.get("after").cloned() })
    }
}

impl Ran {
    fn to_value(&self) -> Value {
        let mut entries = vec![
            ("handler", Value::Str(self.handler.clone())),
            ("status", Value::from(self.status.name())),
            ("fuel", Value::uint(self.fuel)),
        ];
        entries.extend(self.error.as_deref().map(|error| ("error", Value::from(error))));
        entries.extend(self.code.as_deref().map(|code| ("code", Value::from(code))));
        Value::map(entries)
    }

    fn from_value(value: &Value) -> Option<Ran> {
        let status = text(value, "status")?;
        let known = [Status::Done, Status::Failed, Status::Waiting];
        Some(Ran {
            handler: text(value, "handler")?,
            status: known.into_iter().find(|known| known.name() == &*status)?,
            error: text(value, "error").map(|error| error.to_string()),
            code: text(value, "code").map(|code| code.to_string()),
            fuel: number(value, "fuel"),
        })
    }
}

impl Moment {
    /// As a message says it: see docs/debugging.md.
    pub fn to_value(&self) -> Value {
        let costs = self.profile.dearest().into_iter().map(|(graph, node, cost)| {
            Value::map([
                ("graph", Value::Str(graph.clone())),
                ("node", Value::Str(node.clone())),
                ("calls", Value::uint(cost.calls)),
                ("fuel", Value::uint(cost.fuel)),
                ("nanoseconds", Value::uint(cost.nanoseconds)),
            ])
        });
        Value::map([
            ("number", Value::uint(self.number)),
            ("label", Value::from(self.label.as_str())),
            ("now", Value::Int(self.now_ms)),
            ("changes", Value::List(self.changes.iter().map(FieldChange::to_value).collect())),
            ("events", Value::List(self.events.clone())),
            ("activations", Value::List(self.ran.iter().map(Ran::to_value).collect())),
            ("steps", Value::uint(self.steps)),
            ("costs", Value::List(costs.collect())),
        ])
    }

    /// From what a message says; `None` if that is nothing of the kind.
    pub fn from_value(value: &Value) -> Option<Moment> {
        let mut profile = Profile::default();
        for cost in list(value, "costs") {
            let (calls, fuel) = (number(cost, "calls"), number(cost, "fuel"));
            let cost_of = Cost { calls, fuel, nanoseconds: number(cost, "nanoseconds") };
            profile.add(text(cost, "graph")?, text(cost, "node")?, cost_of);
        }
        let now_ms = if let Some(Value::Int(now_ms)) = value.get("now") { *now_ms } else { 0 };
        Some(Moment {
            number: number(value, "number"),
            label: text(value, "label")?.to_string(),
            now_ms,
            changes: list(value, "changes").iter().map(FieldChange::from_value).collect::<Option<_>>()?,
            events: list(value, "events").to_vec(),
            ran: list(value, "activations").iter().map(Ran::from_value).collect::<Option<_>>()?,
            visited: Vec::new(),
            steps: number(value, "steps"),
            profile,
        })
    }
}

fn text(value: &Value, key: &str) -> Option<Arc<str>> {
    match value.get(key) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    }
}

fn number(value: &Value, key: &str) -> u64 {
    match value.get(key) {
        Some(Value::Int(number)) => u64::try_from(*number).unwrap_or(0),
        Some(Value::UInt(number)) => *number,
        _ => 0,
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    match value.get(key) {
        Some(Value::List(elements)) => elements,
        _ => &[],
    }
}
