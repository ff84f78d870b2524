//! Where a run is to stop, and what is watched: kept per document, outside of it.

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

/// What is kept of a document's debugging.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Breakpoints by place.
    pub breakpoints: BTreeMap<Spot, Breakpoint>,
    /// Expressions that are shown while a run is held up.
    pub watches: Vec<String>,
}

impl Kept {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.breakpoints.is_empty() && self.watches.is_empty()
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
        Value::map([
            ("breakpoints", Value::List(self.breakpoints.iter().take(MOST).map(breakpoint).collect())),
            ("watches", Value::List(self.watches.iter().take(MOST).map(|text| Value::str(&**text)).collect())),
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
        Kept {
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
        assert_eq!(Kept::from_value(&kept.to_value()), kept);
        assert_eq!(kept.enabled().len(), 1);
        let nonsense: Value = r#"{"breakpoints": [3, {"graph": "x"}], "watches": {"a": 1}}"#.parse().unwrap();
        assert!(Kept::from_value(&nonsense).is_empty());
    }
}
