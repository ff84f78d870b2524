//! A case: a document, what it needs, and what happens. Plain data, as a file of the conformance corpus has it.

use std::sync::Arc;

use statewright_types::{Value, json};

/// What happens to a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// An event comes in.
    Event {
        /// Its name.
        event: String,
        /// Who sent it; "" is the session itself.
        sender: String,
        /// A map of parameters.
        params: Value,
    },
    /// Time goes on, milliseconds.
    Advance(i64),
}

/// A document with everything that it runs on.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What it was drawn from.
    pub seed: u64,
    /// The schema as JSON text.
    pub schema: Arc<str>,
    /// The document.
    pub document: Value,
    /// The configuration as JSON, if there is one.
    pub config: Option<Value>,
    /// The state that the session begins with, in part.
    pub state: Value,
    /// Seed of the session's random streams.
    pub session_seed: u64,
    /// Session time at the beginning, milliseconds.
    pub now_ms: i64,
    /// Who has joined, in order.
    pub players: Vec<String>,
    /// Fuel of one activation.
    pub fuel: u64,
    /// Bytes that one activation may make.
    pub memory_bytes: u64,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

impl Case {
    /// How much there is of it: nodes, edges, steps and all values in them.
    pub fn size(&self) -> usize {
        let params = self.steps.iter().map(|step| match step {
            Step::Event { params, .. } => 1 + weight(params),
            Step::Advance(_) => 1,
        });
        weight(&self.document) + weight(&self.state) + params.sum::<usize>() + self.schema.len() / 16
    }

    /// The case as a file of the conformance corpus; `expect` is what the test says of its end, beside each step's `expects`.
    pub fn to_test_file(&self, name: &str, description: &str, expects: &[Value]) -> String {
        let schema = self.schema.parse::<Value>().unwrap_or(Value::Null);
        let steps = self.steps.iter().enumerate().map(|(at, step)| {
            let mut entries: Vec<(Arc<str>, Value)> = match step {
                Step::Event { event, sender, params } => {
                    let mut entries = vec![("event".into(), Value::from(event.as_str()))];
                    if !sender.is_empty() {
                        entries.push(("sender".into(), sender.as_str().into()));
                    }
                    if !matches!(params, Value::Map(entries) if entries.is_empty()) {
                        entries.push(("params".into(), params.clone()));
                    }
                    entries
                }
                Step::Advance(ms) => vec![("advance".into(), Value::Int(*ms))],
            };
            entries.extend(expects.get(at).map(|expect| (Arc::from("expect"), expect.clone())));
            Value::Map(entries)
        });
        let steps = Value::List(steps.collect());
        let mut test: Vec<(&str, Value)> = vec![("name", name.into())];
        if self.session_seed != 0 {
            test.push(("seed", Value::uint(self.session_seed)));
        }
        if self.now_ms != 0 {
            test.push(("now", Value::Int(self.now_ms)));
        }
        if !self.players.is_empty() {
            test.push(("players", Value::List(self.players.iter().map(|id| id.as_str().into()).collect())));
        }
        if !matches!(&self.state, Value::Map(entries) if entries.is_empty()) {
            test.push(("state", self.state.clone()));
        }
        test.push(("fuel_limit", Value::uint(self.fuel)));
        test.push(("memory_limit", Value::uint(self.memory_bytes)));
        test.push(("steps", steps));
        let mut file = vec![("description", Value::from(description)), ("graph", self.document.clone())];
        file.push(("schema", schema));
        file.extend(self.config.clone().map(|config| ("config", config)));
        file.push(("tests", Value::List(vec![Value::map(test)])));
        json::to_pretty(&Value::map(file)) + "\n"
    }
}

/// How many values there are in a value.
pub fn weight(value: &Value) -> usize {
    match value {
        Value::List(elements) => 1 + elements.iter().map(weight).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|(_, value)| weight(value)).sum::<usize>(),
        Value::Str(text) => 1 + text.len() / 8,
        _ => 1,
    }
}
