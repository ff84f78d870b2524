//! What is measured in a run: `Table.Round`, `effective:Players[0].Speed`, `event:Seated`, `event:Rolled.value`, `run:error`.

use std::fmt;
use std::sync::Arc;

use statewright_graph::document::reference::Index;
use statewright_graph::document::{Path, Step};
use statewright_runtime::context::Event;
use statewright_runtime::session::Session;
use statewright_runtime::state::State;
use statewright_types::{Schema, StructId, Type, Value, json, suggest};

use crate::testing::lookup;

/// The longest text that is told apart, in characters; of longer ones that much.
const LABEL: usize = 80;

/// What is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// As it was written.
    pub text: Arc<str>,
    /// What it is.
    pub what: What,
}

/// What a metric is.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// What a state path leads to at the end.
    State(Path),
    /// The same with effects.
    Effective(Path),
    /// How many events of that type were sent.
    Events(Arc<str>),
    /// What is at a path in the payload of each event of that type: as many observations as events.
    Payload(Arc<str>, Path),
    /// Something of the run itself.
    Run(OfRun),
}

/// Something of a run itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfRun {
    /// The code of the first error, or `none`.
    Error,
    /// How many activations failed and events were refused.
    Errors,
    /// Fuel used.
    Fuel,
    /// Activations that wait at the end.
    Waiting,
}

const OF_RUN: [(&str, OfRun); 4] =
    [("error", OfRun::Error), ("errors", OfRun::Errors), ("fuel", OfRun::Fuel), ("waiting", OfRun::Waiting)];

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A value that was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// A whole number.
    Int(i64),
    /// Any other finite number.
    Float(f64),
    /// Everything else: texts, `true`, `null`, lists as JSON.
    Label(Arc<str>),
}

impl Observed {
    /// Of a value.
    pub fn of(value: &Value) -> Observed {
        match value {
            Value::Int(number) => Observed::Int(*number),
            Value::UInt(number) => Observed::Float(*number as f64),
            Value::Float(number) if number.is_finite() => Observed::Float(*number),
            Value::Str(text) if text.chars().nth(LABEL).is_none() => Observed::Label(text.clone()),
            Value::Str(text) => Observed::Label(cut(text)),
            other => Observed::Label(cut(&json::to_string(other))),
        }
    }

    /// As a number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Observed::Int(number) => Some(*number as f64),
            Observed::Float(number) => Some(*number),
            Observed::Label(_) => None,
        }
    }

    /// As people and declared odds write it.
    pub fn label(&self) -> Arc<str> {
        match self {
            Observed::Int(number) => number.to_string().into(),
            Observed::Float(number) => {
                let text = json::to_string(&Value::Float(*number));
                text.strip_suffix(".0").unwrap_or(&text).into()
            }
            Observed::Label(text) => text.clone(),
        }
    }
}

fn cut(text: &str) -> Arc<str> {
    match text.char_indices().nth(LABEL) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()).into(),
        None => text.into(),
    }
}

impl Metric {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn parse(text: &str) -> Result<Metric, String> {
        let path = |text: &str| {
            Path::parse(text).map_err(|error| format!("`{text}` is no path: {}; {}", error.message, error.help))
        };
        let what = if let Some(path_text) = text.strip_prefix("effective:") {
            What::Effective(path(path_text)?)
        } else if let Some(event) = text.strip_prefix("event:") {
            match event.split_once('.') {
                _ if event.is_empty() || event.starts_with('.') => {
                    return Err(format!("`{text}` names no event: write event:TYPE or event:TYPE.field"));
                }
                Some((kind, inside)) => What::Payload(kind.into(), path(inside)?),
                None => What::Events(event.into()),
            }
        } else if let Some(name) = text.strip_prefix("run:") {
            match OF_RUN.iter().find(|(known, _)| *known == name) {
                Some((_, of)) => What::Run(*of),
                None => {
                    let help = suggest::help(name, OF_RUN.iter().map(|(known, _)| *known));
                    return Err(format!("a run has no `{name}`; {}", help.text));
                }
            }
        } else {
            What::State(path(text)?)
        };
        Ok(Metric { text: text.into(), what })
    }

    /// What may stand behind `run:`.
    pub fn names_of_run() -> impl Iterator<Item = &'static str> {
        OF_RUN.iter().map(|(name, _)| *name)
    }

    /// `run:error`
    pub fn first_error() -> Metric {
        Metric { text: "run:error".into(), what: What::Run(OfRun::Error) }
    }

    /// Whether it can be there at all, and counted.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn check(&self, schema: &Schema, main_root: StructId) -> Result<(), String> {
        let (What::State(path) | What::Effective(path)) = &self.what else { return Ok(()) };
        let ty = lookup::type_of(schema, main_root, path).map_err(|miss| miss.message)?;
        let whole = match ty.non_null() {
            Type::List(_) | Type::Map(..) => "take its `.length`, or one element",
            Type::Struct(_) | Type::Record(_) => "take one of its fields",
            _ => return Ok(()),
        };
        Err(format!("`{self}` is no single value: {whole}"))
    }

    /// Whether it is found in the state, and so at any moment.
    pub fn is_of_state(&self) -> bool {
        matches!(self.what, What::State(_) | What::Effective(_))
    }

    /// Its value in the state as it is, or why there is none; `None` if it is not of the state.
    pub fn in_state(&self, session: &Session) -> Option<Result<Observed, String>> {
        let found = match &self.what {
            What::State(path) => value_at(session.state(), path),
            What::Effective(path) => value_at(session.effective(), path),
            What::Events(_) | What::Payload(..) | What::Run(_) => return None,
        };
        Some(found.map(|value| Observed::of(&value)))
    }

    /// Its value in an event, or why there is none; `None` if it is not of such an event.
    pub fn in_event(&self, event: &Event) -> Option<Result<Observed, String>> {
        match &self.what {
            What::Payload(kind, path) if *kind == event.kind => Some(inside(&event.payload, path)),
            _ => None,
        }
    }
}

