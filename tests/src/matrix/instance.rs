//! One use of each node type, in a flow: the row's example, or one that shows more of its costs.

use statewright_graph::node::{Example, Exits, NodeRow};
use statewright_types::Value;

/// A graph with a node of a type in its flow.
#[derive(Clone, Debug)]
pub struct Instance {
    /// `nodes` of the graph.
    pub nodes: Vec<Value>,
    /// `flow` of the graph.
    pub edges: Vec<Value>,
    /// The node's id.
    pub id: String,
    /// Bytes charged before the node is reached.
    pub memory_before: u64,
}

/// Instances instead of a row's example: type, nodes, flow, bytes charged before.
const SPECIAL: &[(&str, &str, &str, u64)] = &[
    (
        "CancelScheduled",
        r#"[{"id": "c", "type": "CancelScheduled", "inputs": {"id": 1}}]"#,
        r#"[{"from": "start", "to": "c"}]"#,
        0,
    ),
    (
        "GetVariable",
        r#"[{"id": "s", "type": "SetVariable", "inputs": {"name": "x", "value": 1}},
            {"id": "g", "type": "GetVariable", "inputs": {"name": "x"}}]"#,
        r#"[{"from": "start", "to": "s"}, {"from": "s", "to": "g"}]"#,
        0,
    ),
    (
        "AddToArray",
        r#"[{"id": "a", "type": "AddToArray", "inputs": {"array": [1, 2], "element": 3}}]"#,
        r#"[{"from": "start", "to": "a"}]"#,
        0,
    ),
    (
        "RemoveFromArray",
        r#"[{"id": "r", "type": "RemoveFromArray", "inputs": {"array": [5, 6, 7], "index": 1}}]"#,
        r#"[{"from": "start", "to": "r"}]"#,
        0,
    ),
    (
        "Constant",
        r#"[{"id": "c", "type": "Constant", "inputs": {"value": "text"}}]"#,
        r#"[{"from": "start", "to": "c"}]"#,
        0,
    ),
    (
        "Coalesce",
        r#"[{"id": "c", "type": "Coalesce", "inputs": {"values": [null, "text"]}}]"#,
        r#"[{"from": "start", "to": "c"}]"#,
        0,
    ),
    ("Or", r#"[{"id": "o", "type": "Or", "inputs": {"a": false, "b": true}}]"#, r#"[{"from": "start", "to": "o"}]"#, 0),
    (
        "Reduce",
        r#"[{"id": "r", "type": "Reduce", "inputs": {"array": [2, 3, 7], "initial": "a", "value": "b"}}]"#,
        r#"[{"from": "start", "to": "r"}]"#,
        0,
    ),
    (
        "Reveal",
        r#"[{"id": "r", "type": "Reveal", "inputs": {"value": "state:Phase"}}]"#,
        r#"[{"from": "start", "to": "r"}]"#,
        0,
    ),
    // A struct of the type Player without text: 8, and 8 for each of its six fields (R7.4).
    (
        "UpdateStruct",
        r#"[{"id": "c", "type": "CreateStruct", "inputs": {"type": "Player"}},
            {"id": "u", "type": "UpdateStruct", "inputs": {"object": "node:c:result", "fields": {"Score": 5}}}]"#,
        r#"[{"from": "start", "to": "c"}, {"from": "c", "to": "u"}]"#,
        56,
    ),
    (
        "SetStructField",
        r#"[{"id": "c", "type": "CreateStruct", "inputs": {"type": "Player"}},
            {"id": "u", "type": "SetStructField", "inputs": {"object": "node:c:result", "field": "Score", "value": 5}}]"#,
        r#"[{"from": "start", "to": "c"}, {"from": "c", "to": "u"}]"#,
        56,
    ),
];

