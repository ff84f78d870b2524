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

    /// The case as JSON on one line, from which [`Case::read`] makes it again.
    pub fn line(&self) -> String {
        let step = |step: &Step| match step {
            Step::Event { event, sender, params } => Value::map([
                ("event", Value::from(event.as_str())),
                ("sender", sender.as_str().into()),
                ("params", params.clone()),
            ]),
            Step::Advance(ms) => Value::map([("advance", Value::Int(*ms))]),
        };
        let mut entries = vec![
            ("case", Value::uint(self.seed)),
            ("schema", Value::Str(self.schema.clone())),
            ("document", self.document.clone()),
            ("state", self.state.clone()),
            ("seed", Value::uint(self.session_seed)),
            ("now", Value::Int(self.now_ms)),
            ("players", Value::List(self.players.iter().map(|id| id.as_str().into()).collect())),
            ("fuel", Value::uint(self.fuel)),
            ("memory", Value::uint(self.memory_bytes)),
            ("steps", Value::List(self.steps.iter().map(step).collect())),
        ];
        entries.extend(self.config.clone().map(|config| ("config", config)));
        json::to_string(&Value::map(entries))
    }

    /// What [`Case::line`] wrote; `None` of anything else.
    pub fn read(line: &str) -> Option<Case> {
        let value: Value = line.parse().ok()?;
        let step = |step: &Value| match step.get("advance") {
            Some(Value::Int(ms)) => Some(Step::Advance(*ms)),
            _ => Some(Step::Event {
                event: string(step.get("event")?)?.to_string(),
                sender: string(step.get("sender")?)?.to_string(),
                params: step.get("params")?.clone(),
            }),
        };
        let Value::Int(now_ms) = value.get("now")? else { return None };
        Some(Case {
            seed: unsigned(value.get("case")?)?,
            schema: string(value.get("schema")?)?,
            document: value.get("document")?.clone(),
            config: value.get("config").cloned(),
            state: value.get("state")?.clone(),
            session_seed: unsigned(value.get("seed")?)?,
            now_ms: *now_ms,
            players: elements(value.get("players")?).iter().filter_map(|id| Some(string(id)?.to_string())).collect(),
            fuel: unsigned(value.get("fuel")?)?,
            memory_bytes: unsigned(value.get("memory")?)?,
            steps: elements(value.get("steps")?).iter().filter_map(step).collect(),
        })
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

fn string(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Str(text) => Some(text.clone()),
        _ => None,
    }
}

/// A number from 0 on.
pub fn unsigned(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        Value::UInt(number) => Some(*number),
        _ => None,
    }
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::List(elements) => elements,
        _ => &[],
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
