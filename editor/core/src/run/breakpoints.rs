//! Where a run is to stop, what is watched, and what handlers are run with: kept per document, outside of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use statewright_graph::document::{Document, GraphKind};
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
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// What is simulated, as the form for that keeps it; `None` for what it is at first.
    pub odds: Option<Value>,
}

/// Names of a document's graphs and nodes, in order, so that it is known what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<GraphNames>);

/// Names of a graph and of its nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct GraphNames {
    kind: GraphKind,
    /// Its position among those of its kind.
    index: usize,
    name: Arc<str>,
    /// Id and type.
    nodes: Vec<(Arc<str>, Arc<str>)>,
}

impl Names {
    /// Those of a document.
    pub fn of(document: &Document) -> Names {
        let graphs = GraphKind::ALL.into_iter().flat_map(|kind| {
            document.of_kind(kind).iter().enumerate().map(move |(index, graph)| GraphNames {
                kind,
                index,
                name: graph.name.text.clone(),
                nodes: graph.nodes.iter().map(|node| (node.id.text.clone(), node.ty.text.clone())).collect(),
            })
        });
        Names(graphs.collect())
    }

    /// Whether there is a node.
    pub fn has(&self, (graph, node): &Spot) -> bool {
        let of_name = self.0.iter().filter(|names| names.name == *graph);
        of_name.flat_map(|names| &names.nodes).any(|(id, _)| id == node)
    }

    /// The graph there that is this one: of that name, or else the one in its place that has a new name.
    fn after<'n>(&self, graph: &GraphNames, later: &'n Names) -> Option<&'n GraphNames> {
        let of_kind = |names: &&GraphNames| names.kind == graph.kind;
        let is_same = |names: &&GraphNames| names.name == graph.name;
        if let Some(same) = later.0.iter().filter(of_kind).find(is_same) {
            return Some(same);
        }
        let is_new = |names: &&GraphNames| !self.0.iter().any(|old| old.kind == names.kind && old.name == names.name);
        let count = |names: &Names| names.0.iter().filter(of_kind).count();
        let in_place = later.0.iter().filter(of_kind).find(|names| names.index == graph.index);
        in_place.filter(|names| is_new(names) && count(self) == count(later))
    }

    /// What was renamed until `later`: nodes by their old names. Whatever stayed in its place, of its type, with another name.
    fn renamed(&self, later: &Names) -> BTreeMap<Spot, Spot> {
        let mut renamed = BTreeMap::new();
        for graph in &self.0 {
            let Some(after) = self.after(graph, later) else { continue };
            let ids = |nodes: &[(Arc<str>, Arc<str>)]| nodes.iter().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>();
            let (old_ids, new_ids) = (ids(&graph.nodes), ids(&after.nodes));
            for (index, (id, ty)) in graph.nodes.iter().enumerate() {
                let in_place = after.nodes.get(index).filter(|(new, of)| of == ty && !old_ids.contains(new));
                let same_count = graph.nodes.len() == after.nodes.len();
                let now = match (new_ids.contains(id), in_place) {
                    (true, _) => id,
                    (false, Some((new, _))) if same_count => new,
                    _ => continue,
                };
                if (&graph.name, id) != (&after.name, now) {
                    renamed.insert((graph.name.clone(), id.clone()), (after.name.clone(), now.clone()));
                }
            }
        }
        renamed
    }
}

