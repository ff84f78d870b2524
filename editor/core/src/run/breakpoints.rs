//! Where a run is to stop, what is watched, and what handlers are run with: kept per document, outside of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use statewright_types::Value;

/// A place: graph and node.
pub type Spot = (Arc<str>, Arc<str>);

/// How many places and expressions are kept of a document.
const MOST: usize = 1_000;

/// When to stop at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakpoint {
    /// Whether it stops a run.
    pub is_enabled: bool,
    /// Stops only if this holds; "" for always.
    pub condition: String,
}

impl Default for Breakpoint {
    fn default() -> Breakpoint {
        Breakpoint { is_enabled: true, condition: String::new() }
    }
}

/// What a handler was run with last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    /// What was entered for its parameters, by name.
    pub params: BTreeMap<String, String>,
    /// Who sent it; "" is the session itself.
    pub sender: String,
}

/// What is kept of a document's runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Breakpoints by place.
    pub breakpoints: BTreeMap<Spot, Breakpoint>,
    /// Expressions that are shown while a run is held up.
    pub watches: Vec<String>,
    /// What each handler was run with.
    pub entered: BTreeMap<String, Entered>,
    /// Who takes part, ids with commas between them.
    pub players: String,
    /// Of all random streams.
    pub seed: u64,
}

impl Kept {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        *self == Kept::default()
    }

    /// The conditions of the breakpoints that stop, by place.
    pub fn enabled(&self) -> BTreeMap<Spot, String> {
        let enabled = self.breakpoints.iter().filter(|(_, breakpoint)| breakpoint.is_enabled);
        enabled.map(|(spot, breakpoint)| (spot.clone(), breakpoint.condition.clone())).collect()
    }

    /// As a value for settings.
    pub fn to_value(&self) -> Value {
        let breakpoint = |((graph, node), breakpoint): (&Spot, &Breakpoint)| {
            let mut entries = vec![("graph", Value::Str(graph.clone())), ("node", Value::Str(node.clone()))];
            if !breakpoint.condition.is_empty() {
                entries.push(("condition", Value::str(&*breakpoint.condition)));
            }
            if !breakpoint.is_enabled {
                entries.push(("enabled", Value::Bool(false)));
            }
            Value::map(entries)
        };
        let entered = |(handler, entered): (&String, &Entered)| {
            let params = entered.params.iter().map(|(name, text)| (&**name, Value::str(&**text)));
            let entries = [("params", Value::map(params)), ("sender", Value::str(&*entered.sender))];
            (handler.clone(), Value::map(entries))
        };
        Value::map([
            ("breakpoints", Value::List(self.breakpoints.iter().take(MOST).map(breakpoint).collect())),
            ("watches", Value::List(self.watches.iter().take(MOST).map(|text| Value::str(&**text)).collect())),
            ("handlers", Value::map(self.entered.iter().take(MOST).map(entered))),
            ("players", Value::str(&*self.players)),
            ("seed", Value::uint(self.seed)),
        ])
    }

    /// From a value of settings; what makes no sense is left out.
    pub fn from_value(value: &Value) -> Kept {
        let list = |key: &str| match value.get(key) {
            Some(Value::List(elements)) => elements.iter().take(MOST).collect(),
            _ => Vec::new(),
        };
        let text = |value: &Value, key: &str| match value.get(key) {
            Some(Value::Str(text)) => Some(text.clone()),
            _ => None,
        };
        let breakpoint = |value: &&Value| {
            let condition = text(value, "condition").map_or_else(String::new, |text| text.to_string());
            let is_enabled = !matches!(value.get("enabled"), Some(Value::Bool(false)));
            Some(((text(value, "graph")?, text(value, "node")?), Breakpoint { is_enabled, condition }))
        };
        let watch = |value: &&Value| if let Value::Str(text) = value { Some(text.to_string()) } else { None };
        let string = |value: &Value, key: &str| text(value, key).map_or_else(String::new, |text| text.to_string());
        let map = |value: Option<&Value>| match value {
            Some(Value::Map(entries)) => entries.clone(),
            _ => Vec::new(),
        };
        let param = |(name, value): (Arc<str>, Value)| match value {
            Value::Str(text) => Some((name.to_string(), text.to_string())),
            _ => None,
        };
        let entered = |(handler, value): (Arc<str>, Value)| {
            let params = map(value.get("params")).into_iter().filter_map(param).collect();
            (handler.to_string(), Entered { params, sender: string(&value, "sender") })
        };
        let seed = match value.get("seed") {
            Some(Value::Int(seed)) => seed.unsigned_abs(),
            Some(Value::UInt(seed)) => *seed,
            _ => 0,
        };
        Kept {
            entered: map(value.get("handlers")).into_iter().map(entered).collect(),
            players: string(value, "players"),
            seed,
            breakpoints: list("breakpoints").iter().filter_map(breakpoint).collect(),
            watches: list("watches").iter().filter_map(watch).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_nonsense_does_not() {
        let mut kept = Kept::default();
        kept.breakpoints.insert(("Up".into(), "add".into()), Breakpoint::default());
        let off = Breakpoint { is_enabled: false, condition: "by > 3".into() };
        kept.breakpoints.insert(("Up".into(), "say".into()), off);
        kept.watches.push("state:Round".into());
        let params = BTreeMap::from([("by".to_owned(), "3".to_owned())]);
        kept.entered.insert("Up".to_owned(), Entered { params, sender: "ann".to_owned() });
        (kept.players, kept.seed) = ("ann, bob".to_owned(), u64::MAX);
        assert_eq!(Kept::from_value(&kept.to_value()), kept);
        assert_eq!(kept.enabled().len(), 1);
        let nonsense: Value = r#"{"breakpoints": [3, {"graph": "x"}], "watches": {"a": 1}}"#.parse().unwrap();
        assert!(Kept::from_value(&nonsense).is_empty());
    }
}