/// The instance of a row. `None` if its example has no such node, which is a fault of the example.
pub fn instance(row: &NodeRow) -> Option<Instance> {
    let special = SPECIAL.iter().find(|(name, ..)| *name == row.name);
    let (nodes, flow, memory_before) = match (special, row.example) {
        (Some((_, nodes, flow, before)), _) => (list(nodes)?, list(flow)?, *before),
        (None, Example::Handler { nodes, flow, .. }) => (list(nodes)?, list(flow)?, 0),
        (None, Example::Outputs { inputs, .. }) => {
            let inputs: Value = inputs.parse().ok()?;
            let node = Value::map([("id", "example".into()), ("type", row.name.into()), ("inputs", inputs)]);
            (vec![node], vec![edge("start", "example")], 0)
        }
    };
    let node = nodes.iter().find(|node| text(node, "type") == row.name)?;
    let id = text(node, "id").to_owned();
    let mut instance = Instance { nodes, edges: flow, id, memory_before };
    if !instance.edges.iter().any(|edge| text(edge, "to") == instance.id) {
        let id = instance.id.clone();
        instance.begin_with(&[&id]);
    }
    Some(instance)
}

fn list(text: &str) -> Option<Vec<Value>> {
    match text.parse() {
        Ok(Value::List(elements)) => Some(elements),
        _ => None,
    }
}

/// The text under a key, "" if there is none.
pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    match value.get(key) {
        Some(Value::Str(text)) => text,
        _ => "",
    }
}

/// An edge without a label.
pub fn edge(from: &str, to: &str) -> Value {
    Value::map([("from", Value::from(from)), ("to", Value::from(to))])
}

/// `value` with another value under `key`.
pub fn with(value: &Value, key: &str, new: Value) -> Value {
    let Value::Map(entries) = value else { return value.clone() };
    let mut entries = entries.clone();
    match entries.iter_mut().find(|(name, _)| &**name == key) {
        Some((_, value)) => *value = new,
        None => entries.push((key.into(), new)),
    }
    Value::Map(entries)
}

/// `value` without `key`.
pub fn without(value: &Value, key: &str) -> Value {
    match value {
        Value::Map(entries) => Value::Map(entries.iter().filter(|(name, _)| &**name != key).cloned().collect()),
        other => other.clone(),
    }
}

impl Instance {
    /// Lets the flow pass through `ids` before anything else.
    pub fn begin_with(&mut self, ids: &[&str]) {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return };
        let begin = self.edges.iter().position(|edge| text(edge, "from") == "start");
        if let Some(begin) = begin.and_then(|begin| self.edges.get_mut(begin)) {
            *begin = with(begin, "from", Value::from(*last));
        }
        self.edges.insert(0, edge("start", first));
        self.edges.extend(ids.windows(2).filter_map(|pair| Some(edge(pair.first()?, pair.last()?))));
    }

    /// The node's inputs as they are written.
    pub fn inputs(&self) -> Value {
        let node = self.nodes.iter().find(|node| text(node, "id") == self.id);
        node.and_then(|node| node.get("inputs")).cloned().unwrap_or(Value::Map(Vec::new()))
    }

    /// The same with other inputs of the node.
    #[must_use]
    pub fn with_inputs(&self, inputs: Value) -> Instance {
        let replaced = |node: &Value| match text(node, "id") == self.id {
            true => with(node, "inputs", inputs.clone()),
            false => node.clone(),
        };
        Instance { nodes: self.nodes.iter().map(replaced).collect(), ..self.clone() }
    }

    /// Fuel used before the node is reached (R7.3): 1 for each node on the way, and 1 for each pass that is entered.
    /// Nodes on the way that visit elements are not used in instances.
    pub fn fuel_before(&self) -> u64 {
        self.way("start", 0).unwrap_or(0)
    }

    /// Fuel of the way from `from` to the node; edges are few.
    fn way(&self, from: &str, steps: usize) -> Option<u64> {
        if steps > self.edges.len() {
            return None;
        }
        let out = self.edges.iter().filter(|edge| text(edge, "from") == from);
        out.filter_map(|edge| {
            let to = text(edge, "to");
            let pass = u64::from(self.is_loop(from) && matches!(text(edge, "label"), "body" | ""));
            if to == self.id { Some(pass) } else { Some(pass + 1 + self.way(to, steps + 1)?) }
        })
        .min()
    }

    fn is_loop(&self, id: &str) -> bool {
        let node = self.nodes.iter().find(|node| text(node, "id") == id);
        let row = node.and_then(|node| statewright_graph::node::by_name(text(node, "type")));
        row.is_some_and(|row| row.exits == Exits::Loop)
    }
}