impl Kept {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        *self == Kept::default()
    }

    /// Follows what was renamed between two states of the document. Whether anything was.
    pub fn follow(&mut self, before: &Names, after: &Names) -> bool {
        let renamed = before.renamed(after);
        // Taken out first: two may have changed their names with each other.
        let moved: Vec<(Spot, Breakpoint)> =
            renamed.iter().filter_map(|(old, new)| Some((new.clone(), self.breakpoints.remove(old)?))).collect();
        for new in renamed.values() {
            // What stood at a node of that name, which is gone, is not this one's.
            self.breakpoints.remove(new);
        }
        let has_moved = !moved.is_empty();
        self.breakpoints.extend(moved);
        has_moved
    }

    /// Without breakpoints at nodes that are not there; they come back with their nodes.
    pub fn at_nodes(&self, names: &Names) -> Kept {
        let there = self.breakpoints.iter().filter(|(spot, _)| names.has(spot));
        let breakpoints = there.map(|(spot, breakpoint)| (spot.clone(), breakpoint.clone())).collect();
        Kept { breakpoints, ..self.clone() }
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
            ("odds", self.odds.clone().unwrap_or(Value::Null)),
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
            odds: value.get("odds").filter(|odds| **odds != Value::Null).cloned(),
            breakpoints: list("breakpoints").iter().filter_map(breakpoint).collect(),
            watches: list("watches").iter().filter_map(watch).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"handlers": [{"name": "Up", "event": "Up", "nodes": [
        {"id": "add", "type": "Increment", "inputs": {"path": "Round"}},
        {"id": "say", "type": "EmitToAll", "inputs": {"eventType": "x"}}]}]}"#;

    fn names(text: &str) -> Names {
        Names::of(&statewright_graph::document::SourceDocument::parse(text).unwrap().document)
    }

    fn places(kept: &Kept) -> Vec<String> {
        kept.breakpoints.keys().map(|(graph, node)| format!("{graph}.{node}")).collect()
    }

    #[test]
    fn breakpoints_follow_names() {
        let mut kept = Kept::default();
        let holds = Breakpoint { is_enabled: true, condition: "by > 3".into() };
        kept.breakpoints.insert(("Up".into(), "add".into()), holds.clone());
        let renamed = TEXT.replace("\"add\"", "\"more\"");
        assert!(kept.follow(&names(TEXT), &names(&renamed)));
        assert_eq!(kept.breakpoints, [(("Up".into(), "more".into()), holds)].into());
        // Undone, and the handler renamed.
        assert!(kept.follow(&names(&renamed), &names(TEXT)));
        let down = TEXT.replace("\"name\": \"Up\"", "\"name\": \"Down\"");
        assert!(kept.follow(&names(TEXT), &names(&down)));
        assert_eq!(places(&kept), ["Down.add"]);
        // Both change their names with each other; nothing but the place tells, so nothing follows.
        let other = down.replace("add", "x").replace("say", "add").replace("\"x\"", "\"say\"");
        kept.follow(&names(&down), &names(&other));
        assert_eq!(places(&kept), ["Down.add"]);
    }

    #[test]
    fn breakpoints_go_with_their_nodes_and_come_back() {
        let mut kept = Kept::default();
        kept.breakpoints.insert(("Up".into(), "add".into()), Breakpoint::default());
        let without = TEXT.replace(r#"{"id": "add", "type": "Increment", "inputs": {"path": "Round"}},"#, "");
        assert!(!kept.follow(&names(TEXT), &names(&without)));
        assert!(kept.at_nodes(&names(&without)).breakpoints.is_empty());
        // Another node takes the name meanwhile: it is not that one.
        let taken = without.replace("\"say\"", "\"add\"");
        let mut other = kept.clone();
        other.follow(&names(&without), &names(&taken));
        assert!(other.at_nodes(&names(&taken)).breakpoints.is_empty());
        kept.follow(&names(&without), &names(TEXT));
        assert_eq!(places(&kept.at_nodes(&names(TEXT))), ["Up.add"]);
    }

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
        kept.odds = Some(Value::map([("runs", Value::Int(5))]));
        assert_eq!(Kept::from_value(&kept.to_value()), kept);
        assert_eq!(kept.enabled().len(), 1);
        let nonsense: Value = r#"{"breakpoints": [3, {"graph": "x"}], "watches": {"a": 1}}"#.parse().unwrap();
        assert!(Kept::from_value(&nonsense).is_empty());
    }
}