/// Of the state no more is exported than the field or root that the path begins with.
fn value_at(state: &State, path: &Path) -> Result<Value, String> {
    let (schema, main_root) = (state.schema(), state.main_root());
    let exported = match lookup::root_named(schema, main_root, &path.head) {
        Some(root) => state
            .root(root)
            .and_then(|record| state.export(&Type::Struct(root), record))
            .map(|value| if root == main_root { value } else { Value::Map(vec![(path.head.clone(), value)]) }),
        None => {
            let def = schema.get(main_root);
            let field = def.field(&path.head).and_then(|at| Some((at, def.fields.get(at)?)));
            let Some((at, field)) = field else {
                return lookup::type_of(schema, main_root, path).map(|_| Value::Null).map_err(|miss| miss.message);
            };
            let slot = state.root(main_root).and_then(|record| state.load(record, main_root, at as u32));
            let value = slot.and_then(|slot| state.export(&field.ty, slot));
            value.map(|value| Value::Map(vec![(path.head.clone(), value)]))
        }
    };
    // What cannot be exported is not there: a root that is not active, an element that was removed.
    let exported = exported.unwrap_or(Value::Map(Vec::new()));
    match lookup::look(schema, main_root, &exported, path) {
        Ok(value) => Ok(value.into_owned()),
        Err(miss) => Err(miss.message),
    }
}

fn inside(payload: &Value, path: &Path) -> Result<Observed, String> {
    let first = Step::Field(path.head.clone());
    let mut value = payload;
    for step in std::iter::once(&first).chain(&path.steps) {
        let next = match (value, step) {
            (Value::List(elements), Step::Field(name)) if &**name == "length" => {
                return Ok(Observed::Int(i64::try_from(elements.len()).unwrap_or(i64::MAX)));
            }
            (Value::Map(_), Step::Field(name)) => value.get(name),
            (Value::Map(_), Step::Index(Index::Text(key))) => value.get(key),
            (Value::List(_), Step::Index(Index::Int(at))) => usize::try_from(*at).ok().and_then(|at| value.at(at)),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return Err("an event's payload has nothing there".to_owned()),
        }
    }
    Ok(Observed::of(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_told_apart_by_what_stands_before_the_colon() {
        let parse = |text: &str| Metric::parse(text).expect("a metric").what;
        assert!(matches!(parse("Players[\"ann\":ID].Score"), What::State(_)));
        assert!(matches!(parse("effective:Speed"), What::Effective(_)));
        assert_eq!(parse("event:Rolled"), What::Events("Rolled".into()));
        assert!(matches!(parse("event:Rolled.values[0]"), What::Payload(kind, _) if &*kind == "Rolled"));
        assert_eq!(parse("run:fuel"), What::Run(OfRun::Fuel));
    }

    #[test]
    fn what_is_no_metric_is_refused_with_help() {
        let refused = |text: &str| Metric::parse(text).expect_err("no metric");
        assert!(refused("run:eror").contains("did you mean `error`?"));
        assert!(refused("event:").contains("event:TYPE"));
        assert!(refused("event:.x").contains("event:TYPE"));
        assert!(refused("Players[").contains("is no path"));
    }

    #[test]
    fn values_of_payloads_are_found_by_path() {
        let payload =
            Value::map([("hits", Value::List(vec![Value::Int(3), Value::map([("kind", Value::from("miss"))])]))]);
        let at = |path: &str| inside(&payload, &Path::parse(path).expect("a path"));
        assert_eq!(at("hits[0]"), Ok(Observed::Int(3)));
        assert_eq!(at("hits[1].kind"), Ok(Observed::Label("miss".into())));
        assert_eq!(at("hits.length"), Ok(Observed::Int(2)));
        assert!(at("hits[2]").is_err() && at("misses").is_err());
    }

    #[test]
    fn values_have_the_labels_that_odds_are_declared_with() {
        let label = |value: Value| Observed::of(&value).label().to_string();
        assert_eq!(label(Value::Int(-3)), "-3");
        assert_eq!(label(Value::Float(2.0)), "2");
        assert_eq!(label(Value::Bool(true)), "true");
        assert_eq!(label(Value::Null), "null");
        assert_eq!(label(Value::from("a b")), "a b");
        assert_eq!(Observed::of(&Value::Float(f64::NAN)).number(), None);
        assert_eq!(label(Value::from("x".repeat(100))).chars().count(), LABEL + 1);
    }
}
